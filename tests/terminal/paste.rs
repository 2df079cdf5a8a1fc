//! What is pasted is never sent unasked.

use crate::harness::{ENTER, ESC, ROOMY, TAB, Terminal};

#[test]
fn a_short_line_goes_to_the_line_and_is_not_sent() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.paste("Ada Lovelace\n");
    terminal.wait_in_pane(1, "name ▸ Ada Lovelace");
    assert!(!terminal.pane(1).contains("#1"));
    terminal.keys(ENTER);
    terminal.wait_in_pane(1, "← Hello, Ada Lovelace!");
}

#[test]
fn many_lines_are_asked_about_and_enter_sends_each() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(&TAB.repeat(3));
    terminal.paste("Dave\nEve\n\nFrank\n");
    terminal.wait_for("3 lines, 16 B, were pasted. Nothing is sent yet.");
    terminal.keys(ENTER);
    for name in ["Dave", "Eve", "Frank"] {
        terminal.wait_in_pane(4, &format!("← Hello, {name}!"));
    }
}

#[test]
fn esc_drops_the_paste() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.paste("rm -rf /\r\nsudo reboot\r\n");
    terminal.wait_for("2 lines, 23 B, were pasted.");
    terminal.keys(ESC);
    terminal.wait_in_pane(1, "the paste was dropped");
    assert!(!terminal.pane(1).contains("#1"));
    terminal.wait_in_pane(1, "type a name, then Enter");
}

#[test]
fn i_puts_the_paste_into_the_line_with_breaks_as_spaces() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.paste("Ada\nLovelace");
    terminal.wait_for("2 lines");
    terminal.keys("i");
    terminal.wait_in_pane(1, "name ▸ Ada Lovelace");
}

#[test]
fn a_megabyte_is_asked_about_and_the_keys_stay_prompt() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.paste(&"x".repeat(1 << 20));
    terminal.wait_for("One line of 1.0 MiB was pasted. Nothing is sent yet.");
    terminal.keys(ESC);
    terminal.wait_in_pane(1, "the paste was dropped");
    terminal.line("World");
    terminal.wait_in_pane(1, "← Hello, World!");
}

#[test]
fn a_megabyte_in_the_line_can_be_sent_and_is_shown_cut_with_its_size() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.paste(&"x".repeat(1 << 20));
    terminal.wait_for("was pasted");
    terminal.keys("i");
    terminal.wait_in_pane(1, "name ▸");
    terminal.keys(ENTER);
    terminal.wait_in_pane(1, "✓ OK");
    terminal.wait_in_pane(1, "… 1.0 MiB");
}

#[test]
fn control_characters_in_a_paste_are_shown_as_marks() {
    let mut terminal = Terminal::ready(ROOMY);
    let before = terminal.written();
    terminal.paste("A\x07B\tC\u{202e}D");
    terminal.wait_in_pane(1, "name ▸ A");
    terminal.keys(ENTER);
    terminal.wait_in_pane(1, "✓ OK");
    let shown = terminal.raw().split_off(before);
    assert!(!shown.contains(&7) && !shown.contains(&9), "neither bell nor tab");
    assert!(!crate::output::find(&shown, "\u{202e}".as_bytes()), "no bidi override");
}
