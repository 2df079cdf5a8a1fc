//! The rows of a pane's line: one that scrolls sideways for a name, as many as there is room for where a
//! message is written as JSON.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::{text, tui::model::Pane};

/// A longer text is shown in one row: nobody edits it by hand.
const MAX_BYTES: usize = 64 << 10;
/// The same of lines that must be looked at character by character, which takes some 0.5 µs each.
const MAX_WIDE_BYTES: usize = 8 << 10;

/// The label of a pane's line: the field, and the stream that receives it if several are open.
pub fn label(pane: &Pane) -> String {
    let field = pane.line_method().and_then(|method| method.request().line_field()).unwrap_or("json");
    let receiver = pane.receiver_of_several().map(|id| format!(" → #{}", id.0)).unwrap_or_default();
    format!("{}{receiver} ▸ ", text::safe(field))
}

/// The rows that a pane's line would take in this many columns, its label included.
pub(super) fn wanted_rows(pane: &Pane, columns: u16) -> u16 {
    if !pane.takes_rows() || is_too_long(pane.line.text()) {
        return 1;
    }
    let room = usize::from(columns).saturating_sub(text::width(&label(pane)));
    u16::try_from(rows(pane.line.text(), room).len()).unwrap_or(u16::MAX)
}

fn is_too_long(written: &str) -> bool {
    let wide = written.split('\n').filter(|line| !is_plain(line));
    written.len() > MAX_BYTES || wide.map(str::len).sum::<usize>() > MAX_WIDE_BYTES
}

/// Whether each byte of a line is a column.
fn is_plain(line: &str) -> bool {
    line.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// The range of each row of a text, broken at its line breaks and at the last column. There is room for the cursor
/// after the last character.
pub fn rows(written: &str, columns: usize) -> Vec<Range<usize>> {
    let columns = columns.max(2) - 1;
    let (mut rows, mut from) = (Vec::new(), 0);
    for line in written.split('\n') {
        let range = from..from + line.len();
        if is_plain(line) {
            let begins = range.clone().step_by(columns);
            rows.extend(begins.map(|begin| begin..range.end.min(begin + columns)));
            if line.is_empty() {
                rows.push(range);
            }
        } else {
            rows_of_line(line, from, columns, &mut rows);
        }
        from += line.len() + 1;
    }
    rows
}

/// The rows of a line that begins there.
fn rows_of_line(line: &str, begins: usize, columns: usize, rows: &mut Vec<Range<usize>>) {
    let (mut from, mut width) = (0, 0);
    for (at, cluster) in line.grapheme_indices(true) {
        let wide = text::width(&text::safe(cluster));
        if width + wide > columns && at > from {
            rows.push(begins + from..begins + at);
            (from, width) = (at, 0);
        }
        width += wide;
    }
    rows.push(begins + from..begins + line.len());
}

/// The row that a position is in. Where a row ends because it is full, it is in the later one.
pub fn row_of(rows: &[Range<usize>], at: usize) -> usize {
    rows.iter().rposition(|row| row.start <= at).unwrap_or(0)
}

/// The column of a position in its row.
pub fn column_of(written: &str, row: &Range<usize>, at: usize) -> usize {
    written.get(row.start..at.min(row.end)).map_or(0, |before| text::width(&text::safe(before)))
}

/// The position in a row at a column, or at the row's end where it is shorter.
pub fn at_column(written: &str, row: &Range<usize>, column: usize) -> usize {
    let mut width = 0;
    for (at, cluster) in written[row.clone()].grapheme_indices(true) {
        width += text::width(&text::safe(cluster));
        if width > column {
            return row.start + at;
        }
    }
    row.end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(text: &str, columns: usize) -> Vec<&str> {
        rows(text, columns).into_iter().map(|row| &text[row]).collect()
    }

    #[test]
    fn a_row_ends_at_a_break_and_at_the_last_column() {
        assert_eq!(parts("{\n  \"a\": 1\n}", 80), ["{", "  \"a\": 1", "}"]);
        assert_eq!(parts("abcdef", 4), ["abc", "def"]);
        assert_eq!(parts("你好吗", 5), ["你好", "吗"]);
        assert_eq!(parts("", 5), [""]);
        assert_eq!(parts("a\n", 5), ["a", ""]);
    }

    #[test]
    fn the_cursor_behind_a_full_row_stands_in_it() {
        let found = rows("abcdef", 4);
        assert_eq!(row_of(&found, 6), 1);
        assert_eq!(row_of(&found, 3), 1);
        assert_eq!(row_of(&found, 0), 0);
    }

    proptest! {
        #[test]
        fn a_line_of_ascii_has_the_rows_of_any_other(line in "[ -~]{0,40}", columns in 2..20usize) {
            let mut looked_at = Vec::new();
            rows_of_line(&line, 0, columns - 1, &mut looked_at);
            prop_assert_eq!(rows(&line, columns), looked_at);
        }

        #[test]
        fn rows_hold_all_of_the_text_but_its_breaks(text in "(\\PC|\n){0,40}", columns in 0..20usize) {
            let joined: String = parts(&text, columns).concat();
            prop_assert_eq!(joined, text.replace('\n', ""));
        }
    }
}
