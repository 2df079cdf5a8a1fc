//! The rows of a call's block.

use std::time::Instant;

use http::{HeaderName, HeaderValue};
use ratatui::layout::Rect;

use super::{
    context::{Context, plain},
    heading::{self, state_words},
    paint::{Painter, hex, rest},
};
use crate::{
    rpc::{Entry, What, metadata},
    schema::{Line, MessageType, Shown},
    text::{self, Secrets},
    tui::{
        layout::{
            DETAIL_LABEL, INDENT, MessageLines, Part, READABLE, detail_words, entry_lines, request_lines,
            since,
        },
        model::{Call, Detail, Place, Row, Telling, Waiting, Zoom},
    },
};

/// The hint for an open client stream; the longest that fits is shown.
const HINTS: [&str; 4] = [
    "the server waits: Ctrl-D ends your stream, then it answers",
    "the server waits: Ctrl-D ends your stream",
    "Ctrl-D, then the server answers",
    "Ctrl-D ends your stream",
];
/// The same for a call whose messages do not go.
const HELD_UP: [&str; 3] =
    ["the server takes no more yet: F3 shows its window", "the server takes no more yet", "not taken yet"];
/// In fewer columns a message has no room beside its time.
const NARROW: u16 = 34;

pub(super) fn draw(context: &Context<'_>, shown: Row, area: Rect, painter: &mut Painter<'_>) {
    let dim = painter.theme.dim;
    let indented = rest(area, INDENT);
    let readable = Rect { width: area.width.min(READABLE), ..area };
    match shown {
        Row::Heading => heading::draw(context, readable, painter),
        Row::Detail { detail, line } => draw_detail(context, detail, line, indented, painter),
        Row::Entry(number) => {
            if let Some(found) = context.call.entry(number) {
                draw_entry(context, (number, &found), readable, painter);
            }
        }
        Row::Text { entry, line } => {
            draw_line(&entry_lines(context.call, entry, area.width), line, indented, painter);
        }
        Row::Part { entry, part } => {
            if let (Some((message, bytes)), Some(part)) =
                (context.call.message(entry), context.parts.get(part))
            {
                draw_part(message, &bytes, part, rest(indented, INDENT), painter);
            }
        }
        Row::Fold(hidden) => {
            painter.left(rest(area, 1), &format!("… {} more", text::count(hidden)), dim);
        }
        Row::Cut(rows) => {
            let rows = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
            painter.left(indented, &format!("… {rows} more"), dim);
        }
        Row::LetGo(gone) => {
            let gone = text::count(gone);
            painter.left(rest(area, 1), &format!("… {gone} counted, no longer kept"), dim);
        }
        Row::Told { item, line } => {
            let Some(told) = context.call.facts.told.get(item) else { return };
            let style = painter.theme.telling(told.what);
            let lines = told.lines(usize::from(indented.width));
            let Some(words) = lines.get(line) else { return };
            match told.what {
                // The server's own words.
                Telling::Wrong => painter.foreign(indented, words, style),
                Telling::Note | Telling::Fact => painter.left(indented, words, style),
            };
        }
        Row::Waiting { nth, most } => {
            let Some(waiting) = context.call.waiting_row(most, nth) else { return };
            draw_waiting(context, waiting, readable, painter);
        }
        Row::Hint => {
            let is_held_up = context.call.waiting_rows(1) > 0;
            let hints = if is_held_up { &HELD_UP[..] } else { &HINTS[..] };
            let fits = |words: &&&str| text::width(words) <= usize::from(indented.width);
            let words = hints.iter().find(fits).or(hints.last()).copied().unwrap_or_default();
            painter.left(indented, words, dim);
        }
        Row::Blank => {}
    }
}

fn draw_entry(context: &Context<'_>, (number, entry): (u64, &Entry), area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let method = &context.call.method;
    let time = since(entry.at);
    let room = usize::from(area.width.saturating_sub(INDENT));
    let width = text::width(&entry_words(context.call, entry));
    // Where one of them must go, a message that can be read whole is worth more than its time.
    let is_whole_beside = width + text::width(&time) < room;
    let has_room = is_whole_beside || (area.width >= NARROW && width > room);
    let right = if has_room { painter.right(area, &[(&time, theme.dim)]) + 1 } else { 0 };
    let room = Rect { width: area.width.saturating_sub(right), ..area };
    let (arrow, style) = match entry.what {
        What::Received(_) => ("←", theme.accent(method.kind())),
        _ => ("→", theme.dim),
    };
    painter.left(rest(room, 1), arrow, style);
    let text = rest(room, INDENT);
    if is_opened(context, number) {
        let lines = entry_lines(context.call, number, area.width);
        if !lines.is_empty() {
            draw_line(&lines, 0, text, painter);
            return;
        }
    }
    match &entry.what {
        What::Sent(bytes) => draw_message(method.request(), bytes, text, painter),
        What::Received(bytes) => draw_message(method.reply(), bytes, text, painter),
        What::EndOfStream => {
            painter.left(text, END_OF_STREAM, theme.dim);
        }
    }
}

const END_OF_STREAM: &str = "end of stream";

/// What waits to be sent, where its time will stand.
fn draw_waiting(context: &Context<'_>, waiting: Waiting<'_>, area: Rect, painter: &mut Painter<'_>) {
    let dim = painter.theme.dim;
    let words = match waiting {
        Waiting::More(more) => {
            painter.left(rest(area, 1), &format!("… {} more waiting", text::count(more)), dim);
            return;
        }
        Waiting::Message(message) => plain(context.call.method.request(), message, 400),
        Waiting::EndOfStream => END_OF_STREAM.to_owned(),
    };
    let right = painter.right(area, &[("waiting", dim)]) + 1;
    let room = Rect { width: area.width.saturating_sub(right), ..area };
    painter.left(rest(room, 1), "→", dim);
    painter.foreign(rest(room, INDENT), &words, dim);
}

/// Whether an entry is the chosen one of a zoomed pane: all of its text is shown.
fn is_opened(context: &Context<'_>, number: u64) -> bool {
    let place = Place { call: context.call.id, row: Row::Entry(number) };
    context.model.zoom == Zoom::On && context.pane.chosen_place() == Some(place)
}

/// An entry in one row's words.
fn entry_words(call: &Call, entry: &Entry) -> String {
    match &entry.what {
        What::Received(bytes) => plain(call.method.reply(), bytes, 400),
        What::Sent(bytes) => plain(call.method.request(), bytes, 400),
        What::EndOfStream => END_OF_STREAM.to_owned(),
    }
}

/// A row of a text in several; behind its last one the size of all of it, where that is more.
fn draw_line(text: &MessageLines, line: usize, area: Rect, painter: &mut Painter<'_>) {
    match (text.lines.get(line), text.cut_of) {
        (Some(words), _) => painter.foreign(area, words, painter.theme.text),
        (None, Some(size)) => {
            painter.left(area, &format!("… {} in all", text::size(size)), painter.theme.dim)
        }
        (None, None) => 0,
    };
}

/// The room of a field's bytes before what they mean.
const BYTES: u16 = 30;

/// The bytes of a field.
pub(super) fn field_bytes<'a>(field: &Line, bytes: &'a [u8]) -> &'a [u8] {
    let end = field.offset.saturating_add(field.length).min(bytes.len());
    bytes.get(field.offset..end).unwrap_or_default()
}

/// A field of the chosen message: its bytes, and what they mean; in the last row all of it as JSON.
fn draw_part(message: &MessageType, bytes: &[u8], part: &Part, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    match part {
        Part::Field(field) => {
            let hex = hex(field_bytes(field, bytes));
            painter.left(Rect { width: BYTES.min(area.width), ..area }, &hex, theme.dim);
            let indent = "  ".repeat(field.depth);
            let words = format!("{indent}{}", text::safe(&field.to_string()));
            painter.foreign(rest(area, BYTES), &words, theme.text);
        }
        Part::Whole => {
            let (size, framed) = (bytes.len() as u64, bytes.len() as u64 + 5);
            let sizes = format!("   {} · {} with the gRPC prefix", text::size(size), text::size(framed));
            let room = area.width.saturating_sub(text::width(&sizes) as u16);
            let json = message.json(bytes, usize::from(room) * 8);
            let used = painter.foreign(Rect { width: room, ..area }, &text::safe(&json), theme.dim);
            painter.left(rest(area, used), &sizes, theme.dim);
        }
    }
}

/// A message of so many bytes says its size where it is cut.
const SIZED: usize = 100;

/// A message in one row; if it is cut, its size is shown. Only the part that is seen is decoded.
fn draw_message(message: &MessageType, bytes: &[u8], area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    // A cluster of several bytes takes a column: more than this is never seen.
    let most = usize::from(area.width) * 16 + 64;
    let (words, cut) = match message.show(bytes, most) {
        Shown::Text { text, cut } | Shown::Json { text, cut } => (text, cut),
        Shown::Broken { error, hex } => {
            // The error matters most; the bytes get the room that is left, but never none.
            let error = format!("  {}", text::safe(&error));
            let hex_room = usize::from(area.width).saturating_sub(text::width(&error)).max(11) as u16;
            let used =
                painter.left(Rect { width: hex_room.min(area.width), ..area }, &text::safe(&hex), theme.text);
            painter.left(rest(area, used), &error, theme.bad);
            return;
        }
    };
    let words = text::safe(&words);
    if !cut && text::width(&words) <= usize::from(area.width) {
        painter.foreign(area, &words, theme.text);
        return;
    }
    // Of a short one, what the size says is not worth the room that it takes from the words.
    let size = if bytes.len() < SIZED {
        String::from("…")
    } else {
        format!("… {}", text::size(bytes.len() as u64))
    };
    let room = area.width.saturating_sub(text::width(&size) as u16);
    let fitting = text::fit(&words, usize::from(room) + 1);
    let used = painter.foreign(Rect { width: room, ..area }, fitting.trim_end_matches('…'), theme.text);
    painter.left(rest(area, used), &size, theme.dim);
}

fn draw_detail(context: &Context<'_>, detail: Detail, line: usize, area: Rect, painter: &mut Painter<'_>) {
    let (call, theme) = (context.call, painter.theme);
    let label = match detail {
        Detail::Request => "request",
        Detail::Sent => "sent",
        Detail::Headers => "headers",
        Detail::Trailers => "trailers",
        Detail::Deadline => "deadline",
        Detail::Time => "time",
        Detail::Gap => return,
    };
    if line == 0 {
        painter.left(area, label, theme.dim);
    }
    let area = rest(area, DETAIL_LABEL);
    let columns = usize::from(area.width);
    match detail {
        Detail::Request => draw_line(&request_lines(call, columns), line, area, painter),
        Detail::Deadline => {
            painter.left(area, &deadline(call, context.model.now, columns), theme.text);
        }
        _ => {
            let words = detail_words(call, detail, context.pane.secrets_of(call.id));
            let Some(words) = words.and_then(|words| words.lines(columns).into_iter().nth(line)) else {
                return;
            };
            match detail {
                Detail::Time => painter.left(area, &words, theme.text),
                _ => painter.quoted(area, &words, theme.text),
            };
        }
    }
}

/// `25.9 s left of 30.0 s  ▰▰▰▰▱▱`; for a call that is over, the deadline it had. Then, where there is room, how the
/// peer was told: that is among the headers too.
fn deadline(call: &Call, now: Instant, columns: usize) -> String {
    const BAR: usize = 15;
    let Some(all) = call.deadline else { return String::new() };
    let sent = call.facts.sent.as_ref().and_then(|headers| headers.get("grpc-timeout"));
    let sent =
        sent.map(|value| format!(" · sent as grpc-timeout {}", String::from_utf8_lossy(value.as_bytes())));
    let sent = sent.unwrap_or_default();
    let with_sent = |words: String| {
        let fits = text::width(&words) + text::width(&sent) <= columns;
        if fits { text::safe(&format!("{words}{sent}")).into_owned() } else { words }
    };
    let Some(left) = call.left(now) else { return with_sent(text::elapsed(all)) };
    let full = (left.as_secs_f64() / all.as_secs_f64().max(f64::MIN_POSITIVE) * BAR as f64).ceil() as usize;
    let bar = format!("{}{}", "▰".repeat(full.min(BAR)), "▱".repeat(BAR.saturating_sub(full)));
    with_sent(format!("{} left of {}  {bar}", text::ticking(left), text::elapsed(all)))
}

/// The most bytes of a header's value.
const MAX_VALUE: usize = 1_024;

/// A header's value as it may be shown: still foreign, its length bounded, a secret masked unless it was asked for.
pub(super) fn shown_value(key: &HeaderName, value: &HeaderValue, secrets: Secrets) -> String {
    metadata::seen(key, value, MAX_VALUE, secrets).into_owned()
}

/// A call in one row: its state, and its newest message.
pub(super) fn draw_summary(context: &Context<'_>, area: Rect, painter: &mut Painter<'_>) {
    let (state, style) = state_words(context, painter);
    let waiting = match context.call.waiting() {
        0 => String::new(),
        waiting => format!(" · {} waiting", text::count(waiting)),
    };
    let used = painter.pieces(area, &[(&state, style), (&waiting, style), ("  ", style)]);
    let words =
        newest_to_tell(context.call).map(|entry| entry_words(context.call, &entry)).unwrap_or_default();
    painter.foreign(rest(area, used), &words, painter.theme.text);
}

/// A call's newest entry; of one that is over, the newest message.
fn newest_to_tell(call: &Call) -> Option<Entry> {
    let newest = call.record.newest()?;
    if call.is_live() || newest.what != What::EndOfStream {
        return Some(newest);
    }
    // The stream ends once: what lies before is a message.
    call.record.total().checked_sub(2).and_then(|before| call.record.get(before))
}
