//! `y`: what is chosen goes to the clipboard.

use greeter::tui::{
    action::Action,
    model::ServerPlace,
    update::{Effect, Msg, TerminalWish},
};

use crate::stage::Stage;

/// A call with its heading chosen.
fn chosen() -> Stage {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ada Enter");
    stage.received(1, 400, "Hello, Ada!");
    stage.ok(1, 400);
    stage.keys("Esc Home");
    stage
}

/// What went to the clipboard.
fn copied(stage: &mut Stage) -> Option<String> {
    stage.effects.drain(..).find_map(|effect| {
        if let Effect::Terminal(TerminalWish::Copy(text)) = effect { Some(text) } else { None }
    })
}

#[test]
fn y_on_a_call_asks_as_what_and_y_again_copies_the_greeter_command() {
    let mut stage = chosen();
    assert!(stage.shows("y copy as"), "{}", stage.picture());
    stage.keys("y");
    assert_eq!(copied(&mut stage), None);
    insta::assert_snapshot!(stage.picture());
    stage.keys("y");
    let command = copied(&mut stage).unwrap();
    assert!(
        command.starts_with("greeter call helloworld.Greeter/SayHello '{\"name\":\"Ada\"}' --addr"),
        "{command}"
    );
    assert!(stage.model.panel.is_none() && stage.shows("sent to the terminal's clipboard"));
}

#[test]
fn one_more_key_copies_it_for_grpcurl_or_its_transcript() {
    let mut stage = chosen();
    stage.keys("y g");
    let command = copied(&mut stage).unwrap();
    assert!(command.starts_with("grpcurl ") && command.contains("helloworld.Greeter/SayHello"), "{command}");
    stage.keys("y t");
    let transcript = copied(&mut stage).unwrap();
    assert!(transcript.starts_with("#1 ") && transcript.contains("← Hello, Ada!"), "{transcript}");
    stage.keys("y Down Enter");
    assert!(copied(&mut stage).unwrap().starts_with("grpcurl "));
}

#[test]
fn that_grpcurl_needs_a_file_too_is_said_where_the_server_has_no_reflection() {
    let mut stage = chosen();
    stage.keys("y g");
    assert!(copied(&mut stage).is_some() && !stage.shows("-proto"), "the embedded server has reflection");
    // As on a server elsewhere that did not tell what it has.
    stage.model.link.place = ServerPlace::Remote;
    stage.keys("y g");
    assert!(copied(&mut stage).is_some());
    assert!(stage.shows("grpcurl needs the"), "{}", stage.picture());
}

#[test]
fn y_on_a_message_copies_the_message() {
    let mut stage = chosen();
    stage.keys("End Esc y");
    assert_eq!(copied(&mut stage).as_deref(), Some("Hello, Ada!"));
}

#[test]
fn esc_copies_nothing_and_the_call_stays_chosen() {
    let mut stage = chosen();
    stage.keys("y Esc");
    assert_eq!(copied(&mut stage), None);
    assert!(stage.model.panel.is_none() && stage.shows("y copy as"), "{}", stage.picture());
}

/// What is copied is cut, and the screen says so.
fn assert_cut(stage: &mut Stage, what: &str) {
    let copied = copied(stage).unwrap();
    assert!((60 << 10..=64 << 10).contains(&copied.len()), "{what}: {}", copied.len());
    assert!(stage.shows("its first 64 KiB sent to the terminal's clipboard"), "{what}: {}", stage.picture());
}

#[test]
fn what_is_too_long_for_a_clipboard_is_cut_and_that_is_said() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ada Enter");
    stage.received(1, 400, &"x".repeat(100 << 10));
    stage.ok(1, 400);
    stage.keys("Esc y");
    assert_cut(&mut stage, "a message");
    stage.send(Msg::Do(Action::CopyBytes));
    assert_cut(&mut stage, "its bytes");
    stage.keys("Home y t");
    assert_cut(&mut stage, "a transcript with a long message");
}

#[test]
fn a_transcript_of_many_messages_is_cut_and_that_is_said() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Alt-2 World Enter");
    stage.flood(1, 1, 4_000);
    stage.keys("Esc Home y t");
    assert_cut(&mut stage, "a transcript");
}

#[test]
fn a_command_that_is_too_long_is_not_copied() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Alt-3 Ada Enter");
    for _ in 0..3 {
        stage.sent(1, 400, &"x".repeat(30 << 10));
    }
    stage.keys("Esc Home y y");
    assert_eq!(copied(&mut stage), None);
    assert!(stage.shows("a command of more than 64.0 KiB is too long to be copied"), "{}", stage.picture());
}
