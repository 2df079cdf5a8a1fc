//! The server and the connection: F2, what a server offers, and what it lacks.

use std::{sync::Arc, time::Duration};

use greeter::{
    certs::{Certificate, Moment},
    rpc::{
        Cause, ChannelSettings, ChannelState, ClientCertificate, Code, Fault, Ladder, Layer, Origin, Peer,
        Seen, Spoken, Status, Target, TlsFacts, TlsSettings, Verified, Wish,
    },
    schema::{Contract, Discovery, Kind, NamedFiles, Source},
    tui::{
        model::{EmbeddedState, LinkState, Panel, Protection, Way},
        update::{Asked, ChannelThen, Effect, EmbeddedNews, Msg},
    },
};

use crate::stage::Stage;

fn stage() -> Stage {
    Stage::new(120, 36)
}

/// A contract as a server's reflection would tell it.
fn reflected(name: &str) -> Contract {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/greeter.binpb"));
    let all = Contract::from_descriptor_set(bytes, Source::Reflection).unwrap();
    all.into_iter().find(|contract| contract.name() == name).unwrap()
}

#[test]
fn a_pane_without_a_method_is_one_row_and_tab_passes_it_by() {
    let mut stage = stage();
    stage.keys("Alt-4 F2 g Esc");
    assert_eq!(stage.model.contract.name(), "hello.Greeter");
    assert!(stage.shows("4 Bidi · none in this service"));
    assert_ne!(stage.model.focus, Kind::Bidi);
    stage.keys("Alt-3 Tab");
    assert_eq!(stage.model.focus, Kind::Unary);
    stage.keys("Shift-Tab");
    assert_eq!(stage.model.focus, Kind::ClientStream);
}

#[test]
fn another_contract_leaves_the_transcripts_and_names_their_methods() {
    let mut stage = stage();
    stage.keys("Alt-2 Ada Enter");
    stage.received(1, 400, "Hello, Ada! Number 1");
    stage.keys("F2 g Esc");
    assert!(stage.shows("2 Server stream · LotsOfReplies"));
    let row = stage.row("#1");
    assert!(row.contains("→ Ada  SayHelloServer"), "{row}");
    assert!(stage.shows("Hello, Ada! Number 1"));
}

#[test]
fn a_unary_call_with_two_replies_or_none_is_told_of() {
    let mut stage = stage();
    stage.keys("Ada Enter Bo Enter");
    stage.received(1, 400, "Hello, Ada!");
    stage.received(1, 410, "Hello again!");
    stage.ok(1, 420);
    assert!(stage.shows("a unary call has one reply, and 2 came"));
    stage.ok(2, 420);
    assert!(stage.shows("a unary call has one reply, and 0 came"));
}

#[test]
fn a_failed_call_that_is_taller_than_its_pane_is_shown_as_far_as_there_is_room() {
    let why = "The server does not implement the method /helloworld.Greeter/SayHello";
    for (width, height) in [(120, 36), (80, 24), (72, 20), (60, 18), (40, 12), (30, 8), (20, 6)] {
        let mut stage = Stage::new(width, height);
        stage.keys("Ada Enter");
        stage.ok(1, 400);
        stage.keys("Bo Enter");
        stage.failed(2, 400, Code::Unimplemented, why, Origin::Trailers);
        assert!(stage.shows("UNIMPLEMENTED"), "at {width}x{height}\n{}", stage.picture());
    }
}

#[test]
fn a_long_reason_is_told_in_several_rows() {
    let mut stage = Stage::new(80, 24);
    stage.keys("Ada Enter");
    let why = "the quota of this project is used up: ask its owner for more";
    stage.failed(1, 400, Code::ResourceExhausted, why, Origin::Trailers);
    assert!(stage.shows("the quota of this project is used"));
    assert!(stage.shows("up: ask its owner for more"));
}

#[test]
fn f2_stops_the_embedded_server_and_starts_it_where_it_was() {
    let mut stage = stage();
    stage.keys("F2 s");
    stage.send(Msg::Embedded(EmbeddedNews::Stopped));
    assert_eq!(stage.model.link.state, LinkState::Stopped);
    assert!(stage.shows("○ stopped"));
    stage.keys("s");
    assert_eq!(stage.asked(), ["stopserver", "startserver"]);
    stage.send(Msg::Embedded(EmbeddedNews::Serving(([127, 0, 0, 1], 41237).into())));
    assert_eq!(stage.asked(), ["connectembedded"]);
}

#[test]
fn on_the_way_back_to_a_stopped_server_nothing_is_said_of_the_one_that_was_left() {
    let mut stage = Stage::remote(120, 36);
    stage.send(Msg::Embedded(EmbeddedNews::Stopped));
    let left = stage.model.link.id;
    stage.keys("F2 e");
    assert_eq!(stage.asked(), ["unlink", "startserver"]);
    assert_ne!(stage.model.link.id, left, "its news are old");
    let header = stage.row("greeter");
    assert!(header.contains("○ stopped  embedded server · embedded · plaintext"), "{header}");
    stage.send(Msg::Embedded(EmbeddedNews::Failed("no port is free".to_owned())));
    assert!(stage.row("greeter").contains("○ stopped  embedded server"), "{}", stage.picture());
    stage.keys("s");
    stage.send(Msg::Embedded(EmbeddedNews::Serving(([127, 0, 0, 1], 41237).into())));
    assert_eq!(stage.asked(), ["startserver", "connectembedded"]);
}

#[test]
fn a_channel_that_was_asked_for_outlives_the_embedded_server() {
    for (mut stage, then) in
        [(Stage::new(120, 36), ChannelThen::Closes), (Stage::remote(120, 36), ChannelThen::Stays)]
    {
        for key in ["s", "r"] {
            stage.effects.clear();
            stage.model.panel = None;
            stage.model.embedded.state = EmbeddedState::Serving(greeter::server::Counts::default());
            stage.keys(&format!("F2 {key}"));
            assert!(
                matches!(stage.effects[..], [Effect::StopServer(told)] if told == then),
                "{key} {then:?}"
            );
        }
    }
}

#[test]
fn a_restart_is_a_stop_and_a_start() {
    let mut stage = stage();
    stage.keys("F2 r");
    assert_eq!(stage.asked(), ["stopserver"]);
    stage.send(Msg::Embedded(EmbeddedNews::Stopped));
    assert_eq!(stage.asked(), ["startserver"]);
}

#[test]
fn replies_and_pause_are_changed_on_f2() {
    let mut stage = stage();
    stage.keys("F2 + ] ]");
    let settings = stage.model.embedded.settings;
    assert_eq!((settings.replies, settings.interval), (6, Duration::from_secs(1)));
    stage.keys("- - [");
    let settings = stage.model.embedded.settings;
    assert_eq!((settings.replies, settings.interval), (4, Duration::from_millis(500)));
}

#[test]
fn another_server_is_connected_to_by_its_address() {
    let mut stage = stage();
    stage.keys("F2 c localhost:1 Enter");
    assert_eq!(stage.asked(), ["read address"]);
    stage.send(Msg::NotLinked("TLS is not built in yet; add --plaintext".to_owned()));
    assert!(stage.shows("TLS is not built in yet; add --plaintext"));
    assert!(matches!(stage.model.panel, Some(Panel::Server(_))));
}

#[test]
fn a_remote_server_is_asked_for_its_services_when_it_is_ready() {
    let mut stage = Stage::remote(120, 36);
    assert!(stage.shows("asking the server…"));
    stage.channel(ChannelState::Ready {
        since: stage.model.now,
        peer: greeter::rpc::Peer::Ip(([127, 0, 0, 1], 1).into()),
        tls: None,
    });
    assert_eq!(stage.asked(), ["ask"]);
    stage.keys("Ada Enter");
    assert_eq!(stage.asked(), ["call #1 SayHello Ada"], "the panes are usable at once");
    let found = Asked::Found(Discovery { contracts: vec![reflected("hello.Greeter")], left_out: vec![] });
    stage.send(Msg::Discovered(stage.model.link.id, found));
    assert!(stage.shows("hello.Greeter (reflection)"));
    assert!(stage.shows("2 Server stream · LotsOfReplies"));
}

#[test]
fn a_server_without_reflection_gets_the_default_contract() {
    let mut stage = Stage::remote(120, 36);
    stage.send(Msg::Discovered(stage.model.link.id, Asked::NoReflection));
    assert!(stage.shows("helloworld.Greeter (built in)"));
}

#[test]
fn what_an_earlier_server_said_is_not_believed_of_this_one() {
    let mut stage = Stage::remote(120, 36);
    let earlier = greeter::rpc::ChannelId(1);
    stage.send(Msg::Discovered(
        earlier,
        Asked::Found(Discovery { contracts: vec![reflected("hello.Greeter")], left_out: vec![] }),
    ));
    assert!(stage.shows("asking the server…"));
}

#[test]
fn a_server_that_is_gone_is_told_in_the_header() {
    let mut stage = Stage::remote(120, 36);
    stage.lost("connection refused");
    assert!(
        stage
            .row("greeter")
            .contains("○ lost  staging:50051 · plaintext │ connection refused · retry in 3 s")
    );
    stage.wait(1_100);
    assert!(stage.row("greeter").contains("retry in 2 s"));
}

#[test]
fn unimplemented_says_which_method_is_lacking_and_how_to_switch() {
    let mut stage = stage();
    stage.keys("Ada Enter");
    stage.failed(1, 500, Code::Unimplemented, "", Origin::Trailers);
    assert!(stage.row("#1").contains("✗ UNIMPLEMENTED (12)"));
    assert!(stage.shows("this server lacks helloworld.Greeter/SayHello"));
    assert!(stage.shows("F2 g uses another service"));
}

#[test]
fn a_status_made_here_says_so_once() {
    let mut stage = stage();
    stage.keys("Ada Enter");
    let cause = "connection refused".to_owned();
    let status = Status::here(Code::Unavailable, cause.clone(), Cause::NotConnected(cause));
    stage.ended(1, 300, status);
    assert!(stage.row("#1").contains("✗ UNAVAILABLE (14)"));
    assert_eq!(stage.picture().matches("connection refused").count(), 1);
    assert!(stage.shows("connection refused"));
    assert!(stage.shows("made here · F2 says what to do"));
}

#[test]
fn after_connecting_the_panel_takes_letters_again() {
    let mut stage = stage();
    stage.keys("F2 c localhost:1 Enter");
    let (id, place) = (greeter::rpc::ChannelId(2), greeter::tui::model::ServerPlace::Remote);
    stage.send(Msg::Linked {
        id,
        address: "127.0.0.1:1".to_owned(),
        place,
        protection: Protection::Plaintext,
        way: None,
    });
    stage.keys("+");
    assert_eq!(stage.model.embedded.settings.replies, 6);
}

/// What a screen shows that is connected in TLS to a server with a chain of four.
fn in_tls(width: u16, height: u16, protection: Protection) -> Stage {
    let mut stage = Stage::remote(width, height);
    let id = stage.model.link.id;
    let place = greeter::tui::model::ServerPlace::Remote;
    let address = "greeter.example:443".to_owned();
    stage.send(Msg::Linked { id, address, place, protection, way: None });
    let certificate = |subject: &str, issuer: &str, names: &[&str]| Certificate {
        subject: subject.to_owned(),
        issuer: issuer.to_owned(),
        is_self_issued: subject == issuer,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        not_before: Moment(1_790_000_000),
        not_after: Moment(1_800_000_000),
        fingerprint: String::new(),
    };
    let tls = TlsFacts {
        version: "TLS 1.3",
        cipher: "TLS_AES_256_GCM_SHA384".to_owned(),
        server_name: "greeter.example".to_owned(),
        verified: if protection == Protection::Tls { Verified::Yes } else { Verified::No },
        client: ClientCertificate::Withheld,
        chain: vec![
            certificate("", "Test\u{1b}[2J Authority", &["greeter.example", "other.example"]),
            certificate("Test Authority", "Test Step", &[]),
            certificate("Test Step", "Test Root", &[]),
            certificate("Test Root", "Test Root", &[]),
        ],
    };
    let peer = Peer::Ip(([203, 0, 113, 7], 443).into());
    stage.channel(ChannelState::Ready { since: stage.model.now, peer, tls: Some(Arc::new(tls)) });
    stage
}

#[test]
fn a_connection_in_tls_says_so_and_its_panel_tells_by_whose_word() {
    let mut stage = in_tls(120, 36, Protection::Tls);
    assert!(stage.row("ready").contains("greeter.example:443 (203.0.113.7) · TLS"));
    stage.keys("F2");
    assert!(stage.row("  to ").contains("https://greeter.example:443"));
    assert!(stage.row("ready for").contains("203.0.113.7:443"));
    let security = stage.row("security");
    assert!(security.contains("TLS 1.3 · TLS_AES_256_GCM_SHA384"), "{security}");
    assert!(stage.shows("it was asked for, and none was given"));
    let own = stage.row("greeter.example · 2026");
    // Its issuer follows in the next row.
    assert!(own.contains("2026-09-21 to 2027-01-15 · by"), "{own}");
    assert!(!stage.picture().contains('\u{1b}'));
    assert!(stage.shows("Test Root · 2026-09-21 to 2027-01-15 · by itself"));
}

#[test]
fn what_is_not_verified_is_said_on_any_screen_and_in_any_state() {
    for width in [120, 80, 40, 24, 20, 16, 14, 12] {
        let mut stage = in_tls(width, 10, Protection::NotVerified);
        assert!(stage.picture().contains("NOT VERIFIED"), "{width}:\n{}", stage.picture());
        stage.lost("connection refused, and that in many words that need much room on the screen");
        assert!(stage.picture().contains("NOT VERIFIED"), "{width}:\n{}", stage.picture());
    }
    let mut stage = in_tls(120, 36, Protection::NotVerified);
    stage.keys("F2");
    assert!(stage.row("security").contains("NOT VERIFIED"));
}

#[test]
fn the_panel_of_a_lost_server_says_how_far_it_came_and_what_to_do() {
    let mut ladder = Ladder::new();
    ladder.passed(Layer::Name, Seen::NoName);
    ladder.passed(Layer::Socket, Seen::Connected(Peer::Ip(([203, 0, 113, 7], 443).into())));
    let fault = Fault::Spoke(Spoken::Tls);
    ladder.failed(fault.clone());
    let mut stage = Stage::remote(120, 36);
    let retry_at = stage.model.now;
    let lost = |ladder| ChannelState::Lost { cause: fault.to_string(), retry_at, ladder };
    stage.channel(lost(Some(Arc::new(ladder))));
    stage.keys("F2");
    assert!(stage.row("✓ socket").contains("connected to 203.0.113.7:443"));
    assert!(stage.row("✗ HTTP/2").contains("the peer speaks TLS"));
    assert!(stage.row("doctor            ").contains("the peer speaks TLS, and this connection is"));
    assert!(stage.shows("use --tls or https://"));
    stage.channel(lost(None));
    assert!(stage.row("doctor            ").contains("the peer speaks TLS"));
    assert_eq!(stage.asked(), ["examine"], "what the attempt did not see is looked for");
}

#[test]
fn the_address_of_a_lost_server_is_there_to_be_mended() {
    let settings = |name: Option<&str>| ChannelSettings {
        tls: TlsSettings { server_name: name.map(str::to_owned), ..TlsSettings::default() },
        connect_timeout: Duration::from_secs(if name.is_some() { 2 } else { 5 }),
        ..ChannelSettings::default()
    };
    for (wish, reach, typed) in [
        (Wish::Plaintext, settings(None), "staging:50051 --plaintext"),
        (Wish::Tls, settings(None), "staging:50051"),
        (Wish::Tls, settings(Some("a.test")), "staging:50051 --servername a.test --connect-timeout 2"),
    ] {
        let mut stage = Stage::remote(120, 36);
        let target = Target::parse("staging:50051", wish).unwrap();
        stage.model.link.way = Some(Arc::new(Way { target, reach, files: NamedFiles::default() }));
        stage.lost("connection refused");
        stage.keys("F2 c");
        let row = stage.row("connect to");
        assert_eq!(
            row.split_whitespace().skip(4).collect::<Vec<_>>().join(" ").split(" │").next(),
            Some(typed)
        );
        stage.keys("Ctrl-u");
        assert!(stage.row("connect to").contains("host:port"), "{}", stage.picture());
    }
}
