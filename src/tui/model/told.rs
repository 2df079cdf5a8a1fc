//! What is told of a call's end, under its messages.

use super::Call;
use crate::{
    rpc::{Cause, Code, Details, Origin, Status},
    schema::status_details,
    text,
};

/// One thing that is told: a row, or a few where it is long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What it is.
    pub what: Telling,
    /// The words, made safe.
    pub words: String,
    /// Their width in columns.
    width: usize,
}

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// What went wrong.
    Wrong,
    /// What to know or to do.
    Note,
    /// Where the status came from, and what came with it.
    Fact,
}

/// The most rows that one thing takes.
const MAX_LINES: usize = 8;
/// The most bytes of a peer's words.
const MAX_WORDS: usize = 1_000;

impl Told {
    fn new(what: Telling, words: &str) -> Self {
        let words = text::Safe::cut(words, MAX_WORDS).as_str().to_owned();
        let width = text::width(&words);
        Self { what, words, width }
    }

    /// How many rows it takes at a width.
    pub fn rows(&self, columns: usize) -> usize {
        if self.width <= columns { 1 } else { self.lines(columns).len() }
    }

    /// Its rows at a width.
    pub fn lines(&self, columns: usize) -> Vec<String> {
        let mut lines = text::wrap(&self.words, columns.max(1));
        if lines.len() > MAX_LINES {
            lines.truncate(MAX_LINES);
            if let Some(last) = lines.last_mut() {
                *last = text::fit(&format!("{last}…"), columns).into_owned();
            }
        }
        lines
    }
}

/// What is told of a status.
pub(super) fn told(call: &Call, status: &Status) -> Vec<Told> {
    if status.is_by_you() {
        return Vec::new();
    }
    if status.is_ok() {
        return cardinality(call).into_iter().collect();
    }
    let origin = status.origin.to_string();
    let mut told = Vec::new();
    // What to do comes first: in a low pane the rest may have no room.
    if status.code == Code::Unimplemented {
        let path = call.method.path();
        let lacks = format!("this server lacks {}", path.path().trim_start_matches('/'));
        told.push(Told::new(Telling::Note, &lacks));
        told.push(Told::new(Telling::Note, "F2 switches the contract"));
    }
    if !status.message.is_empty() && !says_it_all(&status.origin, &status.message) {
        told.push(Told::new(Telling::Wrong, &status.message));
    }
    told.push(Told::new(Telling::Fact, &origin));
    let details = match &status.details {
        Some(Details::Bytes(bytes)) => status_details(bytes),
        Some(Details::Malformed(why)) => vec![format!("its details cannot be read: {why}")],
        None => Vec::new(),
    };
    told.extend(details.iter().map(|detail| Told::new(Telling::Fact, detail)));
    told
}

/// A call with one reply that ended well with none, or with several: other clients call it an error.
fn cardinality(call: &Call) -> Option<Told> {
    let received = call.record.counts().received;
    if call.method.kind().receives_stream() || received == 1 {
        return None;
    }
    let kind = call.method.kind().title().to_lowercase();
    let words = format!("a {kind} call has one reply, and {} came: clients fail here", text::count(received));
    Some(Told::new(Telling::Wrong, &words))
}

/// Whether the origin's words are the message's over again.
fn says_it_all(origin: &Origin, message: &str) -> bool {
    match origin {
        Origin::Here(Cause::NotConnected(cause)) => cause == message,
        origin => origin.to_string().ends_with(message),
    }
}
