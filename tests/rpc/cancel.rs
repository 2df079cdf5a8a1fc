//! Cancelling, deadlines and closing, in every phase of a call: the peer sees `RST_STREAM(CANCEL)` and
//! nothing else, or nothing at all where nothing was sent.

use std::time::Duration;

use bytes::Bytes;
use greeter::rpc::{CallSpec, Cause, Code, Origin, Requests, Status};

use crate::support::{
    client::{BIDI, Call, Client, SERVER_STREAM, Story, UNARY},
    peer::{CANCEL, Frame, INITIAL_WINDOW_SIZE, Listener, MAX_CONCURRENT_STREAMS, Peer, RST_STREAM, message},
};

/// How a call is ended here.
#[derive(Debug, Clone, Copy)]
enum End {
    Cancel,
    Drop,
    Deadline,
    Close,
}

const ENDS: [End; 4] = [End::Cancel, End::Drop, End::Deadline, End::Close];
/// Long enough to reach every phase, short enough to wait for.
const DEADLINE: Duration = Duration::from_secs(1);

struct Scene {
    client: Client,
    how: End,
}

impl Scene {
    fn new(listener: &Listener, how: End) -> Self {
        Self { client: Client::to(listener.address()), how }
    }

    fn begin(&mut self, path: &'static str, requests: Requests) -> Call {
        let spec = self.client.spec(path, requests);
        let deadline = matches!(self.how, End::Deadline).then_some(DEADLINE);
        self.client.begin(CallSpec { deadline, ..spec })
    }

    /// Ends the call, and checks how it says that it ended.
    async fn end(&mut self, call: Call) {
        let id = call.id;
        let kept = match self.how {
            End::Drop => {
                drop(call);
                None
            }
            _ => Some(call),
        };
        match self.how {
            End::Cancel => kept.as_ref().unwrap().handle.cancel(),
            End::Close => self.client.channel.close(),
            End::Drop | End::Deadline => {}
        }
        self.client.until(|client| client.stories[&id].end().is_some()).await;
        let status = self.client.stories[&id].end().unwrap();
        let (code, cause) = match self.how {
            End::Cancel | End::Drop => (Code::Cancelled, Cause::CancelledByYou.to_string()),
            End::Deadline => (Code::DeadlineExceeded, "the deadline of 1.00 s ran out".to_owned()),
            End::Close => (Code::Unavailable, Cause::ChannelClosed.to_string()),
        };
        let origin = format!("made here: {cause}");
        // What it waited for may follow.
        assert_eq!(status.code, code, "{:?}", self.how);
        assert!(status.origin.to_string().starts_with(&origin), "{:?}: {}", self.how, status.origin);
        drop(kept);
    }
}

/// Reads what the stream still sends: it must be one `RST_STREAM(CANCEL)`.
async fn only_a_reset(peer: &mut Peer, stream: u32, how: End) {
    let frame = peer.stream_frame().await.expect("a reset");
    assert_eq!((frame.kind, frame.stream), (RST_STREAM, stream), "{how:?}: {frame:?}");
    assert_eq!(frame.error_code(), CANCEL, "{how:?}");
    if matches!(how, End::Close) {
        assert!(peer.goodbye().await, "no GOAWAY");
    } else {
        assert_eq!(peer.rest().await, [], "{how:?}");
    }
}

async fn nothing(peer: &mut Peer, how: End) {
    if matches!(how, End::Close) {
        peer.leaves_without_a_call().await;
    } else {
        assert_eq!(peer.rest().await, Vec::<Frame>::new(), "{how:?}");
    }
}

fn hello() -> Requests {
    Requests::One(Bytes::from_static(b"hello"))
}

#[tokio::test]
async fn ended_while_connecting_nothing_is_ever_sent() {
    for how in ENDS {
        let listener = Listener::bind().await;
        let mut scene = Scene::new(&listener, how);
        let call = scene.begin(UNARY, hello());
        let mut peer = listener.accept_mute().await;
        scene.end(call).await;
        peer.settings(&[]).await;
        nothing(&mut peer, how).await;
    }
}

#[tokio::test]
async fn ended_while_queued_nothing_is_ever_sent() {
    for how in ENDS {
        let listener = Listener::bind().await;
        let mut scene = Scene::new(&listener, how);
        let first = scene.client.one(UNARY, "first");
        let mut peer = listener.accept_with(&[(MAX_CONCURRENT_STREAMS, 1)]).await;
        assert_eq!(peer.whole_request().await, 1);
        let call = scene.begin(UNARY, hello());
        scene.client.until_story(&call, Story::is_queued).await;
        let id = call.id;
        scene.end(call).await;
        assert!(!scene.client.stories[&id].is_started(), "{how:?}");
        if matches!(how, End::Close) {
            continue;
        }
        peer.answer(1).await;
        assert_eq!(scene.client.end(&first).await.code, Code::Ok);
        assert_eq!(peer.rest().await, [], "{how:?}");
        // The place in the queue was given up with the call.
        let next = scene.client.one(UNARY, "next");
        assert_eq!(peer.whole_request().await, 3);
        peer.answer(3).await;
        assert_eq!(scene.client.end(&next).await.code, Code::Ok);
    }
}

#[tokio::test]
async fn a_queue_that_is_cancelled_from_its_head_sends_nothing() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let mut peer = listener.accept_with(&[(MAX_CONCURRENT_STREAMS, 1)]).await;
    client.ready().await;
    let calls: Vec<_> = (0..100).map(|_| client.one(UNARY, "x")).collect();
    assert_eq!(peer.whole_request().await, 1);
    client.until_story(&calls[99], Story::is_queued).await;
    // Each one that goes makes room for the next, which is to go as well.
    client.on_its_thread(move || drop(calls)).await;
    client.until(|client| client.stories.values().all(|story| story.end().is_some())).await;
    only_a_reset(&mut peer, 1, End::Cancel).await;
}

#[tokio::test]
async fn ended_before_the_headers_with_the_request_open() {
    for how in ENDS {
        let listener = Listener::bind().await;
        let mut scene = Scene::new(&listener, how);
        let call = scene.begin(BIDI, Requests::Stream);
        let mut peer = listener.accept().await;
        let stream = peer.request().await;
        call.handle.send(Bytes::from_static(b"one")).unwrap();
        assert!(!peer.stream_frame().await.unwrap().ends_stream());
        scene.end(call).await;
        only_a_reset(&mut peer, stream, how).await;
    }
}

#[tokio::test]
async fn ended_before_the_headers_after_the_half_close() {
    for how in ENDS {
        let listener = Listener::bind().await;
        let mut scene = Scene::new(&listener, how);
        let call = scene.begin(UNARY, hello());
        let mut peer = listener.accept().await;
        let stream = peer.whole_request().await;
        scene.end(call).await;
        only_a_reset(&mut peer, stream, how).await;
    }
}

#[tokio::test]
async fn ended_while_receiving_with_the_request_open() {
    for how in ENDS {
        let listener = Listener::bind().await;
        let mut scene = Scene::new(&listener, how);
        let call = scene.begin(BIDI, Requests::Stream);
        let mut peer = listener.accept().await;
        let stream = peer.request().await;
        peer.grpc(stream).await;
        peer.data(stream, &message(b"reply")).await;
        scene.client.until_story(&call, |story| story.record.counts().received == 1).await;
        scene.end(call).await;
        only_a_reset(&mut peer, stream, how).await;
    }
}

#[tokio::test]
async fn ended_while_receiving_after_the_half_close() {
    for how in ENDS {
        let listener = Listener::bind().await;
        let mut scene = Scene::new(&listener, how);
        let call = scene.begin(SERVER_STREAM, hello());
        let mut peer = listener.accept().await;
        let stream = peer.whole_request().await;
        peer.grpc(stream).await;
        peer.data(stream, &message(b"reply")).await;
        scene.client.until_story(&call, |story| story.record.counts().received == 1).await;
        scene.end(call).await;
        only_a_reset(&mut peer, stream, how).await;
    }
}

#[tokio::test]
async fn ended_while_the_peer_takes_no_more_bytes() {
    for how in ENDS {
        let listener = Listener::bind().await;
        let mut scene = Scene::new(&listener, how);
        let call = scene.begin(BIDI, Requests::Stream);
        let mut peer = listener.accept().await;
        let stream = peer.request().await;
        call.handle.send(Bytes::from(vec![7; 1 << 20])).unwrap();
        let mut taken = 0;
        while taken < 65_535 {
            taken += peer.stream_frame().await.unwrap().payload.len();
        }
        scene.end(call).await;
        only_a_reset(&mut peer, stream, how).await;
    }
}

#[tokio::test]
async fn a_message_that_the_peer_did_not_take_whole_is_not_told_as_sent() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let call = client.stream(BIDI);
    let mut peer = listener.accept().await;
    peer.request().await;
    call.handle.send(Bytes::from_static(b"small")).unwrap();
    call.handle.send(Bytes::from(vec![7; 1 << 20])).unwrap();
    let mut taken = 0;
    while taken < 65_535 {
        taken += peer.stream_frame().await.unwrap().payload.len();
    }
    call.handle.cancel();
    client.end(&call).await;
    assert_eq!(client.story(&call).record.counts().sent, 1);
}

#[tokio::test]
async fn a_request_waits_for_a_peer_that_takes_less_than_all_of_it_at_first() {
    for window in [0, 1, 9] {
        let listener = Listener::bind().await;
        let mut client = Client::to(listener.address());
        let call = client.one(UNARY, "hello");
        let mut peer = listener.accept_with(&[(INITIAL_WINDOW_SIZE, window)]).await;
        let stream = peer.request().await;
        let came: usize = peer.rest().await.iter().map(|frame| frame.payload.len()).sum();
        assert_eq!(came, window as usize);
        client.take();
        assert!(!client.story(&call).was_sent(), "a window of {window} bytes");

        peer.opens(stream, 10 - window).await;
        peer.whole_request().await;
        peer.answer(stream).await;
        assert_eq!(client.end(&call).await.code, Code::Ok);
        assert!(client.story(&call).was_sent());
    }
}

#[tokio::test]
async fn a_request_waits_while_another_has_used_up_what_the_peer_takes_of_all() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let upload = client.stream(BIDI);
    let mut peer = listener.accept_with(&[(INITIAL_WINDOW_SIZE, 1 << 20)]).await;
    peer.request().await;
    upload.handle.send(Bytes::from(vec![7; 1 << 20])).unwrap();
    let mut taken = 0;
    while taken < 65_535 {
        taken += peer.stream_frame().await.unwrap().payload.len();
    }
    let call = client.one(UNARY, "hello");
    let stream = peer.request().await;
    assert_eq!(peer.rest().await, []);
    client.take();
    assert!(!client.story(&call).was_sent());

    upload.handle.cancel();
    peer.opens(0, 100).await;
    peer.whole_request().await;
    peer.answer(stream).await;
    assert_eq!(client.end(&call).await.code, Code::Ok);
}

#[tokio::test]
async fn a_slow_peer_fills_the_queue_and_no_memory() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let call = client.stream(BIDI);
    let mut peer = listener.accept().await;
    peer.request().await;
    let mut taken = 0;
    let full = loop {
        match call.handle.send(Bytes::from(vec![7; 1 << 20])) {
            Ok(()) => taken += 1,
            Err(full) => break full,
        }
        assert!(taken < 20, "no bound");
    };
    assert_eq!(full, greeter::rpc::SendError::Full);
    client.take();
}

#[tokio::test]
async fn a_thousand_cancelled_calls_do_not_cost_the_connection() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    client.until(|_| true).await;
    let mut peer = listener.accept().await;
    let calls: Vec<_> = (0..2000).map(|_| client.one(SERVER_STREAM, "x")).collect();
    for _ in &calls {
        peer.whole_request().await;
    }
    for call in &calls {
        call.handle.cancel();
    }
    for call in &calls {
        client.end(call).await;
    }
    // What was on its way when they were cancelled, and comes late.
    for n in 0..2000 {
        peer.grpc(2 * n + 1).await;
        peer.data(2 * n + 1, &message(b"late")).await;
    }
    let call = client.one(UNARY, "y");
    let stream = peer.whole_request().await;
    assert_eq!(stream, 4001);
    peer.answer(stream).await;
    assert_eq!(client.end(&call).await.code, Code::Ok);
}

#[tokio::test]
async fn a_call_whose_runtime_goes_away_still_ends() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let call = client.one(UNARY, "x");
    let mut peer = listener.accept().await;
    peer.whole_request().await;
    client.stop_runtime();
    let status: Status = client.end(&call).await;
    assert_eq!(status.origin, Origin::Here(Cause::ChannelClosed));
    let late = client.one(UNARY, "x");
    assert_eq!(client.end(&late).await.origin, Origin::Here(Cause::ChannelClosed));
}
