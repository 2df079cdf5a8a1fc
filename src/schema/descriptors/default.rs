//! Default values of fields, as a compiler writes them into descriptors.

use prost_types::{
    FieldDescriptorProto,
    field_descriptor_proto::{Label, Type},
};

use super::spelling::check_name;

/// A longer default is nothing to type.
const MAX_DEFAULT: usize = 1_000;

/// A field's default value, unless prost-reflect could not read it: on some it panics.
pub(super) fn sound(field: &FieldDescriptorProto) -> Option<String> {
    let value = field.default_value.as_deref().filter(|value| value.len() <= MAX_DEFAULT)?;
    let is_named = !field.type_name().is_empty();
    let is_sound = field.label() != Label::Repeated
        && match field.r#type() {
            Type::Enum => check_name(value).is_ok(),
            _ if is_named => false,
            Type::Message | Type::Group => false,
            Type::String => true,
            Type::Bytes => is_escaped(value),
            Type::Bool => matches!(value, "true" | "false"),
            Type::Double => value.parse::<f64>().is_ok(),
            Type::Float => value.parse::<f32>().is_ok(),
            Type::Int32 | Type::Sint32 | Type::Sfixed32 => value.parse::<i32>().is_ok(),
            Type::Int64 | Type::Sint64 | Type::Sfixed64 => value.parse::<i64>().is_ok(),
            Type::Uint32 | Type::Fixed32 => value.parse::<u32>().is_ok(),
            Type::Uint64 | Type::Fixed64 => value.parse::<u64>().is_ok(),
        };
    is_sound.then(|| value.to_owned())
}

/// Bytes are written with the escapes of C, and otherwise in ASCII.
fn is_escaped(value: &str) -> bool {
    let mut bytes = value.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if !byte.is_ascii() {
            return false;
        }
        if byte != b'\\' {
            continue;
        }
        let is_sound = match bytes.next() {
            Some(b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'\\' | b'?' | b'\'' | b'"') => true,
            Some(b'x' | b'X') => (0..2).all(|_| bytes.next().is_some_and(|digit| digit.is_ascii_hexdigit())),
            Some(first @ b'0'..=b'7') => {
                let mut digits = 1;
                while digits < 3 && bytes.next_if(|digit| matches!(digit, b'0'..=b'7')).is_some() {
                    digits += 1;
                }
                digits < 3 || first <= b'3'
            }
            _ => false,
        };
        if !is_sound {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_that_would_panic_are_no_default() {
        for sound in ["", "abc", r"\000\377\n\x7f\\", r"\7", r"\18"] {
            assert!(is_escaped(sound), "{sound}");
        }
        for unsound in [r"\777", r"\400", r"\x", r"\x1", r"\x1é", r"\", r"\q", "é"] {
            assert!(!is_escaped(unsound), "{unsound}");
        }
    }
}
