//! One HTTP/2 connection: made, kept moving, and seen to its end.
//!
//! A connection lives as long as somebody holds it. When the last holder lets go, h2 says GOAWAY and
//! the socket is closed.

use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError, Weak},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt;
use h2::client::SendRequest;
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    net::{TcpStream, lookup_host},
    sync::{oneshot, watch},
    time::{Instant, timeout, timeout_at},
};

use super::{
    gate::Gate,
    target::{Host, Target},
    transport::FirstWindow,
    words,
};
use crate::wire::{Ear, FirstWords, Labels, Opening, Tap, WireLog};

/// What one stream may have unread: enough for a long way, little enough that a stream that nobody
/// drains is held back.
const STREAM_WINDOW: u32 = 1 << 20;
/// What all streams together may have unread. Large, so that no stream is held back by another.
const CONNECTION_WINDOW: u32 = 64 << 20;
/// h2 ends a connection on which many DATA frames under 256 bytes lie unread, and a frame costs what it
/// lacks of 256 bytes: this many bytes are 300,000 of Greeter's replies.
const SMALL_FRAMES_BUDGET: usize = 64 << 20;
/// The headers of one response, counted as in RFC 9113, section 6.5.2.
pub(super) const MAX_HEADERS: u32 = 1 << 20;
/// A stream that was cancelled is remembered, so that what was on its way is ignored.
const REMEMBERED_RESETS: usize = 4096;
/// Name servers may answer with any number of addresses.
const MAX_ADDRESSES: usize = 8;
/// How long a connection that nobody holds may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);
/// When an idle peer is asked whether it is still there, how often, and how many times.
const KEEPALIVE: Duration = Duration::from_secs(20);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_RETRIES: u32 = 3;

type H2Connection = h2::client::Connection<Tap<TcpStream, (Opening, Option<Ear>)>, Bytes>;

/// A connection whose peer's SETTINGS came.
#[derive(Debug)]
pub(super) struct Connection {
    send: SendRequest<Bytes>,
    /// Asked after each step of the connection whether new streams may still begin.
    probe: Mutex<SendRequest<Bytes>>,
    gate: Arc<Gate>,
    peer: SocketAddr,
    first_window: FirstWindow,
    gone: watch::Receiver<()>,
    labels: Option<Labels>,
    /// Dropped with the connection, which tells its task that nobody holds it.
    _held: oneshot::Sender<()>,
}

/// Tells, in words, why no new stream begins on a connection any more.
pub(super) type Over = oneshot::Receiver<String>;

impl Connection {
    pub(super) fn sender(&self) -> SendRequest<Bytes> {
        self.send.clone()
    }

    pub(super) fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    pub(super) fn peer(&self) -> SocketAddr {
        self.peer
    }

    pub(super) fn first_window(&self) -> &FirstWindow {
        &self.first_window
    }

    /// Ends with the connection's task: then all was said that could be.
    pub(super) fn gone(&self) -> watch::Receiver<()> {
        self.gone.clone()
    }

    /// Says on the wire's log which call a stream is, where there is one.
    pub(super) fn labels(&self) -> Option<&Labels> {
        self.labels.as_ref()
    }

    fn poll_going_away(&self, cx: &mut Context<'_>) -> Option<h2::Error> {
        match self.probe.lock().unwrap_or_else(PoisonError::into_inner).poll_ready(cx) {
            Poll::Ready(Err(error)) => Some(error),
            _ => None,
        }
    }
}

/// Connects to a target, address by address, within `limit` in all. What passes is written into `wire`, if
/// there is one. The error is the cause in words.
pub(super) async fn dial(
    target: &Target,
    limit: Duration,
    wire: Option<&WireLog>,
) -> Result<(Arc<Connection>, Over), String> {
    let by = Instant::now() + limit;
    let addresses = match timeout_at(by, resolve(target)).await {
        Ok(addresses) => addresses?,
        Err(_) => return Err(format!("no answer from the name server for {}", words::of_duration(limit))),
    };
    let mut causes: Vec<(SocketAddr, String)> = Vec::new();
    for (tried, address) in addresses.iter().enumerate() {
        // One address that swallows everything must not take the time of those behind it.
        let left = by.saturating_duration_since(Instant::now());
        let share = left / (addresses.len() - tried) as u32;
        match connect(*address, share.max(Duration::from_millis(1)), wire).await {
            Ok(connection) => return Ok(connection),
            Err(cause) => causes.push((*address, cause)),
        }
    }
    Err(in_one(&causes))
}

/// One sentence for the failures at all addresses; the addresses are named only where they differ.
fn in_one(causes: &[(SocketAddr, String)]) -> String {
    match causes.split_first() {
        None => "the name has no address".to_owned(),
        Some(((_, first), rest)) if rest.iter().all(|(_, cause)| cause == first) => first.clone(),
        Some(_) => {
            let each: Vec<_> =
                causes.iter().map(|(address, cause)| format!("{}: {cause}", address.ip())).collect();
            each.join("; ")
        }
    }
}

async fn resolve(target: &Target) -> Result<Vec<SocketAddr>, String> {
    match target.host() {
        Host::Ip(ip) => Ok(vec![SocketAddr::new(*ip, target.port())]),
        Host::Name(name) => {
            let found = lookup_host((name.as_str(), target.port()));
            let found = found.await.map_err(|error| words::of_resolving(&error, name))?;
            Ok(found.take(MAX_ADDRESSES).collect())
        }
    }
}

async fn connect(
    peer: SocketAddr,
    limit: Duration,
    wire: Option<&WireLog>,
) -> Result<(Arc<Connection>, Over), String> {
    let by = Instant::now() + limit;
    let tcp = match timeout_at(by, TcpStream::connect(peer)).await {
        Ok(connected) => connected.map_err(|error| words::of_io(&error))?,
        Err(_) => return Err(format!("no answer for {}", words::of_duration(rounded(limit)))),
    };
    set_options(&tcp).map_err(|error| words::of_io(&error))?;
    let opening = Opening::new();
    let (ear, labels) = wire.map(WireLog::connection).unzip();
    let greeted = timeout_at(by, greet(tcp, opening.clone(), ear)).await;
    let (send, h2) = greeted.unwrap_or_else(|_| {
        Err(words::of_first_words(&opening.first_words()).unwrap_or_else(|| {
            let limit = words::of_duration(rounded(limit));
            format!("the server accepted the connection and said nothing for {limit}")
        }))
    })?;
    Ok(keep(send, h2, peer, FirstWindow::new(opening.initial_window()), labels))
}

/// Half of a time that was divided among addresses is not told to the nanosecond.
fn rounded(limit: Duration) -> Duration {
    Duration::from_millis((limit.as_millis() as u64).next_multiple_of(50))
}

fn set_options(tcp: &TcpStream) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE)
        .with_interval(KEEPALIVE_INTERVAL)
        .with_retries(KEEPALIVE_RETRIES);
    SockRef::from(tcp).set_tcp_keepalive(&keepalive)
}

/// Says our first words and waits for the peer's.
async fn greet(
    tcp: TcpStream,
    opening: Opening,
    ear: Option<Ear>,
) -> Result<(SendRequest<Bytes>, H2Connection), String> {
    let failed = |opening: &Opening, error: Option<&h2::Error>| {
        let words = opening.first_words();
        words::of_first_words(&words).unwrap_or_else(|| match error {
            Some(error) => words::of_connection(error),
            None if words == FirstWords::Nothing => {
                "the server closed the connection without a word".to_owned()
            }
            None => "the server closed the connection".to_owned(),
        })
    };
    let (send, mut h2) = h2::client::Builder::new()
        .enable_push(false)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .data_frame_budget(SMALL_FRAMES_BUDGET)
        .max_header_list_size(MAX_HEADERS)
        .max_concurrent_reset_streams(REMEMBERED_RESETS)
        // Late frames of cancelled calls are counted as errors of ours, over the connection's whole life.
        .max_local_error_reset_streams(None)
        .handshake::<_, Bytes>(Tap::new(tcp, (opening.clone(), ear)))
        .await
        .map_err(|error| failed(&opening, Some(&error)))?;
    poll_fn(|cx| match h2.poll_unpin(cx) {
        Poll::Ready(Ok(())) => Poll::Ready(Err(failed(&opening, None))),
        Poll::Ready(Err(error)) => Poll::Ready(Err(failed(&opening, Some(&error)))),
        Poll::Pending if opening.first_words() == FirstWords::Settings => Poll::Ready(Ok(())),
        Poll::Pending => Poll::Pending,
    })
    .await?;
    Ok((send, h2))
}

/// Gives the connection a task of its own, which ends with it.
fn keep(
    send: SendRequest<Bytes>,
    h2: H2Connection,
    peer: SocketAddr,
    first_window: FirstWindow,
    labels: Option<Labels>,
) -> (Arc<Connection>, Over) {
    let (held, released) = oneshot::channel();
    let (tell, over) = oneshot::channel();
    let gate = Arc::new(Gate::default());
    gate.set_limit(h2.max_concurrent_send_streams());
    let probe = Mutex::new(send.clone());
    let (here, gone) = watch::channel(());
    let connection =
        Connection { send, probe, gate: Arc::clone(&gate), peer, first_window, gone, labels, _held: held };
    let connection = Arc::new(connection);
    let running = run(h2, Arc::downgrade(&connection), gate, tell, released);
    tokio::spawn(async move {
        running.await;
        drop(here);
    });
    (connection, over)
}

async fn run(
    mut h2: H2Connection,
    connection: Weak<Connection>,
    gate: Arc<Gate>,
    tell: oneshot::Sender<String>,
    released: oneshot::Receiver<()>,
) {
    let mut tell = Some(tell);
    let mut over = |cause: String| {
        gate.close();
        if let Some(tell) = tell.take() {
            // Nobody listens where the channel was closed.
            let _unheard = tell.send(cause);
        }
    };
    let mut step = |cx: &mut Context<'_>| {
        let ended = h2.poll_unpin(cx);
        gate.set_limit(h2.max_concurrent_send_streams());
        match ended {
            Poll::Ready(Ok(())) => over("the server closed the connection".to_owned()),
            Poll::Ready(Err(error)) => over(words::of_connection(&error)),
            Poll::Pending => {
                // A GOAWAY leaves the open streams alone and is told nowhere else.
                if let Some(error) = connection.upgrade().and_then(|held| held.poll_going_away(cx)) {
                    over(words::of_connection(&error));
                }
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    };
    tokio::select! {
        biased;
        () = poll_fn(&mut step) => return,
        _ = released => {}
    }
    let _said_or_not = timeout(GOODBYE, poll_fn(step)).await;
}
