//! A call's block: its heading, its messages and its status, row by row.
//!
//! How long a block is, what its n-th row is and where a row is in it are worked out without walking its
//! messages.

use super::{
    Aside, INDENT, Room,
    details::Details,
    message::{entry_lines, parts},
    seen::View,
};
use crate::{
    rpc::{CallId, Record, What},
    tui::model::{Call, Place, Row, Zoom},
};

/// Rows of what waits to be sent, where other calls have the same pane.
const MOST_WAITING: usize = 8;
/// A pane of this height has room for a hint under these.
const HINTED: u16 = 6;

/// How much of a block is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape<'a> {
    pub(super) call: &'a Call,
    details: Details,
    entries: Entries,
    extent: Extent,
    opened: Option<Opened>,
    columns: usize,
    blank: usize,
    takes_line: bool,
    /// How many rows may be of what waits to be sent.
    most_waiting: usize,
    /// Whether there is room for hints beside that.
    is_roomy: bool,
}

/// How much of a call's transcript is seen.
#[derive(Debug, Clone, Copy)]
struct Extent {
    all: u64,
    kept: usize,
    let_go: u64,
}

impl Extent {
    fn new(record: &Record) -> Self {
        Self { all: record.total(), kept: record.kept(), let_go: record.let_go() }
    }

    /// How many rows the entries take, unfolded.
    fn rows(self) -> usize {
        self.kept + usize::from(self.let_go > 0)
    }
}

/// A chosen message in a zoomed pane: its number, and how many rows there are under its own.
#[derive(Debug, Clone, Copy)]
struct Opened {
    entry: u64,
    /// More of its text.
    lines: usize,
    /// Its fields.
    parts: usize,
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
    /// All of a call that is kept; zoomed with its details, and with the chosen message taken apart.
    pub(super) fn whole(call: &'a Call, view: View, blank: usize) -> Self {
        let View { room, chosen, takes_line, .. } = view;
        let extent = Extent::new(call.seen());
        let (details, opened) = match room.zoom {
            Zoom::On => {
                (Details::of(call, view), chosen.and_then(|row| Opened::new(call, extent, row, room)))
            }
            Zoom::Off => (Details::NONE, None),
        };
        let columns = usize::from(room.width.saturating_sub(INDENT));
        let most_waiting = match room.zoom {
            Zoom::On => usize::MAX,
            // The heading, a message and the hint have theirs first.
            Zoom::Off => usize::from(room.height.saturating_sub(3)).clamp(2, MOST_WAITING),
        };
        let is_roomy = room.height >= HINTED;
        Self {
            call,
            details,
            entries: Entries::Kept,
            extent,
            opened,
            columns,
            blank,
            takes_line,
            most_waiting,
            is_roomy,
        }
    }

    /// The same block in at most `rows` rows, not counting the blank one; in more if there is no room for one message
    /// and what is under it.
    pub(super) fn folded_to(mut self, rows: usize) -> Self {
        let rest = 1 + self.details.len + self.tail_len();
        if rest + self.extent.rows() > rows {
            // Why a call failed is worth more than its last message.
            let least = if self.call.facts.told.is_empty() { self.extent.rows().min(1) } else { 0 };
            self.entries = Entries::Folded(rows.saturating_sub(rest).max(least));
        }
        self
    }

    /// How many entries it has, shown or not.
    pub(super) fn total(&self) -> u64 {
        self.extent.all
    }

    /// How many rows are under its messages.
    pub(super) fn tail_len(&self) -> usize {
        let told = self.call.facts.told.iter().map(|told| told.rows(self.columns));
        self.call.waiting_rows(self.most_waiting) + usize::from(self.has_hint()) + told.sum::<usize>()
    }

    /// Whether a hint stands there: of a call that holds messages back, or that the line goes to.
    fn has_hint(&self) -> bool {
        let call = self.call;
        if call.waiting_rows(1) > 0 {
            return call.is_started() && self.is_roomy;
        }
        self.takes_line && call.is_open() && !call.method.kind().receives_stream()
    }

    /// The n-th row under the messages: what waits to be sent, the hint, or the facts about the end.
    fn tail_row(&self, index: usize) -> Row {
        let waiting = self.call.waiting_rows(self.most_waiting);
        if index < waiting {
            return Row::Waiting { nth: index, most: self.most_waiting };
        }
        let mut before = waiting;
        if self.has_hint() {
            if index == before {
                return Row::Hint;
            }
            before += 1;
        }
        for (item, told) in self.call.facts.told.iter().enumerate() {
            let rows = told.rows(self.columns);
            if index < before + rows {
                return Row::Told { item, line: index - before };
            }
            before += rows;
        }
        Row::Blank
    }

    fn entry_rows(&self) -> usize {
        match self.entries {
            Entries::Kept => self.extent.rows() + self.opened_rows(),
            Entries::Folded(rows) => rows,
        }
    }

    /// How many rows it has.
    pub(super) fn len(&self) -> usize {
        1 + self.details.len + self.entry_rows() + self.tail_len() + self.blank
    }

    /// How many rows a chosen row should be seen with: a heading with its block, a message with all of its text.
    pub(super) fn rows_with(&self, row: Row) -> usize {
        match row {
            Row::Heading => self.len(),
            Row::Entry(_) => 1 + self.opened_rows(),
            _ => 1,
        }
    }

    /// Its n-th row.
    pub(super) fn row(&self, index: usize) -> Row {
        let Some(index) = index.checked_sub(1) else { return Row::Heading };
        if let Some(detail) = self.details.row(index) {
            return detail;
        }
        let index = index - self.details.len;
        let entries = self.entry_rows();
        if index < entries { self.entry_or_part(index) } else { self.tail_row(index - entries) }
    }

    /// The n-th row of the messages, the parts of the opened one among them.
    fn entry_or_part(&self, index: usize) -> Row {
        let Some(opened) = self.opened else { return self.entry(index) };
        let at = opened.index(self.extent);
        match index.checked_sub(at + 1) {
            None => self.entry(index),
            Some(under) if under < opened.lines => Row::Text { entry: opened.entry, line: under + 1 },
            Some(under) if under < opened.rows() => {
                Row::Part { entry: opened.entry, part: under - opened.lines }
            }
            Some(_) => self.entry(index - opened.rows()),
        }
    }

    fn entry(&self, index: usize) -> Row {
        let Extent { all, let_go, .. } = self.extent;
        match self.entries {
            Entries::Kept if index == 0 => Row::Entry(0),
            Entries::Kept if let_go == 0 => Row::Entry(index as u64),
            Entries::Kept if index == 1 => Row::LetGo(let_go),
            Entries::Kept => Row::Entry(let_go + index as u64 - 1),
            Entries::Folded(2) if index == 0 => Row::Fold(all - 1 - self.after_newest_message()),
            Entries::Folded(1 | 2) => Row::Entry(self.newest_message()),
            Entries::Folded(_) if index == 0 => Row::Entry(0),
            Entries::Folded(3) if index == 1 => Row::Fold(all - 2 - self.after_newest_message()),
            Entries::Folded(rows) if index == 1 => Row::Fold(all - (rows as u64 - 1)),
            Entries::Folded(3) => Row::Entry(self.newest_message()),
            Entries::Folded(rows) => Row::Entry(all - (rows - index) as u64),
        }
    }

    /// The newest entry, or the message before it where that is the end of the stream: one row says more with it.
    fn newest_message(&self) -> u64 {
        self.extent.all - 1 - self.after_newest_message()
    }

    /// How many entries are behind the newest message: the end of the stream, where there is a message before it.
    fn after_newest_message(&self) -> u64 {
        let Some(newest) = self.extent.all.checked_sub(1).filter(|newest| *newest > 0) else { return 0 };
        u64::from(self.call.entry(newest).is_some_and(|entry| entry.what == What::EndOfStream))
    }

    /// Where a row is in the block. A hidden entry is where it is folded away; a row that is gone, where the
    /// heading is.
    pub(super) fn index_of(&self, row: Row) -> usize {
        let entries = 1 + self.details.len;
        let tail = entries + self.entry_rows();
        let found = match row {
            Row::Heading => None,
            Row::Detail { detail, line } => self.details.index_of(detail, line).map(|at| 1 + at),
            Row::Entry(entry) => self.index_of_entry(entry).map(|at| entries + at),
            Row::Text { entry, line } => self.index_of_text(entry, line).map(|at| entries + at),
            Row::Part { entry, part } => self.index_of_part(entry, part).map(|at| entries + at),
            Row::Fold(_) | Row::LetGo(_) => self.index_of_gap().map(|at| entries + at),
            Row::Waiting { .. } | Row::Told { .. } | Row::Cut(_) | Row::Hint | Row::Blank => {
                (tail..self.len()).find(|at| self.row(*at) == row)
            }
        };
        found.unwrap_or(0)
    }

    /// Where an entry, or what hides it, is among the rows of the messages.
    fn index_of_entry(&self, number: u64) -> Option<usize> {
        let last = self.entry_rows().checked_sub(1 + self.opened_rows())?;
        let Extent { all, let_go, .. } = self.extent;
        let index = match self.entries {
            _ if number == 0 => 0,
            Entries::Kept if let_go == 0 => number,
            // Row 1 stands for those let go.
            Entries::Kept => 1 + number.saturating_sub(let_go),
            // The newest is the last row, and those before it go up to the fold.
            Entries::Folded(rows) => {
                let newest = if rows > 3 { all.saturating_sub(1) } else { self.newest_message() };
                let later = newest.saturating_sub(number);
                (last as u64).saturating_sub(later).max(u64::from(rows > 2))
            }
        };
        Some(self.below_parts(usize::try_from(index).unwrap_or(last).min(last)))
    }

    /// Where a row of the opened message's text is; of a message that is not opened any more, where that is.
    fn index_of_text(&self, entry: u64, line: usize) -> Option<usize> {
        self.index_under(entry, |opened| (line <= opened.lines).then_some(line))
    }

    /// Where a part of the opened message is; of a message that is not opened any more, where that is.
    fn index_of_part(&self, entry: u64, part: usize) -> Option<usize> {
        self.index_under(entry, |opened| (part < opened.parts).then_some(1 + opened.lines + part))
    }

    fn index_under(&self, entry: u64, under: impl Fn(Opened) -> Option<usize>) -> Option<usize> {
        let at = self.index_of_entry(entry)?;
        let opened = self.opened.filter(|opened| opened.entry == entry);
        Some(at + opened.and_then(under).unwrap_or(0))
    }

    /// Where the row is that counts what is not shown, whatever it counts.
    fn index_of_gap(&self) -> Option<usize> {
        match self.entries {
            Entries::Kept if self.extent.let_go == 0 => None,
            Entries::Folded(0 | 1) => None,
            Entries::Folded(2) => Some(0),
            Entries::Kept | Entries::Folded(_) => Some(self.below_parts(1)),
        }
    }

    /// The same row of the messages with the parts of the opened one among them.
    fn below_parts(&self, index: usize) -> usize {
        let above = self.opened.filter(|opened| self.opened_rows() > 0 && opened.index(self.extent) < index);
        index + above.map_or(0, Opened::rows)
    }

    fn opened_rows(&self) -> usize {
        match self.entries {
            Entries::Kept => self.opened.map_or(0, Opened::rows),
            Entries::Folded(_) => 0,
        }
    }
}

impl Opened {
    fn new(call: &Call, extent: Extent, row: Row, room: Room) -> Option<Self> {
        let Row::Entry(entry) = row else { return None };
        let is_shown = entry == 0 || (extent.let_go < entry && entry < extent.all);
        if !is_shown {
            return None;
        }
        let lines = entry_lines(call, entry, room.width).len().saturating_sub(1);
        let parts = if room.aside == Aside::Shown { 0 } else { parts(call, entry).len() };
        Some(Self { entry, lines, parts })
    }

    fn rows(self) -> usize {
        self.lines + self.parts
    }

    /// The message's place among those that are kept.
    fn index(self, extent: Extent) -> usize {
        match (self.entry, extent.let_go) {
            (0, _) => 0,
            (entry, 0) => entry as usize,
            (entry, gone) => entry.saturating_sub(gone) as usize + 1,
        }
    }
}

impl Place {
    /// A call's heading.
    pub fn heading(call: CallId) -> Self {
        Self { call, row: Row::Heading }
    }
}
