//! The wire panel: the ladder, choosing a frame, its bytes, and what of the log is shown.

use greeter::{
    tui::{
        model::{Panel, WirePanel, WireScroll},
        update::{Effect, Msg},
        view::{Background, Depth, Theme},
    },
    wire::{Attention, Ear, Labels, Watch, WireLog},
};

use crate::stage::Stage;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// A connection as a tap hears it, and the screen that looks at it.
struct Scene {
    stage: Stage,
    log: WireLog,
    ear: Ear,
    labels: Labels,
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// Fields spelt out, none remembered (RFC 7541, section 6.2.2).
fn fields(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in pairs {
        block.push(0);
        for text in [name, value] {
            block.push(text.len() as u8);
            block.extend(text.as_bytes());
        }
    }
    block
}

fn message(text: &str) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 0, text.len() as u8 + 2, 0x0a, text.len() as u8];
    bytes.extend(text.as_bytes());
    bytes
}

impl Scene {
    fn new(width: u16, height: u16) -> Self {
        let log = WireLog::new();
        log.look(Attention::Open);
        let (ear, labels) = log.connection();
        let mut scene = Self { stage: Stage::new(width, height), log, ear, labels };
        scene.sent(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        scene.sent(&frame(SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0]));
        scene.received(&frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100]));
        scene
    }

    fn sent(&mut self, bytes: &[u8]) {
        self.ear.sent(bytes);
        self.look();
    }

    fn received(&mut self, bytes: &[u8]) {
        self.ear.received(bytes);
        self.look();
    }

    fn look(&mut self) {
        self.stage.send(Msg::Wire(self.log.take()));
    }

    /// A name goes out on a stream of its own, as the call of that number, and its request ends.
    fn request(&mut self, call: u32, name: &str) -> u32 {
        let stream = 2 * call - 1;
        self.labels.label(stream, call);
        let headers =
            [(":method", "POST"), (":path", "/helloworld.Greeter/SayHello"), ("authorization", "hush")];
        self.sent(&frame(HEADERS, END_HEADERS, stream, &fields(&headers)));
        self.sent(&frame(DATA, END_STREAM, stream, &message(name)));
        stream
    }

    fn reply(&mut self, stream: u32, text: &str) {
        let headers = [(":status", "200"), ("content-type", "application/grpc")];
        self.received(&frame(HEADERS, END_HEADERS, stream, &fields(&headers)));
        self.received(&frame(DATA, 0, stream, &message(text)));
        self.received(&frame(HEADERS, END_HEADERS | END_STREAM, stream, &fields(&[("grpc-status", "0")])));
    }

    /// The screen, its times made equal.
    fn picture(&self) -> String {
        let picture = self.stage.picture();
        let mut rows = Vec::new();
        for row in picture.lines() {
            let mut row: Vec<char> = row.chars().collect();
            for at in 4..row.len().min(14) {
                let is_time = row[at] == '.'
                    && row[at - 1].is_ascii_digit()
                    && row[at + 1..at + 4].iter().all(char::is_ascii_digit);
                if is_time {
                    row.splice(at - 1..at + 4, "0.000".chars());
                }
            }
            rows.push(row.into_iter().collect::<String>());
        }
        rows.join("\n")
    }

    fn panel(&self) -> WirePanel {
        match self.stage.model.panel {
            Some(Panel::Wire(panel)) => panel,
            ref other => panic!("{other:?}"),
        }
    }
}

/// Two unary calls, the first answered, the second cancelled.
fn two_calls(width: u16, height: u16) -> Scene {
    let mut scene = Scene::new(width, height);
    scene.stage.keys("World Enter");
    let stream = scene.request(1, "World");
    scene.reply(stream, "Hello, World!");
    scene.stage.keys("Zoe Enter");
    let stream = scene.request(2, "Zoe");
    scene.sent(&frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]));
    scene.stage.keys("F3");
    scene
}

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
fn a_chosen_frame_stays_in_view_and_esc_returns_to_the_newest() {
    let mut scene = two_calls(80, 24);
    scene.stage.keys("Home");
    assert!(scene.stage.shows("PREFACE"), "{}", scene.stage.picture());
    for call in 3..40 {
        scene.stage.model.last_call.0 = call;
        scene.request(call, "later");
    }
    assert!(scene.stage.shows("PREFACE"), "{}", scene.stage.picture());
    scene.stage.keys("Esc");
    assert!(!scene.stage.shows("PREFACE") && scene.stage.shows("#39"), "{}", scene.stage.picture());
    scene.stage.keys("Esc");
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
    scene.stage.keys("Esc Home");
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
fn a_chosen_frame_that_is_not_kept_any_more_leaves_the_oldest_in_view() {
    let mut scene = two_calls(80, 24);
    scene.stage.keys("Home");
    for call in 3..4000 {
        scene.stage.model.last_call.0 = call;
        scene.request(call, "x");
    }
    assert!(scene.stage.model.wire.entry(scene.panel().chosen.unwrap()).is_none());
    assert!(scene.stage.shows("HEADERS"), "{}", scene.stage.picture());
    assert!(scene.stage.shows("is no longer kept"), "{}", scene.stage.picture());
    scene.stage.keys("Down");
    let oldest = scene.stage.model.wire.entries().next().unwrap().0;
    assert_eq!(scene.panel().chosen, Some(oldest));
    scene.stage.keys("Down");
    assert!(scene.panel().chosen > Some(oldest));
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
fn y_copies_the_chosen_frame_in_hex() {
    let mut scene = two_calls(120, 36);
    scene.stage.effects.clear();
    scene.stage.keys("y");
    assert!(scene.stage.shows("no frame is chosen"), "{}", scene.stage.picture());
    scene.stage.keys("Up y");
    let copied = scene.stage.effects.iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    assert_eq!(copied.as_deref(), Some("00 00 04 03 00 00 00 00 03 00 00 00 08"));
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
    let is_copied = |effect: &Effect| matches!(effect, Effect::Copy(hex) if hex.contains("68 75 73 68"));
    assert!(scene.stage.effects.iter().any(is_copied), "{:?}", scene.stage.effects);
    scene.stage.keys("Esc Esc F3 Up Up Up Enter");
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
    assert!(scene.stage.shows("50 52 49 20 2a 20 48 54 …"), "{}", scene.stage.picture());
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
fn the_chosen_streams_windows_are_whole_at_80_columns() {
    let mut scene = Scene::new(80, 24);
    scene.stage.keys("World Enter");
    scene.request(1, "World");
    scene.stage.keys("F3 Up");
    assert!(scene.stage.shows("stream 1  ▰▰▰▰▰ 64.0 KiB"), "{}", scene.stage.picture());
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
