//! The wire panel: the ladder, choosing a frame, its bytes, and what of the log is shown.

mod bytes;
mod held;
mod one_call;
mod scene;
mod told;

use greeter::{
    tui::{
        model::WireScroll,
        update::Msg,
        view::{Background, Depth, Theme},
    },
    wire::{Attention, Watch},
};

use self::scene::{DATA, RST_STREAM, Scene, frame, message, two_calls};
use crate::stage::Stage;

#[test]
fn every_frame_is_a_row_of_the_ladder() {
    insta::assert_snapshot!(two_calls(120, 36).picture());
}

#[test]
fn a_small_screen_keeps_what_matters() {
    insta::assert_snapshot!("at_80x24", two_calls(80, 24).picture());
    insta::assert_snapshot!("at_40x12", two_calls(40, 12).picture());
}

#[test]
fn a_chosen_frame_is_told_in_plain_words_on_the_smallest_screen() {
    let mut scene = two_calls(40, 12);
    scene.stage.keys("Up Up Up Up Up");
    assert!(scene.stage.shows("DATA with one whole message"), "{}", scene.stage.picture());
    let chosen = scene.stage.row("\"Hello");
    scene.stage.send(Msg::Resize(40, 20));
    assert!(scene.stage.shows("DATA with one whole message"), "{}", scene.stage.picture());
    assert!(!scene.stage.shows("may send"), "{chosen}\n{}", scene.stage.picture());
}

#[test]
fn what_a_message_says_is_read_at_80_columns() {
    let mut scene = Scene::new(80, 24);
    scene.stage.keys("Zoe Enter");
    let stream = scene.request(1, "Zoe");
    scene.reply(stream, "Hello, Zoe! Number 3");
    scene.stage.keys("F3");
    assert!(scene.stage.shows("\"Hello, Zoe! Number 3\""), "{}", scene.stage.picture());
    assert!(scene.stage.shows(":status 200 · application/grpc"), "{}", scene.stage.picture());
}

#[test]
fn what_was_not_kept_has_an_arrow_and_a_size() {
    let mut scene = Scene::new(120, 36);
    scene.stage.keys("World Enter");
    let stream = scene.request(1, "World");
    scene.log.look(Attention::Closed);
    let frame = frame(DATA, 0, stream, &message("Hello, World!"));
    (0..100).for_each(|_| scene.ear.received(&frame));
    scene.look();
    scene.stage.keys("F3");
    let row = scene.stage.row("counted and not kept");
    assert!(row.contains("◂──") && row.contains("KiB"), "{row}");
}

#[test]
fn a_chosen_frame_is_told_in_plain_words_and_its_bytes_beside_their_meaning() {
    let mut scene = two_calls(120, 36);
    scene.stage.keys("Up Up Up Up Up Enter");
    insta::assert_snapshot!(scene.picture());
}

#[test]
fn a_secret_is_seen_neither_in_words_nor_in_bytes() {
    let mut scene = two_calls(120, 40);
    scene.stage.keys("Up Up Up Enter");
    assert!(scene.stage.shows("authorization"), "{}", scene.stage.picture());
    assert!(scene.stage.shows("••••"), "{}", scene.stage.picture());
    assert!(!scene.stage.shows("hush"));
    // "hush" in hex.
    assert!(!scene.stage.shows("68 75 73 68"), "{}", scene.stage.picture());
}

#[test]
fn f_shows_the_chosen_frames_call_alone_and_then_all() {
    let mut scene = two_calls(120, 36);
    scene.stage.keys("Up Up Up Up f");
    assert_eq!(scene.panel().call, Some(1));
    assert!(scene.stage.shows("only call #1"), "{}", scene.stage.picture());
    assert!(!scene.stage.shows("RST_STREAM") && !scene.stage.shows("SETTINGS"));
    scene.stage.keys("f");
    assert!(scene.stage.shows("RST_STREAM") && scene.stage.shows("SETTINGS"));
}

#[test]
fn s_stops_reading_the_chosen_frames_call_and_reads_on() {
    let mut scene = two_calls(120, 36);
    scene.stage.started(1);
    scene.stage.asked();
    // The newest frame is call 2's reset; further up stand those of call 1.
    scene.stage.keys("Up Up Up Up s");
    assert_eq!(scene.stage.asked(), ["stop reading #1"]);
    assert!(
        scene.stage.shows("#1 is not read any more") && scene.stage.shows("s read on"),
        "{}",
        scene.stage.picture()
    );
    scene.stage.keys("Esc");
    assert!(scene.stage.shows("● reading stopped"), "{}", scene.stage.picture());
    scene.stage.keys("F3 Up Up Up Up s");
    assert_eq!(scene.stage.asked(), ["read #1 on"]);
    assert!(scene.stage.shows("s stop reading"), "{}", scene.stage.picture());
    scene.stage.keys("Esc");
    assert!(!scene.stage.shows("reading stopped"), "{}", scene.stage.picture());
}

#[test]
fn the_window_of_a_stream_that_is_not_read_is_seen_to_close() {
    let mut scene = Scene::new(120, 36);
    scene.stage.keys("World Enter");
    let stream = scene.request(1, "World");
    scene.stage.started(1);
    scene.stage.keys("F3 s");
    assert!(scene.stage.shows("stream 1  ▰▰▰▰▰▰▰▰▰▰ 64.0 KiB of 64.0 KiB"), "{}", scene.stage.picture());
    for length in [16_384, 16_384, 16_384, 16_383] {
        scene.received(&frame(DATA, 0, stream, &vec![0; length]));
    }
    assert!(scene.stage.shows("stream 1  ▱▱▱▱▱▱▱▱▱▱ nothing"), "{}", scene.stage.picture());
    scene.stage.keys("s");
    assert!(!scene.stage.shows("stream 1  ▱"), "{}", scene.stage.picture());
}

#[test]
fn what_is_over_or_no_call_cannot_be_stopped() {
    let mut scene = two_calls(120, 36);
    scene.stage.asked();
    scene.stage.keys("Home s");
    assert!(scene.stage.shows("no live call is chosen"), "{}", scene.stage.picture());
    scene.stage.ok(1, 500);
    scene.stage.keys("End Up Up Up Up s");
    assert!(scene.stage.shows("#1 is over"), "{}", scene.stage.picture());
    assert!(scene.stage.asked().is_empty());
}

#[test]
fn t_goes_through_the_types() {
    let mut scene = two_calls(120, 36);
    let seen =
        |scene: &Scene| ["SETTINGS", "HEADERS", " DATA ", "RST_STREAM"].map(|kind| scene.stage.shows(kind));
    assert_eq!(seen(&scene), [true; 4]);
    for expected in [
        [false, true, true, true],
        [false, true, false, false],
        [false, false, true, false],
        [true, false, false, false],
    ] {
        scene.stage.keys("t");
        assert_eq!(seen(&scene), expected, "{}", scene.stage.picture());
    }
    scene.stage.keys("t");
    assert_eq!(seen(&scene), [true; 4]);
}

#[test]
fn a_chosen_frame_stays_in_view_end_returns_to_the_newest_and_esc_to_the_panes() {
    let mut scene = two_calls(80, 24);
    scene.stage.keys("Home");
    assert!(scene.stage.shows("PREFACE"), "{}", scene.stage.picture());
    for call in 3..40 {
        scene.stage.model.last_call.0 = call;
        scene.request(call, "later");
    }
    assert!(scene.stage.shows("PREFACE"), "{}", scene.stage.picture());
    scene.stage.keys("End");
    assert!(!scene.stage.shows("PREFACE") && scene.stage.shows("#39"), "{}", scene.stage.picture());
    scene.stage.keys("Home Esc");
    assert_eq!(scene.stage.model.panel, None);
}

#[test]
fn the_arrows_go_through_all_that_is_kept() {
    let mut scene = two_calls(80, 24);
    for call in 3..60 {
        scene.stage.model.last_call.0 = call;
        scene.request(call, "x");
    }
    let all = scene.stage.model.wire.entries().count();
    for _ in 0..all + 5 {
        scene.stage.keys("Up");
    }
    assert!(scene.stage.shows("PREFACE"), "{}", scene.stage.picture());
    for _ in 0..all {
        scene.stage.keys("Down");
    }
    assert!(scene.stage.shows("#59"), "{}", scene.stage.picture());
}

#[test]
fn home_goes_to_the_oldest_and_page_up_a_page_back_from_the_newest() {
    let mut scene = two_calls(80, 24);
    for call in 3..60 {
        scene.stage.model.last_call.0 = call;
        scene.request(call, "x");
    }
    scene.stage.keys("PageUp PageUp");
    assert!(!scene.stage.shows("#59"), "{}", scene.stage.picture());
    scene.stage.keys("End Home");
    assert!(scene.stage.shows("PREFACE"), "{}", scene.stage.picture());
}

#[test]
fn a_chosen_frame_stays_in_view_when_the_screen_shrinks() {
    let mut scene = two_calls(120, 36);
    for call in 3..30 {
        scene.stage.model.last_call.0 = call;
        scene.request(call, "x");
    }
    for _ in 0..20 {
        scene.stage.keys("Up");
    }
    let chosen = |scene: &Scene| {
        let spot = scene.panel().chosen;
        let rows = greeter::tui::layout::wire(&scene.stage.model, &scene.panel()).rows.height;
        let shown = greeter::tui::layout::wire_entries(&scene.stage.model, &scene.panel(), rows.into());
        shown.iter().any(|(shown, _)| Some(*shown) == spot)
    };
    for size in [(80, 24), (40, 12), (120, 60)] {
        scene.stage.send(Msg::Resize(size.0, size.1));
        assert!(chosen(&scene), "{size:?}\n{}", scene.stage.picture());
    }
    // What there is room for is shown.
    scene.stage.send(Msg::Resize(120, 60));
    scene.stage.keys("Home");
    assert!(scene.stage.picture().matches("HEADERS").count() > 20, "{}", scene.stage.picture());
}

#[test]
fn a_held_view_and_a_chosen_frame_outlive_what_is_shown_beside_them() {
    let mut scene = two_calls(120, 36);
    scene.stage.keys("h t");
    assert!(matches!(scene.panel().scroll, WireScroll::Held(_)));
    scene.stage.keys("Esc F3 Up");
    let chosen = scene.panel().chosen;
    scene.stage.keys("t");
    assert_eq!(scene.panel().chosen, chosen, "a reset is a frame of a call");
    scene.stage.keys("t");
    assert_eq!(scene.panel().chosen, None, "it is no HEADERS");
}

#[test]
fn f_without_a_call_says_what_is_missing() {
    let mut scene = Scene::new(120, 36);
    scene.stage.keys("F3 f");
    assert!(scene.stage.shows("no call yet in this pane"), "{}", scene.stage.picture());
    scene.stage.keys("Up f");
    assert!(scene.stage.shows("this frame belongs to no call"), "{}", scene.stage.picture());
}

#[test]
fn f3_from_a_zoomed_pane_shows_the_newest_call_alone() {
    let mut scene = two_calls(120, 36);
    scene.stage.keys("Esc Ctrl-o F3");
    assert_eq!(scene.panel().call, Some(2));
}

#[test]
fn the_chosen_streams_windows_are_whole_at_80_columns() {
    let mut scene = Scene::new(80, 24);
    scene.stage.keys("World Enter");
    scene.request(1, "World");
    scene.stage.keys("F3 Up");
    assert!(scene.stage.shows("stream 1  ▰▰▰▰▰ 64.0 KiB"), "{}", scene.stage.picture());
}

#[test]
fn the_windows_are_whole_at_every_common_width() {
    let mut scene = Scene::new(80, 24);
    scene.stage.keys("World Enter");
    scene.request(1, "World");
    scene.stage.keys("F3 Up");
    for width in 76..=140 {
        scene.stage.send(Msg::Resize(width, 24));
        for side in ["you may", "server may"] {
            let row = scene.stage.row(side);
            assert!(row.contains("stream 1  ▰") && !row.contains('…'), "{width}\n{row}");
        }
    }
}

#[test]
fn a_stream_is_not_said_to_be_closed_because_many_others_are_open() {
    let mut scene = Scene::new(120, 36);
    scene.stage.keys("World Enter");
    scene.request(1, "World");
    scene.stage.keys("F3 Up");
    for call in 2..400 {
        scene.request(call, "x");
    }
    assert!(scene.stage.shows("stream 1  one of many"), "{}", scene.stage.picture());
}

#[test]
fn a_closed_connection_has_no_windows() {
    let mut scene = two_calls(120, 36);
    scene.stage.keys("Up");
    assert!(!scene.stage.shows("connection 1 is closed"), "{}", scene.stage.picture());
    let Scene { mut stage, log, ear, .. } = scene;
    drop(ear);
    stage.send(Msg::Wire(log.take()));
    assert!(stage.shows("connection 1 is closed"), "{}", stage.picture());
}

#[test]
fn long_numbers_are_told_with_all_digits() {
    for (width, call) in [(40, 9_876), (80, 9_876), (120, 12_345)] {
        let mut scene = Scene::new(width, 36);
        scene.stage.model.last_call.0 = call;
        let stream = scene.request(call, "x");
        scene.stage.keys("F3");
        assert!(scene.stage.shows(&format!("#{call} ")), "{}", scene.stage.picture());
        assert!(width == 40 || scene.stage.shows(&format!(" {stream} ")), "{}", scene.stage.picture());
        scene.received(&frame(RST_STREAM, 0, 2_147_483_647, &[0, 0, 0, 8]));
        assert!(width == 40 || scene.stage.shows("2147483647"), "{}", scene.stage.picture());
    }
}

#[test]
fn before_anything_passed_it_says_what_will_stand_here() {
    let mut stage = Stage::new(120, 36);
    stage.keys("F3");
    assert!(stage.shows("Nothing passed yet"), "{}", stage.picture());
}

#[test]
fn another_server_begins_another_log() {
    let mut scene = two_calls(120, 36);
    let place = greeter::tui::model::ServerPlace::Remote;
    let id = greeter::rpc::ChannelId(9);
    scene.stage.send(Msg::Linked {
        id,
        address: "staging:50051".to_owned(),
        place,
        protection: greeter::tui::model::Protection::Plaintext,
        way: None,
    });
    assert!(scene.stage.shows("Nothing passed yet"), "{}", scene.stage.picture());
}

#[test]
fn no_size_breaks_the_wire_panel() {
    let mut scene = two_calls(120, 36);
    let theme = Theme::new(Background::Dark, Depth::True);
    scene.stage.keys("Up Enter");
    for width in (0..140).step_by(7) {
        for height in 0..40 {
            scene.stage.send(Msg::Resize(width, height));
            scene.stage.draw(&theme);
            scene.stage.keys("Up Down");
        }
    }
}

#[test]
fn a_call_that_has_no_stream_cannot_be_stopped() {
    let mut scene = two_calls(120, 36);
    scene.stage.keys("Esc Late Enter F3");
    scene.stage.asked();
    assert!(!scene.stage.shows("s stop reading"), "{}", scene.stage.picture());
    scene.stage.keys("s");
    assert!(scene.stage.shows("#3 has no stream yet"), "{}", scene.stage.picture());
    assert!(scene.stage.asked().is_empty());
}

#[test]
fn without_a_connection_the_wire_says_why_nothing_passed() {
    let mut stage = crate::stage::Stage::remote(120, 36);
    stage.lost("connection refused");
    stage.keys("F3");
    assert!(
        stage.shows("Nothing passed yet: connection refused. F2 says what to do."),
        "{}",
        stage.picture()
    );
    assert!(!stage.row("Esc back").contains("hold"), "{}", stage.picture());
}
