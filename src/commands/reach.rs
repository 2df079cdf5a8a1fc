//! From the words of the command line to a channel that is open: to a server elsewhere, or to one of our own on a
//! free port of this machine.

use std::{
    env,
    io::{self, Write},
    mem,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use http::{
    HeaderMap, HeaderValue,
    uri::{Authority, PathAndQuery},
};
use tokio::{runtime::Handle, time::timeout};

use super::Failure;
use crate::{
    certs::FileError,
    cli::{
        Connect, Typed,
        reach::{Calling, Connecting, Place, Reach, Schema, Security},
    },
    compression::Encoding,
    rpc::{
        self, CallHandle, CallId, CallSpec, Cause, Channel, ChannelId, ChannelSettings, Code,
        DEFAULT_MAX_REPLY, Feed, Identity, Keepalive, Outbox, Readiness, Requests, Status, Target,
        TlsSettings, Trust, Wish, metadata,
    },
    schema::{self, DiscoverError, Discovery, Named, NamedFiles, Survey, discover, look_up, survey},
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
    let Connecting { security, authority, user_agent, connect_timeout, keepalive_time, keepalive_timeout } =
        connecting;
    let wish = match security.tls_flag() {
        _ if security.plaintext => Wish::Plaintext,
        Some(_) => Wish::Tls,
        // A name of the server belongs to TLS, and to a plaintext proxy as well.
        None if authority.is_some() => Wish::TlsUnlessSaid,
        None => Wish::ByAddress,
    };
    let target = Target::parse(address, wish).map_err(Failure::usage)?;
    let defaults = ChannelSettings::default();
    let settings = ChannelSettings {
        connect_timeout: connect_timeout.unwrap_or(defaults.connect_timeout),
        tls: tls(security).map_err(Failure::usage)?,
        authority: authority.as_deref().map(read_authority).transpose()?,
        user_agent: user_agent.as_deref().map_or(Ok(defaults.user_agent), read_agent)?,
        keepalive: keepalive_time
            .map(|time| Keepalive { time, timeout: keepalive_timeout.unwrap_or(Keepalive::TIMEOUT) }),
        ..defaults
    };
    Ok((target, settings))
}

/// Reads what is typed on the screen to reach another server. What was said of the server that was named when the
/// program began (`start`) holds for that host, whatever the port, and for no other: neither is another to be
/// trusted for it nor shown who we are.
pub(super) fn typed(line: &str, start: Option<&Connect>) -> Result<(Target, ChannelSettings), String> {
    let Typed { address, connecting } = Typed::read(line).map_err(|error| error.to_string())?;
    let host = |address: &str| Target::parse(address, Wish::ByAddress);
    let target = host(&address).map_err(|error| error.to_string())?;
    let same = start.filter(|start| host(&start.address).is_ok_and(|started| target.is_on_host_of(&started)));
    let connecting = match same {
        // A scheme says as much as a flag.
        Some(start) if !address.contains("://") => connecting.over(&start.connecting),
        _ => connecting,
    };
    elsewhere(&address, &connecting).map_err(|failure| failure.to_string())
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

fn read_agent(name: &str) -> Result<HeaderValue, Failure> {
    rpc::user_agent(name).ok_or_else(|| {
        Failure::usage(format!("--user-agent: \"{}\" cannot be in a header", text::safe(name)))
    })
}

/// A variable of the environment.
pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// What `-H` says.
pub(super) fn metadata_of(headers: &[String]) -> Result<HeaderMap, Failure> {
    let mut metadata = HeaderMap::new();
    for pair in headers {
        let (key, value) = metadata::parse(pair, variable).map_err(Failure::usage)?;
        let is_full = metadata.try_append(key, value).is_err();
        if is_full {
            return Err(Failure::usage("there are too many -H"));
        }
    }
    Ok(metadata)
}

/// Says why a question waits. Nothing else is printed yet.
fn tell_waiting(cause: &str) {
    let _unheard = writeln!(io::stderr(), "{}", waiting(cause));
}

/// What is said while there is no connection, and one is waited for.
pub(super) fn waiting(cause: &str) -> String {
    format!("greeter: waiting for the connection: {cause}")
}

/// The largest reply that is taken, and the largest message that is sent; in bytes.
pub(super) fn sizes_of(calling: &Calling) -> (usize, Option<usize>) {
    let max_reply = calling.max_msg_sz.map_or(DEFAULT_MAX_REPLY, |bytes| bytes as usize);
    (max_reply, calling.max_send_sz.map(|bytes| bytes as usize))
}

/// What calls do where the server is not reached.
pub(super) fn readiness_of(calling: &Calling) -> Readiness {
    if calling.wait_for_ready { Readiness::WaitForReady } else { Readiness::FailFast }
}

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
        let Calling { headers, max_time, compress, .. } = &reach.calling;
        let (max_reply, max_request) = sizes_of(&reach.calling);
        Ok(Self {
            end,
            settings,
            metadata: metadata_of(headers)?,
            max_time: *max_time,
            max_reply,
            compression: *compress,
            max_request,
            readiness: readiness_of(&reach.calling),
            named: named(&reach.schema)?,
        })
    }

    /// Whether the program's own server answers.
    pub(super) fn is_embedded(&self) -> bool {
        matches!(self.end, End::Embedded)
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
        let asked = async {
            if self.route.readiness == Readiness::WaitForReady {
                let mut was_told = false;
                let wait = self.channel.ready(|cause| {
                    if !mem::replace(&mut was_told, true) {
                        tell_waiting(cause);
                    }
                });
                wait.await;
            }
            asked.await
        };
        let Some(limit) = self.route.max_time else { return asked.await };
        timeout(limit, asked).await.unwrap_or_else(|_| {
            let cause = Cause::DeadlineExceeded { after: limit, heard: None };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Command, parse};

    fn settings(connecting: &Connecting) -> Result<ChannelSettings, Failure> {
        elsewhere("127.0.0.1:1", connecting).map(|(_, settings)| settings)
    }

    fn protected(address: &str, connecting: &Connecting) -> rpc::Security {
        elsewhere(address, connecting).unwrap_or_else(|_| panic!("{address}")).0.security()
    }

    #[test]
    fn an_authority_means_tls_unless_plaintext_was_said() {
        let authority = || Some("greeter.example".to_owned());
        let alone = Connecting { authority: authority(), ..Connecting::default() };
        for address in ["127.0.0.1:1", "unix:/a", "greeter.example:1", "https://127.0.0.1:1"] {
            assert_eq!(protected(address, &alone), rpc::Security::Tls, "{address}");
        }
        assert_eq!(protected("http://127.0.0.1:1", &alone), rpc::Security::Plaintext);
        let plaintext = Security { plaintext: true, ..Security::default() };
        let plaintext = Connecting { security: plaintext, ..alone.clone() };
        assert_eq!(protected("greeter.example:1", &plaintext), rpc::Security::Plaintext);
        let tls = Security { tls: true, ..Security::default() };
        assert_eq!(
            protected("http://127.0.0.1:1", &Connecting { security: tls, ..alone }),
            rpc::Security::Tls
        );
    }

    #[test]
    fn a_peer_is_asked_whether_it_is_there_where_that_is_wished() {
        let [time, timeout] = [30, 5].map(Duration::from_secs);
        let with = |keepalive_time, keepalive_timeout| {
            let connecting = Connecting { keepalive_time, keepalive_timeout, ..Connecting::default() };
            settings(&connecting).ok().and_then(|settings| settings.keepalive)
        };
        assert_eq!(with(None, None), None);
        assert_eq!(with(Some(time), Some(timeout)), Some(Keepalive { time, timeout }));
        assert_eq!(with(Some(time), None), Some(Keepalive { time, timeout: Duration::from_secs(20) }));
    }

    #[test]
    fn who_calls_stands_before_the_program() {
        let agent = |name: &str| {
            let connecting = Connecting { user_agent: Some(name.to_owned()), ..Connecting::default() };
            settings(&connecting).ok().map(|settings| settings.user_agent)
        };
        let said = agent("shop/2.1").unwrap_or_else(|| HeaderValue::from_static(""));
        assert_eq!(said, concat!("shop/2.1 grpc-greeter/", env!("CARGO_PKG_VERSION")));
        assert_eq!(agent("a\nb"), None);
        assert_eq!(agent(" "), None);
    }

    /// What is typed on a screen that was begun like this.
    fn way(begun: &str, line: &str) -> (Target, ChannelSettings) {
        let Command::Connect(start) = parse(begun.split(' ').map(Into::into)).unwrap() else {
            panic!("{begun}")
        };
        typed(line, Some(&start)).unwrap()
    }

    fn security(begun: &str, line: &str) -> (rpc::Security, Trust) {
        let (target, settings) = way(begun, line);
        (target.security(), settings.tls.trust)
    }

    #[test]
    fn what_was_said_of_a_host_holds_for_its_other_ports() {
        let begun = "greeter connect --insecure --authority a --connect-timeout 2 demo.test:1";
        let (target, settings) = way(begun, "demo.test:2");
        assert_eq!(target.to_string(), "demo.test:2");
        assert_eq!(settings.tls.trust, Trust::Anybody);
        assert_eq!(settings.authority.unwrap().as_str(), "a");
        assert_eq!(settings.connect_timeout, Duration::from_secs(2));
        let begun = "greeter connect --plaintext demo.test:1";
        assert_eq!(security(begun, "demo.test:2").0, rpc::Security::Plaintext);
        assert_eq!(security(begun, "demo.test:2 --insecure"), (rpc::Security::Tls, Trust::Anybody));
    }

    #[test]
    fn nothing_of_it_holds_for_another_host() {
        let begun = "greeter connect --insecure --authority a --connect-timeout 2 demo.test:1";
        let (_, settings) = way(begun, "other.test:1");
        assert_eq!(settings, ChannelSettings::default());
        assert_eq!(security("greeter connect --plaintext demo.test:1", "other.test:1").0, rpc::Security::Tls);
    }

    #[test]
    fn what_is_typed_goes_before_what_was_said() {
        let begun = "greeter connect --insecure demo.test:1";
        assert_eq!(security(begun, "demo.test:2 --plaintext").0, rpc::Security::Plaintext);
        assert_eq!(security(begun, "http://demo.test:2").0, rpc::Security::Plaintext);
        let (_, settings) = way(begun, "demo.test:2 --authority b --servername c");
        assert_eq!(settings.authority.unwrap().as_str(), "b");
        assert_eq!(settings.tls.server_name.as_deref(), Some("c"));
        assert_eq!(settings.tls.trust, Trust::Anybody);
    }

    #[test]
    fn files_that_are_not_there_are_refused() {
        let said = typed("demo.test:1 --cacert 'no such.pem'", None).unwrap_err();
        assert!(said.contains("no such.pem"), "{said}");
    }
}
