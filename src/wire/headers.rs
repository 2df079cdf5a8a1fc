//! A block of headers, with what each field cost.

use std::{ops::Range, sync::Arc};

use crate::text;

/// The most bytes of names and values that are kept of a block. What is beyond is counted.
pub const MAX_TEXT: usize = 16 << 10;
/// The most fields that are kept of a block.
pub const MAX_FIELDS: usize = 256;

/// What a block of headers is in its call's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The request's headers: the call begins.
    Request,
    /// The request's trailers; gRPC has none.
    RequestTrailers,
    /// A 1xx: the response is still to come.
    Informational,
    /// The response's headers: messages may follow.
    Response,
    /// The end behind the messages, with the call's status.
    Trailers,
    /// Headers that are the end as well: a status and nothing else.
    TrailersOnly,
    /// Of a stream that was over, or never was.
    Stray,
}

/// A block of headers, from one frame or several.
#[derive(Debug, Clone)]
pub struct Headers {
    /// What it is.
    pub role: Role,
    /// Whether its sender said with it that nothing follows (`END_STREAM`).
    pub ends_stream: bool,
    /// What it cost, and what it would have.
    pub cost: Cost,
    pub(super) block: Arc<Block>,
}

/// What headers took on the wire, and what they would take as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Bytes of HPACK.
    pub wire: u64,
    /// Bytes as lines of text, `name: value` and a line's end, as in HTTP/1.1.
    pub text: u64,
}

impl Cost {
    /// What compression saved, in percent of the text; 0 where it saved nothing.
    pub fn saved(self) -> u64 {
        (self.text.saturating_sub(self.wire) * 100).checked_div(self.text).unwrap_or(0)
    }

    pub(super) fn add(&mut self, other: Self) {
        self.wire += other.wire;
        self.text += other.text;
    }
}

/// How a field was written (RFC 7541, section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// A number that stands for name and value.
    Indexed,
    /// Spelt out, and remembered for the next time.
    Remembered,
    /// Spelt out, this once.
    Literal,
    /// Spelt out, never to be remembered by anybody: a secret.
    NeverIndexed,
}

/// One field of a block. Name and value are foreign, and need not be UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name.
    pub name: &'a [u8],
    /// Its value.
    pub value: &'a [u8],
    /// What it cost.
    pub cost: Cost,
    /// How it was written.
    pub coding: Coding,
    /// Where it begins in its block, in bytes.
    pub at: usize,
}

impl Headers {
    /// The fields in their order, those that are kept.
    pub fn fields(&self) -> impl Iterator<Item = Field<'_>> {
        self.block.fields()
    }

    /// The value of the first field of that name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.block.get(name)
    }

    /// Whether there is a gRPC status. Of headers that were not read or kept to the end, it is believed.
    pub fn has_status(&self) -> bool {
        self.is_believed() || self.get("grpc-status").is_some()
    }

    /// Whether these are a response's headers as gRPC has them: HTTP 200 and its content type.
    pub fn is_grpc(&self) -> bool {
        self.is_believed()
            || self.get(":status") == Some(b"200") && self.get("content-type").is_some_and(text::is_grpc)
    }

    fn is_believed(&self) -> bool {
        !self.is_readable() || self.left_out() > 0
    }

    /// Fields that came and were not kept.
    pub fn left_out(&self) -> u64 {
        self.block.left_out
    }

    /// Bytes at the block's front, before its first field, that resize the table of remembered headers
    /// (RFC 7541, section 6.3).
    pub fn resizing(&self) -> usize {
        self.block.resizing as usize
    }

    /// Whether the fields could be read. They cannot once the place was lost.
    pub fn is_readable(&self) -> bool {
        self.block.is_readable
    }
}

/// Of a request's headers, in bytes; a response has less.
const USUAL_TEXT: usize = 256;
const USUAL_FIELDS: usize = 12;

/// The fields of a block, their text in one piece.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    text: Vec<u8>,
    fields: Vec<Place>,
    left_out: u64,
    resizing: u32,
    is_readable: bool,
}

/// Where a field lies in the text.
#[derive(Debug, Clone)]
struct Place {
    name: Range<u32>,
    value: Range<u32>,
    at: u32,
    wire: u32,
    coding: Coding,
}

impl Block {
    /// A block whose fields can be read, with room for those that a call mostly has.
    pub(super) fn readable() -> Self {
        let (text, fields) = (Vec::with_capacity(USUAL_TEXT), Vec::with_capacity(USUAL_FIELDS));
        Self { is_readable: true, text, fields, ..Self::default() }
    }

    /// Puts a field behind the others, where there is room.
    pub(super) fn push(&mut self, field: &Field<'_>) {
        if self.fields.is_empty() && self.left_out == 0 {
            self.resizing = field.at as u32;
        }
        let from = self.text.len();
        let middle = from + field.name.len();
        let end = middle + field.value.len();
        if end > MAX_TEXT || self.fields.len() == MAX_FIELDS {
            self.left_out += 1;
            return;
        }
        self.text.extend_from_slice(field.name);
        self.text.extend_from_slice(field.value);
        self.fields.push(Place {
            name: from as u32..middle as u32,
            value: middle as u32..end as u32,
            at: field.at as u32,
            wire: field.cost.wire as u32,
            coding: field.coding,
        });
    }

    /// Bytes that it holds.
    pub(super) fn weight(&self) -> usize {
        self.text.len() + self.fields.len() * size_of::<Place>()
    }

    fn fields(&self) -> impl Iterator<Item = Field<'_>> {
        self.fields.iter().map(|place| self.field(place))
    }

    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.fields().find(|field| field.name == name.as_bytes()).map(|field| field.value)
    }

    fn field(&self, place: &Place) -> Field<'_> {
        let part =
            |range: &Range<u32>| self.text.get(range.start as usize..range.end as usize).unwrap_or_default();
        let (name, value) = (part(&place.name), part(&place.value));
        let cost = Cost { wire: u64::from(place.wire), text: as_text(name.len(), value.len()) };
        Field { name, value, cost, coding: place.coding, at: place.at as usize }
    }
}

/// `name: value` and a line's end.
pub(super) fn as_text(name: usize, value: usize) -> u64 {
    (name + value + 4) as u64
}
