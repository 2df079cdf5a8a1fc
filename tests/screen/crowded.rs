//! Where there is less room than there is to show: what matters stays, and what does not is counted.

use greeter::{
    rpc::{Cause, Code, Origin, Status},
    tui::update::Msg,
};

use crate::stage::Stage;

/// The introduction, played to its end.
fn introduced(width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(width, height);
    stage.keys("Ctrl-G");
    for call in 1..=4 {
        stage.started(call);
    }
    stage.received(1, 400, "Hello, World!");
    stage.ok(1, 400);
    for (beat, (name, greeted)) in
        [("Alice", "Dave"), ("Bob", "Eve"), ("Charlie", "Frank")].into_iter().enumerate()
    {
        let at = 600_000 * beat as u64;
        stage.sent(3, at, name);
        stage.sent(4, at, greeted);
        stage.received(4, at + 500, &format!("Hello, {greeted}!"));
        stage.send(Msg::Introduce);
    }
    stage.end_of_stream(3, 1_900_000);
    stage.received(3, 1_900_400, "Hello, Alice, Bob, Charlie!");
    stage.ok(3, 1_900_400);
    stage.end_of_stream(4, 1_900_000);
    stage.ok(4, 1_900_400);
    stage
}

/// Six open streams, each with a message and its answer.
fn six_streams(width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(width, height);
    stage.keys("Alt-4 n1 Enter");
    for call in 2..=6 {
        stage.keys(&format!("n{call} Ctrl-N"));
    }
    for call in 1..=6 {
        stage.started(call);
        stage.sent(call, 100, &format!("n{call}"));
        stage.received(call, 500, &format!("Hello, n{call}!"));
    }
    stage.sent(6, 600, "more");
    stage.received(6, 900, "Hello, more!");
    stage
}

#[test]
fn the_introduction_shows_the_whole_bidi_lesson_at_80x24() {
    let stage = introduced(80, 24);
    for words in ["→ Dave", "← Hello, Dave!", "→ Eve", "← Hello, Eve!", "→ Frank", "← Hello, Frank!"]
    {
        assert!(stage.shows(words), "{words}\n{}", stage.picture());
    }
}

#[test]
fn where_one_message_has_room_it_is_the_newest_and_not_the_end_of_the_stream() {
    let mut stage = introduced(40, 12);
    stage.keys("Alt-4");
    assert!(stage.shows("← Hello, Frank!"), "{}", stage.picture());
    stage.keys("Alt-1");
    let row = stage.row("4 Bidi");
    assert!(row.contains("✓ OK") && !row.contains("end of stream"), "{row}");
}

#[test]
fn what_is_said_does_not_move_a_full_transcript() {
    let mut stage = introduced(80, 24);
    stage.keys("Alt-4");
    let rows =
        |stage: &Stage| stage.picture().lines().skip(13).take(7).map(str::to_owned).collect::<Vec<_>>();
    let before = rows(&stage);
    stage.keys("Ctrl-D");
    assert!(stage.shows("no open stream: Enter opens one"));
    assert_eq!(rows(&stage), before);
}

#[test]
fn ended_calls_without_room_are_counted() {
    let mut stage = Stage::new(80, 24);
    for call in 1..=9 {
        stage.keys("Ada Enter");
        stage.received(call, 400, &format!("Hello, {call}!"));
        stage.ok(call, 400);
    }
    assert!(stage.row("PageUp").contains("↑ 5 more · PageUp"), "{}", stage.picture());
    stage.keys("PageUp");
    assert!(!stage.shows("more · PageUp"), "{}", stage.picture());
    stage.keys("End Ctrl-L");
    assert!(!stage.shows("more · PageUp"), "what was scrolled away is not missed\n{}", stage.picture());
    assert!(stage.shows("↑ 9 scrolled away · PageUp"), "but it is not gone\n{}", stage.picture());
    stage.keys("Bob Enter");
    assert!(!stage.shows("scrolled away"), "{}", stage.picture());
}

#[test]
fn in_a_zoomed_pane_too_calls_without_room_are_counted() {
    let mut stage = Stage::new(100, 20);
    for call in 1..=9 {
        stage.keys("Ada Enter");
        stage.started(call);
        stage.received(call, 400, &format!("Hello, {call}!"));
        stage.ok(call, 400);
    }
    stage.keys("Ctrl-O");
    assert!(stage.row("PageUp").contains("more · PageUp"), "{}", stage.picture());
}

#[test]
fn an_ended_call_that_does_not_fit_whole_fills_the_rows_that_are_left() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ada Enter Bo Enter");
    let facts = (1..=50).map(|n| format!("fact{n}")).collect::<Vec<_>>().join(" ");
    for call in [1, 2] {
        stage.failed(call, 500, Code::NotFound, &facts, Origin::Trailers);
    }
    assert!(stage.row("#1 → Ada").contains("✗ NOT_FOUND (5)"), "{}", stage.picture());
    let first = stage
        .picture()
        .lines()
        .skip_while(|row| !row.contains("#1"))
        .take_while(|row| !row.contains("#2"))
        .count();
    assert!(first >= 5, "{}", stage.picture());
    assert!(stage.row("… ").contains(" more"), "what has no room is counted\n{}", stage.picture());
}

#[test]
fn the_heading_of_a_long_stream_stays_in_sight() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Alt-2 World Enter");
    stage.started(1);
    stage.flood(1, 1, 900);
    stage.keys("Ctrl-O");
    assert!(stage.row("#1 → World").contains("● 900 received"), "{}", stage.picture());
    stage.keys("PageUp PageUp");
    assert!(stage.shows("#1 → World"), "{}", stage.picture());
    let numbers = |stage: &Stage| {
        let rows = stage.picture();
        let rows =
            rows.lines().filter_map(|row| row.split("Number ").nth(1)?.split(' ').next()?.parse().ok());
        rows.collect::<Vec<u64>>()
    };
    let before = numbers(&stage);
    stage.keys("PageUp");
    assert_eq!(
        numbers(&stage).last().copied(),
        before.first().map(|first| first - 1),
        "no message is skipped"
    );
    stage.keys("Esc Up");
    assert!(stage.shows("#1 → World"), "{}", stage.picture());
}

/// Also where what it shows is long gone from what is kept, and where that was let go already.
#[test]
fn a_held_view_does_not_move_under_a_flood() {
    for zoom in ["Ctrl-O PageUp", "Esc Up Up"] {
        let mut stage = Stage::new(120, 36);
        stage.keys("Alt-2 World Enter");
        stage.started(1);
        stage.flood(1, 1, 9_000);
        stage.keys(zoom);
        let rows = |stage: &Stage| {
            let picture = stage.picture();
            let rows: Vec<String> =
                picture.lines().filter(|row| row.contains("Number")).map(str::to_owned).collect();
            assert!(!rows.is_empty(), "{picture}");
            rows
        };
        let before = rows(&stage);
        stage.flood(1, 9_001, 60_000);
        assert_eq!(rows(&stage), before, "{zoom}");
        assert!(stage.shows("51 000 new"), "{}", stage.picture());
        stage.keys("Esc End");
        assert!(stage.shows("60 000"), "{}", stage.picture());
        assert_ne!(rows(&stage), before);
    }
}

#[test]
fn a_pane_of_one_row_shows_the_answer() {
    let mut stage = Stage::new(20, 5);
    stage.keys("World Enter");
    stage.started(1);
    assert!(stage.shows("● waiting"), "{}", stage.picture());
    stage.received(1, 400, "Hello, World!");
    stage.ok(1, 400);
    assert!(stage.shows("✓ OK  Hello, World!"), "{}", stage.picture());
}

/// The row is no heading, and what can be done with a call can be done with this one.
#[test]
fn the_call_of_a_pane_of_one_row_can_be_chosen() {
    let mut stage = Stage::new(20, 5);
    stage.keys("World Enter");
    stage.started(1);
    stage.ok(1, 400);
    stage.keys("Esc Enter");
    assert!(!stage.shows("nothing to choose"), "{}", stage.picture());
    assert!(stage.shows("#1"), "{}", stage.picture());
}

#[test]
fn an_empty_pane_of_one_row_cuts_its_sentence_with_an_ellipsis() {
    assert!(Stage::new(20, 5).shows("One name, one greet…"), "{}", Stage::new(20, 5).picture());
}

#[test]
fn with_several_open_streams_the_line_says_which_one_receives_it() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Alt-4 Dave Enter");
    stage.started(1);
    stage.sent(1, 0, "Dave");
    assert!(stage.shows("name ▸ type"), "{}", stage.picture());
    stage.keys("Zoe Ctrl-N");
    stage.started(2);
    stage.sent(2, 0, "Zoe");
    assert!(stage.shows("name → #2 ▸ type"), "{}", stage.picture());
    stage.keys("Esc Up Up");
    assert!(stage.shows("name → #1 ▸ a name"), "{}", stage.picture());
}

#[test]
fn choosing_among_crowded_calls_moves_nothing() {
    let mut stage = six_streams(120, 36);
    let rows = |stage: &Stage| {
        let picture = stage.picture();
        picture.lines().skip(19).take(14).map(|row| row.chars().skip(60).collect()).collect::<Vec<String>>()
    };
    let before = rows(&stage);
    assert!(stage.shows("more live"), "{}", stage.picture());
    stage.keys("Esc");
    assert_eq!(rows(&stage), before);
    stage.keys("Up Up Up Up");
    assert_eq!(rows(&stage), before);
    stage.received(6, 950, "Hello, later!");
    let but_counts =
        |rows: Vec<String>| rows.into_iter().filter(|row| !row.contains("#6")).collect::<Vec<_>>();
    assert_eq!(but_counts(rows(&stage)), but_counts(before), "what comes is counted and moves nothing");
    assert!(stage.shows("↓ 1 new · End returns"), "{}", stage.picture());
    stage.keys("x");
    assert!(stage.shows("Hello, later!"), "{}", stage.picture());
}

#[test]
fn arrows_lead_to_the_calls_that_had_no_room() {
    let mut stage = six_streams(120, 36);
    stage.keys("Esc");
    for _ in 0..30 {
        stage.keys("Up");
    }
    assert!(stage.shows("Hello, n1!"), "{}", stage.picture());
    stage.keys("Ctrl-C");
    assert_eq!(stage.asked().last().map(String::as_str), Some("cancel #1"));
}

#[test]
fn the_names_of_failed_calls_are_whole_at_80_columns() {
    let mut stage = Stage::new(80, 24);
    stage.keys("World Enter");
    stage.failed(1, 140, Code::Unavailable, "", Origin::ConnectionLost("gone".to_owned()));
    let row = stage.row("#1");
    assert!(row.contains("#1 → World") && row.contains("✗ UNAVAILABLE (14)"), "{row}");
}

#[test]
fn counts_are_said_in_short_before_they_are_cut() {
    let mut stage = six_streams(80, 24);
    assert!(stage.row("#6").contains("#6 → 2 ← 2  "), "{}", stage.picture());
    stage.send(Msg::Resize(120, 36));
    assert!(stage.shows("2 sent · 2 received"), "{}", stage.picture());
}

#[test]
fn at_72x20_the_hint_and_the_numbers_of_replies_are_whole() {
    let mut stage = Stage::new(72, 20);
    stage.keys("Alt-2 World Enter Alt-3 Alice Enter");
    stage.started(1);
    stage.received(1, 301_000, "Hello, World! Number 1");
    stage.started(2);
    stage.sent(2, 0, "Alice");
    assert!(stage.shows("Hello, World! Number 1"), "{}", stage.picture());
    assert!(stage.shows("Ctrl-D ends your stream "), "{}", stage.picture());
}

#[test]
fn the_states_of_panes_in_one_row_stand_under_each_other() {
    let mut stage = introduced(40, 12);
    stage.keys("Alt-2");
    let columns: Vec<usize> = ["1 Unary", "3 Client stream", "4 Bidi"]
        .iter()
        .filter_map(|title| stage.row(title).chars().position(|sign| sign == '✓'))
        .collect();
    assert!(columns.len() == 3 && columns.iter().all(|column| *column == columns[0]), "{}", stage.picture());
}

#[test]
fn a_call_is_seen_to_end_beside_streams_that_fill_the_pane() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Alt-2 World Enter Ada Enter");
    for call in [1, 2] {
        stage.started(call);
        stage.flood(call, 1, 300);
    }
    stage.keys("Ctrl-C");
    stage.ended(2, 700_000, Status::here(Code::Cancelled, "", Cause::CancelledByYou));
    assert!(stage.row("#2 → Ada").contains("■ CANCELLED (1) by you"), "{}", stage.picture());
    assert!(stage.row("#1 → World").contains("300"), "{}", stage.picture());
    stage.keys("Ctrl-C");
    stage.wait(200);
    stage.ended(1, 900_000, Status::here(Code::Cancelled, "", Cause::CancelledByYou));
    for heading in ["#1 → World", "#2 → Ada"] {
        assert!(stage.row(heading).contains("■ CANCELLED (1) by you"), "{}", stage.picture());
    }
}

#[test]
fn the_way_back_from_zoom_is_shown_on_a_small_screen_too() {
    let mut stage = Stage::new(40, 12);
    stage.keys("Alt-2 W Enter");
    stage.started(1);
    stage.keys("Ctrl-O");
    assert_eq!(stage.picture().matches("Ctrl-O back").count(), 2, "{}", stage.picture());
    stage.keys("Esc");
    assert!(stage.shows("Esc line"), "{}", stage.picture());
}

#[test]
fn what_is_said_leaves_the_mark_of_a_scrolled_back_view_its_room() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Alt-2 World Enter Ctrl-O");
    stage.started(1);
    stage.flood(1, 1, 100);
    stage.keys("PageUp");
    stage.flood(1, 101, 120);
    stage.model.say("saved as x.txt");
    let row = stage.row("saved as x.txt");
    assert!(row.contains("20 new · End returns"), "{}", stage.picture());
}

#[test]
fn what_is_said_in_several_rows_leaves_the_newest_of_a_stream_in_sight() {
    let mut stage = Stage::new(80, 24);
    stage.keys("Alt-2 A Enter");
    stage.started(1);
    stage.flood(1, 1, 50);
    stage.keys(r#"{"name": Enter"#);
    stage.model.say("a sentence that takes several rows in a pane of some forty columns, and then one more");
    let picture = stage.picture();
    assert!(stage.shows("#1 → A") && stage.shows("Number 50"), "{picture}");
    assert!(stage.shows("a sentence that takes") && stage.shows("one more"), "{picture}");
}

#[test]
fn in_a_low_pane_a_long_error_is_cut_and_says_so() {
    let mut stage = Stage::new(40, 12);
    stage.keys("Alt-2 A Enter");
    stage.started(1);
    stage.flood(1, 1, 50);
    stage.model.say(
        "a sentence that takes several rows in a pane of some forty columns, and then one more, and more",
    );
    assert!(
        stage.shows("#1 → A") && stage.shows("Number 50") && stage.shows("columns, an…"),
        "{}",
        stage.picture()
    );
    stage.keys("Ctrl-O");
    stage.model.say("a sentence that takes several rows in a pane of some forty columns, and then one more");
    assert!(stage.shows("Number 50") && stage.shows("Ctrl-O back"), "{}", stage.picture());
}

#[test]
fn a_paste_says_what_is_wrong_with_it_on_a_small_screen_too() {
    for (width, height) in [(40, 12), (30, 8)] {
        let mut stage = Stage::new(width, height);
        stage.keys("Alt-4");
        stage.send(Msg::Paste("{\"name\": \"A\"}\n{\"name\": 5}".to_owned()));
        stage.keys("Enter");
        assert!(
            stage.shows("nothing is sent: message") && stage.shows("takes a text"),
            "{}",
            stage.picture()
        );
    }
}
