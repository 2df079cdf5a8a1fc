//! Peers that answer with whatever they are given: responses, frames, reflection. Every call ends, once.

use std::{
    net::SocketAddr,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    thread,
    time::Duration,
};

use bytes::Bytes;
use greeter::{
    rpc::{
        CallEvent, CallId, CallSpec, Channel, ChannelId, ChannelSettings, Outbox, Requests, Runtime, Status,
        Target, Wish,
    },
    schema::{Contract, discover, status_details},
};
use h2::{RecvStream, SendStream, server::SendResponse};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, uri::PathAndQuery};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// Longer than any deadline of ours.
const GUARD: Duration = Duration::from_secs(20);
/// A reply that is larger ends the call.
const MAX_REPLY: usize = 1_000;

/// How a peer answers each stream, by the input of the case.
type Answer = fn(&[u8], SendResponse<Bytes>) -> Result<(), h2::Error>;

/// A client, and a peer that keeps HTTP/2's rules but no others. They stay for all cases.
struct Pair {
    channel: Channel,
    input: Arc<Mutex<Vec<u8>>>,
    ui: tokio::runtime::Runtime,
    _runtime: Runtime,
}

impl Pair {
    fn new(answer: Answer) -> Self {
        let input = Arc::<Mutex<Vec<u8>>>::default();
        let address = serve(answer, Arc::clone(&input));
        let runtime = Runtime::start().unwrap();
        let channel = open(&runtime, address, Outbox::new());
        Self { channel, input, ui: a_runtime(), _runtime: runtime }
    }

    fn answering(&self, input: &[u8]) -> &Self {
        *self.input.lock().unwrap_or_else(PoisonError::into_inner) = input.to_vec();
        self
    }
}

fn a_runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn open(runtime: &Runtime, address: SocketAddr, outbox: Outbox) -> Channel {
    let target = Target::parse(&address.to_string(), Wish::Plaintext).unwrap();
    Channel::open(runtime.handle(), ChannelId(1), target, ChannelSettings::default(), outbox)
}

fn serve(answer: Answer, input: Arc<Mutex<Vec<u8>>>) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        a_runtime().block_on(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::spawn(connection(tcp, answer, Arc::clone(&input)));
            }
        });
    });
    address
}

async fn connection(tcp: TcpStream, answer: Answer, input: Arc<Mutex<Vec<u8>>>) {
    let _ = tcp.set_nodelay(true);
    let Ok(mut connection) = h2::server::handshake(tcp).await else { return };
    while let Some(Ok((request, respond))) = connection.accept().await {
        let input = input.lock().unwrap_or_else(PoisonError::into_inner).clone();
        tokio::spawn(async move {
            heard(request).await;
            // A client that went away is no fault.
            let _ = answer(&input, respond);
        });
    }
}

/// Waits for the first of the request.
async fn heard(request: Request<RecvStream>) {
    let _ = request.into_body().data().await;
}

/// Sends what is left, and leaves it to flow control.
fn all(mut body: SendStream<Bytes>, data: &[u8], trailers: HeaderMap) -> Result<(), h2::Error> {
    body.send_data(Bytes::copy_from_slice(data), false)?;
    body.send_trailers(trailers)
}

/// Asks once, and waits for the end that must come once.
async fn end_of(channel: &Channel) -> (Status, u64) {
    let outbox = Outbox::new();
    let request = Requests::One(Bytes::from_static(b"\x0a\x03Ada"));
    let spec = CallSpec {
        max_reply: MAX_REPLY,
        ..CallSpec::new(CallId(1), PathAndQuery::from_static("/a.B/C"), request)
    };
    let _call = channel.call(spec, &outbox);
    let mut received = 0;
    loop {
        timeout(GUARD, outbox.changed()).await.expect("the call does not end");
        let Some(delta) = outbox.take().calls.remove(&CallId(1)) else { continue };
        received += delta.record.counts().received;
        let mut ends = delta.life.into_iter().filter_map(|event| match event {
            CallEvent::Ended { status, .. } => Some(status),
            _ => None,
        });
        if let Some(status) = ends.next() {
            assert!(ends.next().is_none(), "it ends twice");
            assert!(status.message.len() <= 17 << 10, "{} bytes of message", status.message.len());
            return (status, received);
        }
    }
}

fn outcome((status, received): (Status, u64)) -> String {
    if let Some(greeter::rpc::Details::Bytes(bytes)) = &status.details {
        status_details(bytes);
    }
    let message: String = status.message.chars().filter(char::is_ascii_lowercase).take(30).collect();
    format!("{status} {} {message} {}", status.origin, received.min(2))
}

/// Headers, messages and trailers of a response.
///
/// Five lines: the HTTP status and whether the headers are the end (`200 end`), the content type, the
/// status, its message, its details. What follows is the body.
pub(crate) fn responses(input: &[u8]) -> String {
    static PAIR: LazyLock<Pair> = LazyLock::new(|| Pair::new(respond));
    let pair = PAIR.answering(input);
    outcome(pair.ui.block_on(end_of(&pair.channel)))
}

fn respond(input: &[u8], mut respond: SendResponse<Bytes>) -> Result<(), h2::Error> {
    let mut lines = input.splitn(6, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let head = String::from_utf8_lossy(line()).into_owned();
    let mut response = Response::new(());
    let http = head.split(' ').next().and_then(|number| number.parse().ok());
    *response.status_mut() =
        http.filter(|http: &http::StatusCode| !http.is_informational()).unwrap_or_default();
    put(response.headers_mut(), "content-type", line());
    let mut trailers = HeaderMap::new();
    for name in ["grpc-status", "grpc-message", "grpc-status-details-bin"] {
        put(&mut trailers, name, line());
    }
    if head.ends_with("end") {
        response.headers_mut().extend(trailers);
        respond.send_response(response, true)?;
        return Ok(());
    }
    let body = respond.send_response(response, false)?;
    all(body, line(), trailers)
}

/// A line that is not empty, and may be a header's value.
fn put(headers: &mut HeaderMap, name: &'static str, value: &[u8]) {
    if let (false, Ok(value)) = (value.is_empty(), HeaderValue::from_bytes(value)) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// What a server answers to reflection: messages, each with its length in two bytes before it.
pub(crate) fn reflection(input: &[u8]) -> String {
    static PAIR: LazyLock<Pair> = LazyLock::new(|| Pair::new(reflect));
    let pair = PAIR.answering(input);
    let discovered =
        pair.ui.block_on(async { timeout(GUARD, discover(&pair.channel, &http::HeaderMap::new())).await });
    match discovered.expect("asking does not end") {
        Err(error) => error.to_string(),
        Ok(discovery) => {
            for method in discovery.contracts.iter().flat_map(Contract::methods) {
                method.reply().show(input, 1_000);
                let _ = method.request().encode("{}");
            }
            let why: Vec<String> =
                discovery.left_out.iter().map(|left_out| left_out.why.to_string()).collect();
            format!("{} {}", discovery.contracts.len(), why.join(" "))
        }
    }
}

fn reflect(input: &[u8], mut respond: SendResponse<Bytes>) -> Result<(), h2::Error> {
    let mut response = Response::new(());
    put(response.headers_mut(), "content-type", b"application/grpc");
    let body = respond.send_response(response, false)?;
    let (mut data, mut rest) = (Vec::new(), input);
    while let [high, low, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        data.push(0);
        data.extend((length as u32).to_be_bytes());
        data.extend(&after[..length]);
        rest = &after[length..];
    }
    let mut trailers = HeaderMap::new();
    put(&mut trailers, "grpc-status", if input.len().is_multiple_of(2) { b"0" } else { b"5" });
    all(body, &data, trailers)
}

/// Frames of a peer that keeps no rules at all, behind its SETTINGS and the request.
pub(crate) fn frames(input: &[u8]) -> String {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::start().unwrap());
    a_runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let channel = open(&RUNTIME, listener.local_addr().unwrap(), Outbox::new());
        let said = input.to_vec();
        let peer = tokio::spawn(async move {
            // Until the client had enough of it, and again when it comes back.
            while let Ok((tcp, _)) = listener.accept().await {
                let _ = say(tcp, &said).await;
            }
        });
        let end = end_of(&channel).await;
        peer.abort();
        outcome(end)
    })
}

async fn say(mut tcp: TcpStream, frames: &[u8]) -> std::io::Result<()> {
    const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    tcp.set_nodelay(true)?;
    tcp.write_all(&SETTINGS).await?;
    let (mut heard, mut buffer) = (Vec::new(), [0; 4096]);
    while !has_request(&heard) {
        match tcp.read(&mut buffer).await? {
            0 => return Ok(()),
            some => heard.extend_from_slice(&buffer[..some]),
        }
    }
    tcp.write_all(frames).await?;
    tcp.shutdown().await?;
    while tcp.read(&mut buffer).await? > 0 {}
    Ok(())
}

/// Whether HEADERS came behind the preface.
fn has_request(heard: &[u8]) -> bool {
    const PREFACE: usize = 24;
    const HEADERS: u8 = 1;
    let mut rest = heard.get(PREFACE..).unwrap_or_default();
    while let [a, b, c, kind, _, _, _, _, _, after @ ..] = rest {
        if *kind == HEADERS {
            return true;
        }
        rest = after.get(u32::from_be_bytes([0, *a, *b, *c]) as usize..).unwrap_or_default();
    }
    false
}
