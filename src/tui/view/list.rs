//! The palette, the menu of a chosen row, and the question about a paste.

use ratatui::layout::{Position, Rect};

use super::{
    paint::{Painter, rest, row},
    theme::THIN,
};
use crate::{
    text,
    tui::{
        layout,
        model::{Menu, Model, Palette, Paste, commands},
        update::MAX_PASTED_LINES,
    },
};

/// Draws an empty panel with its title. Says where its inside is.
pub(super) fn open(model: &Model, title: &str, painter: &mut Painter<'_>) -> Rect {
    let frame = layout::panel(model);
    let clear = Rect { x: frame.x.saturating_sub(1), width: frame.width + 2, ..frame };
    painter.clear(clear);
    let style = painter.theme.panel;
    painter.frame(frame, &THIN, style);
    let top = Rect { x: frame.x + 2.min(frame.width), width: frame.width.saturating_sub(4), ..row(frame, 0) };
    let title = format!(" {title} ");
    let used = painter.left(top, &title, style.patch(ratatui::style::Modifier::BOLD));
    painter.right(rest(top, used), &[(" Esc back ", painter.theme.dim)]);
    layout::panel_inside(model)
}

pub(super) fn draw_palette(model: &Model, palette: &Palette, painter: &mut Painter<'_>) -> Option<Position> {
    let inside = open(model, "/ Commands", painter);
    let found = palette.found(|action| model.offers(action));
    let rows: Vec<(String, &str)> = found
        .iter()
        .map(|binding| {
            let key = binding.key().map_or_else(|| format!("/{}", binding.short), ToString::to_string);
            (key, binding.words)
        })
        .collect();
    draw_rows(model, &rows, palette.choice.0, painter);
    let all = commands(|action| model.offers(action)).count();
    let foot = format!("{} of {all} · found by name, by key and by what it does", rows.len());
    painter.left(row(inside, inside.height.saturating_sub(1)), &foot, painter.theme.dim);
    let query = row(inside, 0);
    if rows.is_empty() {
        painter.left(row(inside, 2), "no command is called that", painter.theme.dim);
    }
    if palette.query.is_empty() {
        painter.left(query, "type to find a command", painter.theme.dim);
    }
    painter.edited(query, &palette.query, painter.theme.text)
}

pub(super) fn draw_history(model: &Model, search: &Palette, painter: &mut Painter<'_>) -> Option<Position> {
    let pane = model.focused();
    let method = pane.method.as_ref().map_or("", |method| method.name());
    let inside = open(model, &format!("History of {}", text::safe(method)), painter);
    let found = pane.history_with(search.query.text());
    let lines: Vec<String> =
        found.iter().map(|line| text::Safe::cut(line, 400).as_str().to_owned()).collect();
    let rows: Vec<(String, &str)> = lines.iter().map(|line| (String::new(), line.as_str())).collect();
    draw_rows(model, &rows, search.choice.0, painter);
    let foot = match pane.history_with("").len() {
        0 => "nothing was sent to this method yet".to_owned(),
        all => format!("{} of {} · Ctrl-R goes on to the next older", rows.len(), text::count(all as u64)),
    };
    painter.left(row(inside, inside.height.saturating_sub(1)), &foot, painter.theme.dim);
    let query = row(inside, 0);
    if search.query.is_empty() {
        painter.left(query, "type a part of it", painter.theme.dim);
    }
    painter.edited(query, &search.query, painter.theme.text)
}

pub(super) fn draw_menu(model: &Model, menu: &Menu, painter: &mut Painter<'_>) -> Option<Position> {
    open(model, "What to do with it", painter);
    let rows: Vec<(String, &str)> = menu.items.iter().map(|(_, words)| (String::new(), *words)).collect();
    draw_rows(model, &rows, menu.choice.0, painter);
    None
}

/// The rows of a list as far as they are seen, the chosen one marked.
fn draw_rows(model: &Model, rows: &[(String, &str)], chosen: usize, painter: &mut Painter<'_>) {
    let Some((area, first)) = layout::list(model) else { return };
    for (nth, (key, words)) in rows.iter().enumerate().skip(first).take(usize::from(area.height)) {
        let line = row(area, (nth - first) as u16);
        let right = painter.right(line, &[(key, painter.theme.dim)]);
        let room = Rect { width: line.width.saturating_sub(right + 1), ..line };
        let style = if nth == chosen { painter.theme.strong } else { painter.theme.text };
        painter.left(room, words, style);
        if nth == chosen {
            let marked = Rect { x: line.x.saturating_sub(2), width: line.width + 4, ..line };
            painter.lay(marked, painter.theme.chosen);
        }
    }
}

pub(super) fn draw_paste(model: &Model, paste: &Paste, painter: &mut Painter<'_>) -> Option<Position> {
    let inside = open(model, "A paste", painter);
    let size = text::size(paste.text.len() as u64);
    let lines = text::count(paste.lines as u64);
    let what = match paste.lines {
        1 => format!("One line of {size} was pasted. Nothing is sent yet."),
        _ => format!("{lines} lines, {size}, were pasted. Nothing is sent yet."),
    };
    let (said, strong, dim) = (painter.theme.text, painter.theme.strong, painter.theme.dim);
    painter.left(row(inside, 1), &what, said);
    if paste.lines > MAX_PASTED_LINES {
        let most = text::count(MAX_PASTED_LINES as u64);
        painter.left(row(inside, 3), &format!("More than {most} lines are not sent one by one."), dim);
    } else {
        let words =
            if paste.lines == 1 { "  sends it as a message" } else { "  sends each line as a message" };
        let pieces = [("Enter", strong), (words, dim)];
        painter.pieces(row(inside, 3), &pieces);
    }
    painter.pieces(row(inside, 4), &[("i", strong), ("      puts it into the line, breaks as spaces", dim)]);
    painter.pieces(row(inside, 5), &[("Esc", strong), ("    drops it", dim)]);
    None
}
