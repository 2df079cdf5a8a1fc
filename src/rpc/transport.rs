//! tonic's transport, over h2 without anything between: one HTTP/2 stream for one call.
//!
//! Whoever polls the response also moves the request, so there is no task and no buffer in between, and
//! dropping what one holds drops the whole stream: h2 then sends `RST_STREAM(CANCEL)`, whatever the phase.
//!
//! Nothing of the peer's headers and trailers goes up to tonic, which panics on some of them, and no reply,
//! which tonic would take apart whether it is looked at or not. They are told to the [`Reporter`], and the end
//! of the call, good or bad, comes up as an [`Ending`].

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    thread,
    time::Duration,
};

use bytes::Bytes;
use h2::{
    RecvStream, SendStream,
    client::{ResponseFuture, SendRequest},
};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header::USER_AGENT};
use http_body::{Body, Frame};
use tower_service::Service;

use super::{
    CallId, ending::Ending, framing::Framing, packed::Packed, reading::Reading, report::Reporter,
    requests::InEncoder,
};
use crate::wire::{Labels, Reached};

/// Who calls: the program and its version.
pub(super) const AGENT: &str = concat!("grpc-greeter/", env!("CARGO_PKG_VERSION"));

/// What `user-agent` says of a caller that is known by a name of its own: that, and the program behind it. `None` where
/// the name cannot be in a header.
pub fn user_agent(name: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{name} {AGENT}")).ok().filter(|_| !name.trim().is_empty())
}

/// What a call takes in while the others wait: some tenths of a millisecond's work, in bytes.
const TURN: usize = 256 << 10;
/// The most of a request that goes with its headers, in one packet, where the peer takes it: in bytes.
const AHEAD: u32 = 16 << 10;
/// What a DATA frame costs beside its bytes.
const FRAME: usize = 256;
/// What a message costs beside its bytes where messages may be compressed: a decompressor begins anew with each.
const UNPACKING: usize = 4 << 10;
/// While the listener has so many bytes of replies to take, none is decompressed for it: the window bounds what
/// comes, and not what comes of it.
const MAX_HELD: usize = 1 << 20;

/// What the peer of a connection takes of a stream before it says more. Clones tell of the same connection.
#[derive(Debug, Clone)]
pub(super) struct FirstWindow {
    size: u32,
    /// How many streams have bytes that the peer does not take now.
    held: Arc<AtomicUsize>,
}

impl FirstWindow {
    /// A window of so many bytes (RFC 9113, section 6.9.2).
    pub(super) fn new(size: u32) -> Self {
        Self { size, held: Arc::default() }
    }

    /// What can be sent with the headers and is surely taken. While another stream is held up, that is
    /// nothing: the window that all streams share may be used up.
    fn surely(&self) -> usize {
        if self.held.load(Ordering::Relaxed) == 0 { self.size.min(AHEAD) as usize } else { 0 }
    }

    fn hold(&self) -> Held {
        self.held.fetch_add(1, Ordering::Relaxed);
        Held(Arc::clone(&self.held))
    }
}

/// A stream that is held up, until it is dropped.
#[derive(Debug)]
struct Held(Arc<AtomicUsize>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Makes one stream on a connection.
#[derive(Debug)]
pub(super) struct Transport {
    pub(super) connection: SendRequest<Bytes>,
    pub(super) labels: Option<Labels>,
    pub(super) call: CallId,
    /// What `user-agent` says where the metadata has none.
    pub(super) agent: HeaderValue,
    pub(super) reporter: Reporter,
    pub(super) in_encoder: InEncoder,
    pub(super) first_window: FirstWindow,
    pub(super) reading: Arc<Reading>,
    /// The largest reply that is taken, in bytes.
    pub(super) max_reply: usize,
}

impl Service<Request<tonic::body::Body>> for Transport {
    type Response = Response<Replies>;
    type Error = Ending;
    type Future = Opening;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Ending>> {
        // The call waited for its ticket before it came here.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<tonic::body::Body>) -> Opening {
        let (mut head, body) = request.into_parts();
        head.headers.entry(USER_AGENT).or_insert_with(|| self.agent.clone());
        let headers = Arc::new(head.headers.clone());
        let opened = self.connection.send_request(Request::from_parts(head, ()), false);
        let state = opened.map_err(|error| Some(Ending::of_h2(&error))).map(|(response, send)| {
            // The connection sends the headers when it has its turn: none has passed yet.
            // Asking what a server has is a call as well, and none of the user's: its number is 0.
            if let Some(labels) = self.labels.as_ref().filter(|_| self.call.0 > 0) {
                labels.label(response.stream_id().as_u32(), self.call.0);
            }
            self.reporter.started(response.stream_id(), headers);
            let pump = Pump {
                body,
                chunk: None,
                next: None,
                ended: false,
                ahead: self.first_window.surely(),
                held: None,
                first_window: self.first_window.clone(),
                send: Some(send),
                reporter: self.reporter.clone(),
                in_encoder: self.in_encoder.clone(),
            };
            (response, Some(pump))
        });
        let (labels, reporter) = (self.labels.clone(), self.reporter.clone());
        Opening { state, labels, reporter, reading: Arc::clone(&self.reading), max_reply: self.max_reply }
    }
}

/// A stream whose response's headers are awaited.
#[derive(Debug)]
pub(super) struct Opening {
    state: Result<(ResponseFuture, Option<Pump>), Option<Ending>>,
    labels: Option<Labels>,
    reporter: Reporter,
    reading: Arc<Reading>,
    max_reply: usize,
}

impl Future for Opening {
    type Output = Result<Response<Replies>, Ending>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let (response, pump) = match &mut this.state {
            Ok((response, pump)) => (response, pump),
            Err(ending) => {
                let again = || Ending::bad_response("the call was over already");
                return Poll::Ready(Err(ending.take().unwrap_or_else(again)));
            }
        };
        if let Some(pump) = pump {
            pump.poll(cx);
        }
        let (head, recv) = match ready!(Pin::new(response).poll(cx)) {
            Ok(response) => response.into_parts(),
            Err(error) => return Poll::Ready(Err(Ending::of_h2(&error))),
        };
        let headers = Arc::new(head.headers);
        this.reporter.headers(head.status, Arc::clone(&headers));
        if recv.is_end_stream() {
            return Poll::Ready(Err(Ending::of_trailers_only(head.status, &headers)));
        }
        if let Some(ending) = Ending::of_headers(head.status, &headers) {
            return Poll::Ready(Err(ending));
        }
        let framing = Framing::new(this.max_reply);
        let packed = Packed::of(&headers, this.max_reply);
        // The place within a compressed response is not known where its messages come out: nobody is to ask.
        let labels = this.labels.take().filter(|_| packed.is_none());
        let (pump, reporter) = (pump.take(), this.reporter.clone());
        let stream = recv.stream_id().as_u32();
        let replies = Replies {
            recv,
            pump,
            framing,
            packed,
            stream,
            labels,
            reporter,
            reading: Arc::clone(&this.reading),
            status: head.status,
            headers,
            came: 0,
            released: 0,
        };
        Poll::Ready(Ok(Response::new(replies)))
    }
}

/// The response's body. Nothing comes of it but the [`Ending`], as an error.
#[derive(Debug)]
pub(super) struct Replies {
    recv: RecvStream,
    pump: Option<Pump>,
    framing: Framing,
    /// There where its headers name an encoding.
    packed: Option<Packed>,
    stream: u32,
    labels: Option<Labels>,
    reporter: Reporter,
    reading: Arc<Reading>,
    status: StatusCode,
    headers: Arc<HeaderMap>,
    /// Bytes that came, and bytes of these for which the window was opened again.
    came: u64,
    released: u64,
}

impl Body for Replies {
    type Data = Bytes;
    type Error = Ending;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Ending>>> {
        let this = self.get_mut();
        if let Some(pump) = &mut this.pump {
            pump.poll(cx);
        }
        let at = this.reporter.at();
        let ending = this.take_a_turn(at, cx);
        if let Some(run) = this.framing.cut(at) {
            this.reporter.received(run);
        }
        this.open_the_window(cx);
        ending.map(|ending| Some(Err(ending)))
    }
}

impl Replies {
    fn take_a_turn(&mut self, at: Duration, cx: &mut Context<'_>) -> Poll<Ending> {
        // Who is to say how far the response is takes all that there is.
        let is_asked = self.labels.as_ref().is_some_and(|labels| labels.asks(self.stream));
        let mut left = if is_asked { usize::MAX } else { TURN };
        loop {
            match ready!(self.unpack(left, at, cx)) {
                Ok(0) => break,
                Ok(rest) => left = rest,
                Err(ending) => return Poll::Ready(ending),
            }
            let Poll::Ready(next) = self.recv.poll_data(cx) else {
                if is_asked {
                    self.say_how_far();
                }
                return Poll::Pending;
            };
            match next {
                Some(Ok(data)) => {
                    left = left.saturating_sub(data.len() + FRAME);
                    if let Err(ending) = self.data(&data, at) {
                        return Poll::Ready(ending);
                    }
                }
                Some(Err(error)) => return Poll::Ready(Ending::of_h2(&error)),
                None => {
                    let trailers = ready!(self.recv.poll_trailers(cx));
                    return Poll::Ready(match trailers {
                        Ok(trailers) => self.ended(trailers),
                        Err(error) => Ending::of_h2(&error),
                    });
                }
            }
        }
        // A stream at full speed has always more; the other calls get their turn, and the face's thread gets
        // one where there are fewer processors than there is work.
        cx.waker().wake_by_ref();
        thread::yield_now();
        Poll::Pending
    }

    /// All that the connection gave on was taken: the wire's log can go on from here.
    fn say_how_far(&self) {
        if let Some(labels) = &self.labels {
            let (messages, begun) = self.framing.reached();
            labels.reached(self.stream, Reached { bytes: self.came, messages, begun });
        }
    }

    fn data(&mut self, data: &Bytes, at: Duration) -> Result<(), Ending> {
        self.came += data.len() as u64;
        match &mut self.packed {
            None => self.framing.take(data, at, |run| self.reporter.received(run)),
            Some(packed) => {
                packed.take(data);
                Ok(())
            }
        }
    }

    /// Decompresses what came, as far as the turn and the listener have room for it. Says what is left of the turn.
    fn unpack(&mut self, mut left: usize, at: Duration, cx: &Context<'_>) -> Poll<Result<usize, Ending>> {
        let Some(packed) = &mut self.packed else { return Poll::Ready(Ok(left)) };
        while left > 0 {
            if self.reporter.untaken(cx) > MAX_HELD {
                return Poll::Pending;
            }
            let Some(message) = packed.next()? else { break };
            left = left.saturating_sub(message.len() + UNPACKING);
            self.framing.push(message, at, |run| self.reporter.received(run));
        }
        Poll::Ready(Ok(left))
    }

    /// Opens the stream's window again for all that came, but for replies that the listener must have and has
    /// not taken. What is not yet a whole reply holds nobody back. Not at all while the call is not to be read.
    fn open_the_window(&mut self, cx: &Context<'_>) {
        if self.reading.is_stopped(cx) {
            return;
        }
        // Of a compressed response more may be held than came.
        let done_with = self.came.saturating_sub(self.reporter.held(cx) as u64);
        if done_with > self.released {
            // It fails only for a stream that is gone, and then there is nothing to open.
            let _gone = self.recv.flow_control().release_capacity((done_with - self.released) as usize);
            self.released = done_with;
        }
    }

    fn ended(&self, trailers: Option<HeaderMap>) -> Ending {
        let missing = self.packed.as_ref().map_or_else(|| self.framing.missing(), Packed::missing);
        Ending::of_end(self.status, &self.headers, trailers, missing)
    }
}

/// Moves the request's bytes to h2 as flow control allows.
#[derive(Debug)]
struct Pump {
    body: tonic::body::Body,
    chunk: Option<Bytes>,
    /// One chunk ahead, so that `END_STREAM` rides on the last DATA where the end is known.
    next: Option<Bytes>,
    /// Nothing follows `next`.
    ended: bool,
    /// What may be handed over unasked, in bytes. h2 says how much it takes only when the headers are on
    /// their way, but of the peer's first window it is known: so both go in one packet, and a unary call is
    /// with the peer a write earlier.
    ahead: usize,
    /// There while the peer takes no more.
    held: Option<Held>,
    first_window: FirstWindow,
    /// `None` once everything was handed over, or the stream takes nothing more. Why it does not, the
    /// response tells.
    send: Option<SendStream<Bytes>>,
    reporter: Reporter,
    in_encoder: InEncoder,
}

impl Pump {
    fn poll(&mut self, cx: &mut Context<'_>) {
        while self.send.is_some() {
            self.fill(cx);
            let Some(send) = &mut self.send else { return };
            let size = match &self.chunk {
                Some(chunk) => chunk.len(),
                None if self.ended => 0,
                None => return,
            };
            if size > self.ahead {
                send.reserve_capacity(size);
                if send.capacity() == 0 {
                    match send.poll_capacity(cx) {
                        Poll::Ready(Some(Ok(_))) => continue,
                        Poll::Ready(_) => return self.stop(),
                        Poll::Pending => {
                            self.held.get_or_insert_with(|| self.first_window.hold());
                            return;
                        }
                    }
                }
                self.held = None;
            }
            let part = if size > self.ahead { send.capacity().min(size) } else { size };
            self.ahead = self.ahead.saturating_sub(part);
            let piece = self.chunk.as_mut().map(|chunk| chunk.split_to(part)).unwrap_or_default();
            if part == size {
                self.chunk = self.next.take();
            }
            let last = self.ended && self.chunk.is_none();
            if send.send_data(piece, last).is_err() {
                return self.stop();
            }
            self.in_encoder.handed(part, |message| self.reporter.sent(message));
            if last {
                self.reporter.end_of_stream();
                self.stop();
            }
        }
    }

    /// Takes chunks from tonic's encoder until there is one to send and one behind it.
    fn fill(&mut self, cx: &mut Context<'_>) {
        while !self.ended && self.next.is_none() {
            let frame = match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => frame,
                // The encoder has no error to tell: the codec and the source have none.
                Poll::Ready(Some(Err(_)) | None) => {
                    self.ended = true;
                    return;
                }
                Poll::Pending => return,
            };
            let Ok(data) = frame.into_data() else { continue };
            self.in_encoder.encoded(&data);
            if self.chunk.is_none() {
                self.chunk = Some(data);
            } else {
                self.next = Some(data);
            }
        }
    }

    fn stop(&mut self) {
        self.send = None;
    }
}
