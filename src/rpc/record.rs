//! A call's transcript, bounded: what was sent and received, and true counts of all of it.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;

/// What one entry of a call's transcript is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A request message, as its encoded bytes without the gRPC prefix.
    Sent(Bytes),
    /// The client's half-close.
    EndOfStream,
    /// A reply message, as its encoded bytes without the gRPC prefix.
    Received(Bytes),
}

/// One entry of a call's transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Since the call began, taken when it happened.
    pub at: Duration,
    /// What happened.
    pub what: What,
}

impl Entry {
    /// Without whatever else its message shares room with.
    pub(super) fn by_itself(self) -> Self {
        match self.what {
            What::Received(bytes) => Self { what: What::Received(Bytes::copy_from_slice(&bytes)), ..self },
            _ => self,
        }
    }

    pub(super) fn size(&self) -> usize {
        match &self.what {
            What::Sent(bytes) | What::Received(bytes) => bytes.len(),
            What::EndOfStream => 0,
        }
    }
}

/// True counts of a call's messages, whatever was kept of them. Bytes are without the gRPC prefix.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Request messages.
    pub sent: u64,
    /// Reply messages.
    pub received: u64,
    /// Bytes of all request messages.
    pub sent_bytes: u64,
    /// Bytes of all reply messages.
    pub received_bytes: u64,
}

impl Counts {
    /// Counts an entry in.
    pub fn add(&mut self, entry: &Entry) {
        match &entry.what {
            What::Sent(bytes) => {
                self.sent += 1;
                self.sent_bytes += bytes.len() as u64;
            }
            What::Received(bytes) => {
                self.received += 1;
                self.received_bytes += bytes.len() as u64;
            }
            What::EndOfStream => {}
        }
    }

    pub(super) fn merge(&mut self, other: Counts) {
        self.sent += other.sent;
        self.received += other.received;
        self.sent_bytes += other.sent_bytes;
        self.received_bytes += other.received_bytes;
    }
}

/// A bounded transcript: the first entry, the newest ones, and true counts of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    first: Option<Entry>,
    recent: VecDeque<Entry>,
    recent_bytes: usize,
    let_go: u64,
    counts: Counts,
}

impl Record {
    /// The newest entries that are kept beside the first.
    pub const MAX_ENTRIES: usize = 5_000;
    /// The bytes of messages that are kept beside the first entry; the newest is kept whatever its size.
    pub const MAX_BYTES: usize = 8 << 20;

    /// Appends an entry, letting go of the oldest where there is no room.
    pub fn push(&mut self, entry: Entry) {
        self.counts.add(&entry);
        self.keep(entry);
    }

    /// Begins with a first entry, and others behind it that were let go elsewhere: `gone` in all with it,
    /// and their counts.
    pub(super) fn begin(&mut self, first: Entry, gone: u64, counts: Counts) {
        self.first = Some(first);
        self.let_go = gone.saturating_sub(1);
        self.counts = counts;
    }

    /// Appends a later record of the same call.
    pub fn append(&mut self, later: Record) {
        self.counts.merge(later.counts);
        if let Some(first) = later.first {
            self.keep(first);
        }
        if later.let_go > 0 {
            // What is kept stays a run without holes behind the first entry.
            self.let_go += later.let_go + self.recent.len() as u64;
            self.recent.clear();
            self.recent_bytes = 0;
        }
        for entry in later.recent {
            self.keep(entry);
        }
    }

    /// The first entry of all.
    pub fn first(&self) -> Option<&Entry> {
        self.first.as_ref()
    }

    /// What is kept behind the first entry, oldest first. [`Record::let_go`] entries lie between.
    pub fn recent(&self) -> &VecDeque<Entry> {
        &self.recent
    }

    /// All that is kept, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.first.iter().chain(&self.recent)
    }

    /// How many entries are kept.
    pub fn kept(&self) -> usize {
        usize::from(self.first.is_some()) + self.recent.len()
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

    /// Bytes of the messages kept.
    pub fn bytes(&self) -> usize {
        self.recent_bytes + self.first.as_ref().map_or(0, Entry::size)
    }

    fn keep(&mut self, entry: Entry) {
        if self.first.is_none() {
            self.first = Some(entry);
            return;
        }
        self.recent_bytes += entry.size();
        self.recent.push_back(entry);
        while self.recent.len() > Self::MAX_ENTRIES
            || (self.recent_bytes > Self::MAX_BYTES && self.recent.len() > 1)
        {
            if let Some(oldest) = self.recent.pop_front() {
                self.recent_bytes -= oldest.size();
                self.let_go += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(record.recent().back(), Some(&received(total - 1)));
        assert_eq!(record.let_go() + record.kept() as u64, total as u64);
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
}
