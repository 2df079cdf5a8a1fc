//! A chosen frame's bytes in hex beside their meaning, row by row, and which rows are in view.

use ratatui::layout::Rect;

use crate::{
    schema::{Limits, MessageType},
    text::{self, MASK, Secrets},
    tui::model::{Model, WirePanel},
    wire::{
        Content, Entry, Flag, Kind, What,
        anatomy::{Meaning, Part, anatomy},
        frame::HEAD,
        ladder,
    },
};

/// How much of a message is taken apart.
const LIMITS: Limits = Limits { lines: 64, depth: 8, value_bytes: 200 };
/// From these widths on, so many bytes stand in a row.
const ROOMY: u16 = 110;
const MIDDLING: u16 = 72;

/// Bytes, and what they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByteRow {
    /// The bytes in hex.
    pub hex: String,
    /// What they are; empty where the row goes on with the bytes of the one before. Foreign text in it is safe.
    pub words: String,
}

/// The rows of bytes, and those in view.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WireBytes {
    /// All rows.
    pub rows: Vec<ByteRow>,
    /// The columns of the hex and the gap behind it.
    pub hex: u16,
    /// The first row in view.
    pub top: usize,
    /// How many are in view.
    pub height: usize,
}

impl WireBytes {
    /// Whether not all rows are in view.
    pub fn is_cut(&self) -> bool {
        self.rows.len() > self.height
    }
}

/// Lays the chosen frame's bytes out in an area. Its first row is air; where not all rows have room, the last one
/// says so.
pub fn wire_bytes(model: &Model, panel: &WirePanel, area: Rect) -> WireBytes {
    if area.is_empty() {
        return WireBytes::default();
    }
    let in_a_row = match area.width {
        ROOMY.. => 16,
        MIDDLING.. => 8,
        _ => 4,
    };
    let hex = 3 * in_a_row as u16 + 1;
    let words = usize::from(area.width.saturating_sub(hex)).max(1);
    let rows: Vec<ByteRow> = parts(model, panel).iter().flat_map(|part| part.rows(in_a_row, words)).collect();
    let room = usize::from(area.height) - 1;
    let height = if rows.len() > room { room.saturating_sub(1) } else { room };
    let top = panel.bytes_top.min(rows.len().saturating_sub(height));
    WireBytes { rows, hex, top, height }
}

/// Bytes that belong together.
struct Piece {
    bytes: Bytes,
    depth: usize,
    words: String,
}

enum Bytes {
    Shown(Vec<u8>),
    Masked,
}

impl Piece {
    fn new(bytes: &[u8], words: impl Into<String>) -> Self {
        Self { bytes: Bytes::Shown(bytes.to_owned()), depth: 0, words: words.into() }
    }

    fn rows(&self, in_a_row: usize, columns: usize) -> Vec<ByteRow> {
        let hex: Vec<String> = match &self.bytes {
            Bytes::Masked => vec![MASK.to_owned()],
            Bytes::Shown(bytes) => bytes.chunks(in_a_row).map(hex).collect(),
        };
        let indent = "  ".repeat(self.depth);
        let words = text::wrap(&text::safe(&self.words), columns.saturating_sub(indent.len()).max(1));
        let row = |nth: usize| ByteRow {
            hex: hex.get(nth).cloned().unwrap_or_default(),
            words: words.get(nth).map(|words| format!("{indent}{words}")).unwrap_or_default(),
        };
        (0..hex.len().max(words.len())).map(row).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.join(" ")
}

fn parts(model: &Model, panel: &WirePanel) -> Vec<Piece> {
    let chosen = panel.chosen.and_then(|spot| {
        let kept = model.wire.kept(spot.connection)?;
        Some((kept, kept.get(spot.entry)?))
    });
    let Some((kept, entry)) = chosen else { return Vec::new() };
    let payload = kept.payload(entry);
    let Some(head) = entry.head() else {
        let words = match entry.what {
            What::Preface => "PRI * HTTP/2.0 … SM: the same 24 bytes on every connection",
            _ => "no frame: there are no bytes to take apart",
        };
        return vec![Piece::new(&payload, words)];
    };
    let frame: Vec<u8> = head.bytes().into_iter().chain(payload.iter().copied()).collect();
    let message = model.message_type_of(entry);
    let mut pieces = Vec::new();
    let mut has_block = false;
    for part in anatomy(entry, &payload, panel.secrets) {
        if head.kind == Kind::Continuation && part.bytes.start >= HEAD && !has_block {
            has_block = true;
            pieces.extend(end_of_block(entry, &payload, panel.secrets));
        }
        pieces.extend(of(&part, &frame, entry, message, panel.secrets));
    }
    let left_out = (head.length as usize).saturating_sub(payload.len());
    if left_out > 0 {
        pieces.push(Piece::new(&[], format!("… {} more, not kept", text::size(left_out as u64))));
    }
    pieces
}

/// The bytes of a CONTINUATION that ends a block. The fields behind it began in an earlier frame, or may have.
fn end_of_block(entry: &Entry, payload: &[u8], secrets: Secrets) -> Option<Piece> {
    if is_unread(entry) {
        return None;
    }
    let mut piece = Piece::new(payload, "the end of a block of headers, which says in all:");
    if secrets == Secrets::Masked && ladder::may_hold_secret(entry) {
        piece.bytes = Bytes::Masked;
    }
    Some(piece)
}

fn of(
    part: &Part,
    frame: &[u8],
    entry: &Entry,
    message: Option<&MessageType>,
    secrets: Secrets,
) -> Vec<Piece> {
    let bytes = frame.get(part.bytes.clone()).unwrap_or_default();
    match (&part.meaning, message) {
        (Meaning::Words(words), _) => {
            let mut piece = Piece::new(bytes, words);
            if part.bytes.start >= HEAD && secrets == Secrets::Masked && is_unread(entry) {
                piece.bytes = Bytes::Masked;
            }
            vec![piece]
        }
        (Meaning::Message { flag: Flag::Plain, is_whole: true, .. }, Some(message)) => {
            fields(message, bytes, FieldBytes::Beside)
        }
        (Meaning::Message { number, flag: Flag::Compressed, is_whole: true }, message) => {
            unpacked(*number, bytes, message)
        }
        (Meaning::Message { number, is_whole: true, .. }, _) => {
            vec![Piece::new(bytes, format!("message {number}"))]
        }
        (Meaning::Message { number, .. }, _) => {
            vec![Piece::new(bytes, format!("a part of message {number}"))]
        }
    }
}

/// Whether the frame holds a part of headers that nobody has read: there may be a secret anywhere in it.
fn is_unread(entry: &Entry) -> bool {
    let is_read = matches!(entry.content(), Some(Content::Headers(headers)) if headers.is_readable());
    !is_read && entry.head().is_some_and(|head| ladder::holds_headers(head.kind))
}

/// Whether a field's bytes stand in the frame as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldBytes {
    Beside,
    /// They were taken out of a compression.
    Elsewhere,
}

/// A message field by field. A field that is a message itself has the bytes before its first field alone.
fn fields(message: &MessageType, bytes: &[u8], beside: FieldBytes) -> Vec<Piece> {
    let fields = message.walk(bytes, LIMITS);
    let piece = |(nth, field): (usize, &crate::schema::Line)| {
        let inner = fields.get(nth + 1).filter(|next| next.depth > field.depth).map(|next| next.offset);
        let end = inner.unwrap_or(field.offset.saturating_add(field.length));
        let bytes = match beside {
            FieldBytes::Beside => bytes.get(field.offset..end).unwrap_or_default(),
            FieldBytes::Elsewhere => &[],
        };
        Piece { depth: field.depth + 1, ..Piece::new(bytes, field.to_string()) }
    };
    fields.iter().enumerate().map(piece).collect()
}

fn unpacked(number: u64, bytes: &[u8], message: Option<&MessageType>) -> Vec<Piece> {
    let Some((encoding, plain)) = ladder::unpacked(bytes) else {
        return vec![Piece::new(bytes, format!("message {number}, compressed"))];
    };
    let words = format!("message {number}, {encoding} of {}", text::size(plain.len() as u64));
    let fields = message.map(|message| fields(message, &plain, FieldBytes::Elsewhere)).unwrap_or_default();
    std::iter::once(Piece::new(bytes, words)).chain(fields).collect()
}
