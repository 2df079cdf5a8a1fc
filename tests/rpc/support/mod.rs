//! Peers to call, and a client that watches its calls.

pub(crate) mod account;
pub(crate) mod client;
pub(crate) mod good;
pub(crate) mod ladder;
pub(crate) mod papers;
pub(crate) mod peer;

use std::time::Duration;

/// No condition is waited for longer; a test that hangs fails.
pub(crate) const GUARD: Duration = Duration::from_secs(20);

/// Waits for something that must come.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(GUARD, what).await.expect("it did not come in time")
}
