//! The five bytes before every gRPC message, watched on their way to tonic's decoder.
//!
//! tonic tells a broken or too large message by a text; here it is told by what it is. What stands
//! before it is let through.

use bytes::Bytes;
use tonic::Code;

use super::{Cause, Status, ending::Ending};

/// A flag and a length ("gRPC over HTTP/2", Length-Prefixed-Message).
const PREFIX: usize = 5;

/// Follows the messages of one response.
#[derive(Debug)]
pub(super) struct Framing {
    /// The largest message that is taken, in bytes.
    limit: usize,
    prefix: [u8; PREFIX],
    prefix_len: usize,
    /// Bytes of the present message that are still to come.
    left: usize,
}

impl Framing {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, prefix: [0; PREFIX], prefix_len: 0, left: 0 }
    }

    /// Follows the next piece. On a message that must not be decoded: how much of the piece stands before
    /// its prefix ended, and the call's end.
    pub(super) fn follow(&mut self, piece: &Bytes) -> Result<(), (usize, Ending)> {
        let mut at = 0;
        while at < piece.len() {
            let rest = &piece[at..];
            if self.left > 0 {
                let part = self.left.min(rest.len());
                self.left -= part;
                at += part;
                continue;
            }
            let part = (PREFIX - self.prefix_len).min(rest.len());
            self.prefix[self.prefix_len..self.prefix_len + part].copy_from_slice(&rest[..part]);
            self.prefix_len += part;
            if self.prefix_len == PREFIX {
                self.begin().map_err(|ending| (at, ending))?;
            }
            at += part;
        }
        Ok(())
    }

    /// What is missing of a message that was begun, in words.
    pub(super) fn missing(&self) -> Option<String> {
        if self.left > 0 {
            return Some(format!("the response ended {} bytes before the end of a message", self.left));
        }
        (self.prefix_len > 0).then(|| "the response ended within a message's prefix".to_owned())
    }

    fn begin(&mut self) -> Result<(), Ending> {
        let [flag, length @ ..] = self.prefix;
        self.prefix_len = 0;
        match flag {
            0 => {}
            1 => {
                let how = "a reply is compressed, and no compression was offered";
                return Err(Ending::bad_response(Code::Internal, how));
            }
            other => {
                let how = format!("a reply's compression flag is {other}, where 0 or 1 is due");
                return Err(Ending::bad_response(Code::Internal, how));
            }
        }
        let size = u32::from_be_bytes(length) as usize;
        if size > self.limit {
            let cause = Cause::ReplyTooLarge { size: size as u64, limit: self.limit as u64 };
            return Err(Status::here(Code::ResourceExhausted, cause.to_string(), cause).into());
        }
        self.left = size;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(flag: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![flag];
        bytes.extend((body.len() as u32).to_be_bytes());
        bytes.extend(body);
        bytes
    }

    /// What was let through, and how it ended.
    fn follow(bytes: &[u8], cuts: usize) -> (usize, Option<Status>, Option<String>) {
        let mut framing = Framing::new(1000);
        let mut passed = 0;
        for piece in bytes.chunks(cuts) {
            match framing.follow(&Bytes::copy_from_slice(piece)) {
                Ok(()) => passed += piece.len(),
                Err((part, ending)) => return (passed + part, Some(ending.status), None),
            }
        }
        (passed, None, framing.missing())
    }

    #[test]
    fn what_stands_before_a_broken_message_is_let_through() {
        let good = message(0, b"hello");
        for (bad, code) in [
            (message(1, b"gzip"), Code::Internal),
            (message(9, b""), Code::Internal),
            (message(0, &[0; 1001]), Code::ResourceExhausted),
        ] {
            let bytes = [good.clone(), bad].concat();
            let (passed, status, _) = follow(&bytes, bytes.len());
            assert_eq!((passed, status.map(|s| s.code)), (good.len(), Some(code)));
        }
    }

    #[test]
    fn what_is_missing_at_the_end_is_known() {
        let whole = message(0, b"hello");
        assert_eq!(follow(&whole, 3).2, None);
        assert_eq!(follow(&whole[..2], 3).2.as_deref(), Some("the response ended within a message's prefix"));
        let cut = follow(&whole[..8], 3).2;
        assert_eq!(cut.as_deref(), Some("the response ended 2 bytes before the end of a message"));
    }

    proptest! {
        #[test]
        fn messages_of_any_size_in_pieces_of_any_size_pass(
            sizes in proptest::collection::vec(0usize..1000, 0..20),
            cut in 1usize..3000,
        ) {
            let bytes: Vec<u8> = sizes.iter().flat_map(|size| message(0, &vec![7; *size])).collect();
            prop_assert_eq!(follow(&bytes, cut), (bytes.len(), None, None));
        }
    }
}
