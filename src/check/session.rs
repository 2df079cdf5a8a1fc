//! The server that is checked: its connection, made anew where a check broke it, and the patience with it.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, uri::PathAndQuery};
use tokio::{runtime::Handle, time::timeout};

use super::{Unmet, ledger::Ledger, talk::Talk};
use crate::{
    rpc::{CallId, CallSpec, Channel, ChannelId, ChannelSettings, ChannelState, Outbox, Requests, Target},
    schema::{Contract, Kind, Method},
};

/// What a call of a check is given.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where it is.
    pub target: Target,
    /// How it is connected to.
    pub settings: ChannelSettings,
    /// What is sent with each call beside gRPC's own headers.
    pub metadata: HeaderMap,
    /// What the calls run on.
    pub runtime: Handle,
}

/// How long checks may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For one answer of a server that has answered so far.
    pub answer: Duration,
    /// For one answer of a server that left the last question open.
    pub impatient: Duration,
    /// For the streams of ten thousand names, and for the hundred calls.
    pub long: Duration,
    /// For a connection in place of one that broke.
    pub connection: Duration,
    /// How long nothing must come where nothing is due.
    pub quiet: Duration,
    /// For all checks together.
    pub all: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(5),
            impatient: Duration::from_secs(1),
            long: Duration::from_secs(20),
            connection: Duration::from_secs(2),
            quiet: Duration::from_millis(200),
            all: Duration::from_secs(90),
        }
    }
}

/// A connection to the server, and what is known of it.
pub(super) struct Session {
    pub(super) server: Server,
    pub(super) limits: Limits,
    pub(super) contract: Contract,
    pub(super) ledger: Ledger,
    channel: Channel,
    news: Outbox,
    opened: u32,
    is_silent: bool,
    /// Kinds whose method turned out not to be there.
    missing: Vec<Kind>,
}

impl Session {
    /// Connects. The error is why there is no connection, in words.
    pub(super) async fn open(server: Server, limits: Limits) -> Result<Self, String> {
        let news = Outbox::new();
        let channel = open(&server, &news, 1);
        let session = Self {
            server,
            limits,
            contract: Contract::default(),
            ledger: Ledger::default(),
            channel,
            news,
            opened: 1,
            is_silent: false,
            missing: Vec::new(),
        };
        session.first_attempt().await?;
        Ok(session)
    }

    pub(super) fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Exchanges the connection for a new one: what a check did to it must not be the next one's trouble.
    pub(super) async fn renew(&mut self) -> Result<(), String> {
        self.opened += 1;
        self.news = Outbox::new();
        self.channel = open(&self.server, &self.news, self.opened);
        let mut cause = "no connection".to_owned();
        let connected = async {
            // A server that starts over is given its time.
            while let Err(why) = self.first_attempt().await {
                cause = why;
            }
        };
        timeout(self.limits.connection, connected).await.map_err(|_| cause)
    }

    /// Says goodbye.
    pub(super) async fn leave(self) {
        self.channel.leave().await;
    }

    /// How long an answer may take now.
    pub(super) fn patience(&self) -> Duration {
        if self.is_silent { self.limits.impatient } else { self.limits.answer }
    }

    /// It answered.
    pub(super) fn answered(&mut self) {
        self.is_silent = false;
    }

    /// It left a question open.
    pub(super) fn left_open(&mut self) {
        self.is_silent = true;
    }

    /// It does not have the method of this kind.
    pub(super) fn misses(&mut self, kind: Kind) {
        self.missing.push(kind);
    }

    /// The method of the first of these kinds that is there.
    pub(super) fn method(&self, kinds: &[Kind]) -> Result<Method, Unmet> {
        let mut there = kinds.iter().filter(|kind| !self.missing.contains(kind));
        let method = there.find_map(|kind| self.contract.of_kind(*kind).next());
        method.cloned().ok_or_else(|| Unmet::Untold("the method is not there".to_owned()))
    }

    /// Sends these names, all at once, and half-closes. So many replies are due.
    pub(super) fn ask<S: AsRef<str>>(&self, method: &Method, names: &[S], due: usize) -> Result<Talk, Unmet> {
        if !method.kind().sends_stream() {
            let name = names.first().map_or("", AsRef::as_ref);
            let mut talk = self.call(method, Requests::One(request(method, name)?), HeaderMap::new());
            talk.due(due);
            return Ok(talk);
        }
        let mut talk = self.open_stream(method);
        for name in names {
            // What is not taken any more, the call's end explains.
            if talk.send(request(method, name.as_ref())?, due).is_err() {
                break;
            }
        }
        talk.call.half_close();
        Ok(talk)
    }

    /// Begins a call whose stream stays open.
    pub(super) fn open_stream(&self, method: &Method) -> Talk {
        self.call(method, Requests::Stream, HeaderMap::new())
    }

    /// The same with a `grpc-timeout` that this side does not keep, so that the other is seen to.
    pub(super) fn open_until(&self, method: &Method, milliseconds: u32) -> Talk {
        let mut metadata = HeaderMap::new();
        if let Ok(timeout) = HeaderValue::from_str(&format!("{milliseconds}m")) {
            metadata.insert("grpc-timeout", timeout);
        }
        self.call(method, Requests::Stream, metadata)
    }

    /// Calls a path that no contract has, with an empty message.
    pub(super) fn ask_path(&self, path: PathAndQuery) -> Talk {
        let name = path.as_str().to_owned();
        self.begin(&name, path, Requests::One(Bytes::new()), HeaderMap::new())
    }

    fn call(&self, method: &Method, requests: Requests, metadata: HeaderMap) -> Talk {
        self.begin(method.name(), method.path().clone(), requests, metadata)
    }

    fn begin(&self, name: &str, path: PathAndQuery, requests: Requests, more: HeaderMap) -> Talk {
        let mut metadata = self.server.metadata.clone();
        metadata.extend(more);
        let spec = CallSpec { metadata, ..CallSpec::new(CallId(1), path, requests) };
        Talk::new(name, self.channel.follow(spec), self.ledger.clone())
    }

    /// What came of the attempt to connect that is under way.
    async fn first_attempt(&self) -> Result<(), String> {
        loop {
            self.news.changed().await;
            for state in self.news.take().channels.into_values() {
                match state {
                    ChannelState::Ready { .. } => return Ok(()),
                    ChannelState::Lost { cause, .. } => return Err(cause),
                    ChannelState::Connecting { .. } | ChannelState::Closed => {}
                }
            }
        }
    }
}

fn open(server: &Server, news: &Outbox, number: u32) -> Channel {
    let (target, settings) = (server.target.clone(), server.settings.clone());
    Channel::open(&server.runtime, ChannelId(number), target, settings, news.clone())
}

pub(super) fn request(method: &Method, name: &str) -> Result<Bytes, Unmet> {
    method.request().encode(name).map_err(|error| Unmet::Untold(error.to_string()))
}
