//! When the next frame is drawn: keys at once, news at most 30 times a second, timers when they are
//! due, and nothing where nothing changes.
//!
//! Taking in the news of a thousand calls takes longer than drawing them, so a key does not wait for that either: its
//! frame shows what the one before it showed, and the news come when it is their turn.

use std::time::{Duration, Instant};

/// Why a frame is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// The user did something.
    Key,
    /// Something came.
    News,
}

/// The least time between two frames for news.
const NEWS: Duration = Duration::from_millis(33);

/// Says when to draw.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gate {
    /// When the last frame was drawn for news. Frames drawn for other reasons do not delay news: the reply to a
    /// key press is seen at once.
    news: Option<Instant>,
    news_wait: bool,
    due: Option<Instant>,
    /// Nothing was drawn yet.
    is_first: bool,
}

impl Gate {
    /// A gate before the first frame, which is needed at once.
    pub(super) fn new(now: Instant) -> Self {
        Self { news: None, news_wait: false, due: Some(now), is_first: true }
    }

    /// A frame is needed.
    pub(super) fn wish(&mut self, wish: Wish, now: Instant) {
        let at = match wish {
            Wish::Key => now,
            Wish::News => {
                self.news_wait = true;
                self.news_turn().map_or(now, |turn| turn.max(now))
            }
        };
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// A frame is needed at a later time.
    pub(super) fn wish_at(&mut self, at: Instant) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// Whether the next frame is also for the news there are.
    pub(super) fn takes_news(&self, now: Instant) -> bool {
        self.news_turn().is_none_or(|turn| turn <= now)
    }

    /// Whether news wait to be taken.
    pub(super) fn news_wait(&self) -> bool {
        self.news_wait
    }

    /// A frame was drawn with all news, and no other is needed yet.
    pub(super) fn drawn(&mut self, now: Instant) {
        // Behind the first frame comes at once that the server is ready: that is what everybody waits for.
        let news = if self.news_wait && !self.is_first { Some(now) } else { self.news };
        *self = Self { news, news_wait: false, due: None, is_first: false };
    }

    /// A frame was drawn, and for the news another is needed.
    pub(super) fn drawn_without_news(&mut self) {
        self.due = self.news_turn().filter(|_| self.news_wait);
    }

    /// When news may be drawn again; at once if never.
    fn news_turn(&self) -> Option<Instant> {
        self.news.map(|last| last + NEWS)
    }

    /// When the next frame is to be drawn, if one is needed.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A gate whose last frame was drawn now, for news; it was not the first.
    fn drawn_at(now: Instant) -> Gate {
        let mut gate = Gate::new(now);
        gate.drawn(now);
        gate.wish(Wish::News, now);
        gate.drawn(now);
        gate
    }

    #[test]
    fn news_behind_the_first_frame_are_drawn_at_once() {
        let start = Instant::now();
        let mut gate = Gate::new(start);
        gate.wish(Wish::News, start);
        gate.drawn(start);
        let ready = start + Duration::from_millis(1);
        gate.wish(Wish::News, ready);
        assert_eq!(gate.due(), Some(ready));
        gate.drawn(ready);
        gate.wish(Wish::News, ready);
        assert_eq!(gate.due(), Some(ready + NEWS));
    }

    #[test]
    fn what_comes_of_a_key_is_not_held_back_by_the_frame_for_the_key() {
        let start = Instant::now();
        let mut gate = drawn_at(start);
        let [pressed, replied] = [1_000, 1_001].map(|millis| start + Duration::from_millis(millis));
        gate.wish(Wish::Key, pressed);
        gate.drawn(pressed);
        gate.wish(Wish::News, replied);
        assert_eq!(gate.due(), Some(replied));
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
    fn the_frame_for_a_key_takes_no_news_before_their_turn_and_does_not_put_it_off() {
        let start = Instant::now();
        let mut gate = drawn_at(start);
        gate.wish(Wish::News, start);
        let pressed = start + Duration::from_millis(5);
        gate.wish(Wish::Key, pressed);
        assert!(!gate.takes_news(pressed));
        gate.drawn_without_news();
        assert!(gate.news_wait());
        assert_eq!(gate.due(), Some(start + NEWS));
        assert!(gate.takes_news(start + NEWS));
    }

    #[test]
    fn keys_without_an_end_do_not_keep_news_away() {
        let start = Instant::now();
        let mut gate = drawn_at(start);
        let pressed = start + NEWS;
        gate.wish(Wish::Key, pressed);
        assert!(gate.takes_news(pressed));
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
