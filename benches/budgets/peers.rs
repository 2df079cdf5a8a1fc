//! The servers that are called, each a process of its own: `greeter serve`, and one that does nothing but
//! send replies made beforehand, so that it is never the slower side.

use std::{
    env,
    future::poll_fn,
    io::{self, BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    thread,
};

use bytes::{BufMut, Bytes, BytesMut};
use h2::{RecvStream, SendStream, server::SendResponse};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tokio::net::{TcpListener, TcpStream};

use crate::figure::Trouble;

/// The argument by which this program becomes the flood's server.
pub(crate) const BE_THE_FLOOD: &str = "--be-the-flood";
/// A name without a number: replies without an end. `flood of 4194304` are of that many bytes each, and in
/// front of `flood under 1000` come that many pieces of metadata.
pub(crate) const ENDLESS: &str = "flood";

/// What the flood's server says, again and again.
const REPLY: &str = "Hello, World! Number 1234567";
/// Replies in a DATA frame of 16 KiB, as a tonic server that has enough to say sends them.
const IN_A_FRAME: u64 = 16_384 / (REPLY.len() as u64 + 7);

/// How a reply travels.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// As many in a DATA frame as it holds.
    Together,
    /// Each in a DATA frame of its own, as grpc-go sends them.
    Alone,
}

impl Shape {
    /// The name that asks the flood's server for so many replies.
    pub(crate) fn ask(self, replies: u64) -> String {
        match self {
            Self::Together => replies.to_string(),
            Self::Alone => format!("{replies} alone"),
        }
    }
}

/// A server in a process of its own. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Peer {
    child: Child,
    pub(crate) address: String,
}

impl Peer {
    /// `greeter serve`, with so many replies in a stream and no pause between them.
    pub(crate) fn greeter(replies: u64) -> Result<Self, Trouble> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greeter"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--replies", &replies.to_string()]);
        Self::start(command.stdin(Stdio::null()))
    }

    /// The one that floods: see [`Shape::ask`] and [`ENDLESS`].
    pub(crate) fn flood() -> Result<Self, Trouble> {
        // It ends when its input ends, so it does not outlive this program.
        Self::start(Command::new(env::current_exe()?).arg(BE_THE_FLOOD).stdin(Stdio::piped()))
    }

    fn start(command: &mut Command) -> Result<Self, Trouble> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(said) = &mut child.stdout {
            BufReader::new(said).read_line(&mut line)?;
        }
        let address = line.trim_end().strip_prefix("listening on http://").map(str::to_owned);
        let address = address.ok_or_else(|| format!("a server said {line:?}"))?;
        Ok(Self { child, address })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// This program as the flood's server, until its input ends.
pub(crate) fn be_the_flood() -> Result<(), Trouble> {
    thread::spawn(|| {
        let _ = io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("listening on http://{}", listener.local_addr()?);
        loop {
            let (tcp, _) = listener.accept().await?;
            tokio::spawn(serve(tcp));
        }
    })
}

async fn serve(tcp: TcpStream) -> Result<(), Trouble> {
    tcp.set_nodelay(true)?;
    let mut connection = h2::server::handshake(tcp).await?;
    while let Some(accepted) = connection.accept().await {
        let (request, respond) = accepted?;
        tokio::spawn(answer(request, respond));
    }
    Ok(())
}

async fn answer(request: Request<RecvStream>, mut respond: SendResponse<Bytes>) -> Result<(), Trouble> {
    let response = Response::builder().header("content-type", "application/grpc");
    if request.uri().path().starts_with("/grpc.reflection") {
        respond.send_response(response.header("grpc-status", "12").body(())?, true)?;
        return Ok(());
    }
    let mut body = request.into_body();
    let name = name_in(&body.data().await.ok_or("no request came")??);
    // The other requests of the call are its business: they are taken, or it would be held back.
    tokio::spawn(async move {
        while let Some(Ok(data)) = body.data().await {
            let _ = body.flow_control().release_capacity(data.len());
        }
    });
    let (number, shape) = name.split_once(' ').unwrap_or((&name, ""));
    let mut response = response.body(())?;
    if let Some(pieces) = shape.strip_prefix("under ") {
        for piece in 0..pieces.parse::<u32>()? {
            response.headers_mut().append(HeaderName::try_from(format!("x-{piece}"))?, piece.into());
        }
    }
    let send = respond.send_response(response, false)?;
    pour(send, number.parse().unwrap_or(u64::MAX), shape).await
}

/// The one field of a `HelloRequest` in the first gRPC message; names here are short.
fn name_in(message: &[u8]) -> String {
    String::from_utf8_lossy(message.get(7..).unwrap_or_default()).into_owned()
}

async fn pour(mut send: SendStream<Bytes>, mut left: u64, shape: &str) -> Result<(), Trouble> {
    let (reply, in_a_frame) = match shape.strip_prefix("of ") {
        Some(size) => ("x".repeat(size.parse()?), 1),
        None if shape == "alone" => (REPLY.to_owned(), 1),
        None => (REPLY.to_owned(), IN_A_FRAME),
    };
    let frame = replies(&reply, in_a_frame);
    while left > 0 {
        let mut piece = frame.clone();
        if left < in_a_frame {
            piece = replies(&reply, left);
        }
        left -= left.min(in_a_frame);
        while !piece.is_empty() {
            send.reserve_capacity(piece.len());
            if send.capacity() == 0 {
                poll_fn(|cx| send.poll_capacity(cx)).await.ok_or("the call is over")??;
            }
            let part = send.capacity().min(piece.len());
            send.send_data(piece.split_to(part), false)?;
        }
    }
    let trailers = HeaderMap::from_iter([("grpc-status".parse()?, HeaderValue::from_static("0"))]);
    Ok(send.send_trailers(trailers)?)
}

/// Length-prefixed `HelloReply`s.
fn replies(reply: &str, count: u64) -> Bytes {
    let message = prost::Message::encode_to_vec(&Reply { message: reply.to_owned() });
    let mut bytes = BytesMut::new();
    for _ in 0..count {
        bytes.put_u8(0);
        bytes.put_u32(message.len() as u32);
        bytes.extend_from_slice(&message);
    }
    bytes.freeze()
}

/// A `HelloReply` of either contract.
#[derive(prost::Message)]
struct Reply {
    #[prost(string, tag = "1")]
    message: String,
}
