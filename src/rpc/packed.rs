//! The replies of a response whose headers say that they may be compressed ("gRPC over HTTP/2",
//! Message-Encoding).
//!
//! Such a response takes this way round: its bytes wait here, and message by message they are taken out of their
//! encoding and given to [`Framing`](super::framing::Framing), which holds those of any response. What a peer can
//! pack into a byte is thousands of bytes, so whoever asks for the next message asks himself first whether it has room.

use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;

use super::{
    Cause,
    ending::Ending,
    framing::{RUN, bad_flag, make_room, missing_of, too_large},
    run::PREFIX,
};
use crate::compression::{self, Encoding, Fault, Unpacker};

/// The most of a name that nobody knows which is told, in characters.
const MAX_NAME: usize = 40;

/// Messages as they came, and one that was taken out.
#[derive(Debug)]
pub(super) struct Packed {
    /// How they are compressed, by its name where it is not known here.
    encoding: Result<Encoding, String>,
    /// The largest message that is taken, as it comes out, in bytes.
    limit: usize,
    /// Messages that came, and the beginning of another.
    bytes: BytesMut,
    /// The newest message, its prefix with it.
    message: Vec<u8>,
    unpacker: Unpacker,
}

impl Packed {
    /// Where the headers name an encoding. Their messages need not be in it all the same.
    pub(super) fn of(headers: &HeaderMap, limit: usize) -> Option<Self> {
        let encoding = compression::named_in(headers)?;
        let unpacker = Unpacker::default();
        Some(Self { encoding, limit, bytes: BytesMut::new(), message: Vec::new(), unpacker })
    }

    /// Takes the next piece of the response.
    pub(super) fn take(&mut self, piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
    }

    /// The next message, its prefix with it, uncompressed; `None` where it did not come yet. An error is the
    /// call's end.
    pub(super) fn next(&mut self) -> Result<Option<&mut Vec<u8>>, Ending> {
        let Some([flag, length @ ..]) = self.bytes.first_chunk::<PREFIX>() else { return Ok(None) };
        let (flag, size) = (*flag, u32::from_be_bytes(*length) as usize);
        let most = match flag {
            0 => self.limit,
            // What cannot be made smaller becomes a little larger.
            1 => self.limit.saturating_add(self.limit / 128 + 128),
            other => return Err(bad_flag(other)),
        };
        if size > most {
            return Err(too_large(Cause::ReplyTooLarge { size: size as u64, limit: self.limit as u64 }));
        }
        let end = PREFIX + size;
        if self.bytes.len() < end {
            make_room(&mut self.bytes, end);
            return Ok(None);
        }
        self.message.clear();
        self.message.extend([0; PREFIX]);
        if flag == 0 {
            self.message.extend_from_slice(&self.bytes[PREFIX..end]);
            self.bytes.advance(end);
        } else {
            let packed = self.bytes.split_to(end).freeze().slice(PREFIX..);
            self.unpack(packed)?;
        }
        if end > RUN && self.bytes.len() < end {
            // The smaller part is copied: it does not keep a large one's room.
            self.bytes = BytesMut::from(&self.bytes[..]);
        }
        let length = (self.message.len() - PREFIX) as u32;
        self.message[1..PREFIX].copy_from_slice(&length.to_be_bytes());
        Ok(Some(&mut self.message))
    }

    /// What is missing of a message that was begun, in words.
    pub(super) fn missing(&self) -> Option<String> {
        missing_of(&self.bytes)
    }

    fn unpack(&mut self, packed: Bytes) -> Result<(), Ending> {
        let encoding = match &self.encoding {
            Ok(encoding) => *encoding,
            Err(name) => {
                let name: String = name.chars().take(MAX_NAME).collect();
                let how = format!("a reply is compressed with {name}, which was not offered");
                return Err(Ending::bad_response(how));
            }
        };
        let (size, limit) = (packed.len() as u64, self.limit as u64);
        let unpacked = self.unpacker.unpack(encoding, packed, self.limit, &mut self.message);
        unpacked.map_err(|fault| match fault {
            Fault::TooLarge => too_large(Cause::ReplyUnpacksTooLarge { size, limit }),
            fault => {
                let how = format!("a reply cannot be decompressed, {encoding}: {fault}");
                Ending::bad_response(how)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(size: usize) -> Vec<u8> {
        let mut bytes = vec![0];
        bytes.extend((size as u32).to_be_bytes());
        bytes.resize(PREFIX + size, 7);
        bytes
    }

    #[test]
    fn a_prefix_takes_no_memory_for_what_did_not_come() {
        let headers = [("grpc-encoding", "gzip")].map(|(name, value)| (name.parse(), value.parse()));
        let headers = headers.into_iter().map(|(name, value)| (name.unwrap(), value.unwrap())).collect();
        for flag in [0, 1] {
            let mut packed = Packed::of(&headers, usize::MAX).unwrap();
            packed.take(&[flag, 255, 255, 255, 255]);
            assert!(packed.next().unwrap().is_none());
            assert!(packed.bytes.capacity() <= 8 << 20, "{}", packed.bytes.capacity());
        }
    }

    #[test]
    fn what_is_small_does_not_keep_the_room_of_what_was_large() {
        let headers = [("grpc-encoding", "gzip")].map(|(name, value)| (name.parse(), value.parse()));
        let headers = headers.map(|(name, value)| (name.unwrap(), value.unwrap())).into_iter().collect();
        let mut packed = Packed::of(&headers, 4 << 20).unwrap();
        for piece in [message(3 << 20), message(10)].concat().chunks(16 << 10) {
            packed.take(piece);
        }
        for size in [3 << 20, 10] {
            let taken = packed.next().ok().flatten().map(|message| message.len());
            assert_eq!(taken, Some(PREFIX + size));
        }
        assert!(packed.next().ok().flatten().is_none());
        // So it would have the room again.
        packed.take(&message(10)[..5]);
        assert!(packed.bytes.capacity() < 16 << 10, "{}", packed.bytes.capacity());
    }
}
