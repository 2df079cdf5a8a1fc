//! The load: so many calls at once, one after the other, or so many a second.
//!
//! All on one thread, as futures that are polled where something happened to their call. Nothing is spawned, so that an
//! end of the load is an end of all calls.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::time::{Instant, sleep, sleep_until};

use super::latencies::Latencies;
use crate::{
    cli::Until,
    commands::{resolve::Certainty, route::Reached},
    rpc::{CallEvent, CallHandle, CallId, Cause, Code, Feed, Happened, Origin, Requests, Status, What},
    schema::Method,
};

/// How long calls that are under way when the time is over may take to their end.
const LAST: Duration = Duration::from_secs(1);
/// How long a caller waits that was not connected: another attempt at once would only burn a processor.
const NOT_CONNECTED: Duration = Duration::from_millis(100);

/// What is called.
pub(super) struct Subject {
    pub(super) method: Method,
    /// The request messages of each call.
    pub(super) demand: Demand,
    /// Whether this is the method that is meant.
    pub(super) certainty: Certainty,
}

/// What a call is sent.
pub(super) enum Demand {
    One(Bytes),
    Stream(Vec<Bytes>),
}

/// How much load there is to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    /// Calls at once, at least one.
    pub(super) concurrency: u32,
    pub(super) until: Until,
    /// Calls a second, where a call does not simply follow the one before it.
    pub(super) rate: Option<f64>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Of the calls that ended well.
    pub(super) latencies: Latencies,
    pub(super) replies: u64,
    /// Calls that ended, by their status; of each the first.
    pub(super) statuses: BTreeMap<i32, (Status, u64)>,
    /// Calls that were cancelled here when the load was over. They are counted nowhere else.
    pub(super) cut_off: u64,
    /// Calls that were due, by the rate, and never begun, since all callers waited.
    pub(super) not_begun: u64,
    /// Calls that waited for a stream, since the peer allows no more at once.
    pub(super) queued: u64,
    /// How long the load was. Its last calls may have ended later.
    pub(super) took: Duration,
}

impl Tally {
    /// Calls that ended.
    pub(super) fn calls(&self) -> u64 {
        self.statuses.values().map(|(_, calls)| calls).sum()
    }

    /// Calls that did not end with OK.
    pub(super) fn failed(&self) -> u64 {
        self.calls() - self.latencies.total()
    }

    fn add(&mut self, took: Duration, ended: Ended) {
        let Ended { status, replies, was_queued } = ended;
        self.replies += replies;
        self.queued += u64::from(was_queued);
        if status.is_ok() {
            self.latencies.add(took);
        }
        self.statuses.entry(status.code as i32).or_insert((status, 0)).1 += 1;
    }
}

/// How a call ended.
struct Ended {
    status: Status,
    replies: u64,
    was_queued: bool,
}

/// Load on a server, while it lasts.
pub(super) struct Load<'a> {
    reached: &'a [Reached],
    subject: &'a Subject,
    plan: Plan,
    began: Instant,
    /// Calls that were begun.
    begun: Cell<u64>,
    under_way: Cell<u64>,
    is_over: Cell<bool>,
    was_stopped: Cell<bool>,
    tally: RefCell<Tally>,
}

impl<'a> Load<'a> {
    /// Load over these connections, of which there is at least one. Its time begins now.
    pub(super) fn new(reached: &'a [Reached], subject: &'a Subject, plan: Plan) -> Self {
        Self {
            reached,
            subject,
            plan,
            began: Instant::now(),
            begun: Cell::new(0),
            under_way: Cell::new(0),
            is_over: Cell::new(false),
            was_stopped: Cell::new(false),
            tally: RefCell::default(),
        }
    }

    /// Puts the load on, until its end or until `stop` is done.
    pub(super) async fn run(&self, stop: impl Future<Output = ()>) {
        let all = async {
            let callers: FuturesUnordered<_> =
                (0..self.plan.concurrency).map(|nth| self.call_on(nth)).collect();
            callers.collect::<()>().await;
        };
        let time = async {
            match self.plan.until {
                Until::Time(time) => sleep_until(self.began + time).await,
                Until::Calls(_) => std::future::pending().await,
            }
            // From here on none is begun.
            self.is_over.set(true);
            sleep(LAST).await;
        };
        tokio::select! {
            () = all => {}
            () = time => {}
            () = stop => self.was_stopped.set(true),
        }
        let mut tally = self.tally.borrow_mut();
        tally.cut_off = self.under_way.get();
        tally.took = self.length(self.began.elapsed());
        tally.not_begun = self.due_in(tally.took).saturating_sub(tally.calls() + tally.cut_off);
    }

    /// How long the load was that ended so long after it began: no longer than was wished, whenever its last calls
    /// ended, and with a rate as long as its calls take to come due.
    fn length(&self, ended: Duration) -> Duration {
        match (self.plan.until, self.plan.rate) {
            (Until::Time(time), Some(_)) if !self.was_stopped.get() => time,
            (Until::Time(time), _) => ended.min(time),
            (Until::Calls(calls), Some(rate)) if !self.was_stopped.get() => {
                Duration::try_from_secs_f64(calls as f64 / rate).map_or(ended, |all| all.max(ended))
            }
            (Until::Calls(_), _) => ended,
        }
    }

    /// How many calls are due in this time.
    fn due_in(&self, time: Duration) -> u64 {
        let due = self.plan.rate.map_or(0, |rate| (time.as_secs_f64() * rate) as u64);
        match self.plan.until {
            Until::Calls(calls) => due.min(calls),
            Until::Time(_) => due,
        }
    }

    /// How it goes: what was counted, and since when.
    pub(super) fn so_far<T>(&self, look: impl FnOnce(&Tally, Duration) -> T) -> T {
        look(&self.tally.borrow(), self.began.elapsed())
    }

    /// What came of it.
    pub(super) fn end(self) -> Tally {
        self.tally.into_inner()
    }

    /// Makes one call after the other.
    async fn call_on(&self, nth: u32) {
        let reached = &self.reached[nth as usize % self.reached.len()];
        while let Some((id, since)) = self.turn().await {
            self.under_way.set(self.under_way.get() + 1);
            let ended = one(reached, self.subject, id).await;
            self.under_way.set(self.under_way.get() - 1);
            let is_connected = !matches!(ended.status.origin, Origin::Here(Cause::NotConnected(_)));
            self.tally.borrow_mut().add(since.elapsed(), ended);
            if !is_connected {
                sleep(NOT_CONNECTED).await;
            }
        }
    }

    /// Waits for the next call's turn, and says from when on its time counts.
    ///
    /// With a rate that is when it was due, where nobody was free to make it then: a server that stands still holds up
    /// all that should have been called meanwhile. Where somebody waited for it, a timer's lateness is not the server's.
    async fn turn(&self) -> Option<(CallId, Instant)> {
        let nth = self.begun.get();
        if self.is_over.get() || self.plan.until == Until::Calls(nth) {
            return None;
        }
        self.begun.set(nth + 1);
        let id = CallId((nth as u32).wrapping_add(1));
        let Some(rate) = self.plan.rate else { return Some((id, Instant::now())) };
        let due = self.began.checked_add(Duration::try_from_secs_f64(nth as f64 / rate).ok()?)?;
        if let Until::Time(time) = self.plan.until
            && due >= self.began + time
        {
            return None;
        }
        if due <= Instant::now() {
            return Some((id, due));
        }
        sleep_until(due).await;
        Some((id, Instant::now()))
    }
}

/// One call of the kind, to see whether it can be made at all.
pub(super) async fn trial(reached: &Reached, subject: &Subject) -> Status {
    one(reached, subject, CallId(0)).await.status
}

/// A call, to its end. Dropped, it is cancelled. One that ends well without its reply is none that does.
async fn one(reached: &Reached, subject: &Subject, id: CallId) -> Ended {
    let ended = made(reached, subject, id).await;
    match subject.method.kind().miscounted(ended.replies) {
        Some(how) if ended.status.is_ok() => {
            let status = Status::by(Code::Internal, Cause::BadResponse(how));
            Ended { status, ..ended }
        }
        _ => ended,
    }
}

async fn made(reached: &Reached, subject: &Subject, id: CallId) -> Ended {
    let path = subject.method.path().clone();
    match &subject.demand {
        Demand::One(message) => {
            let (_call, mut feed) = reached.call(id, path, Requests::One(message.clone()));
            heard(&mut feed).await
        }
        Demand::Stream(messages) => {
            let (mut call, mut feed) = reached.call(id, path, Requests::Stream);
            let (ended, ()) = tokio::join!(heard(&mut feed), say(&mut call, messages));
            ended
        }
    }
}

/// Sends all messages and ends the stream.
async fn say(call: &mut CallHandle, messages: &[Bytes]) {
    for message in messages {
        // The call may be over; its end is heard.
        if call.deliver(message.clone()).await.is_err() {
            return;
        }
    }
    call.half_close();
}

/// Hears a call to its end.
async fn heard(feed: &mut Feed) -> Ended {
    let (mut replies, mut was_queued) = (0, false);
    while let Some(happened) = feed.next().await {
        match happened {
            Happened::Entry(entry) if matches!(entry.what, What::Received(_)) => replies += 1,
            Happened::Event(CallEvent::Ended { status, .. }) => return Ended { status, replies, was_queued },
            Happened::Event(CallEvent::Queued { .. }) => was_queued = true,
            Happened::Entry(_) | Happened::Event(_) => {}
        }
    }
    let status =
        Status::here(Code::Unknown, "the call ended without a word".to_owned(), Cause::ChannelClosed);
    Ended { status, replies, was_queued }
}
