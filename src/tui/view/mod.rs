//! `view(&Model, &Theme, &mut Frame)`: the screen as a pure function of the model.

mod ascii;
mod aside;
mod block;
mod context;
mod footer;
mod header;
mod heading;
mod help;
mod list;
mod options;
mod paint;
mod pane;
mod proposal;
mod server;
mod teach;
pub mod theme;
mod wire;

pub use theme::{Background, Depth, Ground, Look, Signs, Theme};

use ratatui::{Frame, layout::Position};

use super::{
    layout::{self, PaneArea},
    model::{Model, Panel},
};
use crate::schema::Kind;
use paint::Painter;

/// Draws the model.
pub fn view(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    let screen = layout::screen(model);
    let mut painter = Painter::new(frame.buffer_mut(), theme);
    header::draw(model, screen.header, &mut painter);
    let mut cursor = None;
    for kind in Kind::ALL {
        let at = match screen.pane(kind) {
            PaneArea::Hidden => None,
            PaneArea::Row(area) => {
                pane::draw_row(model, kind, area, &mut painter);
                None
            }
            area => pane::draw(model, kind, area, &mut painter),
        };
        cursor = cursor.or(at);
    }
    aside::draw(model, screen.aside, &mut painter);
    footer::draw(model, screen.footer, &mut painter);
    if model.panel.is_some() {
        cursor = draw_panel(model, &mut painter);
    }
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

fn draw_panel(model: &Model, painter: &mut Painter<'_>) -> Option<Position> {
    match model.panel.as_ref()? {
        Panel::Help(page) => help::draw(model, *page, painter),
        Panel::Server(panel) => server::draw(model, panel, painter),
        Panel::Options(panel) => options::draw(model, panel, painter),
        Panel::Wire(panel) => {
            wire::draw(model, panel, painter);
            None
        }
        Panel::Search(search) => list::draw_search(model, search, painter),
        Panel::Menu(menu) => list::draw_menu(model, menu, painter),
        Panel::Paste(paste) => list::draw_paste(model, paste, painter),
    }
}
