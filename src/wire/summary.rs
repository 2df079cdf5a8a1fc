//! A connection as a face has it: its newest entries, and how it and its streams stand.

use std::time::{Duration, Instant};

use super::{entry::Lost, frame::Kind, headers::Cost, kept::Kept, windows::Windows};

/// One connection, as a face keeps it: what is new is put behind what was.
#[derive(Debug, Clone)]
pub struct ConnectionLog {
    /// Its number, counted from 1 in its channel.
    pub number: u32,
    /// When its first byte passed; all times of entries are since then.
    pub began: Instant,
    /// Its entries, the newest of them.
    pub kept: Kept,
    /// How it stands.
    pub summary: Summary,
}

impl ConnectionLog {
    /// Puts what came later on the same connection behind this.
    pub fn append(&mut self, newer: Self) {
        self.kept.append(newer.kept);
        self.summary = newer.summary;
    }
}

/// How a connection stands.
#[derive(Debug, Clone)]
pub struct Summary {
    /// What was sent.
    pub sent: Totals,
    /// What was received.
    pub received: Totals,
    /// The connection's windows.
    pub windows: Windows,
    /// How many streams are open.
    pub streams_open: usize,
    /// Streams that are open or were lately, in the order of their numbers, the newest 256 of them.
    pub streams: Vec<StreamSummary>,
    /// The newest PING's time there and back.
    pub round_trip: Option<Duration>,
    /// Whether the connection is over.
    pub is_closed: bool,
}

impl Summary {
    /// Frames in all, of both directions.
    pub fn frames(&self) -> u64 {
        self.sent.all_frames() + self.received.all_frames()
    }
}

/// True counts of all that passed in one direction.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    /// Bytes.
    pub bytes: u64,
    /// What headers cost.
    pub headers: Cost,
    /// Where the place was lost, if it was.
    pub lost: Option<Lost>,
    frames: [u64; Kind::KNOWN.len() + 1],
}

impl Totals {
    /// Frames of a type. Those without a name are counted together.
    pub fn frames(&self, kind: Kind) -> u64 {
        self.frames[Self::place(kind)]
    }

    /// Frames in all.
    pub fn all_frames(&self) -> u64 {
        self.frames.iter().sum()
    }

    pub(super) fn count(&mut self, kind: Kind, frames: u64) {
        self.frames[Self::place(kind)] += frames;
    }

    fn place(kind: Kind) -> usize {
        usize::from(kind.number()).min(Kind::KNOWN.len())
    }
}

/// How a stream stands.
#[derive(Debug, Clone, Copy)]
pub struct StreamSummary {
    /// Its number.
    pub stream: u32,
    /// Its call's number.
    pub call: Option<u32>,
    /// How far it is.
    pub state: StreamState,
    /// Its own windows; the connection's hold for it as well.
    pub windows: Windows,
}

/// How far a stream is (RFC 9113, section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamState {
    /// Both sides may send.
    Open,
    /// You said that nothing follows; the server may still send.
    YouAreDone,
    /// The server said that nothing follows; you may still send.
    ServerIsDone,
    /// It is over.
    Closed,
}
