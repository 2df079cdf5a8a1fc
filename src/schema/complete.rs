//! What can be typed next in a JSON text that is not there yet in whole.
//!
//! The text up to the cursor is read once, and what is wrong in it is passed over: a place is all that is
//! looked for.

use std::ops::Range;

use prost_reflect::{Kind, MessageDescriptor};

use super::{
    field::{Field, values_of},
    json::well_known::{self, Form},
    lexer::MAX_DEPTH,
};

/// What could stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What it takes the place of, in bytes of the text. The cursor is in it or at its end.
    pub range: Range<usize>,
    /// In the order of their declaration; never none.
    pub candidates: Vec<Candidate>,
}

/// One text that could stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What to put into the range: `"firstName": `, `"RED"`, `true`.
    pub text: String,
    /// The name alone: `firstName`, `RED`. Foreign text.
    pub name: String,
    /// What it is: `repeated string`, `1`. Foreign text.
    pub about: String,
}

/// The most that are offered.
const MAX_CANDIDATES: usize = 100;

/// What could stand at byte `at` of a text that is to be a message; `None` where nothing is known.
pub(super) fn complete(descriptor: &MessageDescriptor, text: &str, at: usize) -> Option<Completion> {
    let mut scan =
        Scan { open: Vec::new(), expected: Slot::Message(descriptor.clone()), token: None, is_due: true };
    let before = text.get(..at)?;
    let mut rest = before.char_indices().peekable();
    while let Some((index, c)) = rest.next() {
        match c {
            '"' => {
                let mut is_escaped = false;
                let end = rest.by_ref().find(|(_, c)| {
                    let is_end = *c == '"' && !is_escaped;
                    is_escaped = *c == '\\' && !is_escaped;
                    is_end
                });
                match end {
                    Some((end, _)) => scan.word(&before[index + 1..end]),
                    None => scan.token = Some(index),
                }
            }
            c if is_bare(c) => {
                let mut end = index + c.len_utf8();
                while let Some((at, c)) = rest.next_if(|(_, c)| is_bare(*c)) {
                    end = at + c.len_utf8();
                }
                if end == before.len() { scan.token = Some(index) } else { scan.word(&before[index..end]) }
            }
            c => scan.punctuation(c)?,
        }
    }
    scan.offer(text, at)
}

fn is_bare(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+' | '@' | '/')
}

/// What may stand where a value is.
#[derive(Debug, Clone)]
enum Slot {
    Message(MessageDescriptor),
    /// The whole field, all of its values.
    Field(Field),
    /// One of its values.
    Element(Field),
    /// `@type` of an `Any`.
    Type(MessageDescriptor),
    Unknown,
}

enum Open {
    Object { of: Slot, seen: Vec<String>, is_at_key: bool },
    Array { element: Slot },
}

struct Scan {
    open: Vec<Open>,
    /// What the next value would be.
    expected: Slot,
    /// Where the word begins that the cursor is in.
    token: Option<usize>,
    /// Whether a word may begin here: not behind a whole one, where a comma or a colon is due.
    is_due: bool,
}

impl Scan {
    /// A whole word: a key, or a value.
    fn word(&mut self, word: &str) {
        self.is_due = false;
        let Some(Open::Object { of, seen, is_at_key }) = self.open.last_mut() else { return };
        if *is_at_key {
            self.expected = of.member(word);
            seen.push(word.to_owned());
        } else if let (Slot::Message(any), Slot::Type(_)) = (&*of, &self.expected) {
            let name = word.rsplit('/').next().unwrap_or_default();
            *of = any.parent_pool().get_message_by_name(name).map_or(Slot::Unknown, Slot::Message);
        }
    }

    /// `None` where it goes too deep.
    fn punctuation(&mut self, c: char) -> Option<()> {
        self.is_due = matches!(c, '{' | '[' | ':' | ',') || (self.is_due && c.is_whitespace());
        match c {
            '{' => {
                let of = std::mem::replace(&mut self.expected, Slot::Unknown).object();
                self.open.push(Open::Object { of, seen: Vec::new(), is_at_key: true });
            }
            '[' => {
                let element = std::mem::replace(&mut self.expected, Slot::Unknown).element();
                self.expected = element.clone();
                self.open.push(Open::Array { element });
            }
            '}' | ']' => {
                self.open.pop();
                self.expected = Slot::Unknown;
            }
            ':' => {
                if let Some(Open::Object { is_at_key, .. }) = self.open.last_mut() {
                    *is_at_key = false;
                }
            }
            ',' => match self.open.last_mut() {
                Some(Open::Object { is_at_key, .. }) => *is_at_key = true,
                Some(Open::Array { element }) => self.expected = element.clone(),
                None => {}
            },
            _ => {}
        }
        (self.open.len() <= MAX_DEPTH).then_some(())
    }

    fn offer(self, text: &str, at: usize) -> Option<Completion> {
        if self.token.is_none() && !self.is_due {
            return None;
        }
        let begin = self.token.unwrap_or(at);
        let typed = text.get(begins_with_quote(text, begin)..at)?.to_lowercase();
        let range = begin..end_of_word(text, at);
        let candidates = match self.open.last()? {
            Open::Object { of, seen, is_at_key: true } => {
                let has_colon = text.get(range.end..)?.trim_start().starts_with(':');
                keys(of, seen, if has_colon { "" } else { ": " })
            }
            _ => values(&self.expected),
        };
        let is_meant = |candidate: &Candidate| {
            let name = candidate.name.to_lowercase();
            name.starts_with(&typed) || name.trim_start_matches("type.googleapis.com/").starts_with(&typed)
        };
        let is_there = text.get(range.clone())?;
        let candidates: Vec<Candidate> = candidates
            .into_iter()
            .filter(|candidate| is_meant(candidate) && candidate.text != is_there)
            .take(MAX_CANDIDATES)
            .collect();
        (!candidates.is_empty()).then_some(Completion { range, candidates })
    }
}

fn begins_with_quote(text: &str, begin: usize) -> usize {
    begin + usize::from(text[begin..].starts_with('"'))
}

/// Behind the word that the cursor is in, and its closing quotation mark.
fn end_of_word(text: &str, at: usize) -> usize {
    let behind = &text[at..];
    let word = behind.find(|c| !is_bare(c) && c != ']').unwrap_or(behind.len());
    // A bracket is a part of an extension's name only where a quotation mark follows.
    let quoted = behind[word..].starts_with('"').then_some(at + word + 1);
    quoted.unwrap_or_else(|| at + behind.find(|c| !is_bare(c)).unwrap_or(behind.len()))
}

impl Slot {
    fn object(self) -> Self {
        match self {
            Self::Field(field) if field.is_list() => Self::Unknown,
            Self::Field(field) if field.is_map() => Self::Field(field),
            Self::Field(field) | Self::Element(field) => match field.kind() {
                Kind::Message(descriptor) => Self::Message(descriptor).object(),
                _ => Self::Unknown,
            },
            Self::Message(descriptor) => match well_known::of(&descriptor) {
                None | Some(Form::Any) => Self::Message(descriptor),
                Some(_) => Self::Unknown,
            },
            Self::Type(_) | Self::Unknown => Self::Unknown,
        }
    }

    fn element(self) -> Self {
        match self {
            Self::Field(field) if field.is_list() => Self::Element(field),
            _ => Self::Unknown,
        }
    }

    /// What stands behind a key.
    fn member(&self, key: &str) -> Self {
        match self {
            Self::Message(descriptor) if is_any(descriptor) && key == "@type" => {
                Self::Type(descriptor.clone())
            }
            Self::Message(descriptor) => Field::by_key(descriptor, key).map_or(Self::Unknown, Self::Field),
            Self::Field(map) => match map.kind() {
                Kind::Message(entry) if entry.is_map_entry() => {
                    Self::Element(Field::Own(entry.map_entry_value_field()))
                }
                _ => Self::Unknown,
            },
            _ => Self::Unknown,
        }
    }
}

fn is_any(descriptor: &MessageDescriptor) -> bool {
    descriptor.full_name() == "google.protobuf.Any"
}

fn keys(of: &Slot, seen: &[String], colon: &str) -> Vec<Candidate> {
    let Slot::Message(descriptor) = of else { return Vec::new() };
    let key = |name: &str, about: String| Candidate {
        text: format!("{}{colon}", serde_json::Value::from(name)),
        name: name.to_owned(),
        about,
    };
    if is_any(descriptor) {
        return vec![key("@type", "type of the message".to_owned())];
    }
    let taken: Vec<Field> = seen.iter().filter_map(|key| Field::by_key(descriptor, key)).collect();
    let is_free = |field: &Field| {
        let excludes =
            |other: &Field| other == field || (field.oneof().is_some() && other.oneof() == field.oneof());
        !taken.iter().any(excludes)
    };
    let fields = Field::declared(descriptor).chain(Field::extensions(descriptor)).filter(is_free);
    fields.map(|field| key(field.json_name(), field.in_words())).collect()
}

fn values(expected: &Slot) -> Vec<Candidate> {
    let plain = |text: &str| Candidate { text: text.to_owned(), name: text.to_owned(), about: String::new() };
    let quoted = |name: &str, about: String| Candidate {
        text: serde_json::Value::from(name).to_string(),
        name: name.to_owned(),
        about,
    };
    match expected {
        Slot::Type(any) => {
            let messages = any.parent_pool().all_messages().filter(|message| !message.is_map_entry());
            let url = |message: MessageDescriptor| format!("type.googleapis.com/{}", message.full_name());
            messages.map(|message| quoted(&url(message), String::new())).collect()
        }
        Slot::Field(field) if field.is_list() || field.is_map() => Vec::new(),
        Slot::Field(field) | Slot::Element(field) => match field.kind() {
            Kind::Bool => vec![plain("true"), plain("false")],
            Kind::Enum(descriptor) => {
                values_of(&descriptor).map(|value| quoted(value.name(), value.number().to_string())).collect()
            }
            _ => Vec::new(),
        },
        Slot::Message(_) | Slot::Unknown => Vec::new(),
    }
}
