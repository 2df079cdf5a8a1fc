//! `greeter connect`: a server elsewhere, which dies and comes back; and addresses that cannot be.

use std::process::{Command, Output, Stdio};

use crate::{
    harness::{ESC, F2, ROOMY, TAB, Terminal},
    peers::Serving,
};

fn connected(serving: &Serving) -> Terminal {
    let terminal = Terminal::start(ROOMY, &["connect", &serving.address]);
    terminal.wait_for("● ready");
    terminal
}

#[test]
fn the_panes_call_the_server_that_was_named() {
    let serving = Serving::start(&["--replies", "2"]);
    let mut terminal = connected(&serving);
    let header = terminal.row_with("● ready");
    assert!(header.contains(&format!("{} · plaintext", serving.address)), "{header}");
    assert!(!header.contains("embedded"), "{header}");
    terminal.line("World");
    terminal.wait_in_pane(1, "← Hello, World!");
    terminal.keys(TAB);
    terminal.line("Bob");
    terminal.wait_in_pane(2, "Hello, Bob! Number 2");
    terminal.wait_in_pane(2, "✓ OK");
}

#[test]
fn reflection_says_which_contract_the_server_has() {
    let serving = Serving::start(&[]);
    let terminal = connected(&serving);
    terminal.wait_for("helloworld.Greeter (reflection)");
}

#[test]
fn a_server_that_dies_is_lost_and_calls_fail_at_once_with_the_reason() {
    let serving = Serving::start(&[]);
    let mut terminal = connected(&serving);
    serving.kill();
    terminal.wait_for("○ lost");
    terminal.wait_until("the reason and the pause", |screen| {
        let header = screen.rows(0, 120).next().unwrap_or_default();
        header.contains("connection refused") && header.contains("retry in")
    });
    terminal.line("World");
    terminal.wait_in_pane(1, "✗ UNAVAILABLE (14)");
    terminal.wait_in_pane(1, "connection refused");
}

#[test]
fn the_next_call_after_the_server_is_back_succeeds() {
    let serving = Serving::start(&[]);
    let mut terminal = connected(&serving);
    terminal.line("World");
    terminal.wait_in_pane(1, "← Hello, World!");
    let address = serving.kill();
    terminal.wait_for("○ lost");
    let _back = Serving::at(&address, &[]);
    terminal.line("again");
    terminal.wait_in_pane(1, "← Hello, again!");
    terminal.wait_for("● ready");
}

#[test]
fn a_live_call_on_a_server_that_dies_ends_with_its_status() {
    let serving = Serving::start(&[]);
    let mut terminal = connected(&serving);
    terminal.keys(&TAB.repeat(3));
    terminal.line("Dave");
    terminal.wait_in_pane(4, "← Hello, Dave!");
    serving.kill();
    terminal.wait_in_pane(4, "✗ UNAVAILABLE (14)");
    terminal.wait_in_pane(4, "← Hello, Dave!");
}

#[test]
fn a_server_that_was_never_there_is_waited_for() {
    let serving = Serving::start(&[]);
    let address = serving.kill();
    let mut terminal = Terminal::start(ROOMY, &["connect", &address]);
    terminal.wait_for("○ lost");
    terminal.wait_for("connection refused");
    terminal.line("World");
    terminal.wait_in_pane(1, "✗ UNAVAILABLE (14)");
    let _there = Serving::at(&address, &[]);
    terminal.wait_for("● ready");
    terminal.line("World");
    terminal.wait_in_pane(1, "← Hello, World!");
}

#[test]
fn from_a_remote_server_e_starts_the_embedded_one() {
    let serving = Serving::start(&["--replies", "1"]);
    let mut terminal = connected(&serving);
    terminal.keys(F2);
    terminal.wait_for("F2 Server and connection");
    terminal.keys("e");
    terminal.wait_until("the embedded server", |screen| {
        let header = screen.rows(0, 120).next().unwrap_or_default();
        header.contains("● ready") && header.contains("embedded")
    });
    terminal.keys(ESC);
    terminal.wait_gone("F2 Server and connection");
    terminal.keys(TAB);
    terminal.line("Bob");
    terminal.wait_for("Hello, Bob! Number 5");
}

/// What the program says and exits with where there is no terminal.
fn without_a_terminal(args: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greeter"));
    let Output { status, stdout, stderr } =
        command.args(args).stdin(Stdio::null()).env_remove("GREETER_ADDR").output().unwrap();
    assert_eq!(String::from_utf8(stdout).unwrap(), "");
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn without_a_terminal_one_sentence_names_greeter_serve() {
    for args in [&[][..], &["connect", "127.0.0.1:1"]] {
        let (code, said) = without_a_terminal(args);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("`greeter serve`"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn addresses_that_are_none_are_wrong_usage() {
    for address in
        ["", ":", "host", "host:", "host:0x50", "host:99999", "::1:50051", "[::1", "ftp://a:1", "a b:1"]
    {
        let (code, said) = without_a_terminal(&["connect", "--plaintext", address]);
        assert_eq!(code, Some(2), "{address:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{address:?}: {said}");
    }
}

#[test]
fn the_address_can_come_from_the_environment() {
    let serving = Serving::start(&[]);
    let mut command = crate::harness::greeter(&["connect"]);
    command.env("GREETER_ADDR", &serving.address);
    let terminal = Terminal::run(ROOMY, command);
    terminal.wait_for("● ready");
    terminal.wait_for(&serving.address);
}
