//! The wire as the screen knows it: the logs of the newest connections, and which part of them is shown.

mod panel;

use std::collections::BTreeMap;

use super::Model;
use crate::{
    rpc::CallId,
    schema::MessageType,
    wire::{ConnectionLog, Direction, Entry, Kept},
};

pub use panel::{Bytes, Frames, Shown, WirePanel, WireScroll};

type Connections = BTreeMap<u32, ConnectionLog>;

/// What passed on the newest connections of the present channel.
#[derive(Debug, Clone, Default)]
pub struct Wire {
    connections: Connections,
    /// Frames that passed in all, those of earlier connections too.
    passed: u64,
    hold: Option<Hold>,
}

/// What is looked at stays as it is, whatever passes.
#[derive(Debug, Clone)]
struct Hold {
    /// Frames that had passed when it began, and the last entry.
    passed: u64,
    last: Option<Spot>,
    /// What is looked at, from where on the logs let go of it. Until then they hold it themselves.
    picture: Option<Connections>,
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
        self.save_the_picture(&news);
        for log in news {
            let known = self.connections.get_mut(&log.number);
            let before = known.as_ref().map_or(0, |known| known.summary.frames());
            self.passed += log.summary.frames().saturating_sub(before);
            match known {
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

    /// Keeps all that is looked at from here on, until it is released.
    pub fn hold(&mut self) {
        if self.hold.is_none() {
            let last = self.entries().next_back().map(|(spot, _)| spot);
            self.hold = Some(Hold { passed: self.passed, last, picture: None });
        }
    }

    /// What is looked at is the newest again.
    pub fn release(&mut self) {
        self.hold = None;
    }

    /// Frames that passed since the view is held.
    pub fn passed_since(&self) -> u64 {
        self.hold.as_ref().map_or(0, |hold| self.passed - hold.passed)
    }

    /// Whether an entry came while the view is held.
    pub fn is_behind_the_hold(&self, spot: Spot) -> bool {
        self.hold.as_ref().is_some_and(|hold| hold.last.is_none_or(|last| spot > last))
    }

    /// Where the news would push out what is held, that is copied before.
    fn save_the_picture(&mut self, news: &[ConnectionLog]) {
        let Some(hold) = self.hold.as_mut().filter(|hold| hold.picture.is_none()) else { return };
        let has_room = |log: &ConnectionLog| {
            self.connections.get(&log.number).is_none_or(|known| known.kept.has_room_for(&log.kept))
        };
        let new = news.iter().filter(|log| !self.connections.contains_key(&log.number)).count();
        if !news.iter().all(has_room) || self.connections.len() + new > Self::MAX_CONNECTIONS {
            hold.picture = Some(self.connections.clone());
        }
    }

    fn looked_at(&self) -> &Connections {
        self.hold.as_ref().and_then(|hold| hold.picture.as_ref()).unwrap_or(&self.connections)
    }

    /// The connections as they are now, oldest first.
    pub fn connections(&self) -> impl DoubleEndedIterator<Item = &ConnectionLog> + ExactSizeIterator {
        self.connections.values()
    }

    /// A connection by its number, as it is now or was when it was last kept.
    pub fn connection(&self, number: u32) -> Option<&ConnectionLog> {
        self.connections.get(&number).or_else(|| self.looked_at().get(&number))
    }

    /// The newest connection that the call was on.
    fn connection_of(&self, call: u32) -> Option<&ConnectionLog> {
        self.connections.values().rev().find(|log| {
            log.summary.streams.iter().any(|stream| stream.call == Some(call))
                || log.kept.entries().any(|(_, entry)| entry.call == Some(call))
        })
    }

    /// What is looked at of a connection.
    pub fn kept(&self, connection: u32) -> Option<&Kept> {
        Some(&self.looked_at().get(&connection)?.kept)
    }

    /// An entry, if it is kept.
    pub fn entry(&self, spot: Spot) -> Option<&Entry> {
        self.kept(spot.connection)?.get(spot.entry)
    }

    /// All entries that are looked at, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (Spot, &Entry)> {
        self.looked_at().values().flat_map(|log| spots(log, 0, u64::MAX))
    }

    /// Those up to and including a spot, oldest first.
    pub fn entries_to(&self, last: Spot) -> impl DoubleEndedIterator<Item = (Spot, &Entry)> {
        self.looked_at().range(..=last.connection).flat_map(move |(number, log)| {
            spots(log, 0, if *number == last.connection { last.entry + 1 } else { u64::MAX })
        })
    }

    /// Those from a spot on, including it, oldest first.
    pub fn entries_from(&self, first: Spot) -> impl DoubleEndedIterator<Item = (Spot, &Entry)> {
        self.looked_at().range(first.connection..).flat_map(move |(number, log)| {
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

impl Model {
    /// The type of the messages in a frame.
    pub fn message_type_of(&self, entry: &Entry) -> Option<&MessageType> {
        let method = &self.call(CallId(entry.call?))?.method;
        Some(match entry.direction {
            Direction::Sent => method.request(),
            Direction::Received => method.reply(),
        })
    }
}
