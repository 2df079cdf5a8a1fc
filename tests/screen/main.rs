//! The screen as a pure function: keys and news in, pictures and wishes out. No terminal, no network.

#![allow(clippy::unwrap_used, unreachable_pub)]

mod behaviour;
mod connection;
mod copying;
mod crowded;
mod hostile;
mod looks;
mod moving;
mod options;
mod random;
mod reading;
mod rows;
mod server;
mod services;
mod stage;
mod typing;
mod wire;
