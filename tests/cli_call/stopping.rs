//! How a call is stopped: by `Ctrl-C`, by a reader that leaves, by one that is slow.

use crate::support::{
    Calling, Serving, call_with,
    peer::{CANCEL, Listener, RST_STREAM, message},
};

#[tokio::test]
async fn ctrl_c_resets_the_stream_prints_what_there_is_and_exits_with_130() {
    let listener = Listener::bind().await;
    let address = listener.address().to_string();
    let name = "helloworld.Greeter/SayHelloServerStreaming";
    let mut calling = Calling::start(&[name, "World", "--addr", &address]);
    let mut peer = listener.accept().await;
    let stream = peer.whole_request().await;
    peer.grpc(stream).await;
    peer.data(stream, &message(b"\x0a\x02hi")).await;
    assert_eq!(calling.line(), "hi");
    calling.signal("-INT");
    let reset = peer.stream_frame().await.unwrap();
    assert_eq!((reset.kind, reset.error_code()), (RST_STREAM, CANCEL));
    assert!(peer.goodbye().await, "and says goodbye");
    let said = calling.end();
    assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (Some(130), "", ""));
}

#[tokio::test]
async fn ctrl_c_is_an_event_too() {
    let listener = Listener::bind().await;
    let address = listener.address().to_string();
    let calling = Calling::start(&["SayHello", "World", "--json", "--addr", &address]);
    let mut peer = listener.accept().await;
    peer.whole_request().await;
    calling.signal("-INT");
    assert_eq!(peer.stream_frame().await.unwrap().kind, RST_STREAM);
    drop(peer);
    let said = tokio::task::spawn_blocking(|| calling.end()).await.unwrap();
    assert_eq!((said.code, said.kinds()), (Some(130), vec!["start".to_owned(), "status".to_owned()]));
    assert_eq!(said.events()[1]["name"], "CANCELLED");
}

#[tokio::test]
async fn ctrl_c_ends_a_wait_for_a_connection() {
    let listener = Listener::bind().await;
    let calling = Calling::start(&["unary", "A", "--addr", &listener.address().to_string()]);
    let mute = listener.accept_mute().await;
    calling.signal("-INT");
    let said = tokio::task::spawn_blocking(|| calling.end()).await.unwrap();
    assert_eq!(said.code, Some(130));
    drop(mute);
}

#[test]
fn ctrl_c_ends_a_wait_for_stdin() {
    let mut calling = Calling::start(&["bidi"]);
    calling.say("Dave");
    assert_eq!(calling.line(), "Hello, Dave!");
    calling.signal("-INT");
    let stdin = calling.stdin.take();
    assert_eq!(calling.end().code, Some(130));
    drop(stdin);
}

#[tokio::test]
async fn ctrl_c_ends_it_even_where_nobody_reads_what_it_prints() {
    let serving = Serving::start(&["--replies", "4000000"]);
    let mut calling = Calling::start(&["LotsOfReplies", "World", "--addr", &serving.address]);
    // Then its pipe runs full.
    assert_eq!(calling.line(), "Hello, World! Number 1");
    calling.signal("-INT");
    calling.ends_unread(130);
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let serving = Serving::start(&["--replies", "4000000"]);
    let mut calling = Calling::start(&["LotsOfReplies", "World", "--addr", &serving.address]);
    assert_eq!(calling.line(), "Hello, World! Number 1");
    calling.close_stdout();
    let said = calling.end();
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
}

/// More replies than fit into all windows and pipes, and more than a screen would keep of them.
const MANY: u64 = 300_000;

#[cfg(target_os = "linux")]
#[test]
fn a_slow_reader_gets_every_reply_in_order_and_little_is_kept_meanwhile() {
    let serving = Serving::start(&["--replies", &MANY.to_string()]);
    let mut calling = Calling::start(&["LotsOfReplies", "World", "--addr", &serving.address]);
    assert_eq!(calling.line(), "Hello, World! Number 1");
    calling.waits_for_its_reader();
    let kept = calling.peak_of_memory();
    assert!(kept < 64 << 20, "{kept} bytes");
    let said = calling.end();
    let mut number = 1;
    for line in said.stdout.lines() {
        number += 1;
        assert_eq!(line, format!("Hello, World! Number {number}"));
    }
    assert_eq!((number, said.code), (MANY, Some(0)));
}

#[test]
fn a_bad_line_cancels_the_call_and_its_events_come_to_an_end() {
    let said = call_with(&["bidi", "--json"], b"Alice\n{\"name\": 5}\n");
    assert_eq!(said.code, Some(2));
    let (kinds, events) = (said.kinds(), said.events());
    assert_eq!((kinds[0].as_str(), kinds[kinds.len() - 1].as_str()), ("start", "status"));
    assert_eq!(events[events.len() - 1]["name"], "CANCELLED");
    assert!(said.stderr.contains("line 2"), "{}", said.stderr);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn replies_that_came_before_a_bad_line_are_all_printed_before_it_is_told() {
    const REPLIES: usize = 12_000;
    let listener = Listener::bind().await;
    let address = listener.address().to_string();
    let name = "helloworld.Greeter/SayHelloBiDiStreaming";
    let mut calling = Calling::start(&[name, "--addr", &address]);
    let mut peer = listener.accept().await;
    calling.say("Alice");
    let stream = peer.request().await;
    peer.grpc(stream).await;
    // They are more than the pipe and the pages before it hold, and fewer than a window.
    for _ in 0..REPLIES / 400 {
        peer.data(stream, &message(b"\x0a\x20a reply that is in the way of it").repeat(400)).await;
    }
    let (mut calling, mut peer) = tokio::task::spawn_blocking(move || {
        calling.waits_for_its_reader();
        (calling, peer)
    })
    .await
    .unwrap();
    calling.say("{\"name\": 5}");
    let said = tokio::task::spawn_blocking(|| calling.end());
    let reset = loop {
        let frame = peer.stream_frame().await.unwrap();
        if frame.kind == RST_STREAM {
            break frame;
        }
    };
    assert_eq!(reset.error_code(), CANCEL);
    drop(peer);
    let said = said.await.unwrap();
    assert_eq!((said.code, said.stdout.lines().count()), (Some(2), REPLIES));
    assert!(said.stderr.contains("line 2"), "{}", said.stderr);
}
