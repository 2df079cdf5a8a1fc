//! What is told of a frame that was chosen, and what is copied of it.

use greeter::tui::update::{Effect, TerminalWish};

use super::scene::{
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, SETTINGS, Scene, fields, frame,
    two_calls,
};

#[test]
fn y_copies_the_chosen_frame_in_hex() {
    let mut scene = two_calls(120, 36);
    scene.stage.effects.clear();
    scene.stage.keys("y");
    assert!(scene.stage.shows("no frame is chosen"), "{}", scene.stage.picture());
    scene.stage.keys("Up y");
    let copied = scene.stage.effects.iter().find_map(|effect| match effect {
        Effect::Terminal(TerminalWish::Copy(text)) => Some(text.clone()),
        _ => None,
    });
    assert_eq!(copied.as_deref(), Some("00 00 04 03 00 00 00 00 03 00 00 00 08"));
}

#[test]
fn y_is_offered_where_there_is_a_frame() {
    let mut scene = two_calls(120, 36);
    scene.stage.keys("Up");
    assert!(scene.stage.shows("y copy"), "{}", scene.stage.picture());
    scene.stage.keys("Home");
    assert!(scene.stage.shows("HTTP/2 begins"), "{}", scene.stage.picture());
    assert!(!scene.stage.shows("y copy"), "{}", scene.stage.picture());
}

#[test]
fn a_secret_is_not_copied() {
    let mut scene = two_calls(120, 36);
    scene.stage.keys("Up Up Up");
    scene.stage.effects.clear();
    scene.stage.keys("y");
    assert!(scene.stage.effects.is_empty());
    assert!(scene.stage.shows("their bytes are not copied"), "{}", scene.stage.picture());
}

#[test]
fn v_shows_secrets_until_the_panel_is_left() {
    let mut scene = two_calls(120, 36);
    scene.stage.keys("Up Up Up Enter");
    assert!(scene.stage.shows("authorization: ••••"), "{}", scene.stage.picture());
    assert!(scene.stage.shows("v show secrets"), "{}", scene.stage.picture());
    scene.stage.keys("v");
    assert!(scene.stage.shows("authorization: hush"), "{}", scene.stage.picture());
    scene.stage.effects.clear();
    scene.stage.keys("y");
    let is_copied = |effect: &Effect| matches!(effect, Effect::Terminal(TerminalWish::Copy(hex)) if hex.contains("68 75 73 68"));
    assert!(scene.stage.effects.iter().any(is_copied), "{:?}", scene.stage.effects);
    scene.stage.keys("Esc F3 Up Up Up Enter");
    assert!(!scene.stage.shows("hush"), "{}", scene.stage.picture());
}

#[test]
fn headers_that_nobody_kept_whole_are_not_copied() {
    let mut scene = Scene::new(120, 36);
    scene.stage.keys("World Enter");
    let many: Vec<(&str, &str)> = (0..300).map(|_| ("x", "")).chain([("authorization", "hush")]).collect();
    scene.labels.label(1, 1);
    scene.sent(&frame(HEADERS, END_HEADERS, 1, &fields(&many)));
    scene.stage.keys("F3 Up");
    scene.stage.effects.clear();
    scene.stage.keys("y");
    assert!(scene.stage.effects.is_empty());
    assert!(scene.stage.shows("their bytes are not copied"), "{}", scene.stage.picture());
}

#[test]
fn what_is_copied_of_a_long_frame_and_of_none_is_said() {
    let mut scene = Scene::new(120, 36);
    scene.sent(&frame(DATA, 0, 1, &[0; 5000]));
    scene.stage.keys("F3 Up y");
    assert!(scene.stage.shows("the first 1.0 KiB of 4.9 KiB"), "{}", scene.stage.picture());
    scene.stage.keys("Home y");
    assert!(scene.stage.shows("this is no frame"), "{}", scene.stage.picture());
    scene.stage.wait(10_000);
    scene.stage.keys("Enter");
    assert!(scene.stage.shows("50 52 49 20 2a 20 48 54"), "{}", scene.stage.picture());
}

/// What is said of the last frame when the server answers so.
fn said_of(headers: &[(&str, &str)], flags: u8) -> String {
    let mut scene = Scene::new(160, 36);
    scene.stage.keys("World Enter");
    let stream = scene.request(1, "World");
    scene.received(&frame(HEADERS, END_HEADERS | flags, stream, &fields(headers)));
    scene.stage.keys("F3 Up");
    scene.stage.picture()
}

#[test]
fn an_answer_that_is_not_grpcs_is_told_as_such() {
    let told = said_of(&[(":status", "200"), ("grpc-status", "5")], END_STREAM);
    assert!(told.contains("gRPC calls it") && told.contains("trailers-only · grpc-status 5"), "{told}");
    let told = said_of(&[(":status", "503"), ("content-type", "text/html")], END_STREAM);
    assert!(told.contains("by its HTTP status alone") && !told.contains("trailers-only"), "{told}");
    let told = said_of(&[(":status", "404"), ("content-type", "text/html")], 0);
    assert!(told.contains("not gRPC's"), "{told}");
    let told = said_of(&[(":status", "200"), ("content-type", "application/grpc+proto")], 0);
    assert!(told.contains("the server begins to answer"), "{told}");
}

#[test]
fn trailers_are_told_by_what_they_lack() {
    for (trailers, flags, expected) in [
        (&[("grpc-status", "0")][..], END_STREAM, "They bring the call's status"),
        (&[("x", "y")], END_STREAM, "trailers without a gRPC status"),
        (&[("grpc-status", "0")], 0, "without END_STREAM"),
    ] {
        let mut scene = Scene::new(160, 36);
        scene.stage.keys("World Enter");
        let stream = scene.request(1, "World");
        let head = [(":status", "200"), ("content-type", "application/grpc")];
        scene.received(&frame(HEADERS, END_HEADERS, stream, &fields(&head)));
        scene.received(&frame(HEADERS, END_HEADERS | flags, stream, &fields(trailers)));
        scene.stage.keys("F3 Up");
        assert!(scene.stage.shows(expected), "{}", scene.stage.picture());
    }
}

#[test]
fn a_ping_of_the_server_is_answered_and_no_round_trip() {
    let mut scene = Scene::new(120, 36);
    scene.received(&frame(PING, 0, 0, b"01234567"));
    scene.sent(&frame(PING, ACK, 0, b"01234567"));
    scene.stage.keys("F3 Up");
    assert!(scene.stage.shows("you answered the server's PING"), "{}", scene.stage.picture());
    let rows = scene.stage.picture();
    assert!(!rows.contains("back after") && !rows.contains("· PING"), "{rows}");
    scene.sent(&frame(PING, 0, 0, b"76543210"));
    scene.received(&frame(PING, ACK, 0, b"76543210"));
    scene.stage.keys("End");
    let rows = scene.stage.picture();
    assert!(rows.contains("back after") && rows.contains("· PING"), "{rows}");
}

#[test]
fn long_words_end_in_a_mark() {
    let mut scene = Scene::new(80, 24);
    let settings: Vec<u8> = (1..9).flat_map(|id| [0, id, 0, 0, 0, 1]).collect();
    scene.received(&frame(SETTINGS, 0, 0, &settings));
    scene.stage.keys("F3 Up");
    let picture = scene.stage.picture();
    let words: Vec<&str> = picture.lines().skip_while(|row| !row.contains("SETTINGS: ")).collect();
    assert!(words[2].contains('…'), "{picture}");
}

#[test]
fn a_message_of_a_status_is_told_as_it_was_meant() {
    let told =
        said_of(&[(":status", "200"), ("grpc-status", "5"), ("grpc-message", "no%20%E4%BD%A0")], END_STREAM);
    assert!(told.contains("grpc-status 5 NOT_FOUND · no 你"), "{told}");
}

#[test]
fn a_continuation_of_nothing_is_told_as_such() {
    let mut scene = Scene::new(160, 36);
    scene.received(&frame(CONTINUATION, END_HEADERS, 1, b""));
    scene.stage.keys("F3");
    let told = scene.stage.picture();
    assert!(told.contains("CONTINUATION without HEADERS before it"), "{told}");
    assert!(told.contains("malformed: no HEADERS before it go on"), "{told}");
}
