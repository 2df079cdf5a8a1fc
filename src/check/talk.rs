//! One call of a check: what is sent, what is heard, and no longer than it may take.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

use super::{
    Unmet,
    ledger::{Keeping, Ledger},
    table::counted,
};
use crate::{
    rpc::{CallEvent, CallHandle, Cause, Code, Entry, Feed, Happened, Origin, SendError, Status, What},
    schema::{MessageType, Shown},
    text,
};

/// More replies than are due, and the call is cancelled.
const TOO_MANY: usize = 1_000;
/// All replies of one call, in bytes.
const TOO_LARGE: usize = 16 << 20;
/// What is told of a reply, in bytes.
const TOLD: usize = 120;

/// A call that goes on. Dropping it cancels it.
pub(super) struct Talk {
    method: String,
    pub(super) call: CallHandle,
    feed: Feed,
    ledger: Ledger,
    heard: Heard,
    due: usize,
}

/// What was heard of a call.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) replies: Vec<Bytes>,
    bytes: usize,
    /// How it ended, where it did.
    pub(super) end: Option<Status>,
    flooded: bool,
    /// A response that breaks the protocol is told under the protocol's checks, and judged no further.
    keeping: Keeping,
}

impl Talk {
    pub(super) fn new(method: &str, (call, feed): (CallHandle, Feed), ledger: Ledger) -> Self {
        let heard = Heard::default();
        Self { method: method.to_owned(), call, feed, ledger, heard, due: 0 }
    }

    /// Sends a message. So many replies are due from now on.
    pub(super) fn send(&mut self, message: Bytes, due: usize) -> Result<(), SendError> {
        self.due = due;
        self.call.send(message)
    }

    pub(super) fn due(&mut self, replies: usize) {
        self.due = replies;
    }

    /// Listens until there is enough, or the call is over, or for so long. Tells what was heard.
    pub(super) async fn until(&mut self, limit: Duration, enough: impl Fn(&Heard) -> bool) -> &Heard {
        let waiting = async {
            while !enough(&self.heard) && !self.heard.is_over() {
                match self.feed.next().await {
                    Some(Happened::Event(event)) => self.event(event),
                    Some(Happened::Entry(entry)) => self.entry(entry),
                    None => return,
                }
            }
        };
        // What was heard says whether it was enough.
        let _in_time = timeout(limit, waiting).await;
        &self.heard
    }

    /// Listens to the end, or for so long, and then cancels what is left.
    pub(super) async fn over(mut self, limit: Duration) -> Heard {
        self.until(limit, |_| false).await;
        self.heard
    }

    fn event(&mut self, event: CallEvent) {
        match event {
            CallEvent::Headers { http_status, headers, .. } => {
                let keeping = self.ledger.headers(&self.method, http_status, &headers);
                self.heard.keeping = self.heard.keeping.max(keeping);
            }
            CallEvent::Ended { status, trailers, .. } => {
                let keeping = self.ledger.ended(&self.method, &status, trailers.as_deref());
                self.heard.keeping = self.heard.keeping.max(keeping);
                self.heard.end = Some(status);
            }
            _ => {}
        }
    }

    fn entry(&mut self, entry: Entry) {
        let What::Received(reply) = entry.what else { return };
        self.ledger.message();
        self.heard.bytes += reply.len();
        self.heard.replies.push(reply);
        if self.heard.replies.len() > self.due + TOO_MANY || self.heard.bytes > TOO_LARGE {
            self.heard.flooded = true;
            self.call.cancel();
        }
    }
}

impl Heard {
    /// How many replies came.
    pub(super) fn count(&self) -> usize {
        self.replies.len()
    }

    pub(super) fn is_over(&self) -> bool {
        self.end.is_some() || self.flooded
    }

    /// Whether it went as gRPC has it: the call ended with OK.
    pub(super) fn is_ok(&self) -> bool {
        self.end.as_ref().is_some_and(Status::is_ok)
    }

    /// Why more did not come, where more was due within this time.
    pub(super) fn why(&self, limit: Duration) -> Unmet {
        let Some(status) = &self.end else {
            return match self.count() {
                count if self.flooded => {
                    Unmet::Wrong(format!("more than {}", counted(count - 1, "reply", "replies")))
                }
                0 => Unmet::Silent(format!("nothing for {}", short(limit))),
                count => {
                    let replies = counted(count, "reply", "replies");
                    Unmet::Silent(format!("{replies}, and no end for {}", short(limit)))
                }
            };
        };
        match &status.origin {
            _ if self.keeping == Keeping::Broken => Unmet::Untold(in_words(status)),
            Origin::Here(Cause::NotConnected(why)) => Unmet::Untold(why.clone()),
            Origin::Trailers if status.code == Code::Unimplemented => Unmet::Missing,
            _ if status.is_ok() => {
                Unmet::Wrong(format!("{}, then OK", counted(self.count(), "reply", "replies")))
            }
            _ => Unmet::Wrong(in_words(status)),
        }
    }
}

/// A status in words: `NOT_FOUND (5): nobody of that name`. Foreign.
pub(super) fn in_words(status: &Status) -> String {
    let message = Some(&status.message).filter(|message| !message.is_empty());
    match (&status.origin, message) {
        (Origin::Trailers, None) => status.to_string(),
        (Origin::Trailers, Some(message)) => format!("{status}: {message}"),
        (Origin::Http { status: http }, Some(message)) if *http != 200 => format!("HTTP {http}: {message}"),
        (Origin::Http { .. }, Some(message)) => message.clone(),
        (Origin::Here(cause), _) => cause.to_string(),
        (origin, _) => origin.to_string(),
    }
}

/// A reply in words. Foreign.
pub(super) fn told(reply: &MessageType, bytes: &Bytes) -> String {
    let ellipsis = |cut| if cut { "…" } else { "" };
    match reply.show(bytes, TOLD) {
        Shown::Text { text, cut } => format!("\"{text}{}\"", ellipsis(cut)),
        Shown::Json { text, cut } => format!("{text}{}", ellipsis(cut)),
        Shown::Broken { error, .. } => format!("no {}: {error}", reply.full_name()),
    }
}

/// Whether a reply is this text and nothing else.
pub(super) fn says(reply: &MessageType, bytes: &Bytes, expected: &str) -> bool {
    let shown = reply.show(bytes, expected.len() + 1);
    matches!(shown, Shown::Text { text, cut: false } if text == expected)
}

/// `5 s`, `250 ms`.
pub(super) fn short(time: Duration) -> String {
    match time.as_millis() {
        ms if ms >= 1000 && ms % 1000 == 0 => format!("{} s", ms / 1000),
        _ => text::elapsed(time),
    }
}
