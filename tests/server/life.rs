//! Starting, stopping, and what the server bears meanwhile.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use greeter::server::{Server, Settings};
use tokio::net::TcpStream;

use crate::{FOREVER, client, named, open_stream, soon, start, until};

/// Waits until nobody accepts there.
async fn refused(address: std::net::SocketAddr) {
    soon(async { while TcpStream::connect(address).await.is_ok() {} }).await;
}

#[tokio::test]
async fn stop_ends_an_open_call_when_the_grace_is_over() {
    let server = start(Settings::default()).await;
    let address = server.address();
    let (names, requests) = open_stream();
    let mut replies = client(&server).await.say_hello_bi_di_streaming(requests).await.unwrap().into_inner();
    names.send(named("Dave")).await.unwrap();
    assert!(soon(replies.message()).await.unwrap().is_some());

    soon(server.stop(Duration::from_millis(50))).await;

    assert!(soon(replies.message()).await.is_err(), "the call has an end that is not OK");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    Server::start(address, Settings::default()).await.expect("the port is free");
}

#[tokio::test]
async fn stop_lets_an_open_call_finish() {
    let server = start(Settings::default()).await;
    let address = server.address();
    let (names, requests) = open_stream();
    let mut client = client(&server).await;
    let call = tokio::spawn(async move { client.say_hello_client_streaming(requests).await });
    names.send(named("Alice")).await.unwrap();
    until(|| server.counts().live == 1).await;

    let stopping = tokio::spawn(server.stop(FOREVER));
    refused(address).await;
    names.send(named("Bob")).await.unwrap();
    drop(names);

    let reply = soon(call).await.unwrap().unwrap().into_inner();
    assert_eq!(reply.message, "Hello, Alice, Bob!");
    soon(stopping).await.unwrap();
}

#[tokio::test]
async fn stop_without_calls_does_not_wait() {
    let server = start(Settings::default()).await;
    let mut client = client(&server).await;
    client.say_hello(named("World")).await.unwrap();
    soon(server.stop(FOREVER)).await;
}

#[tokio::test]
async fn abort_ends_connections_and_calls_at_once() {
    let server = start(Settings { interval: FOREVER, ..Settings::default() }).await;
    let address = server.address();
    let mut client = client(&server).await;
    let mut replies = client.say_hello_server_streaming(named("World")).await.unwrap().into_inner();
    assert!(soon(replies.message()).await.unwrap().is_some());
    drop(server);
    assert!(soon(replies.message()).await.is_err());
    refused(address).await;
}

#[tokio::test]
async fn a_port_in_use_is_said_in_one_sentence() {
    let first = start(Settings::default()).await;
    let address = first.address();
    let error = Server::start(address, Settings::default()).await.unwrap_err();
    assert_eq!(error.to_string(), format!("{address} is in use; --listen 127.0.0.1:0 takes a free port"));
}

#[tokio::test]
async fn an_address_of_another_machine_is_said_in_one_sentence() {
    // 192.0.2.0/24 is kept for documentation: RFC 5737.
    let error = Server::start("192.0.2.1:0".parse().unwrap(), Settings::default()).await.unwrap_err();
    assert_eq!(error.to_string(), "192.0.2.1 is no address of this machine");
}

#[tokio::test]
async fn calls_and_replies_are_counted() {
    let server = start(Settings::default()).await;
    let mut client = client(&server).await;
    client.say_hello(named("World")).await.unwrap();
    let mut replies = client.say_hello_server_streaming(named("World")).await.unwrap().into_inner();
    while soon(replies.message()).await.unwrap().is_some() {}
    until(|| server.counts().live == 0).await;
    let counts = server.counts();
    assert_eq!((counts.calls, counts.replies, counts.connections), (2, 6, 1));
    drop((client, replies));
    until(|| server.counts().connections == 0).await;
}

#[tokio::test]
async fn hundreds_of_calls_are_live_at_once_on_one_connection() {
    const CALLS: usize = 500;
    let server = start(Settings::default()).await;
    let client = client(&server).await;
    let calls = join_all((0..CALLS).map(|_| {
        let mut client = client.clone();
        async move {
            let (names, requests) = open_stream();
            names.send(named("Dave")).await.unwrap();
            let mut replies = client.say_hello_bi_di_streaming(requests).await.unwrap().into_inner();
            assert!(replies.message().await.unwrap().is_some());
            (names, replies)
        }
    }));
    let calls = soon(calls).await;
    assert_eq!(server.counts().live, CALLS);
    drop(calls);
}

/// With Nagle's algorithm on, the second write of a new connection waits for the 40 ms that its
/// peer may hold back an acknowledgement.
#[tokio::test]
async fn a_first_call_does_not_stall() {
    let server = start(Settings { replies: 2, interval: Duration::from_millis(2) }).await;
    let mut best = Duration::MAX;
    for _ in 0..10 {
        let mut client = client(&server).await;
        let began = Instant::now();
        let mut replies = client.say_hello_server_streaming(named("World")).await.unwrap().into_inner();
        while soon(replies.message()).await.unwrap().is_some() {}
        best = best.min(began.elapsed());
    }
    assert!(best < Duration::from_millis(30), "{best:?}");
}
