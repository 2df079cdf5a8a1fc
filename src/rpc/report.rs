//! What one call has to say, with the time since it began.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::{CallEvent, CallId, Entry, Outbox, What, ending::Ending};

/// Tells the events of one call. Clones tell of the same call.
#[derive(Debug, Clone)]
pub(super) struct Reporter {
    outbox: Outbox,
    call: CallId,
    began: Instant,
    told: Told,
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
        Self { outbox, call, began: Instant::now(), told }
    }

    pub(super) fn began(&self) -> Instant {
        self.began
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
        match self.told {
            Told::Once => self.event(CallEvent::RequestSent { at: self.at() }),
            Told::Each => self.entry(What::Sent(message)),
        }
    }

    pub(super) fn end_of_stream(&self) {
        if self.told == Told::Each {
            self.entry(What::EndOfStream);
        }
    }

    pub(super) fn received(&self, message: Bytes) {
        self.entry(What::Received(message));
    }

    fn at(&self) -> Duration {
        self.began.elapsed()
    }

    fn entry(&self, what: What) {
        self.outbox.entry(self.call, Entry { at: self.at(), what });
    }

    fn event(&self, event: CallEvent) {
        self.outbox.event(self.call, event);
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
