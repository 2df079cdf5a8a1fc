//! Any size of the screen says what it is, and none of them loses anything.

use crate::harness::{ROOMY, Terminal};

fn holding_a_reply() -> Terminal {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.line("World");
    terminal.wait_in_pane(1, "← Hello, World!");
    terminal
}

#[test]
fn nothing_is_lost_on_the_way_through_small_sizes() {
    let mut terminal = holding_a_reply();
    terminal.keys("half a na");
    for size in [(20, 5), (0, 0), (1, 1), (2, 40), (200, 2)] {
        terminal.resize(size);
        // What is typed is taken in at any size.
        terminal.keys("m");
    }
    terminal.resize((200, 60));
    terminal.wait_for("← Hello, World!");
    terminal.wait_for("name ▸ half a nammmmm");
    terminal.wait_for("4 Bidi · SayHelloBiDiStreaming");
    terminal.ctrl('q');
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_given_back();
}

/// What waits for the program at one moment is read whole: neither makes it forget the other.
#[test]
fn a_key_and_a_new_size_at_the_same_moment_are_both_taken() {
    let mut terminal = Terminal::ready(ROOMY);
    let mut typed = String::new();
    for round in 0..60_u16 {
        let (cols, rows) = (100 + round, 30 + round % 7);
        if round % 2 == 0 {
            terminal.keys("m");
            terminal.resize((cols, rows));
        } else {
            terminal.resize((cols, rows));
            terminal.keys("m");
        }
        typed.push('m');
        terminal.wait_until(&format!("{typed} at {cols}x{rows}"), |screen| {
            let drawn: Vec<String> = screen.rows(0, cols).collect();
            drawn[usize::from(rows) - 1].contains("Ctrl-Q quit")
                && drawn[usize::from(rows) - 2].trim_end().chars().count() == usize::from(cols)
                && drawn.iter().any(|row| row.contains(&format!("name ▸ {typed} ")))
        });
    }
}

#[test]
fn resizing_as_fast_as_a_mouse_drags_ends_with_the_last_size() {
    let terminal = holding_a_reply();
    for step in 0..200_u16 {
        terminal.resize((60 + step % 70, 10 + step % 31));
    }
    terminal.resize((100, 30));
    terminal.wait_until("a whole frame of 100x30", |screen| {
        let rows: Vec<String> = screen.rows(0, 100).collect();
        rows[29].contains("Ctrl-Q quit") && rows[28].trim_end().ends_with('╯') && rows[0].contains("ready")
    });
    terminal.wait_for("← Hello, World!");
}

#[test]
fn eighty_by_twenty_four_shows_all_four_panes() {
    let terminal = Terminal::ready((80, 24));
    for words in
        ["ready", "127.0.0.1:", "1 Unary", "2 Server stream", "3 Client stream", "4 Bidi", "Ctrl-Q quit"]
    {
        terminal.wait_for(words);
    }
}

#[test]
fn two_hundred_by_sixty_shows_all_four_panes() {
    let mut terminal = Terminal::ready((200, 60));
    for words in ["● ready", "helloworld.Greeter (built in)", "1 Unary", "4 Bidi", "Ctrl-Q quit"] {
        terminal.wait_for(words);
    }
    terminal.line("World");
    terminal.wait_for("← Hello, World!");
}

#[test]
fn a_low_screen_opens_the_focused_pane_and_names_the_others() {
    let mut terminal = Terminal::ready((60, 16));
    terminal.line("World");
    terminal.wait_for("← Hello, World!");
    for title in ["2 Server stream", "3 Client stream", "4 Bidi"] {
        terminal.wait_for(title);
    }
    terminal.keys(crate::harness::TAB);
    // The pane that was left is one row: how its newest call stands, and its newest message.
    terminal.wait_until("the reply in the row of pane 1", |screen| {
        let rows: Vec<String> = screen.rows(0, 60).collect();
        rows.iter()
            .any(|row| row.contains("1 Unary") && row.contains("✓ OK") && row.contains("Hello, World!"))
    });
}

#[test]
fn twenty_by_five_still_says_what_it_is_and_works() {
    let mut terminal = Terminal::start((20, 5), &[]);
    terminal.wait_for("● 127.0.0.1:");
    terminal.wait_for("1 Unary");
    terminal.line("World");
    terminal.wait_for("✓ OK");
    terminal.ctrl('q');
    assert_eq!(terminal.wait_exit(), 0);
}
