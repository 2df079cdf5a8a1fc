//! `greeter check` in a real terminal: the table, what is under way, `Ctrl-C`.

use portable_pty::CommandBuilder;

use crate::{
    greeter::{Fault, start_aside},
    harness::{Terminal, greeter},
};

/// Rows for the whole table.
const TALL: (u16, u16) = (80, 80);

fn check(fault: Fault, args: &[&str]) -> CommandBuilder {
    let address = start_aside(fault).to_string();
    greeter(&[&["check", &address], args].concat())
}

/// What stands on the screen when it has ended, and its exit code.
fn ended(command: CommandBuilder) -> (u32, String, Terminal) {
    let mut terminal = Terminal::run(TALL, command);
    let code = terminal.wait_exit();
    (code, terminal.text(), terminal)
}

#[test]
fn a_table_says_line_by_line_what_holds() {
    let (code, text, terminal) = ended(check(Fault::None, &[]));
    assert_eq!(code, 0);
    for row in [
        "Unary · SayHello",
        "  ✓ greets World                       \"Hello, World!\"",
        "Bidi · SayHelloBiDiStreaming",
        "  ✓ 10 000 names, 10 000 replies       10 000 replies",
        "gRPC over HTTP/2",
        "  – health                             not offered",
        "✓ all 34 hold · 2 not offered",
    ] {
        assert!(text.contains(row), "{row:?} is not in\n{text}");
    }
    assert!(!text.contains('●'), "something is still under way:\n{text}");
    terminal.assert_given_back();
}

#[test]
fn times_stand_in_one_column() {
    let (_, text, _) = ended(check(Fault::None, &[]));
    let ends: Vec<usize> = text
        .lines()
        .filter(|line| line.starts_with("  ✓") && line.ends_with(" ms"))
        .map(unicode_width::UnicodeWidthStr::width)
        .collect();
    assert!(ends.len() > 20 && ends.iter().all(|end| *end == 79), "{ends:?}\n{text}");
}

#[test]
fn beneath_a_line_that_does_not_hold_stands_what_came() {
    let (code, text, _) = ended(check(Fault::FourReplies, &[]));
    assert_eq!(code, 1);
    let rows: Vec<&str> = text.lines().map(str::trim_end).collect();
    let at = rows.iter().position(|row| row.starts_with("  ✗ five replies, then OK")).unwrap();
    assert_eq!(rows[at + 1], "      expected  5 replies, then OK");
    assert_eq!(rows[at + 2], "      came      4 replies, then OK");
    assert!(text.contains("✗ 1 of 34 does not hold"), "{text}");
    assert!(rows.contains(&"  server-stream.five"), "{text}");
}

#[test]
fn what_is_under_way_shows_its_time_and_ctrl_c_ends_it() {
    let mut terminal = Terminal::run(TALL, check(Fault::Mute, &[]));
    terminal.wait_for("● greets World");
    terminal.wait_for("1 of 36");
    terminal.ctrl('c');
    assert_eq!(terminal.wait_exit(), 130);
    let text = terminal.text();
    assert!(text.contains("? 0 of 0 hold · interrupted"), "{text}");
    assert!(!text.contains('●'), "{text}");
    terminal.assert_given_back();
}

#[test]
fn before_it_knows_the_contract_ctrl_c_ends_it_too() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut terminal = Terminal::run(TALL, greeter(&["check", &address]));
    // It is connected, and hears nothing.
    let _tcp = listener.accept().unwrap();
    terminal.wait_for("● connecting");
    terminal.ctrl('c');
    assert_eq!(terminal.wait_exit(), 130);
    terminal.assert_given_back();
}

#[test]
fn without_colour_and_in_ascii_it_says_the_same() {
    let mut command = check(Fault::FourReplies, &["--ascii"]);
    command.env("NO_COLOR", "1");
    let (_, text, terminal) = ended(command);
    assert!(text.contains("  + greets World") && text.contains("  x five replies, then OK"), "{text}");
    let raw = String::from_utf8(terminal.raw()).unwrap();
    assert!(!raw.contains("\x1b[3") && !raw.contains("\x1b[1m") && !raw.contains('✓'), "{raw:?}");
}

#[test]
fn a_dumb_terminal_gets_plain_lines() {
    let mut command = check(Fault::None, &[]);
    command.env("TERM", "dumb");
    let (_, text, terminal) = ended(command);
    assert!(text.contains("✓ holds unary.world"), "{text}");
    assert!(!terminal.raw().contains(&0x1b));
}

#[test]
fn what_a_server_says_is_not_obeyed() {
    let (_, text, terminal) = ended(check(Fault::Escapes, &[]));
    let raw = String::from_utf8(terminal.raw()).unwrap();
    assert!(!raw.contains("\x1b]0;") && !raw.contains('\u{202e}'), "{raw:?}");
    assert!(text.contains("owned"), "{text}");
}

#[test]
fn a_narrow_terminal_wraps_no_row() {
    let mut terminal = Terminal::run((40, 120), check(Fault::FourReplies, &[]));
    terminal.wait_exit();
    let text = terminal.text();
    let rows = text.lines().filter(|row| row.starts_with("  ✓") || row.starts_with("  ✗")).count();
    assert_eq!(rows, 34, "{text}");
    assert!(text.lines().all(|row| unicode_width::UnicodeWidthStr::width(row) < 40), "{text}");
}
