//! The flow-control windows as they stand, said from the user's side.

use ratatui::layout::Rect;

use crate::{
    text,
    tui::{
        model::{Model, WirePanel},
        view::paint::{Painter, rest, row},
    },
    wire::{StreamState, Window, Windows},
};

/// From this width on there is room for whole sentences.
const ROOMY: u16 = 100;
/// The cells of a bar.
const BAR: u16 = 10;
/// The room of a label, a bar and its words.
const GAUGE: u16 = 47;

type Side = fn(&Windows) -> Window;

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
    let known = stream.and_then(|number| log.summary.streams.iter().find(|stream| stream.stream == number));
    let [server, you] = if area.width >= ROOMY {
        ["what the server may still send you", "what you may still send"]
    } else {
        ["server may send", "you may send"]
    };
    let labels = text::width(server) as u16 + 2;
    let sides: [(&str, Side); 2] =
        [(server, |windows| windows.server_may_send), (you, |windows| windows.you_may_send)];
    for (nth, (words, side)) in sides.into_iter().enumerate() {
        let line = row(area, nth as u16);
        let dim = painter.theme.dim;
        painter.left(line, words, dim);
        gauge("connection", side(&log.summary.windows), rest(line, labels), painter);
        let room = rest(line, labels + GAUGE);
        match (stream, known) {
            (Some(number), Some(known)) if known.state != StreamState::Closed => {
                gauge(&format!("stream {number}"), side(&known.windows), room, painter);
            }
            (Some(number), _) => {
                painter.left(room, &format!("stream {number}  closed"), dim);
            }
            (None, _) => {}
        }
    }
}

/// `connection ▰▰▰▰▰▰▱▱▱ 4.1 MiB of 5.0 MiB`.
fn gauge(label: &str, window: Window, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let left = u64::try_from(window.left).unwrap_or(0);
    let most = u64::try_from(window.most).unwrap_or(0).max(1);
    let full = (left.min(most) * u64::from(BAR)).div_ceil(most) as usize;
    let (full, empty) = ("▰".repeat(full), "▱".repeat(usize::from(BAR) - full));
    let style = if left == 0 { theme.bad } else { theme.panel };
    let words = match window.left {
        ..=0 => " nothing now".to_owned(),
        _ => format!(" {} of {}", text::size(left), text::size(most)),
    };
    let label = format!("{label}  ");
    painter.pieces(area, &[(&label, theme.dim), (&full, style), (&empty, theme.dim), (&words, theme.text)]);
}
