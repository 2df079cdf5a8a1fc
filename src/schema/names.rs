//! Names as every compiler makes them: of what is within a scope, and of fields in JSON.

use std::collections::HashSet;

use prost_types::{DescriptorProto, FieldDescriptorProto};

/// A name inside of a scope; the outermost scope is empty.
pub(super) fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

/// The name in JSON that a field has of itself: its words joined, each but the first with a capital.
pub(super) fn json_name(name: &str) -> String {
    let mut json = String::with_capacity(name.len());
    let mut begins_word = false;
    for c in name.chars() {
        if c != '_' {
            json.push(if begins_word { c.to_ascii_uppercase() } else { c });
        }
        begins_word = c == '_';
    }
    json
}

/// Gives each field of a message a name of its own in JSON. Proto2 lets these clash: the one that is called so keeps the
/// name, else the first, and the others are called what they are called, or by their number.
pub(super) fn tell_apart(fields: &mut [FieldDescriptorProto]) {
    let wanted: Vec<String> = fields.iter().map(json_name_of).collect();
    let is_called_so = |(field, name): &(&FieldDescriptorProto, &String)| field.name() == *name;
    let mut taken: HashSet<String> =
        fields.iter().zip(&wanted).filter(is_called_so).map(|(_, name)| name.clone()).collect();
    for (field, name) in fields.iter_mut().zip(wanted) {
        if field.name() == name || taken.insert(name) {
            continue;
        }
        let mut own = field.name().to_owned();
        if !taken.insert(own.clone()) {
            own = field.number().to_string();
            taken.insert(own.clone());
        }
        field.json_name = Some(own);
    }
}

/// Whether names of a message's fields are alike but for capitals and underscores. In proto3 prost-reflect takes them for the same.
pub(super) fn are_alike(messages: &[DescriptorProto]) -> bool {
    let plain = |field: &FieldDescriptorProto| field.name().replace('_', "").to_ascii_lowercase();
    messages.iter().any(|message| {
        let mut seen = HashSet::new();
        !message.field.iter().map(plain).all(|name| seen.insert(name)) || are_alike(&message.nested_type)
    })
}

fn json_name_of(field: &FieldDescriptorProto) -> String {
    field.json_name.clone().unwrap_or_else(|| json_name(field.name()))
}

/// The beginning of a foreign text, of at most `max_bytes`; a `…` says that there is more.
pub(super) fn shortened(text: &str, max_bytes: usize) -> String {
    let end = text.floor_char_boundary(max_bytes);
    if end < text.len() { format!("{}…", &text[..end]) } else { text.to_owned() }
}
