//! The help.

use ratatui::layout::Position;

use super::{
    list::open,
    paint::{Painter, rest, row},
};
use crate::tui::{
    help::{HelpLine, lines},
    model::{HelpPage, Model},
};

/// The room of the keys before the words.
const KEYS: u16 = 21;

pub(super) fn draw(model: &Model, page: HelpPage, painter: &mut Painter<'_>) -> Option<Position> {
    let inside = open(model, "F1 Help", painter);
    let (text, strong, dim) = (painter.theme.text, painter.theme.strong, painter.theme.dim);
    let seen = lines().into_iter().skip(usize::from(page.top)).take(usize::from(inside.height));
    for (nth, line) in seen.enumerate() {
        let area = row(inside, nth as u16);
        match line {
            HelpLine::Head(words) => painter.left(area, words, strong),
            HelpLine::Says(words) => painter.left(area, words, text),
            HelpLine::Key(keys, words) => {
                painter.left(area, &keys, text);
                painter.left(rest(area, KEYS.min(area.width / 2)), words, dim)
            }
            HelpLine::Blank => 0,
        };
    }
    None
}
