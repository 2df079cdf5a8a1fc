//! A call as the screen knows it: what was asked, what came back, and its state.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::HeaderMap;

use super::{
    Metadata, Sizes, Way, details,
    handed::{Handed, Waiting},
    told::{Told, told},
};
use crate::{
    compression::{Agreement, Encoding},
    rpc::{CallEvent, CallId, Delta, Entry, Readiness, Record, Status, What, metadata},
    schema::{MessageType, Method},
};

/// One call and its transcript.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its number.
    pub id: CallId,
    /// What it calls.
    pub method: Method,
    /// When it was begun, by the screen's clock.
    pub begun: Instant,
    /// How long it may take, where it has a deadline.
    pub deadline: Option<Duration>,
    /// How its messages are compressed.
    pub compression: Option<Encoding>,
    /// What it does where there is no connection.
    pub readiness: Readiness,
    /// How large its messages may be.
    pub sizes: Sizes,
    /// The metadata sent with it, apart from gRPC's own headers.
    pub metadata: Vec<Metadata>,
    /// Where it went; none if there was no server.
    pub way: Option<Arc<Way>>,
    /// The one request, where the kind has one.
    pub request: Option<Bytes>,
    /// What was said so far.
    pub record: Record,
    /// Its state.
    pub state: State,
    /// What is known of it apart from its messages.
    pub facts: Facts,
    /// What was to be sent on its stream.
    handed: Handed,
    /// Messages of the last second or so, for the rate.
    meter: Meter,
    /// What there was when the view was held.
    held: Option<Held>,
}

/// What a held view shows.
#[derive(Debug, Clone)]
struct Held {
    record: Record,
    handed: Handed,
}

/// A call's state.
#[derive(Debug, Clone)]
pub enum State {
    /// It lives.
    Live(Live),
    /// It is over.
    Ended {
        /// How it ended.
        status: Status,
        /// How long it took.
        after: Duration,
        /// When the screen learned of it.
        seen: Instant,
    },
}

/// Where a live call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Live {
    /// Whether the peer has been spoken to.
    pub phase: Phase,
    /// Whether the user may still send.
    pub requests: RequestSide,
    /// Whether the user asked for its end.
    pub leaving: Leaving,
    /// Whether what comes is read.
    pub reading: Reading,
}

/// Whether the peer has been spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// A connection is awaited.
    Waiting,
    /// There is none, and the call was asked to wait for one.
    Unconnected,
    /// The peer allows no further stream now.
    Queued,
    /// HEADERS were sent.
    Started,
}

/// Whether the user may still send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestSide {
    /// The request stream is open.
    Open,
    /// It was ended by the user, or has its one message.
    Closed,
}

/// Whether the user asked for a live call's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// No.
    No,
    /// It was cancelled; its status is on the way.
    Cancelled,
}

/// Whether the replies of a live call are read, so that the server may send more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// As they come.
    On,
    /// The user stopped it: the server may send what its window has left, and then it waits.
    Stopped,
}

/// What is known of a call apart from its messages.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The HTTP/2 stream, and when the request's headers were sent.
    pub started: Option<(u32, Duration)>,
    /// The request's headers as sent.
    pub sent: Option<Arc<HeaderMap>>,
    /// When the one request went, where the kind has one.
    pub request_sent: Option<Duration>,
    /// When the response's headers came, its HTTP status, and the headers.
    pub headers: Option<(Duration, u16, Arc<HeaderMap>)>,
    /// What is said of its end, under its messages.
    pub told: Vec<Told>,
    /// The trailers.
    pub trailers: Option<Arc<HeaderMap>>,
    /// Headers and trailers in words.
    pub(super) words: details::HeaderWords,
}

impl Facts {
    /// Whether there is a secret in its metadata.
    fn have_secrets(&self) -> bool {
        let headers = self.headers.as_ref().map(|(.., headers)| headers);
        let all = [self.sent.as_ref(), headers, self.trailers.as_ref()];
        all.into_iter()
            .flatten()
            .flat_map(|map| map.iter())
            .any(|(key, value)| metadata::is_secret(key, value))
    }
}

impl Call {
    /// Whether there is a secret in its headers or trailers.
    pub fn has_secrets(&self) -> bool {
        self.facts.have_secrets()
    }

    /// A call that begins now.
    pub fn new(id: CallId, method: Method, request: Option<Bytes>, now: Instant) -> Self {
        let requests = if request.is_some() { RequestSide::Closed } else { RequestSide::Open };
        Self {
            id,
            method,
            begun: now,
            deadline: None,
            compression: None,
            readiness: Readiness::default(),
            sizes: Sizes::default(),
            metadata: Vec::new(),
            way: None,
            request,
            record: Record::default(),
            state: State::Live(Live {
                phase: Phase::Waiting,
                requests,
                leaving: Leaving::No,
                reading: Reading::On,
            }),
            facts: Facts::default(),
            handed: Handed::default(),
            meter: Meter::default(),
            held: None,
        }
    }

    /// Another message is to be sent.
    pub fn hand_over(&mut self, message: Bytes, now: Instant) {
        self.handed.add(message, now);
    }

    /// So many of those that were handed over last were not taken, which was said already.
    pub fn hand_back(&mut self, messages: u64) {
        self.handed.take_back(messages);
    }

    /// How many messages that were to be sent were not, so far.
    pub fn unsent(&self) -> u64 {
        self.handed.unsent(self.record.counts().sent)
    }

    /// All of them, where they are known.
    pub(super) fn all_unsent(&self) -> Option<impl Iterator<Item = &Bytes>> {
        self.handed.all_unsent(self.record.counts().sent)
    }

    /// How many messages of a live call wait to be sent, and not just for a moment.
    pub fn waiting(&self) -> u64 {
        if self.is_live() { self.handed.waiting(self.record.counts().sent) } else { 0 }
    }

    /// How many rows are seen of what waits, of at most so many.
    pub fn waiting_rows(&self, most: usize) -> usize {
        let (record, handed) = self.waits();
        if self.is_live() { handed.rows(record.counts().sent, most) } else { 0 }
    }

    /// The n-th of them.
    pub fn waiting_row(&self, most: usize, nth: usize) -> Option<Waiting<'_>> {
        let (record, handed) = self.waits();
        if self.is_live() { handed.row(record.counts().sent, most, nth) } else { None }
    }

    fn waits(&self) -> (&Record, &Handed) {
        self.held.as_ref().map_or((&self.record, &self.handed), |held| (&held.record, &held.handed))
    }

    /// Time went on.
    pub fn tick(&mut self, now: Instant) {
        self.handed.tick(now);
    }

    /// Whether it has no status yet.
    pub fn is_live(&self) -> bool {
        matches!(self.state, State::Live(_))
    }

    /// When the screen learned that it is over; none while it lives.
    pub fn ended_at(&self) -> Option<Instant> {
        match self.state {
            State::Live(_) => None,
            State::Ended { seen, .. } => Some(seen),
        }
    }

    /// Whether `Ctrl-C` has something to cancel.
    pub fn is_cancellable(&self) -> bool {
        matches!(self.state, State::Live(Live { leaving: Leaving::No, .. }))
    }

    /// Whether the user may still send.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Live(Live { requests: RequestSide::Open, leaving: Leaving::No, .. }))
    }

    /// The user ended the request stream.
    pub fn half_close(&mut self, now: Instant) {
        self.end_requests();
        self.handed.end(now);
    }

    fn end_requests(&mut self) {
        if let State::Live(live) = &mut self.state {
            live.requests = RequestSide::Closed;
        }
    }

    /// The user cancelled it.
    pub fn cancel(&mut self) {
        if let State::Live(live) = &mut self.state {
            live.leaving = Leaving::Cancelled;
        }
    }

    /// Whether replies are read; none if the call is over.
    pub fn reading(&self) -> Option<Reading> {
        match &self.state {
            State::Live(live) => Some(live.reading),
            State::Ended { .. } => None,
        }
    }

    /// The user stopped reading its replies, or went on.
    pub fn set_reading(&mut self, reading: Reading) {
        if let State::Live(live) = &mut self.state {
            live.reading = reading;
        }
    }

    /// What is to be seen of the transcript: all of it, or what there was when the view was held.
    pub fn seen(&self) -> &Record {
        self.held.as_ref().map_or(&self.record, |held| &held.record)
    }

    /// What there is now is what is seen, whatever comes.
    pub(super) fn hold(&mut self) {
        self.held = Some(Held { record: self.record.clone(), handed: self.handed.clone() });
    }

    /// All is seen again.
    pub(super) fn release(&mut self) {
        self.held = None;
    }

    /// Whether its view is held.
    pub(super) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// An entry of what is seen by its number from 0, counting those let go; none if it was let go.
    pub fn entry(&self, number: u64) -> Option<Entry> {
        self.seen().get(number)
    }

    /// The message of an entry, and its type; none if the entry is not a message.
    pub fn message(&self, number: u64) -> Option<(&MessageType, Bytes)> {
        match self.entry(number)?.what {
            What::Sent(bytes) => Some((self.method.request(), bytes)),
            What::Received(bytes) => Some((self.method.reply(), bytes)),
            What::EndOfStream => None,
        }
    }

    /// Whether it lives, and the peer has been spoken to.
    pub fn is_started(&self) -> bool {
        matches!(self.state, State::Live(Live { phase: Phase::Started, .. }))
    }

    /// Whether its stream's end waits to be sent.
    pub fn end_waits(&self) -> bool {
        self.is_live() && self.handed.end_waits()
    }

    /// How long it may still take, while it lives and has a deadline.
    pub fn left(&self, now: Instant) -> Option<Duration> {
        let deadline = self.deadline.filter(|_| self.is_live())?;
        Some(deadline.saturating_sub(now.saturating_duration_since(self.begun)))
    }

    /// How long it takes or took.
    pub fn elapsed(&self, now: Instant) -> Duration {
        match &self.state {
            State::Live(_) => now.saturating_duration_since(self.begun),
            State::Ended { after, .. } => *after,
        }
    }

    /// Replies a second, over about the last second.
    pub fn rate(&self, now: Instant) -> f64 {
        self.meter.rate(now)
    }

    /// Takes what is new of it.
    pub fn take(&mut self, delta: Delta, now: Instant) {
        self.meter.count(delta.record.counts().received, now);
        if delta.record.is_half_closed() {
            self.end_requests();
        }
        let has_gone = delta.record.counts().sent > 0 || delta.record.is_half_closed();
        self.record.append(delta.record);
        if has_gone {
            self.handed.went(self.record.counts().sent, self.record.is_half_closed(), now);
        }
        for event in delta.life {
            self.event(event, now);
        }
    }

    fn event(&mut self, event: CallEvent, now: Instant) {
        match event {
            CallEvent::Waiting { .. } => self.set_phase(Phase::Unconnected),
            CallEvent::Queued { .. } => self.set_phase(Phase::Queued),
            CallEvent::Started { at, stream_id, headers } => {
                self.facts.started = Some((stream_id, at));
                self.facts.sent = Some(headers);
                self.learn_words();
                self.set_phase(Phase::Started);
            }
            CallEvent::RequestSent { at } => self.facts.request_sent = Some(at),
            CallEvent::Headers { at, http_status, headers } => {
                self.facts.headers = Some((at, http_status, headers));
                self.learn_words();
            }
            CallEvent::Ended { at, status, trailers } => {
                self.facts.trailers = trailers;
                self.learn_words();
                self.facts.told = told(self, &status);
                if self.is_live() {
                    self.state = State::Ended { status, after: at, seen: now };
                }
            }
        }
    }

    fn learn_words(&mut self) {
        let mut words = std::mem::take(&mut self.facts.words);
        words.learn(self.method.path().path(), &self.facts);
        self.facts.words = words;
    }

    /// What it and its server agree on, as far as that is known.
    pub(super) fn agreement(&self) -> Agreement {
        let Facts { sent, headers, trailers, .. } = &self.facts;
        let mut agreement = Agreement::default();
        if let Some(headers) = sent {
            agreement.sent(headers);
        }
        for headers in headers.iter().map(|(.., headers)| headers).chain(trailers) {
            agreement.received(headers);
        }
        agreement
    }

    fn set_phase(&mut self, phase: Phase) {
        if let State::Live(live) = &mut self.state {
            live.phase = phase;
        }
    }
}

/// Counts what came within the last second.
#[derive(Debug, Clone, Default)]
struct Meter {
    /// When, and how many; oldest first.
    recent: VecDeque<(Instant, u64)>,
}

impl Meter {
    const SPAN: Duration = Duration::from_secs(1);

    fn count(&mut self, received: u64, now: Instant) {
        if received > 0 {
            self.recent.push_back((now, received));
        }
        while let Some((at, _)) = self.recent.front()
            && now.saturating_duration_since(*at) > Self::SPAN
            && self.recent.len() > 2
        {
            self.recent.pop_front();
        }
    }

    fn rate(&self, now: Instant) -> f64 {
        let (Some((first, _)), Some((newest, _))) = (self.recent.front(), self.recent.back()) else {
            return 0.0;
        };
        let span = now.saturating_duration_since(*first);
        // Only a new count drops old ones, and a stalled stream brings none.
        let has_stalled = now.saturating_duration_since(*newest) > Self::SPAN;
        if has_stalled || span.is_zero() {
            return 0.0;
        }
        // The span begins with the first count, which came before it.
        let received: u64 = self.recent.iter().skip(1).map(|(_, count)| count).sum();
        received as f64 / span.as_secs_f64()
    }
}
