//! Scrolling: what comes never moves what is being read.

use crate::harness::{END, ESC, F2, PAGE_UP, ROOMY, TAB, Terminal};

/// Pane 2 with a long ended stream and, below it, one that has just begun and goes on for a while.
fn streaming() -> Terminal {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(TAB);
    terminal.keys(F2);
    terminal.wait_for("F2 Server and connection");
    // 20 replies.
    terminal.keys("++++++");
    terminal.keys("[[[[");
    terminal.wait_for(" 20.0 ms");
    terminal.keys(ESC);
    terminal.wait_gone("F2 Server and connection");
    terminal.line("first");
    terminal.wait_in_pane(2, "✓ OK");
    terminal.keys(F2);
    terminal.wait_for("F2 Server and connection");
    terminal.keys("]]]]");
    terminal.wait_for(" 300 ms");
    terminal.keys(ESC);
    terminal.wait_gone("F2 Server and connection");
    terminal.line("second");
    terminal.wait_in_pane(2, "Hello, second! Number 1");
    terminal
}

#[test]
fn a_view_that_is_scrolled_back_stands_still_and_counts_what_comes() {
    let mut terminal = streaming();
    terminal.keys(&PAGE_UP.repeat(3));
    terminal.wait_in_pane(2, "#1 → first");
    terminal.wait_in_pane(2, "↓ 2 new · End returns");
    let held: Vec<String> = terminal.pane(2).lines().take(12).map(str::to_owned).collect();
    terminal.wait_in_pane(2, "↓ 5 new · End returns");
    let later: Vec<String> = terminal.pane(2).lines().take(12).map(str::to_owned).collect();
    assert_eq!(held, later);
    terminal.keys(END);
    terminal.wait_in_pane(2, "#2 → second");
    terminal.wait_in_pane(2, "Hello, second! Number 6");
    assert!(!terminal.pane(2).contains("End returns"), "{}", terminal.pane(2));
}

#[test]
fn end_with_text_in_the_line_goes_to_the_lines_end() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys("bc");
    terminal.keys("\x1b[H");
    terminal.keys("a");
    terminal.wait_in_pane(1, "name ▸ abc");
    terminal.keys(END);
    terminal.keys("d");
    terminal.wait_in_pane(1, "name ▸ abcd");
}
