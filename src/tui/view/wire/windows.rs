//! The present flow-control windows, described from the user's side.

use ratatui::layout::Rect;

use crate::{
    text,
    tui::{
        model::{Model, Reading, WirePanel},
        view::paint::{Painter, rest, row},
    },
    wire::{ConnectionLog, StreamState, StreamSummary, Summary, Window, Windows},
};

/// Between two gauges.
const GAP: usize = 3;

/// Both sides: from the roomiest way to say them to the shortest.
const WAYS: [Way; 4] = [
    Way { sides: ["what the server may still send you", "what you may still send"], detail: Detail::Whole },
    Way { sides: ["server may send", "you may send"], detail: Detail::Whole },
    Way { sides: ["server may send", "you may send"], detail: Detail::Short },
    Way { sides: ["server may send", "you may send"], detail: Detail::Shortest },
];

/// In which words a window is said.
#[derive(Debug, Clone, Copy)]
struct Way {
    sides: [&'static str; 2],
    detail: Detail,
}

/// How much is shown of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// A bar, what is left, and of how much.
    Whole,
    /// A short bar, and what is left.
    Short,
    /// What is left, of the stream alone where there is one.
    Shortest,
}

impl Detail {
    /// The cells of a bar.
    fn bar(self) -> usize {
        match self {
            Self::Whole => 10,
            Self::Short => 5,
            Self::Shortest => 0,
        }
    }
}

pub(super) fn draw(model: &Model, panel: &WirePanel, area: Rect, painter: &mut Painter<'_>) {
    let Some(log) = panel.connection_at_hand(&model.wire) else { return };
    let stream = stream_at_hand(model, panel, log);
    let width = usize::from(area.width);
    let ways = WAYS.map(|way| [Side::SERVER, Side::YOU].map(|side| Row::new(way, side, log, stream)));
    let [.., shortest] = &ways;
    let rows = ways.iter().find(|rows| widths(rows).iter().sum::<usize>() <= width).unwrap_or(shortest);
    let [label, connection, _] = widths(rows).map(|width| width as u16);
    for (nth, said) in (0..).zip(rows) {
        let line = row(area, nth);
        painter.left(line, said.label, painter.theme.dim);
        said.connection.draw(rest(line, label), painter);
        said.stream.draw(rest(line, label + connection), painter);
    }
}

/// The chosen frame's stream, else that of the call that is looked at, or that is not read.
fn stream_at_hand(model: &Model, panel: &WirePanel, log: &ConnectionLog) -> Option<u32> {
    let chosen = panel.chosen.and_then(|spot| model.wire.entry(spot)?.stream()).filter(|stream| *stream > 0);
    let of_call = || {
        let unread = panel.call_at_hand(model).filter(|call| call.reading() == Some(Reading::Stopped));
        let call = panel.call.or_else(|| unread.map(|call| call.id.0))?;
        let is_of_call = |stream: &&StreamSummary| stream.call == Some(call);
        log.summary.streams.iter().rev().find(is_of_call).map(|stream| stream.stream)
    };
    chosen.or_else(of_call)
}

/// The columns that the parts take of both rows, with the gaps behind them.
fn widths(rows: &[Row; 2]) -> [usize; 3] {
    let widest = |width: fn(&Row) -> usize| rows.iter().map(width).max().unwrap_or_default();
    let label = widest(|row| text::width(row.label)) + 2;
    let (connection, stream) = (widest(|row| row.connection.width()), widest(|row| row.stream.width()));
    let gap = if connection > 0 && stream > 0 { GAP } else { 0 };
    [label, connection + gap, stream]
}

/// Whose window.
#[derive(Debug, Clone, Copy)]
struct Side {
    nth: usize,
    of: fn(&Windows) -> Window,
}

impl Side {
    const SERVER: Self = Self { nth: 0, of: |windows| windows.server_may_send };
    const YOU: Self = Self { nth: 1, of: |windows| windows.you_may_send };
}

/// What is said of one side.
struct Row {
    label: &'static str,
    connection: Gauge,
    stream: Gauge,
}

impl Row {
    fn new(way: Way, side: Side, log: &ConnectionLog, stream: Option<u32>) -> Self {
        let (label, detail) = (way.sides[side.nth], way.detail);
        if log.summary.is_closed {
            let closed = Gauge::said(format!("connection {} is closed", log.number));
            return Self { label, connection: closed, stream: Gauge::default() };
        }
        let connection = || Gauge::new("connection", (side.of)(&log.summary.windows), detail);
        let stream = stream.map(|number| match told(&log.summary, number) {
            Ok(windows) => Gauge::new(&format!("stream {number}"), (side.of)(windows), detail),
            Err(why) => Gauge::said(format!("stream {number}  {why}")),
        });
        match (stream, detail) {
            (Some(stream), Detail::Shortest) => Self { label, connection: Gauge::default(), stream },
            (stream, _) => Self { label, connection: connection(), stream: stream.unwrap_or_default() },
        }
    }
}

/// A stream's windows; in a word why it has none.
fn told(summary: &Summary, number: u32) -> Result<&Windows, &'static str> {
    let is_open = |stream: &&StreamSummary| stream.state != StreamState::Closed;
    match summary.streams.iter().find(|stream| stream.stream == number) {
        Some(stream) if is_open(&stream) => Ok(&stream.windows),
        None if summary.streams.iter().filter(is_open).count() < summary.streams_open => Err("one of many"),
        _ => Err("closed"),
    }
}

/// `connection  ▰▰▰▰▰▰▰▱▱▱ 4.1 MiB of 5.0 MiB`.
#[derive(Debug, Default)]
struct Gauge {
    label: String,
    full: String,
    empty: String,
    left: String,
    /// Whether nothing may be sent.
    is_shut: bool,
}

impl Gauge {
    fn new(label: &str, window: Window, detail: Detail) -> Self {
        let left = u64::try_from(window.left).unwrap_or(0);
        let most = u64::try_from(window.most).unwrap_or(0).max(1);
        let bar = detail.bar();
        let full = (left.min(most) * bar as u64).div_ceil(most) as usize;
        let words = match detail {
            _ if left == 0 => "nothing".to_owned(),
            Detail::Whole => format!("{} of {}", text::size(left), text::size(most)),
            Detail::Short | Detail::Shortest => text::size(left),
        };
        let gap = if bar > 0 { " " } else { "" };
        Self {
            label: format!("{label}  "),
            full: "▰".repeat(full),
            empty: "▱".repeat(bar - full),
            left: format!("{gap}{words}"),
            is_shut: left == 0,
        }
    }

    fn said(label: String) -> Self {
        Self { label, ..Self::default() }
    }

    fn width(&self) -> usize {
        [&self.label, &self.full, &self.empty, &self.left].map(|part| text::width(part)).iter().sum()
    }

    fn draw(&self, area: Rect, painter: &mut Painter<'_>) {
        let theme = painter.theme;
        let left = if self.is_shut { theme.bad } else { theme.text };
        let pieces = [
            (self.label.as_str(), theme.dim),
            (&self.full, theme.panel),
            (&self.empty, theme.dim),
            (&self.left, left),
        ];
        painter.pieces(area, &pieces);
    }
}
