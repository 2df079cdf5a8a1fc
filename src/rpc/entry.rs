//! One message of a call, or the end of its stream, as a transcript has it; and how many there were.

use std::time::Duration;

use bytes::Bytes;

/// What one entry of a call's transcript is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A request message, as its encoded bytes without the gRPC prefix.
    Sent(Bytes),
    /// The client's half-close.
    EndOfStream,
    /// A reply message, as its encoded bytes without the gRPC prefix.
    Received(Bytes),
}

/// One entry of a call's transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Since the call began, taken when it happened.
    pub at: Duration,
    /// What happened.
    pub what: What,
}

impl Entry {
    /// Without whatever else its message shares room with.
    pub(super) fn by_itself(self) -> Self {
        match self.what {
            What::Received(bytes) => Self { what: What::Received(Bytes::copy_from_slice(&bytes)), ..self },
            _ => self,
        }
    }

    pub(super) fn size(&self) -> usize {
        match &self.what {
            What::Sent(bytes) | What::Received(bytes) => bytes.len(),
            What::EndOfStream => 0,
        }
    }
}

/// True counts of a call's messages, whatever was kept of them. Bytes are without the gRPC prefix.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Request messages.
    pub sent: u64,
    /// Reply messages.
    pub received: u64,
    /// Bytes of all request messages.
    pub sent_bytes: u64,
    /// Bytes of all reply messages.
    pub received_bytes: u64,
}

impl Counts {
    /// Counts an entry in.
    pub fn add(&mut self, entry: &Entry) {
        self.merge(Self::of(entry));
    }

    pub(super) fn of(entry: &Entry) -> Self {
        let size = entry.size() as u64;
        match &entry.what {
            What::Sent(_) => Self { sent: 1, sent_bytes: size, ..Self::default() },
            What::Received(_) => Self { received: 1, received_bytes: size, ..Self::default() },
            What::EndOfStream => Self::default(),
        }
    }

    pub(super) fn merge(&mut self, other: Counts) {
        self.sent += other.sent;
        self.received += other.received;
        self.sent_bytes += other.sent_bytes;
        self.received_bytes += other.received_bytes;
    }
}
