//! Help with requests of several fields: every field at once, names proposed, objects pasted.

use greeter::{
    schema::Kind,
    tui::{
        model::{Draft, Form, Panel},
        update::{Effect, Msg, TerminalWish},
    },
};

use crate::{services, stage::Stage};

fn shop() -> Stage {
    let mut stage = services::shop();
    stage.keys("/ cart Enter Alt-1");
    stage
}

fn line(stage: &Stage) -> &str {
    stage.model.focused().line.text()
}

#[test]
fn ctrl_t_puts_every_field_into_the_line() {
    let mut stage = shop();
    stage.keys("Ctrl-t");
    assert_eq!(line(&stage), r#"{"id": "", "count": 0}"#);
    stage.keys("Enter");
    assert!(stage.shows("#1"), "{}", stage.picture());
}

#[test]
fn ctrl_t_does_not_overwrite_what_is_typed() {
    let mut stage = shop();
    stage.keys("{ Ctrl-t");
    assert_eq!(line(&stage), "{");
    assert!(stage.shows("Ctrl-U clears it"), "{}", stage.picture());
}

#[test]
fn names_are_proposed_and_right_takes_the_first() {
    let mut stage = shop();
    stage.keys("{");
    assert!(stage.shows("id string") && stage.shows("count int32"), "{}", stage.picture());
    stage.keys("\"co");
    assert!(!stage.shows("id string") && stage.shows("count int32"), "{}", stage.picture());
    stage.keys("Right");
    assert_eq!(line(&stage), r#"{"count": "#);
    stage.keys("3}");
    assert_eq!(line(&stage), r#"{"count": 3}"#);
}

#[test]
fn down_chooses_another_of_the_proposed_names() {
    let mut stage = shop();
    stage.keys("{ Down");
    assert!(stage.row("json ▸").contains("{\"count\":"), "{}", stage.picture());
    stage.keys("Right");
    assert_eq!(line(&stage), r#"{"count": "#);
    // Behind the last one comes the first, and Up goes back.
    stage.keys("Ctrl-u { Down Down Right");
    assert_eq!(line(&stage), r#"{"id": "#);
    stage.keys("Ctrl-u { Down Up Right");
    assert_eq!(line(&stage), r#"{"id": "#);
}

#[test]
fn on_the_first_of_the_proposed_names_up_is_the_history_and_down_leads_back() {
    let mut stage = shop();
    stage.keys("{\"id\":\"a\"} Enter { Up");
    assert_eq!(line(&stage), r#"{"id":"a"}"#);
    stage.keys("Down");
    assert_eq!(line(&stage), "{");
}

#[test]
fn a_chosen_name_stays_chosen_while_what_is_typed_fits_it() {
    let mut stage = shop();
    stage.keys("{ Down \"");
    stage.keys("c");
    assert!(stage.row("json ▸").contains("{\"count\":"), "{}", stage.picture());
    stage.keys("Backspace i Right");
    assert_eq!(line(&stage), r#"{"id": "#);
}

#[test]
fn down_moves_to_the_row_below_where_no_word_is_begun() {
    let mut stage = shop();
    stage.keys("{ Ctrl-j } Up Down x");
    assert_eq!(line(&stage), "{\n}x");
}

#[test]
fn inside_of_what_is_written_right_moves() {
    let mut stage = shop();
    stage.keys("{\"id\":1} Ctrl-a Right Right x");
    assert_eq!(line(&stage), "{\"xid\":1}");
}

#[test]
fn plain_text_is_refused_with_the_fields() {
    let mut stage = shop();
    stage.keys("apple Enter");
    assert!(stage.shows("is typed as JSON: {\"id\"") && stage.shows("Ctrl-T"), "{}", stage.picture());
    assert_eq!(line(&stage), "apple");
}

#[test]
fn an_object_pasted_in_several_rows_is_one_message() {
    let mut stage = shop();
    stage.send(Msg::Paste("{\r\n  \"id\": \"a\"\r\n}\r\n".to_owned()));
    assert_eq!(line(&stage), "{\n  \"id\": \"a\"\n}");
    assert_eq!(stage.model.panel, None);
}

#[test]
fn pasted_objects_are_one_message_each() {
    let mut stage = shop();
    stage.send(Msg::Paste("{\n \"id\": \"a\"\n}\n{\"id\": \"b\"}".to_owned()));
    assert!(matches!(stage.model.panel, Some(Panel::Paste(_))));
    assert!(stage.shows("2 JSON objects"), "{}", stage.picture());
    stage.keys("Enter");
    assert!(stage.shows("#1") && stage.shows("#2"), "{}", stage.picture());
}

#[test]
fn objects_pasted_in_one_row_are_one_message_each_too() {
    let mut stage = shop();
    stage.send(Msg::Paste(r#"{"id": "a"} {"id": "b"}"#.to_owned()));
    assert!(stage.shows("2 JSON objects"), "{}", stage.picture());
    stage.keys("Esc [");
    stage.send(Msg::Paste(r#"{"id": "a"},{"id": "b"}"#.to_owned()));
    assert_eq!(line(&stage), r#"[{"id": "a"},{"id": "b"}"#, "in the middle of a message it is a part of it");
}

#[test]
fn names_to_choose_from() {
    let mut stage = shop();
    stage.keys("{");
    insta::assert_snapshot!(stage.picture());
}

/// What the editor was opened on.
fn draft(stage: &mut Stage) -> Option<Draft> {
    stage.effects.drain(..).find_map(|effect| {
        if let Effect::Terminal(TerminalWish::Edit(draft)) = effect { Some(draft) } else { None }
    })
}

#[test]
fn ctrl_x_ctrl_e_opens_the_editor_on_the_line() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ada Ctrl-x");
    assert!(stage.shows("Ctrl-X and then  Ctrl-E edit  Esc back"), "{}", stage.picture());
    stage.keys("Ctrl-e");
    let form = Form::Plain;
    assert_eq!(draft(&mut stage), Some(Draft { pane: Kind::Unary, text: "Ada".to_owned(), form }));
    stage.send(Msg::Edited(Kind::Unary, Ok("Ada L".to_owned())));
    assert_eq!(line(&stage), "Ada L");
    stage.keys("Ctrl-u Ctrl-y");
    assert_eq!(stage.asked(), Vec::<String>::new(), "nothing is sent");
}

#[test]
fn what_was_in_the_line_is_put_back_by_ctrl_y() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ada Ctrl-x Ctrl-e");
    stage.send(Msg::Edited(Kind::Unary, Ok(String::new())));
    stage.keys("Ctrl-y");
    assert_eq!(line(&stage), "Ada");
}

#[test]
fn the_palette_opens_the_editor_too() {
    let mut stage = shop();
    stage.keys("/ edit Enter");
    let form = Form::Json;
    assert_eq!(draft(&mut stage), Some(Draft { pane: Kind::Unary, text: String::new(), form }));
}

#[test]
fn a_key_that_means_nothing_behind_ctrl_x_means_what_it_always_means() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ctrl-x a Ctrl-e b");
    assert_eq!(line(&stage), "ab");
    stage.keys("Ctrl-x Esc Ctrl-e");
    assert_eq!((draft(&mut stage), stage.model.focused().choice), (None, None));
}
