//! The accept loop: connections as tasks with a handle to each, so that the server can drain, or end
//! at once. tonic's own loop leaves Nagle's algorithm on, which costs a first call 40 ms, and keeps its
//! connections answering after it is gone.

use std::{error::Error, io, pin::pin, sync::Arc, time::Duration};

use http::{Request, Response};
use hyper::{
    body::{Body, Incoming},
    server::conn::http2::Builder,
    service::Service,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    select,
    sync::watch,
    task::JoinSet,
    time::sleep,
};

use super::{ServerTls, tally::Tally};

/// Where a server stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It accepts connections and calls.
    Serving,
    /// It accepts neither; open calls go on.
    Draining,
}

/// Connections at once. More wait in the listener's backlog.
const MAX_CONNECTIONS: usize = 1_000;

/// A request's headers, as RFC 9113 counts them, in bytes: 10,000 pieces of metadata, which is the most that the program
/// itself sends, at 100 bytes each.
const MAX_HEADERS: u32 = 1 << 20;

/// Calls at once on a connection. More wait at the client.
const MAX_STREAMS: u32 = 4_096;

/// Request bytes that may lie unread on a stream.
const STREAM_WINDOW: u32 = 64 << 10;

/// Room for every stream's window. h2 ends the connection when small DATA frames lie unread that
/// cost more than half of this window (a frame costs 256 bytes less its own), and names are small
/// frames: a bidi call whose replies nobody reads leaves thousands. With a window for each of
/// the most streams, one stream full of the smallest messages costs a fiftieth of what is allowed.
const CONNECTION_WINDOW: u32 = MAX_STREAMS * STREAM_WINDOW;

/// Calls that were reset before they were looked at, and frames that came for calls which had ended
/// here. h2 allows 20 and 1024 before it takes the peer for an attacker (CVE-2023-44487, RUSTSEC-2024-0003);
/// a user who cancels a screen full of calls is none.
const MAX_RESETS: usize = 10_000;

/// After an error of accept that will not go away at once, such as no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A peer that vanished is noticed by TCP. HTTP/2 pings would end a client that is only suspended.
const KEEPALIVE: TcpKeepalive =
    TcpKeepalive::new().with_time(Duration::from_mins(1)).with_interval(Duration::from_secs(20));

/// Accepts until the phase says to drain, then waits for the connections to end. Dropping the future
/// ends all of them at once.
pub(super) async fn run<S, B>(
    listener: TcpListener,
    tls: Option<ServerTls>,
    service: S,
    tally: Arc<Tally>,
    mut phase: watch::Receiver<Phase>,
) where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut connections = JoinSet::new();
    loop {
        select! {
            stream = accept(&listener), if connections.len() < MAX_CONNECTIONS => {
                let (service, phase, open) = (service.clone(), phase.clone(), tally.connection());
                let (tls, mut waiting) = (tls.clone(), phase.clone());
                connections.spawn(async move {
                    prepare(&stream);
                    match tls {
                        None => serve(stream, service, phase).await,
                        Some(tls) => select! {
                            shaken = tls.accept(stream) => {
                                if let Ok(stream) = shaken {
                                    serve(stream, service, phase).await;
                                }
                            }
                            () = draining(&mut waiting) => {}
                        },
                    }
                    drop(open);
                });
            }
            Some(_) = connections.join_next() => {}
            () = draining(&mut phase) => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// The next connection. Errors of one connection are that connection's; any other is waited out.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) if is_of_one_connection(&error) => {}
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Waits for the server to drain; a server that is gone drains too.
async fn draining(phase: &mut watch::Receiver<Phase>) {
    let _ = phase.wait_for(|phase| *phase == Phase::Draining).await;
}

/// Where these fail the peer is gone already, and the connection says so.
fn prepare(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(stream).set_tcp_keepalive(&KEEPALIVE);
}

async fn serve<I, S, B>(stream: I, service: S, mut phase: watch::Receiver<Phase>)
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service<Request<Incoming>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut connection = pin!(
        Builder::new(TokioExecutor::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(MAX_HEADERS)
            .max_pending_accept_reset_streams(MAX_RESETS)
            .max_local_error_reset_streams(MAX_RESETS)
            .serve_connection(TokioIo::new(stream), service)
    );
    select! {
        _ = &mut connection => return,
        () = draining(&mut phase) => connection.as_mut().graceful_shutdown(),
    }
    // How a connection ended is its peer's business.
    let _ = connection.await;
}
