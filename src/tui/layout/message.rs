//! A chosen message in a zoomed pane: all of its text in the rows that it needs, and field by field.

use std::time::Duration;

use unicode_segmentation::UnicodeSegmentation;

use super::{INDENT, READABLE};
use crate::{
    schema::{self, MessageType, Shown},
    text,
    tui::model::Call,
};

/// The text of a message in rows, and its size where there is more of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageLines {
    /// Its rows, made safe.
    pub lines: Vec<String>,
    /// The size of all of it, where it is cut: that takes a row more.
    pub cut_of: Option<u64>,
}

/// The most rows that a message takes.
const MAX_LINES: usize = 20;

impl MessageLines {
    fn of(message: &MessageType, bytes: &[u8], columns: usize) -> Self {
        // Most text that fills these rows has no more bytes than this; what has is cut a little sooner.
        let most = columns.max(16) * MAX_LINES * 4;
        let (text, cut) = match message.show(bytes, most) {
            Shown::Text { text, cut } | Shown::Json { text, cut } => (text, cut),
            Shown::Broken { .. } => return Self::default(),
        };
        let mut lines = broken(&text::safe(&text), columns.max(1));
        let is_cut = cut || lines.len() > MAX_LINES;
        lines.truncate(MAX_LINES);
        Self { lines, cut_of: is_cut.then_some(bytes.len() as u64) }
    }

    /// How many rows it takes.
    pub fn len(&self) -> usize {
        self.lines.len() + usize::from(self.cut_of.is_some())
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A text in lines of at most so many columns, broken behind spaces where that is possible. Nothing of it is
/// lost but spaces at the ends of lines.
fn broken(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut from, mut width) = (0, 0);
    // Where the word at hand begins, and how wide the line is before it.
    let mut word = (0, 0);
    for (at, cluster) in text.grapheme_indices(true) {
        let wide = text::width(cluster);
        if width + wide > columns && at > from && cluster != " " {
            let has_words = !text[from..word.0.max(from)].trim_matches(' ').is_empty();
            let (end, before) =
                if has_words && width - word.1 + wide <= columns { word } else { (at, width) };
            lines.push(text[from..end].trim_end_matches(' ').to_owned());
            (from, width) = (end, width - before);
        }
        width += wide;
        if cluster == " " {
            word = (at + 1, width);
        }
    }
    let last = &text[from..];
    lines.push(if width > columns { last.trim_end_matches(' ') } else { last }.to_owned());
    lines
}

/// When an entry happened, in words.
pub fn since(at: Duration) -> String {
    format!(" +{}", text::elapsed(at))
}

/// A chosen entry's text, in the columns that a readable row has beside its time. Empty for what is no message.
pub fn entry_lines(call: &Call, number: u64, width: u16) -> MessageLines {
    let (Some(entry), Some((message, bytes))) = (call.entry(number), call.message(number)) else {
        return MessageLines::default();
    };
    let time = text::width(&since(entry.at)) + 1;
    let columns = usize::from(width.min(READABLE).saturating_sub(INDENT)).saturating_sub(time);
    MessageLines::of(message, &bytes, columns)
}

/// The one request of a call, where it is so long that the heading may have no room for it.
pub fn request_lines(call: &Call, columns: usize) -> MessageLines {
    let Some(request) = &call.request else { return MessageLines::default() };
    let columns = columns.min(usize::from(READABLE));
    let lines = MessageLines::of(call.method.request(), request, columns);
    // Beside it stand a number, a status and a time.
    let is_short = lines.len() == 1 && lines.lines.iter().all(|line| text::width(line) <= columns / 3);
    if is_short { MessageLines::default() } else { lines }
}

/// What is shown of a chosen message in a zoomed pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Bytes of it, and what they mean.
    Field(schema::Line),
    /// All of it as JSON, and its size.
    Whole,
}

/// The most fields of a message that are shown.
const MAX_PARTS: usize = 24;

/// A message taken apart, field by field. Empty if the entry is not a message.
pub fn parts(call: &Call, entry: u64) -> Vec<Part> {
    let Some((message, bytes)) = call.message(entry) else { return Vec::new() };
    let limits = schema::Limits { lines: MAX_PARTS, depth: 8, value_bytes: 200 };
    let fields = message.walk(&bytes, limits).into_iter().map(Part::Field);
    fields.chain([Part::Whole]).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_broken_behind_spaces_and_in_a_word_that_is_too_wide() {
        assert_eq!(broken("one two three", 8), ["one two", "three"]);
        assert_eq!(broken("abcdefgh ij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(broken("a  b", 8), ["a  b"]);
        assert_eq!(broken(" 你你", 3), [" 你", "你"]);
        assert_eq!(broken("你好吗", 4), ["你好", "吗"]);
        assert_eq!(broken("", 4), [""]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_line_is_too_wide(text in "[a-c 你]{0,60}", columns in 2..12usize) {
            let lines = broken(&text, columns);
            prop_assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
            prop_assert!(lines.iter().all(|line| text::width(line) <= columns), "{:?}", lines);
        }
    }
}
