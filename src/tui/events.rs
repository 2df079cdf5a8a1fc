//! The terminal's events, read on a thread of their own.
//!
//! The thread waits in crossterm's reader and hands over what comes, so that a key costs one thread switch, and all
//! waiting keys arrive together. crossterm's own stream takes two switches for each event.
//!
//! While another program has the terminal the thread rests, and every key is that program's.
//!
//! Where `Esc` and another key come at once, over a slow line for one, crossterm takes the two escape characters for one
//! `Esc` and what is left of the other key for typed letters. They are put together again here.

use std::{collections::VecDeque, convert::Infallible, io, sync::mpsc as threads, thread, time::Duration};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, poll, read};
use rustix::process::{Signal, getpid, kill_process};
use tokio::sync::{mpsc, oneshot};

/// The most events that wait; later ones wait in the terminal.
const MAX_WAITING: usize = 256;
/// How long the reader waits for events that are still on their way. With no time at all it would not look for any.
const MOMENT: Duration = Duration::from_millis(1);

/// The events as they come.
#[derive(Debug)]
pub(super) struct Events {
    received: mpsc::Receiver<io::Result<Event>>,
    rests: threads::Sender<Rest>,
}

/// The reader's rest. Dropping it wakes the reader.
#[derive(Debug)]
pub(super) struct Resting {
    _over: threads::Sender<Infallible>,
}

/// The reader's side of it.
#[derive(Debug)]
struct Rest {
    begun: oneshot::Sender<()>,
    /// Closed when it is over.
    over: threads::Receiver<Infallible>,
}

impl Events {
    /// Starts the thread. It ends with the terminal, or with the program: nothing ends its reading.
    pub(super) fn listen() -> io::Result<Self> {
        let (send, received) = mpsc::channel(MAX_WAITING);
        let (rests, asked) = threads::channel::<Rest>();
        // From here on a new size is heard.
        poll(Duration::ZERO)?;
        let listen = move || {
            let mut behind_esc = VecDeque::new();
            loop {
                let event = next_of(&mut behind_esc);
                let is_over = event.is_err();
                if send.blocking_send(event).is_err() || is_over {
                    return;
                }
                if let Ok(rest) = asked.try_recv() {
                    behind_esc.clear();
                    if rest.take().is_err() {
                        return;
                    }
                }
            }
        };
        thread::Builder::new().name("greeter-events".to_owned()).spawn(listen)?;
        Ok(Self { received, rests })
    }

    /// Waits for an event. None, or an error: the terminal went away. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<io::Result<Event>> {
        self.received.recv().await
    }

    /// An event that is already waiting.
    pub(super) fn waiting(&mut self) -> Option<io::Result<Event>> {
        self.received.try_recv().ok()
    }

    /// Lets the reader rest: from then on it takes nothing from the terminal. What it had read already was typed for
    /// the program that gets the terminal. It cannot be passed on, so it is dropped.
    pub(super) async fn rest(&mut self) -> io::Result<Resting> {
        let (begun, mut is_begun) = oneshot::channel();
        let (until, over) = threads::channel();
        self.rests.send(Rest { begun, over }).map_err(|_| gone())?;
        // The only thing beside a key that wakes crossterm's reader.
        kill_process(getpid(), Signal::WINCH)?;
        loop {
            tokio::select! {
                biased;
                event = self.received.recv() => drop(event.ok_or_else(gone)??),
                _ = &mut is_begun => return Ok(Resting { _over: until }),
            }
        }
    }
}

impl Rest {
    /// Drops what was read and not handed over, and waits for the rest to be over.
    fn take(self) -> io::Result<()> {
        while poll(MOMENT)? {
            read()?;
        }
        // The one who asked may be gone by now; then the rest is over.
        let _ = self.begun.send(());
        let _ = self.over.recv();
        Ok(())
    }
}

/// Reads the next event, where none was read behind an `Esc` already.
fn next_of(behind_esc: &mut VecDeque<Event>) -> io::Result<Event> {
    if let Some(event) = behind_esc.pop_front() {
        return Ok(event);
    }
    let event = read()?;
    if typed(&event) == Some(KeyCode::Esc) {
        // Nobody types as quickly as this: what comes now came with it.
        while behind_esc.len() < LONGEST && poll(MOMENT)? {
            behind_esc.push_back(read()?);
        }
        rejoin(behind_esc);
    }
    Ok(event)
}

/// The most letters that are left of a key.
const LONGEST: usize = 3;

/// Puts a key together again of which the escape character went to the `Esc` before it (ECMA-48, section 5.4).
fn rejoin(events: &mut VecDeque<Event>) {
    let letters: Vec<char> = events.iter().map_while(|event| typed(event)?.as_char()).collect();
    let (code, length) = match letters[..] {
        ['[' | 'O', 'A', ..] => (KeyCode::Up, 2),
        ['[' | 'O', 'B', ..] => (KeyCode::Down, 2),
        ['[' | 'O', 'C', ..] => (KeyCode::Right, 2),
        ['[' | 'O', 'D', ..] => (KeyCode::Left, 2),
        ['[' | 'O', 'H', ..] => (KeyCode::Home, 2),
        ['[' | 'O', 'F', ..] => (KeyCode::End, 2),
        ['[', 'Z', ..] => (KeyCode::BackTab, 2),
        ['O', f @ 'P'..='S', ..] => (KeyCode::F(f as u8 - b'P' + 1), 2),
        ['[', '3', '~'] => (KeyCode::Delete, 3),
        ['[', '5', '~'] => (KeyCode::PageUp, 3),
        ['[', '6', '~'] => (KeyCode::PageDown, 3),
        _ => return,
    };
    events.drain(..length);
    let modifiers = if code == KeyCode::BackTab { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    events.push_front(Event::Key(KeyEvent::new(code, modifiers)));
}

/// The key of an event, if it was pressed with no other but Shift.
fn typed(event: &Event) -> Option<KeyCode> {
    let Event::Key(KeyEvent { code, modifiers, .. }) = event else { return None };
    (*modifiers - KeyModifiers::SHIFT).is_empty().then_some(*code)
}

/// The error after the terminal has gone away.
pub(super) fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the terminal went away")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejoined(letters: &str) -> Vec<KeyCode> {
        let key = |c| Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
        let mut events: VecDeque<Event> = letters.chars().map(key).collect();
        rejoin(&mut events);
        events.iter().filter_map(typed).collect()
    }

    #[test]
    fn what_is_left_of_a_key_is_that_key() {
        assert_eq!(rejoined("[B"), [KeyCode::Down]);
        assert_eq!(rejoined("OR"), [KeyCode::F(3)]);
        assert_eq!(rejoined("[5~"), [KeyCode::PageUp]);
        assert_eq!(rejoined("[Ax"), [KeyCode::Up, KeyCode::Char('x')]);
    }

    #[test]
    fn what_is_none_stays_what_was_typed() {
        for letters in ["", "[", "a", "[x", "Ab", "[5x"] {
            let typed: Vec<KeyCode> = letters.chars().map(KeyCode::Char).collect();
            assert_eq!(rejoined(letters), typed, "{letters}");
        }
    }
}
