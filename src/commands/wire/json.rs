//! The lines of `--wire-log`: an entry a line (`docs/json.md`, "The wire").

use std::fmt::Write as _;

use crate::{
    commands::json::Line,
    text::Secrets,
    wire::{
        ConnectionLog, Content, Data, Direction, End, Entry, ErrorCode, Field, Head, Headers, Role, Setting,
        What, headers::Coding, ladder,
    },
};

/// Entries that were too many at once.
pub(super) fn lost(connection: u32, entries: u64) -> String {
    let mut line = Line::of_event("let go");
    line.number("connection", u64::from(connection)).number("entries", entries);
    line.end()
}

/// An entry, whatever it is.
pub(super) fn entry(log: &ConnectionLog, number: u64, entry: &Entry, secrets: Secrets) -> String {
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
    line.text("says", ladder::says(entry, &payload, &ladder::show_nothing).as_str());
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
    let is_headers =
        matches!(content, Content::Headers(_) | Content::HeadersBegun | Content::PushPromise { .. });
    if !is_headers || secrets == Secrets::Shown {
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
        line.json("first_compressed", if piece.compressed { "true" } else { "false" });
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
    line.text("name", &String::from_utf8_lossy(field.name))
        .text("value", ladder::value(field, secrets).as_str());
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
