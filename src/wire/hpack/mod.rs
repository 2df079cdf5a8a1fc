//! Header compression, read along (RFC 7541). A block can be read only after all blocks before it, so this
//! follows a connection from its first block on.
//!
//! A few bytes can stand for a lot: one byte for a field of kilobytes. So fields are lent to the caller and never
//! copied here, and the cost of reading a block depends on its bytes, whatever they stand for.

mod fixed;
mod huffman;

use std::{collections::VecDeque, sync::Arc};

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

/// Reads the headers of one direction.
#[derive(Debug, Default)]
pub struct Decoder {
    table: Table,
    /// Room for what is spelt out.
    name: Vec<u8>,
    value: Vec<u8>,
}

/// What headers refer to.
#[derive(Debug)]
struct Table {
    /// Newest first.
    rows: VecDeque<Row>,
    /// As section 4.1 counts it.
    size: usize,
    /// The size that the encoder chose, and what it was allowed.
    max: usize,
    allowed: usize,
    /// How often something was remembered or the size changed.
    changes: u64,
}

/// A remembered field. Fields whose name was given by its number share it.
#[derive(Debug)]
struct Row {
    name: Arc<[u8]>,
    value: Box<[u8]>,
}

impl Row {
    fn size(&self) -> usize {
        self.name.len() + self.value.len() + ENTRY
    }
}

impl Decoder {
    /// Takes what the decoder on the wire allows (`SETTINGS_HEADER_TABLE_SIZE`).
    pub fn allow(&mut self, size: u32) {
        self.table.allowed = size as usize;
    }

    /// Bytes that are remembered, as section 4.1 counts them.
    pub fn remembered(&self) -> usize {
        self.table.size
    }

    /// How often the table changed: a block means the same until it does.
    pub fn changes(&self) -> u64 {
        self.table.changes
    }

    /// Lends each field of a whole block to `each`, in order.
    pub fn decode(&mut self, block: &[u8], mut each: impl FnMut(Field<'_>)) -> Result<(), HpackError> {
        let mut rest = block;
        let mut fields = 0_usize;
        while let Some(first) = rest.first() {
            let at = block.len() - rest.len();
            if first & 0xe0 == 0x20 {
                // A dynamic table size update (section 6.3) stands before all fields (section 4.2).
                if fields > 0 {
                    return Err(HpackError::LateTableSize);
                }
                self.table.resize(integer(&mut rest, 5)?)?;
                continue;
            }
            let mut lend = |name: &[u8], value: &[u8], coding, rest: &[u8]| {
                let wire = (block.len() - rest.len() - at) as u64;
                let cost = Cost { wire, text: as_text(name.len(), value.len()) };
                each(Field { name, value, cost, coding, at });
            };
            fields += 1;
            if first & 0x80 != 0 {
                let (name, value) = self.table.field(integer(&mut rest, 7)?)?;
                lend(name, value, Coding::Indexed, rest);
                continue;
            }
            let (coding, prefix) = match first {
                0x40.. => (Coding::Remembered, 6),
                0x10.. => (Coding::NeverIndexed, 4),
                _ => (Coding::Literal, 4),
            };
            // A field that is spelt out, at least its value (section 6.2).
            let index = integer(&mut rest, prefix)?;
            read(&mut rest, (index == 0).then_some(&mut self.name), &mut self.value)?;
            let name = if index == 0 { &self.name[..] } else { self.table.field(index)?.0 };
            lend(name, &self.value, coding, rest);
            if coding == Coding::Remembered {
                let name = if index == 0 { Arc::from(name) } else { self.table.name(index)? };
                self.table.remember(name, &self.value);
            }
        }
        Ok(())
    }
}

impl Default for Table {
    fn default() -> Self {
        let size = DEFAULT_TABLE as usize;
        Self { rows: VecDeque::new(), size: 0, max: size, allowed: size, changes: 0 }
    }
}

impl Table {
    fn field(&self, index: usize) -> Result<(&[u8], &[u8]), HpackError> {
        if let Some((name, value)) = index.checked_sub(1).and_then(|place| FIXED.get(place)) {
            return Ok((name.as_bytes(), value.as_bytes()));
        }
        let row = self.row(index)?;
        Ok((&row.name, &row.value))
    }

    /// A field's name, to be remembered with another value.
    fn name(&self, index: usize) -> Result<Arc<[u8]>, HpackError> {
        match self.row(index) {
            Ok(row) => Ok(Arc::clone(&row.name)),
            Err(_) => Ok(self.field(index)?.0.into()),
        }
    }

    fn row(&self, index: usize) -> Result<&Row, HpackError> {
        let place = index.checked_sub(1 + FIXED.len());
        place.and_then(|place| self.rows.get(place)).ok_or(HpackError::Index)
    }

    fn remember(&mut self, name: Arc<[u8]>, value: &[u8]) {
        let size = name.len() + value.len() + ENTRY;
        self.changes += 1;
        self.make_room(size);
        // A field that is larger than the table empties it, and that is all (section 4.4).
        if size <= self.max {
            self.rows.push_front(Row { name, value: value.into() });
            self.size += size;
        }
    }

    fn resize(&mut self, max: usize) -> Result<(), HpackError> {
        if max > self.allowed.min(MAX_TABLE) {
            return Err(HpackError::TableSize);
        }
        self.changes += 1;
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

/// The strings of a field that is spelt out: its name where no number stands for it, and its value.
fn read(rest: &mut &[u8], name: Option<&mut Vec<u8>>, value: &mut Vec<u8>) -> Result<(), HpackError> {
    for text in name.into_iter().chain([value]) {
        text.clear();
        string(rest, text)?;
    }
    Ok(())
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
