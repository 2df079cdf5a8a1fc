//! The replies of a response, cut out of its bytes beneath tonic.
//!
//! tonic's own decoder would take every reply apart, whether anybody is to see it or not, and tells a broken
//! or too large message by a text. Here replies are counted and kept together, and a fault is told by what it
//! is. What stands before it is let through.

use std::{mem, time::Duration};

use bytes::{Buf, Bytes, BytesMut};
use tokio::runtime::Handle;
use tonic::Code;

use super::{
    Cause, Status,
    ending::Ending,
    run::{PREFIX, Run},
};

/// A run is cut off when it has so many bytes. A larger message is a run by itself: kept for long, a small
/// one must not keep a large one.
pub(super) const RUN: usize = 16 << 10;

/// Follows the messages of one response.
#[derive(Debug)]
pub(super) struct Framing {
    /// The largest message that is taken, in bytes.
    limit: usize,
    /// Messages that are whole, and the beginning of the next.
    bytes: BytesMut,
    messages: usize,
    /// Where the whole ones end.
    whole: usize,
    /// Messages that were cut off.
    told: u64,
}

impl Framing {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, bytes: BytesMut::new(), messages: 0, whole: 0, told: 0 }
    }

    /// Takes the next piece, which came at this time, and tells of runs that are full. An error is the
    /// call's end; the messages before it can be had by [`Framing::cut`].
    pub(super) fn take(
        &mut self,
        piece: &[u8],
        at: Duration,
        mut tell: impl FnMut(Run),
    ) -> Result<(), Ending> {
        self.bytes.extend_from_slice(piece);
        while let Some(size) = self.size_of_next()? {
            if size > RUN {
                self.cut(at).into_iter().for_each(&mut tell);
            }
            let end = self.whole + PREFIX + size;
            if self.bytes.len() < end {
                make_room(&mut self.bytes, end);
                return Ok(());
            }
            self.whole = end;
            self.messages += 1;
            if self.whole > RUN {
                self.cut(at).into_iter().for_each(&mut tell);
            }
        }
        Ok(())
    }

    /// Takes a message that is whole, its prefix with it, where nothing was taken that is not. A large one is
    /// moved, not copied.
    pub(super) fn push(&mut self, framed: &mut Vec<u8>, at: Duration, mut tell: impl FnMut(Run)) {
        if framed.len() > RUN {
            self.cut(at).into_iter().for_each(&mut tell);
            let mut framed = mem::take(framed);
            framed.shrink_to_fit();
            let framed = Large::freeze(Bytes::from(framed).into());
            self.told += 1;
            tell(Run { at, messages: 1, framed });
            return;
        }
        self.bytes.extend_from_slice(framed);
        self.whole = self.bytes.len();
        self.messages += 1;
        if self.whole > RUN {
            self.cut(at).into_iter().for_each(&mut tell);
        }
    }

    /// Cuts off what is whole.
    pub(super) fn cut(&mut self, at: Duration) -> Option<Run> {
        if self.messages == 0 {
            return None;
        }
        let whole = mem::take(&mut self.whole);
        self.told += self.messages as u64;
        // The smaller part is copied, and neither keeps the other's room.
        let framed = if whole < self.bytes.len() / 2 {
            let framed = Bytes::copy_from_slice(&self.bytes[..whole]);
            self.bytes.advance(whole);
            framed
        } else {
            let rest = BytesMut::from(&self.bytes[whole..]);
            let mut framed = mem::replace(&mut self.bytes, rest);
            framed.truncate(whole);
            Large::freeze(framed)
        };
        Some(Run { at, messages: mem::take(&mut self.messages), framed })
    }

    /// How many messages came whole since the beginning, and what came of the next.
    pub(super) fn reached(&self) -> (u64, &[u8]) {
        (self.told + self.messages as u64, self.bytes.get(self.whole..).unwrap_or_default())
    }

    /// What is missing of a message that was begun, in words.
    pub(super) fn missing(&self) -> Option<String> {
        missing_of(self.bytes.get(self.whole..)?)
    }

    /// The size of the message behind the whole ones, where its prefix is there.
    fn size_of_next(&self) -> Result<Option<usize>, Ending> {
        let Some([flag, length @ ..]) = self.bytes[self.whole..].first_chunk::<PREFIX>() else {
            return Ok(None);
        };
        match flag {
            0 => {}
            1 => {
                let how = "a reply is compressed, and the response's headers do not say how (grpc-encoding)";
                return Err(Ending::bad_response(how));
            }
            other => return Err(bad_flag(*other)),
        }
        let size = u32::from_be_bytes(*length) as usize;
        if size > self.limit {
            let cause = Cause::ReplyTooLarge { size: size as u64, limit: self.limit as u64 };
            return Err(too_large(cause));
        }
        Ok(Some(size))
    }
}

/// The most that is reserved by a peer's word alone, in bytes.
const ROOM: usize = 4 << 20;

/// Makes room for a message that ends there, not all of which came. That of a larger one grows with what comes.
pub(super) fn make_room(bytes: &mut BytesMut, end: usize) {
    bytes.reserve(end.min(ROOM).saturating_sub(bytes.len()));
}

/// A message so large that giving its memory back takes many milliseconds. Whoever looked at it last, the
/// screen's thread for one, leaves that to a thread that has nothing else to do.
#[derive(Debug)]
struct Large {
    bytes: BytesMut,
    runtime: Handle,
}

impl Large {
    const SIZE: usize = 8 << 20;

    fn freeze(bytes: BytesMut) -> Bytes {
        match Handle::try_current() {
            Ok(runtime) if bytes.len() >= Self::SIZE => Bytes::from_owner(Self { bytes, runtime }),
            _ => bytes.freeze(),
        }
    }
}

impl AsRef<[u8]> for Large {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Large {
    fn drop(&mut self) {
        let bytes = mem::take(&mut self.bytes);
        self.runtime.spawn_blocking(|| drop(bytes));
    }
}

/// What is missing of a message that begins with this, in words.
pub(super) fn missing_of(begun: &[u8]) -> Option<String> {
    match begun.first_chunk::<PREFIX>() {
        Some([_, length @ ..]) => {
            let left = u32::from_be_bytes(*length) as usize + PREFIX;
            let left = left.saturating_sub(begun.len());
            Some(format!("the response ended {left} bytes before the end of a message"))
        }
        None if begun.is_empty() => None,
        None => Some("the response ended within a message's prefix".to_owned()),
    }
}

/// A flag that says neither that a message is compressed nor that it is not.
pub(super) fn bad_flag(flag: u8) -> Ending {
    let how = format!("a reply's compression flag is {flag}, where 0 or 1 is due");
    Ending::bad_response(how)
}

/// A reply is over the limit.
pub(super) fn too_large(cause: Cause) -> Ending {
    Status::by(Code::ResourceExhausted, cause).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::What, *};

    const LIMIT: usize = 3 * RUN;

    fn message(flag: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![flag];
        bytes.extend((body.len() as u32).to_be_bytes());
        bytes.extend(body);
        bytes
    }

    /// The runs that came of these bytes, in pieces of this size, how it ended, and what was missing.
    fn taken(bytes: &[u8], cuts: usize) -> (Vec<Run>, Option<Status>, Option<String>) {
        let mut framing = Framing::new(LIMIT);
        let mut runs = Vec::new();
        for piece in bytes.chunks(cuts) {
            let taken = framing.take(piece, Duration::ZERO, |run| runs.push(run));
            if let Err(ending) = taken {
                runs.extend(framing.cut(Duration::ZERO));
                return (runs, Some(ending.status), None);
            }
        }
        runs.extend(framing.cut(Duration::ZERO));
        (runs, None, framing.missing())
    }

    fn messages(runs: &[Run]) -> Vec<Bytes> {
        let entries = runs.iter().flat_map(Run::entries);
        entries
            .map(|entry| match entry.what {
                What::Received(bytes) => bytes,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn what_stands_before_a_broken_message_is_let_through() {
        let good = message(0, b"hello");
        for (bad, code) in [
            (message(1, b"gzip"), Code::Internal),
            (message(9, b""), Code::Internal),
            (message(0, &vec![0; LIMIT + 1]), Code::ResourceExhausted),
        ] {
            let bytes = [good.clone(), bad].concat();
            for cuts in [bytes.len(), 3] {
                let (runs, status, _) = taken(&bytes, cuts);
                assert_eq!(messages(&runs), ["hello"]);
                assert_eq!(status.map(|status| status.code), Some(code));
            }
        }
    }

    #[test]
    fn what_is_missing_at_the_end_is_known() {
        let whole = message(0, b"hello");
        assert_eq!(taken(&whole, 3).2, None);
        assert_eq!(taken(&whole[..2], 3).2.as_deref(), Some("the response ended within a message's prefix"));
        let cut = taken(&whole[..8], 3).2;
        assert_eq!(cut.as_deref(), Some("the response ended 2 bytes before the end of a message"));
    }

    #[test]
    fn a_prefix_takes_no_memory_for_what_did_not_come() {
        let mut framing = Framing::new(usize::MAX);
        framing.take(&[0, 255, 255, 255, 255], Duration::ZERO, |_| {}).unwrap();
        assert!(framing.bytes.capacity() <= 2 * ROOM, "{}", framing.bytes.capacity());
        framing.take(&vec![7; 3 * ROOM], Duration::ZERO, |_| {}).unwrap();
        assert!(framing.bytes.capacity() <= 8 * ROOM, "{}", framing.bytes.capacity());
    }

    #[test]
    fn a_small_message_is_not_kept_with_a_large_one() {
        let bytes = [message(0, b"before"), message(0, &vec![7; RUN + 1]), message(0, b"behind")].concat();
        for cuts in [bytes.len(), 16_384, 1_000] {
            let (runs, _, _) = taken(&bytes, cuts);
            assert_eq!(runs.iter().map(|run| run.messages).collect::<Vec<_>>(), [1, 1, 1]);
            for run in runs {
                let size = run.framed.len();
                let kept = run.framed.try_into_mut().expect("its own").capacity();
                // A piece was read before it was known how it is to be cut.
                assert!(kept <= 2 * size + cuts, "{size} bytes keep {kept}, in pieces of {cuts}");
            }
        }
    }

    proptest! {
        #[test]
        fn messages_of_any_size_in_pieces_of_any_size_come_out(
            sizes in proptest::collection::vec(prop_oneof![0usize..50, 0..LIMIT], 0..20),
            cut in 1usize..LIMIT,
        ) {
            let bodies: Vec<Vec<u8>> = sizes.iter().enumerate().map(|(n, size)| vec![n as u8; *size]).collect();
            let bytes: Vec<u8> = bodies.iter().flat_map(|body| message(0, body)).collect();
            let (runs, status, missing) = taken(&bytes, cut);
            prop_assert_eq!(messages(&runs), bodies);
            prop_assert_eq!((status, missing), (None, None));
        }
    }
}
