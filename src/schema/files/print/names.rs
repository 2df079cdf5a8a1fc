//! Names of types where they are used: as short as they are still the same.
//!
//! Source: <https://protobuf.dev/programming-guides/proto3/#name-resolution>. A name is looked up from
//! the innermost scope outwards by its first part, so a short one may be hidden by another.

use super::Printer;
use crate::schema::{SchemaError, descriptors::check_full_name, files::symbols, names::join};

/// Words that begin something else where a type could stand.
const WORDS: [&str; 30] = [
    "double",
    "float",
    "int32",
    "int64",
    "uint32",
    "uint64",
    "sint32",
    "sint64",
    "fixed32",
    "fixed64",
    "sfixed32",
    "sfixed64",
    "bool",
    "string",
    "bytes",
    "group",
    "map",
    "optional",
    "required",
    "repeated",
    "oneof",
    "message",
    "enum",
    "extend",
    "extensions",
    "reserved",
    "option",
    "stream",
    "rpc",
    "returns",
];

impl Printer<'_> {
    /// How a type or an extension is named within `scope`, and remembers that it is needed. In
    /// descriptors a full name begins with a dot.
    pub(super) fn reference(&mut self, name: &str, scope: &str) -> Result<String, SchemaError> {
        let Some(full_name) = name.strip_prefix('.') else {
            check_full_name(name)?;
            return Ok(name.to_owned());
        };
        check_full_name(full_name)?;
        let package = self.file.package.as_str();
        let inner = symbols::scopes(scope).take_while(|scope| scope.len() > package.len());
        let mut own = inner.chain([package]).filter(|scope| !scope.is_empty());
        let short = own.find_map(|scope| full_name.strip_prefix(scope)?.strip_prefix('.'));
        let names = short.into_iter().chain([full_name]);
        let fitting = names.filter(|name| self.means(name, scope, full_name)).map(str::to_owned).next();
        self.needed.push_back(full_name.to_owned());
        Ok(fitting.unwrap_or_else(|| name.to_owned()))
    }

    /// Whether a name is sure to be found as `full_name` and nothing else.
    fn means(&self, name: &str, scope: &str, full_name: &str) -> bool {
        let first = name.split('.').next().unwrap_or_default();
        let hit = symbols::scopes(scope).find(|scope| self.files.symbols.get(&join(scope, first)).is_some());
        !WORDS.contains(&first) && hit.is_some_and(|scope| join(scope, name) == full_name)
    }
}
