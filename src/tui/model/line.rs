//! The text being edited, in one row or in several, with readline's commands. Positions are byte offsets at the
//! borders of grapheme clusters, so that an emoji is one step and one deletion.

use std::ops::Range;

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use crate::tui::action::Edit;

/// A line and its cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    text: String,
    cursor: usize,
    /// Whether the cursor stands where something was just typed or removed, and has not moved since.
    is_at_work: bool,
}

impl Line {
    /// The most bytes a line takes; a message of 4 MiB is the usual limit of gRPC itself.
    pub const MAX_BYTES: usize = 8 << 20;

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text before and after the cursor.
    pub fn split(&self) -> (&str, &str) {
        self.text.split_at(self.cursor)
    }

    /// Whether the cursor stands where text is being written: where something was just typed or removed, or at the end.
    pub fn is_being_written(&self) -> bool {
        self.is_at_work || self.cursor == self.text.len()
    }

    /// Puts other text in the line, with the cursor after it.
    pub fn set(&mut self, text: impl Into<String>) {
        self.text = text.into();
        self.cursor = self.text.len();
        self.is_at_work = false;
    }

    /// Takes the text, leaving an empty line.
    pub fn take(&mut self) -> String {
        self.cursor = 0;
        self.is_at_work = false;
        std::mem::take(&mut self.text)
    }

    /// Types text at the cursor. False if it does not fit; then nothing is changed.
    pub fn insert(&mut self, text: &str) -> bool {
        if self.text.len() + text.len() > Self::MAX_BYTES {
            return false;
        }
        self.text.insert_str(self.cursor, text);
        // What was typed may join with what comes after it, as the halves of a flag do.
        self.cursor = self.border_after(self.cursor + text.len());
        self.is_at_work = true;
        true
    }

    /// Replaces a part of the text and puts the cursor after it. Does nothing if there is no such part.
    pub fn replace(&mut self, part: Range<usize>, text: &str) {
        let is_part = self.text.get(part.clone()).is_some();
        if is_part && self.text.len() - part.len() + text.len() <= Self::MAX_BYTES {
            let end = part.start + text.len();
            self.text.replace_range(part, text);
            self.cursor = self.border_after(end);
            self.is_at_work = true;
        }
    }

    /// Does an edit; what was cut goes to `cut` and comes from there.
    pub fn edit(&mut self, edit: Edit, cut: &mut String) {
        self.is_at_work = edit.changes_text();
        match edit {
            Edit::Start => self.cursor = self.row_start(),
            Edit::Left => self.cursor = self.left(),
            Edit::Right => self.cursor = self.right(),
            Edit::WordLeft => self.cursor = self.word_left(char::is_alphanumeric),
            Edit::WordRight => self.cursor = self.word_right(),
            Edit::Backspace => self.remove(self.left(), self.cursor),
            Edit::Delete => self.remove(self.cursor, self.right()),
            Edit::CutToEnd => self.cut(self.cursor, self.row_end(), cut),
            Edit::CutToStart => self.cut(self.row_start(), self.cursor, cut),
            Edit::CutWord => self.cut(self.word_left(|c| !c.is_whitespace()), self.cursor, cut),
            Edit::CutWordRight => self.cut(self.cursor, self.word_right(), cut),
            Edit::Yank => {
                self.insert(cut);
            }
        }
    }

    /// To the end of the line, or of the row if there are several.
    pub fn end(&mut self) {
        self.is_at_work = false;
        self.cursor = self.row_end();
    }

    /// To a position in bytes, or the last border of a character before it.
    pub fn go_to(&mut self, at: usize) {
        self.is_at_work = false;
        self.cursor = self.border_before(self.text.floor_char_boundary(at));
    }

    /// A position, or the border before it if it is inside a character.
    fn border_before(&self, at: usize) -> usize {
        let mut cursor = GraphemeCursor::new(at, self.text.len(), true);
        match cursor.is_boundary(&self.text, 0) {
            Ok(false) => cursor.prev_boundary(&self.text, 0).ok().flatten().unwrap_or(0),
            _ => at,
        }
    }

    /// A position, or the border after it if it is inside a character.
    fn border_after(&self, at: usize) -> usize {
        let mut cursor = GraphemeCursor::new(at, self.text.len(), true);
        match cursor.is_boundary(&self.text, 0) {
            Ok(false) => cursor.next_boundary(&self.text, 0).ok().flatten().unwrap_or(self.text.len()),
            _ => at,
        }
    }

    fn row_start(&self) -> usize {
        self.text[..self.cursor].rfind('\n').map_or(0, |at| at + 1)
    }

    fn row_end(&self) -> usize {
        let end = self.text[self.cursor..].find('\n').map_or(self.text.len(), |at| self.cursor + at);
        // A carriage return and a line feed are one character.
        self.border_before(end)
    }

    fn left(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn right(&self) -> usize {
        let next = self.text[self.cursor..].graphemes(true).next();
        self.cursor + next.map_or(0, str::len)
    }

    fn word_left(&self, in_word: impl Fn(char) -> bool) -> usize {
        let before = self.text[..self.cursor].trim_end_matches(|c| !in_word(c));
        self.border_before(before.trim_end_matches(in_word).len())
    }

    fn word_right(&self) -> usize {
        let behind = &self.text[self.cursor..];
        let word = behind.trim_start_matches(|c: char| !c.is_alphanumeric());
        self.border_after(self.text.len() - word.trim_start_matches(char::is_alphanumeric).len())
    }

    fn remove(&mut self, from: usize, to: usize) {
        self.text.drain(from..to);
        self.cursor = self.border_after(from);
    }

    fn cut(&mut self, from: usize, to: usize, cut: &mut String) {
        if from < to {
            self.text[from..to].clone_into(cut);
            self.remove(from, to);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(text: &str) -> Line {
        let mut line = Line::default();
        line.set(text);
        line
    }

    #[test]
    fn words_are_cut_by_white_space_and_put_back() {
        let (mut line, mut cut) = (line("Ada Love-lace "), String::new());
        line.edit(Edit::CutWord, &mut cut);
        assert_eq!((line.text(), cut.as_str()), ("Ada ", "Love-lace "));
        line.edit(Edit::Start, &mut cut);
        line.edit(Edit::Yank, &mut cut);
        assert_eq!(line.text(), "Love-lace Ada ");
    }

    #[test]
    fn an_emoji_of_many_code_points_is_one_step() {
        let (mut line, mut cut) = (line("a👩‍👩‍👧b"), String::new());
        line.edit(Edit::Left, &mut cut);
        line.edit(Edit::Backspace, &mut cut);
        assert_eq!(line.text(), "ab");
        assert_eq!(line.split(), ("a", "b"));
    }

    #[test]
    fn word_moves_stop_at_words() {
        let (mut line, mut cut) = (line("one two-three"), String::new());
        line.edit(Edit::WordLeft, &mut cut);
        assert_eq!(line.split(), ("one two-", "three"));
        line.edit(Edit::Start, &mut cut);
        line.edit(Edit::WordRight, &mut cut);
        assert_eq!(line.split(), ("one", " two-three"));
    }

    #[test]
    fn nothing_is_cut_where_there_is_nothing() {
        let (mut line, mut cut) = (line(""), String::from("kept"));
        line.edit(Edit::CutToEnd, &mut cut);
        assert_eq!(cut, "kept");
    }

    fn is_between_characters(line: &Line) -> bool {
        let mut borders = line.text().grapheme_indices(true).map(|(border, _)| border);
        let cursor = line.split().0.len();
        cursor == line.text().len() || borders.any(|border| border == cursor)
    }

    #[test]
    fn a_flag_typed_in_halves_is_one_character() {
        let (mut line, mut cut) = (line("🇪"), String::new());
        line.edit(Edit::Start, &mut cut);
        line.insert("🇩");
        assert_eq!(line.split(), ("🇩🇪", ""));
    }

    #[test]
    fn words_may_end_in_a_combining_mark() {
        let (mut line, mut cut) = (line("Jose\u{301} Maria"), String::new());
        line.edit(Edit::Start, &mut cut);
        line.edit(Edit::WordRight, &mut cut);
        assert_eq!(line.split(), ("Jose\u{301}", " Maria"));
    }

    /// Characters that join with their neighbours, and some that do not.
    const CLUSTERS: &str = "([a \r\n🇩🇪👩👧\u{301}\u{200d}\u{600}\u{1100}\u{1161}]|\\PC){0,8}";

    proptest! {
        #[test]
        fn no_edit_leaves_the_cursor_inside_a_character(
            text in CLUSTERS, edits in prop::collection::vec((0..12usize, CLUSTERS), 0..20)
        ) {
            const EDITS: [Edit; 12] = [
                Edit::Start, Edit::Left, Edit::Right, Edit::WordLeft, Edit::WordRight, Edit::Backspace,
                Edit::Delete, Edit::CutToEnd, Edit::CutToStart, Edit::CutWord, Edit::CutWordRight, Edit::Yank,
            ];
            let (mut line, mut cut) = (line(&text), String::new());
            for (edit, typed) in edits {
                line.edit(EDITS[edit], &mut cut);
                prop_assert!(is_between_characters(&line), "{edit}: {:?}", line.split());
                prop_assert!(line.insert(&typed));
                prop_assert!(is_between_characters(&line), "{:?}", line.split());
            }
        }
    }
}
