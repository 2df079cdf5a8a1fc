//! One call's life: from an address to a channel, from a request's bytes to a status.
//!
//! This room knows no schema: requests and replies are bytes. It says what happened to its calls
//! through one bounded [`Outbox`], which a face swaps out whenever it has time to look.
//!
//! ```text
//! Target → Channel ─ connect ─ connection (h2) ─ gate ─┐
//!             └── call ─ requests ─ tonic's Grpc ─ transport ─→ Outbox
//! ```
//!
//! * [`target`]: an address, read from text. `runtime`: the thread that all this runs on.
//! * `settings`: how a channel connects; `connect`: its state, and when it is tried again; `dial`: the way to a server, layer by layer;
//!   `ladder` and `fault`: what was seen on it; [`doctor`]: why it ends; `raw`, `tls` and `socket`: what bytes go through;
//!   `connection`: one HTTP/2 connection; `gate`: the queue before it where the peer allows only so many streams; `keepalive`: whether it is still there.
//! * `call`: one call; `requests`: its messages on their way out; `transport`: its HTTP/2 stream;
//!   `codec`, `framing` and `packed`: its messages' bytes; `ending`: its status; `report`: what it tells.
//!   [`metadata`]: what goes with it, read from text.
//! * [`event`]: what a face takes when it has time; `feed`: the same without loss, for one that must have all;
//!   `entry` and `record`: a call's transcript; `run`: replies that came together.

mod call;
mod codec;
mod connect;
mod connection;
mod dial;
pub mod doctor;
mod ending;
mod entry;
pub mod event;
mod fault;
mod feed;
mod framing;
mod gate;
mod keepalive;
mod ladder;
mod layer;
pub mod metadata;
mod packed;
mod peer;
mod raw;
mod reading;
mod record;
mod report;
mod requests;
pub mod run;
mod runtime;
mod settings;
mod socket;
pub mod status;
pub mod target;
mod tls;
mod transport;
mod words;

pub use call::{CallHandle, CallSpec, DEFAULT_MAX_REPLY, MAX_METADATA, Requests};
pub use connect::{Channel, Readiness};
pub use ending::is_grpc;
pub use entry::{Counts, Entry, What};
pub use event::{Batch, CallEvent, CallId, ChannelId, ChannelState, Delta, Outbox};
pub use fault::{Fault, Spoken, TlsFault};
pub use feed::{Feed, Happened};
pub use keepalive::Keepalive;
pub use ladder::{Ladder, Outcome, Rung, Seen};
pub use layer::Layer;
pub use peer::Peer;
pub use record::Record;
pub use requests::{MAX_WAITING, MAX_WAITING_BYTES, SendError};
pub use runtime::Runtime;
pub use settings::{ChannelSettings, Wire, user_agent};
pub use status::{Cause, Code, Details, Heard, Late, Origin, Status};
pub use target::{Security, Target, TargetError, Wish};
pub use tls::{
    Authorities, ClientCertificate, Identity, TlsFacts, TlsSettings, Trust, Verified, is_server_name,
};
