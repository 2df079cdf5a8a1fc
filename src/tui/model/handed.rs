//! What was handed over to be sent on a call's stream, and whether it goes.

use std::time::{Duration, Instant};

use bytes::Bytes;

/// The messages that were handed over, beside those that were sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Handed {
    messages: u64,
    last: Option<Bytes>,
    /// Since when none of those that are not sent went; none where all were.
    waiting_since: Option<Instant>,
}

impl Handed {
    /// So long nothing is said of a message that is on its way: nearly every one is sent at once.
    const PATIENCE: Duration = Duration::from_millis(300);

    /// Another one is to be sent.
    pub(super) fn add(&mut self, message: Bytes, now: Instant) {
        self.messages += 1;
        self.last = Some(message);
        self.waiting_since.get_or_insert(now);
    }

    /// So many of the last ones were not taken.
    pub(super) fn take_back(&mut self, messages: u64) {
        self.messages = self.messages.saturating_sub(messages);
        self.last = None;
    }

    /// Some were sent, and so many now are in all.
    pub(super) fn went(&mut self, sent: u64, now: Instant) {
        self.waiting_since = (self.unsent(sent) > 0).then_some(now);
    }

    /// How many were not sent, of which so many were.
    pub(super) fn unsent(&self, sent: u64) -> u64 {
        self.messages.saturating_sub(sent)
    }

    /// The last one, where it is known.
    pub(super) fn last(&self) -> Option<&Bytes> {
        self.last.as_ref()
    }

    /// How many are held up: not sent, and nothing goes.
    pub(super) fn held_up(&self, sent: u64, now: Instant) -> u64 {
        let waits = self.waiting_since.map(|since| now.saturating_duration_since(since));
        if waits.is_some_and(|waits| waits >= Self::PATIENCE) { self.unsent(sent) } else { 0 }
    }
}
