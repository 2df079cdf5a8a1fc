//! Why a text is no address, in a sentence.

use std::fmt;

use thiserror::Error;

use super::MAX_ADDRESSES;

/// How much of a wrong address is shown, in characters.
const MAX_SHOWN: usize = 60;

/// Why a text is no address that can be used. Each is one sentence that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TargetError {
    /// Nothing was written.
    #[error("the address is empty; write host:port, such as 127.0.0.1:50051")]
    Empty,
    /// More was written than an address can have.
    #[error("an address of {0} bytes is too long; write host:port, such as 127.0.0.1:50051")]
    TooLong(usize),
    /// There is no port, and no scheme that has one.
    #[error("{0} has no port; add one, such as {0}:50051")]
    NoPort(Shown),
    /// A port alone.
    #[error("{0} is a port alone; write localhost:{0} if it is this machine's")]
    OnlyPort(Shown),
    /// The port is no number from 1 to 65535.
    #[error("{0} is not a port; a port is a number from 1 to 65535")]
    BadPort(Shown),
    /// There is no host before the port.
    #[error("{0} has no host; write one, such as 127.0.0.1:50051")]
    NoHost(Shown),
    /// The host is no name and no IP address.
    #[error("{0} is not a host name or an IP address; write host:port, such as 127.0.0.1:50051")]
    BadHost(Shown),
    /// The host's name has characters beyond ASCII.
    #[error("{0} is not ASCII; write the host's name in its xn-- form")]
    NotAscii(Shown),
    /// An IPv6 address without brackets, or something else in them.
    #[error("{0} is not an IPv6 address with a port; write it in brackets, such as [::1]:50051")]
    BadIpv6(Shown),
    /// An address in a list that is one of a link alone.
    #[error("{0} has a zone; write such an address alone, as [fe80::1%eth0]:50051")]
    ZoneInList(Shown),
    /// Several addresses that no scheme says to be such.
    #[error("{0} is a list; write one as ipv4:127.0.0.1:50051,127.0.0.1:50052, or behind ipv6:")]
    List(Shown),
    /// Something else than an IPv4 address behind `ipv4:`.
    #[error("{0} is not an IPv4 address with a port; write it as ipv4:127.0.0.1:50051")]
    BadIpv4(Shown),
    /// More addresses than are tried.
    #[error("{0} addresses are more than are tried; write at most {MAX_ADDRESSES}")]
    TooMany(usize),
    /// A user name or password stands before the host.
    #[error("an address has no user name; leave out what stands before the @")]
    UserInfo,
    /// Something follows the port.
    #[error("{0} has a path; leave out what follows the port")]
    Path(Shown),
    /// `dns://1.1.1.1/host`.
    #[error("asking a certain name server is not built in; write dns:///{0}")]
    NameServer(Shown),
    /// A socket without a path or name, or with one that no socket can have.
    #[error("{0} names no socket; write unix:path, unix:///path or unix-abstract:name")]
    BadSocket(Shown),
    /// The path or name of a socket is longer than the system takes.
    #[error("a socket's path has at most {MAX_SOCKET} bytes, and this one has {0}")]
    LongSocket(usize),
    /// A scheme of something else.
    #[error("{0} addresses are not built in; write host:port, such as 127.0.0.1:50051")]
    Scheme(Shown),
}

/// The longest path of a Unix socket, in bytes: `sun_path` of Linux, with its zero.
pub(super) const MAX_SOCKET: usize = 107;

/// A piece of what was written, made short and safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(String);

impl Shown {
    pub(super) fn new(text: &str) -> Self {
        let mut shown: String = text.chars().take(MAX_SHOWN).flat_map(char::escape_debug).collect();
        if text.chars().nth(MAX_SHOWN).is_some() {
            shown.push('…');
        }
        Self(shown)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
