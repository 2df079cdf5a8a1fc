//! An empty pane teaches: a small ladder for its kind and one sentence. It goes with the first call.

use ratatui::layout::Rect;

use super::paint::{Painter, row};
use crate::{
    schema::{Kind, Method},
    text,
};

/// One rung: who, which way, and what it reaches.
enum Rung {
    Request,
    Reply,
    EndOfStream,
}

const REQUEST: &str = "─────▸";
const REPLY: &str = "◂─────";

pub(super) fn draw(method: &Method, area: Rect, painter: &mut Painter<'_>) {
    let rungs = rungs(method.kind());
    let sentence = fitted(sentence(method), area);
    let rows = (rungs.len() + 1 + sentence.len()) as u16;
    if area.height < rows {
        if area.height > 0 {
            let top = (area.height.saturating_sub(sentence.len() as u16)) / 2;
            let height = area.height - top;
            draw_sentence(&sentence, Rect { y: area.y + top, height, ..area }, painter);
        }
        return;
    }
    let top = (area.height - rows) / 2;
    let (dim, accent) = (painter.theme.dim, painter.theme.accent(method.kind()));
    let width = "you ".len() + text::width(REQUEST) + " server".len();
    let indent = usize::from(area.width).saturating_sub(width) / 2;
    let indent = " ".repeat(indent);
    for (nth, rung) in rungs.iter().enumerate() {
        let (arrow, style, to) = match rung {
            Rung::Request => (REQUEST, accent, " server"),
            Rung::Reply => (REPLY, accent, " server"),
            Rung::EndOfStream => (REQUEST, dim, " end of stream"),
        };
        let pieces = [(indent.as_str(), dim), ("you ", dim), (arrow, style), (to, dim)];
        painter.pieces(row(area, top + nth as u16), &pieces);
    }
    let below = top + rungs.len() as u16 + 1;
    draw_sentence(&sentence, Rect { y: area.y + below, height: area.height - below, ..area }, painter);
}

/// A sentence in the rows of an area. Where they are too few, the last row is cut.
fn fitted(sentence: &str, area: Rect) -> Vec<String> {
    let (columns, rows) = (usize::from(area.width), usize::from(area.height));
    let mut lines = text::wrap(sentence, columns);
    if lines.len() > rows && rows > 0 {
        let last = lines.split_off(rows - 1).join(" ");
        lines.push(text::fit(&last, columns).into_owned());
    }
    lines
}

fn draw_sentence(lines: &[String], area: Rect, painter: &mut Painter<'_>) {
    let text = painter.theme.text;
    for (nth, line) in lines.iter().enumerate() {
        painter.centred(row(area, nth as u16), &[(line, text)]);
    }
}

fn rungs(kind: Kind) -> &'static [Rung] {
    use Rung::{EndOfStream, Reply, Request};
    match kind {
        Kind::Unary => &[Request, Reply],
        Kind::ServerStream => &[Request, Reply, Reply, Reply],
        Kind::ClientStream => &[Request, Request, Request, EndOfStream, Reply],
        Kind::Bidi => &[Request, Reply, Request, Reply],
    }
}

/// A service that takes names is described as a greeter; any other by its field's name.
fn sentence(method: &Method) -> &'static str {
    let names = method.request().line_field() == Some("name");
    match (method.kind(), names) {
        (Kind::Unary, true) => "One name, one greeting.",
        (Kind::ServerStream, true) => "One name, a stream of greetings.",
        (Kind::ClientStream, true) => "Many names, then Ctrl-D: one greeting for all.",
        (Kind::Bidi, true) => "Names and greetings, both ways, until Ctrl-D.",
        (Kind::Unary, false) => "One request, one reply.",
        (Kind::ServerStream, false) => "One request, a stream of replies.",
        (Kind::ClientStream, false) => "Many requests, then Ctrl-D: one reply for all.",
        (Kind::Bidi, false) => "Requests and replies, both ways, until Ctrl-D.",
    }
}
