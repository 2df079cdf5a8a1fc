//! The last row: what matters most is there at any width.

use crate::stage::Stage;

fn footer(stage: &Stage) -> String {
    stage.row("Ctrl-Q quit")
}

#[track_caller]
fn assert_there(stage: &Stage, hints: &[&str]) {
    let footer = footer(stage);
    for hint in hints {
        assert!(footer.contains(hint), "{hint:?} is not in {footer:?}");
    }
}

/// So many bidi calls that are open.
fn open_calls(width: u16, height: u16, calls: u32) -> Stage {
    let mut stage = Stage::new(width, height);
    stage.keys("Alt-4");
    for call in 1..=calls {
        stage.keys("Ctrl-N Dave Enter");
        stage.started(call);
    }
    stage
}

#[test]
fn with_many_live_calls_choosing_and_zoom_are_there() {
    let stage = open_calls(120, 36, 6);
    assert_there(&stage, &["Ctrl-D end stream", "Ctrl-C cancel newest", "Esc choose", "Ctrl-O zoom"]);
}

#[test]
fn at_80x24_choosing_and_zoom_are_there_after_the_first_call() {
    let mut stage = Stage::new(80, 24);
    stage.keys("World Enter");
    stage.started(1);
    assert_there(&stage, &["Ctrl-C cancel", "Esc choose", "Ctrl-O zoom"]);
    stage.ok(1, 410);
    assert_there(&stage, &["Enter call", "Esc choose", "Ctrl-O zoom", "Tab next pane"]);
    assert_there(&open_calls(80, 24, 2), &["Ctrl-D end", "Ctrl-C cancel", "Esc choose"]);
}

#[test]
fn a_long_hint_without_room_keeps_no_shorter_one_out() {
    let mut stage = Stage::new(72, 20);
    stage.keys("World Enter");
    stage.started(1);
    let header = stage.picture().lines().next().unwrap_or_default().to_owned();
    assert!(!header.contains("F1"), "{header}");
    assert_there(&stage, &["F1 help"]);
}

#[test]
fn once_a_pane_has_calls_the_introduction_is_named_in_one_word() {
    let mut stage = Stage::new(120, 36);
    assert_there(&stage, &["Ctrl-G play the introduction"]);
    stage.keys("World Enter");
    stage.ok(1, 410);
    assert_there(&stage, &["Ctrl-O zoom", "Ctrl-G introduction"]);
}

#[test]
fn the_panels_are_named_where_there_is_room() {
    let stage = Stage::new(120, 36);
    assert_there(&stage, &["F1 help", "F2 server", "F3 wire"]);
    assert_there(&Stage::new(140, 36), &["F4 options"]);
}

#[test]
fn on_a_small_screen_the_way_to_the_other_panes_comes_first() {
    assert_there(&Stage::new(40, 12), &["Tab next pane", "/ commands"]);
}

#[test]
fn of_a_server_elsewhere_the_embedded_one_is_named_and_comes_last() {
    let mut stage = Stage::remote(120, 36);
    stage.lost("connection refused");
    stage.keys("F2");
    let footer = stage.row("d doctor");
    let place = |words: &str| footer.find(words).unwrap_or_else(|| panic!("{words} is not in {footer}"));
    assert!(place("c connect") < place("e embedded") && place("e embedded") < place("d doctor"), "{footer}");
    assert!(place("d doctor") < place("s stop embedded"), "{footer}");
}

#[test]
fn a_server_that_was_stopped_can_be_started_also_on_a_small_screen() {
    let mut stage = Stage::new(40, 12);
    stage.keys("F2 s");
    stage.send(greeter::tui::update::Msg::Embedded(greeter::tui::update::EmbeddedNews::Stopped));
    assert!(
        stage.row("Esc back").contains("s start")
            || stage.picture().lines().last().unwrap().contains("s start"),
        "{}",
        stage.picture()
    );
}
