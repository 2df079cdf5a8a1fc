//! A row of the ladder.

use std::time::Duration;

use ratatui::{
    layout::Rect,
    style::{Modifier, Style},
};

use super::Shown;
use crate::{
    schema,
    text::{self, Safe},
    tui::view::paint::Painter,
    wire::{Content, Direction, End, Head, Kind, What, ladder, ladder::Room},
};

/// The columns of the ladder; a width of 0 leaves one out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    time: u16,
    call: u16,
    stream: u16,
    kind: u16,
    arrow: u16,
    /// Between two columns.
    gap: u16,
}

impl Columns {
    /// As many columns as there is room for.
    pub(super) fn of(area: Rect) -> Self {
        let (time, arrow, gap) = match area.width {
            110.. => (8, 22, 2),
            98.. => (8, 16, 2),
            60.. => (6, 9, 1),
            48.. => (0, 9, 1),
            _ => (0, 1, 1),
        };
        let stream = if area.width >= 48 { 6 } else { 0 };
        let kind = if area.width >= 40 { 13 } else { 7 };
        let call = if stream > 0 { 4 } else { 5 };
        Self { time, call, stream, kind, arrow, gap }
    }

    pub(super) fn heads(self, area: Rect, painter: &mut Painter<'_>) {
        let dim = painter.theme.dim;
        let [time, call, stream, kind, arrow, says] = self.split(area);
        painter.right(time, &[("time", dim)]);
        painter.left(call, "call", dim);
        painter.right(stream, &[("stream", dim)]);
        painter.left(kind, "frame", dim);
        if self.room() == Room::Wide {
            painter.left(arrow, "you", dim);
            painter.right(arrow, &[("server", dim)]);
        }
        painter.left(says, "what it says", dim);
    }

    /// Where there is little room, little is said.
    fn room(self) -> Room {
        if self.arrow >= 16 { Room::Wide } else { Room::Narrow }
    }

    pub(super) fn draw(self, shown: &Shown<'_>, area: Rect, painter: &mut Painter<'_>) {
        let entry = shown.entry;
        let [time, call, stream, kind, arrow, says] = self.split(area);
        let theme = painter.theme;
        let dim = theme.dim;
        // A long number takes the room that is left. If the stream's number is shown, all its digits are.
        let numbers = Rect { width: (stream.right().max(call.right()) - call.x), ..call };
        let accent = shown.call().map_or(dim, |call| theme.accent(call.method.kind()));
        painter.right(time, &[(&seconds(entry.at, time.width), dim)]);
        if let Some(size) = ladder::size(entry) {
            painter.left(arrow, &self.arrow(size, entry.direction), accent);
        }
        let Some(head) = entry.head() else {
            return other(shown, kind, says, painter);
        };
        let used = if stream.is_empty() {
            0
        } else {
            painter.right(numbers, &[(&head.stream.to_string(), accent)]) + 1
        };
        // Asking for the server's services is also a call, but not one that the user made.
        if let Some(number) = entry.call.filter(|number| (1..=shown.model.last_call.0).contains(number)) {
            let place = Rect { width: numbers.width.saturating_sub(used), ..numbers };
            painter.left(place, &format!("#{number}"), accent);
        }
        let kind_style =
            if head.kind == Kind::Headers { theme.strong.add_modifier(Modifier::BOLD) } else { theme.text };
        painter.left(kind, &head.kind.to_string(), kind_style);
        let payload = shown.kept.payload(entry);
        let words = ladder::says(entry, &payload, &|_, bytes| quoted(shown, bytes), self.room());
        painter.left(says, words.as_str(), words_style(shown, head, painter));
    }

    fn split(self, area: Rect) -> [Rect; 6] {
        let mut x = area.x;
        let end = area.right();
        let mut take = |width: u16| {
            let column = Rect { x: x.min(end), width: width.min(end.saturating_sub(x)), ..area };
            x = x.saturating_add(width + if width > 0 { self.gap } else { 0 });
            column
        };
        [
            take(self.time),
            take(self.call),
            take(self.stream),
            take(self.kind),
            take(self.arrow),
            take(u16::MAX / 2),
        ]
    }

    /// `──── 186 B ────▸`, `◂──── 14 B ─────`; where there is little room, `→   186 B`, or `→` alone.
    fn arrow(self, size: u64, direction: Direction) -> String {
        let size = text::size(size);
        let width = usize::from(self.arrow);
        if self.room() == Room::Narrow {
            let sign = if direction == Direction::Sent { '→' } else { '←' };
            let left = width.saturating_sub(1);
            return if left == 0 { sign.to_string() } else { format!("{sign}{size:>left$}") };
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

/// `12.401`; longer times have fewer decimals, and at last days, so that the column has room.
fn seconds(at: Duration, columns: u16) -> String {
    let columns = usize::from(columns);
    let told = (0..=3).rev().map(|digits| format!("{:.digits$}", at.as_secs_f64()));
    told.into_iter()
        .find(|told| told.len() <= columns)
        .unwrap_or_else(|| format!("{} d", at.as_secs() / (24 * 60 * 60)))
}

/// An entry that is not a frame: the preface, the end, and what was not kept or could not be read.
fn other(shown: &Shown<'_>, kind: Rect, says: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let is_bad = matches!(shown.entry.what, What::Lost(_) | What::Closed(End::Broken(_)));
    let style = if is_bad { theme.bad } else { theme.dim };
    painter.left(kind, &ladder::kind(shown.entry), style);
    let words = ladder::says(shown.entry, &[], &ladder::show_nothing, Room::Wide);
    let words = if shown.names_connection {
        format!("connection {} · {}", shown.connection, words.as_str())
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

/// The most of a message's text that is read, in bytes.
const MAX_TEXT: usize = 200;

/// A whole message in a few words, `"Dave"`, where its type is known.
fn quoted(shown: &Shown<'_>, bytes: &[u8]) -> Option<Safe> {
    use schema::Shown::{Broken, Json, Text};
    Some(match shown.model.message_type_of(shown.entry)?.show(bytes, MAX_TEXT) {
        Text { text, .. } => Safe::new(&format!("\"{text}\"")),
        Json { text, .. } => Safe::new(&text),
        Broken { error, .. } => Safe::new(&error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_room_in_its_column_for_weeks() {
        let told = |millis, columns| seconds(Duration::from_millis(millis), columns);
        assert_eq!(told(12_401, 8), "12.401");
        assert_eq!(told(9_999_999, 8), "9999.999");
        assert_eq!(told(10_000_049, 8), "10000.05");
        assert_eq!(told(86_400_000 * 21, 8), "1814400");
        assert_eq!(told(12_401, 6), "12.401");
        assert_eq!(told(99_999_999, 6), "100000");
        assert_eq!(told(86_400_000 * 21, 6), "21 d");
        for columns in [6, 8] {
            for millis in [0, 9_999_999, 99_999_999, 999_999_999, 86_400_000 * 700] {
                assert!(told(millis, columns).len() <= usize::from(columns), "{millis}");
            }
        }
    }
}
