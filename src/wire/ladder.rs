//! Entries as rows of text: time, call, stream, type, arrow, size, and what it says.

mod data;

use std::fmt::Write as _;

use super::{
    codes::{status_name, status_number},
    entry::{Content, End, Entry, What},
    frame::{Direction, Head, Kind},
    headers::{Field, Headers, Role},
    words::{granted, of_broken, who},
};
use crate::text::{self, Safe, Secrets};

pub use data::unpacked;

/// The most of a name or value that a row shows, in bytes.
const MAX_VALUE: usize = 200;

/// Says in a few words what a whole message is, by its bytes; `None` where that is not known.
pub type Show<'a> = &'a dyn Fn(&Entry, &[u8]) -> Option<Safe>;

/// How much room there is for what an entry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Enough for most.
    Wide,
    /// So little that what matters most comes first, and what is shown beside it is left out.
    Narrow,
}

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
    let says = says(entry, payload, show, Room::Wide);
    // A long number takes what the other one leaves.
    let left = "#123  stream".len().saturating_sub(call.len());
    format!("{seconds:>9.3}  {call}{stream:>left$}  {kind:<13} {arrow} {size:>9}  {says}")
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
pub fn says(entry: &Entry, payload: &[u8], show: Show<'_>, room: Room) -> Safe {
    let parts = match &entry.what {
        What::Preface => vec!["HTTP/2 begins".to_owned()],
        What::Frame(_, Content::Headers(headers)) => self::headers(headers, room),
        What::Frame(head, Content::Data(data)) => data::parts(entry, *head, *data, payload, show, room),
        What::Frame(head, content) => frame(entry, *head, content),
        What::NotKept { frames, .. } => {
            let s = if *frames == 1 { "" } else { "s" };
            vec![format!("{} frame{s}, counted and not kept", text::count(*frames))]
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

/// Whether there is a secret in the frame, or headers that nobody has read to the end.
pub fn may_hold_secret(entry: &Entry) -> bool {
    match entry.content() {
        Some(Content::Headers(headers)) => {
            !headers.is_readable()
                || headers.left_out() > 0
                || headers.fields().any(|field| is_secret(&field))
        }
        _ => entry.head().is_some_and(|head| holds_headers(head.kind)),
    }
}

/// Whether frames of that type hold headers, or a part of them: in a code that anybody can read.
pub fn holds_headers(kind: Kind) -> bool {
    matches!(kind, Kind::Headers | Kind::Continuation | Kind::PushPromise)
}

fn frame(entry: &Entry, head: Head, content: &Content) -> Vec<String> {
    match content {
        // Told with their messages and fields.
        Content::Data(_) | Content::Headers(_) => Vec::new(),
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

fn headers(headers: &Headers, room: Room) -> Vec<String> {
    if !headers.is_readable() {
        return vec!["cannot be read any more".to_owned()];
    }
    let mut parts = Vec::new();
    let end = headers.ends_stream.then(|| "END_STREAM".to_owned());
    parts.extend(end.clone().filter(|_| room == Room::Wide));
    match headers.role {
        Role::Request => {
            parts.push(format!("{} {}", text_of(headers, ":method"), text_of(headers, ":path")));
            parts.extend(field(headers, "grpc-encoding"));
        }
        Role::RequestTrailers => parts.push("trailers of the request".to_owned()),
        Role::Informational | Role::Response => {
            parts.extend(field(headers, ":status"));
            parts.extend(match room {
                Room::Wide => field(headers, "content-type"),
                Room::Narrow => headers.get("content-type").map(|_| text_of(headers, "content-type")),
            });
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
    parts.extend(end.filter(|_| room == Room::Narrow));
    parts
}

/// `grpc-status 5 NOT_FOUND`, and what it says beside.
fn status(headers: &Headers) -> Vec<String> {
    let Some(number) = field(headers, "grpc-status") else { return Vec::new() };
    let mut status = number;
    if let Some(name) = headers.get("grpc-status").and_then(status_number).and_then(status_name) {
        let _ = write!(status, " {name}");
    }
    let message = headers.get("grpc-message").filter(|raw| !raw.is_empty());
    let message = message.map(|raw| Safe::cut(&text::percent_decoded(raw), MAX_VALUE).to_string());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Attention, Watch, WireLog};

    #[test]
    fn the_columns_stay_where_they_are_when_numbers_are_long() {
        let log = WireLog::new();
        log.look(Attention::Open);
        let (mut ear, labels) = log.connection();
        labels.label(1, 9);
        labels.label(1999, 1000);
        labels.label(65_535, 99_999);
        ear.sent(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
        for [high, low] in [[0, 1], [7, 207], [255, 255]] {
            ear.sent(&[0, 0, 0, 1, 4, 0, 0, high, low]);
        }
        let taken = log.take();
        let rows: Vec<String> =
            taken[0].kept.entries().skip(2).map(|(_, entry)| row(entry, &[], &show_nothing)).collect();
        assert_eq!(rows.len(), 3);
        let place = COLUMNS.find("type");
        for (row, numbers) in rows.iter().zip(["#9         1", "#1000   1999", "#99999 65535"]) {
            assert_eq!(row.find("HEADERS"), place, "{row}");
            assert!(row.contains(numbers), "{row}");
        }
    }
}
