//! The last row: the keys that work now.

use ratatui::layout::Rect;

use super::{paint::Painter, theme::Signs};
use crate::{
    schema::Kind,
    text::{self, Secrets},
    tui::{
        action::{Action, Prefix, Scope, TABLE},
        layout,
        model::{
            About, Bytes, Call, LinkState, Menu, Model, OptionsPanel, Panel, Reading, Row, Search, Searched,
            ServerPanel, ServerPlace, Spot, Whose, WirePanel, WireScroll, Zoom,
        },
    },
};

/// A key, what it does now, and whether it stays when there is little room.
struct Hint {
    /// The action, if the hint is for a single one.
    action: Option<Action>,
    key: String,
    words: &'static str,
    stays: bool,
}

/// The gap between two hints, in columns.
const GAP: u16 = 2;
/// From this width on hints say all that they have to say.
const WORDY: u16 = 100;
/// From this width on the header says where the help is, but for a server that is lost.
const HELPFUL: u16 = 80;
/// In fewer columns there is room for one hint beside those that stay.
const NARROW: u16 = 48;

pub(super) fn draw(model: &Model, area: Rect, painter: &mut Painter<'_>) {
    let (key_style, word_style) = (painter.theme.strong, painter.theme.dim);
    let mut hints = hints(model);
    if painter.theme.signs == Signs::Ascii {
        hints.iter_mut().filter(|hint| hint.key == "↑↓").for_each(|hint| "Up/Down".clone_into(&mut hint.key));
    }
    let mut used = 1;
    for hint in &fitting(hints, area.width) {
        let pieces = [(hint.key.as_str(), key_style), (" ", word_style), (hint.words, word_style)];
        used += painter.pieces(super::paint::rest(area, used), &pieces) + GAP;
    }
}

/// The hints that there is room for. Those that stay have theirs first; the others are asked in their order, and one
/// that is too long does not keep out a shorter one behind it.
fn fitting(mut hints: Vec<Hint>, columns: u16) -> Vec<Hint> {
    let width = |hint: &Hint| text::width(&hint.key) + 1 + text::width(hint.words) + usize::from(GAP);
    // A column before the first, and no gap behind the last.
    let mut room = (usize::from(columns) + usize::from(GAP)).saturating_sub(1);
    if hints.iter().filter(|hint| hint.stays).map(width).sum::<usize>() > room {
        hints
            .iter_mut()
            .filter(|hint| hint.action == Some(Action::Palette))
            .for_each(|hint| hint.words = "more");
    }
    for hint in hints.iter_mut().filter(|hint| hint.stays) {
        // Where not even these have room, the first have it.
        hint.stays = width(hint) <= room;
        room = room.saturating_sub(if hint.stays { width(hint) } else { 0 });
    }
    hints.retain(|hint| {
        let fits = hint.stays || width(hint) <= room;
        room -= if fits && !hint.stays { width(hint) } else { 0 };
        fits
    });
    hints
}

fn hint(action: Action, words: &'static str) -> Option<Hint> {
    let binding = TABLE.iter().find(|binding| binding.action == action)?;
    let key = binding.key()?.to_string();
    let stays = matches!(action, Action::Palette | Action::Quit);
    Some(Hint { action: Some(action), key, words, stays })
}

/// What may follow a key that means nothing by itself.
fn behind(prefix: Prefix) -> Vec<Hint> {
    let follows = TABLE.iter().filter_map(|binding| {
        let key = binding.keys.iter().find(|key| key.after == Some(prefix))?;
        let key = key.alone().to_string();
        Some(Hint { action: Some(binding.action), key, words: binding.short, stays: true })
    });
    let first = Hint { action: None, key: prefix.key().to_string(), words: "and then", stays: true };
    std::iter::once(first).chain(follows).chain([keys("Esc", "back")]).collect()
}

fn hints(model: &Model) -> Vec<Hint> {
    if let Some(prefix) = model.prefix {
        return behind(prefix);
    }
    let mut hints = match &model.panel {
        Some(Panel::Help(page)) => {
            let is_at_end = page.top >= layout::last_help_row(model);
            let page = if is_at_end { keys("PageUp", "before") } else { keys("PageDown", "more") };
            vec![keys("↑↓", "scroll"), page, keys("Esc", "back")]
        }
        Some(Panel::Search(Search { of: Searched::History, .. })) => {
            vec![keys("Enter", "into the line"), keys("↑↓", "choose"), keys("Esc", "back")]
        }
        Some(Panel::Menu(Menu { about: About::Copying, .. })) => {
            of_scope(model, Scope::Copying).into_iter().chain([keys("Esc", "back")]).collect()
        }
        Some(Panel::Search(_) | Panel::Menu(_)) => {
            vec![keys("Enter", "do it"), keys("↑↓", "choose"), keys("Esc", "back")]
        }
        Some(Panel::Options(OptionsPanel { typing: Some(_), .. })) => {
            vec![keys("Enter", "take it"), keys("Esc", "back")]
        }
        Some(Panel::Options(panel)) => options(model, panel),
        Some(Panel::Wire(panel)) => wire(model, panel),
        Some(Panel::Paste(_)) => of_scope(model, Scope::Paste),
        Some(Panel::Server(ServerPanel { address: Some(_), .. })) => {
            vec![keys("Enter", "connect"), keys("Esc", "back")]
        }
        Some(Panel::Server(panel)) => server(model, panel),
        None if model.focused().choice.is_some() => transcript(model),
        None => line(model),
    };
    if model.panel.is_none() {
        hints.extend(hint(Action::Palette, "commands"));
        let server = hint(Action::Server, "server");
        let is_lost = matches!(model.link.state, LinkState::Lost { .. } | LinkState::Stopped);
        // What else is said there takes room from it.
        let is_full =
            model.link.place == ServerPlace::Remote || model.options.in_few_words(model.focus).is_some();
        let helpful = if is_full { WORDY } else { HELPFUL };
        if is_lost || model.size.0 < helpful || model.focused().calls().is_empty() {
            // Where the header may have no room for it, it is here.
            let stays = is_full && model.size.0 >= HELPFUL;
            hints.extend(hint(Action::Help, "help").map(|hint| Hint { stays, ..hint }));
        }
        // What is wrong comes before what cannot be done because of it.
        let at = if is_lost { 0 } else { hints.len() };
        hints.splice(at..at, server);
        hints.extend(hint(Action::Wire, "wire"));
        hints.extend(hint(Action::Options, "options"));
        hints.extend(hint(Action::Quit, "quit"));
    }
    hints
}

fn keys(key: &str, words: &'static str) -> Hint {
    Hint { action: None, key: key.to_owned(), words, stays: key == "Esc" }
}

fn of_scope(model: &Model, scope: Scope) -> Vec<Hint> {
    let bindings = TABLE.iter().filter(|binding| binding.scope == scope && model.offers(binding.action));
    bindings
        .filter_map(|binding| {
            let (action, key) = (binding.action, binding.key()?.to_string());
            Some(Hint { action: Some(action), key, words: binding.short, stays: action == Action::Escape })
        })
        .collect()
}

fn server(model: &Model, panel: &ServerPanel) -> Vec<Hint> {
    const OWN: [Action; 3] = [Action::StopServer, Action::StartServer, Action::RestartServer];
    // Each of these pairs has one hint, below.
    const SCROLLING: [Action; 4] = [Action::Up, Action::Down, Action::PageUp, Action::PageDown];
    const SETTING: [Action; 4] =
        [Action::MoreReplies, Action::FewerReplies, Action::LongerPause, Action::ShorterPause];
    let in_pairs = |action: &Action| SCROLLING.contains(action) || SETTING.contains(action);
    let mut hints = of_scope(model, Scope::Server);
    hints.retain(|hint| !hint.action.as_ref().is_some_and(in_pairs));
    let is_own = |hint: &Hint| hint.action.is_some_and(|action| OWN.contains(&action));
    let at = hints.iter().take_while(|hint| is_own(hint)).count();
    let embedded =
        hints.splice(..at, []).chain([keys("+ -", "replies"), keys("[ ]", "pause")]).collect::<Vec<_>>();
    match model.link.place {
        ServerPlace::Embedded => hints.splice(0..0, embedded).for_each(drop),
        // The embedded server is another one: what is for the one that is called comes first.
        ServerPlace::Remote => {
            let words = |hint: Hint| match hint.action {
                Some(Action::StartServer) => Hint { words: "start embedded", ..hint },
                Some(Action::StopServer) => Hint { words: "stop embedded", ..hint },
                _ => hint,
            };
            hints.extend(embedded.into_iter().map(words));
            let first = [Action::ConnectTo, Action::BackToEmbedded];
            hints.sort_by_key(|hint| !hint.action.is_some_and(|action| first.contains(&action)));
        }
    }
    if layout::server(model, panel).scrolls() {
        hints.insert(0, keys("↑↓", "scroll"));
    }
    hints
}

fn options(model: &Model, panel: &OptionsPanel) -> Vec<Hint> {
    let any = !model.options_of(panel).metadata.is_empty();
    let wanted = [
        (true, Action::AddMetadata, "add metadata"),
        (any, Action::DeleteMetadata, "delete"),
        (true, Action::SetDeadline, "deadline"),
        (true, Action::NextCompression, "compression"),
        (true, Action::ToggleWaiting, "wait"),
        (true, Action::OtherWhose, if panel.whose == Whose::All { "this pane" } else { "every pane" }),
        (any, Action::ShowSecrets, secrets(panel.secrets)),
    ];
    let mut hints: Vec<Hint> = wanted
        .into_iter()
        .filter(|(now, ..)| *now)
        .filter_map(|(_, action, words)| hint(action, words))
        .collect();
    if any {
        hints.insert(0, keys("Enter", "change"));
        hints.insert(0, keys("↑↓", "choose"));
    }
    hints.push(keys("Esc", "back"));
    hints
}

fn secrets(now: Secrets) -> &'static str {
    match now {
        Secrets::Masked => "show secrets",
        Secrets::Shown => "mask secrets",
    }
}

fn wire(model: &Model, panel: &WirePanel) -> Vec<Hint> {
    let wanted = [
        (Action::FrameBytes, if panel.bytes == Bytes::Shown { "hide bytes" } else { "bytes" }),
        (Action::OnlyThisCall, if panel.call.is_some() { "all calls" } else { "only this call" }),
        (Action::FrameTypes, "types"),
        (Action::HoldWire, if panel.scroll == WireScroll::Newest { "hold" } else { "follow" }),
    ];
    let rest = wanted.into_iter().filter_map(|(action, words)| hint(action, words));
    if model.wire.entries().next().is_none() {
        return vec![keys("Esc", "back")];
    }
    let at_hand = panel.call_at_hand(model).filter(|call| call.is_started());
    let reading = at_hand.and_then(Call::reading).and_then(|reading| match reading {
        Reading::On => hint(Action::StopReading, "stop reading"),
        Reading::Stopped => hint(Action::StopReading, "read on"),
    });
    let tells_values = panel.bytes == Bytes::Shown;
    let secrets = tells_values.then(|| hint(Action::ShowSecrets, secrets(panel.secrets))).flatten();
    // What is no frame has no bytes.
    let entry = |spot: Spot| model.wire.kept(spot.connection)?.get(spot.entry)?.head();
    let copy = panel.chosen.and_then(entry).map(|_| keys("y", "copy"));
    std::iter::once(keys("↑↓", "frame"))
        .chain(rest)
        .chain(reading)
        .chain(secrets)
        .chain(copy)
        .chain([keys("Esc", "back")])
        .collect()
}

fn transcript(model: &Model) -> Vec<Hint> {
    let pane = model.focused();
    let chosen = pane.chosen_call();
    let is_message = pane.chosen_place().is_some_and(|choice| matches!(choice.row, Row::Entry(_)));
    let wanted = [
        (true, Action::Open, "actions"),
        (true, Action::Copy, if is_message { "copy" } else { "copy as" }),
        (
            model.secrets_in_view().is_some(),
            Action::ShowSecrets,
            secrets(model.secrets_in_view().unwrap_or_default()),
        ),
        (true, Action::Escape, "line"),
        (chosen.is_some_and(Call::is_cancellable), Action::Cancel, "cancel this call"),
        (true, Action::Zoom, if model.zoom == Zoom::On { "back" } else { "zoom" }),
    ];
    std::iter::once(keys("↑↓", "choose")).chain(offered(model, wanted)).collect()
}

/// The hints of what can be done now; the way out of where one is stays.
fn offered<const N: usize>(model: &Model, wanted: [(bool, Action, &'static str); N]) -> Vec<Hint> {
    let leads_out = |action| match action {
        Action::Escape => model.focused().choice.is_some(),
        Action::Zoom => model.zoom == Zoom::On && model.focused().choice.is_none(),
        _ => false,
    };
    let now = wanted.into_iter().filter(|(now, action, _)| *now && model.offers(*action));
    let hints = now.filter_map(|(_, action, words)| hint(action, words).map(|hint| (action, hint)));
    hints.map(|(action, hint)| Hint { stays: hint.stays || leads_out(action), ..hint }).collect()
}

/// What matters most comes first: there may be no room for the rest.
fn line(model: &Model) -> Vec<Hint> {
    let pane = model.focused();
    let open = pane.open_stream().is_some();
    let live = pane.calls().iter().filter(|call| call.is_cancellable()).count();
    let enter = if pane.kind.sends_stream() { "send" } else { "call" };
    let is_wordy = model.size.0 >= WORDY;
    let takes_names = pane.line_method().is_some_and(|method| method.request().line_field() == Some("name"));
    let empty = pane.calls().is_empty();
    let greet = match (pane.line.is_empty(), is_wordy && empty) {
        (true, true) => "play the introduction",
        (true, false) => "introduction",
        (false, _) if takes_names => "greet all",
        (false, _) => "send to all",
    };
    let end = if is_wordy { "end stream" } else { "end" };
    let cancel = if live > 1 && is_wordy { "cancel newest" } else { "cancel" };
    let zoom = if model.zoom == Zoom::On { "back" } else { "zoom" };
    let screen = layout::screen(model);
    let hides_panes = model.zoom == Zoom::Off && Kind::ALL.iter().any(|kind| !screen.pane(*kind).is_open());
    let is_narrow = model.size.0 < NARROW;
    let wanted = [
        // What Enter does the empty line says too.
        (hides_panes && is_narrow, Action::NextPane, "next pane"),
        (pane.line_method().is_some(), Action::Submit, enter),
        (open, Action::HalfClose, end),
        (live > 0, Action::Cancel, cancel),
        (hides_panes && !is_narrow, Action::NextPane, "next pane"),
        (!empty, Action::Escape, "choose"),
        (!empty, Action::Zoom, zoom),
        (!hides_panes, Action::NextPane, "next pane"),
        (model.can_do(Action::Methods), Action::Methods, "other method"),
        (pane.takes_rows() && pane.line.is_empty(), Action::Template, "every field"),
        (pane.takes_rows(), Action::EditOutside, "edit"),
        (model.shares_request_type() && (!pane.line.is_empty() || model.greets()), Action::GreetAll, greet),
    ];
    offered(model, wanted)
}
