//! The wire format, read one field at a time, without a schema and without recursion.
//!
//! Source: <https://protobuf.dev/programming-guides/encoding/>. Every read takes a step from a
//! budget that the caller holds, so that no message costs more than somebody is willing to look at.

use std::fmt;

/// How a field's value is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireType {
    /// A base-128 number.
    Varint,
    /// Eight bytes, little-endian.
    Fixed64,
    /// A length and as many bytes.
    Length,
    /// Fields up to an end mark of the same number (proto2).
    Group,
    /// Four bytes, little-endian.
    Fixed32,
}

impl fmt::Display for WireType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Varint => "varint",
            Self::Fixed64 => "64-bit",
            Self::Length => "length-delimited",
            Self::Group => "group",
            Self::Fixed32 => "32-bit",
        })
    }
}

/// A part of a message, and where in the whole message it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) offset: usize,
}

/// A field's value, as far as the wire tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Raw<'a> {
    Varint(u64),
    Fixed64(u64),
    Length(Span<'a>),
    /// The fields between the group's marks.
    Group(Span<'a>),
    Fixed32(u32),
}

impl Raw<'_> {
    pub(super) fn wire_type(&self) -> WireType {
        match self {
            Self::Varint(_) => WireType::Varint,
            Self::Fixed64(_) => WireType::Fixed64,
            Self::Length(_) => WireType::Length,
            Self::Group(_) => WireType::Group,
            Self::Fixed32(_) => WireType::Fixed32,
        }
    }
}

/// A number with a sign as the varint that a `sint32` or `sint64` is.
pub(super) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

/// The number of such a varint.
pub(super) fn unzigzag(varint: u64) -> i64 {
    (varint >> 1).cast_signed() ^ -((varint & 1).cast_signed())
}

/// One field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RawField<'a> {
    pub(super) number: u32,
    pub(super) raw: Raw<'a>,
    /// Where its tag stands in the whole message, in bytes.
    pub(super) offset: usize,
    /// All of it, tag and length included, in bytes.
    pub(super) length: usize,
}

/// Why the wire format could not be read on. Offsets are in the whole message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum WireError {
    #[error("the message ends inside a value at byte {at}")]
    Truncated { at: usize },
    #[error("{announced} bytes announced at byte {at}, {left} left")]
    TooShort { announced: u64, left: usize, at: usize },
    #[error("a number of more than 64 bits at byte {at}")]
    LongVarint { at: usize },
    #[error("field number {number} at byte {at}")]
    FieldNumber { number: u64, at: usize },
    #[error("wire type {wire_type} at byte {at}")]
    UnknownWireType { wire_type: u64, at: usize },
    #[error("a group's end without its start at byte {at}")]
    StrayGroupEnd { at: usize },
    #[error("the group that starts at byte {at} does not end")]
    OpenGroup { at: usize },
    #[error("groups nested too deep at byte {at}")]
    DeepGroup { at: usize },
    /// Not the message's fault.
    #[error("the budget of steps is spent")]
    OutOfSteps,
}

pub(super) const MAX_FIELD_NUMBER: u64 = (1 << 29) - 1;
const MAX_GROUP_DEPTH: usize = 100;

/// Reads the fields of a message, or of a part of it.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    span: Span<'a>,
    at: usize,
    last_number: Option<u32>,
}

/// A tag: a field with its value, or the end of a group.
enum Tag {
    Value(u32, WireType),
    GroupEnd(u32),
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self::within(Span { bytes, offset: 0 })
    }

    pub(super) fn within(span: Span<'a>) -> Self {
        Self { span, at: 0, last_number: None }
    }

    /// Where the next read begins, in the whole message.
    pub(super) fn offset(&self) -> usize {
        self.span.offset + self.at
    }

    /// The number of the field that was read last, or whose value could not be read.
    pub(super) fn last_number(&self) -> Option<u32> {
        self.last_number
    }

    /// The bytes that are not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.span.bytes.get(self.at..).unwrap_or_default()
    }

    /// The next field; `None` at the end.
    pub(super) fn field(&mut self, steps: &mut usize) -> Result<Option<RawField<'a>>, WireError> {
        if self.rest().is_empty() {
            return Ok(None);
        }
        let offset = self.offset();
        self.last_number = None;
        let (number, wire_type) = match self.tag(steps)? {
            Tag::Value(number, wire_type) => (number, wire_type),
            Tag::GroupEnd(_) => return Err(WireError::StrayGroupEnd { at: offset }),
        };
        self.last_number = Some(number);
        let raw = match wire_type {
            WireType::Group => Raw::Group(self.group(number, offset, steps)?),
            _ => self.value(wire_type)?,
        };
        Ok(Some(RawField { number, raw, offset, length: self.offset() - offset }))
    }

    /// One element of a packed field.
    pub(super) fn value(&mut self, wire_type: WireType) -> Result<Raw<'a>, WireError> {
        Ok(match wire_type {
            WireType::Varint => Raw::Varint(self.varint()?),
            WireType::Fixed64 => Raw::Fixed64(u64::from_le_bytes(self.array()?)),
            WireType::Fixed32 => Raw::Fixed32(u32::from_le_bytes(self.array()?)),
            WireType::Length | WireType::Group => Raw::Length(self.length_delimited()?),
        })
    }

    fn tag(&mut self, steps: &mut usize) -> Result<Tag, WireError> {
        *steps = steps.checked_sub(1).ok_or(WireError::OutOfSteps)?;
        let at = self.offset();
        let tag = self.varint()?;
        let number = tag >> 3;
        if !(1..=MAX_FIELD_NUMBER).contains(&number) {
            return Err(WireError::FieldNumber { number, at });
        }
        let number = number as u32;
        Ok(match tag & 7 {
            0 => Tag::Value(number, WireType::Varint),
            1 => Tag::Value(number, WireType::Fixed64),
            2 => Tag::Value(number, WireType::Length),
            3 => Tag::Value(number, WireType::Group),
            4 => Tag::GroupEnd(number),
            5 => Tag::Value(number, WireType::Fixed32),
            wire_type => return Err(WireError::UnknownWireType { wire_type, at }),
        })
    }

    /// The fields of a group whose start was read, and skips its end.
    fn group(&mut self, number: u32, starts: usize, steps: &mut usize) -> Result<Span<'a>, WireError> {
        let (begin, offset) = (self.at, self.offset());
        let mut open = vec![number];
        loop {
            let (end, at) = (self.at, self.offset());
            if self.rest().is_empty() {
                return Err(WireError::OpenGroup { at: starts });
            }
            match self.tag(steps)? {
                Tag::Value(_, WireType::Group) if open.len() == MAX_GROUP_DEPTH => {
                    return Err(WireError::DeepGroup { at });
                }
                Tag::Value(inner, WireType::Group) => open.push(inner),
                Tag::Value(_, wire_type) => {
                    self.value(wire_type)?;
                }
                Tag::GroupEnd(ended) => {
                    if open.pop() != Some(ended) {
                        return Err(WireError::StrayGroupEnd { at });
                    }
                    if open.is_empty() {
                        let bytes = self.span.bytes.get(begin..end).unwrap_or_default();
                        return Ok(Span { bytes, offset });
                    }
                }
            }
        }
    }

    fn varint(&mut self) -> Result<u64, WireError> {
        let at = self.offset();
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            let bits = u64::from(byte & 0x7F);
            // The tenth byte has room for one bit.
            if shift == 63 && bits > 1 {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(WireError::LongVarint { at })
    }

    fn length_delimited(&mut self) -> Result<Span<'a>, WireError> {
        let at = self.offset();
        let announced = self.varint()?;
        let left = self.rest().len();
        let offset = self.offset();
        let bytes = usize::try_from(announced)
            .ok()
            .and_then(|length| self.rest().get(..length))
            .ok_or(WireError::TooShort { announced, left, at })?;
        self.at += bytes.len();
        Ok(Span { bytes, offset })
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let bytes = self.rest().first_chunk().ok_or(WireError::Truncated { at: self.offset() })?;
        self.at += N;
        Ok(*bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<RawField<'_>>, WireError> {
        let mut reader = Reader::new(bytes);
        let mut steps = 1000;
        let mut fields = Vec::new();
        while let Some(field) = reader.field(&mut steps)? {
            fields.push(field);
        }
        Ok(fields)
    }

    fn one(bytes: &[u8]) -> Raw<'_> {
        read(bytes).unwrap()[0].raw
    }

    #[test]
    fn every_wire_type_is_read() {
        assert_eq!(one(b"\x08\x96\x01"), Raw::Varint(150));
        assert_eq!(one(b"\x09\x01\0\0\0\0\0\0\0"), Raw::Fixed64(1));
        assert_eq!(one(b"\x0a\x02hi"), Raw::Length(Span { bytes: b"hi", offset: 2 }));
        assert_eq!(one(b"\x0d\x01\0\0\0"), Raw::Fixed32(1));
        assert_eq!(one(b"\x0b\x08\x01\x0c"), Raw::Group(Span { bytes: b"\x08\x01", offset: 1 }));
        assert_eq!(one(b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), Raw::Varint(u64::MAX));
    }

    #[test]
    fn a_field_knows_where_it_stands() {
        let fields = read(b"\x08\x01\x12\x03abc").unwrap();
        assert_eq!((fields[1].offset, fields[1].length), (2, 5));
    }

    #[test]
    fn what_is_malformed_is_said_with_its_place() {
        let said = |bytes| read(bytes).unwrap_err().to_string();
        assert_eq!(said(b"\x08"), "the message ends inside a value at byte 1");
        assert_eq!(said(b"\x0a\x05hi"), "5 bytes announced at byte 1, 2 left");
        assert_eq!(said(b"\x08\x01\x00"), "field number 0 at byte 2");
        assert_eq!(said(b"\x0e"), "wire type 6 at byte 0");
        assert_eq!(said(b"\x0c"), "a group's end without its start at byte 0");
        assert_eq!(said(b"\x08\x01\x0b\x08\x01"), "the group that starts at byte 2 does not end");
        assert_eq!(
            said(b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
            "a number of more than 64 bits at byte 1"
        );
        assert_eq!(said(&[0x0b; 200]), "groups nested too deep at byte 100");
    }

    #[test]
    fn steps_run_out() {
        let mut steps = 2;
        let mut reader = Reader::new(b"\x08\x01\x08\x01\x08\x01");
        assert!(reader.field(&mut steps).unwrap().is_some());
        assert!(reader.field(&mut steps).unwrap().is_some());
        assert_eq!(reader.field(&mut steps), Err(WireError::OutOfSteps));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(bytes: Vec<u8>) {
            if let Ok(fields) = read(&bytes) {
                prop_assert_eq!(fields.iter().map(|field| field.length).sum::<usize>(), bytes.len());
            }
        }
    }
}
