//! What keys do and say when there is nothing to do, and `Ctrl-C` in all that it means.

use crate::harness::{ENTER, ESC, F3, ROOMY, TAB, Terminal, UP, ctrl};

#[test]
fn an_empty_line_sends_nothing_and_says_what_to_type() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(ENTER);
    terminal.wait_in_pane(1, "type a name, or {} for an empty message");
    assert!(!terminal.pane(1).contains("#1"));
}

#[test]
fn ctrl_d_with_text_in_the_line_sends_nothing() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(&TAB.repeat(2));
    terminal.line("Alice");
    terminal.wait_in_pane(3, "● open");
    terminal.keys("Charlie");
    terminal.ctrl('d');
    terminal.wait_in_pane(3, "\"Charlie\" is not sent: Enter sends it, then Ctrl-D");
    terminal.wait_in_pane(3, "● open");
    terminal.keys(ENTER);
    terminal.ctrl('d');
    terminal.wait_in_pane(3, "← Hello, Alice, Charlie!");
}

#[test]
fn ctrl_d_without_a_stream_says_how_to_open_one() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(&TAB.repeat(2));
    terminal.ctrl('d');
    terminal.wait_in_pane(3, "no open stream: Enter opens one");
}

#[test]
fn ctrl_c_cancels_the_live_call() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(&TAB.repeat(3));
    terminal.line("Dave");
    terminal.wait_in_pane(4, "← Hello, Dave!");
    terminal.ctrl('c');
    terminal.wait_in_pane(4, "■ CANCELLED (1) by you");
}

#[test]
fn ctrl_c_clears_the_line_and_ctrl_y_puts_it_back() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys("half a na");
    terminal.wait_in_pane(1, "name ▸ half a na");
    terminal.ctrl('c');
    terminal.wait_in_pane(1, "type a name, then Enter");
    terminal.ctrl('y');
    terminal.wait_in_pane(1, "name ▸ half a na");
}

#[test]
fn ctrl_c_twice_with_nothing_live_quits() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.ctrl('c');
    terminal.wait_in_pane(1, "nothing live here · Ctrl-C again quits");
    terminal.ctrl('c');
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_given_back();
}

#[test]
fn ctrl_c_says_what_lives_elsewhere() {
    let mut terminal = Terminal::ready((200, 60));
    terminal.keys(&TAB.repeat(3));
    for name in ["Dave", "Eve"] {
        terminal.keys(name);
        terminal.ctrl('n');
        terminal.wait_for(&format!("← Hello, {name}!"));
    }
    terminal.keys(TAB);
    terminal.ctrl('c');
    terminal.wait_for("nothing live here (2 live elsewhere) · Ctrl-C again quits");
}

#[test]
fn a_key_between_two_ctrl_c_takes_the_first_back() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.ctrl('c');
    terminal.wait_in_pane(1, "Ctrl-C again quits");
    terminal.keys(TAB);
    terminal.ctrl('c');
    terminal.wait_in_pane(2, "Ctrl-C again quits");
    terminal.line("still here");
    terminal.wait_in_pane(2, "Hello, still here! Number 1");
}

#[test]
fn ctrl_c_that_was_pressed_too_often_does_not_quit() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(&TAB.repeat(3));
    terminal.line("Dave");
    terminal.wait_in_pane(4, "← Hello, Dave!");
    terminal.keys(&ctrl('c').repeat(5));
    terminal.wait_in_pane(4, "■ CANCELLED (1) by you");
    terminal.line("Eve");
    terminal.wait_in_pane(4, "← Hello, Eve!");
}

#[test]
fn up_brings_back_what_this_method_was_sent() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.line("Ada");
    terminal.wait_in_pane(1, "← Hello, Ada!");
    terminal.keys(UP);
    terminal.wait_in_pane(1, "name ▸ Ada");
    terminal.keys(TAB);
    terminal.keys(UP);
    terminal.wait_in_pane(2, "the history of this method has no older line");
}

#[test]
fn the_line_is_edited_as_readline_does_it() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys("Ada Lovelace");
    terminal.keys(&ctrl('w'));
    terminal.wait_in_pane(1, "name ▸ Ada ");
    terminal.keys(&ctrl('a'));
    terminal.keys("Dear ");
    terminal.wait_in_pane(1, "name ▸ Dear Ada");
    terminal.keys(&ctrl('k'));
    terminal.keys(&ctrl('u'));
    terminal.wait_in_pane(1, "type a name, then Enter");
}

#[test]
fn alt_and_a_number_focuses_a_pane() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys("\x1b3");
    terminal.wait_in_pane(3, "type a name, then Enter");
    terminal.keys("\x1b[Z");
    terminal.wait_in_pane(2, "type a name, then Enter");
}

#[test]
fn ctrl_o_zooms_and_returns() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.line("World");
    terminal.wait_in_pane(1, "✓ OK");
    terminal.ctrl('o');
    terminal.wait_for("Ctrl-O back");
    terminal.wait_gone("2 Server stream");
    terminal.wait_for("POST /helloworld.Greeter/SayHello");
    terminal.keys("still a line");
    terminal.wait_for("name ▸ still a line");
    terminal.ctrl('o');
    terminal.wait_for("2 Server stream");
    terminal.wait_in_pane(1, "name ▸ still a line");
}

#[test]
fn ctrl_l_draws_all_anew_and_scrolls_ended_calls_away() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.line("World");
    terminal.wait_in_pane(1, "✓ OK");
    let before = terminal.written();
    terminal.ctrl('l');
    terminal.wait_gone("Hello, World!");
    let drawn = terminal.raw().split_off(before);
    assert!(crate::output::find(&drawn, "SayHelloBiDiStreaming".as_bytes()), "the other panes too");
    terminal.keys(crate::harness::PAGE_UP);
    terminal.wait_in_pane(1, "← Hello, World!");
}

#[test]
fn esc_and_another_key_that_come_at_once_are_both_taken() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.line("World");
    terminal.wait_in_pane(1, "← Hello, World!");
    terminal.keys(&format!("{ESC}{F3}"));
    terminal.wait_for("F3 Wire");
    assert!(!terminal.text().contains("name ▸ O"), "{}", terminal.text());
}
