//! The wire panel: the frames of the newest connections as a ladder between you and the server, the
//! flow-control windows, and a chosen frame in plain words.

mod bytes;
mod row;
mod windows;

use ratatui::{layout::Rect, style::Modifier};

use super::{
    list::open,
    paint::{Painter, rest, row},
};
use crate::{
    rpc::CallId,
    schema::MessageType,
    text,
    tui::{
        layout,
        model::{Call, Model, WirePanel, WireScroll},
    },
    wire::{ConnectionLog, Direction, Entry, Totals, words},
};
use row::Columns;

pub(super) fn draw(model: &Model, panel: &WirePanel, painter: &mut Painter<'_>) {
    let inside = open(model, "F3 Wire", painter);
    title(model, panel, painter);
    let area = layout::wire(model, panel);
    let columns = Columns::of(inside);
    columns.heads(area.head, painter);
    ladder(model, panel, columns, area.rows, painter);
    bytes::draw(model, panel, area.bytes, painter);
    windows::draw(model, panel, area.windows, painter);
    said(model, panel, area.words, painter);
}

fn title(model: &Model, panel: &WirePanel, painter: &mut Painter<'_>) {
    let frame = layout::panel(model);
    let after = " F3 Wire ".len() as u16 + 2;
    let room = rest(row(frame, 0), after);
    let room = Rect { width: room.width.saturating_sub(" Esc back ".len() as u16 + 3), ..room };
    let (dim, panel_style) = (painter.theme.dim, painter.theme.panel);
    let mut used = 0;
    for words in summary(model, panel) {
        let words = format!("· {words} ");
        // A fact is shown whole or not at all.
        if text::width(&words) <= usize::from(room.width - used) {
            used += painter.left(rest(room, used), &words, dim);
        }
    }
    if let Some(held) = held(panel) {
        let held = format!(" {held} ");
        let bottom = row(frame, frame.height.saturating_sub(1));
        let bottom = Rect { x: bottom.x + 2, width: bottom.width.saturating_sub(4), ..bottom };
        painter.right(bottom, &[(&held, panel_style.patch(Modifier::BOLD))]);
    }
}

/// Facts about the connections, the most important first.
fn summary(model: &Model, panel: &WirePanel) -> Vec<String> {
    let mut facts = Vec::new();
    facts.extend(panel.call.map(|call| format!("only call #{call}")));
    facts.extend(panel.frames.words().map(str::to_owned));
    let Some(log) = model.wire.connections().next_back() else { return facts };
    let summary = &log.summary;
    facts.push(format!("connection {}", log.number));
    let s = if summary.streams_open == 1 { "" } else { "s" };
    facts.push(format!("{} stream{s} open", text::count(summary.streams_open as u64)));
    let (up, down) = (text::size(summary.sent.bytes), text::size(summary.received.bytes));
    facts.push(format!("↑ {up} ↓ {down}"));
    facts.extend(saved(&summary.sent, &summary.received));
    facts.extend(summary.round_trip.map(|time| format!("PING {}", text::elapsed(time))));
    facts
}

/// By how much HPACK made the headers of both directions smaller.
fn saved(sent: &Totals, received: &Totals) -> Option<String> {
    let wire = sent.headers.wire + received.headers.wire;
    let text = sent.headers.text + received.headers.text;
    let percent = text.checked_sub(wire)?.checked_mul(100)?.checked_div(text)?;
    Some(format!("HPACK saved {percent} %"))
}

fn held(panel: &WirePanel) -> Option<&'static str> {
    match (panel.scroll, panel.chosen) {
        (WireScroll::Newest, _) => None,
        (WireScroll::Held(_), Some(_)) => Some("held while a frame is chosen · End returns"),
        (WireScroll::Held(_), None) => Some("held · h goes on"),
    }
}

fn ladder(model: &Model, panel: &WirePanel, columns: Columns, area: Rect, painter: &mut Painter<'_>) {
    let shown = layout::wire_entries(model, panel, usize::from(area.height));
    if shown.is_empty() {
        let words = match (model.wire.entries().next(), panel.call) {
            (None, _) => "Nothing passed yet. Every frame of every call stands here as it passes.",
            (Some(_), Some(_)) => "No frame of this call is kept. f shows those of all calls.",
            (Some(_), None) => "No frame of this type is kept. t shows others.",
        };
        painter.left(row(area, 1), words, painter.theme.dim);
    }
    let many = model.wire.connections().len() > 1;
    for (nth, (spot, entry)) in shown.into_iter().enumerate() {
        let Some(log) = model.wire.connection(spot.connection) else { continue };
        let line = row(area, nth as u16);
        columns.draw(&Shown { model, log, entry, names_connection: many && spot.entry == 0 }, line, painter);
        if panel.chosen == Some(spot) {
            let marked = Rect { x: line.x.saturating_sub(1), width: line.width + 2, ..line };
            painter.lay(marked, painter.theme.chosen);
        }
    }
}

const NO_LONGER_KEPT: &str =
    "The chosen frame is no longer kept: newer ones took its place. The oldest that is stands first.";

/// The notice, or the chosen frame in one plain sentence, or that it is no longer kept, or how to choose one.
fn said(model: &Model, panel: &WirePanel, area: Rect, painter: &mut Painter<'_>) {
    let chosen = panel.chosen.and_then(|spot| {
        let log = model.wire.connection(spot.connection)?;
        let entry = log.kept.get(spot.entry)?;
        Some(words::of(entry, &log.kept.payload(entry)))
    });
    let theme = painter.theme;
    let (words, style) = match (&model.notice, chosen, panel.chosen) {
        (Some(notice), ..) => (text::safe(&notice.text).into_owned(), theme.strong),
        (None, Some(words), _) => (words.as_str().to_owned(), theme.note),
        (None, None, Some(_)) => (NO_LONGER_KEPT.to_owned(), theme.dim),
        (None, None, None) => ("The arrows choose a frame; it is explained here.".to_owned(), theme.dim),
    };
    let mut lines = text::wrap(&words, usize::from(area.width));
    let room = usize::from(area.height);
    if lines.len() > room
        && let Some(last) = lines.get(room.saturating_sub(1)..).map(|lines| lines.join(" "))
    {
        // The painter cuts it with a mark.
        lines.truncate(room.saturating_sub(1));
        lines.push(last);
    }
    for (nth, line) in lines.iter().enumerate() {
        painter.left(row(area, nth as u16), line, style);
    }
}

/// An entry, and what it is drawn from.
struct Shown<'a> {
    model: &'a Model,
    log: &'a ConnectionLog,
    entry: &'a Entry,
    /// Whether its row says which connection begins with it.
    names_connection: bool,
}

impl Shown<'_> {
    /// The call that the frame belongs to, where a pane keeps it.
    fn call(&self) -> Option<&Call> {
        let id = CallId(self.entry.call?);
        self.model.panes.iter().find_map(|pane| pane.call(id))
    }

    /// The type of the messages in the frame.
    fn message_type(&self) -> Option<&MessageType> {
        let method = &self.call()?.method;
        Some(match self.entry.direction {
            Direction::Sent => method.request(),
            Direction::Received => method.reply(),
        })
    }
}
