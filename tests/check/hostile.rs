//! Servers that mean harm, or are dead: the checks end all the same, and say what came.

use std::time::{Duration, Instant};

use greeter::check::{Known, Limits, Outcome, Unreachable};
use tokio::{io::AsyncReadExt, net::TcpListener};

use crate::{
    greeter::{Fault, Methods, start},
    support::{brief, check, check_as},
};

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_on() {
    let limits = Limits {
        answer: Duration::from_millis(500),
        impatient: Duration::from_millis(50),
        long: Duration::from_millis(200),
        ..Limits::default()
    };
    let found = check(start(Fault::Mute, Methods::Default).await, limits).await;
    assert_eq!(found.subject.known, Known::Guess);
    let came = found.came();
    assert_eq!(came["unary.world"], "nothing for 500 ms");
    assert_eq!(came["unary.empty"], "nothing for 50.0 ms");
    // Its headers do come, and it keeps deadlines.
    let holds = ["calls.deadline", "protocol.http-status", "protocol.content-type", "protocol.trailers"];
    assert_eq!(found.with(Outcome::Holds), holds);
}

#[tokio::test]
async fn all_checks_together_take_no_longer_than_they_may() {
    let limits = Limits { all: Duration::from_secs(7), answer: Duration::from_secs(6), ..Limits::default() };
    let began = Instant::now();
    let found = check(start(Fault::Mute, Methods::Default).await, limits).await;
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(found.came()["bidi.names"], "the time for all checks is over");
    assert!(!found.tally().is_good());
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            tokio::spawn(async move { while tcp.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {} });
        }
    });
    let error = check_as(address, brief(), None).await.err().unwrap();
    assert!(matches!(error, Unreachable::NoConnection(_)), "{error}");
    assert!(error.to_string().contains("said nothing"), "{error}");
}

#[tokio::test]
async fn a_connection_that_breaks_costs_one_check_and_not_the_next() {
    let found = check(start(Fault::Closes, Methods::Default).await, brief()).await;
    let lost: Vec<_> = found.with(Outcome::Fails);
    assert!(!lost.is_empty());
    for name in &lost {
        assert!(found.came()[name].contains("the connection was lost"), "{name}: {}", found.came()[name]);
    }
    // Every tenth call fails, but for those a hundred at once and reflection's own, which fail together.
    assert!(found.tally().holds > 24, "{:#?}", found.came());
}

#[tokio::test]
async fn a_flood_is_not_taken_to_its_end() {
    let found = check(start(Fault::Floods, Methods::Default).await, brief()).await;
    assert_eq!(found.with(Outcome::Fails), ["server-stream.five"]);
    let came = found.came()["server-stream.five"];
    assert!(came.starts_with("more than "), "{came}");
}

#[tokio::test]
async fn what_a_server_says_is_kept_as_it_came() {
    let found = check(start(Fault::Escapes, Methods::Default).await, brief()).await;
    let came = found.came()["unary.world"];
    assert!(came.contains("\x1b]0;owned"), "{came:?}");
    assert!(!found.tally().is_good());
}
