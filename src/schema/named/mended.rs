//! What `protoc` takes and the compiler built in refuses, mended in what was read of a source.
//!
//! For a source that is refused as it stands, and not before: what is mended has no text any more, so that nothing
//! could be said of a place in it.

use std::collections::HashSet;

use prost_reflect::{DynamicMessage, ReflectMessage, Value};
use prost_types::{DescriptorProto, FileDescriptorProto};

/// The file with what can be mended:
///
/// - `inf` and `nan` as an option's value, which are the names of an enum's values to the compiler;
/// - the name of a oneof that was made up for an `optional` field, where another has it.
pub(super) fn mended(file: &FileDescriptorProto) -> FileDescriptorProto {
    let mut with_options = file.transcode_to_dynamic();
    mend_options(&mut with_options);
    let mut mended = with_options.transcode_to().unwrap_or_else(|_| file.clone());
    mended.message_type.iter_mut().for_each(mend_oneofs);
    mended
}

/// Options stand everywhere in a file, and are of one type as long as nobody has looked up their names.
fn mend_options(message: &mut DynamicMessage) {
    if message.descriptor().full_name() == "google.protobuf.UninterpretedOption" {
        let named = message.get_field_by_name("identifier_value");
        let number = named.and_then(|name| not_finite(name.as_str()?));
        if let Some(number) = number {
            message.clear_field_by_name("identifier_value");
            message.set_field_by_name("double_value", Value::F64(number));
        }
        return;
    }
    for (_, value) in message.fields_mut() {
        match value {
            Value::Message(inner) => mend_options(inner),
            Value::List(elements) => {
                elements.iter_mut().filter_map(Value::as_message_mut).for_each(mend_options);
            }
            _ => {}
        }
    }
}

fn not_finite(name: &str) -> Option<f64> {
    match name {
        "inf" => Some(f64::INFINITY),
        "nan" => Some(f64::NAN),
        _ => None,
    }
}

fn mend_oneofs(message: &mut DescriptorProto) {
    message.nested_type.iter_mut().for_each(mend_oneofs);
    let made_up = message.field.iter().filter(|field| field.proto3_optional());
    let made_up: HashSet<i32> = made_up.filter_map(|field| field.oneof_index).collect();
    let mut taken: HashSet<String> = message.field.iter().map(|field| field.name().to_owned()).collect();
    let declared = message.oneof_decl.iter_mut().zip(0..);
    let (made_up, own): (Vec<_>, Vec<_>) = declared.partition(|(_, index)| made_up.contains(index));
    taken.extend(own.into_iter().map(|(oneof, _)| oneof.name().to_owned()));
    for (oneof, _) in made_up {
        let mut name = oneof.name().to_owned();
        while !taken.insert(name.clone()) {
            name.insert(0, 'X');
        }
        oneof.name = Some(name);
    }
}
