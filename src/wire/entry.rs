//! One row of the ladder: a frame and what is in it, or what else happened on the connection.

use std::{sync::Arc, time::Duration};

use super::{
    codes::{ErrorCode, Setting},
    frame::{Direction, Head},
    headers::Headers,
    hpack::HpackError,
    messages::Data,
};

/// One thing that happened on a connection.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Since the connection's first byte, when its last byte passed.
    pub at: Duration,
    /// Who sent it.
    pub direction: Direction,
    /// The number of the call that its stream belongs to, where there is one.
    pub call: Option<u32>,
    /// What it is.
    pub what: What,
    /// Where its payload lies in what is kept; see [`Kept::payload`](super::Kept::payload).
    pub(super) span: Span,
}

/// A part of all bytes that were ever kept of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Span {
    pub(super) from: u64,
    pub(super) length: u32,
}

impl Span {
    pub(super) fn end(self) -> u64 {
        self.from + u64::from(self.length)
    }
}

impl Entry {
    /// The frame's header; `None` where the entry is no frame.
    pub fn head(&self) -> Option<Head> {
        match &self.what {
            What::Frame(head, _) => Some(*head),
            _ => None,
        }
    }

    /// The stream of a frame; 0 is the connection as a whole.
    pub fn stream(&self) -> Option<u32> {
        self.head().map(|head| head.stream)
    }

    /// What is in the frame; `None` where the entry is no frame.
    pub fn content(&self) -> Option<&Content> {
        match &self.what {
            What::Frame(_, content) => Some(content),
            _ => None,
        }
    }
}

/// What happened.
#[derive(Debug, Clone)]
pub enum What {
    /// The client's preface, 24 bytes (RFC 9113, section 3.4): the first words of a connection.
    Preface,
    /// A frame.
    Frame(Head, Content),
    /// DATA frames that were counted and not kept: there were many, and nobody looked, or not often enough.
    NotKept {
        /// How many.
        frames: u64,
        /// Their bytes, headers of the frames included.
        bytes: u64,
    },
    /// From here on this direction is only counted, in whole or in part.
    Lost(Lost),
    /// Nothing more passes in this direction.
    Closed(End),
}

impl What {
    /// Bytes on the heap that it holds.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Frame(_, Content::Headers(headers)) => headers.block.weight(),
            Self::Frame(_, Content::Settings(settings)) => size_of_val(&**settings),
            Self::Frame(_, Content::GoAway { debug, .. }) => debug.len(),
            _ => 0,
        }
    }
}

/// What is in a frame, as far as its type tells.
#[derive(Debug, Clone)]
pub enum Content {
    /// DATA: parts of messages.
    Data(Data),
    /// HEADERS, or the CONTINUATION that makes them whole.
    Headers(Arc<Headers>),
    /// HEADERS or CONTINUATION with more to come: what they say stands in the last of them.
    HeadersBegun,
    /// PRIORITY, which means nothing any more.
    Priority,
    /// `RST_STREAM`.
    Reset(ErrorCode),
    /// SETTINGS, the first 32 of them.
    Settings(Box<[Setting]>),
    /// The answer to SETTINGS.
    SettingsAck,
    /// `PUSH_PROMISE`.
    PushPromise {
        /// The stream that was promised.
        promised: u32,
    },
    /// PING.
    Ping,
    /// The answer to a PING, and how long after it.
    PingAck(Option<Duration>),
    /// GOAWAY.
    GoAway {
        /// The last stream that was or will be looked at.
        last: u32,
        /// Why.
        code: ErrorCode,
        /// What its sender adds to the code, at most 128 bytes of it. It is foreign.
        debug: Box<[u8]>,
    },
    /// `WINDOW_UPDATE`.
    WindowUpdate {
        /// Bytes that may be sent beyond what was allowed.
        increment: u32,
        /// What may be sent now in all; `None` for a stream that is not followed.
        left: Option<i64>,
    },
    /// A type that HTTP/2 does not know.
    Unknown,
    /// A frame that its type does not allow, and why.
    Malformed(Fault),
}

/// What is wrong with a frame whose end is known all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Its length is not one that its type has.
    #[error("its length is wrong for its type")]
    Length,
    /// The padding is longer than the frame.
    #[error("its padding is longer than the frame")]
    Padding,
    /// It lets nothing more be sent (RFC 9113, section 6.9).
    #[error("it lets 0 B more be sent")]
    Nothing,
    /// It belongs to a stream and names none, or the other way round.
    #[error("its stream is wrong for its type")]
    Stream,
    /// A CONTINUATION, and its stream has no header block that goes on (RFC 9113, section 6.10).
    #[error("no HEADERS before it go on")]
    NotBegun,
}

/// Where the place in a direction was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// No frame can be told any more: what came is no frame.
    #[error("the frames are out of step: {0}")]
    Frames(&'static str),
    /// Frames are told, but headers cannot be read any more: they depend on earlier ones.
    #[error("the headers are out of step: {0}")]
    Headers(LostHeaders),
}

/// Why headers cannot be read any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LostHeaders {
    /// A block is broken.
    #[error(transparent)]
    Broken(#[from] HpackError),
    /// A block did not end before something else began.
    #[error("a header block was not ended")]
    NotEnded,
    /// A block goes on that did not begin.
    #[error("CONTINUATION without HEADERS before it")]
    NotBegun,
    /// A block is longer than is followed.
    #[error("a header block is too long")]
    TooLong,
    /// Its frame is malformed.
    #[error("a header block's frame is malformed")]
    Malformed,
}

/// How a direction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its sender closed it.
    Closed,
    /// It broke, for the operating system's reason.
    Broken(std::io::ErrorKind),
}
