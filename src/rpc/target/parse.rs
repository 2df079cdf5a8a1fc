//! From the text of an address to a place: schemes first, then hosts and ports.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

use super::{
    MAX_ADDRESSES, Place, Security, Socket,
    error::{MAX_SOCKET, Shown, TargetError},
};

/// The ports of `http://` and `https://` where none is written. gRPC's own names have the latter.
const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;

/// A kind of address, by what it begins with.
#[derive(Debug, Clone, Copy)]
enum Scheme {
    Http,
    Https,
    Dns,
    Ipv4,
    Ipv6,
    Unix,
    UnixAbstract,
}

/// The place that an address names, and whether its scheme says how the connection is protected.
pub(super) fn place(text: &str) -> Result<(Place, Option<Security>), TargetError> {
    let Some((scheme, rest)) = scheme(text)? else { return Ok((host_and_port(text, None)?, None)) };
    match scheme {
        Scheme::Http | Scheme::Https | Scheme::Ipv4 | Scheme::Ipv6 if rest.trim_matches('/').is_empty() => {
            Err(TargetError::NoHost(Shown::new(text)))
        }
        Scheme::Http => Ok((host_and_port(rest, Some(HTTP_PORT))?, Some(Security::Plaintext))),
        Scheme::Https => Ok((host_and_port(rest, Some(HTTPS_PORT))?, Some(Security::Tls))),
        Scheme::Dns => Ok((host_and_port(without_name_server(text, rest)?, Some(HTTPS_PORT))?, None)),
        Scheme::Ipv4 => Ok((addresses(rest, ipv4)?, None)),
        Scheme::Ipv6 => Ok((zoned_or_addresses(rest)?, None)),
        Scheme::Unix => Ok((Place::Socket(socket_path(text, rest)?), None)),
        Scheme::UnixAbstract => {
            Ok((Place::Socket(Socket::Abstract(socket_name(text, rest)?.to_owned())), None))
        }
    }
}

/// The scheme, and what follows it. gRPC's own names need no `//`.
fn scheme(text: &str) -> Result<Option<(Scheme, &str)>, TargetError> {
    const OF_GRPC: [(&str, Option<Scheme>); 7] = [
        ("unix-abstract:", Some(Scheme::UnixAbstract)),
        ("unix:", Some(Scheme::Unix)),
        ("ipv4:", Some(Scheme::Ipv4)),
        ("ipv6:", Some(Scheme::Ipv6)),
        ("dns:", Some(Scheme::Dns)),
        ("vsock:", None),
        ("xds:", None),
    ];
    let unknown = |scheme: &str| Err(TargetError::Scheme(Shown::new(scheme)));
    for (name, scheme) in OF_GRPC {
        // A host may be called `dns` too: then its port follows.
        let is_port = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
        let Some(rest) = text.strip_prefix(name).filter(|rest| !is_port(rest)) else { continue };
        return match scheme {
            Some(scheme) => Ok(Some((scheme, rest))),
            None if rest.starts_with("//") => unknown(&format!("{name}//")),
            None => unknown(name),
        };
    }
    let Some((name, rest)) = text.split_once("://") else { return Ok(None) };
    match name.to_ascii_lowercase().as_str() {
        "http" => Ok(Some((Scheme::Http, rest))),
        "https" => Ok(Some((Scheme::Https, rest))),
        _ => unknown(&format!("{name}://")),
    }
}

/// What follows `dns:`: `host:port`, or `//name-server/host:port`, where the name server is to be left out.
fn without_name_server<'a>(text: &str, rest: &'a str) -> Result<&'a str, TargetError> {
    let host = match rest.strip_prefix("//").map(|rest| rest.split_once('/').unwrap_or((rest, ""))) {
        None => rest,
        Some(("", host)) => host,
        Some((_, host)) => return Err(TargetError::NameServer(Shown::new(host))),
    };
    if host.is_empty() { Err(TargetError::NoHost(Shown::new(text))) } else { Ok(host) }
}

fn socket_path(text: &str, rest: &str) -> Result<Socket, TargetError> {
    let path = match rest.strip_prefix("//") {
        Some(path) if path.starts_with('/') => path,
        Some(_) => return Err(TargetError::BadSocket(Shown::new(text))),
        None => rest,
    };
    Ok(Socket::Path(PathBuf::from(socket_name(text, path)?)))
}

fn socket_name<'a>(text: &str, name: &'a str) -> Result<&'a str, TargetError> {
    match name.len() {
        _ if name.is_empty() || name.contains('\0') => Err(TargetError::BadSocket(Shown::new(text))),
        long if long > MAX_SOCKET => Err(TargetError::LongSocket(long)),
        _ => Ok(name),
    }
}

fn addresses(
    list: &str,
    one: impl Fn(&str) -> Result<SocketAddr, TargetError>,
) -> Result<Place, TargetError> {
    let all = list.split(',').map(one).collect::<Result<Vec<_>, _>>()?;
    if all.len() > MAX_ADDRESSES { Err(TargetError::TooMany(all.len())) } else { Ok(Place::Addresses(all)) }
}

/// What follows `ipv6:`. Only an address alone may have a zone.
fn zoned_or_addresses(rest: &str) -> Result<Place, TargetError> {
    // gRPC takes its names as URIs, in which brackets are escaped.
    let list = rest.replace("%5B", "[").replace("%5b", "[").replace("%5D", "]").replace("%5d", "]");
    if list.contains('%') && !list.contains(',') {
        return host_and_port(&list, Some(HTTPS_PORT));
    }
    addresses(&list, ipv6)
}

fn ipv4(text: &str) -> Result<SocketAddr, TargetError> {
    let (ip, port) = match text.split_once(':') {
        Some((ip, port)) => (ip, parse_port(port)?),
        None => (text, HTTPS_PORT),
    };
    let ip = Ipv4Addr::from_str(ip).map_err(|_| TargetError::BadIpv4(Shown::new(text)))?;
    Ok(SocketAddr::new(ip.into(), port))
}

fn ipv6(text: &str) -> Result<SocketAddr, TargetError> {
    if let Ok(ip) = Ipv6Addr::from_str(text) {
        return Ok(SocketAddr::new(ip.into(), HTTPS_PORT));
    }
    if text.contains('%') {
        return Err(TargetError::ZoneInList(Shown::new(text)));
    }
    let bad = || TargetError::BadIpv6(Shown::new(text));
    if !text.starts_with('[') {
        return Err(bad());
    }
    let (ip, port) = split_port(text)?;
    let ip = ip.trim_start_matches('[').trim_end_matches(']').parse::<Ipv6Addr>().map_err(|_| bad())?;
    Ok(SocketAddr::new(ip.into(), port.map_or(Ok(HTTPS_PORT), parse_port)?))
}

fn host_and_port(rest: &str, default_port: Option<u16>) -> Result<Place, TargetError> {
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.contains('@') {
        return Err(TargetError::UserInfo);
    }
    if rest.contains(['/', '?', '#']) {
        return Err(TargetError::Path(Shown::new(rest)));
    }
    if rest.contains(',') {
        return Err(TargetError::List(Shown::new(rest)));
    }
    let (host, port) = split_port(rest)?;
    let port = match port {
        Some("") if host.is_empty() => return Err(TargetError::NoHost(Shown::new(rest))),
        Some("") => return Err(TargetError::NoPort(Shown::new(host))),
        Some(port) => parse_port(port)?,
        None => default_port.ok_or_else(|| match parse_port(rest) {
            Ok(_) => TargetError::OnlyPort(Shown::new(rest)),
            Err(_) => TargetError::NoPort(Shown::new(rest)),
        })?,
    };
    parse_host(host, port, rest)
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

fn parse_host(host: &str, port: u16, whole: &str) -> Result<Place, TargetError> {
    let address = |ip: IpAddr| Place::Addresses(vec![SocketAddr::new(ip, port)]);
    if let Some(inner) = host.strip_prefix('[') {
        let bad = || TargetError::BadIpv6(Shown::new(whole));
        let inner = inner.strip_suffix(']').ok_or_else(bad)?;
        return match inner.split_once('%') {
            None => Ok(address(inner.parse::<Ipv6Addr>().map_err(|_| bad())?.into())),
            Some((ip, zone)) => {
                let (ip, zone) = ip.parse().ok().zip(zone_of(zone)).ok_or_else(bad)?;
                Ok(Place::Zoned { ip, zone, port })
            }
        };
    }
    if host.is_empty() {
        return Err(TargetError::NoHost(Shown::new(whole)));
    }
    if let Ok(ip) = IpAddr::from_str(host) {
        return Ok(address(ip));
    }
    if host.chars().any(char::is_alphanumeric)
        && host.chars().all(|c| !c.is_control() && !c.is_whitespace())
        && !host.is_ascii()
    {
        return Err(TargetError::NotAscii(Shown::new(host)));
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if host.bytes().all(fits) && host.bytes().any(|byte| byte.is_ascii_alphanumeric()) && host.len() <= 254 {
        return Ok(Place::Name(host.to_owned(), port));
    }
    Err(TargetError::BadHost(Shown::new(host)))
}

/// The zone behind a `%`, which is itself escaped in a URI (RFC 6874, section 2).
fn zone_of(text: &str) -> Option<String> {
    let zone = text.strip_prefix("25").filter(|rest| !rest.is_empty()).unwrap_or(text);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (!zone.is_empty() && zone.bytes().all(fits)).then(|| zone.to_owned())
}
