//! A Greeter written on HTTP/2 by hand, right in everything but what it is told to break.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use prost::Message;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, mpsc},
    time::timeout,
};
use tokio_stream::wrappers::ReceiverStream;

/// What a server does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// The unary call is answered with `Hallo, …`.
    WrongText,
    FourReplies,
    FromZero,
    /// The client stream is answered with its first name.
    BeforeHalfClose,
    /// The bidi stream is answered when all names are there.
    Buffering,
    Sorted,
    AsciiOnly,
    /// Each reply of a call that has one comes twice.
    ExtraReply,
    SixReplies,
    /// An empty name is an error.
    NoEmptyName,
    /// A stream without names is never answered.
    WaitsForAName,
    /// Messages are read as if each were one DATA frame.
    FrameIsMessage,
    /// A bidi stream ends after its first reply.
    OneShotBidi,
    /// After this many names no more are taken.
    Tired(usize),
    /// The reply of a call that has one is cut off.
    Cut,
    /// Messages are said to be compressed.
    Flag,
    NoTrailers,
    /// `grpc-status: OK`.
    StatusInWords,
    ContentType,
    Http500,
    IgnoresDeadline,
    /// A reset stream costs the connection.
    DiesOfCancel,
    /// What is not there is UNKNOWN.
    Unknown,
    /// Where one call is at work, others get the reply of the first.
    MixesUp,
    /// One method has no implementation.
    NoBidi,
    /// The bidi method says OK when its stream ends and nothing before, not even headers.
    FailsAtTheEnd,
    /// No call is answered.
    Mute,
    /// The connection is closed with the tenth call and every tenth after it.
    Closes,
    /// Streams never end.
    Floods,
    /// Replies hold escape sequences.
    Escapes,
}

/// Which methods there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Methods {
    /// `helloworld.Greeter`.
    Default,
    /// `hello.Greeter`.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unary,
    ServerStream,
    ClientStream,
    Bidi,
}

#[derive(Clone, PartialEq, Message)]
struct Text {
    #[prost(string, tag = "1")]
    text: String,
}

/// Starts it on a free port of loopback, for as long as the test's runtime lives.
pub(crate) async fn start(fault: Fault, methods: Methods) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tcp.set_nodelay(true).unwrap();
            tokio::spawn(connection(tcp, fault, methods, Arc::clone(&calls)));
        }
    });
    address
}

/// Starts it on a thread of its own, for as long as the tests run.
pub(crate) fn start_aside(fault: Fault) -> SocketAddr {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            tell.send(start(fault, Methods::Default).await).unwrap();
            std::future::pending::<()>().await;
        });
    });
    told.recv().unwrap()
}

async fn connection(tcp: TcpStream, fault: Fault, methods: Methods, calls: Arc<AtomicUsize>) {
    let dies = Arc::new(Notify::new());
    let service = service_fn(|request| {
        let number = calls.fetch_add(1, Ordering::Relaxed);
        if fault == Fault::Closes && number % 10 == 9 {
            dies.notify_one();
        }
        let response = respond(request, fault, methods, Arc::clone(&dies));
        async { Ok::<_, Infallible>(response) }
    });
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new()).max_local_error_reset_streams(None);
    tokio::select! {
        _ = http.serve_connection(TokioIo::new(tcp), service) => {}
        () = dies.notified() => {}
    }
}

type Body = StreamBody<ReceiverStream<Result<Frame<Bytes>, Infallible>>>;

fn respond(request: Request<Incoming>, fault: Fault, methods: Methods, dies: Arc<Notify>) -> Response<Body> {
    let (send, body) = mpsc::channel(16);
    let mut response = Response::new(StreamBody::new(ReceiverStream::new(body)));
    let content_type = match fault {
        Fault::ContentType => "application/json",
        _ => "application/grpc",
    };
    response.headers_mut().insert("content-type", HeaderValue::from_static(content_type));
    if fault == Fault::Http500 {
        *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
    }
    let kind = kind(request.uri().path(), methods);
    let deadline = request.headers().get("grpc-timeout").filter(|_| fault != Fault::IgnoresDeadline);
    let deadline = deadline.map_or(Duration::from_hours(1), timeout_of);
    let answer = Answer { names: Names::new(request.into_body(), fault), send, fault, dies };
    tokio::spawn(async move {
        let send = answer.send.clone();
        if timeout(deadline, answer.answer(kind)).await.is_err() {
            end(&send, "4").await;
        }
    });
    response
}

fn kind(path: &str, methods: Methods) -> Option<Kind> {
    let (service, names) = match methods {
        Methods::Default => (
            "helloworld.Greeter",
            ["SayHello", "SayHelloServerStreaming", "SayHelloClientStreaming", "SayHelloBiDiStreaming"],
        ),
        Methods::Other => ("hello.Greeter", ["SayHello", "LotsOfReplies", "LotsOfGreetings", "-"]),
    };
    let method = path.strip_prefix('/')?.strip_prefix(service)?.strip_prefix('/')?;
    let kinds = [Kind::Unary, Kind::ServerStream, Kind::ClientStream, Kind::Bidi];
    names.iter().position(|name| *name == method).map(|at| kinds[at])
}

fn timeout_of(value: &HeaderValue) -> Duration {
    let text = value.to_str().unwrap();
    let (amount, unit) = text.split_at(text.len() - 1);
    let amount = amount.parse().unwrap();
    match unit {
        "n" => Duration::from_nanos(amount),
        "u" => Duration::from_micros(amount),
        "m" => Duration::from_millis(amount),
        "S" => Duration::from_secs(amount),
        other => panic!("no unit of the checks: {other}"),
    }
}

/// The names of one call.
struct Names {
    body: Incoming,
    bytes: BytesMut,
    fault: Fault,
    count: usize,
    is_reset: bool,
}

impl Names {
    fn new(body: Incoming, fault: Fault) -> Self {
        Self { body, bytes: BytesMut::new(), fault, count: 0, is_reset: false }
    }

    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(message) = self.whole() {
                self.count += 1;
                return Some(Text::decode(message).unwrap_or_default().text);
            }
            let Ok(frame) = self.body.frame().await? else {
                self.is_reset = true;
                return None;
            };
            self.bytes.extend_from_slice(&frame.into_data().ok()?);
        }
    }

    fn whole(&mut self) -> Option<Bytes> {
        let length = self.bytes.get(1..5)?.try_into().unwrap();
        let length = u32::from_be_bytes(length) as usize;
        let there = self.bytes.len() - 5;
        if self.fault == Fault::FrameIsMessage {
            let frame = self.bytes.split().freeze().slice(5..);
            return Some(frame.slice(..length.min(there)));
        }
        if there < length {
            return None;
        }
        self.bytes.advance(5);
        Some(self.bytes.split_to(length).freeze())
    }
}

type Send = mpsc::Sender<Result<Frame<Bytes>, Infallible>>;

/// One call that is being answered.
struct Answer {
    names: Names,
    send: Send,
    fault: Fault,
    dies: Arc<Notify>,
}

impl Answer {
    async fn answer(mut self, kind: Option<Kind>) {
        let status = match kind {
            _ if self.fault == Fault::Mute => std::future::pending().await,
            None if self.fault == Fault::Unknown => "2",
            None => "12",
            Some(Kind::Bidi) if self.fault == Fault::NoBidi => "12",
            Some(Kind::Unary) => self.unary().await,
            Some(Kind::ServerStream) => self.numbered().await,
            Some(Kind::ClientStream) => self.together().await,
            Some(Kind::Bidi) => self.each().await,
        };
        if self.names.is_reset && self.fault == Fault::DiesOfCancel {
            self.dies.notify_one();
        }
        match self.fault {
            Fault::NoTrailers => {}
            Fault::StatusInWords => end(&self.send, "OK").await,
            _ => end(&self.send, status).await,
        }
    }

    async fn unary(&mut self) -> &'static str {
        let name = self.names.next().await.unwrap_or_default();
        if name.is_empty() && self.fault == Fault::NoEmptyName {
            return "3";
        }
        let name =
            if self.fault == Fault::MixesUp && name.starts_with("caller") { "caller 1" } else { &name };
        let greeting = self.greeting(name);
        let wrong = self.fault == Fault::WrongText;
        self.once(&if wrong { greeting.replace('e', "a") } else { greeting }).await;
        "0"
    }

    async fn numbered(&mut self) -> &'static str {
        let name = self.names.next().await.unwrap_or_default();
        let numbers = match self.fault {
            Fault::FourReplies => 1..=4,
            Fault::SixReplies => 1..=6,
            Fault::FromZero => 0..=4,
            Fault::Floods => 1..=usize::MAX,
            _ => 1..=5,
        };
        for number in numbers {
            if !self.say(&format!("{} Number {number}", self.greeting(&name))).await {
                break;
            }
        }
        "0"
    }

    async fn together(&mut self) -> &'static str {
        let mut names = Vec::new();
        while let Some(name) = self.names.next().await {
            names.push(name);
            if self.fault == Fault::BeforeHalfClose || self.fault == Fault::Tired(names.len()) {
                break;
            }
        }
        if names.is_empty() && self.fault == Fault::WaitsForAName {
            std::future::pending::<()>().await;
        }
        if self.fault == Fault::Sorted {
            names.sort();
        }
        self.once(&self.greeting(&names.join(", "))).await;
        "0"
    }

    async fn each(&mut self) -> &'static str {
        let mut waiting = Vec::new();
        while let Some(name) = self.names.next().await {
            let greeting = self.greeting(&name);
            if self.fault == Fault::Buffering {
                waiting.push(greeting);
            } else {
                self.say(&greeting).await;
            }
            if self.fault == Fault::OneShotBidi || self.fault == Fault::Tired(self.names.count) {
                return "0";
            }
        }
        for greeting in waiting {
            self.say(&greeting).await;
        }
        if self.fault == Fault::FailsAtTheEnd { "13" } else { "0" }
    }

    fn greeting(&self, name: &str) -> String {
        match self.fault {
            Fault::Escapes => format!("Hello, {name}\x1b[31m\x1b]0;owned\x07\r\n\u{202e}!"),
            Fault::AsciiOnly => {
                let ascii: String = name.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
                format!("Hello, {ascii}!")
            }
            _ => format!("Hello, {name}!"),
        }
    }

    /// The one reply of a call that has one.
    async fn once(&self, text: &str) {
        if self.fault == Fault::Cut {
            let message = framed(text, 0);
            let cut = message.slice(..message.len() - 3);
            // The client may be gone.
            let _gone = self.send.send(Ok(Frame::data(cut))).await;
            return;
        }
        self.say(text).await;
        if self.fault == Fault::ExtraReply {
            self.say(text).await;
        }
    }

    /// Whether it was taken.
    async fn say(&self, text: &str) -> bool {
        let message = framed(text, u8::from(self.fault == Fault::Flag));
        self.send.send(Ok(Frame::data(message))).await.is_ok()
    }
}

fn framed(text: &str, flag: u8) -> Bytes {
    let message = Text { text: text.to_owned() }.encode_to_vec();
    [&[flag][..], &(message.len() as u32).to_be_bytes(), &message].concat().into()
}

async fn end(send: &Send, status: &'static str) {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static(status));
    // The call may be over already.
    let _gone = send.send(Ok(Frame::trailers(trailers))).await;
}
