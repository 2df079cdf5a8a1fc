//! Values as the source has them: strings, numbers, defaults.
//!
//! Source: <https://protobuf.dev/reference/protobuf/proto2-spec/>, section "Constant".

use std::fmt::Write as _;

use prost_types::field_descriptor_proto::Type;

use crate::{
    schema::{SchemaError, descriptors::check_name, files::raw},
    text::safe,
};

/// A string literal. What a terminal would obey, or a reader would not see, is escaped.
pub(super) fn quoted(bytes: &[u8]) -> String {
    let mut literal = String::with_capacity(bytes.len() + 2);
    literal.push('"');
    for chunk in bytes.utf8_chunks() {
        // Controls are escaped below; what remains is to be what people read.
        let readable = chunk.valid().replace(|c: char| c.is_ascii_control(), " ");
        let is_plain = safe(&readable) == readable;
        for c in chunk.valid().chars() {
            match c {
                '"' => literal.push_str("\\\""),
                '\\' => literal.push_str("\\\\"),
                '\n' => literal.push_str("\\n"),
                '\r' => literal.push_str("\\r"),
                '\t' => literal.push_str("\\t"),
                ' '..='~' => literal.push(c),
                _ if is_plain && !c.is_ascii() => literal.push(c),
                _ => escape(c.encode_utf8(&mut [0; 4]).as_bytes(), &mut literal),
            }
        }
        escape(chunk.invalid(), &mut literal);
    }
    literal.push('"');
    literal
}

/// A literal of bytes, which are no text: all but printable ASCII is escaped.
pub(super) fn quoted_bytes(bytes: &[u8]) -> String {
    let mut literal = String::with_capacity(bytes.len() + 2);
    literal.push('"');
    for byte in bytes {
        match byte {
            b'"' => literal.push_str("\\\""),
            b'\\' => literal.push_str("\\\\"),
            b'\n' => literal.push_str("\\n"),
            b' '..=b'~' => literal.push(char::from(*byte)),
            _ => escape(&[*byte], &mut literal),
        }
    }
    literal.push('"');
    literal
}

/// Three octal digits a byte: whatever stands behind is no part of them.
fn escape(bytes: &[u8], literal: &mut String) {
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(literal, "\\{byte:03o}");
    }
}

/// A number with a point, as short as tells it from its neighbours.
pub(super) fn float(number: impl std::fmt::Debug, wide: f64) -> String {
    if wide.is_finite() {
        format!("{number:?}")
    } else if wide.is_nan() {
        "nan".to_owned()
    } else if wide > 0.0 {
        "inf".to_owned()
    } else {
        "-inf".to_owned()
    }
}

/// A field's default value. In the descriptor it is a text, and whose text is anybody's guess.
pub(super) fn default_value(field: &raw::Field, value: &str) -> Result<String, SchemaError> {
    let wrong = || SchemaError::invalid(&format!("{value:?} is no default value of {}", field.name));
    let as_is = || Ok(value.to_owned());
    match field.scalar.and_then(|scalar| Type::try_from(scalar).ok()) {
        Some(Type::String) => Ok(quoted(value.as_bytes())),
        Some(Type::Bytes) => unescaped(value).map(|bytes| quoted_bytes(&bytes)).ok_or_else(wrong),
        Some(Type::Bool) if matches!(value, "true" | "false") => as_is(),
        Some(Type::Float | Type::Double) if matches!(value, "inf" | "-inf" | "nan") => as_is(),
        Some(Type::Float | Type::Double) => {
            let begins = value.starts_with(|c: char| c.is_ascii_digit() || c == '-');
            match value.parse::<f64>() {
                // What looks like a whole number has to fit into 64 bits.
                Ok(number) if number.is_finite() && begins && is_long_integer(value) => {
                    Ok(format!("{value}.0"))
                }
                Ok(number) if number.is_finite() && begins => as_is(),
                _ => Err(wrong()),
            }
        }
        Some(Type::Group | Type::Message | Type::Bool) => Err(wrong()),
        Some(Type::Enum) | None => check_name(value).map_err(|_| wrong()).and_then(|()| as_is()),
        Some(_) if value.parse::<i128>().is_ok() && !value.starts_with('+') => as_is(),
        Some(_) => Err(wrong()),
    }
}

fn is_long_integer(number: &str) -> bool {
    const ALWAYS_FITS: usize = 18;
    number.len() > ALWAYS_FITS && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// The bytes that C escapes stand for, as `CEscape` of protobuf writes them.
fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next()? {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'a' => 0x07,
            b'b' => 0x08,
            b'f' => 0x0C,
            b'v' => 0x0B,
            quote @ (b'"' | b'\'' | b'\\' | b'?') => quote,
            b'x' | b'X' => digits(&mut rest, None, 16, 2)?,
            first @ b'0'..=b'7' => digits(&mut rest, Some(first), 8, 3)?,
            _ => return None,
        });
    }
    Some(bytes)
}

/// A number of at most `most` digits, of which the first may be read already.
fn digits(
    rest: &mut std::iter::Peekable<std::str::Bytes<'_>>,
    first: Option<u8>,
    base: u32,
    most: usize,
) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(base);
    let mut number = first.and_then(digit);
    let left = most - usize::from(first.is_some());
    for _ in 0..left {
        let Some(next) = rest.peek().copied().and_then(digit) else { break };
        rest.next();
        number = Some(number.unwrap_or(0) * base + next);
    }
    number.map(|number| number as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_keep_what_people_read_and_escape_the_rest() {
        assert_eq!(quoted("Grüße,\n世界\u{1}".as_bytes()), r#""Grüße,\n世界\001""#);
        assert_eq!(quoted(b"a\"b\\c\n\x1b[2J"), r#""a\"b\\c\n\033[2J""#);
        assert_eq!(quoted("a\u{202e}b".as_bytes()), r#""a\342\200\256b""#);
        assert_eq!(quoted(b"a\xff1"), r#""a\3771""#);
        assert_eq!(quoted_bytes("ü\n".as_bytes()), r#""\303\274\n""#);
    }

    #[test]
    fn escapes_are_read_as_they_are_written() {
        assert_eq!(unescaped(r#"a\n\"\\\377\x1B!"#).unwrap(), b"a\n\"\\\xff\x1b!");
        assert_eq!(unescaped("\\"), None);
        assert_eq!(unescaped("\\q"), None);
    }

    #[test]
    fn a_default_value_that_is_none_is_refused() {
        let field = |scalar: Type| raw::Field { scalar: Some(scalar as i32), ..Default::default() };
        for (scalar, value) in [
            (Type::Int32, "1; }"),
            (Type::Bool, "maybe"),
            (Type::Double, "infinity"),
            (Type::Enum, "a b"),
            (Type::Message, "{}"),
            (Type::Bytes, "\\"),
        ] {
            assert!(default_value(&field(scalar), value).is_err(), "{scalar:?} {value}");
        }
        assert_eq!(default_value(&field(Type::Double), "-1e+10").unwrap(), "-1e+10");
    }
}
