//! A channel: one server, and a connection to it that is made, watched and made again.

mod phase;

use std::{
    hash::{BuildHasher, RandomState},
    mem,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use http::{Uri, uri::InvalidUri};
use phase::{Phase, Step};
use tokio::{
    runtime::Handle,
    sync::{Notify, watch},
    time::{self, timeout, timeout_at},
};

use super::{
    ChannelId, ChannelSettings, ChannelState, Keepalive, Ladder, Outbox, Target, Wire,
    connection::{Connection, GOODBYE, Parting},
    dial::{Attempt, Dialer, Dialled},
};
use crate::{held::lock, wire::WireLog};

/// A connection that lived this long was a good one: the pauses start over.
const LIVED: Duration = Duration::from_secs(1);
/// How long a call without a connection waits for the attempt that it set off.
const PATIENCE: Duration = Duration::from_millis(250);

/// A server to call. Clones are the same channel; it is closed with the last clone and its last call.
#[derive(Debug, Clone)]
pub struct Channel {
    owner: Arc<Owner>,
}

#[derive(Debug)]
struct Owner {
    link: Arc<Link>,
    runtime: Handle,
    /// What every call says of the server: `:scheme` and `:authority`.
    origin: Result<Uri, InvalidUri>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.link.close();
    }
}

impl Channel {
    /// Starts connecting at once, on `runtime`. News of its state go to `outbox` under `id`.
    pub fn open(
        runtime: &Handle,
        id: ChannelId,
        target: Target,
        settings: ChannelSettings,
        outbox: Outbox,
    ) -> Self {
        Self::by(runtime, id, Dialer::new(target, settings), outbox)
    }

    /// The same on a connection that an attempt has made.
    pub(super) fn open_on(
        made: Dialled,
        runtime: &Handle,
        target: Target,
        settings: ChannelSettings,
    ) -> Self {
        Self::by(runtime, ChannelId(0), Dialer::new(target, settings).with(made), Outbox::new())
    }

    fn by(runtime: &Handle, id: ChannelId, dialer: Dialer, outbox: Outbox) -> Self {
        let origin = dialer.target().uri(dialer.settings().authority.as_ref()).parse();
        let link = Arc::new(Link {
            id,
            dialer,
            outbox,
            wire: WireLog::new(),
            phase: Mutex::new(Phase::Connecting { attempt: 1, last: None }),
            living: Mutex::default(),
            changed: Notify::new(),
            closed: Notify::new(),
            kick: Notify::new(),
        });
        link.outbox.channel(id, ChannelState::Connecting { after: None });
        runtime.spawn(stay_connected(Arc::clone(&link)));
        Self { owner: Arc::new(Owner { link, runtime: runtime.clone(), origin }) }
    }

    /// The server's address.
    pub fn target(&self) -> &Target {
        self.owner.link.dialer.target()
    }

    /// How it connects.
    pub fn settings(&self) -> &ChannelSettings {
        self.owner.link.dialer.settings()
    }

    /// What passes on its connections, frame by frame, if it is followed.
    pub fn wire(&self) -> &WireLog {
        &self.owner.link.wire
    }

    /// Ends every live call (UNAVAILABLE, [`Cause::ChannelClosed`](super::Cause)) and the connection.
    pub fn close(&self) {
        self.owner.link.close();
    }

    /// Closes the channel and waits until all its connections, including those that are going away, have sent their
    /// last frames: `RST_STREAM` for each live call, and `GOAWAY`. Takes a second at most.
    pub async fn leave(self) {
        let living = mem::take(&mut *lock(&self.owner.link.living));
        self.close();
        let all_gone = async {
            for mut gone in living {
                // It never changes: the error says that the connection's task is over.
                let _over = gone.changed().await;
            }
        };
        let _in_time_or_not = timeout(GOODBYE, all_gone).await;
    }

    /// Waits until there is a connection; `lacks` hears why there is none, after each attempt. Returns at once where
    /// the channel was closed.
    pub async fn ready(&self, mut lacks: impl FnMut(&str)) {
        // What follows on being closed, the calls tell.
        let _ready_or_closed =
            self.link().connection(None, Readiness::WaitForReady, |cause| lacks(cause)).await;
    }

    /// What `:scheme` and `:authority` of its calls are.
    pub(super) fn origin(&self) -> Result<&Uri, &InvalidUri> {
        self.owner.origin.as_ref()
    }

    /// What its tasks run on.
    pub(super) fn runtime(&self) -> &Handle {
        &self.owner.runtime
    }

    pub(super) fn link(&self) -> &Link {
        &self.owner.link
    }
}

/// What a channel's task and its calls share.
#[derive(Debug)]
pub(super) struct Link {
    id: ChannelId,
    dialer: Dialer,
    outbox: Outbox,
    wire: WireLog,
    phase: Mutex<Phase>,
    /// Ends with each connection whose task may still be running; see [`Connection::gone`].
    living: Mutex<Vec<watch::Receiver<()>>>,
    /// Wakes the calls that wait for a connection, in the order of their coming.
    changed: Notify,
    /// Wakes everybody: the channel was closed.
    closed: Notify,
    /// A call wants the next attempt now. It is notified under the phase's lock, and only in a pause.
    kick: Notify,
}

/// What a call does where there is no connection, and the last attempt to make one failed (gRPC's "Wait for Ready").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Readiness {
    /// It sets off another attempt, and ends with UNAVAILABLE and the cause where that fails too, or takes longer than
    /// some tenths of a second.
    #[default]
    FailFast,
    /// It waits for a connection as long as its deadline allows.
    WaitForReady,
}

/// Why a call got no connection.
#[derive(Debug)]
pub(super) enum NoConnection {
    /// There is none, and why.
    Lost(Arc<str>),
    /// The channel was closed.
    Closed,
}

impl Link {
    fn followed(&self) -> Option<&WireLog> {
        (self.dialer.settings().wire == Wire::Followed).then_some(&self.wire)
    }

    /// Returns when the channel is closed.
    pub(super) async fn closed(&self) {
        loop {
            let closed = self.closed.notified();
            if matches!(*self.lock(), Phase::Closed) {
                return;
            }
            closed.await;
        }
    }

    /// A connection on which streams begin, other than `not`, which turned out to be over. While there is none
    /// because an attempt failed, `lacks` hears why.
    pub(super) async fn connection(
        &self,
        not: Option<&Arc<Connection>>,
        readiness: Readiness,
        mut lacks: impl FnMut(&Arc<str>),
    ) -> Result<Arc<Connection>, NoConnection> {
        let mut patience = None;
        let mut ours = None;
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            let why = match self.step(not, &mut ours, readiness) {
                Step::Use(connection) => return Ok(connection),
                Step::Over(none) => return Err(none),
                Step::Wait { why, .. } => why,
            };
            let Some(why) = why else {
                changed.await;
                continue;
            };
            lacks(&why);
            match readiness {
                Readiness::WaitForReady => changed.await,
                Readiness::FailFast => {
                    let by = *patience.get_or_insert_with(|| time::Instant::now() + PATIENCE);
                    if timeout_at(by, changed).await.is_err() {
                        return Err(NoConnection::Lost(why));
                    }
                }
            }
        }
    }

    /// What a call does now; `ours` becomes the first attempt that it waits for.
    fn step(&self, not: Option<&Arc<Connection>>, ours: &mut Option<u64>, readiness: Readiness) -> Step {
        let phase = self.lock();
        let step = phase.step(not, *ours, readiness);
        *ours = ours.or(phase.awaited());
        if let Step::Wait { kick: true, .. } = step {
            self.kick.notify_one();
        }
        step
    }

    fn close(&self) {
        self.enter(Phase::Closed, ChannelState::Closed);
        self.closed.notify_waiters();
    }

    /// Enters a phase and says so. Nothing follows on being closed.
    fn enter(&self, next: Phase, state: ChannelState) {
        let mut phase = self.lock();
        if matches!(*phase, Phase::Closed) {
            return;
        }
        self.outbox.channel(self.id, state);
        let previous = mem::replace(&mut *phase, next);
        drop(phase);
        // A connection that is let go of here ends outside of the lock.
        drop(previous);
        self.changed.notify_waiters();
    }

    /// A connection that [`Channel::leave`] waits for.
    fn lives(&self, connection: &Connection) {
        let mut living = lock(&self.living);
        living.retain(|gone| gone.has_changed().is_ok());
        living.push(connection.gone());
    }

    fn lock(&self) -> MutexGuard<'_, Phase> {
        lock(&self.phase)
    }
}

async fn stay_connected(link: Arc<Link>) {
    tokio::select! {
        biased;
        () = link.closed() => {}
        () = reconnect(&link) => {}
    }
}

async fn reconnect(link: &Link) {
    let settings = link.dialer.settings();
    let mut pauses = Pauses::new(settings);
    let mut keepalive = settings.keepalive;
    let (mut last, mut after) = (None, None);
    for number in 1.. {
        let connecting = Phase::Connecting { attempt: number, last: last.take() };
        link.enter(connecting, ChannelState::Connecting { after: after.take() });
        // A second call that asked for this attempt must not set off the next one too.
        let _asked_too = link.kick.notified().now_or_never();
        let mut ladder = Ladder::new();
        let attempt = Attempt { limit: settings.connect_timeout, wire: link.followed(), keepalive };
        let (cause, failed) = match link.dialer.dial(attempt, &mut ladder).await {
            Ok((connection, over)) => {
                let since = Instant::now();
                let (peer, tls) = (connection.peer().clone(), connection.tls().cloned());
                link.lives(&connection);
                link.enter(Phase::Ready(connection), ChannelState::Ready { since, peer, tls });
                let parting = over.await.unwrap_or_default();
                if let Parting::TooManyPings(_) = parting {
                    keepalive = keepalive.map(Keepalive::calmer);
                }
                if since.elapsed() >= LIVED {
                    pauses = Pauses::new(settings);
                    after = Some(parting.to_string().into());
                    continue;
                }
                let is_failure = !matches!(parting, Parting::InGoodOrder(_));
                (parting.to_string(), if is_failure { number } else { number - 1 })
            }
            Err(fault) => (fault.to_string(), number),
        };
        // Where a connection stood, the way to it says nothing of its end.
        let ladder = ladder.fault().is_some().then(|| Arc::new(ladder.clone()));
        let pause = pauses.next();
        let retry_at = Instant::now() + pause;
        let why: Arc<str> = cause.as_str().into();
        last = (failed == number).then(|| Arc::clone(&why));
        link.enter(Phase::Lost { failed, cause: why }, ChannelState::Lost { cause, retry_at, ladder });
        let _in_time_or_kicked = timeout(pause, link.kick.notified()).await;
    }
}

/// Pauses that double up to a longest one, each jittered by a fifth so that clients do not march in step.
#[derive(Debug)]
struct Pauses {
    next: Duration,
    longest: Duration,
    chance: RandomState,
    count: u64,
}

impl Pauses {
    fn new(settings: &ChannelSettings) -> Self {
        Self {
            next: settings.first_pause.min(settings.longest_pause),
            longest: settings.longest_pause,
            chance: RandomState::new(),
            count: 0,
        }
    }

    fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = pause.saturating_mul(2).min(self.longest);
        self.count += 1;
        // The standard library's hasher is keyed by chance; no more than chance is needed here.
        let fifth = self.chance.hash_one(self.count) % 401;
        pause.mul_f64(0.8 + fifth as f64 / 1000.0).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_and_are_jittered() {
        let settings = ChannelSettings::default();
        let mut pauses = Pauses::new(&settings);
        let mut expected = settings.first_pause;
        let mut seen = Vec::new();
        for _ in 0..100 {
            let pause = pauses.next();
            assert!(pause >= expected.mul_f64(0.79) && pause <= expected.mul_f64(1.21), "{pause:?}");
            assert!(pause <= settings.longest_pause);
            seen.push(pause);
            expected = (expected * 2).min(settings.longest_pause);
        }
        let last: std::collections::BTreeSet<_> = seen[50..].iter().collect();
        assert!(last.len() > 1, "no jitter");
    }
}
