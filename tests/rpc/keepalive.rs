//! Whether the peer is still there: PINGs while there are calls, and what comes of silence.

use std::time::{Duration, Instant};

use greeter::rpc::{ChannelSettings, Code, Keepalive, Origin};

use crate::support::{
    client::{BIDI, Client, SERVER_STREAM, UNARY},
    peer::{GOAWAY, HEADERS, Listener, PING, Peer, message},
};

const ENHANCE_YOUR_CALM: u32 = 11;
const ACK: u8 = 1;

fn asked_after(time: u64, timeout: u64) -> ChannelSettings {
    let [time, timeout] = [time, timeout].map(Duration::from_millis);
    ChannelSettings { keepalive: Some(Keepalive { time, timeout }), ..ChannelSettings::default() }
}

/// The next PING that is none of ours.
async fn ping(peer: &mut Peer) -> Vec<u8> {
    loop {
        let frame = peer.frame().await.expect("a PING");
        if frame.kind == PING && frame.flags & ACK == 0 {
            return frame.payload;
        }
    }
}

#[tokio::test]
async fn a_call_on_a_peer_that_swallows_everything_ends_and_says_why() {
    let listener = Listener::bind().await;
    let mut client = Client::with(&listener.address().to_string(), asked_after(100, 200));
    let mut peer = listener.accept().await;
    let calls = [client.stream(BIDI), client.one(UNARY, "x")];
    peer.request().await;
    ping(&mut peer).await;
    for call in &calls {
        let status = client.end(call).await;
        assert_eq!(status.code, Code::Unavailable);
        let words = "the connection was lost: keepalive: no answer to PING in 200 ms";
        assert_eq!(status.origin.to_string(), words);
        assert!(matches!(status.origin, Origin::ConnectionLost(_)));
    }
    drop(peer);
    // It is made again.
    let _again = listener.accept().await;
    client.ready().await;
}

#[tokio::test]
async fn a_channel_that_is_lost_by_silence_says_so() {
    let listener = Listener::bind().await;
    let mut client = Client::with(&listener.address().to_string(), asked_after(50, 50));
    let _mute = listener.accept().await;
    let _call = client.stream(BIDI);
    drop(listener);
    assert_eq!(client.lost().await, "keepalive: no answer to PING in 50 ms");
}

#[tokio::test]
async fn a_peer_that_answers_is_asked_again_and_again_and_the_call_goes_on() {
    let listener = Listener::bind().await;
    let mut client = Client::with(&listener.address().to_string(), asked_after(50, 10_000));
    let mut peer = listener.accept().await;
    let call = client.one(UNARY, "x");
    let stream = peer.whole_request().await;
    for _ in 0..4 {
        let payload = ping(&mut peer).await;
        peer.send(PING, ACK, 0, &payload).await;
    }
    peer.answer(stream).await;
    assert_eq!(client.end(&call).await.code, Code::Ok);
}

#[tokio::test]
async fn whatever_comes_of_the_peer_is_an_answer() {
    let listener = Listener::bind().await;
    let mut client = Client::with(&listener.address().to_string(), asked_after(50, 1_500));
    let mut peer = listener.accept().await;
    let call = client.one(SERVER_STREAM, "x");
    let stream = peer.whole_request().await;
    ping(&mut peer).await;
    peer.grpc(stream).await;
    // Longer than the timeout, the PING is not answered, and replies come.
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        peer.data(stream, &message(b"hi")).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    peer.trailers(stream, &[("grpc-status", "0")]).await;
    assert_eq!(client.end(&call).await.code, Code::Ok);
}

#[tokio::test]
async fn without_calls_nobody_is_asked_until_one_begins() {
    let listener = Listener::bind().await;
    let mut client = Client::with(&listener.address().to_string(), asked_after(20, 10_000));
    let mut peer = listener.accept().await;
    client.ready().await;
    let call = client.one(UNARY, "x");
    // Everything that came before the call's headers.
    let mut before = Vec::new();
    let stream = loop {
        let frame = peer.frame().await.unwrap();
        if frame.kind == HEADERS {
            break frame.stream;
        }
        before.push(frame);
    };
    assert!(before.iter().all(|frame| frame.kind != PING), "{before:?}");
    peer.answer(stream).await;
    assert_eq!(client.end(&call).await.code, Code::Ok);
    // What was asked during the call, if the machine was slow.
    peer.rest().await;
    // Much longer than the time, in which the peer is heard no more and is not asked.
    let asked = tokio::time::timeout(Duration::from_millis(500), ping(&mut peer)).await;
    assert!(asked.is_err(), "asked without a call: {asked:?}");
    let _call = client.stream(BIDI);
    ping(&mut peer).await;
}

#[tokio::test]
async fn nobody_is_asked_unless_it_was_wished() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let mut peer = listener.accept().await;
    let _call = client.stream(BIDI);
    peer.request().await;
    let asked = tokio::time::timeout(Duration::from_millis(500), ping(&mut peer)).await;
    assert!(asked.is_err(), "{asked:?}");
}

#[tokio::test]
async fn a_server_that_has_too_many_pings_is_told_in_clear_words_and_asked_half_as_often() {
    let listener = Listener::bind().await;
    let mut client = Client::with(&listener.address().to_string(), asked_after(1_000, 10_000));
    for time in [1, 2].map(Duration::from_secs) {
        let mut peer = listener.accept().await;
        let call = client.stream(BIDI);
        peer.request().await;
        let began = Instant::now();
        // The client hears this, and the time begins anew.
        peer.send(PING, 0, 0, b"anything").await;
        ping(&mut peer).await;
        assert!(began.elapsed() >= time, "asked after {:?}", began.elapsed());
        let calm = [1u32.to_be_bytes(), ENHANCE_YOUR_CALM.to_be_bytes()].concat();
        peer.send(GOAWAY, 0, 0, &[&calm[..], b"too_many_pings"].concat()).await;
        drop(peer);
        let status = client.end(&call).await;
        assert_eq!(status.code, Code::Unavailable);
        let words = "too many PINGs for the server (GOAWAY too_many_pings): give a longer --keepalive-time";
        assert_eq!(status.message, words);
    }
}

#[tokio::test]
async fn a_reply_that_takes_long_keeps_the_connection_while_pings_are_answered() {
    let listener = Listener::bind().await;
    let mut client = Client::with(&listener.address().to_string(), asked_after(40, 200));
    let mut peer = listener.accept().await;
    let call = client.one(UNARY, "x");
    let stream = peer.whole_request().await;
    let began = Instant::now();
    // Far longer than time and timeout together.
    while began.elapsed() < Duration::from_secs(1) {
        let payload = ping(&mut peer).await;
        peer.send(PING, ACK, 0, &payload).await;
    }
    peer.answer(stream).await;
    assert_eq!(client.end(&call).await.code, Code::Ok);
}
