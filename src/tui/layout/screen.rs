//! Where the header, the panes and the footer are on a screen of a given size.

use ratatui::layout::{Position, Rect};

use super::line::wanted_rows;
use crate::{
    schema::Kind,
    text,
    tui::model::{Model, Pane, Zoom},
};

/// The areas of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// The first row.
    pub header: Rect,
    /// The panes, in the order of the kinds.
    pub panes: [PaneArea; 4],
    /// Beside the panes, on a wide screen: the chosen call's details. Empty elsewhere.
    pub aside: Rect,
    /// The last row.
    pub footer: Rect,
}

/// How much of the screen a pane has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaneArea {
    /// A frame around transcript and line.
    Framed(OpenPane),
    /// A title above transcript and line, from side to side.
    Wide(OpenPane),
    /// One row.
    Row(Rect),
    /// Nothing: another pane has the screen.
    Hidden,
}

/// A pane whose transcript and line are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenPane {
    rect: Rect,
    /// The rows that its line takes.
    line: u16,
    /// The rows that a notice of several takes; one that has one row covers the transcript's last.
    said: u16,
}

/// From this size on there is one open pane, and a row for each of the others.
const ACCORDION: (u16, u16) = (40, 12);
/// The panes' part of a wide screen, at least; the details' at most.
const PANES: u16 = 120;
const ASIDE: u16 = 72;
/// Rows are not wider, so that a time stays near its text.
pub const READABLE: u16 = 88;

impl Screen {
    /// A pane's area.
    pub fn pane(&self, kind: Kind) -> PaneArea {
        self.panes[kind.index()]
    }

    /// The pane at a position.
    pub fn hit(&self, at: Position) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| self.pane(*kind).rect().contains(at))
    }
}

impl PaneArea {
    /// All of it.
    pub fn rect(self) -> Rect {
        match self {
            Self::Framed(pane) | Self::Wide(pane) => pane.rect,
            Self::Row(rect) => rect,
            Self::Hidden => Rect::ZERO,
        }
    }

    /// Whether its transcript and line are seen.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Framed(_) | Self::Wide(_))
    }

    /// The rows of the transcript.
    pub fn transcript(self) -> Rect {
        let inside = self.inside();
        let kept = match self {
            // Without a frame, a scrolled-back view says there what it is.
            Self::Wide(open) => self.notice().height.max(open.said),
            Self::Framed(open) => open.said,
            Self::Row(_) | Self::Hidden => 0,
        };
        Rect { height: inside.height.saturating_sub(self.line_rows() + kept), ..inside }
    }

    /// The row above the line, where the pane says things to the user, over the transcript's last row where it has
    /// a frame; none in a very low pane.
    pub fn notice(self) -> Rect {
        let inside = self.inside();
        // The line takes at most half of the rows: there is room for one more.
        let height = u16::from(inside.height >= 4);
        Rect { y: (inside.bottom() - height).saturating_sub(self.line_rows()), height, ..inside }
    }

    /// The columns of what is said: without a frame there is a mark beside it, where both have room.
    pub fn notice_width(self) -> u16 {
        const MARK: u16 = 36;
        let width = self.inside().width;
        match self {
            Self::Wide(_) if width >= 2 * MARK => width - MARK,
            _ => width,
        }
    }

    /// The rows that are seen of what is said in so many.
    pub fn notice_rows(self, lines: usize) -> u16 {
        match self {
            Self::Framed(open) | Self::Wide(open) => (lines as u16).min(open.said.max(1)),
            Self::Row(_) | Self::Hidden => 0,
        }
    }

    /// The rows of the line: one, or several for a message that is written so.
    pub fn line(self) -> Rect {
        let inside = self.inside();
        let height = inside.height.min(self.line_rows());
        Rect { y: inside.bottom() - height, height, ..inside }
    }

    fn line_rows(self) -> u16 {
        match self {
            Self::Framed(pane) | Self::Wide(pane) => pane.line,
            Self::Row(_) | Self::Hidden => 0,
        }
    }

    /// The same area with as many rows for the line as it needs, up to half of them, and for what is said.
    fn with_rows_for(self, model: &Model, pane: &Pane) -> Self {
        let inside = self.inside();
        let line = wanted_rows(pane, inside.width).min((inside.height / 2).max(1));
        let lines = notice_lines(model, pane, self.notice_width()).len() as u16;
        // Two rows of the transcript stay, whatever is said.
        let said = if lines > 1 { lines.min(inside.height.saturating_sub(line + 2)) } else { 0 };
        match self {
            Self::Framed(open) => Self::Framed(OpenPane { line, said, ..open }),
            Self::Wide(open) => Self::Wide(OpenPane { line, said, ..open }),
            other => other,
        }
    }

    fn inside(self) -> Rect {
        match self {
            Self::Framed(OpenPane { rect, .. }) => {
                let width = rect.width.saturating_sub(4).min(READABLE);
                Rect { x: rect.x + 2, y: rect.y + 1, width, height: rect.height.saturating_sub(2) }
            }
            Self::Wide(OpenPane { rect, .. }) => {
                let margin = u16::from(rect.width >= 30);
                let width = rect.width.saturating_sub(2 * margin);
                Rect { x: rect.x + margin, y: rect.y + 1, width, height: rect.height.saturating_sub(1) }
            }
            Self::Row(_) | Self::Hidden => Rect::ZERO,
        }
    }
}

/// What is said in a pane, in rows of so many columns; none where nothing is.
pub fn notice_lines(model: &Model, pane: &Pane, columns: u16) -> Vec<String> {
    /// Of a longer notice nobody reads more, in bytes.
    const MOST: usize = 2_000;
    let notice = model.notice.as_ref().filter(|notice| notice.pane == pane.kind && model.panel.is_none());
    notice.map_or_else(Vec::new, |notice| {
        let said = &notice.text[..notice.text.floor_char_boundary(MOST)];
        text::wrap(&text::safe(said), usize::from(columns))
    })
}

/// The areas of the screen for a model.
pub fn screen(model: &Model) -> Screen {
    let (width, height) = model.size;
    let header = Rect::new(0, 0, width, height.min(1));
    let footer_height = u16::from(height >= 4);
    let footer = Rect::new(0, height.saturating_sub(footer_height), width, footer_height);
    let body = Rect::new(0, header.height, width, height.saturating_sub(header.height + footer_height));
    let (body, aside) = if model.has_aside() {
        let beside = (width - PANES).min(ASIDE);
        let panes = Rect { width: width - beside, ..body };
        (panes, Rect { x: panes.right(), width: beside, ..body })
    } else {
        (body, Rect::ZERO)
    };

    let panes = if model.zoom == Zoom::On || width < ACCORDION.0 || height < ACCORDION.1 {
        let mut panes = [PaneArea::Hidden; 4];
        panes[model.focus.index()] = PaneArea::Wide(OpenPane { rect: body, line: 1, said: 0 });
        panes
    } else if width < Model::FULL.0 || height < Model::FULL.1 {
        accordion(model, body)
    } else {
        two_by_two(model, body)
    };
    let panes = Kind::ALL.map(|kind| panes[kind.index()].with_rows_for(model, model.pane(kind)));
    Screen { header, panes, aside, footer }
}

fn accordion(model: &Model, body: Rect) -> [PaneArea; 4] {
    let mut panes = [PaneArea::Hidden; 4];
    let mut y = body.y;
    for kind in Kind::ALL {
        let open = kind == model.focus;
        let height = if open { body.height.saturating_sub(3) } else { 1 };
        let rect = Rect { y, height, ..body };
        panes[kind.index()] = if open { framed(rect) } else { PaneArea::Row(rect) };
        y += height;
    }
    panes
}

/// A pane without a method and live calls is one row, and its room goes to its neighbour in the column. If a column has no other pane,
/// the panes are stacked over the whole width.
fn two_by_two(model: &Model, body: Rect) -> [PaneArea; 4] {
    let is_open = |kind: Kind| model.is_open(kind);
    let columns = [[Kind::Unary, Kind::ClientStream], [Kind::ServerStream, Kind::Bidi]];
    let open = columns.map(|column| column.iter().filter(|kind| is_open(**kind)).count());
    if open.contains(&0) {
        return stacked(model, body);
    }
    let half = body.width / 2;
    let rects = [Rect { width: half, ..body }, Rect { x: half, width: body.width - half, ..body }];
    let mut panes = [PaneArea::Hidden; 4];
    for ((column, rect), open) in columns.into_iter().zip(rects).zip(open) {
        let mut y = rect.y;
        for (nth, kind) in column.into_iter().enumerate() {
            let rows = u16::from(!is_open(kind));
            let height = match (is_open(kind), open, nth) {
                (false, ..) => rows,
                (true, 1, _) => rect.height.saturating_sub(1),
                (true, _, 0) => rect.height.div_ceil(2),
                (true, ..) => rect.height / 2,
            };
            let area = Rect { y, height, ..rect };
            panes[kind.index()] = if is_open(kind) { framed(area) } else { PaneArea::Row(area) };
            y += height;
        }
    }
    panes
}

fn framed(rect: Rect) -> PaneArea {
    PaneArea::Framed(OpenPane { rect, line: 1, said: 0 })
}

/// One under the other, in the order of the kinds: those that are open share the rows that the others leave.
fn stacked(model: &Model, body: Rect) -> [PaneArea; 4] {
    let is_open = |kind: Kind| model.is_open(kind);
    let mut open = Kind::ALL.into_iter().filter(|kind| is_open(*kind)).count() as u16;
    let mut rest = body.height.saturating_sub(4 - open);
    let mut panes = [PaneArea::Hidden; 4];
    let mut y = body.y;
    for kind in Kind::ALL {
        let height = if is_open(kind) { rest.div_ceil(open) } else { 1 };
        let area = Rect { y, height, ..body };
        panes[kind.index()] = if is_open(kind) { framed(area) } else { PaneArea::Row(area) };
        if is_open(kind) {
            rest -= height;
            open -= 1;
        }
        y += height;
    }
    panes
}
