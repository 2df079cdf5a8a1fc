//! The values of options that are no messages: numbers, texts, words of enums.

use prost_types::field_descriptor_proto::Type;

use super::super::{Printer, literal};
use crate::schema::{
    SchemaError,
    files::raw,
    protobuf::{Raw, Reader, WireType, unzigzag},
};

impl Printer<'_> {
    /// The words for one value, or for all that are packed in it.
    pub(super) fn words(
        &mut self,
        field: &raw::Field,
        kind: Option<Type>,
        value: &Raw<'_>,
        words: &mut Vec<String>,
    ) -> Result<(), SchemaError> {
        if let (Raw::Length(span), true) = (value, field.is_repeated())
            && let Some(wire_type) = packed(kind)
        {
            let mut reader = Reader::within(*span);
            while !reader.rest().is_empty() {
                self.spend(1)?;
                let Ok(value) = reader.value(wire_type) else { break };
                words.extend(self.word(field, kind, &value)?);
            }
            return Ok(());
        }
        words.extend(self.word(field, kind, value)?);
        Ok(())
    }

    fn word(
        &mut self,
        field: &raw::Field,
        kind: Option<Type>,
        value: &Raw<'_>,
    ) -> Result<Option<String>, SchemaError> {
        Ok(Some(match (kind, value) {
            (Some(Type::Enum), Raw::Varint(number)) => {
                return self.enum_word(field, *number as i32).map(Some);
            }
            (Some(Type::String), Raw::Length(span)) => literal::quoted(span.bytes),
            (Some(Type::Bytes), Raw::Length(span)) => literal::quoted_bytes(span.bytes),
            (Some(Type::Bool), Raw::Varint(number)) => (*number != 0).to_string(),
            (Some(Type::Double), Raw::Fixed64(bits)) => {
                let number = f64::from_bits(*bits);
                literal::float(number, number)
            }
            (Some(Type::Float), Raw::Fixed32(bits)) => {
                let number = f32::from_bits(*bits);
                literal::float(number, f64::from(number))
            }
            (Some(Type::Int32), Raw::Varint(number)) => (*number as i32).to_string(),
            (Some(Type::Int64), Raw::Varint(number)) | (Some(Type::Sfixed64), Raw::Fixed64(number)) => {
                number.cast_signed().to_string()
            }
            (Some(Type::Uint32), Raw::Varint(number)) => (*number as u32).to_string(),
            (Some(Type::Uint64), Raw::Varint(number)) | (Some(Type::Fixed64), Raw::Fixed64(number)) => {
                number.to_string()
            }
            (Some(Type::Sint32), Raw::Varint(number)) => {
                (unzigzag(u64::from(*number as u32)) as i32).to_string()
            }
            (Some(Type::Sint64), Raw::Varint(number)) => unzigzag(*number).to_string(),
            (Some(Type::Fixed32), Raw::Fixed32(number)) => number.to_string(),
            (Some(Type::Sfixed32), Raw::Fixed32(number)) => number.cast_signed().to_string(),
            _ => return Ok(None),
        }))
    }

    fn enum_word(&mut self, field: &raw::Field, number: i32) -> Result<String, SchemaError> {
        let an_enum = self.files.enumeration(field.type_name.trim_start_matches('.'));
        self.spend(an_enum.map_or(0, |an_enum| an_enum.values.len()))?;
        let value = an_enum.and_then(|an_enum| an_enum.values.iter().find(|value| value.number == number));
        Ok(value.map_or_else(|| number.to_string(), |value| value.name.clone()))
    }
}

/// How the elements of a packed field lie on the wire, where it can be packed.
fn packed(kind: Option<Type>) -> Option<WireType> {
    match kind? {
        Type::Double | Type::Fixed64 | Type::Sfixed64 => Some(WireType::Fixed64),
        Type::Float | Type::Fixed32 | Type::Sfixed32 => Some(WireType::Fixed32),
        Type::String | Type::Bytes | Type::Message | Type::Group => None,
        _ => Some(WireType::Varint),
    }
}
