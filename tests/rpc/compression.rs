//! Compression both ways: requests by choice, replies as the peer likes, and peers that get it wrong or mean harm.

use std::{io::Write, net::SocketAddr};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use greeter::{
    compression::{Agreement, Encoding, unpack},
    rpc::{CallEvent, CallSpec, Cause, Code, Happened, Origin, Requests, Status, What},
    server::{Server, Settings},
};
use http::HeaderMap;

use crate::support::{
    client::{BIDI, CLIENT_STREAM, Call, Client, SERVER_STREAM, Story, UNARY},
    good::{self, request, text},
    peer::{HEADERS, Listener, Peer, message},
    soon,
};

const GRPC: [(&str, &str); 2] = [(":status", "200"), ("content-type", "application/grpc")];

fn pack(encoding: Encoding, message: &[u8]) -> Vec<u8> {
    match encoding {
        Encoding::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(message).unwrap();
            encoder.finish().unwrap()
        }
        Encoding::Zstd => zstd::encode_all(message, 3).unwrap(),
    }
}

/// A message with its prefix, whose flag says that it is compressed.
fn flagged(packed: &[u8]) -> Vec<u8> {
    let mut bytes = message(packed);
    bytes[0] = 1;
    bytes
}

async fn embedded() -> (Server, SocketAddr) {
    let server = Server::start("127.0.0.1:0".parse().unwrap(), Settings::default()).await.unwrap();
    let address = server.address();
    (server, address)
}

fn begin(client: &mut Client, path: &'static str, requests: Requests, with: Option<Encoding>) -> Call {
    let spec = client.spec(path, requests);
    client.begin(CallSpec { compression: with, ..spec })
}

/// The headers of a call's request, and of its response.
fn headers(story: &Story) -> (HeaderMap, HeaderMap) {
    let (mut sent, mut came) = (HeaderMap::new(), HeaderMap::new());
    for event in &story.life {
        match event {
            CallEvent::Started { headers, .. } => sent = (**headers).clone(),
            CallEvent::Headers { headers, .. } => came = (**headers).clone(),
            _ => {}
        }
    }
    (sent, came)
}

fn named(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| value.to_str().unwrap().to_owned())
}

/// What a call and its server agreed on, by what each said.
fn refusal(story: &Story) -> Option<String> {
    let (sent, came) = headers(story);
    let mut agreement = Agreement::default();
    agreement.sent(&sent);
    agreement.received(&came);
    agreement.refusal()
}

#[tokio::test]
async fn every_kind_of_call_goes_both_ways_in_every_encoding() {
    let (_server, address) = embedded().await;
    let mut client = Client::to(address);
    for with in [None, Some(Encoding::Gzip), Some(Encoding::Zstd)] {
        for (path, names, said) in [
            (UNARY, &["World"][..], &["Hello, World!"][..]),
            (SERVER_STREAM, &["World"], &["Hello, World! Number 1", "Hello, World! Number 2"]),
            (CLIENT_STREAM, &["Alice", "", "Bob"], &["Hello, Alice, , Bob!"]),
            (BIDI, &["Dave", "Eve"], &["Hello, Dave!", "Hello, Eve!"]),
        ] {
            let is_one = matches!(path, UNARY | SERVER_STREAM);
            let mut call = if is_one {
                begin(&mut client, path, Requests::One(request(names[0]).into()), with)
            } else {
                begin(&mut client, path, Requests::Stream, with)
            };
            if !is_one {
                for name in names {
                    call.handle.send(request(name).into()).unwrap();
                }
                call.handle.half_close();
            }
            let status = client.end(&call).await;
            assert_eq!(status.code, Code::Ok, "{with:?} {path} {status:?}");
            let story = client.story(&call);
            let replies: Vec<String> = story.replies().iter().map(|reply| text(reply)).collect();
            assert_eq!(&replies[..said.len()], said, "{with:?} {path}");
            if !is_one {
                let sent: u64 = names.iter().map(|name| request(name).len() as u64).sum();
                let counts = story.record.counts();
                assert_eq!((counts.sent, counts.sent_bytes), (names.len() as u64, sent), "{with:?} {path}");
            }
            // As it was asked, so it is answered.
            let (sent, came) = headers(story);
            let name = with.map(|encoding| encoding.to_string());
            assert_eq!(named(&sent, "grpc-encoding"), name, "{path}");
            assert_eq!(named(&came, "grpc-encoding"), name, "{path}");
            assert_eq!(named(&sent, "grpc-accept-encoding").as_deref(), Some("gzip,zstd,identity"));
            assert_eq!(named(&came, "grpc-accept-encoding").as_deref(), Some("gzip,zstd,identity"));
            assert_eq!(refusal(story), None);
        }
    }
}

#[tokio::test]
async fn a_large_message_becomes_small_on_its_way() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let mut peer = listener.accept().await;
    for encoding in Encoding::ALL {
        let sent = vec![7; 1 << 20];
        let call = begin(&mut client, UNARY, Requests::One(sent.clone().into()), Some(encoding));
        let (stream, came) = request_of(&mut peer).await;
        check(&came, encoding, &sent);
        peer.answer(stream).await;
        assert_eq!(client.end(&call).await.code, Code::Ok);
    }
}

/// That a request's bytes are this message in that encoding, and few.
fn check(came: &[u8], encoding: Encoding, sent: &[u8]) {
    assert!(came.len() < 4_000, "{encoding} {}", came.len());
    let (prefix, packed) = came.split_at(5);
    assert_eq!((prefix[0], &prefix[1..]), (1, &(packed.len() as u32).to_be_bytes()[..]));
    let mut unpacked = Vec::new();
    unpack(encoding, packed, sent.len(), &mut unpacked).unwrap();
    assert_eq!(unpacked, sent);
}

/// The bytes of the next request, and its stream.
async fn request_of(peer: &mut Peer) -> (u32, Vec<u8>) {
    let mut bytes = Vec::new();
    loop {
        let frame = peer.stream_frame().await.unwrap();
        let is_last = frame.ends_stream();
        if frame.kind != HEADERS {
            bytes.extend(&frame.payload);
        }
        if is_last {
            return (frame.stream, bytes);
        }
    }
}

#[tokio::test]
async fn a_server_that_does_not_take_it_is_told_with_what_it_takes() {
    // tonic without any compression.
    let mut client = Client::to(good::start().await);
    let call = begin(&mut client, UNARY, Requests::One(request("World").into()), Some(Encoding::Gzip));
    let status = client.end(&call).await;
    assert_eq!((status.code, &status.origin), (Code::Unimplemented, &Origin::Trailers));
    let told = refusal(client.story(&call));
    assert_eq!(told.as_deref(), Some("this server takes no compression"));
}

/// A call whose response names an encoding, and the peer that is to send its replies.
async fn answered(encoding: &str, max_reply: usize) -> (Client, Call, Peer) {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let spec = client.spec(SERVER_STREAM, Requests::One(Bytes::new()));
    let call = client.begin(CallSpec { max_reply, ..spec });
    let mut peer = listener.accept().await;
    peer.whole_request().await;
    peer.headers(1, &[GRPC[0], GRPC[1], ("grpc-encoding", encoding)]).await;
    (client, call, peer)
}

/// How a call ends whose replies are these, and the replies that were taken. The connection outlives it.
async fn end_of(encoding: &str, max_reply: usize, data: &[u8]) -> (Status, Vec<Bytes>) {
    let (mut client, call, mut peer) = answered(encoding, max_reply).await;
    for piece in data.chunks(10_000) {
        peer.data(1, piece).await;
    }
    peer.trailers(1, &[("grpc-status", "0")]).await;
    let status = client.end(&call).await;
    let next = client.one(UNARY, "next");
    let stream = peer.whole_request().await;
    peer.answer(stream).await;
    assert_eq!(client.end(&next).await.code, Code::Ok);
    (status, client.story(&call).replies())
}

#[tokio::test]
async fn replies_may_be_compressed_one_and_one() {
    for encoding in Encoding::ALL {
        let large = vec![7; 100_000];
        let messages = [&b"small"[..], b"", &large, b"plain", b"last"];
        let framed: Vec<Vec<u8>> = messages
            .iter()
            .map(|body| if *body == b"plain" { message(body) } else { flagged(&pack(encoding, body)) })
            .collect();
        let (status, replies) = end_of(encoding.name(), 1 << 20, &framed.concat()).await;
        assert_eq!(status.code, Code::Ok, "{status:?}");
        assert_eq!(replies, messages);
    }
}

#[tokio::test]
async fn a_reply_that_cannot_be_made_smaller_may_be_as_large_as_the_limit() {
    let mut state = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    })
    .take(50_000)
    .collect();
    for encoding in Encoding::ALL {
        let packed = pack(encoding, &noise);
        assert!(packed.len() > noise.len(), "{encoding}");
        let (status, replies) = end_of(encoding.name(), noise.len(), &flagged(&packed)).await;
        assert_eq!((status.code, replies), (Code::Ok, vec![Bytes::from(noise.clone())]));
    }
}

#[tokio::test]
async fn a_bomb_is_resource_exhausted_and_what_came_before_it_is_there() {
    for encoding in Encoding::ALL {
        let packed = pack(encoding, &vec![0; 32 << 20]);
        let data = [flagged(&pack(encoding, b"before")), flagged(&packed)].concat();
        let (status, replies) = end_of(encoding.name(), 1 << 20, &data).await;
        assert_eq!(status.code, Code::ResourceExhausted, "{status:?}");
        let cause = Cause::ReplyUnpacksTooLarge { size: packed.len() as u64, limit: 1 << 20 };
        assert_eq!(status.origin, Origin::Here(cause));
        assert!(
            status.message.ends_with("is over the limit of 1.0 MiB (--max-msg-sz) when it is decompressed"),
            "{status:?}"
        );
        assert_eq!(replies, ["before"]);
    }
}

#[tokio::test]
async fn a_reply_that_is_not_what_its_headers_say_is_internal() {
    for (encoding, other) in [(Encoding::Gzip, Encoding::Zstd), (Encoding::Zstd, Encoding::Gzip)] {
        let good = pack(encoding, b"Hello, World!");
        for (packed, said) in [
            (&good[..good.len() - 1], "it is cut off"),
            (&[][..], "it is cut off"),
            (&[&good[..], b"more"].concat(), "bytes follow its end"),
            (&pack(other, b"Hello, World!"), ""),
        ] {
            is_broken(encoding, packed, said).await;
        }
    }
    // The first byte of its checksum, which stands before its size.
    let mut flipped = pack(Encoding::Gzip, b"Hello, World!");
    *flipped.iter_mut().rev().nth(7).unwrap() ^= 0xff;
    is_broken(Encoding::Gzip, &flipped, "corrupt gzip stream does not have a matching checksum").await;
}

async fn is_broken(encoding: Encoding, packed: &[u8], said: &str) {
    let data = [message(b"before"), flagged(packed), message(b"behind")].concat();
    let (status, replies) = end_of(encoding.name(), 1_000, &data).await;
    assert_eq!(status.code, Code::Internal, "{status:?}");
    let words = format!("a reply cannot be decompressed, {encoding}: ");
    assert!(status.message.starts_with(&words) && status.message.ends_with(said), "{status:?}");
    assert_eq!(replies, ["before"]);
}

#[tokio::test]
async fn a_compressed_reply_of_which_nobody_says_how_is_internal() {
    for (encoding, said) in [("identity", "do not say how"), ("snappy", "with snappy, which was not offered")]
    {
        let data = [message(b"before"), flagged(b"?")].concat();
        let (status, replies) = end_of(encoding, 1_000, &data).await;
        assert_eq!(status.code, Code::Internal);
        assert!(status.message.contains(said), "{status:?}");
        assert_eq!(replies, ["before"]);
    }
}

#[tokio::test]
async fn a_flag_that_is_none_is_internal_where_an_encoding_is_named_too() {
    let mut data = message(b"x");
    data[0] = 77;
    let (status, _) = end_of("gzip", 1_000, &data).await;
    assert_eq!(status.code, Code::Internal);
    assert!(status.message.contains("flag is 77"), "{status:?}");
}

#[tokio::test]
async fn a_compressed_reply_that_ends_too_early_is_internal_though_the_trailers_say_ok() {
    let packed = flagged(&pack(Encoding::Gzip, b"Hello"));
    let (status, _) = end_of("gzip", 1_000, &packed[..packed.len() - 3]).await;
    assert_eq!(status.code, Code::Internal);
    assert_eq!(status.message, "the response ended 3 bytes before the end of a message");
}

#[tokio::test]
async fn a_listener_that_takes_nothing_is_not_given_all_that_a_few_bytes_come_to() {
    const REPLIES: usize = 64;
    const SIZE: usize = 1 << 20;
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let spec = client.spec(SERVER_STREAM, Requests::One(Bytes::new()));
    let (_call, mut feed) = client.channel.follow(spec);
    let mut peer = listener.accept().await;
    peer.whole_request().await;
    peer.headers(1, &[GRPC[0], GRPC[1], ("grpc-encoding", "zstd")]).await;
    let packed = flagged(&pack(Encoding::Zstd, &vec![0; SIZE]));
    peer.data(1, &packed.repeat(REPLIES)).await;
    peer.trailers(1, &[("grpc-status", "0")]).await;
    peer.rest().await;
    let size = |happened: Happened| match happened {
        Happened::Entry(entry) => match entry.what {
            What::Received(bytes) => bytes.len(),
            _ => 0,
        },
        Happened::Event(_) => 0,
    };
    let mut received = size(soon(feed.next()).await.unwrap());
    while let Some(happened) = feed.at_hand() {
        received += size(happened);
    }
    assert!(received <= 3 * SIZE, "{received} bytes wait to be taken");
    while let Some(happened) = soon(feed.next()).await {
        received += size(happened);
    }
    assert_eq!(received, REPLIES * SIZE);
}
