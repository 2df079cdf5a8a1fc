//! The terminal's events, read on a thread of their own.
//!
//! The thread waits in crossterm's reader and hands over what comes, so that a key costs one change of
//! threads, and all keys that wait are there together. crossterm's own stream takes two for each event.

use std::{io, thread, time::Duration};

use crossterm::event::{Event, poll, read};
use tokio::sync::mpsc;

/// The most events that wait; what comes behind them waits in the terminal.
const MAX_WAITING: usize = 256;

/// The events as they come.
#[derive(Debug)]
pub(super) struct Events {
    received: mpsc::Receiver<io::Result<Event>>,
}

impl Events {
    /// Starts the thread. It ends with the terminal, or with the program: nothing wakes it from its reading.
    pub(super) fn listen() -> io::Result<Self> {
        let (send, received) = mpsc::channel(MAX_WAITING);
        // From here on a new size is heard.
        poll(Duration::ZERO)?;
        let listen = move || {
            loop {
                let event = read();
                let is_over = event.is_err();
                if send.blocking_send(event).is_err() || is_over {
                    return;
                }
            }
        };
        thread::Builder::new().name("greeter-events".to_owned()).spawn(listen)?;
        Ok(Self { received })
    }

    /// Waits for an event. None, or an error: the terminal went away. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<io::Result<Event>> {
        self.received.recv().await
    }

    /// An event that waits already.
    pub(super) fn waiting(&mut self) -> Option<io::Result<Event>> {
        self.received.try_recv().ok()
    }
}
