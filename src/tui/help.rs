//! The help's text, made from the key table.

use super::action::{Action, Binding, Scope, TABLE};

/// A row of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelpLine {
    /// The head of a section.
    Head(&'static str),
    /// A sentence.
    Says(&'static str),
    /// Keys, and what they do.
    Key(String, &'static str),
    /// An empty row.
    Blank,
}

const BEGINNING: &[&str] = &[
    "Ctrl-D means: hold Ctrl and press D. Nothing here needs a mouse.",
    "A pane is a kind of call, and in it stands a method of that kind. Type a",
    "name, press Enter, and watch the replies arrive. Calls live beside each",
    "other, in one pane and in all. A line that begins with { is the whole",
    "request as JSON; {} is an empty message.",
];

const SECTIONS: &[(&str, &[Scope])] = &[
    ("Calls and panes", &[Scope::Panes]),
    ("Everywhere", &[Scope::Everywhere]),
    ("In the line", &[Scope::Line]),
    ("In a transcript (Esc goes there, and back)", &[Scope::Transcript]),
    ("Copying a call (y on its heading)", &[Scope::Copying]),
    ("Server and connection (F2)", &[Scope::Server]),
    ("The wire (F3)", &[Scope::Wire]),
    ("Call options (F4)", &[Scope::Options]),
];

const SIGNS: &[(&str, &str)] = &[
    ("→ ←", "sent, received, and the time since the call began"),
    ("● open", "you may still send; half-closed: you ended that"),
    ("✓ ✗ ■", "OK; an error, and where from; cancelled by you"),
    ("␛ ‹202E›", "a sign the terminal would have obeyed, only shown"),
];

/// All rows of the help.
pub fn lines() -> Vec<HelpLine> {
    let mut lines: Vec<HelpLine> = BEGINNING.iter().map(|says| HelpLine::Says(says)).collect();
    for (head, scopes) in SECTIONS {
        lines.extend([HelpLine::Blank, HelpLine::Head(head)]);
        let first = (*head == SECTIONS[0].0).then(|| row(Action::Submit)).flatten();
        lines.extend(first);
        let rows = TABLE.iter().filter(|binding| scopes.contains(&binding.scope));
        lines.extend(rows.filter(|binding| !is_told_already(binding.action)).map(line));
    }
    lines.extend([HelpLine::Blank, HelpLine::Head("Signs")]);
    lines.extend(SIGNS.iter().map(|(sign, words)| HelpLine::Key((*sign).to_owned(), words)));
    lines
}

/// `Enter` stands first, and the four keys that focus a pane are one row.
fn is_told_already(action: Action) -> bool {
    action == Action::Submit || matches!(action, Action::Focus(1..))
}

fn row(action: Action) -> Option<HelpLine> {
    super::action::binding(action).map(line)
}

fn line(binding: &Binding) -> HelpLine {
    if binding.action == Action::Focus(0) {
        return HelpLine::Key("Alt-1 … Alt-4".to_owned(), "Focus a pane by its number");
    }
    let keys: Vec<String> = binding.keys.iter().take(2).map(ToString::to_string).collect();
    let keys = if keys.is_empty() { format!("/{}", binding.short) } else { keys.join(" ") };
    HelpLine::Key(keys, binding.words)
}
