//! The way to a server: name, socket, TLS, HTTP/2. Each layer that holds, and the one that does not, is
//! written into a [`Ladder`].

use std::{
    io,
    net::{SocketAddr, ToSocketAddrs},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::{OnceCell, Semaphore},
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

use super::{
    ChannelSettings, Fault, Keepalive, Layer, Peer, Security, Seen, Target, TlsFacts,
    connection::{Connection, Ears, Over, greet, keep},
    fault::{Spoken, TlsFault},
    ladder::Ladder,
    raw::Raw,
    socket::Socket,
    target::{MAX_ADDRESSES, Place},
    tls::{Connector, Handshake},
    words,
};
use crate::{
    held::lock,
    wire::{FirstWords, Opening, WireLog},
};

/// Names that are looked up at once, those among them of which nobody waits for the answer any more.
pub(super) const MAX_LOOKUPS: usize = 8;
static LOOKUPS: Semaphore = Semaphore::const_new(MAX_LOOKUPS);

/// A connection, and what says that it is over.
pub(super) type Dialled = (Arc<Connection>, Over);

/// Makes connections to one target.
#[derive(Debug)]
pub(super) struct Dialer {
    target: Target,
    settings: ChannelSettings,
    /// A connection that was made already, for the first that dials.
    made: Mutex<Option<Dialled>>,
    /// Whom to trust is read once, when it is needed.
    connector: OnceCell<Connector>,
}

/// How an attempt is made, beside what holds for all of a target's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt<'a> {
    /// The most that it may take.
    pub(super) limit: Duration,
    /// Where what passes is written.
    pub(super) wire: Option<&'a WireLog>,
    /// When the peer is asked whether it is still there.
    pub(super) keepalive: Option<Keepalive>,
}

/// A socket with all that was agreed on before HTTP/2.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) socket: Socket,
    pub(super) peer: Peer,
    pub(super) tls: Option<(Arc<TlsFacts>, Arc<Handshake>)>,
}

impl Dialer {
    pub(super) fn new(target: Target, settings: ChannelSettings) -> Self {
        Self { target, settings, made: Mutex::default(), connector: OnceCell::new() }
    }

    /// Has a connection already: whoever dials first gets it.
    pub(super) fn with(self, made: Dialled) -> Self {
        Self { made: Mutex::new(Some(made)), ..self }
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    pub(super) fn settings(&self) -> &ChannelSettings {
        &self.settings
    }

    /// Connects, address by address, within the attempt's time in all.
    pub(super) async fn dial(&self, attempt: Attempt<'_>, ladder: &mut Ladder) -> Result<Dialled, Fault> {
        if let Some(made) = lock(&self.made).take() {
            return Ok(made);
        }
        let dialled = self.try_all(attempt, ladder).await;
        if let Err(fault) = &dialled {
            ladder.failed(fault.clone());
        }
        dialled
    }

    async fn try_all(&self, attempt: Attempt<'_>, ladder: &mut Ladder) -> Result<Dialled, Fault> {
        let limit = attempt.limit;
        let by = Instant::now() + limit;
        let resolved = timeout_at(by, self.resolve(ladder)).await;
        let peers = resolved.unwrap_or(Err(Fault::NameServerSilent(limit)))?;
        let mut faults: Vec<(Peer, Fault)> = Vec::new();
        for (tried, peer) in peers.iter().enumerate() {
            // One address that swallows everything must not take the time of those behind it.
            let left = by.saturating_duration_since(Instant::now());
            let share = (left / (peers.len() - tried) as u32).max(Duration::from_millis(1));
            match self.connect(peer.clone(), Attempt { limit: share, ..attempt }, ladder).await {
                Ok(connection) => return Ok(connection),
                Err(fault) => faults.push((peer.clone(), fault)),
            }
        }
        Err(in_one(faults))
    }

    async fn resolve(&self, ladder: &mut Ladder) -> Result<Vec<Peer>, Fault> {
        let peers: Vec<SocketAddr> = match self.target.place() {
            Place::Socket(socket) => {
                ladder.passed(Layer::Name, Seen::NoName);
                return Ok(vec![Peer::Socket(socket.clone())]);
            }
            Place::Addresses(all) => {
                ladder.passed(Layer::Name, Seen::NoName);
                all.clone()
            }
            Place::Name(name, port) => named(name, *port, ladder).await?,
            Place::Zoned { ip, zone, port } => named(&format!("{ip}%{zone}"), *port, ladder).await?,
        };
        Ok(peers.into_iter().map(Peer::Ip).collect())
    }

    async fn connect(
        &self,
        peer: Peer,
        Attempt { limit, wire, keepalive }: Attempt<'_>,
        ladder: &mut Ladder,
    ) -> Result<Dialled, Fault> {
        let by = Instant::now() + limit;
        let line = self.line(peer, limit, ladder).await?;
        let opening = Opening::new();
        let (ear, labels) = wire.map(WireLog::connection).unzip();
        let ears = Ears { opening: opening.clone(), ear, keepalive };
        let tls = line.tls.clone();
        // What came before, TLS say, was no silence.
        let since = Instant::now();
        let greeted = timeout_at(by, greet(line.socket, ears)).await;
        let silence = || rounded(since.elapsed().min(limit).saturating_sub(STEP / 2));
        let silent = || match opening.first_words() {
            FirstWords::Unclear(_) | FirstWords::SettingsBegun => Fault::Stalled(silence()),
            words => Spoken::instead_of_http2(&words).map_or_else(|| Fault::Mute(silence()), Fault::Spoke),
        };
        let greeted = greeted.unwrap_or_else(|_| Err(silent()));
        let greeted = greeted.map_err(|fault| match &tls {
            // TLS 1.3 has no word for a refused client but an alert in what follows.
            Some((_, handshake)) => handshake.fault_behind(fault),
            None => fault,
        })?;
        ladder.passed(Layer::Http2, Seen::Settings(greeted.streams()));
        Ok(keep(greeted, line.peer, tls.map(|(facts, _)| facts), labels))
    }

    /// A socket to an address, in TLS where that is wanted.
    pub(super) async fn line(&self, peer: Peer, limit: Duration, ladder: &mut Ladder) -> Result<Line, Fault> {
        let by = Instant::now() + limit;
        let raw = match timeout_at(by, Raw::connect(&peer)).await {
            Ok(connected) => connected.map_err(|error| Fault::of_connecting(&peer, &error))?,
            Err(_) => return Err(Fault::Unanswered(rounded(limit))),
        };
        ladder.passed(Layer::Socket, Seen::Connected(peer.clone()));
        if self.target.security() == Security::Plaintext {
            ladder.passed(Layer::Tls, Seen::Plaintext);
            return Ok(Line { socket: Socket::Plaintext(raw), peer, tls: None });
        }
        let (opening, handshake) = (Opening::new(), Arc::new(Handshake::default()));
        let shaken = async {
            let connector = self.connector().await?;
            let stream = connector.handshake(raw, opening.clone(), &handshake).await?;
            let facts = connector.facts(&stream, &handshake);
            Ok::<_, Fault>((stream, facts))
        };
        let silent = || {
            let heard = opening.first_words();
            let silence = match heard {
                FirstWords::Tls => TlsFault::Unfinished(rounded(limit)),
                _ => TlsFault::Mute(rounded(limit)),
            };
            handshake.fault(&heard).unwrap_or(silence.into())
        };
        let (stream, facts) = timeout_at(by, shaken).await.unwrap_or_else(|_| Err(silent()))?;
        let facts = Arc::new(facts?);
        ladder.passed(Layer::Tls, Seen::Tls(Arc::clone(&facts)));
        ladder.passed(Layer::Alpn, Seen::H2);
        let socket = Socket::Tls { stream: Box::new(stream), handshake: Arc::clone(&handshake) };
        Ok(Line { socket, peer, tls: Some((facts, handshake)) })
    }

    async fn connector(&self) -> Result<&Connector, Fault> {
        let authority = self.settings.authority.as_ref().map(|authority| {
            // The brackets of an IPv6 address are the URI's, not the name's.
            authority.host().trim_start_matches('[').trim_end_matches(']').to_owned()
        });
        let host = authority.unwrap_or_else(|| self.target.host_name());
        self.connector.get_or_try_init(|| Connector::prepare(&self.settings.tls, host)).await
    }
}

/// One fault for all addresses; the addresses are named only where their faults differ.
fn in_one(mut faults: Vec<(Peer, Fault)>) -> Fault {
    match faults.as_slice() {
        [(_, first), rest @ ..] if rest.iter().all(|(_, fault)| fault == first) => faults.swap_remove(0).1,
        _ => Fault::Several(faults),
    }
}

/// The addresses of a name, of which there is one at least.
async fn named(name: &str, port: u16, ladder: &mut Ladder) -> Result<Vec<SocketAddr>, Fault> {
    let found = look_up(name, port).await.map_err(|error| of_resolving(&error, name))?;
    if found.is_empty() {
        return Err(Fault::NoAddress(name.to_owned()));
    }
    ladder.passed(Layer::Name, Seen::Addresses(found.clone()));
    Ok(found)
}

/// The first addresses of a name. The system's resolver has a thread until it is done, however long nobody has
/// waited for it: a stuck one must not gather threads, nor have those that read and write files.
async fn look_up(name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let place = LOOKUPS.acquire().await.map_err(io::Error::other)?;
    let name = name.to_owned();
    let found = spawn_blocking(move || {
        let _until_it_is_done = place;
        Ok((name.as_str(), port).to_socket_addrs()?.take(MAX_ADDRESSES).collect())
    });
    found.await.map_err(io::Error::other)?
}

/// Why a name was not resolved. The standard library gives these no kind of their own.
fn of_resolving(error: &io::Error, host: &str) -> Fault {
    let text = error.to_string();
    let is = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    if is(&["not known", "No address associated", "nodename nor servname", "No such host"]) {
        return Fault::NoSuchHost(host.to_owned());
    }
    if is(&["Temporary failure", "Try again"]) {
        return Fault::NameServerFailed(host.to_owned());
    }
    Fault::NotResolved(words::of_resolving(&text, host))
}

/// Times of silence are told in steps of this.
const STEP: Duration = Duration::from_millis(50);

/// Half of a time that was divided among addresses is not told to the nanosecond.
pub(super) fn rounded(limit: Duration) -> Duration {
    Duration::from_millis((limit.as_millis() as u64).next_multiple_of(STEP.as_millis() as u64))
}
