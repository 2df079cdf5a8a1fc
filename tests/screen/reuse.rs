//! What comes back into the line: a request, a line of the history, and with `Ctrl-Y` what was there before.

use greeter::tui::{action::Action, update::Msg};

use crate::{services, stage::Stage};

fn line(stage: &Stage) -> &str {
    stage.model.focused().line.text()
}

/// A unary call with this line, and its request put back.
fn put_back(sent: &str) -> Stage {
    let mut stage = Stage::new(120, 36);
    again(&mut stage, sent);
    stage
}

fn again(stage: &mut Stage, sent: &str) {
    stage.model.focused_mut().line.set(sent);
    stage.keys("Enter");
    stage.ok(1, 400);
    stage.keys("Esc Home");
    reuse(stage);
}

fn reuse(stage: &mut Stage) {
    stage.send(Msg::Do(Action::Reuse));
}

#[test]
fn a_request_of_any_length_comes_back_whole() {
    let long = "x".repeat(100 << 10);
    assert_eq!(line(&put_back(&long)), long);

    let mut stage = services::shop();
    stage.keys("/ cart Enter Alt-1");
    let json = format!(r#"{{"id":"{long}"}}"#);
    again(&mut stage, &json);
    assert_eq!(line(&stage), json);
}

#[test]
fn a_text_that_looks_like_json_comes_back_as_the_json_that_says_it() {
    let sent = r#"{"name":"{Ada}"}"#;
    assert_eq!(line(&put_back(sent)), sent);
}

#[test]
fn an_empty_message_comes_back_as_one_that_can_be_sent() {
    let mut stage = put_back("{}");
    stage.keys("Enter");
    assert!(stage.shows("#2"), "{}", stage.picture());
}

#[test]
fn ctrl_y_gives_back_what_was_typed_before_a_request_came_back() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ada Enter");
    stage.ok(1, 400);
    stage.keys("typed Esc Home");
    reuse(&mut stage);
    assert_eq!(line(&stage), "Ada");
    stage.keys("Ctrl-Y");
    assert_eq!(line(&stage), "Adatyped");
}

#[test]
fn ctrl_y_gives_back_what_was_typed_before_a_line_of_the_history_came() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ada Enter typed Ctrl-R Enter");
    assert_eq!(line(&stage), "Ada");
    stage.keys("Ctrl-Y");
    assert_eq!(line(&stage), "Adatyped");
}

#[test]
fn a_completed_line_is_kept_while_up_looks_at_older_ones() {
    let mut stage = services::shop();
    stage.keys("/ cart Enter Alt-1");
    stage.keys(r#"{} Enter Up Left "i Right"#);
    let completed = line(&stage).to_owned();
    assert_ne!(completed, "{}");
    stage.keys("Up");
    assert_eq!(line(&stage), "{}");
    stage.keys("Down");
    assert_eq!(line(&stage), completed);
}
