//! The screen's own signs in ASCII, for fonts and locales without them. What people type and
//! servers say stays as it is.

use ratatui::buffer::Buffer;

/// A sign and what replaces it.
const SIGNS: [(&str, &str); 32] = [
    ("╭", "+"),
    ("╮", "+"),
    ("╯", "+"),
    ("╰", "+"),
    ("┏", "#"),
    ("┓", "#"),
    ("┛", "#"),
    ("┗", "#"),
    ("─", "-"),
    ("━", "="),
    ("│", "|"),
    ("┃", "#"),
    ("→", ">"),
    ("←", "<"),
    ("↑", "^"),
    ("↓", "v"),
    ("▸", ">"),
    ("◂", "<"),
    ("●", "*"),
    ("○", "o"),
    ("✓", "+"),
    ("✗", "x"),
    ("■", "#"),
    ("·", "-"),
    ("…", "~"),
    ("µ", "u"),
    ("•", "*"),
    ("‹", "<"),
    ("›", ">"),
    ("◌", "o"),
    ("▰", "#"),
    ("▱", "."),
];

/// Writes the screen's signs in ASCII.
pub(super) fn write(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if let Some((_, plain)) = SIGNS.iter().find(|(sign, _)| *sign == cell.symbol()) {
            cell.set_symbol(plain);
        } else if cell.symbol().starts_with(|c| matches!(c, '\u{2400}'..='\u{2426}')) {
            // The picture of a control character.
            cell.set_symbol("?");
        }
    }
}
