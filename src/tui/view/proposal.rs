//! What could be typed next: the rest of the chosen proposal at the cursor, and all proposals in one row above the
//! line.

use std::ops::Range;

use ratatui::layout::{Position, Rect};

use super::{
    paint::{Painter, rest},
    theme::Signs,
};
use crate::{
    schema::Candidate,
    text,
    tui::{
        layout::PaneArea,
        model::{Pane, Proposal},
    },
};

/// Between two names.
const GAP: usize = 2;

pub(super) fn draw(pane: &Pane, cursor: Position, area: PaneArea, painter: &mut Painter<'_>) {
    let Some(proposal) = pane.proposal() else { return };
    let line = area.line();
    let behind = Rect { x: cursor.x, y: cursor.y, width: line.right().saturating_sub(cursor.x), height: 1 };
    if let Some(rest) = proposal.rest().filter(|_| pane.line.split().1.is_empty()) {
        painter.left(behind, &text::safe(rest), painter.theme.dim);
    }
    painter.clear(area.notice());
    names(pane, &proposal, area.notice(), painter);
}

fn names(pane: &Pane, proposal: &Proposal, area: Rect, painter: &mut Painter<'_>) {
    let (dim, strong) = (painter.theme.dim, painter.theme.strong);
    let candidates = &proposal.completion.candidates;
    let keys = match (pane.leads_to_proposals(), painter.theme.signs) {
        (false, _) => "Right ",
        (true, Signs::Unicode) => "Right ↓ ",
        (true, Signs::Ascii) => "Right Down ",
    };
    let mut used = painter.left(area, keys, strong);
    let room = usize::from(area.width.saturating_sub(used));
    let items = items(candidates, proposal.chosen, room);
    let widths: Vec<usize> = items.iter().map(|item| item.width() + GAP).collect();
    let shown = window(&widths, proposal.chosen, room);
    for (nth, item) in items.iter().enumerate().take(shown.end).skip(shown.start) {
        let begin = rest(area, used);
        let is_chosen = nth == proposal.chosen;
        let style = if is_chosen { painter.theme.accent_words(pane.kind) } else { painter.theme.text };
        used += painter.pieces(begin, &[(&item.name, style), (&item.about, dim)]) + GAP as u16;
        if is_chosen && items.len() > 1 {
            let name = (text::width(&item.name) as u16).min(begin.width);
            painter.lay(Rect { width: name, ..begin }, painter.theme.chosen);
        }
    }
    let more = items.len() - shown.len();
    if more > 0 {
        painter.left(rest(area, used), &more_words(more), dim);
    }
}

/// A name, and what it is.
struct Item {
    name: String,
    about: String,
}

impl Item {
    fn width(&self) -> usize {
        text::width(&self.name) + text::width(&self.about)
    }
}

/// From this width on the chosen name is shown with its type if not all can be; below it, more names are better.
const WIDE: usize = 48;

/// The names as they are shown: with their types, if that fits.
fn items(candidates: &[Candidate], chosen: usize, room: usize) -> Vec<Item> {
    let item = |candidate: &Candidate| {
        let (name, about) = (text::safe(&candidate.name).into_owned(), text::safe(&candidate.about));
        Item { name, about: if about.is_empty() { String::new() } else { format!(" {about}") } }
    };
    let mut items: Vec<Item> = candidates.iter().map(item).collect();
    if items.iter().map(|item| item.width() + GAP).sum::<usize>() > room + GAP {
        for (_, item) in items.iter_mut().enumerate().filter(|(nth, _)| *nth != chosen || room < WIDE) {
            item.about.clear();
        }
    }
    items
}

fn more_words(more: usize) -> String {
    format!("+ {} more", text::count(more as u64))
}

/// Those that fit into this many columns: the first ones, or, if the chosen one is not among them, that one and as many
/// before it as fit. The chosen one is always shown, whole or cut.
fn window(widths: &[usize], chosen: usize, room: usize) -> Range<usize> {
    let all: usize = widths.iter().sum();
    // The last one needs no gap behind it.
    if all <= room + GAP {
        return 0..widths.len();
    }
    let room = room.saturating_sub(text::width(&more_words(widths.len())));
    let fit = |widths: &mut dyn Iterator<Item = &usize>| {
        let mut used = 0;
        widths
            .take_while(|width| {
                used += **width;
                used <= room
            })
            .count()
    };
    let first = fit(&mut widths.iter());
    if chosen < first {
        return 0..first;
    }
    let before = fit(&mut widths[..=chosen].iter().rev()).max(1);
    chosen + 1 - before..chosen + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted_and_the_chosen_one_is_always_seen() {
        let widths = [12; 7];
        assert_eq!(window(&widths, 0, 82), 0..7);
        assert_eq!(window(&widths, 0, 60), 0..4);
        assert_eq!(window(&widths, 3, 60), 0..4);
        assert_eq!(window(&widths, 4, 60), 1..5);
        assert_eq!(window(&widths, 6, 60), 3..7);
        assert_eq!(window(&widths, 6, 3), 6..7);
    }
}
