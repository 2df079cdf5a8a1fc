//! What an entry means, in a sentence or two for who never read an RFC.

use std::{fmt::Write as _, io::ErrorKind};

use super::{
    codes::{ErrorCode, Setting},
    entry::{Content, End, Entry, Lost, What},
    frame::{Direction, Head, Kind},
    headers::{Headers, Role},
    messages::{Data, Flag},
};
use crate::text::{self, Safe};

/// The entry in plain words: what it is, and what it means for its call. `payload` is what is kept of it.
pub fn of(entry: &Entry, payload: &[u8]) -> Safe {
    let words = match &entry.what {
        What::Preface => {
            "The first 24 bytes of every HTTP/2 connection: a server of HTTP/1 stumbles over them at once."
                .to_owned()
        }
        What::Frame(head, content) => frame(entry.direction, *head, content, payload),
        What::NotKept { frames, bytes } => format!(
            "{} DATA frames, {} in all, passed faster than anybody looked. They were counted, and let go.",
            text::count(*frames),
            text::size(*bytes)
        ),
        What::Lost(lost) => place(entry.direction, *lost),
        What::Closed(how) => closed(entry.direction, *how),
    };
    Safe::new(&words)
}

fn place(direction: Direction, lost: Lost) -> String {
    let (whose, what) = (who(direction), lost.to_string());
    match lost {
        Lost::Frames(_) => {
            format!("What {whose} said was no frame: {what}. From here on it is only counted.")
        }
        Lost::Headers(_) => format!(
            "The headers that {whose} sent cannot be read: {what}. Each block of headers builds on those before, \
             so no later one can be read either. The frames go on."
        ),
    }
}

fn closed(direction: Direction, how: End) -> String {
    match (how, direction) {
        (End::Closed, Direction::Sent) => "You closed the connection: nothing more passes on it.".to_owned(),
        (End::Closed, Direction::Received) => {
            "The server closed the connection. Calls that were open on it are over.".to_owned()
        }
        (End::Broken(kind), _) => {
            format!("The connection broke ({}). Calls that were open on it are over.", of_broken(kind))
        }
    }
}

/// Why a connection broke.
pub(super) fn of_broken(kind: ErrorKind) -> String {
    match kind {
        ErrorKind::ConnectionReset => "the server reset it".to_owned(),
        ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof => "the server is gone".to_owned(),
        ErrorKind::TimedOut => "the server does not answer".to_owned(),
        kind => kind.to_string(),
    }
}

fn frame(direction: Direction, head: Head, content: &Content, payload: &[u8]) -> String {
    match content {
        Content::Data(data) => self::data(direction, head, *data, payload),
        Content::Headers(headers) if head.kind == Kind::Continuation => {
            format!("CONTINUATION, the last part of longer headers. {}", self::headers(direction, headers))
        }
        Content::Headers(headers) => self::headers(direction, headers),
        Content::HeadersBegun => format!(
            "{} without END_HEADERS: the headers are too long for one frame and go on in CONTINUATION.",
            head.kind
        ),
        Content::Priority => {
            "PRIORITY said which stream is more urgent. It means nothing any more and is ignored.".to_owned()
        }
        Content::Reset(code) => reset(direction, *code),
        Content::Settings(settings) => self::settings(direction, settings),
        Content::SettingsAck => format!(
            "SETTINGS with ACK: {} took the other side's settings, and keeps to them from here on.",
            who(direction)
        ),
        Content::PushPromise { .. } => {
            "PUSH_PROMISE: the server wants to send a response that nobody asked for. gRPC has none, and it \
             was told that none is taken."
                .to_owned()
        }
        Content::Ping => format!(
            "PING: {} asks whether the other side is still there. The answer brings the same eight bytes back.",
            who(direction)
        ),
        Content::PingAck(None) => "PING with ACK: an answer to a PING.".to_owned(),
        Content::PingAck(Some(after)) if direction == Direction::Sent => {
            format!("PING with ACK: you answered the server's PING, after {}.", text::elapsed(*after))
        }
        Content::PingAck(Some(after)) => format!(
            "PING with ACK: the answer, {} after the PING. That is the way there and back, and no call waits for it.",
            text::elapsed(*after)
        ),
        Content::GoAway { last, code, .. } => go_away(direction, *last, *code),
        Content::WindowUpdate { increment, left } => window(direction, head.stream, *increment, *left),
        Content::Unknown => {
            "A frame of a type that HTTP/2 does not know. It is to be ignored, so that HTTP/2 can grow."
                .to_owned()
        }
        Content::Malformed(fault) => {
            format!(
                "{} is not as it must be: {fault}. Whoever gets it ends the stream or the connection.",
                head.kind
            )
        }
    }
}

fn data(direction: Direction, head: Head, data: Data, payload: &[u8]) -> String {
    if data.bytes == 0 {
        return match (head.ends_stream(), direction) {
            (true, Direction::Sent) => {
                "DATA without a byte, for its END_STREAM: the half-close. You send nothing more, the server still \
                 may."
                    .to_owned()
            }
            (true, Direction::Received) => {
                "DATA with END_STREAM from the server: the response ends without trailers, so without a \
                 gRPC status."
                    .to_owned()
            }
            (false, _) => "DATA without a byte: it says nothing.".to_owned(),
        };
    }
    let mut words = format!("DATA with {}", messages(data, payload));
    if head.ends_stream() {
        words.push_str(match direction {
            Direction::Sent => {
                " END_STREAM rides on it: the half-close. You send nothing more, the server still may."
            }
            Direction::Received => {
                " END_STREAM on it: the response ends without trailers, so without a gRPC status."
            }
        });
    }
    if data.padding > 0 {
        let _ =
            write!(words, " {} B of padding hide how long it is; they use up the window, too.", data.padding);
    }
    words
}

/// `a whole message: …`, as the end of a sentence and the sentences behind it.
fn messages(data: Data, payload: &[u8]) -> String {
    const PREFIX: &str =
        "five bytes of prefix, the flag for compression and the length, and the message itself.";
    let count = u64::from(data.messages.count);
    if count > 1 {
        return format!(
            "parts of {} messages: each begins with {PREFIX} A frame's end is no message's end.",
            text::count(count)
        );
    }
    let Some(piece) = data.pieces(payload).next() else {
        return "messages that were not taken apart: too many came at once, or on too many streams."
            .to_owned();
    };
    let compressed = match piece.flag {
        Flag::Plain => String::new(),
        Flag::Compressed => ", compressed".to_owned(),
        Flag::Invalid(flag) => format!(", whose flag is {flag}: gRPC has no other than 0 and 1"),
    };
    let size = piece.size.map_or_else(|| "?".to_owned(), |size| text::size(u64::from(size)));
    match (piece.continued, data.messages.ended > 0) {
        (false, true) => format!("one whole message{compressed}: {PREFIX}"),
        (false, false) => format!(
            "the beginning of a message of {size}{compressed}. It is longer than this frame: the rest follows in \
             others."
        ),
        (true, false) => format!("more of a message of {size}{compressed} that began in an earlier frame."),
        (true, true) => format!("the end of a message of {size}{compressed} that began in an earlier frame."),
    }
}

fn headers(direction: Direction, headers: &Headers) -> String {
    let mut words = match headers.role {
        Role::Request if headers.ends_stream => {
            "HEADERS with END_STREAM: a call begins, and sends no message at all.".to_owned()
        }
        Role::Request => {
            "HEADERS: a call begins. The path names the method; the messages follow in DATA.".to_owned()
        }
        Role::RequestTrailers => "HEADERS behind the request's messages. gRPC has no trailers there.".to_owned(),
        Role::Informational => "HEADERS of an interim answer: the response is still to come.".to_owned(),
        Role::Response if !headers.is_grpc() => {
            "HEADERS of an answer that is not gRPC's: a proxy or another kind of server speaks, by its HTTP status."
                .to_owned()
        }
        Role::Response => {
            "HEADERS: the server begins to answer. Whether the call ends well is said at the end, in the trailers."
                .to_owned()
        }
        Role::Trailers if !headers.ends_stream => {
            "HEADERS after the messages, without END_STREAM: no trailers, which are the end. HTTP/2 has no such \
             thing."
                .to_owned()
        }
        Role::Trailers if !headers.has_status() => {
            "HEADERS with END_STREAM after the messages: trailers without a gRPC status. How the call ended, nobody \
             says."
                .to_owned()
        }
        Role::Trailers => {
            "HEADERS with END_STREAM after the messages: the trailers. They bring the call's status, and end it."
                .to_owned()
        }
        Role::TrailersOnly if !headers.has_status() => {
            "HEADERS with END_STREAM and without a gRPC status: the server answered by its HTTP status alone, as \
             what does not speak gRPC does."
                .to_owned()
        }
        Role::TrailersOnly => {
            "HEADERS with END_STREAM and no DATA: the server answered with a status and nothing else. gRPC calls \
             it trailers-only."
                .to_owned()
        }
        Role::Stray => format!("HEADERS of a stream that is not open, from {}.", who(direction)),
    };
    if headers.is_readable() {
        let _ = write!(
            words,
            " {} on the wire, {} as text: HPACK saved {} %.",
            text::size(headers.cost.wire),
            text::size(headers.cost.text),
            headers.cost.saved()
        );
    } else {
        words.push_str(" They cannot be read any more.");
    }
    words
}

fn reset(direction: Direction, code: ErrorCode) -> String {
    match (direction, code) {
        (Direction::Sent, ErrorCode::CANCEL) => {
            "RST_STREAM with CANCEL: the call was given up here, by you or by its deadline. The server is told at \
             once, and the other calls go on."
                .to_owned()
        }
        (Direction::Received, ErrorCode::NO_ERROR) => {
            "RST_STREAM with NO_ERROR: the server answered and wants nothing more of the request.".to_owned()
        }
        (Direction::Received, ErrorCode::CANCEL) => {
            "RST_STREAM with CANCEL: the server gave the call up. The other calls go on.".to_owned()
        }
        _ => format!(
            "RST_STREAM with {code} from {}: {}. The call is over, the others go on.",
            who(direction),
            code.meaning()
        ),
    }
}

fn settings(direction: Direction, settings: &[Setting]) -> String {
    let begins = match direction {
        Direction::Sent => "SETTINGS: what you allow the server, and want of it.",
        Direction::Received => "SETTINGS: what the server allows you, and wants of you.",
    };
    if settings.is_empty() {
        return format!("{begins} Everything is as HTTP/2 has it.");
    }
    settings.iter().fold(begins.to_owned(), |mut words, Setting { id, value }| {
        let _ = write!(words, " {id} {value}: {}.", id.meaning());
        words
    })
}

fn go_away(direction: Direction, last: u32, code: ErrorCode) -> String {
    let begins = match (direction, code) {
        (Direction::Sent, ErrorCode::NO_ERROR) => {
            return "GOAWAY with NO_ERROR: you say goodbye, and the connection is closed.".to_owned();
        }
        (Direction::Sent, _) => {
            format!("GOAWAY with {code}: you end the connection, because {}.", code.meaning())
        }
        (Direction::Received, ErrorCode::NO_ERROR) => {
            "GOAWAY with NO_ERROR: the server takes no new calls on this connection.".to_owned()
        }
        (Direction::Received, _) => {
            format!("GOAWAY with {code}: the server ends the connection: {}.", code.meaning())
        }
    };
    if last == u32::MAX >> 1 {
        return format!("{begins} Calls that are open go on.");
    }
    format!("{begins} Calls up to stream {last} may still be answered; later ones were never looked at.")
}

fn window(direction: Direction, stream: u32, increment: u32, left: Option<i64>) -> String {
    let more = granted(direction, stream, increment);
    let now = left.map(|left| {
        let sign = if left < 0 { "-" } else { "" };
        format!(", {sign}{} B with what was left", text::count(left.unsigned_abs()))
    });
    let now = now.unwrap_or_default();
    format!("WINDOW_UPDATE: {more}{now}. DATA uses the window up; when it is empty, the sender waits.")
}

/// Who sent it, as it is said to the user.
pub(super) fn who(direction: Direction) -> &'static str {
    match direction {
        Direction::Sent => "you",
        Direction::Received => "the server",
    }
}

/// Who may send more, in the words of the window's user.
pub(super) fn granted(direction: Direction, stream: u32, increment: u32) -> String {
    let who = match direction {
        Direction::Sent => "the server",
        Direction::Received => "you",
    };
    let place = if stream == 0 { "in all" } else { "on this stream" };
    format!("{who} may send {} B more {place}", text::count(u64::from(increment)))
}
