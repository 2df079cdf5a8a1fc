//! The request messages on their way from a face to the connection.
//!
//! A bounded queue between the two threads, and behind it the list of what was handed to tonic's encoder
//! and is not yet with h2: only what h2 has counts as sent.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker, ready},
};

use bytes::Bytes;
use futures_util::Stream;
use thiserror::Error;
use tokio::sync::Notify;

use super::{report::Reporter, run::PREFIX, words};
use crate::held::lock;

/// How many messages may wait to be sent.
pub const MAX_WAITING: usize = 16_384;
/// How many bytes may wait to be sent; one message may always wait, whatever its size.
pub const MAX_WAITING_BYTES: usize = 8 << 20;

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SendError {
    /// The peer takes no more for now.
    Full,
    /// The call is over, or its request stream was ended.
    Ended,
    /// It is larger than the call allows. Both in bytes.
    TooLarge {
        /// Of the message.
        size: u64,
        /// What may be sent.
        limit: u64,
    },
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not sent: {}", self.reason())
    }
}

impl SendError {
    /// Why, where it is said otherwise that nothing was sent.
    pub fn reason(&self) -> String {
        match self {
            Self::Full => "the server is slow to take messages, and enough of them wait already".to_owned(),
            Self::Ended => "this call takes no more messages".to_owned(),
            Self::TooLarge { size, limit } => words::of_size(*size, *limit),
        }
    }

    /// Whether a message may be sent by its size, where there is a limit; in bytes.
    pub fn check(message: &[u8], limit: Option<usize>) -> Result<(), Self> {
        match limit {
            Some(limit) if message.len() > limit => {
                Err(Self::TooLarge { size: message.len() as u64, limit: limit as u64 })
            }
            _ => Ok(()),
        }
    }
}

/// The queue. One face puts in, one call takes out.
#[derive(Debug, Default)]
pub(super) struct Queue {
    inner: Mutex<Waiting>,
    /// A message was taken out, or none will be.
    room: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    messages: VecDeque<Bytes>,
    bytes: usize,
    intake: Intake,
    reader: Option<Waker>,
}

/// Whether messages are taken, and what is behind the last of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Intake {
    /// They are.
    #[default]
    Open,
    /// They are not: the stream's end is behind them.
    Ended,
    /// They are not, and the stream stays as it is.
    Held,
}

impl Queue {
    /// An empty queue that is open.
    pub(super) fn open() -> Self {
        Self::default()
    }

    /// A queue of one message, ended.
    pub(super) fn of_one(message: Bytes) -> Self {
        let bytes = message.len();
        let messages = VecDeque::from([message]);
        let waiting = Waiting { messages, bytes, intake: Intake::Ended, reader: None };
        Self { inner: Mutex::new(waiting), room: Notify::new() }
    }

    /// Appends a message.
    pub(super) fn send(&self, message: Bytes) -> Result<(), SendError> {
        let mut waiting = self.lock();
        if waiting.intake != Intake::Open {
            return Err(SendError::Ended);
        }
        let full = waiting.messages.len() >= MAX_WAITING || waiting.bytes + message.len() > MAX_WAITING_BYTES;
        if full && !waiting.messages.is_empty() {
            return Err(SendError::Full);
        }
        waiting.bytes += message.len();
        waiting.messages.push_back(message);
        waiting.wake();
        Ok(())
    }

    /// Appends a message as soon as there is room for it. For one sender at a time.
    pub(super) async fn deliver(&self, message: Bytes) -> Result<(), SendError> {
        loop {
            let room = self.room.notified();
            match self.send(message.clone()) {
                Err(SendError::Full) => room.await,
                done => return done,
            }
        }
    }

    /// Ends the queue behind what waits.
    pub(super) fn end(&self) {
        let mut waiting = self.lock();
        if waiting.intake == Intake::Open {
            waiting.intake = Intake::Ended;
        }
        waiting.wake();
        self.room.notify_one();
    }

    /// Lets go of what waits and takes no more, and says nothing of that to the peer.
    pub(super) fn hold(&self) {
        *self.lock() = Waiting { intake: Intake::Held, ..Waiting::default() };
        self.room.notify_one();
    }

    /// Ends the queue and lets go of what waits: the call is over.
    pub(super) fn abandon(&self) {
        *self.lock() = Waiting { intake: Intake::Ended, ..Waiting::default() };
        self.room.notify_one();
    }

    fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Bytes>> {
        let mut waiting = self.lock();
        if let Some(message) = waiting.messages.pop_front() {
            waiting.bytes -= message.len();
            self.room.notify_one();
            return Poll::Ready(Some(message));
        }
        if waiting.intake == Intake::Ended {
            return Poll::Ready(None);
        }
        waiting.reader = Some(cx.waker().clone());
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        lock(&self.inner)
    }
}

impl Waiting {
    fn wake(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }
}

/// The messages that tonic's encoder has taken and h2 has not, and where each ends in the stream of bytes: that
/// is known when they are encoded, since they may be compressed.
#[derive(Debug, Clone, Default)]
pub(super) struct InEncoder {
    inner: Arc<Mutex<Encoding>>,
}

#[derive(Debug, Default)]
struct Encoding {
    messages: VecDeque<Bytes>,
    /// Of those that are encoded; no more than there are messages.
    ends: VecDeque<u64>,
    encoded: u64,
    handed: u64,
}

impl InEncoder {
    fn take(&self, message: Bytes) {
        self.lock().messages.push_back(message);
    }

    /// This came of the next of them: whole messages with their prefixes.
    pub(super) fn encoded(&self, mut bytes: &[u8]) {
        let mut encoding = self.lock();
        while let Some([_, length @ ..]) = bytes.first_chunk::<PREFIX>() {
            let size = PREFIX + u32::from_be_bytes(*length) as usize;
            encoding.encoded += size as u64;
            let end = encoding.encoded;
            encoding.ends.push_back(end);
            bytes = bytes.get(size..).unwrap_or_default();
        }
    }

    /// So many bytes more are with h2: calls `sent` with each message of which that was the end.
    pub(super) fn handed(&self, bytes: usize, mut sent: impl FnMut(Bytes)) {
        let mut encoding = self.lock();
        encoding.handed += bytes as u64;
        while encoding.ends.front().is_some_and(|end| *end <= encoding.handed) {
            encoding.ends.pop_front();
            if let Some(message) = encoding.messages.pop_front() {
                sent(message);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Encoding> {
        lock(&self.inner)
    }
}

/// The queue as the stream that tonic's encoder takes its messages from.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) queue: Arc<Queue>,
    pub(super) in_encoder: InEncoder,
    pub(super) reporter: Reporter,
}

impl Stream for Source {
    type Item = Bytes;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        ready!(self.reporter.poll_room(cx));
        let next = self.queue.poll_next(cx);
        if let Poll::Ready(Some(message)) = &next {
            self.in_encoder.take(message.clone());
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, StreamExt};

    use super::{
        super::{
            CallId, Outbox,
            report::{Listener, Told},
        },
        *,
    };

    fn source() -> (Arc<Queue>, Source) {
        let queue = Arc::new(Queue::open());
        let reporter = Reporter::new(Listener::Outbox(Outbox::new(), CallId(1)), Told::Each);
        (Arc::clone(&queue), Source { queue, in_encoder: InEncoder::default(), reporter })
    }

    #[test]
    fn messages_come_out_in_order_and_then_the_end() {
        let (queue, source) = source();
        queue.send(Bytes::from_static(b"a")).unwrap();
        queue.send(Bytes::from_static(b"b")).unwrap();
        queue.end();
        assert_eq!(queue.send(Bytes::new()), Err(SendError::Ended));
        assert_eq!(source.collect::<Vec<_>>().now_or_never().unwrap(), ["a", "b"]);
    }

    #[test]
    fn the_queue_is_bounded_in_messages_and_in_bytes() {
        let (queue, _source) = source();
        for _ in 0..MAX_WAITING {
            queue.send(Bytes::new()).unwrap();
        }
        assert_eq!(queue.send(Bytes::new()), Err(SendError::Full));

        let (queue, mut source) = self::source();
        queue.send(Bytes::from(vec![0; MAX_WAITING_BYTES + 1])).unwrap();
        assert_eq!(queue.send(Bytes::from_static(b"x")), Err(SendError::Full));
        source.next().now_or_never().unwrap();
        queue.send(Bytes::from_static(b"x")).unwrap();
    }

    #[test]
    fn who_delivers_waits_for_room_or_for_the_end() {
        let (queue, mut source) = source();
        queue.send(Bytes::from(vec![0; MAX_WAITING_BYTES])).unwrap();
        let mut waits = Box::pin(queue.deliver(Bytes::from_static(b"x")));
        assert!(waits.as_mut().now_or_never().is_none());
        source.next().now_or_never().unwrap();
        assert_eq!(waits.now_or_never(), Some(Ok(())));

        let (queue, _source) = self::source();
        queue.send(Bytes::from(vec![0; MAX_WAITING_BYTES])).unwrap();
        let mut waits = Box::pin(queue.deliver(Bytes::from_static(b"x")));
        assert!(waits.as_mut().now_or_never().is_none());
        queue.abandon();
        assert_eq!(waits.now_or_never(), Some(Err(SendError::Ended)));
    }

    #[test]
    fn a_message_counts_as_sent_with_its_last_byte() {
        let (queue, mut source) = source();
        for message in ["abc", "", "de"] {
            queue.send(Bytes::from(message)).unwrap();
            source.next().now_or_never().unwrap();
        }
        // As tonic hands them on; the last is compressed, and becomes larger.
        source.in_encoder.encoded(b"\0\0\0\0\x03abc");
        source.in_encoder.encoded(b"\0\0\0\0\0\x01\0\0\0\x05ab:de");
        let mut sent = Vec::new();
        let mut counts = Vec::new();
        for bytes in [7, 1, 4, 11] {
            source.in_encoder.handed(bytes, |message| sent.push(message));
            counts.push(sent.len());
        }
        assert_eq!(counts, [0, 1, 1, 3]);
        assert_eq!(sent, ["abc", "", "de"]);
    }
}
