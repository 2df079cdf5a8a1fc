//! A row of the ladder.

use ratatui::{
    layout::Rect,
    style::{Modifier, Style},
};

use super::Shown;
use crate::{
    schema::{self},
    text,
    tui::view::paint::{Painter, rest},
    wire::{Content, Data, Direction, Head, Kind, What, ladder},
};

/// The columns of the ladder; a width of 0 leaves one out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    time: u16,
    call: u16,
    stream: u16,
    kind: u16,
    arrow: u16,
}

/// Between two columns.
const GAP: u16 = 2;

impl Columns {
    /// As many as there is room for.
    pub(super) fn of(area: Rect) -> Self {
        let arrow = match area.width {
            110.. => 22,
            72.. => 16,
            _ => 10,
        };
        let time = if area.width >= 60 { 8 } else { 0 };
        let stream = if area.width >= 48 { 6 } else { 0 };
        Self { time, call: 4, stream, kind: 13, arrow }
    }

    pub(super) fn heads(self, area: Rect, painter: &mut Painter<'_>) {
        let dim = painter.theme.dim;
        let [time, call, stream, kind, arrow, says] = self.split(area);
        painter.right(time, &[("time", dim)]);
        painter.left(call, "call", dim);
        painter.right(stream, &[("stream", dim)]);
        painter.left(kind, "frame", dim);
        if self.arrow >= 16 {
            painter.left(arrow, "you", dim);
            painter.right(arrow, &[("server", dim)]);
        }
        painter.left(says, "what it says", dim);
    }

    pub(super) fn draw(self, shown: &Shown<'_>, area: Rect, painter: &mut Painter<'_>) {
        let entry = shown.entry;
        let [time, call, stream, kind, arrow, says] = self.split(area);
        let theme = painter.theme;
        let dim = theme.dim;
        let accent = shown.call().map_or(dim, |call| theme.accent(call.method.kind()));
        painter.right(time, &[(&format!("{:.3}", entry.at.as_secs_f64()), dim)]);
        if let Some(number) = entry.call.filter(|_| shown.call().is_some()) {
            painter.left(call, &format!("#{number}"), accent);
        }
        let Some(head) = entry.head() else {
            return other(shown, kind, rest(area, says.x - area.x), painter);
        };
        painter.right(stream, &[(&head.stream.to_string(), accent)]);
        let kind_style = if head.kind == Kind::Headers { theme.strong.add_modifier(Modifier::BOLD) } else { theme.text };
        painter.left(kind, &head.kind.to_string(), kind_style);
        painter.left(arrow, &self.arrow(head, entry.direction), accent);
        let payload = shown.log.kept.payload(entry);
        let words = match entry.content() {
            Some(Content::Data(data)) => data_words(shown, head, *data, &payload),
            _ => ladder::says(entry, &payload).as_str().to_owned(),
        };
        painter.left(says, &words, words_style(shown, head, painter));
    }

    fn split(self, area: Rect) -> [Rect; 6] {
        let mut x = area.x;
        let end = area.right();
        let mut take = |width: u16| {
            let column = Rect { x: x.min(end), width: width.min(end.saturating_sub(x)), ..area };
            x = x.saturating_add(width + if width > 0 { GAP } else { 0 });
            column
        };
        [take(self.time), take(self.call), take(self.stream), take(self.kind), take(self.arrow), take(u16::MAX / 2)]
    }

    /// `──── 186 B ────▸`, `◂──── 14 B ─────`; where there is little room, `→  186 B`.
    fn arrow(self, head: Head, direction: Direction) -> String {
        let size = text::size(head.length.into());
        let width = usize::from(self.arrow);
        if width < 16 {
            let sign = if direction == Direction::Sent { "→" } else { "←" };
            return format!("{sign} {size:>8}");
        }
        let label = format!(" {size} ");
        let line = width.saturating_sub(text::width(&label) + 1);
        let (left, right) = ("─".repeat(line / 2), "─".repeat(line - line / 2));
        match direction {
            Direction::Sent => format!("{left}{label}{right}▸"),
            Direction::Received => format!("◂{left}{label}{right}"),
        }
    }
}

/// What is no frame: the preface, the end, and what was not kept or could not be read.
fn other(shown: &Shown<'_>, kind: Rect, says: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let (name, style) = match &shown.entry.what {
        What::Preface => ("preface", theme.dim),
        What::NotKept { .. } => ("DATA", theme.dim),
        What::Lost(_) => ("place lost", theme.bad),
        What::Closed(_) => ("end", theme.bad),
        What::Frame(..) => return,
    };
    painter.left(kind, name, style);
    let words = ladder::says(shown.entry, &[]);
    let words = if shown.names_connection {
        format!("connection {} · {}", shown.log.number, words.as_str())
    } else {
        words.as_str().to_owned()
    };
    painter.left(says, &words, style);
}

fn words_style(shown: &Shown<'_>, head: Head, painter: &Painter<'_>) -> Style {
    let theme = painter.theme;
    match shown.entry.content() {
        Some(Content::Malformed(_)) => theme.bad,
        Some(Content::GoAway { code, .. }) if code.0 != 0 => theme.bad,
        _ if matches!(head.kind, Kind::Data | Kind::Headers | Kind::RstStream | Kind::GoAway) => theme.text,
        _ => theme.dim,
    }
}

/// The most messages of a frame that are told one by one.
const TOLD: usize = 3;
/// The most of a message's text that is looked at.
const MAX_TEXT: usize = 200;

/// The messages of a DATA frame by their text, where the call's method is known.
fn data_words(shown: &Shown<'_>, head: Head, data: Data, payload: &[u8]) -> String {
    let mut words = Vec::new();
    for piece in data.pieces(payload).take(TOLD) {
        let number = text::count(piece.number);
        let size = piece.size.map(|size| text::size(size.into())).unwrap_or_default();
        let bytes = payload.get(piece.bytes.clone()).unwrap_or_default();
        let compressed = if piece.compressed { " · compressed" } else { "" };
        words.push(if piece.continued {
            format!("more of message {number} · {} of {size}", text::size(bytes.len() as u64))
        } else if piece.is_whole() && !piece.compressed {
            format!("message {number} · {size}{}", quoted(shown, bytes))
        } else {
            format!("message {number} · {size}{compressed}")
        });
    }
    let more = u64::from(data.messages.count).saturating_sub(words.len() as u64);
    if more > 0 {
        words.push(format!("and {} more", text::count(more)));
    }
    if data.padding > 0 {
        words.push(format!("{} B of padding", data.padding));
    }
    if head.ends_stream() {
        words.push(match (words.is_empty(), shown.entry.direction) {
            (true, Direction::Sent) => "END_STREAM · half-close: nothing more from you".to_owned(),
            _ => "END_STREAM".to_owned(),
        });
    }
    words.join(" · ")
}

/// ` · "Dave"`; nothing where the type is not known.
fn quoted(shown: &Shown<'_>, bytes: &[u8]) -> String {
    use schema::Shown::{Broken, Json, Text};
    let Some(message) = shown.message_type() else { return String::new() };
    match message.show(bytes, MAX_TEXT) {
        Text { text, .. } => format!(" · \"{}\"", text::safe(&text)),
        Json { text, .. } => format!(" · {}", text::safe(&text)),
        Broken { error, .. } => format!(" · {}", text::safe(&error)),
    }
}
