//! What one call has to say, with the time since it began.

use std::{
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::{
    CallEvent, CallId, Entry, Outbox, What,
    ending::Ending,
    event::News,
    feed::FeedWriter,
    run::{Item, Run},
};
use crate::held::lock;

/// Gathers what happens to one call, in its order. Clones tell of the same call.
///
/// What happened while the call had its turn is told together, by [`Reporter::tell`]: one lock, and one
/// wake of whoever listens.
#[derive(Debug, Clone)]
pub(super) struct Reporter {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    listener: Listener,
    began: Instant,
    told: Told,
    fresh: Mutex<Fresh>,
    /// Whether the request's headers went out.
    has_started: AtomicBool,
}

/// Who is told.
#[derive(Debug)]
pub(super) enum Listener {
    /// A face that looks when it has time: what it is too slow for is counted and let go.
    Outbox(Outbox, CallId),
    /// A face that must have all: where it is too slow, the peer is held back.
    Feed(FeedWriter),
}

impl Listener {
    fn tell(&self, news: &mut News) {
        match self {
            Self::Outbox(outbox, call) => outbox.tell(*call, news),
            Self::Feed(feed) => feed.tell(news),
        }
    }
}

/// What happened in the present turn of the call.
#[derive(Debug, Default)]
struct Fresh {
    news: News,
    /// Something came from the peer.
    came: bool,
    /// What went out has waited for a turn.
    waited: bool,
    /// The call is over: what still happens to its stream is not told.
    is_over: bool,
}

/// Whether the call is to be polled again only to tell what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// All is told.
    Done,
    /// Something is to be told in the call's next turn.
    Due,
}

/// How the request messages are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// There is one, known from the beginning: that it went is a turn of the call's life.
    Once,
    /// Each is an entry of the transcript, and so is their end.
    Each,
}

impl Reporter {
    pub(super) fn new(listener: Listener, told: Told) -> Self {
        let (fresh, has_started) = (Mutex::default(), AtomicBool::new(false));
        let inner = Inner { listener, began: Instant::now(), told, fresh, has_started };
        Self { inner: Arc::new(inner) }
    }

    pub(super) fn began(&self) -> Instant {
        self.inner.began
    }

    pub(super) fn waiting(&self, cause: &str) {
        self.event(CallEvent::Waiting { at: self.at(), cause: cause.to_owned() });
    }

    /// Whether the peer was spoken to.
    pub(super) fn has_started(&self) -> bool {
        self.inner.has_started.load(Ordering::Relaxed)
    }

    /// Tells all that happened, and nothing more but the end.
    pub(super) fn close(&self) {
        self.flush();
        self.lock().is_over = true;
    }

    pub(super) fn queued(&self) {
        self.event(CallEvent::Queued { at: self.at() });
    }

    pub(super) fn started(&self, stream: h2::StreamId, headers: Arc<HeaderMap>) {
        self.inner.has_started.store(true, Ordering::Relaxed);
        self.event(CallEvent::Started { at: self.at(), stream_id: stream.as_u32(), headers });
    }

    pub(super) fn headers(&self, status: StatusCode, headers: Arc<HeaderMap>) {
        self.event(CallEvent::Headers { at: self.at(), http_status: status.as_u16(), headers });
        self.lock().came = true;
    }

    pub(super) fn sent(&self, message: Bytes) {
        match self.inner.told {
            Told::Once => self.event(CallEvent::RequestSent { at: self.at() }),
            Told::Each => self.entry(What::Sent(message)),
        }
    }

    pub(super) fn end_of_stream(&self) {
        if self.inner.told == Told::Each {
            self.entry(What::EndOfStream);
        }
    }

    /// Replies came.
    pub(super) fn received(&self, run: Run) {
        let mut fresh = self.lock();
        if fresh.is_over {
            return;
        }
        fresh.news.item(Item::Replies(run));
        fresh.came = true;
    }

    /// How many bytes of replies, prefixes and all, the listener has yet to take before the peer may send as
    /// many more. Where there are any, the call is woken when they are taken.
    pub(super) fn held(&self, cx: &Context<'_>) -> usize {
        match &self.inner.listener {
            Listener::Outbox(..) => 0,
            Listener::Feed(feed) => feed.held(cx, self.lock().news.reply_bytes()),
        }
    }

    /// How many bytes of replies the listener was told of and has not taken. Where there are any, the call is
    /// woken when they are.
    pub(super) fn untaken(&self, cx: &Context<'_>) -> usize {
        match &self.inner.listener {
            Listener::Outbox(..) => 0,
            Listener::Feed(feed) => feed.held(cx, 0),
        }
    }

    /// Whether another message may be sent, as far as the listener follows.
    pub(super) fn poll_room(&self, cx: &Context<'_>) -> Poll<()> {
        match &self.inner.listener {
            Listener::Outbox(..) => Poll::Ready(()),
            Listener::Feed(feed) => feed.poll_room(cx, self.lock().news.sent()),
        }
    }

    /// Tells what happened: what came at once, what only went out a turn later.
    pub(super) fn tell(&self) -> Telling {
        let mut fresh = self.lock();
        if !fresh.came && !fresh.waited && !fresh.news.is_empty() {
            fresh.waited = true;
            return Telling::Due;
        }
        self.inner.listener.tell(&mut fresh.news);
        (fresh.came, fresh.waited) = (false, false);
        Telling::Done
    }

    /// Tells all that happened, now.
    fn flush(&self) {
        self.inner.listener.tell(&mut self.lock().news);
    }

    /// Since the call began.
    pub(super) fn at(&self) -> Duration {
        self.inner.began.elapsed()
    }

    fn entry(&self, what: What) {
        let mut fresh = self.lock();
        if !fresh.is_over {
            fresh.news.item(Item::One(Entry { at: self.at(), what }));
        }
    }

    fn event(&self, event: CallEvent) {
        let mut fresh = self.lock();
        if !fresh.is_over {
            fresh.news.event(event);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Fresh> {
        lock(&self.inner.fresh)
    }
}

/// Tells the end of a call exactly once: at the latest when it is dropped, as it is when the runtime goes
/// away under the call.
#[derive(Debug)]
pub(super) struct LastWord {
    reporter: Reporter,
    said: bool,
}

impl LastWord {
    pub(super) fn new(reporter: Reporter) -> Self {
        Self { reporter, said: false }
    }

    /// The call ended, so long after it began.
    pub(super) fn say(mut self, at: Duration, ending: Ending) {
        self.ended(at, ending);
    }

    fn ended(&mut self, at: Duration, ending: Ending) {
        self.said = true;
        let Ending { status, trailers } = ending;
        self.reporter.lock().news.event(CallEvent::Ended { at, status, trailers });
        self.reporter.flush();
    }
}

impl Drop for LastWord {
    fn drop(&mut self) {
        if !self.said {
            self.ended(self.reporter.at(), Ending::channel_closed());
        }
    }
}
