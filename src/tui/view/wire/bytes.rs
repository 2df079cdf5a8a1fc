//! A chosen frame's bytes in hex beside their meaning.

use ratatui::layout::Rect;

use crate::{
    text,
    tui::{
        layout,
        model::{Model, WirePanel},
        view::paint::{Painter, rest, row},
    },
};

pub(super) fn draw(model: &Model, panel: &WirePanel, area: Rect, painter: &mut Painter<'_>) {
    let bytes = layout::wire_bytes(model, panel, area);
    let (dim, text_style) = (painter.theme.dim, painter.theme.text);
    let in_view = bytes.rows.iter().skip(bytes.top).take(bytes.height);
    // The first row is air.
    for (line, shown) in (1..).map(|nth| row(area, nth)).zip(in_view) {
        painter.left(Rect { width: bytes.hex.min(line.width), ..line }, &shown.hex, dim);
        painter.left(rest(line, bytes.hex), &shown.words, text_style);
    }
    if bytes.is_cut() {
        let (first, last) = (bytes.top + 1, bytes.top + bytes.height);
        let count = |rows: usize| text::count(rows as u64);
        let rows = format!("rows {} to {} of {}", count(first), count(last), count(bytes.rows.len()));
        painter.left(row(area, area.height - 1), &format!("{rows} · PageUp/PageDown"), dim);
    }
}
