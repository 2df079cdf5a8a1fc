//! What passes on a connection: frames in any pieces, header blocks, and bombs among them.

use greeter::wire::{
    Attention, ConnectionLog, Content, Watch, WireLog,
    hpack::{Decoder, MAX_TABLE},
    kept::{MAX_BYTES, MAX_ENTRIES, MAX_PAYLOAD},
    ladder,
    walk::PREFACE,
    words,
};

const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];

/// Header blocks, one behind the other, each behind its length: what one remembers, the next refers to.
pub(crate) fn blocks(input: &[u8]) -> String {
    let (mut decoder, mut other) = (Decoder::default(), httlib_hpack::Decoder::default());
    let (mut said, mut rest) = (String::new(), input);
    while let [length, after @ ..] = rest {
        let (block, behind) = after.split_at(usize::from(*length).min(after.len()));
        rest = behind;
        let mut fields = Vec::new();
        let read = decoder.decode(block, |field| {
            fields.push((field.name.to_vec(), field.value.to_vec()));
            said.push(format!("{:?}", field.coding).remove(0));
        });
        assert!(decoder.remembered() <= MAX_TABLE);
        if let Err(error) = read {
            return format!("{error:?}");
        }
        // What both can read is the same for both. The other bounds nothing, so it gets what is small.
        let mut theirs = Vec::new();
        let meant: Vec<_> = match other.decode(&mut block.to_vec(), &mut theirs) {
            Ok(_) => theirs.into_iter().map(|(name, value, _)| (name, value)).collect(),
            Err(error) => return format!("the other: {error:?}"),
        };
        assert_eq!(meant, fields);
    }
    said
}

/// A connection: pieces of both directions, each behind its length and who sent it. The same in any pieces, no
/// more than there is room for, and safe to show.
pub(crate) fn connections(input: &[u8]) -> String {
    let (size, said) = input.split_first().unwrap_or((&1, &[]));
    let whole = heard(said, usize::MAX);
    let rows = told(&whole);
    assert_eq!(rows, told(&heard(said, usize::from(*size).max(1))));
    for row in &rows {
        assert!(!row.contains(|c: char| c.is_control()), "{row:?}");
    }
    let mut kinds: Vec<String> = whole.kept.entries().map(|(_, entry)| ladder::kind(entry)).collect();
    kinds.dedup();
    let lost = [whole.summary.sent.lost, whole.summary.received.lost];
    format!("{lost:?} {}", kinds.join(" "))
}

fn heard(said: &[u8], size: usize) -> ConnectionLog {
    let log = WireLog::new();
    log.look(Attention::Open);
    let (mut ear, labels) = log.connection();
    (1..20).for_each(|call| labels.label(2 * call - 1, call));
    ear.sent(PREFACE);
    ear.sent(&SETTINGS);
    ear.received(&SETTINGS);
    let mut rest = said;
    while let [first, length, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([first & 0x7f, *length])).min(after.len());
        let (bytes, behind) = after.split_at(length);
        for piece in bytes.chunks(size.max(1)) {
            if first & 0x80 == 0 { ear.received(piece) } else { ear.sent(piece) }
        }
        rest = behind;
    }
    drop(ear);
    let log = log.take().remove(0);
    assert!(log.kept.len() <= MAX_ENTRIES + MAX_ENTRIES / 4);
    let bytes = |(_, entry)| {
        let payload = log.kept.payload(entry).len();
        assert!(payload <= MAX_PAYLOAD);
        payload
    };
    assert!(log.kept.entries().map(bytes).sum::<usize>() <= MAX_BYTES + MAX_BYTES / 4);
    log
}

/// All that is shown of it, but the times.
fn told(log: &ConnectionLog) -> Vec<String> {
    let rows = log.kept.entries().map(|(_, entry)| {
        let payload = log.kept.payload(entry);
        if let Some(Content::Data(data)) = entry.content() {
            for piece in data.pieces(&payload) {
                assert!(payload.get(piece.bytes.clone()).is_some());
            }
        }
        let row = ladder::row(entry, &payload, &ladder::show_nothing);
        format!("{} {}", &row[9..], words::of(entry, &payload))
    });
    let rows = rows.map(|row| row.split("after").next().unwrap_or_default().to_owned());
    let summary = &log.summary;
    let sums = [summary.sent, summary.received];
    let sums = sums.map(|totals| (totals.bytes, totals.all_frames(), totals.headers, totals.lost));
    rows.chain([format!("{sums:?} {:?} {:?}", summary.windows, summary.streams)]).collect()
}
