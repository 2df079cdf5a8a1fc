//! What one call has to say, with the time since it began.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::{CallEvent, CallId, Entry, Outbox, What, ending::Ending};

/// Replies that came together are told together, at most so many at a time.
const TOGETHER: usize = 128;

/// Tells the events of one call, in their order. Clones tell of the same call.
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
    arrived: Mutex<Arrived>,
}

/// How the request messages are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// There is one, known from the beginning: that it went is a turn of the call's life.
    Once,
    /// Each is an entry of the transcript, and so is their end.
    Each,
}

/// Replies that are about to be told.
#[derive(Debug, Default)]
struct Arrived {
    at: Duration,
    messages: Vec<Bytes>,
}

impl Reporter {
    pub(super) fn new(outbox: Outbox, call: CallId, told: Told) -> Self {
        let inner = Inner { outbox, call, began: Instant::now(), told, arrived: Mutex::default() };
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

    /// A reply came. It is told with the next [`Reporter::flush`], at the latest.
    pub(super) fn received(&self, message: Bytes) {
        let mut arrived = self.lock();
        if arrived.messages.is_empty() {
            arrived.at = self.at();
        }
        arrived.messages.push(message);
        if arrived.messages.len() == TOGETHER {
            self.tell(&mut arrived);
        }
    }

    /// Tells what came.
    pub(super) fn flush(&self) {
        self.tell(&mut self.lock());
    }

    fn at(&self) -> Duration {
        self.inner.began.elapsed()
    }

    fn entry(&self, what: What) {
        self.flush();
        self.inner.outbox.entry(self.inner.call, Entry { at: self.at(), what });
    }

    fn event(&self, event: CallEvent) {
        self.flush();
        self.inner.outbox.event(self.inner.call, event);
    }

    fn tell(&self, arrived: &mut Arrived) {
        if arrived.messages.is_empty() {
            return;
        }
        let at = arrived.at;
        let entries = arrived.messages.drain(..).map(|message| Entry { at, what: What::Received(message) });
        self.inner.outbox.entries(self.inner.call, entries);
    }

    fn lock(&self) -> MutexGuard<'_, Arrived> {
        self.inner.arrived.lock().unwrap_or_else(PoisonError::into_inner)
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
    }
}

impl Drop for LastWord {
    fn drop(&mut self) {
        if !self.said {
            self.ended(Ending::channel_closed());
        }
    }
}
