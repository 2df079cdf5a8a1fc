//! A flood does not delay a key, and silence is silence.

use std::time::Duration;

use crate::harness::{END, ESC, F2, F3, ROOMY, TAB, Terminal, UP};

/// With the embedded server set to this many replies (steps up from 5) and no pause.
pub(crate) fn flooding(steps: usize) -> Terminal {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(F2);
    terminal.wait_for("F2 Server and connection");
    terminal.keys(&"+".repeat(steps));
    terminal.keys(&"[".repeat(7));
    terminal.wait_for(" 0 ms");
    terminal.keys(ESC);
    terminal.wait_gone("F2 Server and connection");
    terminal.keys(TAB);
    terminal
}

const STEPS_TO_100_000: usize = 11;
pub(crate) const STEPS_TO_10_000_000: usize = 13;

#[test]
fn keys_stay_prompt_while_replies_pour_in() {
    let mut terminal = flooding(STEPS_TO_10_000_000);
    terminal.line("flood");
    terminal.wait_in_pane(2, "● receiving");
    terminal.wait_in_pane(2, "Hello, flood! Number 1 ");
    terminal.keys(TAB);
    let mut typed = String::new();
    for letter in ["p", "r", "o", "m", "p", "t"] {
        typed.push_str(letter);
        terminal.keys(letter);
        terminal.wait_in_pane(3, &format!("name ▸ {typed}"));
    }
    assert!(terminal.pane(2).contains("● receiving"), "the flood goes on:\n{}", terminal.text());
    terminal.keys("\x1b2");
    terminal.ctrl('c');
    terminal.wait_in_pane(2, "■ CANCELLED (1) by you");
}

#[test]
fn keys_stay_prompt_while_the_wire_is_looked_at_under_a_flood() {
    let mut terminal = flooding(STEPS_TO_10_000_000);
    terminal.line("flood");
    terminal.wait_in_pane(2, "● receiving");
    terminal.keys(F3);
    terminal.wait_for("F3 Wire");
    // Each key is answered, and frames go by all the time.
    for _ in 0..3 {
        terminal.keys("f");
        terminal.wait_for("only call #1");
        terminal.keys("f");
        terminal.wait_gone("only call #1");
        terminal.keys(UP);
        terminal.wait_for("held while a frame is chosen");
        terminal.keys(END);
        terminal.wait_gone("held while a frame is chosen");
    }
    terminal.wait_for("message");
    terminal.keys(ESC);
    terminal.wait_in_pane(2, "● receiving");
    terminal.ctrl('c');
    terminal.wait_in_pane(2, "■ CANCELLED (1) by you");
}

#[test]
fn the_wire_shows_a_call_frame_by_frame() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.line("World");
    terminal.wait_in_pane(1, "✓ OK");
    terminal.keys(F3);
    for words in
        ["HTTP/2 begins", "POST /helloworld.Greeter/SayHello", "\"World\" · END_STREAM", "grpc-status 0 OK"]
    {
        terminal.wait_for(words);
    }
}

#[test]
fn a_hundred_thousand_replies_are_counted_and_folded() {
    let mut terminal = flooding(STEPS_TO_100_000);
    terminal.line("many");
    terminal.wait_in_pane(2, "✓ OK");
    terminal.wait_in_pane(2, "← Hello, many! Number 1 ");
    terminal.wait_in_pane(2, " more");
    terminal.wait_in_pane(2, "← Hello, many! Number 100000 ");
}

#[test]
fn with_nothing_live_nothing_is_written() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.line("World");
    terminal.wait_in_pane(1, "✓ OK");
    terminal.wait_quiet(Duration::from_millis(100));
    let before = terminal.written();
    // The one wait for a time: that nothing comes can be seen in no other way.
    std::thread::sleep(Duration::from_millis(1_200));
    assert_eq!(
        terminal.written(),
        before,
        "{:?}",
        String::from_utf8_lossy(&terminal.raw().split_off(before))
    );
}
