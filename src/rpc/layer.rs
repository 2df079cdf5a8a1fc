//! The steps on the way to a server.

use std::fmt;

/// A step on the way to a server. Each stands on the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The name has an address.
    Name,
    /// The address takes connections.
    Socket,
    /// Both sides agree on TLS, and the certificate is to be trusted.
    Tls,
    /// Both sides agree on HTTP/2, within TLS (RFC 7301).
    Alpn,
    /// The peer's SETTINGS came (RFC 9113, section 3.4).
    Http2,
    /// A call is answered as gRPC is.
    Grpc,
    /// The server tells what it offers.
    Reflection,
    /// It offers the service that was asked for.
    Service,
}

impl Layer {
    /// All of them, lowest first.
    pub const ALL: [Self; 8] = [
        Self::Name,
        Self::Socket,
        Self::Tls,
        Self::Alpn,
        Self::Http2,
        Self::Grpc,
        Self::Reflection,
        Self::Service,
    ];
}

/// `name`, `TCP`, `TLS`, `ALPN`, `HTTP/2`, `gRPC`, `reflection`, `service`.
impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Name => "name",
            Self::Socket => "socket",
            Self::Tls => "TLS",
            Self::Alpn => "ALPN",
            Self::Http2 => "HTTP/2",
            Self::Grpc => "gRPC",
            Self::Reflection => "reflection",
            Self::Service => "service",
        })
    }
}
