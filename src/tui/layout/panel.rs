//! Where the panels are, and which part of a list is seen in them.

use ratatui::layout::{Position, Rect};

use crate::tui::{
    help,
    model::{Model, OptionsPanel, Panel, Search, Searched},
};

/// The height of a list that is searched.
const SEARCH: u16 = 16;
/// A lower frame is its title alone: there every row is wanted.
const LEAST_SEARCH: u16 = 6;

/// The panel's frame; empty where there is none.
pub fn panel(model: &Model) -> Rect {
    let Some(panel) = &model.panel else { return Rect::ZERO };
    let (width, height) = model.size;
    let (wanted_width, wanted_height) = match panel {
        Panel::Wire(_) => (width, height),
        Panel::Options(_) => (78, 16),
        Panel::Help(_) => (86, height.saturating_sub(2)),
        // With room for the newest calls, where the screen has it: the panel never jumps.
        Panel::Server(_) => (78, 31),
        Panel::Search(search) => (78, search_height(search, height)),
        Panel::Menu(menu) => (50, menu.items.len() as u16 + 4),
        // With room for what is wrong with it.
        Panel::Paste(_) => (66, if model.notice.is_some() { 12 } else { 9 }),
    };
    let room = Rect::new(0, 1, width, height.saturating_sub(2));
    let (wide, high) = (wanted_width.min(room.width), wanted_height.min(room.height));
    let above = match panel {
        // Its top stays where it is when it gets lower.
        Panel::Search(_) => room.height.saturating_sub(SEARCH) / 4,
        _ => (room.height - high) / 2,
    };
    Rect { x: (room.width - wide) / 2, y: room.y + above, width: wide, height: high }
}

/// The commands are many: as long as nothing is typed they are there to be looked through.
fn search_height(search: &Search, screen: u16) -> u16 {
    let is_browsed = search.of == Searched::Commands && search.query.is_empty();
    if is_browsed { (screen - screen / 3).max(SEARCH) } else { SEARCH }
}

/// Whether the server panel's frame is its title alone: on a small screen every row is needed.
pub fn is_bare(model: &Model) -> bool {
    let frame = panel(model);
    match model.panel {
        Some(Panel::Server(_)) => frame.height < 14 || frame.width < 44,
        Some(Panel::Search(_)) => frame.height < LEAST_SEARCH,
        _ => false,
    }
}

/// What is inside the panel's frame.
pub fn panel_inside(model: &Model) -> Rect {
    let frame = panel(model);
    if is_bare(model) {
        let (dx, dy) = (1.min(frame.width / 4), 1.min(frame.height / 2));
        let (x, y) = (frame.x + dx, frame.y + dy);
        return Rect { x, y, width: frame.width - 2 * dx, height: frame.height - dy };
    }
    let (dx, dy) = (3.min(frame.width / 4), 1.min(frame.height / 3));
    Rect {
        x: frame.x + dx,
        y: frame.y + dy,
        width: frame.width - 2 * dx,
        height: frame.height.saturating_sub(2 * dy),
    }
}

/// Where a panel's list is, and its first row that is seen.
pub fn list(model: &Model) -> Option<(Rect, usize)> {
    let inside = panel_inside(model);
    let (above, below, choice, len) = match model.panel.as_ref()? {
        Panel::Search(search) => {
            let (above, below) = around_found(inside.height);
            (above, below, search.choice.0, model.found(search).len())
        }
        Panel::Menu(menu) => (1, 0, menu.choice.0, menu.items.len()),
        _ => return None,
    };
    let height = inside.height.saturating_sub(above + below);
    let area = Rect { y: inside.y + above.min(inside.height), height, ..inside };
    let rows = usize::from(height).max(1);
    let first = choice.saturating_sub(rows - 1).min(len.saturating_sub(rows));
    Some((area, first))
}

/// The rows above and below what was found. What is typed and the best that it finds come first, then what stands at
/// the foot, then empty rows.
fn around_found(height: u16) -> (u16, u16) {
    match height {
        0..4 => (1, 0),
        4..10 => (1, 1),
        _ => (2, 2),
    }
}

/// Where the metadata of the call options panel is, and the first piece that is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionsList {
    /// Above it, where there is room.
    pub heading: Option<Rect>,
    /// Its rows.
    pub area: Rect,
    /// The first piece of metadata that is seen.
    pub first: usize,
}

/// The empty rows above the options, where there is room.
pub fn options_top(model: &Model) -> u16 {
    const ROOMY: u16 = 12;
    u16::from(panel_inside(model).height >= ROOMY)
}

/// Lays out the metadata of the call options panel: under the other options, above the notice and the line being
/// typed. Without room for a heading it has none.
pub fn options_list(model: &Model, panel: &OptionsPanel) -> OptionsList {
    const OPTIONS: u16 = 4;
    let inside = panel_inside(model);
    let has_heading = inside.height >= OPTIONS + 6;
    let options = options_top(model) + OPTIONS;
    let above = if has_heading { options + 2 } else { options }.min(inside.height);
    let below = if has_heading || model.notice.is_some() { 2 } else { u16::from(panel.typing.is_some()) };
    let height = inside.height.saturating_sub(above + below);
    let rows = usize::from(height).max(1);
    OptionsList {
        heading: has_heading.then(|| Rect { y: inside.y + above - 1, height: 1, ..inside }),
        area: Rect { y: inside.y + above, height, ..inside },
        first: panel.choice.0.saturating_sub(rows - 1),
    }
}

/// The row of a list at a position.
pub fn list_row_at(model: &Model, at: Position) -> Option<usize> {
    let (area, first) = list(model)?;
    let len = match model.panel.as_ref()? {
        Panel::Search(search) => model.found(search).len(),
        Panel::Menu(menu) => menu.items.len(),
        _ => 0,
    };
    let row = first + usize::from(at.y.checked_sub(area.y)?);
    (area.contains(at) && row < len).then_some(row)
}

/// The first row that is seen when the help is scrolled to its end.
pub fn last_help_row(model: &Model) -> u16 {
    let inside = panel_inside(model);
    (help::lines(inside.width).len() as u16).saturating_sub(inside.height)
}
