//! A call's block: its heading, its messages and its status, row by row.
//!
//! Every block answers in constant time how long it is and what its n-th row is.

use super::{
    Aside, Detail, Room,
    details::Details,
    message::{entry_lines, parts},
};
use crate::{
    rpc::{CallId, Record, What},
    text::Secrets,
    tui::model::{Call, Place, Zoom},
};

/// Where the text of messages begins, in columns.
pub const INDENT: u16 = 3;

/// A row of a call's block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// Number, request or counts, state, elapsed.
    Heading,
    /// What a zoomed pane tells beside the messages.
    Detail {
        /// What it is.
        detail: Detail,
        /// Which row of it.
        line: usize,
    },
    /// A transcript entry by its number from 0, counting also those let go.
    Entry(u64),
    /// More of the chosen entry's text than its first row has.
    Text {
        /// The entry's number.
        entry: u64,
        /// Which row of the text; the first is the entry's own.
        line: usize,
    },
    /// A part of the chosen entry: bytes and what they mean.
    Part {
        /// The entry's number.
        entry: u64,
        /// Which part of it.
        part: usize,
    },
    /// So many entries are folded away here.
    Fold(u64),
    /// So many entries were counted and are no longer kept.
    LetGo(u64),
    /// A line of something that is told of the call's end.
    Told {
        /// Which of the things that are told.
        item: usize,
        /// Which line of it.
        line: usize,
    },
    /// The server waits for the end of the stream.
    Hint,
    /// Between two blocks.
    Blank,
}

/// What a block is looked at with.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    /// The pane's room.
    pub(super) room: Room,
    /// The chosen row, where it is this call's.
    pub(super) chosen: Option<Row>,
    /// In a held view, the entries that there were then.
    pub(super) held_at: Option<u64>,
    /// Whether its secrets are shown.
    pub(super) secrets: Secrets,
}

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
}

/// How much of a call's transcript a view looks at: all of it, or what there was when it was held.
#[derive(Debug, Clone, Copy)]
struct Extent {
    all: u64,
    kept: usize,
    let_go: u64,
}

impl Extent {
    fn new(record: &Record, held_at: Option<u64>, rows: u16) -> Self {
        // Of what a view held, little may be kept by now: then it shows the oldest that is, a page of it.
        let page = if record.let_go() > 0 { record.let_go() + u64::from(rows) } else { 0 };
        let all = held_at.map_or(record.total(), |held| held.max(page).min(record.total()));
        // What was let go since lies behind the first entry as well.
        let let_go = record.let_go().min(all.saturating_sub(1));
        Self { all, kept: (all - let_go) as usize, let_go }
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
        let View { room, chosen, held_at, .. } = view;
        let extent = Extent::new(&call.record, held_at, room.height);
        let (details, opened) = match room.zoom {
            Zoom::On => {
                (Details::of(call, view), chosen.and_then(|row| Opened::new(call, extent, row, room)))
            }
            Zoom::Off => (Details::NONE, None),
        };
        let columns = usize::from(room.width.saturating_sub(INDENT));
        Self { call, details, entries: Entries::Kept, extent, opened, columns, blank }
    }

    /// The same block in at most so many rows, the blank apart; in more where one message and what stands under
    /// it have no room.
    pub(super) fn folded_to(mut self, rows: usize) -> Self {
        let rest = 1 + self.details.len + self.tail_len();
        if rest + self.extent.rows() > rows {
            let least = self.extent.rows().min(1);
            self.entries = Entries::Folded(rows.saturating_sub(rest).max(least));
        }
        self
    }

    /// How many entries it has, shown or not.
    pub(super) fn total(&self) -> u64 {
        self.extent.all
    }

    /// How many rows stand under its messages.
    pub(super) fn tail_len(&self) -> usize {
        tail_len(self.call, self.columns)
    }

    fn entry_rows(&self) -> usize {
        match self.entries {
            Entries::Kept => {
                let opened = self.opened.map_or(0, Opened::rows);
                self.extent.rows() + opened
            }
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
            Row::Entry(_) => 1 + self.opened.map_or(0, Opened::rows),
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
        if index < entries {
            self.entry_or_part(index)
        } else {
            tail_row(self.call, self.columns, index - entries)
        }
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
            Entries::Folded(2) if index == 0 => Row::Fold(all - 1),
            Entries::Folded(1 | 2) => Row::Entry(self.newest_message()),
            Entries::Folded(_) if index == 0 => Row::Entry(0),
            Entries::Folded(rows) if index == 1 => Row::Fold(all - (rows as u64 - 1)),
            Entries::Folded(3) => Row::Entry(self.newest_message()),
            Entries::Folded(rows) => Row::Entry(all - (rows - index) as u64),
        }
    }

    /// The newest entry, or the message before it where that is the end of the stream: one row says more with it.
    fn newest_message(&self) -> u64 {
        let newest = self.extent.all - 1;
        let is_end = self.call.entry(newest).is_some_and(|entry| entry.what == What::EndOfStream);
        if is_end { newest.saturating_sub(1) } else { newest }
    }

    /// Where a row stands in the block; a hidden entry stands where it is folded away.
    pub(super) fn index_of(&self, row: Row) -> usize {
        let found = match row {
            Row::Entry(number) => {
                let before = 1 + self.details.len;
                let rows = before..before + self.entry_rows();
                // Entries stand in order: the last one that is not later, or the fold after it.
                rows.rev().find(|&at| match self.row(at) {
                    Row::Entry(shown) => shown <= number,
                    Row::Text { .. } | Row::Part { .. } => false,
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

    /// Where the message stands among those kept.
    fn index(self, extent: Extent) -> usize {
        match (self.entry, extent.let_go) {
            (0, _) => 0,
            (entry, 0) => entry as usize,
            (entry, gone) => entry.saturating_sub(gone) as usize + 1,
        }
    }
}

/// How many rows stand under the messages: the hint of an open client stream, or what is told of
/// the end.
fn tail_len(call: &Call, columns: usize) -> usize {
    if has_hint(call) {
        return 1;
    }
    call.facts.told.iter().map(|told| told.rows(columns)).sum()
}

/// The n-th row under the messages.
fn tail_row(call: &Call, columns: usize, index: usize) -> Row {
    if has_hint(call) {
        return Row::Hint;
    }
    let mut before = 0;
    for (item, told) in call.facts.told.iter().enumerate() {
        let rows = told.rows(columns);
        if index < before + rows {
            return Row::Told { item, line: index - before };
        }
        before += rows;
    }
    Row::Blank
}

fn has_hint(call: &Call) -> bool {
    call.is_open() && !call.method.kind().receives_stream() && call.record.counts().sent > 0
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
