//! Where things stand on the screen: pure functions of the model, used by the view to draw, by
//! the mouse to find what was hit, and by scrolling to know what a page is.

mod block;
mod panel;
mod screen;
mod transcript;

pub use block::{Detail, Part, Row, parts};
pub use panel::{last_help_row, list, list_row_at, panel, panel_inside};
pub use screen::{PaneArea, Screen, index, screen};
pub use transcript::{Window, offset_of, place_at, total, window};

use crate::tui::model::{Model, Pane};

/// The rows of a pane's transcript as they are shown now.
pub fn pane_window(model: &Model, pane: &Pane) -> Window {
    let area = screen(model).pane(pane.kind);
    window(pane, area.transcript().height, model.zoom)
}
