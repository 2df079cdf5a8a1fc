//! Where things are on the screen: pure functions of the model, used by the view to draw, by the mouse to find what
//! was hit, and by scrolling to know what a page is.

mod block;
mod details;
mod line;
mod message;
mod panel;
mod screen;
mod seen;
mod server;
mod transcript;
mod wire;

pub use details::{DETAIL_LABEL, detail_words};
pub use line::{at_column, column_of, label, row_of, rows};
pub use message::{MessageLines, Part, entry_lines, parts, request_lines, since};
pub use panel::{
    OptionsList, is_bare, last_help_row, list, list_row_at, options_list, options_top, panel, panel_inside,
};
pub use screen::{OpenPane, PaneArea, READABLE, Screen, notice_lines, screen};
pub use seen::INDENT;
pub use server::{ServerRow, ServerWindow, certificate, security, server, verdict};
pub use transcript::{Window, offset_of, pins, place_at, rows_with, top, total, window};
pub use wire::{ByteRow, WireArea, WireBytes, wire, wire_bytes, wire_entries, wire_entry_at};

use crate::tui::model::{Model, Pane, Zoom};

/// The room of a pane's transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// Whether the pane has the whole screen, and shows details.
    pub zoom: Zoom,
    /// Whether details are shown beside it.
    pub aside: Aside,
}

/// Whether the chosen call's details stand beside the panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// They do.
    Shown,
    /// There is no room for them.
    Hidden,
}

/// The room of a pane's transcript now.
pub fn room(model: &Model, pane: &Pane) -> Room {
    let area = screen(model).pane(pane.kind).transcript();
    Room {
        width: area.width,
        height: area.height,
        zoom: model.zoom,
        aside: if model.has_aside() { Aside::Shown } else { Aside::Hidden },
    }
}

/// The rows of a pane's transcript as they are shown now.
pub fn pane_window(model: &Model, pane: &Pane) -> Window {
    window(pane, room(model, pane))
}
