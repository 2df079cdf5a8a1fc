//! How much a descriptor would be once it is decoded, told from its bytes.

use super::{
    super::protobuf::{Raw, Reader, Span},
    MAX_DEFINITIONS, SchemaError,
};

/// A message of `descriptor.proto`, as far as others are repeated in it.
#[derive(Clone, Copy)]
enum Level {
    File,
    Message,
    Enum,
    Service,
    /// Fields, enum values, methods, oneofs, extension ranges: the field with their options.
    WithOptions(u32),
    Options,
    SourceInfo,
    Leaf,
}

impl Level {
    /// What the field of this number holds, where that is something to count.
    /// Source: `google/protobuf/descriptor.proto`.
    fn inside(self, number: u32) -> Option<Self> {
        Some(match (self, number) {
            (Self::File, 4) | (Self::Message, 3) => Self::Message,
            (Self::File, 5) | (Self::Message, 4) => Self::Enum,
            (Self::File, 6) => Self::Service,
            (Self::File, 7) | (Self::Message, 2 | 6) => Self::WithOptions(8),
            (Self::Message, 8) => Self::WithOptions(2),
            (Self::Message, 5) | (Self::Enum, 2) => Self::WithOptions(3),
            (Self::Service, 2) => Self::WithOptions(4),
            (Self::File, 9) => Self::SourceInfo,
            (Self::File, 8) | (Self::Message, 7) | (Self::Enum | Self::Service, 3) => Self::Options,
            (Self::WithOptions(options), number) if number == options => Self::Options,
            (Self::SourceInfo, 1) | (Self::Options, 999) | (Self::Message, 9) | (Self::Enum, 4) => Self::Leaf,
            _ => return None,
        })
    }
}

/// An error where a file holds more definitions than are taken.
pub(super) fn check(file: &[u8]) -> Result<(), SchemaError> {
    const MOST: usize = 4 * MAX_DEFINITIONS;
    let too_many = || SchemaError::TooMany { what: "parts of a file", limit: MOST };
    // No byte is in two tags.
    let (mut left, mut steps) = (MOST, file.len());
    let mut open = vec![(Level::File, Span { bytes: file, offset: 0 })];
    while let Some((level, span)) = open.pop() {
        let mut reader = Reader::within(span);
        // What is malformed, the decoder says better.
        while let Ok(Some(field)) = reader.field(&mut steps) {
            let Raw::Length(span) = field.raw else { continue };
            let Some(inside) = level.inside(field.number) else { continue };
            left = left.checked_sub(1).ok_or_else(too_many)?;
            open.push((inside, span));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_two_byte_definitions_is_refused_before_it_is_decoded() {
        let messages = b"\x22\x00".repeat(1 << 20);
        assert!(matches!(check(&messages), Err(SchemaError::TooMany { .. })));
        let few = b"\x22\x00".repeat(1000);
        assert_eq!(check(&few), Ok(()));
    }

    #[test]
    fn definitions_inside_are_counted_whatever_is_broken_beside_them() {
        let fields = b"\x12\x00".repeat(1 << 20);
        let mut file = vec![0x22];
        prost::encoding::encode_varint(fields.len() as u64, &mut file);
        file.extend(fields);
        file.extend(b"\x22\x01\x0f");
        assert!(matches!(check(&file), Err(SchemaError::TooMany { .. })));
    }
}
