//! The screen's own signs in ASCII, for fonts and locales without them. What people type and
//! servers say stays as it is, but for the marks in it, which are the screen's.

/// A sign and what replaces it.
const SIGNS: [(char, char); 29] = [
    ('╭', '+'),
    ('╮', '+'),
    ('╯', '+'),
    ('╰', '+'),
    ('┏', '#'),
    ('┓', '#'),
    ('┛', '#'),
    ('┗', '#'),
    ('─', '-'),
    ('━', '='),
    ('│', '|'),
    ('┃', '#'),
    ('→', '>'),
    ('←', '<'),
    ('↑', '^'),
    ('↓', 'v'),
    ('▸', '>'),
    ('◂', '<'),
    ('●', '*'),
    ('○', 'o'),
    ('✓', '+'),
    ('✗', 'x'),
    ('■', '#'),
    ('·', '-'),
    (CUT, '~'),
    ('µ', 'u'),
    ('•', '*'),
    ('▰', '#'),
    ('▱', '.'),
];

/// What stands where a text was cut.
const CUT: char = '…';

/// The screen's own words.
pub(super) fn own(words: &str) -> String {
    words.chars().map(own_sign).collect()
}

/// Words of others, made safe and perhaps cut.
pub(super) fn foreign(words: &str, end: End) -> String {
    let (words, cut) = match (end, words.strip_suffix(CUT)) {
        (End::Cut, Some(kept)) => (kept, Some(own_sign(CUT))),
        _ => (words, None),
    };
    words.chars().map(mark).chain(cut).collect()
}

/// Whether a text is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It is.
    Whole,
    /// A sign at its end says that it is not.
    Cut,
}

fn own_sign(c: char) -> char {
    SIGNS.iter().find(|(sign, _)| *sign == c).map_or_else(|| mark(c), |(_, plain)| *plain)
}

/// What stands for something that a terminal would obey.
fn mark(c: char) -> char {
    match c {
        // The picture of a control character.
        '\u{2400}'..='\u{2426}' => '?',
        '‹' => '<',
        '›' => '>',
        '◌' => 'o',
        c => c,
    }
}
