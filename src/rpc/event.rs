//! What happened to calls and channels, handed over in one bounded batch.
//!
//! The rpc side appends as things happen; a face takes the whole batch when it is about to draw.
//! There is one wake for any number of events, and a stream is always drained: what a face is too
//! slow to look at is counted and let go, never queued without end.

use std::{
    collections::{BTreeMap, VecDeque},
    mem,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::HeaderMap;
use tokio::sync::Notify;

use super::Status;

/// A call's number, counted from 1 through all panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u32);

/// A channel's number: tells the news of the present channel from that of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(pub u32);

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
    fn size(&self) -> usize {
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
    fn add(&mut self, entry: &Entry) {
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

    fn merge(&mut self, other: Counts) {
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

/// A turn in a call's life that is not a message. There are a handful in any call.
#[derive(Debug, Clone)]
pub enum CallEvent {
    /// The peer allows no further stream now; the call waits its turn and nothing of it is sent.
    Queued {
        /// Since the call began.
        at: Duration,
    },
    /// The request's HEADERS were handed to the connection.
    Started {
        /// Since the call began.
        at: Duration,
        /// The HTTP/2 stream.
        stream_id: u32,
        /// The request's headers as sent, pseudo-headers apart.
        headers: Arc<HeaderMap>,
    },
    /// The one request of a call that has one was handed to the connection, `END_STREAM` with it. The
    /// transcript of such a call holds its replies alone.
    RequestSent {
        /// Since the call began.
        at: Duration,
    },
    /// The response's HEADERS came.
    Headers {
        /// Since the call began.
        at: Duration,
        /// The HTTP status; 200 in gRPC.
        http_status: u16,
        /// The response's headers.
        headers: Arc<HeaderMap>,
    },
    /// The call is over. Nothing follows.
    Ended {
        /// Since the call began.
        at: Duration,
        /// How it ended.
        status: Status,
        /// The trailers, where any came.
        trailers: Option<Arc<HeaderMap>>,
    },
}

/// What is new of one call.
#[derive(Debug, Default)]
pub struct Delta {
    /// Turns of its life, oldest first.
    pub life: Vec<CallEvent>,
    /// Its new messages.
    pub record: Record,
}

/// Where a channel stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelState {
    /// A connection is being made: name, TCP, and the peer's SETTINGS are awaited.
    Connecting,
    /// The peer's SETTINGS came.
    Ready {
        /// Since when.
        since: Instant,
        /// The address in use.
        peer: SocketAddr,
    },
    /// There is no connection.
    Lost {
        /// Why, in words.
        cause: String,
        /// When it is tried again.
        retry_at: Instant,
    },
    /// The channel was closed here.
    Closed,
}

/// All that is new since the last [`Outbox::take`].
#[derive(Debug, Default)]
pub struct Batch {
    /// By call, in the order of the numbers.
    pub calls: BTreeMap<CallId, Delta>,
    /// The newest state of each channel that changed.
    pub channels: BTreeMap<ChannelId, ChannelState>,
}

impl Batch {
    /// Whether there is no news.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.channels.is_empty()
    }
}

/// Where the rpc side puts its news and a face takes them. Clones share one batch.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    batch: Mutex<Batch>,
    news: Notify,
}

impl Outbox {
    /// An empty outbox.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a message to a call's transcript.
    pub fn entry(&self, call: CallId, entry: Entry) {
        self.append(|batch| batch.calls.entry(call).or_default().record.push(entry));
    }

    /// Appends messages that came together to a call's transcript, oldest first.
    pub fn entries(&self, call: CallId, entries: impl IntoIterator<Item = Entry>) {
        self.append(|batch| {
            let record = &mut batch.calls.entry(call).or_default().record;
            entries.into_iter().for_each(|entry| record.push(entry));
        });
    }

    /// Appends a turn of a call's life.
    pub fn event(&self, call: CallId, event: CallEvent) {
        self.append(|batch| batch.calls.entry(call).or_default().life.push(event));
    }

    /// Says where a channel stands now.
    pub fn channel(&self, channel: ChannelId, state: ChannelState) {
        self.append(|batch| {
            batch.channels.insert(channel, state);
        });
    }

    /// Takes all news, leaving none.
    pub fn take(&self) -> Batch {
        mem::take(&mut *self.lock())
    }

    /// Waits until there is news. Cancel-safe.
    pub async fn changed(&self) {
        loop {
            let notified = self.inner.news.notified();
            if !self.lock().is_empty() {
                return;
            }
            notified.await;
        }
    }

    fn append(&self, put: impl FnOnce(&mut Batch)) {
        let was_empty = {
            let mut batch = self.lock();
            let was_empty = batch.is_empty();
            put(&mut batch);
            was_empty
        };
        if was_empty {
            self.inner.news.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Batch> {
        // A panic elsewhere must not take the transcripts with it.
        self.inner.batch.lock().unwrap_or_else(PoisonError::into_inner)
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
