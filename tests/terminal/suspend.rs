//! `Ctrl-Z` under a shell with job control, and `fg`.

use vt100::Screen;

use crate::harness::{ROOMY, Terminal, command};

const PROMPT: &str = "shell> ";

/// A shell that waits for a command.
fn shell() -> Terminal {
    let mut shell = command("sh", &["-i"]);
    shell.env("PS1", PROMPT);
    shell.env("HISTFILE", "");
    let terminal = Terminal::run(ROOMY, shell);
    terminal.wait_for(PROMPT.trim_end());
    terminal
}

/// A shell, `greeter` in its foreground, and the line's settings while the shell waited.
fn under_a_shell() -> (Terminal, String) {
    let mut terminal = shell();
    let settings = terminal.line_settings();
    terminal.line(&format!("'{}'", env!("CARGO_BIN_EXE_greeter")));
    terminal.wait_for("● ready");
    terminal.line("World");
    terminal.wait_for("✓ OK");
    (terminal, settings)
}

/// On the main screen with a prompt behind these words.
fn wait_for_shell(terminal: &Terminal, after: &str) {
    terminal.wait_until(&format!("a prompt after {after:?}"), |screen| {
        let text = screen.contents();
        let said = text.rsplit_once(after).map(|(_, rest)| rest.to_owned());
        !screen.alternate_screen() && said.is_some_and(|rest| rest.contains(PROMPT.trim_end()))
    });
}

const WORDS: &str = "greeter is suspended, and its embedded server with it; fg returns";

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_says_that_the_server_stops_too() {
    let (mut terminal, settings) = under_a_shell();
    terminal.ctrl('z');
    wait_for_shell(&terminal, WORDS);
    assert_eq!(terminal.line_settings(), settings);
    terminal.see(|screen| {
        assert!(!screen.hide_cursor());
        assert!(!screen.bracketed_paste());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    });
}

#[test]
fn fg_returns_to_the_same_screen_and_the_keys_work() {
    let (mut terminal, settings) = under_a_shell();
    terminal.keys("Ada");
    terminal.wait_for("name ▸ Ada");
    for round in 1..=2 {
        terminal.ctrl('z');
        // What was said in the round before is on the main screen still.
        terminal.wait_until("the words of this round", |screen| {
            screen.contents().matches(WORDS).count() == round
        });
        wait_for_shell(&terminal, WORDS);
        terminal.line("fg");
        terminal.wait_until("the alternate screen", Screen::alternate_screen);
        terminal.wait_for("← Hello, World!");
        terminal.wait_for("name ▸ Ada");
        terminal.see(|screen| {
            assert!(screen.bracketed_paste());
            assert_ne!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        });
    }
    terminal.keys(" L\r");
    terminal.wait_for("← Hello, Ada L!");
    terminal.ctrl('q');
    wait_for_shell(&terminal, "fg");
    assert_eq!(terminal.line_settings(), settings);
    terminal.line("echo code $?");
    terminal.wait_for("code 0");
}

#[test]
fn fg_after_a_resize_takes_the_new_size() {
    let (mut terminal, _) = under_a_shell();
    terminal.ctrl('z');
    wait_for_shell(&terminal, WORDS);
    terminal.resize((90, 24));
    terminal.line("fg");
    terminal.wait_for("← Hello, World!");
    terminal.wait_until("a footer in the last row", |screen| {
        screen.rows(0, 90).nth(23).is_some_and(|row| row.contains("Ctrl-Q quit"))
    });
}

#[test]
fn what_stands_between_the_shell_and_the_program_is_suspended_too() {
    let mut terminal = shell();
    // As `cargo run` does: a parent in the same job that waits for its child.
    terminal.line(&format!("sh -c \"'{}'; echo left with \\$?\"", env!("CARGO_BIN_EXE_greeter")));
    terminal.wait_for("● ready");
    terminal.ctrl('z');
    wait_for_shell(&terminal, WORDS);
    terminal.line("fg");
    terminal.wait_for("● ready");
    terminal.line("World");
    terminal.wait_for("← Hello, World!");
    terminal.ctrl('q');
    terminal.wait_for("left with 0");
}

#[test]
fn where_no_shell_could_continue_it_the_program_goes_on() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.ctrl('z');
    terminal.wait_for_bytes("fg returns");
    // It takes the terminal again right behind these words.
    terminal.wait_for_bytes("\n\x1b[?1049h");
    terminal.line("World");
    terminal.wait_for("← Hello, World!");
    terminal.ctrl('q');
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_given_back();
}
