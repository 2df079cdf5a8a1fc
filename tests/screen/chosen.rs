//! What is done to a chosen call is done to that call, and what is shown of it ends with the choice.

use greeter::{rpc::CallId, tui::model::Panel};

use crate::stage::Stage;

/// Two calls of the same kind live, and the menu of the first is open.
fn menu_of_the_first(begin: &str) -> Stage {
    let mut stage = Stage::new(120, 36);
    stage.keys(begin);
    stage.started(1);
    stage.started(2);
    stage.keys("Esc Home Enter");
    stage.asked();
    stage
}

/// Does a line of the menu.
fn pick(stage: &mut Stage, words: &str) {
    let Some(Panel::Menu(menu)) = &stage.model.panel else { panic!("no menu in\n{}", stage.picture()) };
    let at = menu.items.iter().position(|(_, item)| *item == words).unwrap();
    stage.keys(&format!("{}Enter", "Down ".repeat(at)));
}

#[test]
fn the_menu_cancels_the_call_it_was_opened_for() {
    let mut stage = menu_of_the_first("Ada Enter Bo Enter");
    pick(&mut stage, "Cancel the call");
    assert_eq!(stage.asked(), ["cancel #1"]);
}

#[test]
fn the_menu_of_a_call_that_ended_meanwhile_cancels_no_other() {
    let mut stage = menu_of_the_first("Ada Enter Bo Enter");
    stage.ok(1, 900);
    pick(&mut stage, "Cancel the call");
    assert!(stage.asked().is_empty());
    assert!(stage.shows("#1 is over"), "{}", stage.picture());
}

#[test]
fn the_menu_of_a_call_that_ended_meanwhile_ends_no_other_stream() {
    let mut stage = menu_of_the_first("Alt-4 a Enter b Ctrl-N");
    stage.ok(1, 900);
    pick(&mut stage, "End its request stream (half-close)");
    assert!(stage.asked().is_empty());
    assert!(stage.shows("#1 is over"), "{}", stage.picture());
    assert!(stage.model.focused().call(CallId(2)).unwrap().is_open());
}

#[test]
fn the_menu_of_the_only_call_neither_clears_the_line_nor_makes_ready_to_quit() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ada Enter");
    stage.started(1);
    stage.keys("kept Esc Enter");
    stage.ok(1, 900);
    stage.wait(2_000);
    pick(&mut stage, "Cancel the call");
    assert!(stage.shows("#1 is over") && !stage.shows("again quits"), "{}", stage.picture());
    assert_eq!(stage.model.focused().line.text(), "kept");
}

#[test]
fn ctrl_c_on_a_chosen_call_that_ended_meanwhile_cancels_no_other() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ada Enter Bo Enter");
    stage.started(1);
    stage.started(2);
    stage.keys("Esc Home");
    stage.asked();
    stage.ok(1, 900);
    stage.keys("Ctrl-C Ctrl-C");
    assert!(stage.asked().is_empty());
    assert!(stage.shows("#1 is over: Esc, then Ctrl-C cancels #2"), "{}", stage.picture());
    stage.keys("Esc Ctrl-C");
    assert_eq!(stage.asked(), ["cancel #2"]);
}

#[test]
fn ctrl_c_twice_on_a_chosen_call_cancels_it_and_no_other() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ada Enter Bo Enter");
    stage.started(1);
    stage.started(2);
    stage.keys("Esc Home");
    stage.asked();
    stage.keys("Ctrl-C Ctrl-C");
    assert_eq!(stage.asked(), ["cancel #1"]);
    assert!(stage.shows("#1 is being cancelled"), "{}", stage.picture());
}

#[test]
fn ctrl_c_on_a_chosen_call_quits_where_nothing_lives_and_leaves_the_line() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ada Enter");
    stage.ok(1, 900);
    stage.wait(2_000);
    stage.keys("kept Esc Ctrl-C");
    assert_eq!(stage.model.focused().line.text(), "kept");
    assert!(stage.shows("nothing live here · Ctrl-C again quits"), "{}", stage.picture());
    stage.asked();
    stage.keys("Ctrl-C");
    assert_eq!(stage.asked(), ["quit"]);
}

/// Two calls with a secret each, the newest one chosen.
fn with_secrets(zoom: &str) -> Stage {
    let mut stage = Stage::new(if zoom.is_empty() { 200 } else { 120 }, 60);
    for (call, secret) in [(1, "hush"), (2, "psst")] {
        stage.keys("World Enter");
        stage.started(call);
        stage.headers(call, &[("set-cookie", secret)]);
        stage.ok(call, 500);
    }
    stage.keys(&format!("{zoom}Esc Home"));
    stage
}

#[test]
fn secrets_that_were_shown_are_masked_again_once_another_call_was_chosen() {
    for zoom in ["", "Ctrl-O "] {
        let mut stage = with_secrets(zoom);
        stage.keys("v");
        assert!(stage.shows("hush") && !stage.shows("psst"), "{}", stage.picture());
        stage.keys("End Esc");
        assert!(!stage.shows("hush") && !stage.shows("psst"), "{}", stage.picture());
        stage.keys("Home");
        assert!(!stage.shows("hush"), "{}", stage.picture());
        stage.keys("v Down");
        assert_eq!(stage.model.focused().chosen_call().unwrap().id, CallId(2));
        stage.keys("Up");
        assert_eq!(stage.model.focused().chosen_call().unwrap().id, CallId(1));
        assert!(!stage.shows("hush"), "{}", stage.picture());
    }
}

#[test]
fn secrets_that_were_shown_are_masked_again_after_a_new_call() {
    let mut stage = Stage::new(200, 60);
    stage.keys("Alt-4 Dave Enter");
    stage.started(1);
    stage.headers(1, &[("set-cookie", "hush")]);
    stage.ok(1, 500);
    stage.keys("Esc v");
    assert!(stage.shows("hush"), "{}", stage.picture());
    stage.keys("Ctrl-N");
    stage.keys("Esc Home");
    assert_eq!(stage.model.focused().chosen_call().unwrap().id, CallId(1));
    assert!(!stage.shows("hush"), "{}", stage.picture());
}

#[test]
fn secrets_that_were_shown_stay_so_from_row_to_row_of_their_call() {
    let mut stage = Stage::new(200, 60);
    stage.keys("World Enter");
    stage.started(1);
    stage.headers(1, &[("set-cookie", "hush")]);
    stage.received(1, 400, "Hello, World!");
    stage.ok(1, 500);
    stage.keys("Esc v Up");
    assert!(stage.shows("hush"), "{}", stage.picture());
}
