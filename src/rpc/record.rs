//! A call's transcript, bounded: what was sent and received, and true counts of all of it.

use std::{collections::VecDeque, time::Duration};

use super::{Counts, Entry, run::Item};

/// A bounded transcript: the first entry, the newest ones, and true counts of all.
///
/// Replies that came together are kept together and taken apart where they are looked at, so that taking in a
/// stream at full speed costs little, whoever does it.
#[derive(Debug, Clone, Default)]
pub struct Record {
    first: Option<Entry>,
    /// What is kept behind the first, oldest first, without a hole.
    recent: VecDeque<Piece>,
    recent_entries: usize,
    recent_bytes: usize,
    let_go: u64,
    counts: Counts,
    is_half_closed: bool,
    first_received: Option<Duration>,
}

/// A part of a transcript.
#[derive(Debug, Clone)]
struct Piece {
    /// The number of its first entry.
    number: u64,
    item: Item,
}

impl Record {
    /// The newest entries that are kept beside the first. What was not yet appended to another record may
    /// be a run of replies longer.
    pub const MAX_ENTRIES: usize = 5_000;
    /// The bytes of messages that are kept beside the first entry; the newest is kept whatever its size.
    pub const MAX_BYTES: usize = 8 << 20;

    /// Appends an entry, letting go of the oldest where there is no room.
    pub fn push(&mut self, entry: Entry) {
        self.take(Item::One(entry));
        self.shed_entries();
    }

    /// Appends an item, letting go of the oldest items where nothing of them has room.
    pub(super) fn take(&mut self, item: Item) {
        self.counts.merge(item.counts());
        self.is_half_closed |= item.is_half_close();
        self.first_received = self.first_received.or_else(|| item.first_received());
        self.keep(item);
        self.shed_items();
    }

    /// Appends a later record of the same call.
    pub fn append(&mut self, later: Record) {
        self.counts.merge(later.counts);
        self.is_half_closed |= later.is_half_closed;
        self.first_received = self.first_received.or(later.first_received);
        if let Some(first) = later.first {
            self.keep(Item::One(first));
        }
        if later.let_go > 0 {
            // What is kept stays a run without holes behind the first entry.
            self.let_go += later.let_go + self.recent_entries as u64;
            self.recent.clear();
            (self.recent_entries, self.recent_bytes) = (0, 0);
        }
        for piece in later.recent {
            self.keep(piece.item);
        }
        self.shed_items();
        self.shed_entries();
    }

    /// The first entry of all.
    pub fn first(&self) -> Option<&Entry> {
        self.first.as_ref()
    }

    /// The newest entry of all.
    pub fn newest(&self) -> Option<Entry> {
        self.get(self.total().checked_sub(1)?)
    }

    /// An entry by its number from 0, counting also those let go; none if it was.
    pub fn get(&self, number: u64) -> Option<Entry> {
        if number == 0 {
            return self.first.clone();
        }
        let behind = self.recent.partition_point(|piece| piece.number <= number);
        let piece = self.recent.get(behind.checked_sub(1)?)?;
        piece.item.get(usize::try_from(number - piece.number).ok()?)
    }

    /// All that is kept, oldest first. [`Record::let_go`] entries lie behind the first.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        self.first.iter().cloned().chain(self.recent.iter().flat_map(|piece| piece.item.entries()))
    }

    /// How many entries are kept.
    pub fn kept(&self) -> usize {
        usize::from(self.first.is_some()) + self.recent_entries
    }

    /// How many entries were counted and let go, all of them just behind the first.
    pub fn let_go(&self) -> u64 {
        self.let_go
    }

    /// How many entries there were in all, kept or not.
    pub fn total(&self) -> u64 {
        self.kept() as u64 + self.let_go()
    }

    /// True counts of all messages.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Whether the client's half-close is among all entries, kept or not.
    pub fn is_half_closed(&self) -> bool {
        self.is_half_closed
    }

    /// When the first reply came, kept or not.
    pub fn first_received(&self) -> Option<Duration> {
        self.first_received
    }

    /// Bytes of the messages kept.
    pub fn bytes(&self) -> usize {
        self.recent_bytes + self.first.as_ref().map_or(0, Entry::size)
    }

    /// Lets go of the oldest behind the first until so many bytes are kept, where a face has less room for it
    /// than [`Record::MAX_BYTES`]. The newest that came together stay.
    pub fn shrink(&mut self, bytes: usize) {
        while self.recent.len() > 1 && self.bytes() > bytes {
            self.let_go_of_the_oldest();
        }
    }

    fn keep(&mut self, item: Item) {
        let rest = if self.first.is_none() {
            let (first, rest) = item.split_oldest();
            self.first = first;
            rest
        } else {
            Some(item)
        };
        if let Some(item) = rest {
            let number = self.total();
            self.recent_entries += item.len();
            self.recent_bytes += item.size();
            self.recent.push_back(Piece { number, item });
        }
    }

    /// Lets go of whole items of which nothing has room.
    fn shed_items(&mut self) {
        while let Some(Piece { item: oldest, .. }) = self.recent.front()
            && (self.recent_entries - oldest.len() >= Self::MAX_ENTRIES
                || self.recent_bytes - oldest.size() > Self::MAX_BYTES)
        {
            self.let_go_of_the_oldest();
        }
    }

    fn let_go_of_the_oldest(&mut self) {
        if let Some(Piece { item, .. }) = self.recent.pop_front() {
            self.recent_entries -= item.len();
            self.recent_bytes -= item.size();
            self.let_go += item.len() as u64;
        }
    }

    /// Lets go of what has no room of the oldest item.
    fn shed_entries(&mut self) {
        let (mut entries, mut bytes) = (self.recent_entries, self.recent_bytes);
        let is_over =
            |entries, bytes| entries > Self::MAX_ENTRIES || (bytes > Self::MAX_BYTES && entries > 1);
        while is_over(entries, bytes)
            && let Some(Piece { number, item }) = self.recent.pop_front()
        {
            let (left, gone) = item.shortened(|size| {
                let over = is_over(entries, bytes);
                if over {
                    entries -= 1;
                    bytes -= size;
                }
                over
            });
            self.let_go += gone as u64;
            if let Some(item) = left {
                self.recent.push_front(Piece { number: number + gone as u64, item });
            }
        }
        (self.recent_entries, self.recent_bytes) = (entries, bytes);
    }
}

/// Equal are records that keep and count the same, whatever came together.
impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        let facts = |record: &Self| {
            (record.let_go, record.counts, record.is_half_closed, record.first_received, record.kept())
        };
        facts(self) == facts(other) && self.entries().eq(other.entries())
    }
}

impl Eq for Record {}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::{
        super::{What, run::Run},
        *,
    };

    fn received(n: usize) -> Entry {
        Entry { at: Duration::from_millis(n as u64), what: What::Received(Bytes::from(n.to_string())) }
    }

    #[test]
    fn a_record_keeps_the_first_and_the_newest_and_counts_all() {
        let mut record = Record::default();
        let total = Record::MAX_ENTRIES + 100;
        for n in 0..total {
            record.push(received(n));
        }
        assert_eq!(record.counts().received, total as u64);
        assert_eq!(record.first(), Some(&received(0)));
        assert_eq!(record.newest(), Some(received(total - 1)));
        assert_eq!(record.let_go() + record.kept() as u64, total as u64);
    }

    #[test]
    fn a_record_with_less_room_keeps_the_first_and_the_newest_and_counts_all() {
        let mut record = Record::default();
        (0..100).for_each(|n| record.push(received(1_000 + n)));
        record.shrink(40);
        assert_eq!((record.bytes(), record.kept(), record.let_go()), (40, 10, 90));
        assert_eq!((record.first(), record.newest()), (Some(&received(1_000)), Some(received(1_099))));
        assert_eq!((record.get(90), record.get(91)), (None, Some(received(1_091))));
        record.shrink(0);
        assert_eq!((record.kept(), record.newest()), (2, Some(received(1_099))));
    }

    #[test]
    fn batches_put_together_say_the_same_as_one_record() {
        for cut in [0, 1, 2, 700, Record::MAX_ENTRIES, Record::MAX_ENTRIES + 2] {
            let total = 2 * Record::MAX_ENTRIES + 7;
            let mut whole = Record::default();
            let (mut early, mut late) = (Record::default(), Record::default());
            for n in 0..total {
                whole.push(received(n));
                if n < cut { early.push(received(n)) } else { late.push(received(n)) }
            }
            early.append(late);
            assert_eq!(early, whole, "cut at {cut}");
        }
    }

    #[test]
    fn large_messages_are_let_go_by_their_bytes() {
        let mut record = Record::default();
        for _ in 0..10 {
            record.push(Entry {
                at: Duration::ZERO,
                what: What::Sent(Bytes::from(vec![0; Record::MAX_BYTES / 2])),
            });
        }
        assert_eq!(record.counts().sent, 10);
        assert_eq!(record.kept(), 3);
    }

    fn run(sizes: &[usize]) -> Item {
        let mut framed = Vec::new();
        for size in sizes {
            framed.push(0);
            framed.extend((*size as u32).to_be_bytes());
            framed.resize(framed.len() + size, 7);
        }
        Item::Replies(Run { at: Duration::ZERO, messages: sizes.len(), framed: framed.into() })
    }

    fn runs() -> impl Strategy<Value = Vec<Vec<usize>>> {
        let few_and_large = proptest::collection::vec(0..Record::MAX_BYTES / 2, 1..3);
        let many_and_small = (1..Record::MAX_ENTRIES).prop_map(|count| vec![1; count]);
        let empty = (1..Record::MAX_ENTRIES).prop_map(|count| vec![0; count]);
        proptest::collection::vec(prop_oneof![few_and_large, many_and_small, empty], 0..8)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn replies_that_came_together_are_kept_and_counted_as_each_by_itself(
            runs in runs(),
            sent in 0..3usize,
            batches in 1..4usize,
        ) {
            let (mut together, mut each) = (Record::default(), Record::default());
            let entry = Entry { at: Duration::ZERO, what: What::Sent(Bytes::from_static(b"name")) };
            let mut items = vec![Item::One(entry); sent];
            items.extend(runs.iter().map(|sizes| run(sizes)));
            for batch in items.chunks(items.len().div_ceil(batches).max(1)) {
                let mut waiting = Record::default();
                for item in batch {
                    item.entries().for_each(|entry| each.push(entry));
                    waiting.take(item.clone());
                }
                together.append(waiting);
            }
            prop_assert_eq!(together.bytes(), each.bytes());
            for number in [0, 1, each.let_go(), each.let_go() + 1, each.total() / 2, each.total()] {
                prop_assert_eq!(together.get(number), each.get(number));
            }
            prop_assert_eq!(together.newest(), each.entries().last());
            prop_assert_eq!(together, each);
        }
    }

    #[test]
    fn little_more_waits_than_a_record_keeps() {
        let mut waiting = Record::default();
        for _ in 0..100 {
            waiting.take(run(&[10; 500]));
        }
        assert!(waiting.kept() <= Record::MAX_ENTRIES + 501, "{}", waiting.kept());
        assert_eq!(waiting.counts().received, 50_000);
    }

    #[test]
    fn a_half_close_is_remembered_when_it_was_let_go() {
        let mut record = Record::default();
        record.push(received(0));
        assert!(!record.is_half_closed());
        record.push(Entry { at: Duration::ZERO, what: What::EndOfStream });
        let mut later = Record::default();
        (0..2 * Record::MAX_ENTRIES).for_each(|n| later.push(received(n)));
        record.append(later);
        assert!(record.is_half_closed());
    }
}
