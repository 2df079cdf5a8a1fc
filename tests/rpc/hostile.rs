//! Peers that break the rules: each call ends with the status that the protocol's page gives, says why,
//! and nothing panics.

use std::time::Duration;

use bytes::Bytes;
use greeter::rpc::{CallSpec, Cause, Code, Details, Origin, Record, Requests, Status};

use crate::support::{
    client::{BIDI, Call, Client, SERVER_STREAM, UNARY},
    peer::{DATA, Listener, NO_ERROR, Peer, message},
};

const OK: (&str, &str) = ("grpc-status", "0");
const GRPC: [(&str, &str); 2] = [(":status", "200"), ("content-type", "application/grpc")];

/// A call that was sent whole, and the peer that is to answer it.
async fn asked() -> (Client, Call, Peer) {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let call = client.one(SERVER_STREAM, "hello");
    let mut peer = listener.accept().await;
    assert_eq!(peer.whole_request().await, 1);
    (client, call, peer)
}

/// The call's status, and a proof that the connection outlived it.
async fn status_and_life(client: &mut Client, call: &Call, peer: &mut Peer) -> Status {
    let status = client.end(call).await;
    assert_eq!(client.story(call).ends(), 1);
    let next = client.one(UNARY, "next");
    let stream = peer.whole_request().await;
    peer.answer(stream).await;
    assert_eq!(client.end(&next).await.code, Code::Ok);
    status
}

#[tokio::test]
async fn an_html_page_is_told_as_one() {
    for (http, code) in [("200", Code::Unknown), ("503", Code::Unavailable), ("404", Code::Unimplemented)] {
        let (mut client, call, mut peer) = asked().await;
        peer.headers(1, &[(":status", http), ("content-type", "text/html; charset=utf-8")]).await;
        peer.data(1, b"<html><body>Hello</body></html>").await;
        let status = status_and_life(&mut client, &call, &mut peer).await;
        assert_eq!(status.code, code, "{http}");
        assert_eq!(status.message, "the response is text/html; charset=utf-8, not application/grpc");
        assert_eq!(status.origin, Origin::Http { status: http.parse().unwrap() });
    }
}

#[tokio::test]
async fn an_http_error_without_a_body_is_told_by_its_status() {
    let (mut client, call, mut peer) = asked().await;
    peer.trailers(1, &[(":status", "401")]).await;
    let status = status_and_life(&mut client, &call, &mut peer).await;
    assert_eq!(status.code, Code::Unauthenticated);
    assert_eq!(status.origin.to_string(), "HTTP 401 without grpc-status");
}

#[tokio::test]
async fn a_status_in_the_headers_alone_counts_as_trailers() {
    let (mut client, call, mut peer) = asked().await;
    peer.trailers(1, &[GRPC[0], GRPC[1], ("grpc-status", "12"), ("grpc-message", "no%20such method")]).await;
    let status = status_and_life(&mut client, &call, &mut peer).await;
    assert_eq!((status.code, status.message.as_str()), (Code::Unimplemented, "no such method"));
    assert_eq!(status.origin, Origin::Trailers);
    assert!(client.story(&call).has_headers());
}

#[tokio::test]
async fn a_reply_that_is_cut_off_before_ok_is_an_error() {
    let (mut client, call, mut peer) = asked().await;
    peer.grpc(1).await;
    peer.data(1, &message(b"whole")).await;
    peer.data(1, &message(b"cut off")[..8]).await;
    peer.trailers(1, &[OK]).await;
    let status = status_and_life(&mut client, &call, &mut peer).await;
    assert_eq!(status.code, Code::Internal);
    assert_eq!(status.message, "the response ended 4 bytes before the end of a message");
    assert_eq!(client.story(&call).replies(), [Bytes::from_static(b"whole")]);
    assert!(client.story(&call).trailers().is_some());
}

#[tokio::test]
async fn a_response_without_trailers_is_no_ok() {
    let (mut client, call, mut peer) = asked().await;
    peer.grpc(1).await;
    peer.send(DATA, 1, 1, &message(b"hi")).await;
    let status = status_and_life(&mut client, &call, &mut peer).await;
    assert_eq!(status.code, Code::Unknown);
    assert_eq!(status.message, "the response ended without grpc-status");
    assert_eq!(client.story(&call).replies().len(), 1);
}

#[tokio::test]
async fn trailers_without_a_status_are_no_ok() {
    let (mut client, call, mut peer) = asked().await;
    peer.grpc(1).await;
    peer.trailers(1, &[("x-anything", "else")]).await;
    let status = status_and_life(&mut client, &call, &mut peer).await;
    assert_eq!(status.code, Code::Unknown);
    assert_eq!(client.story(&call).trailers().unwrap()["x-anything"], "else");
}

#[tokio::test]
async fn a_status_that_is_no_code_is_unknown_and_shown() {
    for said in ["99", "-3", "NOT_FOUND", ""] {
        let (mut client, call, mut peer) = asked().await;
        peer.grpc(1).await;
        peer.trailers(1, &[("grpc-status", said), ("grpc-message", "why")]).await;
        let status = status_and_life(&mut client, &call, &mut peer).await;
        assert_eq!(status.code, Code::Unknown, "{said}");
        assert_eq!(status.message, format!("\"{said}\" is no grpc-status: why"));
    }
}

#[tokio::test]
async fn malformed_details_are_told_and_nothing_panics() {
    for headers_only in [true, false] {
        let (mut client, call, mut peer) = asked().await;
        let end = [("grpc-status", "5"), ("grpc-message", "gone"), ("grpc-status-details-bin", "!!!")];
        if headers_only {
            peer.trailers(1, &[&GRPC[..], &end].concat()).await;
        } else {
            peer.grpc(1).await;
            peer.trailers(1, &end).await;
        }
        let status = status_and_life(&mut client, &call, &mut peer).await;
        assert_eq!((status.code, status.message.as_str()), (Code::NotFound, "gone"));
        assert!(matches!(status.details, Some(Details::Malformed(_))), "{:?}", status.details);
    }
}

#[tokio::test]
async fn details_come_as_their_bytes() {
    let (mut client, call, mut peer) = asked().await;
    peer.grpc(1).await;
    peer.trailers(1, &[("grpc-status", "5"), ("grpc-status-details-bin", "CAUSBGdvbmU")]).await;
    let status = status_and_life(&mut client, &call, &mut peer).await;
    assert_eq!(status.details, Some(Details::Bytes(Bytes::from_static(b"\x08\x05\x12\x04gone"))));
}

#[tokio::test]
async fn thirty_thousand_headers_end_the_call_and_nothing_panics() {
    let names: Vec<String> = (0..30_000).map(|n| format!("x-{n}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "v")).collect();
    for in_trailers in [false, true] {
        let (mut client, call, mut peer) = asked().await;
        if in_trailers {
            peer.grpc(1).await;
            peer.trailers(1, &[&[OK][..], &many].concat()).await;
        } else {
            peer.trailers(1, &[&GRPC[..], &[OK], &many].concat()).await;
        }
        let status = status_and_life(&mut client, &call, &mut peer).await;
        // In trailers the status stands first, and h2 lets go of what is beyond the limit.
        let expected = if in_trailers { Code::Ok } else { Code::Internal };
        assert_eq!(status.code, expected, "{status:?}");
    }
}

#[tokio::test]
async fn headers_beyond_what_is_taken_are_told_as_such_and_not_as_the_servers_fault() {
    let (mut client, call, mut peer) = asked().await;
    let value = "v".repeat(1 << 20);
    let large: Vec<(&str, &str)> = ["a", "b", "c", "d", "e", "f"].map(|name| (name, value.as_str())).to_vec();
    peer.trailers_or_less(1, &[&GRPC[..], &[OK], &large].concat()).await;
    let status = client.end(&call).await;
    assert_eq!(
        (status.code, status.message.as_str()),
        (Code::Unavailable, "the server sent headers of more than 4 MiB, and no more are taken")
    );
}

#[tokio::test]
async fn a_status_behind_more_trailers_than_are_taken_is_told_to_be_lost() {
    let names: Vec<String> = (0..26_000).map(|n| format!("x-{n}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "v")).collect();
    let (mut client, call, mut peer) = asked().await;
    peer.grpc(1).await;
    peer.trailers(1, &[&many, &[OK][..]].concat()).await;
    let status = status_and_life(&mut client, &call, &mut peer).await;
    let words = "the response ended with more trailers than are taken, 24 576 names, and its status is not among them";
    assert_eq!((status.code, status.message.as_str()), (Code::Internal, words));
    let (mut client, call, mut peer) = asked().await;
    peer.trailers(1, &[&GRPC[..], &[OK], &many].concat()).await;
    let status = status_and_life(&mut client, &call, &mut peer).await;
    assert!(status.message.ends_with("and 24 576 names"), "{}", status.message);
}

#[tokio::test]
async fn a_reply_over_the_limit_is_resource_exhausted() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let spec = client.spec(SERVER_STREAM, Requests::One(Bytes::new()));
    let call = client.begin(CallSpec { max_reply: 10, ..spec });
    let mut peer = listener.accept().await;
    peer.whole_request().await;
    peer.grpc(1).await;
    peer.data(1, &[message(b"0123456789"), message(b"0123456789a")].concat()).await;
    let status = status_and_life(&mut client, &call, &mut peer).await;
    assert_eq!(status.code, Code::ResourceExhausted);
    assert_eq!(status.origin, Origin::Here(Cause::ReplyTooLarge { size: 11, limit: 10 }));
    assert_eq!(status.message, "a reply of 11 B, the limit is 10 B (--max-msg-sz)");
    assert_eq!(client.story(&call).replies().len(), 1);
}

#[tokio::test]
async fn a_prefix_that_promises_four_gigabytes_takes_no_memory() {
    let (mut client, call, mut peer) = asked().await;
    peer.grpc(1).await;
    peer.data(1, &[0, 255, 255, 255, 255]).await;
    let status = status_and_life(&mut client, &call, &mut peer).await;
    assert_eq!(status.code, Code::ResourceExhausted);
}

#[tokio::test]
async fn a_promise_of_four_gigabytes_takes_no_memory_where_any_size_is_taken() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let spec = client.spec(SERVER_STREAM, Requests::One("hello".into()));
    let call = client.begin(CallSpec { max_reply: usize::MAX, ..spec });
    let mut peer = listener.accept().await;
    assert_eq!(peer.whole_request().await, 1);
    peer.grpc(1).await;
    peer.data(1, &[0, 255, 255, 255, 255]).await;
    peer.trailers(1, &[OK]).await;
    let status = status_and_life(&mut client, &call, &mut peer).await;
    assert_eq!(status.code, Code::Internal);
    assert_eq!(status.message, "the response ended 4294967295 bytes before the end of a message");
}

#[tokio::test]
async fn compression_that_was_not_offered_is_internal() {
    for (flag, said) in [(1, "compress"), (77, "77")] {
        let (mut client, call, mut peer) = asked().await;
        peer.grpc(1).await;
        peer.data(1, &[flag, 0, 0, 0, 1, 0]).await;
        let status = status_and_life(&mut client, &call, &mut peer).await;
        assert_eq!(status.code, Code::Internal);
        assert!(status.message.contains(said), "{}", status.message);
    }
}

#[tokio::test]
async fn an_encoding_nobody_offered_does_not_matter_while_replies_are_plain() {
    let (mut client, call, mut peer) = asked().await;
    peer.headers(1, &[GRPC[0], GRPC[1], ("grpc-encoding", "snappy")]).await;
    peer.data(1, &message(b"plain")).await;
    peer.trailers(1, &[OK]).await;
    assert_eq!(status_and_life(&mut client, &call, &mut peer).await.code, Code::Ok);
}

#[tokio::test]
async fn a_reset_maps_by_the_protocols_table() {
    for (reason, code) in [
        (NO_ERROR, Code::Internal),
        (2, Code::Internal),
        (7, Code::Unavailable),
        (8, Code::Cancelled),
        (11, Code::ResourceExhausted),
        (12, Code::PermissionDenied),
    ] {
        for mid_stream in [false, true] {
            let (mut client, call, mut peer) = asked().await;
            if mid_stream {
                peer.grpc(1).await;
                peer.data(1, &message(b"hi")).await;
            }
            peer.reset(1, reason).await;
            let status = status_and_life(&mut client, &call, &mut peer).await;
            assert_eq!((status.code, &status.origin), (code, &Origin::Reset(reason.into())), "{mid_stream}");
            assert!(!status.is_by_you());
            assert_eq!(client.story(&call).replies().len(), usize::from(mid_stream));
        }
    }
}

#[tokio::test]
async fn a_server_that_ends_early_with_ok_and_resets_with_no_error_ended_well() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let call = client.stream(BIDI);
    let mut peer = listener.accept().await;
    peer.request().await;
    peer.answer(1).await;
    peer.reset(1, NO_ERROR).await;
    let status = status_and_life(&mut client, &call, &mut peer).await;
    assert_eq!((status.code, status.origin), (Code::Ok, Origin::Trailers));
    assert_eq!(call.handle.send(Bytes::new()), Err(greeter::rpc::SendError::Ended));
    assert_eq!(client.story(&call).transcript(), "<");
}

#[tokio::test]
async fn a_server_that_ends_early_while_bytes_wait_ended_as_it_said() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let call = client.one(UNARY, vec![7; 1 << 20]);
    let mut peer = listener.accept().await;
    peer.request().await;
    peer.trailers(1, &[GRPC[0], GRPC[1], ("grpc-status", "8"), ("grpc-message", "too much")]).await;
    peer.reset(1, NO_ERROR).await;
    let status = client.end(&call).await;
    assert_eq!((status.code, status.message.as_str()), (Code::ResourceExhausted, "too much"));
}

#[tokio::test]
async fn informational_headers_are_not_the_response() {
    let (mut client, call, mut peer) = asked().await;
    peer.headers(1, &[(":status", "103"), ("link", "</style.css>")]).await;
    peer.answer(1).await;
    assert_eq!(status_and_life(&mut client, &call, &mut peer).await.code, Code::Ok);
}

#[tokio::test]
async fn the_calls_of_a_connection_that_is_cut_end_unavailable() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let calls = [client.one(UNARY, "a"), client.stream(BIDI)];
    let mut peer = listener.accept().await;
    peer.request().await;
    peer.request().await;
    peer.grpc(3).await;
    drop(peer);
    for call in &calls {
        let status = client.end(call).await;
        assert_eq!(status.code, Code::Unavailable);
        assert!(matches!(status.origin, Origin::ConnectionLost(_)), "{status:?}");
        assert!(!status.message.contains("os error"), "{status:?}");
    }
}

#[tokio::test]
async fn frames_that_break_http2_end_the_connection_with_its_reason() {
    let (mut client, call, mut peer) = asked().await;
    // DATA on stream 0 (RFC 9113, section 6.1).
    peer.data(0, b"x").await;
    let status = client.end(&call).await;
    assert_eq!(status.code, Code::Unavailable);
    assert_eq!(status.message, "the server broke HTTP/2: PROTOCOL_ERROR (1)");
}

#[tokio::test]
async fn sixty_thousand_small_frames_arrive_while_the_face_sleeps() {
    let (mut client, call, mut peer) = asked().await;
    peer.grpc(1).await;
    let reply = message(&[7; 28]);
    let count = 60_000;
    let one: Vec<u8> = [&[0, 0, reply.len() as u8, DATA, 0, 0, 0, 0, 1][..], &reply].concat();
    let many = one.repeat(1000);
    // Flow control holds the peer back if nobody drains; nobody takes from the outbox meanwhile.
    for _ in 0..count / 1000 {
        peer.take_window(1000 * reply.len()).await;
        peer.raw(&many).await;
    }
    peer.trailers(1, &[OK]).await;
    let status = status_and_life(&mut client, &call, &mut peer).await;
    assert_eq!(status.code, Code::Ok);
    let record = &client.story(&call).record;
    assert_eq!(record.counts().received, count as u64);
    assert!(record.kept() <= Record::MAX_ENTRIES + 1);
}

#[tokio::test]
async fn a_burst_of_small_frames_in_one_write_does_not_end_the_connection() {
    let (mut client, call, mut peer) = asked().await;
    peer.grpc(1).await;
    // Within the windows, all at once: they lie unread in h2 until the call's turn comes.
    let one = [&[0, 0, 6, DATA, 0, 0, 0, 0, 1][..], &message(b"x")].concat();
    peer.raw(&one.repeat(10_000)).await;
    peer.trailers(1, &[OK]).await;
    assert_eq!(status_and_life(&mut client, &call, &mut peer).await.code, Code::Ok);
    assert_eq!(client.story(&call).record.counts().received, 10_000);
}

#[tokio::test]
async fn empty_messages_are_messages() {
    let (mut client, call, mut peer) = asked().await;
    peer.grpc(1).await;
    for _ in 0..3 {
        peer.data(1, &message(b"")).await;
    }
    peer.trailers(1, &[OK]).await;
    assert_eq!(status_and_life(&mut client, &call, &mut peer).await.code, Code::Ok);
    assert_eq!(client.story(&call).record.counts().received, 3);
}

#[tokio::test]
async fn a_server_that_says_headers_and_then_nothing_is_held_to_the_deadline() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let call = client.with_deadline(UNARY, Requests::One(Bytes::new()), Duration::from_millis(100));
    let mut peer = listener.accept().await;
    peer.whole_request().await;
    peer.grpc(1).await;
    let status = client.end(&call).await;
    assert_eq!(status.code, Code::DeadlineExceeded);
    assert_eq!(status.message, "the deadline of 100 ms ran out");
}
