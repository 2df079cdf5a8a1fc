//! One call's life: from an address to a channel, from a request's bytes to a status.
//!
//! This room knows no schema: requests and replies are bytes. It says what happened to its calls
//! through one bounded [`Outbox`], which a face swaps out whenever it has time to look.

pub mod event;
pub mod status;

pub use event::{
    Batch, CallEvent, CallId, ChannelId, ChannelState, Counts, Delta, Entry, Outbox, Record, What,
};
pub use status::{Code, Origin, Status};
