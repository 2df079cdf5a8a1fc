//! `greeter serve`: where the embedded server listens, and how it answers.

use std::{net::IpAddr, path::PathBuf, str::FromStr, time::Duration};

use clap::Args;

use crate::{server::Settings, text::parse_interval};

/// How the embedded server is to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serve {
    /// Where it listens.
    pub listen: Listen,
    /// How it answers.
    pub settings: Settings,
    /// How its connections are protected.
    pub protection: Protection,
}

/// How the embedded server's connections are protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    Plaintext,
    /// By TLS with a certificate that it makes for itself.
    SelfSigned,
    /// By TLS with the user's certificate.
    Files {
        /// The certificate, a PEM file.
        certificate: PathBuf,
        /// Its key, a PEM file.
        key: PathBuf,
        /// The authorities whose clients alone are taken, a PEM file.
        clients: Option<PathBuf>,
    },
}

const SERVE_EXAMPLES: &str = "\
Examples:
  greeter serve                              on 127.0.0.1:50051
  greeter serve --listen 127.0.0.1:0         on a free port, which is printed
  greeter serve --listen 0.0.0.0:50051       for other machines too, in plaintext
  greeter serve --replies 20 --interval 1s   streams of 20 replies, one a second
  greeter serve --tls-self-signed            with TLS, nothing to prepare

It prints `listening on http://ADDR` (https:// with TLS) when it accepts calls. SIGINT and SIGTERM end it: open calls
get a second to finish, a second signal ends them at once.";

#[derive(Debug, Args)]
#[command(after_help = SERVE_EXAMPLES)]
pub(super) struct ServeArgs {
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:50051")]
    #[arg(help = "host:port or [::1]:port; port 0 takes a free one")]
    listen: Listen,
    /// How many replies a server-streaming call gets
    #[arg(long, value_name = "N", default_value_t = Settings::default().replies, value_parser = parse_replies, allow_hyphen_values = true)]
    replies: u32,
    /// The pause between two of them: 300ms, 1.5s, 2m
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = parse_interval, allow_negative_numbers = true)]
    interval: Duration,
    /// Serve with TLS and this certificate, a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Accept only clients with a certificate from the authorities in this PEM file
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    client_ca: Option<PathBuf>,
    /// Serve with TLS and a certificate made for this machine now; its path is printed
    #[arg(long, conflicts_with_all = ["tls_cert", "tls_key", "client_ca"])]
    tls_self_signed: bool,
}

impl From<ServeArgs> for Serve {
    fn from(args: ServeArgs) -> Self {
        let protection = match (args.tls_cert, args.tls_key) {
            (Some(certificate), Some(key)) => Protection::Files { certificate, key, clients: args.client_ca },
            _ if args.tls_self_signed => Protection::SelfSigned,
            _ => Protection::Plaintext,
        };
        let settings = Settings { replies: args.replies, interval: args.interval };
        Self { listen: args.listen, settings, protection }
    }
}

/// Where to listen: a host, not yet resolved, and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// A name or an address, without brackets.
    pub host: String,
    /// 0 takes a free one.
    pub port: u16,
}

/// Why a text is no address to listen on, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListenError {
    /// `:50051`, `50051`.
    #[error("it names no host: write 127.0.0.1:{0}, or 0.0.0.0:{0} for other machines too")]
    NoHost(u16),
    /// `localhost`, `::1`.
    #[error("it names no port: write {0}:50051")]
    NoPort(String),
    /// `localhost:http`, `localhost:70000`.
    #[error("`{0}` is no port: it is a number from 0 to 65535")]
    Port(String),
    /// Anything else.
    #[error("an address is written host:port or [::1]:port")]
    Other,
}

impl FromStr for Listen {
    type Err = ListenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(port) = text.parse() {
            return Err(ListenError::NoHost(port));
        }
        if let Ok(ip) = text.parse::<IpAddr>() {
            return Err(ListenError::NoPort(match ip {
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => format!("[{ip}]"),
            }));
        }
        if text.contains('/') || text.contains(char::is_whitespace) {
            return Err(ListenError::Other);
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(|| match text {
            "" => ListenError::Other,
            _ => ListenError::NoPort(text.to_owned()),
        })?;
        let port = port.parse().map_err(|_| ListenError::Port(port.to_owned()))?;
        let host = match host.strip_prefix('[') {
            Some(host) => host.strip_suffix(']').ok_or(ListenError::Other)?,
            None if host.contains([':', ']']) => return Err(ListenError::Other),
            None => host,
        };
        if host.is_empty() {
            return Err(ListenError::NoHost(port));
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

/// Why a text is no number of replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is a number from 0 to {}", u32::MAX)]
pub struct RepliesError;

fn parse_replies(text: &str) -> Result<u32, RepliesError> {
    text.parse().map_err(|_| RepliesError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_to_listen_on_is_host_and_port() {
        for (text, host, port) in [
            ("127.0.0.1:0", "127.0.0.1", 0),
            ("localhost:50051", "localhost", 50051),
            ("[::1]:80", "::1", 80),
            ("[fe80::1%lo]:80", "fe80::1%lo", 80),
        ] {
            assert_eq!(text.parse(), Ok(Listen { host: host.to_owned(), port }));
        }
    }

    #[test]
    fn what_is_no_address_says_what_to_write() {
        for (text, error) in [
            ("50051", ListenError::NoHost(50051)),
            (":50051", ListenError::NoHost(50051)),
            ("localhost", ListenError::NoPort("localhost".to_owned())),
            ("::1", ListenError::NoPort("[::1]".to_owned())),
            ("localhost:", ListenError::Port(String::new())),
            ("localhost:70000", ListenError::Port("70000".to_owned())),
            ("::1:x", ListenError::Port("x".to_owned())),
            ("[::1:80", ListenError::Other),
            ("http://localhost:80", ListenError::Other),
            ("", ListenError::Other),
        ] {
            assert_eq!(text.parse::<Listen>(), Err(error), "{text:?}");
        }
    }
}
