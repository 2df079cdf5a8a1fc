//! What DATA says in a row: which messages, and whole ones in their own words.

use std::borrow::Cow;

use super::{Room, Show};
use crate::{
    compression::{self, Encoding},
    text,
    wire::{Data, Direction, Entry, Flag, Head, Piece},
};

/// The most bytes that a compressed message may come to and still be shown.
const MAX_UNPACKED: usize = 16 << 10;
/// Of more messages in a frame, only the numbers are shown.
const MAX_SHOWN: u64 = 4;

/// What a frame of DATA says: its messages, its padding, and whether it is the last.
pub(super) fn parts(
    entry: &Entry,
    head: Head,
    data: Data,
    payload: &[u8],
    show: Show<'_>,
    room: Room,
) -> Vec<String> {
    let mut parts = Vec::new();
    if data.messages.count > 1 {
        let (first, count) = (data.messages.first, u64::from(data.messages.count));
        let last = first + count - 1;
        parts.push(format!("messages {} to {}", text::count(first), text::count(last)));
        if count <= MAX_SHOWN {
            let flagged = data.pieces(payload).find(|piece| piece.flag != Flag::Plain);
            parts.extend(flagged.and_then(|piece| flag(&piece, payload)));
            let whole = data.pieces(payload).filter_map(|piece| message(&piece, payload));
            let shown = |message: Cow<'_, [u8]>| show(entry, &message);
            parts.extend(whole.filter_map(shown).map(|shown| shown.to_string()));
        }
    } else if let Some(piece) = data.pieces(payload).next() {
        parts.extend(one_message(entry, &data, &piece, payload, show, room));
    } else if data.bytes > 0 {
        parts.push("messages: too many to take apart".to_owned());
    }
    if data.padding > 0 {
        parts.push(format!("{} B of padding", data.padding));
    }
    if head.ends_stream() {
        parts.push("END_STREAM".to_owned());
        if data.bytes == 0 {
            parts.push(match entry.direction {
                Direction::Sent => "half-close: nothing more from you".to_owned(),
                Direction::Received => "nothing more from the server".to_owned(),
            });
        }
    } else if data.bytes == 0 {
        parts.push("nothing".to_owned());
    }
    parts
}

fn one_message(
    entry: &Entry,
    data: &Data,
    piece: &Piece,
    payload: &[u8],
    show: Show<'_>,
    room: Room,
) -> Vec<String> {
    let number = format!("message {}", text::count(piece.number));
    let is_one = !piece.continued && data.messages.ended > 0;
    let size = match piece.size.map(|size| text::size(u64::from(size))) {
        None => Some("a part of its prefix".to_owned()),
        // The frame's own size stands beside it, and says nearly the same.
        Some(_) if is_one && room == Room::Narrow => None,
        Some(size) => Some(match (piece.continued, data.messages.ended > 0) {
            (false, true) => size,
            (false, false) => format!("begins, {size}"),
            (true, true) => format!("ends, {size}"),
            (true, false) => format!("goes on, {size}"),
        }),
    };
    let message = message(piece, payload);
    let flag = flag(piece, payload).map(|words| match &message {
        Some(message) => format!("{words} of {}", text::size(message.len() as u64)),
        None => words,
    });
    let shown = message.and_then(|message| show(entry, &message)).map(|shown| shown.to_string());
    let told = match room {
        Room::Wide => [Some(number), size, flag, shown],
        Room::Narrow => [shown, Some(number), size, flag],
    };
    told.into_iter().flatten().collect()
}

/// A message that is whole, taken out of its compression.
fn message<'a>(piece: &Piece, payload: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    let bytes = payload.get(piece.bytes.clone()).filter(|_| piece.is_whole())?;
    match piece.flag {
        Flag::Plain => Some(Cow::Borrowed(bytes)),
        Flag::Compressed => unpacked(bytes).map(|(_, message)| Cow::Owned(message)),
        Flag::Invalid(_) => None,
    }
}

/// A compressed message taken out of its compression, where that is known and the message is not too large.
pub fn unpacked(bytes: &[u8]) -> Option<(Encoding, Vec<u8>)> {
    let encoding = Encoding::of_message(bytes)?;
    let mut message = Vec::new();
    compression::unpack(encoding, bytes, MAX_UNPACKED, &mut message).ok()?;
    Some((encoding, message))
}

/// What the flag says of a message that is not plain: `gzip`, or `compressed` where it is not known how.
fn flag(piece: &Piece, payload: &[u8]) -> Option<String> {
    match piece.flag {
        Flag::Plain => None,
        Flag::Invalid(flag) => Some(format!("its flag {flag} is invalid")),
        Flag::Compressed => {
            let bytes = payload.get(piece.bytes.clone()).filter(|_| !piece.continued).unwrap_or_default();
            let encoding = Encoding::of_message(bytes);
            Some(encoding.map_or_else(|| "compressed".to_owned(), |encoding| encoding.to_string()))
        }
    }
}
