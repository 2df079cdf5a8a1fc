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
        let over = if self.is_live { [BACK, CLEAR].concat() } else { String::new() };
        self.is_live = false;
        write(&[&over, lines])
    }

    /// Draws the last row.
    pub(super) fn live(&mut self, row: &str) -> io::Result<()> {
        self.is_live = true;
        write(&[BACK, row, CLEAR])
    }
}

fn write(pieces: &[&str]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(pieces.concat().as_bytes())?;
    stdout.flush()
}
