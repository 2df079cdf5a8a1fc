//! The messages of `descriptor.proto`, with options left as bytes.
//!
//! Source: `google/protobuf/descriptor.proto`. The usual types drop the options that they do not know;
//! here nothing is lost, and what an option means is told by the files that declare it.

use prost::{Enumeration, Message};
use prost_types::{
    MessageOptions,
    field_descriptor_proto::{Label, Type},
};

#[derive(Clone, PartialEq, Message)]
pub(super) struct File {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(string, tag = "2")]
    pub(super) package: String,
    #[prost(string, repeated, tag = "3")]
    pub(super) dependency: Vec<String>,
    #[prost(message, repeated, tag = "4")]
    pub(super) messages: Vec<Structure>,
    #[prost(message, repeated, tag = "5")]
    pub(super) enums: Vec<Enum>,
    #[prost(message, repeated, tag = "6")]
    pub(super) services: Vec<Service>,
    #[prost(message, repeated, tag = "7")]
    pub(super) extensions: Vec<Field>,
    #[prost(bytes = "vec", tag = "8")]
    pub(super) options: Vec<u8>,
    #[prost(message, optional, tag = "9")]
    pub(super) source_info: Option<SourceInfo>,
    #[prost(int32, repeated, tag = "10")]
    pub(super) public_dependency: Vec<i32>,
    #[prost(int32, repeated, tag = "11")]
    pub(super) weak_dependency: Vec<i32>,
    #[prost(string, tag = "12")]
    pub(super) syntax: String,
    #[prost(int32, tag = "14")]
    pub(super) edition: i32,
    /// What is imported for its options alone, from edition 2024 on.
    #[prost(string, repeated, tag = "15")]
    pub(super) option_dependency: Vec<String>,
}

/// Who may refer to a definition, where it says so itself: from edition 2024 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
pub(super) enum Visibility {
    Unset = 0,
    Local = 1,
    Export = 2,
}

/// A message's definition.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Structure {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(message, repeated, tag = "2")]
    pub(super) fields: Vec<Field>,
    #[prost(message, repeated, tag = "3")]
    pub(super) nested: Vec<Structure>,
    #[prost(message, repeated, tag = "4")]
    pub(super) enums: Vec<Enum>,
    #[prost(message, repeated, tag = "5")]
    pub(super) extension_ranges: Vec<ExtensionRange>,
    #[prost(message, repeated, tag = "6")]
    pub(super) extensions: Vec<Field>,
    #[prost(bytes = "vec", tag = "7")]
    pub(super) options: Vec<u8>,
    #[prost(message, repeated, tag = "8")]
    pub(super) oneofs: Vec<Oneof>,
    #[prost(message, repeated, tag = "9")]
    pub(super) reserved_ranges: Vec<ReservedRange>,
    #[prost(string, repeated, tag = "10")]
    pub(super) reserved_names: Vec<String>,
    #[prost(enumeration = "Visibility", tag = "11")]
    pub(super) visibility: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Field {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(string, tag = "2")]
    pub(super) extendee: String,
    #[prost(int32, tag = "3")]
    pub(super) number: i32,
    #[prost(enumeration = "Label", optional, tag = "4")]
    pub(super) label: Option<i32>,
    /// Not set where a compiler left it to the reader whether `type_name` is a message or an enum.
    #[prost(enumeration = "Type", optional, tag = "5")]
    pub(super) scalar: Option<i32>,
    #[prost(string, tag = "6")]
    pub(super) type_name: String,
    #[prost(string, optional, tag = "7")]
    pub(super) default_value: Option<String>,
    #[prost(bytes = "vec", tag = "8")]
    pub(super) options: Vec<u8>,
    #[prost(int32, optional, tag = "9")]
    pub(super) oneof_index: Option<i32>,
    #[prost(string, optional, tag = "10")]
    pub(super) json_name: Option<String>,
    #[prost(bool, tag = "17")]
    pub(super) proto3_optional: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Oneof {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) options: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Enum {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(message, repeated, tag = "2")]
    pub(super) values: Vec<EnumValue>,
    #[prost(bytes = "vec", tag = "3")]
    pub(super) options: Vec<u8>,
    /// The end of each is in it, unlike a message's.
    #[prost(message, repeated, tag = "4")]
    pub(super) reserved_ranges: Vec<ReservedRange>,
    #[prost(string, repeated, tag = "5")]
    pub(super) reserved_names: Vec<String>,
    #[prost(enumeration = "Visibility", tag = "6")]
    pub(super) visibility: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct EnumValue {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(int32, tag = "2")]
    pub(super) number: i32,
    #[prost(bytes = "vec", tag = "3")]
    pub(super) options: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Service {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(message, repeated, tag = "2")]
    pub(super) methods: Vec<Method>,
    #[prost(bytes = "vec", tag = "3")]
    pub(super) options: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Method {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(string, tag = "2")]
    pub(super) input_type: String,
    #[prost(string, tag = "3")]
    pub(super) output_type: String,
    /// Braces with nothing in them are there too.
    #[prost(bytes = "vec", optional, tag = "4")]
    pub(super) options: Option<Vec<u8>>,
    #[prost(bool, tag = "5")]
    pub(super) client_streaming: bool,
    #[prost(bool, tag = "6")]
    pub(super) server_streaming: bool,
}

/// The end is behind it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ExtensionRange {
    #[prost(int32, tag = "1")]
    pub(super) start: i32,
    #[prost(int32, tag = "2")]
    pub(super) end: i32,
    #[prost(bytes = "vec", tag = "3")]
    pub(super) options: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Message)]
pub(super) struct ReservedRange {
    #[prost(int32, tag = "1")]
    pub(super) start: i32,
    #[prost(int32, tag = "2")]
    pub(super) end: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct SourceInfo {
    #[prost(message, repeated, tag = "1")]
    pub(super) locations: Vec<Location>,
}

/// What stands at a place of the source.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Location {
    /// Field numbers and indices from the file down to it.
    #[prost(int32, repeated, tag = "1")]
    pub(super) path: Vec<i32>,
    /// Line and column where it begins, then where it ends.
    #[prost(int32, repeated, tag = "2")]
    pub(super) span: Vec<i32>,
    #[prost(string, tag = "3")]
    pub(super) leading: String,
    #[prost(string, tag = "4")]
    pub(super) trailing: String,
    #[prost(string, repeated, tag = "6")]
    pub(super) detached: Vec<String>,
}

impl Visibility {
    /// What stands in front of the definition, with a space.
    fn word(self) -> &'static str {
        match self {
            Self::Unset => "",
            Self::Local => "local ",
            Self::Export => "export ",
        }
    }
}

impl Enum {
    pub(super) fn visibility_word(&self) -> &'static str {
        self.visibility().word()
    }
}

impl Structure {
    pub(super) fn visibility_word(&self) -> &'static str {
        self.visibility().word()
    }

    /// Whether it is the entry of a map field, which the source does not show.
    pub(super) fn is_map_entry(&self) -> bool {
        MessageOptions::decode(self.options.as_slice()).is_ok_and(|options| options.map_entry())
    }

    /// Whether it is a message set.
    pub(super) fn is_set(&self) -> bool {
        MessageOptions::decode(self.options.as_slice()).is_ok_and(|options| options.message_set_wire_format())
    }
}

impl Field {
    /// The name of its type in the source, where it is a scalar.
    pub(super) fn scalar_word(&self) -> Option<&'static str> {
        Some(match Type::try_from(self.scalar?).ok()? {
            Type::Double => "double",
            Type::Float => "float",
            Type::Int64 => "int64",
            Type::Uint64 => "uint64",
            Type::Int32 => "int32",
            Type::Fixed64 => "fixed64",
            Type::Fixed32 => "fixed32",
            Type::Bool => "bool",
            Type::String => "string",
            Type::Bytes => "bytes",
            Type::Uint32 => "uint32",
            Type::Sfixed32 => "sfixed32",
            Type::Sfixed64 => "sfixed64",
            Type::Sint32 => "sint32",
            Type::Sint64 => "sint64",
            Type::Group | Type::Message | Type::Enum => return None,
        })
    }

    pub(super) fn is_group(&self) -> bool {
        self.scalar == Some(Type::Group as i32)
    }

    pub(super) fn is_repeated(&self) -> bool {
        self.label == Some(Label::Repeated as i32)
    }
}
