//! Asks the terminal for its background, and recognises the answer among the keys.
//!
//! The question (OSC 11) goes out with the first frame, and nothing waits for the answer, which may be late or never
//! come. It arrives among the keys, as a burst that nobody could type. What only looked like it at first is passed
//! on as the keys it was.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use super::view::Background;

/// The question.
pub(super) const QUESTION: &str = "\x1b]11;?\x1b\\";

/// What the answer begins with, after the `ESC ]` that crossterm reads as `Alt-]`.
const BEGINS: &str = "11;rgb";
/// `11;rgba:ffff/ffff/ffff/ffff` is the longest answer.
const LONGEST: usize = 32;

/// Listens for the answer.
#[derive(Debug, Default)]
pub(super) struct Listener {
    /// What may be the answer so far, as it came.
    held: Vec<Event>,
    /// The same as text.
    text: String,
    done: bool,
}

/// What an event turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// These are the user's.
    Events(Vec<Event>),
    /// It may be part of the answer.
    Perhaps,
    /// The answer: the terminal's background.
    Background(Background),
}

impl Listener {
    /// A listener where nothing was asked.
    pub(super) fn deaf() -> Self {
        Self { done: true, ..Self::default() }
    }

    /// Takes an event.
    pub(super) fn hear(&mut self, event: Event) -> Heard {
        if self.done {
            return Heard::Events(vec![event]);
        }
        let Event::Key(KeyEvent { code, modifiers, .. }) = event else {
            // A new size, say, between two halves that come slowly: the answer goes on behind it.
            return Heard::Events(vec![event]);
        };
        let KeyCode::Char(c) = code else { return self.not_it(event) };
        let control = modifiers & (KeyModifiers::ALT | KeyModifiers::CONTROL);
        match (self.held.is_empty(), control, c) {
            (true, KeyModifiers::ALT, ']') => self.hold(event, None),
            (true, ..) => Heard::Events(vec![event]),
            (false, KeyModifiers::NONE, c) => self.hold(event, Some(c)),
            // BEL reads as Ctrl-G, and ESC \ as Alt-\.
            (false, KeyModifiers::CONTROL, 'g') | (false, KeyModifiers::ALT, '\\') => self.ends(event),
            _ => self.not_it(event),
        }
    }

    fn hold(&mut self, event: Event, c: Option<char>) -> Heard {
        self.text.extend(c);
        let fits = self.text.starts_with(BEGINS) || BEGINS.starts_with(&self.text);
        if !fits || self.text.len() > LONGEST {
            return self.not_it(event);
        }
        self.held.push(event);
        Heard::Perhaps
    }

    fn ends(&mut self, event: Event) -> Heard {
        let Some(background) = background(&self.text) else { return self.not_it(event) };
        *self = Self::deaf();
        Heard::Background(background)
    }

    fn not_it(&mut self, event: Event) -> Heard {
        self.text.clear();
        let mut events = std::mem::take(&mut self.held);
        events.push(event);
        Heard::Events(events)
    }
}

/// `11;rgb:fafa/fafa/f7f7`, with one to four digits each, judged by its luminance.
fn background(answer: &str) -> Option<Background> {
    let (_, colours) = answer.strip_prefix(BEGINS)?.split_once(':')?;
    let mut parts = colours.split('/').map(|digits| {
        let most = 16_f64.powi(i32::try_from(digits.len()).ok()?) - 1.0;
        let value = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() <= 4)?;
        Some(f64::from(value) / most)
    });
    let mut next = || parts.next().flatten();
    let (red, green, blue) = (next()?, next()?, next()?);
    let light = 0.299 * red + 0.587 * green + 0.114 * blue;
    Some(if light > 0.5 { Background::Light } else { Background::Dark })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(c: char, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(KeyCode::Char(c), modifiers))
    }

    /// The events that crossterm makes of an answer.
    fn answer(text: &str, end: Event) -> Vec<Event> {
        let begin = key(']', KeyModifiers::ALT);
        let text = text.chars().map(|c| key(c, KeyModifiers::NONE));
        std::iter::once(begin).chain(text).chain([end]).collect()
    }

    /// What is heard at last, and the events that were given on.
    fn heard(events: Vec<Event>) -> (Option<Background>, Vec<Event>) {
        let mut listener = Listener::default();
        let (mut found, mut given) = (None, Vec::new());
        for event in events {
            match listener.hear(event) {
                Heard::Background(background) => found = Some(background),
                Heard::Events(events) => given.extend(events),
                Heard::Perhaps => {}
            }
        }
        (found, given)
    }

    #[test]
    fn the_answer_is_heard_with_either_end_and_nothing_of_it_is_typed() {
        let (bel, st) = (key('g', KeyModifiers::CONTROL), key('\\', KeyModifiers::ALT));
        for (text, background) in [
            ("11;rgb:1212/1414/1818", Background::Dark),
            ("11;rgb:fafa/fafa/f7f7", Background::Light),
            ("11;rgb:f/f/f", Background::Light),
            ("11;rgba:0000/0000/0000/ffff", Background::Dark),
        ] {
            for end in [&bel, &st] {
                assert_eq!(heard(answer(text, end.clone())), (Some(background), Vec::new()), "{text}");
            }
        }
    }

    #[test]
    fn keys_around_the_answer_stay_keys() {
        let typed = key('a', KeyModifiers::NONE);
        let mut events = vec![typed.clone()];
        events.extend(answer("11;rgb:0/0/0", key('\\', KeyModifiers::ALT)));
        events.push(typed.clone());
        assert_eq!(heard(events), (Some(Background::Dark), vec![typed.clone(), typed]));
    }

    #[test]
    fn what_is_no_key_does_not_break_the_answer_and_is_given_on_at_once() {
        let resized = Event::Resize(80, 24);
        let whole = answer("11;rgb:fafa/fafa/f7f7", key('\\', KeyModifiers::ALT));
        for at in 1..whole.len() {
            let mut events = whole.clone();
            events.insert(at, resized.clone());
            assert_eq!(heard(events), (Some(Background::Light), vec![resized.clone()]), "at {at}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_given_on_whole() {
        for text in ["hello", "11;rgx", "11;rgb:zz/0/0", "11;rgb:00000/0/0"] {
            let events = answer(text, key('\\', KeyModifiers::ALT));
            assert_eq!(heard(events.clone()), (None, events), "{text}");
        }
    }
}
