//! Copies of descriptors: only what a client needs, checked, and counted.

use std::{collections::BTreeSet, sync::Arc};

use prost_reflect::DescriptorPool;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumOptions, EnumValueDescriptorProto, FieldDescriptorProto,
    FieldOptions, FileDescriptorProto, MessageOptions, MethodDescriptorProto, OneofDescriptorProto,
    ServiceDescriptorProto,
    descriptor_proto::ExtensionRange,
    field_descriptor_proto::{Label, Type},
};

use super::{
    super::{
        message_set::{self, STAND_INS},
        names::{self, join},
    },
    MAX_DEFINITIONS, SchemaError, default, editions, shortened,
    spelling::{MAX_NAME, check_full_name, check_name},
};

/// What all files see of each other.
const MAX_IMPORTS: usize = 100_000;
/// Sum of the full names of all definitions, in bytes.
const MAX_NAME_BYTES: usize = 32 << 20;
const MAX_ENUM_VALUES: usize = 20_000;
const MAX_NESTING: usize = 32;
/// Each field is looked for in each range.
const MAX_EXTENSION_RANGES: usize = 500;

/// Copies descriptors, counting what they take.
#[derive(Default)]
pub(super) struct Copier {
    definitions: usize,
    name_bytes: usize,
    imports: usize,
    marks: Marks,
}

/// What is made of [marks](crate::schema::field::marks) in a file's fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Marks {
    /// The file was lowered, and they are ours.
    Meant,
    /// They were there before us.
    #[default]
    Meaningless,
}

impl Copier {
    /// A file that sees `imports`, as far as they are in the pool.
    pub(super) fn file(
        &mut self,
        file: FileDescriptorProto,
        imports: &BTreeSet<Arc<str>>,
        pool: &DescriptorPool,
    ) -> Result<FileDescriptorProto, SchemaError> {
        // Any other makes prost-reflect panic.
        let syntax = match file.syntax() {
            "" | "proto2" | editions::LOWERED => None,
            "proto3" => Some("proto3".to_owned()),
            edition if edition.starts_with("edition") => {
                let (file, edition) = (shortened(file.name()), shortened(edition));
                return Err(SchemaError::Edition { file, edition });
            }
            other => return Err(SchemaError::invalid(&format!("syntax {other:?} is not known"))),
        };
        self.marks = if file.syntax() == editions::LOWERED { Marks::Meant } else { Marks::Meaningless };
        if file.name().len() > MAX_NAME {
            return Err(SchemaError::Name { name: shortened(file.name()) });
        }
        let scope = file.package().to_owned();
        if !scope.is_empty() {
            check_full_name(&scope)?;
        }
        let dependency: Vec<String> = imports
            .iter()
            .filter(|name| pool.get_file_by_name(name).is_some())
            .map(ToString::to_string)
            .collect();
        self.imports += dependency.len();
        if self.imports > MAX_IMPORTS {
            return Err(SchemaError::TooMany { what: "imports", limit: MAX_IMPORTS });
        }
        Ok(FileDescriptorProto {
            dependency,
            message_type: each(file.message_type, |message| self.message(message, &scope, 0))?,
            enum_type: each(file.enum_type, |an_enum| self.enumeration(an_enum, &scope))?,
            extension: each(file.extension, |extension| self.extension(extension, &scope))?,
            service: each(file.service, |service| self.service(service, &scope))?,
            name: file.name,
            package: file.package,
            syntax,
            ..Default::default()
        })
    }

    fn message(
        &mut self,
        message: DescriptorProto,
        scope: &str,
        depth: usize,
    ) -> Result<DescriptorProto, SchemaError> {
        if depth == MAX_NESTING {
            return Err(SchemaError::TooMany { what: "messages inside each other", limit: MAX_NESTING });
        }
        let scope = self.name(message.name(), scope)?;
        let is_map_entry = message.options.as_ref().is_some_and(MessageOptions::map_entry);
        if is_map_entry && !is_a_map_entry(&message) {
            return Err(SchemaError::invalid(&format!("{scope} says that it is a map entry, and is none")));
        }
        if message.extension_range.len() > MAX_EXTENSION_RANGES {
            return Err(SchemaError::TooMany { what: "extension ranges", limit: MAX_EXTENSION_RANGES });
        }
        let is_set = message_set::is_set(&message);
        let oneofs = message.oneof_decl.len();
        let mut field = each(message.field, |field| self.field(field, &scope, oneofs))?;
        names::tell_apart(&mut field);
        let range =
            |range: &ExtensionRange| ExtensionRange { start: range.start, end: range.end, options: None };
        let stand_ins = is_set.then(|| ExtensionRange {
            start: Some(STAND_INS.start.cast_signed()),
            end: Some(STAND_INS.end.cast_signed()),
            options: None,
        });
        Ok(DescriptorProto {
            field,
            extension: each(message.extension, |extension| self.extension(extension, &scope))?,
            extension_range: message.extension_range.iter().map(range).chain(stand_ins).collect(),
            nested_type: each(message.nested_type, |nested| self.message(nested, &scope, depth + 1))?,
            enum_type: each(message.enum_type, |an_enum| self.enumeration(an_enum, &scope))?,
            oneof_decl: each(message.oneof_decl, |oneof| {
                self.name(oneof.name(), &scope)?;
                Ok(OneofDescriptorProto { name: oneof.name, options: None })
            })?,
            options: message.options.as_ref().and_then(options_of_message),
            name: message.name,
            ..Default::default()
        })
    }

    fn field(
        &mut self,
        field: FieldDescriptorProto,
        scope: &str,
        oneofs: usize,
    ) -> Result<FieldDescriptorProto, SchemaError> {
        let full_name = self.name(field.name(), scope)?;
        let in_oneof = field.oneof_index.is_some();
        let oneof_is_there =
            field.oneof_index.is_none_or(|index| usize::try_from(index).is_ok_and(|index| index < oneofs));
        if !oneof_is_there || (in_oneof && field.label() == Label::Repeated) {
            return Err(SchemaError::invalid(&format!("{full_name} is in a oneof that it cannot be in")));
        }
        if field.json_name().len() > MAX_NAME {
            return Err(SchemaError::Name { name: shortened(field.json_name()) });
        }
        Ok(FieldDescriptorProto {
            default_value: default::sound(&field),
            extendee: None,
            proto3_optional: field
                .proto3_optional
                .filter(|is_optional| *is_optional || self.marks == Marks::Meant),
            options: self.options(&field),
            ..field
        })
    }

    fn extension(
        &mut self,
        field: FieldDescriptorProto,
        scope: &str,
    ) -> Result<FieldDescriptorProto, SchemaError> {
        self.name(field.name(), scope)?;
        Ok(FieldDescriptorProto {
            default_value: default::sound(&field),
            oneof_index: None,
            json_name: None,
            proto3_optional: None,
            options: self.options(&field),
            ..field
        })
    }

    fn options(&self, field: &FieldDescriptorProto) -> Option<FieldOptions> {
        let options = field.options.as_ref()?;
        let weak = options.weak.filter(|_| self.marks == Marks::Meant);
        let says_something = options.packed.is_some() || weak.is_some();
        says_something.then(|| FieldOptions { packed: options.packed, weak, ..FieldOptions::default() })
    }

    fn enumeration(
        &mut self,
        an_enum: EnumDescriptorProto,
        scope: &str,
    ) -> Result<EnumDescriptorProto, SchemaError> {
        self.name(an_enum.name(), scope)?;
        if an_enum.value.len() > MAX_ENUM_VALUES {
            return Err(SchemaError::TooMany { what: "values of an enum", limit: MAX_ENUM_VALUES });
        }
        let options = an_enum.options.unwrap_or_default();
        let options = EnumOptions {
            allow_alias: options.allow_alias.filter(|is_allowed| *is_allowed),
            // The mark of whether it is closed.
            deprecated: options.deprecated.filter(|_| self.marks == Marks::Meant),
            ..EnumOptions::default()
        };
        Ok(EnumDescriptorProto {
            value: each(an_enum.value, |value| {
                // An enum's values stand beside it, not inside.
                self.name(value.name(), scope)?;
                Ok(EnumValueDescriptorProto { name: value.name, number: value.number, options: None })
            })?,
            options: (options != EnumOptions::default()).then_some(options),
            name: an_enum.name,
            ..Default::default()
        })
    }

    fn service(
        &mut self,
        service: ServiceDescriptorProto,
        scope: &str,
    ) -> Result<ServiceDescriptorProto, SchemaError> {
        let scope = self.name(service.name(), scope)?;
        Ok(ServiceDescriptorProto {
            method: each(service.method, |method| {
                self.name(method.name(), &scope)?;
                Ok(MethodDescriptorProto { options: None, ..method })
            })?,
            name: service.name,
            options: None,
        })
    }

    /// Counts a definition and says its full name.
    fn name(&mut self, name: &str, scope: &str) -> Result<String, SchemaError> {
        check_name(name)?;
        let full_name = join(scope, name);
        self.definitions += 1;
        self.name_bytes += full_name.len();
        if self.definitions > MAX_DEFINITIONS {
            return Err(SchemaError::TooMany { what: "definitions", limit: MAX_DEFINITIONS });
        }
        if self.name_bytes > MAX_NAME_BYTES {
            return Err(SchemaError::TooMany { what: "bytes of names", limit: MAX_NAME_BYTES });
        }
        Ok(full_name)
    }
}

/// What of them changes how the message is written.
fn options_of_message(options: &MessageOptions) -> Option<MessageOptions> {
    let MessageOptions { map_entry, message_set_wire_format, .. } = *options;
    let says_something = map_entry.is_some() || message_set_wire_format.is_some();
    says_something.then(|| MessageOptions { map_entry, message_set_wire_format, ..MessageOptions::default() })
}

/// `key` and `value` as the language guide has them: a scalar key that is neither floating-point nor
/// bytes, and one value.
fn is_a_map_entry(message: &DescriptorProto) -> bool {
    let [key, value] = message.field.as_slice() else { return false };
    let (key, value) = if key.number() == 1 { (key, value) } else { (value, key) };
    let key_is_scalar = key.type_name().is_empty()
        && !matches!(
            key.r#type(),
            Type::Float | Type::Double | Type::Bytes | Type::Message | Type::Group | Type::Enum
        );
    let is_single =
        |field: &FieldDescriptorProto| field.label() == Label::Optional && field.oneof_index.is_none();
    (key.number(), value.number()) == (1, 2)
        && key_is_scalar
        && is_single(key)
        && is_single(value)
        && value.r#type() != Type::Group
}

fn each<T, U>(items: Vec<T>, copy: impl FnMut(T) -> Result<U, SchemaError>) -> Result<Vec<U>, SchemaError> {
    items.into_iter().map(copy).collect()
}
