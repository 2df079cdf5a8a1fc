//! Clicks and the wheel: what was hit is found by the functions that laid it out.

use ratatui::layout::Position;

use super::{Effect, MouseInput, keys, panels, transcript, wire};
use crate::{
    schema::Kind,
    tui::{
        action::Action,
        layout::{self, PaneArea, pane_window, screen},
        model::{Model, Panel},
    },
};

/// Does what the mouse asks for.
pub(super) fn mouse(model: &mut Model, input: MouseInput, effects: &mut Vec<Effect>) {
    if model.panel.is_some() {
        over_panel(model, input, effects);
        return;
    }
    match input {
        MouseInput::Click(at) => click(model, at),
        MouseInput::WheelUp(at) => wheel(model, at, transcript::wheel_up),
        MouseInput::WheelDown(at) => wheel(model, at, transcript::wheel_down),
    }
}

fn click(model: &mut Model, at: Position) {
    let screen = screen(model);
    let Some(kind) = screen.hit(at) else { return };
    if !model.is_open(kind) {
        return;
    }
    keys::set_focus(model, kind);
    let area = screen.pane(kind);
    if let PaneArea::Row(_) = area {
        return;
    }
    let on_title = at.y == area.rect().y;
    if on_title && model.contract.of_kind(kind).count() > 1 {
        keys::choose_method(model);
        return;
    }
    let rows = area.transcript();
    if !rows.contains(at) {
        transcript::back_to_line(model);
        return;
    }
    let window = pane_window(model, model.pane(kind));
    let hit = window.seen(usize::from(at.y - rows.y)).map(|(_, place)| place);
    if let Some(place) = hit.filter(|place| place.row.is_chosen_by_arrows()) {
        transcript::choose(model, place);
    }
}

/// The wheel scrolls what it is over; the keys stay where they are.
fn wheel(model: &mut Model, at: Position, scroll: fn(&mut Model, Kind)) {
    let screen = screen(model);
    if let Some(kind) = screen.hit(at).filter(|kind| screen.pane(*kind).is_open()) {
        scroll(model, kind);
    }
}

fn over_panel(model: &mut Model, input: MouseInput, effects: &mut Vec<Effect>) {
    match input {
        MouseInput::WheelUp(_) => panels::act(model, Action::Up, effects),
        MouseInput::WheelDown(_) => panels::act(model, Action::Down, effects),
        MouseInput::Click(at) if matches!(model.panel, Some(Panel::Wire(_))) => {
            if let (Some(spot), Some(Panel::Wire(mut panel))) =
                (layout::wire_entry_at(model, at), model.panel.clone())
            {
                wire::choose(model, &mut panel, spot);
                model.panel = Some(Panel::Wire(panel));
            }
        }
        MouseInput::Click(at) => {
            let Some(row) = layout::list_row_at(model, at) else {
                let inside = layout::panel(model).contains(at);
                if !inside && !matches!(model.panel, Some(Panel::Paste(_))) {
                    panels::act(model, Action::Escape, effects);
                }
                return;
            };
            match &mut model.panel {
                Some(Panel::Search(search)) => search.choice.0 = row,
                Some(Panel::Menu(menu)) => menu.choice.0 = row,
                _ => return,
            }
            panels::act(model, Action::Open, effects);
        }
    }
}
