//! Foreign text made safe for a terminal, its width in columns, and the words for times and sizes.
//!
//! Whatever a peer says may end up on a screen, and a terminal obeys what it reads. So nothing
//! foreign is drawn but through [`safe`]; [`Safe`] is the proof of it in a signature.
//!
//! Beside it stands what several rooms ask of a few bytes: which metadata is secret, and whether a
//! content-type is gRPC's.

mod columns;
mod grpc;
mod json;
mod marks;
mod percent;
mod secrets;
mod time;
mod variables;
mod words;

pub use columns::{end_of, fit, width, wrap};
pub use grpc::is_grpc;
pub use json::safe_json;
pub use marks::{Safe, safe};
pub use percent::percent_decoded;
pub use secrets::{MASK, Secrets, is_secret};
pub use time::{IntervalError, LimitError, MAX_INTERVAL, MAX_LIMIT, parse_interval, parse_limit};
pub use variables::{VariableError, expand, is_variables, variables};
pub use words::{brief, count, elapsed, limit, rate, size, sizes_apart, ticking};
