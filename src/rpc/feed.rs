//! All that happens to one call, in its order, and nothing of it lost.
//!
//! For a face that must have every reply, as one that prints them must. Where it is slow, the peer is held
//! back: replies that are not taken from here keep the stream's window shut ("gRPC over HTTP/2", Flow
//! Control), and while much that was sent is not yet heard of here, nothing more is sent.

use std::{
    collections::VecDeque,
    mem,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
};

use tokio::sync::Notify;

use super::{
    CallEvent, Entry,
    event::{Fact, News, Sent},
    run::{Entries, Item},
};
use crate::held::lock;

/// Messages that were sent and not yet heard of here.
const MAX_UNHEARD: usize = 1_024;
/// Their bytes; one may always be.
const MAX_UNHEARD_BYTES: usize = 1 << 20;

/// What happened to a call.
#[derive(Debug, Clone)]
pub enum Happened {
    /// Something in its life. [`CallEvent::Ended`] is the last.
    Event(CallEvent),
    /// A message, or the end of the request stream.
    Entry(Entry),
}

/// What happens to one call, for one listener. See [`Channel::follow`](super::Channel::follow).
#[derive(Debug)]
pub struct Feed {
    inner: Arc<Inner>,
    /// What was taken at once, and is handed out one by one.
    taken: VecDeque<Fact>,
    run: Option<Entries>,
    is_over: bool,
}

impl Feed {
    /// What happened next; `None` behind the end. Cancel-safe.
    pub async fn next(&mut self) -> Option<Happened> {
        loop {
            if let Some(happened) = self.at_hand() {
                return Some(happened);
            }
            if self.is_over {
                return None;
            }
            let news = self.inner.news.notified();
            self.taken = self.inner.take();
            if self.taken.is_empty() {
                news.await;
            }
        }
    }

    /// What was taken before and not yet handed out. Says nothing of what only the call knows.
    pub fn at_hand(&mut self) -> Option<Happened> {
        loop {
            if let Some(entry) = self.run.as_mut().and_then(Iterator::next) {
                return Some(Happened::Entry(entry));
            }
            match self.taken.pop_front()? {
                Fact::Event(event) => {
                    self.is_over = matches!(event, CallEvent::Ended { .. });
                    return Some(Happened::Event(event));
                }
                Fact::Item(Item::One(entry)) => return Some(Happened::Entry(entry)),
                Fact::Item(Item::Replies(run)) => self.run = Some(run.into_entries()),
            }
        }
    }
}

/// A feed, and where it is written.
pub(super) fn feed() -> (FeedWriter, Feed) {
    let inner = Arc::new(Inner::default());
    let writer = FeedWriter { inner: Arc::clone(&inner) };
    (writer, Feed { inner, taken: VecDeque::new(), run: None, is_over: false })
}

/// Where a call writes what happens to it.
#[derive(Debug)]
pub(super) struct FeedWriter {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    news: Notify,
}

/// What was not taken yet.
#[derive(Debug, Default)]
struct State {
    facts: VecDeque<Fact>,
    /// Bytes of replies, prefixes and all: what they cost of the stream's window.
    held: usize,
    /// What was sent.
    unheard: Sent,
    /// The call, where it waits for something to be taken.
    call: Option<Waker>,
}

impl FeedWriter {
    /// Appends all that is new, leaving nothing of it.
    pub(super) fn tell(&self, news: &mut News) {
        if news.is_empty() {
            return;
        }
        let mut state = self.inner.lock();
        state.held += news.reply_bytes();
        state.unheard.entries += news.sent().entries;
        state.unheard.bytes += news.sent().bytes;
        state.facts.extend(news.drain());
        drop(state);
        self.inner.news.notify_one();
    }

    /// How many bytes of replies are not taken, with those that are to be told next. Where there are any, the call is
    /// woken when they are.
    pub(super) fn held(&self, cx: &Context<'_>, untold: usize) -> usize {
        let mut state = self.inner.lock();
        let held = state.held + untold;
        // Also where all that was told is taken already: nothing else may come that wakes the call.
        if held > 0 {
            state.call = Some(cx.waker().clone());
        }
        held
    }

    /// Whether another message may be sent, where so much was sent that is not told yet.
    pub(super) fn poll_room(&self, cx: &Context<'_>, untold: Sent) -> Poll<()> {
        let mut state = self.inner.lock();
        let unheard = state.unheard.entries + untold.entries;
        if unheard < MAX_UNHEARD && state.unheard.bytes + untold.bytes < MAX_UNHEARD_BYTES {
            return Poll::Ready(());
        }
        state.call = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Inner {
    fn take(&self) -> VecDeque<Fact> {
        let State { facts, call, .. } = mem::take(&mut *self.lock());
        if let Some(call) = call {
            call.wake();
        }
        facts
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        task::Wake,
        time::Duration,
    };

    use bytes::Bytes;

    use super::*;
    use crate::rpc::run::Run;

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The window may be shut by these replies alone: then no other is to come that wakes the call.
    #[test]
    fn a_call_is_woken_for_replies_that_were_told_after_all_before_them_was_taken() {
        let (writer, mut feed) = feed();
        let wakes = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&wakes));
        let mut news = News::default();
        news.item(Item::Replies(Run {
            at: Duration::ZERO,
            messages: 1,
            framed: Bytes::from_static(&[0, 0, 0, 0, 1, 7]),
        }));
        assert_eq!(writer.held(&Context::from_waker(&waker), news.reply_bytes()), 6);
        writer.tell(&mut news);
        feed.taken = feed.inner.take();
        assert!(feed.at_hand().is_some());
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
        assert_eq!(writer.held(&Context::from_waker(&waker), 0), 0);
    }
}
