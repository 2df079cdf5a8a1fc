//! What only a bare HTTP/2 peer can do or see.

use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures_util::future::join_all;
use greeter::server::{Server, Settings};
use h2::{
    Reason, RecvStream, SendStream,
    client::{self, ResponseFuture, SendRequest},
};
use http::{HeaderMap, Request, StatusCode};
use prost::Message;
use tokio::{net::TcpStream, task::JoinHandle};

use crate::{FOREVER, named, soon, start, until};

const UNARY: &str = "/helloworld.Greeter/SayHello";
const SERVER_STREAM: &str = "/helloworld.Greeter/SayHelloServerStreaming";
const CLIENT_STREAM: &str = "/helloworld.Greeter/SayHelloClientStreaming";
const BIDI: &str = "/helloworld.Greeter/SayHelloBiDiStreaming";

/// A connection, and the task that drives it: aborting that closes the socket.
struct Peer {
    requests: SendRequest<Bytes>,
    driver: JoinHandle<Result<(), h2::Error>>,
}

async fn peer(server: &Server) -> Peer {
    let stream = TcpStream::connect(server.address()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    // A peer that resets thousands of calls must not end the connection for its own reasons.
    let mut patient = client::Builder::new();
    patient.max_local_error_reset_streams(None);
    let (requests, connection) = patient.handshake(stream).await.unwrap();
    let driver = tokio::spawn(connection);
    Peer { requests: requests.ready().await.unwrap(), driver }
}

impl Peer {
    /// Starts a call whose request stream stays open.
    fn call(&mut self, path: &str, headers: &[(&'static str, &str)]) -> (ResponseFuture, SendStream<Bytes>) {
        let mut request = Request::post(format!("http://test{path}")).header("te", "trailers");
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/grpc");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.requests.send_request(request.body(()).unwrap(), false).unwrap()
    }
}

fn message(name: &str) -> Bytes {
    let encoded = named(name).encode_to_vec();
    let mut framed = BytesMut::new();
    framed.put_u8(0);
    framed.put_u32(u32::try_from(encoded.len()).unwrap());
    framed.put_slice(&encoded);
    framed.freeze()
}

/// How many messages a stream still brings, and its trailers.
async fn drain(body: &mut RecvStream) -> (usize, HeaderMap) {
    let (mut held, mut messages) = (BytesMut::new(), 0);
    while let Some(data) = body.data().await {
        let data = data.unwrap();
        body.flow_control().release_capacity(data.len()).unwrap();
        held.extend_from_slice(&data);
        while held.len() >= 5 {
            let size = 5 + (&held[1..5]).get_u32() as usize;
            if held.len() < size {
                break;
            }
            held.advance(size);
            messages += 1;
        }
    }
    (messages, body.trailers().await.unwrap().unwrap_or_default())
}

fn grpc_status(headers: &HeaderMap) -> &str {
    headers.get("grpc-status").map_or("none", |status| status.to_str().unwrap())
}

#[tokio::test]
async fn a_deadline_ends_a_stream_of_replies_with_deadline_exceeded() {
    let server = start(Settings { interval: FOREVER, ..Settings::default() }).await;
    let mut peer = peer(&server).await;
    let (response, mut request) = peer.call(SERVER_STREAM, &[("grpc-timeout", "50m")]);
    request.send_data(message("World"), true).unwrap();
    let (replies, trailers) = soon(drain(soon(response).await.unwrap().body_mut())).await;
    assert_eq!((replies, grpc_status(&trailers)), (1, "4"));
}

#[tokio::test]
async fn a_deadline_ends_a_stream_that_never_pauses() {
    let server = start(Settings { replies: u32::MAX, ..Settings::default() }).await;
    let mut peer = peer(&server).await;
    let (response, mut request) = peer.call(SERVER_STREAM, &[("grpc-timeout", "50m")]);
    request.send_data(message("World"), true).unwrap();
    let (replies, trailers) = soon(drain(soon(response).await.unwrap().body_mut())).await;
    assert!(replies > 1);
    assert_eq!(grpc_status(&trailers), "4");
}

#[tokio::test]
async fn a_deadline_ends_a_call_whose_client_never_ends_its_stream() {
    let server = start(Settings::default()).await;
    let mut peer = peer(&server).await;
    for path in [UNARY, CLIENT_STREAM] {
        let (response, _open) = peer.call(path, &[("grpc-timeout", "50m")]);
        let response = soon(response).await.unwrap();
        assert_eq!(grpc_status(response.headers()), "4", "{path}");
    }
    let (response, mut request) = peer.call(BIDI, &[("grpc-timeout", "50m")]);
    request.send_data(message("Dave"), false).unwrap();
    let (replies, trailers) = soon(drain(soon(response).await.unwrap().body_mut())).await;
    assert_eq!((replies, grpc_status(&trailers)), (1, "4"));
    until(|| server.counts().live == 0).await;
}

#[tokio::test]
async fn a_malformed_deadline_is_an_error() {
    let server = start(Settings::default()).await;
    let mut peer = peer(&server).await;
    let (response, _request) = peer.call(UNARY, &[("grpc-timeout", "soon")]);
    assert_eq!(grpc_status(soon(response).await.unwrap().headers()), "13");
}

#[tokio::test]
async fn what_is_not_grpc_gets_an_http_status() {
    let server = start(Settings::default()).await;
    let mut peer = peer(&server).await;
    let (response, _request) = peer.call(UNARY, &[("content-type", "application/json")]);
    assert_eq!(soon(response).await.unwrap().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn an_unknown_method_is_unimplemented() {
    let server = start(Settings::default()).await;
    let mut peer = peer(&server).await;
    for path in ["/helloworld.Greeter/SayGoodbye", "/no.Such/Method"] {
        let (response, _request) = peer.call(path, &[]);
        assert_eq!(grpc_status(soon(response).await.unwrap().headers()), "12", "{path}");
    }
}

/// h2 ends a connection on which too many small frames lie unread; names are small frames.
#[tokio::test]
async fn names_that_wait_unread_do_not_end_the_connection() {
    const NAMES: usize = 60_000;
    let server = start(Settings::default()).await;
    let mut peer = peer(&server).await;

    // Several calls whose replies nobody reads: the server cannot read on, and the names pile up.
    let mut calls = Vec::new();
    for _ in 0..8 {
        let (response, mut request) = peer.call(BIDI, &[]);
        for _ in 0..NAMES {
            request.send_data(message("n"), false).unwrap();
        }
        request.send_data(Bytes::new(), true).unwrap();
        calls.push(soon(response).await.unwrap());
    }
    // All that the windows allow is at the server: the replies stand still.
    let mut before = 0;
    soon(async {
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let now = server.counts().replies;
            if now == before && now > 0 {
                break;
            }
            before = now;
        }
    })
    .await;
    assert!(before < 8 * NAMES as u64, "nothing piled up: {before} replies");

    for (replies, trailers) in soon(join_all(calls.iter_mut().map(|call| drain(call.body_mut())))).await {
        assert_eq!((replies, grpc_status(&trailers)), (NAMES, "0"));
    }
}

#[tokio::test]
async fn thousands_of_cancelled_calls_leave_the_connection_in_use() {
    const CALLS: usize = 4_000;
    let server = start(Settings::default()).await;
    let mut peer = peer(&server).await;
    for _ in 0..CALLS {
        let (_, mut request) = peer.call(BIDI, &[]);
        request.send_reset(Reason::CANCEL);
        peer.requests = soon(peer.requests.ready()).await.unwrap();
    }
    let (response, mut request) = peer.call(UNARY, &[]);
    request.send_data(message("World"), true).unwrap();
    let (replies, trailers) = soon(drain(soon(response).await.unwrap().body_mut())).await;
    assert_eq!((replies, grpc_status(&trailers)), (1, "0"));
    until(|| server.counts().live == 0).await;
}

#[tokio::test]
async fn a_cancelled_call_is_no_longer_live() {
    let server = start(Settings { interval: FOREVER, ..Settings::default() }).await;
    let mut peer = peer(&server).await;
    let mut open = Vec::new();
    for path in [SERVER_STREAM, CLIENT_STREAM, BIDI] {
        let (response, mut request) = peer.call(path, &[]);
        request.send_data(message("World"), path == SERVER_STREAM).unwrap();
        open.push((response, request));
    }
    until(|| server.counts().live == 3).await;
    for (_, request) in &mut open {
        request.send_reset(Reason::CANCEL);
    }
    until(|| server.counts().live == 0).await;
    assert_eq!(server.counts().connections, 1);
}

#[tokio::test]
async fn a_connection_that_breaks_takes_its_calls_along() {
    let server = start(Settings { interval: FOREVER, ..Settings::default() }).await;
    let mut peer = peer(&server).await;
    let mut open = Vec::new();
    for path in [SERVER_STREAM, CLIENT_STREAM, BIDI] {
        let (response, mut request) = peer.call(path, &[]);
        request.send_data(message("World"), path == SERVER_STREAM).unwrap();
        open.push((response, request));
    }
    until(|| server.counts().live == 3).await;
    peer.driver.abort();
    until(|| (server.counts().live, server.counts().connections) == (0, 0)).await;
}

#[tokio::test]
async fn compression_that_the_server_does_not_take_is_refused_with_what_it_takes() {
    let server = start(Settings::default()).await;
    let mut peer = peer(&server).await;
    let (response, mut request) = peer.call(UNARY, &[("grpc-encoding", "snappy")]);
    request.send_data(message("World"), true).unwrap();
    let response = soon(response).await.unwrap();
    assert_eq!(grpc_status(response.headers()), "12");
    assert_eq!(response.headers()["grpc-accept-encoding"], "gzip,zstd,identity");
}

#[tokio::test]
async fn a_compressed_message_that_is_none_is_internal() {
    let server = start(Settings::default()).await;
    let mut peer = peer(&server).await;
    for headers in [&[][..], &[("grpc-encoding", "gzip")], &[("grpc-encoding", "zstd")]] {
        let (response, mut request) = peer.call(UNARY, headers);
        request.send_data(Bytes::from_static(b"\x01\0\0\0\x05World"), true).unwrap();
        let response = soon(response).await.unwrap();
        assert_eq!(grpc_status(response.headers()), "13", "{headers:?}");
    }
}
