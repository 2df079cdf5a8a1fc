//! The writer: a message's fields one after the other, each bound in depth, work and text.

use std::collections::BTreeMap;

use prost_reflect::{Kind, MessageDescriptor};

use super::{
    form::{Layout, Purpose},
    gather::Fields,
    stop::Stop,
    well_known,
};
use crate::schema::{
    field::{Field, left_out, number_key},
    protobuf::{Raw, Reader, Span, WireType},
};

pub(super) type Step = Result<(), Stop>;

/// Writes one message, field by field.
pub(super) struct Writer {
    pub(super) text: String,
    max_bytes: usize,
    pub(super) steps: usize,
    depth: usize,
    /// Whether something inside was left out.
    pub(super) is_shortened: bool,
    /// Whether something was written that others do not read.
    pub(super) has_own_forms: bool,
    pub(super) purpose: Purpose,
}

impl Writer {
    pub(super) fn new(max_bytes: usize, purpose: Purpose) -> Self {
        Self {
            text: String::new(),
            max_bytes,
            // A field takes a byte or more of text; some for fields that later ones replace.
            steps: max_bytes.saturating_mul(2).saturating_add(256),
            depth: 0,
            is_shortened: false,
            has_own_forms: false,
            purpose,
        }
    }

    /// A message of which the bytes may lie in several places: together they are one message.
    pub(super) fn message(&mut self, descriptor: &MessageDescriptor, parts: &[Span<'_>]) -> Step {
        self.deeper(|writer| match well_known::of(descriptor) {
            Some(form) => writer.well_known(form, descriptor, parts),
            None => writer.object(Some(descriptor), parts),
        })
    }

    /// In place of a value that JSON has no form for.
    pub(super) fn formless(&mut self, looks_like: &str) -> Step {
        match self.purpose {
            Purpose::Row => self.put(looks_like),
            Purpose::Whole => Err(Stop::Formless),
        }
    }

    /// Writes a member. Where JSON has no form for it, what was written of it is taken back, and that is `None`.
    pub(super) fn unless_formless<T>(
        &mut self,
        separator: &mut Separator,
        write: impl FnOnce(&mut Self, &mut Separator) -> Result<T, Stop>,
    ) -> Result<Option<T>, Stop> {
        let before = (self.text.len(), *separator);
        match write(self, separator) {
            Err(Stop::Formless) => {
                self.text.truncate(before.0);
                *separator = before.1;
                Ok(None)
            }
            written => written.map(Some),
        }
    }

    pub(super) fn deeper(&mut self, write: impl FnOnce(&mut Self) -> Step) -> Step {
        if self.depth == self.purpose.max_depth() {
            return self.leave_out();
        }
        self.depth += 1;
        let written = write(self);
        self.depth -= 1;
        written
    }

    /// In place of a message that is too deep.
    pub(super) fn leave_out(&mut self) -> Step {
        match self.purpose {
            Purpose::Row => {
                self.is_shortened = true;
                self.put("\"…\"")
            }
            Purpose::Whole => Err(Stop::TooDeep),
        }
    }

    pub(super) fn object(&mut self, descriptor: Option<&MessageDescriptor>, parts: &[Span<'_>]) -> Step {
        self.put("{")?;
        self.members(descriptor, parts, Separator::default(), None)?;
        self.put("}")
    }

    /// The fields of a message, without the braces and without the one name that is taken.
    pub(super) fn members(
        &mut self,
        descriptor: Option<&MessageDescriptor>,
        parts: &[Span<'_>],
        mut separator: Separator,
        taken: Option<&str>,
    ) -> Step {
        let fields = Fields::gather(descriptor, parts, &mut self.steps)?;
        let mut by_number: BTreeMap<u32, Vec<Raw<'_>>> = BTreeMap::new();
        for (field, values) in fields.known() {
            let is_free =
                descriptor.is_some_and(|message| field.has_key(message)) && taken != Some(field.json_name());
            let named = if is_free {
                self.unless_formless(&mut separator, |writer, at| writer.named(field, values, at))
            } else {
                Ok(None)
            };
            let left = named.map_err(|stop| stop.inside(field.number(), field.name()))?;
            let left = left.unwrap_or_else(|| values.to_vec());
            if !left.is_empty() {
                by_number.insert(field.number(), left);
            }
        }
        for (number, values) in fields.unknown() {
            by_number.entry(number).or_default().extend(values);
        }
        self.has_own_forms |= !by_number.is_empty();
        for (number, values) in by_number {
            self.separate(&mut separator)?;
            self.string(&number_key(descriptor, number))?;
            self.put(self.purpose.colon())?;
            self.unknown(&values)?;
        }
        match descriptor {
            // Of what was not looked at to its end nothing is known to be missing.
            Some(message) if self.steps > 0 => self.left_out(message, &fields, &mut separator),
            _ => Ok(()),
        }
    }

    /// Required fields that are not there: others refuse such a message, and here it is seen why.
    pub(super) fn left_out(
        &mut self,
        message: &MessageDescriptor,
        fields: &Fields<'_>,
        separator: &mut Separator,
    ) -> Step {
        for field in Field::required(message).filter(|field| !fields.has(field.number())) {
            let (key, nothing) = left_out(message, &field);
            self.has_own_forms = true;
            self.separate(separator)?;
            self.string(&key)?;
            self.put(self.purpose.colon())?;
            self.put(nothing)?;
        }
        Ok(())
    }

    /// A field under its name. What is returned has no place there: entries of a map.
    pub(super) fn named<'a>(
        &mut self,
        field: &Field,
        values: &[Raw<'a>],
        separator: &mut Separator,
    ) -> Result<Vec<Raw<'a>>, Stop> {
        self.separate(separator)?;
        self.string(field.json_name())?;
        self.put(self.purpose.colon())?;
        if field.is_map() { self.map(field, values) } else { self.field(field, values).map(|()| Vec::new()) }
    }

    pub(super) fn field(&mut self, field: &Field, values: &[Raw<'_>]) -> Step {
        if field.is_map() {
            let left = self.map(field, values)?;
            if left.is_empty() { Ok(()) } else { self.formless("") }
        } else if field.is_list() {
            self.list(field, values)
        } else {
            self.single(field, values)
        }
    }

    /// A field that holds one value: the last one, or all parts of a message.
    pub(super) fn single(&mut self, field: &Field, values: &[Raw<'_>]) -> Step {
        match (field.kind(), values.last()) {
            (Kind::Message(descriptor), _) => self.message(&descriptor, &spans(values)),
            (_, Some(value)) => self.scalar(field, value),
            (_, None) => self.default_value(field),
        }
    }

    pub(super) fn list(&mut self, field: &Field, values: &[Raw<'_>]) -> Step {
        self.put("[")?;
        let mut separator = Separator::default();
        for value in values {
            match (field.wire_type(), value) {
                (WireType::Length | WireType::Group, _) => {
                    self.separate(&mut separator)?;
                    self.single(field, &[*value])?;
                }
                (element, Raw::Length(packed)) => {
                    let mut reader = Reader::within(*packed);
                    while !reader.rest().is_empty() {
                        self.separate(&mut separator)?;
                        self.scalar(field, &reader.value(element)?)?;
                    }
                }
                _ => {
                    self.separate(&mut separator)?;
                    self.scalar(field, value)?;
                }
            }
        }
        self.put("]")
    }

    /// A value of which only the wire is known, as it is on the wire.
    pub(super) fn unknown(&mut self, values: &[Raw<'_>]) -> Step {
        if let [value] = values {
            return self.unknown_value(value);
        }
        self.put("[")?;
        let mut separator = Separator::default();
        for value in values {
            self.separate(&mut separator)?;
            self.unknown_value(value)?;
        }
        self.put("]")
    }

    pub(super) fn unknown_value(&mut self, value: &Raw<'_>) -> Step {
        match value {
            Raw::Varint(number) => self.put(&number.to_string()),
            Raw::Fixed64(number) => self.laid_out(Layout::Fixed64, |writer| writer.put(&number.to_string())),
            Raw::Fixed32(number) => self.laid_out(Layout::Fixed32, |writer| writer.put(&number.to_string())),
            Raw::Group(span) => {
                self.laid_out(Layout::Group, |writer| writer.deeper(|writer| writer.object(None, &[*span])))
            }
            Raw::Length(span) => match self.text_of(*span) {
                Ok(text) if !text.chars().any(char::is_control) => self.string(text),
                _ => self.laid_out(Layout::Bytes, |writer| writer.base64(span.bytes)),
            },
        }
    }

    pub(super) fn laid_out(&mut self, layout: Layout, write: impl FnOnce(&mut Self) -> Step) -> Step {
        self.put("{")?;
        self.string(layout.key())?;
        self.put(self.purpose.colon())?;
        write(self)?;
        self.put("}")
    }

    /// Appends; what does not fit is cut.
    pub(super) fn put(&mut self, text: &str) -> Step {
        let room = self.room();
        if text.len() <= room {
            self.text.push_str(text);
            return Ok(());
        }
        self.text.push_str(&text[..text.floor_char_boundary(room)]);
        Err(Stop::Full)
    }

    pub(super) fn separate(&mut self, separator: &mut Separator) -> Step {
        if separator.next() { self.put(self.purpose.comma()) } else { Ok(()) }
    }

    pub(super) fn room(&self) -> usize {
        self.max_bytes.saturating_sub(self.text.len())
    }
}

/// Nothing before the first member, a comma before the others.
#[derive(Default, Clone, Copy)]
pub(super) struct Separator {
    is_behind_one: bool,
}

impl Separator {
    pub(super) fn behind_one() -> Self {
        Self { is_behind_one: true }
    }

    /// Whether nothing was written yet.
    pub(super) fn is_at_first(self) -> bool {
        !self.is_behind_one
    }

    /// Whether there is one before this.
    pub(super) fn next(&mut self) -> bool {
        std::mem::replace(&mut self.is_behind_one, true)
    }
}

/// The places of a message's parts.
pub(super) fn spans<'a>(values: &[Raw<'a>]) -> Vec<Span<'a>> {
    let span = |value: &Raw<'a>| match value {
        Raw::Length(span) | Raw::Group(span) => Some(*span),
        _ => None,
    };
    values.iter().filter_map(span).collect()
}
