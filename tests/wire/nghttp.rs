//! The wire room's reading of recorded connections against what `nghttp -v` says of the same bytes: it sends and
//! receives on them, and prints each frame. `tests/nghttp/run` runs this.

use std::{collections::BTreeMap, net::Ipv4Addr, process::Stdio, time::Duration};

use greeter::{
    server::{Server, Settings},
    wire::{ConnectionLog, Content, Direction, Kind},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::spawn_blocking,
    time::timeout,
};

use crate::recorded::{Record, replayed};

const FOREVER: Duration = Duration::from_mins(1);
const GRPC: [&str; 6] = ["-H", ":method: POST", "-H", "te: trailers", "-H", "content-type: application/grpc"];

/// A frame, as far as both tell it. Continued headers are one, as nghttp has them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    kind: String,
    length: u32,
    flags: u8,
    stream: u32,
    /// Settings, fields, a window's increment, the reason of an end: in their order, in nghttp's words.
    says: Vec<String>,
}

/// What each side sent.
type Sides = [Vec<Told>; 2];

/// One connection: what nghttp printed, and what passed between it and a server.
async fn conversation(method: &str, arguments: &[&str]) -> (String, ConnectionLog) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let there = format!("http://{}/helloworld.Greeter/{method}", listener.local_addr().unwrap());
    let message = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&message, b"\0\0\0\0\x07\n\x05World").unwrap();
    let mut nghttp = std::process::Command::new("nghttp");
    nghttp
        .args(["--verbose", "--null-out", "--data"])
        .arg(message.path())
        .args(GRPC)
        .args(arguments)
        .arg(there);
    nghttp.stdin(Stdio::null()).stderr(Stdio::inherit());
    let printed = spawn_blocking(move || nghttp.output());

    let settings = Settings { replies: 50, interval: Duration::ZERO };
    let server = Server::start((Ipv4Addr::LOCALHOST, 0).into(), settings).await.unwrap();
    let record = Record::default();
    let passing = async {
        let (near, _) = listener.accept().await.unwrap();
        let far = TcpStream::connect(server.address()).await.unwrap();
        let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
        tokio::join!(
            relay(from_near, to_far, Direction::Sent, record.clone()),
            relay(from_far, to_near, Direction::Received, record.clone()),
        );
        printed.await.unwrap().expect("nghttp is there: tests/nghttp/run installs it")
    };
    let printed = timeout(FOREVER, passing).await.expect("nghttp ends");
    assert!(printed.status.success(), "{printed:?}");
    (String::from_utf8(printed.stdout).unwrap(), replayed(&record.pieces()))
}

/// Hands on what comes, once it is recorded.
async fn relay(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    direction: Direction,
    record: Record,
) {
    let mut piece = vec![0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        record.put(direction, &piece[..length]);
        if to.write_all(&piece[..length]).await.is_err() {
            break;
        }
    }
    // The other side may have gone first.
    let _ = to.shutdown().await;
}

/// What the wire room reads.
fn ours(log: &ConnectionLog) -> Sides {
    let mut sides = Sides::default();
    for (_, entry) in log.kept.entries() {
        let (Some(head), Some(content)) = (entry.head(), entry.content()) else { continue };
        let side = &mut sides[usize::from(entry.direction == Direction::Received)];
        let says = says(content);
        if head.kind == Kind::Continuation {
            let begun: &mut Told = side.last_mut().unwrap();
            begun.length += head.length;
            begun.flags |= head.flags.0;
            begun.says.extend(says);
            continue;
        }
        let told = Told {
            kind: head.kind.to_string(),
            length: head.length,
            flags: head.flags.0,
            stream: head.stream,
            says,
        };
        side.push(told);
    }
    sides
}

fn says(content: &Content) -> Vec<String> {
    match content {
        Content::Headers(headers) => {
            assert_eq!(headers.left_out(), 0);
            let text = String::from_utf8_lossy;
            headers.fields().map(|field| format!("{}: {}", text(field.name), text(field.value))).collect()
        }
        Content::Settings(settings) => settings
            .iter()
            .map(|setting| format!("[SETTINGS_{}({:#04x}):{}]", setting.id, setting.id.0, setting.value))
            .collect(),
        Content::WindowUpdate { increment, .. } => vec![format!("(window_size_increment={increment})")],
        Content::GoAway { last, code, debug } => vec![format!(
            "(last_stream_id={last}, error_code={code}({:#04x}), opaque_data({})=[{}])",
            code.0,
            debug.len(),
            String::from_utf8_lossy(debug)
        )],
        _ => Vec::new(),
    }
}

/// What nghttp prints, `[  0.001] recv DATA frame <length=145, flags=0x00, stream_id=13>` and what belongs to it.
fn theirs(printed: &str) -> Sides {
    let mut sides = Sides::default();
    // Received fields are printed before their frame, by stream.
    let mut fields: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut side = 0;
    for line in printed.lines() {
        let Some(event) = line.strip_prefix('[').and_then(|line| Some(line.split_once("] ")?.1)) else {
            detail(line, &mut sides[side]);
            continue;
        };
        if let Some((stream, field)) =
            event.strip_prefix("recv (stream_id=").and_then(|it| it.split_once(") "))
        {
            fields.entry(stream.parse().unwrap()).or_default().push(field.to_owned());
        } else if let Some((who, mut told)) = frame(event) {
            side = who;
            if told.kind == "HEADERS" {
                told.says.extend(fields.remove(&told.stream).unwrap_or_default());
            }
            sides[side].push(told);
        }
    }
    assert!(fields.is_empty(), "{fields:?}");
    sides
}

/// `send DATA frame <length=12, flags=0x00, stream_id=13>`, and whose it is.
fn frame(event: &str) -> Option<(usize, Told)> {
    let (who, rest) = event.split_once(' ')?;
    let (kind, rest) = rest.split_once(" frame <")?;
    let mut numbers = rest.strip_suffix('>')?.split(", ").filter_map(|pair| Some(pair.split_once('=')?.1));
    let told = Told {
        kind: kind.to_owned(),
        length: numbers.next()?.parse().ok()?,
        flags: u8::from_str_radix(numbers.next()?.strip_prefix("0x")?, 16).ok()?,
        stream: numbers.next()?.parse().ok()?,
        says: Vec::new(),
    };
    Some((usize::from(who == "recv"), told))
}

/// An indented line belongs to the frame before it. Flags by name, padding and the old priorities are left out:
/// the flags' number and the length tell the first two, and the last mean nothing.
fn detail(line: &str, side: &mut [Told]) {
    let (Some(told), line) = (side.last_mut(), line.trim()) else { return };
    let is_told = match told.kind.as_str() {
        "HEADERS" => !line.starts_with([';', '(']),
        "SETTINGS" => line.starts_with('['),
        "WINDOW_UPDATE" | "GOAWAY" => line.starts_with('('),
        _ => false,
    };
    if is_told {
        told.says.push(line.to_owned());
    }
}

/// Both say the same of all that passed. Which types of frames did, in the order of their numbers.
async fn agree(method: &str, arguments: &[&str]) -> Vec<&'static str> {
    let (printed, log) = conversation(method, arguments).await;
    let (ours, theirs) = (ours(&log), theirs(&printed));
    for (ours, theirs) in ours.iter().zip(&theirs) {
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert_eq!(ours, theirs);
        }
        // What came after nghttp had gone it does not print.
        assert!(ours.len() >= theirs.len(), "{printed}");
    }
    assert_eq!(ours[0].len(), theirs[0].len(), "{printed}");
    assert_eq!((log.summary.sent.lost, log.summary.received.lost), (None, None));
    let counts = [log.summary.sent, log.summary.received];
    Kind::KNOWN
        .into_iter()
        .filter(|kind| counts.iter().any(|side| side.frames(*kind) > 0))
        .map(Kind::name)
        .collect()
}

#[tokio::test]
#[ignore = "needs nghttp: tests/nghttp/run"]
async fn nghttp_says_the_same_of_a_call() {
    let kinds = agree("SayHello", &["--header", "x-again: and again"]).await;
    assert_eq!(kinds, ["DATA", "HEADERS", "PRIORITY", "SETTINGS", "GOAWAY", "WINDOW_UPDATE"]);
}

#[tokio::test]
#[ignore = "needs nghttp: tests/nghttp/run"]
async fn nghttp_says_the_same_of_many_calls_with_padding_and_trailers() {
    agree("SayHelloServerStreaming", &["--multiply=9", "--padding=77", "--trailer", "x-late: yes"]).await;
}

#[tokio::test]
#[ignore = "needs nghttp: tests/nghttp/run"]
async fn nghttp_says_the_same_with_small_windows_and_tables() {
    let small = ["--window-bits=8", "--connection-window-bits=18", "--header-table-size=64"];
    agree(
        "SayHelloServerStreaming",
        &[&small[..], &["--encoder-header-table-size=100", "--multiply=5"]].concat(),
    )
    .await;
}

#[tokio::test]
#[ignore = "needs nghttp: tests/nghttp/run"]
async fn nghttp_says_the_same_of_continued_headers() {
    // Many small fields in signs that Huffman would only lengthen: longer than a frame, and kept whole all the same.
    let headers: Vec<String> = (0..240).map(|n| format!("--header=x{n:02x}: {}", "{".repeat(62))).collect();
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let kinds = agree("SayHello", &headers).await;
    assert!(kinds.contains(&"CONTINUATION"), "{kinds:?}");
}

#[tokio::test]
#[ignore = "needs nghttp: tests/nghttp/run"]
async fn nghttp_says_the_same_of_a_status_and_nothing_else() {
    agree("NotThere", &["--multiply=3"]).await;
}
