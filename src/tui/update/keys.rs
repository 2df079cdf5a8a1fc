//! Which part of the screen an action is for, and what it does in the panes.

use super::{Effect, TerminalWish, calls, editor, panels, transcript, wire};
use crate::{
    schema::Kind,
    text,
    tui::{
        action::{Action, Edit, Saved, Scope, binding},
        layout,
        model::{HelpPage, Model, Mouse, OptionsPanel, Panel, Quit, Search, Searched, ServerPanel, Zoom},
    },
};

/// Does an action.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    if action != Action::Cancel {
        model.quit = Quit::Unarmed;
    }
    // What was said is about the key before. Of a line that is wrong it is wanted until that is changed.
    if !matches!(action, Action::Edit(_) | Action::End) {
        model.notice = None;
    }
    match action {
        Action::Quit => effects.push(Effect::Terminal(TerminalWish::Quit)),
        Action::Suspend => effects.push(Effect::Terminal(TerminalWish::Suspend)),
        Action::Help => toggle(model, Panel::Help(HelpPage::default())),
        Action::Options => toggle(model, Panel::Options(OptionsPanel::default())),
        Action::Wire => toggle(model, Panel::Wire(wire::opened(model))),
        Action::Server => toggle(model, Panel::Server(ServerPanel::default())),
        _ if model.panel.is_some() => panels::act(model, action, effects),
        _ => in_panes(model, action, effects),
    }
}

fn toggle(model: &mut Model, panel: Panel) {
    let same = model
        .panel
        .as_ref()
        .is_some_and(|open| std::mem::discriminant(open) == std::mem::discriminant(&panel));
    model.panel = if same { None } else { Some(panel) };
    model.notice = None;
}

/// Does an action in the panes, whether it came from a key or from a menu.
pub(super) fn in_panes(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Submit => calls::submit(model, calls::Stream::Open, effects),
        Action::NewStream if model.focused().kind.sends_stream() => {
            calls::submit(model, calls::Stream::New, effects);
        }
        Action::NewStream => model.say("Enter starts another call; they live beside each other"),
        Action::HalfClose => calls::half_close(model, effects),
        Action::Cancel => calls::cancel(model, effects),
        Action::GreetAll => calls::greet_all(model, effects),
        Action::EditOutside => editor::open(model, effects),
        Action::NextPane => step_focus(model, 1),
        Action::PreviousPane => step_focus(model, 3),
        Action::Focus(number) => focus(model, number),
        Action::Zoom => zoom(model),
        Action::Redraw => {
            for pane in &mut model.panes {
                pane.clear();
            }
            effects.push(Effect::Terminal(TerminalWish::Redraw));
        }
        Action::Save(form) => save(model, form, effects),
        Action::SearchHistory => {
            model.panel = Some(Panel::Search(Search::new(Searched::History)));
        }
        Action::Palette => model.panel = Some(Panel::Search(Search::new(Searched::Commands))),
        Action::Methods => choose_method(model),
        Action::ToggleMouse => toggle_mouse(model, effects),
        _ if binding(action).is_some_and(|binding| binding.scope == Scope::Line) => in_line(model, action),
        _ if binding(action).is_some_and(|binding| binding.scope == Scope::Server) => {
            panels::server(model, action, effects);
        }
        _ => transcript::act(model, action, effects),
    }
}

/// Does an action in the focused pane's line.
fn in_line(model: &mut Model, action: Action) {
    match action {
        Action::NewLine => insert(model, "\n"),
        Action::Template => template(model),
        Action::Complete => model.focused_mut().take_proposal(),
        Action::NextProposal => model.focused_mut().next_proposal(),
        Action::ProposalBefore => model.focused_mut().proposal_before(),
        Action::HistoryBack if move_row(model, Step::Up) => {}
        Action::HistoryForward if move_row(model, Step::Down) => {}
        Action::HistoryBack => {
            let is_there = model.focused_mut().history_back();
            if !is_there {
                model.say("the history of this method has no older line");
            }
        }
        Action::HistoryForward => {
            model.focused_mut().history_forward();
        }
        Action::End if model.focused().line.is_empty() => transcript::newest(model),
        Action::End => model.focused_mut().line.end(),
        Action::Edit(edit) => self::edit(model, edit),
        _ => {}
    }
}

/// Text was typed: it goes into the line of the panel or of the pane.
pub(super) fn typed(model: &mut Model, typed: char, effects: &mut Vec<Effect>) {
    model.quit = Quit::Unarmed;
    let mut buffer = [0; 4];
    let text = typed.encode_utf8(&mut buffer);
    if model.panel.is_some() {
        panels::typed(model, text, effects);
    } else {
        insert(model, text);
    }
}

/// Puts text into the focused pane's line.
pub(super) fn insert(model: &mut Model, text: &str) {
    transcript::back_to_line(model);
    model.notice = None;
    let pane = model.focused_mut();
    pane.stop_browsing();
    if pane.line_method().is_none() {
        return;
    }
    if !pane.line.insert(text) {
        model.say("the line is full: 8 MiB is the most it takes");
    }
}

/// Puts every field of the request into an empty line, to be filled in.
fn template(model: &mut Model) {
    let Some(method) = model.focused().line_method() else { return };
    let template = method.request().template();
    if template.is_empty() {
        model.say("this message is one text: type it as it is");
    } else if model.focused().line.text().trim().is_empty() {
        model.focused_mut().line.set("");
        insert(model, &template);
    } else {
        let clears = match model.focused().line.text().lines().count() {
            0 | 1 => "Ctrl-U clears it",
            _ => "Ctrl-U clears a row of it",
        };
        model.say(format!("the line is not empty: {clears}, then Ctrl-T puts every field there"));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Up,
    Down,
}

/// Moves the cursor to the row above or below in the line; false if there is none.
fn move_row(model: &mut Model, step: Step) -> bool {
    let pane = model.focused();
    if !pane.takes_rows() {
        return false;
    }
    let area = layout::screen(model).pane(pane.kind).line();
    let room = usize::from(area.width).saturating_sub(text::width(&layout::label(pane)));
    let written = pane.line.text();
    let rows = layout::rows(written, room);
    let cursor = pane.line.split().0.len();
    let from = layout::row_of(&rows, cursor);
    let to = match step {
        Step::Up => from.checked_sub(1),
        Step::Down => Some(from + 1).filter(|to| *to < rows.len()),
    };
    let Some(to) = to else { return false };
    let at = layout::at_column(written, &rows[to], layout::column_of(written, &rows[from], cursor));
    model.focused_mut().line.go_to(at);
    true
}

fn edit(model: &mut Model, edit: Edit) {
    transcript::back_to_line(model);
    let mut cut = std::mem::take(&mut model.cut);
    let pane = model.focused_mut();
    pane.line.edit(edit, &mut cut);
    if edit.changes_text() {
        pane.stop_browsing();
        model.notice = None;
    }
    model.cut = cut;
}

/// Focuses the pane `step` further on, skipping those that are only a row.
fn step_focus(model: &mut Model, step: usize) {
    let mut at = model.focus.index();
    for _ in Kind::ALL {
        at = (at + step) % Kind::ALL.len();
        if model.is_open(Kind::ALL[at]) {
            set_focus(model, Kind::ALL[at]);
            return;
        }
    }
}

fn focus(model: &mut Model, number: u8) {
    let Some(kind) = Kind::ALL.get(usize::from(number)).copied() else { return };
    if model.is_open(kind) {
        set_focus(model, kind);
    } else {
        model.say(format!("{} has no {} method", model.contract.name(), kind.title().to_lowercase()));
    }
}

/// Gives a pane the keys.
pub(super) fn set_focus(model: &mut Model, kind: Kind) {
    if model.focus != kind {
        transcript::back_to_line(model);
        model.focus = kind;
        model.notice = None;
    }
}

pub(super) fn zoom(model: &mut Model) {
    model.zoom = match model.zoom {
        Zoom::Off => Zoom::On,
        Zoom::On => Zoom::Off,
    };
    let pane = model.focused_mut();
    match pane.choice {
        Some(_) => transcript::show_choice(model),
        None => pane.follow(),
    }
}

fn save(model: &mut Model, form: Saved, effects: &mut Vec<Effect>) {
    let pane = model.focused();
    if pane.calls().is_empty() {
        model.say("nothing to save yet: Enter starts a call");
        return;
    }
    let kind = pane.kind.title().to_lowercase().replace(' ', "-");
    let calls = pane.calls().iter().cloned().collect();
    effects.push(Effect::Save(format!("greeter-{kind}"), calls, form));
}

/// Opens the list of this pane's methods, if there is a choice.
pub(super) fn choose_method(model: &mut Model) {
    let kind = model.focus;
    match model.contract.of_kind(kind).count() {
        0 | 1 => {
            let name = &model.contract.name();
            let count = if model.contract.of_kind(kind).next().is_some() { "one" } else { "no" };
            model.say(format!("{name} has {count} {} method", kind.title().to_lowercase()));
        }
        _ => model.panel = Some(Panel::Search(Search::new(Searched::Methods(kind)))),
    }
}

fn toggle_mouse(model: &mut Model, effects: &mut Vec<Effect>) {
    model.mouse = match model.mouse {
        Mouse::Taken => Mouse::Free,
        Mouse::Free => Mouse::Taken,
    };
    effects.push(Effect::Terminal(TerminalWish::Mouse(model.mouse)));
    model.say(match model.mouse {
        Mouse::Taken => "clicks and the wheel come here; /mouse lets them go",
        Mouse::Free => "the mouse is the terminal's; /mouse takes it back",
    });
}
