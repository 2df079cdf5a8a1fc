//! The palette, and the menu of what can be done with a chosen row.

use greeter::tui::{
    model::{Panel, Zoom},
    update::{Effect, TerminalWish},
};

use crate::stage::Stage;

/// The row under what is typed.
fn first(stage: &Stage) -> String {
    let picture = stage.picture();
    let rows: Vec<&str> = picture.lines().skip_while(|row| !row.contains("/ Commands")).collect();
    rows[3].to_owned()
}

fn copied(stage: &mut Stage) -> Option<String> {
    stage.effects.drain(..).find_map(|effect| {
        if let Effect::Terminal(TerminalWish::Copy(text)) = effect { Some(text) } else { None }
    })
}

/// A bidi call that is over, its stream ended before the server's.
fn conversation(stage: &mut Stage) {
    stage.keys("Alt-4 Frank Enter");
    stage.started(1);
    stage.sent(1, 100, "Frank");
    stage.received(1, 500, "Hello, Frank!");
    stage.end_of_stream(1, 900);
    stage.ok(1, 1_000);
}

#[test]
fn the_palette_opens_on_what_can_be_done_and_matters() {
    let mut stage = Stage::new(120, 36);
    stage.keys("/");
    assert!(first(&stage).contains("Play the introduction"), "{}", stage.picture());
    for words in ["give this pane the whole screen", "The wire", "Server and connection", "Help"] {
        assert!(stage.shows(words), "{words:?} is not in\n{}", stage.picture());
    }
    for nothing in ["Start another stream", "End this pane's request stream", "Cancel a live call"] {
        assert!(!stage.shows(nothing), "{nothing:?} would do nothing:\n{}", stage.picture());
    }
    stage.keys("Ctrl-C Alt-4 Dave Enter");
    stage.started(1);
    stage.keys("/");
    for words in ["Start another stream", "End this pane's request stream", "Cancel a live call"] {
        assert!(stage.shows(words), "{words:?} is not in\n{}", stage.picture());
    }
}

#[test]
fn what_would_do_nothing_now_is_still_found() {
    let mut stage = Stage::new(120, 36);
    stage.keys("/ half");
    assert!(first(&stage).contains("End this pane's request stream"), "{}", stage.picture());
    stage.keys("Ctrl-U play");
    assert!(first(&stage).contains("Play the introduction"), "{}", stage.picture());
}

#[test]
fn ctrl_g_is_named_by_what_it_does_with_the_line_as_it_is() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ada Ctrl-P");
    assert!(first(&stage).contains("Send the line in all panes"), "{}", stage.picture());
}

#[test]
fn the_palette_takes_the_room_that_there_is_and_says_how_much_is_below() {
    let mut stage = Stage::new(120, 36);
    stage.keys("/");
    let shown = stage.picture().lines().filter(|row| row.matches('│').count() >= 4).count();
    assert!(shown >= 20, "{}", stage.picture());
    let foot = stage.row("found by name");
    assert!(foot.contains("↓ ") && foot.contains(" more "), "{foot}");
    for _ in 0..60 {
        stage.keys("Down");
    }
    let foot = stage.row("found by name");
    assert!(!foot.contains("more"), "the last one is seen: {foot}");
}

#[test]
fn on_the_smallest_screen_the_palette_shows_what_is_typed_and_the_best_that_it_finds() {
    let mut stage = Stage::new(20, 5);
    stage.keys("/ wire");
    let picture = stage.picture();
    let rows: Vec<&str> = picture.lines().map(str::trim).collect();
    assert_eq!(rows[2], "wire", "{picture}");
    assert!(rows[3].starts_with("The wire"), "{picture}");
    assert!(!picture.contains(" of "), "{picture}");
}

#[test]
fn the_menu_says_what_it_acts_on_and_by_which_keys() {
    let mut stage = Stage::new(120, 36);
    conversation(&mut stage);
    stage.keys("Esc Up Enter");
    assert!(stage.shows("─ #1 · → Frank ─"), "{}", stage.picture());
    assert!(stage.row("Copy the message").contains(" y "), "{}", stage.picture());
    assert!(stage.row("Give the pane the whole screen").contains("Ctrl-O"), "{}", stage.picture());
    stage.keys("Esc Home Enter");
    assert!(stage.shows("─ #1 ─"), "{}", stage.picture());
}

#[test]
fn the_keys_beside_the_rows_of_the_menu_do_what_they_say() {
    let mut stage = Stage::new(120, 36);
    conversation(&mut stage);
    stage.keys("Esc Enter y");
    assert_eq!(copied(&mut stage).as_deref(), Some("Hello, Frank!"));
    stage.keys("Enter Ctrl-O");
    assert!(stage.model.zoom == Zoom::On && stage.model.panel.is_none());
    stage.keys("Ctrl-O End Dave Enter");
    stage.started(2);
    stage.sent(2, 100, "Dave");
    stage.asked();
    stage.keys("Esc Enter");
    assert!(stage.row("Cancel the call").contains("Ctrl-C"), "{}", stage.picture());
    stage.keys("Ctrl-D");
    assert_eq!(stage.asked(), ["half-close #2"]);
    stage.keys("Enter Ctrl-C");
    assert_eq!(stage.asked(), ["cancel #2"]);
    stage.keys("Enter Ctrl-C");
    assert!(!matches!(stage.model.panel, Some(Panel::Menu(_))), "there is nothing to cancel any more: back");
}

#[test]
fn esc_chooses_the_newest_message_before_the_end_of_a_stream() {
    let mut stage = Stage::new(120, 36);
    conversation(&mut stage);
    stage.keys("Esc y");
    assert_eq!(copied(&mut stage).as_deref(), Some("Hello, Frank!"));
}

#[test]
fn the_end_of_a_stream_is_not_copied() {
    let mut stage = Stage::new(120, 36);
    conversation(&mut stage);
    stage.keys("Esc Down y");
    assert_eq!(copied(&mut stage), None);
    assert!(stage.shows("the end of the stream has no words to copy"), "{}", stage.picture());
}
