//! The help's text, made from the key table.

use super::action::{Action, Binding, Scope, TABLE};
use crate::text;

/// A row of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelpLine {
    /// The head of a section.
    Head(String),
    /// A sentence, or a part of one.
    Says(String),
    /// Keys, and what they do, or the rest of it.
    Key(String, String),
    /// An empty row.
    Blank,
}

const BEGINNING: (&str, &str) = (
    "Ctrl-D means: hold Ctrl and press D. Nothing here needs a mouse.",
    "A pane is a kind of call, and in it stands a method of that kind. Type a name, press Enter, and watch the replies \
     arrive. Many calls can be live at once, in one pane or in several. A line that begins with { is the whole request as \
     JSON; {} is an empty message.",
);

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
    ("● open", "live: you may still send"),
    ("● half-closed", "live: you ended your stream, the server did not yet"),
    ("● waiting", "live: nothing came yet"),
    ("→ … waiting", "not sent yet: the server takes no more, or is not there"),
    ("✓ ✗ ■", "OK; an error, and where from; cancelled by you"),
    ("␛ ‹202E›", "a sign the terminal would have obeyed, only shown"),
];

/// The room of the keys before the words.
const KEYS: u16 = 21;
/// The least room of the words: what is left beside the longest keys in a terminal of 40 columns.
const WORDS: u16 = 20;
/// The longest row of the introduction, even where there is more room: short rows read best.
const SENTENCE: u16 = 72;

/// The columns of the keys when there are this many in all.
pub fn keys_columns(columns: u16) -> u16 {
    KEYS.min(columns.saturating_sub(WORDS))
}

/// All rows of the help in this many columns.
pub fn lines(columns: u16) -> Vec<HelpLine> {
    let sentence = usize::from(columns.min(SENTENCE));
    let words = usize::from(columns.saturating_sub(keys_columns(columns)));
    let broken = unbroken().into_iter().flat_map(|line| match line {
        HelpLine::Says(says) => text::wrap(&says, sentence).into_iter().map(HelpLine::Says).collect(),
        HelpLine::Key(keys, does) => under(first_of(&keys, columns), &text::wrap(&does, words)),
        HelpLine::Head(head) => {
            text::wrap(&head, usize::from(columns)).into_iter().map(HelpLine::Head).collect()
        }
        HelpLine::Blank => vec![line],
    });
    broken.collect()
}

/// All keys if there is room for them, else the first alone.
fn first_of(keys: &str, columns: u16) -> &str {
    let fits = text::width(keys) < usize::from(keys_columns(columns));
    if fits { keys } else { keys.split(' ').next().unwrap_or_default() }
}

/// Rows below one another, with the keys before the first.
fn under(keys: &str, rows: &[String]) -> Vec<HelpLine> {
    let keys = std::iter::once(keys).chain(std::iter::repeat(""));
    keys.zip(rows).map(|(keys, row)| HelpLine::Key(keys.to_owned(), row.clone())).collect()
}

fn unbroken() -> Vec<HelpLine> {
    let mut lines = vec![HelpLine::Says(BEGINNING.0.to_owned()), HelpLine::Says(BEGINNING.1.to_owned())];
    lines.extend([HelpLine::Blank, HelpLine::Head("Signs".to_owned())]);
    lines.extend(SIGNS.iter().map(|(sign, words)| HelpLine::Key((*sign).to_owned(), (*words).to_owned())));
    for (head, scopes) in SECTIONS {
        lines.extend([HelpLine::Blank, HelpLine::Head((*head).to_owned())]);
        let first = (*head == SECTIONS[0].0).then(|| row(Action::Submit)).flatten();
        lines.extend(first);
        let rows = TABLE.iter().filter(|binding| scopes.contains(&binding.scope));
        lines.extend(rows.filter(|binding| !is_told_already(binding.action)).map(line));
    }
    lines
}

/// `Enter` comes first, and the four keys that focus a pane are one row.
fn is_told_already(action: Action) -> bool {
    action == Action::Submit || matches!(action, Action::Focus(1..))
}

fn row(action: Action) -> Option<HelpLine> {
    super::action::binding(action).map(line)
}

fn line(binding: &Binding) -> HelpLine {
    if binding.action == Action::Focus(0) {
        return HelpLine::Key("Alt-1 … Alt-4".to_owned(), "Focus a pane by its number".to_owned());
    }
    let keys: Vec<String> = binding.keys.iter().take(2).map(ToString::to_string).collect();
    let keys = if keys.is_empty() { format!("/{}", binding.short) } else { keys.join(" ") };
    HelpLine::Key(keys, binding.words.to_owned())
}
