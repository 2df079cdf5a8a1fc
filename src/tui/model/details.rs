//! What is known of a call beside its messages, in words that are broken between them.

use std::borrow::Cow;

use http::HeaderMap;

use super::{Call, Facts};
use crate::{
    rpc::metadata,
    text::{self, Secrets},
};

/// Words that stand side by side, in as many rows as they need: broken between two of them, and within one only
/// where it is wider than a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(Vec<(String, usize)>);

/// Where the next words stand.
enum Step<'a> {
    /// In the row of those before.
    Joins(&'a str),
    /// In a row of their own.
    Begins(&'a str),
    /// In several rows.
    Breaks(Vec<String>),
}

/// The words of a call's headers and trailers, secrets masked. Blocks are measured many times, and headers come
/// once.
#[derive(Debug, Clone, Default)]
pub(super) struct HeaderWords {
    sent: Words,
    headers: Words,
    trailers: Words,
}

/// What stands between two of the words.
const BETWEEN: &str = " · ";
/// The most rows of words.
const MAX_ROWS: usize = 20;
/// The most metadata that is told.
const MAX_PAIRS: usize = 40;
/// The most bytes of a value.
const MAX_VALUE: usize = 1_024;

impl Words {
    /// Words one after the other. They may be foreign.
    pub fn new(words: impl IntoIterator<Item = String>) -> Self {
        let measured = |words: String| {
            let safe = text::safe(&words).into_owned();
            let width = text::width(&safe);
            (safe, width)
        };
        Self(words.into_iter().map(measured).collect())
    }

    fn steps(&self, columns: usize) -> impl Iterator<Item = Step<'_>> {
        let between = text::width(BETWEEN);
        let mut used = 0;
        self.0.iter().map(move |(words, width)| {
            if used > 0 && used + between + width <= columns {
                used += between + width;
                return Step::Joins(words);
            }
            if *width <= columns {
                used = *width;
                return Step::Begins(words);
            }
            let lines = text::wrap(words, columns.max(1));
            used = lines.last().map_or(0, |last| text::width(last));
            Step::Breaks(lines)
        })
    }

    /// How many rows they take at a width.
    pub fn rows(&self, columns: usize) -> usize {
        let mut rows = 0;
        for step in self.steps(columns) {
            rows += match step {
                Step::Joins(_) => 0,
                Step::Begins(_) => 1,
                Step::Breaks(lines) => lines.len(),
            };
            if rows > MAX_ROWS {
                return MAX_ROWS;
            }
        }
        rows
    }

    /// Their rows at a width.
    pub fn lines(&self, columns: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for step in self.steps(columns) {
            match (step, lines.last_mut()) {
                (Step::Joins(words), Some(line)) => line.extend([BETWEEN, words]),
                (Step::Joins(words) | Step::Begins(words), _) => lines.push(words.to_owned()),
                (Step::Breaks(broken), _) => lines.extend(broken),
            }
            if lines.len() > MAX_ROWS {
                lines.truncate(MAX_ROWS);
                if let Some(last) = lines.last_mut() {
                    *last = text::fit("… and more", columns).into_owned();
                }
                break;
            }
        }
        lines
    }
}

impl HeaderWords {
    /// Takes in what came; what is known already stays.
    pub(super) fn learn(&mut self, path: &str, facts: &Facts) {
        let is_new = |words: &Words| words.0.is_empty();
        if let Some(sent) = facts.sent.as_deref().filter(|_| is_new(&self.sent)) {
            self.sent = words_of_sent(path, sent, Secrets::Masked);
        }
        if let Some((_, status, headers)) = facts.headers.as_ref().filter(|_| is_new(&self.headers)) {
            self.headers = words_of_headers(*status, headers, Secrets::Masked);
        }
        if let Some(trailers) = facts.trailers.as_deref().filter(|_| is_new(&self.trailers)) {
            self.trailers = Words::new(pairs(trailers, Secrets::Masked));
        }
    }
}

impl Call {
    /// The request's headers, once they were sent.
    pub fn sent_words(&self, secrets: Secrets) -> Option<Cow<'_, Words>> {
        let sent = self.facts.sent.as_deref()?;
        Some(match secrets {
            Secrets::Masked => Cow::Borrowed(&self.facts.words.sent),
            Secrets::Shown => Cow::Owned(words_of_sent(self.method.path().path(), sent, secrets)),
        })
    }

    /// The response's status and headers, once they came.
    pub fn header_words(&self, secrets: Secrets) -> Option<Cow<'_, Words>> {
        let (_, status, headers) = self.facts.headers.as_ref()?;
        Some(match secrets {
            Secrets::Masked => Cow::Borrowed(&self.facts.words.headers),
            Secrets::Shown => Cow::Owned(words_of_headers(*status, headers, secrets)),
        })
    }

    /// The trailers, once they came.
    pub fn trailer_words(&self, secrets: Secrets) -> Option<Cow<'_, Words>> {
        let trailers = self.facts.trailers.as_deref()?;
        Some(match secrets {
            Secrets::Masked => Cow::Borrowed(&self.facts.words.trailers),
            Secrets::Shown => Cow::Owned(Words::new(pairs(trailers, secrets))),
        })
    }

    /// When what happened, and how much went each way.
    pub fn time_words(&self) -> Words {
        let mut words = Vec::new();
        if let Some((stream, at)) = self.facts.started {
            let sent = self.facts.request_sent.unwrap_or(at);
            words.extend([format!("stream {stream}"), format!("sent {}", text::elapsed(sent))]);
        }
        if let Some((at, ..)) = self.facts.headers {
            words.push(format!("headers {}", text::elapsed(at)));
        }
        if let Some(at) = self.record.first_received() {
            words.push(format!("first reply {}", text::elapsed(at)));
        }
        let counts = self.record.counts();
        let request = self.request.as_ref().map_or(0, |request| request.len() as u64);
        let (sent, received) = (text::size(counts.sent_bytes + request), text::size(counts.received_bytes));
        words.push(format!("↑ {sent} ↓ {received}"));
        // Our own words: each character is a column.
        let measured = |words: String| {
            let width = words.chars().count();
            (words, width)
        };
        Words(words.into_iter().map(measured).collect())
    }
}

fn words_of_sent(path: &str, headers: &HeaderMap, secrets: Secrets) -> Words {
    Words::new([format!("POST {path}")].into_iter().chain(pairs(headers, secrets)))
}

fn words_of_headers(status: u16, headers: &HeaderMap, secrets: Secrets) -> Words {
    Words::new([status.to_string()].into_iter().chain(pairs(headers, secrets)))
}

/// `key value` for each; a secret is masked unless it was asked for.
fn pairs(headers: &HeaderMap, secrets: Secrets) -> impl Iterator<Item = String> {
    let more = headers.len().saturating_sub(MAX_PAIRS);
    let more = (more > 0).then(|| format!("… {} more", text::count(more as u64)));
    let shown = headers.iter().take(MAX_PAIRS).map(move |(key, value)| {
        let seen = metadata::seen(key, value, MAX_VALUE, secrets);
        let is_cut = value.len() > MAX_VALUE && seen != text::MASK;
        let size = if is_cut { format!("… {}", text::size(value.len() as u64)) } else { String::new() };
        format!("{key} {seen}{size}")
    });
    shown.chain(more)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(all: &[&str]) -> Words {
        Words::new(all.iter().map(|words| (*words).to_owned()))
    }

    #[test]
    fn words_are_broken_between_them_and_within_one_that_is_wider_than_a_row() {
        assert_eq!(words(&["POST /a", "te trailers"]).lines(30), ["POST /a · te trailers"]);
        assert_eq!(words(&["POST /a", "te trailers"]).lines(20), ["POST /a", "te trailers"]);
        assert_eq!(words(&["one two three", "x"]).lines(8), ["one two", "three", "x"]);
    }

    #[test]
    fn what_would_fill_the_screen_is_cut_and_says_so() {
        let many: Vec<String> = (0..100).map(|n| format!("header {n}")).collect();
        let lines = Words::new(many).lines(12);
        assert_eq!((lines.len(), lines.last().unwrap().as_str()), (MAX_ROWS, "… and more"));
    }

    proptest! {
        #[test]
        fn there_are_as_many_rows_as_were_counted(
            all in prop::collection::vec("\\PC{0,30}", 0..40), columns in 0..40usize
        ) {
            let words = Words::new(all);
            prop_assert_eq!(words.rows(columns), words.lines(columns).len());
        }
    }
}
