//! Which rows of a pane's calls are shown.
//!
//! While the newest is followed, live calls share the rows and ended ones get the rest; a held view
//! is a window on all blocks, one after the other. A transcript of many thousand rows costs what is
//! seen of it.

use super::{Room, block::Shape, seen::View};
use crate::{
    text::Secrets,
    tui::model::{Call, Pane, Place, Row, Scroll, Zoom},
};

/// The rows of a pane as they are shown, from the top.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window {
    /// Each row and the index of its call in the pane.
    pub rows: Vec<(usize, Place)>,
    /// The heading that is seen in the first row's place, where that row is in the middle of its call's block.
    pub pinned: Option<(usize, Place)>,
    /// Live calls of which no row is shown, while the newest is followed.
    pub more_live: usize,
    /// Calls that `PageUp` leads to, of which no row is shown, but those that were scrolled away.
    pub unseen: usize,
    /// Whether a held view reaches the newest row.
    pub at_end: bool,
    /// Which of the rows is the chosen one, or hides it.
    pub chosen: Option<usize>,
}

impl Window {
    /// What is seen in the n-th row.
    pub fn seen(&self, nth: usize) -> Option<(usize, Place)> {
        self.pinned.filter(|_| nth == 0).or_else(|| self.rows.get(nth).copied())
    }

    /// Whether a row is seen.
    pub fn shows(&self, place: Place) -> bool {
        self.nth(place).is_some()
    }

    /// In which row something is seen.
    fn nth(&self, place: Place) -> Option<usize> {
        (0..self.rows.len()).find(|nth| self.seen(*nth).is_some_and(|(_, seen)| seen == place))
    }
}

/// What every live call gets next, and the most that a long stream gets: its first message and its newest.
const FOLDED: usize = 6;
/// A stream with more messages is long. Rows that nobody can read need not fill a pane.
const LONG: u64 = 1_000;
/// What every live call gets first: its heading and its newest.
const LEAST: usize = 3;
/// From this height on, blocks are set apart by an empty row.
const ROOMY: u16 = 12;
/// From this height on, a heading keeps the top row while its block is passing by.
const PINNING: u16 = 4;

/// The rows of a pane's transcript that are shown in this room.
pub fn window(pane: &Pane, room: Room) -> Window {
    let rows = usize::from(room.height);
    if rows == 0 || pane.calls().is_empty() {
        return Window { at_end: true, ..Window::default() };
    }
    let window = match (pane.scroll(), room.zoom) {
        (Scroll::Newest | Scroll::Still { .. }, Zoom::Off) => follow(pane, room),
        (Scroll::Newest | Scroll::Still { .. }, Zoom::On) => newest(pane, room),
        (Scroll::Held { top, .. }, _) => {
            linear(pane, room, shapes(pane, room).enumerate(), held_top(pane, room, top))
        }
    };
    Window { chosen: chosen(pane, room, &window), ..window }
}

/// Which of the shown rows is the chosen one, or the fold that hides it.
fn chosen(pane: &Pane, room: Room, window: &Window) -> Option<usize> {
    let choice = pane.chosen_place()?;
    let hiding = || {
        let place = place_at(pane, room, offset_of(pane, room, choice))?;
        window.nth(place).filter(|_| place.call == choice.call && place.row.is_chosen_by_arrows())
    };
    window.nth(choice).or_else(hiding)
}

/// Where the first row that is shown stands among all blocks' rows. Nothing may be shown: all was scrolled away.
pub fn top(pane: &Pane, room: Room) -> usize {
    if let Scroll::Held { top, .. } = pane.scroll() {
        return held_top(pane, room, top);
    }
    let window = window(pane, room);
    window.rows.first().map_or_else(|| total(pane, room), |(_, first)| offset_of(pane, room, *first))
}

/// The pinned heading leaves the row free that says how much is no longer kept.
fn held_top(pane: &Pane, room: Room, top: Place) -> usize {
    let offset = offset_of(pane, room, top);
    let lets_go = |at| place_at(pane, room, at).is_some_and(|place| matches!(place.row, Row::LetGo(_)));
    if pins(room) && lets_go(offset) { offset.saturating_sub(1) } else { offset }
}

/// Whether a heading keeps the top row.
pub fn pins(room: Room) -> bool {
    room.height >= PINNING
}

fn blank(height: u16) -> usize {
    usize::from(height >= ROOMY)
}

/// The block of a call, with so many blank rows behind it: whole, or folded where it is long or has no room.
fn shape(call: &Call, view: View, blank: usize) -> Shape<'_> {
    let room = view.room;
    let shape = Shape::whole(call, view, blank);
    let most = if shape.total() > LONG { FOLDED } else { usize::from(room.height) };
    if room.zoom == Zoom::Off && shape.len() - blank > most { shape.folded_to(most) } else { shape }
}

fn shapes(pane: &Pane, room: Room) -> impl DoubleEndedIterator<Item = Shape<'_>> + ExactSizeIterator {
    let last = pane.calls().len().saturating_sub(1);
    let receiver = pane.open_stream();
    pane.calls().iter().enumerate().map(move |(at, call)| {
        let chosen = pane.chosen_place().filter(|choice| choice.call == call.id).map(|choice| choice.row);
        let takes_line = receiver == Some(call.id);
        let view = View { room, chosen, takes_line, secrets: pane.secrets_of(call.id) };
        shape(call, view, if at == last { 0 } else { blank(room.height) })
    })
}

/// How many rows all blocks have, one after the other.
pub fn total(pane: &Pane, room: Room) -> usize {
    shapes(pane, room).map(|shape| shape.len()).sum()
}

/// Where a row is among all blocks' rows. A call that is no longer kept counts as the top.
pub fn offset_of(pane: &Pane, room: Room, place: Place) -> usize {
    let mut offset = 0;
    for shape in shapes(pane, room) {
        if shape.call.id == place.call {
            return offset + shape.index_of(place.row);
        }
        if shape.call.id > place.call {
            return 0;
        }
        offset += shape.len();
    }
    0
}

/// The row at an offset among all blocks' rows.
pub fn place_at(pane: &Pane, room: Room, offset: usize) -> Option<Place> {
    let mut before = 0;
    for shape in shapes(pane, room) {
        let len = shape.len();
        if offset < before + len {
            return Some(Place { call: shape.call.id, row: shape.row(offset - before) });
        }
        before += len;
    }
    None
}

/// How many rows a chosen row should be seen with, itself among them.
pub fn rows_with(pane: &Pane, room: Room, place: Place) -> usize {
    shapes(pane, room).find(|shape| shape.call.id == place.call).map_or(1, |shape| shape.rows_with(place.row))
}

/// The last rows of all blocks but the first ones that were scrolled away. They are found from the end: of a thousand calls
/// few are seen.
fn newest(pane: &Pane, room: Room) -> Window {
    let rows = usize::from(room.height);
    let cleared = pane.calls().iter().take_while(|call| pane.is_cleared(call)).count();
    let (mut blocks, mut len) = (Vec::new(), 0);
    for (at, shape) in shapes(pane, room).enumerate().skip(cleared).rev() {
        if len >= rows {
            break;
        }
        len += shape.len();
        blocks.push((at, shape));
    }
    linear(pane, room, blocks.into_iter().rev(), len.saturating_sub(rows))
}

/// The rows from `top` on of these blocks, which are the pane's last ones, and where they stand among its own.
fn linear<'a>(
    pane: &Pane,
    room: Room,
    blocks: impl Iterator<Item = (usize, Shape<'a>)>,
    top: usize,
) -> Window {
    let rows = usize::from(room.height);
    let mut window = Window { rows: Vec::with_capacity(rows), ..Window::default() };
    let mut offset = 0;
    for (at, shape) in blocks {
        let len = shape.len();
        let seen = top.max(offset)..(top + rows).min(offset + len);
        for row in seen {
            let place = Place { call: shape.call.id, row: shape.row(row - offset) };
            window.rows.push((at, place));
        }
        offset += len;
    }
    window.at_end = top + rows >= offset;
    let first = window.rows.first().filter(|(_, place)| !matches!(place.row, Row::Heading | Row::Blank));
    window.pinned = first.filter(|_| pins(room)).map(|(at, place)| (*at, Place::heading(place.call)));
    let before = window.rows.first().map_or(0, |(at, _)| *at);
    window.unseen = pane.calls().iter().take(before).filter(|call| !pane.is_cleared(call)).count();
    window
}

/// Live calls first, the newest of them first; then ended ones, as many as there is room for. Whichever ended last
/// is seen to have ended: it keeps some rows that live ones do not need.
fn follow(pane: &Pane, room: Room) -> Window {
    let (rows, blank) = (usize::from(room.height), blank(room.height));
    let receiver = pane.open_stream();
    let calls: Vec<Shape<'_>> = pane
        .calls()
        .iter()
        .map(|call| {
            let takes_line = receiver == Some(call.id);
            shape(call, View { room, chosen: None, takes_line, secrets: Secrets::Masked }, 0)
        })
        .collect();
    let is_live = |at: &usize| pane.is_seated_as_live(calls[*at].call);
    let live: Vec<usize> = (0..calls.len()).rev().filter(is_live).collect();

    // Where calls are crowded, the empty rows between them are theirs too.
    let crowded = live.iter().map(|&at| calls[at].len().min(LEAST) + blank).sum::<usize>() > rows;
    let blank = if crowded { 0 } else { blank };
    let (shown, room) = seat_live(&calls, &live, rows, blank);
    let more_live = live.len() - shown.len();
    let is_ended = |at: &usize| !is_live(at) && !pane.is_cleared(calls[*at].call);
    let ended: Vec<usize> = (0..calls.len()).rev().filter(is_ended).collect();
    let last = last_ended(&calls, &ended, room, blank);
    let room = last.map_or(room, |(_, len)| room - len - blank);
    let (mut seated, room) = grow_live(&calls, shown, room);
    let unseen = seat_ended(&calls, &ended, last, &mut seated, room, blank);

    let mut window =
        Window { rows: Vec::with_capacity(rows), more_live, unseen, at_end: true, ..Window::default() };
    seated.sort_unstable();
    let last = seated.len().saturating_sub(1);
    for (nth, (at, len)) in seated.into_iter().enumerate() {
        let id = calls[at].call.id;
        window.rows.extend(seat_rows(&calls[at], len).map(|row| (at, Place { call: id, row })));
        if nth < last {
            window.rows.extend((0..blank).map(|_| (at, Place { call: id, row: Row::Blank })));
        }
    }
    window.rows.truncate(rows);
    window
}

/// A block's rows in a seat. Where not even what stands under its messages has room, the last row says so.
fn seat_rows<'a>(shape: &Shape<'a>, len: usize) -> impl Iterator<Item = Row> + use<'a> {
    let shape = shape.folded_to(len);
    let cut = shape.len().saturating_sub(len);
    let says_so = cut > 0 && len >= LEAST;
    let shown = if says_so { len - 1 } else { shape.len().min(len) };
    (0..shown).map(move |row| shape.row(row)).chain(says_so.then_some(Row::Cut(cut + 1)))
}

/// Gives live calls their least rows, the newest first and somewhat more. What is left is returned.
fn seat_live(calls: &[Shape<'_>], live: &[usize], rows: usize, blank: usize) -> (Vec<(usize, usize)>, usize) {
    let wanted = |nth: usize| calls[live[nth]].len().min(if nth == 0 { FOLDED } else { LEAST });
    let all: usize = (0..live.len()).map(|nth| wanted(nth) + blank).sum();
    // One row says how many more there are.
    let mut room = if all > rows + blank { rows - 1 } else { rows };
    let mut seats: Vec<(usize, usize)> = Vec::new();
    for (nth, &at) in live.iter().enumerate() {
        let gap = if seats.is_empty() { 0 } else { blank };
        let len = wanted(nth).min(room);
        if len == 0 || (nth > 0 && len < wanted(nth)) || len + gap > room {
            break;
        }
        room -= len + gap;
        seats.push((at, len));
    }
    (seats, room)
}

/// Lets the live calls grow: each to the size of a folded block, then to its full length.
fn grow_live(
    calls: &[Shape<'_>],
    mut seats: Vec<(usize, usize)>,
    mut room: usize,
) -> (Vec<(usize, usize)>, usize) {
    for most in [FOLDED, usize::MAX] {
        for (at, len) in &mut seats {
            let more = calls[*at].len().min(most).saturating_sub(*len).min(room);
            *len += more;
            room -= more;
        }
    }
    (seats, room)
}

/// The call that ended last, and the rows that it keeps; none where there is no room for it.
fn last_ended(calls: &[Shape<'_>], ended: &[usize], room: usize, blank: usize) -> Option<(usize, usize)> {
    let last = ended.iter().rev().copied().max_by_key(|at| calls[*at].call.ended_at())?;
    let len = calls[last].len().min(LEAST).min(room.checked_sub(blank)?);
    (len > 0).then_some((last, len))
}

/// Gives ended calls what is left, the newest first, beside what the one that ended last has. How many get nothing is
/// returned.
fn seat_ended(
    calls: &[Shape<'_>],
    ended: &[usize],
    last: Option<(usize, usize)>,
    seats: &mut Vec<(usize, usize)>,
    mut room: usize,
    blank: usize,
) -> usize {
    let live = seats.len();
    for &at in ended {
        let wanted = calls[at].len();
        let kept = last.filter(|(last, _)| *last == at).map(|(_, len)| len + blank);
        let gap = if seats.is_empty() { 0 } else { blank };
        let free = (room + kept.unwrap_or_default()).saturating_sub(gap);
        let len = wanted.min(free);
        // The newest is shown whatever is left of it; a heading alone says little of another.
        let is_first = seats.is_empty() || kept.is_some();
        if len == 0 || (len < wanted.min(2) && !is_first) {
            break;
        }
        seats.push((at, len));
        room = free - len;
        if len < wanted {
            break;
        }
    }
    if let Some(last) = last.filter(|last| seats[live..].iter().all(|seat| seat.0 != last.0)) {
        seats.push(last);
    }
    ended.len() - (seats.len() - live)
}
