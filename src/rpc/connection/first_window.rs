//! What surely goes out at once on a connection: known before h2 says it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// The most of a request that goes with its headers, in one packet, where the peer takes it: in bytes.
const AHEAD: u32 = 16 << 10;

/// What the peer of a connection takes of a stream before it says more. Clones tell of the same connection.
#[derive(Debug, Clone)]
pub(in crate::rpc) struct FirstWindow {
    size: u32,
    /// How many streams have bytes that the peer does not take now.
    held: Arc<AtomicUsize>,
}

impl FirstWindow {
    /// A window of so many bytes (RFC 9113, section 6.9.2).
    pub(in crate::rpc) fn new(size: u32) -> Self {
        Self { size, held: Arc::default() }
    }

    /// What can be sent with the headers and is surely taken. While another stream is held up, that is
    /// nothing: the window that all streams share may be used up.
    pub(in crate::rpc) fn surely(&self) -> usize {
        if self.held.load(Ordering::Relaxed) == 0 { self.size.min(AHEAD) as usize } else { 0 }
    }

    pub(in crate::rpc) fn hold(&self) -> Held {
        self.held.fetch_add(1, Ordering::Relaxed);
        Held(Arc::clone(&self.held))
    }
}

/// A stream that is held up, until it is dropped.
#[derive(Debug)]
pub(in crate::rpc) struct Held(Arc<AtomicUsize>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
