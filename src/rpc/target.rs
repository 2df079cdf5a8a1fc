//! The address of a server as people write it, and how the connection to it is protected.
//!
//! `host:port`, `[::1]:port`, `[fe80::1%eth0]:port`, `http(s)://host:port`, and gRPC's own names ("gRPC Name Resolution"):
//! `dns:///host:port`, `ipv4:a:port,b:port`, `ipv6:[a]:port`, `unix:path`, `unix:///path`,
//! `unix-abstract:name`. Everything that is no such address is told in one sentence that says what to
//! write instead. The sentence is safe for a terminal and short, whatever was typed or pasted.

mod error;
mod parse;

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};

use http::uri::Authority;

pub use self::error::{Shown, TargetError};

/// A DNS name has at most 253 bytes, a socket's path 107; with scheme and port nothing longer than this,
/// in bytes, can be right. Only a list of addresses can: it has room for eight.
const MAX_TEXT: usize = 400;
/// So many addresses of a server are tried: name servers may answer with any number.
pub(super) const MAX_ADDRESSES: usize = 8;
/// What a server behind a socket without a host is called ("gRPC Name Resolution", `unix`).
const LOCAL_NAME: &str = "localhost";

/// A server's address, and how the connection to it is protected. `Display` is the address without a
/// scheme that says only that: `host:port`, IPv6 in brackets; `unix:path`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    place: Place,
    security: Security,
}

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// A name, which is asked of the resolver, and a port.
    Name(String, u16),
    /// Addresses that need no asking, in the order in which they are tried. There is one at least.
    Addresses(Vec<SocketAddr>),
    /// An address of one link, which the resolver knows by the name or the number of an interface (RFC 4007,
    /// section 11).
    Zoned {
        /// The address.
        ip: Ipv6Addr,
        /// The interface: `eth0`, `2`.
        zone: String,
        /// The port.
        port: u16,
    },
    /// A socket of this machine.
    Socket(Socket),
}

/// A Unix socket. `Display` is as it is written: `unix:/run/greeter.sock`, `unix-abstract:greeter`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Socket {
    /// A file.
    Path(PathBuf),
    /// A name without a file; Linux only.
    Abstract(String),
}

/// How connections to a server are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Security {
    /// Not at all.
    Plaintext,
    /// By TLS.
    Tls,
}

/// How the user wants the connection to be protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// As the address says: `http://` is plaintext, `https://` TLS. Where it says nothing, loopback and
    /// Unix sockets are plaintext, everything else is TLS.
    ByAddress,
    /// Plaintext wherever the server is.
    Plaintext,
    /// TLS wherever the server is.
    Tls,
    /// TLS wherever the server is, but where the address says `http://`.
    TlsUnlessSaid,
}

impl Target {
    /// Reads an address. White space around it is not part of it.
    pub fn parse(text: &str, wish: Wish) -> Result<Self, TargetError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TargetError::Empty);
        }
        if text.len() > MAX_TEXT {
            return Err(TargetError::TooLong(text.len()));
        }
        let (place, by_scheme) = parse::place(text)?;
        let security = match wish {
            Wish::Plaintext => Security::Plaintext,
            Wish::Tls => Security::Tls,
            Wish::TlsUnlessSaid => by_scheme.unwrap_or(Security::Tls),
            Wish::ByAddress => match by_scheme {
                Some(security) => security,
                None if place.is_local() => Security::Plaintext,
                None => Security::Tls,
            },
        };
        Ok(Self { place, security })
    }

    /// Whether it is this machine: 127.0.0.0/8, `::1`, `localhost` (RFC 6761, section 6.3), or a socket.
    pub fn is_local(&self) -> bool {
        self.place.is_local()
    }

    /// Whether both are on one host, whatever their ports; of sockets, whether they are the same.
    pub fn is_on_host_of(&self, other: &Self) -> bool {
        match (&self.place, &other.place) {
            (Place::Name(one, _), Place::Name(other, _)) => one.eq_ignore_ascii_case(other),
            (Place::Addresses(one), Place::Addresses(other)) => {
                one.iter().map(SocketAddr::ip).eq(other.iter().map(SocketAddr::ip))
            }
            (Place::Zoned { ip: one, zone: on, .. }, Place::Zoned { ip: other, zone, .. }) => {
                one == other && on == zone
            }
            (Place::Socket(one), Place::Socket(other)) => one == other,
            _ => false,
        }
    }

    /// How connections to it are protected.
    pub fn security(&self) -> Security {
        self.security
    }

    /// The same place, protected in this way.
    #[must_use]
    pub(super) fn with_security(&self, security: Security) -> Self {
        Self { security, ..self.clone() }
    }

    /// What `:scheme` and `:authority` are made from: `http://host:port`, `https://host:port`.
    pub fn uri(&self, authority: Option<&Authority>) -> String {
        let scheme = match self.security {
            Security::Plaintext => "http",
            Security::Tls => "https",
        };
        match (authority, &self.place) {
            (Some(authority), _) => format!("{scheme}://{authority}"),
            (None, Place::Name(..)) => format!("{scheme}://{self}"),
            (None, Place::Addresses(all)) => match all.first() {
                Some(first) => format!("{scheme}://{first}"),
                None => format!("{scheme}://{LOCAL_NAME}"),
            },
            // A zone means nothing to anybody else (RFC 6874, section 4).
            (None, Place::Zoned { ip, port, .. }) => format!("{scheme}://[{ip}]:{port}"),
            (None, Place::Socket(_)) => format!("{scheme}://{LOCAL_NAME}"),
        }
    }

    /// The name that its certificate is to have, where nothing else is said.
    pub(super) fn host_name(&self) -> String {
        match &self.place {
            Place::Name(name, _) => name.strip_suffix('.').unwrap_or(name).to_owned(),
            Place::Addresses(all) => {
                all.first().map_or(LOCAL_NAME.to_owned(), |address| address.ip().to_string())
            }
            Place::Zoned { ip, .. } => ip.to_string(),
            Place::Socket(_) => LOCAL_NAME.to_owned(),
        }
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }
}

impl Place {
    fn is_local(&self) -> bool {
        match self {
            Self::Addresses(all) => all.iter().all(|address| is_loopback(address.ip())),
            Self::Zoned { ip, .. } => is_loopback((*ip).into()),
            Self::Name(name, _) => {
                let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
                name == "localhost" || name.ends_with(".localhost")
            }
            Self::Socket(_) => true,
        }
    }
}

fn is_loopback(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V6(ip) => ip.to_canonical().is_loopback(),
        IpAddr::V4(ip) => ip.is_loopback(),
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Name(name, port) => write!(f, "{name}:{port}"),
            Place::Addresses(all) => {
                for (n, address) in all.iter().enumerate() {
                    let before = match (n, address) {
                        (0, _) if all.len() == 1 => "",
                        (0, SocketAddr::V4(_)) => "ipv4:",
                        (0, SocketAddr::V6(_)) => "ipv6:",
                        _ => ",",
                    };
                    write!(f, "{before}{address}")?;
                }
                Ok(())
            }
            Place::Zoned { ip, zone, port } => write!(f, "[{ip}%{zone}]:{port}"),
            Place::Socket(socket) => socket.fmt(f),
        }
    }
}

impl fmt::Display for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Two slashes would be read as the beginning of an authority.
            Self::Path(path) if path.as_os_str().as_encoded_bytes().starts_with(b"//") => {
                write!(f, "unix://{}", path.display())
            }
            Self::Path(path) => write!(f, "unix:{}", path.display()),
            Self::Abstract(name) => write!(f, "unix-abstract:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{error::MAX_SOCKET, *};

    fn by_address(text: &str) -> Result<(String, Security), String> {
        Target::parse(text, Wish::ByAddress)
            .map(|target| (target.to_string(), target.security()))
            .map_err(|error| error.to_string())
    }

    fn plaintext(text: &str) -> Result<String, String> {
        Target::parse(text, Wish::Plaintext).map(|t| t.to_string()).map_err(|e| e.to_string())
    }

    #[test]
    fn this_machine_is_plaintext_and_every_other_is_tls() {
        for (text, target) in [
            ("127.0.0.1:50051", "127.0.0.1:50051"),
            ("[::1]:50051", "[::1]:50051"),
            ("[0:0:0:0:0:0:0:1]:1", "[::1]:1"),
            ("localhost:65535", "localhost:65535"),
            ("LOCALHOST:80", "LOCALHOST:80"),
            ("a.localhost.:80", "a.localhost.:80"),
            ("  127.8.9.1:1\n", "127.8.9.1:1"),
            ("dns:///localhost:1", "localhost:1"),
            ("dns:localhost:1", "localhost:1"),
            ("ipv4:127.0.0.1:1", "127.0.0.1:1"),
            ("ipv6:[::1]:1", "[::1]:1"),
            ("[::1%1]:1", "[::1%1]:1"),
            ("ipv6:%5B::1%5d:1", "[::1]:1"),
            ("unix:a.sock", "unix:a.sock"),
            ("unix:/run/a.sock", "unix:/run/a.sock"),
            ("unix:///run/a.sock", "unix:/run/a.sock"),
            ("unix:////run/a.sock", "unix:////run/a.sock"),
            ("unix-abstract:a b", "unix-abstract:a b"),
        ] {
            assert_eq!(by_address(text), Ok((target.to_owned(), Security::Plaintext)), "{text}");
        }
        for (text, target) in [
            ("greeter.example:50051", "greeter.example:50051"),
            ("10.0.0.1:50051", "10.0.0.1:50051"),
            ("[2001:db8::1]:1", "[2001:db8::1]:1"),
            ("0.0.0.0:1", "0.0.0.0:1"),
            ("dns:///greeter.example", "greeter.example:443"),
            ("ipv4:10.0.0.1", "10.0.0.1:443"),
            ("ipv4:127.0.0.1:1,10.0.0.1:2", "ipv4:127.0.0.1:1,10.0.0.1:2"),
            ("ipv6:2001:db8::1", "[2001:db8::1]:443"),
            ("ipv6:[::1]:1,[2001:db8::1]:2", "ipv6:[::1]:1,[2001:db8::1]:2"),
            ("[fe80::1%eth0]:1", "[fe80::1%eth0]:1"),
            ("https://[fe80::1%25eth0]", "[fe80::1%eth0]:443"),
            ("ipv6:%5Bfe80::1%2525%5D:1", "[fe80::1%25]:1"),
        ] {
            assert_eq!(by_address(text), Ok((target.to_owned(), Security::Tls)), "{text}");
        }
    }

    #[test]
    fn a_scheme_says_whether_it_is_tls() {
        for (text, target, security) in [
            ("http://127.0.0.1:50051", "127.0.0.1:50051", Security::Plaintext),
            ("HTTP://[::1]:50051/", "[::1]:50051", Security::Plaintext),
            ("http://greeter.example", "greeter.example:80", Security::Plaintext),
            ("https://greeter.example", "greeter.example:443", Security::Tls),
            ("https://127.0.0.1:50051/", "127.0.0.1:50051", Security::Tls),
        ] {
            assert_eq!(by_address(text), Ok((target.to_owned(), security)), "{text}");
        }
    }

    #[test]
    fn a_zone_is_this_machines_and_no_peer_is_told() {
        let target = Target::parse("[fe80::1%eth0]:1", Wish::Plaintext).unwrap();
        assert_eq!(target.uri(None), "http://[fe80::1]:1");
        assert_eq!(target.host_name(), "fe80::1");
    }

    #[test]
    fn a_wish_is_stronger_than_the_address() {
        for text in ["localhost:1", "greeter.example:1", "http://a:1", "https://a:1", "unix:a"] {
            for (wish, security) in [(Wish::Plaintext, Security::Plaintext), (Wish::Tls, Security::Tls)] {
                assert_eq!(Target::parse(text, wish).unwrap().security(), security, "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_address_is_told_in_a_sentence() {
        for (text, said) in [
            ("", "the address is empty; write host:port, such as 127.0.0.1:50051"),
            ("localhost", "localhost has no port; add one, such as localhost:50051"),
            (":", ": has no host; write one, such as 127.0.0.1:50051"),
            ("50051", "50051 is a port alone; write localhost:50051 if it is this machine's"),
            ("[::1]", "[::1] has no port; add one, such as [::1]:50051"),
            ("localhost:", "localhost has no port; add one, such as localhost:50051"),
            ("http://", "http:// has no host; write one, such as 127.0.0.1:50051"),
            ("https:///", "https:/// has no host; write one, such as 127.0.0.1:50051"),
            (
                "localhost:1,[::1]:1",
                "localhost:1,[::1]:1 is a list; write one as ipv4:127.0.0.1:50051,127.0.0.1:50052, or behind ipv6:",
            ),
            ("localhost:0", "0 is not a port; a port is a number from 1 to 65535"),
            ("localhost:65536", "65536 is not a port; a port is a number from 1 to 65535"),
            ("localhost:+80", "+80 is not a port; a port is a number from 1 to 65535"),
            (":50051", ":50051 has no host; write one, such as 127.0.0.1:50051"),
            (
                "::1:50051",
                "::1:50051 is not an IPv6 address with a port; write it in brackets, such as [::1]:50051",
            ),
            ("[::1", "[::1 is not an IPv6 address with a port; write it in brackets, such as [::1]:50051"),
            (
                "[greeter]:1",
                "[greeter]:1 is not an IPv6 address with a port; write it in brackets, such as [::1]:50051",
            ),
            (
                "[fe80::1%]:1",
                "[fe80::1%]:1 is not an IPv6 address with a port; write it in brackets, such as [::1]:50051",
            ),
            (
                "ipv6:[::1]:1,[fe80::1%lo]:1",
                "[fe80::1%lo]:1 has a zone; write such an address alone, as [fe80::1%eth0]:50051",
            ),
            ("root@localhost:1", "an address has no user name; leave out what stands before the @"),
            ("localhost:1/a", "localhost:1/a has a path; leave out what follows the port"),
            ("unix:", "unix: names no socket; write unix:path, unix:///path or unix-abstract:name"),
            ("unix://a/b", "unix://a/b names no socket; write unix:path, unix:///path or unix-abstract:name"),
            (
                "unix-abstract:",
                "unix-abstract: names no socket; write unix:path, unix:///path or unix-abstract:name",
            ),
            ("dns://1.1.1.1/a:1", "asking a certain name server is not built in; write dns:///a:1"),
            ("dns:///", "dns:/// has no host; write one, such as 127.0.0.1:50051"),
            (
                "ipv4:localhost:1",
                "localhost:1 is not an IPv4 address with a port; write it as ipv4:127.0.0.1:50051",
            ),
            ("ipv4:", "ipv4: has no host; write one, such as 127.0.0.1:50051"),
            ("ipv4:1.1.1.1:", "nothing is not a port; a port is a number from 1 to 65535"),
            (
                "ipv6:::1:x",
                "::1:x is not an IPv6 address with a port; write it in brackets, such as [::1]:50051",
            ),
            ("xds:///a", "xds:// addresses are not built in; write host:port, such as 127.0.0.1:50051"),
            ("vsock:1:2", "vsock: addresses are not built in; write host:port, such as 127.0.0.1:50051"),
            ("挨拶:50051", "挨拶 is not ASCII; write the host's name in its xn-- form"),
            ("a b:1", "a b is not a host name or an IP address; write host:port, such as 127.0.0.1:50051"),
            ("--:1", "-- is not a host name or an IP address; write host:port, such as 127.0.0.1:50051"),
        ] {
            assert_eq!(plaintext(text), Err(said.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_host_may_be_called_dns() {
        assert_eq!(plaintext("dns:53"), Ok("dns:53".to_owned()));
    }

    #[test]
    fn a_megabyte_is_answered_with_a_short_sentence() {
        for text in ["x".repeat(1 << 20), format!("localhost:{}", "9".repeat(200))] {
            let said = plaintext(&text).unwrap_err();
            assert!(said.len() < 250, "{said}");
        }
    }

    #[test]
    fn control_characters_never_reach_the_sentence() {
        for text in ["\u{1b}]0;x\u{7}:1", "a\u{202e}b:1", "a\nb:1", "localhost:\u{1b}[2J"] {
            let said = plaintext(text).unwrap_err();
            assert!(said.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{said:?}");
        }
    }

    #[test]
    fn every_target_makes_an_authority() {
        for text in ["localhost:1", "[::1]:1", "a_b-c.d.:65535", "999.1.1.1:5"] {
            let target = Target::parse(text, Wish::Plaintext).unwrap();
            assert!(target.uri(None).parse::<http::Uri>().is_ok(), "{text}");
        }
        for (text, uri) in [
            ("unix:/run/a.sock", "http://localhost"),
            ("ipv4:10.0.0.1:1,10.0.0.2:1", "https://10.0.0.1:1"),
            ("greeter.example:1", "https://greeter.example:1"),
        ] {
            assert_eq!(Target::parse(text, Wish::ByAddress).unwrap().uri(None), uri);
        }
    }

    #[test]
    fn an_authority_stands_for_the_address() {
        let authority = Authority::from_static("greeter.example");
        let target = Target::parse("127.0.0.1:1", Wish::Tls).unwrap();
        assert_eq!(target.uri(Some(&authority)), "https://greeter.example");
    }

    #[test]
    fn a_path_that_no_socket_can_have_is_refused() {
        let long = format!("unix:/{}", "a".repeat(MAX_SOCKET));
        assert_eq!(
            plaintext(&long).unwrap_err(),
            "a socket's path has at most 107 bytes, and this one has 108"
        );
    }
}
