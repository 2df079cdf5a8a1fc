//! tonic's transport, over h2 without anything between: one HTTP/2 stream for one call.
//!
//! Whoever polls the response also moves the request, so there is no task and no buffer in between, and
//! dropping what one holds drops the whole stream: h2 then sends `RST_STREAM(CANCEL)`, whatever the phase.
//!
//! Nothing of the peer's headers and trailers goes up to tonic, which panics on some of them, and no reply,
//! which tonic would take apart whether it is looked at or not. They are told to the [`Reporter`], and the end
//! of the call, good or bad, comes up as an [`Ending`].

mod pump;

use std::{
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    thread,
    time::Duration,
};

use bytes::Bytes;
use h2::{
    RecvStream,
    client::{ResponseFuture, SendRequest},
};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header::USER_AGENT};
use http_body::{Body, Frame};
use tower_service::Service;

use self::pump::Pump;
use super::{
    CallId, connection::FirstWindow, ending::Ending, framing::Framing, packed::Packed, reading::Reading,
    report::Reporter, requests::InEncoder,
};
use crate::wire::{Labels, Reached};

/// What a call takes in while the others wait: some tenths of a millisecond's work, in bytes.
const TURN: usize = 256 << 10;
/// What a DATA frame costs beside its bytes.
const FRAME: usize = 256;
/// What a message costs beside its bytes where messages may be compressed: a decompressor begins anew with each.
const UNPACKING: usize = 4 << 10;
/// While the listener has so many bytes of replies to take, none is decompressed for it: the window bounds what
/// comes, and not what comes of it.
const MAX_HELD: usize = 1 << 20;

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
    type Future = Responding;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Ending>> {
        // The call waited for its ticket before it came here.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<tonic::body::Body>) -> Responding {
        let (mut head, body) = request.into_parts();
        head.headers.entry(USER_AGENT).or_insert_with(|| self.agent.clone());
        let headers = Arc::new(head.headers.clone());
        let opened = self.connection.send_request(Request::from_parts(head, ()), false);
        let state = opened.map_or_else(
            |error| State::Refused(Ending::of_h2(&error)),
            |(response, send)| {
                // The connection sends the headers when it has its turn: none has passed yet.
                // Asking what a server has is a call as well, and none of the user's: its number is 0.
                if let Some(labels) = self.labels.as_ref().filter(|_| self.call.0 > 0) {
                    labels.label(response.stream_id().as_u32(), self.call.0);
                }
                self.reporter.started(response.stream_id(), headers);
                let (window, reporter) = (self.first_window.clone(), self.reporter.clone());
                let pump = Pump::new(body, send, window, reporter, self.in_encoder.clone());
                State::Sending(response, pump)
            },
        );
        let (labels, reporter) = (self.labels.clone(), self.reporter.clone());
        Responding { state, labels, reporter, reading: Arc::clone(&self.reading), max_reply: self.max_reply }
    }
}

/// Where such a stream is.
#[derive(Debug)]
enum State {
    /// Its request goes out.
    Sending(ResponseFuture, Pump),
    /// It was never begun.
    Refused(Ending),
    /// The headers came, or the end.
    Done,
}

/// A stream whose response's headers are awaited.
#[derive(Debug)]
pub(super) struct Responding {
    state: State,
    labels: Option<Labels>,
    reporter: Reporter,
    reading: Arc<Reading>,
    max_reply: usize,
}

impl Future for Responding {
    type Output = Result<Response<Replies>, Ending>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        match mem::replace(&mut this.state, State::Done) {
            State::Sending(mut response, mut pump) => {
                pump.poll(cx);
                match Pin::new(&mut response).poll(cx) {
                    Poll::Ready(came) => Poll::Ready(this.came(came, pump)),
                    Poll::Pending => {
                        this.state = State::Sending(response, pump);
                        Poll::Pending
                    }
                }
            }
            State::Refused(ending) => Poll::Ready(Err(ending)),
            State::Done => Poll::Ready(Err(Ending::bad_response("the call was over already"))),
        }
    }
}

impl Responding {
    /// The response's headers came, or an end in their place.
    fn came(
        &mut self,
        came: Result<Response<RecvStream>, h2::Error>,
        pump: Pump,
    ) -> Result<Response<Replies>, Ending> {
        let (head, recv) = came.map_err(|error| Ending::of_h2(&error))?.into_parts();
        let headers = Arc::new(head.headers);
        self.reporter.headers(head.status, Arc::clone(&headers));
        if recv.is_end_stream() {
            return Err(Ending::of_trailers_only(head.status, &headers));
        }
        if let Some(ending) = Ending::of_headers(head.status, &headers) {
            return Err(ending);
        }
        let framing = Framing::new(self.max_reply);
        let packed = Packed::of(&headers, self.max_reply);
        // The place within a compressed response is not known where its messages come out: nobody is to ask.
        let labels = self.labels.take().filter(|_| packed.is_none());
        let reporter = self.reporter.clone();
        let stream = recv.stream_id().as_u32();
        let replies = Replies {
            recv,
            pump: Some(pump),
            framing,
            packed,
            stream,
            labels,
            reporter,
            reading: Arc::clone(&self.reading),
            status: head.status,
            headers,
            came: 0,
            released: 0,
        };
        Ok(Response::new(replies))
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
