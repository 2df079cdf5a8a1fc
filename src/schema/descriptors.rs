//! Descriptors, whoever they are from, made into a pool that can be trusted.
//!
//! A server that answers reflection hands us what it likes, and prost-reflect was written for the
//! output of a compiler: editions, a cycle of public imports, a map entry without a key or an odd
//! default value make it panic or never return. So each file is copied first, and only what a client
//! needs to call and to read: no options, no reserved ranges, no default that cannot be read. Imports say
//! nothing but which names are visible; they are flattened, and one that is not there is missed only by
//! a name that is not found. Editions are lowered before they are copied, extensions added behind all.

mod copy;
mod default;
mod editions;
mod extensions;
mod size;
mod spelling;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, LazyLock},
};

use prost::Message as _;
use prost_reflect::DescriptorPool;
use prost_types::FileDescriptorProto;

use self::copy::Copier;
pub(super) use self::spelling::{check_full_name, check_name};
use super::{
    names,
    protobuf::{Raw, Reader},
};

/// Why descriptors cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// A file is in a protobuf edition of which the meaning is not known here.
    #[error("{file} is in {edition}, which is not known: 2023 and 2024 are")]
    Edition {
        /// The file's name.
        file: String,
        /// `edition 2026`.
        edition: String,
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
    /// A file needs another that is not there.
    #[error("{cause}: {file} imports {import}, which is not there")]
    Import {
        /// What is missed.
        cause: String,
        /// The file's name.
        file: String,
        /// The other's.
        import: String,
    },
    /// The bytes are no descriptor.
    #[error("not a descriptor: {cause}")]
    Undecodable {
        /// What is wrong with them.
        cause: String,
    },
}

impl SchemaError {
    /// What to do about it where it is said of a descriptor set, if that is known: the rest of a sentence.
    pub fn to_do(&self) -> &'static str {
        match self {
            Self::Import { .. } => "; make the set with `protoc --include_imports`",
            _ => "",
        }
    }

    pub(super) fn invalid(cause: &impl ToString) -> Self {
        Self::Invalid { cause: shortened(&cause.to_string()) }
    }

    fn undecodable(cause: &impl ToString) -> Self {
        Self::Undecodable { cause: shortened(&cause.to_string()) }
    }
}

impl From<prost::DecodeError> for SchemaError {
    fn from(error: prost::DecodeError) -> Self {
        Self::undecodable(&error)
    }
}

/// Files that are taken at once.
pub(super) const MAX_FILES: usize = 1_000;
const MAX_DEFINITIONS: usize = 100_000;

/// A pool of the files that could be used, and why the others could not.
pub(super) struct Built {
    pub(super) pool: DescriptorPool,
    /// File names with the reason.
    pub(super) left_out: HashMap<String, SchemaError>,
}

/// Builds a pool of `files` on top of `base`. Of files with the same name the first counts, and those of types with
/// JSON forms of their own are never taken: who may need them has them in the base, [`canonical`].
pub(super) fn build(base: DescriptorPool, files: Vec<FileDescriptorProto>) -> Built {
    let mut built = Built { pool: base, left_out: HashMap::new() };
    let mut copier = Copier::default();
    let (files, excess) = in_order_of_import(files);
    for name in excess {
        let error = SchemaError::TooMany { what: "files", limit: MAX_FILES };
        built.left_out.insert(name, error);
    }
    let mut visible: HashMap<String, BTreeSet<Arc<str>>> = HashMap::new();
    let (base, mut whole) = (built.pool.clone(), Vec::new());
    for file in files {
        let name = file.name().to_owned();
        if is_canonical(&name) {
            continue;
        }
        let (imports, exports) = flattened(&file, &visible);
        let missing = missing(&file, &built.pool);
        let added = copier.file(file, &imports, &built.pool).and_then(|file| {
            let plain = extensions::without(&file);
            built.pool.add_file_descriptor_proto(plain).map_err(|error| SchemaError::invalid(&error))?;
            Ok(file)
        });
        match added {
            Ok(file) => {
                visible.insert(name, exports);
                whole.push(file);
            }
            Err(SchemaError::Invalid { cause }) if let Some(import) = missing => {
                let error = SchemaError::Import { cause, file: shortened(&name), import };
                built.left_out.insert(name, error);
            }
            Err(error) => drop(built.left_out.insert(name, error)),
        }
    }
    if let Some(extended) = extensions::extended(base, whole, &built.pool) {
        built.pool = extended;
    }
    built
}

/// What a file imports and is not there.
fn missing(file: &FileDescriptorProto, pool: &DescriptorPool) -> Option<String> {
    file.dependency
        .iter()
        .find(|import| pool.get_file_by_name(import).is_none())
        .map(|import| shortened(import))
}

/// The encoded files of an encoded `FileDescriptorSet`.
pub(super) fn split_set(bytes: &[u8]) -> Result<Vec<Vec<u8>>, SchemaError> {
    let (mut reader, mut steps) = (Reader::new(bytes), bytes.len());
    let mut files = Vec::new();
    while let Some(field) = reader.field(&mut steps).map_err(|error| SchemaError::undecodable(&error))? {
        if let (1, Raw::Length(file)) = (field.number, field.raw) {
            files.push(readable(file.bytes));
        }
    }
    Ok(files)
}

/// A file without its comments, where these make it one that cannot be read: compilers copy those of other encodings.
fn readable(file: &[u8]) -> Vec<u8> {
    /// The number of `source_code_info`.
    const SOURCE_INFO: u32 = 9;
    if FileDescriptorProto::decode(file).is_ok() {
        return file.to_vec();
    }
    let (mut reader, mut steps, mut rest) = (Reader::new(file), file.len(), Vec::new());
    while let Ok(Some(field)) = reader.field(&mut steps) {
        if field.number != SOURCE_INFO {
            rest.extend_from_slice(&file[field.offset..field.offset + field.length]);
        }
    }
    if FileDescriptorProto::decode(rest.as_slice()).is_ok() { rest } else { file.to_vec() }
}

/// Decodes each file of a set.
pub(super) fn decode_all(files: &[Vec<u8>]) -> Result<Vec<FileDescriptorProto>, SchemaError> {
    files.iter().map(|file| decode_file(file)).collect()
}

/// The well-known types. They take some milliseconds to make, once.
pub(super) fn well_known() -> DescriptorPool {
    DescriptorPool::global()
}

/// An error where an encoded `FileDescriptorProto` holds more than is taken: a definition of two bytes
/// takes hundreds when it is decoded.
pub(super) fn check_size(file: &[u8]) -> Result<(), SchemaError> {
    size::check(file)
}

/// Decodes a `FileDescriptorProto` of a size that is taken.
pub(super) fn decode_file(bytes: &[u8]) -> Result<FileDescriptorProto, SchemaError> {
    check_size(bytes)?;
    let mut file = FileDescriptorProto::decode(bytes)?;
    editions::lower(&mut file, bytes)?;
    Ok(file)
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
    let public: HashSet<usize> =
        file.public_dependency.iter().filter_map(|index| usize::try_from(*index).ok()).collect();
    let mut imports = BTreeSet::new();
    let mut exports = BTreeSet::from([Arc::from(file.name())]);
    let mut looked_at = HashSet::new();
    for (index, import) in file.dependency.iter().enumerate() {
        let is_public = public.contains(&index);
        if !looked_at.insert((import, is_public)) {
            continue;
        }
        let Some(seen) = visible.get(import) else {
            // A well-known file, or one that is not there.
            imports.insert(Arc::from(import.as_str()));
            continue;
        };
        imports.extend(seen.iter().cloned());
        if is_public {
            exports.extend(seen.iter().cloned());
        }
    }
    (imports, exports)
}

/// The files of the types that have JSON forms of their own. The program knows what is in them: nobody may exchange
/// them.
const CANONICAL: [&str; 7] = [
    "google/protobuf/any.proto",
    "google/protobuf/duration.proto",
    "google/protobuf/empty.proto",
    "google/protobuf/field_mask.proto",
    "google/protobuf/struct.proto",
    "google/protobuf/timestamp.proto",
    "google/protobuf/wrappers.proto",
];

/// These types, and nothing else.
pub(super) fn canonical() -> DescriptorPool {
    static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
        let (mut pool, well_known) = (DescriptorPool::new(), well_known());
        let files = well_known.file_descriptor_protos().filter(|file| is_canonical(file.name()));
        // They import nothing, and a test's business is that they are taken.
        let _taken = pool.add_file_descriptor_protos(files.cloned());
        pool
    });
    POOL.clone()
}

/// The other well-known files, for where nobody brings them: those that others bring may be newer.
pub(super) fn not_canonical() -> impl Iterator<Item = FileDescriptorProto> {
    let pool = well_known();
    let files: Vec<_> = pool.file_descriptor_protos().cloned().collect();
    files.into_iter().filter(|file| !is_canonical(file.name()))
}

/// Whether what is in a file of this name is the program's to say.
pub(super) fn is_canonical(file: &str) -> bool {
    CANONICAL.contains(&file)
}

/// Whether a file of this name is one of Google's own, which everybody knows.
pub(super) fn is_well_known(file: &str) -> bool {
    file.starts_with("google/protobuf/") && well_known().get_file_by_name(file).is_some()
}

/// Foreign words that go into an error.
fn shortened(text: &str) -> String {
    const READABLE: usize = 200;
    names::shortened(text, READABLE)
}
