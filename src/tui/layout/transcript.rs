//! Which rows of a pane's calls are shown.
//!
//! A block is a call's heading, its messages and its status. While the newest is followed, live
//! calls share the rows and ended ones get the rest; a held view is a window on all blocks, one
//! after the other. Every block answers in constant time how long it is and what its n-th row is,
//! so that a transcript of many thousand rows costs what is seen of it.

use crate::{
    rpc::{CallId, Cause, Code, Origin},
    tui::model::{Call, Pane, Place, Scroll, State, Zoom},
};

/// A row of a call's block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// Number, request or counts, state, elapsed.
    Heading,
    /// What a zoomed pane tells beside the messages.
    Detail(Detail),
    /// A transcript entry by its number from 0, counting also those let go.
    Entry(u64),
    /// So many entries are folded away here.
    Fold(u64),
    /// So many entries were counted and are no longer kept.
    LetGo(u64),
    /// The status's message.
    Message,
    /// Which method the server lacks.
    Lacks,
    /// How to call what it may have.
    Switch,
    /// Where the status came from.
    Origin,
    /// The server waits for the end of the stream.
    Hint,
    /// Between two blocks.
    Blank,
}

/// What a zoomed pane tells of a call beside its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The request's headers.
    Sent,
    /// The response's headers.
    Headers,
    /// The trailers.
    Trailers,
    /// When what happened.
    Time,
    /// What sets the details apart from the messages.
    Gap,
}

/// The rows of a pane as they are shown, from the top.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window {
    /// Each row and the index of its call in the pane.
    pub rows: Vec<(usize, Place)>,
    /// Live calls of which no row is shown, while the newest is followed.
    pub more_live: usize,
    /// Whether a held view reaches the newest row.
    pub at_end: bool,
}

/// What every live call gets next, and all that a long stream gets: its first message, its newest.
const FOLDED: usize = 6;
/// A stream of more messages is long: rows that nobody can read need not fill a pane.
const LONG: u64 = 1_000;
/// What every live call gets first: its heading and its newest.
const LEAST: usize = 3;
/// From this height on, blocks are set apart by an empty row.
const ROOMY: u16 = 12;

/// How much of a block is shown.
#[derive(Debug, Clone, Copy)]
struct Shape<'a> {
    call: &'a Call,
    details: &'static [Detail],
    entries: Entries,
    blank: usize,
}

/// Which of a call's entries are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entries {
    /// All that are kept.
    Kept,
    /// The first if there is room, the newest, and a fold for the rest; in rows.
    Folded(usize),
}

impl<'a> Shape<'a> {
    fn whole(call: &'a Call, zoom: Zoom, blank: usize) -> Self {
        let details = if zoom == Zoom::On { details(call) } else { &[] };
        Self { call, details, entries: Entries::Kept, blank }
    }

    /// The same block in at most so many rows, the blank apart.
    fn folded_to(mut self, rows: usize) -> Self {
        let rest = 1 + self.details.len() + self.tail().len();
        let all = self.call.record.kept() + usize::from(self.call.record.let_go() > 0);
        if rest + all > rows {
            self.entries = Entries::Folded(rows.saturating_sub(rest));
        }
        self
    }

    fn tail(&self) -> Tail {
        tail(self.call)
    }

    fn entry_rows(&self) -> usize {
        match self.entries {
            Entries::Kept => self.call.record.kept() + usize::from(self.call.record.let_go() > 0),
            Entries::Folded(rows) => rows,
        }
    }

    fn len(&self) -> usize {
        1 + self.details.len() + self.entry_rows() + self.tail().len() + self.blank
    }

    fn row(&self, index: usize) -> Row {
        let Some(index) = index.checked_sub(1) else { return Row::Heading };
        if let Some(detail) = self.details.get(index) {
            return Row::Detail(*detail);
        }
        let index = index - self.details.len();
        let entries = self.entry_rows();
        if index < entries { self.entry(index) } else { self.tail().get(index - entries) }
    }

    fn entry(&self, index: usize) -> Row {
        let record = &self.call.record;
        let all = record.kept() as u64 + record.let_go();
        match self.entries {
            Entries::Kept if index == 0 => Row::Entry(0),
            Entries::Kept if record.let_go() == 0 => Row::Entry(index as u64),
            Entries::Kept if index == 1 => Row::LetGo(record.let_go()),
            Entries::Kept => Row::Entry(record.let_go() + index as u64 - 1),
            Entries::Folded(2) if index == 0 => Row::Fold(all - 1),
            Entries::Folded(1 | 2) => Row::Entry(all - 1),
            Entries::Folded(_) if index == 0 => Row::Entry(0),
            Entries::Folded(rows) if index == 1 => Row::Fold(all - (rows as u64 - 1)),
            Entries::Folded(rows) => Row::Entry(all - (rows - index) as u64),
        }
    }

    /// Where a row stands in the block; a hidden entry stands where it is folded away.
    fn index_of(&self, row: Row) -> usize {
        let found = match row {
            Row::Entry(number) => {
                let before = 1 + self.details.len();
                let rows = before..before + self.entry_rows();
                // Entries stand in order: the last one that is not later, or the fold after it.
                rows.rev().find(|&at| match self.row(at) {
                    Row::Entry(shown) => shown <= number,
                    _ => number > 0,
                })
            }
            row => (0..self.len()).find(|&at| same_row(self.row(at), row)),
        };
        found.unwrap_or(0)
    }
}

/// Counts change while a view is held; the row they stand in stays the same row.
fn same_row(a: Row, b: Row) -> bool {
    match (a, b) {
        (Row::Fold(_) | Row::LetGo(_), Row::Fold(_) | Row::LetGo(_)) => true,
        (a, b) => a == b,
    }
}

/// What stands under the messages: four rows at most.
#[derive(Debug, Clone, Copy, Default)]
struct Tail {
    rows: [Option<Row>; 4],
}

impl Tail {
    fn push(&mut self, row: Row) {
        if let Some(free) = self.rows.iter_mut().find(|row| row.is_none()) {
            *free = Some(row);
        }
    }

    fn len(self) -> usize {
        self.rows.iter().flatten().count()
    }

    fn get(self, index: usize) -> Row {
        self.rows.get(index).copied().flatten().unwrap_or(Row::Blank)
    }
}

fn tail(call: &Call) -> Tail {
    let mut tail = Tail::default();
    match &call.state {
        State::Live(_) => {
            let waits = call.is_open() && !call.method.kind().receives_stream();
            if waits && call.record.counts().sent > 0 {
                tail.push(Row::Hint);
            }
        }
        State::Ended { status, .. } if status.is_ok() || status.is_by_you() => {}
        State::Ended { status, .. } => {
            if !status.message.is_empty() && !says_it_all(&status.origin, &status.message) {
                tail.push(Row::Message);
            }
            if status.code == Code::Unimplemented {
                tail.push(Row::Lacks);
                tail.push(Row::Switch);
            }
            tail.push(Row::Origin);
        }
    }
    tail
}

/// Whether the origin's words are the message's over again.
fn says_it_all(origin: &Origin, message: &str) -> bool {
    match origin {
        Origin::Here(Cause::NotConnected(cause)) => cause == message,
        origin => origin.to_string().ends_with(message),
    }
}

fn details(call: &Call) -> &'static [Detail] {
    use Detail::{Gap, Headers, Sent, Time, Trailers};
    let facts = &call.facts;
    match (facts.sent.is_some(), facts.headers.is_some(), facts.trailers.is_some()) {
        (true, true, true) => &[Sent, Headers, Trailers, Time, Gap],
        (true, true, false) => &[Sent, Headers, Time, Gap],
        (true, false, true) => &[Sent, Trailers, Time, Gap],
        (true, false, false) => &[Sent, Time, Gap],
        (false, ..) => &[],
    }
}

/// A pane's transcript as it is shown in so many rows.
pub fn window(pane: &Pane, height: u16, zoom: Zoom) -> Window {
    let rows = usize::from(height);
    if rows == 0 || pane.calls().is_empty() {
        return Window { at_end: true, ..Window::default() };
    }
    match (pane.scroll, zoom) {
        (Scroll::Newest, Zoom::Off) => follow(pane, rows, blank(height)),
        (Scroll::Newest, Zoom::On) => {
            let top = total(pane, height, zoom).saturating_sub(rows);
            linear(pane, height, zoom, top)
        }
        (Scroll::Held { top, .. }, _) => linear(pane, height, zoom, offset_of(pane, height, zoom, top)),
    }
}

fn blank(height: u16) -> usize {
    usize::from(height >= ROOMY)
}

/// The block of a call in a view that is scrolled.
fn shape(call: &Call, height: u16, zoom: Zoom, last: bool) -> Shape<'_> {
    let blank = if last { 0 } else { blank(height) };
    let shape = Shape::whole(call, zoom, blank);
    let entries = call.record.kept() as u64 + call.record.let_go();
    let most = if entries > LONG { FOLDED } else { usize::from(height) };
    if zoom == Zoom::Off && shape.len() - blank > most { shape.folded_to(most) } else { shape }
}

fn shapes(pane: &Pane, height: u16, zoom: Zoom) -> impl Iterator<Item = Shape<'_>> {
    let last = pane.calls().len().saturating_sub(1);
    pane.calls().iter().enumerate().map(move |(at, call)| shape(call, height, zoom, at == last))
}

/// How many rows all blocks have, one after the other.
pub fn total(pane: &Pane, height: u16, zoom: Zoom) -> usize {
    shapes(pane, height, zoom).map(|shape| shape.len()).sum()
}

/// Where a row stands among all blocks' rows. A call that is no longer kept stands at the top.
pub fn offset_of(pane: &Pane, height: u16, zoom: Zoom, place: Place) -> usize {
    let mut offset = 0;
    for shape in shapes(pane, height, zoom) {
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
pub fn place_at(pane: &Pane, height: u16, zoom: Zoom, offset: usize) -> Option<Place> {
    linear(pane, height, zoom, offset).rows.first().map(|(_, place)| *place)
}

fn linear(pane: &Pane, height: u16, zoom: Zoom, top: usize) -> Window {
    let rows = usize::from(height);
    let mut window = Window { rows: Vec::with_capacity(rows), more_live: 0, at_end: true };
    let mut offset = 0;
    for (at, shape) in shapes(pane, height, zoom).enumerate() {
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
fn follow(pane: &Pane, rows: usize, blank: usize) -> Window {
    let height = rows as u16;
    let calls: Vec<Shape<'_>> =
        pane.calls().iter().map(|call| shape(call, height, Zoom::Off, true)).collect();
    let live: Vec<usize> = (0..calls.len()).rev().filter(|&at| calls[at].call.is_live()).collect();

    // Where calls are crowded, the empty rows between them are theirs too.
    let crowded = live.iter().map(|&at| calls[at].len().min(LEAST) + blank).sum::<usize>() > rows;
    let blank = if crowded { 0 } else { blank };
    let (shown, room) = seat_live(&calls, &live, rows, blank);
    let more_live = live.len() - shown.len();
    let mut seats = grow_live(&calls, shown, room);
    seat_ended(pane, &calls, &mut seats.0, seats.1, blank);

    let mut window = Window { rows: Vec::with_capacity(rows), more_live, at_end: true };
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
        let too_small = len < shape.len() && len < LEAST.max(2 + shape.tail().len());
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

impl Row {
    /// Whether arrows stop here.
    pub fn is_chosen_by_arrows(self) -> bool {
        matches!(self, Row::Heading | Row::Entry(_) | Row::Fold(_))
    }
}

impl Place {
    /// A call's heading.
    pub fn heading(call: CallId) -> Self {
        Self { call, row: Row::Heading }
    }
}

impl Row {
    /// Whether messages are hidden here.
    pub fn is_fold(self) -> bool {
        matches!(self, Self::Fold(_) | Self::LetGo(_))
    }
}
