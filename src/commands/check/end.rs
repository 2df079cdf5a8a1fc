//! How a run of checks ended.

/// Why there are no further checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// All were made.
    Done,
    /// `Ctrl-C`.
    Interrupted,
}
