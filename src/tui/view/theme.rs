//! Colours and signs: what a terminal can show, and what reads well on its background.
//!
//! Every text colour has a contrast of 4.5:1 or more on its background (a test computes it), and
//! no meaning depends on colour alone.

use ratatui::style::{Color, Modifier, Style};

use crate::{schema::Kind, tui::model::Telling};

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
    /// It is to be asked; dark until it answers.
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
    accents: [Style; 4],
    /// The frame of the pane with the keys.
    pub focus_frame: &'static Frame,
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

/// The colours as red, green, blue.
struct Palette {
    text: u32,
    strong: u32,
    dim: u32,
    border: u32,
    chosen: u32,
    good: u32,
    bad: u32,
    panel: u32,
    accents: [u32; 4],
}

const DARK: Palette = Palette {
    text: 0xd4_d6_dd,
    strong: 0xff_ff_ff,
    dim: 0x8e_94_a6,
    border: 0x4a_4f_5e,
    chosen: 0x26_2c_40,
    good: 0x73_da_ca,
    bad: 0xff_7b_93,
    panel: 0x9a_a5_c4,
    accents: [0x7a_a2_f7, 0xbb_9a_f7, 0xe0_af_68, 0x9e_ce_6a],
};

const LIGHT: Palette = Palette {
    text: 0x30_33_3b,
    strong: 0x10_12_18,
    dim: 0x62_67_74,
    border: 0xb4_b8_c2,
    chosen: 0xe4_e9_f7,
    good: 0x00_73_66,
    bad: 0xb5_1c_3b,
    panel: 0x4b_55_72,
    accents: [0x1d_5f_b8, 0x7b_3f_a8, 0x8a_58_00, 0x2c_78_1c],
};

impl Theme {
    /// The styles for what a terminal can show.
    pub fn of(look: Look) -> Self {
        let background = match look.background {
            Ground::Known(background) => background,
            Ground::Ask => Background::Dark,
        };
        Self::new(background, look.depth).with_signs(look.signs)
    }

    /// The styles for a background and so many colours.
    pub fn new(background: Background, depth: Depth) -> Self {
        let palette = match background {
            Background::Dark => &DARK,
            Background::Light => &LIGHT,
        };
        match depth {
            Depth::True => Self::coloured(palette, Color::from_u32),
            Depth::Indexed => Self::coloured(palette, nearest_indexed),
            Depth::Sixteen => Self::sixteen(background),
            Depth::None => Self::without_colour(),
        }
    }

    fn coloured(palette: &Palette, colour: impl Fn(u32) -> Color) -> Self {
        let fg = |rgb| Style::new().fg(colour(rgb));
        Self {
            signs: Signs::Unicode,
            text: fg(palette.text),
            strong: fg(palette.strong).add_modifier(Modifier::BOLD),
            dim: fg(palette.dim),
            border: fg(palette.border),
            chosen: Style::new().bg(colour(palette.chosen)),
            good: fg(palette.good),
            bad: fg(palette.bad),
            panel: fg(palette.panel),
            note: fg(palette.accents[2]),
            accents: palette.accents.map(fg),
            focus_frame: &THIN,
        }
    }

    fn sixteen(background: Background) -> Self {
        use Color::{
            Blue, Cyan, DarkGray, Gray, Green, LightBlue, LightCyan, LightGreen, LightMagenta, LightRed,
            LightYellow, Magenta, Red, Reset, Yellow,
        };
        let dark = background == Background::Dark;
        let fg = |on_dark, on_light| Style::new().fg(if dark { on_dark } else { on_light });
        Self {
            signs: Signs::Unicode,
            text: Style::new().fg(Reset),
            strong: Style::new().fg(Reset).add_modifier(Modifier::BOLD),
            dim: fg(Gray, DarkGray),
            border: fg(DarkGray, Gray),
            chosen: turned_round(),
            good: fg(LightCyan, Cyan),
            bad: fg(LightRed, Red),
            panel: fg(Gray, DarkGray),
            note: fg(LightYellow, Yellow),
            accents: [
                fg(LightBlue, Blue),
                fg(LightMagenta, Magenta),
                fg(LightYellow, Yellow),
                fg(LightGreen, Green),
            ],
            focus_frame: &THIN,
        }
    }

    fn without_colour() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        Self {
            signs: Signs::Unicode,
            text: plain,
            strong: bold,
            dim: plain.add_modifier(Modifier::DIM),
            border: plain.add_modifier(Modifier::DIM),
            chosen: turned_round(),
            good: plain,
            bad: bold,
            panel: plain,
            note: bold,
            accents: [plain; 4],
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

    /// The accent of a kind.
    pub fn accent(&self, kind: Kind) -> Style {
        self.accents[crate::tui::layout::index(kind)]
    }
}

/// The nearest of xterm's 6x6x6 cube and grey ramp.
fn nearest_indexed(rgb: u32) -> Color {
    const LEVELS: [u32; 6] = [0, 95, 135, 175, 215, 255];
    let wanted = [16, 8, 0].map(|shift: u32| (rgb >> shift) & 0xff);
    let distance = |colour: [u32; 3]| -> u32 {
        colour.iter().zip(wanted).map(|(is, wanted)| is.abs_diff(wanted).pow(2)).sum()
    };
    let nearest = wanted.map(|wanted| (0..6).min_by_key(|i| LEVELS[*i].abs_diff(wanted)).unwrap_or(0));
    let step = |n: u32| [8 + 10 * n; 3];
    let grey = (0..24).min_by_key(|n| distance(step(*n))).unwrap_or(0);
    if distance(step(grey)) < distance(nearest.map(|level| LEVELS[level])) {
        Color::Indexed(232 + grey as u8)
    } else {
        let [red, green, blue] = nearest;
        Color::Indexed((16 + 36 * red + 6 * green + blue) as u8)
    }
}

/// A row in the terminal's own colours, reversed. Any other colour would become a background there, and dim text could
/// hardly be read.
fn turned_round() -> Style {
    Style::new().fg(Color::Reset).add_modifier(Modifier::REVERSED).remove_modifier(Modifier::DIM)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as in WCAG 2.2.
    fn luminance(rgb: u32) -> f64 {
        let channel = |shift: u32| {
            let c = f64::from((rgb >> shift) & 0xff) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
    }

    fn contrast(a: u32, b: u32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn all_text_has_contrast_enough_on_usual_backgrounds() {
        let on =
            [(&DARK, [0x00_00_00, 0x12_14_18, 0x1e_1e_1e]), (&LIGHT, [0xff_ff_ff, 0xfa_fa_f7, 0xf5_f5_f0])];
        for (palette, backgrounds) in on {
            for background in backgrounds {
                let colours =
                    [palette.text, palette.strong, palette.dim, palette.good, palette.bad, palette.panel];
                for colour in colours.into_iter().chain(palette.accents) {
                    let contrast = contrast(colour, background);
                    assert!(contrast >= 4.5, "{colour:06x} on {background:06x}: {contrast:.2}");
                }
            }
        }
    }

    #[test]
    fn text_on_the_chosen_row_has_contrast_enough() {
        for palette in [&DARK, &LIGHT] {
            for colour in [palette.text, palette.strong, palette.dim] {
                let contrast = contrast(colour, palette.chosen);
                assert!(contrast >= 4.5, "{colour:06x}: {contrast:.2}");
            }
        }
    }

    #[test]
    fn indexed_colours_are_the_nearest() {
        assert_eq!(nearest_indexed(0xff_ff_ff), Color::Indexed(231));
        assert_eq!(nearest_indexed(0x00_00_00), Color::Indexed(16));
        assert_eq!(nearest_indexed(0x80_80_80), Color::Indexed(244));
    }
}
