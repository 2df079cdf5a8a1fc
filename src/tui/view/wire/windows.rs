//! The present flow-control windows, described from the user's side.

use ratatui::layout::Rect;

use crate::{
    text,
    tui::{
        model::{Model, WirePanel},
        view::paint::{Painter, rest, row},
    },
    wire::{StreamState, StreamSummary, Summary, Window, Windows},
};

/// From this width on there is room for whole sentences.
const ROOMY: u16 = 100;

type Side = fn(&Windows) -> Window;

/// How much is shown of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// A bar, what is left, and of how much.
    Whole,
    /// A short bar, and what is left.
    Short,
}

impl Detail {
    /// The cells of a bar.
    fn bar(self) -> u16 {
        match self {
            Self::Whole => 10,
            Self::Short => 5,
        }
    }

    /// The room of a label, a bar and its words.
    fn room(self) -> u16 {
        match self {
            Self::Whole => 47,
            Self::Short => 29,
        }
    }

    fn words(self, window: Window) -> String {
        let (left, most) = (u64::try_from(window.left).unwrap_or(0), u64::try_from(window.most).unwrap_or(0));
        match self {
            _ if left == 0 => " nothing".to_owned(),
            Self::Whole => format!(" {} of {}", text::size(left), text::size(most)),
            Self::Short => format!(" {}", text::size(left)),
        }
    }
}

pub(super) fn draw(model: &Model, panel: &WirePanel, area: Rect, painter: &mut Painter<'_>) {
    let chosen = panel.chosen.and_then(|spot| model.wire.entry(spot)?.stream()).filter(|stream| *stream > 0);
    let number = panel.chosen.map(|spot| spot.connection);
    let log = match number {
        Some(number) => model.wire.connection(number),
        None => model.wire.connections().next_back(),
    };
    let Some(log) = log else { return };
    let of_call = panel.call.and_then(|call| {
        log.summary.streams.iter().rev().find(|stream| stream.call == Some(call)).map(|stream| stream.stream)
    });
    let stream = chosen.or(of_call);
    let (detail, [server, you]) = if area.width >= ROOMY {
        (Detail::Whole, ["what the server may still send you", "what you may still send"])
    } else {
        (Detail::Short, ["server may send", "you may send"])
    };
    let labels = text::width(server) as u16 + 2;
    let sides: [(&str, Side); 2] =
        [(server, |windows| windows.server_may_send), (you, |windows| windows.you_may_send)];
    for (nth, (words, side)) in sides.into_iter().enumerate() {
        let line = row(area, nth as u16);
        let dim = painter.theme.dim;
        painter.left(line, words, dim);
        let place = rest(line, labels);
        if log.summary.is_closed {
            painter.left(place, &format!("connection {} is closed", log.number), dim);
            continue;
        }
        gauge("connection", side(&log.summary.windows), detail, place, painter);
        let place = rest(place, detail.room());
        if let Some(number) = stream {
            match told(&log.summary, number) {
                Ok(windows) => gauge(&format!("stream {number}"), side(windows), detail, place, painter),
                Err(why) => {
                    painter.left(place, &format!("stream {number}  {why}"), dim);
                }
            }
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
fn gauge(label: &str, window: Window, detail: Detail, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let left = u64::try_from(window.left).unwrap_or(0);
    let most = u64::try_from(window.most).unwrap_or(0).max(1);
    let bar = detail.bar();
    let full = (left.min(most) * u64::from(bar)).div_ceil(most) as usize;
    let (full, empty) = ("▰".repeat(full), "▱".repeat(usize::from(bar) - full));
    let style = if left == 0 { theme.bad } else { theme.panel };
    let label = format!("{label}  ");
    let words = detail.words(window);
    painter.pieces(area, &[(&label, theme.dim), (&full, style), (&empty, theme.dim), (&words, theme.text)]);
}
