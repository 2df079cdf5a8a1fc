//! The screen as a pure function: keys and news in, pictures and wishes out. No terminal, no network.

#![allow(clippy::unwrap_used, unreachable_pub)]

mod behaviour;
mod chosen;
mod connection;
mod copying;
mod crowded;
mod footer;
mod hostile;
mod lists;
mod looks;
mod moving;
mod options;
mod random;
mod reading;
mod reuse;
mod rows;
mod server;
mod services;
mod signs;
mod stage;
mod typing;
mod waiting;
mod wire;
