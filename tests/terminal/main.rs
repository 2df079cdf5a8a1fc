//! The real program in a real terminal: what is typed, what is seen, and how the terminal is left.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod background;
mod calls;
mod connect;
mod editor;
mod flood;
mod flooder;
mod foreign;
mod harness;
mod hostile;
mod hostile_keys;
mod keys;
mod mouse;
mod output;
mod panels;
mod paste;
mod peers;
mod prompt;
mod scroll;
mod server_panel;
mod sizes;
mod suspend;
mod ways_out;
