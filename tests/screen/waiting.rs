//! What waits to be sent, row by row.

use std::time::{Duration, Instant};

use bytes::Bytes;
use greeter::{
    rpc::{CallId, Delta, Entry, What},
    schema::{Contract, Kind},
    tui::model::{Call, Waiting},
};

const LONG: Duration = Duration::from_secs(1);

/// A bidi call with so many messages, called by their numbers, of which nothing goes.
fn held_up(messages: u64, now: Instant) -> Call {
    let method = Contract::built_in()[0].of_kind(Kind::Bidi).next().unwrap().clone();
    let mut call = Call::new(CallId(1), method, None, now);
    (1..=messages).for_each(|n| call.hand_over(Bytes::from(n.to_string()), now));
    call
}

/// So many more of them go.
fn sent(call: &mut Call, messages: u64, now: Instant) {
    let mut delta = Delta::default();
    let entry = || Entry { at: LONG, what: What::Sent(Bytes::new()) };
    (0..messages).for_each(|_| delta.record.push(entry()));
    call.take(delta, now);
}

fn told(call: &Call, most: usize) -> Vec<String> {
    let rows = call.waiting_rows(most);
    assert!(call.waiting_row(most, rows).is_none());
    let row = |nth| match call.waiting_row(most, nth).unwrap() {
        Waiting::More(more) => format!("+{more}"),
        Waiting::Message(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Waiting::EndOfStream => "end".to_owned(),
    };
    (0..rows).map(row).collect()
}

#[test]
fn all_that_waits_has_a_row_or_is_counted() {
    let now = Instant::now();
    let of = |messages, gone, ends: bool| {
        let mut call = held_up(messages, now);
        sent(&mut call, gone, now);
        if ends {
            call.half_close(now);
        }
        call.tick(now + LONG);
        call
    };
    assert_eq!(told(&of(3, 1, true), 9), ["2", "3", "end"]);
    assert_eq!(told(&of(3, 1, true), 3), ["2", "3", "end"]);
    assert_eq!(told(&of(5, 1, true), 3), ["+3", "5", "end"]);
    assert_eq!(told(&of(5, 1, false), 2), ["+3", "5"]);
    assert_eq!(told(&of(0, 0, true), 2), ["end"]);
    assert_eq!(told(&of(2, 0, true), 1), ["end"]);
    assert_eq!(told(&of(1_500, 0, false), usize::MAX)[..2], ["+500", "501"]);
    assert_eq!(told(&of(1_001, 0, false), usize::MAX)[..2], ["+1", "2"]);
}

#[test]
fn what_is_told_stays_told_until_nothing_waits() {
    let now = Instant::now();
    let mut call = held_up(3, now);
    call.tick(now + LONG);
    sent(&mut call, 1, now + LONG);
    assert_eq!(told(&call, 9), ["2", "3"]);
    sent(&mut call, 2, now + LONG);
    assert_eq!(call.waiting_rows(9), 0);
    call.hand_over(Bytes::from_static(b"4"), now + LONG);
    call.tick(now + LONG);
    assert_eq!(call.waiting_rows(9), 0, "the next one is given its time");
}
