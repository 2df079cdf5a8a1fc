//! gRPC's messages in DATA, by their real boundaries: a message over several frames, several in a frame
//! ("gRPC over HTTP/2", Length-Prefixed-Message).

use std::ops::Range;

/// A flag and a length before each message.
pub const PREFIX: usize = 5;

/// What is in a DATA frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Data {
    /// Bytes of messages and their prefixes: the payload without its padding.
    pub bytes: u32,
    /// Padding, its length byte included; it counts against the windows.
    pub padding: u16,
    /// The messages that have a byte in it, counted from 1 on their stream and direction. None in a frame
    /// without bytes, and where they are not followed: too many came, or on too many streams.
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
    /// Bytes at the frame's front that belong to the first one and its prefix, where that began earlier, and
    /// those of them that belong to the prefix.
    pub(super) continued: u32,
    pub(super) prefix: u8,
    /// The first one's whole size without its prefix, and the flag before it, where they are known.
    pub(super) size: Option<u32>,
    pub(super) flag: u8,
}

/// The first byte of a message's prefix ("gRPC over HTTP/2", Compressed-Flag).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// 0: the message is as it is.
    Plain,
    /// 1: it is compressed.
    Compressed,
    /// gRPC has no other.
    Invalid(u8),
}

impl Flag {
    fn of(byte: u8) -> Self {
        match byte {
            0 => Self::Plain,
            1 => Self::Compressed,
            other => Self::Invalid(other),
        }
    }
}

/// A message's part in a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The message's number, counted from 1 on its stream and direction.
    pub number: u64,
    /// Its whole size without the prefix, in bytes; `None` where the prefix is not whole yet.
    pub size: Option<u32>,
    /// What its prefix says of compression; [`Flag::Plain`] where that did not come yet.
    pub flag: Flag,
    /// Whether it began in an earlier frame.
    pub continued: bool,
    /// Its bytes without the prefix, within the payload that is kept; see
    /// [`Kept::payload`](super::Kept::payload).
    pub bytes: Range<usize>,
}

impl Piece {
    /// Whether its prefix says that it is compressed.
    pub fn is_compressed(&self) -> bool {
        self.flag == Flag::Compressed
    }

    /// Whether all of the message lies in `bytes`.
    pub fn is_whole(&self) -> bool {
        !self.continued && self.size.is_some_and(|size| size as usize == self.bytes.len())
    }
}

impl Data {
    /// The messages' parts in what is kept of the payload, in order.
    pub fn pieces(&self, payload: &[u8]) -> impl Iterator<Item = Piece> {
        let body = payload.get(usize::from(self.padding.min(1))..).unwrap_or_default();
        let body = &body[..body.len().min(self.bytes as usize)];
        Pieces { messages: self.messages, body, shift: usize::from(self.padding.min(1)), at: 0, told: 0 }
    }
}

/// Goes through a frame message by message.
struct Pieces<'a> {
    messages: Messages,
    body: &'a [u8],
    /// What stands before the body in the payload.
    shift: usize,
    at: usize,
    told: u32,
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        let Messages { first, count, continued, prefix, size, flag, .. } = self.messages;
        if self.told == count || self.at > self.body.len() {
            return None;
        }
        let number = first + u64::from(self.told);
        let is_continued = self.told == 0 && continued > 0;
        self.told += 1;
        let (size, flag, from, end) = if is_continued {
            (size, flag, self.at + usize::from(prefix), self.at + continued as usize)
        } else {
            match self.body.get(self.at..).and_then(<[u8]>::first_chunk::<PREFIX>) {
                Some([flag, length @ ..]) => {
                    let size = u32::from_be_bytes(*length);
                    let from = self.at + PREFIX;
                    (Some(size), *flag, from, from.saturating_add(size as usize))
                }
                None => (None, 0, self.body.len(), self.body.len() + 1),
            }
        };
        self.at = end;
        let within = |at: usize| at.min(self.body.len()) + self.shift;
        let bytes = within(from)..within(end);
        Some(Piece { number, size, flag: Flag::of(flag), continued: is_continued, bytes })
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{super::progress::Place, *};

    fn message(flag: u8, body: &[u8]) -> Vec<u8> {
        [&[flag][..], &(body.len() as u32).to_be_bytes(), body].concat()
    }

    /// The frames of a stream as lines, each read in pieces of a size.
    fn told(frames: &[&[u8]], size: usize) -> Vec<String> {
        let mut progress = Place::default();
        let told = |frame: &&[u8]| {
            let (first, rest) = frame.split_at(frame.len().min(size));
            let mut messages = progress.begin(first, None);
            rest.chunks(size).for_each(|piece| progress.take(piece, &mut messages, None));
            let data = Data { bytes: frame.len() as u32, padding: 0, messages };
            let pieces: Vec<String> = data.pieces(frame).map(|piece| line(&piece, frame)).collect();
            assert_eq!(pieces.len(), messages.count as usize, "{pieces:?}");
            format!("{} ended: {}", messages.ended, pieces.join(", "))
        };
        frames.iter().map(told).collect()
    }

    fn line(piece: &Piece, frame: &[u8]) -> String {
        let size = piece.size.map_or_else(|| "?".to_owned(), |size| size.to_string());
        let marks = [(piece.is_compressed(), "z"), (piece.continued, "+"), (piece.is_whole(), ".")];
        let marks: String = marks.iter().filter_map(|(is, mark)| is.then_some(*mark)).collect();
        format!("{} {size}{marks} {}", piece.number, frame[piece.bytes.clone()].escape_ascii())
    }

    fn assert_told(frames: &[&[u8]], expected: &[&str]) {
        for size in [usize::MAX, 1, 2, 3, 7] {
            assert_eq!(told(frames, size), expected, "in pieces of {size}");
        }
    }

    #[test]
    fn several_messages_stand_in_a_frame() {
        let frame = [message(0, b"a"), message(0, b""), message(1, b"bcd"), message(0, b"e")].concat();
        assert_told(&[&frame, b""], &["4 ended: 1 1. a, 2 0. , 3 3z. bcd, 4 1. e", "0 ended: "]);
    }

    #[test]
    fn a_message_stands_in_several_frames() {
        let bytes = [message(1, b"abcdef"), message(0, b"g")].concat();
        assert_told(
            &[&bytes[..7], &bytes[7..9], &bytes[9..]],
            &["0 ended: 1 6z ab", "0 ended: 1 6z+ cd", "2 ended: 1 6z+ ef, 2 1. g"],
        );
    }

    #[test]
    fn a_prefix_stands_in_several_frames() {
        let bytes = [message(0, b"ab"), message(1, b"cd"), message(0, b"")].concat();
        assert_told(
            &[&bytes[..9], &bytes[9..10], &bytes[10..13], &bytes[13..14], &bytes[14..]],
            &[
                "1 ended: 1 2. ab, 2 ? ",
                "0 ended: 2 ?+ ",
                "0 ended: 2 2z+ c",
                "1 ended: 2 2z+ d",
                "1 ended: 3 0. ",
            ],
        );
    }

    #[test]
    fn padding_is_no_message() {
        let payload = [&[3][..], &message(0, b"ab"), b"\0\0\0"].concat();
        let mut progress = Place::default();
        let messages = progress.begin(&payload[1..8], None);
        let data = Data { bytes: 7, padding: 4, messages };
        let pieces: Vec<String> = data.pieces(&payload).map(|piece| line(&piece, &payload)).collect();
        assert_eq!(pieces, ["1 2. ab"]);
    }

    #[test]
    fn what_is_kept_of_a_frame_may_be_less_than_it_was() {
        let frame = [message(0, b"ab"), message(0, b"cdefgh"), message(0, b"i")].concat();
        let mut progress = Place::default();
        let messages = progress.begin(&frame, None);
        let data = Data { bytes: frame.len() as u32, padding: 0, messages };
        let of = |kept| {
            let pieces: Vec<String> =
                data.pieces(&frame[..kept]).map(|piece| line(&piece, &frame[..kept])).collect();
            pieces.join(", ")
        };
        assert_eq!(of(0), "1 ? ");
        assert_eq!(of(6), "1 2 a");
        assert_eq!(of(7), "1 2. ab, 2 ? ");
        assert_eq!(of(14), "1 2. ab, 2 6 cd");
        assert_eq!(of(18), "1 2. ab, 2 6. cdefgh, 3 ? ");
    }

    proptest! {
        #[test]
        fn every_message_is_counted_once_however_it_is_cut(
            sizes in vec(prop_oneof![0_usize..4, 20..22_usize], 0..40),
            cuts in vec(1_usize..50, 1..200),
            size in 1_usize..30,
        ) {
            let bytes: Vec<u8> = sizes.iter().flat_map(|size| message(0, &vec![b'x'; *size])).collect();
            let (mut progress, mut rest, mut ended, mut seen) = (Place::default(), &bytes[..], 0, 0);
            for cut in cuts.iter().cycle() {
                let (frame, behind) = rest.split_at(rest.len().min(*cut));
                let (first, more) = frame.split_at(frame.len().min(size));
                let mut found = progress.begin(first, None);
                more.chunks(size).for_each(|piece| progress.take(piece, &mut found, None));
                ended += found.ended as usize;
                let data = Data { bytes: frame.len() as u32, padding: 0, messages: found };
                for piece in data.pieces(frame) {
                    seen += piece.bytes.len();
                    if let Some(size) = piece.size {
                        prop_assert_eq!(size as usize, sizes[piece.number as usize - 1]);
                    }
                }
                rest = behind;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(ended, sizes.len());
            prop_assert_eq!(seen, sizes.iter().sum::<usize>());
        }
    }
}
