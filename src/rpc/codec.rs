//! A codec for tonic that leaves messages as they are: bytes.

use std::convert::Infallible;

use bytes::{BufMut, Bytes};
use tonic::{
    Status,
    codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};

/// What a call's buffer begins with, in bytes. Most calls are small; buffers grow.
const BUFFER: usize = 512;
/// Messages that are ready together are sent together, up to this many bytes.
const TOGETHER: usize = 32 << 10;

/// Bytes in, nothing out: the replies are taken from the transport.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RawCodec;

impl Codec for RawCodec {
    type Encode = Bytes;
    type Decode = Infallible;
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
    type Item = Infallible;
    type Error = Status;

    fn decode(&mut self, _src: &mut DecodeBuf<'_>) -> Result<Option<Infallible>, Status> {
        Ok(None)
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::new(0, TOGETHER)
    }
}
