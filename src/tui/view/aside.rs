//! Beside the panes of a wide screen: the chosen call's details, else those of the focused pane's
//! newest call.

use http::HeaderMap;
use ratatui::{layout::Rect, style::Style};

use super::{
    block::{field_bytes, shown_value},
    context::Context,
    heading::{state_words, time_words},
    paint::{Painter, hex, rest, row},
    theme::THIN,
};
use crate::{
    schema::MessageType,
    text::{self, Secrets},
    tui::{
        layout::{Part, parts},
        model::{Call, Model, Row, Telling},
    },
};

/// The room of the labels.
const LABELS: u16 = 24;
/// The most rows of the chosen message as JSON.
const MAX_JSON: usize = 20;
/// The most headers of a block that are shown.
const MAX_HEADERS: usize = 24;

/// Draws row after row, and stops at the bottom.
struct Rows<'a, 'p> {
    painter: &'a mut Painter<'p>,
    inside: Rect,
    next: u16,
}

impl Rows<'_, '_> {
    fn take(&mut self) -> Rect {
        self.next = self.next.saturating_add(1);
        row(self.inside, self.next - 1)
    }

    fn head(&mut self, words: &str) {
        self.next += 1;
        let area = self.take();
        self.painter.left(area, words, self.painter.theme.strong);
    }

    fn pair(&mut self, label: &str, value: &str, style: Style) {
        self.label(label);
        self.says_from(LABELS, value, style);
    }

    /// A header: its value is not the program's own.
    fn header(&mut self, key: &str, value: &str, style: Style) {
        self.label(key);
        for line in self.lines_from(LABELS, value) {
            let area = self.take();
            self.painter.quoted(rest(area, LABELS), &line, style);
        }
    }

    fn label(&mut self, label: &str) {
        let label = text::fit(label, usize::from(LABELS) - 1);
        let first = row(self.inside, self.next);
        self.painter.left(first, &label, self.painter.theme.dim);
    }

    fn says(&mut self, words: &str, style: Style) {
        self.says_from(0, words, style);
    }

    /// Says something in as many rows as it takes, from a column on.
    fn says_from(&mut self, column: u16, words: &str, style: Style) {
        for line in self.lines_from(column, words) {
            let area = self.take();
            self.painter.left(rest(area, column), &line, style);
        }
    }

    /// The same for others' words.
    fn quotes_from(&mut self, column: u16, words: &str, style: Style) {
        for line in self.lines_from(column, words) {
            let area = self.take();
            self.painter.foreign(rest(area, column), &line, style);
        }
    }

    fn lines_from(&self, column: u16, words: &str) -> Vec<String> {
        let columns = usize::from(self.inside.width.saturating_sub(column));
        let fits = text::width(words) <= columns;
        if fits { vec![words.to_owned()] } else { text::wrap(words, columns) }
    }
}

pub(super) fn draw(model: &Model, area: Rect, painter: &mut Painter<'_>) {
    if area.is_empty() {
        return;
    }
    let border = painter.theme.border;
    painter.frame(area, &THIN, border);
    let title = Rect { x: area.x + 2, width: area.width - 4, ..row(area, 0) };
    let pane = model.focused();
    let inside =
        Rect { x: area.x + 2, y: area.y + 1, width: area.width - 4, height: area.height.saturating_sub(2) };
    let Some(call) = pane.chosen_call().or_else(|| pane.calls().back()) else {
        painter.left(title, " Details ", painter.theme.dim);
        painter.left(row(inside, 0), "What a call sent and what came back stands here.", painter.theme.dim);
        return;
    };
    painter.left(title, &format!(" Details · #{} ", call.id.0), painter.theme.text);
    let mut rows = Rows { painter, inside, next: 0 };
    summary(&Context { model, pane, call, folded: false, parts: &[] }, &mut rows);
    headers(call, model.secrets_of(call.id), &mut rows);
    message(model, call, &mut rows);
}

fn summary(context: &Context<'_>, rows: &mut Rows<'_, '_>) {
    let (model, call) = (context.model, context.call);
    let (state, style) = state_words(context, rows.painter);
    let plain = rows.painter.theme.text;
    rows.pair("method", &text::safe(&call.method.path().to_string()), plain);
    rows.pair("state", &format!("{state}  {}", time_words(call, model.now)), style);
    for told in &call.facts.told {
        let style = rows.painter.theme.telling(told.what);
        match told.what {
            Telling::Wrong => rows.quotes_from(0, &told.words, style),
            Telling::Note | Telling::Fact => rows.says(&told.words, style),
        }
    }
    let counts = call.record.counts();
    let sent = if call.request.is_some() { 1 } else { counts.sent };
    let sent_bytes = counts.sent_bytes + call.request.as_ref().map_or(0, |request| request.len() as u64);
    rows.pair("sent", &format!("{} · {}", text::count(sent), text::size(sent_bytes)), plain);
    let (received, bytes) = (text::count(counts.received), text::size(counts.received_bytes));
    rows.pair("received", &format!("{received} · {bytes}"), plain);
    times(call, rows, plain);
}

fn times(call: &Call, rows: &mut Rows<'_, '_>, style: Style) {
    let facts = &call.facts;
    let since = |at| format!("+{}", text::elapsed(at));
    if let Some((stream, at)) = facts.started {
        rows.pair("began", &format!("{} on stream {stream}", since(at)), style);
    }
    if let Some(at) = facts.request_sent {
        rows.pair("request sent", &since(at), style);
    }
    if let Some((at, ..)) = facts.headers {
        rows.pair("headers came", &since(at), style);
    }
    if let Some(at) = call.record.first_received() {
        rows.pair("first reply", &since(at), style);
    }
}

fn headers(call: &Call, secrets: Secrets, rows: &mut Rows<'_, '_>) {
    let facts = &call.facts;
    if let Some(sent) = &facts.sent {
        rows.head("Request headers");
        pairs(sent, secrets, rows);
    }
    if let Some((_, status, headers)) = &facts.headers {
        rows.head("Response headers");
        rows.pair(":status", &status.to_string(), rows.painter.theme.text);
        pairs(headers, secrets, rows);
    }
    if let Some(trailers) = &facts.trailers {
        rows.head("Trailers");
        pairs(trailers, secrets, rows);
    }
}

fn pairs(headers: &HeaderMap, secrets: Secrets, rows: &mut Rows<'_, '_>) {
    let style = rows.painter.theme.text;
    for (key, value) in headers.iter().take(MAX_HEADERS) {
        rows.header(&text::safe(key.as_str()), &text::safe(&shown_value(key, value, secrets)), style);
    }
    if headers.len() > MAX_HEADERS {
        let more = format!("… {} more", text::count((headers.len() - MAX_HEADERS) as u64));
        rows.says(&more, rows.painter.theme.dim);
    }
}

/// The chosen message taken apart, else the newest.
fn message(model: &Model, call: &Call, rows: &mut Rows<'_, '_>) {
    let chosen =
        model.focused().chosen_place().filter(|choice| choice.call == call.id).map(|choice| choice.row);
    let all = call.seen().total();
    // After the newest message there is at most the end of the stream.
    let newest = (0..all).rev().take(2).find(|number| call.message(*number).is_some());
    let Some(entry) = (match chosen {
        Some(Row::Entry(number)) => Some(number),
        _ => newest,
    }) else {
        return;
    };
    let Some((message, bytes)) = call.message(entry) else { return };
    rows.head(if matches!(chosen, Some(Row::Entry(_))) {
        "The chosen message"
    } else {
        "The newest message"
    });
    for part in parts(call, entry) {
        draw_part(&part, message, &bytes, rows);
    }
}

/// The columns by which what bytes mean stands in from the bytes.
const MEANING: u16 = 2;

/// A field: its bytes, and under them what they mean; at last all of it as JSON, and its size.
fn draw_part(part: &Part, message: &MessageType, bytes: &[u8], rows: &mut Rows<'_, '_>) {
    let (plain, dim) = (rows.painter.theme.text, rows.painter.theme.dim);
    match part {
        Part::Field(field) => {
            rows.says(&hex(field_bytes(field, bytes)), dim);
            let indent = MEANING * (1 + field.depth as u16);
            rows.quotes_from(indent, &text::safe(&field.to_string()), plain);
        }
        Part::Whole => {
            let size = bytes.len() as u64;
            rows.says(&format!("{} · {} with the gRPC prefix", text::size(size), text::size(size + 5)), dim);
            let most = usize::from(rows.inside.width) * MAX_JSON;
            rows.quotes_from(0, &text::safe(&message.json(bytes, most)), dim);
        }
    }
}
