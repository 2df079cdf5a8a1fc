//! What the program is connected to, and the server that runs inside it.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use super::{
    Call,
    doctor::{Doctor, hindrance},
};
use crate::{
    compression::Accepted,
    rpc::{ChannelId, ChannelSettings, Ladder, Peer, Security, Target, TlsFacts, Trust},
    schema::{Discovery, NamedFiles},
    server::{CallLine, Counts, Settings},
};

/// The channel that calls go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its number. News of another number is old.
    pub id: ChannelId,
    /// The address, as it is shown.
    pub address: String,
    /// Whose server it is.
    pub place: Place,
    /// How its connections are protected.
    pub protection: Protection,
    /// How it was asked for; none before anything was.
    pub way: Option<Arc<Way>>,
    /// How it stands.
    pub state: LinkState,
    /// What is known of the server's services.
    pub asking: Asking,
    /// Which of its services cannot be used, and why: a sentence, with foreign text in it.
    pub left_out: Option<String>,
    /// Which compressed requests it takes, where it said so.
    pub accepted: Option<Accepted>,
    /// The last failure, until there is a connection.
    pub failure: Option<Failure>,
    /// What is known of why calls fail.
    pub doctor: Doctor,
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// In words. Foreign text may be in it.
    pub cause: String,
    /// How far the attempt to connect came.
    pub ladder: Option<Arc<Ladder>>,
}

impl Link {
    /// Before anything is connected to anything.
    pub fn new() -> Self {
        Self {
            id: ChannelId(0),
            address: String::new(),
            place: Place::Embedded,
            protection: Protection::Plaintext,
            way: None,
            state: LinkState::Connecting,
            asking: Asking::Done,
            left_out: None,
            accepted: None,
            failure: None,
            doctor: Doctor::default(),
        }
    }

    /// The way to the server as it was seen last: by the doctor, else by the attempt that failed.
    pub fn ladder(&self) -> Option<&Arc<Ladder>> {
        match (&self.state, &self.failure) {
            (LinkState::Stopped, _) => None,
            (_, Some(Failure { cause, ladder })) => self.doctor.on_lost(cause).or(ladder.as_ref()),
            (_, None) => self.doctor.on_calls(),
        }
    }

    /// Whether a call goes through this channel, and not through an earlier one.
    pub fn has_made(&self, call: &Call) -> bool {
        self.way.as_ref().map(Arc::as_ptr) == call.way.as_ref().map(Arc::as_ptr)
    }

    /// The address in use, where it is not the one that is shown: a name has several.
    pub fn resolved(&self) -> Option<String> {
        let LinkState::Ready { peer, .. } = &self.state else { return None };
        let peer = peer.to_string();
        (peer != self.address).then_some(peer)
    }

    /// Why no call can be made, in short: the doctor's words, else those of the attempt. Foreign text.
    pub fn hindrance(&self) -> Option<String> {
        let known = self.ladder().and_then(|ladder| hindrance(ladder)).map(ToString::to_string);
        known.or_else(|| self.failure.as_ref().map(|failure| failure.cause.clone()))
    }
}

impl Default for Link {
    fn default() -> Self {
        Self::new()
    }
}

/// How a channel was asked for: all it takes to open another like it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Where the server is.
    pub target: Target,
    /// How it is connected to.
    pub reach: ChannelSettings,
    /// The files that say what can be called, where the server is not asked; else none.
    pub files: NamedFiles,
}

/// What files say can be called.
#[derive(Debug, Clone)]
pub struct Described {
    /// Their services.
    pub offered: Discovery,
    /// The files, by names that hold in every folder.
    pub files: NamedFiles,
}

/// Whose server a channel goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The one inside this program.
    Embedded,
    /// Another.
    Remote,
}

/// How a channel's connections are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    Plaintext,
    /// By TLS.
    Tls,
    /// By TLS, but the server's identity is not checked.
    NotVerified,
}

impl Protection {
    /// That of a channel.
    pub fn of(target: &Target, settings: &ChannelSettings) -> Self {
        match (target.security(), &settings.tls.trust) {
            (Security::Plaintext, _) => Self::Plaintext,
            (Security::Tls, Trust::Anybody) => Self::NotVerified,
            (Security::Tls, _) => Self::Tls,
        }
    }
}

/// How the channel stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// A connection is being made.
    Connecting,
    /// Calls can be made.
    Ready {
        /// Since when.
        since: Instant,
        /// The address in use.
        peer: Peer,
        /// What is known of its TLS; `None` is plaintext.
        tls: Option<Arc<TlsFacts>>,
    },
    /// There is no connection.
    Lost {
        /// When it is tried again.
        retry_at: Instant,
    },
    /// The embedded server was stopped, or could not be started.
    Stopped,
}

/// What is known of the server's services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// Reflection is being asked.
    Now,
    /// It answered, or there is nothing to ask.
    Done,
    /// The server could not be asked; it will be when the channel is ready.
    Later,
}

/// The server inside this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// The port it had, so that it comes back where it was.
    pub address: Option<SocketAddr>,
    /// Replies and pause, also while it is stopped.
    pub settings: Settings,
    /// What it is doing.
    pub state: EmbeddedState,
    /// Its newest calls as it saw them, newest last; looked at while its panel is open.
    pub log: Vec<CallLine>,
}

/// What the embedded server is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmbeddedState {
    /// It was never started, or was stopped.
    Stopped,
    /// It is being started.
    Starting,
    /// It answers.
    Serving(Counts),
    /// It lets its last calls end.
    Stopping,
    /// It could not be started; why.
    Failed(String),
}

impl Embedded {
    /// One that was never started.
    pub fn new(settings: Settings) -> Self {
        Self { address: None, settings, state: EmbeddedState::Stopped, log: Vec::new() }
    }
}
