//! Whatever happens in whatever order, some things hold.

use std::collections::HashSet;

use greeter::{
    rpc::{Cause, Code, Status},
    schema::Kind,
    tui::{
        layout::{self, Room},
        model::Zoom,
        update::{EmbeddedNews, Msg},
        view::{Background, Depth, Theme},
    },
};
use proptest::prelude::*;

use crate::stage::Stage;

/// Something that may happen.
#[derive(Debug, Clone)]
enum Happens {
    Keys(&'static str),
    Typed(String),
    Reply(u32, String),
    Sent(u32),
    Ends(u32),
    Cancelled(u32),
    Resized(u16, u16),
    Pasted(String),
    Waited(u64),
    ServerStopped,
    Introduced,
}

const KEYS: [&str; 40] = [
    "Enter",
    "Enter",
    "Enter",
    "Ctrl-N",
    "Ctrl-D",
    "Ctrl-C",
    "Ctrl-G",
    "Tab",
    "Shift-Tab",
    "Alt-1",
    "Alt-2",
    "Alt-3",
    "Alt-4",
    "Up",
    "Down",
    "PageUp",
    "PageDown",
    "End",
    "Home",
    "Ctrl-O",
    "Ctrl-L",
    "/",
    "F1",
    "F2",
    "Esc",
    "y",
    "g",
    "s",
    "r",
    "+",
    "-",
    "[",
    "]",
    "c",
    "e",
    "i",
    "Ctrl-W",
    "Ctrl-Y",
    "Backspace",
    "Left",
];

fn happens() -> impl Strategy<Value = Happens> {
    let call = 1..8u32;
    prop_oneof![
        8 => prop::sample::select(&KEYS[..]).prop_map(Happens::Keys),
        3 => "[A-Za-z世🙂]{1,4}".prop_map(Happens::Typed),
        3 => (call.clone(), "\\PC{0,9}").prop_map(|(call, text)| Happens::Reply(call, text)),
        1 => call.clone().prop_map(Happens::Sent),
        1 => call.clone().prop_map(Happens::Ends),
        1 => call.prop_map(Happens::Cancelled),
        1 => (0..200u16, 0..60u16).prop_map(|(width, height)| Happens::Resized(width, height)),
        1 => "[a\n]{0,6}".prop_map(Happens::Pasted),
        1 => (0..3_000u64).prop_map(Happens::Waited),
        1 => Just(Happens::ServerStopped),
        1 => Just(Happens::Introduced),
    ]
}

fn let_happen(stage: &mut Stage, what: Happens) {
    match what {
        Happens::Keys(keys) => stage.keys(keys),
        Happens::Typed(text) => stage.keys(&text),
        Happens::Reply(call, text) => stage.received(call, 10, &text),
        Happens::Sent(call) => stage.sent(call, 10, "Ada"),
        Happens::Ends(call) => stage.ok(call, 20),
        Happens::Cancelled(call) => {
            stage.ended(call, 20, Status::here(Code::Cancelled, "", Cause::CancelledByYou));
        }
        Happens::Resized(width, height) => stage.send(Msg::Resize(width, height)),
        Happens::Pasted(text) => stage.send(Msg::Paste(text)),
        Happens::Waited(millis) => stage.wait(millis),
        Happens::ServerStopped => stage.send(Msg::Embedded(EmbeddedNews::Stopped)),
        Happens::Introduced => stage.send(Msg::Introduce),
    }
}

fn assert_invariants(stage: &Stage) {
    let model = &stage.model;
    let mut numbers = HashSet::new();
    for kind in Kind::ALL {
        let pane = model.pane(kind);
        assert_eq!(pane.kind, kind);
        assert!(pane.calls().iter().zip(pane.calls().iter().skip(1)).all(|(a, b)| a.id < b.id));
        for call in pane.calls() {
            assert!(numbers.insert(call.id), "{:?} stands in two panes", call.id);
            assert!(call.id <= model.last_call);
            assert!(!call.is_open() || call.is_live());
        }
        let room = layout::room(model, pane);
        for zoom in [Zoom::Off, Zoom::On] {
            let window = layout::window(pane, Room { zoom, ..room });
            assert!(window.rows.len() <= usize::from(room.height), "more rows than room");
        }
    }
    // A pane that lost its method keeps the focus only for the calls that it had made.
    let focused = model.focused();
    assert!(focused.method.is_some() || !focused.calls().is_empty(), "the focused pane has nothing to show");
    assert!(model.is_open(model.focus), "the focused pane is only a row");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_screen_stays_whole(all in prop::collection::vec(happens(), 1..60)) {
        let mut stage = Stage::new(80, 24);
        for what in all {
            let_happen(&mut stage, what);
            assert_invariants(&stage);
        }
        stage.draw(&Theme::new(Background::Dark, Depth::True));
    }
}

#[test]
fn no_size_breaks_the_view() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ada Enter");
    stage.started(1);
    stage.received(1, 400, "Hello, 世界 👩‍👩‍👧!");
    stage.keys("Alt-4 Dave Enter");
    stage.started(2);
    stage.keys("Esc");
    let panels = ["Esc", "F1", "F2", "/"];
    let theme = Theme::new(Background::Dark, Depth::True);
    for height in (0..=26).chain([36, 60, 100, 200]) {
        for width in (0..=44).chain([60, 71, 72, 80, 88, 120, 180, 200]) {
            stage.send(Msg::Resize(width, height));
            for panel in panels {
                stage.model.panel = None;
                stage.keys(panel);
                stage.draw(&theme);
            }
        }
    }
}
