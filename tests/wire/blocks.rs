//! Header blocks of another crate's making, and what it makes of them itself.

use greeter::wire::{Content, Flags, Head, Kind, Watch, WireLog, hpack::Decoder, walk::PREFACE};
use httlib_hpack::{Decoder as Other, Encoder};
use proptest::{collection::vec, prelude::*, sample::select};

type Field = (Vec<u8>, Vec<u8>, u8);

/// Names that are known, that come again, and any at all; values likewise.
fn field() -> impl Strategy<Value = Field> {
    let known = select(vec![":path", ":status", "content-type", "grpc-status", "user-agent", "x-again"]);
    let name = prop_oneof![known.prop_map(|name| name.as_bytes().to_vec()), vec(any::<u8>(), 0..40)];
    let again = select(vec!["200", "/", "application/grpc", "0", "grpc-greeter/0.1.0", ""]);
    let value = prop_oneof![again.prop_map(|value| value.as_bytes().to_vec()), vec(any::<u8>(), 0..300)];
    let (huffman, best) = (0..4_u8, select(vec![0, Encoder::BEST_FORMAT]));
    let coding = select(vec![0, Encoder::WITH_INDEXING, Encoder::NEVER_INDEXED]);
    (name, value, (huffman, best, coding).prop_map(|(huffman, best, coding)| huffman | best | coding))
}

fn ours(decoder: &mut Decoder, block: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (mut fields, mut wire) = (Vec::new(), 0);
    decoder
        .decode(block, |field| {
            fields.push((field.name.to_vec(), field.value.to_vec()));
            wire += field.cost.wire as usize;
        })
        .unwrap();
    assert!(wire <= block.len());
    fields
}

proptest! {
    #[test]
    fn what_another_crate_wrote_is_read_as_it_was_meant(
        blocks in vec((vec(field(), 0..12), prop_oneof![4 => Just(None), 1 => (0..4097_u32).prop_map(Some)]), 1..12),
    ) {
        let (mut encoder, mut decoder, mut other) = (Encoder::default(), Decoder::default(), Other::default());
        for (fields, resized) in blocks {
            let mut block = Vec::new();
            if let Some(size) = resized {
                encoder.update_max_dynamic_size(size, &mut block).unwrap();
            }
            for field in &fields {
                encoder.encode(field.clone(), &mut block).unwrap();
            }
            let meant: Vec<_> = fields.into_iter().map(|(name, value, _)| (name, value)).collect();
            prop_assert_eq!(&ours(&mut decoder, &block), &meant);
            let mut theirs = Vec::new();
            other.decode(&mut block, &mut theirs).unwrap();
            let theirs: Vec<_> = theirs.into_iter().map(|(name, value, _)| (name, value)).collect();
            prop_assert_eq!(theirs, meant);
        }
    }
}

/// Headers as calls send them, one like the other; which change the table, how it is made small, and which leave it.
fn of_a_call() -> impl Strategy<Value = (Vec<Field>, Option<u32>)> {
    let field =
        |name: &str, value: &str, coding| (name.as_bytes().to_vec(), value.as_bytes().to_vec(), coding);
    let (indexed, best) = (Encoder::WITH_INDEXING | Encoder::BEST_FORMAT, Encoder::BEST_FORMAT);
    let calls = vec![
        vec![field(":status", "200", best), field("content-type", "application/grpc", indexed)],
        vec![field("grpc-status", "0", indexed)],
        vec![field("grpc-status", "5", indexed), field("grpc-message", "no such name", best)],
        vec![field("date", "now", indexed), field("x-secret", "a", Encoder::NEVER_INDEXED)],
        vec![field("date", "then", indexed)],
        vec![field("x-long", &"y".repeat(100), 0)],
        vec![],
    ];
    (select(calls), prop_oneof![9 => Just(None), 1 => (0..200_u32).prop_map(Some)])
}

proptest! {
    #[test]
    fn a_block_that_comes_again_is_told_as_it_was_meant(blocks in vec(of_a_call(), 1..40)) {
        let log = WireLog::new();
        let (mut ear, _) = log.connection();
        ear.sent(PREFACE);
        let settings = Head { length: 0, kind: Kind::Settings, flags: Flags(0), stream: 0 };
        ear.received(&settings.bytes());
        let (mut encoder, mut meant) = (Encoder::default(), Vec::new());
        for (stream, (fields, resized)) in (1..).step_by(2).zip(blocks) {
            let mut block = Vec::new();
            if let Some(size) = resized {
                encoder.update_max_dynamic_size(size, &mut block).unwrap();
            }
            for field in &fields {
                encoder.encode(field.clone(), &mut block).unwrap();
            }
            let head = Head { length: block.len() as u32, kind: Kind::Headers, flags: Flags(4), stream };
            ear.received(&[&head.bytes()[..], &block].concat());
            let wire = block.len() as u64;
            meant.push((fields.into_iter().map(|(name, value, _)| (name, value)).collect::<Vec<_>>(), wire));
        }
        let logs = log.take();
        let contents = logs[0].kept.entries().filter_map(|(_, entry)| entry.content());
        let told = contents.filter_map(|content| match content {
            Content::Headers(headers) => {
                let fields = headers.fields().map(|field| (field.name.to_vec(), field.value.to_vec()));
                Some((fields.collect::<Vec<_>>(), headers.cost.wire))
            }
            _ => None,
        });
        prop_assert_eq!(told.collect::<Vec<_>>(), meant);
    }
}

/// Every byte's code, and each next to each.
#[test]
fn all_of_the_huffman_code_is_known() {
    let pairs = (0..=u8::MAX).map(|byte| (0..=u8::MAX).flat_map(|next| [byte, next]).collect::<Vec<u8>>());
    let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
    for value in pairs {
        let mut block = Vec::new();
        encoder.encode((b"x".to_vec(), value.clone(), Encoder::HUFFMAN_VALUE), &mut block).unwrap();
        assert_eq!(ours(&mut decoder, &block), [(b"x".to_vec(), value)]);
    }
}
