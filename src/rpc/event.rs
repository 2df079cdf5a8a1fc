//! What happened to calls and channels, handed over in one bounded batch.
//!
//! The rpc side appends as things happen; a face takes the whole batch when it is about to draw.
//! There is one wake for any number of events, and a stream is always drained: what a face is too
//! slow to look at is counted and let go, never queued without end.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use http::HeaderMap;
use tokio::sync::Notify;

use super::{Entry, Ladder, Peer, Record, Status, TlsFacts, run::Item};
use crate::held::lock;

/// A call's number, counted from 1 through all panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u32);

/// A channel's number: tells the news of the present channel from that of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(pub u32);

/// A turn in a call's life that is not a message. There are a handful in any call.
#[derive(Debug, Clone)]
pub enum CallEvent {
    /// There is no connection, and the call waits for one: it was asked to. Told once.
    Waiting {
        /// Since the call began.
        at: Duration,
        /// Why there was none then, in words.
        cause: String,
    },
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
    /// A connection is being made: name, socket, TLS, and the peer's SETTINGS are awaited.
    Connecting {
        /// Why the connection before ended, where that was a good one and nothing has failed since.
        after: Option<Arc<str>>,
    },
    /// The peer's SETTINGS came.
    Ready {
        /// Since when.
        since: Instant,
        /// The address in use.
        peer: Peer,
        /// What is known of its TLS; `None` is plaintext.
        tls: Option<Arc<TlsFacts>>,
    },
    /// There is no connection.
    Lost {
        /// Why, in words.
        cause: String,
        /// When it is tried again.
        retry_at: Instant,
        /// How far the last attempt came, where none stood.
        ladder: Option<Arc<Ladder>>,
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
    /// Puts what is new of a call beside what waits, which then is within its bound.
    fn of(&mut self, call: CallId, put: impl FnOnce(&mut Delta)) {
        let calls_before = self.calls.len();
        put(self.calls.entry(call).or_default());
        self.hold_back(call, calls_before);
    }

    /// Leaves a call that told something no more than its part of the room; where there were fewer calls before, and so
    /// larger parts, every call. The parts are halved each time, so that few calls make all others smaller.
    fn hold_back(&mut self, call: CallId, calls_before: usize) {
        let part_of = |calls: usize| MAX_BATCH / calls.max(1).next_power_of_two();
        let part = part_of(self.calls.len());
        if part < part_of(calls_before) {
            self.calls.values_mut().for_each(|delta| delta.record.shrink(part));
        } else if let Some(delta) = self.calls.get_mut(&call) {
            delta.record.shrink(part);
        }
    }

    /// Whether there is no news.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.channels.is_empty()
    }
}

/// The bytes of messages that all calls together have in a batch: each may have its part of them, and nobody more
/// than a record keeps. A face that takes nothing for long, with many calls, is told of their newest.
const MAX_BATCH: usize = 64 << 20;

/// Where the rpc side puts its news and a face takes them. Clones share one batch.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: Mutex<Batch>,
    news: Notify,
}

/// One thing that happened to a call.
#[derive(Debug)]
pub(super) enum Fact {
    /// Something in its life.
    Event(CallEvent),
    /// Messages.
    Item(Item),
}

/// What is new of one call since it last told, oldest first.
#[derive(Debug, Default)]
pub(super) struct News {
    facts: Vec<Fact>,
    sent: Sent,
}

/// How much of what was sent is told.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sent {
    pub(super) entries: usize,
    pub(super) bytes: usize,
}

impl News {
    pub(super) fn event(&mut self, event: CallEvent) {
        self.facts.push(Fact::Event(event));
    }

    pub(super) fn item(&mut self, item: Item) {
        if let Item::One(entry) = &item {
            self.sent.entries += 1;
            self.sent.bytes += entry.size();
        }
        self.facts.push(Fact::Item(item));
    }

    pub(super) fn sent(&self) -> Sent {
        self.sent
    }

    pub(super) fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Bytes of the replies, prefixes and all.
    pub(super) fn reply_bytes(&self) -> usize {
        let replies = |fact: &Fact| match fact {
            Fact::Item(Item::Replies(run)) => run.framed.len(),
            _ => 0,
        };
        self.facts.iter().map(replies).sum()
    }

    /// All of it, leaving nothing.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Fact> {
        self.sent = Sent::default();
        self.facts.drain(..)
    }
}

impl Outbox {
    /// An empty outbox.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a message to a call's transcript.
    pub fn entry(&self, call: CallId, entry: Entry) {
        self.append(|waiting| waiting.of(call, |delta| delta.record.push(entry)));
    }

    /// Appends what happened in a call's life.
    pub fn event(&self, call: CallId, event: CallEvent) {
        self.append(|waiting| waiting.of(call, |delta| delta.life.push(event)));
    }

    /// Appends all that is new of a call, leaving nothing of it.
    pub(super) fn tell(&self, call: CallId, news: &mut News) {
        if news.is_empty() {
            return;
        }
        self.append(|waiting| {
            waiting.of(call, |delta| {
                for fact in news.drain() {
                    match fact {
                        Fact::Event(event) => delta.life.push(event),
                        Fact::Item(item) => delta.record.take(item),
                    }
                }
            });
        });
    }

    /// Says where a channel stands now.
    pub fn channel(&self, channel: ChannelId, state: ChannelState) {
        self.append(|waiting| {
            waiting.channels.insert(channel, state);
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
            let mut waiting = self.lock();
            let was_empty = waiting.is_empty();
            put(&mut waiting);
            was_empty
        };
        if was_empty {
            self.inner.news.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Batch> {
        // A panic elsewhere must not take the transcripts with it.
        lock(&self.inner.waiting)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::rpc::What;

    #[test]
    fn calls_that_told_much_before_there_were_many_share_the_room_as_well() {
        let outbox = Outbox::new();
        let reply = Bytes::from(vec![0; 64 << 10]);
        for call in 1..=100 {
            let mut news = News::default();
            for _ in 0..64 {
                let what = What::Received(reply.clone());
                news.item(Item::One(Entry { at: Duration::ZERO, what }));
            }
            outbox.tell(CallId(call), &mut news);
        }
        let batch = outbox.take();
        let kept: usize = batch.calls.values().map(|delta| delta.record.bytes()).sum();
        assert!(kept <= MAX_BATCH, "{kept} bytes");
        assert!(batch.calls.values().all(|delta| delta.record.counts().received == 64));
    }
}
