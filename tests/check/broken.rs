//! Servers each of which breaks one thing.

use greeter::check::Outcome;

use crate::{
    greeter::{Fault, Methods, start},
    support::{Found, brief, check, patient},
};

/// What does not hold of a server with this fault.
async fn fails(fault: Fault) -> (Found, Vec<&'static str>) {
    let found = check(start(fault, Methods::Default).await, patient()).await;
    let fails = found.with(Outcome::Fails);
    (found, fails)
}

/// The same for a server that leaves something open.
async fn fails_in_silence(fault: Fault) -> (Found, Vec<&'static str>) {
    let found = check(start(fault, Methods::Default).await, brief()).await;
    let fails = found.with(Outcome::Fails);
    (found, fails)
}

macro_rules! caught {
    ($($name:ident: $run:ident($fault:expr) => $lines:expr;)*) => {$(
        #[tokio::test]
        async fn $name() {
            let (found, fails) = $run($fault).await;
            let lines: &[&str] = &$lines;
            assert_eq!(fails, lines, "{:#?}", found.came());
        }
    )*};
}

caught! {
    four_replies: fails(Fault::FourReplies) => ["server-stream.five"];
    six_replies: fails(Fault::SixReplies) => ["server-stream.five"];
    numbers_from_zero: fails(Fault::FromZero) => [
        "server-stream.numbers", "server-stream.empty", "server-stream.unicode",
    ];
    sorted_names: fails(Fault::Sorted) => ["client-stream.order"];
    a_buffering_bidi: fails_in_silence(Fault::Buffering) => ["bidi.in-turn"];
    an_extra_reply: fails(Fault::ExtraReply) => ["unary.one", "client-stream.one"];
    ascii_only: fails(Fault::AsciiOnly) => [
        "unary.unicode", "server-stream.unicode", "client-stream.unicode", "bidi.unicode",
    ];
    no_empty_name: fails(Fault::NoEmptyName) => ["unary.empty"];
    unknown_instead_of_unimplemented: fails(Fault::Unknown) => [
        "protocol.no-method", "protocol.no-service",
    ];
    http_500: fails(Fault::Http500) => ["protocol.http-status"];
    content_type: fails(Fault::ContentType) => ["protocol.content-type"];
    no_trailers: fails(Fault::NoTrailers) => ["protocol.trailers"];
    a_status_in_words: fails(Fault::StatusInWords) => ["protocol.trailers"];
    a_cut_message: fails(Fault::Cut) => ["protocol.framing"];
    a_wrong_flag: fails(Fault::Flag) => ["protocol.framing"];
    a_frame_taken_for_a_message: fails(Fault::FrameIsMessage) => [
        "unary.large", "client-stream.names", "client-stream.order", "client-stream.many", "bidi.as-many",
        "bidi.many",
    ];
    an_ignored_deadline: fails_in_silence(Fault::IgnoresDeadline) => ["calls.deadline"];
    cancelling_costs_the_connection: fails(Fault::DiesOfCancel) => ["calls.cancel"];
    calls_are_mixed_up: fails(Fault::MixesUp) => ["calls.at-once"];
    a_reply_before_half_close: fails(Fault::BeforeHalfClose) => [
        "client-stream.names", "client-stream.order", "client-stream.waits", "client-stream.many",
    ];
    an_end_before_half_close: fails(Fault::OneShotBidi) => [
        "bidi.in-turn", "bidi.waits", "bidi.as-many", "bidi.many", "calls.cancel",
    ];
    a_stream_that_needs_a_name: fails_in_silence(Fault::WaitsForAName) => ["client-stream.none"];
    an_error_at_the_end: fails(Fault::FailsAtTheEnd) => ["bidi.none", "bidi.as-many"];
    wrong_text: fails(Fault::WrongText) => [
        "unary.world", "unary.empty", "unary.unicode", "unary.large", "calls.at-once",
    ];
    tired: fails(Fault::Tired(1000)) => ["client-stream.many", "bidi.many"];
    a_method_that_is_not_there: fails(Fault::NoBidi) => ["bidi.names"];
}
