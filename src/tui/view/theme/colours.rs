//! The colours in 24 bits, and the nearest ones where there are fewer.

use ratatui::style::Color;

/// The colours as red, green, blue.
pub(super) struct Palette {
    /// None: the terminal's own, which are right whatever its background is.
    pub(super) plain: Option<Plain>,
    pub(super) dim: u32,
    pub(super) border: u32,
    pub(super) good: u32,
    pub(super) bad: u32,
    pub(super) panel: u32,
    pub(super) accents: [u32; 4],
}

/// What is read, and what lies under the chosen row of it.
pub(super) struct Plain {
    pub(super) text: u32,
    pub(super) strong: u32,
    pub(super) chosen: u32,
}

/// On a dark background.
pub(super) const DARK: Palette = Palette {
    plain: Some(Plain { text: 0xd4_d6_dd, strong: 0xff_ff_ff, chosen: 0x26_2c_40 }),
    dim: 0x8e_94_a6,
    border: 0x4a_4f_5e,
    good: 0x73_da_ca,
    bad: 0xff_7b_93,
    panel: 0x9a_a5_c4,
    accents: [0x7a_a2_f7, 0xbb_9a_f7, 0xe0_af_68, 0x9e_ce_6a],
};

/// On a light one.
pub(super) const LIGHT: Palette = Palette {
    plain: Some(Plain { text: 0x30_33_3b, strong: 0x10_12_18, chosen: 0xe4_e9_f7 }),
    dim: 0x62_67_74,
    border: 0xb4_b8_c2,
    good: 0x00_73_66,
    bad: 0xb5_1c_3b,
    panel: 0x4b_55_72,
    accents: [0x1d_5f_b8, 0x7b_3f_a8, 0x8a_58_00, 0x2c_78_1c],
};

/// Where it is not known which. Terminals that do not say so are dark more often than not, so these are at home there
/// and can be read on a light one: 4.5:1 on both is not to be had without being dull on each.
pub(super) const EITHER: Palette = Palette {
    plain: None,
    dim: 0x82_88_9c,
    border: 0x5b_60_70,
    good: 0x37_a1_92,
    bad: 0xff_52_72,
    panel: 0x83_91_b9,
    accents: [0x5e_8e_f5, 0xa6_7a_f4, 0xc4_85_28, 0x67_a1_38],
};

/// The chosen row where the background is not known: a band of its own, with words that read on it.
pub(super) const BAND: [u32; 2] = [0x2e_36_50, 0xff_ff_ff];

/// The nearest of xterm's 6x6x6 cube and grey ramp.
pub(super) fn nearest_indexed(rgb: u32) -> Color {
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

#[cfg(test)]
mod tests {
    use super::*;

    const DARK_GROUNDS: [u32; 3] = [0x00_00_00, 0x12_14_18, 0x1e_1e_1e];
    const LIGHT_GROUNDS: [u32; 3] = [0xff_ff_ff, 0xfa_fa_f7, 0xf5_f5_f0];

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

    fn text_colours(palette: &Palette) -> Vec<u32> {
        let plain = palette.plain.iter().flat_map(|plain| [plain.text, plain.strong]);
        plain.chain([palette.dim, palette.good, palette.bad, palette.panel]).chain(palette.accents).collect()
    }

    fn assert_contrast(palette: &Palette, backgrounds: &[u32], least: f64) {
        for background in backgrounds {
            for colour in text_colours(palette) {
                let contrast = contrast(colour, *background);
                assert!(contrast >= least, "{colour:06x} on {background:06x}: {contrast:.2}");
            }
        }
    }

    #[test]
    fn all_text_has_contrast_enough_on_usual_backgrounds() {
        assert_contrast(&DARK, &DARK_GROUNDS, 4.5);
        assert_contrast(&LIGHT, &LIGHT_GROUNDS, 4.5);
    }

    #[test]
    fn where_the_background_is_not_known_all_can_be_read_on_any() {
        assert_contrast(&EITHER, &DARK_GROUNDS, 4.5);
        // What WCAG asks of large text and of signs; the words that matter are in the terminal's own colour.
        assert_contrast(&EITHER, &[0xff_ff_ff], 3.0);
        assert!(contrast(BAND[0], BAND[1]) >= 7.0);
    }

    #[test]
    fn text_on_the_chosen_row_has_contrast_enough() {
        for palette in [&DARK, &LIGHT] {
            let plain = palette.plain.as_ref().unwrap();
            for colour in [plain.text, plain.strong, palette.dim] {
                let contrast = contrast(colour, plain.chosen);
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
