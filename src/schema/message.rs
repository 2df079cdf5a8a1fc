//! A message's type: what a typed line becomes, and what received bytes say.

use std::{collections::HashSet, fmt};

use bytes::{BufMut, Bytes, BytesMut};
use prost::encoding;
use prost_reflect::{Kind, MessageDescriptor};

use super::{
    complete::{self, Completion},
    field::Field,
    json::{
        self, NotWhole,
        well_known::{self, Form},
    },
    lexer,
    protobuf::{Raw, Reader, Span},
    read::{self, Wrong},
    template,
    walk::{Limits, Line, walk},
};

const MAX_VARINT: usize = 10;

/// The type of a request or a reply. Cheap to clone; equal where it is the same type of the same
/// schema.
#[derive(Clone, PartialEq)]
pub struct MessageType {
    descriptor: MessageDescriptor,
    line_field: Option<Field>,
}

impl Eq for MessageType {}

/// What one row says of a message. Texts are foreign: make them [safe](crate::text::safe) before
/// they are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// The one string that the message is made of.
    Text {
        /// Its beginning.
        text: String,
        /// Whether there is more.
        cut: bool,
    },
    /// Anything else, as JSON in one line. A field that the type does not know has its number as key.
    Json {
        /// Its beginning. It is JSON where it is not cut.
        text: String,
        /// Whether there is more.
        cut: bool,
    },
    /// The bytes are no such message.
    Broken {
        /// Which field, and why: `invalid UTF-8 at byte 9, field 1 (message)`. Bytes are counted from
        /// the beginning of the message.
        error: String,
        /// The bytes' beginning: `0a 07 48 65`.
        hex: String,
    },
}

/// A whole message. Foreign text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whole {
    /// The one string that the message is made of.
    Text(String),
    /// Anything else, as JSON.
    Json(String),
}

/// Why bytes are not shown as a message. Foreign text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// They are no such message: which field, and why.
    #[error("{0}")]
    Broken(String),
    /// As JSON it would take more than is written.
    #[error("it takes more than {limit} as JSON", limit = crate::text::size(*.limit as u64))]
    TooLong {
        /// In bytes.
        limit: usize,
    },
    /// More messages are inside each other than are written.
    #[error("more than {limit} messages are inside each other")]
    TooDeep {
        /// That many are written.
        limit: usize,
    },
    /// A `Value`, `Struct` or `ListValue` holds what JSON has no form for, and no field is around it that could
    /// stand under its number.
    #[error(
        "JSON has no form for NaN, Infinity, nothing or an unknown field in a google.protobuf.Value, Struct or ListValue"
    )]
    Formless,
    /// It takes forms that only this program reads: fields by their numbers, an `Any` of an unknown type.
    #[error("only greeter reads what it is in JSON: a field by its number, or an Any that is not known")]
    OwnForms,
}

/// Why a line is no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// It is no JSON, or not of this message.
    #[error("{cause} ({field}line {line}, column {column})",
        field = if .path.is_empty() { String::new() } else { format!("{path}, ") })]
    Json {
        /// What is wrong: ``unknown field `nmae` in helloworld.HelloRequest: did you mean `name`?``.
        cause: String,
        /// In which field: `inner.numbers[2]`; empty where it is the message itself.
        path: String,
        /// Where, in bytes from the beginning of the line.
        at: usize,
        /// Where, counted from 1.
        line: usize,
        /// In characters, counted from 1.
        column: usize,
    },
    /// It is plain text, and there is no field to put it into.
    #[error("{message} is typed as JSON: {example}")]
    NotOneText {
        /// The message's full name.
        message: String,
        /// Its fields: `{"x": …, "y": …}`.
        example: String,
    },
    /// It is longer than is taken.
    #[error("{}", too_long(*.size, *.limit))]
    TooLong {
        /// In bytes.
        size: usize,
        /// In bytes.
        limit: usize,
    },
}

impl LineError {
    /// The same of a text that begins elsewhere: at this line and column, counted from 1.
    #[must_use]
    pub fn beginning_at(self, first_line: usize, first_column: usize) -> Self {
        match self {
            Self::Json { cause, path, at, line, column } => {
                let column = if line == 1 { column + first_column - 1 } else { column };
                Self::Json { cause, path, at, line: line + first_line - 1, column }
            }
            other => other,
        }
    }
}

impl MessageType {
    /// The longest line that is taken, in bytes: 64 MiB in base64, and some.
    pub const MAX_LINE: usize = 128 << 20;
    /// The longest JSON that a message is written as, in bytes: a peer can make much of little.
    pub const MAX_JSON: usize = 256 << 20;

    pub(super) fn new(descriptor: &MessageDescriptor) -> Self {
        let mut fields = descriptor.fields().map(Field::Own);
        let line_field = fields
            .next()
            .filter(|field| field.kind() == Kind::String && !field.is_list() && fields.next().is_none());
        Self { descriptor: descriptor.clone(), line_field }
    }

    /// `helloworld.HelloRequest`.
    pub fn full_name(&self) -> &str {
        self.descriptor.full_name()
    }

    /// The field that a plain line fills: the message's only one, where it is a single string.
    pub fn line_field(&self) -> Option<&str> {
        self.line_field.as_ref().map(Field::name)
    }

    /// Makes a message of a line: JSON (the protobuf JSON mapping) where it begins with `{`, else the
    /// text of [`MessageType::line_field`], else JSON still where the type's is no object: `"1.5s"`.
    pub fn encode(&self, line: &str) -> Result<Bytes, LineError> {
        if line.starts_with('{') {
            return self.encode_json(line);
        }
        Self::check_length(line)?;
        match &self.line_field {
            Some(field) => Ok(encode_string(field, line)),
            None => self.encode_without_braces(line),
        }
    }

    /// A line for the types whose JSON is no object: `"1.5s"`, `[1, 2]`.
    fn encode_without_braces(&self, line: &str) -> Result<Bytes, LineError> {
        let is_one_value = lexer::split(line).is_some_and(|values| values.len() == 1);
        if is_one_value && well_known::of(&self.descriptor).is_some_and(Form::may_be_no_object) {
            return self.encode_json(line);
        }
        Err(LineError::NotOneText { message: self.full_name().to_owned(), example: self.example() })
    }

    /// The names of its fields as JSON has them, in the order of their declaration. Foreign text.
    pub fn fields(&self) -> Vec<String> {
        Field::declared(&self.descriptor).map(|field| field.json_name().to_owned()).collect()
    }

    /// Whether a message of this type can hold a `google.protobuf.Any`, at whatever depth: then it may hold a
    /// message of a type that this one does not tell of.
    pub fn may_hold_any(&self) -> bool {
        let mut seen = HashSet::new();
        let mut unseen = vec![self.descriptor.clone()];
        while let Some(message) = unseen.pop() {
            if matches!(well_known::of(&message), Some(Form::Any)) {
                return true;
            }
            let fields = message.fields().map(Field::Own).chain(Field::extensions(&message));
            let inner = fields.filter_map(|field| match field.kind() {
                Kind::Message(inner) => Some(inner),
                _ => None,
            });
            unseen.extend(inner.filter(|inner| seen.insert(inner.full_name().to_owned())));
        }
        false
    }

    /// A message with every field in it, to be filled in: JSON in one line, or in several where it is long.
    /// Each field has the value that it has when nothing is set, a list one element, a map one entry, a oneof
    /// its first member; a type inside itself is `{}`. Foreign text.
    /// Nothing where the message is one text that is not written as an object: then it is to be typed as it is.
    pub fn template(&self) -> String {
        let template = template::template(&self.descriptor);
        let is_text = self.line_field.is_some() && !template.starts_with('{');
        if is_text { String::new() } else { template }
    }

    /// What could be typed at byte `at` of a JSON text that is not there yet in whole: field names, enum
    /// names, true and false. `None` where nothing is known, and where `at` is in no place between characters.
    pub fn complete(&self, text: &str, at: usize) -> Option<Completion> {
        if text.len() > Self::MAX_LINE {
            return None;
        }
        complete::complete(&self.descriptor, text, at)
    }

    /// Whether there is nothing to be said in such a message.
    pub fn has_no_fields(&self) -> bool {
        self.descriptor.fields().len() == 0
    }

    /// Whether the type has every field that stands in a message directly, as far as it can be read.
    pub fn knows_all_of(&self, bytes: &[u8]) -> bool {
        let (mut reader, mut steps) = (Reader::new(bytes), bytes.len());
        while let Ok(Some(found)) = reader.field(&mut steps) {
            if Field::by_number(&self.descriptor, found.number).is_none() {
                return false;
            }
        }
        true
    }

    /// Says what a message holds, in one row of at most about `max_bytes`.
    ///
    /// Costs what it says, not what the message holds: what lies behind the cut is not looked at.
    pub fn show(&self, bytes: &[u8], max_bytes: usize) -> Shown {
        // An empty text is shown as what it is sent as: nothing cannot be seen.
        let span = self.only_text(bytes, max_bytes).filter(|span| !span.bytes.is_empty());
        if let Some(text) = span.and_then(|span| text(span, max_bytes)) {
            return text;
        }
        match json::write(&self.descriptor, bytes, max_bytes) {
            Ok(json::Written { text, cut }) => Shown::Json { text, cut },
            Err(json::Broken(error)) => Shown::Broken { error, hex: hex(bytes, max_bytes) },
        }
    }

    /// The message as JSON of about `max_bytes`, whatever it holds; what is wrong, where it is broken.
    pub fn json(&self, bytes: &[u8], max_bytes: usize) -> String {
        match json::write(&self.descriptor, bytes, max_bytes) {
            Ok(json::Written { text, .. }) => text,
            Err(json::Broken(error)) => error,
        }
    }

    /// The whole message for a program or a pipe: its one string where it is made of one, else JSON without
    /// spaces.
    pub fn whole(&self, bytes: &[u8]) -> Result<Whole, Unreadable> {
        match self.only_text(bytes, usize::MAX).map(|span| std::str::from_utf8(span.bytes)) {
            Some(Ok(text)) => Ok(Whole::Text(text.to_owned())),
            _ => self.whole_json(bytes).map(Whole::Json),
        }
    }

    /// The whole message as JSON without spaces, in one line.
    pub fn whole_json(&self, bytes: &[u8]) -> Result<String, Unreadable> {
        self.json_within(bytes, Self::MAX_JSON)
    }

    /// The same where it takes no more than `limit` bytes. What is longer is not written to its end.
    pub fn json_within(&self, bytes: &[u8], limit: usize) -> Result<String, Unreadable> {
        self.written(bytes, limit).map(|whole| whole.text)
    }

    /// The same where every reader of protobuf's JSON takes it: grpcurl, say.
    pub fn json_for_all_within(&self, bytes: &[u8], limit: usize) -> Result<String, Unreadable> {
        let whole = self.written(bytes, limit)?;
        if whole.is_for_all { Ok(whole.text) } else { Err(Unreadable::OwnForms) }
    }

    fn written(&self, bytes: &[u8], limit: usize) -> Result<json::Whole, Unreadable> {
        match json::write_whole(&self.descriptor, bytes, limit) {
            Ok(whole) => Ok(whole),
            Err(NotWhole::TooLong) => Err(Unreadable::TooLong { limit }),
            Err(NotWhole::TooDeep(limit)) => Err(Unreadable::TooDeep { limit }),
            Err(NotWhole::Formless) => Err(Unreadable::Formless),
            Err(NotWhole::Broken(json::Broken(error))) => Err(Unreadable::Broken(error)),
        }
    }

    /// The message field by field, as it lies on the wire; for messages of any other type too.
    pub fn walk(&self, bytes: &[u8], limits: Limits) -> Vec<Line> {
        walk(&self.descriptor, bytes, limits)
    }

    fn check_length(line: &str) -> Result<(), LineError> {
        if line.len() > Self::MAX_LINE {
            return Err(LineError::TooLong { size: line.len(), limit: Self::MAX_LINE });
        }
        Ok(())
    }

    /// Makes a message of JSON (the protobuf JSON mapping), which for some types is no object.
    pub fn encode_json(&self, line: &str) -> Result<Bytes, LineError> {
        Self::check_length(line)?;
        // `{}` is a message with nothing in it, also of the type whose JSON is a list.
        if line.trim() == "{}" && matches!(well_known::of(&self.descriptor), Some(Form::List)) {
            return Ok(Bytes::new());
        }
        read::read(&self.descriptor, line).map(Bytes::from).map_err(|Wrong { fault, path }| {
            let (line, column) = lexer::line_and_column(line, fault.at);
            LineError::Json { cause: fault.cause, path, at: fault.at, line, column }
        })
    }

    /// Its fields as they would be typed: `{"x": …, "y": …}`.
    fn example(&self) -> String {
        const SHOWN: usize = 4;
        if let Some(form) = well_known::of(&self.descriptor) {
            return form.example().to_owned();
        }
        let fields = self.fields();
        let more = if fields.len() > SHOWN { ", …" } else { "" };
        let fields: Vec<String> = fields.iter().take(SHOWN).map(|name| format!("\"{name}\": …")).collect();
        format!("{{{}{more}}}", fields.join(", "))
    }

    /// The message's string, where it is sound and has nothing else on the wire.
    fn only_text<'a>(&self, bytes: &'a [u8], max_bytes: usize) -> Option<Span<'a>> {
        let field = self.line_field.as_ref()?;
        let (mut reader, mut steps) = (Reader::new(bytes), max_bytes);
        let mut last = Span { bytes: &[], offset: 0 };
        while let Some(found) = reader.field(&mut steps).ok()? {
            match found.raw {
                Raw::Length(span) if found.number == field.number() => last = span,
                _ => return None,
            }
        }
        Some(last)
    }
}

impl fmt::Debug for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageType({})", self.full_name())
    }
}

fn text(span: Span<'_>, max_bytes: usize) -> Option<Shown> {
    let text = json::text_prefix(span, max_bytes).ok()?;
    Some(Shown::Text { text: text.to_owned(), cut: text.len() < span.bytes.len() })
}

fn encode_string(field: &Field, text: &str) -> Bytes {
    if text.is_empty() && !field.has_presence() {
        return Bytes::new();
    }
    let mut bytes = BytesMut::with_capacity(text.len() + 2 * MAX_VARINT);
    encoding::encode_key(field.number(), encoding::WireType::LengthDelimited, &mut bytes);
    encoding::encode_varint(text.len() as u64, &mut bytes);
    bytes.put_slice(text.as_bytes());
    bytes.freeze()
}

fn too_long(size: usize, limit: usize) -> String {
    let (size, limit) = crate::text::sizes_apart(size as u64, limit as u64);
    format!("a line of {size} is too long: the limit is {limit}")
}

/// The first bytes as `0a 07 48`, in at most about `max_bytes` of text.
fn hex(bytes: &[u8], max_bytes: usize) -> String {
    let shown = bytes.len().min(max_bytes / 3);
    let mut pairs: Vec<String> = bytes[..shown].iter().map(|byte| format!("{byte:02x}")).collect();
    if shown < bytes.len() {
        pairs.push("…".to_owned());
    }
    pairs.join(" ")
}
