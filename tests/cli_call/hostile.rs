//! Peers that break the rules, or say what a terminal would obey: every line stays a line, and the exit code tells
//! the truth.

use proptest::{prelude::*, test_runner::TestRunner};

use crate::support::{
    Said, beside,
    peer::{Listener, Peer, message},
    soon,
};

const METHOD: &str = "helloworld.Greeter/SayHello";

/// A call that this peer answers as it likes.
async fn answered<F>(args: &[&str], answer: impl FnOnce(Peer, u32) -> F) -> Said
where
    F: Future<Output = Peer> + Send + 'static,
{
    let listener = Listener::bind().await;
    let address = listener.address().to_string();
    let args = [&[METHOD, "World", "--addr", &address], args].concat();
    let (said, ()) = tokio::join!(beside(&args), async {
        let mut peer = listener.accept().await;
        let stream = peer.whole_request().await;
        let mut peer = soon(answer(peer, stream)).await;
        peer.goodbye().await;
    });
    said
}

async fn reply(args: &[&str], body: &'static [u8]) -> Said {
    answered(args, |mut peer, stream| async move {
        peer.grpc(stream).await;
        peer.data(stream, &message(body)).await;
        peer.trailers(stream, &[("grpc-status", "0")]).await;
        peer
    })
    .await
}

#[tokio::test]
async fn bytes_that_are_no_reply_are_told_and_exit_with_1() {
    let said = reply(&[], b"\x0a\x02\xff\xfe").await;
    assert_eq!((said.code, said.stdout.as_str()), (Some(1), ""));
    let line = "greeter: a reply is no helloworld.HelloReply: invalid UTF-8 at byte 2, field 1 (message)\n";
    assert_eq!(said.stderr, line);

    let said = reply(&["--json"], b"\x0a\x02\xff\xfe").await;
    assert_eq!(said.code, Some(1));
    let events = said.events();
    assert_eq!(events[2]["message"], serde_json::Value::Null);
    assert_eq!(events[2]["error"], "invalid UTF-8 at byte 2, field 1 (message)");
    assert_eq!(events[2]["bytes"], "CgL//g==");
}

#[tokio::test]
async fn a_reply_with_more_than_the_built_in_type_has_says_how_to_ask_for_the_servers_own() {
    let said = reply(&[], b"\x0a\x02hi\x10\x07").await;
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), "{\"message\":\"hi\",\"2\":7}\n"));
    let line = "greeter: the reply has fields that the built-in helloworld.HelloReply lacks; --use-reflection asks the \
                server for its own\n";
    assert_eq!(said.stderr, line);
    assert_eq!(reply(&[], b"\x0a\x02hi").await.stderr, "");
}

/// A `google.protobuf.Value`: so many lists inside each other.
fn lists(depth: usize) -> Vec<u8> {
    let field = |tag: u8, bytes: &[u8]| {
        let mut field = vec![tag];
        prost::encoding::encode_varint(bytes.len() as u64, &mut field);
        field.extend_from_slice(bytes);
        field
    };
    (1..depth).fold(vec![0x32, 0], |inner, _| field(0x32, &field(0x0a, &inner)))
}

/// What is printed of a reply that is such a value.
async fn reply_of_lists(depth: usize, args: &[&str]) -> Said {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("deep.proto");
    let proto = "syntax = \"proto3\"; package deep; import \"google/protobuf/struct.proto\";
        service S { rpc Get(google.protobuf.Value) returns (google.protobuf.Value); }";
    std::fs::write(&file, proto).unwrap();
    let listener = Listener::bind().await;
    let address = listener.address().to_string();
    let common = ["deep.S/Get", "-d", "1", "--addr", &address, "--proto", file.to_str().unwrap()];
    let args = [&common, args].concat();
    let (said, ()) = tokio::join!(beside(&args), async {
        let mut peer = listener.accept().await;
        let stream = peer.whole_request().await;
        peer.grpc(stream).await;
        peer.data(stream, &message(&lists(depth))).await;
        peer.trailers(stream, &[("grpc-status", "0")]).await;
        peer.goodbye().await;
    });
    said
}

#[tokio::test]
async fn a_reply_that_is_too_deep_is_not_printed_in_part() {
    let said = reply_of_lists(100, &[]).await;
    assert_eq!((said.code, said.stdout), (Some(0), "[".repeat(100) + &"]".repeat(100) + "\n"));

    let said = reply_of_lists(200, &[]).await;
    assert_eq!((said.code, said.stdout.as_str()), (Some(1), ""));
    let line = "greeter: a reply cannot be printed: more than 256 messages are inside each other; --json prints its bytes\n";
    assert_eq!(said.stderr, line);

    let said = reply_of_lists(200, &["--json"]).await;
    assert_eq!(said.code, Some(1));
    let events = said.events();
    assert_eq!(events[2]["message"], serde_json::Value::Null);
    assert_eq!(events[2]["error"], "more than 256 messages are inside each other");
    assert!(events[2]["bytes"].is_string());
}

#[tokio::test]
async fn a_server_that_refuses_the_compression_is_told_with_what_it_takes() {
    let said = answered(&["--compress", "zstd"], |mut peer, stream| async move {
        let fields = [
            (":status", "200"),
            ("content-type", "application/grpc"),
            ("grpc-status", "12"),
            ("grpc-message", "no zstd here"),
            ("grpc-accept-encoding", "identity,gzip,\u{9b}31m"),
        ];
        peer.trailers(stream, &fields).await;
        peer
    })
    .await;
    assert_eq!(said.code, Some(76));
    let line = "greeter: this server takes no zstd, only gzip";
    assert!(said.stderr.lines().any(|told| told.starts_with(line)), "{}", said.stderr);
    assert!(!said.stderr.contains('\u{9b}'), "{:?}", said.stderr);
}

#[tokio::test]
async fn what_a_reply_says_is_one_line_of_json() {
    let said = reply(&["--json"], b"\x0a\x0f\x1b[2J\r\n\xc2\x9b\xe2\x80\xa8\"\\\x00\x7f").await;
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    assert_eq!(said.events()[2]["message"]["message"], "\u{1b}[2J\r\n\u{9b}\u{2028}\"\\\0\u{7f}");
    assert!(!said.stdout.contains(|c: char| c.is_control() && c != '\n'));
}

#[tokio::test]
async fn a_field_that_is_not_known_is_shown_by_its_number() {
    let said = reply(&[], b"\x0a\x02hi\x12\x03you").await;
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), "{\"message\":\"hi\",\"2\":\"you\"}\n"));
}

#[tokio::test]
async fn a_status_message_cannot_write_to_the_terminal() {
    let said = answered(&["-v"], |mut peer, stream| async move {
        let fields = [
            (":status", "200"),
            ("content-type", "application/grpc"),
            ("x-colour", "\u{9b}31m"),
            ("grpc-status", "13"),
            ("grpc-message", "%1B[2J%0Agreeter: all is well%0D"),
        ];
        peer.trailers(stream, &fields).await;
        peer
    })
    .await;
    assert_eq!(said.code, Some(77));
    assert!(!said.stderr.contains(|c: char| c.is_control() && c != '\n'), "{:?}", said.stderr);
    let line = "greeter: INTERNAL (13) · ␛[2J␊greeter: all is well␍ · from the peer's trailers\n";
    assert!(said.stderr.ends_with(line), "{}", said.stderr);
}

#[tokio::test]
async fn a_unary_call_with_no_reply_or_two_is_not_right() {
    let said = answered(&["--json"], |mut peer, stream| async move {
        peer.grpc(stream).await;
        peer.trailers(stream, &[("grpc-status", "0")]).await;
        peer
    })
    .await;
    let fault = "a unary call has one reply, and 0 came: clients fail here";
    assert_eq!((said.code, said.stderr), (Some(1), format!("greeter: {fault}\n")));
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(said.stdout.lines().last().unwrap()).unwrap()["fault"],
        fault
    );

    let said = answered(&[], |mut peer, stream| async move {
        peer.grpc(stream).await;
        peer.data(stream, &message(b"\x0a\x02hi").repeat(2)).await;
        peer.trailers(stream, &[("grpc-status", "0")]).await;
        peer
    })
    .await;
    assert_eq!((said.code, said.stdout.as_str()), (Some(1), "hi\nhi\n"));
}

#[tokio::test]
async fn an_end_that_breaks_the_rules_is_the_status_that_the_protocol_gives() {
    let said = answered(&[], |mut peer, stream| async move {
        peer.headers(stream, &[(":status", "503"), ("content-type", "text/html")]).await;
        peer
    })
    .await;
    let line = "greeter: UNAVAILABLE (14) · the response is text/html, not application/grpc · \
                HTTP 503 without grpc-status\n";
    assert_eq!((said.code, said.stderr.as_str()), (Some(78), line));

    let said = answered(&[], |mut peer, stream| async move {
        peer.grpc(stream).await;
        peer.data(stream, &message(b"\x0a\x02hi")[..6]).await;
        peer.trailers(stream, &[("grpc-status", "0")]).await;
        peer
    })
    .await;
    assert_eq!((said.code, said.stdout.as_str()), (Some(77), ""));

    let said = answered(&[], |mut peer, stream| async move {
        peer.reset(stream, 11).await;
        peer
    })
    .await;
    assert_eq!(said.code, Some(72));
    assert_eq!(
        said.stderr,
        "greeter: RESOURCE_EXHAUSTED (8) · the peer reset the stream: ENHANCE_YOUR_CALM (11)\n"
    );
}

#[test]
fn no_reply_and_no_metadata_breaks_a_line() {
    let config = ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() };
    let bodies = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..60),
        "\\PC{0,20}[\\x00-\\x1f\u{7f}-\u{9f}\u{2028}]{0,20}".prop_map(|text| {
            let mut body = vec![0x0a, text.len() as u8];
            body.extend(text.bytes());
            body
        }),
    ];
    let values = proptest::collection::vec(0x20_u8..=0xff, 0..40)
        .prop_map(|bytes| bytes.into_iter().filter(|byte| *byte != 0x7f).map(char::from).collect::<String>());
    let outcome = TestRunner::new(config).run(&(bodies, values), |(body, value)| {
        let said = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(
            answered(&["--json", "-v"], |mut peer, stream| async move {
                let value = value.trim().to_owned();
                peer.headers(
                    stream,
                    &[(":status", "200"), ("content-type", "application/grpc"), ("x", &value)],
                )
                .await;
                peer.data(stream, &message(&body)).await;
                peer.trailers(stream, &[("grpc-status", "0"), ("grpc-message", &value), ("y", &value)]).await;
                peer
            }),
        );
        prop_assert!(said.events().len() >= 5);
        prop_assert!(!said.stdout.contains(|c: char| c.is_control() && c != '\n'));
        prop_assert!(!said.stderr.contains(|c: char| c.is_control() && c != '\n'));
        Ok(())
    });
    outcome.unwrap();
}
