//! Calls as the server saw them: when each came, what went both ways, and how it ended.
//!
//! A call is one line that fills up, not a line for each thing that happens: a stream at full speed
//! costs the log two additions a message, and the newest [`CallLog::MAX_LINES`] calls are kept.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::held::lock;

/// A call as the server saw it, at the moment of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallLine {
    /// Counted from 1, in the order of their coming.
    pub number: u64,
    /// `/package.Service/Method`, as the peer wrote it. Foreign text, cut at 200 bytes.
    pub path: String,
    /// When it came, since the server's start.
    pub at: Duration,
    /// Request messages that came.
    pub received: u64,
    /// Reply messages that went.
    pub sent: u64,
    /// When the peer ended its stream, since the call began.
    pub half_closed: Option<Duration>,
    /// When it ended, since the call began, and how.
    pub end: Option<(Duration, CallEnd)>,
}

/// How a call ended for the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallEnd {
    /// With this status code of its own.
    Status(i32),
    /// Its deadline ran out.
    Deadline,
    /// The peer cancelled it, or went away.
    Cancelled,
    /// The server was stopped under it; nobody saw when.
    Stopped,
}

/// The newest calls.
#[derive(Debug)]
pub(super) struct CallLog {
    start: Instant,
    calls: Mutex<(u64, VecDeque<Arc<Seen>>)>,
}

impl Default for CallLog {
    fn default() -> Self {
        Self { start: Instant::now(), calls: Mutex::default() }
    }
}

impl CallLog {
    /// The calls that are kept.
    pub(super) const MAX_LINES: usize = 100;
    const MAX_PATH: usize = 200;

    /// Begins a call's line.
    pub(super) fn begin(&self, path: &str) -> Watched {
        let path = path[..path.floor_char_boundary(Self::MAX_PATH)].to_owned();
        let mut calls = lock(&self.calls);
        calls.0 += 1;
        let seen = Arc::new(Seen { number: calls.0, path, began: Instant::now(), ..Seen::new() });
        if calls.1.len() == Self::MAX_LINES {
            calls.1.pop_front();
        }
        calls.1.push_back(Arc::clone(&seen));
        Watched(seen)
    }

    /// The newest calls, newest last.
    pub(super) fn lines(&self) -> Vec<CallLine> {
        let calls = lock(&self.calls);
        calls.1.iter().map(|seen| seen.line(self.start)).collect()
    }
}

/// What is seen of one call.
#[derive(Debug)]
struct Seen {
    number: u64,
    path: String,
    began: Instant,
    received: AtomicU64,
    sent: AtomicU64,
    half_closed: OnceLock<Duration>,
    end: OnceLock<(Duration, CallEnd)>,
}

impl Seen {
    fn new() -> Self {
        Self {
            number: 0,
            path: String::new(),
            began: Instant::now(),
            received: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            half_closed: OnceLock::new(),
            end: OnceLock::new(),
        }
    }

    fn line(&self, start: Instant) -> CallLine {
        CallLine {
            number: self.number,
            path: self.path.clone(),
            at: self.began.saturating_duration_since(start),
            received: self.received.load(Relaxed),
            sent: self.sent.load(Relaxed),
            half_closed: self.half_closed.get().copied(),
            end: self.end.get().copied(),
        }
    }
}

/// A call being watched. Dropped without an end, it was cancelled.
#[derive(Debug)]
pub(super) struct Watched(Arc<Seen>);

impl Watched {
    /// The call ended. Only the first end counts.
    pub(super) fn end(&self, how: CallEnd) {
        let _ = self.0.end.set((self.0.began.elapsed(), how));
    }

    /// Counts the messages in data that goes out.
    pub(super) fn sent(&self, framing: &mut Messages, data: &[u8]) {
        self.0.sent.fetch_add(framing.count(data), Relaxed);
    }

    /// A request body whose messages and end are seen.
    pub(super) fn requests<B>(&self, body: B) -> RequestBody<B> {
        RequestBody { body, framing: Messages::default(), seen: Arc::clone(&self.0) }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.end(CallEnd::Cancelled);
    }
}

/// Counts gRPC messages in a body by their prefixes, however the bytes are cut.
#[derive(Debug, Default)]
pub(super) struct Messages {
    /// What is missing of the present message.
    missing: usize,
    prefix: [u8; 5],
    filled: usize,
}

impl Messages {
    /// How many messages are completed by these bytes.
    fn count(&mut self, mut data: &[u8]) -> u64 {
        let mut completed = 0;
        while !data.is_empty() {
            if self.missing > 0 {
                let taken = self.missing.min(data.len());
                self.missing -= taken;
                data = &data[taken..];
                completed += u64::from(self.missing == 0);
                continue;
            }
            let taken = (self.prefix.len() - self.filled).min(data.len());
            self.prefix[self.filled..self.filled + taken].copy_from_slice(&data[..taken]);
            self.filled += taken;
            data = &data[taken..];
            if self.filled == self.prefix.len() {
                let [_, length @ ..] = self.prefix;
                self.filled = 0;
                self.missing = u32::from_be_bytes(length) as usize;
                completed += u64::from(self.missing == 0);
            }
        }
        completed
    }
}

/// The request messages of a call on their way in.
#[derive(Debug)]
pub(super) struct RequestBody<B> {
    body: B,
    framing: Messages,
    seen: Arc<Seen>,
}

impl<B: Body<Data = Bytes> + Unpin> Body for RequestBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            this.seen.received.fetch_add(this.framing.count(data), Relaxed);
        }
        if matches!(polled, Poll::Ready(None)) || this.body.is_end_stream() {
            this.seen.half_closed.get_or_init(|| this.seen.began.elapsed());
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_however_their_bytes_are_cut() {
        let mut bytes = Vec::new();
        for length in [0_u32, 1, 3, 0, 300] {
            bytes.push(0);
            bytes.extend(length.to_be_bytes());
            bytes.extend(vec![7; length as usize]);
        }
        for size in 1..bytes.len() {
            let mut messages = Messages::default();
            let counted: u64 = bytes.chunks(size).map(|chunk| messages.count(chunk)).sum();
            assert_eq!(counted, 5, "in pieces of {size}");
        }
    }

    #[test]
    fn the_newest_calls_are_kept_and_what_is_dropped_was_cancelled() {
        let log = CallLog::default();
        for _ in 0..CallLog::MAX_LINES + 5 {
            log.begin("/a.Service/Method").end(CallEnd::Status(0));
        }
        drop(log.begin("/a.Service/Last"));
        let lines = log.lines();
        assert_eq!(lines.len(), CallLog::MAX_LINES);
        let last = lines.last().unwrap();
        assert_eq!((last.number, last.path.as_str()), (CallLog::MAX_LINES as u64 + 6, "/a.Service/Last"));
        assert_eq!(last.end.unwrap().1, CallEnd::Cancelled);
        assert_eq!(lines[0].end.unwrap().1, CallEnd::Status(0));
    }
}
