//! What lies over the panes. A panel has the keys while it is there.

use super::Line;
use crate::tui::action::{Action, Binding, TABLE};

/// A panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Panel {
    /// The keys and what they mean.
    Help(HelpPage),
    /// The server and the connection.
    Server(ServerPanel),
    /// Every command by its name.
    Palette(Palette),
    /// The method's history, narrowed by what is typed.
    History(Palette),
    /// What can be done with a chosen row.
    Menu(Menu),
    /// A paste that waits for an answer.
    Paste(Paste),
}

/// Where the help is scrolled to, in rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HelpPage {
    /// The first row shown.
    pub top: u16,
}

/// The server and connection panel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerPanel {
    /// The address being typed.
    pub address: Option<Line>,
}

/// A list with one row chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Choice(pub usize);

impl Choice {
    /// The row before, of so many.
    pub fn up(&mut self, by: usize) {
        self.0 = self.0.saturating_sub(by);
    }

    /// The row after, of so many.
    pub fn down(&mut self, by: usize, of: usize) {
        self.0 = (self.0 + by).min(of.saturating_sub(1));
    }
}

/// Every command, narrowed by what is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Palette {
    /// What is typed.
    pub query: Line,
    /// The chosen row of those found.
    pub choice: Choice,
}

impl Palette {
    /// The commands that are found by name, by key and by what they do; the best first.
    /// `offered` says which make sense now.
    pub fn found(&self, offered: impl Fn(Action) -> bool) -> Vec<&'static Binding> {
        let query = self.query.text().trim().to_lowercase();
        let words: Vec<&str> = query.split_whitespace().collect();
        let mut found: Vec<(u8, &'static Binding)> = commands(offered)
            .filter_map(|binding| rank(binding, &words).map(|rank| (rank, binding)))
            .collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, binding)| binding).collect()
    }
}

/// The commands that the palette offers.
pub fn commands(offered: impl Fn(Action) -> bool) -> impl Iterator<Item = &'static Binding> {
    TABLE.iter().filter(|binding| binding.in_palette()).filter(move |binding| offered(binding.action))
}

/// How well a command fits: a name that begins so, a word that does, anything that holds it.
fn rank(binding: &Binding, query: &[&str]) -> Option<u8> {
    let words = binding.words.to_lowercase();
    let short = binding.short.to_lowercase();
    let key = binding.key().map(|key| key.to_string().to_lowercase()).unwrap_or_default();
    let mut worst = 0;
    for part in query {
        let rank = if short.starts_with(part) || words.starts_with(part) {
            0
        } else if key == *part || words.split(' ').any(|word| word.trim_start_matches('(').starts_with(part))
        {
            1
        } else if words.contains(part) || short.contains(part) || key.contains(part) {
            2
        } else {
            return None;
        };
        worst = worst.max(rank);
    }
    Some(worst)
}

/// What can be done with a chosen row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// What can be done, in order, with its words.
    pub items: Vec<(Action, &'static str)>,
    /// The chosen one.
    pub choice: Choice,
}

/// A paste that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paste {
    /// All of it. Foreign text.
    pub text: String,
    /// How many lines that are not empty.
    pub lines: usize,
}
