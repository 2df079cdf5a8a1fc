//! The ladder of each kind of call and of each way in which one ends, as it really passed.

use std::time::Duration;

use bytes::Bytes;
use greeter::{
    compression::Encoding,
    rpc::{CallEvent, CallSpec, Code, Requests},
    server::{Server, Settings},
    wire::{
        Attention, ConnectionLog, Content, Direction,
        Direction::{Received, Sent},
        Entry, Kind, Messages, What,
    },
};

use crate::support::{
    account::Account,
    client::{BIDI, CLIENT_STREAM, Call, Client, SERVER_STREAM, Story, UNARY},
    good::{self, request},
    ladder::Ladder,
    peer::{self, INITIAL_WINDOW_SIZE, Listener, MAX_CONCURRENT_STREAMS, Peer, message},
    soon,
};

async fn greeted() -> (Client, Ladder) {
    seen(Client::to(good::start().await))
}

async fn scripted(settings: &[(u16, u32)]) -> (Client, Ladder, Peer) {
    let listener = Listener::bind().await;
    let (client, ladder) = seen(Client::to(listener.address()));
    let peer = listener.accept_with(settings).await;
    (client, ladder, peer)
}

fn seen(client: Client) -> (Client, Ladder) {
    let ladder = Ladder::of(&client.channel);
    (client, ladder)
}

/// Sends a message and waits until it passed, so that none shares a frame with the next.
async fn send(client: &Client, ladder: &mut Ladder, call: &Call, name: &str, so_many: usize) {
    call.handle.send(Bytes::from(request(name))).unwrap();
    ladder.until_seen(client, Sent, Kind::Data, so_many).await;
}

#[tokio::test]
async fn a_unary_call() {
    let (mut client, mut ladder) = greeted().await;
    let call = client.one(UNARY, request("Dave"));
    assert_eq!(client.end(&call).await.code, Code::Ok);
    ladder.until_seen(&client, Received, Kind::Headers, 2).await;
    insta::assert_snapshot!(ladder.of_calls());
}

#[tokio::test]
async fn a_call_in_gzip_tells_what_its_messages_say() {
    let server = Server::start("127.0.0.1:0".parse().unwrap(), Settings::default()).await.unwrap();
    let (mut client, mut ladder) = seen(Client::to(server.address()));
    let spec = client.spec(UNARY, Requests::One(request("Dave").into()));
    let call = client.begin(CallSpec { compression: Some(Encoding::Gzip), ..spec });
    assert_eq!(client.end(&call).await.code, Code::Ok);
    ladder.until_seen(&client, Received, Kind::Headers, 2).await;
    insta::assert_snapshot!(ladder.of_calls());
}

#[tokio::test]
async fn a_server_stream() {
    let (mut client, mut ladder) = greeted().await;
    let call = client.one(SERVER_STREAM, request("Dave"));
    assert_eq!(client.end(&call).await.code, Code::Ok);
    ladder.until_seen(&client, Received, Kind::Headers, 2).await;
    insta::assert_snapshot!(ladder.of_calls());
}

#[tokio::test]
async fn a_client_stream() {
    let (mut client, mut ladder) = greeted().await;
    let mut call = client.stream(CLIENT_STREAM);
    for (so_many, name) in (1..).zip(["Alice", "Bob", "Charlie"]) {
        send(&client, &mut ladder, &call, name, so_many).await;
    }
    call.handle.half_close();
    assert_eq!(client.end(&call).await.code, Code::Ok);
    ladder.until_seen(&client, Received, Kind::Headers, 2).await;
    insta::assert_snapshot!(ladder.of_calls());
}

#[tokio::test]
async fn a_bidi_call() {
    let (mut client, mut ladder) = greeted().await;
    let mut call = client.stream(BIDI);
    for (so_many, name) in (1..).zip(["Dave", "Eve"]) {
        send(&client, &mut ladder, &call, name, so_many).await;
        ladder.until_seen(&client, Received, Kind::Data, so_many).await;
    }
    call.handle.half_close();
    assert_eq!(client.end(&call).await.code, Code::Ok);
    ladder.until_seen(&client, Received, Kind::Headers, 2).await;
    insta::assert_snapshot!(ladder.of_calls());
}

#[tokio::test]
async fn a_server_has_to_wait_for_who_stops_reading_until_it_is_read_on() {
    const REPLIES: u64 = 100_000;
    let (mut client, mut ladder) = greeted().await;
    let call = client.one(SERVER_STREAM, request(&REPLIES.to_string()));
    call.handle.stop_reading();
    let left = |ladder: &Ladder| {
        let streams = ladder.connections.values().flat_map(|log| &log.summary.streams);
        streams.map(|stream| stream.windows.server_may_send.left).next()
    };
    let opened = |ladder: &Ladder| {
        let opens = |entry: &&Entry| {
            entry.direction == Sent
                && entry.stream() == Some(1)
                && entry.head().is_some_and(|head| head.kind == Kind::WindowUpdate)
        };
        ladder.entries().filter(opens).count()
    };
    ladder.until(&client, |ladder| left(ladder) == Some(0)).await;
    assert_eq!(opened(&ladder), 0);
    client.take();
    let story = client.story(&call);
    assert!(story.record.counts().received < REPLIES && story.end().is_none());
    call.handle.read_on();
    assert_eq!(client.end(&call).await.code, Code::Ok);
    assert_eq!(client.story(&call).record.counts().received, REPLIES);
}

#[tokio::test]
async fn an_error_is_a_status_and_nothing_else() {
    let (mut client, mut ladder) = greeted().await;
    let call = client.one(UNARY, request(""));
    assert_eq!(client.end(&call).await.code, Code::InvalidArgument);
    ladder.until_seen(&client, Received, Kind::Headers, 1).await;
    insta::assert_snapshot!(ladder.of_calls());
}

#[tokio::test]
async fn a_call_cancelled_before_its_turn_is_not_on_the_wire() {
    let (mut client, mut ladder, mut peer) = scripted(&[(MAX_CONCURRENT_STREAMS, 1)]).await;
    let first = client.one(UNARY, "first");
    assert_eq!(peer.whole_request().await, 1);
    let second = client.one(UNARY, "second");
    client.until_story(&second, Story::is_queued).await;
    let third = client.one(UNARY, "third");
    client.until_story(&third, Story::is_queued).await;
    second.handle.cancel();
    assert_eq!(client.end(&second).await.code, Code::Cancelled);
    peer.answer(1).await;
    assert_eq!(peer.whole_request().await, 3);
    peer.answer(3).await;
    assert_eq!([client.end(&first).await.code, client.end(&third).await.code], [Code::Ok, Code::Ok]);
    ladder.until_seen(&client, Received, Kind::Headers, 4).await;
    insta::assert_snapshot!(ladder.of_calls());
}

/// The phases in which a call has a stream.
#[derive(Debug, Clone, Copy)]
enum Phase {
    Sending,
    Answered,
    HalfClosed,
    Received,
}

/// A call in a phase, then what ends it, then the ladder.
async fn ended(phase: Phase, deadline: Option<Duration>, end: impl AsyncFnOnce(&Call, &mut Peer)) -> String {
    let (mut client, mut ladder, mut peer) = scripted(&[]).await;
    let mut call = match deadline {
        None => client.stream(BIDI),
        Some(after) => client.with_deadline(BIDI, Requests::Stream, after),
    };
    assert_eq!(peer.request().await, 1);
    send(&client, &mut ladder, &call, "Dave", 1).await;
    if !matches!(phase, Phase::Sending) {
        peer.grpc(1).await;
        ladder.until_seen(&client, Received, Kind::Headers, 1).await;
    }
    if matches!(phase, Phase::HalfClosed | Phase::Received) {
        call.handle.half_close();
        peer.whole_request().await;
    }
    if matches!(phase, Phase::Received) {
        peer.data(1, &message(b"hi")).await;
        ladder.until_seen(&client, Received, Kind::Data, 1).await;
    }
    end(&call, &mut peer).await;
    client.end(&call).await;
    // The connection stays, and what was sent on it is there with the answer to a PING.
    peer.rest().await;
    ladder.until_seen(&client, Sent, Kind::Ping, 2).await;
    ladder.of_calls()
}

#[tokio::test]
async fn a_cancel_is_a_reset_in_every_phase() {
    for phase in [Phase::Sending, Phase::Answered, Phase::HalfClosed, Phase::Received] {
        let rows = ended(phase, None, async |call, _| call.handle.cancel()).await;
        insta::assert_snapshot!(format!("a_cancel_{phase:?}"), rows);
    }
}

#[tokio::test]
async fn a_deadline_is_a_reset() {
    let rows = ended(Phase::Answered, Some(Duration::from_secs(1)), async |_, _| {}).await;
    insta::assert_snapshot!(rows);
}

#[tokio::test]
async fn a_reset_by_the_server() {
    let rows = ended(Phase::Answered, None, async |_, peer| peer.reset(1, 7).await).await;
    insta::assert_snapshot!(rows);
}

#[tokio::test]
async fn what_comes_behind_a_cancel_still_belongs_to_its_call() {
    let (mut client, mut ladder, mut peer) = scripted(&[]).await;
    let call = client.one(SERVER_STREAM, "hello");
    assert_eq!(peer.whole_request().await, 1);
    call.handle.cancel();
    ladder.until_seen(&client, Sent, Kind::RstStream, 1).await;
    peer.answer(1).await;
    ladder.until_seen(&client, Received, Kind::Headers, 2).await;
    let late = ladder.entries().filter(|entry| entry.direction == Received && entry.stream() == Some(1));
    assert_eq!(late.map(|entry| entry.call).collect::<Vec<_>>(), [Some(1); 3]);
}

#[tokio::test]
async fn a_goaway_and_a_connection_behind_it() {
    let listener = Listener::bind().await;
    let (mut client, mut ladder) = seen(Client::to(listener.address()));
    let mut peer = listener.accept().await;
    let first = client.one(UNARY, "first");
    assert_eq!(peer.whole_request().await, 1);
    peer.go_away(1, peer::NO_ERROR).await;
    ladder.until_seen(&client, Received, Kind::GoAway, 1).await;
    peer.answer(1).await;
    assert_eq!(client.end(&first).await.code, Code::Ok);
    assert!(peer.goodbye().await);
    let mut peer = listener.accept().await;
    let second = client.one(UNARY, "second");
    assert_eq!(peer.whole_request().await, 1);
    peer.answer(1).await;
    assert_eq!(client.end(&second).await.code, Code::Ok);
    ladder.until_seen(&client, Received, Kind::Headers, 4).await;
    assert_eq!(ladder.connections.keys().copied().collect::<Vec<_>>(), [1, 2]);
    ladder.until(&client, |ladder| ladder.connections[&1].summary.is_closed).await;
    assert!(!ladder.connections[&2].summary.is_closed);
    insta::assert_snapshot!(ladder.rows(|entry| {
        let is_goaway = matches!(entry.content(), Some(Content::GoAway { .. }));
        is_goaway || entry.call.is_some() || matches!(entry.what, What::Closed(_))
    }));
}

#[tokio::test]
async fn a_connection_that_breaks_says_so() {
    let (mut client, mut ladder, mut peer) = scripted(&[]).await;
    let call = client.one(UNARY, "hello");
    assert_eq!(peer.whole_request().await, 1);
    drop(peer);
    assert_eq!(client.end(&call).await.code, Code::Unavailable);
    let is_over = |log: &ConnectionLog| {
        let over = |entry: &greeter::wire::Entry| {
            entry.direction == Received && matches!(entry.what, What::Closed(_))
        };
        log.kept.entries().any(|(_, entry)| over(entry)) && log.summary.is_closed
    };
    ladder.until(&client, |ladder| is_over(&ladder.connections[&1])).await;
    assert_eq!(ladder.connections[&1].summary.streams_open, 0);
}

#[tokio::test]
async fn a_call_says_its_stream_and_a_frame_its_call() {
    let (mut client, mut ladder) = greeted().await;
    let calls: Vec<Call> = (0..50).map(|name| client.one(UNARY, request(&name.to_string()))).collect();
    for call in &calls {
        client.end(call).await;
    }
    ladder.until_seen(&client, Received, Kind::Headers, 100).await;
    for call in &calls {
        let started = client.story(call).life.iter().find_map(|event| match event {
            CallEvent::Started { stream_id, .. } => Some(*stream_id),
            _ => None,
        });
        let frames = ladder.entries().filter(|entry| entry.call == Some(call.id.0));
        let streams: Vec<u32> = frames.filter_map(greeter::wire::Entry::stream).collect();
        assert_eq!(streams, [started.unwrap(); 5], "{:?}", call.id);
    }
}

#[tokio::test]
async fn a_peer_that_is_out_of_step_is_told_so() {
    let (client, mut ladder, mut peer) = scripted(&[]).await;
    ladder.until_seen(&client, Received, Kind::Settings, 1).await;
    // A header block that refers to nothing; then what is no frame.
    peer.send(peer::HEADERS, 4, 1, &[0xff, 0x80, 0x01]).await;
    peer.raw(&[0xff; 100]).await;
    let lost = |ladder: &Ladder| {
        let log = ladder.connections[&1].kept.entries();
        log.filter(|(_, entry)| matches!(entry.what, What::Lost(_))).count()
    };
    ladder.until(&client, |ladder| ladder.connections[&1].summary.is_closed).await;
    let rows = ladder.rows(|entry| matches!(entry.what, What::Lost(_)));
    assert!(lost(&ladder) >= 1, "{rows}");
    assert!(rows.contains("the headers are out of step"), "{rows}");
}

#[tokio::test]
async fn the_windows_are_as_the_peer_counts_them() {
    let (client, ladder, peer) = scripted(&[(INITIAL_WINDOW_SIZE, 1000)]).await;
    let mut both = Both { client, ladder, peer, account: Account::new(1000) };
    let call = both.client.stream(BIDI);
    call.handle.send(Bytes::from(vec![b'x'; 3000])).unwrap();
    both.agree_when(|account| account.client_sent == 1000).await;

    both.account.grant(&mut both.peer, 1, 500).await;
    both.account.grant(&mut both.peer, 0, 70_000).await;
    both.agree_when(|account| account.client_sent == 1500).await;

    // What was allowed is taken back, for open streams, too.
    both.account.allow(&mut both.peer, 100).await;
    both.agree_when(|account| account.you_may_send(1) == -900).await;

    // More than any window holds, with padding, which uses them up as well.
    both.peer.grpc(1).await;
    for _ in 0..100 {
        let padded = [&[9][..], &message(&[b'x'; 16_000]), &[0; 9]].concat();
        both.account.send(&mut both.peer, &padded).await;
    }
    both.agree_when(|account| account.peer_sent > 1 << 20).await;
    assert!(both.account.server_may_send(1) > 0);
}

#[tokio::test]
async fn a_view_that_opens_in_a_flood_goes_on_with_the_right_numbers() {
    let (client, ladder, peer) = scripted(&[]).await;
    let mut both = Both { client, ladder, peer, account: Account::new(65_535) };
    let call = both.client.stream(BIDI);
    call.handle.send(Bytes::from_static(b"hello")).unwrap();
    both.agree_when(|account| account.client_sent == 10).await;
    both.peer.grpc(1).await;
    let mut flood = Flood { sent: 0 };
    // Closed, the log counts no messages of a flood. Where one was too slow to be one, there is another.
    soon(async {
        loop {
            both.client.channel.wire().look(Attention::Closed);
            for _ in 0..12 {
                flood.pass(&mut both, 16_001).await;
            }
            both.account.settle(&mut both.peer).await;
            both.client.channel.wire().look(Attention::Open);
            if flood.send(&mut both, 3).await == Messages::default() {
                return;
            }
        }
    })
    .await;
    // The call says where it is, and so the next or one soon behind it is followed.
    soon(async { while flood.send(&mut both, 1_001).await == Messages::default() {} }).await;
    for size in [3, 2, 100, 16_001, 8, 1_003] {
        assert_ne!(flood.send(&mut both, size).await, Messages::default(), "{size} B");
    }
    let sent = flood.sent;
    both.agree_when(|_| true).await;
    let whole = |story: &Story| story.record.counts().received == sent / Flood::SIZE;
    both.client.until_story(&call, whole).await;
}

/// Messages without an end, however the frames cut them.
struct Flood {
    sent: u64,
}

impl Flood {
    /// Of a message, its prefix included.
    const SIZE: u64 = 8;

    /// Sends the next bytes in a padded frame.
    async fn pass(&mut self, both: &mut Both, bytes: u64) {
        let from = (self.sent % Self::SIZE) as usize;
        let body = message(b"abc").repeat(bytes as usize / 8 + 2);
        let padded = [&[9][..], &body[from..from + bytes as usize], &[0; 9]].concat();
        both.account.send(&mut both.peer, &padded).await;
        self.sent += bytes;
    }

    /// The same, and gives what the ladder says of it. If it says something, that is right.
    async fn send(&mut self, both: &mut Both, bytes: u64) -> Messages {
        let first = self.sent / Self::SIZE;
        self.pass(both, bytes).await;
        let behind = self.sent;
        both.account.settle(&mut both.peer).await;
        let pings = both.account.pings;
        both.ladder.until_seen(&both.client, Sent, Kind::Ping, pings).await;
        let content = both.ladder.entries().filter(|entry| entry.direction == Received);
        let last = content.filter_map(Entry::content).filter_map(|content| match content {
            Content::Data(data) => Some(*data),
            _ => None,
        });
        let data = last.last().unwrap();
        if data.messages != Messages::default() {
            let told = (data.messages.first, u64::from(data.messages.count), u64::from(data.messages.ended));
            let expected = (first + 1, behind.div_ceil(Self::SIZE) - first, behind / Self::SIZE - first);
            assert_eq!((u64::from(data.bytes), told), (bytes, expected));
        }
        data.messages
    }
}

/// Both ends of a connection with one stream, and what the peer has counted.
struct Both {
    client: Client,
    ladder: Ladder,
    peer: Peer,
    account: Account,
}

impl Both {
    /// Waits until the peer's account is as it is meant to be and the ladder's windows are the same.
    async fn agree_when(&mut self, is_meant: impl Fn(&Account) -> bool) {
        soon(async {
            loop {
                self.account.settle(&mut self.peer).await;
                let pings = self.account.pings;
                self.ladder.until_seen(&self.client, Direction::Sent, Kind::Ping, pings).await;
                let summary = &self.ladder.only().summary;
                let stream = summary.streams.iter().find(|stream| stream.stream == 1).map(|s| s.windows);
                let counted = [1, 0]
                    .map(|stream| (self.account.you_may_send(stream), self.account.server_may_send(stream)));
                let known = [stream, Some(summary.windows)].map(|windows| {
                    windows.map(|windows| (windows.you_may_send.left, windows.server_may_send.left))
                });
                if is_meant(&self.account) && known == counted.map(Some) {
                    return;
                }
            }
        })
        .await;
    }
}
