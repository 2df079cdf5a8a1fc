//! A deadline that runs out: whose timer it was, and what the server said of it.

use std::time::{Duration, Instant};

use bytes::Bytes;
use greeter::rpc::{CallEvent, Cause, Code, Heard, Origin, Requests, Status};

use crate::support::{
    client::{Client, Story, UNARY},
    peer::{Listener, MAX_CONCURRENT_STREAMS, Peer},
};

const DEADLINE: Duration = Duration::from_millis(200);
const TOO_LATE: &[(&str, &str)] = &[("grpc-status", "4"), ("grpc-message", "too slow")];
/// A guard, not a measure.
const GUARD: Duration = Duration::from_secs(20);

/// How a call ended whose server does this behind the deadline. The machine may be busy: what the server says so
/// late that nobody listens any more is another call's.
async fn heard(says: impl AsyncFn(&mut Peer)) -> (Status, Duration, String) {
    let listener = Listener::bind().await;
    let began = Instant::now();
    loop {
        let mut client = Client::to(listener.address());
        let call = client.with_deadline(UNARY, Requests::One(Bytes::new()), DEADLINE);
        let mut peer = listener.accept().await;
        peer.whole_request().await;
        // It was begun before that.
        tokio::time::sleep(DEADLINE).await;
        says(&mut peer).await;
        let status = client.end(&call).await.clone();
        let at = ended_at(client.story(&call));
        let words = status.heard().unwrap_or_default();
        if matches!(&status.origin, Origin::Here(Cause::DeadlineExceeded { heard: Some(Heard::Said(_)), .. }))
        {
            return (status, at, words);
        }
        assert!(began.elapsed() < GUARD, "{status:?}");
    }
}

fn ended_at(story: &Story) -> Duration {
    let CallEvent::Ended { at, .. } = story.life.last().unwrap() else { panic!("no end") };
    *at
}

#[tokio::test]
async fn what_the_server_says_just_behind_the_deadline_is_told_and_changes_nothing() {
    let (status, at, words) = heard(async |peer| {
        peer.grpc(1).await;
        peer.trailers(1, TOO_LATE).await;
    })
    .await;
    assert_eq!(status.code, Code::DeadlineExceeded);
    assert_eq!(status.origin.to_string(), "made here: the deadline of 200 ms ran out");
    assert!(words.starts_with("the server said DEADLINE_EXCEEDED (4) "), "{words}");
    assert!(words.ends_with(" later: too slow"), "{words}");
    assert!(at >= DEADLINE, "{at:?}");
}

#[tokio::test]
async fn an_answer_that_is_too_late_is_told_too() {
    let (status, _, words) = heard(async |peer| peer.answer(1).await).await;
    assert_eq!(status.code, Code::DeadlineExceeded);
    assert!(words.starts_with("the server said OK ") && words.ends_with(" later"), "{words}");
}

#[tokio::test]
async fn a_reset_behind_the_deadline_is_told() {
    let (status, _, words) = heard(async |peer| peer.reset(1, 8).await).await;
    assert_eq!(status.code, Code::DeadlineExceeded);
    assert!(
        words.starts_with("the server reset the stream ") && words.ends_with(" later: CANCEL (8)"),
        "{words}"
    );
}

#[tokio::test]
async fn a_server_that_is_first_is_believed() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let call = client.with_deadline(UNARY, Requests::One(Bytes::new()), GUARD);
    let mut peer = listener.accept().await;
    peer.whole_request().await;
    peer.grpc(1).await;
    peer.trailers(1, TOO_LATE).await;
    let status = client.end(&call).await.clone();
    assert_eq!((status.code, &status.origin), (Code::DeadlineExceeded, &Origin::Trailers));
    assert_eq!(status.heard(), None);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_said_to_say_nothing() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let call = client.with_deadline(UNARY, Requests::One(Bytes::new()), DEADLINE);
    let mut peer = listener.accept().await;
    peer.whole_request().await;
    let heard = client.end(&call).await.heard();
    assert_eq!(heard.as_deref(), Some("the server said nothing of it within 100 ms"));
}

#[tokio::test]
async fn a_call_that_was_never_sent_says_so() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let call = client.with_deadline(UNARY, Requests::One(Bytes::new()), DEADLINE);
    let _mute = listener.accept_mute().await;
    let origin = client.end(&call).await.origin.to_string();
    assert!(origin.ends_with(" ran out without a connection: the server had not answered yet"), "{origin}");
}

#[tokio::test]
async fn a_call_that_got_no_stream_in_time_says_so() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let call = client.with_deadline(UNARY, Requests::One(Bytes::new()), DEADLINE);
    let _peer = listener.accept_with(&[(MAX_CONCURRENT_STREAMS, 0)]).await;
    let heard = client.end(&call).await.heard();
    let words = "nothing of the call was sent yet: the server allows no more streams at once";
    assert_eq!(heard.as_deref(), Some(words));
}

#[tokio::test]
async fn replies_behind_the_deadline_are_none() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let call = client.with_deadline(UNARY, Requests::One(Bytes::new()), DEADLINE);
    let mut peer = listener.accept().await;
    peer.whole_request().await;
    tokio::time::sleep(DEADLINE + Duration::from_millis(20)).await;
    peer.answer(1).await;
    client.end(&call).await;
    assert_eq!(client.story(&call).record.counts().received, 0);
}
