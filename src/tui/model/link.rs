//! What the program is connected to, and the server that runs inside it.

use std::{net::SocketAddr, time::Instant};

use crate::{
    rpc::ChannelId,
    server::{CallLine, Counts, Settings},
};

/// The channel that calls go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its number; news of another are old.
    pub id: ChannelId,
    /// The address, as it is shown.
    pub address: String,
    /// Whose server it is.
    pub place: Place,
    /// How it stands.
    pub state: LinkState,
    /// What is known of the server's services.
    pub asking: Asking,
}

/// Whose server a channel goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The one inside this program.
    Embedded,
    /// Another.
    Remote,
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
    },
    /// There is no connection.
    Lost {
        /// Why. Foreign text may be in it.
        cause: String,
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
