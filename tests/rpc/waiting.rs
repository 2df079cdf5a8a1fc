//! Calls where there is no connection: those that fail at once, and those that wait for one.

use std::{net::SocketAddr, time::Duration};

use greeter::rpc::{CallEvent, CallSpec, Cause, ChannelState, Code, Origin, Readiness, Requests};
use tokio::net::TcpListener;

use crate::support::{
    client::{BIDI, Call, Client, Story, UNARY},
    good,
    peer::{Listener, MAX_CONCURRENT_STREAMS, NO_ERROR},
};

/// An address at which nobody listens for now.
async fn nowhere() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

fn waiting(client: &mut Client, path: &'static str, requests: Requests, deadline: Option<Duration>) -> Call {
    let spec = client.spec(path, requests);
    client.begin(CallSpec { readiness: Readiness::WaitForReady, deadline, ..spec })
}

fn alice() -> Requests {
    Requests::One(good::request("Alice").into())
}

/// Why a call waits, as often as it was told.
fn causes(story: &Story) -> Vec<&str> {
    let mut causes = Vec::new();
    for event in &story.life {
        if let CallEvent::Waiting { cause, .. } = event {
            causes.push(cause.as_str());
        }
    }
    causes
}

#[tokio::test]
async fn a_call_fails_at_once_where_nobody_listens() {
    let mut client = Client::to(nowhere().await);
    client.lost().await;
    let call = client.one(UNARY, good::request("Alice"));
    let status = client.end(&call).await;
    assert_eq!(status.code, Code::Unavailable);
    assert_eq!(status.origin, Origin::Here(Cause::NotConnected("connection refused".to_owned())));
    assert!(causes(client.story(&call)).is_empty());
}

#[tokio::test]
async fn a_call_that_waits_is_made_when_the_server_starts() {
    let address = nowhere().await;
    let mut client = Client::to(address);
    let call = waiting(&mut client, UNARY, alice(), None);
    // It outlives several attempts.
    client
        .until(|client| {
            client.states.iter().filter(|state| matches!(state, ChannelState::Lost { .. })).count() >= 3
        })
        .await;
    assert!(client.story(&call).end().is_none());
    assert_eq!(causes(client.story(&call)), ["connection refused"]);
    good::start_at(address).await;
    assert_eq!(client.end(&call).await.code, Code::Ok);
    let story = client.story(&call);
    assert_eq!(good::text(&story.replies()[0]), "Hello, Alice!");
    assert_eq!(causes(story), ["connection refused"], "it is told once");
}

#[tokio::test]
async fn messages_that_are_sent_while_a_stream_waits_arrive_when_the_server_starts() {
    let address = nowhere().await;
    let mut client = Client::to(address);
    client.lost().await;
    let mut call = waiting(&mut client, BIDI, Requests::Stream, None);
    for name in ["Dave", "Eve"] {
        call.handle.send(good::request(name).into()).unwrap();
    }
    call.handle.half_close();
    client.until_story(&call, |story| !causes(story).is_empty()).await;
    assert_eq!(client.story(&call).record.counts().sent, 0, "nothing counts as sent");
    good::start_at(address).await;
    assert_eq!(client.end(&call).await.code, Code::Ok);
    assert_eq!(client.story(&call).record.counts().received, 2);
}

#[tokio::test]
async fn a_call_that_waits_sets_off_an_attempt_of_its_own() {
    let address = nowhere().await;
    let settings = greeter::rpc::ChannelSettings {
        first_pause: Duration::from_hours(1),
        longest_pause: Duration::from_hours(1),
        ..Default::default()
    };
    let mut client = Client::with(&address.to_string(), settings);
    client.lost().await;
    good::start_at(address).await;
    let call = waiting(&mut client, UNARY, alice(), None);
    assert_eq!(client.end(&call).await.code, Code::Ok);
}

#[tokio::test]
async fn calls_that_wait_leave_the_pauses_between_attempts_as_they_are() {
    let settings = greeter::rpc::ChannelSettings {
        first_pause: Duration::from_hours(1),
        longest_pause: Duration::from_hours(1),
        ..Default::default()
    };
    let listener = Listener::bind().await;
    let mut client = Client::with(&listener.address().to_string(), settings);
    drop(listener.accept_tcp().await);
    client.lost().await;
    let deadline = Some(Duration::from_secs(1));
    let calls: Vec<_> = (0..3).map(|_| waiting(&mut client, UNARY, alice(), deadline)).collect();
    let mut attempts = 0;
    let fails = async {
        loop {
            drop(listener.accept_tcp().await);
            attempts += 1;
        }
    };
    let all_end = async {
        for call in &calls {
            assert_eq!(client.end(call).await.code, Code::DeadlineExceeded);
        }
    };
    tokio::select! {
        () = fails => unreachable!(),
        () = all_end => {}
    }
    // Each call may set off one, and one is enough for all that wait by then.
    assert!((1..=calls.len()).contains(&attempts), "{attempts} attempts");
}

#[tokio::test]
async fn a_deadline_ends_the_waiting_and_the_status_says_what_it_waited_for() {
    let mut client = Client::to(nowhere().await);
    let call = waiting(&mut client, UNARY, alice(), Some(Duration::from_millis(400)));
    let status = client.end(&call).await;
    assert_eq!(status.code, Code::DeadlineExceeded);
    assert_eq!(
        status.origin.to_string(),
        "made here: the deadline of 400 ms ran out without a connection: connection refused"
    );
}

#[tokio::test]
async fn a_deadline_that_ends_a_call_in_the_queue_says_nothing_of_the_connection_that_was_missing_before() {
    let address = nowhere().await;
    let mut client = Client::to(address);
    let call = waiting(&mut client, UNARY, alice(), Some(Duration::from_secs(3)));
    client.until_story(&call, |story| !causes(story).is_empty()).await;
    // It takes the connection, and no streams.
    let listener = Listener::bind_to(address).await;
    let _peer = listener.accept_with(&[(MAX_CONCURRENT_STREAMS, 0)]).await;
    let queued = |event: &CallEvent| matches!(event, CallEvent::Queued { .. });
    client.until_story(&call, |story| story.life.iter().any(queued)).await;
    let status = client.end(&call).await;
    let ran_out = matches!(status.origin, Origin::Here(Cause::DeadlineExceeded { .. }));
    assert!(ran_out, "{}", status.origin);
    assert_eq!(causes(client.story(&call)), ["connection refused"]);
}

#[tokio::test]
async fn a_call_that_was_cancelled_while_it_waited_is_never_sent() {
    let listener = Listener::bind().await;
    let address = listener.address();
    drop(listener);
    let mut client = Client::to(address);
    client.lost().await;
    let call = waiting(&mut client, UNARY, alice(), None);
    client.until_story(&call, |story| !causes(story).is_empty()).await;
    call.handle.cancel();
    let status = client.end(&call).await;
    assert_eq!((status.code, status.is_by_you()), (Code::Cancelled, true));
    assert!(!client.story(&call).is_started());
}

#[tokio::test]
async fn closing_the_channel_ends_the_waiting() {
    let mut client = Client::to(nowhere().await);
    let call = waiting(&mut client, UNARY, alice(), None);
    client.until_story(&call, |story| !causes(story).is_empty()).await;
    client.channel.close();
    assert_eq!(client.end(&call).await.origin, Origin::Here(Cause::ChannelClosed));
}

#[tokio::test]
async fn a_call_that_waits_goes_to_the_next_connection_when_this_one_goes_away() {
    let listener = Listener::bind().await;
    let mut client = Client::to(listener.address());
    let mut peer = listener.accept().await;
    client.ready().await;
    peer.go_away(0, NO_ERROR).await;
    drop(peer);
    client.until(|client| !matches!(client.states.last(), Some(ChannelState::Ready { .. }))).await;
    let call = waiting(&mut client, UNARY, alice(), None);
    let mut peer = listener.accept().await;
    let stream = peer.whole_request().await;
    peer.answer(stream).await;
    assert_eq!(client.end(&call).await.code, Code::Ok);
}
