//! The streams of a connection, and which call each belongs to.

use std::collections::{BTreeMap, VecDeque};

use super::{
    frame::Direction,
    progress::Place,
    summary::{StreamState, StreamSummary},
    windows::{Balance, Windows},
};

/// Streams that are followed at once. Of more, frames are told without their calls and messages.
pub(super) const MAX_STREAMS: usize = 10_000;
/// Streams that are over and still known: their last frames may be on their way.
const REMEMBERED: usize = 256;
/// Streams that a face is told of.
const TOLD: usize = 256;

/// Something for each direction.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Both<T> {
    pub(super) sent: T,
    pub(super) received: T,
}

impl<T> Both<T> {
    pub(super) fn of(&mut self, direction: Direction) -> &mut T {
        match direction {
            Direction::Sent => &mut self.sent,
            Direction::Received => &mut self.received,
        }
    }
}

/// One stream.
#[derive(Debug, Clone, Default)]
pub(super) struct Stream {
    pub(super) call: Option<u32>,
    pub(super) halves: Both<Half>,
}

/// One direction of a stream.
#[derive(Debug, Clone, Default)]
pub(super) struct Half {
    /// Of the window that its DATA uses.
    pub(super) balance: Balance,
    /// Bytes of messages in the frames that have begun, the whole of each.
    pub(super) bytes: u64,
    pub(super) place: Place,
    /// Its first headers came, 1xx apart.
    pub(super) has_headers: bool,
    pub(super) has_ended: bool,
}

impl Stream {
    pub(super) fn state(&self) -> StreamState {
        match (self.halves.sent.has_ended, self.halves.received.has_ended) {
            (false, false) => StreamState::Open,
            (true, false) => StreamState::YouAreDone,
            (false, true) => StreamState::ServerIsDone,
            (true, true) => StreamState::Closed,
        }
    }

    fn windows(&self, initial: Both<u32>) -> Windows {
        Windows {
            you_may_send: self.halves.sent.balance.window(initial.sent),
            server_may_send: self.halves.received.balance.window(initial.received),
        }
    }
}

/// The streams that are open, and those that lately were.
#[derive(Debug, Default)]
pub(super) struct Streams {
    all: BTreeMap<u32, Stream>,
    /// Those that are over, oldest first.
    over: VecDeque<u32>,
    /// Streams whose headers did not pass yet, with their calls, in the order of their numbers.
    calls: VecDeque<(u32, u32)>,
    newest: u32,
}

impl Streams {
    /// Says which call a stream belongs to, before its first frame passes.
    pub(super) fn label(&mut self, stream: u32, call: u32) {
        if let Some(known) = self.all.get_mut(&stream) {
            known.call = Some(call);
        } else if stream > self.newest {
            match self.calls.binary_search_by_key(&stream, |(labelled, _)| *labelled) {
                Ok(place) => self.calls[place] = (stream, call),
                Err(place) => self.calls.insert(place, (stream, call)),
            }
            if self.calls.len() > MAX_STREAMS {
                self.calls.pop_front();
            }
        }
    }

    pub(super) fn get_mut(&mut self, stream: u32) -> Option<&mut Stream> {
        self.all.get_mut(&stream)
    }

    pub(super) fn call(&self, stream: u32) -> Option<u32> {
        self.all.get(&stream)?.call
    }

    /// A request's headers passed: where the number is new, the stream begins with them.
    pub(super) fn request(&mut self, stream: u32) {
        if stream <= self.newest {
            return;
        }
        self.newest = stream;
        // Streams begin in order (RFC 9113, section 5.1.1): those before it never will.
        let mut call = None;
        while let Some((labelled, found)) = self.calls.pop_front_if(|(labelled, _)| *labelled <= stream) {
            call = (labelled == stream).then_some(found);
        }
        if self.open() < MAX_STREAMS {
            self.all.insert(stream, Stream { call, ..Stream::default() });
        }
    }

    /// A side said that nothing follows.
    pub(super) fn end(&mut self, stream: u32, direction: Direction) {
        self.change(stream, |stream| stream.halves.of(direction).has_ended = true);
    }

    /// A stream was reset, or was never looked at.
    pub(super) fn close(&mut self, stream: u32) {
        self.change(stream, |stream| {
            stream.halves.sent.has_ended = true;
            stream.halves.received.has_ended = true;
        });
    }

    /// Those behind `last` were never looked at.
    pub(super) fn close_behind(&mut self, last: u32) {
        let open =
            |(number, stream): (&u32, &Stream)| (stream.state() != StreamState::Closed).then_some(*number);
        let behind: Vec<u32> = self.all.range(last.saturating_add(1)..).filter_map(open).collect();
        for stream in behind {
            self.close(stream);
        }
    }

    pub(super) fn open(&self) -> usize {
        self.all.len() - self.over.len()
    }

    pub(super) fn summary(&self, initial: Both<u32>) -> Vec<StreamSummary> {
        // Those that are open come first: one may be older than all that were over since.
        let newest = self.all.iter().rev();
        let (over, open): (Vec<_>, Vec<_>) =
            newest.partition(|(_, stream)| stream.state() == StreamState::Closed);
        let mut told: Vec<_> = open
            .into_iter()
            .chain(over)
            .take(TOLD)
            .map(|(number, stream)| StreamSummary {
                stream: *number,
                call: stream.call,
                state: stream.state(),
                windows: stream.windows(initial),
            })
            .collect();
        told.sort_by_key(|stream: &StreamSummary| stream.stream);
        told
    }

    fn change(&mut self, number: u32, change: impl FnOnce(&mut Stream)) {
        let Some(stream) = self.all.get_mut(&number) else { return };
        let was_over = stream.state() == StreamState::Closed;
        change(stream);
        if was_over || stream.state() != StreamState::Closed {
            return;
        }
        self.over.push_back(number);
        if self.over.len() > REMEMBERED
            && let Some(oldest) = self.over.pop_front()
        {
            self.all.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_belongs_to_its_stream_and_to_no_other() {
        let mut streams = Streams::default();
        (1..=3).for_each(|call| streams.label(2 * call - 1, call));
        streams.request(1);
        // The second call was given up before its headers passed.
        streams.request(5);
        assert_eq!([1, 3, 5].map(|stream| streams.call(stream)), [Some(1), None, Some(3)]);
        assert!(streams.calls.is_empty());
        streams.label(3, 2);
        assert!(streams.calls.is_empty());
    }

    #[test]
    fn streams_that_are_over_are_remembered_for_a_while() {
        let mut streams = Streams::default();
        for stream in (1..20_000).step_by(2) {
            streams.label(stream, stream);
            streams.request(stream);
            streams.end(stream, Direction::Sent);
            assert_eq!(streams.open(), 1);
            streams.close(stream);
            streams.close(stream);
            assert_eq!(streams.open(), 0);
            assert!(streams.all.len() <= REMEMBERED);
        }
        assert_eq!(streams.call(19_999), Some(19_999));
        assert_eq!(streams.call(1), None);
    }

    #[test]
    fn no_more_streams_and_calls_are_followed_than_there_is_room_for() {
        let mut streams = Streams::default();
        for stream in 1..2 * MAX_STREAMS as u32 {
            streams.label(stream, stream);
            streams.label(stream + 100_000, stream);
            streams.request(stream);
        }
        assert_eq!(streams.open(), MAX_STREAMS);
        assert!(streams.calls.len() <= MAX_STREAMS);
        assert_eq!(streams.summary(Both::default()).len(), TOLD);
    }

    #[test]
    fn an_open_stream_is_told_however_many_were_over_since() {
        let mut streams = Streams::default();
        streams.request(1);
        for stream in (3..2_000).step_by(2) {
            streams.request(stream);
            streams.close(stream);
        }
        let told = streams.summary(Both::default());
        assert_eq!(told.first().map(|told| (told.stream, told.state)), Some((1, StreamState::Open)));
        assert_eq!(told.len(), TOLD);
    }

    #[test]
    fn what_a_goaway_leaves_out_is_over() {
        let mut streams = Streams::default();
        for stream in [1, 3, 5] {
            streams.request(stream);
        }
        streams.close_behind(3);
        streams.close_behind(u32::MAX);
        let states: Vec<_> = streams.summary(Both::default()).iter().map(|stream| stream.state).collect();
        assert_eq!(states, [StreamState::Open, StreamState::Open, StreamState::Closed]);
    }
}
