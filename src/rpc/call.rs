//! One call, from its first wish to its status.
//!
//! A call waits for a connection and for its turn, is sent and answered, and ends. Cancelling, the
//! deadline and the closing of the channel hold in every one of these phases, in the same way: what the
//! call is at is dropped.

use std::{
    future::{pending, poll_fn},
    mem,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Uri, uri::PathAndQuery};
use tokio::{
    sync::Notify,
    time::{sleep_until, timeout},
};
use tonic::{Code, client::Grpc, codec::CompressionEncoding, metadata::MetadataMap};

use super::{
    CallId, Cause, Channel, Feed, Heard, Late, Origin, Outbox, Readiness, Status,
    codec::RawCodec,
    connect::NoConnection,
    connection::Connection,
    ending::Ending,
    feed::feed,
    gate::{Admission, Ticket},
    reading::Reading,
    report::{LastWord, Listener, Reporter, Telling, Told},
    requests::{InEncoder, Queue, SendError, Source},
    transport::Transport,
};
use crate::{compression::Encoding, held::lock};

/// The largest reply that is taken where nothing else is said, in bytes: what gRPC's own clients take.
pub const DEFAULT_MAX_REPLY: usize = 4 << 20;
/// More metadata than this, in values, is not sent; `http::HeaderMap` would panic not far above.
pub const MAX_METADATA: usize = 10_000;
/// `grpc-timeout` has at most eight digits ("gRPC over HTTP/2", Timeout); this is long enough for all.
const LONGEST_TIMEOUT: Duration = Duration::from_hours(10 * 365 * 24);

/// What a peer gets to say of a deadline that ran out here: its own timer began later, by the way to it.
const GRACE: Duration = Duration::from_millis(100);

/// What is called, and how.
#[derive(Debug)]
pub struct CallSpec {
    /// The call's number.
    pub id: CallId,
    /// `/package.Service/Method`.
    pub path: PathAndQuery,
    /// What is sent beside gRPC's own headers.
    pub metadata: HeaderMap,
    /// How long the call may take, counted from its beginning, waiting included.
    pub deadline: Option<Duration>,
    /// The request messages.
    pub requests: Requests,
    /// The largest reply that is taken, in bytes, after its decompression; see [`DEFAULT_MAX_REPLY`].
    pub max_reply: usize,
    /// The largest request message that is sent, in bytes; `None` is any.
    pub max_request: Option<usize>,
    /// How the request messages are compressed, if they are. Replies are taken in every [`Encoding`].
    pub compression: Option<Encoding>,
    /// What is done where there is no connection.
    pub readiness: Readiness,
}

impl CallSpec {
    /// A call as gRPC makes it where nothing else is said: no metadata, no deadline, replies up to
    /// [`DEFAULT_MAX_REPLY`], requests of any size, and no waiting for a server that is not there.
    pub fn new(id: CallId, path: PathAndQuery, requests: Requests) -> Self {
        Self {
            id,
            path,
            metadata: HeaderMap::new(),
            deadline: None,
            requests,
            max_reply: DEFAULT_MAX_REPLY,
            max_request: None,
            compression: None,
            readiness: Readiness::default(),
        }
    }
}

/// The request messages of a call, as their encoded bytes.
#[derive(Debug)]
pub enum Requests {
    /// One message, known now: unary and server-stream calls.
    One(Bytes),
    /// Messages that come later, by [`CallHandle::send`]: client-stream and bidi calls.
    Stream,
}

/// What can be done with a call that was begun. Dropping it cancels the call.
#[derive(Debug)]
pub struct CallHandle {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    queue: Arc<Queue>,
    reading: Arc<Reading>,
    cancel: Notify,
    max_request: Option<usize>,
    lack: Mutex<Lack>,
}

/// What a call waits for before anything of it is sent.
#[derive(Debug, Clone, Default)]
enum Lack {
    #[default]
    Nothing,
    /// A connection, the first or another one.
    Connection,
    /// The same, and why the last attempt failed.
    Reconnection(Arc<str>),
    /// A stream, of which the peer allows no more at once.
    Stream,
}

impl Shared {
    fn lack(&self) -> MutexGuard<'_, Lack> {
        lock(&self.lack)
    }
}

impl CallHandle {
    /// Puts a message behind those that wait to be sent. Never blocks.
    pub fn send(&self, message: Bytes) -> Result<(), SendError> {
        SendError::check(&message, self.shared.max_request)?;
        self.shared.queue.send(message)
    }

    /// Does the same as soon as there is room. For one sender at a time; dropped, it has sent nothing.
    pub async fn deliver(&self, message: Bytes) -> Result<(), SendError> {
        SendError::check(&message, self.shared.max_request)?;
        self.shared.queue.deliver(message).await
    }

    /// Ends the request stream behind what waits. A second time does nothing.
    pub fn half_close(&mut self) {
        self.shared.queue.end();
    }

    /// Opens the stream's window no more: what the peer may still send comes, and then it has to wait.
    pub fn stop_reading(&self) {
        self.shared.reading.stop();
    }

    /// Opens it again for all that came.
    pub fn read_on(&self) {
        self.shared.reading.go_on();
    }

    /// Cancels the call: `RST_STREAM(CANCEL)`, or nothing at all where nothing was sent.
    pub fn cancel(&self) {
        self.shared.cancel.notify_one();
    }
}

impl Drop for CallHandle {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl Channel {
    /// Begins a call. Never blocks; all that happens to it goes to `outbox`, the end exactly once.
    pub fn call(&self, spec: CallSpec, outbox: &Outbox) -> CallHandle {
        let listener = Listener::Outbox(outbox.clone(), spec.id);
        begin(self, spec, listener)
    }

    /// Begins a call of which nothing is to be lost: a peer that is faster than whoever takes from the feed is
    /// held back. Never blocks. Dropping the handle cancels the call.
    pub fn follow(&self, spec: CallSpec) -> (CallHandle, Feed) {
        let (writer, feed) = feed();
        let call = begin(self, spec, Listener::Feed(writer));
        (call, feed)
    }
}

fn begin(channel: &Channel, spec: CallSpec, listener: Listener) -> CallHandle {
    let (queue, told) = match &spec.requests {
        Requests::One(message) => (Queue::of_one(message.clone()), Told::Once),
        Requests::Stream => (Queue::open(), Told::Each),
    };
    let queue = Arc::new(queue);
    let reporter = Reporter::new(listener, told);
    let max_request = spec.max_request;
    let shared = Arc::new(Shared {
        queue,
        reading: Arc::default(),
        cancel: Notify::new(),
        max_request,
        lack: Mutex::default(),
    });
    let last_word = LastWord::new(reporter.clone());
    channel.runtime().spawn(live(channel.clone(), spec, reporter, last_word, Arc::clone(&shared)));
    CallHandle { shared }
}

async fn live(
    channel: Channel,
    spec: CallSpec,
    reporter: Reporter,
    last_word: LastWord,
    shared: Arc<Shared>,
) {
    let deadline = spec.deadline;
    let began = reporter.began();
    let mut conversation = pin!(converse(&channel, spec, reporter.clone(), &shared));
    let mut conversation = pin!(poll_fn(|cx| {
        let polled = conversation.as_mut().poll(cx);
        // Its end is told with the last word.
        if polled.is_pending() && reporter.tell() == Telling::Due {
            // What goes out is told when the connection has had its turn: a request is on its way before
            // anybody is woken to hear of it.
            cx.waker().wake_by_ref();
        }
        polled
    }));
    let (at, ending) = tokio::select! {
        // In this order: a call that was ended here and whose turn has just come must not begin.
        biased;
        () = shared.cancel.notified() => (reporter.at(), cancelled()),
        () = channel.link().closed() => (reporter.at(), Ending::channel_closed()),
        after = passed(began, deadline) => {
            let at = reporter.at();
            // The call is over; of its stream it is heard what the peer still says.
            shared.queue.hold();
            reporter.close();
            let heard = tokio::select! {
                biased;
                () = shared.cancel.notified() => Heard::Nothing(reporter.at().saturating_sub(at)),
                () = channel.link().closed() => Heard::Nothing(reporter.at().saturating_sub(at)),
                heard = heard(&reporter, conversation) => heard,
            };
            (at, deadline_exceeded(after, mem::take(&mut *shared.lack()), heard))
        }
        ending = &mut conversation => (reporter.at(), ending),
    };
    shared.queue.abandon();
    last_word.say(at, ending);
}

/// Listens for what the peer says of a deadline that has just run out.
async fn heard(reporter: &Reporter, conversation: impl Future<Output = Ending>) -> Heard {
    if !reporter.has_started() {
        return Heard::NotAsked;
    }
    let since = Instant::now();
    match timeout(GRACE, conversation).await {
        Ok(Ending { status, .. })
            if !matches!(status.origin, Origin::Here(_) | Origin::ConnectionLost(_)) =>
        {
            Heard::Said(Box::new(Late { after: since.elapsed(), status }))
        }
        _ => Heard::Nothing(since.elapsed().min(GRACE)),
    }
}

/// Returns when the deadline is over, never without one.
async fn passed(began: Instant, deadline: Option<Duration>) -> Duration {
    let at = deadline.and_then(|after| began.checked_add(after).map(|at| (after, at)));
    match at {
        Some((after, at)) => {
            sleep_until(at.into()).await;
            after
        }
        None => pending().await,
    }
}

fn cancelled() -> Ending {
    Status::by(Code::Cancelled, Cause::CancelledByYou).into()
}

fn deadline_exceeded(after: Duration, lack: Lack, heard: Heard) -> Ending {
    let cause = match lack {
        Lack::Nothing => Cause::DeadlineExceeded { after, heard: Some(heard) },
        Lack::Stream => Cause::DeadlineExceeded { after, heard: Some(Heard::Queued) },
        Lack::Connection => Cause::NotConnectedInTime(after, "the server had not answered yet".into()),
        Lack::Reconnection(why) => Cause::NotConnectedInTime(after, why.as_ref().into()),
    };
    Status::by(Code::DeadlineExceeded, cause).into()
}

/// The call itself. Dropping it at any point resets the stream, if there is one.
async fn converse(channel: &Channel, spec: CallSpec, reporter: Reporter, shared: &Shared) -> Ending {
    if let Requests::One(message) = &spec.requests
        && let Err(SendError::TooLarge { size, limit }) = SendError::check(message, shared.max_request)
    {
        return Ending::request_too_large(size, limit);
    }
    let readiness = spec.readiness;
    let request = match Prepared::new(channel, spec, &reporter, shared) {
        Ok(request) => request,
        Err(how) => return Status::by(Code::Internal, Cause::BadRequest(how)).into(),
    };
    match stream(channel, &reporter, readiness, shared).await {
        Ok((connection, ticket)) => {
            let ending = request.exchange(&connection, reporter).await.on(&connection);
            // The stream is gone with the line above; now the next call may have its place.
            drop(ticket);
            ending
        }
        Err(NoConnection::Lost(cause)) => Ending::not_connected(&cause),
        Err(NoConnection::Closed) => Ending::channel_closed(),
    }
}

/// Waits for a connection and for a place on it.
async fn stream(
    channel: &Channel,
    reporter: &Reporter,
    readiness: Readiness,
    shared: &Shared,
) -> Result<(Arc<Connection>, Ticket), NoConnection> {
    let mut over = None;
    let mut was_queued = false;
    let mut has_waited = false;
    loop {
        let lacks = |cause: &Arc<str>| {
            *shared.lack() = Lack::Reconnection(Arc::clone(cause));
            if readiness == Readiness::WaitForReady && !mem::replace(&mut has_waited, true) {
                reporter.waiting(cause);
            }
        };
        *shared.lack() = Lack::Connection;
        let connection = channel.link().connection(over.as_ref(), readiness, lacks).await?;
        let ticket = match connection.gate().enter() {
            Admission::Passed(ticket) => Some(ticket),
            Admission::Queued(place) => {
                *shared.lack() = Lack::Stream;
                if !was_queued {
                    was_queued = true;
                    reporter.queued();
                }
                place.called().await
            }
            Admission::Closed => None,
        };
        match ticket {
            Some(ticket) => {
                *shared.lack() = Lack::Nothing;
                return Ok((connection, ticket));
            }
            // Nothing was sent yet, so the call may as well go to the next connection.
            None => over = Some(connection),
        }
    }
}

/// A request that can be sent.
struct Prepared {
    id: CallId,
    origin: Uri,
    agent: HeaderValue,
    path: PathAndQuery,
    metadata: HeaderMap,
    deadline: Option<Duration>,
    source: Source,
    reading: Arc<Reading>,
    max_reply: usize,
    compression: Option<Encoding>,
}

impl Prepared {
    fn new(channel: &Channel, spec: CallSpec, reporter: &Reporter, shared: &Shared) -> Result<Self, String> {
        if spec.metadata.len() > MAX_METADATA {
            return Err(format!("{} metadata values are more than {MAX_METADATA}", spec.metadata.len()));
        }
        if !spec.path.as_str().starts_with('/') {
            return Err("a method's path begins with /".to_owned());
        }
        let origin = channel.origin().map_err(ToString::to_string)?.clone();
        let agent = channel.settings().user_agent.clone();
        let deadline = spec.deadline.filter(|after| reporter.began().checked_add(*after).is_some());
        let queue = Arc::clone(&shared.queue);
        let source = Source { queue, in_encoder: InEncoder::default(), reporter: reporter.clone() };
        let reading = Arc::clone(&shared.reading);
        let CallSpec { id, path, metadata, max_reply, compression, .. } = spec;
        Ok(Self { id, origin, agent, path, metadata, deadline, source, reading, max_reply, compression })
    }

    /// Sends the request and takes the replies.
    async fn exchange(self, connection: &Connection, reporter: Reporter) -> Ending {
        let transport = Transport {
            connection: connection.sender(),
            labels: connection.labels().cloned(),
            call: self.id,
            agent: self.agent,
            reporter: reporter.clone(),
            in_encoder: self.source.in_encoder.clone(),
            first_window: connection.first_window().clone(),
            reading: self.reading,
            max_reply: self.max_reply,
        };
        let mut request = tonic::Request::new(self.source);
        *request.metadata_mut() = MetadataMap::from_headers(self.metadata);
        if let Some(deadline) = self.deadline {
            let left = deadline.saturating_sub(reporter.began().elapsed());
            request.set_timeout(left.min(LONGEST_TIMEOUT));
        }
        // The transport has its own eye on the size.
        let mut grpc = Grpc::with_origin(transport, self.origin).max_decoding_message_size(usize::MAX);
        for encoding in Encoding::ALL {
            grpc = grpc.accept_compressed(by_tonic(encoding));
        }
        if let Some(encoding) = self.compression {
            grpc = grpc.send_compressed(by_tonic(encoding));
        }
        let ended = match grpc.streaming(request, self.path, RawCodec).await {
            // Nothing comes up of a response but its end.
            Ok(response) => response.into_inner().message().await.map(|_| ()),
            Err(error) => Err(error),
        };
        match ended {
            Err(error) => Ending::from_tonic(&error),
            Ok(()) => Ending::bad_response("the response ended without a status"),
        }
    }
}

fn by_tonic(encoding: Encoding) -> CompressionEncoding {
    match encoding {
        Encoding::Gzip => CompressionEncoding::Gzip,
        Encoding::Zstd => CompressionEncoding::Zstd,
    }
}
