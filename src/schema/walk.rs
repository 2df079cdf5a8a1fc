//! A message field by field, as it lies on the wire: for what no type explains, and for what is broken.

use std::fmt;

use prost_reflect::{Kind, MessageDescriptor};

use super::{
    field::Field,
    message_set,
    protobuf::{Raw, RawField, Reader, Span, WireError, WireType},
};

/// How much of a message is walked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Lines.
    pub lines: usize,
    /// Messages inside each other.
    pub depth: usize,
    /// Bytes of one value's text.
    pub value_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { lines: 1_000, depth: 32, value_bytes: 1_000 }
    }
}

/// One line of a walk. `Display` says all of it but the depth. Texts are foreign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How deep it is inside other messages; 0 is the message itself.
    pub depth: usize,
    /// Where it begins in the whole message, in bytes.
    pub offset: usize,
    /// All of it, tag and length included, in bytes.
    pub length: usize,
    /// What stands there.
    pub value: Value,
}

/// What stands in one line of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A field.
    Field {
        /// Its number.
        number: u32,
        /// Its name, where the type knows the number and the wire type fits.
        name: Option<String>,
        /// How it is laid out.
        wire_type: WireType,
        /// What it holds; empty where the lines below tell.
        text: String,
    },
    /// From here on the bytes are no message, and why.
    Malformed(String),
    /// There is more: the lines or the depth ended here.
    More,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::Field { number, name, wire_type, text } => {
                let name = name.as_deref().unwrap_or("?");
                write!(f, "field {number} {name} ({wire_type})")?;
                if text.is_empty() { Ok(()) } else { write!(f, " {text}") }
            }
            Value::Malformed(why) => write!(f, "malformed: {why}; {} bytes left", self.length),
            Value::More => write!(f, "… {} bytes more", self.length),
        }
    }
}

pub(super) fn walk(descriptor: &MessageDescriptor, bytes: &[u8], limits: Limits) -> Vec<Line> {
    // A group inside groups is read once for each of them.
    let steps = limits.lines.saturating_mul(limits.depth.max(1)).saturating_add(bytes.len());
    let mut walk = Walk { limits, steps, lines: Vec::new() };
    walk.message(&Type::Known(descriptor.clone()), Span { bytes, offset: 0 }, 0);
    walk.lines
}

/// What is known of the fields of a message.
enum Type {
    Known(MessageDescriptor),
    /// An item of a message set, with what it holds.
    Item(Option<MessageDescriptor>),
    Unknown,
}

/// What is known of a field.
struct Known {
    name: String,
    /// What it holds, where that is a message.
    inner: Type,
}

impl Type {
    fn field(&self, found: &RawField<'_>) -> Option<Known> {
        match self {
            Self::Known(set) if let Some(item) = message_set::item_in(set, found) => {
                let inner = Self::Item(message_set::message_type(set, item));
                Some(Known { name: message_set::ITEM.1.to_owned(), inner })
            }
            Self::Known(message) => Field::by_number(message, found.number).map(|field| Known {
                inner: match field.kind() {
                    Kind::Message(inner) => Self::Known(inner),
                    _ => Self::Unknown,
                },
                name: field.name().to_owned(),
            }),
            Self::Item(inner) => {
                let inner = inner.clone().filter(|_| found.number == message_set::MESSAGE.0);
                let known = [message_set::TYPE_ID, message_set::MESSAGE];
                let (_, name) = known.into_iter().find(|(number, _)| *number == found.number)?;
                Some(Known { name: name.to_owned(), inner: inner.map_or(Self::Unknown, Self::Known) })
            }
            Self::Unknown => None,
        }
    }
}

struct Walk {
    limits: Limits,
    steps: usize,
    lines: Vec<Line>,
}

impl Walk {
    fn message(&mut self, known: &Type, span: Span<'_>, depth: usize) {
        let mut reader = Reader::within(span);
        loop {
            let (offset, length) = (reader.offset(), reader.rest().len());
            let rest = |value| Line { depth, offset, length, value };
            if length > 0 && (depth > self.limits.depth || self.lines.len() >= self.limits.lines) {
                // One for all depths that end here.
                if self.lines.last().is_none_or(|line| line.value != Value::More) {
                    self.lines.push(rest(Value::More));
                }
                return;
            }
            match reader.field(&mut self.steps) {
                Ok(None) => return,
                Ok(Some(found)) => self.field(known.field(&found), &found, depth),
                Err(WireError::OutOfSteps) => return self.lines.push(rest(Value::More)),
                Err(error) => return self.lines.push(rest(Value::Malformed(error.to_string()))),
            }
        }
    }

    fn field(&mut self, known: Option<Known>, found: &RawField<'_>, depth: usize) {
        let is_message = known.as_ref().is_some_and(|known| !matches!(known.inner, Type::Unknown));
        let nested = match found.raw {
            Raw::Group(span) => Some(span),
            Raw::Length(span) if is_message || (known.is_none() && is_likely_message(span)) => Some(span),
            _ => None,
        };
        let (name, inner) = known.map_or((None, Type::Unknown), |known| (Some(known.name), known.inner));
        self.lines.push(Line {
            depth,
            offset: found.offset,
            length: found.length,
            value: Value::Field {
                number: found.number,
                name,
                wire_type: found.raw.wire_type(),
                text: if nested.is_some() {
                    String::new()
                } else {
                    text(&found.raw, self.limits.value_bytes)
                },
            },
        });
        if let Some(span) = nested {
            self.message(&inner, span, depth + 1);
        }
    }
}

/// Whether bytes of an unknown field read as a message to their end, and are no text.
fn is_likely_message(span: Span<'_>) -> bool {
    const LOOKED_AT: usize = 64;
    if span.bytes.is_empty() || is_text(span.bytes) {
        return false;
    }
    let (mut reader, mut steps) = (Reader::within(span), LOOKED_AT);
    loop {
        match reader.field(&mut steps) {
            Ok(Some(_)) => {}
            Ok(None) | Err(WireError::OutOfSteps) => return true,
            Err(_) => return false,
        }
    }
}

fn is_text(bytes: &[u8]) -> bool {
    const LOOKED_AT: usize = 1_000;
    let beginning = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    match std::str::from_utf8(beginning) {
        Ok(text) => !text.chars().any(char::is_control),
        Err(_) => false,
    }
}

fn text(raw: &Raw<'_>, max_bytes: usize) -> String {
    match raw {
        Raw::Varint(number) | Raw::Fixed64(number) => number.to_string(),
        Raw::Fixed32(number) => number.to_string(),
        Raw::Length(span) | Raw::Group(span) => {
            let shown = span.bytes.get(..max_bytes).unwrap_or(span.bytes);
            let more = if shown.len() < span.bytes.len() { "…" } else { "" };
            if is_text(shown) {
                format!("\"{}{more}\"", String::from_utf8_lossy(shown))
            } else {
                let pairs: Vec<String> = shown.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("{}{more}", pairs.join(" "))
            }
        }
    }
}
