//! A connection with an ear on it: every byte of both directions passes a [`Watch`], unchanged.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{entry::End, frame::Direction};

/// Sees the bytes of a connection in the order in which they pass, in pieces of any size.
pub trait Watch {
    /// Bytes came from the peer.
    fn received(&mut self, bytes: &[u8]);
    /// Bytes were taken by the operating system for the peer.
    fn sent(&mut self, bytes: &[u8]);
    /// Nothing more passes in a direction. May be said again.
    fn ended(&mut self, _direction: Direction, _how: End) {}
}

/// Both see the same.
impl<A: Watch, B: Watch> Watch for (A, B) {
    fn received(&mut self, bytes: &[u8]) {
        self.0.received(bytes);
        self.1.received(bytes);
    }

    fn sent(&mut self, bytes: &[u8]) {
        self.0.sent(bytes);
        self.1.sent(bytes);
    }

    fn ended(&mut self, direction: Direction, how: End) {
        self.0.ended(direction, how);
        self.1.ended(direction, how);
    }
}

/// Where there is none, nobody sees anything.
impl<W: Watch> Watch for Option<W> {
    fn received(&mut self, bytes: &[u8]) {
        if let Some(watch) = self {
            watch.received(bytes);
        }
    }

    fn sent(&mut self, bytes: &[u8]) {
        if let Some(watch) = self {
            watch.sent(bytes);
        }
    }

    fn ended(&mut self, direction: Direction, how: End) {
        if let Some(watch) = self {
            watch.ended(direction, how);
        }
    }
}

/// How much is heard of a peer to which nothing can be written any more, in bytes.
const LAST_WORDS: usize = 512;

/// A connection whose bytes pass a watch.
#[derive(Debug)]
pub struct Tap<T, W> {
    io: T,
    watch: W,
    /// What was heard before anybody asked for it.
    unread: Vec<u8>,
}

impl<T, W: Watch> Tap<T, W> {
    /// Puts a watch on a connection, before its first byte.
    pub fn new(io: T, watch: W) -> Self {
        Self { io, watch, unread: Vec::new() }
    }

    /// Tells of an error, and hands it on.
    fn broke<R>(&mut self, direction: Direction, result: io::Result<R>) -> io::Result<R> {
        result.inspect_err(|error| self.watch.ended(direction, End::Broken(error.kind())))
    }
}

impl<T: AsyncRead + Unpin, W: Watch> Tap<T, W> {
    /// Tells of an error in what was to be sent, and hands it on.
    fn sending<R>(&mut self, cx: &mut Context<'_>, result: io::Result<R>) -> io::Result<R> {
        if result.is_err() {
            self.hear_why(cx);
        }
        self.broke(Direction::Sent, result)
    }

    /// A peer that ends the connection may have said why just before, and who fails to write may never read it.
    fn hear_why(&mut self, cx: &mut Context<'_>) {
        let mut room = [0; LAST_WORDS];
        let mut last = ReadBuf::new(&mut room[self.unread.len().min(LAST_WORDS)..]);
        let mut heard = 0;
        // Behind what it said there may be an error that says more, such as an alert of TLS.
        while let Poll::Ready(Ok(())) = Pin::new(&mut self.io).poll_read(cx, &mut last) {
            let now = last.filled().len();
            if now == heard {
                break;
            }
            heard = now;
        }
        if heard > 0 {
            self.watch.received(last.filled());
            self.unread.extend_from_slice(last.filled());
        }
    }
}

impl<T: AsyncRead + Unpin, W: Watch + Unpin> AsyncRead for Tap<T, W> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.unread.is_empty() {
            let now = this.unread.len().min(buf.remaining());
            buf.put_slice(&this.unread[..now]);
            this.unread.drain(..now);
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        let has_room = buf.remaining() > 0;
        let read = ready!(Pin::new(&mut this.io).poll_read(cx, buf));
        this.broke(Direction::Received, read)?;
        let new = &buf.filled()[before..];
        if !new.is_empty() {
            this.watch.received(new);
        } else if has_room {
            this.watch.ended(Direction::Received, End::Closed);
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin, W: Watch + Unpin> AsyncWrite for Tap<T, W> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.io).poll_write(cx, buf));
        let written = this.sending(cx, written)?;
        this.watch.sent(&buf[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.io).poll_write_vectored(cx, bufs));
        let written = this.sending(cx, written)?;
        let mut left = written;
        for buf in bufs {
            let part = left.min(buf.len());
            this.watch.sent(&buf[..part]);
            left -= part;
            if left == 0 {
                break;
            }
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // Over TLS this is where most of it is sent.
        let flushed = ready!(Pin::new(&mut this.io).poll_flush(cx));
        Poll::Ready(this.sending(cx, flushed))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut = ready!(Pin::new(&mut this.io).poll_shutdown(cx));
        this.broke(Direction::Sent, shut)?;
        this.watch.ended(Direction::Sent, End::Closed);
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[derive(Default)]
    struct Heard {
        received: Vec<u8>,
        sent: Vec<u8>,
        ends: Vec<(Direction, End)>,
    }

    impl Watch for &mut Heard {
        fn received(&mut self, bytes: &[u8]) {
            self.received.extend_from_slice(bytes);
        }
        fn sent(&mut self, bytes: &[u8]) {
            self.sent.extend_from_slice(bytes);
        }
        fn ended(&mut self, direction: Direction, how: End) {
            self.ends.push((direction, how));
        }
    }

    /// Says something, a byte at a time, and takes nothing.
    struct Deaf(&'static [u8]);

    impl AsyncRead for Deaf {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let mut byte = [0];
            let mut one = ReadBuf::new(&mut byte);
            ready!(Pin::new(&mut self.0).poll_read(cx, &mut one))?;
            buf.put_slice(one.filled());
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Deaf {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn the_last_words_of_a_peer_that_takes_nothing_are_heard_and_can_be_read() {
        let mut heard = Heard::default();
        let mut tap = Tap::new(Deaf(b"go away"), &mut heard);
        tap.write_all(b"hello").await.unwrap_err();
        tap.write_all(b"hello").await.unwrap_err();
        let mut read = Vec::new();
        tap.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, b"go away");
        assert_eq!(heard.received, b"go away");
    }

    #[tokio::test]
    async fn a_peer_that_takes_nothing_may_be_noticed_by_a_flush() {
        let mut heard = Heard::default();
        let mut tap = Tap::new(Deaf(b"go away"), &mut heard);
        tap.flush().await.unwrap_err();
        drop(tap);
        assert_eq!(heard.received, b"go away");
        assert_eq!(heard.ends, [(Direction::Sent, End::Broken(io::ErrorKind::BrokenPipe))]);
    }

    #[tokio::test]
    async fn both_directions_are_heard_and_unchanged() {
        let mut heard = Heard::default();
        let (near, mut far) = tokio::io::duplex(5);
        let mut near = Tap::new(near, &mut heard);
        let far = tokio::spawn(async move {
            let mut got = [0; 11];
            far.read_exact(&mut got).await.unwrap();
            far.write_all(b"how are you?").await.unwrap();
            got
        });
        let mut both = io::Cursor::new(b"hello".to_vec()).chain(io::Cursor::new(b", you!".to_vec()));
        tokio::io::copy(&mut both, &mut near).await.unwrap();
        let mut answer = Vec::new();
        near.read_to_end(&mut answer).await.unwrap();
        assert_eq!(&far.await.unwrap(), b"hello, you!");
        drop(near);
        assert_eq!(answer, b"how are you?");
        assert_eq!(heard.received, b"how are you?");
        assert_eq!(heard.sent, b"hello, you!");
    }
}
