//! The keys under a hostile peer: what is typed is seen at once whatever the peer does, and the
//! connection's end is told in words.

use std::time::{Duration, Instant};

use crate::{
    flooder::{Flood, Flooder},
    harness::{ROOMY, TAB, Terminal},
};

/// A letter is seen within this, 99 times of 100. In a debug build, beside other tests; people notice 100 ms.
const PROMPT: Duration = Duration::from_millis(250);
/// Letters of a line, and lines.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxy";
const LINES: usize = 4;

/// The program on the peer, a call made in pane 2, and the keys in pane 3.
fn called(peer: &Flooder) -> Terminal {
    let mut terminal = Terminal::start(ROOMY, &["connect", &peer.address.to_string()]);
    terminal.wait_for("● ready");
    terminal.wait_gone("asking the server");
    terminal.keys(TAB);
    terminal.line("flood");
    terminal.wait_in_pane(2, "→ flood");
    terminal.keys(TAB);
    terminal
}

/// Types, and waits for each letter.
fn assert_prompt(terminal: &mut Terminal, flood: Flood) {
    let mut waits = Vec::new();
    for _ in 0..LINES {
        for end in 1..=LETTERS.len() {
            let pressed = Instant::now();
            terminal.keys(&LETTERS[end - 1..end]);
            terminal.wait_in_pane(3, &format!("name ▸ {}", &LETTERS[..end]));
            waits.push(pressed.elapsed());
        }
        terminal.ctrl('u');
        terminal.wait_in_pane(3, "name ▸ type a name");
    }
    waits.sort_unstable();
    let (median, p99) = (waits[waits.len() / 2], waits[waits.len() * 99 / 100]);
    eprintln!("{flood:?}: key to echo, median {median:?}, p99 {p99:?} of {} letters", waits.len());
    assert!(p99 < PROMPT, "{flood:?}: p99 {p99:?}");
}

/// Reads what pane 2 says of the call's end, where there is room for all of it.
fn assert_told(terminal: &mut Terminal, status: &str, words: &[&str]) {
    terminal.wait_in_pane(2, status);
    terminal.keys("\x1b2");
    terminal.ctrl('o');
    terminal.wait_until(&format!("one of {words:?}"), |screen| {
        let text = screen.contents();
        words.iter().any(|words| text.contains(words))
    });
    terminal.ctrl('o');
    terminal.keys("\x1b3");
    terminal.wait_in_pane(3, "name ▸ type a name");
}

/// A flood that goes on until the peer leaves.
fn assert_prompt_until_the_peer_leaves(flood: Flood) {
    let peer = Flooder::start(flood);
    let mut terminal = called(&peer);
    peer.wait_for_frames(5_000);
    let before = peer.frames();
    assert_prompt(&mut terminal, flood);
    peer.wait_for_frames(before + 5_000);
    drop(peer);
    let words = ["the server closed the connection", "connection reset by the server"];
    assert_told(&mut terminal, "✗ UNAVAILABLE (14)", &words);
    terminal.wait_for("○ lost");
}

/// A flood on which the call ends, with these words.
fn assert_prompt_after_the_call_ended(flood: Flood, status: &str, words: &str) {
    let peer = Flooder::start(flood);
    let mut terminal = called(&peer);
    assert_told(&mut terminal, status, &[words]);
    assert_prompt(&mut terminal, flood);
}

#[test]
fn small_replies() {
    assert_prompt_until_the_peer_leaves(Flood::SmallFrames);
}

#[test]
fn data_without_a_byte() {
    assert_prompt_after_the_call_ended(
        Flood::EmptyFrames,
        "✗ UNAVAILABLE (14)",
        "the server broke HTTP/2: ENHANCE_YOUR_CALM (11)",
    );
}

#[test]
fn pings() {
    assert_prompt_until_the_peer_leaves(Flood::Pings);
}

#[test]
fn settings() {
    assert_prompt_until_the_peer_leaves(Flood::Settings);
}

#[test]
fn informational_headers() {
    assert_prompt_until_the_peer_leaves(Flood::Headers);
}

#[test]
fn headers_that_never_end() {
    assert_prompt_after_the_call_ended(
        Flood::Continuations,
        "✗ UNAVAILABLE (14)",
        "the server broke HTTP/2: ENHANCE_YOUR_CALM (11)",
    );
}

#[test]
fn resets() {
    assert_prompt_after_the_call_ended(
        Flood::Resets,
        "✗ RESOURCE_EXHAUSTED (8)",
        "the peer reset the stream: ENHANCE_YOUR_CALM (11)",
    );
}

#[test]
fn go_aways() {
    assert_prompt_after_the_call_ended(
        Flood::GoAways,
        "✗ UNAVAILABLE (14)",
        "the server is going away: GOAWAY ENHANCE_YOUR_CALM (11)",
    );
}

#[test]
fn silence() {
    let peer = Flooder::start(Flood::Silence);
    let mut terminal = called(&peer);
    assert_prompt(&mut terminal, Flood::Silence);
    terminal.keys("\x1b2");
    terminal.ctrl('c');
    terminal.wait_in_pane(2, "■ CANCELLED (1) by you");
    drop(peer);
    terminal.wait_for("○ lost");
}
