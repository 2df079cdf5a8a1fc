//! Choosing rows of a transcript, scrolling it, and what can be done with what is chosen.

use std::fmt::Write as _;

use super::{Effect, calls, keys};
use crate::{
    rpc::{Entry, What},
    schema::Shown,
    text::{self, Secrets},
    tui::{
        action::{Action, Saved, Scope, TABLE, Tool},
        layout::{self, Row, pane_window},
        model::{About, Call, Choice, Menu, Model, Panel, Place, Scroll, Zoom},
        save, shell,
    },
};

/// The most text that goes to the clipboard: terminals drop longer sequences.
const MAX_COPY: usize = 64 << 10;

/// Does an action of the transcript.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Escape if model.focused().choice.is_some() => back_to_line(model),
        Action::Escape => choose_newest(model),
        Action::Up => step(model, Step::Up),
        Action::Down => step(model, Step::Down),
        Action::Top => choose_oldest(model),
        Action::Bottom => newest(model),
        Action::PageUp => page(model, Step::Up),
        Action::PageDown => page(model, Step::Down),
        Action::Open => open_menu(model),
        Action::Copy => copy(model, effects),
        Action::CopyBytes => copy_bytes(model, effects),
        Action::CopyCommand(tool) => copy_command(model, tool, effects),
        Action::ShowSecrets => toggle_secrets(model),
        Action::CopyTranscript => copy_transcript(model, effects),
        Action::Reuse => reuse(model),
        _ => {}
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Up,
    Down,
}

/// The keys go back to the line; a view that shows the newest follows it again.
pub(super) fn back_to_line(model: &mut Model) {
    if model.focused().choice.is_none() {
        return;
    }
    model.revealed = None;
    let at_end = pane_window(model, model.focused()).at_end;
    let pane = model.focused_mut();
    // The line goes to the stream that was chosen, until another is.
    pane.receiver = pane.chosen_call().filter(|call| call.is_open()).map(|call| call.id);
    pane.choice = None;
    if at_end {
        pane.scroll = Scroll::Newest;
    }
}

/// Back to the newest row, and to the line.
pub(super) fn newest(model: &mut Model) {
    model.revealed = None;
    let pane = model.focused_mut();
    pane.choice = None;
    pane.scroll = Scroll::Newest;
}

fn choose_newest(model: &mut Model) {
    let window = pane_window(model, model.focused());
    let newest = window.rows.iter().rev().find(|(_, place)| place.row.is_chosen_by_arrows());
    match newest.map(|(_, place)| *place) {
        Some(place) => choose(model, place),
        None => model.say("nothing to choose yet: Enter starts a call"),
    }
}

fn choose_oldest(model: &mut Model) {
    if let Some(call) = model.focused().calls().front() {
        let place = Place::heading(call.id);
        choose(model, place);
    }
}

/// Chooses a row and holds the view where it is.
pub(super) fn choose(model: &mut Model, place: Place) {
    let window = pane_window(model, model.focused());
    let top = window.rows.first().map(|(_, top)| *top);
    let zoom = model.zoom;
    let pane = model.focused_mut();
    match (pane.scroll, top) {
        (Scroll::Newest, Some(_)) if zoom == Zoom::Off => pane.keep_still(),
        (Scroll::Newest, Some(top)) => pane.hold(top),
        _ => {}
    }
    pane.choice = Some(place);
    model.notice = None;
    show_choice(model);
}

/// Scrolls just so far that the chosen row is seen.
pub(super) fn show_choice(model: &mut Model) {
    let room = layout::room(model, model.focused());
    let rows = usize::from(room.height);
    let pane = model.focused();
    let Some(choice) = pane.choice else { return };
    let is_still = matches!(pane.scroll, Scroll::Still { .. }) && model.zoom == Zoom::Off;
    if is_still && pane_window(model, pane).shows(choice) {
        return;
    }
    let chosen = layout::offset_of(pane, room, choice);
    // A heading above it may keep the top row.
    let above = usize::from(layout::pins(room) && choice.row != Row::Heading);
    // Of a chosen call all of its block is wanted, of a message all of its text; or as much as there is room for.
    let most = rows.saturating_sub(above).max(1);
    let wanted = layout::rows_with(pane, room, choice).clamp(1, most);
    let last_top = (chosen + wanted).saturating_sub(rows);
    hold_at(model, layout::top(pane, room).min(chosen.saturating_sub(above)).max(last_top));
}

fn hold_at(model: &mut Model, offset: usize) {
    let room = layout::room(model, model.focused());
    if let Some(top) = layout::place_at(model.focused(), room, offset) {
        model.focused_mut().hold(top);
    }
}

fn step(model: &mut Model, step: Step) {
    let room = layout::room(model, model.focused());
    let pane = model.focused();
    let Some(choice) = pane.choice else { return };
    if let Some(place) = next_seen(model, choice, step) {
        choose(model, place);
        return;
    }
    let total = layout::total(pane, room);
    let mut at = layout::offset_of(pane, room, choice);
    loop {
        at = match step {
            Step::Up if at == 0 => return,
            Step::Up => at - 1,
            Step::Down if at + 1 >= total => return,
            Step::Down => at + 1,
        };
        let Some(place) = layout::place_at(pane, room, at) else { return };
        if place.row.is_chosen_by_arrows() {
            choose(model, place);
            return;
        }
    }
}

/// The next row to choose in a view that is kept still: there the rows are not those of all blocks one after the
/// other.
fn next_seen(model: &Model, choice: Place, step: Step) -> Option<Place> {
    let pane = model.focused();
    if !matches!(pane.scroll, Scroll::Still { .. }) || model.zoom == Zoom::On {
        return None;
    }
    let rows = pane_window(model, pane).rows.into_iter().map(|(_, place)| place);
    let places: Vec<Place> = rows.filter(|place| place.row.is_chosen_by_arrows()).collect();
    let at = places.iter().position(|place| *place == choice)?;
    let next = match step {
        Step::Up => at.checked_sub(1)?,
        Step::Down => at + 1,
    };
    places.get(next).copied()
}

fn page(model: &mut Model, step: Step) {
    let rows = usize::from(layout::room(model, model.focused()).height);
    scroll(model, step, rows.saturating_sub(1).max(1));
}

/// The wheel, away from the user.
pub(super) fn wheel_up(model: &mut Model) {
    scroll(model, Step::Up, 3);
}

/// The wheel, towards the user.
pub(super) fn wheel_down(model: &mut Model) {
    scroll(model, Step::Down, 3);
}

fn scroll(model: &mut Model, step: Step, by: usize) {
    let room = layout::room(model, model.focused());
    let rows = usize::from(room.height);
    let pane = model.focused();
    let end = layout::total(pane, room).saturating_sub(rows);
    let top = layout::top(pane, room);
    match step {
        Step::Up if top == 0 => {
            hold_at(model, 0);
            tell_of_folds(model);
        }
        Step::Up => hold_at(model, top.saturating_sub(by)),
        Step::Down if !matches!(pane.scroll, Scroll::Held { .. }) => {}
        Step::Down if top + by >= end => newest(model),
        Step::Down => hold_at(model, top + by),
    }
}

/// There is nothing above; but some of what is below may be folded.
fn tell_of_folds(model: &mut Model) {
    let window = pane_window(model, model.focused());
    if window.rows.iter().any(|(_, place)| place.row.is_fold()) && model.zoom == Zoom::Off {
        model.say("Ctrl-O gives this pane the whole screen, and shows what is folded");
    }
}

fn chosen(model: &Model) -> Option<(&Call, Row)> {
    let choice = model.focused().choice?;
    Some((model.focused().call(choice.call)?, choice.row))
}

/// The entry of a call that a row shows.
fn entry(call: &Call, row: Row) -> Option<Entry> {
    match row {
        Row::Entry(number) => call.entry(number),
        _ => None,
    }
}

fn open_menu(model: &mut Model) {
    let Some((call, row)) = chosen(model) else { return };
    if matches!(row, Row::Fold(_)) && model.zoom == Zoom::Off {
        keys::in_panes(model, Action::Zoom, &mut Vec::new());
        return;
    }
    let mut items = Vec::new();
    let message = entry(call, row).is_some_and(|entry| entry.what != What::EndOfStream);
    if message {
        items.push((Action::Copy, "Copy the message"));
        items.push((Action::CopyBytes, "Copy its bytes in hex"));
    } else {
        items.extend(copies());
    }
    if request(call, row).is_some() {
        items.push((Action::Reuse, "Put the request back into the line"));
    }
    if call.is_open() {
        items.push((Action::HalfClose, "End its request stream (half-close)"));
    }
    if call.is_cancellable() {
        items.push((Action::Cancel, "Cancel the call"));
    }
    let zoom = if model.zoom == Zoom::Off { "Give the pane the whole screen" } else { "Back to all panes" };
    items.push((Action::Zoom, zoom));
    if message {
        items.extend(copies());
    }
    model.panel = Some(Panel::Menu(Menu { about: About::Doing, items, choice: Choice::default() }));
}

/// As what a call is copied.
fn copies() -> impl Iterator<Item = (Action, &'static str)> {
    let copying = TABLE.iter().filter(|binding| binding.scope == Scope::Copying);
    copying.map(|binding| (binding.action, binding.words))
}

/// Does a line of the menu.
pub(super) fn from_menu(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::HalfClose => {
            // The chosen stream is meant, whatever stands in the line.
            if let Some(id) = model.focused().open_stream()
                && let Some(call) = model.focused_mut().call_mut(id)
            {
                call.half_close();
                effects.push(Effect::HalfClose(id));
            }
        }
        Action::Cancel => calls::cancel(model, effects),
        action => keys::in_panes(model, action, effects),
    }
}

/// The request that a row stands for: a heading's one request, or the message that was sent.
fn request(call: &Call, row: Row) -> Option<bytes::Bytes> {
    match (row, entry(call, row).map(|entry| entry.what)) {
        (Row::Heading, _) => call.request.clone(),
        (_, Some(What::Sent(bytes))) => Some(bytes),
        _ => None,
    }
}

fn reuse(model: &mut Model) {
    let Some((call, row)) = chosen(model) else { return };
    let Some(bytes) = request(call, row) else { return };
    let text = match call.method.request().show(&bytes, MAX_COPY) {
        Shown::Text { text, .. } | Shown::Json { text, .. } => text,
        Shown::Broken { hex, .. } => hex,
    };
    back_to_line(model);
    model.focused_mut().line.set(text);
}

/// Copies a message at once; of a call it is asked as what.
fn copy(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((call, row)) = chosen(model) else { return };
    if let Some(words) = entry(call, row).map(|entry| words(call, &entry)) {
        put(model, words, effects);
    } else {
        let items = copies().collect();
        model.panel = Some(Panel::Menu(Menu { about: About::Copying, items, choice: Choice::default() }));
    }
}

fn copy_transcript(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((call, _)) = chosen(model) else { return };
    put(model, save::transcript(std::slice::from_ref(call), Saved::Text), effects);
}

/// Shows the secrets of the chosen call, or masks them again.
fn toggle_secrets(model: &mut Model) {
    let Some(choice) = model.focused().choice else { return };
    model.revealed = match model.secrets_of(choice.call) {
        Secrets::Masked => Some(choice.call),
        Secrets::Shown => None,
    };
}

/// Copies the call as a command that makes it again.
fn copy_command(model: &mut Model, tool: Tool, effects: &mut Vec<Effect>) {
    let Some((call, _)) = chosen(model) else { return };
    match shell::command(tool, call) {
        Ok(command) if command.len() > MAX_COPY => {
            model.say(format!("a command of {} is too long to be copied", text::size(command.len() as u64)));
        }
        Ok(command) => put(model, command, effects),
        Err(why) => model.say(why.to_string()),
    }
}

fn copy_bytes(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((call, row)) = chosen(model) else { return };
    let Some(What::Sent(bytes) | What::Received(bytes)) = entry(call, row).map(|entry| entry.what) else {
        return;
    };
    let mut hex = String::new();
    for byte in bytes.iter().take(MAX_COPY / 3) {
        let _ = write!(hex, "{byte:02x} ");
    }
    put(model, hex.trim_end().to_owned(), effects);
}

fn put(model: &mut Model, mut text: String, effects: &mut Vec<Effect>) {
    // What is pasted elsewhere must not carry escape sequences there.
    text.retain(|c| matches!(c, '\n' | '\t') || !c.is_control());
    let cut = text.floor_char_boundary(MAX_COPY);
    let shortened = cut < text.len();
    text.truncate(cut);
    effects.push(Effect::Copy(text));
    model.say(if shortened {
        "its first 64 KiB sent to the terminal's clipboard"
    } else {
        "sent to the terminal's clipboard"
    });
}

/// A message in words, without arrow and time.
fn words(call: &Call, entry: &Entry) -> String {
    let (message, bytes) = match &entry.what {
        What::Sent(bytes) => (call.method.request(), bytes),
        What::Received(bytes) => (call.method.reply(), bytes),
        What::EndOfStream => return "end of stream".to_owned(),
    };
    match message.show(bytes, MAX_COPY) {
        Shown::Text { text, .. } | Shown::Json { text, .. } => text,
        Shown::Broken { error, hex } => format!("{hex} ({error})"),
    }
}
