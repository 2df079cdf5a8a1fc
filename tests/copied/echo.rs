//! A server that answers every call with its own request, whatever the method, and tells the headers.

use std::{path::Path, sync::mpsc, thread, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Response};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, UnixListener},
    runtime,
};

const GUARD: Duration = Duration::from_secs(20);

pub(crate) struct Echo {
    pub(crate) address: String,
    calls: mpsc::Receiver<(String, HeaderMap)>,
}

impl Echo {
    /// On a free port of loopback.
    pub(crate) fn start() -> Self {
        Self::serve(async |calls, told| {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            told.send(listener.local_addr().unwrap().to_string()).unwrap();
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::task::spawn_local(echo(tcp, calls.clone()));
            }
        })
    }

    /// On a socket with this path; it begins with a zero where the socket is no file.
    pub(crate) fn start_at(path: &Path) -> Self {
        let path = path.to_owned();
        Self::serve(async move |calls, told| {
            let listener = UnixListener::bind(&path).unwrap();
            told.send(String::new()).unwrap();
            while let Ok((unix, _)) = listener.accept().await {
                tokio::task::spawn_local(echo(unix, calls.clone()));
            }
        })
    }

    fn serve<S>(server: S) -> Self
    where
        S: AsyncFnOnce(mpsc::Sender<(String, HeaderMap)>, mpsc::Sender<String>) + Send + 'static,
    {
        let (calls, heard) = mpsc::channel();
        let (tell, told) = mpsc::channel();
        // It ends with the test's process.
        thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
            tokio::task::LocalSet::new().block_on(&runtime, server(calls, tell));
        });
        Self { address: told.recv_timeout(GUARD).unwrap(), calls: heard }
    }

    /// The `:authority` and the headers of the next call.
    pub(crate) fn heard(&self) -> (String, HeaderMap) {
        self.calls.recv_timeout(GUARD).unwrap()
    }
}

async fn echo(io: impl AsyncRead + AsyncWrite + Unpin, calls: mpsc::Sender<(String, HeaderMap)>) {
    let mut connection = h2::server::handshake(io).await.unwrap();
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        calls.send((authority, request.headers().clone())).unwrap();
        let encoding = request.headers().get("grpc-encoding").cloned();
        tokio::task::spawn_local(async move {
            let mut body = request.into_body();
            let mut messages = Vec::new();
            while let Some(Ok(data)) = body.data().await {
                let _ = body.flow_control().release_capacity(data.len());
                messages.extend_from_slice(&data);
            }
            let mut head = Response::builder().header("content-type", "application/grpc").body(()).unwrap();
            // What came compressed goes back so.
            if let Some(encoding) = encoding {
                head.headers_mut().insert("grpc-encoding", encoding);
            }
            let mut stream = respond.send_response(head, false).unwrap();
            stream.send_data(Bytes::from(messages), false).unwrap();
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", "0".parse().unwrap());
            stream.send_trailers(trailers).unwrap();
        });
    }
}
