//! How a call's block is seen.

use super::Room;
use crate::{text::Secrets, tui::model::Row};

/// Where the text of messages begins, in columns.
pub const INDENT: u16 = 3;

/// How a block is seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    /// The pane's room.
    pub(super) room: Room,
    /// The chosen row, where it is this call's.
    pub(super) chosen: Option<Row>,
    /// Whether the pane's line goes to it.
    pub(super) takes_line: bool,
    /// Whether its secrets are shown.
    pub(super) secrets: Secrets,
}
