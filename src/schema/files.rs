//! Proto files as they were compiled: what they define, and their source again.
//!
//! A pool of descriptors that can be trusted keeps only what a call needs; here is all of it, options,
//! defaults, extensions and comments too, and it is for reading alone. Source that comes out of here
//! compiles to the descriptors that went in (tests compile it), and is safe for a terminal: names are
//! checked, texts escaped, comments marked where something would hide in them.

mod print;
mod raw;
mod symbols;

use std::collections::{BTreeSet, HashMap};

use prost::Message as _;
use prost_types::FileDescriptorProto;

use self::symbols::{Sort, Symbols};
use super::{
    SchemaError,
    descriptors::{self, MAX_FILES},
    find::{near_words, nearest_of},
    names::join,
};

/// What a file defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Definition {
    /// A service.
    Service,
    /// A message.
    Message,
    /// An enum.
    Enum,
}

impl Definition {
    /// `service`, `message`, `enum`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Message => "message",
            Self::Enum => "enum",
        }
    }
}

/// Why there is no source of what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DescribeError {
    /// Nothing is called so.
    #[error("there is no {symbol}{}", near_words(.near))]
    Unknown {
        /// What was asked for.
        symbol: String,
        /// What is called nearly so, the nearest first.
        near: Vec<String>,
    },
    /// The end of more than one name.
    #[error("{symbol} is ambiguous: {}", .names.join(" or "))]
    Ambiguous {
        /// What was asked for.
        symbol: String,
        /// The first of them, whole.
        names: Vec<String>,
    },
    /// A package is no definition.
    #[error("{0} is a package: ask for something in it")]
    Package(String),
    /// What the files say cannot be written.
    #[error(transparent)]
    Unprintable(#[from] SchemaError),
}

/// Proto files by their names, and what they declare. The well-known ones are always among them.
#[derive(Debug)]
pub struct Files {
    all: Vec<raw::File>,
    by_name: HashMap<String, usize>,
    symbols: Symbols,
    /// Where an extension is declared, by the message that it extends and its number.
    extensions: HashMap<(String, i32), Extension>,
    left_out: Vec<SchemaError>,
}

/// An extension, and its full name.
#[derive(Debug, Clone)]
struct Extension {
    full_name: String,
    field: raw::Field,
}

#[derive(Clone, PartialEq, prost::Message)]
struct FileSet {
    #[prost(bytes = "vec", repeated, tag = "1")]
    files: Vec<Vec<u8>>,
}

impl Files {
    /// The files of the contracts that the program itself brings.
    pub fn built_in() -> Self {
        let mut files = Self::canonical();
        let set = include_bytes!(concat!(env!("OUT_DIR"), "/greeter.binpb"));
        for file in FileSet::decode(&set[..]).unwrap_or_default().files {
            // That they can be taken is a test's business.
            let _ = files.add(&file);
        }
        files.with_all_well_known()
    }

    /// The files of an encoded `FileDescriptorSet`.
    pub fn from_descriptor_set(bytes: &[u8]) -> Result<Self, SchemaError> {
        let mut files = Self::canonical();
        FileSet::decode(bytes)?.files.iter().try_for_each(|file| files.add(file))?;
        Ok(files.with_all_well_known())
    }

    /// The files that nobody may exchange, alone.
    pub(super) fn canonical() -> Self {
        let files = Self {
            all: Vec::new(),
            by_name: HashMap::new(),
            symbols: Symbols::default(),
            extensions: HashMap::new(),
            left_out: Vec::new(),
        };
        files.taking(descriptors::canonical().file_descriptor_protos().cloned())
    }

    /// The other well-known ones too, as far as nobody brought them.
    #[must_use]
    pub(super) fn with_all_well_known(self) -> Self {
        self.taking(descriptors::not_canonical())
    }

    fn taking(mut self, files: impl Iterator<Item = FileDescriptorProto>) -> Self {
        for file in files {
            // That they can be taken is a test's business.
            if let Ok(file) = raw::File::decode(file.encode_to_vec().as_slice()) {
                let _ = self.take(file);
            }
        }
        self
    }

    /// Takes in an encoded `FileDescriptorProto`. Of files with one name the first counts, and of
    /// definitions with one name too.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<(), SchemaError> {
        descriptors::check_size(bytes)?;
        self.take(raw::File::decode(bytes)?)
    }

    /// Takes in a file, or remembers why it cannot.
    pub(super) fn add_or_tell(&mut self, bytes: &[u8]) {
        let added = self.add(bytes);
        self.left_out.extend(added.err());
    }

    /// Why files are missing that should be here.
    pub fn left_out(&self) -> &[SchemaError] {
        &self.left_out
    }

    fn take(&mut self, file: raw::File) -> Result<(), SchemaError> {
        if self.by_name.contains_key(&file.name) {
            return Ok(());
        }
        if self.all.len() > MAX_FILES {
            return Err(SchemaError::TooMany { what: "files", limit: MAX_FILES });
        }
        self.symbols.declare(&file, self.all.len())?;
        self.take_extensions(&file.extensions, &file.package);
        let mut open: Vec<(&raw::Structure, String)> =
            file.messages.iter().map(|message| (message, join(&file.package, &message.name))).collect();
        while let Some((message, scope)) = open.pop() {
            self.take_extensions(&message.extensions, &scope);
            open.extend(message.nested.iter().map(|nested| (nested, join(&scope, &nested.name))));
        }
        self.by_name.insert(file.name.clone(), self.all.len());
        self.all.push(file);
        Ok(())
    }

    fn take_extensions(&mut self, extensions: &[raw::Field], scope: &str) {
        for field in extensions {
            let Some(extendee) = field.extendee.strip_prefix('.') else { continue };
            let full_name = join(scope, &field.name);
            let extension = Extension { full_name, field: field.clone() };
            self.extensions.entry((extendee.to_owned(), field.number)).or_insert(extension);
        }
    }

    /// The names of the files, but for the well-known ones.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.all.iter().map(|file| file.name.as_str());
        names.filter(|name| !descriptors::is_well_known(name))
    }

    /// All services, messages and enums by their full names, in the order of these. Entries of map
    /// fields are none, and the well-known files' own are not among them.
    pub fn definitions(&self) -> impl Iterator<Item = (Definition, &str)> {
        self.symbols.iter().filter_map(|(name, symbol)| {
            let definition = match symbol.sort {
                Sort::Service => Definition::Service,
                Sort::Message if self.message(name).is_some_and(raw::Structure::is_map_entry) => return None,
                Sort::Message => Definition::Message,
                Sort::Enum => Definition::Enum,
                _ => return None,
            };
            let file = self.all.get(symbol.place?.file)?;
            (!descriptors::is_well_known(&file.name)).then_some((definition, name))
        })
    }

    /// Proto source of what is called `symbol`: a service, a method, a message, an enum or what is in
    /// them, by its full name or the end of it; or a file by its name, whole.
    ///
    /// It is a whole file and compiles. Of a definition's file it has the definition first, then what
    /// that needs; of a part, such as a method, as much of what it stands in as shows where it stands.
    pub fn describe(&self, symbol: &str) -> Result<String, DescribeError> {
        if let Some(file) = self.by_name.get(symbol) {
            return Ok(print::file(self, *file)?);
        }
        let name = self.full_name(symbol)?;
        match self.symbols.get(&name).and_then(|symbol| symbol.place) {
            Some(place) => Ok(print::definition(self, place, &name)?),
            None => Err(DescribeError::Package(name)),
        }
    }

    /// The full name that is meant: `/a.S/M` and `.a.S.M` are `a.S.M`, as `M` is if nothing else ends so.
    fn full_name(&self, symbol: &str) -> Result<String, DescribeError> {
        const SHOWN: usize = 8;
        let name = symbol.trim_start_matches(['/', '.']).replace('/', ".");
        if self.symbols.get(&name).is_some() {
            return Ok(name);
        }
        let end = format!(".{name}");
        let named =
            self.symbols.iter().filter(|(full_name, _)| !name.is_empty() && full_name.ends_with(&end));
        let (types, parts): (Vec<_>, Vec<_>) = named.partition(|(_, symbol)| {
            matches!(symbol.sort, Sort::Service | Sort::Message | Sort::Enum | Sort::Method)
        });
        // A message is rather meant than a field of the same name.
        let named = if types.is_empty() { parts } else { types };
        match named.as_slice() {
            [] => Err(DescribeError::Unknown { symbol: symbol.to_owned(), near: self.near(&name) }),
            [(only, _)] => Ok((*only).to_owned()),
            several => Err(DescribeError::Ambiguous {
                symbol: symbol.to_owned(),
                names: several.iter().take(SHOWN).map(|(name, _)| (*name).to_owned()).collect(),
            }),
        }
    }

    /// What is called nearly so: whole names where there is a dot in it, else their last parts.
    fn near(&self, name: &str) -> Vec<String> {
        let is_whole = name.contains('.');
        let named = self.symbols.iter().filter(|(_, symbol)| {
            let is_asked_for =
                matches!(symbol.sort, Sort::Service | Sort::Method | Sort::Message | Sort::Enum);
            let file = symbol.place.and_then(|place| self.all.get(place.file));
            is_asked_for && file.is_some_and(|file| is_whole || !descriptors::is_well_known(&file.name))
        });
        let last_part = |name| str::rsplit(name, '.').next().unwrap_or_default();
        let names: BTreeSet<&str> =
            named.map(|(name, _)| if is_whole { name } else { last_part(name) }).collect();
        nearest_of(name, names)
    }

    fn message(&self, full_name: &str) -> Option<&raw::Structure> {
        let symbol = self.symbols.get(full_name).filter(|symbol| symbol.sort == Sort::Message)?;
        match self.parent(full_name) {
            Some(parent) => parent.nested.get(symbol.index),
            None => self.all.get(symbol.place?.file)?.messages.get(symbol.index),
        }
    }

    fn enumeration(&self, full_name: &str) -> Option<&raw::Enum> {
        let symbol = self.symbols.get(full_name).filter(|symbol| symbol.sort == Sort::Enum)?;
        match self.parent(full_name) {
            Some(parent) => parent.enums.get(symbol.index),
            None => self.all.get(symbol.place?.file)?.enums.get(symbol.index),
        }
    }

    /// The message that something stands in.
    fn parent(&self, full_name: &str) -> Option<&raw::Structure> {
        full_name.rsplit_once('.').and_then(|(scope, _)| self.message(scope))
    }
}
