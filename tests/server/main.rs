//! The embedded server, asked by clients that are not ours: tonic's own, and bare HTTP/2.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod compression;
mod greetings;
mod life;
mod raw;
mod services;

use std::{future::Future, time::Duration};

use greeter::server::{
    Server, Settings,
    proto::{hello, helloworld},
};
use tonic::transport::Channel;

type DefaultClient = helloworld::greeter_client::GreeterClient<Channel>;
type OtherClient = hello::greeter_client::GreeterClient<Channel>;

/// Longer than any pause in a test may be without being a fault.
const GUARD: Duration = Duration::from_secs(20);

/// Replies that never come by themselves.
const FOREVER: Duration = Duration::from_hours(1);

async fn start(settings: Settings) -> Server {
    Server::start("127.0.0.1:0".parse().unwrap(), settings).await.unwrap()
}

async fn channel(server: &Server) -> Channel {
    let endpoint = Channel::from_shared(format!("http://{}", server.address())).unwrap();
    endpoint.connect().await.unwrap()
}

async fn client(server: &Server) -> DefaultClient {
    DefaultClient::new(channel(server).await)
}

/// Fails the test instead of hanging it.
async fn soon<F: Future>(work: F) -> F::Output {
    tokio::time::timeout(GUARD, work).await.expect("it did not happen in time")
}

/// Waits for a condition.
async fn until(mut condition: impl FnMut() -> bool) {
    soon(async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

fn named(name: &str) -> helloworld::HelloRequest {
    helloworld::HelloRequest { name: name.to_owned() }
}

fn other_named(name: &str) -> hello::HelloRequest {
    hello::HelloRequest { name: name.to_owned() }
}

/// A request stream that stays open until the sender is dropped.
fn open_stream<T: Send + 'static>() -> (tokio::sync::mpsc::Sender<T>, impl tokio_stream::Stream<Item = T>) {
    let (sender, mut requests) = tokio::sync::mpsc::channel(16);
    (sender, futures_util::stream::poll_fn(move |cx| requests.poll_recv(cx)))
}
