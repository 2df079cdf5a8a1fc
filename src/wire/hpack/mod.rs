//! Header compression, read along (RFC 7541). A block means something only to who has read all blocks
//! before it, so this follows a connection from its first block on.
//!
//! A block can say a lot in little: one byte may stand for a field of kilobytes. So a field is lent to
//! who asks and never copied here, and reading a block costs what its bytes cost, whatever they stand for.

mod fixed;
mod huffman;

use std::collections::VecDeque;

use fixed::FIXED;

use super::headers::{Coding, Cost, Field, as_text};

/// The table's size where nothing else was said (RFC 9113, section 6.5.2).
pub const DEFAULT_TABLE: u32 = 4096;
/// No larger table is followed.
pub const MAX_TABLE: usize = 64 << 10;
/// What an entry counts beside its name and value (RFC 7541, section 4.1).
const ENTRY: usize = 32;
/// No integer is larger: neither a length nor an index could be.
const MAX_INTEGER: usize = 1 << 28;

/// Why a block cannot be read. Nor can any behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HpackError {
    /// The block ends within a field.
    #[error("a header block ends within a field")]
    Cut,
    /// A number is too large.
    #[error("a number in a header block is too large")]
    Integer,
    /// An index stands for nothing.
    #[error("a header block refers to a field that is not remembered")]
    Index,
    /// A string is not Huffman code.
    #[error("a header's Huffman code is broken")]
    Huffman,
    /// The table's size is changed to more than was allowed, or than is followed.
    #[error("the table of remembered headers is made too large")]
    TableSize,
    /// The table's size is changed behind a field.
    #[error("the table of remembered headers is resized within a block")]
    LateTableSize,
}

/// What the headers of one direction refer to.
#[derive(Debug)]
pub struct Decoder {
    /// Newest first.
    rows: VecDeque<Row>,
    /// As section 4.1 counts it.
    size: usize,
    /// The size that the encoder chose, and what it was allowed.
    max: usize,
    allowed: usize,
    /// Room for what stood in Huffman code.
    name: Vec<u8>,
    value: Vec<u8>,
}

/// A remembered field, its name and value in one piece.
#[derive(Debug)]
struct Row {
    text: Box<[u8]>,
    name: usize,
}

impl Row {
    fn size(&self) -> usize {
        self.text.len() + ENTRY
    }

    fn split(&self) -> (&[u8], &[u8]) {
        self.text.split_at(self.name)
    }
}

impl Default for Decoder {
    fn default() -> Self {
        let size = DEFAULT_TABLE as usize;
        Self { rows: VecDeque::new(), size: 0, max: size, allowed: size, name: Vec::new(), value: Vec::new() }
    }
}

impl Decoder {
    /// Takes what the decoder on the wire allows (`SETTINGS_HEADER_TABLE_SIZE`).
    pub fn allow(&mut self, size: u32) {
        self.allowed = size as usize;
    }

    /// Bytes that are remembered, as section 4.1 counts them.
    pub fn remembered(&self) -> usize {
        self.size
    }

    /// Lends each field of a whole block to `each`, in order.
    pub fn decode(&mut self, block: &[u8], mut each: impl FnMut(Field<'_>)) -> Result<(), HpackError> {
        let mut rest = block;
        let mut fields = 0_usize;
        while let Some(first) = rest.first() {
            let before = rest.len();
            if first & 0xe0 == 0x20 {
                // A dynamic table size update (section 6.3) stands before all fields (section 4.2).
                if fields > 0 {
                    return Err(HpackError::LateTableSize);
                }
                self.resize(integer(&mut rest, 5)?)?;
                continue;
            }
            let mut lend = |name: &[u8], value: &[u8], coding, rest: &[u8]| {
                let wire = (before - rest.len()) as u64;
                each(Field {
                    name,
                    value,
                    coding,
                    cost: Cost { wire, text: as_text(name.len(), value.len()) },
                });
            };
            fields += 1;
            if first & 0x80 != 0 {
                let (name, value) = self.field(integer(&mut rest, 7)?)?;
                lend(name, value, Coding::Indexed, rest);
                continue;
            }
            let (coding, prefix) = match first {
                0x40.. => (Coding::Remembered, 6),
                0x10.. => (Coding::NeverIndexed, 4),
                _ => (Coding::Literal, 4),
            };
            self.literal(&mut rest, prefix)?;
            lend(&self.name, &self.value, coding, rest);
            if coding == Coding::Remembered {
                self.remember();
            }
        }
        Ok(())
    }

    /// Reads a field that is spelt out, at least its value, into `name` and `value` (section 6.2).
    fn literal(&mut self, rest: &mut &[u8], prefix: u32) -> Result<(), HpackError> {
        let mut name = std::mem::take(&mut self.name);
        name.clear();
        match integer(rest, prefix)? {
            0 => string(rest, &mut name)?,
            index => name.extend_from_slice(self.field(index)?.0),
        }
        self.name = name;
        self.value.clear();
        string(rest, &mut self.value)
    }

    fn field(&self, index: usize) -> Result<(&[u8], &[u8]), HpackError> {
        let index = index.checked_sub(1).ok_or(HpackError::Index)?;
        if let Some((name, value)) = FIXED.get(index) {
            return Ok((name.as_bytes(), value.as_bytes()));
        }
        self.rows.get(index - FIXED.len()).map(Row::split).ok_or(HpackError::Index)
    }

    fn remember(&mut self) {
        let size = self.name.len() + self.value.len() + ENTRY;
        self.make_room(size);
        // A field that is larger than the table empties it, and that is all (section 4.4).
        if size <= self.max {
            let text = [&self.name[..], &self.value].concat().into();
            self.rows.push_front(Row { text, name: self.name.len() });
            self.size += size;
        }
    }

    fn resize(&mut self, max: usize) -> Result<(), HpackError> {
        if max > self.allowed.min(MAX_TABLE) {
            return Err(HpackError::TableSize);
        }
        self.max = max;
        self.make_room(0);
        Ok(())
    }

    fn make_room(&mut self, size: usize) {
        while self.size + size > self.max
            && let Some(oldest) = self.rows.pop_back()
        {
            self.size -= oldest.size();
        }
    }
}

/// An integer whose first byte has a prefix of so many bits (section 5.1).
fn integer(rest: &mut &[u8], prefix: u32) -> Result<usize, HpackError> {
    let mut take = || {
        let (first, after) = rest.split_first().ok_or(HpackError::Cut)?;
        *rest = after;
        Ok(usize::from(*first))
    };
    let full = (1 << prefix) - 1;
    let mut value = take()? & full;
    if value < full {
        return Ok(value);
    }
    for shift in (0..28).step_by(7) {
        let byte = take()?;
        value += (byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return if value < MAX_INTEGER { Ok(value) } else { Err(HpackError::Integer) };
        }
    }
    Err(HpackError::Integer)
}

/// A string, plain or in Huffman code (section 5.2), behind what is in `text`.
fn string(rest: &mut &[u8], text: &mut Vec<u8>) -> Result<(), HpackError> {
    let is_huffman = rest.first().ok_or(HpackError::Cut)? & 0x80 != 0;
    let length = integer(rest, 7)?;
    let (coded, after) = rest.split_at_checked(length).ok_or(HpackError::Cut)?;
    *rest = after;
    if is_huffman {
        huffman::decode(coded, text).ok_or(HpackError::Huffman)
    } else {
        text.extend_from_slice(coded);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
