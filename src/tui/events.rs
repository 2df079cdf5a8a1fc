//! The terminal's events, read on a thread of their own.
//!
//! The thread waits in crossterm's reader and hands over what comes, so that a key costs one thread switch, and all
//! waiting keys arrive together. crossterm's own stream takes two switches for each event.
//!
//! While another program has the terminal the thread rests, and every key is that program's.

use std::{convert::Infallible, io, sync::mpsc as threads, thread, time::Duration};

use crossterm::event::{Event, poll, read};
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
            loop {
                let event = read();
                let is_over = event.is_err();
                if send.blocking_send(event).is_err() || is_over {
                    return;
                }
                if let Ok(rest) = asked.try_recv()
                    && rest.take().is_err()
                {
                    return;
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

/// The error after the terminal has gone away.
pub(super) fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the terminal went away")
}
