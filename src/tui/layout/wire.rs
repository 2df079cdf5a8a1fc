//! Where the parts of the wire panel are, and which entries are in view.

mod bytes;

use ratatui::layout::{Position, Rect};

use super::{is_bare, panel_inside};
use crate::{
    tui::model::{Bytes, Model, Panel, Spot, WirePanel, WireScroll},
    wire::Entry,
};

pub use bytes::{ByteRow, WireBytes, wire_bytes};

/// The rows of the windows.
const WINDOWS: u16 = 2;
/// From these heights on there is room for the windows, and for them beside bytes.
const WITH_WINDOWS: u16 = 16;
const WITH_WINDOWS_AND_BYTES: u16 = 24;
/// From this height on there is room for words, and for a row of air above them.
const WITH_WORDS: u16 = 9;
const WITH_MORE_WORDS: u16 = 20;
/// Below this width the panel's edge has one column of air, and what a chosen frame means comes before the windows.
const NARROW: u16 = 96;
const NARROWER: u16 = 60;

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
    let inside = inside(model);
    let height = inside.height;
    let head = 1.min(height);
    let windows = if has_windows(inside, panel) { WINDOWS } else { 0 };
    let words = words(inside, panel);
    // An empty row between the ladder and what is below it.
    let foot = if height >= WITH_WORDS { windows + words + 1 } else { words };
    let rest = height.saturating_sub(head + foot);
    let bytes = match panel.bytes {
        Bytes::Shown => rest * 2 / 3,
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

fn inside(model: &Model) -> Rect {
    let inside = panel_inside(model);
    if inside.width >= NARROW || is_bare(model) {
        return inside;
    }
    Rect { x: inside.x.saturating_sub(1), width: inside.width + 2, ..inside }
}

fn has_windows(inside: Rect, panel: &WirePanel) -> bool {
    let least = match panel.bytes {
        Bytes::Shown => WITH_WINDOWS_AND_BYTES,
        Bytes::Hidden => WITH_WINDOWS,
    };
    inside.height >= least && (inside.width >= NARROWER || panel.chosen.is_none())
}

/// The rows of the words for a chosen frame. On the smallest screens they come with it.
fn words(inside: Rect, panel: &WirePanel) -> u16 {
    let is_chosen = panel.chosen.is_some();
    match inside.height {
        WITH_WORDS.. if is_chosen && inside.width < NARROWER => 4,
        WITH_MORE_WORDS.. => 3,
        WITH_WORDS.. => 2,
        height @ 5.. if is_chosen && panel.bytes == Bytes::Hidden => (height - 4).min(3),
        _ => 0,
    }
}

/// The entries in view, oldest first. A chosen one is among them whatever the size.
pub fn wire_entries<'a>(model: &'a Model, panel: &WirePanel, rows: usize) -> Vec<(Spot, &'a Entry)> {
    let wire = &model.wire;
    let of_panel = panel.shown(wire);
    let is_shown = |(spot, entry): &(Spot, &Entry)| of_panel.has(*spot, entry);
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
            // Where there is more room than there was, what follows fills it.
            let after = wire.entries_from(last).filter(|(spot, _)| *spot > last);
            let after = after.filter(|(spot, _)| !wire.is_behind_the_hold(*spot)).filter(is_shown);
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
