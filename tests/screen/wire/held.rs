//! A held view and a chosen frame, while other frames pass.

use greeter::{
    tui::{model::WireScroll, update::Msg},
    wire::Watch,
};

use super::scene::{PING, Scene, frame, two_calls};

/// The rows of the ladder and what is below them, without the panel's edge.
fn inside(scene: &Scene) -> Vec<String> {
    let picture = scene.picture();
    picture.lines().filter(|row| row.starts_with('│')).map(str::to_owned).collect()
}

/// More frames than are kept pass, a few hundred each time the screen looks.
fn flood(scene: &mut Scene) {
    for _ in 0..20 {
        for _ in 0..500 {
            scene.ear.sent(&frame(PING, 0, 0, b"01234567"));
        }
        scene.look();
    }
}

#[test]
fn a_held_view_stands_still_while_frames_come() {
    let mut scene = two_calls(120, 36);
    scene.stage.keys("h");
    let before = scene.picture();
    let stream = scene.request(3, "later");
    let rows = |picture: &str| {
        picture.lines().filter(|row| row.contains('#')).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(rows(&before), rows(&scene.picture()));
    scene.stage.keys("h");
    assert_eq!(scene.panel().scroll, WireScroll::Newest);
    scene.reply(stream, "Hello, later!");
    assert!(scene.stage.shows("message 1 · 15 B"), "{}", scene.stage.picture());
}

#[test]
fn a_held_view_stands_still_however_much_passes() {
    let mut scene = two_calls(120, 36);
    scene.stage.keys("h");
    let before = inside(&scene);
    flood(&mut scene);
    assert_eq!(inside(&scene), before);
    assert!(scene.stage.shows("held · 10 000 more since · h goes on"), "{}", scene.stage.picture());
    scene.stage.keys("h");
    assert!(!scene.stage.shows("held"), "{}", scene.stage.picture());
    assert!(scene.stage.shows("are you there?") && !scene.stage.shows("PREFACE"));
}

#[test]
fn a_chosen_frame_keeps_its_words_and_bytes_however_much_passes() {
    let mut scene = two_calls(120, 36);
    scene.stage.keys("Up Up Up Up Up Enter");
    let before = inside(&scene);
    flood(&mut scene);
    assert_eq!(inside(&scene), before);
    assert!(scene.stage.shows("held while a frame is chosen · 10 000 more since"));
    scene.stage.keys("Home");
    assert!(scene.stage.shows("The first 24 bytes"), "{}", scene.stage.picture());
    scene.stage.keys("End");
    assert!(!scene.stage.shows("held") && scene.stage.shows("are you there?"), "{}", scene.stage.picture());
}

#[test]
fn what_passes_beside_a_held_view_is_counted_in_the_summary() {
    let mut scene = two_calls(120, 36);
    assert!(scene.stage.shows("↑ 250 B"), "{}", scene.stage.picture());
    scene.stage.keys("h");
    flood(&mut scene);
    assert!(scene.stage.shows("↑ 166 KiB"), "{}", scene.stage.picture());
}

#[test]
fn the_arrows_reach_what_passed_since_a_frame_was_chosen() {
    let mut scene = two_calls(120, 36);
    scene.stage.keys("Up");
    let chosen = scene.panel().chosen;
    scene.request(3, "later");
    scene.stage.keys("Down Down");
    assert!(scene.panel().chosen > chosen);
    assert!(scene.stage.shows("stream 5  ▰"), "{}", scene.stage.picture());
}

#[test]
fn a_held_view_outlives_its_connection() {
    let mut scene = two_calls(120, 36);
    scene.stage.keys("h");
    let rows = |scene: &Scene| inside(scene).into_iter().filter(|row| row.contains(" #")).collect::<Vec<_>>();
    let before = rows(&scene);
    for _ in 0..6 {
        let (mut ear, _labels) = scene.log.connection();
        ear.sent(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        scene.stage.send(Msg::Wire(scene.log.take()));
    }
    assert_eq!(rows(&scene), before);
    scene.stage.keys("h");
    assert!(!scene.stage.shows("RST_STREAM"), "{}", scene.stage.picture());
}

#[test]
fn a_panel_that_is_opened_again_is_not_held() {
    let mut scene = two_calls(120, 36);
    scene.stage.keys("h");
    flood(&mut scene);
    scene.stage.keys("Esc F3");
    assert!(scene.stage.shows("are you there?") && !scene.stage.shows("held"), "{}", scene.stage.picture());
}
