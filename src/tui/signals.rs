//! The signals that the screen handles: those that end it, and the one that continues it.

use std::{
    future::poll_fn,
    io,
    sync::atomic::{AtomicBool, Ordering},
    task::Poll,
};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Whether the screen has heard a signal that ends it.
static HEARD: AtomicBool = AtomicBool::new(false);

/// What a signal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// The program ends; the signal's number.
    End(i32),
    /// The program was stopped and goes on: another program may have used the terminal meanwhile.
    Continued,
}

/// Whether the terminal sends this signal for a key, to all its foreground processes.
pub(super) fn is_of_a_key(number: i32) -> bool {
    [SignalKind::interrupt(), SignalKind::quit()].iter().any(|kind| kind.as_raw_value() == number)
}

/// Whether the screen has heard a signal that ends the program.
pub(super) fn was_heard() -> bool {
    HEARD.load(Ordering::SeqCst)
}

/// The signals as they come.
pub(super) struct Signals {
    signals: Vec<(Heard, Signal)>,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        let kinds =
            [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()];
        let ends = kinds.map(|kind| (Heard::End(kind.as_raw_value()), kind));
        let continued = (Heard::Continued, SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()));
        let listen = |(heard, kind)| Ok((heard, signal(kind)?));
        let signals: io::Result<Vec<_>> = ends.into_iter().chain([continued]).map(listen).collect();
        Ok(Self { signals: signals? })
    }

    /// Waits for one of them, for the screen.
    pub(super) async fn next(&mut self) -> Heard {
        let heard = self.next_of_all().await;
        if let Heard::End(_) = heard {
            HEARD.store(true, Ordering::SeqCst);
        }
        heard
    }

    /// The same for who is not the screen.
    pub(super) async fn next_of_all(&mut self) -> Heard {
        poll_fn(|cx| {
            for (heard, signal) in &mut self.signals {
                if signal.poll_recv(cx).is_ready() {
                    return Poll::Ready(*heard);
                }
            }
            Poll::Pending
        })
        .await
    }
}
