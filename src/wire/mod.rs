//! HTTP/2 as it is seen on the connection, by a tap between the socket and h2.
//!
//! ```text
//! socket ─ tap ─┬─ opening      what the peer said first
//!               └─ recorder ─→ entries ─→ WireLog ─→ a face
//! ```
//!
//! * [`tap`]: every byte of both directions passes it. [`opening`]: the peer's first words.
//! * [`frame`]: where each frame begins and ends. [`codes`]: HTTP/2's numbers by name.
//! * [`headers`]: blocks of headers. [`messages`]: gRPC's messages in DATA. [`windows`]: flow control.
//! * [`entry`]: one row of the ladder. [`kept`]: the newest of them. [`log`]: what a face takes.

pub mod codes;
pub mod entry;
pub mod frame;
pub mod headers;
pub mod kept;
pub mod log;
pub mod messages;
pub mod opening;
pub mod tap;
pub mod windows;

pub use codes::{ErrorCode, Setting, SettingId};
pub use entry::{Content, End, Entry, Fault, Lost, What};
pub use frame::{Direction, Flags, Head, Kind};
pub use headers::{Coding, Cost, Field, Headers, Role};
pub use kept::Kept;
pub use log::{ConnectionLog, StreamState, StreamSummary, Summary, Totals};
pub use messages::{Data, Messages, Piece};
pub use opening::{FirstWords, Opening};
pub use tap::{Tap, Watch};
pub use windows::{Window, Windows};
