//! A codec for tonic that leaves messages as they are: bytes.

use bytes::{Buf, BufMut, Bytes};
use tonic::{
    Status,
    codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};

/// A message up to this size is copied out of the read buffer: kept for long, it must not keep the whole
/// buffer. A larger one fills its buffer, near enough, and is split off.
const COPIED: usize = 16 << 10;
/// What a call's two buffers begin with, in bytes. Most calls are small; buffers grow.
const BUFFER: usize = 512;
/// Messages that are ready together are sent together, up to this many bytes.
const TOGETHER: usize = 32 << 10;

/// Bytes in, bytes out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RawCodec;

impl Codec for RawCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, dst: &mut EncodeBuf<'_>) -> Result<(), Status> {
        dst.put(item);
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::new(BUFFER, TOGETHER)
    }
}

impl Decoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, src: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let size = src.remaining();
        if size > COPIED {
            return Ok(Some(src.copy_to_bytes(size)));
        }
        let message = Bytes::copy_from_slice(&src.chunk()[..size]);
        src.advance(size);
        Ok(Some(message))
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::new(BUFFER, TOGETHER)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, StreamExt};
    use http_body_util::Full;
    use tonic::Streaming;

    use super::*;

    fn decoded(sizes: &[usize]) -> Vec<Bytes> {
        let mut bytes = Vec::new();
        for size in sizes {
            bytes.push(0);
            bytes.extend((*size as u32).to_be_bytes());
            bytes.resize(bytes.len() + size, 7);
        }
        let body = Full::new(Bytes::from(bytes));
        let messages = Streaming::new_request(RawCodec, body, None, None);
        messages
            .map(|message| message.expect("a message"))
            .collect::<Vec<_>>()
            .now_or_never()
            .expect("all of it")
    }

    #[test]
    fn a_small_message_that_is_kept_keeps_only_itself() {
        for message in decoded(&[3, 100, COPIED, 1]) {
            let size = message.len();
            assert_eq!(message.try_into_mut().expect("its own").capacity(), size);
        }
    }

    #[test]
    fn a_large_message_comes_whole() {
        let sizes = [COPIED + 1, 0, 1 << 20];
        assert_eq!(decoded(&sizes).iter().map(Bytes::len).collect::<Vec<_>>(), sizes);
    }
}
