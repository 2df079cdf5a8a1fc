//! The test schema, as the program sees it and as prost-reflect does.

#![allow(dead_code, clippy::unwrap_used)]

use std::sync::LazyLock;

use greeter::schema::{Contract, MessageType, Shown, Source};
use prost::Message as _;
use prost_reflect::{DescriptorPool, MessageDescriptor};
use prost_types::FileDescriptorSet;

pub(crate) fn files() -> FileDescriptorSet {
    static FILES: LazyLock<FileDescriptorSet> = LazyLock::new(|| {
        let protos = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protos");
        protox::compile(["everything.proto", "older.proto"], [protos]).unwrap()
    });
    FILES.clone()
}

/// The message type of this name, as it is the request of a method.
pub(crate) fn message(full_name: &str) -> MessageType {
    static CONTRACTS: LazyLock<Vec<Contract>> =
        LazyLock::new(|| Contract::from_descriptor_set(&files().encode_to_vec(), Source::File).unwrap());
    let mut methods = CONTRACTS.iter().flat_map(Contract::methods);
    methods.find(|method| method.request().full_name() == full_name).unwrap().request().clone()
}

pub(crate) fn everything() -> MessageType {
    message("test.Everything")
}

/// The same type, independent of ours.
pub(crate) fn reference() -> MessageDescriptor {
    static POOL: LazyLock<DescriptorPool> =
        LazyLock::new(|| DescriptorPool::from_file_descriptor_set(files()).unwrap());
    POOL.get_message_by_name("test.Everything").unwrap()
}

/// A field of bytes: any message, any text.
pub(crate) fn length_delimited(number: u32, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::bytes::encode(number, &value.to_vec(), &mut bytes);
    bytes
}

pub(crate) fn varint(number: u32, value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::uint64::encode(number, &value, &mut bytes);
    bytes
}

/// A row that must be JSON, whole.
pub(crate) fn json(message: &MessageType, bytes: &[u8]) -> String {
    match message.show(bytes, 1 << 20) {
        Shown::Json { text, cut: false } => text,
        other => panic!("{other:?}"),
    }
}

/// Why a row is broken.
pub(crate) fn error(message: &MessageType, bytes: &[u8]) -> String {
    match message.show(bytes, 1 << 20) {
        Shown::Broken { error, .. } => error,
        other => panic!("{other:?}"),
    }
}
