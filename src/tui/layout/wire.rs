//! Where the parts of the wire panel are, and which entries are in view.

use ratatui::layout::{Position, Rect};

use super::panel_inside;
use crate::{
    tui::model::{Bytes, Model, Panel, Spot, WirePanel, WireScroll},
    wire::Entry,
};

/// The rows of the windows, and of the words for a chosen frame.
const WINDOWS: u16 = 2;
const WORDS: u16 = 2;
const MORE_WORDS: u16 = 3;
/// From this height on there is room for the windows, and for a chosen frame's words.
const WITH_WINDOWS: u16 = 16;
const WITH_WORDS: u16 = 9;
const WITH_MORE_WORDS: u16 = 20;

/// The parts of the wire panel, from top to bottom. Empty where there is no room for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WireArea {
    /// The names of the columns.
    pub head: Rect,
    /// The ladder.
    pub rows: Rect,
    /// The chosen frame's bytes.
    pub bytes: Rect,
    /// The windows.
    pub windows: Rect,
    /// The chosen frame in plain words.
    pub words: Rect,
}

/// Lays out the wire panel.
pub fn wire(model: &Model, panel: &WirePanel) -> WireArea {
    let inside = panel_inside(model);
    let height = inside.height;
    let head = 1.min(height);
    let windows = if height >= WITH_WINDOWS { WINDOWS } else { 0 };
    let words = match height {
        WITH_MORE_WORDS.. => MORE_WORDS,
        WITH_WORDS.. => WORDS,
        _ => 0,
    };
    // An empty row between the ladder and what is below it.
    let foot = if windows + words > 0 { windows + words + 1 } else { 0 };
    let rest = height.saturating_sub(head + foot);
    let bytes = match panel.bytes {
        Bytes::Shown => (rest * 3 / 5).min(16),
        Bytes::Hidden => 0,
    };
    let mut top = inside.y;
    let mut take = |height: u16| {
        let area = Rect { y: top, height, ..inside };
        top += height;
        area
    };
    let head = take(head);
    let rows = take(rest - bytes);
    let bytes = take(bytes);
    take(foot - windows - words);
    WireArea { head, rows, bytes, windows: take(windows), words: take(words) }
}

/// The entries in view, oldest first. A chosen one is among them whatever the size.
pub fn wire_entries<'a>(model: &'a Model, panel: &WirePanel, rows: usize) -> Vec<(Spot, &'a Entry)> {
    let wire = &model.wire;
    let is_shown = |(_, entry): &(Spot, &Entry)| panel.admits(entry);
    let WireScroll::Held(last) = panel.scroll else {
        let mut shown: Vec<_> = wire.entries().rev().filter(is_shown).take(rows).collect();
        shown.reverse();
        return shown;
    };
    let mut shown: Vec<_> = wire.entries_to(last).rev().filter(is_shown).take(rows).collect();
    shown.reverse();
    match (panel.chosen, shown.first()) {
        (Some(chosen), Some((first, _))) if chosen < *first && wire.entry(chosen).is_some() => {
            wire.entries_from(chosen).filter(is_shown).take(rows).collect()
        }
        _ => {
            // Where little is left of what was held, what follows fills the rows.
            let after = wire.entries_from(last).filter(|(spot, _)| *spot > last).filter(is_shown);
            shown.extend(after.take(rows - shown.len()));
            shown
        }
    }
}

/// The entry at a position.
pub fn wire_entry_at(model: &Model, at: Position) -> Option<Spot> {
    let Some(Panel::Wire(panel)) = &model.panel else { return None };
    let rows = wire(model, panel).rows;
    let nth = usize::from(at.y.checked_sub(rows.y)?);
    let shown = wire_entries(model, panel, usize::from(rows.height));
    shown.get(nth).filter(|_| rows.contains(at)).map(|(spot, _)| *spot)
}
