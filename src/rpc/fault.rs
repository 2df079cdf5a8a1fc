//! Why there is no connection, or no call on it: what is wrong, and what to do about it. `Display` is what is
//! wrong, short enough for the header; [`Fault::advice`] is the rest of the sentence. Foreign text in
//! them is safe.

mod advice;

use std::{
    fmt,
    io::{self, ErrorKind},
    net::{SocketAddr, SocketAddrV6},
    time::Duration,
};

use super::{Layer, Peer, words};
use crate::{
    certs::{Certificate, Moment},
    text,
    wire::FirstWords,
};

/// Names of a certificate, or services of a server, that are named in a sentence.
const MAX_NAMED: usize = 5;

/// Why a server cannot be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No host has that name.
    NoSuchHost(String),
    /// The name server said that it does not know now.
    NameServerFailed(String),
    /// The name server said nothing for so long.
    NameServerSilent(Duration),
    /// The name has no address.
    NoAddress(String),
    /// The resolver failed in another way; how, in words.
    NotResolved(String),
    /// The address refused the connection.
    Refused,
    /// Nothing came back from the address for so long.
    Unanswered(Duration),
    /// No socket is at that path.
    NoSocket,
    /// This user may not connect there.
    Forbidden,
    /// The address means something on one link alone, and it is not said which (RFC 4007, section 6).
    NoZone(SocketAddrV6),
    /// The system did not connect; why, in words.
    NotConnected(String),
    /// TLS did not come about.
    Tls(TlsFault),
    /// The connection was taken, and nothing said on it for so long.
    Mute(Duration),
    /// The peer's first words had not come whole after so long.
    Stalled(Duration),
    /// The connection was taken and closed without a word.
    ClosedSilently,
    /// Something else than HTTP/2 was said.
    Spoke(Spoken),
    /// HTTP/2 began, and broke; how, in words.
    Broke(String),
    /// A call was answered, and not as gRPC does it.
    NotGrpc {
        /// The HTTP status.
        http: u16,
        /// What is wrong with the answer, in words.
        how: String,
    },
    /// The peer allows no stream, and so no call; not for so long, at least.
    NoStreams(Duration),
    /// A call got no answer for so long.
    CallUnanswered(Duration),
    /// A call was answered: nobody is there to take it. What was said of it, which may be nothing.
    Unavailable(String),
    /// A call ended otherwise; how, in words.
    CallFailed(String),
    /// The server does not tell what it offers.
    NoReflection,
    /// It does not tell it to everybody; what it says of that.
    ReflectionRefused(String),
    /// It takes no call of strangers, reflection among them; what it says of that.
    CallsRefused(String),
    /// It tells it in a way that cannot be used; why, in a sentence.
    BrokenReflection(String),
    /// It does not offer the service that was asked for, but these.
    NoService {
        /// What was asked for.
        wanted: String,
        /// What is there.
        offered: Vec<String>,
    },
    /// It lists the service that was asked for, and what it says of it cannot be used.
    UndescribedService {
        /// What was asked for.
        wanted: String,
        /// Why it cannot be used, in a sentence.
        why: String,
    },
    /// A name has several addresses, and each failed in its way. There are two at least.
    Several(Vec<(Peer, Fault)>),
}

/// Why TLS did not come about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsFault {
    /// No certificate can have the name that is asked for.
    BadName(String),
    /// The system has no authorities to trust; why, in words, where it said so.
    NoAuthorities(String),
    /// The peer does not speak TLS.
    NotTls(Spoken),
    /// Nothing came back on our greeting for so long.
    Mute(Duration),
    /// The peer closed the connection on our greeting.
    Closed,
    /// The peer began the handshake, and had not ended it after so long.
    Unfinished(Duration),
    /// The peer speaks TLS, and broke the handshake off without saying why.
    BrokenOff,
    /// Nobody that is trusted signed the certificate: its own, where it can be read.
    UnknownAuthority(Box<Option<Certificate>>),
    /// An authority signed it that has the name of a trusted one, and another key: its name.
    OtherAuthority(String),
    /// The certificate is another's.
    WrongName {
        /// What was asked for.
        wanted: String,
        /// Whose it is.
        names: Vec<String>,
    },
    /// The certificate's time is over.
    Expired {
        /// Since when.
        on: Option<Moment>,
        /// By this machine's clock.
        now: Moment,
    },
    /// The certificate's time has not come.
    NotYet {
        /// When it comes.
        from: Option<Moment>,
        /// By this machine's clock.
        now: Moment,
    },
    /// Something else is wrong with the certificate; what, in words.
    Certificate(String),
    /// The certificate is good, and one of those that vouch for it is not; what is wrong, in words.
    Chain(String),
    /// The server wants to know who we are.
    ClientWanted,
    /// The server does not take our certificate; its alert's name.
    ClientRefused(String),
    /// The server knows no host of the name that was asked for.
    UnknownName,
    /// Both sides have no version or cipher in common; how, by rustls' or the alert's name.
    Incompatible(String),
    /// The server did not agree on HTTP/2; what it chose, where it chose.
    NoH2(Option<String>),
    /// The server ended the handshake by another alert; its name.
    Alert(String),
    /// Anything else, in words.
    Other(String),
}

/// What a peer speaks, by its first bytes, where something else was due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spoken {
    /// An HTTP/1 answer.
    Http1,
    /// HTTP/2 SETTINGS, where TLS was due.
    Http2,
    /// TLS, where HTTP/2 was due.
    Tls,
    /// Something else: its first bytes, or none where they are not known.
    Unknown(Vec<u8>),
}

impl Spoken {
    /// What was spoken where TLS was due; `None` where it was TLS, or nothing yet.
    pub(super) fn of(words: &FirstWords) -> Option<Self> {
        match words {
            FirstWords::Nothing | FirstWords::Tls => None,
            FirstWords::Settings | FirstWords::SettingsBegun | FirstWords::GoAway => Some(Self::Http2),
            FirstWords::Http1 => Some(Self::Http1),
            FirstWords::Unclear(bytes) if bytes.len() < 2 => None,
            FirstWords::Unclear(bytes) | FirstWords::Other(bytes) => Some(Self::Unknown(bytes.clone())),
        }
    }

    /// What was spoken where HTTP/2 was due; `None` where it was HTTP/2, or nothing yet.
    pub(super) fn instead_of_http2(words: &FirstWords) -> Option<Self> {
        match words {
            FirstWords::Nothing | FirstWords::SettingsBegun | FirstWords::Settings | FirstWords::GoAway => {
                None
            }
            FirstWords::Http1 => Some(Self::Http1),
            FirstWords::Tls => Some(Self::Tls),
            FirstWords::Unclear(bytes) | FirstWords::Other(bytes) => Some(Self::Unknown(bytes.clone())),
        }
    }
}

impl From<TlsFault> for Fault {
    fn from(fault: TlsFault) -> Self {
        Self::Tls(fault)
    }
}

impl Fault {
    /// The socket did not connect.
    pub(super) fn of_connecting(peer: &Peer, error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::ConnectionRefused => Self::Refused,
            ErrorKind::NotFound => Self::NoSocket,
            ErrorKind::PermissionDenied => Self::Forbidden,
            // A socket of another kind: nobody listens there for connections.
            _ if error.raw_os_error() == Some(rustix::io::Errno::PROTOTYPE.raw_os_error()) => Self::NoSocket,
            _ => match peer {
                Peer::Ip(SocketAddr::V6(address))
                    if address.ip().is_unicast_link_local() && address.scope_id() == 0 =>
                {
                    Self::NoZone(*address)
                }
                _ => Self::NotConnected(words::of_io(error)),
            },
        }
    }

    /// The layer that does not hold.
    pub fn layer(&self) -> Layer {
        match self {
            Self::NoSuchHost(_)
            | Self::NameServerFailed(_)
            | Self::NameServerSilent(_)
            | Self::NoAddress(_)
            | Self::NotResolved(_) => Layer::Name,
            Self::Refused
            | Self::Unanswered(_)
            | Self::NoSocket
            | Self::Forbidden
            | Self::NoZone(_)
            | Self::NotConnected(_) => Layer::Socket,
            Self::Tls(TlsFault::NoH2(_)) => Layer::Alpn,
            Self::Tls(_) => Layer::Tls,
            Self::Mute(_) | Self::Stalled(_) | Self::ClosedSilently | Self::Spoke(_) | Self::Broke(_) => {
                Layer::Http2
            }
            Self::NotGrpc { .. }
            | Self::NoStreams(_)
            | Self::CallUnanswered(_)
            | Self::Unavailable(_)
            | Self::CallFailed(_) => Layer::Grpc,
            Self::NoReflection
            | Self::ReflectionRefused(_)
            | Self::CallsRefused(_)
            | Self::BrokenReflection(_) => Layer::Reflection,
            Self::NoService { .. } | Self::UndescribedService { .. } => Layer::Service,
            Self::Several(all) => all.iter().map(|(_, fault)| fault.layer()).max().unwrap_or(Layer::Socket),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |time: &Duration| words::of_duration(*time);
        match self {
            Self::NoSuchHost(name) => write!(f, "no such host: {}", text::safe(name)),
            Self::NameServerFailed(name) => {
                write!(f, "no answer from the name server about {}", text::safe(name))
            }
            Self::NameServerSilent(limit) => write!(f, "no answer from the name server for {}", time(limit)),
            Self::NoAddress(name) => write!(f, "{} has no address", text::safe(name)),
            Self::Refused => f.write_str("connection refused"),
            Self::Unanswered(limit) => write!(f, "no answer for {}", time(limit)),
            Self::NoSocket => f.write_str("no socket is there"),
            Self::Forbidden => f.write_str("permission denied"),
            Self::NoZone(address) => {
                write!(f, "{} is an address of one link, and no interface is named", address.ip())
            }
            Self::NotResolved(how) | Self::NotConnected(how) | Self::Broke(how) => {
                f.write_str(&text::safe(how))
            }
            Self::Tls(fault) => fault.fmt(f),
            Self::Mute(limit) => {
                write!(f, "the server accepted the connection and said nothing for {}", time(limit))
            }
            Self::Stalled(limit) => {
                write!(
                    f,
                    "the server accepted the connection, and its first words took longer than {}",
                    time(limit)
                )
            }
            Self::ClosedSilently => f.write_str("the server closed the connection without a word"),
            Self::Spoke(Spoken::Tls) => f.write_str("the peer speaks TLS, and this connection is plaintext"),
            Self::Spoke(Spoken::Http1) => f.write_str("the peer speaks HTTP/1.1, not HTTP/2"),
            Self::Spoke(Spoken::Http2) => f.write_str("the peer speaks another HTTP/2"),
            Self::Spoke(Spoken::Unknown(bytes)) => {
                write!(f, "the peer does not speak HTTP/2: it began with \"{}\"", bytes.escape_ascii())
            }
            Self::NotGrpc { http, how } => write!(f, "HTTP {http}, and {}", text::safe(how)),
            Self::NoStreams(limit) => write!(f, "the server allowed no call for {}", time(limit)),
            Self::Unavailable(how) if how.is_empty() => {
                f.write_str("the answer to a call is UNAVAILABLE (14)")
            }
            Self::Unavailable(how) => {
                write!(f, "the answer to a call is UNAVAILABLE (14), {}", text::safe(how))
            }
            Self::CallUnanswered(limit) => write!(f, "a call got no answer for {}", time(limit)),
            Self::CallFailed(how) => write!(f, "a call failed: {}", text::safe(how)),
            Self::NoReflection => f.write_str("the server has no reflection"),
            Self::ReflectionRefused(how) => {
                write!(f, "its reflection is not for everybody: {}", text::safe(how))
            }
            Self::CallsRefused(how) => {
                write!(f, "the server accepts calls with credentials only: {}", text::safe(how))
            }
            Self::BrokenReflection(how) => write!(f, "its reflection cannot be used: {}", text::safe(how)),
            Self::NoService { wanted, .. } => write!(f, "there is no service {}", text::safe(wanted)),
            Self::UndescribedService { wanted, why } => {
                write!(f, "{} cannot be called: {}", text::safe(wanted), text::safe(why))
            }
            Self::Several(all) => {
                let peers: Vec<&Peer> = all.iter().map(|(peer, _)| peer).collect();
                let each: Vec<String> =
                    all.iter().map(|(peer, fault)| format!("{}: {fault}", short(peer, &peers))).collect();
                f.write_str(&each.join("; "))
            }
        }
    }
}

/// An address among others: of a name's, which differ in the IP alone, no port.
fn short(peer: &Peer, all: &[&Peer]) -> String {
    let port = |peer: &Peer| match peer {
        Peer::Ip(address) => Some(address.port()),
        Peer::Socket(_) => None,
    };
    match peer {
        Peer::Ip(address) if all.iter().all(|other| port(other) == port(peer)) => address.ip().to_string(),
        Peer::Ip(address) => address.to_string(),
        Peer::Socket(socket) => text::safe(&socket.to_string()).into_owned(),
    }
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadName(name) => write!(f, "no certificate can be for \"{}\"", text::safe(name)),
            Self::NoAuthorities(why) if why.is_empty() => {
                f.write_str("this system has no certificate authorities")
            }
            Self::NoAuthorities(why) => write!(f, "no certificate authorities were found: {why}"),
            Self::NotTls(Spoken::Http1) => f.write_str("the peer speaks HTTP/1.1 without TLS"),
            Self::NotTls(Spoken::Http2) => f.write_str("the peer speaks plaintext HTTP/2, not TLS"),
            Self::NotTls(Spoken::Unknown(bytes)) if !bytes.is_empty() => {
                write!(f, "the peer does not speak TLS: it began with \"{}\"", bytes.escape_ascii())
            }
            Self::NotTls(_) => f.write_str("the peer does not speak TLS"),
            Self::Mute(limit) => {
                let limit = words::of_duration(*limit);
                write!(f, "the server accepted the connection and said nothing to TLS for {limit}")
            }
            Self::Closed => f.write_str("the server closed the connection when it was greeted in TLS"),
            Self::Unfinished(limit) => {
                let limit = words::of_duration(*limit);
                write!(f, "the server began the TLS handshake and did not finish it within {limit}")
            }
            Self::BrokenOff => f.write_str("the server broke off the TLS handshake"),
            Self::UnknownAuthority(own) => match own.as_ref() {
                Some(own) if own.is_self_issued => {
                    f.write_str("the server's certificate is signed by itself, and not trusted here")
                }
                Some(own) if !own.issuer.is_empty() => {
                    let issuer = text::safe(&own.issuer);
                    write!(f, "the server's certificate is signed by {issuer}, an authority unknown here")
                }
                _ => f.write_str("the server's certificate is signed by an authority unknown here"),
            },
            Self::OtherAuthority(issuer) => {
                let issuer = text::safe(issuer);
                write!(f, "the server's certificate is signed by another {issuer} than the one trusted here")
            }
            Self::WrongName { wanted, names } => {
                write!(f, "the server's certificate is not for {}", text::safe(wanted))?;
                match names.len() {
                    0 => f.write_str(", nor for any other name"),
                    // Of very many, not all are known.
                    all if all > MAX_NAMED => write!(f, " but for {} and others", listed(names)),
                    _ => write!(f, " but for {}", listed(names)),
                }
            }
            Self::Expired { on: Some(on), .. } => write!(f, "the server's certificate expired on {on}"),
            Self::Expired { on: None, .. } => f.write_str("the server's certificate has expired"),
            Self::NotYet { from: Some(from), .. } => {
                write!(f, "the server's certificate is not valid before {from}")
            }
            Self::NotYet { from: None, .. } => f.write_str("the server's certificate is not valid yet"),
            Self::Certificate(how) => write!(f, "the server's certificate is not good: {}", text::safe(how)),
            Self::Chain(how) => {
                write!(f, "the chain of the server's certificate is not good: {}", text::safe(how))
            }
            Self::ClientWanted => f.write_str("the server wants a client certificate"),
            Self::ClientRefused(alert) => {
                write!(f, "the server does not take the client certificate: {alert}")
            }
            Self::UnknownName => f.write_str("the server knows no host of that name: unrecognised_name"),
            Self::Incompatible(how) => write!(f, "the server's TLS and ours have nothing in common: {how}"),
            Self::NoH2(None) => f.write_str("the server speaks TLS, and did not agree on HTTP/2"),
            Self::NoH2(Some(other)) => {
                write!(f, "the server speaks TLS, and chose {} rather than HTTP/2", text::safe(other))
            }
            Self::Alert(alert) => write!(f, "the server ended the TLS handshake: {alert}"),
            Self::Other(how) => write!(f, "TLS failed: {}", text::safe(how)),
        }
    }
}

/// The first of some names, and how many more there are; `None` where there are none.
fn named(names: &[String]) -> Option<String> {
    match names.len() {
        0 => None,
        all if all > MAX_NAMED => Some(format!("{} and {} more", listed(names), all - MAX_NAMED)),
        _ => Some(listed(names)),
    }
}

/// The first of some names.
fn listed(names: &[String]) -> String {
    let shown: Vec<_> = names.iter().take(MAX_NAMED).map(|name| text::safe(name).into_owned()).collect();
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpc::target::Socket;

    /// A superuser, as tests may be, is refused nothing.
    #[test]
    fn a_socket_that_is_another_users_is_told_as_such() {
        let socket = Peer::Socket(Socket::Path("/run/a".into()));
        let fault = Fault::of_connecting(&socket, &ErrorKind::PermissionDenied.into());
        assert_eq!((fault.layer(), fault.to_string().as_str()), (Layer::Socket, "permission denied"));
        assert!(fault.advice().starts_with("check whose the socket is"), "{}", fault.advice());
    }
}
