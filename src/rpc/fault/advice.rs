//! What to do about a fault, as the imperative that follows it.

use super::{Fault, Spoken, TlsFault, named};
use crate::text;

impl Fault {
    /// What to do about it, one phrase: `start the server, or check the address`.
    pub fn advice(&self) -> String {
        let words = match self {
            Self::NoSuchHost(_) | Self::NoAddress(_) => "check the name's spelling",
            Self::NameServerFailed(_) | Self::NameServerSilent(_) | Self::NotResolved(_) => {
                "check this machine's network and its name server, or write the IP address"
            }
            Self::Refused => "start the server, or check the address",
            Self::Unanswered(_) => {
                "check the address; a firewall on the way may swallow connections, or the machine is down"
            }
            Self::NoSocket => "start the server, or check the path",
            Self::Forbidden => "check whose the socket is and who may write to it; or a firewall's rules",
            Self::NoZone(address) => {
                return format!("name it, as in [{}%eth0]:{}", address.ip(), address.port());
            }
            Self::NotConnected(_) => "check the address and this machine's network",
            Self::Tls(fault) => return fault.advice(),
            Self::Mute(_) | Self::Stalled(_) => {
                "check that the port is a gRPC server's; one that hangs, or waits for another \
                 protocol, keeps silent like this"
            }
            Self::ClosedSilently => {
                "check that the port is a gRPC server's; one that wants TLS may close like this: try --tls"
            }
            Self::Spoke(Spoken::Tls) => "use --tls or https://",
            Self::Spoke(Spoken::Http1) => "use the server's gRPC port, or a proxy that passes HTTP/2 on",
            Self::Spoke(Spoken::Http2 | Spoken::Unknown(_)) => "use the server's gRPC port",
            Self::Broke(_) => "look at the server's log; what stands between may not pass HTTP/2 on",
            Self::NotGrpc { http: 401 | 403 | 407, .. } => {
                "give it valid credentials, such as -H 'authorization: Bearer …'; or use the gRPC port: a web server answers"
            }
            Self::NotGrpc { http: 502..=504, .. } => {
                "look whether the server behind it runs: this is a proxy; or use the gRPC port"
            }
            Self::NotGrpc { .. } => {
                "use the gRPC port: this is a web server, or a proxy that does not pass gRPC on"
            }
            Self::NoStreams(_) => "look at the server's log: in its SETTINGS it allows no streams at once",
            Self::Unavailable(_) => {
                "look whether the server runs: a proxy before it answers like this where it does not"
            }
            Self::CallUnanswered(_) => "look at the server's log: it takes calls and does not answer",
            Self::CallFailed(_) => "look at the server's log",
            Self::NoReflection => {
                "calls work; name the methods' schema with --proto or --protoset, or add reflection to the server"
            }
            Self::ReflectionRefused(_) => {
                "give valid credentials, such as -H 'authorization: Bearer …'; or name the methods' schema with --proto \
                 or --protoset"
            }
            Self::CallsRefused(_) => "give it valid ones, such as -H 'authorization: Bearer …'",
            Self::BrokenReflection(_) => "calls work; name the methods' schema with --proto or --protoset",
            Self::NoService { offered, .. } => {
                return match named(offered) {
                    None => "the server tells of no service at all".to_owned(),
                    Some(names) => format!("choose one of those that are there: {names}"),
                };
            }
            Self::UndescribedService { .. } => {
                "name its schema with --proto or --protoset, or add it to the server's reflection"
            }
            Self::Several(all) => {
                // Who came furthest is closest to an answer.
                let furthest = all.iter().max_by_key(|(_, fault)| fault.layer());
                return furthest.map(|(_, fault)| fault.advice()).unwrap_or_default();
            }
        };
        words.to_owned()
    }
}

impl TlsFault {
    fn advice(&self) -> String {
        let words = match self {
            Self::BadName(_) => "give the certificate's name with --servername",
            Self::NoAuthorities(_) => {
                "name the authority's certificate with --cacert, or a file of all with SSL_CERT_FILE"
            }
            Self::NotTls(Spoken::Http2) => "use --plaintext or http://",
            Self::NotTls(Spoken::Http1) => "use the server's gRPC port",
            Self::Unfinished(_) | Self::BrokenOff => {
                "look at the server's log, or at that of the proxy before it: it speaks TLS"
            }
            Self::NotTls(_) | Self::Mute(_) | Self::Closed => {
                "check the port; if the server is plaintext, use --plaintext or http://"
            }
            Self::UnknownAuthority(own) if own.as_ref().as_ref().is_some_and(|own| own.is_self_issued) => {
                "name that certificate with --cacert, or look without trust with --insecure"
            }
            Self::UnknownAuthority(_) => {
                "name the authority's certificate with --cacert; if that is done, let the server send its whole chain; \
                 or look without trust with --insecure"
            }
            Self::OtherAuthority(_) => {
                "name the authority's certificate with --cacert, or look without trust with --insecure"
            }
            Self::WrongName { names, .. } if names.is_empty() => {
                "give the server a certificate with its names (subjectAltName), or look without trust with --insecure"
            }
            Self::WrongName { names, .. } => {
                return match names.iter().find(|name| !name.starts_with("*.")) {
                    Some(name) => {
                        let name = text::safe(name);
                        format!("connect by a name of the certificate's, or expect it: --servername {name}")
                    }
                    None => {
                        "connect by a name of the certificate's, or expect one with --servername".to_owned()
                    }
                };
            }
            Self::Expired { now, .. } => {
                return format!(
                    "renew it on the server; if that was done, check this machine's clock ({now})"
                );
            }
            Self::NotYet { now, .. } => return format!("check the clocks: this machine's says {now}"),
            Self::Certificate(_) => "give the server another certificate",
            Self::Chain(_) => "give the server the chain that its authority gives out now",
            Self::ClientWanted => "give one with --cert and --key",
            Self::ClientRefused(_) => "give one of an authority that the server trusts with --cert and --key",
            Self::UnknownName => "name a host that it knows with --servername",
            Self::Incompatible(_) => {
                "let the server speak TLS 1.3, or 1.2 with ECDHE; with AES-GCM or ChaCha20, and X25519, P-256 or P-384"
            }
            Self::NoH2(_) => {
                "use the server's gRPC port, or let the server or the proxy before it offer h2 in ALPN"
            }
            Self::Alert(_) | Self::Other(_) => "look at the server's log",
        };
        words.to_owned()
    }
}
