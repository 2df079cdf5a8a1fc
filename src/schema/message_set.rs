//! Message sets: proto2's messages that have nothing but extensions, each in an item of its own.
//!
//! ```text
//! repeated group Item = 1 { required int32 type_id = 2; required bytes message = 3; }
//! ```
//! The type id is the extension's number, and may be larger than any that a field has elsewhere: up to 2^31-2, and so
//! larger than prost-reflect takes. Such an extension is given another number, which [stands for](StandIns) its own. Source: `message_set_wire_format` in `google/protobuf/descriptor.proto`. In
//! JSON a set is what it is to its readers, an object of extensions.

use std::{collections::HashSet, ops::Range};

use prost::encoding::{WireType, encode_key, encode_varint};
use prost_reflect::{Kind, MessageDescriptor};
use prost_types::{DescriptorProto, MessageOptions};

use super::{
    field::Field,
    protobuf::{MAX_FIELD_NUMBER, Raw, RawField, Reader, Span, WireError},
};

/// The field that each item is, and its name.
pub(super) const ITEM: (u32, &str) = (1, "Item");
/// The fields of an item.
pub(super) const TYPE_ID: (u32, &str) = (2, "type_id");
pub(super) const MESSAGE: (u32, &str) = (3, "message");

/// The largest number of an extension of a set. Source: the same, at `ExtensionRange`.
pub(super) const MAX_TYPE_ID: u32 = i32::MAX.cast_unsigned() - 1;

/// Numbers that stand for those that are too large.
pub(super) const STAND_INS: Range<u32> = 1 << 28..MAX_FIELD_NUMBER as u32 + 1;

/// Gives each number that is too large another.
pub(super) struct StandIns {
    left: Range<u32>,
    /// Those of them that stand for themselves.
    taken: HashSet<u32>,
}

impl StandIns {
    /// Where these numbers stand for themselves.
    pub(super) fn beside(numbers: impl Iterator<Item = u32>) -> Self {
        Self { left: STAND_INS, taken: numbers.filter(|number| STAND_INS.contains(number)).collect() }
    }

    /// One that nothing else has.
    pub(super) fn next(&mut self) -> Option<u32> {
        self.left.find(|number| !self.taken.contains(number))
    }
}

/// Whether a message is a set. One with fields of its own would be none.
pub(super) fn is_set(descriptor: &DescriptorProto) -> bool {
    let is_said = descriptor.options.as_ref().is_some_and(MessageOptions::message_set_wire_format);
    is_said && descriptor.field.is_empty()
}

/// Whether a field is an item where it is on the wire.
pub(super) fn is_item(field: &Field) -> bool {
    matches!(field, Field::Extension(extension) if is_set(extension.containing_message().descriptor_proto()))
}

/// The bytes between the marks of a group that may be an item.
pub(super) fn item_in<'a>(descriptor: &MessageDescriptor, found: &RawField<'a>) -> Option<Span<'a>> {
    match found.raw {
        Raw::Group(span) if found.number == ITEM.0 && is_set(descriptor.descriptor_proto()) => Some(span),
        _ => None,
    }
}

/// The extension that an item holds, and its message. None where that is not known, or the item has another form than
/// the one that is written: it is kept as the unknown group that it is.
pub(super) fn open<'a>(
    descriptor: &MessageDescriptor,
    item: Span<'a>,
    steps: &mut usize,
) -> Result<Option<(Field, Span<'a>)>, WireError> {
    let parts = parts(item, steps)?;
    Ok(parts.and_then(|(type_id, message)| extension(descriptor, type_id).zip(Some(message))))
}

/// The type id and the message of an item in the form that is written.
pub(super) fn parts<'a>(item: Span<'a>, steps: &mut usize) -> Result<Option<(u64, Span<'a>)>, WireError> {
    let (mut type_id, mut message) = (None, None);
    let mut reader = Reader::within(item);
    while let Some(field) = reader.field(steps)? {
        let had_one = match (field.number, field.raw) {
            (number, Raw::Varint(id)) if number == TYPE_ID.0 => type_id.replace(id).is_some(),
            (number, Raw::Length(span)) if number == MESSAGE.0 => message.replace(span).is_some(),
            _ => true,
        };
        if had_one {
            return Ok(None);
        }
    }
    Ok(type_id.zip(message))
}

/// The type of the message that an item holds, whatever else is there.
pub(super) fn message_type(descriptor: &MessageDescriptor, item: Span<'_>) -> Option<MessageDescriptor> {
    // As many as an item has that is looked at by people.
    let (mut steps, mut reader) = (16, Reader::within(item));
    while let Ok(Some(field)) = reader.field(&mut steps) {
        if let (number, Raw::Varint(id)) = (field.number, field.raw)
            && number == TYPE_ID.0
            && let Some(Kind::Message(message)) = extension(descriptor, id).map(|field| field.kind())
        {
            return Some(message);
        }
    }
    None
}

/// The extension of a type id, where an item can hold it.
fn extension(descriptor: &MessageDescriptor, type_id: u64) -> Option<Field> {
    let extension = Field::extension(descriptor, u32::try_from(type_id).ok()?)?;
    let is_one_message = matches!(extension.kind(), Kind::Message(_)) && !extension.is_group();
    (is_one_message && !extension.is_list()).then_some(extension)
}

/// Writes an item.
pub(super) fn put_item(type_id: u32, message: &[u8], out: &mut Vec<u8>) {
    encode_key(ITEM.0, WireType::StartGroup, out);
    encode_key(TYPE_ID.0, WireType::Varint, out);
    encode_varint(type_id.into(), out);
    encode_key(MESSAGE.0, WireType::LengthDelimited, out);
    encode_varint(message.len() as u64, out);
    out.extend_from_slice(message);
    encode_key(ITEM.0, WireType::EndGroup, out);
}
