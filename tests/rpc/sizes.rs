//! How large messages may be on their way out.

use std::time::{Duration, Instant};

use greeter::rpc::{CallSpec, Cause, Code, Origin, Requests, SendError};

use crate::support::{
    client::{BIDI, CLIENT_STREAM, Client, UNARY},
    good,
    peer::{HEADERS, Listener},
};

#[tokio::test]
async fn a_request_over_the_limit_is_refused_and_nothing_is_sent() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let mut peer = listener.accept().await;
    client.ready().await;
    let spec = client.spec(UNARY, Requests::One("12345678901".into()));
    let call = client.begin(CallSpec { max_request: Some(10), ..spec });
    let status = client.end(&call).await;
    assert_eq!(status.code, Code::ResourceExhausted);
    assert_eq!(status.origin, Origin::Here(Cause::RequestTooLarge { size: 11, limit: 10 }));
    assert_eq!(status.origin.to_string(), "made here: a message of 11 B, the limit is 10 B (--max-send-sz)");
    assert!(!client.story(&call).is_started());
    assert!(peer.rest().await.iter().all(|frame| frame.kind != HEADERS));
}

#[tokio::test]
async fn a_message_over_the_limit_is_refused_and_its_stream_goes_on() {
    let mut client = Client::to(good::start().await);
    let [alice, bob] = ["Alice", "Bob"].map(good::request);
    let spec = client.spec(CLIENT_STREAM, Requests::Stream);
    let mut call = client.begin(CallSpec { max_request: Some(alice.len()), ..spec });
    call.handle.send(alice.clone().into()).unwrap();
    let error = call.handle.send(good::request("Charles").into()).unwrap_err();
    assert_eq!(error, SendError::TooLarge { size: 9, limit: 7 });
    assert_eq!(error.to_string(), "not sent: a message of 9 B, the limit is 7 B (--max-send-sz)");
    assert_eq!(call.handle.deliver(good::request("Charles").into()).await, Err(error));
    call.handle.send(bob.into()).unwrap();
    call.handle.half_close();
    assert_eq!(client.end(&call).await.code, Code::Ok);
    assert_eq!(good::text(&client.story(&call).replies()[0]), "Hello, Alice, Bob!");
}

/// Both ways at once: it comes back as a reply of the same size.
#[tokio::test]
async fn a_very_large_message_does_not_hold_up_the_other_calls() {
    const SIZE: usize = 64 << 20;
    let mut client = Client::to(good::start().await);
    client.ready().await;
    let spec = client.spec(CLIENT_STREAM, Requests::Stream);
    let mut large = client.begin(CallSpec { max_reply: SIZE + 1024, ..spec });
    let bidi = client.stream(BIDI);
    bidi.handle.send(good::request("warm").into()).unwrap();
    client.until_story(&bidi, |story| story.record.counts().received == 1).await;
    large.handle.send(good::request(&"x".repeat(SIZE)).into()).unwrap();
    large.handle.half_close();
    let mut slowest = Duration::ZERO;
    let mut sent = 1;
    while client.story(&large).end().is_none() {
        let before = Instant::now();
        bidi.handle.send(good::request("x").into()).unwrap();
        sent += 1;
        client.until_story(&bidi, |story| story.record.counts().received == sent).await;
        slowest = slowest.max(before.elapsed());
    }
    assert_eq!(client.story(&large).replies().len(), 1, "{:?}", client.story(&large).end());
    assert!(sent > 10, "only {sent} round trips beside the large one");
    assert!(slowest < Duration::from_secs(5), "the slowest of {sent} took {slowest:?}");
}
