//! What the rows of a call's block are drawn from.

use crate::{
    schema::{MessageType, Shown},
    text,
    tui::{
        layout::Part,
        model::{Call, Model, Pane},
    },
};

/// What a row is drawn from.
pub(super) struct Context<'a> {
    pub(super) model: &'a Model,
    pub(super) pane: &'a Pane,
    pub(super) call: &'a Call,
    /// Whether some of the call's messages are not shown.
    pub(super) folded: bool,
    /// The chosen message taken apart, where it is.
    pub(super) parts: &'a [Part],
}

/// A message as the text of one row.
pub(super) fn plain(message: &MessageType, bytes: &[u8], most: usize) -> String {
    let shown = message.show(bytes, most);
    let (Shown::Text { text, .. } | Shown::Json { text, .. } | Shown::Broken { hex: text, .. }) = shown;
    text::safe(&text).into_owned()
}
