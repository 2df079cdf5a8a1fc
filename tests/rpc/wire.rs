//! The ladder of each kind of call and of each way in which one ends, as it really passed.

use bytes::Bytes;
use greeter::{
    rpc::{Code, Requests},
    wire::{Direction::Received, Direction::Sent, Kind},
};

use crate::support::{
    client::{BIDI, CLIENT_STREAM, Client, SERVER_STREAM, UNARY},
    good::{self, request},
    ladder::Ladder,
};

async fn client() -> (Client, Ladder) {
    let client = Client::to(good::start().await);
    let ladder = Ladder::of(&client.channel);
    (client, ladder)
}

#[tokio::test]
async fn a_unary_call() {
    let (mut client, mut ladder) = client().await;
    let call = client.one(UNARY, request("Dave"));
    assert_eq!(client.end(&call).await.code, Code::Ok);
    ladder.until(&client, |_| true).await;
    println!("{}", ladder.rows(|_| true));
    insta::assert_snapshot!(ladder.of_calls());
}
