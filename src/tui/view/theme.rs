//! Colours and signs: what a terminal can show, and what reads well on its background.
//!
//! Every text colour has a contrast of 4.5:1 or more on its background (a test computes it), and
//! no meaning depends on colour alone.

mod colours;

use ratatui::style::{Color, Modifier, Style};

use crate::{schema::Kind, tui::model::Telling};
use colours::{BAND, DARK, EITHER, LIGHT, Palette, nearest_indexed};

/// The terminal's background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// Light text on dark.
    Dark,
    /// Dark text on light.
    Light,
}

/// What is known of the terminal's background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// The user or the environment said so.
    Known(Background),
    /// It is to be asked; until it answers, what reads on dark and on light.
    Ask,
}

/// What a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Its background.
    pub background: Ground,
    /// Its colours.
    pub depth: Depth,
    /// The signs of its font and locale.
    pub signs: Signs,
}

/// The characters that the screen's own signs are drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signs {
    /// Lines, arrows and dots.
    Unicode,
    /// What every font has.
    Ascii,
}

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// 24 bits.
    True,
    /// The 256 of xterm.
    Indexed,
    /// The 16 that the user chose.
    Sixteen,
    /// None: `NO_COLOR`.
    None,
}

/// The styles of the screen.
#[derive(Debug, Clone)]
pub struct Theme {
    /// The characters that its own signs are drawn with.
    pub signs: Signs,
    /// What is read.
    pub text: Style,
    /// What stands out.
    pub strong: Style,
    /// What is less important: times, labels, hints.
    pub dim: Style,
    /// Borders without focus.
    pub border: Style,
    /// The chosen row.
    pub chosen: Style,
    /// It went well; connected.
    pub good: Style,
    /// It went wrong.
    pub bad: Style,
    /// A panel's border and title.
    pub panel: Style,
    /// What explains.
    pub note: Style,
    /// What could be typed, where nothing is yet.
    pub hint: Style,
    accents: [Accent; 4],
    /// The frame of the pane with the keys.
    pub focus_frame: &'static Frame,
}

/// A kind's colour.
#[derive(Debug, Clone, Copy)]
struct Accent {
    signs: Style,
    words: Style,
}

/// The characters of a frame: corners clockwise from the top left, then across, then down.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame {
    /// Corners, clockwise from the top left.
    pub corners: [&'static str; 4],
    /// Horizontal.
    pub across: &'static str,
    /// Vertical.
    pub down: &'static str,
}

/// Rounded and thin.
pub static THIN: Frame = Frame { corners: ["╭", "╮", "╯", "╰"], across: "─", down: "│" };
/// For the focus where colour cannot show it.
pub static THICK: Frame = Frame { corners: ["┏", "┓", "┛", "┗"], across: "━", down: "┃" };

impl Theme {
    /// The styles for what a terminal can show.
    pub fn of(look: Look) -> Self {
        Self::on(look.background, look.depth).with_signs(look.signs)
    }

    /// The styles for a background and so many colours.
    pub fn new(background: Background, depth: Depth) -> Self {
        Self::on(Ground::Known(background), depth)
    }

    fn on(ground: Ground, depth: Depth) -> Self {
        let palette = match ground {
            Ground::Known(Background::Dark) => &DARK,
            Ground::Known(Background::Light) => &LIGHT,
            Ground::Ask => &EITHER,
        };
        match depth {
            Depth::True => Self::coloured(palette, Color::from_u32),
            Depth::Indexed => Self::coloured(palette, nearest_indexed),
            Depth::Sixteen => Self::sixteen(ground),
            Depth::None => Self::without_colour(),
        }
    }

    fn coloured(palette: &Palette, colour: impl Fn(u32) -> Color) -> Self {
        let fg = |rgb| Style::new().fg(colour(rgb));
        let own = Style::new().fg(Color::Reset);
        let (text, strong, chosen) = match &palette.plain {
            Some(plain) => (fg(plain.text), fg(plain.strong), Style::new().bg(colour(plain.chosen))),
            None => (own, own, Style::new().bg(colour(BAND[0])).fg(colour(BAND[1]))),
        };
        Self {
            signs: Signs::Unicode,
            text,
            strong: strong.add_modifier(Modifier::BOLD),
            dim: fg(palette.dim),
            border: fg(palette.border),
            chosen,
            good: fg(palette.good),
            bad: fg(palette.bad),
            panel: fg(palette.panel),
            note: fg(palette.accents[2]),
            hint: fg(palette.dim),
            accents: palette.accents.map(|rgb| Accent { signs: fg(rgb), words: fg(rgb) }),
            focus_frame: &THIN,
        }
    }

    /// The user's own colours. What is not surely dark or light enough for words is for signs and borders alone.
    fn sixteen(ground: Ground) -> Self {
        use Color::{
            Blue, DarkGray, Gray, Green, LightBlue, LightCyan, LightGreen, LightMagenta, LightRed,
            LightYellow, Magenta, Red, Reset, Yellow,
        };
        let fg = |on_dark, on_light, on_either| {
            Style::new().fg(match ground {
                Ground::Known(Background::Dark) => on_dark,
                Ground::Known(Background::Light) => on_light,
                Ground::Ask => on_either,
            })
        };
        let strong = Style::new().fg(Reset).add_modifier(Modifier::BOLD);
        let everywhere = |style| Accent { signs: style, words: style };
        let pale = |on_dark, pale| match ground {
            Ground::Known(Background::Dark) => everywhere(Style::new().fg(on_dark)),
            _ => Accent { signs: Style::new().fg(pale), words: strong },
        };
        // Where nothing is known bright black may be the background itself: what is read is in the terminal's own colour.
        let dim = fg(Gray, DarkGray, Reset);
        Self {
            signs: Signs::Unicode,
            text: Style::new().fg(Reset),
            strong,
            dim,
            border: fg(DarkGray, Gray, DarkGray),
            chosen: turned_round(),
            good: fg(LightCyan, Reset, Reset),
            bad: fg(LightRed, Red, Red),
            panel: dim,
            note: fg(LightYellow, Reset, Reset),
            hint: match ground {
                Ground::Known(Background::Light) => dim.add_modifier(Modifier::ITALIC),
                // The others write in that colour anyway.
                _ => dim.add_modifier(Modifier::ITALIC | Modifier::DIM),
            },
            accents: [
                everywhere(fg(LightBlue, Blue, LightBlue)),
                everywhere(fg(LightMagenta, Magenta, Magenta)),
                pale(LightYellow, Yellow),
                pale(LightGreen, Green),
            ],
            focus_frame: &THIN,
        }
    }

    fn without_colour() -> Self {
        // A word over a border is not as dim as that.
        let plain = Style::new().remove_modifier(Modifier::DIM);
        let bold = plain.add_modifier(Modifier::BOLD);
        // Half as bright is enough for a line, and too little for words.
        let dim = plain.add_modifier(Modifier::DIM);
        Self {
            signs: Signs::Unicode,
            text: plain,
            strong: bold,
            dim: plain,
            border: dim,
            chosen: turned_round(),
            good: plain,
            bad: bold,
            panel: plain,
            note: bold,
            hint: dim.add_modifier(Modifier::ITALIC),
            accents: [Accent { signs: plain, words: plain }; 4],
            focus_frame: &THICK,
        }
    }

    /// The same styles with other signs.
    #[must_use]
    pub fn with_signs(self, signs: Signs) -> Self {
        Self { signs, ..self }
    }

    /// What is said of a call's end.
    pub fn telling(&self, what: Telling) -> Style {
        match what {
            Telling::Wrong => self.bad,
            Telling::Note => self.text,
            Telling::Fact => self.dim,
        }
    }

    /// The accent of a kind, for signs and borders.
    pub fn accent(&self, kind: Kind) -> Style {
        self.accents[kind.index()].signs
    }

    /// The accent of a kind, for words.
    pub fn accent_words(&self, kind: Kind) -> Style {
        self.accents[kind.index()].words
    }
}

/// A row in the terminal's own colours, reversed. Any other colour would become a background there, and dim text could
/// hardly be read.
fn turned_round() -> Style {
    Style::new().fg(Color::Reset).add_modifier(Modifier::REVERSED).remove_modifier(Modifier::DIM)
}
