//! Replies as they came, several together.
//!
//! Of a stream at full speed a face sees one reply in a hundred. So replies are counted when they come, kept
//! in runs, and taken apart only where they are looked at.

use std::{iter, ops::Range, time::Duration};

use bytes::Bytes;

use super::{Counts, Entry, What};
pub(super) use crate::wire::messages::PREFIX;

/// Replies that came together, at least one, each with its prefix, as they came.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) at: Duration,
    pub(super) messages: usize,
    pub(super) framed: Bytes,
}

impl Run {
    /// Bytes of the messages, without their prefixes.
    fn size(&self) -> usize {
        self.framed.len() - self.messages * PREFIX
    }

    /// Where the message lies whose prefix begins here.
    fn place(&self, prefix: usize) -> Option<Range<usize>> {
        let [_, length @ ..] = *self.framed.get(prefix..)?.first_chunk::<PREFIX>()?;
        let from = prefix + PREFIX;
        Some(from..from + u32::from_be_bytes(length) as usize)
    }

    /// Where each message lies, without its prefix.
    fn places(&self) -> impl Iterator<Item = Range<usize>> {
        iter::successors(self.place(0), |before| self.place(before.end))
    }

    /// Its messages, each a part of the whole.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> {
        self.places().map(|place| self.entry(place))
    }

    /// The same, of a run that nobody else needs.
    pub(super) fn into_entries(self) -> Entries {
        Entries { run: self, read: 0 }
    }

    fn entry(&self, place: Range<usize>) -> Entry {
        Entry { at: self.at, what: What::Received(self.framed.slice(place)) }
    }

    /// All but its oldest; none where that was all.
    fn without_oldest(&self) -> Option<Self> {
        let oldest = self.places().next().filter(|_| self.messages > 1)?;
        Some(Self { at: self.at, messages: self.messages - 1, framed: self.framed.slice(oldest.end..) })
    }
}

/// The messages of a run.
#[derive(Debug)]
pub(super) struct Entries {
    run: Run,
    /// Where the next begins.
    read: usize,
}

impl Iterator for Entries {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let place = self.run.place(self.read)?;
        self.read = place.end;
        Some(self.run.entry(place))
    }
}

/// One thing or several of a transcript.
#[derive(Debug, Clone)]
pub(super) enum Item {
    /// Something that was sent, or a reply by itself.
    One(Entry),
    /// Replies that came together.
    Replies(Run),
}

impl Item {
    /// How many entries it is; at least one.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Replies(run) => run.messages,
        }
    }

    /// Bytes of the messages.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::One(entry) => entry.size(),
            Self::Replies(run) => run.size(),
        }
    }

    pub(super) fn counts(&self) -> Counts {
        match self {
            Self::One(entry) => Counts::of(entry),
            Self::Replies(run) => Counts {
                received: run.messages as u64,
                received_bytes: run.size() as u64,
                ..Counts::default()
            },
        }
    }

    pub(super) fn is_half_close(&self) -> bool {
        matches!(self, Self::One(Entry { what: What::EndOfStream, .. }))
    }

    /// When its first reply came.
    pub(super) fn first_received(&self) -> Option<Duration> {
        match self {
            Self::One(Entry { what: What::Received(_), at }) => Some(*at),
            Self::One(_) => None,
            Self::Replies(run) => Some(run.at),
        }
    }

    /// Its entries, oldest first.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> {
        let (one, run) = match self {
            Self::One(entry) => (Some(entry.clone()), None),
            Self::Replies(run) => (None, Some(run)),
        };
        one.into_iter().chain(run.into_iter().flat_map(Run::entries))
    }

    /// One of its entries.
    pub(super) fn get(&self, at: usize) -> Option<Entry> {
        match self {
            Self::One(entry) => (at == 0).then(|| entry.clone()),
            Self::Replies(run) => run.places().nth(at).map(|place| run.entry(place)),
        }
    }

    /// Its oldest entry, by itself, and the rest. It is kept for long, and must not keep its neighbours' room.
    pub(super) fn split_oldest(self) -> (Option<Entry>, Option<Self>) {
        match self {
            Self::One(entry) => (Some(entry), None),
            Self::Replies(run) => {
                let rest = run.without_oldest();
                let oldest = run.entries().next();
                let oldest = if rest.is_some() { oldest.map(Entry::by_itself) } else { oldest };
                (oldest, rest.map(Self::Replies))
            }
        }
    }

    /// Lets go of its oldest entries while `more`, asked with the size of each, says so. What is left, if
    /// anything, and how many are gone.
    pub(super) fn shortened(self, mut more: impl FnMut(usize) -> bool) -> (Option<Self>, usize) {
        let run = match self {
            Self::One(entry) => {
                let gone = more(entry.size());
                return if gone { (None, 1) } else { (Some(Self::One(entry)), 0) };
            }
            Self::Replies(run) => run,
        };
        let (mut gone, mut from) = (0, 0);
        for place in run.places() {
            if !more(place.len()) {
                break;
            }
            (gone, from) = (gone + 1, place.end);
        }
        let left = Run { messages: run.messages - gone, framed: run.framed.slice(from..), ..run };
        ((left.messages > 0).then_some(Self::Replies(left)), gone)
    }
}
