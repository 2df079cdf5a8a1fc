//! The palette and the help.

use crate::harness::{ENTER, ESC, F1, ROOMY, Terminal, ctrl};

#[test]
fn a_slash_on_an_empty_line_finds_a_command_and_runs_it() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys("/");
    terminal.wait_for("/ Commands");
    terminal.keys("zoo");
    terminal.wait_for("Zoom: give this pane the whole screen, with details");
    terminal.wait_gone("Focus the next pane");
    terminal.keys(ENTER);
    terminal.wait_for("Ctrl-O back");
}

#[test]
fn two_slashes_type_one() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys("//");
    terminal.wait_in_pane(1, "name ▸ /");
    terminal.keys("etc/hosts\r");
    terminal.wait_in_pane(1, "← Hello, /etc/hosts!");
}

#[test]
fn ctrl_p_opens_the_palette_whatever_stands_in_the_line() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys("Ada");
    terminal.keys(&ctrl('p'));
    terminal.wait_for("/ Commands");
    terminal.keys(ESC);
    terminal.wait_gone("/ Commands");
    terminal.wait_in_pane(1, "name ▸ Ada");
}

#[test]
fn the_palette_quits_where_ctrl_q_is_taken_by_something_else() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys("/");
    terminal.wait_for("/ Commands");
    terminal.keys("quit");
    terminal.wait_for(" 2 of ");
    terminal.keys(ENTER);
    assert_eq!(terminal.wait_exit(), 0);
}

#[test]
fn help_begins_with_what_ctrl_d_means_and_esc_returns() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(F1);
    terminal.wait_for("Ctrl-D means: hold Ctrl and press D");
    terminal.keys(ESC);
    terminal.wait_gone("Ctrl-D means");
    terminal.line("World");
    terminal.wait_in_pane(1, "← Hello, World!");
}

#[test]
fn the_palette_leads_to_every_panel_as_soon_as_it_opens() {
    let mut terminal = Terminal::ready((120, 60));
    terminal.keys("/");
    terminal.wait_for("Play the introduction");
    for key in ["Ctrl-O", "F1", "F2", "F3", "F4"] {
        assert!(terminal.text().contains(key), "{key}:\n{}", terminal.text());
    }
}
