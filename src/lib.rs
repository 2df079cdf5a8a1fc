//! `greeter`: an interactive terminal client for exploring gRPC.
//!
//! The rooms, each using only what stands below it (a test keeps this order):
//!
//! ```text
//! main → commands → tui → schema → rpc → wire → compression → text
//!            │ └─ check ─────┘       └──→ certs → text
//!            └────────┴──→ server ──────→ certs → text
//! ```
//!
//! The data goes one way round:
//!
//! ```text
//! key → Action → update → Effect → call task → Batch → update → Model → view
//! ```
//!
//! * `held`: locks that a panic keeps nobody out of.
//! * [`text`]: foreign text made safe for a terminal, and the words for times and sizes.
//! * [`compression`]: messages in gzip and zstd, and what peers take of these.
//! * [`certs`]: certificates and keys, read from files and told in words.
//! * [`wire`]: HTTP/2 as it is seen on the connection.
//! * [`rpc`]: one call's life, from an address to a status. Messages are bytes here.
//! * [`schema`]: services, methods and messages; text to bytes and back.
//! * [`server`]: the embedded Greeter and its accept loop.
//! * [`check`]: what a Greeter must do, and whether one does.
//! * [`tui`]: the interactive face.
//! * [`commands`]: the other faces, and where the rooms are put together.
//! * [`cli`]: commands and flags, as words and as types.

#[cfg(not(unix))]
compile_error!("greeter needs Unix: its signals, sockets and terminals are those of Linux and macOS");

pub mod certs;
pub mod check;
pub mod cli;
pub mod commands;
pub mod compression;
mod held;
pub mod rpc;
pub mod schema;
pub mod server;
pub mod text;
pub mod tui;
pub mod wire;
