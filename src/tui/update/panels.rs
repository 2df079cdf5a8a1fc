//! What the panels do with actions, text and pastes.

use std::time::Duration;

use super::{ChannelThen, Effect, TerminalWish, calls, doctor, keys, options, transcript, wire};
use crate::{
    rpc::{ChannelSettings, Target},
    tui::{
        action::Action,
        layout,
        model::{
            EmbeddedState, HelpPage, Line, Link, LinkState, Menu, Model, Offer, OptionsPanel, Panel, Paste,
            Pieces, Search, Searched, ServerPanel, ServerPlace, Typing,
        },
        shell,
    },
};

/// A pasted line up to this size goes into the line without a question.
const PASTED_WITHOUT_ASKING: usize = 16 << 10;
/// The most lines of a paste that are sent one by one.
pub(in crate::tui) const MAX_PASTED_LINES: usize = 10_000;

/// The replies that `+` and `-` step through.
const REPLIES: [u32; 19] =
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 50, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
/// The pauses in milliseconds that `[` and `]` step through.
const PAUSES: [u64; 11] = [0, 1, 10, 20, 50, 100, 200, 300, 500, 1_000, 2_000];

/// Does an action in the panel that is open.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match model.panel.take() {
        Some(Panel::Help(page)) => in_help(model, page, action),
        Some(Panel::Search(search)) => in_search(model, search, action, effects),
        Some(Panel::Menu(menu)) => in_menu(model, menu, action, effects),
        Some(Panel::Server(panel)) => in_server(model, panel, action, effects),
        Some(Panel::Paste(paste)) => answer_paste(model, paste, action, effects),
        Some(Panel::Options(panel)) => options::act(model, panel, action, effects),
        Some(Panel::Wire(panel)) => {
            // The layout finds the panel's rows through the model, so the panel has to be there.
            model.panel = Some(Panel::Wire(panel));
            wire::act(model, panel, action, effects);
        }
        None => {}
    }
}

fn in_help(model: &mut Model, page: HelpPage, action: Action) {
    let half = model.size.1 / 2;
    let top = match action {
        Action::Escape | Action::Open => return,
        Action::Up => page.top.saturating_sub(1),
        Action::Down => page.top.saturating_add(1),
        Action::PageUp => page.top.saturating_sub(half),
        Action::PageDown => page.top.saturating_add(half),
        Action::Top => 0,
        Action::Bottom => u16::MAX,
        _ => page.top,
    };
    // The layout finds the help's rows through the model, so the help has to be there.
    model.panel = Some(Panel::Help(page));
    let top = top.min(layout::last_help_row(model));
    model.panel = Some(Panel::Help(HelpPage { top }));
}

/// Takes text typed in a panel.
pub(super) fn typed(model: &mut Model, text: &str, effects: &mut Vec<Effect>) {
    match &mut model.panel {
        Some(Panel::Search(Search { of: Searched::Commands, query, .. }))
            if text == "/" && query.is_empty() =>
        {
            model.panel = None;
            keys::insert(model, text);
        }
        Some(Panel::Search(search)) => {
            search.query.insert(text);
            search.choice.0 = 0;
        }
        Some(Panel::Server(ServerPanel { address: Some(line), .. })) => {
            model.notice = None;
            line.insert(text);
        }
        Some(Panel::Options(OptionsPanel { typing: Some(typing), .. })) => {
            model.notice = None;
            typing.line.insert(text);
        }
        Some(Panel::Menu(Menu { call, .. })) if text == "y" => {
            let call = *call;
            model.panel = None;
            transcript::from_menu(model, call, Action::Copy, effects);
        }
        _ => {}
    }
}

fn in_search(model: &mut Model, mut search: Search, action: Action, effects: &mut Vec<Effect>) {
    let found = model.found(&search);
    match action {
        Action::Escape => return,
        Action::Up => search.choice.up(1),
        // Ctrl-R again goes on to the next older line, as in a shell.
        Action::Down | Action::SearchHistory => search.choice.down(1, found.len()),
        Action::PageUp => search.choice.up(8),
        Action::PageDown => search.choice.down(8, found.len()),
        Action::End => search.query.end(),
        Action::Edit(edit) => {
            search.query.edit(edit, &mut model.cut);
            search.choice.0 = 0;
        }
        Action::Open => {
            if let Some(offer) = found.into_iter().nth(search.choice.0) {
                return accept(model, offer, effects);
            }
        }
        _ => {}
    }
    model.panel = Some(Panel::Search(search));
}

/// Does what was chosen. A line is put where it can be changed; nothing is sent.
fn accept(model: &mut Model, offer: Offer, effects: &mut Vec<Effect>) {
    match offer {
        Offer::Command(binding) => keys::act(model, binding.action, effects),
        Offer::Method(contract, method) => {
            transcript::back_to_line(model);
            model.use_method(&contract, method);
        }
        Offer::Service(contract) => use_service(model, contract),
        Offer::Line(line) => model.replace_line(model.focus, line),
    }
}

fn in_menu(model: &mut Model, mut menu: Menu, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Escape => return,
        Action::Up => menu.choice.up(1),
        Action::Down => menu.choice.down(1, menu.items.len()),
        Action::Top => menu.choice.0 = 0,
        Action::Bottom => menu.choice.0 = menu.items.len().saturating_sub(1),
        Action::Open => {
            if let Some((action, _)) = menu.items.get(menu.choice.0) {
                transcript::from_menu(model, menu.call, *action, effects);
            }
            return;
        }
        action if menu.items.iter().any(|(item, _)| *item == action) => {
            transcript::from_menu(model, menu.call, action, effects);
            return;
        }
        _ => {}
    }
    model.panel = Some(Panel::Menu(menu));
}

fn in_server(model: &mut Model, mut panel: ServerPanel, action: Action, effects: &mut Vec<Effect>) {
    let Some(line) = &mut panel.address else {
        if action != Action::Escape {
            scroll(model, &mut panel, action);
            model.panel = Some(Panel::Server(panel));
            server(model, action, effects);
        }
        return;
    };
    match action {
        Action::Escape => panel.address = None,
        Action::Open if line.text().trim().is_empty() => panel.address = None,
        Action::Open => {
            model.notice = None;
            effects.push(Effect::ReadAddress(line.text().to_owned()));
        }
        Action::Edit(edit) => line.edit(edit, &mut model.cut),
        Action::End => line.end(),
        _ => {}
    }
    model.panel = Some(Panel::Server(panel));
}

/// The typed address was read. If the line has changed since, the result is dropped.
pub(super) fn read(
    model: &mut Model,
    typed: &str,
    read: Result<Box<(Target, ChannelSettings)>, String>,
    effects: &mut Vec<Effect>,
) {
    let line = match &model.panel {
        Some(Panel::Server(ServerPanel { address: Some(line), .. })) => line.text(),
        _ => return,
    };
    match read {
        _ if line != typed => {}
        Ok(way) => effects.push(Effect::Link(way)),
        Err(why) => model.say(why),
    }
}

fn scroll(model: &Model, panel: &mut ServerPanel, action: Action) {
    // What is shown is never past the end, wherever the panel was scrolled to before.
    let window = layout::server(model, panel);
    let page = window.page().max(1);
    panel.top = match action {
        Action::Up => window.first.saturating_sub(1),
        Action::Down => window.first + 1,
        Action::PageUp => window.first.saturating_sub(page),
        Action::PageDown => window.first + page,
        _ => return,
    }
    .min(window.last());
}

/// Does an action of the server and connection panel, from there or from the palette.
pub(super) fn server(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    if !model.offers(action) {
        return;
    }
    match action {
        Action::StopServer => {
            model.embedded.state = EmbeddedState::Stopping;
            effects.push(stop_server(model));
        }
        Action::StartServer => {
            model.embedded.state = EmbeddedState::Starting;
            effects.push(Effect::StartServer(model.embedded.address, model.embedded.settings));
            if model.link.place == ServerPlace::Remote {
                model.say("the embedded server starts; F2 e connects to it");
            }
        }
        Action::RestartServer => {
            // The news of its end starts it again: see `news::embedded`.
            model.embedded.state = EmbeddedState::Starting;
            effects.push(stop_server(model));
        }
        Action::MoreReplies | Action::FewerReplies | Action::LongerPause | Action::ShorterPause => {
            configure(model, action, effects);
        }
        Action::Services => services(model),
        Action::Examine => doctor::asked(model, effects),
        Action::ConnectTo => {
            let mut line = Line::default();
            if matches!(model.link.state, LinkState::Lost { .. }) {
                // What is wrong is often mended by a flag behind the same address.
                let way = model.link.way.as_deref();
                line.set(way.map_or_else(|| model.link.address.clone(), shell::address));
            }
            let address = Some(line);
            model.panel = Some(Panel::Server(ServerPanel { address, ..ServerPanel::default() }));
        }
        Action::BackToEmbedded => back_to_embedded(model, effects),
        Action::CopyAddress => {
            effects.push(Effect::Terminal(TerminalWish::Copy(model.link.address.clone())));
            model.say("sent to the terminal's clipboard");
        }
        _ => {}
    }
}

/// A channel that the user asked for stays, even where it leads to the embedded server.
fn stop_server(model: &Model) -> Effect {
    Effect::StopServer(match model.link.place {
        ServerPlace::Embedded => ChannelThen::Closes,
        ServerPlace::Remote => ChannelThen::Stays,
    })
}

fn configure(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let settings = &mut model.embedded.settings;
    let pause = u64::try_from(settings.interval.as_millis()).unwrap_or(u64::MAX);
    match action {
        Action::MoreReplies => settings.replies = above(&REPLIES, settings.replies),
        Action::FewerReplies => settings.replies = below(&REPLIES, settings.replies),
        Action::LongerPause => settings.interval = Duration::from_millis(above(&PAUSES, pause)),
        Action::ShorterPause => settings.interval = Duration::from_millis(below(&PAUSES, pause)),
        _ => {}
    }
    let settings = *settings;
    effects.push(Effect::Configure(settings));
    if model.panel.is_none() {
        let pause = crate::text::elapsed(settings.interval);
        model.say(format!("{} replies, {pause} between them", crate::text::count(settings.replies.into())));
    }
}

fn above<T: Copy + PartialOrd>(steps: &[T], value: T) -> T {
    steps.iter().copied().find(|step| *step > value).unwrap_or(value)
}

fn below<T: Copy + PartialOrd>(steps: &[T], value: T) -> T {
    steps.iter().rev().copied().find(|step| *step < value).unwrap_or(value)
}

/// Uses the other service; if there are more than two, asks which.
fn services(model: &mut Model) {
    match model.other_contract().cloned() {
        Some(contract) => use_service(model, contract),
        None => model.panel = Some(Panel::Search(Search::new(Searched::Services))),
    }
}

fn use_service(model: &mut Model, contract: crate::schema::Contract) {
    if contract.methods().is_empty() {
        return model.say(format!("{} has no methods: there is nothing to call", contract.name()));
    }
    if model.panel.is_none() {
        model.say(format!("the panes now call {}", contract.name()));
    }
    model.use_contract(contract);
}

fn back_to_embedded(model: &mut Model, effects: &mut Vec<Effect>) {
    match (&model.embedded.state, model.embedded.address) {
        (EmbeddedState::Serving(_), Some(address)) => effects.push(Effect::ConnectEmbedded(address)),
        (EmbeddedState::Starting | EmbeddedState::Stopping, _) => {}
        _ => {
            // Nothing goes to the other server any more, even where this one cannot be started.
            let address = "embedded server".to_owned();
            model.link = Link { state: LinkState::Stopped, address, ..Link::new() };
            effects.push(Effect::Unlink);
            model.embedded.state = EmbeddedState::Starting;
            effects.push(Effect::StartServer(model.embedded.address, model.embedded.settings));
            if model.link.place == ServerPlace::Remote {
                model.say("the embedded server starts; F2 e connects to it");
            }
        }
    }
}

/// Takes a paste: a short line or a JSON object at once, anything else is asked about.
pub(super) fn paste(model: &mut Model, text: String) {
    let one_line = text.trim_end_matches(['\n', '\r']);
    let simple = !one_line.contains(['\n', '\r']) && one_line.len() <= PASTED_WITHOUT_ASKING;
    // In the middle of a message they are a part of it.
    let is_several_messages = simple && model.focused().line.is_empty() && holds_several_values(one_line);
    match &mut model.panel {
        Some(Panel::Search(search)) if simple => {
            search.query.insert(one_line);
            search.choice.0 = 0;
        }
        Some(
            Panel::Server(ServerPanel { address: Some(line), .. })
            | Panel::Options(OptionsPanel { typing: Some(Typing { line, .. }), .. }),
        ) if simple => {
            line.insert(one_line);
        }
        Some(_) => {}
        None if simple && !is_several_messages => keys::insert(model, one_line),
        None => paste_of_several_rows(model, text),
    }
}

/// Whether a text is JSON objects, each a message of its own.
fn holds_several_values(text: &str) -> bool {
    let paste = Paste::new(text.to_owned());
    paste.made_of == Pieces::Values && paste.count > 1
}

fn paste_of_several_rows(model: &mut Model, text: String) {
    if text.len() > Line::MAX_BYTES {
        let size = crate::text::size(text.len() as u64);
        model.say(format!("a paste of {size} is more than the 8.0 MiB that a line takes"));
        return;
    }
    let paste = Paste::new(text);
    match (paste.made_of, paste.count) {
        (_, 0) => {}
        // One object, written in several rows, is one message to be looked at and sent.
        (Pieces::Values, 1) if paste.text.len() <= PASTED_WITHOUT_ASKING => {
            keys::insert(model, paste.text.trim().replace("\r\n", "\n").replace('\r', "\n").as_str());
        }
        _ => {
            model.notice = None;
            model.panel = Some(Panel::Paste(paste));
        }
    }
}

fn answer_paste(model: &mut Model, paste: Paste, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::SendLines if paste.count > MAX_PASTED_LINES => {
            model.panel = Some(Panel::Paste(paste));
        }
        Action::SendLines => send_lines(model, &paste, effects),
        Action::InsertPaste => {
            let joined: Vec<&str> =
                paste.text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()).collect();
            keys::insert(model, &joined.join(" "));
        }
        Action::Escape => model.say("the paste was dropped"),
        _ => model.panel = Some(Panel::Paste(paste)),
    }
}

/// A larger paste is not kept in the history: it would leave nothing else there.
const REMEMBERED: usize = 32;

fn send_lines(model: &mut Model, paste: &Paste, effects: &mut Vec<Effect>) {
    let kind = model.focus;
    let piece = match paste.made_of {
        Pieces::Lines => "line",
        Pieces::Values => "message",
    };
    // All or nothing: what follows a wrong one would be lost.
    let request = model.pane(kind).line_method().map(|method| method.request().clone());
    let wrong = |message: &str| request.as_ref().and_then(|request| request.encode(message).err());
    let pasted = paste.pieces();
    if let Some((nth, why)) = (1..).zip(&pasted).find_map(|(nth, message)| Some((nth, wrong(message)?))) {
        model.say(format!("nothing is sent: {piece} {nth}: {why}"));
        model.panel = Some(Panel::Paste(paste.clone()));
        return;
    }
    for (nth, message) in (1..).zip(&pasted) {
        if let Err(why) = calls::send(model, kind, message, calls::Stream::Open, effects) {
            model.say(format!("{piece} {nth} was not sent, nor what follows: {why}"));
            return;
        }
    }
    if pasted.len() <= REMEMBERED {
        for line in pasted {
            calls::remember(model.pane_mut(kind), line.to_owned(), effects);
        }
    } else {
        model.cut.clone_from(&paste.text);
        model.say("Ctrl-Y has the paste, should it be wanted again");
    }
}
