//! Whatever ends the program, the terminal is as it was before, and the exit code says why.

use std::time::{Duration, Instant};

use vt100::{MouseProtocolMode, Screen};

use crate::{
    flood::{STEPS_TO_10_000_000, flooding},
    harness::{ROOMY, TAB, Terminal, greeter},
};

/// The program with the whole terminal in its hands, in the middle of a call.
fn busy() -> Terminal {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(&TAB.repeat(3));
    terminal.line("Dave");
    terminal.wait_in_pane(4, "● open");
    assert_taken(&terminal);
    terminal
}

/// Else what is given back would prove nothing.
fn assert_taken(terminal: &Terminal) {
    terminal.see(|screen| {
        assert!(screen.alternate_screen());
        assert!(screen.bracketed_paste());
        assert_ne!(screen.mouse_protocol_mode(), MouseProtocolMode::None);
    });
    assert_ne!(terminal.line_settings(), terminal.settings_before());
}

fn signalled(name: &str) -> Terminal {
    let mut terminal = busy();
    terminal.signal(name);
    let code = terminal.wait_exit();
    terminal.assert_given_back();
    let number = [("HUP", 1), ("INT", 2), ("QUIT", 3), ("TERM", 15)].iter().find(|(of, _)| *of == name);
    assert_eq!(code, 128 + number.unwrap().1, "as a shell says it of SIG{name}");
    terminal
}

#[test]
fn ctrl_q_leaves_with_success() {
    let mut terminal = busy();
    terminal.ctrl('q');
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_given_back();
    assert_eq!(terminal.text().trim(), "", "it leaves nothing behind on the main screen");
}

#[test]
fn sigint_leaves_with_130() {
    signalled("INT");
}

#[test]
fn sigterm_leaves_with_143() {
    signalled("TERM");
}

#[test]
fn a_terminal_that_reads_no_more_does_not_hold_the_program() {
    let mut terminal = flooding(STEPS_TO_10_000_000);
    terminal.line("flood");
    terminal.wait_in_pane(2, "● receiving");
    terminal.unread(|| {
        terminal.signal("TERM");
        let began = Instant::now();
        while !terminal.is_over() {
            assert!(began.elapsed() < Duration::from_secs(20), "it does not end");
            std::thread::park_timeout(Duration::from_millis(5));
        }
    });
    assert_eq!(terminal.wait_exit(), 143);
    assert_eq!(terminal.line_settings(), terminal.settings_before());
}

#[test]
fn sighup_leaves_with_129() {
    signalled("HUP");
}

#[test]
fn sigquit_leaves_with_131() {
    signalled("QUIT");
}

/// Where [`greeter`] panics on purpose: debug builds alone can.
#[cfg(debug_assertions)]
fn panicking(on: &str) -> Terminal {
    let mut command = greeter(&[]);
    command.env("GREETER_TEST_PANIC", on);
    Terminal::run(ROOMY, command)
}

#[test]
#[cfg(debug_assertions)]
fn a_panic_on_the_ui_thread_is_told_on_the_main_screen() {
    let mut terminal = panicking("ui");
    assert_eq!(terminal.wait_exit(), 101);
    assert!(crate::output::find(&terminal.raw(), b"\x1b[?1049h"), "it was on the alternate screen");
    terminal.assert_given_back();
    assert!(terminal.text().contains("rehearsed on the UI thread"), "{}", terminal.text());
}

#[test]
#[cfg(debug_assertions)]
fn a_panic_on_the_rpc_thread_is_told_on_the_main_screen() {
    let mut terminal = panicking("rpc");
    assert_eq!(terminal.wait_exit(), 1);
    assert!(crate::output::find(&terminal.raw(), b"\x1b[?1049h"), "it was on the alternate screen");
    terminal.assert_given_back();
    let said = terminal.text().replace('\n', "");
    assert!(said.contains("rehearsed on the rpc thread"), "{said}");
    assert!(said.contains("this is a bug, please report it"), "{said}");
}

/// A program that spins or waits for ever would need the guard.
const SOON: Duration = Duration::from_secs(5);

fn vanished(mut terminal: Terminal) -> u32 {
    let began = Instant::now();
    terminal.vanish();
    let code = terminal.wait_exit();
    assert!(began.elapsed() < SOON, "it took {:?}", began.elapsed());
    code
}

#[test]
fn a_terminal_that_vanishes_ends_the_program() {
    assert_eq!(vanished(busy()), 129);
}

#[test]
fn a_terminal_that_vanishes_without_a_signal_ends_the_program() {
    let mut command = greeter(&[]);
    // Nobody's controlling terminal: no SIGHUP comes from it.
    command.set_controlling_tty(false);
    let terminal = Terminal::run(ROOMY, command);
    terminal.wait_for("● ready");
    assert_eq!(vanished(terminal), 129);
}

#[test]
fn a_terminal_that_is_nobodys_controlling_one_is_given_back_too() {
    let mut command = greeter(&[]);
    command.set_controlling_tty(false);
    let mut terminal = Terminal::run(ROOMY, command);
    terminal.wait_for("● ready");
    terminal.wait_until("the alternate screen", Screen::alternate_screen);
    terminal.ctrl('q');
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_given_back();
}
