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

/// How long a frame for news keeps away those that come after `AT_ONCE`.
const NEWS: Duration = Duration::from_millis(36);
/// Frames for news that follow each other at once, after a quiet while. What begins comes in steps, such as a server
/// that starts or a call of which headers, reply and status come apart, and the last one is what is waited for.
///
/// With these there are still no more than 30 frames for news in any second.
const AT_ONCE: u32 = 3;

/// Says when to draw.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gate {
    /// When all that was drawn for news is made up for. Frames drawn for other reasons do not delay news: the reply to
    /// a key press is seen at once.
    even: Instant,
    news_wait: bool,
    due: Option<Instant>,
}

impl Gate {
    /// A gate before the first frame, which is needed at once.
    pub(super) fn new(now: Instant) -> Self {
        Self { even: now, news_wait: false, due: Some(now) }
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
        if self.news_wait {
            self.even = self.even.max(now) + NEWS;
        }
        (self.news_wait, self.due) = (false, None);
    }

    /// A frame was drawn, and for the news another is needed.
    pub(super) fn drawn_without_news(&mut self) {
        self.due = self.news_turn().filter(|_| self.news_wait);
    }

    /// When news may be drawn again; `None` where they may at any time.
    fn news_turn(&self) -> Option<Instant> {
        self.even.checked_sub(NEWS * (AT_ONCE - 1))
    }

    /// When the next frame is to be drawn, if one is needed.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A gate whose last frames were drawn now, for news, as many as may be.
    fn drawn_at(now: Instant) -> Gate {
        let mut gate = Gate::new(now);
        gate.drawn(now);
        for _ in 0..AT_ONCE {
            gate.wish(Wish::News, now);
            assert_eq!(gate.due(), Some(now));
            gate.drawn(now);
        }
        gate
    }

    #[test]
    fn what_comes_in_steps_after_a_quiet_while_is_drawn_at_once() {
        let start = Instant::now();
        let mut gate = drawn_at(start);
        let later = start + Duration::from_secs(5);
        for step in [later, later + Duration::from_millis(1), later + Duration::from_millis(2)] {
            gate.wish(Wish::News, step);
            assert_eq!(gate.due(), Some(step));
            gate.drawn(step);
        }
        gate.wish(Wish::News, later + Duration::from_millis(3));
        assert_eq!(gate.due(), Some(later + NEWS));
    }

    #[test]
    fn a_second_has_at_most_30_frames_for_news() {
        let start = Instant::now();
        let mut gate = drawn_at(start);
        let (mut now, mut frames) = (start + Duration::from_secs(5), Vec::new());
        while frames.len() < 100 {
            gate.wish(Wish::News, now);
            now = now.max(gate.due().unwrap());
            gate.drawn(now);
            frames.push(now);
        }
        let second = |from: &Instant| {
            let until = *from + Duration::from_secs(1);
            frames.iter().filter(|at| *at >= from && **at < until).count()
        };
        assert_eq!(frames.iter().map(second).max(), Some(30));
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
        assert_eq!(gate.due(), Some(start + NEWS));
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
    fn a_flood_of_news_moves_nothing() {
        let start = Instant::now();
        let mut gate = drawn_at(start);
        for micros in 0..1_000 {
            gate.wish(Wish::News, start + Duration::from_micros(micros));
        }
        assert_eq!(gate.due(), Some(start + NEWS));
    }

    #[test]
    fn without_a_wish_nothing_is_drawn() {
        assert_eq!(drawn_at(Instant::now()).due(), None);
    }
}
