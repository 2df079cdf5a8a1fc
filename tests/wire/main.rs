//! The wire room against others' idea of the same bytes: another HPACK crate's, h2's own on a connection
//! that is recorded and replayed, cut at every byte, and nghttp's; and what is made of a flood.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod anatomy;
mod blocks;
mod floods;
mod nghttp;
mod recorded;
