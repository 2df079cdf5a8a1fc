//! A peer that says and hears HTTP/2 frame by frame, and so can break every rule there is.

use std::net::SocketAddr;

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::soon;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

pub(crate) const MAX_CONCURRENT_STREAMS: u16 = 3;
pub(crate) const INITIAL_WINDOW_SIZE: u16 = 4;

pub(crate) const NO_ERROR: u32 = 0;
pub(crate) const CANCEL: u32 = 8;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const MAX_FRAME: usize = 16_384;

/// A frame as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    pub(crate) fn ends_stream(&self) -> bool {
        matches!(self.kind, DATA | HEADERS) && self.flags & END_STREAM != 0
    }

    pub(crate) fn setting(&self, id: u16) -> Option<u32> {
        self.payload
            .chunks(6)
            .find(|entry| entry[..2] == id.to_be_bytes())
            .map(|entry| u32::from_be_bytes(entry[2..].try_into().unwrap()))
    }

    pub(crate) fn error_code(&self) -> u32 {
        assert!(matches!(self.kind, RST_STREAM | GOAWAY), "{self:?}");
        let at = if self.kind == GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap())
    }
}

/// A message with its gRPC prefix.
pub(crate) fn message(body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend((body.len() as u32).to_be_bytes());
    bytes.extend(body);
    bytes
}

/// A header block of literals that leave the dynamic table alone (RFC 7541, section 6.2.2).
pub(crate) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            integer(&mut block, text.len());
            block.extend(text.as_bytes());
        }
    }
    block
}

/// An integer with a prefix of seven bits (RFC 7541, section 5.1).
fn integer(block: &mut Vec<u8>, value: usize) {
    if value < 127 {
        block.push(value as u8);
        return;
    }
    block.push(127);
    let mut rest = value - 127;
    while rest >= 128 {
        block.push((rest % 128 + 128) as u8);
        rest /= 128;
    }
    block.push(rest as u8);
}

/// Where a peer waits for connections.
pub(crate) struct Listener {
    listener: TcpListener,
}

impl Listener {
    pub(crate) async fn bind() -> Self {
        Self::bind_to(([127, 0, 0, 1], 0).into()).await
    }

    pub(crate) async fn bind_to(address: SocketAddr) -> Self {
        Self { listener: TcpListener::bind(address).await.unwrap() }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// A connection, as bytes.
    pub(crate) async fn accept_tcp(&self) -> TcpStream {
        let (tcp, _) = soon(self.listener.accept()).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        tcp
    }

    /// A connection whose preface came, and to which nothing was said.
    pub(crate) async fn accept_mute(&self) -> Peer {
        let mut tcp = self.accept_tcp().await;
        let mut preface = [0; PREFACE.len()];
        soon(tcp.read_exact(&mut preface)).await.unwrap();
        assert_eq!(preface, PREFACE);
        Peer { tcp, window: 0 }
    }

    /// A connection on which both sides said their SETTINGS.
    pub(crate) async fn accept(&self) -> Peer {
        self.accept_with(&[]).await
    }

    pub(crate) async fn accept_with(&self, settings: &[(u16, u32)]) -> Peer {
        let mut peer = self.accept_mute().await;
        peer.settings(settings).await;
        peer
    }
}

/// One connection of a peer.
pub(crate) struct Peer {
    tcp: TcpStream,
    /// What the client takes of a stream, if there is one.
    window: usize,
}

impl Peer {
    pub(crate) async fn settings(&mut self, settings: &[(u16, u32)]) {
        self.raw(&settings_frame(settings)).await;
    }

    pub(crate) async fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        self.raw(&frame(kind, flags, stream, payload)).await;
    }

    pub(crate) async fn raw(&mut self, bytes: &[u8]) {
        soon(self.tcp.write_all(bytes)).await.unwrap();
    }

    pub(crate) async fn headers(&mut self, stream: u32, fields: &[(&str, &str)]) {
        self.header_block(stream, 0, &block(fields)).await;
    }

    /// Headers that are the end of the stream.
    pub(crate) async fn trailers(&mut self, stream: u32, fields: &[(&str, &str)]) {
        self.header_block(stream, END_STREAM, &block(fields)).await;
    }

    /// The same to a client that may hang up before it has all.
    pub(crate) async fn trailers_or_less(&mut self, stream: u32, fields: &[(&str, &str)]) {
        let _may_be_gone = soon(self.tcp.write_all(&header_block(stream, END_STREAM, &block(fields)))).await;
    }

    async fn header_block(&mut self, stream: u32, flags: u8, block: &[u8]) {
        self.raw(&header_block(stream, flags, block)).await;
    }

    /// The headers of a response that keeps the rules.
    pub(crate) async fn grpc(&mut self, stream: u32) {
        self.headers(stream, &[(":status", "200"), ("content-type", "application/grpc")]).await;
    }

    pub(crate) async fn data(&mut self, stream: u32, bytes: &[u8]) {
        self.send(DATA, 0, stream, bytes).await;
    }

    /// A whole response with one reply.
    pub(crate) async fn answer(&mut self, stream: u32) {
        self.grpc(stream).await;
        self.data(stream, &message(b"hi")).await;
        self.trailers(stream, &[("grpc-status", "0")]).await;
    }

    pub(crate) async fn reset(&mut self, stream: u32, code: u32) {
        self.send(RST_STREAM, 0, stream, &code.to_be_bytes()).await;
    }

    /// Takes so many bytes more of a stream, or of all streams where it is 0.
    pub(crate) async fn opens(&mut self, stream: u32, bytes: u32) {
        self.send(WINDOW_UPDATE, 0, stream, &bytes.to_be_bytes()).await;
    }

    pub(crate) async fn go_away(&mut self, last: u32, code: u32) {
        self.raw(&go_away_frame(last, code)).await;
    }

    /// The next frame, or `None` at the end of the connection. SETTINGS are answered.
    pub(crate) async fn frame(&mut self) -> Option<Frame> {
        let frame = self.read_frame().await?;
        match frame.kind {
            SETTINGS if frame.flags & ACK == 0 => {
                self.window = frame.setting(INITIAL_WINDOW_SIZE).unwrap_or(65_535) as usize;
                // The client may be gone already.
                let _gone = self.tcp.write_all(&self::frame(SETTINGS, ACK, 0, &[])).await;
            }
            WINDOW_UPDATE if frame.stream != 0 => {
                self.window += u32::from_be_bytes(frame.payload[..4].try_into().unwrap()) as usize;
            }
            _ => {}
        }
        Some(frame)
    }

    async fn read_frame(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        soon(self.tcp.read_exact(&mut head)).await.ok()?;
        let [a, b, c, kind, flags, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        soon(self.tcp.read_exact(&mut payload)).await.ok()?;
        Some(Frame { kind, flags, stream: u32::from_be_bytes(stream), payload })
    }

    /// The frames that come in one piece, from the next on.
    pub(crate) async fn together(&mut self) -> Vec<u8> {
        let mut bytes = vec![0; MAX_FRAME];
        let length = soon(self.tcp.read(&mut bytes)).await.unwrap();
        let (mut kinds, mut rest) = (Vec::new(), &bytes[..length]);
        while let [a, b, c, kind, ..] = rest {
            kinds.push(*kind);
            rest = &rest[9 + u32::from_be_bytes([0, *a, *b, *c]) as usize..];
        }
        kinds
    }

    /// The next frame of a stream.
    pub(crate) async fn stream_frame(&mut self) -> Option<Frame> {
        loop {
            let frame = self.frame().await?;
            match frame.kind {
                DATA | HEADERS | RST_STREAM => return Some(frame),
                _ => {}
            }
        }
    }

    /// Reads until a request's headers came, and gives its stream.
    pub(crate) async fn request(&mut self) -> u32 {
        loop {
            let frame = self.stream_frame().await.expect("a request");
            if frame.kind == HEADERS {
                return frame.stream;
            }
        }
    }

    /// Reads until the client has ended its request.
    pub(crate) async fn whole_request(&mut self) -> u32 {
        loop {
            let frame = self.stream_frame().await.expect("a request's end");
            if frame.ends_stream() {
                return frame.stream;
            }
        }
    }

    /// Waits until the client's windows take so many bytes more of one stream, the only one, and takes them.
    pub(crate) async fn take_window(&mut self, bytes: usize) {
        while self.window < bytes {
            self.frame().await.expect("a window update");
        }
        self.window -= bytes;
    }

    /// Whether the client takes so many bytes more of the only stream, when all is said that it had to say.
    pub(crate) async fn has_window(&mut self, bytes: usize) -> bool {
        self.rest().await;
        self.window >= bytes
    }

    /// All frames of streams that were sent before the client saw what the peer says now.
    pub(crate) async fn rest(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        // h2 answers a PING before it sends what waits, so what waited is there with the second answer.
        for round in 0..2u64 {
            self.send(PING, 0, 0, &round.to_be_bytes()).await;
            loop {
                let frame = self.frame().await.expect("the answer to a PING");
                match frame.kind {
                    PING if frame.payload == round.to_be_bytes() => break,
                    DATA | HEADERS | RST_STREAM => frames.push(frame),
                    _ => {}
                }
            }
        }
        frames
    }

    /// Waits for the client to leave: all frames that it still sent.
    pub(crate) async fn last_frames(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        while let Some(frame) = self.frame().await {
            frames.push(frame);
        }
        frames
    }

    /// Waits for the client to leave: true if it said `GOAWAY(NO_ERROR)`.
    pub(crate) async fn goodbye(&mut self) -> bool {
        let is_polite = |frame: &Frame| frame.kind == GOAWAY && frame.error_code() == NO_ERROR;
        self.last_frames().await.iter().any(is_polite)
    }

    /// Waits for the client to leave, which never began a stream.
    pub(crate) async fn leaves_without_a_call(&mut self) {
        let mut frames = self.last_frames().await;
        frames.retain(|frame| matches!(frame.kind, DATA | HEADERS | RST_STREAM));
        assert_eq!(frames, []);
    }
}

pub(crate) fn settings_frame(settings: &[(u16, u32)]) -> Bytes {
    let payload: Vec<u8> = settings
        .iter()
        .flat_map(|(id, value)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat())
        .collect();
    frame(SETTINGS, 0, 0, &payload)
}

pub(crate) fn go_away_frame(last: u32, code: u32) -> Bytes {
    frame(GOAWAY, 0, 0, &[last.to_be_bytes(), code.to_be_bytes()].concat())
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Bytes {
    let [_, length @ ..] = (payload.len() as u32).to_be_bytes();
    [&length[..], &[kind, flags], &stream.to_be_bytes(), payload].concat().into()
}

/// A header block in as many frames as it takes.
fn header_block(stream: u32, flags: u8, block: &[u8]) -> Vec<u8> {
    let mut chunks = block.chunks(MAX_FRAME).peekable();
    let mut kind = HEADERS;
    let mut flags = flags;
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next() {
        let end = if chunks.peek().is_none() { END_HEADERS } else { 0 };
        bytes.extend(frame(kind, flags | end, stream, chunk));
        (kind, flags) = (CONTINUATION, 0);
    }
    bytes
}
