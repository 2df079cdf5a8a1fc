//! Terminal events become messages, according to the key table and to what has the keys now.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};
use ratatui::layout::Position;

use super::{
    action::{Action, Key, Prefix, Scope, TABLE, lookup},
    model::{About, Menu, Model, OptionsPanel, Panel, Search, Searched, ServerPanel},
    update::{MouseInput, Msg},
};

/// What an event means for the screen as it is; none for most releases and movements.
pub fn read(event: Event, model: &Model) -> Option<Msg> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => read_key(key, model),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(width, height) => Some(Msg::Resize(width, height)),
        Event::Mouse(mouse) => {
            let at = Position::new(mouse.column, mouse.row);
            match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => Some(Msg::Mouse(MouseInput::Click(at))),
                MouseEventKind::ScrollUp => Some(Msg::Mouse(MouseInput::WheelUp(at))),
                MouseEventKind::ScrollDown => Some(Msg::Mouse(MouseInput::WheelDown(at))),
                _ => None,
            }
        }
        _ => None,
    }
}

const ENTER: Key = Key { after: None, code: KeyCode::Enter, modifiers: KeyModifiers::NONE };
const LINE_BREAK: Key = Key { after: None, code: KeyCode::Char('j'), modifiers: KeyModifiers::CONTROL };

fn read_key(event: KeyEvent, model: &Model) -> Option<Msg> {
    let key = normal(event);
    if let Some(msg) = read_prefix(key, model) {
        return Some(msg);
    }
    let typed = match key.code {
        KeyCode::Char(c) if key.modifiers.is_empty() => Some(c),
        _ => None,
    };
    let meant = |key| {
        let offered = || lookup(key, scopes(model)).find(|action| model.offers(*action));
        in_menu(key, model).or_else(offered)
    };
    // What was typed ahead, before the terminal was ours, ends with the line break it made of Enter.
    let meant = meant(key).or_else(|| if key == LINE_BREAK { meant(ENTER) } else { None });
    match (meant, typed) {
        // A slash in the middle of a line is a slash.
        (Some(Action::Palette), Some(c)) if !model.focused().line.is_empty() => Some(Msg::Type(c)),
        (Some(action), _) => Some(Msg::Do(action)),
        (None, Some(c)) => Some(Msg::Type(c)),
        (None, None) => None,
    }
}

/// What can be done with a chosen row is done by the same keys while its menu is there.
fn in_menu(key: Key, model: &Model) -> Option<Action> {
    let Some(Panel::Menu(menu)) = &model.panel else { return None };
    let is_there = |action: &Action| menu.items.iter().any(|(item, _)| item == action);
    lookup(key, &[Scope::Transcript, Scope::Panes]).find(is_there)
}

/// A key that waits for the next one, or that one. A key that means nothing after another is read by itself.
fn read_prefix(key: Key, model: &Model) -> Option<Msg> {
    let scopes = scopes(model);
    if let Some(prefix) = model.prefix {
        if key.code == KeyCode::Esc {
            return Some(Msg::Prefix(None));
        }
        if let Some(action) = lookup(key.after(prefix), scopes).find(|action| model.offers(*action)) {
            return Some(Msg::Do(action));
        }
    }
    let prefix = Prefix::ALL.into_iter().find(|prefix| prefix.key() == key)?;
    let leads_on = TABLE.iter().any(|binding| {
        let is_here = scopes.contains(&binding.scope) && model.offers(binding.action);
        is_here && binding.keys.iter().any(|key| key.after == Some(prefix))
    });
    leads_on.then_some(Msg::Prefix(Some(prefix)))
}

/// Terminals disagree on Shift: it is part of a character, and `Shift-Tab` has its own code.
fn normal(event: KeyEvent) -> Key {
    let mut modifiers = event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT);
    let code = match event.code {
        KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
        // AltGr arrives as both, and means the character.
        KeyCode::Char(c) if modifiers == KeyModifiers::CONTROL | KeyModifiers::ALT => {
            modifiers = KeyModifiers::NONE;
            KeyCode::Char(c)
        }
        KeyCode::Char(c) if modifiers.contains(KeyModifiers::CONTROL) => {
            KeyCode::Char(c.to_ascii_lowercase())
        }
        code => code,
    };
    Key { after: None, code, modifiers }
}

/// Where keys are looked for, in turn.
fn scopes(model: &Model) -> &'static [Scope] {
    use Scope::{Copying, Everywhere, Line, List, Panes, Server, Transcript};
    match &model.panel {
        Some(Panel::Menu(Menu { about: About::Copying, .. })) => &[Copying, List, Everywhere],
        Some(Panel::Help(_) | Panel::Menu(_)) => &[List, Everywhere],
        // `Ctrl-R` goes on searching.
        Some(Panel::Search(Search { of: Searched::History, .. })) => &[List, Line, Panes, Everywhere],
        Some(Panel::Server(ServerPanel { address: None, .. })) => &[Server, Everywhere],
        Some(Panel::Wire(_)) => &[Scope::Wire, Everywhere],
        Some(
            Panel::Search(_)
            | Panel::Server(ServerPanel { address: Some(_), .. })
            | Panel::Options(OptionsPanel { typing: Some(_), .. }),
        ) => &[List, Line, Everywhere],
        Some(Panel::Options(_)) => &[Scope::Options, Everywhere],
        Some(Panel::Paste(_)) => &[Scope::Paste, Everywhere],
        None if model.focused().choice.is_some() => &[Transcript, Panes, Everywhere, Line],
        None => &[Line, Panes, Everywhere],
    }
}
