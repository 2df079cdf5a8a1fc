//! stdout, with one row on it that is drawn again and again.

use std::io::{self, Write};

/// To the row's beginning.
const BACK: &str = "\r";
/// From here to the row's end nothing stays.
const CLEAR: &str = "\x1b[K";

/// Prints. What is under way stands in the last row, until something is printed in its place.
#[derive(Debug, Default)]
pub(super) struct Screen {
    is_live: bool,
}

impl Screen {
    /// Prints whole lines, in one piece.
    pub(super) fn print(&mut self, lines: &str) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let over = if std::mem::take(&mut self.is_live) { CLEAR } else { "" };
        write(&[over, lines])
    }

    /// Takes away what is under way.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.is_live) {
            return Ok(());
        }
        write(&[CLEAR])
    }

    /// Draws the last row.
    pub(super) fn live(&mut self, row: &str) -> io::Result<()> {
        self.is_live = true;
        // At its beginning the cursor waits: there the terminal writes the `^C` that somebody types, and
        // there it is written over.
        write(&[row, CLEAR, BACK])
    }
}

fn write(pieces: &[&str]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(pieces.concat().as_bytes())?;
    stdout.flush()
}
