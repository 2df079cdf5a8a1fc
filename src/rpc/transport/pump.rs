//! The request's way to the peer: what may go now, and what waits for the peer's window.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use h2::SendStream;
use http_body::Body;

use crate::rpc::{
    connection::{FirstWindow, Held},
    report::Reporter,
    requests::InEncoder,
};

/// Moves the request's bytes to h2 as flow control allows.
#[derive(Debug)]
pub(super) struct Pump {
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
    /// A request's bytes, and where they go.
    pub(super) fn new(
        body: tonic::body::Body,
        send: SendStream<Bytes>,
        first_window: FirstWindow,
        reporter: Reporter,
        in_encoder: InEncoder,
    ) -> Self {
        let ahead = first_window.surely();
        let (chunk, next, ended, held, send) = (None, None, false, None, Some(send));
        Self { body, chunk, next, ended, ahead, held, first_window, send, reporter, in_encoder }
    }

    /// Hands over what there is and what the peer takes.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) {
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
