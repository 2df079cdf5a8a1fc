//! The bytes' way to a server: TCP or a Unix socket.

use std::{
    fs,
    io::{self, ErrorKind, IoSlice, Read as _},
    os::unix::fs::FileTypeExt as _,
    path::{Path, PathBuf},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, UnixStream},
    task::spawn_blocking,
};

use super::{Peer, target};

/// When an idle peer is asked whether it is still there, how often, and how many times.
const KEEPALIVE: Duration = Duration::from_secs(20);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_RETRIES: u32 = 3;

/// A connection of the operating system.
#[derive(Debug)]
pub(super) struct Raw {
    stream: Stream,
    /// The peer takes nothing more. What it said before lies unread, and tokio may not have heard of it yet.
    is_over: bool,
}

#[derive(Debug)]
enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl From<Stream> for Raw {
    fn from(stream: Stream) -> Self {
        Self { stream, is_over: false }
    }
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
                Ok(Stream::Tcp(tcp).into())
            }
            Peer::Socket(target::Socket::Path(path)) => Self::unix(path).await,
            // A name that begins with a zero byte is one without a file (unix(7)).
            Peer::Socket(target::Socket::Abstract(name)) => {
                Self::unix(&PathBuf::from(format!("\0{name}"))).await
            }
        }
    }

    async fn unix(path: &Path) -> io::Result<Self> {
        match UnixStream::connect(path).await {
            Ok(unix) => Ok(Stream::Unix(unix).into()),
            // The system says that also of a file and of a folder, where nobody can ever listen.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused && is_no_socket(path).await => {
                Err(ErrorKind::NotFound.into())
            }
            Err(error) => Err(error),
        }
    }

    /// Reads what the system has, whether tokio knows of it or not; 0 where that is nothing.
    fn read_at_once(&self, room: &mut [u8]) -> usize {
        let read = match &self.stream {
            Stream::Tcp(tcp) => (&*SockRef::from(tcp)).read(room),
            Stream::Unix(unix) => (&*SockRef::from(unix)).read(room),
        };
        read.unwrap_or_default()
    }

    /// Notes that a write failed.
    fn noted<T>(&mut self, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        self.is_over |= matches!(written, Poll::Ready(Err(_)));
        written
    }
}

/// Whether something else is there.
async fn is_no_socket(path: &Path) -> bool {
    let path = path.to_owned();
    let looked = spawn_blocking(move || fs::metadata(path).is_ok_and(|there| !there.file_type().is_socket()));
    looked.await.unwrap_or(false)
}

/// Calls a method of the stream within.
macro_rules! within {
    ($self:expr, $stream:ident => $do:expr) => {
        match &mut $self.stream {
            Stream::Tcp($stream) => $do,
            Stream::Unix($stream) => $do,
        }
    };
}

impl AsyncRead for Raw {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.is_over {
            let count = this.read_at_once(buf.initialize_unfilled());
            if count > 0 {
                buf.advance(count);
                return Poll::Ready(Ok(()));
            }
        }
        within!(this, stream => Pin::new(stream).poll_read(cx, buf))
    }
}

impl AsyncWrite for Raw {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = within!(this, stream => Pin::new(stream).poll_write(cx, buf));
        this.noted(written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = within!(this, stream => Pin::new(stream).poll_write_vectored(cx, bufs));
        this.noted(written)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Tcp(tcp) => tcp.is_write_vectored(),
            Stream::Unix(unix) => unix.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        within!(this, stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        within!(this, stream => Pin::new(stream).poll_shutdown(cx))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use futures_util::FutureExt;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    #[tokio::test]
    async fn tcp_sends_at_once_and_asks_a_peer_that_is_silent() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let raw = Raw::connect(&Peer::Ip(listener.local_addr().unwrap())).await.unwrap();
        let Stream::Tcp(tcp) = raw.stream else { panic!("no TCP") };
        let socket = SockRef::from(&tcp);
        assert!(socket.tcp_nodelay().unwrap() && socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), KEEPALIVE);
        assert_eq!(socket.tcp_keepalive_interval().unwrap(), KEEPALIVE_INTERVAL);
        assert_eq!(socket.tcp_keepalive_retries().unwrap(), KEEPALIVE_RETRIES);
    }

    #[tokio::test]
    async fn what_a_peer_said_before_it_was_gone_is_read_at_once() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut raw = Raw::connect(&Peer::Ip(listener.local_addr().unwrap())).await.unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        peer.write_all(b"bye").unwrap();
        raw.write_all(b"hello").await.unwrap();
        // Something is unread: this resets the connection.
        drop(peer);
        while raw.write_all(b"hello").await.is_ok() {}
        let mut said = [0; 3];
        raw.read_exact(&mut said).now_or_never().expect("no waiting").unwrap();
        assert_eq!(&said, b"bye");
    }
}
