//! The wire panel: what of the log is shown.

use super::{Spot, Wire};
use crate::{
    rpc::CallId,
    text::Secrets,
    tui::model::{Call, Model},
    wire::{ConnectionLog, Content, Direction, Entry, Kind, What},
};

/// The wire panel: what of the log is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WirePanel {
    /// The frames that are shown.
    pub frames: Frames,
    /// The one call whose frames are shown; all, where there is none.
    pub call: Option<u32>,
    /// Which part of the log is in view.
    pub scroll: WireScroll,
    /// The chosen entry.
    pub chosen: Option<Spot>,
    /// Whether the chosen frame's bytes are shown.
    pub bytes: Bytes,
    /// The first row of them that is in view.
    pub bytes_top: usize,
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
    /// The chosen frame's call, else the one that is looked at, else the newest live one of the focused pane.
    pub fn call_at_hand<'a>(&self, model: &'a Model) -> Option<&'a Call> {
        match (self.chosen.and_then(|spot| model.wire.entry(spot)), self.call) {
            (Some(chosen), call) => model.call(CallId(chosen.call.or(call)?)),
            (None, Some(number)) => model.call(CallId(number)),
            (None, None) => model.focused().calls().iter().rev().find(|call| call.is_live()),
        }
    }

    /// The chosen frame's connection, else that of the call that is looked at, else that of a held view, else the newest.
    pub fn connection_at_hand<'a>(&self, wire: &'a Wire) -> Option<&'a ConnectionLog> {
        let at = |spot: Spot| wire.connection(spot.connection);
        let held = || match self.scroll {
            WireScroll::Held(last) => at(last),
            WireScroll::Newest => None,
        };
        let of_call = || wire.connection_of(self.call?);
        self.chosen.and_then(at).or_else(of_call).or_else(held).or_else(|| wire.connections().next_back())
    }

    /// Which entries are shown, as the log is now.
    pub fn shown(&self, wire: &Wire) -> Shown {
        let stays = |call| (call, stays(wire, call));
        Shown { frames: self.frames, call: self.call.map(stays) }
    }
}

/// Which entries of a log are shown.
#[derive(Debug, Clone)]
pub struct Shown {
    frames: Frames,
    /// The one call whose frames are shown, and where it was.
    call: Option<(u32, Vec<Stay>)>,
}

/// A call on a connection.
#[derive(Debug, Clone, Copy)]
struct Stay {
    first: Spot,
    last: Spot,
    /// Whether its last frame ended it. What did not end so ended with the connection, or is still open.
    is_over: bool,
}

impl Stay {
    /// Of the first frame of it that is kept. Where it began earlier, so did its stay.
    fn from(spot: Spot, entry: &Entry) -> Self {
        let begins =
            entry.direction == Direction::Sent && entry.head().is_some_and(|head| head.kind == Kind::Headers);
        let first = if begins { spot } else { Spot { entry: 0, ..spot } };
        Self { first, last: spot, is_over: false }
    }

    fn goes_on(&mut self, spot: Spot, entry: &Entry) {
        self.last = spot;
        self.is_over |= entry.head().is_some_and(|head| {
            head.kind == Kind::RstStream || entry.direction == Direction::Received && head.ends_stream()
        });
    }

    fn covers(&self, spot: Spot) -> bool {
        spot.connection == self.first.connection && spot >= self.first && (spot <= self.last || !self.is_over)
    }
}

impl Shown {
    /// Whether an entry is shown.
    pub fn has(&self, spot: Spot, entry: &Entry) -> bool {
        self.is_of_the_call(spot, entry)
            && match &entry.what {
                What::Frame(head, _) => self.frames.admit(head.kind),
                What::NotKept { .. } => self.frames.admit(Kind::Data),
                What::Preface | What::Lost(_) | What::Closed(_) => true,
            }
    }

    /// Whether it is a frame of the one call, or happened to all calls of the connection while that was on it.
    fn is_of_the_call(&self, spot: Spot, entry: &Entry) -> bool {
        let Some((call, stays)) = &self.call else { return true };
        entry.call == Some(*call) || concerns_all(entry) && stays.iter().any(|stay| stay.covers(spot))
    }
}

fn concerns_all(entry: &Entry) -> bool {
    match &entry.what {
        What::Frame(_, content) => matches!(content, Content::GoAway { .. }),
        What::NotKept { .. } | What::Lost(_) | What::Closed(_) => true,
        What::Preface => false,
    }
}

fn stays(wire: &Wire, call: u32) -> Vec<Stay> {
    let mut stays: Vec<Stay> = Vec::new();
    for (spot, entry) in wire.entries().filter(|(_, entry)| entry.call == Some(call)) {
        if stays.last().is_none_or(|stay| stay.first.connection != spot.connection) {
            stays.push(Stay::from(spot, entry));
        }
        if let Some(stay) = stays.last_mut() {
            stay.goes_on(spot, entry);
        }
    }
    stays
}
