//! The rows of a call's block.

/// A row of a call's block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// Number, request or counts, state, elapsed.
    Heading,
    /// A detail that a zoomed pane shows beside the messages.
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
    /// This many entries are folded away here.
    Fold(u64),
    /// This many rows of what is said of the end are cut here.
    Cut(usize),
    /// This many entries were counted and are no longer kept.
    LetGo(u64),
    /// A line about the call's end.
    Told {
        /// Which of the facts about it.
        item: usize,
        /// Which line of it.
        line: usize,
    },
    /// What waits to be sent.
    Waiting {
        /// Which row of it.
        nth: usize,
        /// How many rows it may take.
        most: usize,
    },
    /// What the call waits for: the end of its stream, or a server that reads.
    Hint,
    /// Between two blocks.
    Blank,
}

/// What a zoomed pane shows of a call beside its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The one request of a chosen heading, where that may have no room for it.
    Request,
    /// The request's headers.
    Sent,
    /// The response's headers.
    Headers,
    /// The trailers.
    Trailers,
    /// How long it may take.
    Deadline,
    /// The times of what happened.
    Time,
    /// What sets the details apart from the messages.
    Gap,
}

impl Row {
    /// Whether arrows stop here.
    pub fn is_chosen_by_arrows(self) -> bool {
        matches!(self, Row::Heading | Row::Entry(_) | Row::Fold(_))
    }

    /// Whether messages are hidden here.
    pub fn is_fold(self) -> bool {
        matches!(self, Self::Fold(_) | Self::LetGo(_))
    }
}
