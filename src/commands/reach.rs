//! From the words of the command line to a channel that is open: to a server elsewhere, or to one of our own on a
//! free port of this machine.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use http::{
    HeaderMap,
    uri::{Authority, PathAndQuery},
};
use tokio::{runtime::Handle, time::timeout};

use super::Failure;
use crate::{
    certs::FileError,
    cli::reach::{Connecting, Place, Reach, Schema, Security},
    rpc::{
        CallHandle, CallId, CallSpec, Cause, Channel, ChannelId, ChannelSettings, Code, DEFAULT_MAX_REPLY,
        Feed, Identity, Outbox, Requests, Status, Target, TlsSettings, Trust, Wish, metadata,
    },
    schema::{DiscoverError, Discovery, Named, NamedFiles, Survey, discover, look_up, survey},
    server::{Server, Settings},
    text,
    wire::WireLog,
};

/// What is said where no address is given.
pub(super) const EMBEDDED: &str = "embedded server; --addr reaches another";

/// What the files say that were named; `None` where none was. What is wrong with them is wrong usage.
pub(super) fn named(schema: &Schema) -> Result<Option<Named>, Failure> {
    let files = files(schema);
    if files.is_empty() {
        return Ok(None);
    }
    files.read().map(Some).map_err(Failure::usage)
}

/// The files that were named.
pub(super) fn files(schema: &Schema) -> NamedFiles {
    let Schema { proto, import_path, protoset } = schema.clone();
    NamedFiles { sources: proto, import_paths: import_path, sets: protoset }
}

/// A server elsewhere and how it is connected to, as the command line has it. Files are read here, so that what is
/// wrong with them is known before anything is opened; it is wrong usage.
pub(super) fn elsewhere(
    address: &str,
    connecting: &Connecting,
) -> Result<(Target, ChannelSettings), Failure> {
    let Connecting { security, authority, connect_timeout } = connecting;
    let wish = match security.tls_flag() {
        _ if security.plaintext => Wish::Plaintext,
        Some(_) => Wish::Tls,
        None => Wish::ByAddress,
    };
    let target = Target::parse(address, wish).map_err(Failure::usage)?;
    let defaults = ChannelSettings::default();
    let settings = ChannelSettings {
        connect_timeout: connect_timeout.unwrap_or(defaults.connect_timeout),
        tls: tls(security).map_err(Failure::usage)?,
        authority: authority.as_deref().map(read_authority).transpose()?,
        ..defaults
    };
    Ok((target, settings))
}

fn tls(security: &Security) -> Result<TlsSettings, FileError> {
    let trust = match &security.cacert {
        Some(file) => Trust::from_file(file)?,
        None if security.insecure => Trust::Anybody,
        None => Trust::System,
    };
    let identity = match (&security.cert, &security.key) {
        (Some(certificate), Some(key)) => Some(Arc::new(Identity::from_files(certificate, key)?)),
        _ => None,
    };
    Ok(TlsSettings { trust, identity, server_name: security.servername.clone() })
}

fn read_authority(name: &str) -> Result<Authority, Failure> {
    name.parse().map_err(|_| Failure::usage(format!("--authority: {} is no host name", text::safe(name))))
}

/// What `-H` says.
pub(super) fn metadata_of(headers: &[String]) -> Result<HeaderMap, Failure> {
    let mut metadata = HeaderMap::new();
    for pair in headers {
        let (key, value) = metadata::parse(pair).map_err(Failure::usage)?;
        let is_full = metadata.try_append(key, value).is_err();
        if is_full {
            return Err(Failure::usage("there are too many -H"));
        }
    }
    Ok(metadata)
}

/// A way to a server: all that the words of the command line say of it, found to make sense. Nothing was opened.
#[derive(Debug)]
pub(super) struct Route {
    end: End,
    settings: ChannelSettings,
    metadata: HeaderMap,
    max_time: Option<Duration>,
    max_reply: usize,
    named: Option<Named>,
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
        let metadata = metadata_of(&reach.calling.headers)?;
        let max_reply = reach.calling.max_msg_sz.map_or(DEFAULT_MAX_REPLY, |bytes| bytes as usize);
        let named = named(&reach.schema)?;
        Ok(Self { end, settings, metadata, max_time: reach.calling.max_time, max_reply, named })
    }

    /// Whether the program's own server answers.
    pub(super) fn is_embedded(&self) -> bool {
        matches!(self.end, End::Embedded)
    }

    /// What the files say that were named: the server is not asked then.
    pub(super) fn named(&self) -> Option<&Named> {
        self.named.as_ref()
    }

    /// Where it leads: an address, or `embedded`.
    pub(super) fn target(&self) -> String {
        match &self.end {
            End::Embedded => "embedded".to_owned(),
            End::Remote(target) => target.to_string(),
        }
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

    /// Begins a call of which nothing is lost.
    pub(super) fn call(&self, id: CallId, path: PathAndQuery, requests: Requests) -> (CallHandle, Feed) {
        self.channel.follow(CallSpec {
            id,
            path,
            metadata: self.route.metadata.clone(),
            deadline: self.route.max_time,
            requests,
            max_reply: self.route.max_reply,
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
        let Some(limit) = self.route.max_time else { return asked.await };
        timeout(limit, asked).await.unwrap_or_else(|_| {
            let cause = Cause::DeadlineExceeded(limit);
            Err(DiscoverError::Unavailable(Status::here(Code::DeadlineExceeded, cause.to_string(), cause)))
        })
    }

    /// Leaves as one should: what is live is reset, and the connection is said goodbye. Takes a second at most.
    pub(super) async fn leave(self) {
        self.channel.leave().await;
        if let Some(server) = self.server {
            server.abort();
        }
    }
}
