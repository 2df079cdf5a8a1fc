//! The newest entries of a connection with their bytes, bounded, and true counts of all.

use std::{borrow::Cow, collections::VecDeque, time::Duration};

use super::{
    entry::{Entry, Span, What},
    frame::Direction,
};

/// Whether a face looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Attention {
    /// Nobody looks. All is counted; of DATA at full speed only some is kept, and its messages are not followed.
    #[default]
    Closed,
    /// Somebody does: every frame is kept, up to 4096 and of DATA 256 KiB before they are taken.
    Open,
}

/// Entries that are kept of a connection.
pub const MAX_ENTRIES: usize = 4096;
/// Bytes that are kept of a connection: payloads and headers.
pub const MAX_BYTES: usize = 1 << 20;
/// Bytes that are kept of one frame's payload.
pub const MAX_PAYLOAD: usize = 1 << 10;
/// Bytes behind which no more DATA is kept before they are taken. More would be looked at by nobody, and what
/// two threads hand to each other is dear.
const MAX_AWAITED: usize = MAX_BYTES / 4;
/// So many more may gather before the oldest are let go.
const SLACK: usize = MAX_ENTRIES / 4;

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
    /// Bytes that the entries hold themselves.
    weight: usize,
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

    /// Puts an entry behind the others, with as much of its payload as is kept.
    #[inline]
    pub(super) fn push(
        &mut self,
        at: Duration,
        direction: Direction,
        call: Option<u32>,
        what: What,
        payload: &[u8],
    ) {
        let span = Span { from: self.bytes_end(), length: payload.len().min(MAX_PAYLOAD) as u32 };
        self.bytes.extend(&payload[..span.length as usize]);
        self.weight += what.weight();
        self.entries.push_back(Entry { at, direction, call, what, span });
        if self.entries.len() >= MAX_ENTRIES + SLACK || self.held() >= MAX_BYTES + MAX_BYTES / 4 {
            self.let_go_of_the_oldest();
        }
    }

    /// Takes all. The room that it took stays here, for what follows.
    pub(super) fn take(&mut self) -> Self {
        let (let_go, bytes_let_go, weight) = (self.let_go, self.bytes_let_go, self.weight);
        (self.let_go, self.bytes_let_go, self.weight) = (self.end(), self.bytes_end(), 0);
        let (entries, bytes) = (self.entries.drain(..).collect(), self.bytes.drain(..).collect());
        Self { entries, let_go, bytes, bytes_let_go, weight }
    }

    /// Puts what came later behind this. What lies between, where something does, is let go.
    pub(super) fn append(&mut self, newer: Self) {
        if newer.let_go != self.end() || newer.bytes_let_go != self.bytes_end() {
            *self = newer;
            return;
        }
        self.entries.extend(newer.entries);
        self.bytes.extend(newer.bytes);
        self.weight += newer.weight;
        self.let_go_of_the_oldest();
    }

    /// Whether what came later can be put behind this, and all of this stays.
    pub fn has_room_for(&self, newer: &Self) -> bool {
        newer.let_go == self.end()
            && self.len() + newer.len() <= MAX_ENTRIES
            && self.held() + newer.held() <= MAX_BYTES
    }

    /// The number of the next entry.
    pub fn end(&self) -> u64 {
        self.let_go + self.entries.len() as u64
    }

    fn bytes_end(&self) -> u64 {
        self.bytes_let_go + self.bytes.len() as u64
    }

    /// Whether as much is kept as is worth the way to a face at once.
    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= MAX_ENTRIES || self.held() >= MAX_AWAITED
    }

    fn held(&self) -> usize {
        self.bytes.len() + self.weight
    }

    /// Lets go down to the bounds, of many at once: done seldom, it costs an entry next to nothing.
    fn let_go_of_the_oldest(&mut self) {
        let (mut entries, mut bytes) = (0, 0);
        for entry in &self.entries {
            let is_over = self.entries.len() - entries > MAX_ENTRIES || self.held() - bytes > MAX_BYTES;
            if !is_over || entries + 1 == self.entries.len() {
                break;
            }
            entries += 1;
            bytes = (entry.span.end() - self.bytes_let_go) as usize;
            self.weight -= entry.what.weight();
        }
        self.entries.drain(..entries);
        self.bytes.drain(..bytes);
        self.let_go += entries as u64;
        self.bytes_let_go += bytes as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{
        codes::{Setting, SettingId},
        entry::Content,
        frame::{Flags, Head, Kind},
    };

    fn put(kept: &mut Kept, stream: u32, content: Content, payload: &[u8]) {
        let length = payload.len() as u32;
        let head = Head { length, kind: Kind::Unknown(99), flags: Flags(0), stream };
        kept.push(Duration::ZERO, Direction::Sent, None, What::Frame(head, content), payload);
    }

    fn push(kept: &mut Kept, stream: u32, payload: &[u8]) {
        put(kept, stream, Content::Unknown, payload);
    }

    fn assert_whole(kept: &Kept) {
        for (number, entry) in kept.entries() {
            let head = entry.head().unwrap();
            assert_eq!(u64::from(head.stream), number);
            let payload = vec![head.stream as u8; (head.length as usize).min(MAX_PAYLOAD)];
            assert_eq!(kept.payload(entry), payload, "{number}");
            assert!(std::ptr::eq(kept.get(number).unwrap(), entry));
        }
    }

    #[test]
    fn the_newest_are_kept_and_keep_their_numbers() {
        let mut kept = Kept::default();
        for stream in 0..3 * MAX_ENTRIES as u32 {
            push(&mut kept, stream, &vec![stream as u8; stream as usize % 7]);
            assert!(kept.len() < MAX_ENTRIES + SLACK);
        }
        assert_whole(&kept);
        assert!(kept.len() >= MAX_ENTRIES);
        assert_eq!(kept.let_go() + kept.len() as u64, 3 * MAX_ENTRIES as u64);
        assert!(kept.get(0).is_none());
    }

    #[test]
    fn bytes_are_bounded_whatever_holds_them() {
        let mut kept = Kept::default();
        for stream in 0..4000 {
            push(&mut kept, stream, &vec![stream as u8; 100_000]);
            assert!(kept.held() <= MAX_BYTES + MAX_BYTES / 4);
        }
        assert_whole(&kept);
        assert!(kept.held() > MAX_BYTES / 2);
        let setting = Setting { id: SettingId(1), value: 1 };
        for stream in 4000..8000 {
            put(&mut kept, stream, Content::Settings(vec![setting; 1000].into()), &[]);
            assert!(kept.held() <= MAX_BYTES + MAX_BYTES / 4);
        }
        assert!(kept.len() > 50);
    }

    #[test]
    fn what_is_taken_in_parts_is_the_same_as_the_whole() {
        let (mut whole, mut source, mut face) = (Kept::default(), Kept::default(), Kept::default());
        for stream in 0..20_000 {
            let payload = vec![stream as u8; stream as usize % 50];
            push(&mut whole, stream, &payload);
            push(&mut source, stream, &payload);
            if stream % 1000 == 999 {
                face.append(source.take());
                assert!(face.len() <= MAX_ENTRIES);
                assert_whole(&face);
            }
        }
        assert_eq!(face.end(), whole.end());
    }

    #[test]
    fn a_gap_is_never_hidden() {
        let (mut source, mut face) = (Kept::default(), Kept::default());
        push(&mut source, 0, b"\0");
        face.append(source.take());
        for stream in 1..3 * MAX_ENTRIES as u32 {
            push(&mut source, stream, &[stream as u8]);
        }
        face.append(source.take());
        assert_whole(&face);
        assert_eq!(face.let_go() + face.len() as u64, 3 * MAX_ENTRIES as u64);
    }
}
