//! What is said of a call's end, under its messages.

use bytes::Bytes;

use super::Call;
use crate::{
    rpc::{Cause, Code, Origin, Status},
    schema::{Shown, details_of},
    text,
};

/// One thing that is said: a row, or a few if it is long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What it is.
    pub what: Telling,
    /// The words, made safe.
    pub words: String,
    /// Their width in columns.
    width: usize,
}

/// What is said.
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
/// The columns of a message that was not sent.
const MAX_UNSENT: usize = 60;
/// Messages that were not sent and are named one by one.
const MAX_NAMED: u64 = 8;
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

/// What is said of a status.
pub(super) fn told(call: &Call, status: &Status) -> Vec<Told> {
    let mut told = of_status(call, status);
    // What is lost comes behind why.
    told.extend(not_sent(call).map(|words| Told::new(Telling::Note, &words)));
    told
}

fn of_status(call: &Call, status: &Status) -> Vec<Told> {
    if status.is_by_you() {
        return Vec::new();
    }
    if status.is_ok() {
        return cardinality(call).into_iter().collect();
    }
    let mut told = Vec::new();
    // What to do comes first: in a low pane the rest may have no room.
    told.extend(lacking(call, status).into_iter().flatten());
    match &status.origin {
        Origin::Here(Cause::NotConnected(why)) => {
            told.push(Told::new(Telling::Wrong, why));
            told.push(Told::new(Telling::Fact, &format!("made here · {ASK_F2}")));
        }
        origin => {
            told.extend(status.message_beside_origin().map(|message| Told::new(Telling::Wrong, message)));
            let ask =
                if is_explained_by_the_doctor(origin) { format!(" · {ASK_F2}") } else { String::new() };
            told.push(Told::new(Telling::Fact, &format!("{origin}{ask}")));
        }
    }
    told.extend(status.heard().map(|heard| Told::new(Telling::Fact, &heard)));
    let details = details_of(status);
    told.extend(details.iter().map(|detail| Told::new(Telling::Fact, detail)));
    told
}

const ASK_F2: &str = "F2 says what to do";

/// What was to be sent on a stream that ended before. Foreign text.
pub(in crate::tui) fn not_sent(call: &Call) -> Option<String> {
    let unsent = call.unsent();
    let known = call.all_unsent().filter(|_| (1..=MAX_NAMED).contains(&unsent));
    Some(match (unsent, known) {
        (0, _) => return None,
        (_, Some(messages)) => {
            let words: Vec<String> = messages.map(|message| in_words(call, message)).collect();
            format!("not sent: {}", words.join(", "))
        }
        (1, None) => "1 message was not sent".to_owned(),
        (more, None) => format!("{} messages were not sent", text::count(more)),
    })
}

fn in_words(call: &Call, message: &Bytes) -> String {
    let shown = call.method.request().show(message, MAX_WORDS);
    let (Shown::Text { text, .. } | Shown::Json { text, .. } | Shown::Broken { hex: text, .. }) = shown;
    text::fit(&text, MAX_UNSENT).into_owned()
}

/// Whether it is the server or the way to it that must be looked at.
fn is_explained_by_the_doctor(origin: &Origin) -> bool {
    matches!(origin, Origin::Http { .. } | Origin::Here(Cause::NotConnectedInTime(..)))
}

/// What the server lacks, and what to do about it: the request's compression, or the method.
fn lacking(call: &Call, status: &Status) -> Option<[Told; 2]> {
    let refusal = call.agreement().refusal().filter(|_| status.may_be_of_compression());
    let (lacks, to_do) = match refusal {
        Some(refusal) => (refusal, "F4 changes the compression"),
        None if status.code == Code::Unimplemented => {
            let path = call.method.path();
            let lacks = format!("this server lacks {}", path.path().trim_start_matches('/'));
            (lacks, "F2 g uses another service")
        }
        None => return None,
    };
    Some([Told::new(Telling::Note, &lacks), Told::new(Telling::Note, to_do)])
}

/// A call for one reply that ended with OK and none, or several. Other clients call this an error.
fn cardinality(call: &Call) -> Option<Told> {
    let words = call.method.kind().miscounted(call.record.counts().received)?;
    Some(Told::new(Telling::Wrong, &words))
}
