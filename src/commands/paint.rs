//! Colours and signs of lines on a terminal.
//!
//! Its background is not known, and nothing is asked: of 256 colours those are taken that read on black and on white,
//! else the sixteen that the user chose. No meaning hangs on a colour alone.

use crate::{
    check::Outcome,
    schema::Kind,
    tui::view::{Depth, Signs},
};

/// What the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paint {
    pub(super) depth: Depth,
    pub(super) signs: Signs,
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

impl Tone {
    fn of_sixteen(self) -> &'static str {
        match self {
            Self::Strong => "1",
            Self::Dim => "2",
            Self::Good => "32",
            Self::Bad => "31",
            Self::Doubt => "33",
            Self::Accent(Kind::Unary) => "1;34",
            Self::Accent(Kind::ServerStream) => "1;35",
            Self::Accent(Kind::ClientStream) => "1;33",
            Self::Accent(Kind::Bidi) => "1;32",
        }
    }

    fn of_256(self) -> String {
        let weight = if matches!(self, Self::Accent(_) | Self::Bad) { "1;" } else { "" };
        self.index().map_or_else(|| self.of_sixteen().to_owned(), |index| format!("{weight}38;5;{index}"))
    }

    /// One of xterm's 256 colours.
    fn index(self) -> Option<u8> {
        Some(match self {
            Self::Strong => return None,
            Self::Dim => 243,
            Self::Bad => 131,
            Self::Accent(Kind::Unary) => 63,
            Self::Accent(Kind::ServerStream) => 163,
            Self::Doubt | Self::Accent(Kind::ClientStream) => 130,
            Self::Good | Self::Accent(Kind::Bidi) => 28,
        })
    }
}

impl Paint {
    /// A text in a tone.
    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
        let code = match self.depth {
            _ if text.is_empty() => return String::new(),
            Depth::None => return text.to_owned(),
            Depth::Sixteen => tone.of_sixteen().to_owned(),
            Depth::Indexed | Depth::True => tone.of_256(),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of one of xterm's colours (WCAG 2.1).
    fn luminance(index: u8) -> f64 {
        const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
        let level = |step: u8| LEVELS[usize::from(step % 6)];
        let rgb = match index {
            232.. => [8 + 10 * (index - 232); 3],
            16.. => [level((index - 16) / 36), level((index - 16) / 6), level(index - 16)],
            _ => panic!("{index} is the user's own colour"),
        };
        let linear = rgb.map(|c| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    #[test]
    fn every_colour_reads_on_black_and_on_white() {
        let accents = Kind::ALL.map(Tone::Accent);
        for tone in [Tone::Dim, Tone::Good, Tone::Bad, Tone::Doubt].into_iter().chain(accents) {
            let index = tone.index().unwrap();
            let (on_black, on_white) = ((luminance(index) + 0.05) / 0.05, 1.05 / (luminance(index) + 0.05));
            assert!(
                on_black > 4.4 && on_white > 4.4,
                "{index}: {on_black:.2} on black, {on_white:.2} on white"
            );
        }
    }

    #[test]
    fn without_colours_nothing_is_coloured() {
        let paint = Paint { depth: Depth::None, signs: Signs::Unicode };
        assert_eq!(paint.paint(Tone::Bad, "x"), "x");
        assert_eq!(paint.outcome(Outcome::Holds), "✓");
    }
}
