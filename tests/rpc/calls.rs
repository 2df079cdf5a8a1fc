//! The four kinds of call, against a server that keeps the rules.

use std::time::{Duration, Instant};

use greeter::rpc::{CallEvent, CallSpec, Cause, ChannelState, Code, Origin, Peer, Requests, What};
use http::HeaderName;

use crate::support::{
    client::{BIDI, CLIENT_STREAM, Client, SERVER_STREAM, UNARY},
    good::{self, request, text},
    peer::{DATA, HEADERS, Listener, message},
};

fn texts(replies: &[bytes::Bytes]) -> Vec<String> {
    replies.iter().map(|reply| text(reply)).collect()
}

#[tokio::test]
async fn a_unary_call_is_answered_once_and_ends_ok() {
    let mut client = Client::to(good::start().await);
    let call = client.one(UNARY, request("World"));
    assert_eq!(client.end(&call).await.code, Code::Ok);
    let story = client.story(&call);
    assert_eq!(texts(&story.replies()), ["Hello, World!"]);
    assert_eq!(story.transcript(), "<", "its one request is told by its life");
    assert!(story.trailers().is_some());
}

#[tokio::test]
async fn a_server_stream_gives_all_its_replies() {
    let mut client = Client::to(good::start().await);
    let call = client.one(SERVER_STREAM, request("World"));
    assert_eq!(client.end(&call).await.code, Code::Ok);
    let expected: Vec<_> = (1..=5).map(|n| format!("Hello, World! Number {n}")).collect();
    assert_eq!(texts(&client.story(&call).replies()), expected);
}

#[tokio::test]
async fn a_client_stream_is_answered_after_its_end() {
    let mut client = Client::to(good::start().await);
    let mut call = client.stream(CLIENT_STREAM);
    for name in ["Alice", "Bob", "Charlie"] {
        call.handle.send(request(name).into()).unwrap();
    }
    client.until_story(&call, |story| story.record.counts().sent == 3).await;
    assert!(client.story(&call).end().is_none());
    call.handle.half_close();
    call.handle.half_close();
    assert_eq!(client.end(&call).await.code, Code::Ok);
    let story = client.story(&call);
    assert_eq!(texts(&story.replies()), ["Hello, Alice, Bob, Charlie!"]);
    assert_eq!(story.transcript(), ">>>|<");
}

#[tokio::test]
async fn a_client_stream_without_a_message_is_answered_too() {
    let mut client = Client::to(good::start().await);
    let mut call = client.stream(CLIENT_STREAM);
    call.handle.half_close();
    assert_eq!(client.end(&call).await.code, Code::Ok);
    assert_eq!(texts(&client.story(&call).replies()), ["Hello, !"]);
}

#[tokio::test]
async fn a_bidi_call_answers_each_message_at_once() {
    let mut client = Client::to(good::start().await);
    let mut call = client.stream(BIDI);
    for (n, name) in ["Dave", "Eve", "Frank"].into_iter().enumerate() {
        call.handle.send(request(name).into()).unwrap();
        client.until_story(&call, |story| story.record.counts().received == n as u64 + 1).await;
    }
    call.handle.half_close();
    assert_eq!(client.end(&call).await.code, Code::Ok);
    assert_eq!(client.story(&call).transcript(), "><><><|");
}

#[tokio::test]
async fn a_call_tells_its_life_in_order_with_rising_times() {
    let mut client = Client::to(good::start().await);
    let call = client.one(UNARY, request("World"));
    client.end(&call).await;
    let story = client.story(&call);
    let [
        CallEvent::Started { at: started, stream_id, headers },
        CallEvent::RequestSent { at: sent },
        CallEvent::Headers { at: answered, http_status: 200, .. },
        CallEvent::Ended { at: ended, .. },
    ] = story.life.as_slice()
    else {
        panic!("{:?}", story.life)
    };
    assert_eq!(*stream_id, 1);
    assert_eq!(headers["content-type"], "application/grpc");
    assert_eq!(headers["te"], "trailers");
    assert!(headers["user-agent"].to_str().unwrap().starts_with("grpc-greeter/"));
    assert!(started <= sent && sent <= answered && answered <= ended);
}

#[tokio::test]
async fn a_status_and_its_message_come_from_the_peers_trailers() {
    let mut client = Client::to(good::start().await);
    let call = client.one(UNARY, request(""));
    let status = client.end(&call).await;
    assert_eq!(status.code, Code::InvalidArgument);
    assert_eq!(status.message, "a name, please: ä");
    assert_eq!(status.origin.to_string(), "from the peer's trailers");
}

#[tokio::test]
async fn metadata_is_sent_and_what_grpc_owns_is_not_overwritten() {
    let mut client = Client::to(good::start().await);
    let mut spec = client.spec(UNARY, Requests::One(request("World").into()));
    spec.metadata.insert("x-mine", "yes".parse().unwrap());
    spec.metadata.insert("content-type", "text/plain".parse().unwrap());
    spec.metadata.insert("user-agent", "somebody/1".parse().unwrap());
    let call = client.begin(spec);
    assert_eq!(client.end(&call).await.code, Code::Ok);
    let CallEvent::Started { headers, .. } = &client.story(&call).life[0] else { panic!() };
    assert_eq!(headers["x-mine"], "yes");
    assert_eq!(headers["content-type"], "application/grpc");
    assert_eq!(headers["user-agent"], "somebody/1");
}

#[tokio::test]
async fn the_deadline_is_told_to_the_server() {
    let mut client = Client::to(good::start().await);
    let call = client.with_deadline(UNARY, Requests::One(request("World").into()), Duration::from_secs(30));
    assert_eq!(client.end(&call).await.code, Code::Ok);
    let CallEvent::Headers { headers, .. } = &client.story(&call).life[2] else { panic!() };
    let told: u64 = headers["x-timeout"].to_str().unwrap().strip_suffix('u').unwrap().parse().unwrap();
    assert!((20_000_000..=30_000_000).contains(&told), "{told}");
}

#[tokio::test]
async fn a_deadline_of_any_length_is_no_trouble() {
    let mut client = Client::to(good::start().await);
    for deadline in [Duration::MAX, Duration::from_secs(u64::from(u32::MAX) * 3600)] {
        let call = client.with_deadline(UNARY, Requests::One(request("World").into()), deadline);
        assert_eq!(client.end(&call).await.code, Code::Ok);
    }
}

#[tokio::test]
async fn messages_of_four_mebibytes_go_both_ways() {
    let mut client = Client::to(good::start().await);
    let name = "x".repeat((4 << 20) - 100);
    let call = client.one(UNARY, request(&name));
    assert_eq!(client.end(&call).await.code, Code::Ok);
    assert_eq!(text(&client.story(&call).replies()[0]).len(), name.len() + "Hello, !".len());
}

#[tokio::test]
async fn a_hundred_thousand_replies_are_counted_truly_and_kept_within_bounds() {
    let mut client = Client::to(good::start().await);
    let call = client.one(SERVER_STREAM, request("100000"));
    assert_eq!(client.end(&call).await.code, Code::Ok);
    let record = &client.story(&call).record;
    assert_eq!(record.counts().received, 100_000);
    assert_eq!(record.kept() as u64 + record.let_go(), 100_000);
    assert!(matches!(record.newest().unwrap().what, What::Received(_)));
}

#[tokio::test]
async fn thousands_of_calls_begun_at_once_all_end() {
    let mut client = Client::to(good::start().await);
    let calls: Vec<_> = (0..3000).map(|n| client.one(UNARY, request(&n.to_string()))).collect();
    for (n, call) in calls.iter().enumerate() {
        assert_eq!(client.end(call).await.code, Code::Ok);
        assert_eq!(texts(&client.story(call).replies()), [format!("Hello, {n}!")]);
        assert_eq!(client.story(call).ends(), 1);
    }
}

/// A small packet that waits for the acknowledgement of the one before waits for 40 ms (RFC 896 meeting
/// RFC 1122, section 4.2.3.2).
#[tokio::test]
async fn the_first_call_does_not_stall() {
    let address = good::start().await;
    let mut medians = Vec::new();
    // A busy machine may be slow for a while; a stall is there every time.
    for _ in 0..10 {
        let mut times = Vec::new();
        for _ in 0..11 {
            let mut client = Client::to(address);
            client.ready().await;
            let before = Instant::now();
            let call = client.one(UNARY, request("World"));
            client.end(&call).await;
            times.push(before.elapsed());
        }
        times.sort();
        medians.push(times[5]);
        if times[5] < Duration::from_millis(20) {
            return;
        }
    }
    panic!("{medians:?}");
}

#[tokio::test]
async fn a_finished_call_takes_no_more_messages() {
    let mut client = Client::to(good::start().await);
    let mut call = client.stream(BIDI);
    call.handle.half_close();
    assert_eq!(client.end(&call).await.code, Code::Ok);
    assert!(call.handle.send(request("late").into()).is_err());
    call.handle.cancel();
    let after = client.one(UNARY, request("World"));
    client.end(&after).await;
    assert_eq!(client.story(&call).ends(), 1);
}

#[tokio::test]
async fn a_channel_says_connecting_then_ready_then_closed() {
    let address = good::start().await;
    let mut client = Client::to(address);
    client.ready().await;
    assert!(
        matches!(client.states.last(), Some(ChannelState::Ready { peer, .. }) if *peer == Peer::Ip(address))
    );
    client.channel.close();
    client.until(|client| client.states.last() == Some(&ChannelState::Closed)).await;
}

#[tokio::test]
async fn a_path_that_is_none_is_refused_with_a_status() {
    let mut client = Client::to(good::start().await);
    let spec = client.spec(UNARY, Requests::One(bytes::Bytes::new()));
    let call = client.begin(CallSpec { path: "*".parse().unwrap(), ..spec });
    assert_eq!(client.end(&call).await.code, Code::Internal);
}

#[tokio::test]
async fn the_end_of_the_request_rides_on_its_last_data_frame() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let unary = client.one(UNARY, "one");
    let mut peer = listener.accept().await;
    let frames = [peer.stream_frame().await.unwrap(), peer.stream_frame().await.unwrap()];
    assert_eq!(
        frames.each_ref().map(|frame| (frame.kind, frame.ends_stream())),
        [(HEADERS, false), (DATA, true)]
    );
    assert_eq!(frames[1].payload, message(b"one"));
    peer.answer(1).await;
    client.end(&unary).await;

    let mut stream = client.stream(CLIENT_STREAM);
    peer.request().await;
    stream.handle.send("two".into()).unwrap();
    assert!(!peer.stream_frame().await.unwrap().ends_stream());
    stream.handle.half_close();
    let last = peer.stream_frame().await.unwrap();
    assert!(last.ends_stream() && last.payload.is_empty(), "{last:?}");
    peer.answer(3).await;
    client.end(&stream).await;
}

#[tokio::test]
async fn calls_begun_while_connecting_are_sent_in_their_order() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let calls: Vec<_> = (0..100u8).map(|n| client.one(UNARY, vec![n])).collect();
    // What is spawned later runs later: by now all calls wait for the connection.
    client.on_its_thread(|| ()).await;
    let mut peer = listener.accept_mute().await;
    peer.settings(&[]).await;
    for _ in 0..100 {
        let body = loop {
            let frame = peer.stream_frame().await.unwrap();
            if frame.kind == DATA {
                break frame;
            }
        };
        // Streams are numbered by twos, in the order of their beginning.
        assert_eq!(body.payload, message(&[(body.stream / 2) as u8]));
        peer.answer(body.stream).await;
    }
    for call in &calls {
        assert_eq!(client.end(call).await.code, Code::Ok);
    }
}

#[tokio::test]
async fn a_server_on_ipv6_is_called_as_any_other() {
    let address = good::start_at("[::1]:0".parse().unwrap()).await;
    let mut client = Client::to(address);
    assert!(client.channel.target().to_string().starts_with("[::1]:"));
    let call = client.one(UNARY, request("six"));
    assert_eq!(client.end(&call).await.code, Code::Ok);
}

#[tokio::test]
async fn metadata_that_http2_forbids_is_refused_with_a_status() {
    let mut client = Client::to(good::start().await);
    let mut spec = client.spec(UNARY, Requests::One(request("World").into()));
    spec.metadata.insert("connection", "close".parse().unwrap());
    let call = client.begin(spec);
    let status = client.end(&call).await;
    assert_eq!(status.code, Code::Internal);
    assert!(matches!(status.origin, Origin::Here(Cause::BadRequest(_))), "{status:?}");
    assert!(!client.story(&call).is_started());
}

#[tokio::test]
async fn more_metadata_than_headers_can_hold_is_refused_with_a_status() {
    let mut client = Client::to(good::start().await);
    let mut spec = client.spec(UNARY, Requests::One(request("World").into()));
    for n in 0..20_000 {
        spec.metadata.insert(HeaderName::try_from(format!("x-{n}")).unwrap(), "v".parse().unwrap());
    }
    let call = client.begin(spec);
    assert_eq!(client.end(&call).await.code, Code::Internal);
}

#[tokio::test]
async fn a_request_goes_out_in_one_piece() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let mut peer = listener.accept().await;
    client.ready().await;
    // Our SETTINGS, their answer and what else is said at first.
    assert_eq!(peer.rest().await, []);
    for _ in 0..3 {
        let call = client.one(UNARY, "hello");
        assert_eq!(peer.together().await, [HEADERS, DATA]);
        call.handle.cancel();
        peer.stream_frame().await;
    }
}
