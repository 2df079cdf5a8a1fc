//! `greeter check` against servers that greet as the contract says, and against servers each of which breaks
//! one thing: it is told under the line that is about it.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod broken;
mod good;
mod greeter;
mod hostile;
mod support;
