//! The key table: which keys do what, where, and the words for it.

use crossterm::event::{KeyCode, KeyModifiers};

use super::{
    Action, Edit, Saved, Tool,
    key::{Key, Prefix, alt, ctrl, key, letter, with},
};

/// Where a binding applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Whatever is on the screen.
    Everywhere,
    /// In the panes, whether in the line or in the transcript.
    Panes,
    /// In a pane's line.
    Line,
    /// In a pane's transcript.
    Transcript,
    /// In the menu of the formats a call can be copied in.
    Copying,
    /// In a list or a page that is scrolled: help, palette, what can be done.
    List,
    /// In the server and connection panel.
    Server,
    /// In the wire panel.
    Wire,
    /// In the call options panel.
    Options,
    /// While a paste waits for an answer.
    Paste,
}

/// One row of the key table.
#[derive(Debug)]
pub struct Binding {
    /// What it does.
    pub action: Action,
    /// The keys that do it, the one to be shown first. Without one it is in the palette alone.
    pub keys: &'static [Key],
    /// Where the keys apply.
    pub scope: Scope,
    /// In the footer: one or two words.
    pub short: &'static str,
    /// In help and palette: a sentence without its stop.
    pub words: &'static str,
}

impl Binding {
    /// The key to be shown: `Ctrl-D`.
    pub fn key(&self) -> Option<&'static Key> {
        self.keys.first()
    }

    /// The key from everywhere: a letter of the server's panel is text elsewhere.
    pub fn key_from_everywhere(&self) -> Option<String> {
        let key = self.key()?;
        Some(if self.scope == Scope::Server { format!("F2 {key}") } else { key.to_string() })
    }

    /// Whether the palette offers it.
    pub fn in_palette(&self) -> bool {
        let scrolls = matches!(self.action, Action::Up | Action::Down | Action::PageUp | Action::PageDown);
        match self.scope {
            Scope::Everywhere | Scope::Panes => !matches!(self.action, Action::Palette | Action::Escape),
            Scope::Server => !scrolls && self.action != Action::Escape,
            _ => false,
        }
    }
}

const fn bind(
    scope: Scope,
    action: Action,
    keys: &'static [Key],
    short: &'static str,
    words: &'static str,
) -> Binding {
    Binding { action, keys, scope, short, words }
}

use Action as A;
use Edit as E;
use KeyCode as K;
use Scope as S;

/// The key table, in the order of the help. Nothing important depends on a single key that a multiplexer or an
/// editor's terminal is known to take: the palette and `F` keys lead there too.
pub static TABLE: &[Binding] = &[
    bind(S::Line, A::Submit, &[key(K::Enter)], "call", "Start a call; in a stream, send a message"),
    bind(S::Line, A::NewLine, &[ctrl('j')], "new row", "Begin another row of a message written as JSON"),
    bind(S::Line, A::Template, &[ctrl('t')], "all fields", "Put every field of the request into the line"),
    bind(
        S::Line,
        A::Complete,
        &[key(K::Right)],
        "complete",
        "Take the name that is proposed after the cursor",
    ),
    bind(S::Line, A::NextProposal, &[key(K::Down)], "another", "Choose the next of several proposed names"),
    bind(S::Line, A::ProposalBefore, &[key(K::Up)], "another", "Choose the previous proposed name"),
    bind(S::Panes, A::NewStream, &[ctrl('n')], "new stream", "Start another stream beside the open one"),
    bind(S::Panes, A::HalfClose, &[ctrl('d')], "end stream", "End this pane's request stream (half-close)"),
    bind(S::Panes, A::Cancel, &[ctrl('c')], "cancel", "Cancel a live call, or clear the line; twice, quit"),
    bind(
        S::Panes,
        A::GreetAll,
        &[ctrl('g')],
        "greet all",
        "Send the line in all panes; empty: an introduction",
    ),
    bind(S::Panes, A::NextPane, &[key(K::Tab)], "next pane", "Focus the next pane"),
    bind(S::Panes, A::PreviousPane, &[key(K::BackTab)], "previous pane", "Focus the previous pane"),
    bind(S::Panes, A::Focus(0), &[alt('1')], "pane 1", "Focus pane 1, unary"),
    bind(S::Panes, A::Focus(1), &[alt('2')], "pane 2", "Focus pane 2, server stream"),
    bind(S::Panes, A::Focus(2), &[alt('3')], "pane 3", "Focus pane 3, client stream"),
    bind(S::Panes, A::Focus(3), &[alt('4')], "pane 4", "Focus pane 4, bidi"),
    bind(S::Line, A::HistoryBack, &[key(K::Up)], "history", "Go back in this method's history"),
    bind(S::Line, A::HistoryForward, &[key(K::Down)], "history", "Go forward in this method's history"),
    bind(S::Panes, A::SearchHistory, &[ctrl('r')], "search", "Search this method's history"),
    bind(S::Panes, A::PageUp, &[key(K::PageUp)], "scroll", "Scroll towards the oldest"),
    bind(S::Panes, A::PageDown, &[key(K::PageDown)], "scroll", "Scroll towards the newest"),
    bind(
        S::Line,
        A::End,
        &[key(K::End), ctrl('e')],
        "newest",
        "To the line's end; when empty, to the newest message",
    ),
    bind(S::Panes, A::Escape, &[key(K::Esc)], "choose", "Choose a call or a message in the transcript"),
    bind(
        S::Panes,
        A::EditOutside,
        &[ctrl('e').after(Prefix::CtrlX)],
        "edit",
        "Edit the line in your own editor ($EDITOR)",
    ),
    bind(S::Panes, A::Zoom, &[ctrl('o')], "zoom", "Zoom: give this pane the whole screen, with details"),
    bind(S::Panes, A::Redraw, &[ctrl('l')], "redraw", "Redraw and scroll ended calls away"),
    bind(S::Panes, A::Save(Saved::Text), &[ctrl('s')], "save", "Save this pane's transcript as text"),
    bind(S::Panes, A::Save(Saved::JsonLines), &[], "save json", "Save this pane's transcript as JSON lines"),
    bind(S::Panes, A::Methods, &[alt('m')], "method", "Choose among this pane's methods"),
    bind(
        S::Panes,
        A::Palette,
        &[letter('/'), ctrl('p')],
        "commands",
        "Every command by its name (// types a slash)",
    ),
    bind(S::Everywhere, A::Help, &[key(K::F(1))], "help", "Help"),
    bind(S::Everywhere, A::Server, &[key(K::F(2))], "server", "Server and connection"),
    bind(S::Everywhere, A::Wire, &[key(K::F(3))], "wire", "The wire: every frame as it passes"),
    bind(
        S::Everywhere,
        A::Options,
        &[key(K::F(4))],
        "options",
        "Call options: metadata, deadline and the like",
    ),
    bind(S::Panes, A::ToggleMouse, &[], "mouse", "Let the mouse go to the terminal, or take it back"),
    bind(
        S::Everywhere,
        A::Suspend,
        &[ctrl('z')],
        "suspend",
        "Suspend; fg returns (the embedded server stops too)",
    ),
    bind(S::Everywhere, A::Quit, &[ctrl('q')], "quit", "Quit"),
    bind(S::Transcript, A::Up, &[key(K::Up)], "choose", "Choose the previous row"),
    bind(S::Transcript, A::Down, &[key(K::Down)], "choose", "Choose the next row"),
    bind(S::Transcript, A::Top, &[key(K::Home)], "oldest", "Choose the oldest row"),
    bind(S::Transcript, A::Bottom, &[key(K::End)], "newest", "Return to the newest"),
    bind(S::Transcript, A::Open, &[key(K::Enter)], "actions", "Open what can be done with the chosen row"),
    bind(
        S::Transcript,
        A::Copy,
        &[letter('y')],
        "copy",
        "Copy the chosen message; of a call, choose as what",
    ),
    bind(
        S::Transcript,
        A::ShowSecrets,
        &[letter('v')],
        "secrets",
        "Show the secrets in the call's details, or mask them",
    ),
    bind(
        S::Copying,
        A::CopyCommand(Tool::Greeter),
        &[letter('y')],
        "greeter command",
        "Copy as a greeter command",
    ),
    bind(
        S::Copying,
        A::CopyCommand(Tool::Grpcurl),
        &[letter('g')],
        "grpcurl command",
        "Copy as a grpcurl command",
    ),
    bind(S::Copying, A::CopyTranscript, &[letter('t')], "transcript", "Copy its transcript"),
    bind(S::Line, A::Edit(E::Start), &[ctrl('a'), key(K::Home)], "start", "To the line's start"),
    bind(S::Line, A::Edit(E::Left), &[key(K::Left), ctrl('b')], "left", "One character to the left"),
    bind(S::Line, A::Edit(E::Right), &[key(K::Right), ctrl('f')], "right", "One character to the right"),
    bind(
        S::Line,
        A::Edit(E::WordLeft),
        &[alt('b'), with(KeyModifiers::CONTROL, K::Left), with(KeyModifiers::ALT, K::Left)],
        "word left",
        "One word to the left",
    ),
    bind(
        S::Line,
        A::Edit(E::WordRight),
        &[alt('f'), with(KeyModifiers::CONTROL, K::Right), with(KeyModifiers::ALT, K::Right)],
        "word right",
        "One word to the right",
    ),
    bind(
        S::Line,
        A::Edit(E::Backspace),
        &[key(K::Backspace), ctrl('h')],
        "delete",
        "Delete the character before",
    ),
    bind(S::Line, A::Edit(E::Delete), &[key(K::Delete)], "delete", "Delete the character under the cursor"),
    bind(S::Line, A::Edit(E::CutToEnd), &[ctrl('k')], "cut", "Cut to the line's end"),
    bind(S::Line, A::Edit(E::CutToStart), &[ctrl('u')], "cut", "Cut to the line's start"),
    bind(
        S::Line,
        A::Edit(E::CutWord),
        &[ctrl('w'), with(KeyModifiers::ALT, K::Backspace)],
        "cut word",
        "Cut the word before the cursor",
    ),
    bind(S::Line, A::Edit(E::CutWordRight), &[alt('d')], "cut word", "Cut the word after the cursor"),
    bind(S::Line, A::Edit(E::Yank), &[ctrl('y')], "put back", "Put back what was cut"),
    bind(S::List, A::Up, &[key(K::Up)], "choose", "Choose the previous row"),
    bind(S::List, A::Down, &[key(K::Down)], "choose", "Choose the next row"),
    bind(S::List, A::PageUp, &[key(K::PageUp)], "page", "A page back"),
    bind(S::List, A::PageDown, &[key(K::PageDown)], "page", "A page forward"),
    bind(S::List, A::Top, &[key(K::Home)], "first", "To the first row of help or of a menu"),
    bind(S::List, A::Bottom, &[key(K::End)], "last", "To its last row"),
    bind(S::List, A::Open, &[key(K::Enter)], "do it", "Do what is chosen"),
    bind(S::List, A::Escape, &[key(K::Esc), ctrl('c')], "back", "Back"),
    bind(S::Server, A::StopServer, &[letter('s')], "stop", "Stop the embedded server"),
    bind(S::Server, A::StartServer, &[letter('s')], "start", "Start the embedded server"),
    bind(S::Server, A::RestartServer, &[letter('r')], "restart", "Restart the embedded server"),
    bind(
        S::Server,
        A::MoreReplies,
        &[letter('+'), letter('=')],
        "more replies",
        "More replies in a server stream",
    ),
    bind(S::Server, A::FewerReplies, &[letter('-')], "fewer replies", "Fewer replies in a server stream"),
    bind(S::Server, A::LongerPause, &[letter(']')], "longer pause", "A longer pause between replies"),
    bind(S::Server, A::ShorterPause, &[letter('[')], "shorter pause", "A shorter pause between replies"),
    bind(
        S::Server,
        A::Examine,
        &[letter('d')],
        "doctor",
        "Find out why the server cannot be called; again to stop",
    ),
    bind(S::Server, A::ConnectTo, &[letter('c')], "connect", "Connect to another server"),
    bind(S::Server, A::BackToEmbedded, &[letter('e')], "embedded", "Back to the embedded server"),
    bind(S::Server, A::Services, &[letter('g')], "other service", "Use another service"),
    bind(S::Server, A::CopyAddress, &[letter('y')], "copy address", "Copy the server's address"),
    bind(S::Server, A::Up, &[key(K::Up)], "scroll", "A row up"),
    bind(S::Server, A::Down, &[key(K::Down)], "scroll", "A row down"),
    bind(S::Server, A::PageUp, &[key(K::PageUp)], "scroll", "A page up"),
    bind(S::Server, A::PageDown, &[key(K::PageDown)], "scroll", "A page down"),
    bind(S::Server, A::Escape, &[key(K::Esc), ctrl('c')], "back", "Back"),
    bind(S::Wire, A::Up, &[key(K::Up)], "frame", "Choose the previous frame"),
    bind(S::Wire, A::Down, &[key(K::Down)], "frame", "Choose the next frame"),
    bind(S::Wire, A::PageUp, &[key(K::PageUp)], "page", "A page back; of bytes that are cut, theirs"),
    bind(S::Wire, A::PageDown, &[key(K::PageDown)], "page", "A page forward; of bytes that are cut, theirs"),
    bind(S::Wire, A::Top, &[key(K::Home)], "oldest", "Choose the oldest frame"),
    bind(S::Wire, A::Bottom, &[key(K::End)], "newest", "Return to the newest frame"),
    bind(S::Wire, A::FrameBytes, &[key(K::Enter)], "bytes", "Show the frame's bytes beside their meaning"),
    bind(
        S::Wire,
        A::OnlyThisCall,
        &[letter('f')],
        "only this call",
        "Show the frames of this call alone, or all",
    ),
    bind(S::Wire, A::FrameTypes, &[letter('t')], "types", "Show frames of other types"),
    bind(S::Wire, A::ShowSecrets, &[letter('v')], "secrets", "Show secrets, or mask them"),
    bind(S::Wire, A::HoldWire, &[letter('h')], "hold", "Hold the view, or follow the newest"),
    bind(
        S::Wire,
        A::StopReading,
        &[letter('s')],
        "stop reading",
        "Stop reading this stream: the server has to wait; or read on",
    ),
    bind(S::Wire, A::Copy, &[letter('y')], "copy", "Copy the frame's bytes in hex"),
    bind(S::Wire, A::Escape, &[key(K::Esc), ctrl('c')], "back", "Back"),
    bind(S::Options, A::AddMetadata, &[letter('m')], "add metadata", "Add metadata to calls"),
    bind(S::Options, A::Open, &[key(K::Enter)], "change", "Change the chosen metadata"),
    bind(
        S::Options,
        A::DeleteMetadata,
        &[letter('d'), key(K::Delete)],
        "delete",
        "Delete the chosen metadata",
    ),
    bind(S::Options, A::SetDeadline, &[letter('t')], "deadline", "Set how long a call may take"),
    bind(S::Options, A::NextCompression, &[letter('z')], "compression", "Compress messages: not, gzip, zstd"),
    bind(
        S::Options,
        A::ToggleWaiting,
        &[letter('w')],
        "wait",
        "Wait for a server that is not there, or fail at once",
    ),
    bind(S::Options, A::OtherWhose, &[letter('a')], "whose", "Options of every pane, or of this one"),
    bind(S::Options, A::ShowSecrets, &[letter('v')], "secrets", "Show secrets, or mask them"),
    bind(S::Options, A::Up, &[key(K::Up)], "choose", "Choose the previous metadata"),
    bind(S::Options, A::Down, &[key(K::Down)], "choose", "Choose the next metadata"),
    bind(S::Options, A::Escape, &[key(K::Esc), ctrl('c')], "back", "Back"),
    bind(
        S::Paste,
        A::SendLines,
        &[key(K::Enter)],
        "send each",
        "Send each line, or each JSON object, as a message",
    ),
    bind(
        S::Paste,
        A::InsertPaste,
        &[letter('i')],
        "put into the line",
        "Put it into the line, breaks as spaces",
    ),
    bind(S::Paste, A::Escape, &[key(K::Esc), ctrl('c')], "drop it", "Drop the paste"),
];

/// The row of an action; if it is in several scopes, the first.
pub fn binding(action: Action) -> Option<&'static Binding> {
    TABLE.iter().find(|binding| binding.action == action)
}

/// What a key does, looked for in the given scopes in turn.
pub fn lookup(pressed: Key, scopes: &[Scope]) -> impl Iterator<Item = Action> {
    scopes.iter().flat_map(move |scope| {
        TABLE
            .iter()
            .filter(move |binding| binding.scope == *scope && binding.keys.contains(&pressed))
            .map(|binding| binding.action)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        let mut seen = HashSet::new();
        for binding in TABLE {
            // They share a key with another action: the first that makes sense is meant.
            let gives_way = [A::StartServer, A::Complete, A::NextProposal, A::ProposalBefore];
            if gives_way.contains(&binding.action) {
                continue;
            }
            for key in binding.keys {
                let is_prefix = Prefix::ALL.iter().any(|prefix| prefix.key() == *key);
                assert!(!is_prefix, "{key} says what is meant only with the key behind it");
                assert!(seen.insert((binding.scope, *key)), "{key} twice in {:?}", binding.scope);
            }
        }
    }

    #[test]
    fn the_key_that_is_shown_first_is_enough_to_find_the_action() {
        for binding in TABLE {
            if let Some(key) = binding.key() {
                assert!(lookup(*key, &[binding.scope]).any(|action| action == binding.action));
            }
        }
    }
}
