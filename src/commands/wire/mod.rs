//! What `--wire` and `--wire-log` print: the frames of a command's connections, as rows on stderr and as lines of
//! JSON in a file.

mod json;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use super::{Failure, output::Output};
use crate::{
    cli::Ladder,
    schema::{Method, Shown},
    text::{self, Safe, Secrets},
    wire::{
        Attention, ConnectionLog, Direction, Entry, WireLog,
        ladder::{self, Show},
    },
};

/// The most that a row shows of a message, in bytes.
const MAX_MESSAGE: usize = 200;

/// Prints the frames of a channel's connections as they pass.
pub(super) struct Frames {
    log: WireLog,
    ladder: Ladder,
    file: Option<(PathBuf, BufWriter<File>)>,
    /// The number of the next entry of each connection, by its number.
    next: BTreeMap<u32, u64>,
    has_heads: bool,
    secrets: Secrets,
}

impl Frames {
    /// What the command line wants to see of a channel's wire; `None` where that is nothing. The file is made anew.
    pub(super) fn open(
        ladder: Ladder,
        file: Option<&Path>,
        secrets: Secrets,
        log: &WireLog,
    ) -> Result<Option<Self>, Failure> {
        if ladder == Ladder::Hidden && file.is_none() {
            return Ok(None);
        }
        let open = |path: &Path| match File::create(path) {
            Ok(file) => Ok((path.to_owned(), BufWriter::new(file))),
            Err(error) => Err(not_written(path, &error)),
        };
        let file = file.map(open).transpose()?;
        log.look(Attention::Open);
        Ok(Some(Self { log: log.clone(), ladder, file, next: BTreeMap::new(), has_heads: false, secrets }))
    }

    /// Waits until something passed. Cancel-safe.
    pub(super) async fn changed(&self) {
        self.log.changed().await;
    }

    /// Prints what passed. Messages are those of `method`.
    pub(super) fn tell(&mut self, method: &Method, output: &mut Output) -> Result<(), Failure> {
        self.each_row(Some(method), &mut |row| output.talk(row))
    }

    /// Prints how the connection ended, when nobody else prints any more.
    pub(super) fn tell_the_rest(mut self) -> Result<(), Failure> {
        let mut stderr = io::stderr().lock();
        self.each_row(None, &mut |row| {
            // Where stderr is gone, there is nobody to tell.
            let _gone = writeln!(stderr, "{}", text::safe(row));
        })
    }

    fn each_row(&mut self, method: Option<&Method>, say: &mut dyn FnMut(&str)) -> Result<(), Failure> {
        for log in self.log.take() {
            self.rows(&log, method, say);
            if let Some((path, file)) = &mut self.file {
                let next = self.next.get(&log.number).copied().unwrap_or_default();
                let show = |entry: &Entry, bytes: &[u8]| shown(method?, entry, bytes);
                write(&log, next, &show, self.secrets, file).map_err(|error| not_written(path, &error))?;
            }
            self.next.insert(log.number, log.kept.end());
        }
        Ok(())
    }

    fn rows(&mut self, log: &ConnectionLog, method: Option<&Method>, say: &mut dyn FnMut(&str)) {
        if self.ladder == Ladder::Hidden {
            return;
        }
        if !self.has_heads {
            self.has_heads = true;
            say(ladder::COLUMNS);
        }
        if !self.next.contains_key(&log.number) && log.number > 1 {
            say(&format!("connection {}", log.number));
        }
        if let Some(lost @ 1..) = self.let_go(log) {
            say(&format!("… {} frames were too many at once, and are not shown", text::count(lost)));
        }
        for (_, entry) in log.kept.entries() {
            say(&ladder::row(entry, &log.kept.payload(entry), &|entry, bytes| shown(method?, entry, bytes)));
        }
    }

    fn let_go(&self, log: &ConnectionLog) -> Option<u64> {
        let next = self.next.get(&log.number).copied().unwrap_or_default();
        log.kept.let_go().checked_sub(next)
    }
}

fn write(
    log: &ConnectionLog,
    next: u64,
    show: Show<'_>,
    secrets: Secrets,
    file: &mut impl Write,
) -> io::Result<()> {
    if let Some(lost @ 1..) = log.kept.let_go().checked_sub(next) {
        writeln!(file, "{}", json::lost(log.number, lost))?;
    }
    for (number, entry) in log.kept.entries() {
        writeln!(file, "{}", json::entry(log, number, entry, show, secrets))?;
    }
    file.flush()
}

fn not_written(path: &Path, error: &io::Error) -> Failure {
    Failure::undone(format!("{} cannot be written: {error}", Safe::new(&path.to_string_lossy())))
}

/// A whole message in a few words: those of the user's calls, not of asking what the server has.
fn shown(method: &Method, entry: &Entry, bytes: &[u8]) -> Option<Safe> {
    entry.call?;
    let message = match entry.direction {
        Direction::Sent => method.request(),
        Direction::Received => method.reply(),
    };
    Some(match message.show(bytes, MAX_MESSAGE) {
        Shown::Text { text, .. } => Safe::new(&format!("\"{text}\"")),
        Shown::Json { text, .. } => Safe::new(&text),
        Shown::Broken { error, .. } => Safe::new(&error),
    })
}
