//! What DATA says and changes: the windows, and how far a stream's messages are. A stream at full speed is made
//! of it, so here the work for a frame counts.

use std::{mem, sync::atomic::Ordering};

use super::{
    entry::{Content, Fault, What},
    frame::{Direction, Flags, HEAD, Head, Kind},
    hearing::Hearing,
    kept::{Attention, MAX_PAYLOAD},
    messages::{Data, Messages},
    payload,
    progress::{Effort, Place},
    state::{Begun, Side},
    walk::DEFAULT_MAX_FRAME,
};

/// DATA frames of a direction that are kept in a span of time while nobody looks, or looks fast enough.
const KEPT_UNSEEN: usize = 16;

impl Hearing<'_> {
    /// A flood of small frames: none is kept, and nothing is to be known of one that is not the same for all.
    pub(super) fn data_alike(&mut self, head: Head, frames: &[u8]) -> usize {
        if head.flags != Flags::default() || self.is_seen() {
            return 0;
        }
        let is_time_to_ask = self.is_time_to_ask();
        let Some(stream) = self.state.streams.get_mut(head.stream) else { return 0 };
        let half = stream.halves.of(self.direction);
        if is_time_to_ask && matches!(half.place, Place::Unknown) {
            return 0;
        }
        let (length, first) = (head.length as usize, head.bytes());
        let all = frames.chunks_exact(HEAD + length).map_while(<[u8]>::split_first_chunk);
        let same = all.take_while(|(head, _)| **head == first);
        let count =
            half.place.one_each(length, same.map_while(|(_, payload)| payload.first_chunk().copied()));
        let (count, bytes) = (count as u64, (count * length) as u64);
        half.bytes += bytes;
        half.balance.spend(bytes.cast_signed());
        let side = self.state.sides.of(self.direction);
        side.balance.spend(bytes.cast_signed());
        side.totals.count(Kind::Data, count);
        side.unseen.add(count, bytes);
        count as usize
    }

    /// Whether a DATA frame that begins now is kept.
    fn is_seen(&mut self) -> bool {
        // A face that looks gets all that it takes in time; of more than that, as much as one that does not.
        let is_awaited = self.state.attention == Attention::Open && !self.state.kept.is_full();
        let side = self.state.sides.of(self.direction);
        is_awaited || side.seen < KEPT_UNSEEN || side.block.is_some()
    }

    /// Whether a stream whose place is not known could be followed again.
    fn is_time_to_ask(&mut self) -> bool {
        self.state.attention == Attention::Open && self.side().effort.is_left()
    }

    /// A DATA frame that came at once.
    #[inline]
    pub(super) fn whole_data(&mut self, head: Head, payload: &[u8]) {
        let begun = self.data_begins(head, payload);
        self.data_ends(head, &begun, payload);
    }

    /// A DATA frame with the first piece of its payload: what it takes of the windows, and its messages.
    #[inline]
    fn data_begins(&mut self, head: Head, piece: &[u8]) -> Begun {
        let (is_seen, is_time_to_ask) = (self.is_seen(), self.is_time_to_ask());
        let side = self.state.sides.of(self.direction);
        side.totals.count(Kind::Data, 1);
        side.balance.spend(i64::from(head.length));
        let padding = payload::padding(head, piece);
        let bytes = head.length.saturating_sub(u32::from(padding));
        let Some(stream) = self.state.streams.get_mut(head.stream) else {
            return Begun {
                call: None,
                data: Data { bytes, padding, messages: Messages::default() },
                is_seen,
            };
        };
        let call = stream.call;
        let half = stream.halves.of(self.direction);
        half.balance.spend(i64::from(head.length));
        half.bytes += u64::from(bytes);
        let messages = match half.place {
            Place::Known(_) => {
                half.place.begin(payload::body(head, padding, 0, piece), effort(self.direction, side))
            }
            Place::Unknown => {
                if is_time_to_ask {
                    self.state.asked.store(head.stream, Ordering::Relaxed);
                }
                Messages::default()
            }
        };
        Begun { call, data: Data { bytes, padding, messages }, is_seen }
    }

    #[inline]
    fn data_ends(&mut self, head: Head, begun: &Begun, payload: &[u8]) {
        let side = self.state.sides.of(self.direction);
        side.effort.spend(begun.data.messages);
        if begun.is_seen {
            side.seen += 1;
            self.state.tell_unseen(self.direction);
            self.interrupt();
            let what = What::Frame(head, checked(head, &begun.data));
            self.state.push(self.direction, begun.call, what, payload);
        } else {
            side.unseen.add(1, u64::from(head.length));
        }
        if head.ends_stream() {
            self.state.streams.end(head.stream, self.direction);
        }
    }

    /// A piece of a DATA frame that does not come at once.
    #[inline(never)]
    pub(super) fn part_of_data(&mut self, head: Head, at: u32, piece: &[u8]) {
        let mut passing = mem::take(&mut self.side().passing);
        if at == 0 {
            passing.begun = self.data_begins(head, piece);
        } else if let Some(stream) = self.state.streams.get_mut(head.stream) {
            let body = payload::body(head, passing.begun.data.padding, at, piece);
            let effort = effort(self.direction, self.state.sides.of(self.direction));
            stream.halves.of(self.direction).place.take(body, &mut passing.begun.data.messages, effort);
        }
        let most = if self.state.asked.load(Ordering::Relaxed) == head.stream {
            // Before its end it may become known where its messages stand.
            DEFAULT_MAX_FRAME as usize
        } else if passing.begun.is_seen {
            MAX_PAYLOAD
        } else {
            0
        };
        let room = most.saturating_sub(passing.payload.len());
        passing.payload.extend_from_slice(&piece[..piece.len().min(room)]);
        let came = at + piece.len() as u32;
        passing.head = (came < head.length).then_some((head, came));
        if passing.head.is_none() {
            self.data_ends(head, &passing.begun, &passing.payload);
            passing.payload.clear();
        }
        self.side().passing = passing;
    }
}

/// What may be done to count a direction's messages. What is sent is counted in any case: nobody else could say
/// how far it is, and it comes from whoever sits here.
fn effort(direction: Direction, side: &mut Side) -> Option<&mut Effort> {
    match direction {
        Direction::Sent => None,
        Direction::Received => Some(&mut side.effort),
    }
}

/// What is in a DATA frame, if it is as it must be.
#[inline]
fn checked(head: Head, data: &Data) -> Content {
    if head.stream == 0 {
        Content::Malformed(Fault::Stream)
    } else if u32::from(data.padding) > head.length {
        Content::Malformed(Fault::Padding)
    } else {
        Content::Data(*data)
    }
}
