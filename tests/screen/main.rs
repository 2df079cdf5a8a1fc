//! The screen as a pure function: keys and news in, pictures and wishes out. No terminal, no network.

#![allow(clippy::unwrap_used, unreachable_pub)]

mod behaviour;
mod hostile;
mod looks;
mod random;
mod stage;
