//! The main job: names are typed, the four kinds of call arrive live.

use crate::harness::{ROOMY, TAB, Terminal};

#[test]
fn the_first_screen_says_what_it_is_and_waits_in_the_line() {
    let terminal = Terminal::ready(ROOMY);
    for title in [
        "1 Unary · SayHello ",
        "2 Server stream · SayHelloServerStreaming ",
        "3 Client stream · SayHelloClientStreaming ",
        "4 Bidi · SayHelloBiDiStreaming ",
    ] {
        terminal.wait_for(title);
    }
    let header = terminal.row_with("● ready");
    for word in ["127.0.0.1:", "embedded", "plaintext", "helloworld.Greeter (built in)"] {
        assert!(header.contains(word), "{word:?} is not in {header:?}");
    }
    let footer = terminal.text().lines().last().unwrap().to_owned();
    for word in ["Enter call", "Tab next pane", "/ commands", "F1 help", "Ctrl-Q quit"] {
        assert!(footer.contains(word), "{word:?} is not in {footer:?}");
    }
    let (column, row) = terminal.place_of("type a name, then Enter");
    terminal.see(|screen| {
        assert_eq!(screen.cursor_position(), (row, column), "the cursor stands in the line");
        assert!(!screen.hide_cursor());
    });
}

#[test]
fn a_name_and_enter_is_a_unary_call() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.line("World");
    terminal.wait_in_pane(1, "← Hello, World!");
    terminal.wait_in_pane(1, "#1 → World");
    terminal.wait_in_pane(1, "✓ OK");
}

#[test]
fn a_server_stream_brings_its_replies_one_by_one() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(TAB);
    terminal.line("Bob");
    // While it lives: which of them is seen depends on who is looked at when.
    terminal.wait_until("some of the replies", |screen| {
        let text = screen.contents();
        (1..5).any(|number| text.contains(&format!("● {number} received")))
    });
    terminal.wait_in_pane(2, "✓ OK");
    for number in 1..=5 {
        terminal.wait_in_pane(2, &format!("← Hello, Bob! Number {number} "));
    }
}

#[test]
fn a_client_stream_is_answered_when_ctrl_d_ends_it() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(&TAB.repeat(2));
    for name in ["Alice", "Bob", "Charlie"] {
        terminal.line(name);
        terminal.wait_in_pane(3, &format!("→ {name}"));
    }
    terminal.wait_in_pane(3, "● open");
    terminal.wait_in_pane(3, "the server waits: Ctrl-D ends your stream");
    terminal.ctrl('d');
    terminal.wait_in_pane(3, "→ end of stream");
    terminal.wait_in_pane(3, "← Hello, Alice, Bob, Charlie!");
    terminal.wait_in_pane(3, "✓ OK");
}

#[test]
fn bidi_answers_each_name_at_once_and_ends_with_the_half_close() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(&TAB.repeat(3));
    for name in ["Dave", "Eve"] {
        terminal.line(name);
        terminal.wait_in_pane(4, &format!("← Hello, {name}!"));
        terminal.wait_in_pane(4, "● open");
    }
    terminal.wait_in_pane(4, "2 sent · 2 received");
    terminal.ctrl('d');
    terminal.wait_in_pane(4, "✓ OK");
    terminal.wait_in_pane(4, "→ end of stream");
}

#[test]
fn names_of_two_columns_a_letter_leave_the_frame_where_it_is() {
    let mut terminal = Terminal::ready(ROOMY);
    for name in ["世界", "한글 이름", "🎉"] {
        terminal.line(name);
        terminal.wait_in_pane(1, &format!("← Hello, {name}!"));
    }
    terminal.see(|screen| {
        for row in 2..17 {
            assert_eq!(screen.cell(row, 59).unwrap().contents(), "│", "row {row}:\n{}", screen.contents());
        }
    });
}

#[test]
fn ctrl_n_opens_another_stream_beside_the_open_one() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(&TAB.repeat(3));
    terminal.line("Dave");
    terminal.wait_in_pane(4, "← Hello, Dave!");
    terminal.keys("Eve");
    terminal.ctrl('n');
    terminal.wait_in_pane(4, "← Hello, Eve!");
    terminal.wait_for("2 live");
    assert_eq!(terminal.pane(4).matches("1 sent · 1 received").count(), 2);
}

#[test]
fn ctrl_g_on_an_empty_line_plays_the_introduction() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.ctrl('g');
    terminal.wait_in_pane(1, "← Hello, World!");
    terminal.wait_in_pane(2, "← Hello, World! Number 5");
    terminal.wait_in_pane(3, "← Hello, Alice, Bob, Charlie!");
    for name in ["Dave", "Eve", "Frank"] {
        terminal.wait_in_pane(4, &format!("← Hello, {name}!"));
    }
    for pane in 1..=4 {
        terminal.wait_in_pane(pane, "✓ OK");
    }
}

#[test]
fn ctrl_g_with_a_name_greets_in_all_four_panes() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys("Zoë");
    terminal.ctrl('g');
    terminal.wait_in_pane(1, "← Hello, Zoë!");
    terminal.wait_in_pane(2, "← Hello, Zoë! Number 1");
    terminal.wait_in_pane(3, "→ Zoë");
    terminal.wait_in_pane(4, "← Hello, Zoë!");
    terminal.wait_in_pane(1, "type a name, then Enter");
}

#[test]
fn a_line_that_begins_with_a_brace_is_the_request_as_json() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.line(r#"{"name": "Ada"}"#);
    terminal.wait_in_pane(1, "← Hello, Ada!");
    terminal.line("{}");
    terminal.wait_in_pane(1, "← Hello, !");
}

#[test]
fn a_name_of_four_mebibytes_is_answered_or_refused_in_a_sentence() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.paste(&"x".repeat(4 << 20));
    terminal.wait_for("One line of 4.0 MiB was pasted.");
    terminal.keys("i");
    terminal.wait_gone("was pasted");
    terminal.keys("\r");
    // More than the 4 MiB that servers take in one message.
    terminal.wait_in_pane(1, "✗ RESOURCE_EXHAUSTED (8)");
    terminal.line("World");
    terminal.wait_in_pane(1, "← Hello, World!");
}
