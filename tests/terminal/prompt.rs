//! `greeter call` where somebody types: the prompt, and what a terminal gets of a reply.

use crate::harness::{ROOMY, Terminal, ctrl};

/// `greeter call` with these arguments, at its prompt.
fn prompted(args: &[&str]) -> Terminal {
    let terminal = Terminal::start(ROOMY, &[&["call"], args].concat());
    terminal.wait_for("name ▸");
    terminal
}

/// The rows that are not empty.
fn rows(terminal: &Terminal) -> Vec<String> {
    terminal.text().lines().map(str::trim_end).filter(|row| !row.is_empty()).map(str::to_owned).collect()
}

#[test]
fn a_name_is_asked_for_and_its_reply_stands_in_a_row_of_its_own() {
    let mut terminal = prompted(&["bidi"]);
    for (name, row) in [("Dave", 3), ("Eve", 5)] {
        terminal.line(name);
        terminal.wait_for(&format!("Hello, {name}!"));
        terminal.wait_until("the prompt again", |screen| screen.cursor_position() == (row, 7));
    }
    terminal.keys(&ctrl('D'));
    assert_eq!(terminal.wait_exit(), 0);
    let told = [
        "embedded server; --addr reaches another",
        "name ▸ Dave",
        "Hello, Dave!",
        "name ▸ Eve",
        "Hello, Eve!",
        "name ▸",
    ];
    assert_eq!(rows(&terminal), told);
}

#[test]
fn a_client_stream_is_answered_when_it_is_ended() {
    let mut terminal = prompted(&["client-stream"]);
    for (row, name) in ["Alice", "Bob"].into_iter().enumerate() {
        terminal.line(name);
        let next = (row as u16 + 2, 7);
        terminal.wait_until("the next prompt", |screen| screen.cursor_position() == next);
    }
    terminal.keys(&ctrl('D'));
    assert_eq!(terminal.wait_exit(), 0);
    assert_eq!(rows(&terminal)[1..], ["name ▸ Alice", "name ▸ Bob", "name ▸", "Hello, Alice, Bob!"]);
}

#[test]
fn what_is_no_message_is_told_and_asked_for_again() {
    let mut terminal = prompted(&["unary"]);
    terminal.line("");
    terminal.wait_for("type a name, or {} for an empty message");
    terminal.line("{\"nam\": 1}");
    terminal.wait_for("did you mean `name`? (line 2, column 2)");
    terminal.line("{}");
    terminal.wait_for("Hello, !");
    terminal.keys(&ctrl('D'));
    assert_eq!(terminal.wait_exit(), 0);
}

#[test]
fn ctrl_c_at_the_prompt_ends_it() {
    let mut terminal = prompted(&["bidi"]);
    terminal.line("Dave");
    terminal.wait_for("Hello, Dave!");
    terminal.ctrl('C');
    assert_eq!(terminal.wait_exit(), 130);
}

#[test]
fn what_a_reply_tells_a_terminal_to_do_is_shown_and_not_done() {
    let name = "\u{1b}[2J\u{1b}]0;title\u{7}\r\n\u{9b}31m\u{202e}";
    let mut terminal = Terminal::start(ROOMY, &["call", "unary", name]);
    assert_eq!(terminal.wait_exit(), 0);
    assert_eq!(rows(&terminal)[1], "Hello, ␛[2J␛]0;title␇␍␊‹009B›31m‹202E›!");
    assert!(!terminal.raw().contains(&0x1b));

    let json = format!("{{\"name\": \"{}\"}}", "\\u001b[2J\\u009b");
    let mut terminal = Terminal::start(ROOMY, &["call", "unary", &json, "--json"]);
    assert_eq!(terminal.wait_exit(), 0);
    let raw = String::from_utf8(terminal.raw()).unwrap();
    assert!(raw.contains("Hello, \\u001b[2J\\u009b!") && !raw.contains('\u{1b}'), "{raw}");
}
