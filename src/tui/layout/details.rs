//! What a zoomed pane shows of a call beside its messages, each in as many rows as it needs.

use std::borrow::Cow;

use super::{Aside, message::request_lines, seen::View};
use crate::{
    text::Secrets,
    tui::{
        layout::INDENT,
        model::{Call, Detail, Row, Words},
    },
};

/// The room of a detail's label, in columns.
pub const DETAIL_LABEL: u16 = 10;

/// The details that are known of a call, and how many rows each takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Details {
    rows: [(Detail, usize); 7],
    /// How many rows they take.
    pub(super) len: usize,
}

impl Details {
    pub(super) const NONE: Self = Self {
        rows: [
            (Detail::Request, 0),
            (Detail::Sent, 0),
            (Detail::Headers, 0),
            (Detail::Trailers, 0),
            (Detail::Deadline, 0),
            (Detail::Time, 0),
            (Detail::Gap, 0),
        ],
        len: 0,
    };

    /// What is shown of a call once it was sent.
    pub(super) fn of(call: &Call, view: View) -> Self {
        let mut details = Self::NONE;
        if call.facts.sent.is_none() {
            return details;
        }
        for (detail, rows) in &mut details.rows {
            *rows = match detail {
                Detail::Gap => usize::from(details.len > 0),
                detail => rows_of(call, *detail, view),
            };
            details.len += *rows;
        }
        details
    }

    /// The n-th of their rows.
    pub(super) fn row(&self, index: usize) -> Option<Row> {
        if index >= self.len {
            return None;
        }
        let mut line = index;
        for (detail, rows) in self.rows {
            if line < rows {
                return Some(Row::Detail { detail, line });
            }
            line -= rows;
        }
        None
    }

    /// Where a row of a detail is among them; of one that takes fewer rows now, the last.
    pub(super) fn index_of(&self, detail: Detail, line: usize) -> Option<usize> {
        let before =
            self.rows.iter().take_while(|(shown, _)| *shown != detail).map(|(_, rows)| rows).sum::<usize>();
        let rows = self.rows.iter().find(|(shown, _)| *shown == detail).map_or(0, |(_, rows)| *rows);
        (rows > 0).then(|| before + line.min(rows - 1))
    }
}

fn rows_of(call: &Call, detail: Detail, view: View) -> usize {
    let columns = usize::from(view.room.width.saturating_sub(INDENT + DETAIL_LABEL));
    match detail {
        Detail::Request if view.chosen == Some(Row::Heading) => request_lines(call, columns).len(),
        Detail::Request | Detail::Gap => 0,
        // Beside the panes all of them are shown.
        _ if view.room.aside == Aside::Shown => 0,
        Detail::Deadline => usize::from(call.deadline.is_some()),
        _ => detail_words(call, detail, view.secrets).map_or(0, |words| words.rows(columns).max(1)),
    }
}

/// The words of a detail that is shown in words.
pub fn detail_words(call: &Call, detail: Detail, secrets: Secrets) -> Option<Cow<'_, Words>> {
    match detail {
        Detail::Sent => call.sent_words(secrets),
        Detail::Headers => call.header_words(secrets),
        Detail::Trailers => call.trailer_words(secrets),
        Detail::Time => Some(Cow::Owned(call.time_words())),
        Detail::Request | Detail::Deadline | Detail::Gap => None,
    }
}
