//! HTTP/2 as it is seen on the connection, by a tap between the socket and h2.
//!
//! Today the tap reads the first words of the peer: that is how a connection is known to be one. The
//! frames of both directions, and what is in them, will be watched at the same place.

pub mod opening;
pub mod tap;

pub use opening::{FirstWords, Opening};
pub use tap::{Tap, Watch};
