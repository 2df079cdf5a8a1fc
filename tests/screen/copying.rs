//! `y`: what is chosen goes to the clipboard.

use greeter::tui::update::Effect;

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
    stage.effects.drain(..).find_map(|effect| if let Effect::Copy(text) = effect { Some(text) } else { None })
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
