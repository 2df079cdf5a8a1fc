//! F2 on a server that cannot be called, and on any size of screen.

use std::{sync::Arc, time::Duration};

use crossterm::event::{Event, MouseEvent, MouseEventKind};
use greeter::{
    rpc::{
        Cause, ChannelSettings, ChannelState, Code, Fault, Heard, Ladder, Layer, Origin, Peer, Seen, Spoken,
        Status, Target, Wish,
    },
    tui::{
        input,
        model::{Doctor, Protection, ServerPlace},
        update::Msg,
    },
};

use crate::stage::Stage;

const SIZES: [(u16, u16); 6] = [(120, 36), (80, 24), (72, 20), (60, 18), (40, 12), (20, 5)];
const MUTE: Fault = Fault::Mute(Duration::from_secs(5));

fn ladder(fault: Option<Fault>) -> Ladder {
    let mut ladder = Ladder::new();
    ladder.passed(Layer::Name, Seen::NoName);
    ladder.passed(Layer::Socket, Seen::Connected(Peer::Ip(([203, 0, 113, 7], 443).into())));
    ladder.passed(Layer::Tls, Seen::Plaintext);
    if let Some(fault) = fault {
        ladder.failed(fault);
    } else {
        ladder.passed(Layer::Http2, Seen::Settings(None));
        ladder.passed(Layer::Grpc, Seen::Answered(Code::Ok));
    }
    ladder
}

fn lost(stage: &mut Stage, fault: &Fault) {
    let retry_at = stage.model.now + Duration::from_secs(3);
    let ladder = Some(Arc::new(ladder(Some(fault.clone()))));
    stage.channel(ChannelState::Lost { cause: fault.to_string(), retry_at, ladder });
}

fn ready(stage: &mut Stage) {
    let (since, peer) = (stage.model.now, Peer::Ip(([127, 0, 0, 1], 1).into()));
    stage.channel(ChannelState::Ready { since, peer, tls: None });
}

fn found(stage: &mut Stage, ladder: Ladder) {
    stage.send(Msg::Examined(stage.model.link.id, ladder));
}

/// What was asked for, but for the server's services.
fn examinations(stage: &mut Stage) -> usize {
    stage.asked().iter().filter(|asked| *asked == "examine").count()
}

#[test]
fn a_failure_that_says_nothing_is_looked_into_once() {
    let mut stage = Stage::remote(120, 36);
    lost(&mut stage, &MUTE);
    assert_eq!(examinations(&mut stage), 1);
    stage.keys("F2");
    assert!(stage.shows("looking closer"), "{}", stage.picture());
    found(&mut stage, ladder(Some(Fault::Spoke(Spoken::Tls))));
    for _ in 0..3 {
        stage.channel(ChannelState::Connecting { after: None });
        assert!(stage.shows("the peer speaks TLS"), "what is known stays while it is tried again");
        lost(&mut stage, &MUTE);
    }
    assert_eq!(examinations(&mut stage), 0);
    assert!(stage.row("✗ HTTP/2").contains("the peer speaks TLS"), "{}", stage.picture());
    assert!(stage.row("greeter").contains("the peer speaks TLS"), "the header says it in short");
    assert!(!stage.shows("said nothing for 5 s"));
}

#[test]
fn why_a_good_connection_ended_is_shown_while_the_next_is_made() {
    let mut stage = Stage::remote(120, 36);
    ready(&mut stage);
    stage.channel(ChannelState::Connecting { after: Some("the server closed the connection".into()) });
    let header = stage.row("greeter");
    assert!(header.contains("connecting") && header.contains("the server closed the connection"), "{header}");
    assert_eq!(examinations(&mut stage), 0, "nothing failed");
    ready(&mut stage);
    assert!(!stage.shows("the server closed the connection"), "{}", stage.picture());
}

#[test]
fn what_was_found_stands_directly_under_the_verdict() {
    let mut stage = Stage::remote(120, 36);
    lost(&mut stage, &Fault::Refused);
    stage.keys("F2");
    let picture = stage.picture();
    let below = picture.lines().skip_while(|row| !row.contains("connection refused: start")).skip(1);
    let below: Vec<&str> = below.skip_while(|row| !row.contains('✓')).collect();
    let above: Vec<&str> = picture.lines().take_while(|row| !row.contains("✓ name")).collect();
    assert!(below[0].contains("✓ name") && !below[0].contains(" ms"), "nothing was asked: {}", below[0]);
    assert!(!above.iter().any(|row| row.contains("security")), "{picture}");
}

#[test]
fn an_examination_that_finds_what_was_known_says_that_it_was_made() {
    let mut stage = Stage::remote(120, 36);
    lost(&mut stage, &Fault::Refused);
    stage.keys("F2 d");
    found(&mut stage, ladder(Some(Fault::Refused)));
    assert!(stage.shows("examined just now"), "{}", stage.picture());
    stage.wait(5_100);
    assert!(!stage.shows("examined just now"));
}

#[test]
fn a_failure_that_says_it_all_is_not_looked_into() {
    let mut stage = Stage::remote(120, 36);
    lost(&mut stage, &Fault::Refused);
    assert_eq!(examinations(&mut stage), 0);
    stage.keys("F2");
    assert!(stage.row("doctor            ").contains("connection refused: start the server, or check the"));
}

#[test]
fn what_was_wrong_is_over_when_there_is_a_connection() {
    let mut stage = Stage::remote(120, 36);
    lost(&mut stage, &MUTE);
    found(&mut stage, ladder(Some(Fault::Spoke(Spoken::Tls))));
    ready(&mut stage);
    stage.keys("F2");
    assert!(!stage.shows("the peer speaks TLS"), "{}", stage.picture());
}

#[test]
fn nobody_looks_for_what_was_wrong_any_more_when_there_is_a_connection() {
    let mut stage = Stage::remote(120, 36);
    lost(&mut stage, &MUTE);
    assert_eq!(stage.asked(), ["examine"]);
    ready(&mut stage);
    assert_eq!(stage.asked(), ["stopexamining", "ask"]);
    lost(&mut stage, &Fault::Refused);
    ready(&mut stage);
    assert_eq!(stage.asked(), ["ask"], "nobody was at work");
}

#[test]
fn a_server_that_fails_in_ever_new_ways_is_not_examined_for_ever() {
    let mut stage = Stage::remote(120, 36);
    for nth in 0..100 {
        let fault = Fault::Broke(format!("way {nth}"));
        lost(&mut stage, &fault);
        found(&mut stage, ladder(Some(fault)));
    }
    assert_eq!(examinations(&mut stage), Doctor::MAX_UNASKED as usize);
    stage.keys("F2 d");
    assert_eq!(examinations(&mut stage), 1, "the key still asks");
}

#[test]
fn a_call_that_is_answered_by_a_web_page_asks_the_doctor() {
    let mut stage = Stage::remote(120, 36);
    ready(&mut stage);
    stage.keys("Ada Enter");
    stage.asked();
    let words = "the response is text/html, not application/grpc";
    stage.failed(1, 400, Code::Unknown, words, Origin::Http { status: 200 });
    assert_eq!(examinations(&mut stage), 1);
    assert!(stage.shows("F2 says what to do"));
    found(&mut stage, ladder(Some(Fault::NotGrpc { http: 200, how: words.to_owned() })));
    assert!(stage.row("greeter").contains("HTTP 200, and the response is text/html"), "{}", stage.picture());
    stage.keys("Ada Enter");
    stage.failed(2, 400, Code::Unknown, words, Origin::Http { status: 200 });
    assert_eq!(examinations(&mut stage), 0, "the same again is known");
    stage.keys("Ada Enter");
    stage.ok(3, 400);
    assert!(!stage.row("greeter").contains("text/html"), "an answer ends it");
}

#[test]
fn silence_asks_the_doctor_until_a_call_was_answered() {
    let silent = || {
        let heard = Some(Heard::Nothing(Duration::from_millis(100)));
        Status::here(
            Code::DeadlineExceeded,
            "",
            Cause::DeadlineExceeded { after: Duration::from_secs(1), heard },
        )
    };
    let mut stage = Stage::remote(120, 36);
    ready(&mut stage);
    stage.keys("Ada Enter");
    stage.ended(1, 1_000_000, silent());
    assert_eq!(examinations(&mut stage), 1);
    let mut stage = Stage::remote(120, 36);
    ready(&mut stage);
    stage.keys("Ada Enter");
    stage.ok(1, 400);
    stage.keys("Ada Enter");
    stage.ended(2, 1_000_000, silent());
    assert_eq!(examinations(&mut stage), 0, "one slow call is no mute server");
}

#[test]
fn the_embedded_server_is_examined_only_when_the_user_asks() {
    let mut stage = Stage::new(120, 36);
    stage.keys("Ada Enter");
    stage.failed(1, 400, Code::Unimplemented, "", Origin::Trailers);
    assert_eq!(examinations(&mut stage), 0);
    stage.keys("F2 d");
    assert_eq!(examinations(&mut stage), 1);
    found(&mut stage, ladder(None));
    assert!(stage.row("doctor            ").contains("a call can be made"), "{}", stage.picture());
    assert!(stage.row("✓ gRPC").contains("a call was answered: OK"));
}

#[test]
fn the_key_again_stops_the_doctor() {
    let mut stage = Stage::remote(120, 36);
    ready(&mut stage);
    stage.asked();
    stage.keys("F2 d");
    assert!(stage.row("state").contains("d  stop"), "{}", stage.picture());
    stage.keys("d");
    assert_eq!(stage.asked(), ["examine", "stopexamining"]);
    found(&mut stage, ladder(None));
    assert!(!stage.shows("a call can be made"), "nobody waits for it any more");
}

#[test]
fn what_matters_is_seen_at_any_size_without_scrolling() {
    for (width, height) in SIZES {
        let mut stage = Stage::remote(width, height);
        lost(&mut stage, &Fault::Spoke(Spoken::Tls));
        stage.keys("F2");
        for words in ["○ lost", "http://staging"] {
            assert!(stage.shows(words), "{words} at {width}x{height}\n{}", stage.picture());
        }
        if height > 5 {
            for word in
                "the peer speaks TLS, and this connection is plaintext: use --tls or https://".split(' ')
            {
                assert!(stage.shows(word), "{word} at {width}x{height}\n{}", stage.picture());
            }
        }
    }
}

#[test]
fn every_row_is_reached_by_scrolling_at_any_size() {
    for (width, height) in SIZES {
        for [down, up] in [["Down", "Up"], ["PageDown", "PageUp"]] {
            let mut stage = Stage::remote(width, height);
            lost(&mut stage, &Fault::Spoke(Spoken::Tls));
            stage.keys("F2");
            let first = stage.picture();
            let mut seen = first.clone();
            for _ in 0..60 {
                stage.keys(down);
                seen.push_str(&stage.picture());
            }
            for words in [
                "○ lost",
                "plaintext:",
                "https://",
                "✓ socket",
                "✗ HTTP/2",
                "replies",
                "connect to",
                "back to",
            ] {
                assert!(seen.contains(words), "{words} at {width}x{height} by {down}\n{seen}");
            }
            stage.keys(&[up; 60].join(" "));
            assert_eq!(stage.picture(), first, "at {width}x{height} by {up}");
        }
    }
}

#[test]
fn the_wheel_scrolls_and_the_frame_says_what_is_below() {
    let mut stage = Stage::remote(72, 20);
    lost(&mut stage, &Fault::Spoke(Spoken::Tls));
    stage.keys("F2");
    assert!(stage.shows("more"), "{}", stage.picture());
    assert!(stage.shows("↑↓ scroll"));
    let before = stage.picture();
    for (kind, same) in [(MouseEventKind::ScrollDown, false), (MouseEventKind::ScrollUp, true)] {
        let modifiers = crossterm::event::KeyModifiers::NONE;
        let event = Event::Mouse(MouseEvent { kind, column: 30, row: 10, modifiers });
        let msg = input::read(event, &stage.model).unwrap();
        stage.send(msg);
        assert_eq!(stage.picture() == before, same, "{}", stage.picture());
    }
}

#[test]
fn nobody_is_connected_to_who_is_no_longer_asked_for() {
    let way = || (Target::parse("localhost:1", Wish::ByAddress).unwrap(), ChannelSettings::default());
    let read = |typed: &str| Msg::Read(typed.to_owned(), Ok(Box::new(way())));
    let mut stage = Stage::new(120, 36);
    stage.keys("F2 c localhost:1 Enter");
    stage.send(read("localhost:1"));
    assert_eq!(stage.asked(), ["read address", "link"]);
    stage.keys("2");
    stage.send(read("localhost:1"));
    stage.keys("Esc");
    stage.send(read("localhost:12"));
    assert_eq!(stage.asked(), Vec::<String>::new());
}

#[test]
fn a_refusal_is_told_whole_under_what_was_typed_on_any_screen() {
    let why = "unexpected argument '--plaintxt' found; a similar argument exists: '--plaintext'";
    for (width, height) in SIZES {
        let mut stage = Stage::new(width, height);
        stage.keys("F2 c localhost:1 Enter");
        stage.send(Msg::Read("localhost:1".to_owned(), Err(why.to_owned())));
        assert!(stage.shows("localhost:1"), "at {width}x{height}\n{}", stage.picture());
        assert!(stage.shows("unexpected"), "at {width}x{height}\n{}", stage.picture());
        if height > 5 {
            assert!(stage.shows("--plaintext'"), "at {width}x{height}\n{}", stage.picture());
        }
    }
}

#[test]
fn the_address_in_use_of_a_name_is_said() {
    let mut stage = Stage::remote(120, 36);
    ready(&mut stage);
    assert!(stage.row("greeter").contains("staging:50051"));
    stage.send(Msg::Discovered(stage.model.link.id, greeter::tui::update::Asked::NoReflection));
    assert!(stage.row("greeter").contains("staging:50051 (127.0.0.1) · plaintext"), "{}", stage.picture());
    stage.keys("F2");
    assert!(stage.row("state").contains("127.0.0.1:1"));
    for (address, to) in [
        ("unix:/run/greeter.sock", " unix:/run/greeter.sock"),
        ("[::1]:50051", " http://[::1]:50051"),
        ("ipv4:127.0.0.1:1,127.0.0.1:2", " ipv4:127.0.0.1:1,127.0.0.1:2"),
    ] {
        let (id, place, protection) = (stage.model.link.id, ServerPlace::Remote, Protection::Plaintext);
        stage.send(Msg::Linked { id, address: address.to_owned(), place, protection, way: None });
        assert!(stage.row("to    ").contains(to), "{}", stage.picture());
        assert!(stage.row("greeter").contains(&format!("{address} · plaintext")), "{}", stage.picture());
    }
}

#[test]
fn a_call_that_was_never_connected_points_at_f2() {
    let mut stage = Stage::new(120, 36);
    stage.keys("World Enter");
    let cause = Cause::NotConnected("connection refused".to_owned());
    stage.failed(1, 200, Code::Unavailable, "", Origin::Here(cause));
    assert!(stage.shows("F2 says what to do"), "{}", stage.picture());
}
