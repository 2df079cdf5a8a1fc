//! A message taken out of its encoding, in no more memory than was allowed for it.

use std::{
    fmt,
    io::{self, ErrorKind, Read},
};

use bytes::{Buf, Bytes, buf::Reader};
use flate2::bufread::GzDecoder;
use thiserror::Error;
use zstd::zstd_safe::DCtx;

use super::Encoding;

/// What a frame begins with (RFC 8878, section 3.1.1). The library as tonic has it would read the formats of ten
/// years ago as well, by other decoders for each, and they are nobody's business here.
pub(super) const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// What a message may ask for that it refers back to: RFC 8878, section 3.1.1.1.2, has decoders take 8 MiB and
/// encoders keep to it. As a power of two, in bytes.
const MAX_WINDOW_LOG: u32 = 23;
/// A decompressor that took more memory is not kept for the next message, in bytes.
const MAX_KEPT: usize = 512 << 10;
/// Taken out at once, in bytes.
const STEP: usize = 8 << 10;

/// Why a message cannot be taken out of its encoding.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// More comes of it than is taken.
    #[error("it is too large")]
    TooLarge,
    /// It ends too early.
    #[error("it is cut off")]
    CutOff,
    /// More stands behind its end.
    #[error("bytes follow its end")]
    Trailing,
    /// It is something else, or broken; how, in words.
    #[error("{0}")]
    Broken(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::UnexpectedEof => Self::CutOff,
            _ => Self::Broken(error.to_string()),
        }
    }
}

/// Appends to `out` what was packed into `packed`, which is at most `limit` bytes. In memory it takes these and,
/// while it works, some megabytes at most. What was appended before a fault is of no use.
pub fn unpack(encoding: Encoding, packed: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), Fault> {
    Unpacker::default().unpack(encoding, Bytes::copy_from_slice(packed), limit, out)
}

/// Unpacks messages one after the other. It keeps its decompressors, since making one costs more than a small
/// message does.
#[derive(Default)]
pub struct Unpacker {
    gzip: Option<GzDecoder<Reader<Bytes>>>,
    zstd: Option<DCtx<'static>>,
}

impl fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unpacker").finish_non_exhaustive()
    }
}

impl Unpacker {
    /// The same as [`unpack`].
    pub fn unpack(
        &mut self,
        encoding: Encoding,
        packed: Bytes,
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        // Even an empty message has a header once it is compressed.
        if packed.is_empty() {
            return Err(Fault::CutOff);
        }
        match encoding {
            Encoding::Gzip => self.gzip(packed, limit, out),
            Encoding::Zstd => self.zstd(&packed, limit, out),
        }
    }

    fn gzip(&mut self, packed: Bytes, limit: usize, out: &mut Vec<u8>) -> Result<(), Fault> {
        let decoder = self.gzip.get_or_insert_with(|| GzDecoder::new(Bytes::new().reader()));
        decoder.reset(packed.reader());
        gather(decoder, limit, out)?;
        // This releases the message. Another member could follow, but each would cost more than it brings.
        let rest = decoder.reset(Bytes::new().reader());
        if rest.get_ref().is_empty() { Ok(()) } else { Err(Fault::Trailing) }
    }

    fn zstd(&mut self, packed: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), Fault> {
        if !packed.starts_with(&ZSTD) {
            let is_cut = ZSTD.starts_with(packed);
            return Err(if is_cut { Fault::CutOff } else { Fault::Broken("it is no frame".to_owned()) });
        }
        let context = self.zstd.get_or_insert_with(DCtx::create);
        let mut decoder = zstd::Decoder::with_context(packed, context).single_frame();
        decoder.window_log_max(MAX_WINDOW_LOG)?;
        let gathered = gather(&mut decoder, limit, out);
        let rest = decoder.finish();
        // Its window may be one of megabytes, and there may be a thousand calls.
        self.zstd.take_if(|context| context.sizeof() > MAX_KEPT);
        gathered?;
        if rest.is_empty() { Ok(()) } else { Err(Fault::Trailing) }
    }
}

fn gather(decoder: &mut impl Read, limit: usize, out: &mut Vec<u8>) -> Result<(), Fault> {
    let before = out.len();
    let mut step = [0; STEP];
    loop {
        let piece = match decoder.read(&mut step)? {
            0 => return Ok(()),
            size => &step[..size],
        };
        let size = out.len() - before + piece.len();
        if size > limit {
            return Err(Fault::TooLarge);
        }
        if out.capacity() < before + size {
            // Doubled as ever, but not beyond the limit.
            let wanted = (2 * out.capacity()).clamp(before + size, before + limit);
            out.reserve_exact(wanted - out.len());
        }
        out.extend_from_slice(piece);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;

    use super::*;

    fn pack(encoding: Encoding, message: &[u8]) -> Vec<u8> {
        match encoding {
            Encoding::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(message).unwrap();
                encoder.finish().unwrap()
            }
            Encoding::Zstd => zstd::encode_all(message, 3).unwrap(),
        }
    }

    fn unpacked(encoding: Encoding, packed: &[u8], limit: usize) -> Result<Vec<u8>, Fault> {
        let mut out = Vec::new();
        unpack(encoding, packed, limit, &mut out).map(|()| out)
    }

    #[test]
    fn a_message_may_be_as_large_as_the_limit_and_no_larger() {
        let message = vec![7; 100_000];
        for encoding in Encoding::ALL {
            let packed = pack(encoding, &message);
            assert_eq!(unpacked(encoding, &packed, 100_000).as_ref(), Ok(&message));
            assert_eq!(unpacked(encoding, &packed, 99_999), Err(Fault::TooLarge));
        }
    }

    #[test]
    fn a_bomb_takes_no_more_memory_than_the_limit() {
        let bomb = vec![0; 64 << 20];
        for encoding in Encoding::ALL {
            let packed = pack(encoding, &bomb);
            assert!(packed.len() < 100_000, "{encoding} {}", packed.len());
            let mut out = Vec::new();
            let limit = 3 << 20;
            assert_eq!(unpack(encoding, &packed, limit, &mut out), Err(Fault::TooLarge));
            assert!(out.capacity() <= limit, "{encoding} {}", out.capacity());
        }
    }

    #[test]
    fn an_empty_message_comes_out_empty_and_nothing_is_no_message() {
        for encoding in Encoding::ALL {
            assert_eq!(unpacked(encoding, &pack(encoding, b""), 0), Ok(Vec::new()));
            assert_eq!(unpacked(encoding, b"", 10), Err(Fault::CutOff));
        }
    }

    #[test]
    fn a_message_that_is_cut_off_anywhere_is_known() {
        for encoding in Encoding::ALL {
            let packed = pack(encoding, b"Hello, World! Hello, World!");
            for end in 1..packed.len() {
                assert_eq!(unpacked(encoding, &packed[..end], 100), Err(Fault::CutOff), "{encoding} {end}");
            }
        }
    }

    #[test]
    fn bytes_behind_the_end_are_no_message() {
        for encoding in Encoding::ALL {
            let packed = [pack(encoding, b"Hello"), pack(encoding, b"World")].concat();
            assert_eq!(unpacked(encoding, &packed, 100), Err(Fault::Trailing), "{encoding}");
        }
    }

    #[test]
    fn a_message_of_another_encoding_is_broken() {
        for (encoding, other) in [(Encoding::Gzip, Encoding::Zstd), (Encoding::Zstd, Encoding::Gzip)] {
            let fault = unpacked(encoding, &pack(other, b"Hello"), 100).unwrap_err();
            assert!(matches!(fault, Fault::Broken(_)), "{fault:?}");
        }
    }

    #[test]
    fn the_formats_before_zstd_was_one_are_not_read() {
        // A frame of version 0.7 that is empty.
        let fault = unpacked(Encoding::Zstd, b"\x27\xb5\x2f\xfd\x24\x1c\0\0\0", 100);
        assert_eq!(fault, Err(Fault::Broken("it is no frame".to_owned())));
    }

    #[test]
    fn a_message_comes_out_whatever_came_of_the_one_before() {
        let message = b"Hello, World!".repeat(9);
        for encoding in Encoding::ALL {
            let mut unpacker = Unpacker::default();
            let good = Bytes::from(pack(encoding, &message));
            let trailing = Bytes::from([&good[..], b"x"].concat());
            let broken = Bytes::from([&good[..10], &[0xff; 9]].concat());
            for (bad, limit) in [(good.slice(..20), 200), (trailing, 200), (broken, 200), (good.clone(), 9)] {
                unpacker.unpack(encoding, bad, limit, &mut Vec::new()).unwrap_err();
                let mut out = Vec::new();
                unpacker.unpack(encoding, good.clone(), message.len(), &mut out).unwrap();
                assert_eq!(out, message, "{encoding}");
            }
        }
    }

    #[test]
    fn a_large_window_is_not_kept() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(MAX_WINDOW_LOG).unwrap();
        let noise: Vec<u8> =
            (0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        encoder.write_all(&noise).unwrap();
        let packed = Bytes::from(encoder.finish().unwrap());
        let mut unpacker = Unpacker::default();
        unpacker.unpack(Encoding::Zstd, packed, noise.len(), &mut Vec::new()).unwrap();
        assert!(unpacker.zstd.is_none());
        unpacker.unpack(Encoding::Zstd, pack(Encoding::Zstd, b"x").into(), 1, &mut Vec::new()).unwrap();
        assert!(unpacker.zstd.is_some());
    }

    #[test]
    fn a_window_that_no_encoder_should_want_is_refused() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.write_all(&[0; 1_000]).unwrap();
        let fault = unpacked(Encoding::Zstd, &encoder.finish().unwrap(), 1 << 20).unwrap_err();
        assert!(matches!(fault, Fault::Broken(_)), "{fault:?}");
    }

    proptest! {
        #[test]
        fn any_message_comes_out_as_it_went_in(message: Vec<u8>) {
            for encoding in Encoding::ALL {
                let packed = pack(encoding, &message);
                prop_assert_eq!(Encoding::of_message(&packed), Some(encoding));
                let out = unpacked(encoding, &packed, message.len());
                prop_assert_eq!(out.as_ref(), Ok(&message));
            }
        }

        #[test]
        fn bytes_that_nobody_packed_end_in_a_fault_or_within_the_limit(
            noise: Vec<u8>,
            message: Vec<u8>,
            at: usize,
            flip in 1u8..,
        ) {
            const LIMIT: usize = 50;
            for encoding in Encoding::ALL {
                let mut packed = pack(encoding, &message);
                let at = at % packed.len();
                packed[at] ^= flip;
                for bytes in [&packed, &noise] {
                    let mut out = Vec::new();
                    let _any = unpack(encoding, bytes, LIMIT, &mut out);
                    prop_assert!(out.capacity() <= LIMIT);
                }
            }
        }
    }
}
