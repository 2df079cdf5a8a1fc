//! HTTP/2 as it is seen on the connection, by a tap between the socket and h2.
//!
//! ```text
//! socket ─ tap ─┬─ opening      what the peer said first
//!               └─ recorder ─→ entries ─→ WireLog ─→ a face
//! ```
//!
//! * [`tap`]: every byte of both directions passes it. [`opening`]: the peer's first words.
//! * [`walk`]: where each frame begins and ends. [`frame`]: its header. [`codes`]: HTTP/2's numbers by name.
//! * [`headers`]: blocks of headers; [`hpack`] reads them. [`messages`]: gRPC's messages in DATA. [`windows`]: flow control.
//!   `progress`: how far they are. `hearing` and `data`: what frames say and change; `state`: what is known then.
//! * [`entry`]: one row of the ladder. [`kept`]: the newest of them. [`log`] and `summary`: what a face takes.
//! * [`ladder`]: entries as rows of text. [`words`]: what an entry means.

pub mod anatomy;
pub mod codes;
mod data;
pub mod entry;
pub mod frame;
pub mod headers;
mod hearing;
pub mod hpack;
pub mod kept;
pub mod ladder;
pub mod log;
pub mod messages;
pub mod opening;
mod payload;
mod progress;
mod recorder;
mod repeated;
mod state;
mod streams;
mod summary;
pub mod tap;
pub mod walk;
pub mod windows;
pub mod words;

pub use codes::{ErrorCode, Setting, SettingId};
pub use entry::{Content, End, Entry, Fault, Lost, LostHeaders, What};
pub use frame::{Direction, Flags, Head, Kind};
pub use headers::{Coding, Cost, Field, Headers, Role};
pub use kept::{Attention, Kept};
pub use log::{Ear, Labels, WireLog};
pub use messages::{Data, Flag, Messages, Piece};
pub use opening::{FirstWords, Opening};
pub use progress::Reached;
pub use summary::{ConnectionLog, StreamState, StreamSummary, Summary, Totals};
pub use tap::{Tap, Watch};
pub use windows::{Window, Windows};
