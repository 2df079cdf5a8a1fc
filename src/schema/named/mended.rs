//! What `protoc` takes and the compiler built in refuses, mended in what was read of a source.
//!
//! For a source that is refused as it stands, and not before: what is mended has no text any more, so that nothing
//! could be said of a place in it.

use std::collections::HashSet;

use prost::Message as _;
use prost_reflect::{DynamicMessage, ReflectMessage, Value};
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto};

use super::super::names;

/// A file of which the compiler takes what it does not take of it as it stands.
pub(super) struct Mended {
    pub(super) file: FileDescriptorProto,
    /// Whether it is proto3, and given to the compiler as proto2.
    pub(super) is_proto3: bool,
}

/// The file with what can be mended:
///
/// - `inf` and `nan` as an option's value, which are the names of an enum's values to the compiler;
/// - the name of a oneof that was made up for an `optional` field, where another has it;
/// - names of fields that are [alike](names::are_alike), or the same in JSON: proto3 is compiled as proto2, where the former
///   may be, and the latter get names of their own.
pub(super) fn mended(file: &FileDescriptorProto) -> Mended {
    let mut with_options = file.transcode_to_dynamic();
    mend_options(&mut with_options);
    let mut file = with_options.transcode_to().unwrap_or_else(|_| file.clone());
    let is_proto3 =
        file.syntax() == "proto3" && names::are_alike(&file.message_type) && begins_with_zero(&file);
    if is_proto3 {
        file.syntax = None;
    }
    file.message_type.iter_mut().for_each(mend_message);
    Mended { file, is_proto3 }
}

/// Whether all enums begin with zero, which the compiler asks of proto3 alone.
fn begins_with_zero(file: &FileDescriptorProto) -> bool {
    fn all(enums: &[EnumDescriptorProto], messages: &[DescriptorProto]) -> bool {
        let is_zero =
            |an_enum: &EnumDescriptorProto| an_enum.value.first().is_some_and(|value| value.number() == 0);
        enums.iter().all(is_zero)
            && messages.iter().all(|message| all(&message.enum_type, &message.nested_type))
    }
    all(&file.enum_type, &file.message_type)
}

/// The compiled file in proto3 again.
pub(super) fn in_proto3(compiled: &[u8]) -> Vec<u8> {
    let syntax = FileDescriptorProto { syntax: Some("proto3".to_owned()), ..FileDescriptorProto::default() };
    // What is said last of a field is what counts.
    [compiled, &syntax.encode_to_vec()].concat()
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

fn mend_message(message: &mut DescriptorProto) {
    message.nested_type.iter_mut().for_each(mend_message);
    names::tell_apart(&mut message.field);
    mend_oneofs(message);
}

fn mend_oneofs(message: &mut DescriptorProto) {
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
