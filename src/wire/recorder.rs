//! What one connection's bytes say, written down as they pass.
//!
//! HPACK, the windows and the messages' boundaries depend on all that was before. So everything is
//! followed from the first byte on, whether a face looks or not; what is not looked at is only not kept. Messages
//! are an exception: of a flood they are counted by their call, which says so when it is asked.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use super::{
    entry::{End, What},
    frame::Direction,
    hearing::Hearing,
    kept::Attention,
    progress::Reached,
    state::State,
    streams::Both,
    summary::ConnectionLog,
    walk::Walker,
};

/// One connection, as it is followed.
#[derive(Debug)]
pub(super) struct Recorder {
    number: u32,
    began: Option<Instant>,
    walkers: Both<Walker>,
    state: State,
}

impl Recorder {
    pub(super) fn new(number: u32) -> Self {
        let walkers = Both { sent: Walker::new(Direction::Sent), received: Walker::new(Direction::Received) };
        Self { number, began: None, walkers, state: State::default() }
    }

    /// The next bytes of a direction.
    pub(super) fn passed(&mut self, direction: Direction, bytes: &[u8], attention: Attention) {
        self.now();
        self.state.attention = attention;
        if self.state.at >= self.state.span_ends {
            self.state.span_begins();
        }
        let side = self.state.sides.of(direction);
        side.totals.bytes += bytes.len() as u64;
        let longest = side.longest;
        let walker = self.walkers.of(direction);
        walker.allow(longest);
        walker.walk(bytes, &mut Hearing { state: &mut self.state, direction });
    }

    /// Nothing more passes in a direction.
    pub(super) fn ended(&mut self, direction: Direction, how: End) {
        self.now();
        if !mem::replace(&mut self.state.sides.of(direction).is_over, true) {
            self.state.tell_unseen(direction);
            self.state.push(direction, None, What::Closed(how), &[]);
        }
    }

    /// The connection is gone.
    pub(super) fn closed(&mut self) {
        self.now();
        if !self.state.sides.received.is_over {
            self.ended(Direction::Sent, End::Closed);
        }
        self.state.is_closed = true;
        self.state.streams.close_behind(0);
    }

    pub(super) fn label(&mut self, stream: u32, call: u32) {
        self.state.streams.label(stream, call);
    }

    /// The stream of whose response somebody is asked how far the messages are.
    pub(super) fn asked(&self) -> Arc<AtomicU32> {
        Arc::clone(&self.state.asked)
    }

    pub(super) fn reached(&mut self, stream: u32, reached: Reached<'_>) {
        self.state.reached(stream, reached);
        // Where that was of no use, the next frame asks again.
        self.state.asked.store(0, Ordering::Relaxed);
    }

    /// What is new since this was asked last.
    pub(super) fn take(&mut self) -> Option<ConnectionLog> {
        let began = self.began?;
        if !mem::take(&mut self.state.has_news) {
            return None;
        }
        // Who takes what there is has time for more.
        self.state.span_begins();
        let kept = self.state.kept.take();
        Some(ConnectionLog { number: self.number, began, kept, summary: self.state.summary() })
    }

    fn now(&mut self) {
        let now = Instant::now();
        self.state.at = now - *self.began.get_or_insert(now);
        self.state.has_news = true;
    }
}
