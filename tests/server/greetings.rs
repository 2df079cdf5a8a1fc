//! What the Greeter says, in both contracts.

use std::time::Duration;

use futures_util::{TryStreamExt, stream};
use greeter::server::Settings;
use tonic::Code;

use crate::{FOREVER, OtherClient, channel, client, named, open_stream, other_named, soon, start, until};

#[tokio::test]
async fn unary_greets_one_name() {
    let server = start(Settings::default()).await;
    let mut client = client(&server).await;
    for (name, greeting) in [
        ("World", "Hello, World!"),
        ("", "Hello, !"),
        ("世界 👩‍🚀 é", "Hello, 世界 👩‍🚀 é!"),
        ("a\nb\u{1b}[31m", "Hello, a\nb\u{1b}[31m!"),
    ] {
        assert_eq!(client.say_hello(named(name)).await.unwrap().into_inner().message, greeting);
    }
}

#[tokio::test]
async fn a_server_stream_is_numbered_from_one() {
    let server = start(Settings::default()).await;
    let mut client = client(&server).await;
    let replies = client.say_hello_server_streaming(named("World")).await.unwrap().into_inner();
    let messages: Vec<_> = replies.map_ok(|reply| reply.message).try_collect().await.unwrap();
    assert_eq!(
        messages,
        [
            "Hello, World! Number 1",
            "Hello, World! Number 2",
            "Hello, World! Number 3",
            "Hello, World! Number 4",
            "Hello, World! Number 5"
        ]
    );
}

#[tokio::test]
async fn a_client_stream_is_greeted_together_when_it_ends() {
    let server = start(Settings::default()).await;
    let mut client = client(&server).await;
    for (names, greeting) in [
        (vec!["Alice", "Bob", "Charlie"], "Hello, Alice, Bob, Charlie!"),
        (vec!["Alice"], "Hello, Alice!"),
        (vec!["", ""], "Hello, , !"),
        (vec![], "Hello, !"),
    ] {
        let requests = stream::iter(names.into_iter().map(named));
        let reply = client.say_hello_client_streaming(requests).await.unwrap();
        assert_eq!(reply.into_inner().message, greeting);
    }
}

#[tokio::test]
async fn bidi_answers_each_request_while_the_stream_is_open() {
    let server = start(Settings::default()).await;
    let (names, requests) = open_stream();
    let mut client = client(&server).await;
    let mut replies = client.say_hello_bi_di_streaming(requests).await.unwrap().into_inner();
    for (name, greeting) in [("Dave", "Hello, Dave!"), ("Eve", "Hello, Eve!")] {
        names.send(named(name)).await.unwrap();
        assert_eq!(soon(replies.message()).await.unwrap().unwrap().message, greeting);
    }
    drop(names);
    assert_eq!(soon(replies.message()).await.unwrap(), None);
}

#[tokio::test]
async fn the_other_contract_says_the_same() {
    let server = start(Settings { replies: 2, ..Settings::default() }).await;
    let mut client = OtherClient::new(channel(&server).await);

    let unary = client.say_hello(other_named("World")).await.unwrap();
    assert_eq!(unary.into_inner().reply, "Hello, World!");

    let replies = client.lots_of_replies(other_named("World")).await.unwrap().into_inner();
    let replies: Vec<_> = replies.map_ok(|reply| reply.reply).try_collect().await.unwrap();
    assert_eq!(replies, ["Hello, World! Number 1", "Hello, World! Number 2"]);

    let names = stream::iter(["Alice", "Bob"].map(other_named));
    let together = client.lots_of_greetings(names).await.unwrap();
    assert_eq!(together.into_inner().reply, "Hello, Alice, Bob!");
}

#[tokio::test]
async fn a_long_stream_arrives_whole() {
    const REPLIES: u32 = 100_000;
    let server = start(Settings { replies: REPLIES, ..Settings::default() }).await;
    let mut client = client(&server).await;
    let mut replies = client.say_hello_server_streaming(named("World")).await.unwrap().into_inner();
    let mut last = None;
    let mut count = 0;
    while let Some(reply) = soon(replies.message()).await.unwrap() {
        count += 1;
        last = Some(reply.message);
    }
    assert_eq!(count, REPLIES);
    assert_eq!(last.as_deref(), Some("Hello, World! Number 100000"));
}

#[tokio::test]
async fn no_replies_is_an_empty_stream() {
    let server = start(Settings { replies: 0, ..Settings::default() }).await;
    let mut client = client(&server).await;
    let mut replies = client.say_hello_server_streaming(named("World")).await.unwrap().into_inner();
    assert_eq!(soon(replies.message()).await.unwrap(), None);
}

#[tokio::test]
async fn the_number_of_replies_changes_with_the_next_call() {
    let server = start(Settings::default()).await;
    let mut client = client(&server).await;
    server.set(Settings { replies: 2, ..server.settings() });
    let replies = client.say_hello_server_streaming(named("World")).await.unwrap().into_inner();
    assert_eq!(replies.try_collect::<Vec<_>>().await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_pause_changes_in_a_running_call() {
    let server = start(Settings { replies: 3, interval: FOREVER }).await;
    let mut client = client(&server).await;
    let mut replies = client.say_hello_server_streaming(named("World")).await.unwrap().into_inner();
    assert!(soon(replies.message()).await.unwrap().is_some(), "the first comes without a pause");
    assert_eq!(server.counts().replies, 1);
    server.set(Settings { interval: Duration::from_millis(1), ..server.settings() });
    assert_eq!(soon(replies.try_collect::<Vec<_>>()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn names_too_long_for_one_greeting_are_refused() {
    let server = start(Settings::default()).await;
    let mut client = client(&server).await;
    let names = stream::iter((0..5).map(|_| named(&"n".repeat(1 << 20))));
    let status = soon(client.say_hello_client_streaming(names)).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    until(|| server.counts().live == 0).await;
}

#[tokio::test]
async fn a_request_over_the_limit_is_resource_exhausted() {
    let server = start(Settings::default()).await;
    let mut client = client(&server).await;
    let status = soon(client.say_hello(named(&"n".repeat(5 << 20)))).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");

    let requests = stream::iter([named(&"n".repeat(5 << 20))]);
    let mut replies = client.say_hello_bi_di_streaming(requests).await.unwrap().into_inner();
    let status = soon(replies.message()).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
}

#[tokio::test]
async fn a_name_just_under_the_limit_is_greeted() {
    let server = start(Settings::default()).await;
    let mut client = client(&server).await;
    let name = "n".repeat((4 << 20) - 32);
    let reply = soon(client.say_hello(named(&name))).await.unwrap().into_inner();
    assert_eq!(reply.message, format!("Hello, {name}!"));
}
