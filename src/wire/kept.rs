//! The newest entries of a connection with their bytes, bounded, and true counts of all.

use std::{borrow::Cow, collections::VecDeque};

use super::entry::Entry;

/// Entries that are kept of a connection.
pub const MAX_ENTRIES: usize = 4096;
/// Bytes that are kept of a connection: payloads and headers.
pub const MAX_BYTES: usize = 1 << 20;
/// Bytes that are kept of one frame's payload.
pub const MAX_PAYLOAD: usize = 1 << 10;

/// The newest entries of a connection. Each has a number, which it keeps: 0 is the connection's first.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    entries: VecDeque<Entry>,
    /// Entries before the first one here.
    let_go: u64,
    /// Payloads, one behind the other.
    bytes: VecDeque<u8>,
    /// Bytes before the first one here.
    bytes_let_go: u64,
}

impl Kept {
    /// The entries with their numbers, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (u64, &Entry)> + ExactSizeIterator {
        self.entries.iter().enumerate().map(|(at, entry)| (self.let_go + at as u64, entry))
    }

    /// The entry of that number, where it is kept.
    pub fn get(&self, number: u64) -> Option<&Entry> {
        let at = usize::try_from(number.checked_sub(self.let_go)?).ok()?;
        self.entries.get(at)
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many there were that are not kept any more.
    pub fn let_go(&self) -> u64 {
        self.let_go
    }

    /// A frame's payload behind its header, at most its first [`MAX_PAYLOAD`] bytes.
    pub fn payload(&self, entry: &Entry) -> Cow<'_, [u8]> {
        let Some(from) = entry.span.from.checked_sub(self.bytes_let_go) else { return Cow::default() };
        let (from, length) = (from as usize, entry.span.length as usize);
        let (front, back) = self.bytes.as_slices();
        let Some(end) = from.checked_add(length).filter(|end| *end <= self.bytes.len()) else {
            return Cow::default();
        };
        if end <= front.len() {
            Cow::Borrowed(&front[from..end])
        } else if from >= front.len() {
            Cow::Borrowed(&back[from - front.len()..end - front.len()])
        } else {
            Cow::Owned([&front[from..], &back[..end - front.len()]].concat())
        }
    }
}
