//! Moving about: history, choosing, scrolling, searching, pasting, saving.

use greeter::{
    rpc::{CallId, Code, Origin},
    schema::Kind,
    tui::{
        action::Saved,
        layout::{Room, offset_of, place_at, room, screen, total},
        model::{Pane, Place, Row, Scroll, Sent, Zoom},
        save,
        update::{MouseInput, Msg},
    },
};
use ratatui::layout::Position;

use crate::stage::Stage;

fn stage() -> Stage {
    Stage::new(120, 36)
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
fn small_letters_find_capital_ones_in_the_history_and_not_the_other_way_round() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Alice Enter malta Enter Ctrl-R al");
    assert!(stage.shows("2 of 2"), "{}", stage.picture());
    stage.keys("Backspace Backspace Al");
    assert!(stage.shows("1 of 2"), "{}", stage.picture());
    stage.keys("x");
    assert!(stage.shows("no line contains that"), "{}", stage.picture());
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
    stage.keys("Alt-4 Dave Enter Eve Enter");
    stage.started(1);
    stage.sent(1, 0, "Dave");
    stage.received(1, 510, "Hello,\nDave!");
    stage.failed(1, 900, Code::NotFound, "no such person", Origin::Trailers);
    let calls: Vec<_> = stage.model.focused().calls().iter().cloned().collect();
    assert_eq!(
        save::transcript(&calls, Saved::Text),
        "#1 helloworld.Greeter.SayHelloBiDiStreaming\n  +0 ms      → Dave\n  +0.51 ms   ← Hello,␊Dave!\n  \
         not sent: Eve\n  NOT_FOUND (5) 0.90 ms · no such person · from the peer's trailers\n\n"
    );
    let lines = save::transcript(&calls, Saved::JsonLines);
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<_> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["start", "sent", "received", "status"]);
    assert_eq!(lines[2]["message"]["message"], "Hello,\nDave!");
    assert_eq!(lines[2]["at_us"], 510);
    assert_eq!(lines[3]["not_sent"], 1);
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
    assert!(stage.shows("name → #1 ▸ a2"), "the line says where it goes");
    stage.asked();
    stage.keys("Enter");
    assert_eq!(stage.asked(), ["send #1 a2"]);
    stage.ok(1, 900);
    stage.keys("b2 Enter");
    assert_eq!(stage.asked(), ["send #2 b2"]);
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
    assert!(stage.row("Esc Ctrl-C").contains("Back"), "the last row is still there: {}", stage.picture());
    assert!(stage.shows("PageUp before") && !stage.shows("PageDown more"), "{}", stage.picture());
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
fn a_held_view_of_a_stream_at_full_speed_stands_still() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Alt-2 World Enter");
    stage.started(1);
    stage.flood(1, 1, 3_000);
    stage.keys("PageUp");
    let rows = |stage: &Stage| {
        let picture = stage.picture();
        let replies = picture.lines().filter(|line| line.contains("Number") || line.contains("more"));
        replies.map(str::to_owned).collect::<Vec<_>>()
    };
    let held = rows(&stage);
    assert!(held.len() > 3, "{held:?}");
    stage.flood(1, 3_001, 4_000);
    assert_eq!(rows(&stage), held);
    assert!(stage.shows("↓ 1 000 new · End returns"));
    stage.keys("End");
    assert!(stage.shows("Number 4000"));
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
fn a_call_that_lives_when_the_ended_ones_are_scrolled_away_stays_to_be_read() {
    for zoomed in ["", "Ctrl-O "] {
        let mut stage = Stage::new(120, 36);
        stage.keys("Old Enter");
        stage.ok(1, 400);
        stage.keys(&format!("Ada Enter {zoomed}Ctrl-L"));
        stage.received(2, 400, "Hello, Ada!");
        stage.ok(2, 400);
        assert!(stage.shows("Hello, Ada!") && stage.shows("#2"), "{}", stage.picture());
        assert!(!stage.shows("#1"), "{}", stage.picture());
    }
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
fn a_paste_that_waits_for_an_answer_is_not_lost_to_a_panel() {
    let mut stage = stage();
    for key in ["F1", "F2", "F3", "F4"] {
        stage.send(Msg::Paste("Ada\nBo".to_owned()));
        stage.keys(key);
        assert!(stage.shows("2 lines, 6 B, were pasted."), "{key}:\n{}", stage.picture());
        stage.keys("Esc");
        assert!(stage.shows("the paste was dropped"), "{}", stage.picture());
    }
}

#[test]
fn a_paste_of_a_megabyte_is_asked_about_and_one_of_nine_is_refused() {
    let mut stage = stage();
    stage.send(Msg::Paste("x".repeat(1 << 20)));
    assert!(stage.shows("One line of 1.0 MiB was pasted."));
    stage.keys("i");
    assert_eq!(stage.model.focused().line.text().len(), 1 << 20);
    assert!(stage.row("name ▸ …x").contains("xxxxxxxx"));
    stage.send(Msg::Paste("y".repeat(9 << 20)));
    assert!(stage.shows("more than the 8.0 MiB that a"));
}

#[test]
fn the_wheel_over_a_pane_of_one_row_scrolls_nothing() {
    let mut stage = Stage::new(60, 20);
    stage.keys("Ada Enter Bo Enter Alt-2");
    let area = screen(&stage.model).pane(Kind::Unary).rect();
    assert_eq!(area.height, 1);
    stage.send(Msg::Mouse(MouseInput::WheelUp(Position::new(area.x, area.y))));
    assert_eq!(stage.model.pane(Kind::Unary).scroll(), Scroll::Newest);
}

#[test]
fn the_wheel_scrolls_the_pane_it_is_over_and_the_keys_stay_where_they_are() {
    let mut stage = stage();
    for call in 1..=30 {
        stage.keys("Ada Enter");
        stage.ok(call, 400);
    }
    stage.keys("Alt-2");
    let area = screen(&stage.model).pane(Kind::Unary).transcript();
    let over = Position::new(area.x, area.y);
    stage.send(Msg::Mouse(MouseInput::WheelUp(over)));
    assert!(stage.shows("scrolled back"), "{}", stage.picture());
    assert_eq!(stage.model.focus, Kind::ServerStream);
    stage.send(Msg::Mouse(MouseInput::WheelDown(over)));
    assert_eq!(stage.model.pane(Kind::Unary).scroll(), Scroll::Newest);
}

#[test]
fn the_rate_of_a_stream_that_stalls_goes_to_nothing() {
    let mut stage = stage();
    stage.keys("Alt-2 World Enter");
    stage.started(1);
    stage.flood(1, 1, 2_000);
    stage.wait(500);
    stage.flood(1, 2_001, 4_000);
    assert!(stage.shows("receiving 4 000 · 4.0k/s"), "{}", stage.picture());
    stage.wait(500);
    assert!(stage.shows("receiving 4 000 · 2.0k/s"), "{}", stage.picture());
    stage.wait(700);
    assert!(stage.shows("receiving 4 000 · 0/s"), "{}", stage.picture());
}

/// A pane with a long stream, a short one and one that brought nothing, in full and folded, and with each of these
/// rows of the long one chosen.
fn views(replies: u64) -> Vec<(Pane, Room)> {
    let mut views = Vec::new();
    for zoom in [Zoom::Off, Zoom::On] {
        for height in [8, 14, 36] {
            let mut stage = Stage::new(120, height);
            stage.model.zoom = zoom;
            stage.keys("Alt-2 World Enter World Enter World Enter");
            stage.flood(1, 1, replies);
            stage.flood(2, 1, 3);
            stage.failed(2, 900, Code::NotFound, "no such person", Origin::Trailers);
            for entry in [0, 1, replies / 2, replies - 1] {
                let mut pane = stage.model.focused().clone();
                pane.choose(Place { call: CallId(1), row: Row::Entry(entry) });
                views.push((pane, room(&stage.model, stage.model.focused())));
            }
        }
    }
    views
}

#[test]
fn every_row_is_found_where_it_is_shown() {
    for replies in [1, 2, 40, 5_100] {
        for (pane, room) in views(replies) {
            for offset in 0..total(&pane, room) {
                let place = place_at(&pane, room, offset).unwrap();
                assert_eq!(offset_of(&pane, room, place), offset, "{place:?} in {room:?}");
            }
        }
    }
}

#[test]
fn every_row_of_a_long_message_and_of_its_calls_details_is_found_where_it_is_shown() {
    for (width, height) in [(60, 30), (80, 24), (200, 40)] {
        let mut stage = Stage::new(width, height);
        stage.keys("Alt-2 World Enter");
        stage.started(1);
        for (entry, words) in
            ["Hello, you!", &"long words ".repeat(60), "Hello again!"].into_iter().enumerate()
        {
            stage.received(1, 400 + entry as u64, words);
        }
        stage.ok(1, 900);
        stage.keys("Ctrl-O");
        let room = room(&stage.model, stage.model.focused());
        let mut kinds = [0; 3];
        for row in [Row::Heading, Row::Entry(0), Row::Entry(1), Row::Entry(2), Row::Entry(3)] {
            let mut pane = stage.model.focused().clone();
            pane.choose(Place { call: CallId(1), row });
            for offset in 0..total(&pane, room) {
                let place = place_at(&pane, room, offset).unwrap();
                assert_eq!(offset_of(&pane, room, place), offset, "{place:?} in {room:?}");
                match place.row {
                    Row::Text { .. } => kinds[0] += 1,
                    Row::Part { .. } => kinds[1] += 1,
                    Row::Detail { .. } => kinds[2] += 1,
                    _ => {}
                }
            }
        }
        // Beside a wide pane the details and the parts are shown elsewhere.
        let beside = usize::from(width >= 180);
        assert!(kinds.iter().filter(|rows| **rows > 0).count() + 2 * beside >= 3, "{kinds:?} at {width}");
    }
}

#[test]
fn a_hidden_message_is_found_in_the_row_that_counts_it() {
    for (pane, room) in views(5_100) {
        let offsets = 0..total(&pane, room);
        let shown: Vec<Place> = offsets.filter_map(|offset| place_at(&pane, room, offset)).collect();
        for entry in 0..5_100 {
            let place = Place { call: CallId(1), row: Row::Entry(entry) };
            let found = shown[offset_of(&pane, room, place)];
            assert!(found == place || found.row.is_fold(), "{entry} in {found:?} of {room:?}");
        }
    }
}
