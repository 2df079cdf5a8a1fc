//! A message of several fields is written in several rows.

use crate::{services, stage::Stage};

fn shop() -> Stage {
    let mut stage = services::shop();
    stage.keys("/ cart Enter Alt-1");
    stage
}

#[test]
fn ctrl_j_begins_another_row_and_the_line_grows() {
    let mut stage = shop();
    stage.keys(r#"{ Ctrl-j "id": "a", Ctrl-j "count":2} "#);
    let picture = stage.picture();
    let row = |text: &str| {
        picture.lines().position(|row| row.contains(text)).unwrap_or_else(|| panic!("{picture}"))
    };
    assert_eq!(row("json ▸ {") + 1, row(r#""id":"a","#));
    assert_eq!(row(r#""id":"a","#) + 1, row(r#""count":2}"#));
    stage.keys("Enter");
    assert!(stage.row("#1").contains(r#"→ {"id": "a", "count": 2}"#), "{}", stage.picture());
}

#[test]
fn the_line_grows_to_half_the_pane_and_shows_the_row_with_the_cursor() {
    let mut stage = shop();
    stage.keys("{");
    for _ in 0..30 {
        stage.keys("Ctrl-j x");
    }
    stage.keys("Ctrl-j last");
    assert!(stage.shows("last"), "{}", stage.picture());
    let rows = stage.picture().lines().filter(|row| row.contains("│        x ")).count();
    assert!((10..=15).contains(&rows), "{rows}\n{}", stage.picture());
    assert!(stage.shows("│ ↑ "), "what is above is counted: {}", stage.picture());
    stage.keys("Up Up Up Up Up Up Up Up");
    assert!(stage.shows("│ ↑ ") && stage.shows("│ ↓ "), "{}", stage.picture());
}

/// A message with every field in it, of a type that has many.
#[test]
fn a_message_of_many_fields_has_rows_too() {
    let mut stage = shop();
    let message = format!("{{\n{}\n}}", "  \"field\": \"some words of the message\",\n".repeat(500));
    assert!(message.len() > 16 << 10);
    stage.model.replace_line(stage.model.focus, message);
    let rows = stage.picture().lines().filter(|row| row.contains("some words of the message")).count();
    assert!((10..=15).contains(&rows), "{rows}\n{}", stage.picture());
    assert!(stage.shows("│ ↑ "), "what is above is counted: {}", stage.picture());
    stage.keys("Up Up Up Up Up Up Up Up");
    assert!(stage.shows("│ ↑ ") && stage.shows("│ ↓ "), "{}", stage.picture());
}

#[test]
fn who_moves_through_a_message_writes_nothing_into_it() {
    let mut stage = shop();
    for written in [r#"{"id": "a", "count": 1}"#, "{Ctrl-j Ctrl-j }"] {
        stage.keys(written);
        let before = stage.model.focused().line.text().to_owned();
        stage.keys("Home Up Home");
        for _ in 0..40 {
            stage.keys("Right");
        }
        assert_eq!(stage.model.focused().line.text(), before);
        stage.keys("Ctrl-u Up Ctrl-u Up Ctrl-u");
        stage.model.replace_line(stage.model.focus, String::new());
    }
    stage.keys(r#"{} Left "i Right"#);
    assert_eq!(stage.model.focused().line.text(), r#"{"id": }"#, "where something was typed, it is taken");
}

#[test]
fn up_and_down_move_between_the_rows_and_then_through_the_history() {
    let mut stage = shop();
    stage.keys("{} Enter");
    stage.keys("{ Ctrl-j } Up Left x Down y");
    assert_eq!(stage.model.focused().line.text(), "x{\n}y");
    stage.keys("Up Up");
    assert_eq!(stage.model.focused().line.text(), "{}");
    stage.keys("Down");
    assert_eq!(stage.model.focused().line.text(), "x{\n}y");
}

#[test]
fn start_end_and_cutting_keep_to_the_row() {
    let mut stage = shop();
    stage.keys("{one Ctrl-j two} Ctrl-a Ctrl-k");
    assert_eq!(stage.model.focused().line.text(), "{one\n");
    stage.keys("Up End Ctrl-u");
    assert_eq!(stage.model.focused().line.text(), "\n");
}

#[test]
fn in_a_line_for_a_name_ctrl_j_is_enter() {
    let mut stage = Stage::new(120, 36);
    stage.keys("World Ctrl-j");
    assert!(stage.shows("#1"), "{}", stage.picture());
    assert!(stage.model.focused().line.is_empty());
}
