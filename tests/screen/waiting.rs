//! What waits to be sent: on the screen, and row by row.

use std::time::{Duration, Instant};

use bytes::Bytes;
use greeter::{
    rpc::{CallId, Delta, Entry, What},
    schema::{Contract, Kind},
    tui::{
        action::Saved,
        model::{Call, Waiting},
        save::transcript,
        update::Msg,
    },
};

use crate::stage::Stage;

fn stage() -> Stage {
    Stage::new(120, 36)
}

const LONG: Duration = Duration::from_secs(1);

/// A bidi call with so many messages, called by their numbers, of which nothing goes.
fn held_up(messages: u64, now: Instant) -> Call {
    let method = Contract::built_in()[0].of_kind(Kind::Bidi).next().unwrap().clone();
    let mut call = Call::new(CallId(1), method, None, now);
    (1..=messages).for_each(|n| call.hand_over(Bytes::from(n.to_string()), now));
    call
}

/// So many more of them go.
fn sent(call: &mut Call, messages: u64, now: Instant) {
    let mut delta = Delta::default();
    let entry = || Entry { at: LONG, what: What::Sent(Bytes::new()) };
    (0..messages).for_each(|_| delta.record.push(entry()));
    call.take(delta, now);
}

fn told(call: &Call, most: usize) -> Vec<String> {
    let rows = call.waiting_rows(most);
    assert!(call.waiting_row(most, rows).is_none());
    let row = |nth| match call.waiting_row(most, nth).unwrap() {
        Waiting::More(more) => format!("+{more}"),
        Waiting::Message(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Waiting::EndOfStream => "end".to_owned(),
    };
    (0..rows).map(row).collect()
}

#[test]
fn all_that_waits_has_a_row_or_is_counted() {
    let now = Instant::now();
    let of = |messages, gone, ends: bool| {
        let mut call = held_up(messages, now);
        sent(&mut call, gone, now);
        if ends {
            call.half_close(now);
        }
        call.tick(now + LONG);
        call
    };
    assert_eq!(told(&of(3, 1, true), 9), ["2", "3", "end"]);
    assert_eq!(told(&of(3, 1, true), 3), ["2", "3", "end"]);
    assert_eq!(told(&of(5, 1, true), 3), ["+3", "5", "end"]);
    assert_eq!(told(&of(5, 1, false), 2), ["+3", "5"]);
    assert_eq!(told(&of(0, 0, true), 2), ["end"]);
    assert_eq!(told(&of(2, 0, true), 1), ["end"]);
    assert_eq!(told(&of(1_500, 0, false), usize::MAX)[..2], ["+500", "501"]);
    assert_eq!(told(&of(1_001, 0, false), usize::MAX)[..2], ["+1", "2"]);
}

#[test]
fn what_is_told_stays_told_until_nothing_waits() {
    let now = Instant::now();
    let mut call = held_up(3, now);
    call.tick(now + LONG);
    sent(&mut call, 1, now + LONG);
    assert_eq!(told(&call, 9), ["2", "3"]);
    sent(&mut call, 2, now + LONG);
    assert_eq!(call.waiting_rows(9), 0);
    call.hand_over(Bytes::from_static(b"4"), now + LONG);
    call.tick(now + LONG);
    assert_eq!(call.waiting_rows(9), 0, "the next one is given its time");
}

#[test]
fn messages_that_the_server_does_not_take_are_counted_as_waiting() {
    let mut stage = stage();
    stage.keys("Alt-4 Dave Enter");
    stage.started(1);
    stage.sent(1, 100, "Dave");
    stage.keys("Eve Enter Frank Enter");
    assert!(!stage.shows("waiting"), "what goes at once does not flicker: {}", stage.picture());
    stage.wait(400);
    assert!(stage.row("#1").contains("1 sent · 2 waiting · 0 received"), "{}", stage.picture());
    assert!(
        stage.row("→ Eve").contains("waiting") && stage.row("→ Frank").contains("waiting"),
        "{}",
        stage.picture()
    );
    assert!(stage.shows("the server takes no more yet: F3 shows its window"), "{}", stage.picture());
    stage.sent(1, 500_000, "Eve");
    assert!(stage.row("#1").contains("2 sent · 1 waiting"), "what is told stays told: {}", stage.picture());
    stage.sent(1, 900_000, "Frank");
    stage.wait(400);
    assert!(!stage.shows("waiting"), "{}", stage.picture());
}

#[test]
fn an_end_of_stream_that_waits_is_no_half_close_yet() {
    let mut stage = stage();
    stage.keys("Alt-3 Alice Enter Bob Enter Ctrl-D");
    stage.started(1);
    stage.sent(1, 100, "Alice");
    stage.wait(400);
    assert!(stage.row("→ Bob").contains("waiting"), "{}", stage.picture());
    assert!(stage.row("end of stream").contains("waiting"), "{}", stage.picture());
    assert!(stage.row("#1").contains("● open"), "{}", stage.picture());
    stage.sent(1, 500_000, "Bob");
    stage.end_of_stream(1, 500_100);
    stage.wait(400);
    assert!(!stage.shows("waiting") && stage.row("#1").contains("half-closed"), "{}", stage.picture());
}

#[test]
fn of_many_messages_that_wait_the_newest_are_shown() {
    let mut stage = stage();
    stage.keys("Alt-4 a Enter b Enter c Enter d Enter e Enter");
    stage.started(1);
    stage.wait(400);
    assert!(stage.shows("→ a") && stage.shows("→ e"), "{}", stage.picture());
    stage.send(Msg::Resize(80, 24));
    assert!(stage.shows("→ a") && stage.shows("→ e"), "{}", stage.picture());
    stage.send(Msg::Resize(40, 12));
    assert!(stage.shows("… 4 more waiting") && stage.shows("→ e"), "{}", stage.picture());
    stage.keys("Ctrl-O");
    stage.send(Msg::Resize(80, 24));
    assert!(stage.shows("→ a") && stage.shows("→ e"), "zoomed all are seen: {}", stage.picture());
}

#[test]
fn a_view_that_is_held_shows_what_waited_then() {
    let mut stage = stage();
    stage.keys("Alt-4 Dave Enter Eve Enter Frank Enter");
    stage.started(1);
    stage.sent(1, 100, "Dave");
    stage.wait(400);
    stage.keys("Esc Up");
    let waiting = |stage: &Stage| stage.picture().lines().filter(|row| row.contains(" waiting ")).count();
    let before = waiting(&stage);
    stage.sent(1, 900_000, "Eve");
    stage.received(1, 900_100, "Hello, Eve!");
    stage.wait(400);
    assert_eq!(waiting(&stage), before, "{}", stage.picture());
    stage.keys("Esc End");
    assert!(
        stage.row("→ Eve").contains("+900 ms") && stage.row("→ Frank").contains("waiting"),
        "{}",
        stage.picture()
    );
}

#[test]
fn a_saved_transcript_has_what_waits() {
    let mut stage = stage();
    stage.keys("Alt-3 Alice Enter Bob Enter Ctrl-D");
    stage.started(1);
    stage.sent(1, 100, "Alice");
    stage.wait(400);
    let calls: Vec<_> = stage.model.focused().calls().iter().cloned().collect();
    let text = transcript(&calls, Saved::Text);
    assert!(text.contains("waiting    → Bob\n  waiting    → end of stream\n  live"), "{text}");
}

/// Ctrl-D ends the stream that the line goes to, and no other.
#[test]
fn the_hint_stands_under_the_stream_that_ctrl_d_ends() {
    let mut stage = stage();
    stage.keys("Alt-3 Alice Enter Ctrl-N");
    stage.started(1);
    stage.sent(1, 100, "Alice");
    stage.started(2);
    let picture = stage.picture();
    let hints: Vec<usize> = picture
        .lines()
        .enumerate()
        .filter(|(_, row)| row.contains("Ctrl-D ends your"))
        .map(|(at, _)| at)
        .collect();
    let second = picture.lines().position(|row| row.contains("#2")).unwrap();
    assert_eq!(hints, [second + 1], "{picture}");
    stage.keys("Ctrl-D");
    let picture = stage.picture();
    let first = picture.lines().position(|row| row.contains("#1")).unwrap();
    assert!(picture.lines().nth(first + 2).unwrap().contains("Ctrl-D ends your"), "{picture}");
}

#[test]
fn messages_that_wait_for_a_connection_are_counted() {
    let mut stage = stage();
    stage.keys("Alt-3 Alice Enter Bob Enter");
    stage.waiting(1, "connection refused");
    stage.wait(400);
    assert!(stage.row("#1").contains("→ 0 · 2 waiting"), "{}", stage.picture());
}
