//! Calls: what keys begin, send, end and cancel, in the words of the screen.

use std::time::Duration;

use greeter::{
    rpc::{CallId, Cause, Code, Origin, Status},
    tui::update::{Effect, Msg, Refused, Unsent},
};

use crate::stage::Stage;

fn stage() -> Stage {
    Stage::new(120, 36)
}

#[test]
fn a_name_and_enter_make_a_unary_call() {
    let mut stage = stage();
    stage.keys("World Enter");
    assert_eq!(stage.asked(), ["call #1 SayHello World"]);
    stage.started(1);
    stage.received(1, 410, "Hello, World!");
    stage.ok(1, 410);
    assert!(stage.row("#1").contains("→ World"));
    assert!(stage.row("#1").contains("✓ OK 0.41 ms"));
    assert!(stage.row("Hello, World!").contains("+0.41 ms"));
}

#[test]
fn an_empty_line_sends_nothing_and_says_what_to_do() {
    let mut stage = stage();
    stage.keys("Enter");
    assert!(stage.asked().is_empty());
    assert!(stage.shows("type a name, or {} for an empty message"));
}

#[test]
fn braces_are_the_whole_request_as_json() {
    let mut stage = stage();
    stage.keys(r#"{"name":"Ada"} Enter"#);
    assert_eq!(stage.asked(), ["call #1 SayHello Ada"]);
    stage.keys("{} Enter");
    assert_eq!(stage.asked(), ["call #2 SayHello "]);
}

#[test]
fn bad_json_stays_in_the_line_and_says_why() {
    let mut stage = stage();
    stage.keys(r#"{"nam":1} Enter"#);
    assert!(stage.asked().is_empty());
    assert_eq!(stage.model.focused().line.text(), r#"{"nam":1}"#);
    assert!(stage.model.notice.is_some());
}

#[test]
fn a_stream_takes_messages_until_ctrl_d() {
    let mut stage = stage();
    stage.keys("Alt-3 Alice Enter Bob Enter Ctrl-D");
    assert_eq!(
        stage.asked(),
        ["open #1 SayHelloClientStreaming", "send #1 Alice", "send #1 Bob", "half-close #1"]
    );
    stage.started(1);
    stage.sent(1, 0, "Alice");
    assert!(stage.shows("● half-closed"));
}

#[test]
fn an_open_client_stream_says_that_the_server_waits() {
    let mut stage = stage();
    stage.keys("Alt-3 Alice Enter");
    stage.started(1);
    stage.sent(1, 0, "Alice");
    assert!(stage.shows("● open"));
    assert!(stage.shows("the server waits: Ctrl-D ends your stream"));
}

#[test]
fn ctrl_d_with_text_sends_nothing() {
    let mut stage = stage();
    stage.keys("Alt-3 Alice Enter Charlie Ctrl-D");
    assert_eq!(stage.asked(), ["open #1 SayHelloClientStreaming", "send #1 Alice"]);
    assert!(stage.shows("\"Charlie\" is not sent: Enter sends it, then Ctrl-D"));
}

#[test]
fn ctrl_d_without_an_open_stream_says_how_to_open_one() {
    let mut stage = stage();
    stage.keys("Alt-4 Ctrl-D");
    assert!(stage.shows("no open stream: Enter opens one"));
}

#[test]
fn ctrl_n_opens_another_stream_and_the_newest_receives_the_line() {
    let mut stage = stage();
    stage.keys("Alt-4 Dave Enter Eve Ctrl-N Zoe Enter");
    assert_eq!(
        stage.asked(),
        [
            "open #1 SayHelloBiDiStreaming",
            "send #1 Dave",
            "open #2 SayHelloBiDiStreaming",
            "send #2 Eve",
            "send #2 Zoe"
        ]
    );
}

#[test]
fn ctrl_c_cancels_the_newest_live_call_here() {
    let mut stage = stage();
    stage.keys("Ada Enter Bo Enter Ctrl-C");
    assert_eq!(stage.asked()[2..], ["cancel #2"]);
    let by_you = Status::here(Code::Cancelled, "", Cause::CancelledByYou);
    stage.ended(2, 3_100_000, by_you);
    assert!(stage.row("#2").contains("■ CANCELLED (1) by you"));
    assert!(!stage.shows("made here"));
}

#[test]
fn ctrl_c_clears_the_line_and_ctrl_y_brings_it_back() {
    let mut stage = stage();
    stage.keys("Ada Ctrl-C");
    assert!(stage.model.focused().line.is_empty());
    stage.keys("Ctrl-Y");
    assert_eq!(stage.model.focused().line.text(), "Ada");
    assert!(stage.asked().is_empty());
}

#[test]
fn ctrl_c_twice_quits_where_nothing_lives() {
    let mut stage = stage();
    stage.keys("Ctrl-C");
    assert!(stage.shows("nothing live here · Ctrl-C again quits"));
    assert!(stage.asked().is_empty());
    stage.keys("Ctrl-C");
    assert_eq!(stage.asked(), ["quit"]);
}

#[test]
fn any_other_key_between_two_ctrl_c_disarms() {
    let mut stage = stage();
    stage.keys("Ctrl-C x Backspace Ctrl-C");
    assert!(stage.asked().is_empty());
}

#[test]
fn ctrl_c_says_how_many_live_elsewhere() {
    let mut stage = stage();
    stage.keys("Alt-2 A Enter B Enter Alt-1 Ctrl-C");
    assert!(stage.shows("nothing live here (2 live elsewhere) · Ctrl-C again"));
}

#[test]
fn just_after_a_calls_end_ctrl_c_does_not_think_of_quitting() {
    let mut stage = stage();
    stage.keys("Ada Enter");
    stage.ok(1, 400);
    stage.keys("Ctrl-C Ctrl-C Ctrl-C");
    assert_eq!(stage.asked(), ["call #1 SayHello Ada"]);
    stage.wait(1_001);
    stage.keys("Ctrl-C Ctrl-C");
    assert_eq!(stage.asked(), ["quit"]);
}

#[test]
fn greet_all_sends_the_line_in_every_pane() {
    let mut stage = stage();
    stage.keys("Zoe Ctrl-G");
    assert_eq!(
        stage.asked(),
        [
            "call #1 SayHello Zoe",
            "call #2 SayHelloServerStreaming Zoe",
            "open #3 SayHelloClientStreaming",
            "send #3 Zoe",
            "open #4 SayHelloBiDiStreaming",
            "send #4 Zoe"
        ]
    );
    assert!(stage.model.focused().line.is_empty());
}

#[test]
fn on_an_empty_line_greet_all_plays_the_introduction() {
    let mut stage = stage();
    stage.keys("Ctrl-G");
    for _ in 0..3 {
        stage.send(Msg::Introduce);
    }
    assert_eq!(
        stage.asked(),
        [
            "call #1 SayHello World",
            "call #2 SayHelloServerStreaming World",
            "open #3 SayHelloClientStreaming",
            "open #4 SayHelloBiDiStreaming",
            "send #3 Alice",
            "send #4 Dave",
            "later",
            "send #3 Bob",
            "send #4 Eve",
            "later",
            "send #3 Charlie",
            "send #4 Frank",
            "later",
            "half-close #3",
            "half-close #4"
        ]
    );
    assert!(stage.model.introduction.is_none());
}

#[test]
fn the_introduction_leaves_out_a_stream_that_was_cancelled() {
    let mut stage = stage();
    stage.keys("Ctrl-G Alt-3 Ctrl-C");
    stage.asked();
    stage.send(Msg::Introduce);
    assert_eq!(stage.asked(), ["send #4 Eve", "later"]);
}

#[test]
fn with_nothing_live_nothing_ticks() {
    let mut stage = stage();
    assert_eq!(stage.model.next_tick(), None);
    stage.keys("Ada Enter");
    assert!(stage.model.next_tick().is_some());
    stage.ok(1, 400);
    assert_eq!(stage.model.next_tick(), None);
}

#[test]
fn a_name_typed_ahead_of_the_terminal_is_sent() {
    let mut stage = stage();
    stage.keys("Ada Ctrl-J");
    assert_eq!(stage.asked(), ["call #1 SayHello Ada"]);
}

/// Of the messages that were asked to be sent at last, one is not taken.
fn refuse(stage: &mut Stage, nth: usize) {
    let sent = std::mem::take(&mut stage.effects).into_iter().rev().find_map(|effect| match effect {
        Effect::Send(call, messages) => Some((call, messages)),
        _ => None,
    });
    let (call, mut messages) = sent.unwrap();
    let of = messages.len();
    let line = messages.swap_remove(nth - 1).line;
    stage.send(Msg::NotSent(Refused {
        call,
        nth,
        of,
        line,
        why: Unsent::Refused("too many wait".to_owned()),
    }));
}

#[test]
fn a_message_that_was_not_taken_comes_back_into_the_line() {
    let mut stage = stage();
    stage.keys("Alt-4 Dave Enter");
    refuse(&mut stage, 1);
    assert_eq!(stage.model.focused().line.text(), "Dave");
    stage.keys(r#"Ctrl-U {"name":"Eve"} Enter"#);
    refuse(&mut stage, 1);
    assert_eq!(stage.model.focused().line.text(), r#"{"name":"Eve"}"#, "as it was typed");
}

#[test]
fn a_long_message_that_was_not_taken_comes_back_and_no_other_line() {
    let mut stage = stage();
    stage.keys("Alt-4 Dave Enter");
    stage.send(Msg::Paste("x".repeat(70 << 10)));
    stage.keys("i Enter");
    assert!(stage.model.focused().line.is_empty());
    refuse(&mut stage, 1);
    assert_eq!(stage.model.focused().line.text().len(), 70 << 10);
}

#[test]
fn of_pasted_lines_the_first_that_was_not_taken_comes_back_and_the_rest_is_told() {
    let mut stage = stage();
    stage.keys("Alt-4 before Enter");
    stage.send(Msg::Paste("Dave\nEve\nFrank".to_owned()));
    stage.keys("Enter");
    refuse(&mut stage, 2);
    assert_eq!(stage.model.focused().line.text(), "Eve");
    assert!(stage.shows("not sent on #1, from message 2 of 3 on: too many wait"), "{}", stage.picture());
}

#[test]
fn what_is_typed_meanwhile_is_not_overwritten_by_a_message_that_was_not_taken() {
    let mut stage = stage();
    stage.keys("Alt-4 Dave Enter Eve");
    refuse(&mut stage, 1);
    assert_eq!(stage.model.focused().line.text(), "Eve");
}

#[test]
fn a_name_of_the_introduction_that_was_not_taken_is_not_the_users() {
    let mut stage = stage();
    stage.keys("Ctrl-G Alt-4");
    refuse(&mut stage, 1);
    assert!(stage.model.focused().line.is_empty());
    assert!(stage.shows("not sent on #4: too many wait"), "{}", stage.picture());
}

#[test]
fn a_message_that_was_not_taken_is_told() {
    let mut stage = stage();
    stage.keys("Alt-4 Dave Enter");
    refuse(&mut stage, 1);
    assert!(stage.shows("not sent on #1: too many wait"));
}

#[test]
fn what_is_said_goes_after_a_while() {
    let mut stage = stage();
    stage.keys("Enter");
    assert!(stage.shows("type a name, or {}"));
    stage.wait(5_100);
    assert!(!stage.shows("type a name, or {}"));
    assert!(stage.since_start() > Duration::from_secs(5));
}

#[test]
fn a_message_that_was_not_sent_is_told_under_its_call() {
    let mut stage = stage();
    stage.keys("Alt-3 Bob Enter");
    let cause = Cause::NotConnected("connection refused".to_owned());
    stage.failed(1, 200, Code::Unavailable, "", Origin::Here(cause));
    assert!(stage.row("#1").contains("0 sent"), "{}", stage.picture());
    assert!(stage.shows("not sent: Bob"), "{}", stage.picture());
    stage.keys("Alice Enter Bob Enter Charlie Enter");
    stage.started(2);
    stage.sent(2, 100, "Alice");
    stage.failed(2, 200, Code::Internal, "stumbled", Origin::Trailers);
    assert!(stage.shows("not sent: Bob, Charlie"), "{}", stage.picture());
}

#[test]
fn of_a_stream_whose_messages_were_all_sent_nothing_is_told() {
    let mut stage = stage();
    stage.keys("Alt-3 Bob Enter Ctrl-D");
    stage.started(1);
    stage.sent(1, 100, "Bob");
    stage.end_of_stream(1, 200);
    stage.ok(1, 300);
    assert!(!stage.shows("not sent"), "{}", stage.picture());
}

#[test]
fn an_empty_message_is_seen() {
    let mut stage = stage();
    stage.keys("{} Enter");
    assert!(stage.row("#1").contains("→ {}"), "{}", stage.picture());
}

#[test]
fn what_was_said_goes_with_the_next_key() {
    let mut stage = stage();
    stage.keys("Ctrl-S");
    assert!(stage.shows("nothing to save yet"), "{}", stage.picture());
    stage.keys("Ctrl-O");
    assert!(!stage.shows("nothing to save yet"), "{}", stage.picture());
}

#[test]
fn what_is_wrong_with_a_line_stays_while_the_cursor_moves_in_it() {
    let mut stage = stage();
    stage.keys("{\"nam Enter Left Ctrl-A");
    assert!(stage.shows("column"), "{}", stage.picture());
    stage.keys("x");
    assert!(!stage.shows("column"), "{}", stage.picture());
}

#[test]
fn messages_for_a_call_that_has_just_ended_are_told_by_its_end() {
    let mut stage = stage();
    stage.keys("Alt-4 Dave Enter Eve");
    let refused =
        Refused { call: CallId(1), nth: 1, of: 1, line: Some("Dave".to_owned()), why: Unsent::Over };
    stage.send(Msg::NotSent(refused));
    assert_eq!(stage.model.focused().line.text(), "Eve", "what is typed meanwhile is not joined to it");
    stage.failed(1, 500, Code::Internal, "stumbled", Origin::Trailers);
    assert!(stage.shows("not sent: Dave"), "{}", stage.picture());
}

#[test]
fn of_a_paste_with_a_wrong_message_nothing_is_sent_and_nothing_is_lost() {
    let mut stage = stage();
    stage.keys("Alt-4");
    stage.send(Msg::Paste("Dave\n{\"name\": 5}\nEve".to_owned()));
    stage.keys("Enter");
    assert!(stage.asked().is_empty());
    assert!(stage.shows("nothing is sent: line 2:") && stage.shows("A paste"), "{}", stage.picture());
    stage.keys("i");
    assert!(stage.model.focused().line.text().starts_with("Dave"), "{}", stage.picture());
}

#[test]
fn pasted_lines_are_in_the_history() {
    let mut stage = stage();
    stage.keys("Alt-4");
    stage.send(Msg::Paste("Dave\nEve".to_owned()));
    stage.keys("Enter Up");
    assert_eq!(stage.model.focused().line.text(), "Eve");
}

#[test]
fn a_large_paste_can_be_had_again() {
    let mut stage = stage();
    stage.keys("Alt-4");
    let lines: Vec<String> = (1..=40).map(|n| format!("n{n}")).collect();
    stage.send(Msg::Paste(lines.join("\n")));
    stage.keys("Enter");
    assert!(stage.shows("Ctrl-Y has the paste"), "{}", stage.picture());
    stage.keys("Ctrl-Y");
    assert!(stage.model.focused().line.text().contains("n40"), "{}", stage.picture());
}
