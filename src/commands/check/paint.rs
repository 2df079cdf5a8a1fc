//! Colours and signs of lines on a terminal.
//!
//! Its own sixteen colours, which read on its own background: nothing has to be asked. No meaning hangs on a
//! colour alone.

use crate::{check::Outcome, schema::Kind};

/// What the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paint {
    pub(super) colours: Colours,
    pub(super) signs: Signs,
}

/// Whether there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colours {
    Sixteen,
    None,
}

/// What signs are drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signs {
    Unicode,
    Ascii,
}

/// How a piece of a line stands out, or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Strong,
    Dim,
    Good,
    Bad,
    Doubt,
    Accent(Kind),
}

impl Paint {
    /// A text in a tone.
    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
        if self.colours == Colours::None || text.is_empty() {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Strong => "1",
            Tone::Dim => "2",
            Tone::Good => "32",
            Tone::Bad => "31",
            Tone::Doubt => "33",
            Tone::Accent(Kind::Unary) => "1;34",
            Tone::Accent(Kind::ServerStream) => "1;35",
            Tone::Accent(Kind::ClientStream) => "1;33",
            Tone::Accent(Kind::Bidi) => "1;32",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// The sign of an outcome, in its colour.
    pub(super) fn outcome(self, outcome: Outcome) -> String {
        self.paint(tone(outcome), self.sign(outcome))
    }

    /// The sign of an outcome.
    pub(super) fn sign(self, outcome: Outcome) -> &'static str {
        match (outcome, self.signs) {
            (Outcome::Holds, Signs::Unicode) => "✓",
            (Outcome::Holds, Signs::Ascii) => "+",
            (Outcome::Fails, Signs::Unicode) => "✗",
            (Outcome::Fails, Signs::Ascii) => "x",
            (Outcome::NotOffered, Signs::Unicode) => "–",
            (Outcome::NotOffered, Signs::Ascii) => "-",
            (Outcome::Untold, _) => "?",
        }
    }

    /// Of what is under way.
    pub(super) fn live(self) -> &'static str {
        match self.signs {
            Signs::Unicode => "●",
            Signs::Ascii => "*",
        }
    }

    /// Between the parts of a line.
    pub(super) fn dot(self) -> &'static str {
        match self.signs {
            Signs::Unicode => " · ",
            Signs::Ascii => " - ",
        }
    }

    /// Our own words, in the signs there are.
    pub(super) fn own(self, words: &str) -> String {
        match self.signs {
            Signs::Unicode => words.to_owned(),
            Signs::Ascii => words.replace('…', "~").replace(['·', '–'], "-"),
        }
    }
}

/// The colour of an outcome.
pub(super) fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Holds => Tone::Good,
        Outcome::Fails => Tone::Bad,
        Outcome::NotOffered => Tone::Dim,
        Outcome::Untold => Tone::Doubt,
    }
}
