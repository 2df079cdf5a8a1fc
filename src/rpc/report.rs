//! What one call has to say, with the time since it began.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::{
    CallEvent, CallId, Entry, Outbox, What,
    backlog::{Item, Run},
    ending::Ending,
    event::News,
};

/// Gathers what happens to one call, in its order. Clones tell of the same call.
///
/// What happened while the call had its turn is told together, by [`Reporter::flush`]: one lock, and one
/// wake of whoever listens.
#[derive(Debug, Clone)]
pub(super) struct Reporter {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    outbox: Outbox,
    call: CallId,
    began: Instant,
    told: Told,
    news: Mutex<News>,
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
    pub(super) fn new(outbox: Outbox, call: CallId, told: Told) -> Self {
        let inner = Inner { outbox, call, began: Instant::now(), told, news: Mutex::default() };
        Self { inner: Arc::new(inner) }
    }

    pub(super) fn began(&self) -> Instant {
        self.inner.began
    }

    pub(super) fn queued(&self) {
        self.event(CallEvent::Queued { at: self.at() });
    }

    pub(super) fn started(&self, stream: h2::StreamId, headers: Arc<HeaderMap>) {
        self.event(CallEvent::Started { at: self.at(), stream_id: stream.as_u32(), headers });
    }

    pub(super) fn headers(&self, status: StatusCode, headers: Arc<HeaderMap>) {
        self.event(CallEvent::Headers { at: self.at(), http_status: status.as_u16(), headers });
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
        self.lock().items.push(Item::Replies(run));
    }

    /// Tells what happened.
    pub(super) fn flush(&self) {
        self.inner.outbox.tell(self.inner.call, &mut self.lock());
    }

    /// Since the call began.
    pub(super) fn at(&self) -> Duration {
        self.inner.began.elapsed()
    }

    fn entry(&self, what: What) {
        self.lock().items.push(Item::One(Entry { at: self.at(), what }));
    }

    fn event(&self, event: CallEvent) {
        self.lock().life.push(event);
    }

    fn lock(&self) -> MutexGuard<'_, News> {
        self.inner.news.lock().unwrap_or_else(PoisonError::into_inner)
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

    pub(super) fn say(mut self, ending: Ending) {
        self.ended(ending);
    }

    fn ended(&mut self, ending: Ending) {
        self.said = true;
        let Ending { status, trailers } = ending;
        self.reporter.event(CallEvent::Ended { at: self.reporter.at(), status, trailers });
        self.reporter.flush();
    }
}

impl Drop for LastWord {
    fn drop(&mut self) {
        if !self.said {
            self.ended(Ending::channel_closed());
        }
    }
}
