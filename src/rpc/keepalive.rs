//! HTTP/2 PINGs that ask a quiet peer whether it is still there (gRPC's "Keepalive" guide, and gRFC A8).
//!
//! TCP asks as well ([`socket`](super::socket)), but its answer comes from whoever holds the socket: a tunnel or a TCP
//! proxy may be well while the server behind it is gone.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use h2::{Ping, PingPong};
use tokio::time::{Sleep, sleep_until};

use super::words;
use crate::{held::lock, wire::Watch};

/// Who looks so late whether an answer came was stopped meanwhile (`Ctrl-Z`), and may not have read what came: the
/// peer has its time again. Behind SIGCONT the timers are looked at before the sockets.
const LATE: Duration = Duration::from_millis(50);

/// When a peer is asked whether it is still there. It is asked only while there are calls: servers take PINGs
/// without any for an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keepalive {
    /// How long nothing came of it before it is asked.
    pub time: Duration,
    /// How long nothing may come of it after that.
    pub timeout: Duration,
}

impl Keepalive {
    /// How long an answer may take where nothing else is said: as in gRPC's own clients.
    pub const TIMEOUT: Duration = Duration::from_secs(20);
    /// Where a peer asks for fewer PINGs again and again, they come no less often than this.
    const LONGEST_TIME: Duration = Duration::from_hours(1);

    /// What is kept with a peer that found the PINGs too many: half of them (gRFC A8).
    pub(super) fn calmer(self) -> Self {
        Self { time: self.time.saturating_mul(2).min(Self::LONGEST_TIME.max(self.time)), ..self }
    }
}

/// When the peer of a connection was last heard. Clones tell of the same connection.
#[derive(Debug, Clone)]
pub(super) struct Pulse {
    last: Arc<Mutex<Instant>>,
}

impl Pulse {
    /// Of a connection that begins.
    pub(super) fn new() -> Self {
        Self { last: Arc::new(Mutex::new(Instant::now())) }
    }

    fn last(&self) -> Instant {
        *lock(&self.last)
    }
}

impl Watch for Pulse {
    fn received(&mut self, _bytes: &[u8]) {
        *lock(&self.last) = Instant::now();
    }

    fn sent(&mut self, _bytes: &[u8]) {}
}

/// A peer that was asked and kept silent, for so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Silence(Duration);

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "keepalive: no answer to PING in {}", words::of_duration(self.0))
    }
}

/// Keeps an eye on one connection.
#[derive(Debug)]
pub(super) struct Keeper {
    keepalive: Keepalive,
    pulse: Pulse,
    pings: PingPong,
    /// When the PING went to which nothing has come.
    asked: Option<Instant>,
    timer: Pin<Box<Sleep>>,
}

impl Keeper {
    /// Of a connection whose bytes pass `pulse`.
    pub(super) fn new(keepalive: Keepalive, pulse: Pulse, pings: PingPong) -> Self {
        let timer = Box::pin(sleep_until((pulse.last() + keepalive.time).into()));
        Self { keepalive, pulse, pings, asked: None, timer }
    }

    /// Asks when it is time to. Ready when the peer kept silent. Poll it after each poll of the connection; a call
    /// that begins wakes that.
    pub(super) fn poll(&mut self, calls: usize, cx: &mut Context<'_>) -> Poll<Silence> {
        // An answer is a sign of life like any other. It is taken, so that another PING can go.
        let _answer = self.pings.poll_pong(cx);
        loop {
            let heard = self.pulse.last();
            self.asked = self.asked.filter(|asked| heard < *asked);
            let until = match self.asked {
                None => heard + self.keepalive.time,
                Some(asked) => asked + self.keepalive.timeout,
            };
            if self.timer.deadline() != until.into() {
                self.timer.as_mut().reset(until.into());
            }
            ready!(self.timer.as_mut().poll(cx));
            match self.asked {
                Some(_) if until.elapsed() > LATE => self.asked = Some(Instant::now()),
                Some(_) => return Poll::Ready(Silence(self.keepalive.timeout)),
                None if calls == 0 => return Poll::Pending,
                None => {
                    // It fails where an earlier one is still without its answer: that will do as well.
                    let _waits = self.pings.send_ping(Ping::opaque());
                    self.asked = Some(Instant::now());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, thread};

    use futures_util::FutureExt;
    use tokio::{io::duplex, task::yield_now, time::timeout};

    use super::*;

    /// A keeper of a connection that nobody reads, and the connection.
    async fn keeper(keepalive: Keepalive) -> (Keeper, impl Future) {
        let (ours, theirs) = duplex(1 << 16);
        let (_, mut connection) = h2::client::handshake(ours).await.unwrap();
        let pings = connection.ping_pong().unwrap();
        let both = async move { (connection.await, theirs) };
        (Keeper::new(keepalive, Pulse::new(), pings), both)
    }

    #[tokio::test]
    async fn a_program_that_was_stopped_gives_the_peer_its_time_again() {
        let time = Duration::from_millis(20);
        let (mut keeper, _connection) = keeper(Keepalive { time, timeout: 20 * LATE }).await;
        poll_fn(|cx| {
            let silence = keeper.poll(1, cx);
            assert!(silence.is_pending());
            if keeper.asked.is_some() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        // As SIGSTOP does it: nothing is looked at for longer than the peer has.
        thread::sleep(22 * LATE);
        let mut silence = Box::pin(poll_fn(|cx| keeper.poll(1, cx)));
        for _ in 0..5 {
            yield_now().await;
            assert!(silence.as_mut().now_or_never().is_none(), "it was not heard yet");
        }
        assert_eq!(timeout(Duration::from_secs(20), silence).await.unwrap(), Silence(20 * LATE));
    }

    #[test]
    fn a_peer_that_wants_fewer_pings_gets_half_of_them_but_never_none() {
        let mut keepalive = Keepalive { time: Duration::from_secs(10), timeout: Keepalive::TIMEOUT };
        let mut times = Vec::new();
        for _ in 0..12 {
            keepalive = keepalive.calmer();
            times.push(keepalive.time.as_secs());
        }
        assert_eq!(times[..3], [20, 40, 80]);
        assert_eq!(times[11], 3600);
        let rare = Keepalive { time: Duration::from_hours(5), ..keepalive };
        assert_eq!(rare.calmer(), rare);
    }
}
