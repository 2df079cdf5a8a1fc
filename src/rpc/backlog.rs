//! What came of a call and was not looked at yet.
//!
//! Of a stream at full speed a face sees one reply in a hundred. So replies wait here as they came, in
//! [`Run`]s; what is let go was only counted, and what is kept is taken apart when it is looked at.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;

use super::{CallEvent, Counts, Delta, Entry, Record, What};

/// A flag and a length before each message ("gRPC over HTTP/2", Length-Prefixed-Message).
pub(super) const PREFIX: usize = 5;

/// Replies that came together, at least one, each with its prefix, as they came.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) at: Duration,
    pub(super) messages: usize,
    pub(super) framed: Bytes,
}

impl Run {
    /// Bytes of the messages, without their prefixes.
    fn size(&self) -> usize {
        self.framed.len() - self.messages * PREFIX
    }

    /// Its messages, each a part of the whole.
    pub(super) fn entries(&self) -> Entries {
        self.clone().into_entries()
    }

    /// The same, of a run that nobody else needs.
    pub(super) fn into_entries(self) -> Entries {
        Entries { run: self, read: 0 }
    }
}

/// The messages of a run.
#[derive(Debug)]
pub(super) struct Entries {
    run: Run,
    /// Where the next begins.
    read: usize,
}

impl Iterator for Entries {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let [_, length @ ..] = *self.run.framed.get(self.read..)?.first_chunk::<PREFIX>()?;
        let from = self.read + PREFIX;
        self.read = from + u32::from_be_bytes(length) as usize;
        Some(Entry { at: self.run.at, what: What::Received(self.run.framed.slice(from..self.read)) })
    }
}

/// One thing or several of a transcript.
#[derive(Debug)]
pub(super) enum Item {
    /// Something that was sent, or a reply by itself.
    One(Entry),
    /// Replies that came together.
    Replies(Run),
}

impl Item {
    fn entries(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Replies(run) => run.messages,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::One(entry) => entry.size(),
            Self::Replies(run) => run.size(),
        }
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        match self {
            Self::One(entry) => counts.add(entry),
            Self::Replies(run) => {
                counts.received = run.messages as u64;
                counts.received_bytes = run.size() as u64;
            }
        }
        counts
    }

    fn each(self, mut take: impl FnMut(Entry)) {
        match self {
            Self::One(entry) => take(entry),
            Self::Replies(run) => run.into_entries().for_each(take),
        }
    }

    /// Its first entry, by itself: it is kept for long, and must not keep its neighbours.
    fn first(&self) -> Option<Entry> {
        match self {
            Self::One(entry) => Some(entry.clone()),
            Self::Replies(run) => run.entries().next().map(Entry::by_itself),
        }
    }
}

/// What is new of a call, within the bounds of a [`Record`].
#[derive(Debug, Default)]
pub(super) struct Backlog {
    pub(super) life: Vec<CallEvent>,
    items: VecDeque<Item>,
    entries: usize,
    bytes: usize,
    /// The first of all that were let go, and the counts of all of these.
    first: Option<Entry>,
    let_go: u64,
    let_go_counts: Counts,
}

impl Backlog {
    /// Appends, letting go of what a record would not keep.
    pub(super) fn push(&mut self, item: Item) {
        self.entries += item.entries();
        self.bytes += item.size();
        self.items.push_back(item);
        while let Some(oldest) = self.items.front()
            && (self.entries - oldest.entries() >= Record::MAX_ENTRIES
                || self.bytes - oldest.size() > Record::MAX_BYTES)
        {
            if self.first.is_none() {
                self.first = oldest.first();
            }
            self.entries -= oldest.entries();
            self.bytes -= oldest.size();
            self.let_go += oldest.entries() as u64;
            self.let_go_counts.merge(oldest.counts());
            self.items.pop_front();
        }
    }

    /// Takes apart what was kept.
    pub(super) fn settle(self) -> Delta {
        let mut record = Record::default();
        if let Some(first) = self.first {
            record.begin(first, self.let_go, self.let_go_counts);
        }
        for item in self.items {
            item.each(|entry| record.push(entry));
        }
        Delta { life: self.life, record }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(sizes: &[usize]) -> Run {
        let mut framed = Vec::new();
        for size in sizes {
            framed.push(0);
            framed.extend((*size as u32).to_be_bytes());
            framed.resize(framed.len() + size, 7);
        }
        Run { at: Duration::ZERO, messages: sizes.len(), framed: framed.into() }
    }

    fn items() -> impl Strategy<Value = Vec<Vec<usize>>> {
        let few_and_large = proptest::collection::vec(0..Record::MAX_BYTES / 2, 1..3);
        let many_and_small = (1..Record::MAX_ENTRIES).prop_map(|count| vec![1; count]);
        let empty = (1..Record::MAX_ENTRIES).prop_map(|count| vec![0; count]);
        proptest::collection::vec(prop_oneof![few_and_large, many_and_small, empty], 0..8)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn what_waits_settles_to_what_a_record_of_each_would_be(items in items(), sent in 0..3usize) {
            let (mut backlog, mut record) = (Backlog::default(), Record::default());
            let entry = Entry { at: Duration::ZERO, what: What::Sent(Bytes::from_static(b"name")) };
            for _ in 0..sent {
                record.push(entry.clone());
                backlog.push(Item::One(entry.clone()));
            }
            for sizes in &items {
                run(sizes).entries().for_each(|entry| record.push(entry));
                backlog.push(Item::Replies(run(sizes)));
            }
            prop_assert_eq!(backlog.settle().record, record);
        }
    }

    #[test]
    fn little_more_waits_than_a_record_keeps() {
        let mut backlog = Backlog::default();
        for _ in 0..100 {
            backlog.push(Item::Replies(run(&[10; 500])));
        }
        assert_eq!(backlog.entries, Record::MAX_ENTRIES);
        assert_eq!(backlog.settle().record.counts().received, 50_000);
    }
}
