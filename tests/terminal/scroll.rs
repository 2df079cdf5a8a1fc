//! Scrolling: what comes never moves what is being read.

use vt100::Screen;

use crate::harness::{END, ESC, F2, PAGE_UP, ROOMY, TAB, Terminal};

/// Pane 2 with three streams that ended, and below them one that goes on for a while.
fn streaming() -> Terminal {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(TAB);
    // 20 replies without a pause.
    configure(&mut terminal, &format!("{}{}", "+".repeat(6), "[".repeat(7)), " 0 ms");
    for name in ["one", "two", "three"] {
        terminal.line(name);
        terminal.wait_in_pane(2, &format!("Hello, {name}! Number 20"));
    }
    configure(&mut terminal, &"]".repeat(7), " 300 ms");
    terminal.line("four");
    terminal.wait_in_pane(2, "Hello, four! Number 1");
    terminal
}

fn configure(terminal: &mut Terminal, keys: &str, until: &str) {
    terminal.keys(F2);
    terminal.wait_for("F2 Server and connection");
    terminal.keys(keys);
    terminal.wait_for(until);
    terminal.keys(ESC);
    terminal.wait_gone("F2 Server and connection");
}

#[test]
fn a_view_that_is_scrolled_back_stands_still_and_counts_what_comes() {
    let mut terminal = streaming();
    terminal.keys(&PAGE_UP.repeat(9));
    terminal.wait_in_pane(2, "#1 → one");
    terminal.wait_until("a count of what came", |screen| came(screen).is_some());
    let (held, count) = (first_rows(&terminal), terminal.see(came));
    terminal.wait_until("more that came", |screen| came(screen) > count);
    assert_eq!(first_rows(&terminal), held);
    terminal.keys(END);
    terminal.wait_in_pane(2, "#4 → four");
    terminal.wait_gone("End returns");
}

/// What the mark of a held view counts.
fn came(screen: &Screen) -> Option<u32> {
    let text = screen.contents();
    let (before, _) = text.split_once(" new · End returns")?;
    before.rsplit_once("↓ ")?.1.parse().ok()
}

fn first_rows(terminal: &Terminal) -> Vec<String> {
    terminal.pane(2).lines().take(12).map(str::to_owned).collect()
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
