//! What people may change about the server while it runs.

use std::time::Duration;

/// How a stream of replies is answered. Changing it takes effect on a running server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Replies to one server-streaming call, from the next call on.
    pub replies: u32,
    /// The pause between two replies of a server-streaming call, in running calls too.
    pub interval: Duration,
}

/// Five replies without a pause.
impl Default for Settings {
    fn default() -> Self {
        Self { replies: 5, interval: Duration::ZERO }
    }
}
