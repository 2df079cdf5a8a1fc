//! Everything a server says is foreign: it is shown, never obeyed.

use crate::{
    harness::{ROOMY, TAB, Terminal},
    hostile::{Answer, hello_reply, serve},
    output::find,
};

const TITLE: &str = "\x1b]0;pwned\x07";
const CLIPBOARD: &str = "\x1b]52;c;cHduZWQ=\x07";
const RED: &str = "\x1b[31mred\x1b[2J";
const C1: &str = "\u{9b}31m\u{9d}0;pwned\u{9c}";
const BIDI: &str = "user\u{202e}gpj.exe\u{2066}";
const BREAKS: &str = "one\ntwo\r\nthree\tfour\0five";

fn answers(name: &str) -> Answer {
    let reply = |text: &str| Answer::Reply(hello_reply(text.as_bytes()));
    match name {
        "title" => reply(TITLE),
        "clipboard" => reply(CLIPBOARD),
        "red" => reply(RED),
        "c1" => reply(C1),
        "bidi" => reply(BIDI),
        "breaks" => reply(BREAKS),
        "status" => Answer::Status(5, "%1B]0;pwned%07 %E2%80%AEgpj.exe %C2%9B31m one%0Atwo%00"),
        "metadata" => Answer::WithMetadata(
            hello_reply(b"look at the headers"),
            vec![
                ("x-c1", "\u{9b}31m\u{9d}0;pwned".as_bytes().to_vec()),
                ("x-bidi", "user\u{202e}gpj.exe".as_bytes().to_vec()),
                ("x-tab", b"a\tb".to_vec()),
                ("x-not-utf8", vec![0xff, 0xfe, 0x9b, b'm']),
            ],
        ),
        "not utf-8" => Answer::Reply(hello_reply(b"Hello \xff\xfe\x9b31m")),
        // A field that says it is longer than the message.
        "malformed" => Answer::Reply(vec![0x0a, 0x7f, b'x']),
        // An end of a group that never began.
        "no protobuf" => Answer::Reply(vec![0x1c, 0x1b, 0x5b]),
        name => reply(&format!("Hello, {name}!")),
    }
}

fn connected() -> Terminal {
    let address = serve(answers).to_string();
    let terminal = Terminal::start(ROOMY, &["connect", &address]);
    terminal.wait_for("● ready");
    terminal
}

/// The program's own question for the background, asked once.
const QUESTION: &str = "\x1b]11;?\x1b\\";

/// Whatever the program wrote is text, its own `CSI` sequences and its one question: no other control
/// reached the terminal, in bytes or as characters, and no bidi control.
fn assert_harmless(terminal: &Terminal) {
    let written = String::from_utf8(terminal.raw()).expect("what goes to a terminal is UTF-8");
    let raw = written.replacen(QUESTION, "", 1).into_bytes();
    for (at, byte) in raw.iter().enumerate() {
        let follows = raw.get(at + 1);
        let own = *byte == 0x1b && follows == Some(&b'[');
        assert!(own || (*byte >= 0x20 && *byte != 0x7f), "{byte:#04x} before {follows:?} at {at}");
    }
    let text = String::from_utf8(raw).expect("what goes to a terminal is UTF-8");
    let obeyed =
        |c: char| matches!(c, '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert_eq!(text.chars().find(|c| obeyed(*c)), None);
    for sequence in ["\x1b[31mred", "\x1b[2Jred"] {
        assert!(!find(text.as_bytes(), sequence.as_bytes()), "{sequence:?}");
    }
}

/// Calls with this name, and waits for what is to be seen of the answer.
fn shown(name: &str, marks: &[&str]) {
    let mut terminal = connected();
    terminal.line(name);
    for mark in marks {
        terminal.wait_in_pane(1, mark);
    }
    assert_harmless(&terminal);
    // The other panes, and this one, go on.
    terminal.line("World");
    terminal.wait_in_pane(1, "← Hello, World!");
    terminal.keys(TAB);
    terminal.line("World");
    terminal.wait_in_pane(2, "← Hello, World!");
    terminal.ctrl('o');
    terminal.wait_for("Ctrl-O back");
    assert_harmless(&terminal);
}

#[test]
fn a_window_title_in_a_reply() {
    shown("title", &["← ␛]0;pwned␇"]);
}

#[test]
fn a_clipboard_in_a_reply() {
    shown("clipboard", &["← ␛]52;c;cHduZWQ=␇"]);
}

#[test]
fn colours_and_an_erased_screen_in_a_reply() {
    shown("red", &["← ␛[31mred␛[2J"]);
}

#[test]
fn eight_bit_controls_in_a_reply() {
    shown("c1", &["← ‹009B›31m‹009D›0;pwned‹009C›"]);
}

#[test]
fn bidi_overrides_in_a_reply() {
    shown("bidi", &["← user‹202E›gpj.exe‹2066›"]);
}

#[test]
fn line_breaks_tabs_and_nul_in_a_reply() {
    shown("breaks", &["← one␊two␍␊three␉four␀five"]);
}

#[test]
fn a_status_message() {
    shown(
        "status",
        &["✗ NOT_FOUND (5)", "␛]0;pwned␇ ‹202E›gpj.exe ‹009B›31m one␊two␀", "from the peer's trailers"],
    );
}

#[test]
fn metadata_in_the_details_of_a_call() {
    let mut terminal = connected();
    terminal.line("metadata");
    terminal.wait_in_pane(1, "← look at the headers");
    terminal.ctrl('o');
    terminal.wait_for("headers");
    for mark in ["x-c1 ‹009B›31m‹009D›0;pwned", "x-bidi user‹202E›gpj.exe"] {
        terminal.wait_for(mark);
    }
    assert_harmless(&terminal);
}

#[test]
fn a_reply_that_is_not_utf_8_shows_its_bytes_and_the_error() {
    shown("not utf-8", &["0a", "UTF-8"]);
}

#[test]
fn a_reply_that_is_cut_short_shows_its_bytes_and_the_error() {
    shown("malformed", &["0a 7f 78"]);
}

#[test]
fn a_reply_that_is_no_protobuf_shows_its_bytes_and_the_error() {
    shown("no protobuf", &["1c 1b 5b"]);
}

#[test]
fn a_name_that_was_pasted_with_an_escape_sequence_is_not_obeyed_either() {
    let mut terminal = connected();
    terminal.line("plain");
    terminal.wait_in_pane(1, "← Hello, plain!");
    terminal.line(r#"{"name": "\u001b]0;pwned\u0007"}"#);
    terminal.wait_in_pane(1, "← Hello, ␛]0;pwned␇!");
    assert_harmless(&terminal);
}
