//! Files in a protobuf edition, lowered to what they mean.
//!
//! An edition is proto2 whose every part may say otherwise by a feature: see
//! <https://protobuf.dev/editions/features/>. prost-types drops what it says and prost-reflect knows no
//! editions, so the features are read from the file's bytes a second time, are handed down from the file
//! to its fields, and become what proto2 has a word for: labels, packing, groups. What it has none for,
//! fields without presence, strings that need not be UTF-8 and open enums, becomes a [mark](marks).

use prost::Message;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FieldOptions, FileDescriptorProto,
    MessageOptions,
    field_descriptor_proto::{Label, Type},
};

use super::super::{
    field::marks::{self, Checked, Enums},
    names,
};

/// The syntax of a file that was lowered.
pub(super) const LOWERED: &str = "lowered edition";

/// The editions 2023 and 2024, whose features have the same defaults.
/// Source: `Edition` in `google/protobuf/descriptor.proto`.
const KNOWN: std::ops::RangeInclusive<i32> = 1000..=1001;

/// Lowers a file in an edition, unless that is not known: then it is its syntax. Of proto3 those are lowered that have
/// [names that are alike](names::are_alike).
pub(super) fn lower(file: &mut FileDescriptorProto, bytes: &[u8]) -> Result<(), prost::DecodeError> {
    let base = match file.syntax() {
        "editions" => Meant::default(),
        "proto3" if names::are_alike(&file.message_type) => Meant::PROTO3,
        _ => return Ok(()),
    };
    let said = FileFeatures::decode(bytes)?;
    if file.syntax() == "editions" && !KNOWN.contains(&said.edition) {
        file.syntax = Some(format!("edition {}", name(said.edition)));
        return Ok(());
    }
    file.syntax = Some(LOWERED.to_owned());
    let meant = base.but(said.options.and_then(|options| options.features));
    for (message, said) in file.message_type.iter_mut().zip(said.message_type) {
        lower_message(message, said, meant);
    }
    for (extension, said) in file.extension.iter_mut().zip(said.extension) {
        lower_field(extension, said, meant, Place::Extension);
    }
    lower_enums(&mut file.enum_type, said.enum_type, meant);
    Ok(())
}

/// `2026`, as far as the number tells.
fn name(edition: i32) -> String {
    let year = edition - KNOWN.start() + 2023;
    if (2023..2100).contains(&year) { year.to_string() } else { format!("number {edition}") }
}

fn lower_message(message: &mut DescriptorProto, said: MessageFeatures, above: Meant) {
    let meant = above.but(said.options.and_then(|options| options.features));
    let is_entry = is_map_entry(message);
    let entries: Vec<String> = message
        .nested_type
        .iter()
        .filter(|nested| is_map_entry(nested))
        .map(|entry| entry.name().to_owned())
        .collect();
    for (field, said) in message.field.iter_mut().zip(said.field) {
        let type_name = field.type_name().rsplit('.').next().unwrap_or_default();
        let is_map = entries.iter().any(|entry| entry == type_name);
        let place = if is_entry || is_map { Place::Map } else { Place::Message };
        lower_field(field, said, meant, place);
    }
    for (extension, said) in message.extension.iter_mut().zip(said.extension) {
        lower_field(extension, said, meant, Place::Extension);
    }
    lower_enums(&mut message.enum_type, said.enum_type, meant);
    for (nested, said) in message.nested_type.iter_mut().zip(said.nested_type) {
        lower_message(nested, said, meant);
    }
}

fn lower_enums(enums: &mut [EnumDescriptorProto], said: Vec<EnumFeatures>, above: Meant) {
    for (an_enum, said) in enums.iter_mut().zip(said) {
        let meant = above.but(said.options.and_then(|options| options.features));
        marks::set_enums(an_enum.options.get_or_insert_default(), meant.enums);
    }
}

fn is_map_entry(message: &DescriptorProto) -> bool {
    message.options.as_ref().is_some_and(MessageOptions::map_entry)
}

/// Where a field stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Message,
    Extension,
    /// A map, or the key or value of one: they have an encoding of their own.
    Map,
}

fn lower_field(field: &mut FieldDescriptorProto, said: FieldFeatures, above: Meant, place: Place) {
    let meant = above.but(said.options.and_then(|options| options.features));
    let (label, kind) = (field.label(), field.r#type());
    if kind == Type::Message && meant.is_delimited && place != Place::Map {
        field.set_type(Type::Group);
    }
    if label == Label::Optional && place == Place::Message && field.oneof_index.is_none() {
        match meant.presence {
            Presence::Explicit => {}
            Presence::Implicit if matches!(kind, Type::Message | Type::Group) => {}
            Presence::Implicit => marks::set_implicit(field),
            Presence::Required => field.set_label(Label::Required),
        }
    }
    let options = field.options.get_or_insert_with(FieldOptions::default);
    if label == Label::Repeated {
        // An edition says it by a feature alone.
        options.packed.get_or_insert(meant.is_packed);
    }
    if kind == Type::String {
        marks::set_checked(options, if meant.is_checked { Checked::Yes } else { Checked::No });
    }
}

/// What holds for a part of a file, where it and all above it had their say. Whether JSON names may clash makes no
/// difference to a client that shows what came.
#[derive(Clone, Copy)]
struct Meant {
    presence: Presence,
    is_packed: bool,
    is_checked: bool,
    is_delimited: bool,
    enums: Enums,
}

#[derive(Clone, Copy)]
enum Presence {
    Explicit,
    Implicit,
    Required,
}

/// As edition 2023 has it.
impl Default for Meant {
    fn default() -> Self {
        Self {
            presence: Presence::Explicit,
            is_packed: true,
            is_checked: true,
            is_delimited: false,
            enums: Enums::Open,
        }
    }
}

impl Meant {
    const PROTO3: Self = Self {
        presence: Presence::Implicit,
        is_packed: true,
        is_checked: true,
        is_delimited: false,
        enums: Enums::Open,
    };

    /// The same, but for what is said here. A number that is not known changes nothing.
    fn but(self, said: Option<FeatureSet>) -> Self {
        let Some(said) = said else { return self };
        Self {
            presence: match said.field_presence {
                1 => Presence::Explicit,
                2 => Presence::Implicit,
                3 => Presence::Required,
                _ => self.presence,
            },
            is_packed: either(said.repeated_field_encoding, [1, 2], self.is_packed),
            is_checked: either(said.utf8_validation, [2, 3], self.is_checked),
            is_delimited: either(said.message_encoding, [2, 1], self.is_delimited),
            enums: match said.enum_type {
                1 => Enums::Open,
                2 => Enums::Closed,
                _ => self.enums,
            },
        }
    }
}

/// Yes and no by their numbers; `otherwise` for any other.
fn either(said: i32, [yes, no]: [i32; 2], otherwise: bool) -> bool {
    if said == yes { true } else { said != no && otherwise }
}

/// A `FileDescriptorProto`, as far as it says its edition and features. Source for the numbers:
/// `google/protobuf/descriptor.proto`.
#[derive(Clone, PartialEq, Message)]
struct FileFeatures {
    #[prost(message, repeated, tag = "4")]
    message_type: Vec<MessageFeatures>,
    #[prost(message, repeated, tag = "5")]
    enum_type: Vec<EnumFeatures>,
    #[prost(message, repeated, tag = "7")]
    extension: Vec<FieldFeatures>,
    #[prost(message, optional, tag = "8")]
    options: Option<FileOptionsFeatures>,
    #[prost(int32, tag = "14")]
    edition: i32,
}

#[derive(Clone, PartialEq, Message)]
struct FileOptionsFeatures {
    #[prost(message, optional, tag = "50")]
    features: Option<FeatureSet>,
}

#[derive(Clone, PartialEq, Message)]
struct MessageFeatures {
    #[prost(message, repeated, tag = "2")]
    field: Vec<FieldFeatures>,
    #[prost(message, repeated, tag = "3")]
    nested_type: Vec<Self>,
    #[prost(message, repeated, tag = "4")]
    enum_type: Vec<EnumFeatures>,
    #[prost(message, repeated, tag = "6")]
    extension: Vec<FieldFeatures>,
    #[prost(message, optional, tag = "7")]
    options: Option<MessageOptionsFeatures>,
}

#[derive(Clone, PartialEq, Message)]
struct MessageOptionsFeatures {
    #[prost(message, optional, tag = "12")]
    features: Option<FeatureSet>,
}

#[derive(Clone, PartialEq, Message)]
struct EnumFeatures {
    #[prost(message, optional, tag = "3")]
    options: Option<EnumOptionsFeatures>,
}

#[derive(Clone, PartialEq, Message)]
struct EnumOptionsFeatures {
    #[prost(message, optional, tag = "7")]
    features: Option<FeatureSet>,
}

#[derive(Clone, PartialEq, Message)]
struct FieldFeatures {
    #[prost(message, optional, tag = "8")]
    options: Option<FieldOptionsFeatures>,
}

#[derive(Clone, PartialEq, Message)]
struct FieldOptionsFeatures {
    #[prost(message, optional, tag = "21")]
    features: Option<FeatureSet>,
}

#[derive(Clone, PartialEq, Message)]
struct FeatureSet {
    #[prost(int32, tag = "1")]
    field_presence: i32,
    #[prost(int32, tag = "2")]
    enum_type: i32,
    #[prost(int32, tag = "3")]
    repeated_field_encoding: i32,
    #[prost(int32, tag = "4")]
    utf8_validation: i32,
    #[prost(int32, tag = "5")]
    message_encoding: i32,
}
