//! `greeter connect`: the screen, on a server elsewhere.

use super::Failure;
use crate::cli::Connect;

/// Runs the screen until the user leaves it.
pub(super) fn connect(connect: &Connect) -> Result<(), Failure> {
    Err(Failure::undone(format!("the screen is not built in yet, {} waits", connect.address)))
}
