//! The wire of one call: how it ended stands among its frames, and its connection's summary above them.

use greeter::{
    rpc::{Cause, Code, Origin},
    tui::update::Msg,
    wire::Watch,
};

use super::scene::{GOAWAY, Scene, frame, two_calls};

/// A call that is open, and its frames alone.
fn an_open_call() -> Scene {
    let mut scene = Scene::new(120, 36);
    scene.stage.keys("World Enter");
    scene.request(1, "World");
    scene.stage.keys("F3 f");
    scene
}

#[test]
fn the_end_of_its_connection_stands_among_an_open_calls_frames() {
    let scene = an_open_call();
    assert!(scene.stage.shows("only call #1") && !scene.stage.shows("PREFACE"), "{}", scene.stage.picture());
    let Scene { mut stage, log, ear, .. } = scene;
    drop(ear);
    stage.send(Msg::Wire(log.take()));
    assert!(stage.shows("you closed the connection"), "{}", stage.picture());
}

#[test]
fn a_goaway_and_a_lost_place_stand_among_an_open_calls_frames() {
    let mut scene = an_open_call();
    scene.received(&frame(GOAWAY, 0, 0, &[0, 0, 0, 0, 0, 0, 0, 0]));
    assert!(scene.stage.shows("GOAWAY"), "{}", scene.stage.picture());
    scene.received(b"HTTP/1.1 400 Bad Request");
    assert!(scene.stage.shows("the place is lost"), "{}", scene.stage.picture());
}

#[test]
fn what_happened_behind_a_calls_end_is_not_its_own() {
    let mut scene = two_calls(120, 36);
    scene.received(&frame(GOAWAY, 0, 0, &[0, 0, 0, 0, 0, 0, 0, 0]));
    scene.stage.keys("Up Up Up Up Up f");
    assert!(scene.stage.shows("only call #1") && !scene.stage.shows("GOAWAY"), "{}", scene.stage.picture());
}

/// The call's connection is over, and another began.
fn reconnected(scene: Scene) -> Scene {
    let Scene { mut stage, log, ear, .. } = scene;
    drop(ear);
    let (mut ear, labels) = log.connection();
    ear.sent(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    stage.send(Msg::Wire(log.take()));
    Scene { stage, log, ear, labels }
}

#[test]
fn the_summary_and_the_windows_are_those_of_the_calls_own_connection() {
    let mut scene = reconnected(an_open_call());
    let own =
        |scene: &Scene| scene.stage.shows("· connection 1 ·") && scene.stage.shows("connection 1 is closed");
    assert!(own(&scene), "{}", scene.stage.picture());
    scene.stage.keys("f");
    assert!(scene.stage.shows("· connection 2 ·"), "{}", scene.stage.picture());
    assert!(!scene.stage.shows("is closed"), "{}", scene.stage.picture());
    scene.stage.keys("Home");
    assert!(own(&scene), "{}", scene.stage.picture());
}

/// What is said of a call that waits, when its frames alone are shown.
fn zoomed(to: impl FnOnce(&mut Scene)) -> String {
    let mut scene = two_calls(120, 36);
    scene.stage.keys("Esc Late Enter");
    to(&mut scene);
    scene.stage.keys("Ctrl-o F3");
    assert_eq!(scene.panel().call, Some(3));
    scene.stage.picture()
}

#[test]
fn a_call_that_was_not_sent_says_why_it_has_no_frames() {
    let told = zoomed(|scene| scene.stage.queued(3));
    assert!(told.contains("Not sent yet: it waits for its turn."), "{told}");
    let told = zoomed(|scene| scene.stage.waiting(3, "no connection"));
    assert!(told.contains("Not sent yet: it waits for a connection."), "{told}");
    let told = zoomed(|scene| {
        scene.stage.queued(3);
        scene.stage.failed(3, 900, Code::Cancelled, "", Origin::Here(Cause::CancelledByYou));
    });
    assert!(told.contains("Cancelled before its turn: nothing was sent."), "{told}");
}
