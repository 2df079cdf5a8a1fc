//! A field of a message: one of its own, or an extension, which another file adds to it.

use prost_reflect::{
    Cardinality, EnumDescriptor, EnumValueDescriptor, ExtensionDescriptor, FieldDescriptor, Kind,
    MessageDescriptor, OneofDescriptor, Syntax, Value,
};
use prost_types::{FieldDescriptorProto, field_descriptor_proto::Label};

use super::protobuf::WireType;

/// A field or an extension.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Field {
    Own(FieldDescriptor),
    Extension(ExtensionDescriptor),
}

/// The same question to either.
macro_rules! of_either {
    ($self:ident.$ask:ident()) => {
        match $self {
            Field::Own(field) => field.$ask(),
            Field::Extension(extension) => extension.$ask(),
        }
    };
}

impl Field {
    /// The field of this number, as it is on the wire.
    pub(super) fn by_number(message: &MessageDescriptor, number: u32) -> Option<Self> {
        let own = message.get_field(number).map(Self::Own);
        own.or_else(|| Self::extension(message, number))
    }

    /// The extension of this number.
    pub(super) fn extension(message: &MessageDescriptor, number: u32) -> Option<Self> {
        Self::extensions(message).find(|extension| extension.number() == number)
    }

    /// The field that a JSON key means: `byName`, `by_name` or `[pkg.extension]`.
    pub(super) fn by_key(message: &MessageDescriptor, key: &str) -> Option<Self> {
        if key.starts_with('[') {
            return message.get_extension_by_json_name(key).map(Self::Extension);
        }
        let own = message.get_field_by_json_name(key).or_else(|| message.get_field_by_name(key));
        own.map(Self::Own)
    }

    /// Whether its JSON key means this field of a message, and no other.
    pub(super) fn has_key(&self, message: &MessageDescriptor) -> bool {
        Self::by_key(message, self.json_name()).as_ref() == Some(self)
    }

    /// A message's own fields in the order of their declaration.
    pub(super) fn declared(message: &MessageDescriptor) -> impl Iterator<Item = Self> {
        let names = message.descriptor_proto().field.iter();
        names.filter_map(|field| message.get_field_by_name(field.name())).map(Self::Own)
    }

    /// What other files add to a message.
    pub(super) fn extensions(message: &MessageDescriptor) -> impl Iterator<Item = Self> {
        message.extensions().map(Self::Extension)
    }

    pub(super) fn number(&self) -> u32 {
        match self {
            Self::Own(field) => field.number(),
            Self::Extension(extension) => {
                marks::number(extension.field_descriptor_proto()).unwrap_or_else(|| extension.number())
            }
        }
    }

    /// As it is declared: `by_name`; an extension in its JSON form, `[pkg.extension]`.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Own(field) => field.name(),
            Self::Extension(extension) => extension.json_name(),
        }
    }

    /// Its key in JSON: `byName`, `[pkg.extension]`.
    pub(super) fn json_name(&self) -> &str {
        of_either!(self.json_name())
    }

    pub(super) fn kind(&self) -> Kind {
        of_either!(self.kind())
    }

    /// Repeated, and no map.
    pub(super) fn is_list(&self) -> bool {
        of_either!(self.is_list())
    }

    pub(super) fn is_map(&self) -> bool {
        of_either!(self.is_map())
    }

    pub(super) fn is_group(&self) -> bool {
        of_either!(self.is_group())
    }

    pub(super) fn is_packed(&self) -> bool {
        of_either!(self.is_packed())
    }

    pub(super) fn is_required(&self) -> bool {
        of_either!(self.cardinality()) == Cardinality::Required
    }

    /// The fields that a message must have, in the order of their declaration.
    pub(super) fn required(message: &MessageDescriptor) -> impl Iterator<Item = Self> {
        // Asked of each message that is read or written; nearly all have none.
        let declared = message.descriptor_proto().field.iter();
        let required = declared.filter(|field| field.label() == Label::Required);
        required.filter_map(|field| message.get_field_by_name(field.name())).map(Self::Own)
    }

    /// Whether null is a value of it; for all others it is none.
    pub(super) fn takes_null(&self) -> bool {
        !self.is_list() && !self.is_map() && is_null_value(&self.kind())
    }

    /// Whether a default value that was set is told from one that was not.
    pub(super) fn has_presence(&self) -> bool {
        match self {
            Self::Own(field) if field.containing_oneof().is_none() => {
                field.supports_presence() && !marks::is_implicit(field.field_descriptor_proto())
            }
            Self::Own(_) => true,
            Self::Extension(extension) => extension.supports_presence(),
        }
    }

    /// Whether its strings are UTF-8 by contract: in proto3 they are, in proto2 only by custom.
    pub(super) fn is_checked(&self) -> bool {
        let (declared, file) = match self {
            Self::Own(field) => (field.field_descriptor_proto(), field.parent_file()),
            Self::Extension(extension) => (extension.field_descriptor_proto(), extension.parent_file()),
        };
        marks::is_checked(declared).unwrap_or_else(|| file.syntax() == Syntax::Proto3)
    }

    pub(super) fn oneof(&self) -> Option<OneofDescriptor> {
        match self {
            Self::Own(field) => field.containing_oneof(),
            Self::Extension(_) => None,
        }
    }

    /// What it holds where nothing is set, by declaration or by its kind.
    pub(super) fn default_value(&self) -> Value {
        of_either!(self.default_value())
    }

    /// Its type as it is declared: `repeated string`, `map<string, pkg.Message>`.
    pub(super) fn in_words(&self) -> String {
        match self.kind() {
            Kind::Message(entry) if self.is_map() => {
                let (key, value) = (entry.map_entry_key_field(), entry.map_entry_value_field());
                format!("map<{}, {}>", Self::Own(key).in_words(), Self::Own(value).in_words())
            }
            kind if self.is_list() => format!("repeated {}", name_of(&kind)),
            kind => name_of(&kind),
        }
    }

    /// The wire type of one value.
    pub(super) fn wire_type(&self) -> WireType {
        match self.kind() {
            Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => WireType::Fixed64,
            Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => WireType::Fixed32,
            Kind::Message(_) if self.is_group() => WireType::Group,
            Kind::String | Kind::Bytes | Kind::Message(_) => WireType::Length,
            Kind::Int32
            | Kind::Int64
            | Kind::Uint32
            | Kind::Uint64
            | Kind::Sint32
            | Kind::Sint64
            | Kind::Bool
            | Kind::Enum(_) => WireType::Varint,
        }
    }
}

/// The JSON key of a field by its number. Where a name is that very number, the key has zeros before it.
pub(super) fn number_key(message: Option<&MessageDescriptor>, number: u32) -> String {
    let mut key = number.to_string();
    while message.is_some_and(|message| Field::by_key(message, &key).is_some()) {
        key.insert(0, '0');
    }
    key
}

/// Whether an enum has no value but those that are declared: a field with another has none, and the number is an
/// unknown field (<https://protobuf.dev/programming-guides/enum/>).
pub(super) fn is_closed(descriptor: &EnumDescriptor) -> bool {
    let is_of_proto2 = || descriptor.parent_file().syntax() == Syntax::Proto2;
    marks::is_closed(descriptor.enum_descriptor_proto()).unwrap_or_else(is_of_proto2)
}

/// Whether null is a value of this kind.
pub(super) fn is_null_value(kind: &Kind) -> bool {
    match kind {
        Kind::Message(descriptor) => descriptor.full_name() == "google.protobuf.Value",
        Kind::Enum(descriptor) => descriptor.full_name() == "google.protobuf.NullValue",
        _ => false,
    }
}

/// The member of a JSON object that says that a required field is left out: null, or, where that would be a value
/// or its key is not its own, its number with no values.
pub(super) fn left_out(message: &MessageDescriptor, field: &Field) -> (String, &'static str) {
    if field.takes_null() || !field.has_key(message) {
        (number_key(Some(message), field.number()), "[]")
    } else {
        (field.json_name().to_owned(), "null")
    }
}

/// An enum's values in the order of their declaration.
pub(super) fn values_of(descriptor: &EnumDescriptor) -> impl Iterator<Item = EnumValueDescriptor> {
    let names = descriptor.enum_descriptor_proto().value.iter();
    names.filter_map(|value| descriptor.get_value_by_name(value.name()))
}

fn name_of(kind: &Kind) -> String {
    match kind {
        Kind::Message(descriptor) => descriptor.full_name().to_owned(),
        Kind::Enum(descriptor) => descriptor.full_name().to_owned(),
        Kind::Double => "double".to_owned(),
        Kind::Float => "float".to_owned(),
        Kind::Int32 => "int32".to_owned(),
        Kind::Int64 => "int64".to_owned(),
        Kind::Uint32 => "uint32".to_owned(),
        Kind::Uint64 => "uint64".to_owned(),
        Kind::Sint32 => "sint32".to_owned(),
        Kind::Sint64 => "sint64".to_owned(),
        Kind::Fixed32 => "fixed32".to_owned(),
        Kind::Fixed64 => "fixed64".to_owned(),
        Kind::Sfixed32 => "sfixed32".to_owned(),
        Kind::Sfixed64 => "sfixed64".to_owned(),
        Kind::Bool => "bool".to_owned(),
        Kind::String => "string".to_owned(),
        Kind::Bytes => "bytes".to_owned(),
    }
}

/// What prost-reflect's descriptors have no place for, kept where they have room that nobody uses: what an edition can
/// say of a field and proto2 cannot, and numbers that only an extension of a message set has. Descriptors are copied
/// before they are used, so nobody else writes there.
pub(super) mod marks {
    use prost_types::{EnumDescriptorProto, EnumOptions, FieldOptions};

    use super::FieldDescriptorProto;

    /// The field has no presence, as in proto3.
    pub(in crate::schema) fn set_implicit(field: &mut FieldDescriptorProto) {
        field.proto3_optional = Some(false);
    }

    pub(super) fn is_implicit(field: &FieldDescriptorProto) -> bool {
        field.proto3_optional == Some(false)
    }

    /// Whether the field's strings must be UTF-8, whatever the file's syntax says.
    pub(in crate::schema) fn set_checked(options: &mut FieldOptions, is_checked: Checked) {
        options.weak = Some(is_checked == Checked::No);
    }

    pub(super) fn is_checked(field: &FieldDescriptorProto) -> Option<bool> {
        field.options.as_ref()?.weak.map(|is_unchecked| !is_unchecked)
    }

    /// The number of an extension, where the one that it was given stands for another.
    pub(in crate::schema) fn set_number(options: &mut FieldOptions, number: u32) {
        options.ctype = i32::try_from(number).ok();
    }

    pub(super) fn number(extension: &FieldDescriptorProto) -> Option<u32> {
        extension.options.as_ref()?.ctype.and_then(|number| u32::try_from(number).ok())
    }

    /// Whether an enum is closed, whatever the file's syntax says.
    pub(in crate::schema) fn set_enums(options: &mut EnumOptions, enums: Enums) {
        options.deprecated = Some(enums == Enums::Closed);
    }

    pub(super) fn is_closed(an_enum: &EnumDescriptorProto) -> Option<bool> {
        an_enum.options.as_ref()?.deprecated
    }

    /// Whether an enum has the numbers that it names alone.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(in crate::schema) enum Enums {
        Open,
        Closed,
    }

    /// Whether strings must be UTF-8.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(in crate::schema) enum Checked {
        Yes,
        No,
    }
}
