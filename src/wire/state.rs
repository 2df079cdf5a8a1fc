//! What is known of a connection from all that passed on it.

use std::{
    collections::VecDeque,
    mem,
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};

use super::{
    entry::What,
    frame::{Direction, HEAD, Head},
    hpack::Decoder,
    kept::{Attention, Kept},
    messages::Data,
    payload,
    progress::{Effort, Place, Progress, Reached},
    repeated::Repeated,
    streams::{Both, Streams},
    summary::{Summary, Totals},
    walk::DEFAULT_MAX_FRAME,
    windows::{Balance, DEFAULT_WINDOW, Windows},
};

/// A bounded number of DATA frames is kept in so much time while nobody looks, and of messages counted.
const SPAN: Duration = Duration::from_millis(33);

#[derive(Debug, Default)]
pub(super) struct State {
    /// Since the first byte.
    pub(super) at: Duration,
    pub(super) attention: Attention,
    pub(super) kept: Kept,
    pub(super) sides: Both<Side>,
    pub(super) streams: Streams,
    pub(super) round_trip: Option<Duration>,
    pub(super) is_closed: bool,
    /// When the present span of time ends.
    pub(super) span_ends: Duration,
    /// The stream of whose response it is asked how far the messages are; 0 for none.
    pub(super) asked: Arc<AtomicU32>,
    /// Something passed that was not taken yet.
    pub(super) has_news: bool,
}

/// What is known of what one side says.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) totals: Totals,
    pub(super) hpack: Decoder,
    pub(super) repeated: Repeated,
    /// A header block that is not whole yet.
    pub(super) block: Option<OpenBlock>,
    /// Of the connection's window that its DATA uses.
    pub(super) balance: Balance,
    /// With what the window of each of its streams begins.
    pub(super) initial_window: u32,
    /// The longest frame that it may send.
    pub(super) longest: u32,
    /// What it said in SETTINGS that were not acknowledged, oldest first.
    pub(super) said: VecDeque<Said>,
    pub(super) pings: VecDeque<(Vec<u8>, Duration)>,
    pub(super) passing: Passing,
    /// What may be counted of messages in this span of time.
    pub(super) effort: Effort,
    /// DATA frames of it that are kept in this span of time.
    pub(super) seen: usize,
    pub(super) unseen: Unseen,
    pub(super) is_over: bool,
}

impl Default for Side {
    fn default() -> Self {
        Self {
            totals: Totals::default(),
            hpack: Decoder::default(),
            repeated: Repeated::default(),
            block: None,
            balance: Balance::default(),
            initial_window: DEFAULT_WINDOW,
            longest: DEFAULT_MAX_FRAME,
            said: VecDeque::new(),
            pings: VecDeque::new(),
            passing: Passing::default(),
            effort: Effort::default(),
            seen: 0,
            unseen: Unseen::default(),
            is_over: false,
        }
    }
}

/// DATA frames that are not kept, and of which nothing was said yet.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Unseen {
    frames: u64,
    /// Headers and all.
    bytes: u64,
}

impl Unseen {
    /// Counts frames whose payloads have so many bytes together.
    pub(super) fn add(&mut self, frames: u64, payloads: u64) {
        self.frames += frames;
        self.bytes += payloads + frames * HEAD as u64;
    }
}

/// Settings that hold for the other side once it acknowledged them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said {
    pub(super) initial_window: Option<u32>,
    pub(super) table: Option<u32>,
}

/// A header block of which not all came.
#[derive(Debug)]
pub(super) struct OpenBlock {
    /// The frame that it began with.
    pub(super) head: Head,
    pub(super) bytes: Vec<u8>,
}

/// What is known of a DATA frame so far.
#[derive(Debug, Default)]
pub(super) struct Begun {
    pub(super) call: Option<u32>,
    pub(super) data: Data,
    /// It is kept.
    pub(super) is_seen: bool,
}

/// A DATA frame of which not all came.
#[derive(Debug, Default)]
pub(super) struct Passing {
    /// Its header, and how much of its payload came; `None` between frames.
    pub(super) head: Option<(Head, u32)>,
    pub(super) begun: Begun,
    /// What is kept of its payload.
    pub(super) payload: Vec<u8>,
}

impl State {
    pub(super) fn summary(&self) -> Summary {
        let Both { sent, received } = &self.sides;
        let initial = Both { sent: sent.initial_window, received: received.initial_window };
        Summary {
            sent: sent.totals,
            received: received.totals,
            windows: Windows {
                you_may_send: sent.balance.window(DEFAULT_WINDOW),
                server_may_send: received.balance.window(DEFAULT_WINDOW),
            },
            streams_open: self.streams.open(),
            streams: self.streams.summary(initial),
            round_trip: self.round_trip,
            is_closed: self.is_closed,
        }
    }

    #[inline]
    pub(super) fn push(&mut self, direction: Direction, call: Option<u32>, what: What, payload: &[u8]) {
        self.kept.push(self.at, direction, call, what, payload);
    }

    /// Some frames are kept again and some messages counted.
    pub(super) fn span_begins(&mut self) {
        self.span_ends = self.at + SPAN;
        for direction in [Direction::Sent, Direction::Received] {
            self.tell_unseen(direction);
            let side = self.sides.of(direction);
            (side.seen, side.effort) = (0, Effort::default());
        }
    }

    /// Goes on with a response's messages where that is known: by who took all that was heard here.
    pub(super) fn reached(&mut self, stream: u32, Reached { bytes, messages, begun }: Reached<'_>) {
        let side = &mut self.sides.received;
        let Some(half) = self.streams.get_mut(stream).map(|stream| &mut stream.halves.received) else {
            return;
        };
        if let Place::Known(_) = half.place {
            return;
        }
        let passing = side.passing.head.filter(|(head, _)| head.stream == stream);
        let behind = if passing.is_some() { u64::from(side.passing.begun.data.bytes) } else { 0 };
        if half.bytes.checked_sub(behind) != Some(bytes) {
            return;
        }
        let mut place = Place::Known(Progress::behind(messages, begun));
        if let Some((head, came)) = passing {
            // A frame that is not whole was not given on yet. What came of it must be there to be read.
            let Passing { begun, payload, .. } = &mut side.passing;
            if payload.len() != came as usize {
                return;
            }
            let body = payload::body(head, begun.data.padding, 0, payload);
            begun.data.messages = place.begin(body, Some(&mut side.effort));
        }
        half.place = place;
    }

    /// Says how much was not kept, before something else is.
    pub(super) fn tell_unseen(&mut self, direction: Direction) {
        let Unseen { frames, bytes } = mem::take(&mut self.sides.of(direction).unseen);
        if frames > 0 {
            self.push(direction, None, What::NotKept { frames, bytes }, &[]);
        }
    }
}
