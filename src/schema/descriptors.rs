//! Descriptors, whoever they are from, made into a pool that can be trusted.
//!
//! A server that answers reflection hands us what it likes, and prost-reflect was written for the
//! output of a compiler: editions, a cycle of public imports, a map entry without a key or an odd
//! default value make it panic or never return. So each file is copied first, and only what a client
//! needs to call and to read: no options, defaults, extensions, reserved ranges. Imports say nothing
//! but which names are visible; they are flattened, and one that is not there is missed only by a
//! name that is not found.

mod size;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use prost::Message as _;
use prost_reflect::DescriptorPool;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumOptions, EnumValueDescriptorProto, FieldDescriptorProto,
    FieldOptions, FileDescriptorProto, MessageOptions, MethodDescriptorProto, OneofDescriptorProto,
    ServiceDescriptorProto,
    field_descriptor_proto::{Label, Type},
};

/// Why descriptors cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// A file is in a protobuf edition.
    #[error("{file} uses protobuf editions, which are not supported yet")]
    Editions {
        /// The file's name.
        file: String,
    },
    /// What stands where a name should is none.
    #[error("{name:?} is no protobuf name")]
    Name {
        /// What stands there, cut to a readable length.
        name: String,
    },
    /// There is more than is taken.
    #[error("more than {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are taken.
        limit: usize,
    },
    /// The descriptors contradict themselves or each other.
    #[error("{cause}")]
    Invalid {
        /// How.
        cause: String,
    },
    /// The bytes are no descriptor.
    #[error("not a descriptor: {0}")]
    Undecodable(#[from] prost::DecodeError),
}

impl SchemaError {
    pub(super) fn invalid(cause: &impl ToString) -> Self {
        Self::Invalid { cause: shortened(&cause.to_string()) }
    }
}

/// Files that are taken at once.
pub(super) const MAX_FILES: usize = 1_000;
const MAX_DEFINITIONS: usize = 100_000;
const MAX_IMPORTS: usize = 20_000;
/// Sum of the full names of all definitions, in bytes.
const MAX_NAME_BYTES: usize = 32 << 20;
const MAX_NAME: usize = 256;
const MAX_ENUM_VALUES: usize = 20_000;
const MAX_NESTING: usize = 32;

/// A pool of the files that could be used, and why the others could not.
pub(super) struct Built {
    pub(super) pool: DescriptorPool,
    /// File names with the reason.
    pub(super) left_out: HashMap<String, SchemaError>,
}

/// Builds a pool of `files` on top of the well-known types. Of files with the same name the first
/// counts, and the well-known ones are never exchanged.
pub(super) fn build(files: Vec<FileDescriptorProto>) -> Built {
    let mut built = Built { pool: DescriptorPool::global(), left_out: HashMap::new() };
    let mut limits = Limits::default();
    let (files, excess) = in_order_of_import(files);
    for name in excess {
        let error = SchemaError::TooMany { what: "files", limit: MAX_FILES };
        built.left_out.insert(name, error);
    }
    let mut visible: HashMap<String, BTreeSet<Arc<str>>> = HashMap::new();
    for file in files {
        let name = file.name().to_owned();
        let (imports, exports) = flattened(&file, &visible);
        let added = limits.file(file, &imports, &built.pool).and_then(|file| {
            built.pool.add_file_descriptor_proto(file).map_err(|error| SchemaError::invalid(&error))
        });
        match added {
            Ok(()) => drop(visible.insert(name, exports)),
            Err(error) => drop(built.left_out.insert(name, error)),
        }
    }
    built
}

/// Decodes a `FileDescriptorProto`, unless it holds more than is taken: a definition of two bytes takes
/// hundreds when it is decoded.
pub(super) fn decode_file(bytes: &[u8]) -> Result<FileDescriptorProto, SchemaError> {
    size::check(bytes)?;
    Ok(FileDescriptorProto::decode(bytes)?)
}

/// Each file behind what it imports; a cycle is cut where it closes. Also the names of the files
/// that were too many.
fn in_order_of_import(files: Vec<FileDescriptorProto>) -> (Vec<FileDescriptorProto>, Vec<String>) {
    let mut waiting: HashMap<String, FileDescriptorProto> = HashMap::new();
    let (mut names, mut excess) = (Vec::new(), Vec::new());
    for file in files {
        let name = file.name().to_owned();
        if waiting.contains_key(&name) {
            continue;
        }
        if names.len() == MAX_FILES {
            excess.push(name);
            continue;
        }
        names.push(name.clone());
        waiting.insert(name, file);
    }
    let mut ordered = Vec::with_capacity(names.len());
    for root in &names {
        let mut path: Vec<_> = waiting.remove(root).map(|file| (file, 0)).into_iter().collect();
        while let Some((file, next_import)) = path.last_mut() {
            let import = file.dependency.get(*next_import).and_then(|import| waiting.remove(import));
            let is_done = *next_import >= file.dependency.len();
            *next_import += 1;
            path.extend(import.map(|file| (file, 0)));
            if is_done {
                ordered.extend(path.pop().map(|(file, _)| file));
            }
        }
    }
    (ordered, excess)
}

/// What a file sees through its imports, and what an importer of it sees.
fn flattened(
    file: &FileDescriptorProto,
    visible: &HashMap<String, BTreeSet<Arc<str>>>,
) -> (BTreeSet<Arc<str>>, BTreeSet<Arc<str>>) {
    let mut imports = BTreeSet::new();
    let mut exports = BTreeSet::from([Arc::from(file.name())]);
    for (index, import) in file.dependency.iter().enumerate() {
        let Some(seen) = visible.get(import) else {
            // A well-known file, or one that is not there.
            imports.insert(Arc::from(import.as_str()));
            continue;
        };
        imports.extend(seen.iter().cloned());
        if file.public_dependency.iter().any(|public| usize::try_from(*public) == Ok(index)) {
            exports.extend(seen.iter().cloned());
        }
        if imports.len() > MAX_IMPORTS {
            break;
        }
    }
    (imports, exports)
}

/// Copies descriptors, counting what they take.
#[derive(Default)]
struct Limits {
    definitions: usize,
    name_bytes: usize,
    imports: usize,
}

impl Limits {
    fn file(
        &mut self,
        file: FileDescriptorProto,
        imports: &BTreeSet<Arc<str>>,
        pool: &DescriptorPool,
    ) -> Result<FileDescriptorProto, SchemaError> {
        if file.syntax.as_deref() == Some("editions") {
            return Err(SchemaError::Editions { file: shortened(file.name()) });
        }
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
            service: each(file.service, |service| self.service(service, &scope))?,
            name: file.name,
            package: file.package,
            syntax: file.syntax,
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
        let oneofs = message.oneof_decl.len();
        Ok(DescriptorProto {
            field: each(message.field, |field| self.field(field, &scope, oneofs))?,
            nested_type: each(message.nested_type, |nested| self.message(nested, &scope, depth + 1))?,
            enum_type: each(message.enum_type, |an_enum| self.enumeration(an_enum, &scope))?,
            oneof_decl: each(message.oneof_decl, |oneof| {
                self.name(oneof.name(), &scope)?;
                Ok(OneofDescriptorProto { name: oneof.name, options: None })
            })?,
            options: is_map_entry
                .then(|| MessageOptions { map_entry: Some(true), ..MessageOptions::default() }),
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
        let packed = field.options.as_ref().and_then(|options| options.packed);
        Ok(FieldDescriptorProto {
            default_value: None,
            extendee: None,
            options: packed.map(|packed| FieldOptions { packed: Some(packed), ..FieldOptions::default() }),
            ..field
        })
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
        let allow_alias = an_enum.options.as_ref().is_some_and(EnumOptions::allow_alias);
        Ok(EnumDescriptorProto {
            value: each(an_enum.value, |value| {
                // An enum's values stand beside it, not inside.
                self.name(value.name(), scope)?;
                Ok(EnumValueDescriptorProto { name: value.name, number: value.number, options: None })
            })?,
            options: allow_alias.then(|| EnumOptions { allow_alias: Some(true), ..EnumOptions::default() }),
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
        let full_name = if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") };
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

/// Checks a name with its package, as a server lists it.
pub(super) fn check_full_name(name: &str) -> Result<(), SchemaError> {
    name.split('.').try_for_each(check_name).map_err(|_| SchemaError::Name { name: shortened(name) })
}

/// Whether a file of this name is here already, whatever anybody says is in it.
pub(super) fn is_well_known(file: &str) -> bool {
    DescriptorPool::global().get_file_by_name(file).is_some()
}

fn check_name(name: &str) -> Result<(), SchemaError> {
    let is_identifier = name.len() <= MAX_NAME
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_identifier { Ok(()) } else { Err(SchemaError::Name { name: shortened(name) }) }
}

fn each<T, U>(items: Vec<T>, copy: impl FnMut(T) -> Result<U, SchemaError>) -> Result<Vec<U>, SchemaError> {
    items.into_iter().map(copy).collect()
}

/// Foreign words that go into an error.
fn shortened(text: &str) -> String {
    const READABLE: usize = 200;
    let end = text.floor_char_boundary(READABLE);
    if end < text.len() { format!("{}…", &text[..end]) } else { text.to_owned() }
}
