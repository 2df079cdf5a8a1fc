//! Call options: metadata, deadline and compression, for every pane or for one.

use std::{sync::Arc, time::Duration};

use greeter::{
    compression::Encoding,
    rpc::{ChannelId, ChannelSettings, Code, Origin, Readiness, Target, Wish, metadata},
    schema::{Kind, NamedFiles},
    tui::{
        model::{Metadata, Protection, ServerPlace, Terms, Way, Whose},
        update::{Effect, Msg},
    },
};

use crate::stage::Stage;

/// Types a piece of metadata, read as the hands of the screen read it.
fn add(stage: &mut Stage, written: &str) {
    stage.keys("m");
    type_in(stage, written);
}

fn type_in(stage: &mut Stage, written: &str) {
    written.chars().for_each(|c| stage.send(Msg::Type(c)));
    stage.effects.clear();
    stage.keys("Enter");
    for effect in std::mem::take(&mut stage.effects) {
        if let Effect::ReadMetadata(written) = effect {
            let read = metadata::parse(&written, |name| (name == "TOKEN").then(|| "s3cret".to_owned()))
                .map(|(key, value)| Metadata { written, key, value })
                .map_err(|error| error.to_string());
            stage.send(Msg::Metadata(read));
        }
    }
}

/// What the newest call was begun with.
fn terms(stage: &Stage) -> Terms {
    let begun = stage.effects.iter().rev().find_map(|effect| match effect {
        Effect::Call(_, _, terms, _) | Effect::Open(_, _, terms) => Some(terms.clone()),
        _ => None,
    });
    begun.unwrap()
}

#[test]
fn metadata_of_every_pane_goes_with_every_call() {
    let mut stage = Stage::new(120, 36);
    stage.keys("F4");
    add(&mut stage, "x-trace: 42");
    add(&mut stage, "x-trace: 43");
    stage.keys("Esc World Enter");
    let values: Vec<_> = terms(&stage).metadata.get_all("x-trace").iter().cloned().collect();
    assert_eq!(values, ["42", "43"]);
    stage.keys("Alt-4 Dave Enter");
    assert_eq!(terms(&stage).metadata.len(), 2);
}

#[test]
fn what_is_meant_for_one_pane_goes_with_its_calls_alone() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Alt-2 F4 a");
    assert!(stage.shows("2 Server stream"), "{}", stage.picture());
    add(&mut stage, "only: here");
    stage.keys("t");
    type_in(&mut stage, "2s");
    stage.keys("Esc Zoe Enter");
    assert_eq!(terms(&stage).metadata["only"], "here");
    assert_eq!(terms(&stage).deadline, Some(Duration::from_secs(2)));
    stage.keys("Alt-1 World Enter");
    assert!(terms(&stage).metadata.is_empty());
    assert_eq!(terms(&stage).deadline, None);
}

#[test]
fn a_mistake_is_refused_where_it_is_typed() {
    let mut stage = Stage::new(120, 36);
    stage.keys("F4");
    add(&mut stage, "no colon");
    assert!(stage.shows("metadata is written key: value"), "{}", stage.picture());
    assert!(stage.shows("metadata ▸ no colon"), "it stays to be mended");
    stage.keys("Ctrl-u");
    type_in(&mut stage, "grpc-timeout: 1S");
    assert!(stage.shows("the protocol keeps it for itself"), "{}", stage.picture());
    stage.keys("Esc t");
    type_in(&mut stage, "soon");
    assert!(stage.shows("a time is written"), "{}", stage.picture());
    assert_eq!(stage.model.options.deadline(Kind::Unary), None);
}

#[test]
fn metadata_that_is_read_too_late_closes_no_other_panel() {
    let mut stage = Stage::new(120, 36);
    stage.keys("F4 m x-trace:42 Enter Esc Esc");
    stage.send(Msg::Paste("Ada\nBo".to_owned()));
    stage.send(Msg::Metadata(Err("this has no colon".to_owned())));
    assert!(stage.shows("2 lines, 6 B, were pasted."), "{}", stage.picture());
}

#[test]
fn metadata_is_changed_and_deleted() {
    let mut stage = Stage::new(120, 36);
    stage.keys("F4");
    add(&mut stage, "a: 1");
    add(&mut stage, "b: 2");
    stage.keys("Up Enter Ctrl-u");
    type_in(&mut stage, "a: 3");
    assert!(stage.shows("a: 3") && stage.shows("b: 2") && !stage.shows("a: 1"), "{}", stage.picture());
    stage.keys("d");
    assert!(!stage.shows("a: 3") && stage.shows("b: 2"), "{}", stage.picture());
}

#[test]
fn a_secret_is_masked_until_it_is_asked_for() {
    let mut stage = Stage::new(120, 36);
    stage.keys("F4");
    add(&mut stage, "authorization: Bearer hush");
    assert!(stage.shows("authorization: ••••") && !stage.shows("hush"), "{}", stage.picture());
    stage.keys("v");
    assert!(stage.shows("authorization: Bearer hush"), "{}", stage.picture());
}

#[test]
fn variables_are_seen_as_they_were_typed_and_what_is_secret_beside_them_is_not() {
    let mut stage = Stage::new(120, 36);
    stage.keys("F4");
    add(&mut stage, "authorization: Bearer ${TOKEN}");
    add(&mut stage, "cookie: session=hush; also=${TOKEN}");
    assert!(stage.shows("authorization: Bearer ${TOKEN}"), "{}", stage.picture());
    assert!(stage.shows("cookie: ••••") && !stage.shows("hush"), "{}", stage.picture());
    add(&mut stage, "${TOKEN}");
    assert!(stage.shows("this has no colon") && !stage.shows("s3cret"), "{}", stage.picture());
}

#[test]
fn on_a_small_screen_metadata_and_a_whole_mistake_are_seen() {
    let mut stage = Stage::new(40, 12);
    stage.keys("F4");
    add(&mut stage, "x-trace: 42");
    assert!(stage.shows("x-trace: 42"), "{}", stage.picture());
    add(&mut stage, "no colon");
    assert!(stage.shows("metadata is written") && stage.shows("has no colon"), "{}", stage.picture());
    assert!(stage.shows("metadata ▸ no colon"), "{}", stage.picture());
}

#[test]
fn a_secret_stays_masked_where_it_is_changed() {
    let mut stage = Stage::new(120, 36);
    stage.keys("F4");
    add(&mut stage, "authorization: Bearer hush");
    stage.keys("Enter");
    assert!(stage.shows("metadata ▸ authorization:") && !stage.shows("hush"), "{}", stage.picture());
    stage.keys("Enter v");
    assert!(stage.shows("authorization: Bearer hush"), "it is left as it was: {}", stage.picture());
    stage.keys("Enter");
    assert!(stage.shows("metadata ▸ authorization: Bearer hush"), "{}", stage.picture());
    stage.keys("Esc v Enter");
    type_in(&mut stage, " Bearer other");
    stage.keys("v");
    assert!(stage.shows("authorization: Bearer other"), "{}", stage.picture());
}

#[test]
fn a_secret_in_the_details_of_a_zoomed_call_is_masked_until_it_is_asked_for() {
    for (size, zoom) in [((120, 36), "Ctrl-o "), ((200, 60), "")] {
        let mut stage = Stage::new(size.0, size.1);
        stage.keys("World Enter");
        stage.started(1);
        stage.headers(1, &[("set-cookie", "hush"), ("x-trace", "42")]);
        stage.ok(1, 500);
        stage.keys(&format!("{zoom}Esc"));
        assert!(stage.row("set-cookie").contains("••••") && !stage.shows("hush"), "{}", stage.picture());
        stage.keys("v");
        assert!(stage.row("set-cookie").contains("hush"), "{}", stage.picture());
        assert!(stage.shows("v mask secrets"), "{}", stage.picture());
        // Who goes on typing leaves no secret on the screen.
        stage.keys("Esc Esc");
        assert!(!stage.shows("hush"), "{}", stage.picture());
    }
}

#[test]
fn where_no_secret_is_in_view_v_is_a_letter() {
    let mut stage = Stage::new(120, 36);
    stage.keys("World Enter");
    stage.headers(1, &[("set-cookie", "hush")]);
    stage.ok(1, 500);
    stage.keys("Esc v");
    assert_eq!(stage.model.focused().line.text(), "v");
}

#[test]
fn a_deadline_is_counted_down_on_the_calls_line() {
    let mut stage = Stage::new(120, 36);
    stage.keys("F4 t");
    type_in(&mut stage, "30s");
    assert!(stage.row("deadline").contains("30.0 s"), "{}", stage.picture());
    stage.keys("Esc World Enter");
    stage.started(1);
    assert!(stage.row("#1").contains("30.0 s left"), "{}", stage.picture());
    stage.wait(4_100);
    assert!(stage.row("#1").contains("25.9 s left"), "{}", stage.picture());
    stage.keys("Ctrl-o");
    assert!(stage.row("deadline").contains("25.9 s left of 30.0 s"), "{}", stage.picture());
    stage.ok(1, 4_200_000);
    assert!(!stage.shows("left"), "{}", stage.picture());
}

#[test]
fn compression_goes_with_the_calls_of_every_pane_or_of_one() {
    let mut stage = Stage::new(120, 36);
    stage.keys("F4");
    assert!(stage.row("compression").contains("none"), "{}", stage.picture());
    stage.keys("z");
    assert!(stage.row("compression").contains("gzip"), "{}", stage.picture());
    stage.keys("a");
    assert!(stage.row("compression").contains("gzip · as in every pane"), "{}", stage.picture());
    stage.keys("z z");
    assert!(stage.row("compression").contains("zstd"), "{}", stage.picture());
    stage.keys("Esc World Enter");
    assert_eq!(terms(&stage).compression, Some(Encoding::Zstd));
    stage.keys("Alt-4 Dave Enter");
    assert_eq!(terms(&stage).compression, Some(Encoding::Gzip));
    stage.keys("F4 z z Esc Eve Ctrl-n");
    assert_eq!(terms(&stage).compression, None);
}

#[test]
fn what_the_server_takes_is_shown_once_it_said_so() {
    let mut stage = Stage::new(120, 36);
    stage.keys("World Enter F4");
    assert!(!stage.shows("the server takes"), "{}", stage.picture());
    stage.started(1);
    stage.headers(1, &[("grpc-accept-encoding", "identity,deflate, gzip")]);
    assert!(stage.shows("none · the server takes deflate, gzip"), "{}", stage.picture());
    stage.keys("Esc F2");
    assert!(stage.row("compression").contains("the server takes deflate, gzip"), "{}", stage.picture());
}

#[test]
fn what_an_earlier_server_takes_is_not_said_of_the_next() {
    let mut stage = Stage::new(120, 36);
    stage.keys("World Enter");
    stage.started(1);
    let (id, place, protection) = (ChannelId(2), ServerPlace::Remote, Protection::Plaintext);
    stage.send(Msg::Linked { id, address: "other:1".to_owned(), place, protection, way: None });
    // It was on its way when the other was gone to.
    stage.headers(1, &[("grpc-accept-encoding", "identity,deflate, gzip")]);
    stage.keys("F4");
    assert!(!stage.shows("the server takes"), "{}", stage.picture());
}

#[test]
fn what_of_much_metadata_is_seen_is_told() {
    let mut stage = Stage::new(100, 30);
    stage.keys("F4");
    for n in 1..=3 {
        add(&mut stage, &format!("k{n}: v"));
    }
    assert!(!stage.shows("of 3"), "{}", stage.picture());
    for n in 4..=40 {
        add(&mut stage, &format!("k{n}: v"));
    }
    assert!(stage.row("Metadata").contains("to 40 of 40"), "{}", stage.picture());
    for _ in 0..40 {
        stage.keys("Up");
    }
    assert!(stage.row("Metadata").contains("Metadata 1 to "), "{}", stage.picture());
}

#[test]
fn a_secret_goes_to_no_other_host_and_comes_back_with_its_own() {
    let mut stage = Stage::new(120, 36);
    let mut id = 1;
    let mut link = |stage: &mut Stage, address: &str| {
        id += 1;
        let target = Target::parse(address, Wish::Plaintext).unwrap();
        let way = Way { target, reach: ChannelSettings::default(), files: NamedFiles::default() };
        let (place, protection) = (ServerPlace::Remote, Protection::Plaintext);
        let address = address.to_owned();
        stage.send(Msg::Linked { id: ChannelId(id), address, place, protection, way: Some(Arc::new(way)) });
    };
    let sent = |stage: &Stage| -> Vec<String> {
        let terms = stage.model.options.terms(Kind::Unary);
        terms.metadata.keys().map(ToString::to_string).collect()
    };
    link(&mut stage, "staging:1");
    for (whose, written) in [
        (Whose::Pane(Kind::Bidi), "x-of-a-variable: ${TOKEN}"),
        (Whose::All, "authorization: Bearer a"),
        (Whose::All, "x-plain: b"),
        (Whose::Pane(Kind::Unary), "cookie: c"),
    ] {
        let (key, value) = metadata::parse(written, |_| Some("s3cret".to_owned())).unwrap();
        let piece = Metadata { written: written.to_owned(), key, value };
        stage.model.options.of_mut(whose).metadata.push(piece);
    }
    // Another port is another server on the same host.
    link(&mut stage, "staging:2");
    assert_eq!(sent(&stage), ["authorization", "x-plain", "cookie"]);
    link(&mut stage, "other:1");
    assert_eq!(sent(&stage), ["x-plain"]);
    let said = "3 secrets stay with staging:2";
    assert!(stage.shows(said), "{}", stage.picture());
    assert_eq!(stage.model.options.terms(Kind::Bidi).metadata.keys().count(), 1);
    stage.keys("F4");
    assert!(stage.row("Metadata").contains("3 put aside for other hosts"), "{}", stage.picture());
    stage.keys("Esc");
    link(&mut stage, "third:1");
    assert_eq!(sent(&stage), ["x-plain"]);
    link(&mut stage, "staging:1");
    assert_eq!(sent(&stage), ["x-plain", "authorization", "cookie"]);
    // What was typed for this one stays here.
    link(&mut stage, "other:1");
    assert_eq!(sent(&stage), ["x-plain"]);
}

#[test]
fn a_server_that_refuses_the_compression_is_told_with_what_it_takes() {
    let mut stage = Stage::new(120, 36);
    stage.keys("F4 z Esc World Enter");
    stage.started_with(1, &[("grpc-encoding", "gzip")]);
    stage.headers(1, &[("grpc-accept-encoding", "identity,deflate")]);
    stage.failed(1, 400, Code::Unimplemented, "no such decompressor", Origin::Trailers);
    assert!(stage.shows("this server takes no gzip, only deflate"), "{}", stage.picture());
    assert!(stage.shows("F4 changes the compression"), "{}", stage.picture());
    assert!(!stage.shows("this server lacks"), "{}", stage.picture());
}

#[test]
fn a_server_that_fails_at_the_compression_without_a_word_is_doubted() {
    let mut stage = Stage::new(160, 36);
    stage.keys("World Enter Ada Enter");
    for (call, sent) in [(1, "zstd"), (2, "identity")] {
        stage.started_with(call, &[("grpc-encoding", sent)]);
        stage.failed(call, 400, Code::Internal, "cannot parse", Origin::Trailers);
        let is_doubted = stage.shows("the request was in zstd, which this server does not say that it takes");
        assert!(is_doubted, "{}", stage.picture());
    }
    assert_eq!(stage.picture().matches("which this server does not say").count(), 1, "{}", stage.picture());
}

#[test]
fn the_call_options_panel() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Alt-4 F4");
    add(&mut stage, "authorization: Bearer hush");
    add(&mut stage, "x-trace: 42");
    stage.keys("t");
    type_in(&mut stage, "5s");
    stage.keys("m");
    insta::assert_snapshot!(stage.picture());
}

#[test]
fn a_call_waits_for_a_server_where_that_was_chosen() {
    let mut stage = Stage::new(120, 36);
    stage.keys("F4");
    assert!(
        stage.row("wait-for-ready").contains("off: without a connection a call fails"),
        "{}",
        stage.picture()
    );
    stage.keys("w");
    assert!(stage.row("wait-for-ready").contains("on: a call waits for a connection"), "{}", stage.picture());
    stage.keys("Esc World Enter");
    assert_eq!(terms(&stage).readiness, Readiness::WaitForReady);
    stage.waiting(1, "connection refused");
    assert!(stage.row("#1").contains("● waiting for the connection"), "{}", stage.picture());
    stage.started(1);
    assert!(!stage.shows("waiting for the connection"), "{}", stage.picture());
    stage.keys("F4 w Esc Zoe Enter");
    assert_eq!(terms(&stage).readiness, Readiness::FailFast);
}

#[test]
fn a_pane_may_wait_or_fail_as_no_other_does() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Alt-2 F4 a");
    assert!(stage.row("wait-for-ready").contains("off · as in every pane"), "{}", stage.picture());
    stage.keys("w Esc Zoe Enter");
    assert_eq!(terms(&stage).readiness, Readiness::WaitForReady);
    stage.keys("Alt-1 World Enter");
    assert_eq!(terms(&stage).readiness, Readiness::FailFast);
    // Every pane waits, but for this one.
    stage.keys("F4 w Esc Alt-2 F4 a w");
    assert!(
        stage.row("wait-for-ready").contains("off: without a connection a call fails"),
        "{}",
        stage.picture()
    );
    stage.keys("Esc Zoe Enter");
    assert_eq!(terms(&stage).readiness, Readiness::FailFast);
    stage.keys("F4 a w Esc Zoe Enter");
    assert_eq!(terms(&stage).readiness, Readiness::WaitForReady);
}

#[test]
fn a_call_that_waits_is_cancelled_and_its_deadline_counts() {
    let mut stage = Stage::new(120, 36);
    stage.keys("F4 w t");
    type_in(&mut stage, "30s");
    stage.keys("Esc World Enter");
    stage.waiting(1, "connection refused");
    stage.wait(4_100);
    let row = stage.row("#1");
    assert!(row.contains("● waiting for the connection") && row.contains("25.9 s left"), "{row}");
    stage.effects.clear();
    stage.keys("Ctrl-c");
    assert_eq!(stage.asked(), ["cancel #1"]);
}

#[test]
fn a_call_that_waits_says_so_in_a_narrow_pane_and_keeps_its_name() {
    let mut stage = Stage::new(80, 24);
    stage.keys("F4 w Esc World Enter");
    stage.waiting(1, "connection refused");
    assert!(stage.row("#1").contains("→ World   ● no connection"), "{}", stage.picture());
}

#[test]
fn a_message_over_the_limit_stays_in_the_line_and_nothing_is_sent() {
    let mut stage = Stage::new(120, 36);
    stage.model.options.sizes.request = Some(6);
    stage.keys("World Enter");
    assert!(stage.shows("not sent: a message of 7 B, the limit is 6 B"), "{}", stage.picture());
    assert!(stage.row("name ▸").contains("World"), "{}", stage.picture());
    assert!(stage.asked().is_empty());
    // An open stream goes on.
    stage.keys("Alt-4 Dave Enter");
    assert_eq!(stage.asked(), ["open #1 SayHelloBiDiStreaming", "send #1 Dave"]);
    stage.keys("Charlie Enter");
    assert!(stage.asked().is_empty());
    assert!(stage.shows("not sent: a message of 9 B, the limit is 6 B"), "{}", stage.picture());
    stage.keys("Ctrl-u Eve Enter");
    assert_eq!(stage.asked(), ["send #1 Eve"]);
}

#[test]
fn what_calls_are_made_with_is_seen_without_opening_the_panel() {
    let mut stage = Stage::new(120, 36);
    assert!(!stage.row("greeter").contains("F4"), "{}", stage.picture());
    stage.keys("F4 w z t");
    type_in(&mut stage, "2s");
    stage.keys("Esc");
    assert!(stage.row("greeter").contains("F4 2.00 s · gzip · waits"), "{}", stage.picture());
    stage.send(Msg::Resize(80, 24));
    assert!(stage.row("greeter").contains("F4 on") && stage.shows("F1 help"), "{}", stage.picture());
}

/// Whether a call lives or not, the header has one form.
#[test]
fn the_header_does_not_change_its_form_when_a_call_begins() {
    for (width, height) in [(120, 36), (110, 30), (100, 30), (90, 30), (80, 24)] {
        let mut stage = Stage::new(width, height);
        stage.keys("F4 w z t");
        type_in(&mut stage, "2s");
        stage.keys("Esc");
        let idle = stage.row("greeter");
        stage.keys("World Enter");
        let live = stage.row("greeter");
        for part in ["F4 2.00 s", "F4 on", "(built in)", "helloworld", "F1 help"] {
            assert_eq!(idle.contains(part), live.contains(part), "{part} at {width}: {idle} | {live}");
        }
        assert!(live.contains("1 live"), "{live}");
    }
}
