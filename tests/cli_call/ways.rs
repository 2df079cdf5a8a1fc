//! How a call is made: waiting for a server, limits of size and time, who calls.

use std::net::TcpListener;

use crate::support::{Calling, Serving, beside, call, call_with, counts, peer::Listener};

/// An address at which nobody listens for now.
fn nowhere() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[test]
fn a_call_that_waits_is_answered_by_a_server_that_starts_later() {
    let address = nowhere();
    let mut calling = Calling::start(&["SayHello", "World", "--wait-for-ready", "--addr", &address]);
    assert_eq!(calling.talk(), "greeter: waiting for the connection: connection refused");
    let _serving = Serving::start_at(&address, &[]);
    let said = calling.end();
    assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (Some(0), "Hello, World!\n", ""));
}

#[test]
fn a_call_for_a_method_that_must_be_asked_for_waits_as_well() {
    let address = nowhere();
    let mut calling = Calling::start(&["test.Counts/Up", "{}", "--wait-for-ready", "--addr", &address]);
    assert_eq!(calling.talk(), "greeter: waiting for the connection: connection refused");
    let _serving = Serving::start_at(&address, &[]);
    let said = calling.end();
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.contains("there is no service test.Counts"), "{said:?}");
}

#[test]
fn a_call_that_waits_in_vain_ends_with_its_deadline_and_says_what_was_missing() {
    let args = ["unary", "A", "B", "--wait-for-ready", "--max-time", "300ms", "--addr", &nowhere()];
    let said = call(&args);
    let lines = "greeter: waiting for the connection: connection refused\n\
                 greeter: DEADLINE_EXCEEDED (4) · made here: the deadline of 300 ms ran out \
                 without a connection: connection refused · `greeter doctor` finds out why\n";
    assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (Some(68), "", lines));
}

#[test]
fn a_question_that_waits_in_vain_says_that_nobody_was_there_to_be_asked() {
    let args = ["test.Counts/Up", "{}", "--wait-for-ready", "--max-time", "300ms", "--addr", &nowhere()];
    let said = call(&args);
    assert_eq!(said.code, Some(68));
    assert!(said.stderr.contains("ran out without a connection: connection refused"), "{said:?}");
}

#[test]
fn that_a_call_waits_is_an_event() {
    let name = "helloworld.Greeter/SayHello";
    let args = [name, "A", "--json", "--wait-for-ready", "--max-time", "300ms", "--addr", &nowhere()];
    let said = call(&args);
    assert_eq!(said.kinds(), ["start", "waiting", "status"]);
    assert_eq!(said.events()[1]["cause"], "connection refused");
}

#[test]
fn ctrl_c_ends_the_waiting_for_a_server() {
    let mut calling = Calling::start(&["SayHello", "World", "--wait-for-ready", "--addr", &nowhere()]);
    calling.talk();
    calling.signal("-INT");
    let said = calling.end();
    assert_eq!((said.code, said.stdout.as_str()), (Some(130), ""));
}

#[tokio::test]
async fn waiting_costs_nothing_where_the_server_is_there() {
    let said = beside(&["Up", "{}", "--wait-for-ready", "--addr", &counts().await]).await;
    assert!(said.stderr.contains("UNIMPLEMENTED"), "{said:?}");
    assert!(!said.stderr.contains("waiting"), "{said:?}");
}

#[test]
fn a_line_of_stdin_over_the_limit_ends_the_call() {
    let said = call_with(&["bidi", "--max-send-sz", "6"], b"Dave\nCharlie\n");
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.contains("the message of line 2 is 9 B, and --max-send-sz allows 6 B"), "{said:?}");
}

#[test]
fn a_message_at_the_limit_is_sent() {
    let said = call(&["SayHello", "World", "--max-send-sz", "7"]);
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), "Hello, World!\n"));
}

/// The built-in server takes no more than 4 MiB, and says what came.
#[test]
fn a_message_of_64_mib_comes_from_stdin() {
    let text = "x".repeat(64 << 20);
    for (arguments, message) in
        [(&["SayHello", "-d", "@"][..], format!("{{\"name\": \"{text}\"}}")), (&["bidi"], text)]
    {
        let said = call_with(arguments, message.as_bytes());
        assert_eq!(said.code, Some(72), "{:?}", said.stderr);
        assert!(said.stderr.contains("found 67108869 bytes"), "{:?}", said.stderr);
    }
}

#[test]
fn ten_thousand_pieces_of_metadata_are_sent_and_one_more_is_wrong_usage() {
    let pieces: Vec<String> = (0..=10_000).map(|n| format!("x-{n}: value")).collect();
    let with = |count: usize| {
        let pieces = pieces[..count].iter().flat_map(|piece| ["-H", piece.as_str()]);
        call(&["SayHello", "World"].into_iter().chain(pieces).collect::<Vec<_>>())
    };
    let said = with(10_000);
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), "Hello, World!\n"), "{}", said.stderr);
    let said = with(10_001);
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.contains("there are too many -H: 10000 at most are sent"), "{}", said.stderr);
}

#[test]
fn a_very_short_deadline_is_told_as_it_was_given() {
    let said = call(&["SayHello", "World", "--max-time", "1us"]);
    assert_eq!(said.code, Some(68));
    assert!(said.stderr.contains("the deadline of 1 µs ran out"), "{said:?}");
}

#[tokio::test]
async fn the_server_hears_who_calls() {
    let listener = Listener::bind().await;
    let address = listener.address().to_string();
    let peer = tokio::spawn(async move {
        let mut peer = listener.accept().await;
        let stream = peer.whole_request().await;
        peer.answer(stream).await;
        peer.goodbye().await
    });
    let args = ["unary", "A", "--json", "-v", "--user-agent", "shop/2.1", "--addr", &address];
    let said = beside(&args).await;
    let request = said.events().into_iter().find(|event| event["event"] == "request").unwrap();
    let agent = concat!("shop/2.1 grpc-greeter/", env!("CARGO_PKG_VERSION"));
    assert_eq!(request["metadata"]["user-agent"], serde_json::json!([agent]));
    assert!(peer.await.unwrap());
}
