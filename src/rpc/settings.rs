//! How a channel connects, beside what its address says.

use std::time::Duration;

use http::{HeaderValue, uri::Authority};

use super::{Keepalive, TlsSettings};

/// Who calls: the program and its version.
const AGENT: &str = concat!("grpc-greeter/", env!("CARGO_PKG_VERSION"));

/// What `user-agent` says of a caller that is known by a name of its own: that, and the program behind it. `None` where
/// the name cannot be in a header.
pub fn user_agent(name: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{name} {AGENT}")).ok().filter(|_| !name.trim().is_empty())
}

/// How a channel connects, beside what its address says, and whether its connections are followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelSettings {
    /// The most that one attempt may take: name, socket, TLS and the peer's SETTINGS together.
    pub connect_timeout: Duration,
    /// The pause after the first failure. Each later one is twice as long, give or take a fifth.
    pub first_pause: Duration,
    /// No pause is longer.
    pub longest_pause: Duration,
    /// How TLS is spoken, where the target is one for TLS.
    pub tls: TlsSettings,
    /// What `:authority` says, where it is not the address.
    pub authority: Option<Authority>,
    /// Who calls, in the `user-agent` of its calls, where their metadata does not say otherwise; see
    /// [`user_agent`](super::user_agent).
    pub user_agent: HeaderValue,
    /// When a server that says nothing is asked whether it is still there; `None` is never.
    pub keepalive: Option<Keepalive>,
    /// Whether what passes is followed.
    pub wire: Wire,
}

/// Whether the frames of a channel's connections are followed, for [`Channel::wire`](super::Channel::wire).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wire {
    /// They are, from the first byte on.
    #[default]
    Followed,
    /// They are not: for who wants nothing but speed.
    LeftAlone,
}

impl Default for ChannelSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(5),
            tls: TlsSettings::default(),
            authority: None,
            user_agent: HeaderValue::from_static(AGENT),
            keepalive: None,
            wire: Wire::default(),
        }
    }
}
