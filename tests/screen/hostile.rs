//! What a server says is foreign: none of it may reach the terminal as a command.

use greeter::{
    rpc::{Code, Origin},
    tui::{
        action::Saved,
        save,
        view::{Background, Depth, Theme},
    },
};

use crate::stage::Stage;

/// Titles, clipboards, colours, cursor moves, C1, bidi overrides, line breaks, tabs, NUL.
const HOSTILE: [&str; 9] = [
    "\u{1b}]0;owned\u{7}",
    "\u{1b}]52;c;b3duZWQ=\u{7}",
    "\u{1b}[2J\u{1b}[31m",
    "\u{9b}31m\u{9d}0;x\u{9c}",
    "\u{202e}txt.exe\u{2066}",
    "one\ntwo\r\nthree",
    "a\tb",
    "nul\0nul",
    "e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}",
];

fn assert_harmless(stage: &Stage) {
    let terminal = stage.draw(&Theme::new(Background::Dark, Depth::True));
    for cell in terminal.backend().buffer().content() {
        let bad = cell.symbol().chars().find(|c| {
            c.is_control()
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
        });
        assert_eq!(bad, None, "{:?}", cell.symbol());
    }
}

#[test]
fn replies_status_messages_and_metadata_are_shown_as_marks() {
    for hostile in HOSTILE {
        for (width, height) in [(120, 36), (80, 24), (60, 20), (20, 5)] {
            let mut stage = Stage::new(width, height);
            stage.keys("Ada Enter");
            stage.started(1);
            stage.received(1, 400, hostile);
            stage.failed(1, 500, Code::NotFound, hostile, Origin::ConnectionLost(hostile.to_owned()));
            assert_harmless(&stage);
            stage.keys("Esc Home Enter");
            assert_harmless(&stage);
            stage.keys("Esc Ctrl-O");
            assert_harmless(&stage);
            stage.lost(hostile);
            stage.keys("F2");
            assert_harmless(&stage);
        }
    }
}

#[test]
fn what_is_saved_can_be_printed_on_a_terminal_and_says_the_same() {
    for hostile in HOSTILE {
        let mut stage = Stage::new(120, 36);
        stage.keys("Ada Enter");
        stage.received(1, 400, hostile);
        stage.failed(1, 500, Code::NotFound, hostile, Origin::Trailers);
        let calls: Vec<_> = stage.model.focused().calls().iter().cloned().collect();
        for form in [Saved::Text, Saved::JsonLines] {
            let saved = save::transcript(&calls, form);
            let bad = saved.chars().find(|c| {
                (c.is_control() && *c != '\n')
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            });
            assert_eq!(bad, None, "{saved}");
        }
        let saved = save::transcript(&calls, Saved::JsonLines);
        let received = saved.lines().find(|line| line.contains("received")).unwrap();
        let received: serde_json::Value = serde_json::from_str(received).unwrap();
        assert_eq!(received["message"]["message"], hostile);
    }
}

#[test]
fn what_is_pasted_is_shown_as_marks() {
    for hostile in HOSTILE {
        let mut stage = Stage::new(80, 24);
        stage.send(greeter::tui::update::Msg::Paste(hostile.to_owned()));
        stage.keys("i");
        assert_harmless(&stage);
        stage.keys("Enter");
        assert_harmless(&stage);
    }
}

#[test]
fn a_reply_that_is_no_protobuf_shows_its_bytes_and_the_error() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ada Enter");
    stage.started(1);
    stage.received_bytes(1, 400, &[0x0a, 0x03, 0xff, 0xfe, 0xfd]);
    stage.ok(1, 400);
    let row = stage.row("0a 03 ff");
    assert!(row.contains("UTF-8"), "{row}");
    stage.keys("Bo Enter");
    stage.received_bytes(2, 400, &[0x0a, 0x7f, 0x01]);
    assert!(stage.shows("0a 7f 01"));
}

#[test]
fn a_large_reply_is_one_row_with_its_size() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ada Enter");
    stage.received(1, 400, &"x".repeat(4 << 20));
    let row = stage.row("← xxx");
    assert!(row.contains("… 4.0 MiB"), "{row}");
}
