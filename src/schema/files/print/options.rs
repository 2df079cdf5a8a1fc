//! Options, standard and custom: their bytes, read by the files that declare them.
//!
//! A standard option is a field of `google.protobuf.FieldOptions` and its like, a custom one an
//! extension of it: both are printed in one way. Of an option that no known file declares a comment
//! tells.

mod values;

use std::collections::BTreeMap;

use prost_types::field_descriptor_proto::Type;

use super::Printer;
use crate::schema::{
    SchemaError,
    files::raw,
    message_set,
    protobuf::{Raw, RawField, Reader, Span},
};

/// Options inside of options.
const MAX_DEPTH: usize = 32;
/// What the options of a whole file may cost: fields that are read, and declarations that are looked at.
pub(super) const MAX_STEPS: usize = 50_000_000;
const MAX_INLINE: usize = 80;
const UNINTERPRETED: u32 = 999;
const MAP_ENTRY: u32 = 7;

/// An option with its value, or several times the same one.
pub(super) struct Setting {
    name: String,
    value: Value,
}

/// The options of one definition.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) known: Vec<Setting>,
    /// What is told of the others, each in a comment.
    pub(super) unknown: Vec<String>,
}

enum Value {
    Word(String),
    Message(Vec<Setting>),
}

impl Setting {
    pub(super) fn word(name: &str, value: String) -> Self {
        Self { name: name.to_owned(), value: Value::Word(value) }
    }

    /// In one line, where that is not too long.
    fn inline(&self, is: &str) -> Option<String> {
        let text = match &self.value {
            Value::Word(word) => format!("{}{is}{word}", self.name),
            Value::Message(settings) if settings.is_empty() => format!("{}{is}{{}}", self.name),
            Value::Message(settings) => {
                let inner = settings.iter().map(|setting| setting.inline(": "));
                format!("{}{is}{{ {} }}", self.name, inner.collect::<Option<Vec<_>>>()?.join(", "))
            }
        };
        (matches!(self.value, Value::Word(_)) || text.len() <= MAX_INLINE).then_some(text)
    }
}

impl Printer<'_> {
    /// Reads the options of a definition; `options` is their message, as `FieldOptions`.
    pub(super) fn settings(
        &mut self,
        bytes: &[u8],
        options: &str,
        scope: &str,
    ) -> Result<Settings, SchemaError> {
        let mut settings = Settings::default();
        if !bytes.is_empty() {
            let message = format!("google.protobuf.{options}");
            self.read(Span { bytes, offset: 0 }, &message, &Within::Definition(scope), 0, &mut settings)?;
        }
        Ok(settings)
    }

    /// `option name = value;`, a line or more for each.
    pub(super) fn option_lines(
        &mut self,
        bytes: &[u8],
        options: &str,
        scope: &str,
    ) -> Result<(), SchemaError> {
        let settings = self.settings(bytes, options, scope)?;
        self.tell_unknown(&settings)?;
        if settings.known.is_empty() {
            return Ok(());
        }
        for setting in &settings.known {
            self.setting("option ", setting, " = ", ";")?;
        }
        self.out.separate();
        Ok(())
    }

    /// `declaration [name = value];`, in a line if they fit.
    pub(super) fn with_settings(
        &mut self,
        declaration: &str,
        settings: &Settings,
        end: &str,
    ) -> Result<(), SchemaError> {
        const WIDTH: usize = 100;
        self.tell_unknown(settings)?;
        if settings.known.is_empty() {
            return self.out.line(&format!("{declaration}{end}"));
        }
        let inline: Option<Vec<String>> = settings.known.iter().map(|known| known.inline(" = ")).collect();
        let line = inline.map(|inline| format!("{declaration} [{}]{end}", inline.join(", ")));
        if let Some(line) = line.filter(|line| line.len() <= WIDTH || settings.known.len() == 1) {
            return self.out.line(&line);
        }
        self.out.open(&format!("{declaration} ["))?;
        for (at, known) in settings.known.iter().enumerate() {
            let comma = if at + 1 < settings.known.len() { "," } else { "" };
            self.setting("", known, " = ", comma)?;
        }
        self.out.end(&format!("]{end}"))
    }

    fn tell_unknown(&mut self, settings: &Settings) -> Result<(), SchemaError> {
        settings.unknown.iter().try_for_each(|unknown| self.out.comment(&format!(" {unknown}")))
    }

    fn setting(&mut self, begin: &str, setting: &Setting, is: &str, end: &str) -> Result<(), SchemaError> {
        match (setting.inline(is), &setting.value) {
            (None, Value::Message(inner)) => {
                self.out.open(&format!("{begin}{}{is}{{", setting.name))?;
                inner.iter().try_for_each(|inner| self.setting("", inner, ": ", ""))?;
                self.out.end(&format!("}}{end}"))
            }
            (inline, _) => self.out.line(&format!("{begin}{}{end}", inline.unwrap_or_default())),
        }
    }

    fn read(
        &mut self,
        span: Span<'_>,
        message: &str,
        within: &Within<'_>,
        depth: usize,
        settings: &mut Settings,
    ) -> Result<(), SchemaError> {
        if depth == MAX_DEPTH {
            return Err(SchemaError::TooMany { what: "options inside each other", limit: MAX_DEPTH });
        }
        let mut fields: BTreeMap<u32, Vec<Raw<'_>>> = BTreeMap::new();
        let is_set = self.files.message(message).is_some_and(raw::Structure::is_set);
        let mut reader = Reader::within(span);
        loop {
            match reader.field(&mut self.steps) {
                Ok(Some(field)) => {
                    let extension = if is_set { self.extension_in(&field) } else { None };
                    let (number, value) = extension.unwrap_or((field.number, field.raw));
                    fields.entry(number).or_default().push(value);
                }
                Ok(None) => break,
                Err(error) => {
                    settings.unknown.push(format!("More options cannot be read: {error}"));
                    break;
                }
            }
        }
        for (number, values) in fields {
            let is_options = matches!(within, Within::Definition(_));
            let is_silent =
                number == UNINTERPRETED || (message.ends_with(".MessageOptions") && number == MAP_ENTRY);
            if is_options && is_silent {
                continue;
            }
            self.option(number, &values, message, within, depth, settings)?;
        }
        Ok(())
    }

    /// What a field of a message set is, where it is an item: an extension's number and message.
    fn extension_in<'a>(&mut self, field: &RawField<'a>) -> Option<(u32, Raw<'a>)> {
        let Raw::Group(item) = field.raw else { return None };
        let is_item = field.number == message_set::ITEM.0;
        let (type_id, message) =
            message_set::parts(item, &mut self.steps).ok().flatten().filter(|_| is_item)?;
        Some((u32::try_from(type_id).ok()?, Raw::Length(message)))
    }

    fn option(
        &mut self,
        number: u32,
        values: &[Raw<'_>],
        message: &str,
        within: &Within<'_>,
        depth: usize,
        settings: &mut Settings,
    ) -> Result<(), SchemaError> {
        let files = self.files;
        let own = files.message(message);
        self.spend(own.map_or(0, |message| message.fields.len()))?;
        let is_it = |field: &&raw::Field| u32::try_from(field.number) == Ok(number);
        let (name, field) = if let Some(field) = own.and_then(|message| message.fields.iter().find(is_it)) {
            (within.name_of(field), field)
        } else if let Some(extension) = files.extensions.get(&(message.to_owned(), number.cast_signed())) {
            let name = self.reference(&format!(".{}", extension.full_name), within.scope())?;
            (within.name_of_extension(&name, &extension.full_name), &extension.field)
        } else {
            settings.unknown.push(format!("Option {number} of {message} is in no file that is known"));
            return Ok(());
        };
        let before = settings.known.len();
        self.values(field, values, depth, &name, settings)?;
        if settings.known.len() == before && settings.unknown.is_empty() {
            settings.unknown.push(format!("Option {name} is not of the type that it is declared with"));
        }
        Ok(())
    }

    fn values(
        &mut self,
        field: &raw::Field,
        values: &[Raw<'_>],
        depth: usize,
        name: &str,
        settings: &mut Settings,
    ) -> Result<(), SchemaError> {
        let mut put = |value| settings.known.push(Setting { name: name.to_owned(), value });
        let kind = field.scalar.and_then(|scalar| Type::try_from(scalar).ok());
        if matches!(kind, Some(Type::Message | Type::Group)) {
            let spans = values.iter().filter_map(|value| match value {
                Raw::Length(span) | Raw::Group(span) => Some(*span),
                _ => None,
            });
            let spans: Vec<Span<'_>> = spans.collect();
            let type_name = field.type_name.trim_start_matches('.');
            let mut inner = Settings::default();
            let mut messages = Vec::new();
            if field.is_repeated() {
                for span in spans {
                    self.read(span, type_name, &Within::Value, depth + 1, &mut inner)?;
                    messages.push(std::mem::take(&mut inner.known));
                }
            } else if !spans.is_empty() {
                // In parts it is one message still.
                let bytes = spans.iter().map(|span| span.bytes).collect::<Vec<_>>().concat();
                let whole = Span { bytes: &bytes, offset: 0 };
                self.read(whole, type_name, &Within::Value, depth + 1, &mut inner)?;
                messages.push(inner.known);
            }
            messages.into_iter().map(Value::Message).for_each(&mut put);
            settings.unknown.extend(inner.unknown);
            return Ok(());
        }
        let mut words = Vec::new();
        for value in values {
            self.words(field, kind, value, &mut words)?;
        }
        // Of a value that is there twice the last one counts.
        let first = if field.is_repeated() { 0 } else { words.len().saturating_sub(1) };
        words.drain(..first);
        words.into_iter().map(Value::Word).for_each(put);
        Ok(())
    }

    fn spend(&mut self, steps: usize) -> Result<(), SchemaError> {
        let too_many = SchemaError::TooMany { what: "steps to read its options", limit: MAX_STEPS };
        self.steps = self.steps.checked_sub(steps).ok_or(too_many)?;
        Ok(())
    }
}

/// Where options are read: those of a definition, by its scope, or those inside of a value.
enum Within<'a> {
    Definition(&'a str),
    Value,
}

impl Within<'_> {
    fn scope(&self) -> &str {
        match self {
            Self::Definition(scope) => scope,
            Self::Value => "",
        }
    }

    /// In a value a group is called as its type is.
    fn name_of(&self, field: &raw::Field) -> String {
        match self {
            Self::Value if field.is_group() => {
                field.type_name.rsplit('.').next().unwrap_or_default().to_owned()
            }
            _ => field.name.clone(),
        }
    }

    fn name_of_extension(&self, reference: &str, full_name: &str) -> String {
        match self {
            Self::Definition(_) => format!("({reference})"),
            Self::Value => format!("[{full_name}]"),
        }
    }
}
