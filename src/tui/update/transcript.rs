//! Choosing rows of a transcript, scrolling it, and what can be done with what is chosen.

use super::{Effect, calls, clipboard, keys};
use crate::{
    rpc::{CallId, Entry, Peer, What},
    schema::{Kind, MessageType, Source, Unreadable, Whole},
    text::{self, Secrets},
    tui::{
        action::{Action, Scope, TABLE, Tool},
        layout::{self, pane_window},
        model::{
            About, Call, Choice, Line, LinkState, Menu, Model, Pane, Panel, Place, Row, Scroll, ServerPlace,
            Zoom,
        },
        save::Excerpt,
        shell,
    },
};

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
    let at_end = pane_window(model, model.focused()).at_end;
    let pane = model.focused_mut();
    // The line goes to the stream that was chosen, until another is.
    pane.receiver = pane.chosen_call().filter(|call| call.is_open()).map(|call| call.id);
    pane.choice = None;
    if at_end {
        pane.follow();
    }
}

/// Back to the newest row, and to the line.
pub(super) fn newest(model: &mut Model) {
    newest_of(model, model.focus);
}

fn newest_of(model: &mut Model, kind: Kind) {
    let pane = model.pane_mut(kind);
    pane.choice = None;
    pane.follow();
}

fn choose_newest(model: &mut Model) {
    let window = pane_window(model, model.focused());
    let mut rows = window.rows.iter().rev().map(|(_, place)| *place);
    let seen = rows.find(|place| place.row.is_chosen_by_arrows());
    // On the smallest screens none is seen.
    let pane = model.focused();
    let last = || pane.calls().back().filter(|call| !pane.is_cleared(call));
    let newest = seen.or_else(|| last().map(|call| Place::heading(call.id)));
    match newest.map(|newest| before_the_end(model, newest)) {
        Some(place) => choose(model, place),
        None => model.say("nothing to choose yet: Enter starts a call"),
    }
}

/// The message before the end of a stream: there is more to be done with it.
fn before_the_end(model: &Model, place: Place) -> Place {
    let Row::Entry(number) = place.row else { return place };
    let call = model.focused().call(place.call);
    let is_end =
        call.and_then(|call| call.entry(number)).is_some_and(|entry| entry.what == What::EndOfStream);
    let before =
        number.checked_sub(1).filter(|before| call.is_some_and(|call| call.message(*before).is_some()));
    match before.filter(|_| is_end) {
        Some(before) => Place { row: Row::Entry(before), ..place },
        None => place,
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
    match (pane.scroll(), top) {
        (Scroll::Newest, Some(_)) if zoom == Zoom::Off => pane.keep_still(),
        (Scroll::Newest, Some(top)) => pane.hold(top),
        _ => {}
    }
    pane.choose(place);
    model.notice = None;
    show_choice(model);
}

/// Scrolls just far enough to show the chosen row.
pub(super) fn show_choice(model: &mut Model) {
    let room = layout::room(model, model.focused());
    let rows = usize::from(room.height);
    let pane = model.focused();
    let Some(choice) = pane.chosen_place() else { return };
    let is_still = matches!(pane.scroll(), Scroll::Still { .. }) && model.zoom == Zoom::Off;
    if is_still && pane_window(model, pane).shows(choice) {
        return;
    }
    let chosen = layout::offset_of(pane, room, choice);
    // A heading above it may keep the top row.
    let above = usize::from(layout::pins(room) && choice.row != Row::Heading);
    // Of a chosen call the whole block is shown, of a message all of its text; or as much as there is room for.
    let most = rows.saturating_sub(above).max(1);
    let wanted = layout::rows_with(pane, room, choice).clamp(1, most);
    let last_top = (chosen + wanted).saturating_sub(rows);
    let top = layout::top(pane, room).min(chosen.saturating_sub(above)).max(last_top);
    hold_at(model, model.focus, top);
}

fn hold_at(model: &mut Model, kind: Kind, offset: usize) {
    let pane = model.pane(kind);
    if let Some(top) = layout::place_at(pane, layout::room(model, pane), offset) {
        model.pane_mut(kind).hold(top);
    }
}

fn step(model: &mut Model, step: Step) {
    let room = layout::room(model, model.focused());
    let pane = model.focused();
    let Some(choice) = pane.chosen_place() else { return };
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
    if !matches!(pane.scroll(), Scroll::Still { .. }) || model.zoom == Zoom::On {
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
    scroll(model, model.focus, step, rows.saturating_sub(1).max(1));
}

/// The wheel over a pane, away from the user.
pub(super) fn wheel_up(model: &mut Model, kind: Kind) {
    scroll(model, kind, Step::Up, 3);
}

/// The wheel over a pane, towards the user.
pub(super) fn wheel_down(model: &mut Model, kind: Kind) {
    scroll(model, kind, Step::Down, 3);
}

fn scroll(model: &mut Model, kind: Kind, step: Step, by: usize) {
    let pane = model.pane(kind);
    let room = layout::room(model, pane);
    let rows = usize::from(room.height);
    let end = layout::total(pane, room).saturating_sub(rows);
    let top = layout::top(pane, room);
    // The newest view may cut its first block; from where it would end uncut, a step up and one down lead back to it.
    let is_newest = !matches!(pane.scroll(), Scroll::Held { .. });
    let from = if is_newest && top + by > end { top.max(end) } else { top };
    match step {
        Step::Up if top == 0 => {
            hold_at(model, kind, 0);
            tell_of_folds(model, kind);
        }
        Step::Up => hold_at(model, kind, from.saturating_sub(by)),
        Step::Down if is_newest => {}
        Step::Down if top + by >= end => newest_of(model, kind),
        Step::Down => hold_at(model, kind, top + by),
    }
}

/// There is nothing above, but some of what is below may be folded.
fn tell_of_folds(model: &mut Model, kind: Kind) {
    let has_folds = |pane: &Pane| pane_window(model, pane).rows.iter().any(|(_, place)| place.row.is_fold());
    // Ctrl-O is for the pane that has the keys.
    if kind == model.focus && model.zoom == Zoom::Off && has_folds(model.pane(kind)) {
        model.say("Ctrl-O gives this pane the whole screen, and shows what is folded");
    }
}

fn chosen(model: &Model) -> Option<(&Call, Row)> {
    let choice = model.focused().chosen_place()?;
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
        keys::zoom(model);
        return;
    }
    let id = call.id;
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
    model.panel = Some(Panel::Menu(Menu { about: About::Doing, call: id, items, choice: Choice::default() }));
}

/// The formats a call can be copied in.
fn copies() -> impl Iterator<Item = (Action, &'static str)> {
    let copying = TABLE.iter().filter(|binding| binding.scope == Scope::Copying);
    copying.map(|binding| (binding.action, binding.words))
}

/// Does a line of the menu that was opened for a call: to that one, and to no other where it is over meanwhile.
pub(super) fn from_menu(model: &mut Model, call: CallId, action: Action, effects: &mut Vec<Effect>) {
    match action {
        // The chosen stream is meant, whatever stands in the line.
        Action::HalfClose => calls::end_stream(model, call, effects),
        Action::Cancel => calls::cancel_one(model, call, effects),
        Action::Zoom => keys::in_panes(model, action, effects),
        _ if chosen(model).is_none_or(|(chosen, _)| chosen.id != call) => {
            model.say(format!("#{} is no longer here", call.0));
        }
        action => keys::in_panes(model, action, effects),
    }
}

/// The request in a row: that of a heading, or a message that was sent.
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
    match line_of(call.method.request(), &bytes) {
        Ok(line) if line.len() > Line::MAX_BYTES => {
            let (size, most) = (text::size(line.len() as u64), text::size(Line::MAX_BYTES as u64));
            model.say(format!("the request takes {size}, which is more than the {most} of a line"));
        }
        Ok(line) => {
            back_to_line(model);
            model.replace_line(model.focus, line);
        }
        Err(why) => model.say(format!("the request cannot be put into the line: {why}")),
    }
}

/// A line that makes the same message again: its text, or JSON where the text would be read as something else.
fn line_of(message: &MessageType, bytes: &[u8]) -> Result<String, Unreadable> {
    match message.whole(bytes)? {
        Whole::Text(text) if text.starts_with('{') || text.trim().is_empty() => message.whole_json(bytes),
        Whole::Text(line) | Whole::Json(line) => Ok(line),
    }
}

/// Copies a message at once. For a call, asks for the format.
fn copy(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((call, row)) = chosen(model) else { return };
    match entry(call, row).map(|entry| words(call, &entry)) {
        Some(Some(words)) => clipboard::put(model, words, effects),
        Some(None) => model.say("the end of the stream has no words to copy; Up chooses a message"),
        None => {
            let (call, items) = (call.id, copies().collect());
            let menu = Menu { about: About::Copying, call, items, choice: Choice::default() };
            model.panel = Some(Panel::Menu(menu));
        }
    }
}

fn copy_transcript(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((call, _)) = chosen(model) else { return };
    clipboard::put(model, Excerpt::of_transcript(call, clipboard::MAX_COPY), effects);
}

/// Shows the secrets of the chosen call, or masks them again.
fn toggle_secrets(model: &mut Model) {
    let Some(chosen) = &mut model.focused_mut().choice else { return };
    chosen.secrets = match chosen.secrets {
        Secrets::Masked => Secrets::Shown,
        Secrets::Shown => Secrets::Masked,
    };
}

/// Copies the call as a command that makes it again.
fn copy_command(model: &mut Model, tool: Tool, effects: &mut Vec<Effect>) {
    let Some((call, _)) = chosen(model) else { return };
    let in_use = match &model.link.state {
        LinkState::Ready { peer: Peer::Ip(peer), .. } => Some(*peer),
        _ => None,
    };
    let needs_a_file = tool == Tool::Grpcurl && !is_told_by_its_server(model, call);
    match shell::command(tool, call, in_use) {
        Ok(command) => {
            clipboard::put(model, Excerpt::whole(command), effects);
            if needs_a_file {
                model
                    .say("copied; this server has no reflection: grpcurl needs the .proto file too (-proto)");
            }
        }
        Err(why) => model.say(why.to_string()),
    }
}

/// Whether grpcurl finds out what the call's method is: from files, or from the server.
fn is_told_by_its_server(model: &Model, call: &Call) -> bool {
    let service = call.method.full_name().rsplit_once('.').map(|(service, _)| service);
    let contract = model.offered.iter().find(|contract| Some(contract.name()) == service);
    let is_remote = model.link.place == ServerPlace::Remote;
    !(is_remote && contract.is_some_and(|contract| contract.source() == Source::BuiltIn))
}

fn copy_bytes(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((call, row)) = chosen(model) else { return };
    let Some(What::Sent(bytes) | What::Received(bytes)) = entry(call, row).map(|entry| entry.what) else {
        return;
    };
    clipboard::put(model, clipboard::hex(&bytes), effects);
}

/// A message in words, without arrow and time.
fn words(call: &Call, entry: &Entry) -> Option<Excerpt> {
    let (message, bytes) = match &entry.what {
        What::Sent(bytes) => (call.method.request(), bytes),
        What::Received(bytes) => (call.method.reply(), bytes),
        What::EndOfStream => return None,
    };
    Some(Excerpt::of_message(message, bytes, clipboard::MAX_COPY))
}
