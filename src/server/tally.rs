//! How much the server does and has done, counted where it happens.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};

use super::log::CallLog;

/// What the server does and has done. Calls and replies are those of the Greeter's methods;
/// health and reflection are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections open now.
    pub connections: usize,
    /// Calls started in all.
    pub calls: u64,
    /// Calls open now.
    pub live: usize,
    /// Replies in all.
    pub replies: u64,
}

/// The counters behind [`Counts`].
#[derive(Debug, Default)]
pub(super) struct Tally {
    connections: Arc<AtomicUsize>,
    calls: AtomicU64,
    live: Arc<AtomicUsize>,
    replies: AtomicU64,
    log: CallLog,
}

impl Tally {
    /// Counts a connection until the guard is dropped.
    pub(super) fn connection(&self) -> Open {
        Open::new(&self.connections)
    }

    /// Counts a call, and as live until the guard is dropped.
    pub(super) fn call(&self) -> Open {
        self.calls.fetch_add(1, Relaxed);
        Open::new(&self.live)
    }

    /// The newest calls.
    pub(super) fn log(&self) -> &CallLog {
        &self.log
    }

    /// Counts a reply.
    pub(super) fn reply(&self) {
        self.replies.fetch_add(1, Relaxed);
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            connections: self.connections.load(Relaxed),
            calls: self.calls.load(Relaxed),
            live: self.live.load(Relaxed),
            replies: self.replies.load(Relaxed),
        }
    }
}

/// Something that is open for as long as this lives.
#[derive(Debug)]
pub(super) struct Open(Arc<AtomicUsize>);

impl Open {
    fn new(gauge: &Arc<AtomicUsize>) -> Self {
        gauge.fetch_add(1, Relaxed);
        Self(Arc::clone(gauge))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
