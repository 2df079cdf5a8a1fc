//! The lines of `--wire-log`: an entry a line (`docs/json.md`, "The wire").

use std::fmt::Write as _;

use crate::{
    commands::json::Line,
    text::{MASK, Secrets},
    wire::{
        ConnectionLog, Content, Data, Direction, End, Entry, ErrorCode, Field, Flag, Head, Headers, Role,
        Setting, What,
        headers::Coding,
        ladder::{self, Room, Show},
    },
};

/// Entries that were too many at once.
pub(super) fn lost(connection: u32, entries: u64) -> String {
    let mut line = Line::of_event("let go");
    line.number("connection", u64::from(connection)).number("entries", entries);
    line.end()
}

/// An entry, whatever it is. Whole messages are said as the ladder says them.
pub(super) fn entry(
    log: &ConnectionLog,
    number: u64,
    entry: &Entry,
    show: Show<'_>,
    secrets: Secrets,
) -> String {
    let mut line = Line::of_event(event(&entry.what));
    line.number("connection", u64::from(log.number)).number("number", number);
    line.number("at_us", entry.at.as_micros() as u64);
    line.text(
        "from",
        match entry.direction {
            Direction::Sent => "client",
            Direction::Received => "server",
        },
    );
    let payload = log.kept.payload(entry);
    match &entry.what {
        What::Frame(head, content) => frame(&mut line, entry, *head, content, &payload, secrets),
        What::NotKept { frames, bytes } => {
            line.number("frames", *frames).number("bytes", *bytes);
        }
        What::Lost(lost) => {
            line.text("why", &lost.to_string());
        }
        What::Closed(End::Broken(kind)) => {
            line.text("why", &kind.to_string());
        }
        What::Preface | What::Closed(End::Closed) => {}
    }
    line.text("says", ladder::says(entry, &payload, show, Room::Wide).as_str());
    line.end()
}

fn event(what: &What) -> &'static str {
    match what {
        What::Preface => "preface",
        What::Frame(..) => "frame",
        What::NotKept { .. } => "not kept",
        What::Lost(_) => "lost",
        What::Closed(_) => "closed",
    }
}

fn frame(line: &mut Line, entry: &Entry, head: Head, content: &Content, payload: &[u8], secrets: Secrets) {
    if let Some(call) = entry.call {
        line.number("call", u64::from(call));
    }
    line.number("stream", u64::from(head.stream)).text("type", &head.kind.to_string());
    line.texts("flags", head.flag_names()).number("length", u64::from(head.length));
    match content {
        Content::Data(data) => messages(line, *data, payload),
        Content::Headers(headers) => self::headers(line, headers, secrets),
        Content::Reset(code) => error_code(line, *code),
        Content::Settings(settings) => {
            line.json("settings", &list(settings.iter().copied().map(setting)));
        }
        Content::PingAck(Some(after)) => {
            line.number("round_trip_us", after.as_micros() as u64);
        }
        Content::GoAway { last, code, debug } => {
            line.number("last_stream", u64::from(*last));
            error_code(line, *code);
            line.text("debug", &String::from_utf8_lossy(debug));
        }
        Content::WindowUpdate { increment, left } => {
            line.number("increment", u64::from(*increment));
            if let Some(left) = left {
                line.json("window", &left.to_string());
            }
        }
        Content::PushPromise { promised } => {
            line.number("promised", u64::from(*promised));
        }
        Content::Malformed(fault) => {
            line.text("malformed", &fault.to_string());
        }
        _ => {}
    }
    // Headers hold secrets, in a code that anybody can read.
    if !ladder::holds_headers(head.kind) || secrets == Secrets::Shown {
        line.text("hex", &hex(payload));
    }
}

fn messages(line: &mut Line, data: Data, payload: &[u8]) {
    line.number("padding", u64::from(data.padding));
    if data.messages.count > 0 {
        line.number("first_message", data.messages.first);
        line.number("messages", u64::from(data.messages.count));
        line.number("messages_ended", u64::from(data.messages.ended));
    }
    if let Some(piece) = data.pieces(payload).next()
        && let Some(size) = piece.size
    {
        line.number("first_size", u64::from(size));
        match piece.flag {
            Flag::Plain => line.json("first_compressed", "false"),
            Flag::Compressed => line.json("first_compressed", "true"),
            Flag::Invalid(flag) => line.number("first_flag", u64::from(flag)),
        };
    }
}

fn headers(line: &mut Line, headers: &Headers, secrets: Secrets) {
    line.text("role", role(headers.role));
    line.number("wire_bytes", headers.cost.wire).number("text_bytes", headers.cost.text);
    line.json("headers", &list(headers.fields().map(|field| self::field(&field, secrets))));
    if headers.left_out() > 0 {
        line.number("left_out", headers.left_out());
    }
}

fn field(field: &Field<'_>, secrets: Secrets) -> String {
    let mut line = Line::new();
    let value = String::from_utf8_lossy(field.value);
    let is_hidden = secrets == Secrets::Masked && ladder::is_secret(field);
    line.text("name", &String::from_utf8_lossy(field.name))
        .text("value", if is_hidden { MASK } else { &value });
    line.number("wire_bytes", field.cost.wire).number("text_bytes", field.cost.text);
    line.text(
        "coding",
        match field.coding {
            Coding::Indexed => "indexed",
            Coding::Remembered => "remembered",
            Coding::Literal => "literal",
            Coding::NeverIndexed => "never indexed",
        },
    );
    line.end()
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Request => "request",
        Role::RequestTrailers => "request trailers",
        Role::Informational => "informational",
        Role::Response => "response",
        Role::Trailers => "trailers",
        Role::TrailersOnly => "trailers-only",
        Role::Stray => "stray",
    }
}

fn setting(setting: Setting) -> String {
    let mut line = Line::new();
    line.number("id", u64::from(setting.id.0)).text("name", &setting.id.to_string());
    line.number("value", u64::from(setting.value));
    line.end()
}

fn error_code(line: &mut Line, code: ErrorCode) {
    line.number("code", u64::from(code.0)).text("code_name", &code.to_string());
}

fn list(objects: impl Iterator<Item = String>) -> String {
    format!("[{}]", objects.collect::<Vec<_>>().join(","))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::wire::{Attention, Watch, WireLog};

    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
        let length = payload.len() as u16;
        let [high, low] = length.to_be_bytes();
        [&[0, high, low, kind, flags, 0, 0, 0, stream][..], payload].concat()
    }

    /// A field spelt out (RFC 7541, section 6.2.2), its value at most 16 KiB.
    fn field(name: &str, value: &str) -> Vec<u8> {
        let mut bytes = vec![0, name.len() as u8];
        bytes.extend(name.as_bytes());
        match value.len() {
            short @ 0..127 => bytes.push(short as u8),
            long => bytes.extend([127, (long - 127) as u8 | 0x80, ((long - 127) >> 7) as u8]),
        }
        bytes.extend(value.as_bytes());
        bytes
    }

    /// The lines of what a client sent.
    fn lines(sent: &[Vec<u8>], secrets: Secrets) -> Vec<Value> {
        let log = WireLog::new();
        log.look(Attention::Open);
        let (mut ear, labels) = log.connection();
        labels.label(1, 1);
        ear.sent(&[PREFACE, &frame(4, 0, 0, b""), &sent.concat()].concat());
        let taken = log.take();
        let log = &taken[0];
        let show: Show<'_> = &|_, _| Some(crate::text::Safe::new("\"World\""));
        let line = |(number, one)| serde_json::from_str(&entry(log, number, one, show, secrets)).unwrap();
        log.kept.entries().map(line).collect()
    }

    #[test]
    fn headers_that_cannot_be_read_have_no_hex_either() {
        let block = field("cookie", "hush");
        let padded = [&[200][..], &block].concat();
        for bytes in [frame(1, 4 | 8, 1, &padded), frame(9, 4, 1, &block), frame(5, 4 | 8, 1, &padded)] {
            let of = |secrets| lines(std::slice::from_ref(&bytes), secrets);
            let masked = of(Secrets::Masked);
            let line = masked.iter().find(|line| line["malformed"].is_string()).unwrap();
            assert!(line["hex"].is_null(), "{line}");
            let shown = of(Secrets::Shown);
            assert!(
                shown.iter().any(|line| line["hex"].as_str().is_some_and(|hex| hex.contains("68757368")))
            );
        }
    }

    #[test]
    fn the_values_of_headers_are_whole() {
        let value = "x".repeat(2000);
        let block = [field("x-long", &value), field("grpc-message", "no%20name")].concat();
        let lines = lines(&[frame(1, 4, 1, &block)], Secrets::Masked);
        let headers = lines.last().unwrap()["headers"].clone();
        assert_eq!(headers[0]["value"], value);
        assert_eq!(headers[1]["value"], "no%20name");
    }

    #[test]
    fn a_message_is_said_as_the_ladder_says_it() {
        let data = frame(0, 1, 1, b"\0\0\0\0\x02hi");
        let lines = lines(&[frame(1, 4, 1, &field(":path", "/a")), data], Secrets::Masked);
        assert_eq!(lines.last().unwrap()["says"], "message 1 · 2 B · \"World\" · END_STREAM");
    }

    #[test]
    fn a_flag_that_grpc_has_not_is_neither_compressed_nor_not() {
        let data = frame(0, 1, 1, b"\x07\0\0\0\x02hi");
        let lines = lines(&[frame(1, 4, 1, &field(":path", "/a")), data], Secrets::Masked);
        let line = lines.last().unwrap();
        assert_eq!(line["first_flag"], 7);
        assert!(line["first_compressed"].is_null(), "{line}");
    }

    #[test]
    fn an_acknowledgement_has_no_settings() {
        let lines = lines(&[frame(4, 1, 0, b"")], Secrets::Masked);
        assert!(lines.last().unwrap()["settings"].is_null());
        assert!(lines[1]["settings"].is_array());
    }
}
