//! Single values, and the text of keys.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use prost_reflect::{EnumDescriptor, Kind};

use super::{
    super::{
        field::Field,
        not_finite::{DOUBLE, FLOAT, Format},
        protobuf::{Raw, Span, unzigzag},
    },
    form::Purpose,
    stop::Stop,
    writer::{Step, Writer},
};

impl Writer {
    /// A value that is no message.
    pub(super) fn scalar(&mut self, field: &Field, value: &Raw<'_>) -> Step {
        match (field.kind(), value) {
            (Kind::Double, Raw::Fixed64(bits)) => self.float(DOUBLE, *bits, f64::from_bits(*bits)),
            (Kind::Float, Raw::Fixed32(bits)) => self.float(FLOAT, (*bits).into(), f32::from_bits(*bits)),
            (Kind::Enum(descriptor), Raw::Varint(number)) => self.enumeration(&descriptor, *number as i32),
            (Kind::String, Raw::Length(span)) if field.is_checked() => {
                let text = self.text_of(*span)?;
                self.string(text)
            }
            (Kind::String, Raw::Length(span)) => match (self.purpose, self.text_of(*span)) {
                (_, Ok(text)) => self.string(text),
                (Purpose::Row, Err(_)) => self.string(&String::from_utf8_lossy(self.affordable(span.bytes))),
                (Purpose::Whole, Err(_)) => Err(Stop::Formless),
            },
            (Kind::Bytes, Raw::Length(span)) => self.base64(span.bytes),
            (kind, value) => match integer(&kind, value) {
                Some(Integer::Small(number)) => self.put(&number.to_string()),
                // JSON's numbers are doubles in most hands.
                Some(Integer::Large(number)) => self.put(&format!("\"{number}\"")),
                Some(Integer::Bool(is_true)) => self.put(if is_true { "true" } else { "false" }),
                None => self.put("null"),
            },
        }
    }

    /// What a field holds that is not on the wire.
    pub(super) fn default_value(&mut self, field: &Field) -> Step {
        match field.kind() {
            Kind::String | Kind::Bytes => self.put("\"\""),
            Kind::Double | Kind::Float => self.put("0.0"),
            Kind::Message(descriptor) => self.message(&descriptor, &[]),
            // In proto2 that need not be 0.
            Kind::Enum(descriptor) => self.enumeration(&descriptor, descriptor.default_value().number()),
            _ => self.scalar(field, &zero(&field.kind())),
        }
    }

    /// The key of a map entry as the text of a JSON key; the key's default where there is none.
    pub(super) fn map_key(&mut self, field: &Field, value: Option<&Raw<'_>>) -> Result<String, Stop> {
        let kind = field.kind();
        match value {
            Some(Raw::Length(span)) if field.is_checked() => self.text_of(*span).map(str::to_owned),
            Some(Raw::Length(span)) => Ok(String::from_utf8_lossy(self.affordable(span.bytes)).into_owned()),
            None if kind == Kind::String => Ok(String::new()),
            value => Ok(match integer(&kind, value.unwrap_or(&zero(&kind))) {
                Some(Integer::Small(number) | Integer::Large(number)) => number.to_string(),
                Some(Integer::Bool(is_true)) => is_true.to_string(),
                None => String::new(),
            }),
        }
    }

    /// A text between quotation marks.
    pub(super) fn string(&mut self, text: &str) -> Step {
        self.put("\"")?;
        let mut plain_from = 0;
        for (at, byte) in text.bytes().enumerate() {
            if !matches!(byte, b'"' | b'\\' | 0..=0x1F) {
                continue;
            }
            self.put(&text[plain_from..at])?;
            plain_from = at + 1;
            match byte {
                b'"' => self.put("\\\"")?,
                b'\\' => self.put("\\\\")?,
                b'\n' => self.put("\\n")?,
                b'\r' => self.put("\\r")?,
                b'\t' => self.put("\\t")?,
                _ => self.put(&format!("\\u{byte:04x}"))?,
            }
        }
        self.put(&text[plain_from..])?;
        self.put("\"")
    }

    /// Standard base64 with padding, between quotation marks.
    pub(super) fn base64(&mut self, bytes: &[u8]) -> Step {
        self.put("\"")?;
        self.put(&BASE64_STANDARD.encode(self.affordable(bytes)))?;
        self.put("\"")
    }

    /// The span as text, as far as there is room for it: what is behind is not looked at.
    pub(super) fn text_of<'a>(&self, span: Span<'a>) -> Result<&'a str, Stop> {
        text_prefix(span, self.room().saturating_add(4))
            .map_err(|at| Stop::broken(&format!("invalid UTF-8 at byte {at}")))
    }

    /// `number` as JSON has it; `bits` is the same number.
    fn float(&mut self, format: Format, bits: u64, number: impl std::fmt::Debug) -> Step {
        match format.word(bits) {
            Some(word) => self.string(&word),
            None => self.put(&format!("{number:?}")),
        }
    }

    fn enumeration(&mut self, descriptor: &EnumDescriptor, number: i32) -> Step {
        if number == 0 && descriptor.full_name() == "google.protobuf.NullValue" {
            return self.put("null");
        }
        match descriptor.get_value(number) {
            Some(value) => self.string(value.name()),
            None => self.put(&number.to_string()),
        }
    }

    /// As many bytes as there could be room for.
    fn affordable<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes.get(..self.room().saturating_add(4)).unwrap_or(bytes)
    }
}

/// The beginning of a span as text, of at most `max_bytes`; or where it is no UTF-8, as a byte of the
/// whole message.
pub(in crate::schema) fn text_prefix(span: Span<'_>, max_bytes: usize) -> Result<&str, usize> {
    let is_cut = span.bytes.len() > max_bytes;
    let bytes = span.bytes.get(..max_bytes).unwrap_or(span.bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text),
        // The cut went through a character.
        Err(error) if is_cut && error.error_len().is_none() => {
            Ok(std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default())
        }
        Err(error) => Err(span.offset + error.valid_up_to()),
    }
}

enum Integer {
    /// Up to 32 bits.
    Small(i128),
    /// 64 bits.
    Large(i128),
    Bool(bool),
}

fn integer(kind: &Kind, value: &Raw<'_>) -> Option<Integer> {
    use Integer::{Bool, Large, Small};
    Some(match (kind, value) {
        (Kind::Bool, Raw::Varint(number)) => Bool(*number != 0),
        (Kind::Int32 | Kind::Enum(_), Raw::Varint(number)) => Small(i128::from(*number as i32)),
        (Kind::Uint32, Raw::Varint(number)) => Small(i128::from(*number as u32)),
        (Kind::Sint32, Raw::Varint(number)) => Small(i128::from(unzigzag(u64::from(*number as u32)) as i32)),
        (Kind::Int64, Raw::Varint(number)) | (Kind::Sfixed64, Raw::Fixed64(number)) => {
            Large(i128::from(number.cast_signed()))
        }
        (Kind::Uint64, Raw::Varint(number)) | (Kind::Fixed64, Raw::Fixed64(number)) => {
            Large(i128::from(*number))
        }
        (Kind::Sint64, Raw::Varint(number)) => Large(i128::from(unzigzag(*number))),
        (Kind::Fixed32, Raw::Fixed32(number)) => Small(i128::from(*number)),
        (Kind::Sfixed32, Raw::Fixed32(number)) => Small(i128::from(number.cast_signed())),
        _ => return None,
    })
}

/// The zero of a number that is not on the wire.
fn zero(kind: &Kind) -> Raw<'static> {
    match kind {
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => Raw::Fixed64(0),
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => Raw::Fixed32(0),
        _ => Raw::Varint(0),
    }
}
