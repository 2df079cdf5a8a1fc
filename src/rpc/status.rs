//! How a call ended, and how that is known: the code, the message, and where both came from.

use std::{fmt, time::Duration};

pub use tonic::Code;

use super::words;
use crate::{
    text,
    wire::{ErrorCode, codes::status_name},
};

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// One of the seventeen codes; a number that is none of them is UNKNOWN.
    pub code: Code,
    /// The message, percent-decoded. Foreign where the peer said it: sanitise before showing.
    pub message: String,
    /// Where code and message came from.
    pub origin: Origin,
    /// `grpc-status-details-bin`, where it came.
    pub details: Option<Details>,
}

/// What `grpc-status-details-bin` held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Details {
    /// The bytes of a `google.rpc.Status`, not looked at.
    Bytes(bytes::Bytes),
    /// It was no base64, or too large; why, in words.
    Malformed(String),
}

/// Where a status came from, as a fact. `Display` says it in the words of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The peer's trailers said so; `Trailers-Only` counts as trailers, as in the protocol.
    Trailers,
    /// A response without `grpc-status`: the code follows from the HTTP status.
    Http {
        /// The HTTP status.
        status: u16,
    },
    /// The peer reset the stream.
    Reset(h2::Reason),
    /// The connection ended under the call; why, in words.
    ConnectionLost(String),
    /// It was made here.
    Here(Cause),
}

/// Why a status was made here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The user cancelled.
    CancelledByYou,
    /// There was no connection; why, in words.
    NotConnected(String),
    /// The channel was closed or exchanged for another.
    ChannelClosed,
    /// The call's own timer ran out.
    DeadlineExceeded {
        /// After so long.
        after: Duration,
        /// What the peer said of that, where it was one call's.
        heard: Option<Heard>,
    },
    /// The same, and there was no connection all the while; why, in words.
    NotConnectedInTime(Duration, Box<str>),
    /// Reflection was asked, and did not answer within so long.
    ReflectionSilent(Duration),
    /// A request message was larger than the limit, and was not sent. Both in bytes.
    RequestTooLarge {
        /// Its own.
        size: u64,
        /// What may be sent.
        limit: u64,
    },
    /// A reply was larger than the limit. Both in bytes.
    ReplyTooLarge {
        /// As its prefix said.
        size: u64,
        /// What is taken.
        limit: u64,
    },
    /// A compressed reply would be larger than the limit. Both in bytes.
    ReplyUnpacksTooLarge {
        /// As it came.
        size: u64,
        /// What is taken of what comes out of it.
        limit: u64,
    },
    /// The response broke the protocol; how, in words.
    BadResponse(String),
    /// The request cannot be sent; why, in words.
    BadRequest(String),
}

/// What a peer said of a deadline that ran out here. It has a deadline of its own, by `grpc-timeout`, which ends a
/// little later: what it says then is heard for a moment, and changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Nothing of the call was sent to it.
    NotAsked,
    /// The same: the call waited for a stream, of which the peer allows no more at once.
    Queued,
    /// Nothing, in the time that it got.
    Nothing(Duration),
    /// A status, or a reset.
    Said(Box<Late>),
}

/// What a peer said of a call that was over here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// How long after.
    pub after: Duration,
    /// What it came to.
    pub status: Status,
}

/// A code's name in the protocol's spelling: `NOT_FOUND`.
pub fn code_name(code: Code) -> &'static str {
    status_name(code as u8).unwrap_or("UNKNOWN")
}

impl Status {
    /// A status that the peer had no part in.
    pub fn here(code: Code, message: impl Into<String>, cause: Cause) -> Self {
        Self { code, message: message.into(), origin: Origin::Here(cause), details: None }
    }

    /// The same, where its cause says all.
    pub fn by(code: Code, cause: Cause) -> Self {
        Self::here(code, cause.to_string(), cause)
    }

    /// Whether the call ended well.
    pub fn is_ok(&self) -> bool {
        self.code == Code::Ok
    }

    /// The message, where the origin's words do not say the same.
    pub fn message_beside_origin(&self) -> Option<&str> {
        let is_said = match &self.origin {
            Origin::Here(Cause::NotConnected(cause)) => *cause == self.message,
            origin => origin.to_string().ends_with(&self.message),
        };
        (!is_said).then_some(self.message.as_str())
    }

    /// What the peer said of a deadline that ran out here, in a phrase. Foreign text.
    pub fn heard(&self) -> Option<String> {
        match &self.origin {
            Origin::Here(Cause::DeadlineExceeded { heard, .. }) => heard.as_ref().map(Heard::to_string),
            _ => None,
        }
    }

    /// Whether it is one that servers have for a request whose compression they do not take.
    pub fn may_be_of_compression(&self) -> bool {
        matches!(self.code, Code::Unimplemented | Code::Internal) && self.origin == Origin::Trailers
    }

    /// Whether the user ended it.
    pub fn is_by_you(&self) -> bool {
        self.origin == Origin::Here(Cause::CancelledByYou)
    }
}

/// `OK`, `NOT_FOUND (5)`.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(code_name(self.code))?;
        if self.is_ok() { Ok(()) } else { write!(f, " ({})", self.code as i32) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trailers => f.write_str("from the peer's trailers"),
            Self::Http { status } => write!(f, "HTTP {status} without grpc-status"),
            Self::Reset(reason) => {
                write!(f, "the peer reset the stream: {}", reset_name(*reason))
            }
            Self::ConnectionLost(cause) => write!(f, "the connection was lost: {cause}"),
            Self::Here(cause) => write!(f, "made here: {cause}"),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CancelledByYou => f.write_str("cancelled by you"),
            Self::NotConnected(cause) => f.write_str(cause),
            Self::ChannelClosed => f.write_str("you stopped this server, or left it for another"),
            Self::DeadlineExceeded { after, .. } => {
                write!(f, "the deadline of {} ran out", text::limit(*after))
            }
            Self::NotConnectedInTime(after, why) => {
                write!(f, "the deadline of {} ran out without a connection: {why}", text::limit(*after))
            }
            Self::ReflectionSilent(after) => {
                let after = text::limit(*after);
                write!(f, "asked by reflection what it offers, the server did not answer within {after}")
            }
            Self::RequestTooLarge { size, limit } => f.write_str(&words::of_size(*size, *limit)),
            Self::ReplyTooLarge { size, limit } => {
                let (size, limit) = text::sizes_apart(*size, *limit);
                write!(f, "a reply of {size}, the limit is {limit} (--max-msg-sz)")
            }
            Self::ReplyUnpacksTooLarge { size, limit } => {
                let (size, limit) = (text::size(*size), text::size(*limit));
                write!(
                    f,
                    "a compressed reply of {size} is over the limit of {limit} (--max-msg-sz) when it is decompressed"
                )
            }
            Self::BadResponse(how) | Self::BadRequest(how) => f.write_str(how),
        }
    }
}

/// `the server said DEADLINE_EXCEEDED (4) 0.81 ms later: too slow`.
impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (late, status) = match self {
            Self::NotAsked => return f.write_str("nothing of the call was sent yet"),
            Self::Queued => {
                return f.write_str(
                    "nothing of the call was sent yet: the server allows no more streams at once",
                );
            }
            Self::Nothing(grace) => {
                return write!(f, "the server said nothing of it within {}", text::elapsed(*grace));
            }
            Self::Said(late) => (text::elapsed(late.after), &late.status),
        };
        match &status.origin {
            Origin::Reset(reason) => {
                write!(f, "the server reset the stream {late} later: {}", reset_name(*reason))
            }
            Origin::Http { status: http } => write!(f, "the server answered HTTP {http} {late} later"),
            _ if status.message.is_empty() => write!(f, "the server said {status} {late} later"),
            _ => write!(f, "the server said {status} {late} later: {}", status.message),
        }
    }
}

/// An HTTP/2 error code by its name in RFC 9113, section 7: `ENHANCE_YOUR_CALM (11)`.
pub fn reset_name(reason: h2::Reason) -> String {
    let number = u32::from(reason);
    let name = ErrorCode(number).name().unwrap_or("unknown");
    format!("{name} ({number})")
}
