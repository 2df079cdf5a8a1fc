//! Entries as rows of text: time, call, stream, type, arrow, size, and what it says.

use std::{borrow::Cow, fmt::Write as _};

use super::{
    codes::{status_name, status_number},
    entry::{Content, End, Entry, What},
    frame::{Direction, Head},
    headers::{Field, Headers, Role},
    messages::{Data, Piece},
    words::of_broken,
};
use crate::{
    compression::{self, Encoding},
    text::{self, Safe, Secrets},
};

/// The most of a name or value that a row shows, in bytes.
const MAX_VALUE: usize = 200;
/// The most bytes that a compressed message may come to and still be shown.
const MAX_UNPACKED: usize = 16 << 10;
/// Of more messages in a frame, only the numbers are shown.
const MAX_SHOWN: u64 = 4;

/// Says in a few words what a whole message is, by its bytes; `None` where that is not known.
pub type Show<'a> = &'a dyn Fn(&Entry, &[u8]) -> Option<Safe>;

/// For who knows no messages.
pub fn show_nothing(_: &Entry, _: &[u8]) -> Option<Safe> {
    None
}

/// The names of the columns, as [`row`] has them.
pub const COLUMNS: &str = "     time  call  stream  type                   size  what it says";

/// An entry as one row of text. `payload` is what is kept of it.
pub fn row(entry: &Entry, payload: &[u8], show: Show<'_>) -> String {
    let seconds = entry.at.as_secs_f64();
    let call = entry.call.map(|call| format!("#{call}")).unwrap_or_default();
    let stream = entry.stream().map(|stream| stream.to_string()).unwrap_or_default();
    let arrow = match entry.direction {
        Direction::Sent => '→',
        Direction::Received => '←',
    };
    let (kind, size) = (kind(entry), size(entry).map(text::size).unwrap_or_default());
    let says = says(entry, payload, show);
    format!("{seconds:>9.3}  {call:<4}  {stream:>6}  {kind:<13} {arrow} {size:>9}  {says}")
        .trim_end()
        .to_owned()
}

/// The entry's type: a frame's, or a word for what is none.
pub fn kind(entry: &Entry) -> String {
    match &entry.what {
        What::Preface => "PREFACE".to_owned(),
        What::Frame(head, _) => head.kind.to_string(),
        What::NotKept { .. } => "DATA".to_owned(),
        What::Lost(_) => "lost".to_owned(),
        What::Closed(_) => "closed".to_owned(),
    }
}

/// The bytes of a frame's payload, or of what stands for frames.
pub fn size(entry: &Entry) -> Option<u64> {
    match &entry.what {
        What::Preface => Some(super::walk::PREFACE.len() as u64),
        What::Frame(head, _) => Some(u64::from(head.length)),
        What::NotKept { bytes, .. } => Some(*bytes),
        What::Lost(_) | What::Closed(_) => None,
    }
}

/// What an entry says, short enough for a row. Foreign text in it is safe.
pub fn says(entry: &Entry, payload: &[u8], show: Show<'_>) -> Safe {
    let parts = match &entry.what {
        What::Preface => vec!["HTTP/2 begins".to_owned()],
        What::Frame(head, content) => frame(entry, *head, content, payload, show),
        What::NotKept { frames, .. } => {
            vec![format!("{} frames, counted and not kept", text::count(*frames))]
        }
        What::Lost(lost) => vec![format!("the place is lost: {lost}")],
        What::Closed(End::Closed) => vec![format!("{} closed the connection", who(entry.direction))],
        What::Closed(End::Broken(kind)) => vec![format!("the connection broke: {}", of_broken(*kind))],
    };
    Safe::new(&parts.join(" · "))
}

/// A header's value as it may be shown: harmless, and a mask where it is a secret that nobody asked for.
pub fn value(field: &Field<'_>, secrets: Secrets) -> Safe {
    if secrets == Secrets::Masked && is_secret(field) {
        return Safe::new(text::MASK);
    }
    Safe::cut(&String::from_utf8_lossy(field.value), MAX_VALUE)
}

/// Whether a header's value is nobody's business: by its name, or because its sender said so.
pub fn is_secret(field: &Field<'_>) -> bool {
    let by_name =
        std::str::from_utf8(field.name).is_ok_and(|name| text::is_secret(&name.to_ascii_lowercase()));
    by_name || field.coding == super::headers::Coding::NeverIndexed
}

/// Who sent it, as it is said to the user.
pub(super) fn who(direction: Direction) -> &'static str {
    match direction {
        Direction::Sent => "you",
        Direction::Received => "the server",
    }
}

fn frame(entry: &Entry, head: Head, content: &Content, payload: &[u8], show: Show<'_>) -> Vec<String> {
    match content {
        Content::Data(data) => self::data(entry, head, *data, payload, show),
        Content::Headers(headers) => self::headers(headers),
        Content::HeadersBegun => vec!["the rest follows in CONTINUATION".to_owned()],
        Content::Priority => vec!["means nothing any more".to_owned()],
        Content::Reset(code) => vec![code.to_string(), code.meaning().to_owned()],
        Content::Settings(settings) if settings.is_empty() => vec!["nothing but defaults".to_owned()],
        Content::Settings(settings) => {
            settings.iter().map(|setting| format!("{} {}", setting.id, setting.value)).collect()
        }
        Content::SettingsAck => vec!["ACK".to_owned(), "the settings hold from here on".to_owned()],
        Content::PushPromise { promised } => vec![format!("promises stream {promised}")],
        Content::Ping => vec!["are you there?".to_owned()],
        Content::PingAck(None) => vec!["ACK".to_owned()],
        Content::PingAck(Some(after)) => {
            let how = match entry.direction {
                Direction::Sent => "answered after",
                Direction::Received => "back after",
            };
            vec!["ACK".to_owned(), format!("{how} {}", text::elapsed(*after))]
        }
        Content::GoAway { last, code, debug } => {
            let mut parts = vec![code.to_string(), format!("last stream {last}")];
            if !debug.is_empty() {
                parts.push(format!("“{}”", Safe::new(&String::from_utf8_lossy(debug))));
            }
            parts
        }
        Content::WindowUpdate { increment, .. } => vec![granted(entry.direction, head.stream, *increment)],
        Content::Unknown => vec!["to be ignored".to_owned()],
        Content::Malformed(fault) => vec![format!("malformed: {fault}")],
    }
}

/// Who may send more, in the words of the window's user.
pub(super) fn granted(direction: Direction, stream: u32, increment: u32) -> String {
    let who = match direction {
        Direction::Sent => "the server",
        Direction::Received => "you",
    };
    let place = if stream == 0 { "in all" } else { "on this stream" };
    format!("{who} may send {} B more {place}", text::count(u64::from(increment)))
}

fn data(entry: &Entry, head: Head, data: Data, payload: &[u8], show: Show<'_>) -> Vec<String> {
    let mut parts = Vec::new();
    if data.messages.count > 1 {
        let (first, count) = (data.messages.first, u64::from(data.messages.count));
        let last = first + count - 1;
        parts.push(format!("messages {} to {}", text::count(first), text::count(last)));
        if count <= MAX_SHOWN {
            let compressed = data.pieces(payload).find(|piece| piece.compressed);
            parts.extend(compressed.map(|piece| compressed_with(&piece, payload)));
            let whole = data.pieces(payload).filter_map(|piece| message(&piece, payload));
            let shown = |message: Cow<'_, [u8]>| show(entry, &message);
            parts.extend(whole.filter_map(shown).map(|shown| shown.to_string()));
        }
    } else if let Some(piece) = data.pieces(payload).next() {
        parts.extend(one_message(entry, &data, &piece, payload, show));
    } else if data.bytes > 0 {
        parts.push("messages that are not followed".to_owned());
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

fn one_message(entry: &Entry, data: &Data, piece: &Piece, payload: &[u8], show: Show<'_>) -> Vec<String> {
    let mut parts = vec![format!("message {}", text::count(piece.number))];
    let ends = data.messages.ended > 0;
    match piece.size {
        None => parts.push("a part of its prefix".to_owned()),
        Some(size) => {
            let size = text::size(u64::from(size));
            parts.push(match (piece.continued, ends) {
                (false, true) => size,
                (false, false) => format!("begins, {size}"),
                (true, true) => format!("ends, {size}"),
                (true, false) => format!("goes on, {size}"),
            });
        }
    }
    let message = message(piece, payload);
    if piece.compressed {
        let with = compressed_with(piece, payload);
        parts.push(match &message {
            Some(message) => format!("{with} of {}", text::size(message.len() as u64)),
            None => with,
        });
    }
    let shown = message.and_then(|message| show(entry, &message));
    parts.extend(shown.map(|shown| shown.to_string()));
    parts
}

/// A message that is whole, taken out of its compression.
fn message<'a>(piece: &Piece, payload: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    let bytes = payload.get(piece.bytes.clone()).filter(|_| piece.is_whole())?;
    if !piece.compressed {
        return Some(Cow::Borrowed(bytes));
    }
    let mut message = Vec::new();
    compression::unpack(Encoding::of_message(bytes)?, bytes, MAX_UNPACKED, &mut message).ok()?;
    Some(Cow::Owned(message))
}

/// `gzip`, or `compressed` where it is not known how.
fn compressed_with(piece: &Piece, payload: &[u8]) -> String {
    let bytes = payload.get(piece.bytes.clone()).filter(|_| !piece.continued).unwrap_or_default();
    Encoding::of_message(bytes).map_or_else(|| "compressed".to_owned(), |encoding| encoding.to_string())
}

fn headers(headers: &Headers) -> Vec<String> {
    if !headers.is_readable() {
        return vec!["cannot be read any more".to_owned()];
    }
    let mut parts = Vec::new();
    if headers.ends_stream {
        parts.push("END_STREAM".to_owned());
    }
    match headers.role {
        Role::Request => {
            parts.push(format!("{} {}", text_of(headers, ":method"), text_of(headers, ":path")));
            parts.extend(field(headers, "grpc-encoding"));
        }
        Role::RequestTrailers => parts.push("trailers of the request".to_owned()),
        Role::Informational | Role::Response => {
            parts.extend(field(headers, ":status"));
            parts.extend(field(headers, "content-type"));
            parts.extend(field(headers, "grpc-encoding"));
        }
        Role::TrailersOnly if headers.has_status() => parts.push("trailers-only".to_owned()),
        // Told by their status below.
        Role::Trailers | Role::TrailersOnly => {}
        Role::Stray => parts.push("of a stream that is not followed".to_owned()),
    }
    if headers.role == Role::TrailersOnly && headers.get("grpc-status").is_none() {
        parts.extend(field(headers, ":status"));
    }
    parts.extend(status(headers));
    parts
}

/// `grpc-status 5 NOT_FOUND`, and what it says beside.
fn status(headers: &Headers) -> Vec<String> {
    let Some(number) = field(headers, "grpc-status") else { return Vec::new() };
    let mut status = number;
    if let Some(name) = headers.get("grpc-status").and_then(status_number).and_then(status_name) {
        let _ = write!(status, " {name}");
    }
    let message = Some(text_of(headers, "grpc-message")).filter(|message| !message.is_empty());
    std::iter::once(status).chain(message).collect()
}

fn field(headers: &Headers, name: &str) -> Option<String> {
    headers.get(name)?;
    Some(format!("{name} {}", text_of(headers, name)))
}

fn text_of(headers: &Headers, name: &str) -> String {
    let found = headers.fields().find(|field| field.name == name.as_bytes());
    found.map(|field| value(&field, Secrets::Masked).to_string()).unwrap_or_default()
}
