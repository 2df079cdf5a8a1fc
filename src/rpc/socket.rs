//! The bytes' way to a server: TCP or a Unix socket, with TLS in it or not.

use std::{
    io::{self, IoSlice},
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, UnixStream},
};
use tokio_rustls::client::TlsStream;

use super::{ladder::Peer, target, tls::Handshake};
use crate::wire::{Opening, Tap};

/// When an idle peer is asked whether it is still there, how often, and how many times.
const KEEPALIVE: Duration = Duration::from_secs(20);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_RETRIES: u32 = 3;

/// A connection of the operating system.
#[derive(Debug)]
pub(super) enum Raw {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// What HTTP/2 is spoken on.
#[derive(Debug)]
pub(super) enum Socket {
    Plaintext(Raw),
    Tls {
        /// What the peer says first is heard beneath TLS: it may be none.
        stream: Box<Tls>,
        /// Keeps an alert that comes after the handshake: TLS 1.3 refuses a client's certificate so.
        handshake: Arc<Handshake>,
    },
}

impl Raw {
    /// Connects. TCP sends at once (no Nagle), and notices a peer that vanished.
    pub(super) async fn connect(peer: &Peer) -> io::Result<Self> {
        match peer {
            Peer::Ip(address) => {
                let tcp = TcpStream::connect(address).await?;
                tcp.set_nodelay(true)?;
                let keepalive = TcpKeepalive::new()
                    .with_time(KEEPALIVE)
                    .with_interval(KEEPALIVE_INTERVAL)
                    .with_retries(KEEPALIVE_RETRIES);
                SockRef::from(&tcp).set_tcp_keepalive(&keepalive)?;
                Ok(Self::Tcp(tcp))
            }
            Peer::Socket(target::Socket::Path(path)) => Self::unix(path).await,
            // A name that begins with a zero byte is one without a file (unix(7)).
            Peer::Socket(target::Socket::Abstract(name)) => {
                Self::unix(&PathBuf::from(format!("\0{name}"))).await
            }
        }
    }

    async fn unix(path: &Path) -> io::Result<Self> {
        UnixStream::connect(path).await.map(Self::Unix)
    }
}

/// Calls a method of the stream within.
macro_rules! within {
    ($self:expr, $stream:ident => $do:expr) => {
        match $self.get_mut() {
            Raw::Tcp($stream) => $do,
            Raw::Unix($stream) => $do,
        }
    };
}

impl AsyncRead for Raw {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        within!(self, stream => Pin::new(stream).poll_read(cx, buf))
    }
}

impl AsyncWrite for Raw {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        within!(self, stream => Pin::new(stream).poll_write(cx, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        within!(self, stream => Pin::new(stream).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(tcp) => tcp.is_write_vectored(),
            Self::Unix(unix) => unix.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        within!(self, stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        within!(self, stream => Pin::new(stream).poll_shutdown(cx))
    }
}

type Tls = TlsStream<Tap<Raw, Opening>>;

/// A peer that ends the connection may have said why just before: its alert lies unread where a write fails.
fn hear_why<T>(
    written: Poll<io::Result<T>>,
    stream: &mut Tls,
    handshake: &Handshake,
    cx: &mut Context<'_>,
) -> Poll<io::Result<T>> {
    if let Poll::Ready(Err(_)) = &written {
        let mut rest = [0; 64];
        if let Poll::Ready(Err(why)) = Pin::new(stream).poll_read(cx, &mut ReadBuf::new(&mut rest)) {
            handshake.failed(&why);
        }
    }
    written
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plaintext(raw) => Pin::new(raw).poll_read(cx, buf),
            Self::Tls { stream, handshake } => {
                let read = Pin::new(stream.as_mut()).poll_read(cx, buf);
                if let Poll::Ready(Err(error)) = &read {
                    handshake.failed(error);
                }
                read
            }
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plaintext(raw) => Pin::new(raw).poll_write(cx, buf),
            Self::Tls { stream, handshake } => {
                let written = Pin::new(stream.as_mut()).poll_write(cx, buf);
                hear_why(written, stream, handshake, cx)
            }
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plaintext(raw) => Pin::new(raw).poll_write_vectored(cx, bufs),
            Self::Tls { stream, handshake } => {
                let written = Pin::new(stream.as_mut()).poll_write_vectored(cx, bufs);
                hear_why(written, stream, handshake, cx)
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plaintext(raw) => raw.is_write_vectored(),
            Self::Tls { stream, .. } => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plaintext(raw) => Pin::new(raw).poll_flush(cx),
            Self::Tls { stream, handshake } => {
                let flushed = Pin::new(stream.as_mut()).poll_flush(cx);
                hear_why(flushed, stream, handshake, cx)
            }
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plaintext(raw) => Pin::new(raw).poll_shutdown(cx),
            Self::Tls { stream, .. } => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn tcp_sends_at_once_and_asks_a_peer_that_is_silent() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let raw = Raw::connect(&Peer::Ip(listener.local_addr().unwrap())).await.unwrap();
        let Raw::Tcp(tcp) = raw else { panic!("{raw:?}") };
        let socket = SockRef::from(&tcp);
        assert!(socket.tcp_nodelay().unwrap() && socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), KEEPALIVE);
        assert_eq!(socket.tcp_keepalive_interval().unwrap(), KEEPALIVE_INTERVAL);
        assert_eq!(socket.tcp_keepalive_retries().unwrap(), KEEPALIVE_RETRIES);
    }
}
