//! What keys do, in the words of the screen.

use std::time::Duration;

use greeter::{
    rpc::{Cause, ChannelState, Code, Origin, Status},
    schema::{Contract, Kind, Source},
    tui::{
        action::Saved,
        model::{LinkState, Panel, Sent},
        save,
        update::{Discovery, EmbeddedNews, Msg},
    },
};

use crate::stage::Stage;

fn stage() -> Stage {
    Stage::new(120, 36)
}

/// A contract as a server's reflection would tell it.
fn reflected(name: &str) -> Contract {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/greeter.binpb"));
    let all = Contract::from_descriptor_set(bytes, Source::Reflection).unwrap();
    all.into_iter().find(|contract| contract.name() == name).unwrap()
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
fn a_pane_without_a_method_is_one_row_and_tab_passes_it_by() {
    let mut stage = stage();
    stage.keys("Alt-4 F2 g Esc");
    assert_eq!(stage.model.contract.name(), "hello.Greeter");
    assert!(stage.shows("4 Bidi · none in this service"));
    assert_ne!(stage.model.focus, Kind::Bidi);
    stage.keys("Alt-3 Tab");
    assert_eq!(stage.model.focus, Kind::Unary);
    stage.keys("Shift-Tab");
    assert_eq!(stage.model.focus, Kind::ClientStream);
}

#[test]
fn another_contract_leaves_the_transcripts_and_names_their_methods() {
    let mut stage = stage();
    stage.keys("Alt-2 Ada Enter");
    stage.received(1, 400, "Hello, Ada! Number 1");
    stage.keys("F2 g Esc");
    assert!(stage.shows("2 Server stream · LotsOfReplies"));
    let row = stage.row("#1");
    assert!(row.contains("→ Ada  SayHelloServer"), "{row}");
    assert!(stage.shows("Hello, Ada! Number 1"));
}

#[test]
fn history_goes_back_and_returns_to_what_was_being_typed() {
    let mut stage = stage();
    stage.keys("Ada Enter Bo Enter Char Up");
    assert_eq!(stage.model.focused().line.text(), "Bo");
    stage.keys("Up");
    assert_eq!(stage.model.focused().line.text(), "Ada");
    stage.keys("Down Down");
    assert_eq!(stage.model.focused().line.text(), "Char");
}

#[test]
fn what_was_sent_in_earlier_sessions_lies_behind_this_ones_history() {
    let mut stage = stage();
    stage.keys("Ada Enter");
    let earlier =
        |line: &str| Sent { method: "/helloworld.Greeter/SayHello".to_owned(), line: line.to_owned() };
    stage.send(Msg::Remembered(vec![earlier("Zoe"), earlier("Yan")]));
    for line in ["Ada", "Yan", "Zoe"] {
        stage.keys("Up");
        assert_eq!(stage.model.focused().line.text(), line);
    }
}

#[test]
fn history_is_searched_by_a_part_of_the_line() {
    let mut stage = stage();
    stage.keys("Ada Enter Bo Enter Adam Enter Ctrl-R Ad");
    assert!(stage.shows("History of SayHello"));
    assert!(stage.shows("2 of 3"));
    stage.keys("Ctrl-R Enter");
    assert_eq!(stage.model.focused().line.text(), "Ada");
    assert_eq!(stage.asked().iter().filter(|asked| asked.starts_with("call")).count(), 3);
}

#[test]
fn ctrl_s_saves_the_panes_transcript() {
    let mut stage = stage();
    stage.keys("Ctrl-S");
    assert!(stage.shows("nothing to save yet"));
    stage.keys("Ada Enter Ctrl-S");
    assert!(stage.asked().contains(&"save".to_owned()));
}

#[test]
fn a_saved_transcript_tells_what_the_screen_told() {
    let mut stage = stage();
    stage.keys("Alt-4 Dave Enter");
    stage.started(1);
    stage.sent(1, 0, "Dave");
    stage.received(1, 510, "Hello,\nDave!");
    stage.failed(1, 900, Code::NotFound, "no such person", Origin::Trailers);
    let calls: Vec<_> = stage.model.focused().calls().iter().cloned().collect();
    assert_eq!(
        save::transcript(&calls, Saved::Text),
        "#1 helloworld.Greeter.SayHelloBiDiStreaming\n  +0 ms      → Dave\n  +0.51 ms   ← Hello,␊Dave!\n  \
         NOT_FOUND (5) 0.90 ms · no such person · from the peer's trailers\n\n"
    );
    let lines = save::transcript(&calls, Saved::JsonLines);
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<_> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["start", "sent", "received", "status"]);
    assert_eq!(lines[2]["message"]["message"], "Hello,\nDave!");
    assert_eq!(lines[2]["at_us"], 510);
}

#[test]
fn a_slash_opens_the_palette_on_an_empty_line_only() {
    let mut stage = stage();
    stage.keys("a/b");
    assert_eq!(stage.model.focused().line.text(), "a/b");
    stage.keys("Ctrl-U / half Enter");
    assert!(stage.shows("a unary call sends one message"));
    stage.keys("//");
    assert_eq!(stage.model.focused().line.text(), "/");
    assert!(stage.model.panel.is_none());
}

#[test]
fn escape_chooses_a_message_and_typing_goes_back_to_the_line() {
    let mut stage = stage();
    stage.keys("Ada Enter");
    stage.received(1, 400, "Hello, Ada!");
    stage.ok(1, 400);
    stage.keys("Esc y");
    assert_eq!(stage.asked()[1..], ["copy"]);
    assert!(stage.shows("sent to the terminal's clipboard"));
    stage.keys("x");
    assert!(stage.model.focused().choice.is_none());
    assert_eq!(stage.model.focused().line.text(), "x");
}

#[test]
fn the_chosen_call_is_the_one_that_is_cancelled() {
    let mut stage = stage();
    stage.keys("Ada Enter Bo Enter");
    stage.started(1);
    stage.started(2);
    stage.keys("Esc Home Ctrl-C");
    assert_eq!(stage.asked()[2..], ["cancel #1"]);
}

#[test]
fn the_line_goes_to_the_stream_that_was_chosen() {
    let mut stage = stage();
    stage.keys("Alt-4 a1 Enter b1 Ctrl-N");
    stage.started(1);
    stage.sent(1, 0, "a1");
    stage.started(2);
    stage.sent(2, 0, "b1");
    stage.keys("Esc Home a2");
    assert!(stage.shows("#1 name ▸ a2"), "the line says where it goes");
    stage.asked();
    stage.keys("Enter");
    assert_eq!(stage.asked(), ["send #1 a2"]);
    stage.ok(1, 900);
    stage.keys("b2 Enter");
    assert_eq!(stage.asked(), ["send #2 b2"]);
}

#[test]
fn a_unary_call_with_two_replies_or_none_is_told_of() {
    let mut stage = stage();
    stage.keys("Ada Enter Bo Enter");
    stage.received(1, 400, "Hello, Ada!");
    stage.received(1, 410, "Hello again!");
    stage.ok(1, 420);
    assert!(stage.shows("a unary call has one reply, and 2 came"));
    stage.ok(2, 420);
    assert!(stage.shows("a unary call has one reply, and 0 came"));
}

#[test]
fn a_long_reason_is_told_in_several_rows() {
    let mut stage = Stage::new(80, 24);
    stage.keys("Ada Enter");
    let why = "the quota of this project is used up: ask its owner for more";
    stage.failed(1, 400, Code::ResourceExhausted, why, Origin::Trailers);
    assert!(stage.shows("the quota of this project is used"));
    assert!(stage.shows("up: ask its owner for more"));
}

#[test]
fn in_a_zoomed_pane_too_ended_calls_are_scrolled_away() {
    let mut stage = stage();
    stage.keys("Ada Enter");
    stage.received(1, 400, "Hello, Ada!");
    stage.ok(1, 400);
    stage.keys("Ctrl-O Ctrl-L");
    assert!(!stage.shows("Hello, Ada!"));
    stage.keys("PageUp");
    assert!(stage.shows("Hello, Ada!"));
}

#[test]
fn help_is_paged_to_its_end_and_no_further() {
    let mut stage = stage();
    stage.keys("F1 PageDown PageDown PageDown PageDown PageDown PageDown");
    assert!(stage.shows("only shown"), "the last row is still there");
}

#[test]
fn calls_that_are_no_longer_kept_are_counted() {
    let mut stage = stage();
    for call in 1..=450 {
        stage.keys("Ada Enter");
        stage.ok(call, 400);
    }
    stage.keys("Esc Home");
    assert!(stage.shows("50 earlier calls, no longer kept"));
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
fn enter_on_a_chosen_row_opens_what_can_be_done() {
    let mut stage = stage();
    stage.keys("Alt-4 Dave Enter");
    stage.started(1);
    stage.sent(1, 0, "Dave");
    stage.keys("Esc Enter");
    assert!(stage.shows("Put the request back into the line"));
    assert!(stage.shows("End its request stream (half-close)"));
    stage.keys("Down Down Enter");
    assert_eq!(stage.model.focused().line.text(), "Dave");
}

#[test]
fn a_held_view_does_not_move_and_counts_what_came() {
    let mut stage = Stage::new(80, 24);
    for call in 1..=9 {
        stage.keys("Ada Enter");
        stage.received(call, 400, &format!("Hello, {call}!"));
        stage.ok(call, 400);
    }
    stage.keys("Bo Enter PageUp");
    let held = stage.picture();
    stage.received(10, 400, "Hello, Bo!");
    stage.ok(10, 400);
    let rows = |picture: &str| picture.lines().skip(2).take(7).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&held), rows(&stage.picture()));
    assert!(stage.shows("↓ 1 new · End returns"));
    stage.keys("End");
    assert!(!stage.shows("End returns"));
    assert!(stage.shows("Hello, Bo!"));
}

#[test]
fn redraw_scrolls_ended_calls_away_and_page_up_finds_them() {
    let mut stage = stage();
    stage.keys("Ada Enter");
    stage.received(1, 400, "Hello, Ada!");
    stage.ok(1, 400);
    stage.keys("Alt-2 Bo Enter Alt-1 Ctrl-L");
    assert!(stage.asked().contains(&"redraw".to_owned()));
    assert!(!stage.shows("Hello, Ada!"));
    assert!(stage.shows("→ Bo"), "live calls stay");
    stage.keys("PageUp");
    assert!(stage.shows("Hello, Ada!"));
}

#[test]
fn a_paste_of_many_lines_is_asked_about() {
    let mut stage = stage();
    stage.send(Msg::Paste("Ada\nBo\r\n\nCy\n".to_owned()));
    assert!(stage.asked().is_empty());
    assert!(stage.shows("3 lines, 12 B, were pasted. Nothing is sent yet."));
    stage.keys("Enter");
    assert_eq!(stage.asked(), ["call #1 SayHello Ada", "call #2 SayHello Bo", "call #3 SayHello Cy"]);
}

#[test]
fn a_pasted_line_goes_into_the_line() {
    let mut stage = stage();
    stage.send(Msg::Paste("Ada Lovelace\n".to_owned()));
    assert_eq!(stage.model.focused().line.text(), "Ada Lovelace");
}

#[test]
fn a_paste_can_be_dropped_or_made_one_line() {
    let mut stage = stage();
    stage.send(Msg::Paste("Ada\nBo".to_owned()));
    stage.keys("Esc");
    assert!(stage.model.focused().line.is_empty() && stage.asked().is_empty());
    stage.send(Msg::Paste("Ada\nBo".to_owned()));
    stage.keys("i");
    assert_eq!(stage.model.focused().line.text(), "Ada Bo");
}

#[test]
fn a_paste_of_a_megabyte_is_asked_about_and_one_of_nine_is_refused() {
    let mut stage = stage();
    stage.send(Msg::Paste("x".repeat(1 << 20)));
    assert!(stage.shows("One line of 1.0 MiB was pasted."));
    stage.keys("i");
    assert_eq!(stage.model.focused().line.text().len(), 1 << 20);
    assert!(stage.row("name ▸ x").contains("xxxxxxxx"));
    stage.send(Msg::Paste("y".repeat(9 << 20)));
    assert!(stage.shows("more than the 8.0 MiB that a"));
}

#[test]
fn f2_stops_the_embedded_server_and_starts_it_where_it_was() {
    let mut stage = stage();
    stage.keys("F2 s");
    stage.send(Msg::Embedded(EmbeddedNews::Stopped));
    assert_eq!(stage.model.link.state, LinkState::Stopped);
    assert!(stage.shows("○ stopped"));
    stage.keys("s");
    assert_eq!(stage.asked(), ["stopserver", "startserver"]);
    stage.send(Msg::Embedded(EmbeddedNews::Serving(([127, 0, 0, 1], 41237).into())));
    assert_eq!(stage.asked(), ["connectembedded"]);
}

#[test]
fn a_restart_is_a_stop_and_a_start() {
    let mut stage = stage();
    stage.keys("F2 r");
    assert_eq!(stage.asked(), ["stopserver"]);
    stage.send(Msg::Embedded(EmbeddedNews::Stopped));
    assert_eq!(stage.asked(), ["startserver"]);
}

#[test]
fn replies_and_pause_are_changed_on_f2() {
    let mut stage = stage();
    stage.keys("F2 + ] ]");
    let settings = stage.model.embedded.settings;
    assert_eq!((settings.replies, settings.interval), (6, Duration::from_secs(1)));
    stage.keys("- - [");
    let settings = stage.model.embedded.settings;
    assert_eq!((settings.replies, settings.interval), (4, Duration::from_millis(500)));
}

#[test]
fn another_server_is_connected_to_by_its_address() {
    let mut stage = stage();
    stage.keys("F2 c localhost:1 Enter");
    assert_eq!(stage.asked(), ["connect"]);
    stage.send(Msg::NotLinked("TLS is not built in yet; add --plaintext".to_owned()));
    assert!(stage.shows("TLS is not built in yet; add --plaintext"));
    assert!(matches!(stage.model.panel, Some(Panel::Server(_))));
}

#[test]
fn a_remote_server_is_asked_for_its_services_when_it_is_ready() {
    let mut stage = Stage::remote(120, 36);
    assert!(stage.shows("asking the server…"));
    stage.channel(ChannelState::Ready { since: stage.model.now, peer: ([127, 0, 0, 1], 1).into() });
    assert_eq!(stage.asked(), ["ask"]);
    stage.keys("Ada Enter");
    assert_eq!(stage.asked(), ["call #1 SayHello Ada"], "the panes are usable at once");
    let found = Discovery::Found(vec![reflected("hello.Greeter")], 0);
    stage.send(Msg::Discovered(stage.model.link.id, found));
    assert!(stage.shows("hello.Greeter (reflection)"));
    assert!(stage.shows("2 Server stream · LotsOfReplies"));
}

#[test]
fn a_server_without_reflection_gets_the_default_contract() {
    let mut stage = Stage::remote(120, 36);
    stage.send(Msg::Discovered(stage.model.link.id, Discovery::NoReflection));
    assert!(stage.shows("helloworld.Greeter (built in)"));
}

#[test]
fn what_an_earlier_server_said_is_not_believed_of_this_one() {
    let mut stage = Stage::remote(120, 36);
    let earlier = greeter::rpc::ChannelId(1);
    stage.send(Msg::Discovered(earlier, Discovery::Found(vec![reflected("hello.Greeter")], 0)));
    assert!(stage.shows("asking the server…"));
}

#[test]
fn a_server_that_is_gone_is_told_in_the_header() {
    let mut stage = Stage::remote(120, 36);
    stage.lost("connection refused");
    assert!(
        stage
            .row("greeter")
            .contains("○ lost  staging:50051 · plaintext │ connection refused · retry in 3 s")
    );
    stage.wait(1_100);
    assert!(stage.row("greeter").contains("retry in 2 s"));
}

#[test]
fn unimplemented_says_which_method_is_lacking_and_how_to_switch() {
    let mut stage = stage();
    stage.keys("Ada Enter");
    stage.failed(1, 500, Code::Unimplemented, "", Origin::Trailers);
    assert!(stage.row("#1").contains("✗ UNIMPLEMENTED (12)"));
    assert!(stage.shows("this server lacks helloworld.Greeter/SayHello"));
    assert!(stage.shows("F2 switches the contract"));
}

#[test]
fn a_status_made_here_says_so_once() {
    let mut stage = stage();
    stage.keys("Ada Enter");
    let cause = "connection refused".to_owned();
    let status = Status::here(Code::Unavailable, cause.clone(), Cause::NotConnected(cause));
    stage.ended(1, 300, status);
    assert!(stage.row("#1").contains("✗ UNAVAILABLE (14)"));
    assert_eq!(stage.picture().matches("connection refused").count(), 1);
    assert!(stage.shows("made here: connection refused"));
}

#[test]
fn a_name_typed_ahead_of_the_terminal_is_sent() {
    let mut stage = stage();
    stage.keys("Ada Ctrl-J");
    assert_eq!(stage.asked(), ["call #1 SayHello Ada"]);
}

#[test]
fn a_message_that_was_not_taken_comes_back_into_the_line() {
    let mut stage = stage();
    stage.keys("Alt-4 Dave Enter");
    stage.send(Msg::NotSent(greeter::rpc::CallId(1), "the call is over".to_owned()));
    assert_eq!(stage.model.focused().line.text(), "Dave");
}

#[test]
fn after_connecting_the_panel_takes_letters_again() {
    let mut stage = stage();
    stage.keys("F2 c localhost:1 Enter");
    let (id, place) = (greeter::rpc::ChannelId(2), greeter::tui::model::ServerPlace::Remote);
    stage.send(Msg::Linked { id, address: "127.0.0.1:1".to_owned(), place });
    stage.keys("+");
    assert_eq!(stage.model.embedded.settings.replies, 6);
}

#[test]
fn a_message_that_was_not_taken_is_told() {
    let mut stage = stage();
    stage.keys("Alt-4 Dave Enter");
    stage.send(Msg::NotSent(greeter::rpc::CallId(1), "the call is over".to_owned()));
    assert!(stage.shows("not sent on #1: the call is over"));
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
