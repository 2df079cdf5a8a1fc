//! A chosen frame's bytes in hex beside their meaning.

use ratatui::layout::Rect;

use super::Shown;
use crate::{
    schema::Limits,
    text::{self, Secrets},
    tui::{
        model::{Model, WirePanel},
        view::paint::{Painter, hex, rest, row},
    },
    wire::{
        What,
        anatomy::{Meaning, anatomy},
    },
};

/// The room of the bytes before their meaning: eight of them, and a sign for more.
const HEX: u16 = 28;
/// How much of a message is taken apart.
const LIMITS: Limits = Limits { lines: 64, depth: 8, value_bytes: 200 };

pub(super) fn draw(model: &Model, panel: &WirePanel, area: Rect, painter: &mut Painter<'_>) {
    if area.is_empty() {
        return;
    }
    let Some((log, entry)) = panel.chosen.and_then(|spot| {
        let log = model.wire.connection(spot.connection)?;
        Some((log, log.kept.get(spot.entry)?))
    }) else {
        return;
    };
    let shown = Shown { model, log, entry, names_connection: false };
    let lines = lines(&shown, panel.secrets);
    // The first row stays empty.
    let room = usize::from(area.height) - 1;
    let (dim, text_style) = (painter.theme.dim, painter.theme.text);
    let cut = lines.len() > room;
    let fit = if cut { room.saturating_sub(1) } else { room };
    for (nth, (hex, words)) in lines.iter().take(fit).enumerate() {
        let line = row(area, nth as u16 + 1);
        painter.left(Rect { width: HEX.min(line.width), ..line }, hex, dim);
        painter.left(rest(line, HEX), &text::safe(words), text_style);
    }
    if cut {
        let more = format!("… {} more; a larger screen shows them", text::count((lines.len() - fit) as u64));
        painter.left(row(area, area.height - 1), &more, dim);
    }
}

/// The frame's parts, those of its whole messages field by field.
fn lines(shown: &Shown<'_>, secrets: Secrets) -> Vec<(String, String)> {
    let payload = shown.log.kept.payload(shown.entry);
    let Some(head) = shown.entry.head() else {
        let words = match shown.entry.what {
            What::Preface => "PRI * HTTP/2.0 … SM: the same 24 bytes on every connection",
            _ => "no frame: there are no bytes to take apart",
        };
        return vec![(hex(&payload), words.to_owned())];
    };
    let frame: Vec<u8> = head.bytes().into_iter().chain(payload.iter().copied()).collect();
    let mut lines = Vec::new();
    for part in anatomy(shown.entry, &payload, secrets) {
        let bytes = frame.get(part.bytes).unwrap_or_default();
        match (part.meaning, shown.message_type()) {
            (Meaning::Words(words), _) => lines.push((hex(bytes), words)),
            (Meaning::Message { is_whole: true, .. }, Some(message)) => {
                for field in message.walk(bytes, LIMITS) {
                    let end = field.offset.saturating_add(field.length);
                    let bytes = bytes.get(field.offset..end).unwrap_or_default();
                    lines.push((hex(bytes), format!("{}{field}", "  ".repeat(field.depth + 1))));
                }
            }
            (Meaning::Message { number, is_whole }, _) => {
                let part = if is_whole { "" } else { "a part of " };
                lines.push((hex(bytes), format!("{part}message {number}")));
            }
        }
    }
    let left_out = (head.length as usize).saturating_sub(payload.len());
    if left_out > 0 {
        lines.push((String::new(), format!("… {} more, not kept", text::size(left_out as u64))));
    }
    lines
}
