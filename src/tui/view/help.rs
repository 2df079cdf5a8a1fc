//! The help.

use ratatui::layout::{Position, Rect};

use super::{
    list::open,
    paint::{Painter, rest, row},
};
use crate::tui::{
    help::{HelpLine, keys_columns, lines},
    layout::{self, last_help_row},
    model::{HelpPage, Model},
};

pub(super) fn draw(model: &Model, page: HelpPage, painter: &mut Painter<'_>) -> Option<Position> {
    let inside = open(model, "F1 Help", painter);
    let (text, strong, dim) = (painter.theme.text, painter.theme.strong, painter.theme.dim);
    let below = usize::from(last_help_row(model).saturating_sub(page.top));
    let bottom = Rect { y: layout::panel(model).bottom().saturating_sub(1), ..row(inside, 0) };
    let above = usize::from(page.top);
    let more = match (above, below) {
        (0, 0) => String::new(),
        (0, below) => format!(" ↓ {below} more "),
        (above, 0) => format!(" ↑ {above} more "),
        (above, below) => format!(" ↑ {above}  ↓ {below} more "),
    };
    painter.right(bottom, &[(&more, dim)]);
    let seen = lines(inside.width).into_iter().skip(usize::from(page.top)).take(usize::from(inside.height));
    for (nth, line) in seen.enumerate() {
        let area = row(inside, nth as u16);
        match line {
            HelpLine::Head(words) => painter.left(area, &words, strong),
            HelpLine::Says(words) => painter.left(area, &words, text),
            HelpLine::Key(keys, words) => {
                let room = keys_columns(area.width);
                painter.left(Rect { width: room.saturating_sub(1), ..area }, &keys, text);
                painter.left(rest(area, room), &words, dim)
            }
            HelpLine::Blank => 0,
        };
    }
    None
}
