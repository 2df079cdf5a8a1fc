//! A light terminal gets the colours for light: it is asked, and its answer is not typed.

use crate::harness::{ROOMY, Terminal};

/// The colour of the word `greeter` in the header.
fn ink(terminal: &Terminal) -> vt100::Color {
    terminal.see(|screen| screen.cell(0, 1).map_or(vt100::Color::Default, vt100::Cell::fgcolor))
}

#[test]
fn the_answer_of_a_light_terminal_changes_the_colours_and_is_not_typed() {
    for end in ["\x1b\\", "\x07"] {
        let mut terminal = Terminal::ready(ROOMY);
        terminal.wait_for_bytes("\x1b]11;?");
        assert_eq!(ink(&terminal), vt100::Color::Default, "it reads on any background until then");
        terminal.keys(&format!("\x1b]11;rgb:fafa/fafa/f7f7{end}"));
        terminal.wait_until("the colours change", |screen| {
            screen.cell(0, 1).is_some_and(|cell| cell.fgcolor() != vt100::Color::Default)
        });
        terminal.line("World");
        terminal.wait_for("Hello, World!");
        assert!(!terminal.text().contains("rgb"), "the answer was typed");
        assert_eq!(terminal.text().matches("→ World").count(), 1, "nothing else was called");
    }
}

#[test]
fn a_terminal_that_never_answers_is_not_waited_for() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.line("World");
    terminal.wait_for("Hello, World!");
}
