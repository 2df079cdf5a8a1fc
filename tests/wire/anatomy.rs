//! A frame's bytes beside their meaning: of a secret that nobody asked for, no byte is shown.

use greeter::{
    text::Secrets,
    wire::{
        ConnectionLog, Direction, Kind,
        anatomy::{Meaning, anatomy},
    },
};
use httlib_hpack::Encoder;

use crate::recorded::replayed;

const END_HEADERS: u8 = 4;
const SECRET: &str = "hush-hush-hush-hush";

/// A connection on which one frame was received behind the SETTINGS.
fn received(kind: Kind, flags: u8, payload: &[u8]) -> ConnectionLog {
    let settings = [0, 0, 0, Kind::Settings.number(), 0, 0, 0, 0, 0];
    let length = (payload.len() as u32).to_be_bytes();
    let head = [&length[1..], &[kind.number(), flags, 0, 0, 0, 1]].concat();
    replayed(&vec![(Direction::Received, [&settings, &head[..], payload].concat())])
}

/// What the frame's parts say, and the bytes that are shown of each.
fn parts(log: &ConnectionLog, secrets: Secrets) -> Vec<(String, Vec<u8>)> {
    let (_, entry) = log.kept.entries().rfind(|(_, entry)| entry.head().is_some()).unwrap();
    let payload = log.kept.payload(entry);
    let frame = [&entry.head().unwrap().bytes()[..], &payload].concat();
    let parts = anatomy(entry, &payload, secrets).into_iter().map(|part| {
        let Meaning::Words(words) = part.meaning else { panic!("{part:?}") };
        (words, frame[part.bytes].to_vec())
    });
    // What every frame begins with says nothing of headers.
    parts.skip(4).collect()
}

fn block(fields: &[(&str, &str, u8)]) -> Vec<u8> {
    let (mut encoder, mut block) = (Encoder::default(), Vec::new());
    for (name, value, coding) in fields {
        let field = (name.as_bytes().to_vec(), value.as_bytes().to_vec(), *coding);
        encoder.encode(field, &mut block).unwrap();
    }
    block
}

#[test]
fn a_secret_behind_a_resized_table_has_no_bytes() {
    let fields = [("x-first", "1", 0), ("authorization", SECRET, Encoder::NEVER_INDEXED), ("x-last", "2", 0)];
    let [first, secret, last] = fields.map(|field| block(&[field]));
    let payload = [&[0x20][..], &first, &secret, &last].concat();
    let log = received(Kind::Headers, END_HEADERS, &payload);
    let bytes_of = |secrets| parts(&log, secrets).into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>();
    assert_eq!(bytes_of(Secrets::Masked), [vec![0x20], first.clone(), vec![], last.clone()]);
    assert_eq!(bytes_of(Secrets::Shown), [vec![0x20], first, secret, last]);
    assert_eq!(parts(&log, Secrets::Masked)[0].0, "the table of remembered headers is resized");
}

#[test]
fn a_field_behind_a_secret_that_is_too_long_to_be_kept_has_bytes_of_its_own() {
    let long = "a".repeat(17 << 10);
    let coding = Encoder::NEVER_INDEXED | Encoder::HUFFMAN_VALUE;
    let fields = [("x-first", "1", 0), ("authorization", &long, coding), ("x-last", "2", 0)];
    let log = received(Kind::Headers, END_HEADERS, &block(&fields));
    // The last one lies behind what is kept of the frame.
    let first = block(&fields[..1]);
    for secrets in [Secrets::Masked, Secrets::Shown] {
        let parts = parts(&log, secrets);
        assert_eq!(parts.iter().map(|(_, bytes)| &bytes[..]).collect::<Vec<_>>(), [&first[..], &[], &[]]);
        assert!(parts[1].0.starts_with("x-last: 2"), "{parts:?}");
        assert_eq!(parts[2].0, "… 1 fields more");
    }
}

#[test]
fn a_secret_that_begins_the_block_and_is_too_long_is_no_resized_table() {
    let long = "a".repeat(17 << 10);
    let coding = Encoder::NEVER_INDEXED | Encoder::HUFFMAN_VALUE;
    let log =
        received(Kind::Headers, END_HEADERS, &block(&[("authorization", &long, coding), ("x-last", "2", 0)]));
    let parts = parts(&log, Secrets::Masked);
    assert!(parts[0].0.starts_with("x-last: 2"), "{parts:?}");
    assert!(parts.iter().all(|(_, bytes)| bytes.is_empty()), "{parts:?}");
}

#[test]
fn headers_that_are_not_read_have_no_bytes_until_they_are_asked_for() {
    let secret = block(&[("authorization", SECRET, Encoder::NEVER_INDEXED)]);
    for (kind, flags) in [
        // The rest would be in CONTINUATION.
        (Kind::Headers, 0),
        // Padded by more than there is.
        (Kind::Headers, END_HEADERS | 8),
        // Of a block that never began.
        (Kind::Continuation, END_HEADERS),
    ] {
        let payload = [&[0xff][..], &secret].concat();
        let log = received(kind, flags, &payload);
        assert!(parts(&log, Secrets::Masked).iter().all(|(_, bytes)| bytes.is_empty()), "{kind} {flags}");
        assert_eq!(parts(&log, Secrets::Shown)[0].1, payload, "{kind} {flags}");
    }
}
