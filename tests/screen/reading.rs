//! What is longer than a row can be read all the same.

use greeter::tui::update::{MouseInput, Msg};
use ratatui::layout::Position;

use crate::stage::Stage;

/// Words that can be told apart: `word1 word2 …`
fn long(words: usize) -> String {
    (1..=words).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ")
}

fn greeted(width: u16, height: u16, name: &str) -> Stage {
    let mut stage = Stage::new(width, height);
    stage.send(Msg::Paste(name.to_owned()));
    stage.keys("Enter");
    stage.started(1);
    stage.received(1, 540, &format!("Hello, {name}!"));
    stage.ok(1, 570);
    stage
}

#[test]
fn a_long_reply_is_read_whole_in_the_zoomed_pane() {
    for (width, height) in [(60, 30), (80, 24), (120, 36), (200, 60)] {
        let mut stage = greeted(width, height, &long(35));
        stage.keys("Esc Ctrl-O");
        for n in 1..=35 {
            assert!(stage.shows(&format!("word{n}")), "word{n} at {width}\n{}", stage.picture());
        }
        assert!(stage.shows("word35!"), "{}", stage.picture());
        assert!(stage.row("← Hello, word1").contains("+0.54 ms"), "{}", stage.picture());
    }
}

#[test]
fn a_long_request_is_read_whole_in_the_zoomed_pane() {
    let mut stage = greeted(80, 30, &format!("{} end", long(35)));
    stage.keys("Ctrl-O");
    assert!(!stage.shows(" end"), "{}", stage.picture());
    stage.keys("Esc Home");
    assert!(stage.row("request ").contains("word1 word2"), "{}", stage.picture());
    assert!(stage.shows("word35 end"), "{}", stage.picture());
}

#[test]
fn of_a_very_long_reply_as_much_is_shown_as_can_be_read_and_its_size() {
    let mut stage = greeted(80, 60, &long(2_000));
    stage.keys("Esc Ctrl-O");
    let rows = stage.picture().lines().filter(|row| row.contains("word")).count();
    assert!((20..=26).contains(&rows), "{rows}\n{}", stage.picture());
    assert!(stage.shows("… 16.5 KiB in all"), "{}", stage.picture());
}

#[test]
fn what_stands_under_a_long_message_is_chosen_where_it_is_clicked() {
    let mut stage = Stage::new(80, 40);
    stage.keys("Alt-2 World Enter");
    stage.started(1);
    stage.received(1, 100, &long(35));
    stage.received(1, 200, "the next");
    stage.keys("Ctrl-O Esc Up");
    let at = stage.picture().lines().position(|row| row.contains("the next")).unwrap() as u16;
    stage.send(Msg::Mouse(MouseInput::Click(Position::new(10, at))));
    stage.keys("Enter");
    assert!(stage.shows("Copy the message"));
    stage.keys("Esc");
    assert!(!stage.shows("word35"), "the other message is one row again\n{}", stage.picture());
}

#[test]
fn a_zoomed_pane_shows_all_headers_at_80_columns() {
    let mut stage = Stage::new(80, 24);
    stage.keys("Mallory Enter");
    stage
        .started_with(1, &[("te", "trailers"), ("content-type", "application/grpc"), ("x-last-sent", "yes")]);
    stage.headers(
        1,
        &[
            ("content-type", "application/grpc"),
            ("grpc-status", "5"),
            ("grpc-message", "no such person in the directory of this very small town; ask the mayor"),
            ("x-last", "seen"),
        ],
    );
    stage.ok(1, 1_940);
    stage.keys("Ctrl-O");
    for words in
        ["x-last-sent yes", "grpc-status 5", "grpc-message no such person", "ask the mayor", "x-last seen"]
    {
        assert!(stage.shows(words), "{words}\n{}", stage.picture());
    }
    assert!(stage.shows("↑ 9 B ↓ 0 B"), "{}", stage.picture());
}

#[test]
fn secrets_that_are_shown_take_the_room_that_they_need() {
    let mut stage = Stage::new(80, 24);
    stage.keys("Ada Enter");
    let secret = "s3cret ".repeat(30);
    stage.started_with(1, &[("authorization", &secret), ("x-last-sent", "yes")]);
    stage.received(1, 400, "Hello, Ada!");
    stage.ok(1, 400);
    stage.keys("Ctrl-O Esc");
    assert!(!stage.shows("s3cret") && stage.shows("x-last-sent yes"), "{}", stage.picture());
    stage.keys("v");
    assert!(stage.shows("s3cret") && stage.shows("x-last-sent yes"), "{}", stage.picture());
    assert!(stage.shows("← Hello, Ada!"), "{}", stage.picture());
}

#[test]
fn a_message_that_is_cut_says_how_long_it_is_where_that_says_something() {
    let stage = greeted(80, 24, &"Alexandrina of Saxe-Coburg ".repeat(40));
    assert!(stage.row("← Hello, Alex").contains("… 1.1 KiB"), "{}", stage.picture());
    let stage = greeted(80, 24, "Alexandrina of Saxe-Coburg");
    assert!(stage.row("← Hello, Alexandrina of").contains("… "), "{}", stage.picture());
    assert!(!stage.shows("36 B"), "{}", stage.picture());
}

#[test]
fn a_time_stays_near_its_text_in_a_zoomed_pane_too_and_the_details_stand_beside() {
    let mut stage = greeted(200, 60, "World");
    stage.keys("Ctrl-O");
    let row = stage.row("← Hello, World!");
    let message = row.split('│').next().unwrap_or_default().trim_end();
    assert!(message.ends_with("+0.54 ms") && message.chars().count() <= 90, "{message}");
    assert!(stage.shows("Details · #1") && stage.shows("x-served-by"), "{}", stage.picture());
}

#[test]
fn beside_the_panes_a_long_header_and_a_long_message_are_read_whole() {
    let mut stage = greeted(200, 60, &long(20));
    let value = format!("first {} last", "x".repeat(60));
    stage.headers(1, &[("grpc-accept-encoding", "gzip,zstd,identity"), ("x-long", &value)]);
    assert!(stage.shows("grpc-accept-encoding    gzip,zstd,identity"), "{}", stage.picture());
    assert!(stage.row("x-long").contains("first") && stage.shows("xxx last"), "{}", stage.picture());
    assert!(stage.shows(r#"word20!"}"#), "{}", stage.picture());
    assert!(stage.shows("field 1 message (length-delimited)"), "{}", stage.picture());
}
