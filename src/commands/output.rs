//! stdout is data, stderr is talk, and what the program exits with.
//!
//! Both are written by one thread, in the order in which they were said: a reader that is slow holds up what is
//! to be printed, and nothing else. Little waits for it; whoever prints more waits too.

use std::{
    io::{self, IsTerminal, Write},
    thread,
};

use tokio::sync::{mpsc, oneshot};

use super::Failure;
use crate::{
    rpc::{Cause, Origin, Status},
    schema::details_of,
    text,
};

/// What a shell says of a program that `Ctrl-C` ended: 128 and the signal.
pub(super) const INTERRUPTED: u8 = 130;
/// The same of SIGTERM.
pub(super) const TERMINATED: u8 = 143;
/// A status that is not OK exits with this and its code.
const OF_STATUS: u8 = 64;
/// The longest that a peer's words get in a line of talk, in bytes.
const MAX_WORDS: usize = 16 << 10;
/// When this much is said it is time to let it be printed, in bytes.
const PAGE: usize = 64 << 10;
/// Pages that wait for the printer.
const PAGES: usize = 2;

/// What the program exits with after a call that ended like this.
pub(super) fn exit_code(status: &Status) -> u8 {
    // A code is from 0 to 16.
    if status.is_ok() { 0 } else { OF_STATUS + status.code as u8 }
}

/// A status in one line: its code, its message, where it came from, and its details. Foreign text.
pub(super) fn status_line(status: &Status) -> String {
    let mut parts = vec![status.to_string()];
    parts.extend(status.message_beside_origin().filter(|message| !message.is_empty()).map(str::to_owned));
    if !(status.is_ok() && status.origin == Origin::Trailers) {
        parts.push(status.origin.to_string());
    }
    parts.extend(status.heard());
    parts.extend(details_of(status));
    if let Origin::Here(Cause::NotConnected(_) | Cause::NotConnectedInTime(..) | Cause::ReflectionSilent(_)) =
        status.origin
    {
        parts.push("`greeter doctor` finds out why".to_owned());
    }
    parts.join(" · ")
}

/// What is said to both, page by page. Dropping it says nothing more and waits for nothing.
pub(super) struct Output {
    /// Whether stdout is a terminal: then nothing foreign goes there as it came.
    pub(super) is_terminal: bool,
    page: Page,
    bytes: usize,
    press: mpsc::Sender<Page>,
    printed: oneshot::Receiver<io::Result<()>>,
}

/// What is said together, in its order.
type Page = Vec<(Where, Vec<u8>)>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    Stdout,
    Stderr,
}

/// Why not all was printed.
#[derive(Debug, thiserror::Error)]
#[error("stdout cannot be written")]
pub(super) struct NotPrinted(#[from] io::Error);

/// Why a command is not done that could not print.
pub(super) fn not_printed(error: io::Error) -> Failure {
    Failure::undone(NotPrinted(error))
}

/// Nothing can be printed any more; [`Output::end`] tells why.
#[derive(Debug)]
pub(super) struct Closed;

impl Output {
    /// Starts the printer. The error is the operating system's, which has no thread for it.
    pub(super) fn start() -> io::Result<Self> {
        let (press, pages) = mpsc::channel(PAGES);
        let (tell, printed) = oneshot::channel();
        thread::Builder::new().name("greeter-print".to_owned()).spawn(move || {
            // Nobody waits for it who left before the end.
            let _left = tell.send(print(pages));
        })?;
        let is_terminal = io::stdout().is_terminal();
        Ok(Self { is_terminal, page: Vec::new(), bytes: 0, press, printed })
    }

    /// A line of data, as it is.
    pub(super) fn data(&mut self, line: &str) {
        self.put(Where::Stdout, line);
        self.put(Where::Stdout, "\n");
    }

    /// A line of data that a peer chose: on a terminal what it would obey is shown as marks.
    pub(super) fn foreign(&mut self, line: &str) {
        if self.is_terminal { self.data(&text::safe(line)) } else { self.data(line) }
    }

    /// A line of talk. What is not safe for a terminal is shown as marks, and there is an end to it.
    pub(super) fn talk(&mut self, words: &str) {
        let words = text::Safe::cut(words, MAX_WORDS);
        self.aside(words.as_str());
        self.aside("\n");
    }

    /// Words of our own on stderr, as they are: a prompt.
    pub(super) fn aside(&mut self, words: &str) {
        self.put(Where::Stderr, words);
    }

    /// Whether enough was said for a page.
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= PAGE
    }

    /// Lets what was said be printed, and waits where the printer is behind. Dropped, it may lose a page.
    pub(super) async fn flush(&mut self) -> Result<(), Closed> {
        if self.page.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        self.press.send(std::mem::take(&mut self.page)).await.map_err(|_| Closed)
    }

    /// Returns when all was printed that was said, or why it was not.
    pub(super) async fn end(mut self) -> Result<(), NotPrinted> {
        // Where it is closed, the printer says why.
        let _closed = self.flush().await;
        drop(self.press);
        Ok(self.printed.await.unwrap_or(Ok(()))?)
    }

    fn put(&mut self, place: Where, words: &str) {
        self.bytes += words.len();
        match self.page.last_mut() {
            Some((last, piece)) if *last == place => piece.extend_from_slice(words.as_bytes()),
            _ => self.page.push((place, words.as_bytes().to_vec())),
        }
    }
}

fn print(mut pages: mpsc::Receiver<Page>) -> io::Result<()> {
    // Neither is locked for longer than a write: whoever leaves in the middle has words for stderr, too.
    let (mut stdout, mut stderr) = (io::stdout(), io::stderr());
    while let Some(page) = pages.blocking_recv() {
        for (place, words) in page {
            match place {
                Where::Stdout => stdout.write_all(&words).and_then(|()| stdout.flush())?,
                // Where stderr is gone, there is nobody to tell.
                Where::Stderr => drop(stderr.write_all(&words)),
            }
        }
    }
    Ok(())
}
