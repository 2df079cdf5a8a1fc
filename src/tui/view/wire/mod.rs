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
    rpc::{CallId, Cause, Origin},
    text,
    tui::{
        layout,
        model::{Call, Live, Model, Phase, State, WirePanel, WireScroll},
    },
    wire::{Entry, Kept, Totals, words},
};
use row::Columns;

pub(super) fn draw(model: &Model, panel: &WirePanel, painter: &mut Painter<'_>) {
    open(model, "F3 Wire", painter);
    title(model, panel, painter);
    let area = layout::wire(model, panel);
    let columns = Columns::of(area.head);
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
    let bottom = row(frame, frame.height.saturating_sub(1));
    let bottom = Rect { x: bottom.x + 2, width: bottom.width.saturating_sub(4), ..bottom };
    let held = held(panel, model.wire.passed_since()).into_iter().map(|words| format!(" {words} "));
    if let Some(words) = held.into_iter().find(|words| text::width(words) <= usize::from(bottom.width)) {
        painter.right(bottom, &[(&words, panel_style.patch(Modifier::BOLD))]);
    }
}

/// Facts about the connections, the most important first.
fn summary(model: &Model, panel: &WirePanel) -> Vec<String> {
    let mut facts = Vec::new();
    facts.extend(panel.call.map(|call| format!("only call #{call}")));
    facts.extend(panel.frames.words().map(str::to_owned));
    let Some(log) = panel.connection_at_hand(&model.wire) else { return facts };
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

/// That the view is held, how much passed since, and what ends it; the longest words first.
fn held(panel: &WirePanel, passed: u64) -> Vec<String> {
    if panel.scroll == WireScroll::Newest {
        return Vec::new();
    }
    let since = if passed > 0 { format!(" · {} more since", text::count(passed)) } else { String::new() };
    let (why, end) = match panel.chosen {
        Some(_) => (" while a frame is chosen", "End returns"),
        None => ("", "h goes on"),
    };
    vec![format!("held{why}{since} · {end}"), format!("held{since} · {end}"), format!("held{since}")]
}

fn ladder(model: &Model, panel: &WirePanel, columns: Columns, area: Rect, painter: &mut Painter<'_>) {
    let shown = layout::wire_entries(model, panel, usize::from(area.height));
    if shown.is_empty() {
        for (nth, line) in (1..).zip(text::wrap(&nothing(model, panel), usize::from(area.width))) {
            painter.left(row(area, nth), &line, painter.theme.dim);
        }
    }
    let many = model.wire.connections().len() > 1;
    for (nth, (spot, entry)) in shown.into_iter().enumerate() {
        let Some(kept) = model.wire.kept(spot.connection) else { continue };
        let line = row(area, nth as u16);
        let names_connection = many && spot.entry == 0;
        let connection = spot.connection;
        columns.draw(&Shown { model, connection, kept, entry, names_connection }, line, painter);
        if panel.chosen == Some(spot) {
            let marked = Rect { x: line.x.saturating_sub(1), width: line.width + 2, ..line };
            painter.lay(marked, painter.theme.chosen);
        }
    }
}

/// Why there is no row.
fn nothing(model: &Model, panel: &WirePanel) -> String {
    let call = panel.call.and_then(|number| model.call(CallId(number)));
    let unsent = call.filter(|call| call.facts.started.is_none()).and_then(unsent);
    match (unsent, model.wire.entries().next(), panel.call) {
        (Some(words), ..) => words.to_owned(),
        (None, None, _) if let Some(why) = model.link.hindrance() => {
            format!("Nothing passed yet: {}. F2 says what to do.", text::safe(&why))
        }
        (None, None, _) => {
            "Nothing passed yet. Every frame of every call stands here as it passes.".to_owned()
        }
        (None, Some(_), Some(_)) => "No frame of this call is kept. f shows those of all calls.".to_owned(),
        (None, Some(_), None) => "No frame of this type is kept. t shows others.".to_owned(),
    }
}

/// Why nothing was sent of a call that has no stream.
fn unsent(call: &Call) -> Option<&'static str> {
    Some(match &call.state {
        State::Live(Live { phase: Phase::Queued, .. }) => "Not sent yet: it waits for its turn.",
        State::Live(Live { phase: Phase::Waiting | Phase::Unconnected, .. }) => {
            "Not sent yet: it waits for a connection."
        }
        State::Live(Live { phase: Phase::Started, .. }) => return None,
        State::Ended { status, .. } if status.origin == Origin::Here(Cause::CancelledByYou) => {
            "Cancelled before its turn: nothing was sent."
        }
        State::Ended { .. } => "It ended before its turn: nothing was sent.",
    })
}

/// The notice, or the chosen frame in one plain sentence, or that it is no longer kept, or how to choose one.
fn said(model: &Model, panel: &WirePanel, area: Rect, painter: &mut Painter<'_>) {
    let chosen = panel.chosen.and_then(|spot| {
        let kept = model.wire.kept(spot.connection)?;
        let entry = kept.get(spot.entry)?;
        Some(words::of(entry, &kept.payload(entry)))
    });
    let theme = painter.theme;
    let (words, style) = match (&model.notice, chosen) {
        (Some(notice), _) => (text::safe(&notice.text).into_owned(), theme.strong),
        (None, Some(words)) => (words.as_str().to_owned(), theme.note),
        (None, None) if model.wire.entries().next().is_none() => return,
        (None, None) => ("The arrows choose a frame; it is explained here.".to_owned(), theme.dim),
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
    connection: u32,
    kept: &'a Kept,
    entry: &'a Entry,
    /// Whether its row says which connection begins with it.
    names_connection: bool,
}

impl Shown<'_> {
    /// The call that the frame belongs to, where a pane keeps it.
    fn call(&self) -> Option<&Call> {
        self.model.call(CallId(self.entry.call?))
    }
}
