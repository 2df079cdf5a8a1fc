//! A message with every field in it, to be filled in.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use prost_reflect::{Kind, MessageDescriptor, Value};

use super::{
    field::Field,
    json::well_known::{self, Form},
    not_finite::{DOUBLE, FLOAT},
};

/// Messages inside each other; deeper ones are `{}`.
const MAX_DEPTH: usize = 6;
/// Fields in all.
const MAX_FIELDS: usize = 500;
/// What is not longer stands in one line, in characters.
const ONE_LINE: usize = 60;

/// A message of this type as JSON: each field with the value that it has when nothing is set, a list with
/// one element, a map with one entry, of a oneof the first member. A type inside itself is `{}`.
pub(super) fn template(descriptor: &MessageDescriptor) -> String {
    let mut maker = Maker { fields: 0, open: Vec::new() };
    let mut text = String::new();
    maker.message(descriptor).write(&mut text, 0);
    text
}

enum Node {
    /// JSON as it is.
    Plain(String),
    Object(Vec<(String, Node)>),
    Array(Box<Node>),
}

struct Maker {
    fields: usize,
    /// The types that this stands in.
    open: Vec<String>,
}

impl Maker {
    fn message(&mut self, descriptor: &MessageDescriptor) -> Node {
        match well_known::of(descriptor) {
            None => self.object(descriptor),
            Some(Form::Any) => any(),
            Some(Form::Timestamp) => plain("\"1970-01-01T00:00:00Z\""),
            Some(Form::Duration) => plain("\"0s\""),
            Some(Form::FieldMask) => plain("\"\""),
            Some(Form::Struct) => plain("{}"),
            Some(Form::List) => plain("[]"),
            Some(Form::Value) => plain("null"),
            Some(Form::Wrapper) => match descriptor.get_field(1).map(Field::Own) {
                Some(field) => Node::Plain(scalar(&field)),
                None => plain("{}"),
            },
        }
    }

    fn object(&mut self, descriptor: &MessageDescriptor) -> Node {
        self.open.push(descriptor.full_name().to_owned());
        let mut members = Vec::new();
        for field in Field::declared(descriptor).filter(is_first_of_its_oneof) {
            self.fields += 1;
            if let Some(value) = self.field(&field) {
                members.push((field.json_name().to_owned(), value));
            }
        }
        self.open.pop();
        Node::Object(members)
    }

    /// `None` where there is no value that could be sent.
    fn field(&mut self, field: &Field) -> Option<Node> {
        let Kind::Message(descriptor) = field.kind() else {
            let value = Node::Plain(scalar(field));
            return Some(if field.is_list() { Node::Array(Box::new(value)) } else { value });
        };
        if field.is_map() {
            let value = self.field(&Field::Own(descriptor.map_entry_value_field()))?;
            let key = match descriptor.map_entry_key_field().kind() {
                Kind::String => "",
                Kind::Bool => "false",
                _ => "0",
            };
            return Some(Node::Object(vec![(key.to_owned(), value)]));
        }
        let is_too_much = self.open.len() >= MAX_DEPTH
            || self.fields >= MAX_FIELDS
            || self.open.iter().any(|open| open == descriptor.full_name());
        let value = match is_too_much && well_known::of(&descriptor).is_none() {
            false => self.message(&descriptor),
            // What cannot be empty is left out, and where it cannot be left out either, that is said.
            true if Field::required(&descriptor).next().is_some() => {
                return field.is_required().then(|| plain("null"));
            }
            true => plain("{}"),
        };
        Some(if field.is_list() { Node::Array(Box::new(value)) } else { value })
    }
}

impl Node {
    fn write(&self, text: &mut String, indent: usize) {
        let line = self.one_line();
        if line.chars().count() <= ONE_LINE {
            return text.push_str(&line);
        }
        let (open, close) = match self {
            Self::Plain(plain) => return text.push_str(plain),
            Self::Object(_) => ('{', '}'),
            Self::Array(_) => ('[', ']'),
        };
        let new_line = |text: &mut String, indent| {
            text.push('\n');
            text.push_str(&"  ".repeat(indent));
        };
        text.push(open);
        let members: Vec<(Option<&str>, &Self)> = match self {
            Self::Object(members) => members.iter().map(|(key, value)| (Some(key.as_str()), value)).collect(),
            Self::Array(element) => vec![(None, &**element)],
            Self::Plain(_) => Vec::new(),
        };
        for (index, (key, value)) in members.into_iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            new_line(text, indent + 1);
            if let Some(key) = key {
                text.push_str(&quoted(key));
                text.push_str(": ");
            }
            value.write(text, indent + 1);
        }
        new_line(text, indent);
        text.push(close);
    }

    fn one_line(&self) -> String {
        match self {
            Self::Plain(plain) => plain.clone(),
            Self::Array(element) => format!("[{}]", element.one_line()),
            Self::Object(members) => {
                let members: Vec<String> = members
                    .iter()
                    .map(|(key, value)| format!("{}: {}", quoted(key), value.one_line()))
                    .collect();
                format!("{{{}}}", members.join(", "))
            }
        }
    }
}

fn plain(json: &str) -> Node {
    Node::Plain(json.to_owned())
}

/// One that holds nothing.
fn any() -> Node {
    let url = plain("\"type.googleapis.com/google.protobuf.Empty\"");
    Node::Object(vec![("@type".to_owned(), url), ("value".to_owned(), plain("{}"))])
}

fn is_first_of_its_oneof(field: &Field) -> bool {
    let Some(oneof) = field.oneof() else { return true };
    Field::declared(oneof.parent_message())
        .find(|other| other.oneof().as_ref() == Some(&oneof))
        .is_some_and(|first| first == *field)
}

/// What a single value is when nothing is set.
fn scalar(field: &Field) -> String {
    let value = match (field.kind(), field.is_list()) {
        (kind, true) => Value::default_value(&kind),
        (_, false) => field.default_value(),
    };
    match value {
        Value::Bool(is_true) => is_true.to_string(),
        Value::I32(number) => number.to_string(),
        Value::U32(number) => number.to_string(),
        // JSON's numbers are doubles in most hands.
        Value::I64(number) => format!("\"{number}\""),
        Value::U64(number) => format!("\"{number}\""),
        Value::F32(number) => {
            FLOAT.word(number.to_bits().into()).map_or_else(|| format!("{number:?}"), |word| quoted(&word))
        }
        Value::F64(number) => {
            DOUBLE.word(number.to_bits()).map_or_else(|| format!("{number:?}"), |word| quoted(&word))
        }
        Value::String(text) => quoted(&text),
        Value::Bytes(bytes) => quoted(&BASE64_STANDARD.encode(bytes)),
        Value::EnumNumber(number) => enumeration(&field.kind(), number),
        Value::Message(_) | Value::List(_) | Value::Map(_) => "{}".to_owned(),
    }
}

fn enumeration(kind: &Kind, number: i32) -> String {
    let Kind::Enum(descriptor) = kind else { return number.to_string() };
    match descriptor.get_value(number) {
        _ if descriptor.full_name() == "google.protobuf.NullValue" => "null".to_owned(),
        Some(value) => quoted(value.name()),
        None => number.to_string(),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
