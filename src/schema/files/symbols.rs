//! Every name that files declare, and where.

use std::collections::BTreeMap;

use super::{
    super::{
        SchemaError,
        descriptors::{check_full_name, check_name},
        names::join,
    },
    raw,
};

/// Sum of all full names, in bytes.
const MAX_NAME_BYTES: usize = 32 << 20;
const MAX_SYMBOLS: usize = 400_000;
/// A name with all that it stands in.
const MAX_FULL_NAME: usize = 1_000;

/// What a name is declared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Package,
    Service,
    Method,
    Message,
    Enum,
    EnumValue,
    Field,
    Oneof,
    Extension,
}

/// A definition that stands in a file directly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Top {
    Message(usize),
    Enum(usize),
    Service(usize),
    Extension(usize),
}

/// Where a name is declared: in which file, and inside of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) top: Top,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Symbol {
    pub(super) sort: Sort,
    /// A package is in no file alone.
    pub(super) place: Option<Place>,
    /// Which one it is of those of its sort that stand directly where it stands.
    pub(super) index: usize,
}

/// Names with their packages, without a dot in front.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    all: BTreeMap<String, Symbol>,
    bytes: usize,
}

impl Symbols {
    pub(super) fn get(&self, full_name: &str) -> Option<Symbol> {
        self.all.get(full_name).copied()
    }

    /// In the order of their names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Symbol)> {
        self.all.iter().map(|(name, symbol)| (name.as_str(), *symbol))
    }

    /// Takes in all names of a file. On an error some of them stay, and nothing of that file is shown.
    pub(super) fn declare(&mut self, file: &raw::File, index: usize) -> Result<(), SchemaError> {
        let package = file.package.as_str();
        if !package.is_empty() {
            check_full_name(package)?;
            let ends = package.match_indices('.').map(|(at, _)| at).chain([package.len()]);
            for end in ends {
                self.insert(
                    package[..end].to_owned(),
                    Symbol { sort: Sort::Package, place: None, index: 0 },
                )?;
            }
        }
        for (at, message) in file.messages.iter().enumerate() {
            self.at(index, Top::Message(at)).message(message, package, at)?;
        }
        for (at, an_enum) in file.enums.iter().enumerate() {
            self.at(index, Top::Enum(at)).enumeration(an_enum, package, at)?;
        }
        for (at, service) in file.services.iter().enumerate() {
            self.at(index, Top::Service(at)).service(service, package, at)?;
        }
        for (at, extension) in file.extensions.iter().enumerate() {
            self.at(index, Top::Extension(at)).name(package, &extension.name, Sort::Extension, at)?;
        }
        Ok(())
    }

    fn at(&mut self, file: usize, top: Top) -> Declaring<'_> {
        Declaring { symbols: self, place: Place { file, top } }
    }

    /// Of two with one name the first counts.
    fn insert(&mut self, full_name: String, symbol: Symbol) -> Result<(), SchemaError> {
        if full_name.len() > MAX_FULL_NAME {
            return Err(SchemaError::TooMany { what: "bytes of a name", limit: MAX_FULL_NAME });
        }
        self.bytes += full_name.len();
        if self.bytes > MAX_NAME_BYTES {
            return Err(SchemaError::TooMany { what: "bytes of names", limit: MAX_NAME_BYTES });
        }
        if self.all.len() == MAX_SYMBOLS {
            return Err(SchemaError::TooMany { what: "names", limit: MAX_SYMBOLS });
        }
        self.all.entry(full_name).or_insert(symbol);
        Ok(())
    }
}

struct Declaring<'a> {
    symbols: &'a mut Symbols,
    place: Place,
}

impl Declaring<'_> {
    fn name(&mut self, scope: &str, name: &str, sort: Sort, index: usize) -> Result<String, SchemaError> {
        check_name(name)?;
        let full_name = join(scope, name);
        self.symbols.insert(full_name.clone(), Symbol { sort, place: Some(self.place), index })?;
        Ok(full_name)
    }

    fn names<'n>(
        &mut self,
        scope: &str,
        names: impl Iterator<Item = &'n String>,
        sort: Sort,
    ) -> Result<(), SchemaError> {
        names.enumerate().try_for_each(|(index, name)| self.name(scope, name, sort, index).map(drop))
    }

    fn message(&mut self, message: &raw::Structure, scope: &str, index: usize) -> Result<(), SchemaError> {
        let scope = self.name(scope, &message.name, Sort::Message, index)?;
        // Types first: a name that is declared twice is rather a type.
        for (index, nested) in message.nested.iter().enumerate() {
            self.message(nested, &scope, index)?;
        }
        for (index, an_enum) in message.enums.iter().enumerate() {
            self.enumeration(an_enum, &scope, index)?;
        }
        self.names(&scope, message.fields.iter().map(|field| &field.name), Sort::Field)?;
        self.names(&scope, message.oneofs.iter().map(|oneof| &oneof.name), Sort::Oneof)?;
        self.names(&scope, message.extensions.iter().map(|extension| &extension.name), Sort::Extension)
    }

    fn enumeration(&mut self, an_enum: &raw::Enum, scope: &str, index: usize) -> Result<(), SchemaError> {
        self.name(scope, &an_enum.name, Sort::Enum, index)?;
        // An enum's values stand beside it, not inside.
        self.names(scope, an_enum.values.iter().map(|value| &value.name), Sort::EnumValue)
    }

    fn service(&mut self, service: &raw::Service, scope: &str, index: usize) -> Result<(), SchemaError> {
        let scope = self.name(scope, &service.name, Sort::Service, index)?;
        self.names(&scope, service.methods.iter().map(|method| &method.name), Sort::Method)
    }
}

/// The scopes from the innermost to the outermost, which is empty.
pub(super) fn scopes(innermost: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(innermost), |&scope| match scope.rfind('.') {
        Some(dot) => Some(&scope[..dot]),
        None if scope.is_empty() => None,
        None => Some(""),
    })
}
