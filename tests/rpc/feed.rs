//! A call that is followed: nothing of it is lost, and a peer that is faster than its listener is held back.

use bytes::Bytes;
use greeter::rpc::{CallEvent, CallHandle, Code, Feed, Happened, Requests, Status, What};

use crate::support::{
    client::{BIDI, Client, SERVER_STREAM},
    peer::{CANCEL, DATA, Listener, Peer, RST_STREAM, WINDOW_UPDATE, message},
    soon,
};

/// What the client lets a peer send on a stream that nobody takes from.
const WINDOW: usize = 1 << 20;

struct Followed {
    _client: Client,
    call: CallHandle,
    feed: Feed,
}

async fn followed(listener: &Listener, requests: Requests) -> (Followed, Peer, u32) {
    let mut client = Client::to(listener.address());
    let path = if matches!(requests, Requests::Stream) { BIDI } else { SERVER_STREAM };
    let spec = client.spec(path, requests);
    let (call, feed) = client.channel.follow(spec);
    let mut peer = listener.accept().await;
    let stream = peer.request().await;
    (Followed { _client: client, call, feed }, peer, stream)
}

/// All that is still to come: the sizes of the replies, and the status.
async fn rest(feed: &mut Feed) -> (Vec<usize>, Status) {
    let (mut sizes, mut ended) = (Vec::new(), None);
    while let Some(happened) = soon(feed.next()).await {
        match happened {
            Happened::Entry(entry) => {
                if let What::Received(bytes) = entry.what {
                    sizes.push(bytes.len());
                }
            }
            Happened::Event(CallEvent::Ended { status, .. }) => ended = Some(status),
            Happened::Event(_) => {}
        }
    }
    (sizes, ended.expect("an end"))
}

#[tokio::test]
async fn what_happens_is_told_in_its_order() {
    let listener = Listener::bind().await;
    let (mut followed, mut peer, stream) = followed(&listener, Requests::Stream).await;
    followed.call.deliver(Bytes::from_static(b"name")).await.unwrap();
    followed.call.half_close();
    peer.whole_request().await;
    peer.answer(stream).await;
    let mut told = Vec::new();
    while let Some(happened) = soon(followed.feed.next()).await {
        told.push(match happened {
            Happened::Event(CallEvent::Started { .. }) => "started",
            Happened::Event(CallEvent::Headers { .. }) => "headers",
            Happened::Event(CallEvent::Ended { .. }) => "ended",
            Happened::Event(_) => "turn",
            Happened::Entry(entry) => match entry.what {
                What::Sent(_) => "sent",
                What::EndOfStream => "half-close",
                What::Received(_) => "received",
            },
        });
    }
    assert_eq!(told, ["started", "sent", "half-close", "headers", "received", "ended"]);
}

#[tokio::test]
async fn a_peer_is_held_back_until_its_replies_are_taken() {
    let listener = Listener::bind().await;
    let (mut followed, mut peer, stream) = followed(&listener, Requests::One(Bytes::new())).await;
    peer.grpc(stream).await;
    let reply = message(&[7; 8187]);
    assert_eq!(reply.len(), 8192);
    // The window is a whole number of these replies. What h2 gives back early is less than another.
    for _ in 0..WINDOW / reply.len() {
        peer.take_window(reply.len()).await;
        peer.data(stream, &reply).await;
    }
    assert!(!peer.has_window(1).await, "the window was opened though nobody took a reply");
    assert!(matches!(soon(followed.feed.next()).await, Some(Happened::Event(_))));
    let (peer, (sizes, status)) = tokio::join!(
        async {
            for _ in 0..3 * WINDOW / reply.len() {
                peer.take_window(reply.len()).await;
                peer.data(stream, &reply).await;
            }
            peer.trailers(stream, &[("grpc-status", "0")]).await;
            peer
        },
        rest(&mut followed.feed),
    );
    drop(peer);
    assert_eq!((sizes.len(), status.code), (4 * WINDOW / reply.len(), Code::Ok));
}

#[tokio::test]
async fn a_reply_that_is_larger_than_the_window_comes_whole() {
    let listener = Listener::bind().await;
    let (mut followed, mut peer, stream) = followed(&listener, Requests::One(Bytes::new())).await;
    peer.grpc(stream).await;
    let reply = message(&vec![7; 3 * WINDOW]);
    let (peer, (sizes, status)) = tokio::join!(
        async {
            for piece in reply.chunks(16_384) {
                peer.take_window(piece.len()).await;
                peer.data(stream, piece).await;
            }
            peer.trailers(stream, &[("grpc-status", "0")]).await;
            peer
        },
        rest(&mut followed.feed),
    );
    drop(peer);
    assert_eq!((sizes, status.code), (vec![3 * WINDOW], Code::Ok));
}

#[tokio::test]
async fn what_was_sent_waits_where_nobody_hears_of_it() {
    let listener = Listener::bind().await;
    let (mut followed, mut peer, stream) = followed(&listener, Requests::Stream).await;
    // The peer takes all that comes.
    for stream in [0, stream] {
        peer.send(WINDOW_UPDATE, 0, stream, &(1_u32 << 28).to_be_bytes()).await;
    }
    let (messages, size) = (12_000, 100);
    for _ in 0..messages {
        followed.call.deliver(Bytes::from(vec![7; size])).await.unwrap();
    }
    let frames = peer.rest().await;
    let sent: usize = frames.iter().filter(|frame| frame.kind == DATA).map(|frame| frame.payload.len()).sum();
    // Those that may be unheard, and what the encoder takes at once.
    assert!(sent < messages / 3 * size, "{} of {messages} went out", sent / size);
    let mut heard = 0;
    while heard < messages {
        if let Some(Happened::Entry(_)) = soon(followed.feed.next()).await {
            heard += 1;
        }
    }
}

#[tokio::test]
async fn leaving_waits_until_the_last_word_is_said() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let mut peer = listener.accept().await;
    client.ready().await;
    let (call, _feed) = {
        let spec = client.spec(SERVER_STREAM, Requests::One(Bytes::new()));
        client.channel.follow(spec)
    };
    peer.whole_request().await;
    soon(client.channel.clone().leave()).await;
    let reset = peer.stream_frame().await.unwrap();
    assert_eq!((reset.kind, reset.error_code()), (RST_STREAM, CANCEL));
    assert!(peer.goodbye().await);
    drop(call);
}
