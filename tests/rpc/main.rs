//! The rpc room against real peers: good servers, slow ones, hostile ones, and none.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod calls;
mod cancel;
mod compression;
mod connections;
mod deadlines;
mod doctor;
mod feed;
mod hostile;
mod keepalive;
mod panel;
mod sizes;
mod support;
mod tls;
mod unclear;
mod waiting;
mod ways;
mod wire;
