//! What lies over the panes. A panel has the keys while it is there.

use super::{Line, OptionsPanel, Search, WirePanel};
use crate::{rpc::CallId, schema, tui::action::Action};

/// A panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Panel {
    /// The keys and what they mean.
    Help(HelpPage),
    /// The server and the connection.
    Server(ServerPanel),
    /// How calls are made.
    Options(OptionsPanel),
    /// The frames as they pass.
    Wire(WirePanel),
    /// A list narrowed by what is typed.
    Search(Search),
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
    /// The address being typed, and how it is connected to.
    pub address: Option<Line>,
    /// The first row shown, if not all fit.
    pub top: usize,
}

/// A list with one row chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Choice(pub usize);

impl Choice {
    /// Moves up by `by` rows.
    pub fn up(&mut self, by: usize) {
        self.0 = self.0.saturating_sub(by);
    }

    /// Moves down by `by` rows, in a list of `of`.
    pub fn down(&mut self, by: usize, of: usize) {
        self.0 = (self.0 + by).min(of.saturating_sub(1));
    }
}

/// What a menu is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// What can be done with a chosen row.
    Doing,
    /// The formats that the chosen call can be copied in.
    Copying,
}

/// What can be done with a chosen row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// What it is about.
    pub about: About,
    /// The call that it was opened for: what is done is done to this one, whatever becomes of it.
    pub call: CallId,
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
    /// What it is made of.
    pub made_of: Pieces,
    /// How many of them.
    pub count: usize,
}

/// What a paste is made of. Each piece is a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pieces {
    /// Lines that are not empty.
    Lines,
    /// JSON objects, one after the other.
    Values,
}

impl Paste {
    /// A paste that waits for an answer.
    pub fn new(text: String) -> Self {
        let values = objects(&text).map(|objects| objects.len());
        let (made_of, count) = match values {
            Some(values) => (Pieces::Values, values),
            None => (Pieces::Lines, lines(&text).count()),
        };
        Self { text, made_of, count }
    }

    /// The messages that it is made of.
    pub fn pieces(&self) -> Vec<&str> {
        match self.made_of {
            Pieces::Lines => lines(&self.text).collect(),
            Pieces::Values => objects(&self.text).unwrap_or_default(),
        }
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r']).filter(|line| !line.trim().is_empty())
}

/// The JSON objects that a text is made of, if it is made of nothing else.
fn objects(text: &str) -> Option<Vec<&str>> {
    // Most pastes are names: they are not read as JSON.
    let values = text.trim_start().starts_with('{').then(|| schema::split(text)).flatten()?;
    values.iter().all(|value| value.starts_with('{')).then_some(values).filter(|values| !values.is_empty())
}
