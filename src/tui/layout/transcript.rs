//! Which rows of a pane's calls are shown.
//!
//! While the newest is followed, live calls share the rows and ended ones get the rest; a held view
//! is a window on all blocks, one after the other. A transcript of many thousand rows costs what is
//! seen of it.

use super::{
    Room,
    block::{Row, Shape, View},
};
use crate::{
    rpc::CallId,
    tui::model::{Call, Pane, Place, Scroll, Zoom},
};

/// The rows of a pane as they are shown, from the top.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window {
    /// Each row and the index of its call in the pane.
    pub rows: Vec<(usize, Place)>,
    /// Live calls of which no row is shown, while the newest is followed.
    pub more_live: usize,
    /// Whether a held view reaches the newest row.
    pub at_end: bool,
    /// Which of the rows is the chosen one, or hides it.
    pub chosen: Option<usize>,
}

/// What every live call gets next, and the most that a long stream gets: its first message and its newest.
const FOLDED: usize = 6;
/// A stream with more messages is long. Rows that nobody can read need not fill a pane.
const LONG: u64 = 1_000;
/// What every live call gets first: its heading and its newest.
const LEAST: usize = 3;
/// From this height on, blocks are set apart by an empty row.
const ROOMY: u16 = 12;

/// The rows of a pane's transcript that are shown in this room.
pub fn window(pane: &Pane, room: Room) -> Window {
    let rows = usize::from(room.height);
    if rows == 0 || pane.calls().is_empty() {
        return Window { at_end: true, ..Window::default() };
    }
    let window = match (pane.scroll, room.zoom) {
        (Scroll::Newest, Zoom::Off) => follow(pane, room),
        (Scroll::Newest, Zoom::On) => {
            let newest = total(pane, room).saturating_sub(rows);
            linear(pane, room, newest.max(first_shown(pane, room)))
        }
        (Scroll::Held { top, .. }, _) => linear(pane, room, offset_of(pane, room, top)),
    };
    Window { chosen: chosen(pane, room, &window.rows), ..window }
}

/// Which of the shown rows is the chosen one, or the fold that hides it.
fn chosen(pane: &Pane, room: Room, rows: &[(usize, Place)]) -> Option<usize> {
    let choice = pane.chosen_place()?;
    let shown = |wanted: Place| rows.iter().position(|(_, place)| *place == wanted);
    let hiding = || {
        let place = place_at(pane, room, offset_of(pane, room, choice))?;
        shown(place).filter(|_| place.call == choice.call && place.row.is_chosen_by_arrows())
    };
    shown(choice).or_else(hiding)
}

fn blank(height: u16) -> usize {
    usize::from(height >= ROOMY)
}

/// The block of a call: whole, or folded where it is long or has no room.
fn shape(call: &Call, view: View, last: bool) -> Shape<'_> {
    let room = view.room;
    let blank = if last { 0 } else { blank(room.height) };
    let shape = Shape::whole(call, view, blank);
    let most = if shape.total() > LONG { FOLDED } else { usize::from(room.height) };
    if room.zoom == Zoom::Off && shape.len() - blank > most { shape.folded_to(most) } else { shape }
}

fn shapes(pane: &Pane, room: Room) -> impl Iterator<Item = Shape<'_>> {
    let last = pane.calls().len().saturating_sub(1);
    pane.calls().iter().enumerate().map(move |(at, call)| {
        let chosen = pane.chosen_place().filter(|choice| choice.call == call.id).map(|choice| choice.row);
        let view = View { room, chosen, held_at: pane.held_at(call.id) };
        shape(call, view, at == last)
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
    linear(pane, room, offset).rows.first().map(|(_, place)| *place)
}

/// Where the first call is that was not scrolled away.
fn first_shown(pane: &Pane, room: Room) -> usize {
    let cleared = shapes(pane, room).take_while(|shape| pane.is_cleared(shape.call));
    cleared.map(|shape| shape.len()).sum()
}

/// How many rows a call's block has.
pub fn block_len(pane: &Pane, room: Room, call: CallId) -> usize {
    shapes(pane, room).find(|shape| shape.call.id == call).map_or(0, |shape| shape.len())
}

fn linear(pane: &Pane, room: Room, top: usize) -> Window {
    let rows = usize::from(room.height);
    let mut window = Window { rows: Vec::with_capacity(rows), at_end: true, ..Window::default() };
    let mut offset = 0;
    for (at, shape) in shapes(pane, room).enumerate() {
        let len = shape.len();
        let seen = top.max(offset)..(top + rows).min(offset + len);
        for row in seen {
            let place = Place { call: shape.call.id, row: shape.row(row - offset) };
            window.rows.push((at, place));
        }
        offset += len;
    }
    window.at_end = top + rows >= offset;
    window
}

/// Live calls first, the newest of them first; then ended ones, as many as there is room for.
fn follow(pane: &Pane, room: Room) -> Window {
    let (rows, blank) = (usize::from(room.height), blank(room.height));
    let calls: Vec<Shape<'_>> = pane
        .calls()
        .iter()
        .map(|call| shape(call, View { room, chosen: None, held_at: None }, true))
        .collect();
    let live: Vec<usize> = (0..calls.len()).rev().filter(|&at| calls[at].call.is_live()).collect();

    // Where calls are crowded, the empty rows between them are theirs too.
    let crowded = live.iter().map(|&at| calls[at].len().min(LEAST) + blank).sum::<usize>() > rows;
    let blank = if crowded { 0 } else { blank };
    let (shown, room) = seat_live(&calls, &live, rows, blank);
    let more_live = live.len() - shown.len();
    let mut seats = grow_live(&calls, shown, room);
    seat_ended(pane, &calls, &mut seats.0, seats.1, blank);

    let mut window = Window { rows: Vec::with_capacity(rows), more_live, at_end: true, ..Window::default() };
    let mut seated = seats.0;
    seated.sort_unstable();
    let last = seated.len().saturating_sub(1);
    for (nth, (at, len)) in seated.into_iter().enumerate() {
        let shape = calls[at].folded_to(len);
        let id = shape.call.id;
        window.rows.extend((0..shape.len()).map(|row| (at, Place { call: id, row: shape.row(row) })));
        if nth < last {
            window.rows.extend((0..blank).map(|_| (at, Place { call: id, row: Row::Blank })));
        }
    }
    window.rows.truncate(rows);
    window
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

/// Gives ended calls what is left, the newest first.
fn seat_ended(
    pane: &Pane,
    calls: &[Shape<'_>],
    seats: &mut Vec<(usize, usize)>,
    mut room: usize,
    blank: usize,
) {
    for (at, shape) in calls.iter().enumerate().rev() {
        if shape.call.is_live() || pane.is_cleared(shape.call) {
            continue;
        }
        let gap = if seats.is_empty() { 0 } else { blank };
        let free = room.saturating_sub(gap);
        let len = shape.len().min(free);
        // The newest is shown whatever is left of it.
        let is_newest = seats.is_empty();
        let too_small = len < shape.len() && len < LEAST.max(2 + shape.tail_len()) && !is_newest;
        if len == 0 || too_small {
            return;
        }
        seats.push((at, len));
        room -= len + gap;
        if len < shape.len() {
            return;
        }
    }
}
