//! gRPC's messages in DATA, by their real boundaries: a message over several frames, several in a frame
//! ("gRPC over HTTP/2", Length-Prefixed-Message).

use std::ops::Range;

/// A flag and a length before each message.
pub const PREFIX: usize = 5;

/// What is in a DATA frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Data {
    /// Padding, its length byte included; it counts against the windows.
    pub padding: u16,
    /// The messages that have a byte in it, counted from 1 on their stream and direction. Empty for a
    /// frame without bytes, and on a stream that is not followed.
    pub messages: Messages,
}

/// Messages that have a byte in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Messages {
    /// The number of the first of them.
    pub first: u64,
    /// How many there are.
    pub count: u32,
    /// How many of them end in this frame.
    pub ended: u32,
    /// Bytes at the frame's front that belong to the first one and its prefix, where that began earlier.
    pub(super) continued: u32,
    /// Those of them that belong to its prefix.
    pub(super) prefix: u8,
    /// The first one's whole size without its prefix, where that is known, and whether it is compressed.
    pub(super) size: Option<u32>,
    pub(super) compressed: bool,
}

/// A message's part in a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The message's number, counted from 1 on its stream and direction.
    pub number: u64,
    /// Its whole size without the prefix, in bytes; `None` where the prefix is cut off at the frame's end.
    pub size: Option<u32>,
    /// Whether its prefix says that it is compressed.
    pub compressed: bool,
    /// Whether it began in an earlier frame.
    pub continued: bool,
    /// Its bytes without the prefix, within the payload that is kept; see
    /// [`Kept::payload`](super::Kept::payload).
    pub bytes: Range<usize>,
}

impl Piece {
    /// Whether all of the message lies in `bytes`.
    pub fn is_whole(&self) -> bool {
        !self.continued && self.size.is_some_and(|size| size as usize == self.bytes.len())
    }
}
