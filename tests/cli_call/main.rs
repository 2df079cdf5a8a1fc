//! `greeter call` as a program: what it prints and where, how it takes its messages, how it ends.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod hostile;
mod messages;
mod output;
mod stopping;
mod support;
mod usage;
mod ways;
