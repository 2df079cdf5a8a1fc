//! One HTTP/2 connection: made, kept moving, and seen to its end.
//!
//! A connection lives as long as somebody holds it. When the last holder lets go, h2 says GOAWAY and
//! the socket is closed.

mod first_window;
mod parting;

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, OnceLock, Weak},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt;
use h2::client::SendRequest;
use tokio::{
    io::BufReader,
    sync::{oneshot, watch},
    time::timeout,
};

use self::parting::is_peers_go_away;
pub(super) use self::{
    first_window::{FirstWindow, Held},
    parting::{Parting, in_words},
};
use super::{
    Fault, Keepalive, Peer, TlsFacts,
    fault::Spoken,
    gate::Gate,
    keepalive::{Keeper, Pulse},
    socket::Socket,
};
use crate::{
    held::lock,
    wire::{Ear, FirstWords, Labels, Opening, Tap},
};

/// What one stream may have unread: enough for a long way, little enough that a stream that nobody
/// drains is held back.
const STREAM_WINDOW: u32 = 1 << 20;
/// What all streams together may have unread. Large, so that no stream is held back by another.
const CONNECTION_WINDOW: u32 = 64 << 20;
/// h2 ends a connection on which many DATA frames under 256 bytes lie unread, and a frame costs what it
/// lacks of 256 bytes: this many bytes are 300,000 of Greeter's replies.
const SMALL_FRAMES_BUDGET: usize = 64 << 20;
/// The headers of one response, counted as in RFC 9113, section 6.5.2.
pub(super) const MAX_HEADERS: u32 = 4 << 20;
/// A stream that was cancelled is remembered, so that what was on its way is ignored.
const REMEMBERED_RESETS: usize = 4096;
/// How long a connection that nobody holds may take to say goodbye.
pub(super) const GOODBYE: Duration = Duration::from_secs(1);
/// What is read of the socket at once, in bytes: h2 by itself asks for 8 KiB each time.
const READ: usize = 64 << 10;
type H2Connection =
    h2::client::Connection<BufReader<Tap<Socket, (Opening, (Option<Ear>, Option<Pulse>))>>, Bytes>;

/// A connection whose peer's SETTINGS came.
#[derive(Debug)]
pub(super) struct Connection {
    send: SendRequest<Bytes>,
    /// Asked after each step of the connection whether new streams may still begin.
    probe: Mutex<SendRequest<Bytes>>,
    gate: Arc<Gate>,
    peer: Peer,
    tls: Option<Arc<TlsFacts>>,
    first_window: FirstWindow,
    gone: watch::Receiver<()>,
    cause: OnceLock<String>,
    labels: Option<Labels>,
    /// Dropped with the connection, which tells its task that nobody holds it.
    _held: oneshot::Sender<()>,
}

/// Tells why no new stream begins on a connection any more.
pub(super) type Over = oneshot::Receiver<Parting>;

impl Connection {
    pub(super) fn sender(&self) -> SendRequest<Bytes> {
        self.send.clone()
    }

    pub(super) fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    pub(super) fn peer(&self) -> &Peer {
        &self.peer
    }

    /// What is known of its TLS; `None` is plaintext.
    pub(super) fn tls(&self) -> Option<&Arc<TlsFacts>> {
        self.tls.as_ref()
    }

    pub(super) fn first_window(&self) -> &FirstWindow {
        &self.first_window
    }

    /// Why it ends, where its streams learn only that it did.
    pub(super) fn cause(&self) -> Option<&str> {
        self.cause.get().map(String::as_str)
    }

    /// Closes when the connection's task ends, after its last frame.
    pub(super) fn gone(&self) -> watch::Receiver<()> {
        self.gone.clone()
    }

    /// Says on the wire's log which call a stream is, where there is one.
    pub(super) fn labels(&self) -> Option<&Labels> {
        self.labels.as_ref()
    }

    fn poll_going_away(&self, cx: &mut Context<'_>) -> Option<h2::Error> {
        match lock(&self.probe).poll_ready(cx) {
            Poll::Ready(Err(error)) => Some(error),
            _ => None,
        }
    }
}

/// HTTP/2 with a peer whose SETTINGS came.
pub(super) struct Greeted {
    send: SendRequest<Bytes>,
    h2: H2Connection,
    first_window: FirstWindow,
    keeper: Option<Keeper>,
}

/// Who listens to a connection from its first byte on.
pub(super) struct Ears {
    pub(super) opening: Opening,
    pub(super) ear: Option<Ear>,
    /// When the peer is asked whether it is still there.
    pub(super) keepalive: Option<Keepalive>,
}

impl Greeted {
    /// How many streams the peer allows at once; `None` is any number.
    pub(super) fn streams(&self) -> Option<usize> {
        Some(self.h2.max_concurrent_send_streams()).filter(|streams| *streams < u32::MAX as usize)
    }
}

/// Says our first words and waits for the peer's.
pub(super) async fn greet(socket: Socket, ears: Ears) -> Result<Greeted, Fault> {
    let Ears { opening, ear, keepalive } = ears;
    let keepalive = keepalive.map(|keepalive| (keepalive, Pulse::new()));
    let pulse = keepalive.as_ref().map(|(_, pulse)| pulse.clone());
    let failed = |opening: &Opening, error: Option<&h2::Error>| {
        let words = opening.first_words();
        match (Spoken::instead_of_http2(&words), error) {
            (Some(spoken), _) => Fault::Spoke(spoken),
            (None, _) if words == FirstWords::GoAway => {
                Fault::Broke("the server sends GOAWAY where its SETTINGS are due".to_owned())
            }
            // Whether that is an end or a reset says more of the systems than of the server.
            (None, Some(error)) if words == FirstWords::Nothing && error.is_io() => Fault::ClosedSilently,
            (None, Some(error)) => Fault::Broke(in_words(error)),
            (None, None) if words == FirstWords::Nothing => Fault::ClosedSilently,
            (None, None) => Fault::Broke("the server closed the connection".to_owned()),
        }
    };
    let tap = Tap::new(socket, (opening.clone(), (ear, pulse)));
    let (mut send, mut h2) = h2::client::Builder::new()
        .enable_push(false)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .data_frame_budget(SMALL_FRAMES_BUDGET)
        .max_header_list_size(MAX_HEADERS)
        .max_concurrent_reset_streams(REMEMBERED_RESETS)
        // Late frames of cancelled calls are counted as errors of ours, over the connection's whole life.
        .max_local_error_reset_streams(None)
        .handshake::<_, Bytes>(BufReader::with_capacity(READ, tap))
        .await
        .map_err(|error| failed(&opening, Some(&error)))?;
    poll_fn(|cx| {
        let ended = h2.poll_unpin(cx);
        // h2 reports a GOAWAY only to a sender. It says more than the way the connection ended after it.
        let refused = match send.poll_ready(cx) {
            Poll::Ready(Err(error)) if is_peers_go_away(&error) => Some(error),
            _ => None,
        };
        let error = match (ended, refused) {
            (_, Some(error)) | (Poll::Ready(Err(error)), None) => Some(error),
            (Poll::Ready(Ok(())), None) => None,
            (Poll::Pending, None) if opening.first_words() == FirstWords::Settings => {
                return Poll::Ready(Ok(()));
            }
            (Poll::Pending, None) => return Poll::Pending,
        };
        Poll::Ready(Err(failed(&opening, error.as_ref())))
    })
    .await?;
    let first_window = FirstWindow::new(opening.initial_window());
    let keeper = keepalive.zip(h2.ping_pong());
    let keeper = keeper.map(|((keepalive, pulse), pings)| Keeper::new(keepalive, pulse, pings));
    Ok(Greeted { send, h2, first_window, keeper })
}

/// Gives the connection a task of its own, which ends with it.
pub(super) fn keep(
    Greeted { send, h2, first_window, keeper }: Greeted,
    peer: Peer,
    tls: Option<Arc<TlsFacts>>,
    labels: Option<Labels>,
) -> (Arc<Connection>, Over) {
    let (held, released) = oneshot::channel();
    let (tell, over) = oneshot::channel();
    let gate = Arc::new(Gate::default());
    gate.set_limit(h2.max_concurrent_send_streams());
    let probe = Mutex::new(send.clone());
    let (here, gone) = watch::channel(());
    let connection = Connection {
        send,
        probe,
        gate: Arc::clone(&gate),
        peer,
        tls,
        first_window,
        gone,
        cause: OnceLock::new(),
        labels,
        _held: held,
    };
    let connection = Arc::new(connection);
    let running = run(h2, keeper, Arc::downgrade(&connection), gate, tell, released);
    tokio::spawn(async move {
        running.await;
        drop(here);
    });
    (connection, over)
}

async fn run(
    mut h2: H2Connection,
    mut keeper: Option<Keeper>,
    connection: Weak<Connection>,
    gate: Arc<Gate>,
    tell: oneshot::Sender<Parting>,
    released: oneshot::Receiver<()>,
) {
    let mut tell = Some(tell);
    let mut over = |parting: Parting| {
        gate.close();
        if matches!(parting, Parting::TooManyPings(_) | Parting::Silence(_))
            && let Some(held) = connection.upgrade()
        {
            // The first cause is the one.
            let _told_already = held.cause.set(parting.to_string());
        }
        if let Some(tell) = tell.take() {
            // Nobody listens where the channel was closed.
            let _unheard = tell.send(parting);
        }
    };
    let mut step = |cx: &mut Context<'_>| {
        let ended = h2.poll_unpin(cx);
        gate.set_limit(h2.max_concurrent_send_streams());
        match ended {
            Poll::Ready(Ok(())) => {
                // A GOAWAY in the same packet says more.
                let said = connection.upgrade().and_then(|held| held.poll_going_away(cx));
                let closed = || Parting::Other("the server closed the connection".to_owned());
                over(said.filter(is_peers_go_away).as_ref().map_or_else(closed, Parting::of));
            }
            Poll::Ready(Err(error)) => over(Parting::of(&error)),
            Poll::Pending => {
                // A GOAWAY leaves the open streams alone and is told nowhere else.
                if let Some(error) = connection.upgrade().and_then(|held| held.poll_going_away(cx)) {
                    over(Parting::of(&error));
                }
                let asked = keeper.as_mut().map(|keeper| keeper.poll(gate.streams(), cx));
                let Some(Poll::Ready(silence)) = asked else { return Poll::Pending };
                over(Parting::Silence(silence));
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
