//! A pane: title, transcript, what it says to the user, and its line.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};

use super::{
    block,
    context::Context,
    paint::{Painter, Piece, rest, row},
    proposal, teach,
    theme::THIN,
};
use crate::{
    schema::Kind,
    text,
    tui::{
        layout::{self, PaneArea, Window, notice_lines, pane_window},
        model::{Model, Pane, Place, Row, Scroll, Zoom},
    },
};

/// Draws a pane; for the focused one, returns the position of its cursor.
pub(super) fn draw(model: &Model, kind: Kind, area: PaneArea, painter: &mut Painter<'_>) -> Option<Position> {
    let pane = model.pane(kind);
    let focused = model.focus == kind;
    let window = pane_window(model, pane);
    let mark = mark(pane, &window, painter);
    draw_frame(model, pane, mark.as_ref(), area, painter);
    let transcript = area.transcript();
    match &pane.method {
        Some(method) if pane.calls().is_empty() => {
            // The row for notices is free as long as no call was made.
            let height = area.line().y.saturating_sub(transcript.y);
            teach::draw(method, Rect { height, ..transcript }, painter);
        }
        _ => draw_transcript(model, pane, window, transcript, painter),
    }
    draw_notice(model, pane, mark.as_ref(), area, painter);
    let cursor = draw_line(pane, focused, area.line(), painter);
    if let Some(cursor) = cursor.filter(|_| focused && model.panel.is_none() && model.notice.is_none()) {
        proposal::draw(pane, cursor, area, painter);
    }
    cursor.filter(|_| focused)
}

/// What a pane says of what it does not show, and how that looks.
type Mark = (String, Style);

fn draw_frame(model: &Model, pane: &Pane, mark: Option<&Mark>, area: PaneArea, painter: &mut Painter<'_>) {
    let focused = model.focus == pane.kind;
    let theme = painter.theme;
    let (style, frame) =
        if focused { (theme.accent(pane.kind), theme.focus_frame) } else { (theme.border, &THIN) };
    let rect = area.rect();
    let top = row(rect, 0);
    match area {
        PaneArea::Framed(_) => painter.frame(rect, frame, style),
        _ => painter.across(top, frame, style),
    }
    let inside = Rect { x: rect.x + 2.min(rect.width), width: rect.width.saturating_sub(4), ..top };
    // The way back is worth more than the end of a name.
    let back = match model.zoom {
        Zoom::On => painter.right(inside, &[(" Ctrl-O back ", painter.theme.dim)]),
        Zoom::Off => 0,
    };
    title(model, pane, Rect { width: inside.width - back, ..inside }, painter);
    if let (Some((mark, style)), PaneArea::Framed(_)) = (mark, area) {
        let bottom = Rect { y: rect.bottom() - 1, ..inside };
        painter.right(bottom, &[(&format!(" {mark} "), *style)]);
    }
}

fn mark(pane: &Pane, window: &Window, painter: &Painter<'_>) -> Option<Mark> {
    if let Some(held) = held(pane, window) {
        return Some((held, painter.theme.strong));
    }
    match window.unseen {
        // Nothing is gone: it was scrolled away.
        0 if window.rows.is_empty() && window.more_live == 0 && !pane.calls().is_empty() => {
            let all = text::count(pane.calls().len() as u64);
            Some((format!("↑ {all} scrolled away · PageUp"), painter.theme.dim))
        }
        0 => None,
        unseen => Some((format!("↑ {} more · PageUp", text::count(unseen as u64)), painter.theme.dim)),
    }
}

/// What a scrolled-back view says about itself.
fn held(pane: &Pane, window: &Window) -> Option<String> {
    if pane.let_go() > 0 && is_at_top(pane, window) {
        return Some(format!("{} earlier calls, no longer kept", text::count(pane.let_go())));
    }
    match pane.came_since() {
        0 if window.at_end => None,
        0 => Some("scrolled back · End returns".to_owned()),
        came => Some(format!("↓ {} new · End returns", text::count(came))),
    }
}

/// Whether the oldest row that is kept is the first one shown.
fn is_at_top(pane: &Pane, window: &Window) -> bool {
    let oldest = pane.calls().front().map(|call| Place::heading(call.id));
    window.rows.first().map(|(_, place)| *place) == oldest
}

fn title(model: &Model, pane: &Pane, area: Rect, painter: &mut Painter<'_>) -> u16 {
    let theme = painter.theme;
    let focused = model.focus == pane.kind;
    let accent = theme.accent_words(pane.kind).patch(ratatui::style::Modifier::BOLD);
    let number = format!(" {} ", pane.kind.index() + 1);
    let kind = if focused { accent } else { theme.text };
    let method = pane
        .method
        .as_ref()
        .map_or_else(|| "none in this service".into(), |m| text::safe(m.name()).into_owned());
    // The last column is for the space that ends the title.
    let room = Rect { width: area.width.saturating_sub(1), ..area };
    let others = match model.contract.of_kind(pane.kind).count() {
        0 | 1 => String::new(),
        all => format!(" · one of {all} · Alt-M"),
    };
    let pieces: [Piece<'_>; 5] = [
        (&number, accent),
        (pane.kind.title(), kind),
        (" · ", theme.dim),
        (&method, theme.dim),
        (&others, theme.dim),
    ];
    let used = painter.pieces(room, &pieces);
    used + painter.left(rest(area, used), " ", theme.dim)
}

fn draw_transcript(model: &Model, pane: &Pane, mut window: Window, area: Rect, painter: &mut Painter<'_>) {
    if let (1, Scroll::Newest, Some(call)) = (area.height, pane.scroll(), pane.calls().back()) {
        // One row is for the answer.
        let context = Context { model, pane, call, folded: false, parts: &[] };
        block::draw_summary(&context, area, painter);
        return;
    }
    if window.more_live > 0 && window.rows.len() == usize::from(area.height) {
        window.rows.pop();
    }
    // Of all messages, at most one is taken apart: the chosen one, where that is not shown beside the pane.
    let opened = pane.chosen_place().and_then(|choice| match choice.row {
        Row::Entry(entry) if model.zoom == Zoom::On && !model.has_aside() => {
            pane.call(choice.call).map(|call| (call, entry))
        }
        _ => None,
    });
    let parts = opened.map(|(call, entry)| layout::parts(call, entry)).unwrap_or_default();
    for (nth, (at, place)) in (0..window.rows.len()).filter_map(|nth| Some((nth, window.seen(nth)?))) {
        let Some(call) = pane.calls().get(at) else { continue };
        let folded = window.rows.iter().any(|(other, place)| *other == at && place.row.is_fold());
        let line = row(area, nth as u16);
        let context = Context { model, pane, call, folded, parts: &parts };
        block::draw(&context, place.row, line, painter);
        if window.chosen == Some(nth) {
            painter.lay(
                Rect { x: line.x.saturating_sub(1), width: line.width + 2, ..line },
                painter.theme.chosen,
            );
        }
    }
    if window.more_live > 0 {
        let more = format!("+ {} more live", text::count(window.more_live as u64));
        painter.left(row(area, window.rows.len() as u16), &more, painter.theme.dim);
    }
}

fn draw_notice(model: &Model, pane: &Pane, mark: Option<&Mark>, area: PaneArea, painter: &mut Painter<'_>) {
    let place = match area.notice() {
        // In a very low pane it covers the newest row.
        none if none.is_empty() => row(area.transcript(), area.transcript().height.saturating_sub(1)),
        place => place,
    };
    let place = Rect { width: area.notice_width().min(place.width), ..place };
    let mut lines = notice_lines(model, pane, place.width);
    if let (Some((mark, style)), PaneArea::Wide(_)) = (mark, area) {
        let beside = lines.last().map_or(0, |line| text::width(line) as u16 + 2);
        painter.right(rest(area.notice(), beside), &[(mark, *style)]);
    }
    let shown = area.notice_rows(lines.len());
    if lines.len() > usize::from(shown)
        && let Some(last) = usize::from(shown).checked_sub(1).and_then(|last| lines.get_mut(last))
    {
        *last = text::fit(&format!("{last} …"), usize::from(place.width)).into_owned();
    }
    for (nth, line) in (0..shown).zip(&lines) {
        let line_area = Rect { y: (place.y + 1 + nth).saturating_sub(shown), ..place };
        painter.clear(line_area);
        painter.left(line_area, line, painter.theme.strong);
    }
}

fn draw_line(pane: &Pane, focused: bool, area: Rect, painter: &mut Painter<'_>) -> Option<Position> {
    let theme = painter.theme;
    let method = pane.line_method()?;
    let field = method.request().line_field();
    let label = layout::label(pane);
    let (label, sign) = label.split_at(label.len() - " ▸ ".len());
    let accent = if focused { theme.accent(pane.kind) } else { theme.dim };
    let first = row(area, 0);
    let used = painter.pieces(first, &[(label, theme.dim), (sign, accent)]);
    let room = Rect { height: area.height, ..rest(area, used) };
    if !pane.line.is_empty() {
        let style =
            if focused { theme.strong.remove_modifier(ratatui::style::Modifier::BOLD) } else { theme.text };
        return if pane.takes_rows() && area.height > 1 {
            let labelled = Rect { width: used, ..area };
            draw_rows(pane, (labelled, room), style, painter)
        } else {
            painter.edited(rest(first, used), &pane.line, style)
        };
    }
    let hint = match (field, focused && pane.choice.is_none()) {
        (Some(field), true) => format!("type a {field}, then Enter"),
        (Some(field), false) => format!("a {field}"),
        (None, true) => "type the message as JSON, then Enter".to_owned(),
        (None, false) => "a message as JSON".to_owned(),
    };
    painter.left(rest(first, used), &text::safe(&hint), theme.hint);
    (!room.is_empty()).then(|| Position::new(room.x, room.y))
}

/// A message written in several rows, scrolled so that its cursor is seen. Beside them, in the label's columns, stands how
/// many are not.
fn draw_rows(
    pane: &Pane,
    (beside, area): (Rect, Rect),
    style: Style,
    painter: &mut Painter<'_>,
) -> Option<Position> {
    let written = pane.line.text();
    let rows = layout::rows(written, usize::from(area.width));
    let cursor = pane.line.split().0.len();
    let at = layout::row_of(&rows, cursor);
    let height = usize::from(area.height);
    let top = (at + 1).saturating_sub(height).min(rows.len().saturating_sub(height));
    for (nth, part) in rows.iter().skip(top).take(height).enumerate() {
        painter.foreign(row(area, nth as u16), &text::safe(&written[part.clone()]), style);
    }
    let below = rows.len().saturating_sub(top + height);
    for (place, sign, hidden) in [(0, "↑", top), (area.height.saturating_sub(1), "↓", below)] {
        if hidden > 0 {
            painter.clear(row(beside, place));
            painter.left(row(beside, place), &format!("{sign} {hidden}"), painter.theme.dim);
        }
    }
    let column = layout::column_of(written, rows.get(at)?, cursor) as u16;
    Some(Position::new(area.x + column.min(area.width.saturating_sub(1)), area.y + (at - top) as u16))
}

/// The widest name of a kind: what follows it begins in one column.
const KINDS: usize = 13;

/// A pane in one row: its title, and the state and the newest message of its newest call.
pub(super) fn draw_row(model: &Model, kind: Kind, area: Rect, painter: &mut Painter<'_>) {
    let pane = model.pane(kind);
    let newest = pane.calls().back().filter(|_| pane.method.is_some());
    let live = || pane.calls().iter().rev().find(|call| call.is_live());
    let Some(call) = newest.or_else(live) else {
        title(model, pane, rest(area, 1), painter);
        return;
    };
    // The newest message is worth more than the method's name.
    let theme = painter.theme;
    let number = format!(" {} ", kind.index() + 1);
    let title = format!("{:<KINDS$}", kind.title());
    let used = painter.pieces(rest(area, 1), &[(&number, theme.accent_words(kind)), (&title, theme.text)]);
    let room = rest(area, used + 2);
    let context = Context { model, pane, call, folded: false, parts: &[] };
    block::draw_summary(&context, Rect { width: room.width.saturating_sub(1), ..room }, painter);
}
