//! The mouse, the transcript's rows, and the clipboard.

use vt100::{MouseProtocolEncoding, MouseProtocolMode, Screen};

use crate::harness::{ENTER, ESC, F2, ROOMY, TAB, Terminal, UP};
use crate::output::find;

#[test]
fn a_click_focuses_a_pane() {
    let mut terminal = Terminal::ready(ROOMY);
    let title = terminal.place_of("4 Bidi");
    terminal.click(title);
    terminal.wait_in_pane(4, "type a name, then Enter");
    terminal.line("Dave");
    terminal.wait_in_pane(4, "← Hello, Dave!");
}

#[test]
fn the_wheel_scrolls_the_pane_under_it_and_leaves_the_keys_where_they_are() {
    let mut terminal = Terminal::ready(ROOMY);
    for number in 1..=12 {
        terminal.line(&format!("name {number}"));
        terminal.wait_in_pane(1, &format!("← Hello, name {number}!"));
    }
    let place = terminal.place_of("← Hello, name 12!");
    terminal.keys(TAB);
    terminal.wait_in_pane(2, "type a name, then Enter");
    for _ in 0..20 {
        terminal.wheel_up(place);
    }
    terminal.wait_in_pane(1, "← Hello, name 1!");
    terminal.wait_in_pane(1, "End returns");
    terminal.wait_in_pane(2, "type a name, then Enter");
}

#[test]
fn clicks_and_the_wheel_are_asked_for_in_the_form_that_knows_wide_screens() {
    let terminal = Terminal::ready(ROOMY);
    terminal.see(|screen| {
        assert_eq!(screen.mouse_protocol_mode(), MouseProtocolMode::ButtonMotion);
        assert_eq!(screen.mouse_protocol_encoding(), MouseProtocolEncoding::Sgr);
    });
    assert!(!find(&terminal.raw(), b"\x1b[?1003h"), "not every movement");
}

#[test]
fn no_mouse_asks_for_nothing() {
    let mut terminal = Terminal::start(ROOMY, &["--no-mouse"]);
    terminal.wait_for("● ready");
    terminal.ctrl('q');
    assert_eq!(terminal.wait_exit(), 0);
    for mode in ["1000h", "1002h", "1003h", "1006h"] {
        assert!(!find(&terminal.raw(), format!("\x1b[?{mode}").as_bytes()), "{mode}");
    }
}

#[test]
fn the_mouse_can_be_let_go_and_taken_back() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys("/mouse");
    terminal.wait_for("1 of");
    terminal.keys(ENTER);
    terminal.wait_until("the mouse let go", |screen| {
        screen.mouse_protocol_mode() == MouseProtocolMode::None
            && screen.contents().contains("the mouse is the terminal's")
    });
    terminal.keys("/mouse\r");
    terminal.wait_until("the mouse taken", |screen| screen.mouse_protocol_mode() != MouseProtocolMode::None);
}

#[test]
fn y_sends_the_chosen_message_to_the_terminals_clipboard() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.line("World");
    terminal.wait_in_pane(1, "✓ OK");
    terminal.keys(ESC);
    terminal.wait_for("y copy");
    terminal.keys("y");
    // `Hello, World!`
    terminal.wait_for_bytes("\x1b]52;c;SGVsbG8sIFdvcmxkIQ==\x07");
    terminal.wait_in_pane(1, "sent to the terminal's clipboard");
}

#[test]
fn arrows_choose_another_row_and_a_printable_key_goes_back_to_the_line() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(&TAB.repeat(3));
    for name in ["Dave", "Eve"] {
        terminal.line(name);
        terminal.wait_in_pane(4, &format!("← Hello, {name}!"));
    }
    terminal.keys(ESC);
    terminal.wait_for("y copy");
    terminal.keys(UP);
    terminal.keys(UP);
    terminal.keys("y");
    // `Hello, Dave!`
    terminal.wait_for_bytes("\x1b]52;c;SGVsbG8sIERhdmUh\x07");
    terminal.keys("Frank");
    terminal.wait_in_pane(4, "name ▸ Frank");
}

#[test]
fn enter_on_a_chosen_row_opens_what_can_be_done_with_it() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(&TAB.repeat(3));
    terminal.line("Dave");
    terminal.wait_in_pane(4, "← Hello, Dave!");
    terminal.keys(ESC);
    terminal.wait_for("y copy");
    terminal.keys(ENTER);
    for words in ["Copy the message", "Copy its bytes in hex", "Cancel the call"] {
        terminal.wait_for(words);
    }
    terminal.keys(ESC);
    terminal.wait_gone("Cancel the call");
}

#[test]
fn the_address_can_be_copied() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(F2);
    terminal.wait_for("F2 Server and connection");
    terminal.keys("y");
    // `127.0.0.1:` and the port.
    terminal.wait_for_bytes("\x1b]52;c;MTI3LjAuMC4xO");
    terminal.wait_for("sent to the terminal's clipboard");
    terminal.see(Screen::alternate_screen);
}
