//! The way to a server, from the words of the command line to a channel that is open: to a server elsewhere, or to
//! one of our own on a free port of this machine.

use std::{
    cell::RefCell,
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use http::{HeaderMap, uri::PathAndQuery};
use tokio::{runtime::Handle, time::timeout};

use super::{
    Failure,
    reach::{elsewhere, metadata_of, named, readiness_of, sizes_of},
};
use crate::{
    cli::reach::{Asking, Calling, Place, Reach},
    compression::Encoding,
    rpc::{
        CallHandle, CallId, CallSpec, Cause, Channel, ChannelId, ChannelSettings, Code, Feed, Outbox,
        Readiness, Requests, Status, Target, Wish,
    },
    schema::{self, DiscoverError, Discovery, Named, Survey, discover, look_up, survey},
    server::{Server, Settings},
    wire::WireLog,
};

/// What is said where no address is given.
pub(super) const EMBEDDED: &str = "embedded server; --addr reaches another";

/// A way to a server: all that the words of the command line say of it, found to make sense. Nothing was opened.
#[derive(Debug)]
pub(super) struct Route {
    end: End,
    settings: ChannelSettings,
    metadata: HeaderMap,
    max_time: Option<Duration>,
    max_reply: usize,
    compression: Option<Encoding>,
    max_request: Option<usize>,
    readiness: Readiness,
    named: Option<Named>,
    asking: Asking,
}

#[derive(Debug)]
enum End {
    Embedded,
    Remote(Target),
}

impl Route {
    /// Reads the words. What is wrong with them is wrong usage.
    pub(super) fn read(reach: &Reach) -> Result<Self, Failure> {
        let (end, settings) = match &reach.place {
            Place::Embedded => (End::Embedded, ChannelSettings::default()),
            Place::Remote { address, connecting } => {
                let (target, settings) = elsewhere(address, connecting)?;
                (End::Remote(target), settings)
            }
        };
        let Calling { metadata, max_time, compress, .. } = &reach.calling;
        let (max_reply, max_request) = sizes_of(&reach.calling);
        Ok(Self {
            end,
            settings,
            metadata: metadata_of(&metadata.headers)?,
            max_time: *max_time,
            max_reply,
            compression: *compress,
            max_request,
            readiness: readiness_of(&reach.calling),
            named: named(&reach.schema)?,
            asking: reach.asking,
        })
    }

    /// Whether the program's own server answers.
    pub(super) fn is_embedded(&self) -> bool {
        matches!(self.end, End::Embedded)
    }

    /// Whether nobody knows better what can be called: the program's own server answers, or files were named.
    pub(super) fn knows_all(&self) -> bool {
        (self.is_embedded() || self.named.is_some()) && !self.must_ask()
    }

    /// Whether the server is asked also where it is known without what can be called.
    pub(super) fn must_ask(&self) -> bool {
        self.asking == Asking::Always
    }

    /// What the files say that were named: the server is not asked then.
    pub(super) fn named(&self) -> Option<&Named> {
        self.named.as_ref()
    }

    /// The largest message that may be sent, in bytes; `None` is any.
    pub(super) fn max_request(&self) -> Option<usize> {
        self.max_request
    }

    /// Where it leads: an address, or `embedded`.
    pub(super) fn target(&self) -> String {
        match &self.end {
            End::Embedded => "embedded".to_owned(),
            End::Remote(target) => target.to_string(),
        }
    }

    /// The same for a question, whose time is up no sooner than it is known why there is no connection.
    #[must_use]
    pub(super) fn in_time_to_tell(mut self) -> Self {
        let limit = self.max_time.unwrap_or(schema::QUESTION).min(schema::QUESTION);
        self.settings.connect_timeout = self.settings.connect_timeout.min(limit * 9 / 10);
        self
    }

    /// Opens it, on the current runtime. What cannot be connected to is told by the calls.
    pub(super) async fn open(self) -> Result<Reached, Failure> {
        let (server, target) = match &self.end {
            End::Remote(target) => (None, target.clone()),
            End::Embedded => {
                let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                let server = Server::start(free, Settings::default()).await.map_err(Failure::undone)?;
                let target = Target::parse(&server.address().to_string(), Wish::Plaintext);
                (Some(server), target.map_err(Failure::undone)?)
            }
        };
        let settings = self.settings.clone();
        // A face of this kind hears of its connection by its calls.
        let channel = Channel::open(&Handle::current(), ChannelId(1), target, settings, Outbox::new());
        Ok(Reached { route: self, channel, server })
    }
}

/// A server that can be called.
pub(super) struct Reached {
    route: Route,
    channel: Channel,
    server: Option<Server>,
}

impl Reached {
    /// What passes on its connections.
    pub(super) fn wire(&self) -> &WireLog {
        self.channel.wire()
    }

    /// The largest message that may be sent, in bytes; `None` is any.
    pub(super) fn max_request(&self) -> Option<usize> {
        self.route.max_request
    }

    /// Begins a call of which nothing is lost.
    pub(super) fn call(&self, id: CallId, path: PathAndQuery, requests: Requests) -> (CallHandle, Feed) {
        self.channel.follow(CallSpec {
            metadata: self.route.metadata.clone(),
            deadline: self.route.max_time,
            max_reply: self.route.max_reply,
            compression: self.route.compression,
            max_request: self.route.max_request,
            readiness: self.route.readiness,
            ..CallSpec::new(id, path, requests)
        })
    }

    /// Asks the server what it offers, in no more time than a call has.
    pub(super) async fn discover(&self) -> Result<Discovery, DiscoverError> {
        self.in_time(discover(&self.channel, &self.route.metadata)).await
    }

    /// Asks it for all that it has.
    pub(super) async fn survey(&self) -> Result<Survey, DiscoverError> {
        self.in_time(survey(&self.channel, &self.route.metadata)).await
    }

    /// Asks it for what is called `symbol`.
    pub(super) async fn look_up(&self, symbol: &str) -> Result<Survey, DiscoverError> {
        self.in_time(look_up(&self.channel, &self.route.metadata, symbol)).await
    }

    async fn in_time<T>(
        &self,
        asked: impl Future<Output = Result<T, DiscoverError>>,
    ) -> Result<T, DiscoverError> {
        let lacking = RefCell::new(None);
        let asked = async {
            if self.route.readiness == Readiness::WaitForReady {
                let wait = self.channel.ready(|cause| {
                    if lacking.replace(Some(cause.to_owned())).is_none() {
                        tell_waiting(cause);
                    }
                });
                wait.await;
                lacking.take();
            }
            asked.await
        };
        let Some(limit) = self.route.max_time else { return asked.await };
        let answered = timeout(limit, asked).await;
        answered.unwrap_or_else(|_| {
            let cause = match lacking.take() {
                Some(why) => Cause::NotConnectedInTime(limit, why.into_boxed_str()),
                None => Cause::ReflectionSilent(limit),
            };
            Err(DiscoverError::Unavailable(Status::by(Code::DeadlineExceeded, cause)))
        })
    }

    /// Leaves as one should: what is live is reset, and the connection is said goodbye. Takes a second at most.
    pub(super) async fn leave(self) {
        self.channel.leave().await;
        drop(self.server);
    }
}

/// Says why a question waits. Nothing else is printed yet.
fn tell_waiting(cause: &str) {
    let _unheard = writeln!(io::stderr(), "{}", waiting(cause));
}

/// What is said while there is no connection, and one is waited for.
pub(super) fn waiting(cause: &str) -> String {
    format!("greeter: waiting for the connection: {cause}")
}
