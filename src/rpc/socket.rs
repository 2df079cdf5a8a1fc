//! What HTTP/2 is spoken on: the bytes' way to a server, with TLS in it or not.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::client::TlsStream;

use super::{raw::Raw, tls::Handshake};
use crate::wire::{Opening, Tap};

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

type Tls = TlsStream<Tap<Raw, Opening>>;

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
            Self::Tls { stream, .. } => Pin::new(stream.as_mut()).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plaintext(raw) => Pin::new(raw).poll_write_vectored(cx, bufs),
            Self::Tls { stream, .. } => Pin::new(stream.as_mut()).poll_write_vectored(cx, bufs),
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
            Self::Tls { stream, .. } => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plaintext(raw) => Pin::new(raw).poll_shutdown(cx),
            Self::Tls { stream, .. } => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}
