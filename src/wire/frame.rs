//! Frames: their headers, types and flags.

use std::fmt;

/// Length of a frame's header (RFC 9113, section 4.1).
pub const HEAD: usize = 9;

/// Who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// We did.
    Sent,
    /// The server did.
    Received,
}

impl Direction {
    /// The other one.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Sent => Self::Received,
            Self::Received => Self::Sent,
        }
    }
}

/// A frame's type (RFC 9113, section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Messages.
    Data,
    /// A request's or a response's headers, or its trailers.
    Headers,
    /// Deprecated.
    Priority,
    /// The stream's end, at once.
    RstStream,
    /// What who sends it allows and wants.
    Settings,
    /// A response that nobody asked for; gRPC has none.
    PushPromise,
    /// "Are you there?", and the answer.
    Ping,
    /// No new stream.
    GoAway,
    /// More may be sent.
    WindowUpdate,
    /// Headers that did not fit into one frame.
    Continuation,
    /// A type that HTTP/2 does not know: it is to be ignored.
    Unknown(u8),
}

impl Kind {
    /// All that have a name, in the order of their numbers.
    pub const KNOWN: [Self; 10] = [
        Self::Data,
        Self::Headers,
        Self::Priority,
        Self::RstStream,
        Self::Settings,
        Self::PushPromise,
        Self::Ping,
        Self::GoAway,
        Self::WindowUpdate,
        Self::Continuation,
    ];

    /// The kind of that number.
    pub fn of(number: u8) -> Self {
        Self::KNOWN.get(usize::from(number)).copied().unwrap_or(Self::Unknown(number))
    }

    /// Its number on the wire.
    pub fn number(self) -> u8 {
        match self {
            Self::Data => 0,
            Self::Headers => 1,
            Self::Priority => 2,
            Self::RstStream => 3,
            Self::Settings => 4,
            Self::PushPromise => 5,
            Self::Ping => 6,
            Self::GoAway => 7,
            Self::WindowUpdate => 8,
            Self::Continuation => 9,
            Self::Unknown(number) => number,
        }
    }

    /// As in the RFC: `WINDOW_UPDATE`; `UNKNOWN` for the rest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "DATA",
            Self::Headers => "HEADERS",
            Self::Priority => "PRIORITY",
            Self::RstStream => "RST_STREAM",
            Self::Settings => "SETTINGS",
            Self::PushPromise => "PUSH_PROMISE",
            Self::Ping => "PING",
            Self::GoAway => "GOAWAY",
            Self::WindowUpdate => "WINDOW_UPDATE",
            Self::Continuation => "CONTINUATION",
            Self::Unknown(_) => "UNKNOWN",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(number) => f.pad(&format!("type {number:#04x}")),
            known => f.pad(known.name()),
        }
    }
}

/// A frame's flags; what a bit means depends on the [`Kind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Flags(pub u8);

/// A frame's header (RFC 9113, section 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Bytes of the payload, padding included.
    pub length: u32,
    /// Its type.
    pub kind: Kind,
    /// Its flags.
    pub flags: Flags,
    /// The stream, 0 for the connection as a whole.
    pub stream: u32,
}

impl Head {
    /// Reads a header. The reserved bit is ignored.
    pub fn read([a, b, c, kind, flags, stream @ ..]: [u8; HEAD]) -> Self {
        Self {
            length: u32::from_be_bytes([0, a, b, c]),
            kind: Kind::of(kind),
            flags: Flags(flags),
            stream: u32::from_be_bytes(stream) & (u32::MAX >> 1),
        }
    }

    /// The header as it stood on the wire.
    pub fn bytes(self) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        bytes[..3].copy_from_slice(&self.length.to_be_bytes()[1..]);
        bytes[3] = self.kind.number();
        bytes[4] = self.flags.0;
        bytes[5..].copy_from_slice(&self.stream.to_be_bytes());
        bytes
    }

    /// `END_STREAM`: nothing follows on the stream from this side. Only DATA and HEADERS have it.
    pub fn ends_stream(self) -> bool {
        matches!(self.kind, Kind::Data | Kind::Headers) && self.has(1)
    }

    /// `END_HEADERS`: the header block is whole.
    pub fn ends_headers(self) -> bool {
        self.carries_headers() && self.has(4)
    }

    /// Whether its payload is a header block, or a part of one.
    pub fn carries_headers(self) -> bool {
        matches!(self.kind, Kind::Headers | Kind::PushPromise | Kind::Continuation)
    }

    /// `ACK`: the answer to a PING or to SETTINGS.
    pub fn is_ack(self) -> bool {
        matches!(self.kind, Kind::Settings | Kind::Ping) && self.has(1)
    }

    /// `PADDED`: the payload begins with the length of the padding at its end.
    pub fn is_padded(self) -> bool {
        matches!(self.kind, Kind::Data | Kind::Headers | Kind::PushPromise) && self.has(8)
    }

    /// `PRIORITY`: five bytes of an old priority stand before the header block.
    pub fn has_priority(self) -> bool {
        self.kind == Kind::Headers && self.has(32)
    }

    /// The names of the flags that are set and have a meaning for this type, in the order of their bits.
    pub fn flag_names(self) -> impl Iterator<Item = &'static str> {
        let named = [
            (self.is_ack(), "ACK"),
            (self.ends_stream(), "END_STREAM"),
            (self.ends_headers(), "END_HEADERS"),
            (self.is_padded(), "PADDED"),
            (self.has_priority(), "PRIORITY"),
        ];
        named.into_iter().filter_map(|(is_set, name)| is_set.then_some(name))
    }

    fn has(self, bit: u8) -> bool {
        self.flags.0 & bit != 0
    }
}
