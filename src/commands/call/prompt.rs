//! `name ▸`: the line that waits for messages where somebody types them.

use crate::{
    commands::{locale, output::Output},
    schema::Method,
};

/// The prompt on stderr.
pub(super) struct Prompt {
    words: String,
    is_shown: bool,
    /// Whether replies come out on the terminal where it stands.
    shares_terminal: bool,
}

impl Prompt {
    pub(super) fn new(method: &Method, output: &Output) -> Self {
        let sign = if locale::has_signs() { "▸" } else { ">" };
        let field = method.request().line_field().unwrap_or("{…}");
        Self { words: format!("{field} {sign} "), is_shown: false, shares_terminal: output.is_terminal }
    }

    /// Shows it, where it does not stand there already.
    pub(super) fn show(&mut self, output: &mut Output) {
        if !self.is_shown {
            output.aside(&self.words);
            self.is_shown = true;
        }
    }

    /// A line was typed behind it, and so it stands there no more.
    pub(super) fn taken(&mut self) {
        self.is_shown = false;
    }

    /// Something else is to be printed where it stands.
    pub(super) fn make_room(&mut self, output: &mut Output) {
        if self.is_shown && self.shares_terminal {
            // Over it goes what comes; a dumb terminal only knows the next line.
            output.aside(if locale::is_dumb() { "\n" } else { "\r\u{1b}[K" });
            self.is_shown = false;
        }
    }

    /// Nothing is typed behind it any more.
    pub(super) fn close(&mut self, output: &mut Output) {
        if self.is_shown {
            output.aside("\n");
            self.is_shown = false;
        }
    }
}
