//! Putting text on the screen: cut to its room, aligned left or right, and never beyond.

use std::borrow::Cow;

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};

use super::{
    ascii::{self, End},
    theme::{Frame, Signs, Theme},
};
use crate::{text, tui::model::Line};

/// The screen's buffer with the styles to draw in.
pub(super) struct Painter<'a> {
    buffer: &'a mut Buffer,
    /// The styles.
    pub(super) theme: &'a Theme,
}

/// The screen's own marks among the words of others.
const MARKS: [char; 3] = ['·', '•', '…'];

/// A piece of text in one style.
pub(super) type Piece<'a> = (&'a str, Style);

impl<'a> Painter<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, theme: &'a Theme) -> Self {
        Self { buffer, theme }
    }

    /// Writes one row of the screen's own words from the left, cut with `…` if it does not fit. Returns its width.
    pub(super) fn left(&mut self, area: Rect, text: &str, style: Style) -> u16 {
        if area.is_empty() {
            return 0;
        }
        let fitting = text::fit(text, usize::from(area.width));
        match self.theme.signs {
            Signs::Unicode => self.set(area, &fitting, style),
            Signs::Ascii => self.set(area, &ascii::own(&fitting), style),
        }
    }

    /// The same for what people typed or a server said, made safe: signs in it are theirs.
    pub(super) fn foreign(&mut self, area: Rect, text: &str, style: Style) -> u16 {
        if area.is_empty() {
            return 0;
        }
        let fitting = text::fit(text, usize::from(area.width));
        let end = if matches!(fitting, Cow::Owned(_)) { End::Cut } else { End::Whole };
        match self.theme.signs {
            Signs::Unicode => self.set(area, &fitting, style),
            Signs::Ascii => self.set(area, &ascii::foreign(&fitting, end), style),
        }
    }

    /// The same among marks of the screen's own: between two values, for a masked secret, and where a value is cut.
    pub(super) fn quoted(&mut self, area: Rect, text: &str, style: Style) -> u16 {
        let mut used = 0;
        for words in text.split_inclusive(MARKS) {
            let theirs = words.trim_end_matches(MARKS);
            used += self.foreign(rest(area, used), theirs, style);
            used += self.left(rest(area, used), &words[theirs.len()..], style);
        }
        used
    }

    fn set(&mut self, area: Rect, fitting: &str, style: Style) -> u16 {
        let (end, _) = self.buffer.set_stringn(area.x, area.y, fitting, usize::from(area.width), style);
        end - area.x
    }

    /// Writes pieces one after the other from the left.
    pub(super) fn pieces(&mut self, area: Rect, pieces: &[Piece<'_>]) -> u16 {
        let mut used = 0;
        for (text, style) in pieces {
            used += self.left(rest(area, used), text, *style);
        }
        used
    }

    /// Writes pieces so that they end at the right, and returns their width. If they do not fit, none is drawn.
    pub(super) fn right(&mut self, area: Rect, pieces: &[Piece<'_>]) -> u16 {
        let width: usize = pieces.iter().map(|(text, _)| text::width(text)).sum();
        if width > usize::from(area.width) {
            return 0;
        }
        let width = width as u16;
        self.pieces(Rect { x: area.right() - width, width, ..area }, pieces);
        width
    }

    /// Writes one row in the middle.
    pub(super) fn centred(&mut self, area: Rect, pieces: &[Piece<'_>]) {
        let width: usize = pieces.iter().map(|(text, _)| text::width(text)).sum();
        let indent = area.width.saturating_sub(width as u16) / 2;
        self.pieces(rest(area, indent), pieces);
    }

    /// Lays a style over an area without changing its text.
    pub(super) fn lay(&mut self, area: Rect, style: Style) {
        self.buffer.set_style(area, style);
    }

    /// Empties an area.
    pub(super) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                self.buffer[(x, y)].reset();
            }
            // A wide character whose second half lies here would be drawn over the edge.
            if let Some(left) = area.left().checked_sub(1)
                && text::width(self.buffer[(left, y)].symbol()) > 1
            {
                self.buffer[(left, y)].reset();
            }
        }
    }

    /// Draws a frame along the edge of an area.
    pub(super) fn frame(&mut self, area: Rect, frame: &Frame, style: Style) {
        if area.width < 2 || area.height < 2 {
            return;
        }
        let (left, right) = (area.left(), area.right() - 1);
        let (top, bottom) = (area.top(), area.bottom() - 1);
        for x in left + 1..right {
            self.put(x, top, frame.across, style);
            self.put(x, bottom, frame.across, style);
        }
        for y in top + 1..bottom {
            self.put(left, y, frame.down, style);
            self.put(right, y, frame.down, style);
        }
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        for ((x, y), corner) in corners.into_iter().zip(frame.corners) {
            self.put(x, y, corner, style);
        }
    }

    /// Draws a line across.
    pub(super) fn across(&mut self, area: Rect, frame: &Frame, style: Style) {
        for x in area.left()..area.right() {
            self.put(x, area.y, frame.across, style);
        }
    }

    fn put(&mut self, x: u16, y: u16, symbol: &str, style: Style) {
        let Some(cell) = self.buffer.cell_mut((x, y)) else { return };
        match self.theme.signs {
            Signs::Unicode => cell.set_symbol(symbol),
            Signs::Ascii => cell.set_symbol(&ascii::own(symbol)),
        }
        .set_style(style);
    }

    /// Draws a line being edited so that its cursor is seen, and returns where that is. However long the line is, only
    /// what may be seen is read.
    pub(super) fn edited(&mut self, area: Rect, line: &Line, style: Style) -> Option<Position> {
        if area.is_empty() {
            return None;
        }
        let room = usize::from(area.width) - 1;
        let (written, behind) = line.split();
        let kept = last_bytes(written, room * 16);
        let before = text::safe(kept).into_owned();
        let behind = text::safe(first_bytes(behind, room * 16)).into_owned();
        // A few columns after the cursor stay visible if there is more.
        let ahead = text::width(&text::fit(&behind, room / 4));
        let columns = room - ahead.min(room);
        let is_cut = tail(&before, columns).len() < before.len() || kept.len() < written.len();
        let mut used = if is_cut && columns > 0 { self.left(area, "…", self.theme.dim) } else { 0 };
        used += self.foreign(rest(area, used), tail(&before, columns - usize::from(used)), style);
        self.foreign(rest(area, used), &behind, style);
        Some(Position::new(area.x + used.min(area.width - 1), area.y))
    }
}

/// What is left of a row after its first columns.
pub(super) fn rest(area: Rect, used: u16) -> Rect {
    let used = used.min(area.width);
    Rect { x: area.x + used, width: area.width - used, ..area }
}

/// The n-th row of an area; empty where there is none.
pub(super) fn row(area: Rect, nth: u16) -> Rect {
    let y = area.y.saturating_add(nth);
    Rect { y, height: u16::from(nth < area.height), ..area }
}

/// The first bytes in hex, with a mark where there are more.
pub(super) fn hex(bytes: &[u8]) -> String {
    const SHOWN: usize = 8;
    let mut hex: Vec<String> = bytes.iter().take(SHOWN).map(|byte| format!("{byte:02x}")).collect();
    if bytes.len() > SHOWN {
        hex.push("…".to_owned());
    }
    hex.join(" ")
}

/// The beginning of a text, at most this many bytes of it.
pub(super) fn first_bytes(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

fn last_bytes(text: &str, most: usize) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(most))..]
}

/// The end of a text, at most this many columns of it.
fn tail(text: &str, columns: usize) -> &str {
    use unicode_segmentation::UnicodeSegmentation;
    let mut width = 0;
    let mut start = text.len();
    for (at, cluster) in text.grapheme_indices(true).rev() {
        width += text::width(cluster);
        if width > columns {
            break;
        }
        start = at;
    }
    &text[start..]
}
