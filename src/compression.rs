//! Compression of messages: the encodings that are known here, what a peer says it takes, and messages taken out of
//! an encoding again, bounded whatever the peer packed into them.
//!
//! Source: <https://github.com/grpc/grpc/blob/master/doc/compression.md>

mod accepted;
mod unpack;

use std::fmt;

use http::HeaderMap;
use thiserror::Error;

pub use accepted::Accepted;
pub use unpack::{Fault, Unpacker, unpack};

/// Names how the messages of a direction are compressed whose flag says that they are.
const ENCODING: &str = "grpc-encoding";
/// The name for messages that are not.
const IDENTITY: &str = "identity";

/// A way to make messages smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// RFC 1952; what every implementation of gRPC has.
    Gzip,
    /// RFC 8878.
    Zstd,
}

/// A name that is none of an [`Encoding`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a compression is gzip or zstd")]
pub struct NoEncoding;

impl Encoding {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Gzip, Self::Zstd];

    /// Its name in `grpc-encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// The one with this name.
    pub fn of_name(name: &str) -> Result<Self, NoEncoding> {
        Self::ALL.into_iter().find(|encoding| encoding.name() == name).ok_or(NoEncoding)
    }

    /// The one that a message was made with, by what each begins with; `None` where it is another.
    pub fn of_message(message: &[u8]) -> Option<Self> {
        match message {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            message if message.starts_with(&unpack::ZSTD) => Some(Self::Zstd),
            _ => None,
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How headers say that their messages are compressed: by one that is known here, or by another, whose name is
/// foreign. `None` where they do not say so.
pub fn named_in(headers: &HeaderMap) -> Option<Result<Encoding, String>> {
    let name = headers.get(ENCODING).filter(|name| *name != IDENTITY)?;
    let name = String::from_utf8_lossy(name.as_bytes());
    Some(Encoding::of_name(&name).map_err(|NoEncoding| name.into_owned()))
}

/// What a call and its server agree on: what the request is compressed with, and what the response says is taken.
#[derive(Debug, Clone, Default)]
pub struct Agreement {
    used: Option<Encoding>,
    accepted: Option<Accepted>,
}

impl Agreement {
    /// Takes the request's headers as sent.
    pub fn sent(&mut self, headers: &HeaderMap) {
        self.used = named_in(headers).and_then(Result::ok);
    }

    /// Takes the response's headers or trailers.
    pub fn received(&mut self, headers: &HeaderMap) {
        if let Some(accepted) = Accepted::of(headers) {
            self.accepted = Some(accepted);
        }
    }

    /// That the server does not take the request's compression, as far as it says so, in words. What to know of a
    /// call that it refused: where it follows the page with UNIMPLEMENTED, and what it takes beside. Servers in C++
    /// and Python say INTERNAL, and nothing beside.
    pub fn refusal(&self) -> Option<String> {
        let used = self.used?;
        match &self.accepted {
            None => Some(format!("the request was in {used}, which this server does not say that it takes")),
            Some(accepted) if accepted.has(used) => None,
            Some(accepted) if accepted.is_empty() => Some("this server takes no compression".to_owned()),
            Some(accepted) => Some(format!("this server takes no {used}, only {accepted}")),
        }
    }
}
