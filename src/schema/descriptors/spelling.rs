//! How names are spelled. A peer's may be spelled in any way, and of any length.

use super::{SchemaError, shortened};

/// The longest name, in bytes.
pub(super) const MAX_NAME: usize = 256;

/// Checks a name without its package.
pub(in crate::schema) fn check_name(name: &str) -> Result<(), SchemaError> {
    let is_identifier = name.len() <= MAX_NAME
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_identifier { Ok(()) } else { Err(SchemaError::Name { name: shortened(name) }) }
}

/// Checks a name with its package, as a server lists it.
pub(in crate::schema) fn check_full_name(name: &str) -> Result<(), SchemaError> {
    name.split('.').try_for_each(check_name).map_err(|_| SchemaError::Name { name: shortened(name) })
}
