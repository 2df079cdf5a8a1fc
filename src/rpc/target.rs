//! The address of a server as people write it: `host:port`, `[::1]:port`, `http://host:port`.
//!
//! Everything that is no such address is told in one sentence that says what to write instead. The
//! sentence is safe for a terminal and short, whatever was typed or pasted.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

use thiserror::Error;

/// A DNS name has at most 253 bytes; with scheme and port nothing longer can be right.
const MAX_TEXT: usize = 300;
/// How much of a wrong address is shown, in characters.
const MAX_SHOWN: usize = 60;
/// The port of `http://` where none is written.
const HTTP_PORT: u16 = 80;

/// A server's address. `Display` is `host:port`, IPv6 in brackets, without a scheme.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    host: Host,
    port: u16,
}

/// The part of an address that names the machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Host {
    /// Needs no asking.
    Ip(IpAddr),
    /// Is asked of the resolver.
    Name(String),
}

/// How the user wants the connection to be protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Loopback is plaintext, everything else is TLS.
    ByAddress,
    /// Plaintext wherever the server is.
    Plaintext,
}

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
    /// A user name or password stands before the host.
    #[error("an address has no user name; leave out what stands before the @")]
    UserInfo,
    /// Something follows the port.
    #[error("{0} has a path; leave out what follows the port")]
    Path(Shown),
    /// A scheme that is known, or not, and in either case is not built in.
    #[error("{0} addresses are not built in yet; write host:port, such as 127.0.0.1:50051")]
    Scheme(Shown),
    /// `https://`.
    #[error("TLS is not built in yet; for plaintext write {0} and add --plaintext")]
    Https(Shown),
    /// The host is not loopback, so the connection would be TLS.
    #[error("TLS is not built in yet; add --plaintext")]
    NeedsTls,
}

/// A piece of what was written, made short and safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(String);

impl Shown {
    fn new(text: &str) -> Self {
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
        let (rest, default_port) = without_scheme(text)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains('@') {
            return Err(TargetError::UserInfo);
        }
        if rest.contains(['/', '?', '#']) {
            return Err(TargetError::Path(Shown::new(rest)));
        }
        let (host, port) = split_port(rest)?;
        let port = match port {
            Some(port) => parse_port(port)?,
            None => default_port.ok_or_else(|| TargetError::NoPort(Shown::new(rest)))?,
        };
        let target = Self { host: parse_host(host, rest)?, port };
        if wish == Wish::ByAddress && !target.is_loopback() {
            return Err(TargetError::NeedsTls);
        }
        Ok(target)
    }

    /// Whether it is this machine: 127.0.0.0/8, `::1`, or `localhost` (RFC 6761, section 6.3).
    pub fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Ip(IpAddr::V6(ip)) => ip.to_canonical().is_loopback(),
            Host::Ip(ip) => ip.is_loopback(),
            Host::Name(name) => {
                let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
                name == "localhost" || name.ends_with(".localhost")
            }
        }
    }

    /// The address as a URI, `http://host:port`: what `:scheme` and `:authority` are made from.
    pub fn uri(&self) -> String {
        format!("http://{self}")
    }

    pub(super) fn host(&self) -> &Host {
        &self.host
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]:{}", self.port),
            Host::Ip(ip) => write!(f, "{ip}:{}", self.port),
            Host::Name(name) => write!(f, "{name}:{}", self.port),
        }
    }
}

/// What follows the scheme, and the port that the scheme has.
fn without_scheme(text: &str) -> Result<(&str, Option<u16>), TargetError> {
    if let Some((scheme, rest)) = text.split_once("://") {
        return match scheme.to_ascii_lowercase().as_str() {
            "http" => Ok((rest, Some(HTTP_PORT))),
            "https" => Err(TargetError::Https(Shown::new(rest.split('/').next().unwrap_or(rest)))),
            _ => Err(TargetError::Scheme(Shown::new(&format!("{scheme}://")))),
        };
    }
    // gRPC's own names (gRPC Name Resolution) need no `//`.
    for scheme in ["unix-abstract:", "unix:", "ipv4:", "ipv6:", "dns:", "vsock:", "xds:"] {
        let is_port = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
        if text.strip_prefix(scheme).is_some_and(|rest| !is_port(rest)) {
            return Err(TargetError::Scheme(Shown::new(scheme)));
        }
    }
    Ok((text, None))
}

/// The host, brackets included, and what follows its colon.
fn split_port(rest: &str) -> Result<(&str, Option<&str>), TargetError> {
    if rest.starts_with('[') {
        let end = rest.find(']').ok_or_else(|| TargetError::BadIpv6(Shown::new(rest)))?;
        let (host, after) = rest.split_at(end + 1);
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if after.is_empty() => Ok((host, None)),
            None => Err(TargetError::BadIpv6(Shown::new(rest))),
        };
    }
    match rest.split_once(':') {
        Some((_, port)) if port.contains(':') => Err(TargetError::BadIpv6(Shown::new(rest))),
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((rest, None)),
    }
}

fn parse_port(port: &str) -> Result<u16, TargetError> {
    let bad = || TargetError::BadPort(Shown::new(if port.is_empty() { "nothing" } else { port }));
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad());
    }
    port.parse().ok().filter(|port| *port != 0).ok_or_else(bad)
}

fn parse_host(host: &str, whole: &str) -> Result<Host, TargetError> {
    if let Some(inner) = host.strip_prefix('[') {
        let ip = inner.strip_suffix(']').and_then(|inner| Ipv6Addr::from_str(inner).ok());
        return ip.map(|ip| Host::Ip(ip.into())).ok_or_else(|| TargetError::BadIpv6(Shown::new(whole)));
    }
    if host.is_empty() {
        return Err(TargetError::NoHost(Shown::new(whole)));
    }
    if let Ok(ip) = IpAddr::from_str(host) {
        return Ok(Host::Ip(ip));
    }
    if host.chars().any(char::is_alphanumeric)
        && host.chars().all(|c| !c.is_control() && !c.is_whitespace())
        && !host.is_ascii()
    {
        return Err(TargetError::NotAscii(Shown::new(host)));
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if host.bytes().all(fits) && host.bytes().any(|byte| byte.is_ascii_alphanumeric()) && host.len() <= 254 {
        return Ok(Host::Name(host.to_owned()));
    }
    Err(TargetError::BadHost(Shown::new(host)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_address(text: &str) -> Result<String, String> {
        Target::parse(text, Wish::ByAddress).map(|t| t.to_string()).map_err(|e| e.to_string())
    }

    fn plaintext(text: &str) -> Result<String, String> {
        Target::parse(text, Wish::Plaintext).map(|t| t.to_string()).map_err(|e| e.to_string())
    }

    #[test]
    fn addresses_of_this_machine_are_taken_as_they_are() {
        for (text, target) in [
            ("127.0.0.1:50051", "127.0.0.1:50051"),
            ("[::1]:50051", "[::1]:50051"),
            ("[0:0:0:0:0:0:0:1]:1", "[::1]:1"),
            ("localhost:65535", "localhost:65535"),
            ("LOCALHOST:80", "LOCALHOST:80"),
            ("  127.8.9.1:1\n", "127.8.9.1:1"),
            ("http://127.0.0.1:50051", "127.0.0.1:50051"),
            ("HTTP://[::1]:50051/", "[::1]:50051"),
            ("http://localhost", "localhost:80"),
        ] {
            assert_eq!(by_address(text), Ok(target.to_owned()), "{text}");
        }
    }

    #[test]
    fn another_machine_needs_plaintext_to_be_asked_for() {
        for text in
            ["greeter.example:50051", "10.0.0.1:50051", "[2001:db8::1]:1", "http://example.com", "0.0.0.0:1"]
        {
            assert_eq!(
                by_address(text),
                Err("TLS is not built in yet; add --plaintext".to_owned()),
                "{text}"
            );
            assert!(plaintext(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn https_says_that_tls_is_not_there() {
        let said = "TLS is not built in yet; for plaintext write localhost:443 and add --plaintext";
        assert_eq!(by_address("https://localhost:443/"), Err(said.to_owned()));
        assert_eq!(plaintext("https://localhost:443/"), Err(said.to_owned()));
    }

    #[test]
    fn what_is_no_address_is_told_in_a_sentence() {
        for (text, said) in [
            ("", "the address is empty; write host:port, such as 127.0.0.1:50051"),
            ("localhost", "localhost has no port; add one, such as localhost:50051"),
            ("[::1]", "[::1] has no port; add one, such as [::1]:50051"),
            ("localhost:", "nothing is not a port; a port is a number from 1 to 65535"),
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
            ("root@localhost:1", "an address has no user name; leave out what stands before the @"),
            ("localhost:1/a", "localhost:1/a has a path; leave out what follows the port"),
            ("unix:/tmp/a", "unix: addresses are not built in yet; write host:port, such as 127.0.0.1:50051"),
            ("dns:///a:1", "dns:// addresses are not built in yet; write host:port, such as 127.0.0.1:50051"),
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
            assert!(target.uri().parse::<http::Uri>().is_ok(), "{text}");
        }
    }
}
