//! The way to a server, layer by layer, and what was seen on each. Every attempt to connect writes one;
//! the doctor goes on where an attempt ends.

use std::{
    fmt,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Fault, Layer, Peer, TlsFacts};
use crate::text;

/// What was seen on a layer that holds. `Display` is a short phrase; foreign text in it is safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// The address has no name that must be asked for.
    NoName,
    /// What the resolver said.
    Addresses(Vec<SocketAddr>),
    /// A connection was taken.
    Connected(Peer),
    /// The layer is not used: the connection is plaintext.
    Plaintext,
    /// The handshake came to its end.
    Tls(Arc<TlsFacts>),
    /// Both sides agreed on `h2`.
    H2,
    /// The peer's SETTINGS came, which allow so many streams at once; `None` is any number.
    Settings(Option<usize>),
    /// A call was answered, with this status.
    Answered(tonic::Code),
    /// So many services are told of.
    Services(usize),
    /// The service is among them.
    Service(String),
}

/// A layer, what was found on it, and how long that took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// Which layer.
    pub layer: Layer,
    /// Since the rung before it.
    pub took: Duration,
    /// What was seen, or what is wrong.
    pub found: Result<Seen, Fault>,
}

/// What became of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Holds,
    /// It is not there, and need not be.
    Unused,
    /// It does not hold.
    Fails,
}

impl Rung {
    /// What became of the layer.
    pub fn outcome(&self) -> Outcome {
        match self.found {
            Ok(Seen::Plaintext) => Outcome::Unused,
            Ok(_) => Outcome::Holds,
            Err(_) => Outcome::Fails,
        }
    }

    /// What was seen on it, or what is wrong. Foreign text in it is safe.
    pub fn words(&self) -> String {
        match &self.found {
            Ok(seen) => seen.to_string(),
            Err(fault) => fault.to_string(),
        }
    }
}

/// The rungs that were climbed, the failed one last if there is one. At most one a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    rungs: Vec<Rung>,
    since: Instant,
}

impl Ladder {
    /// At its foot.
    pub fn new() -> Self {
        Self { rungs: Vec::new(), since: Instant::now() }
    }

    /// The rungs, lowest first.
    pub fn rungs(&self) -> &[Rung] {
        &self.rungs
    }

    /// What is wrong, where anything is.
    pub fn fault(&self) -> Option<&Fault> {
        self.rungs.iter().find_map(|rung| rung.found.as_ref().err())
    }

    /// The highest layer that holds.
    pub fn highest(&self) -> Option<Layer> {
        self.rungs.iter().rev().find(|rung| rung.found.is_ok()).map(|rung| rung.layer)
    }

    /// The status that a call was answered with.
    pub fn answer(&self) -> Option<tonic::Code> {
        self.rungs.iter().find_map(|rung| match rung.found {
            Ok(Seen::Answered(code)) => Some(code),
            _ => None,
        })
    }

    /// Whether a call could be made, and of the service that was asked for, if one was.
    pub fn can_call(&self) -> bool {
        let answered = self.rungs.iter().any(|rung| rung.layer == Layer::Grpc && rung.found.is_ok());
        let is_unusable = |fault: &Fault| {
            matches!(
                fault,
                Fault::NoService { .. } | Fault::UndescribedService { .. } | Fault::CallsRefused(_)
            )
        };
        answered && !self.fault().is_some_and(is_unusable)
    }

    /// The sentence of it all: what is wrong and what to do, or that nothing is.
    pub fn verdict(&self) -> String {
        match self.fault() {
            Some(fault) => format!("{fault}: {}", fault.advice()),
            None if self.can_call() => "a call can be made".to_owned(),
            None => "a connection can be made".to_owned(),
        }
    }

    /// A layer holds.
    pub fn passed(&mut self, layer: Layer, seen: Seen) {
        self.add(layer, Ok(seen));
    }

    /// A layer does not hold.
    pub fn failed(&mut self, fault: Fault) {
        self.add(fault.layer(), Err(fault));
    }

    fn add(&mut self, layer: Layer, found: Result<Seen, Fault>) {
        // Another address begins again from its own layer.
        self.rungs.retain(|rung| rung.layer < layer);
        let now = Instant::now();
        self.rungs.push(Rung { layer, took: now.saturating_duration_since(self.since), found });
        self.since = now;
    }
}

impl Default for Ladder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoName => f.write_str("an address, no name to ask for"),
            Self::Addresses(all) => {
                let all: Vec<String> = all.iter().map(|address| address.ip().to_string()).collect();
                f.write_str(&all.join(", "))
            }
            Self::Connected(peer) => write!(f, "connected to {}", text::safe(&peer.to_string())),
            Self::Plaintext => f.write_str("not used: the connection is plaintext"),
            Self::Tls(facts) => facts.fmt(f),
            Self::H2 => f.write_str("h2"),
            Self::Settings(None) => f.write_str("SETTINGS came, any number of streams at once"),
            Self::Settings(Some(streams)) => {
                write!(f, "SETTINGS came, {} streams at once", text::count(*streams as u64))
            }
            Self::Answered(code) => write!(f, "a call was answered: {}", super::status::code_name(*code)),
            Self::Services(1) => f.write_str("1 service"),
            Self::Services(count) => write!(f, "{} services", text::count(*count as u64)),
            Self::Service(name) => write!(f, "{} is there", text::safe(name)),
        }
    }
}
