//! `greeter`: the screen, with the embedded server.

use super::Failure;
use crate::cli::Screen;

/// Runs the screen until the user leaves it.
pub(super) fn explore(_screen: Screen) -> Result<(), Failure> {
    Err(Failure::undone("the screen is not built in yet"))
}
