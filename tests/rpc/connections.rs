//! Connections that cannot be made, die, go away, come back, or take only so many calls.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use greeter::rpc::{Cause, ChannelSettings, ChannelState, Code, Origin};
use tokio::{io::AsyncWriteExt, net::TcpListener};

use crate::support::{
    client::{BIDI, Client, Story, UNARY},
    good,
    peer::{
        CANCEL, Frame, GOAWAY, Listener, MAX_CONCURRENT_STREAMS, NO_ERROR, RST_STREAM, go_away_frame,
        settings_frame,
    },
    soon,
};

fn patient(connect_timeout: Duration) -> ChannelSettings {
    ChannelSettings { connect_timeout, ..ChannelSettings::default() }
}

/// A channel that tries again only when a call makes it.
fn unhurried() -> ChannelSettings {
    let pause = Duration::from_hours(1);
    ChannelSettings { first_pause: pause, longest_pause: pause, ..ChannelSettings::default() }
}

async fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn a_refused_connection_fails_calls_at_once_with_the_reason() {
    let mut client = Client::to(free_address().await);
    // The first waits for the first attempt, the second sets one off.
    for _ in 0..2 {
        let before = Instant::now();
        let call = client.one(UNARY, "x");
        let status = client.end(&call).await;
        assert_eq!((status.code, status.message.as_str()), (Code::Unavailable, "connection refused"));
        assert_eq!(status.origin, Origin::Here(Cause::NotConnected("connection refused".to_owned())));
        assert!(before.elapsed() < Duration::from_secs(1));
    }
    assert_eq!(client.lost().await, "connection refused");
}

#[tokio::test]
async fn a_host_that_does_not_exist_is_told_by_its_name() {
    let mut client = Client::with("greeter.invalid:50051", ChannelSettings::default());
    let cause = client.lost().await;
    assert!(
        ["no such host: greeter.invalid", "no answer from the name server about greeter.invalid"]
            .contains(&cause.as_str()),
        "{cause}"
    );
}

#[tokio::test]
async fn a_name_with_several_addresses_is_tried_address_by_address() {
    // `localhost` may be ::1 first; nobody listens there.
    let address = good::start().await;
    let mut client = Client::with(&format!("localhost:{}", address.port()), ChannelSettings::default());
    client.ready().await;
}

#[tokio::test]
async fn a_mute_server_is_lost_with_words() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut client = Client::with(&address, patient(Duration::from_millis(200)));
    let call = client.one(UNARY, "x");
    let cause = "the server accepted the connection and said nothing for 200 ms";
    assert_eq!(client.end(&call).await.message, cause);
    assert_eq!(client.lost().await, cause);
}

#[tokio::test]
async fn a_peer_that_speaks_something_else_is_told_by_what_it_speaks() {
    for (said, cause) in [
        (
            &b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n"[..],
            "the peer speaks HTTP/1.1, not HTTP/2",
        ),
        (&[21, 3, 1, 0, 2, 2, 70], "the peer speaks TLS, and this connection is plaintext"),
        (b"SSH-2.0-x\r\n", "the peer does not speak HTTP/2: it began with \"SSH-2.0-x\\r\\n\""),
        (b"\x1b]0;x\x07", "the peer does not speak HTTP/2: it began with \"\\x1b]0;x\\x07\""),
        (b"", "the server closed the connection without a word"),
    ] {
        for closes in [true, false] {
            if said.is_empty() && !closes {
                continue;
            }
            let listener = Listener::bind().await;
            let mut client =
                Client::with(&listener.address().to_string(), patient(Duration::from_millis(500)));
            let mut tcp = listener.accept_tcp().await;
            tcp.write_all(said).await.unwrap();
            if closes {
                // Not before the client's words are read: a reset would take ours away.
                let mut preface = [0; 24];
                soon(tokio::io::AsyncReadExt::read_exact(&mut tcp, &mut preface)).await.unwrap();
                tcp.shutdown().await.unwrap();
            }
            assert_eq!(client.lost().await, cause);
        }
    }
}

#[tokio::test]
async fn connected_means_that_the_peers_settings_came() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let call = client.one(UNARY, "x");
    let mut peer = listener.accept_mute().await;
    client.take();
    assert_eq!(client.states, [ChannelState::Connecting { after: None }]);
    peer.settings(&[]).await;
    client.ready().await;
    assert_eq!(peer.whole_request().await, 1);
    peer.answer(1).await;
    assert_eq!(client.end(&call).await.code, Code::Ok);
}

#[tokio::test]
async fn an_idle_connection_that_the_peer_closes_is_noticed() {
    let listener = Listener::bind().await;
    let mut client = Client::with(&listener.address().to_string(), unhurried());
    let peer = listener.accept().await;
    client.ready().await;
    drop(peer);
    client.lost().await;
}

#[tokio::test]
async fn the_next_call_after_the_server_came_back_succeeds() {
    let listener = Listener::bind().await;
    let address = listener.address();
    let mut client = Client::with(&address.to_string(), unhurried());
    let mut peer = listener.accept().await;
    let live = client.stream(BIDI);
    peer.request().await;
    drop((peer, listener));
    assert_eq!(client.end(&live).await.code, Code::Unavailable);
    let call = client.one(UNARY, "x");
    let status = client.end(&call).await;
    assert_eq!((status.code, status.message.as_str()), (Code::Unavailable, "connection refused"));

    let back = good::start_at(address).await;
    assert_eq!(back, address);
    let call = client.one(UNARY, good::request("again"));
    assert_eq!(client.end(&call).await.code, Code::Ok);
}

#[tokio::test]
async fn reconnection_goes_on_by_itself() {
    let address = free_address().await;
    let pause = Duration::from_millis(5);
    let settings = ChannelSettings { first_pause: pause, longest_pause: pause, ..ChannelSettings::default() };
    let mut client = Client::with(&address.to_string(), settings);
    client.lost().await;
    good::start_at(address).await;
    client.ready().await;
}

#[tokio::test]
async fn a_call_while_lost_waits_only_a_moment_for_a_server_that_does_not_answer() {
    let listener = Listener::bind().await;
    let mut client = Client::with(&listener.address().to_string(), unhurried());
    drop(listener.accept_mute().await);
    let cause = client.lost().await;
    // The next attempt is accepted and left without an answer.
    let before = Instant::now();
    let call = client.one(UNARY, "x");
    let _mute = listener.accept_mute().await;
    let status = client.end(&call).await;
    assert_eq!((status.code, status.message), (Code::Unavailable, cause));
    assert!(before.elapsed() < Duration::from_secs(2), "{:?}", before.elapsed());
}

#[tokio::test]
async fn a_thousand_calls_while_lost_set_off_one_attempt() {
    let listener = Listener::bind().await;
    let mut client = Client::with(&listener.address().to_string(), unhurried());
    drop(listener.accept_mute().await);
    client.lost().await;
    let calls = client.together(1000, UNARY).await;
    let second = listener.accept_mute().await;
    for call in &calls {
        assert_eq!(client.end(call).await.code, Code::Unavailable);
    }
    client.until(|client| client.states.last() == Some(&ChannelState::Connecting { after: None })).await;
    drop(second);
    client.lost().await;
    // What would begin another attempt has had its turn by then.
    client.on_its_thread(|| {}).await;
    client.take();
    assert!(matches!(client.states.last(), Some(ChannelState::Lost { .. })), "{:?}", client.states.last());
    // The next one is set off by the next call.
    let call = client.one(UNARY, "x");
    let mut third = listener.accept().await;
    let stream = third.whole_request().await;
    third.answer(stream).await;
    assert_eq!(client.end(&call).await.code, Code::Ok);
}

#[tokio::test]
async fn a_call_behind_a_good_connection_waits_for_the_next_however_slow_that_is() {
    let listener = Listener::bind().await;
    let mut client = Client::with(&listener.address().to_string(), unhurried());
    let mut first = listener.accept().await;
    client.ready().await;
    // A connection that lasted for a second was a good one.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    first.go_away(0, NO_ERROR).await;
    let after = Some("the server is going away: GOAWAY NO_ERROR (0)".into());
    client
        .until(|client| client.states.last() == Some(&ChannelState::Connecting { after: after.clone() }))
        .await;
    let call = client.one(UNARY, "x");
    answer_slowly(&listener).await;
    assert_eq!(client.end(&call).await.code, Code::Ok);
}

#[tokio::test]
async fn a_server_that_goes_away_in_good_order_fails_no_call_however_young_the_connection_was() {
    let listener = Listener::bind().await;
    let mut client = Client::with(&listener.address().to_string(), unhurried());
    let mut first = listener.accept().await;
    client.ready().await;
    first.go_away(0, NO_ERROR).await;
    client.lost().await;
    let call = client.one(UNARY, "x");
    answer_slowly(&listener).await;
    assert_eq!(client.end(&call).await.code, Code::Ok);
}

#[tokio::test]
async fn a_server_that_always_goes_away_at_once_fails_a_call_in_the_end() {
    let listener = Listener::bind().await;
    let mut client = Client::with(&listener.address().to_string(), unhurried());
    let call = client.one(UNARY, "x");
    let goes_away = async {
        loop {
            let mut peer = listener.accept_mute().await;
            peer.raw(&[settings_frame(&[]), go_away_frame(0, NO_ERROR)].concat()).await;
        }
    };
    let status = tokio::select! {
        () = goes_away => unreachable!(),
        status = client.end(&call) => status,
    };
    assert_eq!(status.code, Code::Unavailable);
}

/// Takes the next connection, and has it wait for longer than a call waits for a server that failed before.
async fn answer_slowly(listener: &Listener) {
    let mut peer = listener.accept_mute().await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    peer.settings(&[]).await;
    let stream = peer.whole_request().await;
    peer.answer(stream).await;
}

#[tokio::test]
async fn a_graceful_goaway_lets_open_calls_finish_and_sends_new_ones_elsewhere() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let mut old = client.stream(BIDI);
    let mut first = listener.accept().await;
    let stream = first.request().await;
    first.go_away(stream, NO_ERROR).await;
    assert_eq!(first.rest().await, []);

    let new = client.one(UNARY, "new");
    let mut second = listener.accept().await;
    let fresh = second.whole_request().await;
    second.answer(fresh).await;
    assert_eq!(client.end(&new).await.code, Code::Ok);

    old.handle.send("still".into()).unwrap();
    old.handle.half_close();
    first.whole_request().await;
    first.answer(stream).await;
    assert_eq!(client.end(&old).await.code, Code::Ok);
    assert!(first.goodbye().await);
}

#[tokio::test]
async fn what_a_server_says_beside_its_goaway_is_told() {
    for (said, told) in [
        (&b"max_age"[..], ", \"max_age\""),
        (b"", ""),
        (b"a \"b\"\x1b[31m\xff", ", \"a \\\"b\\\"\\x1b[31m\\xff\""),
    ] {
        let listener = Listener::bind().await;
        let mut client = Client::to(listener.address());
        let call = client.one(UNARY, "x");
        let mut peer = listener.accept().await;
        peer.whole_request().await;
        peer.send(GOAWAY, 0, 0, &[&[0, 0, 0, 0, 0, 0, 0, 11][..], said].concat()).await;
        let expected = format!("the server is going away: GOAWAY ENHANCE_YOUR_CALM (11){told}");
        assert_eq!(client.end(&call).await.message, expected);
    }
}

#[tokio::test]
async fn a_goaway_ends_the_calls_that_the_peer_will_not_handle() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let (kept, refused) = (client.one(UNARY, "kept"), client.one(UNARY, "refused"));
    let mut peer = listener.accept().await;
    assert_eq!((peer.whole_request().await, peer.whole_request().await), (1, 3));
    peer.go_away(1, 11).await;
    let status = client.end(&refused).await;
    assert_eq!(status.code, Code::Unavailable);
    assert_eq!(status.message, "the server is going away: GOAWAY ENHANCE_YOUR_CALM (11)");
    peer.answer(1).await;
    assert_eq!(client.end(&kept).await.code, Code::Ok);
}

#[tokio::test]
async fn calls_that_were_queued_when_the_connection_went_away_go_to_the_next() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let first = client.one(UNARY, "first");
    let mut old = listener.accept_with(&[(MAX_CONCURRENT_STREAMS, 1)]).await;
    old.whole_request().await;
    let second = client.one(UNARY, "second");
    client.until_story(&second, Story::is_queued).await;
    drop(old);
    assert_eq!(client.end(&first).await.code, Code::Unavailable);
    let mut new = listener.accept().await;
    let stream = new.whole_request().await;
    new.answer(stream).await;
    assert_eq!(client.end(&second).await.code, Code::Ok);
}

#[tokio::test]
async fn a_call_whose_turn_comes_as_the_server_goes_away_goes_to_the_next_connection() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let call = client.one(UNARY, "x");
    let mut old = listener.accept_with(&[(MAX_CONCURRENT_STREAMS, 0)]).await;
    client.until_story(&call, Story::is_queued).await;
    old.raw(&[settings_frame(&[(MAX_CONCURRENT_STREAMS, 1)]), go_away_frame(0, NO_ERROR)].concat()).await;
    let mut new = listener.accept().await;
    let stream = new.whole_request().await;
    new.answer(stream).await;
    assert_eq!(client.end(&call).await.code, Code::Ok);
}

#[tokio::test]
async fn one_stream_at_a_time_takes_a_thousand_calls_in_their_order() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let mut peer = listener.accept_with(&[(MAX_CONCURRENT_STREAMS, 1)]).await;
    client.ready().await;
    let calls: Vec<_> = (0..1000u32).map(|n| client.one(UNARY, n.to_be_bytes().to_vec())).collect();
    for n in 0..1000 {
        assert_eq!(peer.request().await, 2 * n + 1);
        let body = peer.stream_frame().await.unwrap().payload;
        assert_eq!(body[5..], n.to_be_bytes());
        peer.answer(2 * n + 1).await;
    }
    for call in &calls {
        assert_eq!(client.end(call).await.code, Code::Ok);
    }
    assert_eq!(client.stories.values().filter(|story| story.is_queued()).count(), 999);
}

#[tokio::test]
async fn a_server_that_allows_no_stream_and_then_some_wakes_the_queue() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let calls = [client.one(UNARY, "a"), client.one(UNARY, "b"), client.one(UNARY, "c")];
    let mut peer = listener.accept_with(&[(MAX_CONCURRENT_STREAMS, 0)]).await;
    for call in &calls {
        client.until_story(call, Story::is_queued).await;
    }
    peer.settings(&[(MAX_CONCURRENT_STREAMS, 2)]).await;
    assert_eq!((peer.whole_request().await, peer.whole_request().await), (1, 3));
    assert_eq!(peer.rest().await, []);
    peer.answer(1).await;
    assert_eq!(peer.whole_request().await, 5);
    peer.answer(3).await;
    peer.answer(5).await;
    for call in &calls {
        assert_eq!(client.end(call).await.code, Code::Ok);
    }
}

#[tokio::test]
async fn a_channel_that_nobody_holds_says_goodbye() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let mut peer = listener.accept().await;
    client.ready().await;
    let address = free_address().await;
    client.replace_channel(address);
    assert!(peer.goodbye().await);
}

#[tokio::test]
async fn a_channel_that_is_left_waits_for_connections_that_are_going_away() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let _live = client.stream(BIDI);
    let mut peer = listener.accept().await;
    let stream = peer.request().await;
    peer.go_away(stream, NO_ERROR).await;
    let _next = listener.accept_mute().await;
    client.channel.clone().leave().await;
    // What was not said by now never is.
    client.stop_runtime();
    let frames = peer.last_frames().await;
    let codes = |kind| frames.iter().filter(move |frame| frame.kind == kind).map(Frame::error_code);
    assert_eq!(codes(RST_STREAM).collect::<Vec<_>>(), [CANCEL]);
    assert_eq!(codes(GOAWAY).collect::<Vec<_>>(), [NO_ERROR]);
}

#[tokio::test]
async fn a_call_on_a_closed_channel_ends_at_once() {
    let mut client = Client::to(good::start().await);
    client.ready().await;
    client.channel.close();
    let call = client.one(UNARY, "x");
    assert_eq!(client.end(&call).await.origin, Origin::Here(Cause::ChannelClosed));
    assert_eq!(client.states.last(), Some(&ChannelState::Closed));
}

#[tokio::test]
async fn closing_in_the_middle_of_an_attempt_leaves_it() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let mut peer = listener.accept_mute().await;
    client.channel.close();
    client.until(|client| client.states.last() == Some(&ChannelState::Closed)).await;
    peer.leaves_without_a_call().await;
}
