//! Lines of source: their indent, the empty lines between them, and what all may take.

use crate::{schema::SchemaError, text::safe};

/// All that is printed at once, in bytes.
const MAX_SOURCE: usize = 32 << 20;
const INDENT: &str = "  ";

#[derive(Default)]
pub(super) struct Writer {
    text: String,
    depth: usize,
    gap: Gap,
}

/// What stands before the next line.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Gap {
    /// The beginning of the text or of a block: never an empty line.
    #[default]
    Beginning,
    /// Another line, to which a plain one may be added.
    Line,
    /// What an empty line belongs behind.
    Block,
}

impl Writer {
    pub(super) fn line(&mut self, text: &str) -> Result<(), SchemaError> {
        if self.gap == Gap::Block {
            self.text.push('\n');
        }
        self.gap = Gap::Line;
        let taken = self.text.len() + text.len() + self.depth * INDENT.len();
        if taken > MAX_SOURCE {
            return Err(SchemaError::TooMany { what: "bytes of source", limit: MAX_SOURCE });
        }
        if !text.is_empty() {
            self.text.extend(std::iter::repeat_n(INDENT, self.depth));
        }
        self.text.push_str(text);
        self.text.push('\n');
        Ok(())
    }

    /// Lines that an empty one stands before and behind, but for the beginning and the end of a block.
    pub(super) fn separate(&mut self) {
        if self.gap == Gap::Line {
            self.gap = Gap::Block;
        }
    }

    /// A line that ends with a bracket; what follows up to its end stands inside of it.
    pub(super) fn open(&mut self, text: &str) -> Result<(), SchemaError> {
        self.line(text)?;
        self.enter();
        Ok(())
    }

    /// What follows stands inside of the bracket at the last line's end.
    pub(super) fn enter(&mut self) {
        self.depth += 1;
        self.gap = Gap::Beginning;
    }

    /// Ends the bracket that was opened last, with a line that begins with its other half.
    pub(super) fn end(&mut self, text: &str) -> Result<(), SchemaError> {
        self.depth = self.depth.saturating_sub(1);
        self.gap = Gap::Line;
        self.line(text)
    }

    /// Ends a definition: with `}`, in the line that opened it where nothing stands between.
    pub(super) fn close(&mut self) -> Result<(), SchemaError> {
        if self.gap == Gap::Beginning && self.text.ends_with("{\n") {
            self.depth = self.depth.saturating_sub(1);
            self.text.pop();
            self.text.push_str("}\n");
        } else {
            self.end("}")?;
        }
        self.gap = Gap::Block;
        Ok(())
    }

    /// A comment in as many lines as it has. What would hide in it or turn it around is marked.
    pub(super) fn comment(&mut self, text: &str) -> Result<(), SchemaError> {
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            self.line(&format!("//{}", safe(&line.trim_end().replace('\t', "    "))))?;
        }
        Ok(())
    }

    /// A comment behind what the last line says: in that line where it fits, else in lines of its own.
    pub(super) fn comment_behind(&mut self, text: &str) -> Result<(), SchemaError> {
        const WIDTH: usize = 110;
        let text = text.strip_suffix('\n').unwrap_or(text);
        let last_line = self.text.trim_end_matches('\n').len();
        let begins = self.text[..last_line].rfind('\n').map_or(0, |at| at + 1);
        if !text.contains('\n') && last_line - begins + text.len() < WIDTH {
            let is_block_start = self.gap == Gap::Beginning;
            self.text.truncate(last_line);
            self.text.push_str(" //");
            self.text.push_str(&safe(&text.trim_end().replace('\t', "    ")));
            self.text.push('\n');
            self.gap = if is_block_start { Gap::Beginning } else { Gap::Line };
            return Ok(());
        }
        self.comment(text)?;
        self.gap = Gap::Block;
        Ok(())
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}
