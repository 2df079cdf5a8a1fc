//! Services, methods and messages: what can be called, and text to bytes and back.
//!
//! Nothing here knows the Greeter but by its descriptors, which are built in like any other file.
//! Messages stay encoded bytes; [`MessageType`] says what they mean when somebody looks. All that a
//! peer says, descriptors included, is bounded before it is believed; the texts that come out are
//! foreign and are made [safe](crate::text::safe) by whoever draws them.

mod complete;
mod contract;
mod descriptors;
mod details;
mod doctor;
mod field;
mod files;
mod find;
mod json;
mod lexer;
mod message;
mod message_set;
mod named;
mod names;
mod nearest;
mod not_finite;
mod protobuf;
mod read;
mod reflection;
mod template;
mod walk;

use std::fmt;

pub use complete::{Candidate, Completion};
pub use contract::{Contract, Method, prefer};
pub use descriptors::SchemaError;
pub use details::{MAX_DETAILS, details_of, status_details};
pub use doctor::{examine, examine_aloud};
pub use files::{Definition, DescribeError, Files};
pub use find::{MethodName, NoContract, NoMethod};
pub use lexer::split;
pub use message::{LineError, MessageType, Shown, Unreadable, Whole};
pub use named::{Named, NamedError, NamedFiles};
pub use protobuf::WireType;
pub use reflection::{
    DiscoverError, Discovery, LeftOut, QUESTION, ReflectionVersion, Survey, discover, look_up, survey,
};
pub use walk::{Limits, Line, Value};

/// The four kinds of call, by which side sends a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// One request, one reply.
    Unary,
    /// One request, a stream of replies.
    ServerStream,
    /// A stream of requests, one reply.
    ClientStream,
    /// A stream each way.
    Bidi,
}

impl Kind {
    /// All kinds, in the order of the panes.
    pub const ALL: [Self; 4] = [Self::Unary, Self::ServerStream, Self::ClientStream, Self::Bidi];

    /// Its place among them, from 0.
    pub fn index(self) -> usize {
        match self {
            Self::Unary => 0,
            Self::ServerStream => 1,
            Self::ClientStream => 2,
            Self::Bidi => 3,
        }
    }

    /// Whether the client sends a stream of requests.
    pub fn sends_stream(self) -> bool {
        matches!(self, Self::ClientStream | Self::Bidi)
    }

    /// Whether the server sends a stream of replies.
    pub fn receives_stream(self) -> bool {
        matches!(self, Self::ServerStream | Self::Bidi)
    }

    /// The kind in one word, as it is typed: `unary`, `server-stream`, `client-stream`, `bidi`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unary => "unary",
            Self::ServerStream => "server-stream",
            Self::ClientStream => "client-stream",
            Self::Bidi => "bidi",
        }
    }

    /// What is wrong with so many replies in a call that ended well: a kind with one reply has just one, and
    /// other clients fail where it has not.
    pub fn miscounted(self, replies: u64) -> Option<String> {
        let is_wrong = !self.receives_stream() && replies != 1;
        is_wrong.then(|| {
            let (kind, replies) = (self.title().to_lowercase(), crate::text::count(replies));
            format!("a {kind} call has one reply, and {replies} came: clients fail here")
        })
    }

    /// `Unary`, `Server stream`, `Client stream`, `Bidi`.
    pub fn title(self) -> &'static str {
        match self {
            Self::Unary => "Unary",
            Self::ServerStream => "Server stream",
            Self::ClientStream => "Client stream",
            Self::Bidi => "Bidi",
        }
    }
}

/// Where a contract is known from. `Display` says it in the words of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// From `proto/`, compiled into the program.
    BuiltIn,
    /// The server said so.
    Reflection,
    /// Files that the user named.
    File,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BuiltIn => "built in",
            Self::Reflection => "reflection",
            Self::File => "file",
        })
    }
}
