//! When the next frame is drawn: keys at once, news at most 30 times a second, timers when
//! they are due, and nothing where nothing changes.

use std::time::{Duration, Instant};

/// Why a frame is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// The user did something.
    Key,
    /// Something came.
    News,
}

impl Wish {
    /// How long after the last frame.
    fn pause(self) -> Duration {
        match self {
            Self::Key => Duration::ZERO,
            Self::News => Duration::from_millis(33),
        }
    }
}

/// Says when to draw.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gate {
    last: Option<Instant>,
    due: Option<Instant>,
}

impl Gate {
    /// A gate before the first frame, which is wanted at once.
    pub(super) fn new(now: Instant) -> Self {
        Self { last: None, due: Some(now) }
    }

    /// A frame is wanted.
    pub(super) fn wish(&mut self, wish: Wish, now: Instant) {
        let at = self.last.map_or(now, |last| (last + wish.pause()).max(now));
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// A frame is wanted at a time to come.
    pub(super) fn wish_at(&mut self, at: Instant) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// A frame was drawn: no other is wanted.
    pub(super) fn drawn(&mut self, now: Instant) {
        *self = Self { last: Some(now), due: None };
    }

    /// When the next frame is to be drawn, if one is wanted.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn_at(now: Instant) -> Gate {
        let mut gate = Gate::new(now);
        gate.drawn(now);
        gate
    }

    #[test]
    fn a_key_is_drawn_at_once_and_news_wait_for_their_turn() {
        let start = Instant::now();
        let mut gate = drawn_at(start);
        let later = start + Duration::from_millis(5);
        gate.wish(Wish::News, later);
        assert_eq!(gate.due(), Some(start + Duration::from_millis(33)));
        gate.wish(Wish::Key, later);
        assert_eq!(gate.due(), Some(later));
    }

    #[test]
    fn news_after_a_quiet_while_are_drawn_at_once() {
        let start = Instant::now();
        let mut gate = drawn_at(start);
        let later = start + Duration::from_secs(5);
        gate.wish(Wish::News, later);
        assert_eq!(gate.due(), Some(later));
    }

    #[test]
    fn a_flood_of_news_moves_nothing() {
        let start = Instant::now();
        let mut gate = drawn_at(start);
        for micros in 0..1_000 {
            gate.wish(Wish::News, start + Duration::from_micros(micros));
        }
        assert_eq!(gate.due(), Some(start + Duration::from_millis(33)));
    }

    #[test]
    fn without_a_wish_nothing_is_drawn() {
        assert_eq!(drawn_at(Instant::now()).due(), None);
    }
}
