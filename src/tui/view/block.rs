//! The rows of a call's block.

use std::time::Instant;

use http::{HeaderMap, HeaderName, HeaderValue};
use ratatui::{layout::Rect, style::Style};

use super::paint::{Painter, Piece, hex, rest};
use crate::{
    rpc::{Entry, What, metadata},
    schema::{Kind, MessageType, Shown},
    text::{self, Secrets},
    tui::{
        layout::{Detail, INDENT, Part, Row},
        model::{Call, Leaving, Live, Model, Pane, Phase, Reading, RequestSide, State, Telling},
    },
};

/// What a row is drawn from.
pub(super) struct Context<'a> {
    pub(super) model: &'a Model,
    pub(super) pane: &'a Pane,
    pub(super) call: &'a Call,
    /// Whether some of the call's messages are not shown.
    pub(super) folded: bool,
    /// The chosen message taken apart, where it is.
    pub(super) parts: &'a [Part],
}

/// The hint for an open client stream; the longest that fits is shown.
const HINTS: [&str; 3] = [
    "the server waits: Ctrl-D ends your stream, then it answers",
    "the server waits: Ctrl-D ends your stream",
    "the server waits: Ctrl-D ends it",
];
/// What a heading keeps for its number and subject before its time is left out.
const LEAST_SUBJECT: usize = 10;
/// The room of an elapsed time, so that times are aligned.
const TIME: usize = 7;

pub(super) fn draw(context: &Context<'_>, shown: Row, area: Rect, painter: &mut Painter<'_>) {
    let dim = painter.theme.dim;
    let indented = rest(area, INDENT);
    match shown {
        Row::Heading => heading(context, area, painter),
        Row::Detail(detail) => draw_detail(context, detail, indented, painter),
        Row::Entry(number) => {
            if let Some(found) = context.call.entry(number) {
                draw_entry(context, &found, area, painter);
            }
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
        Row::Hint => {
            let fits = |words: &&&str| text::width(words) <= usize::from(indented.width);
            let words = HINTS.iter().find(fits).or(HINTS.last()).copied().unwrap_or_default();
            painter.left(indented, words, dim);
        }
        Row::Blank => {}
    }
}

fn heading(context: &Context<'_>, area: Rect, painter: &mut Painter<'_>) {
    let Context { model, call, .. } = context;
    let (mut state, style) = state_words(context, painter);
    let time = format!(" {:>TIME$}", time_words(call, model.now));
    let dim = painter.theme.dim;
    let fits =
        |state: &str| text::width(state) + text::width(&time) + LEAST_SUBJECT <= usize::from(area.width);
    if !fits(&state)
        && let State::Live(Live { phase: Phase::Unconnected, leaving: Leaving::No, .. }) = call.state
    {
        "● no connection".clone_into(&mut state);
    }
    let both = fits(&state);
    let right = if both {
        painter.right(area, &[(&state, style), (&time, dim)])
    } else {
        painter.right(area, &[(&state, style)])
    };
    let room = Rect { width: area.width.saturating_sub(right + 2), ..area };
    let number = format!("#{:<2}", call.id.0);
    let number = if number.ends_with(' ') { number } else { format!("{number} ") };
    let (own, request) = what(context);
    let strong = painter.theme.strong;
    let mut used = painter.pieces(room, &[(&number, dim), (&own, strong)]);
    used += painter.foreign(rest(room, used), &request, strong);
    if let Some(name) = other_method(context) {
        painter.left(rest(room, used), &format!("  {}", text::safe(name)), painter.theme.dim);
    }
}

/// How long it takes or took; with a deadline, how much is left.
pub(super) fn time_words(call: &Call, now: Instant) -> String {
    match call.left(now) {
        Some(left) => format!("{} left", text::ticking(left)),
        None if call.is_live() => text::ticking(call.elapsed(now)),
        None => text::elapsed(call.elapsed(now)),
    }
}

/// The name of a method that is not the pane's present one, as short as is clear.
fn other_method<'a>(context: &Context<'a>) -> Option<&'a str> {
    let called = &context.call.method;
    match &context.pane.method {
        Some(present) if present.full_name() == called.full_name() => None,
        Some(present) if present.name() == called.name() => Some(called.full_name()),
        _ => Some(called.name()),
    }
}

/// A heading's subject: the counts; or an arrow, and the words of the one request.
fn what(context: &Context<'_>) -> (String, String) {
    let call = context.call;
    let counts = call.record.counts();
    if let Some(request) = &call.request {
        return ("→ ".to_owned(), plain(call.method.request(), request, 200));
    }
    let sent = format!("{} sent", text::count(counts.sent));
    match call.method.kind() {
        Kind::Bidi => (format!("{sent} · {} received", text::count(counts.received)), String::new()),
        _ => (sent, String::new()),
    }
}

/// A message as the text of one row.
pub(super) fn plain(message: &MessageType, bytes: &[u8], most: usize) -> String {
    let shown = message.show(bytes, most);
    let (Shown::Text { text, .. } | Shown::Json { text, .. } | Shown::Broken { hex: text, .. }) = shown;
    text::safe(&text).into_owned()
}

pub(super) fn state_words(context: &Context<'_>, painter: &Painter<'_>) -> (String, Style) {
    let theme = painter.theme;
    let call = context.call;
    match &call.state {
        State::Live(live) => (live_words(context, *live), theme.accent_words(call.method.kind())),
        State::Ended { status, .. } if status.is_ok() => (format!("✓ {status}"), theme.good),
        State::Ended { status, .. } if status.is_by_you() => (format!("■ {status} by you"), theme.dim),
        State::Ended { status, .. } => (format!("✗ {status}"), theme.bad),
    }
}

fn live_words(context: &Context<'_>, live: Live) -> String {
    let call = context.call;
    let received = call.record.counts().received;
    let words = match (live, call.method.kind()) {
        (Live { leaving: Leaving::Cancelled, .. }, _) => "cancelling".to_owned(),
        (Live { phase: Phase::Waiting, .. }, _) => "connecting".to_owned(),
        (Live { phase: Phase::Unconnected, .. }, _) => "waiting for the connection".to_owned(),
        (Live { phase: Phase::Queued, .. }, _) => "queued".to_owned(),
        (Live { reading: Reading::Stopped, .. }, Kind::ServerStream) => {
            format!("not read · {} received", text::count(received))
        }
        (Live { reading: Reading::Stopped, .. }, _) => "not read".to_owned(),
        (_, Kind::ServerStream) if context.folded => {
            format!("receiving {} · {}", text::count(received), text::rate(call.rate(context.model.now)))
        }
        (_, Kind::ServerStream) if received > 0 => format!("{} received", text::count(received)),
        (_, Kind::Unary | Kind::ServerStream) => "waiting".to_owned(),
        (Live { requests: RequestSide::Open, .. }, _) => "open".to_owned(),
        (Live { requests: RequestSide::Closed, .. }, _) => "half-closed".to_owned(),
    };
    format!("● {words}")
}

fn draw_entry(context: &Context<'_>, entry: &Entry, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let time = format!(" +{}", text::elapsed(entry.at));
    let right = painter.right(area, &[(&time, theme.dim)]);
    let room = Rect { width: area.width.saturating_sub(right + 1), ..area };
    let method = &context.call.method;
    let (arrow, style) = match entry.what {
        What::Received(_) => ("←", theme.accent(method.kind())),
        _ => ("→", theme.dim),
    };
    painter.left(rest(room, 1), arrow, style);
    let text = rest(room, INDENT);
    match &entry.what {
        What::Sent(bytes) => draw_message(method.request(), bytes, text, painter),
        What::Received(bytes) => draw_message(method.reply(), bytes, text, painter),
        What::EndOfStream => {
            painter.left(text, "end of stream", theme.dim);
        }
    }
}

/// The room of a field's bytes before what they mean.
const BYTES: u16 = 30;

/// A field of the chosen message: its bytes, and what they mean; in the last row all of it as JSON.
pub(super) fn draw_part(
    message: &MessageType,
    bytes: &[u8],
    part: &Part,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let theme = painter.theme;
    match part {
        Part::Field(field) => {
            let end = field.offset.saturating_add(field.length).min(bytes.len());
            let hex = hex(bytes.get(field.offset..end).unwrap_or_default());
            painter.left(Rect { width: BYTES.min(area.width), ..area }, &hex, theme.dim);
            let indent = "  ".repeat(field.depth);
            let words = format!("{indent}{}", text::safe(&field.to_string()));
            painter.foreign(rest(area, BYTES), &words, theme.text);
        }
        Part::Whole => {
            let (size, framed) = (bytes.len() as u64, bytes.len() as u64 + 5);
            let sizes = format!("  {} · {} with the gRPC prefix", text::size(size), text::size(framed));
            let right = painter.right(area, &[(&sizes, theme.dim)]);
            let room = Rect { width: area.width.saturating_sub(right), ..area };
            let json = message.json(bytes, usize::from(room.width) * 8);
            painter.foreign(room, &text::safe(&json), theme.dim);
        }
    }
}

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
    if !cut && (text::width(&words) <= usize::from(area.width) || bytes.len() < 1_000) {
        painter.foreign(area, &words, theme.text);
        return;
    }
    let size = format!("… {}", text::size(bytes.len() as u64));
    let room = area.width.saturating_sub(text::width(&size) as u16);
    let fitting = text::fit(&words, usize::from(room) + 1);
    let used = painter.foreign(Rect { width: room, ..area }, fitting.trim_end_matches('…'), theme.text);
    painter.left(rest(area, used), &size, theme.dim);
}

fn draw_detail(context: &Context<'_>, detail: Detail, area: Rect, painter: &mut Painter<'_>) {
    let facts = &context.call.facts;
    let secrets = context.model.secrets_of(context.call.id);
    let (label, words) = match detail {
        Detail::Sent => {
            let headers = facts.sent.as_deref().map(|sent| pairs(sent, secrets)).unwrap_or_default();
            ("sent", format!("POST {}{headers}", context.call.method.path()))
        }
        Detail::Headers => {
            let Some((_, status, headers)) = &facts.headers else { return };
            ("headers", format!("{status}{}", pairs(headers, secrets)))
        }
        Detail::Trailers => {
            let trailers =
                facts.trailers.as_deref().map(|trailers| pairs(trailers, secrets)).unwrap_or_default();
            ("trailers", trailers.trim_start_matches(" · ").to_owned())
        }
        Detail::Deadline => ("deadline", deadline(context.call, context.model.now)),
        Detail::Time => ("time", times(context.call)),
        Detail::Gap => return,
    };
    let label = format!("{label:<10}");
    let words = text::safe(&words).into_owned();
    let pieces: [Piece<'_>; 2] = [(&label, painter.theme.dim), (&words, painter.theme.text)];
    painter.pieces(area, &pieces);
}

/// `25.9 s left of 30.0 s  ▰▰▰▰▱▱`; for a call that is over, the deadline it had. Then how the peer was told.
fn deadline(call: &Call, now: Instant) -> String {
    const BAR: usize = 15;
    let Some(all) = call.deadline else { return String::new() };
    let sent = call.facts.sent.as_ref().and_then(|headers| headers.get("grpc-timeout"));
    let sent =
        sent.map(|value| format!(" · sent as grpc-timeout {}", String::from_utf8_lossy(value.as_bytes())));
    let sent = sent.unwrap_or_default();
    let Some(left) = call.left(now) else { return format!("{}{sent}", text::elapsed(all)) };
    let full = (left.as_secs_f64() / all.as_secs_f64().max(f64::MIN_POSITIVE) * BAR as f64).ceil() as usize;
    let bar = format!("{}{}", "▰".repeat(full.min(BAR)), "▱".repeat(BAR.saturating_sub(full)));
    format!("{} left of {}  {bar}{sent}", text::ticking(left), text::elapsed(all))
}

fn times(call: &Call) -> String {
    let mut words = Vec::new();
    if let Some((stream, at)) = call.facts.started {
        let sent = call.facts.request_sent.unwrap_or(at);
        words.push(format!("stream {stream} · sent {}", text::elapsed(sent)));
    }
    if let Some((at, ..)) = call.facts.headers {
        words.push(format!("headers {}", text::elapsed(at)));
    }
    if let Some(first) = call.record.entries().find(|entry| matches!(entry.what, What::Received(_))) {
        words.push(format!("first reply {}", text::elapsed(first.at)));
    }
    let counts = call.record.counts();
    let request = call.request.as_ref().map_or(0, |request| request.len() as u64);
    let (sent, received) = (text::size(counts.sent_bytes + request), text::size(counts.received_bytes));
    words.push(format!("↑ {sent} ↓ {received}"));
    words.join(" · ")
}

/// The most pieces of metadata that a row shows.
const MAX_PAIRS: usize = 40;
/// The most bytes of a value.
const MAX_VALUE: usize = 256;

/// ` · key value` for each.
fn pairs(headers: &HeaderMap, secrets: Secrets) -> String {
    let mut words = String::new();
    for (key, value) in headers.iter().take(MAX_PAIRS) {
        words.push_str(" · ");
        words.push_str(key.as_str());
        words.push(' ');
        words.push_str(&shown_value(key, value, secrets));
    }
    words
}

/// A header's value as it may be shown: still foreign, its length bounded, a secret masked unless it was asked for.
pub(super) fn shown_value(key: &HeaderName, value: &HeaderValue, secrets: Secrets) -> String {
    metadata::seen(key, value, MAX_VALUE, secrets).into_owned()
}

/// A call in one row: its state, and its newest message.
pub(super) fn draw_summary(context: &Context<'_>, area: Rect, painter: &mut Painter<'_>) {
    let (state, style) = state_words(context, painter);
    let used = painter.pieces(area, &[(&state, style), ("  ", style)]);
    let call = context.call;
    let newest = call.record.newest();
    let words = match newest.map(|entry| entry.what) {
        Some(What::Received(bytes)) => plain(call.method.reply(), &bytes, 400),
        Some(What::Sent(bytes)) => plain(call.method.request(), &bytes, 400),
        Some(What::EndOfStream) => "end of stream".to_owned(),
        None => String::new(),
    };
    painter.foreign(rest(area, used), &words, painter.theme.text);
}
