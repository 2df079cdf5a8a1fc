//! The wire as the screen knows it: the logs of the newest connections, and which part of them is shown.

use std::collections::BTreeMap;

use super::{Call, Model};
use crate::{
    rpc::CallId,
    text::Secrets,
    wire::{ConnectionLog, Entry, Kind, What},
};

/// What passed on the newest connections of the present channel.
#[derive(Debug, Clone, Default)]
pub struct Wire {
    connections: BTreeMap<u32, ConnectionLog>,
}

/// One entry of a log. The order of spots is the order in which things happened, connection by connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The connection's number.
    pub connection: u32,
    /// The entry's number in it.
    pub entry: u64,
}

impl Wire {
    /// The most connections that are kept.
    pub const MAX_CONNECTIONS: usize = 4;

    /// Takes what is new.
    pub fn take(&mut self, news: Vec<ConnectionLog>) {
        for log in news {
            match self.connections.get_mut(&log.number) {
                Some(known) => known.append(log),
                None => {
                    self.connections.insert(log.number, log);
                }
            }
        }
        while self.connections.len() > Self::MAX_CONNECTIONS {
            self.connections.pop_first();
        }
    }

    /// The connections, oldest first.
    pub fn connections(&self) -> impl DoubleEndedIterator<Item = &ConnectionLog> + ExactSizeIterator {
        self.connections.values()
    }

    /// A connection by its number.
    pub fn connection(&self, number: u32) -> Option<&ConnectionLog> {
        self.connections.get(&number)
    }

    /// An entry, if it is kept.
    pub fn entry(&self, spot: Spot) -> Option<&Entry> {
        self.connections.get(&spot.connection)?.kept.get(spot.entry)
    }

    /// All entries that are kept, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (Spot, &Entry)> {
        self.connections.values().flat_map(|log| spots(log, 0, u64::MAX))
    }

    /// Those up to and including a spot, oldest first.
    pub fn entries_to(&self, last: Spot) -> impl DoubleEndedIterator<Item = (Spot, &Entry)> {
        self.connections.range(..=last.connection).flat_map(move |(number, log)| {
            spots(log, 0, if *number == last.connection { last.entry + 1 } else { u64::MAX })
        })
    }

    /// Those from a spot on, including it, oldest first.
    pub fn entries_from(&self, first: Spot) -> impl DoubleEndedIterator<Item = (Spot, &Entry)> {
        self.connections.range(first.connection..).flat_map(move |(number, log)| {
            spots(log, if *number == first.connection { first.entry } else { 0 }, u64::MAX)
        })
    }
}

/// The entries of a connection from a number on, and before another.
fn spots(log: &ConnectionLog, from: u64, to: u64) -> impl DoubleEndedIterator<Item = (Spot, &Entry)> {
    let connection = log.number;
    let place = |number: u64| usize::try_from(number.saturating_sub(log.kept.let_go())).unwrap_or(usize::MAX);
    let entries = log.kept.entries().take(place(to)).skip(place(from));
    entries.map(move |(entry, what)| (Spot { connection, entry }, what))
}

/// The wire panel: which part of the log is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WirePanel {
    /// The frames that are shown.
    pub frames: Frames,
    /// The one call whose frames are shown; none means all calls.
    pub call: Option<u32>,
    /// Which part of the log is in view.
    pub scroll: WireScroll,
    /// The chosen entry.
    pub chosen: Option<Spot>,
    /// Whether the chosen frame's bytes are shown.
    pub bytes: Bytes,
    /// Whether secrets are shown among them.
    pub secrets: Secrets,
}

/// Which part of a log is in view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WireScroll {
    /// The newest, whatever comes.
    #[default]
    Newest,
    /// This entry stays the last one in view, for as long as it is kept.
    Held(Spot),
}

/// Whether the chosen frame's bytes are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bytes {
    /// The ladder alone.
    #[default]
    Hidden,
    /// The ladder, and under it the bytes beside their meaning.
    Shown,
}

/// The types of frames that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Frames {
    /// All of them.
    #[default]
    All,
    /// Those that a call is made of: HEADERS, DATA, `RST_STREAM`.
    Calls,
    /// HEADERS alone.
    Headers,
    /// DATA alone.
    Data,
    /// Those that keep the connection going: SETTINGS, `WINDOW_UPDATE`, PING, GOAWAY and the rest.
    Connection,
}

impl Frames {
    /// The next choice.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::All => Self::Calls,
            Self::Calls => Self::Headers,
            Self::Headers => Self::Data,
            Self::Data => Self::Connection,
            Self::Connection => Self::All,
        }
    }

    /// In a few words; nothing for all of them.
    pub fn words(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::Calls => Some("only frames of calls"),
            Self::Headers => Some("only HEADERS"),
            Self::Data => Some("only DATA"),
            Self::Connection => Some("only frames of the connection"),
        }
    }

    fn admit(self, kind: Kind) -> bool {
        let is_headers = matches!(kind, Kind::Headers | Kind::Continuation | Kind::PushPromise);
        let is_call = is_headers || matches!(kind, Kind::Data | Kind::RstStream);
        match self {
            Self::All => true,
            Self::Calls => is_call,
            Self::Headers => is_headers,
            Self::Data => kind == Kind::Data,
            Self::Connection => !is_call,
        }
    }
}

impl WirePanel {
    /// The chosen frame's call, else the one whose frames are shown, else the newest live one of the focused pane.
    pub fn call_at_hand<'a>(&self, model: &'a Model) -> Option<&'a Call> {
        let by_number = |number| model.panes.iter().find_map(|pane| pane.call(CallId(number)));
        match (self.chosen.and_then(|spot| model.wire.entry(spot)), self.call) {
            (Some(chosen), _) => by_number(chosen.call?),
            (None, Some(number)) => by_number(number),
            (None, None) => model.focused().calls().iter().rev().find(|call| call.is_live()),
        }
    }

    /// Whether an entry is shown. An entry that is not a frame is shown unless the panel is about a single call.
    pub fn admits(&self, entry: &Entry) -> bool {
        let of_call = self.call.is_none_or(|call| entry.call == Some(call));
        of_call
            && match &entry.what {
                What::Frame(head, _) => self.frames.admit(head.kind),
                What::NotKept { .. } => self.frames.admit(Kind::Data),
                What::Preface | What::Lost(_) | What::Closed(_) => true,
            }
    }
}
