//! What was handed over to be sent on a call's stream, and whether it goes.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use bytes::Bytes;

/// The messages that were handed over, and the stream's end, beside what was sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Handed {
    messages: u64,
    /// The newest of them; fewer where it is not known which were taken.
    newest: VecDeque<Bytes>,
    /// The stream's end was handed over, and is not sent.
    end: bool,
    /// Since when none of what is not sent went; none where all was.
    waiting_since: Option<Instant>,
    /// Whether it is said that something waits.
    is_told: bool,
}

/// One row of what waits to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting<'a> {
    /// So many messages before those that are shown.
    More(u64),
    /// A message.
    Message(&'a Bytes),
    /// The end of the stream.
    EndOfStream,
}

impl Handed {
    /// So long nothing is said of what is on its way: nearly all is sent at once.
    const PATIENCE: Duration = Duration::from_millis(300);
    /// Messages that are kept to be shown.
    const KEPT: usize = 1_000;

    /// Another message is to be sent.
    pub(super) fn add(&mut self, message: Bytes, now: Instant) {
        self.messages += 1;
        self.newest.push_back(message);
        if self.newest.len() > Self::KEPT {
            self.newest.pop_front();
        }
        self.waiting_since.get_or_insert(now);
    }

    /// The stream is to be ended.
    pub(super) fn end(&mut self, now: Instant) {
        self.end = true;
        self.waiting_since.get_or_insert(now);
    }

    /// So many of the last messages were not taken.
    pub(super) fn take_back(&mut self, messages: u64) {
        self.messages = self.messages.saturating_sub(messages);
        self.newest.clear();
    }

    /// Something was sent: so many messages by now, and the end of the stream or not.
    pub(super) fn went(&mut self, sent: u64, is_ended: bool, now: Instant) {
        self.end &= !is_ended;
        let unsent = self.unsent(sent);
        while self.newest.len() as u64 > unsent {
            self.newest.pop_front();
        }
        // What is told stays told until nothing waits: a server that is slow takes one, and then no more again.
        let since = self.waiting_since.filter(|_| self.is_told).unwrap_or(now);
        self.waiting_since = (unsent > 0 || self.end).then_some(since);
        self.tick(now);
    }

    /// Time went on.
    pub(super) fn tick(&mut self, now: Instant) {
        let waits = self.waiting_since.map(|since| now.saturating_duration_since(since));
        self.is_told = waits.is_some_and(|waits| waits >= Self::PATIENCE);
    }

    /// How many messages were not sent, of which so many were.
    pub(super) fn unsent(&self, sent: u64) -> u64 {
        self.messages.saturating_sub(sent)
    }

    /// Those of them that are known: all, or none.
    pub(super) fn all_unsent(&self, sent: u64) -> Option<impl Iterator<Item = &Bytes>> {
        let unsent = self.unsent(sent);
        let skipped = (self.newest.len() as u64).checked_sub(unsent)?;
        Some(self.newest.iter().skip(skipped as usize))
    }

    /// How many messages wait, where it is to be said.
    pub(super) fn waiting(&self, sent: u64) -> u64 {
        if self.is_told { self.unsent(sent) } else { 0 }
    }

    /// Whether the stream's end waits, where it is to be said.
    pub(super) fn end_waits(&self) -> bool {
        self.is_told && self.end
    }

    /// How many rows are told of what waits, of at most so many.
    pub(super) fn rows(&self, sent: u64, most: usize) -> usize {
        let waiting = usize::try_from(self.waiting(sent)).unwrap_or(usize::MAX);
        let known = waiting.min(self.newest.len());
        let all = known + usize::from(known < waiting) + usize::from(self.end_waits());
        all.min(most)
    }

    /// The n-th of them: the newest messages, and before them how many more there are.
    pub(super) fn row(&self, sent: u64, most: usize, nth: usize) -> Option<Waiting<'_>> {
        let (rows, end) = (self.rows(sent, most), usize::from(self.end_waits()));
        let from_the_end = rows.checked_sub(nth + 1)?;
        if from_the_end < end {
            return Some(Waiting::EndOfStream);
        }
        // The newest message is the last row before the end.
        let (waiting, place) = (self.waiting(sent), from_the_end - end);
        let shown = (rows - end) as u64;
        if nth == 0 && (waiting > shown || shown > self.newest.len() as u64) {
            return Some(Waiting::More(waiting - shown + 1));
        }
        self.newest.len().checked_sub(place + 1).and_then(|at| self.newest.get(at)).map(Waiting::Message)
    }
}
