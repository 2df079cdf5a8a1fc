//! The signals that end the screen.

use std::{future::poll_fn, io, task::Poll};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that end the program.
pub(super) struct Signals {
    signals: Vec<(i32, Signal)>,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        let kinds =
            [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()];
        let signals: io::Result<Vec<_>> =
            kinds.into_iter().map(|kind| Ok((kind.as_raw_value(), signal(kind)?))).collect();
        Ok(Self { signals: signals? })
    }

    /// Waits for one of them and says its number.
    pub(super) async fn next(&mut self) -> i32 {
        poll_fn(|cx| {
            for (number, signal) in &mut self.signals {
                if signal.poll_recv(cx).is_ready() {
                    return Poll::Ready(*number);
                }
            }
            Poll::Pending
        })
        .await
    }
}
