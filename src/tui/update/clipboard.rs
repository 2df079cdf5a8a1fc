//! What goes to the terminal's clipboard, and how much of it.

use std::fmt::Write as _;

use super::{Effect, TerminalWish};
use crate::tui::{model::Model, save::Excerpt};

/// The most text that goes to the clipboard, in bytes: terminals drop longer sequences.
pub(super) const MAX_COPY: usize = 64 << 10;

/// Copies text, or as much of it as the clipboard takes, and says which.
pub(super) fn put(model: &mut Model, excerpt: Excerpt, effects: &mut Vec<Effect>) {
    let Excerpt { mut text, cut } = excerpt;
    // What is pasted elsewhere must not carry escape sequences there.
    text.retain(|c| matches!(c, '\n' | '\t') || !c.is_control());
    let end = text.floor_char_boundary(MAX_COPY);
    let cut = cut || end < text.len();
    text.truncate(end);
    effects.push(Effect::Terminal(TerminalWish::Copy(text)));
    model.say(if cut {
        "its first 64 KiB sent to the terminal's clipboard"
    } else {
        "sent to the terminal's clipboard"
    });
}

/// Bytes in hex, as many as the clipboard takes.
pub(super) fn hex(bytes: &[u8]) -> Excerpt {
    let kept = bytes.len().min(MAX_COPY / 3);
    let mut text = String::with_capacity(kept * 3);
    for byte in &bytes[..kept] {
        let _ = write!(text, "{byte:02x} ");
    }
    text.truncate(text.trim_end().len());
    Excerpt { text, cut: kept < bytes.len() }
}
