//! A response of which more passes than is followed, and the way back.

use greeter::wire::{
    Attention, Content, Data, Ear, Flags, Head, Kind, Labels, Messages, Reached, Watch, WireLog,
};
use proptest::{collection::vec, prelude::*};

fn frame(kind: Kind, stream: u32, payload: &[u8]) -> Vec<u8> {
    let head = Head {
        length: payload.len() as u32,
        kind,
        flags: Flags(4 * u8::from(kind == Kind::Headers)),
        stream,
    };
    [&head.bytes()[..], payload].concat()
}

fn message(size: usize) -> Vec<u8> {
    [&[0][..], &(size as u32).to_be_bytes(), &vec![b'x'; size]].concat()
}

/// A connection with a call on stream 1.
struct Heard {
    log: WireLog,
    ear: Ear,
    labels: Labels,
}

impl Heard {
    fn new() -> Self {
        let log = WireLog::new();
        let (mut ear, labels) = log.connection();
        ear.sent(greeter::wire::walk::PREFACE);
        ear.sent(&[frame(Kind::Settings, 0, b""), frame(Kind::Headers, 1, b"")].concat());
        ear.received(&frame(Kind::Settings, 0, b""));
        Self { log, ear, labels }
    }

    /// Frames that come in one piece.
    fn data(&mut self, frames: &[&[u8]]) {
        let bytes: Vec<u8> = frames.iter().flat_map(|payload| frame(Kind::Data, 1, payload)).collect();
        self.ear.received(&bytes);
    }

    /// What is told of the DATA frames that are new.
    fn told(&self) -> Vec<Data> {
        let logs = self.log.take();
        let entries = logs.iter().flat_map(|log| log.kept.entries());
        let data = entries.filter_map(|(_, entry)| match entry.content() {
            Some(Content::Data(data)) => Some(*data),
            _ => None,
        });
        data.collect()
    }

    fn server_may_send(&mut self) -> i64 {
        self.data(&[b""]);
        self.log.look(Attention::Open);
        self.log.take()[0].summary.streams[0].windows.server_may_send.left
    }
}

/// So many messages of no bytes that a log that is closed does not follow them.
const MANY: usize = 50_000;

fn flood() -> (Heard, Vec<u8>) {
    let (mut heard, bytes) = (Heard::new(), message(0).repeat(MANY));
    let frames: Vec<&[u8]> = bytes.chunks(16_000).collect();
    heard.data(&frames);
    (heard, bytes)
}

#[test]
fn a_stream_is_followed_again_from_where_its_call_says_it_is() {
    let (mut heard, bytes) = flood();
    assert!(!heard.labels.asks(1));
    heard.log.look(Attention::Open);
    heard.told();
    // Two bytes of a prefix.
    heard.data(&[b"\0\0"]);
    assert_eq!(heard.told().pop().unwrap().messages, Messages::default());
    assert!(heard.labels.asks(1));
    let bytes = bytes.len() as u64 + 2;
    heard.labels.reached(1, Reached { bytes, messages: MANY as u64, begun: b"\0\0" });
    assert!(!heard.labels.asks(1));
    heard.data(&[b"\0\0\x03abc", &message(7)]);
    let told = heard.told();
    let of = |data: &Data| (data.messages.first, data.messages.count, data.messages.ended);
    assert_eq!(told.iter().map(of).collect::<Vec<_>>(), [(MANY as u64 + 1, 1, 1), (MANY as u64 + 2, 1, 1)]);
    heard.data(&[&message(1)]);
    assert_eq!(heard.server_may_send(), 65_535 - bytes.cast_signed() - 6 - 12 - 6);
}

#[test]
fn who_is_somewhere_else_is_not_believed() {
    let (mut heard, bytes) = flood();
    heard.log.look(Attention::Open);
    heard.data(&[&message(1)]);
    heard.told();
    // Not all was taken of what was heard.
    heard.labels.reached(1, Reached { bytes: bytes.len() as u64, messages: MANY as u64, begun: b"" });
    heard.data(&[&message(1)]);
    assert_eq!(heard.told().pop().unwrap().messages, Messages::default());
    assert!(heard.labels.asks(1));
}

#[test]
fn a_log_that_is_closed_asks_nothing() {
    let (mut heard, _) = flood();
    heard.data(&[&message(1)]);
    assert!(!heard.labels.asks(1));
}

#[test]
fn frames_of_few_messages_are_always_followed() {
    let mut heard = Heard::new();
    let payload = [message(3), message(2)].concat();
    heard.data(&vec![&payload[..]; MANY]);
    heard.data(&vec![&message(4)[..]; MANY]);
    heard.log.look(Attention::Open);
    heard.told();
    heard.data(&[&message(1)]);
    assert_eq!(heard.told().pop().unwrap().messages.first, 3 * MANY as u64 + 1);
    assert_eq!(heard.server_may_send(), 65_535 - MANY.cast_signed() as i64 * (8 + 7 + 9) - 6);
}

proptest! {
    #[test]
    fn the_way_back_is_right_wherever_the_frames_are_cut(
        sizes in vec(0_usize..60, 1..60),
        lengths in vec(1_usize..200, 1..60),
        pieces in vec(1_usize..300, 1..60),
    ) {
        let (mut heard, before) = flood();
        heard.log.look(Attention::Open);
        heard.told();
        let behind: Vec<u8> = sizes.iter().flat_map(|size| message(*size)).collect();
        let ends: Vec<usize> = sizes.iter().scan(0, |end, size| { *end += 5 + size; Some(*end) }).collect();
        // Whole messages in so many bytes, and where the last of them ends.
        let whole = |bytes: usize| {
            let count = ends.iter().take_while(|end| **end <= bytes).count();
            (count, if count == 0 { 0 } else { ends[count - 1] })
        };
        let (mut wire, mut frames, mut at) = (Vec::new(), Vec::new(), 0);
        for length in lengths.iter().cycle() {
            let end = behind.len().min(at + length);
            wire.extend(frame(Kind::Data, 1, &behind[at..end]));
            frames.push((at, end, wire.len()));
            at = end;
            if end == behind.len() {
                break;
            }
        }
        let (mut rest, mut passed, mut asked_behind) = (&wire[..], 0, None);
        for piece in pieces.iter().cycle() {
            let (now, later) = rest.split_at(rest.len().min(*piece));
            heard.ear.received(now);
            passed += now.len();
            if heard.labels.asks(1) {
                // Whole frames were given on, and taken.
                let whole_frames = frames.iter().take_while(|(_, _, end)| *end <= passed).count();
                let taken = frames[..whole_frames].last().map_or(0, |frame| frame.1);
                asked_behind.get_or_insert(whole_frames);
                let (count, end) = whole(taken);
                let (bytes, messages) = ((before.len() + taken) as u64, (MANY + count) as u64);
                heard.labels.reached(1, Reached { bytes, messages, begun: &behind[end..taken] });
                prop_assert!(!heard.labels.asks(1));
            }
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        let told = heard.told();
        prop_assert_eq!(told.len(), frames.len());
        // Those apart that were over when it was asked, all are followed, and rightly.
        for (data, (from, end, _)) in told.iter().zip(&frames).skip(asked_behind.unwrap()) {
            let (before, behind) = (whole(*from).0, whole(*end).0);
            let touched = ends.iter().filter(|message| **message > *from).count();
            let untouched = sizes.iter().zip(&ends).filter(|(size, message)| **message - 5 - **size >= *end).count();
            let expected = (MANY + before + 1, touched - untouched, behind - before);
            let messages = data.messages;
            let told = (messages.first as usize, messages.count as usize, messages.ended as usize);
            prop_assert_eq!(told, expected);
        }
    }
}
