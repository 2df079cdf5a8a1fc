//! Single values: numbers, texts, bytes, enums, and the keys of maps.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_reflect::{EnumDescriptor, Kind};

use super::{Part, innermost, put_bytes, shortened};
use crate::schema::{
    field::values_of,
    lexer::{Fault, Lexer, Start, is_number},
    nearest::nearest,
    not_finite::{DOUBLE, FLOAT},
    protobuf::zigzag,
};

/// A value as it lies on the wire.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Varint(u64),
    Fixed32(u32),
    Fixed64(u64),
    Bytes(Vec<u8>),
}

impl Scalar {
    /// Whether it is what a field without presence does not send.
    pub(super) fn is_zero(&self) -> bool {
        match self {
            Self::Varint(number) | Self::Fixed64(number) => *number == 0,
            Self::Fixed32(number) => *number == 0,
            Self::Bytes(bytes) => bytes.is_empty(),
        }
    }

    /// Appends it as a field.
    pub(super) fn put(&self, number: u32, out: &mut Vec<u8>) {
        let wire_type = match self {
            Self::Varint(_) => WireType::Varint,
            Self::Fixed32(_) => WireType::ThirtyTwoBit,
            Self::Fixed64(_) => WireType::SixtyFourBit,
            Self::Bytes(bytes) => return put_bytes(number, bytes, out),
        };
        encode_key(number, wire_type, out);
        self.put_value(out);
    }

    /// Appends it as an element of a packed field.
    pub(super) fn put_value(&self, out: &mut Vec<u8>) {
        match self {
            Self::Varint(number) => encode_varint(*number, out),
            Self::Fixed32(number) => out.extend_from_slice(&number.to_le_bytes()),
            Self::Fixed64(number) => out.extend_from_slice(&number.to_le_bytes()),
            Self::Bytes(bytes) => out.extend_from_slice(bytes),
        }
    }
}

/// Reads a value that is no message, of the field at the end of this path.
pub(super) fn read(lexer: &mut Lexer<'_>, kind: &Kind, path: &[Part]) -> Result<Scalar, Fault> {
    let (start, at) = (lexer.start()?, lexer.place());
    let wrong = |cause: String| Fault::new(at, cause);
    let misplaced = || wrong(misplaced(kind, &innermost(path), start));
    match (kind, start) {
        (Kind::String, Start::String) => Ok(Scalar::Bytes(lexer.string()?.into_owned().into_bytes())),
        (Kind::Bytes, Start::String) => {
            let text = lexer.string()?;
            base64(&text).map(Scalar::Bytes).ok_or_else(|| wrong(unfit_text(kind, &text)))
        }
        (Kind::Bool, Start::True) => lexer.word("true").map(|()| Scalar::Varint(1)),
        (Kind::Bool, Start::False) => lexer.word("false").map(|()| Scalar::Varint(0)),
        (Kind::Enum(descriptor), Start::Null) if descriptor.full_name() == "google.protobuf.NullValue" => {
            lexer.word("null").map(|()| Scalar::Varint(0))
        }
        (Kind::Enum(descriptor), Start::String) => {
            let name = lexer.string()?;
            of_enum(descriptor, &name).ok_or_else(|| Fault::new(at, unknown_value(descriptor, &name)))
        }
        (Kind::String | Kind::Bytes | Kind::Bool, _) => Err(misplaced()),
        (_, Start::Number) => {
            let number = lexer.number()?;
            of_number(kind, number).ok_or_else(|| wrong(unfit_number(kind, number)))
        }
        // Numbers may be written as texts, since those of 64 bits must be.
        (kind, Start::String) if !matches!(kind, Kind::Enum(_)) => {
            let text = lexer.string()?;
            of_text(kind, &text).ok_or_else(|| wrong(unfit_text(kind, &text)))
        }
        _ => Err(misplaced()),
    }
}

/// A map's key, which is always a text in JSON.
pub(super) fn of_key(kind: &Kind, key: &str) -> Result<Scalar, String> {
    let read = match (kind, key) {
        (Kind::String, key) => Some(Scalar::Bytes(key.as_bytes().to_vec())),
        (Kind::Bool, "true") => Some(Scalar::Varint(1)),
        (Kind::Bool, "false") => Some(Scalar::Varint(0)),
        (Kind::Bool, _) => None,
        (kind, number) => of_text(kind, number),
    };
    read.ok_or_else(|| unfit_text(kind, key))
}

fn of_text(kind: &Kind, text: &str) -> Option<Scalar> {
    match kind {
        _ if is_number(text) => of_number(kind, text),
        Kind::Double => DOUBLE.bits(text).map(Scalar::Fixed64),
        Kind::Float => FLOAT.bits(text).and_then(|bits| u32::try_from(bits).ok()).map(Scalar::Fixed32),
        _ => None,
    }
}

/// A number as it is written; `None` where the kind cannot hold it.
fn of_number(kind: &Kind, number: &str) -> Option<Scalar> {
    match kind {
        Kind::Double => {
            let number: f64 = number.parse().ok()?;
            return number.is_finite().then(|| Scalar::Fixed64(number.to_bits()));
        }
        Kind::Float => {
            let number: f32 = number.parse().ok()?;
            return number.is_finite().then(|| Scalar::Fixed32(number.to_bits()));
        }
        _ => {}
    }
    let whole = whole(number)?;
    let signed = || i64::try_from(whole).ok();
    let small = || i32::try_from(whole).ok();
    Some(match kind {
        // Negative numbers take ten bytes, as 64 bits.
        Kind::Int32 | Kind::Enum(_) => Scalar::Varint(i64::from(small()?).cast_unsigned()),
        Kind::Int64 => Scalar::Varint(signed()?.cast_unsigned()),
        Kind::Sint32 => Scalar::Varint(zigzag(i64::from(small()?))),
        Kind::Sint64 => Scalar::Varint(zigzag(signed()?)),
        Kind::Sfixed32 => Scalar::Fixed32(small()?.cast_unsigned()),
        Kind::Sfixed64 => Scalar::Fixed64(signed()?.cast_unsigned()),
        Kind::Uint32 => Scalar::Varint(u64::from(u32::try_from(whole).ok()?)),
        Kind::Uint64 => Scalar::Varint(u64::try_from(whole).ok()?),
        Kind::Fixed32 => Scalar::Fixed32(u32::try_from(whole).ok()?),
        Kind::Fixed64 => Scalar::Fixed64(u64::try_from(whole).ok()?),
        _ => return None,
    })
}

/// The whole number that a number of JSON is, if it is one: `1`, `1.0`, `1e3`. None has over 64 bits.
pub(super) fn whole(number: &str) -> Option<i128> {
    const MOST_DIGITS: usize = 24;
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (number, 0),
    };
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => (-1, mantissa),
        None => (1, mantissa),
    };
    let (before, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{before}{behind}");
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    let ends_in_zeros = digits.len() - digits.trim_end_matches('0').len();
    let zeros = i128::from(exponent) + ends_in_zeros as i128 - behind.len() as i128;
    let zeros = usize::try_from(zeros).ok().filter(|zeros| significant.len() + zeros <= MOST_DIGITS)?;
    Some(sign * format!("{significant}{}", "0".repeat(zeros)).parse::<i128>().ok()?)
}

/// Standard or for URLs, padded or not.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
    const FOR_URLS: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
    let engine = if text.contains(['-', '_']) { FOR_URLS } else { STANDARD };
    engine.decode(text).ok()
}

fn of_enum(descriptor: &EnumDescriptor, name: &str) -> Option<Scalar> {
    let number = descriptor.get_value_by_name(name)?.number();
    Some(Scalar::Varint(i64::from(number).cast_unsigned()))
}

fn unknown_value(descriptor: &EnumDescriptor, name: &str) -> String {
    const SHOWN: usize = 6;
    let values: Vec<_> = values_of(descriptor).collect();
    let near = nearest(name, values.iter().map(prost_reflect::EnumValueDescriptor::name));
    let hint = near.map_or_else(
        || {
            let names: Vec<String> =
                values.iter().take(SHOWN).map(|value| format!("`{}`", value.name())).collect();
            let more = if values.len() > SHOWN { ", …" } else { "" };
            format!("it has {}{more}", names.join(", "))
        },
        |near| format!("did you mean `{near}`?"),
    );
    format!("unknown value `{}` of {}: {hint}", shortened(name), descriptor.full_name())
}

/// Something else stands where a value of this kind should.
fn misplaced(kind: &Kind, field: &str, found: Start) -> String {
    let (wanted, found) = (in_words(kind), found.words());
    let in_quotation_marks = match kind {
        Kind::String | Kind::Bytes => " in quotation marks",
        _ => "",
    };
    match field {
        "" => format!("{wanted}{in_quotation_marks} is wanted, not {found}"),
        field => format!("`{}` takes {wanted}{in_quotation_marks}, not {found}", shortened(field)),
    }
}

/// A number cannot be a value of this kind.
fn unfit_number(kind: &Kind, number: &str) -> String {
    let shown = shortened(number);
    match kind {
        Kind::Double => format!("{shown} is too large for a double"),
        Kind::Float => format!("{shown} is too large for a float"),
        kind => format!("{shown} is not {}", in_words(kind)),
    }
}

/// A text cannot be a value of this kind.
fn unfit_text(kind: &Kind, text: &str) -> String {
    match kind {
        Kind::Double if is_number(text) => format!("{:?} is too large for a double", shortened(text)),
        Kind::Float if is_number(text) => format!("{:?} is too large for a float", shortened(text)),
        kind => format!("{:?} is not {}", shortened(text), in_words(kind)),
    }
}

fn in_words(kind: &Kind) -> &'static str {
    match kind {
        Kind::Double | Kind::Float => "a number",
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => "a whole number of 32 bits",
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => "a whole number of 64 bits",
        Kind::Uint32 | Kind::Fixed32 => "a whole number of 32 bits without a sign",
        Kind::Uint64 | Kind::Fixed64 => "a whole number of 64 bits without a sign",
        Kind::Bool => "true or false",
        Kind::String => "a text",
        Kind::Bytes => "base64",
        Kind::Enum(_) => "the name or number of an enum value",
        Kind::Message(_) => "a message",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_may_be_written_in_many_ways() {
        for (text, number) in [
            ("0", 0),
            ("-0.000", 0),
            ("10", 10),
            ("1.50e1", 15),
            ("-1e3", -1000),
            ("1000e-3", 1),
            ("9223372036854775807.0", 9_223_372_036_854_775_807),
            ("18446744073709551615", 18_446_744_073_709_551_615),
        ] {
            assert_eq!(whole(text), Some(number), "{text}");
        }
        for text in [
            "0.5",
            "1e-1",
            "1e99",
            "10e9223372036854775807",
            "1e99999999999999999999",
            "123456789012345678901234567890",
        ] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn bytes_are_base64_of_either_kind() {
        assert_eq!(base64("-_8="), Some(vec![0xfb, 0xff]));
        assert_eq!(base64("+/8"), Some(vec![0xfb, 0xff]));
        assert_eq!(base64("?"), None);
    }
}
