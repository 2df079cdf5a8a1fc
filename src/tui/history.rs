//! Sent lines that survive the program: a file of JSON lines in the XDG state directory.
//!
//! Only what was typed into the lines of panes is kept, never metadata. Several programs may use the file at
//! once: each locks it while it changes it.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, Write},
    os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::model::Sent;

/// Where sent lines are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryFile {
    path: PathBuf,
}

/// How many of the newest lines are kept when the file has grown to more than twice as many.
const MAX_LINES: usize = 2_000;
/// A larger file is shortened to half of that.
const MAX_BYTES: u64 = 32 << 20;

impl HistoryFile {
    /// `$XDG_STATE_HOME/greeter/history.jsonl`, else under `~/.local/state`. None without a home.
    pub fn of_user() -> Option<Self> {
        let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let state =
            absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")))?;
        Some(Self::at(state.join("greeter/history.jsonl")))
    }

    /// A file at a path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The newest lines, oldest first. A line that cannot be read is skipped; without a file there are none.
    pub fn read(&self) -> io::Result<Vec<Sent>> {
        match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Ok(file) if file.len() > MAX_BYTES => return self.shorten(),
            file => file?,
        };
        let sent = lines(&fs::read(&self.path)?);
        if sent.len() > 2 * MAX_LINES { self.shorten() } else { Ok(sent) }
    }

    /// Adds a line.
    pub fn append(&self, sent: &Sent) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = self.locked()?;
        let end = if is_cut(&file)? { "\n" } else { "" };
        let line = format!("{end}{}\n", serde_json::to_string(sent)?);
        file.write_all(line.as_bytes())?;
        let is_too_large = file.metadata()?.len() > MAX_BYTES;
        drop(file);
        if is_too_large {
            self.shorten()?;
        }
        Ok(())
    }

    /// The file, locked until it is dropped.
    fn locked(&self) -> io::Result<File> {
        loop {
            let file =
                OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&self.path)?;
            // Some file systems have no locks. Then a line may be lost, which is better than all of them.
            let _ = file.lock();
            // While this one waited, another program may have put a shorter file here.
            if is_at(&file, &self.path)? {
                return Ok(file);
            }
        }
    }

    /// Keeps only the newest lines. The new file replaces the old one in one step.
    fn shorten(&self) -> io::Result<Vec<Sent>> {
        let mut old = self.locked()?;
        let mut bytes = Vec::new();
        let length = old.metadata()?.len();
        if length > MAX_BYTES {
            // What is left begins within a line, which nobody can read.
            old.seek(io::SeekFrom::Start(length - MAX_BYTES / 2))?;
        }
        old.read_to_end(&mut bytes)?;
        let mut sent = lines(&bytes);
        sent.drain(..sent.len().saturating_sub(MAX_LINES));
        let fresh = self.path.with_extension("jsonl.new");
        let mut text = String::new();
        for sent in &sent {
            text.push_str(&serde_json::to_string(sent)?);
            text.push('\n');
        }
        let mut options = OpenOptions::new();
        options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&fresh)?
            .write_all(text.as_bytes())?;
        fs::rename(fresh, &self.path)?;
        Ok(sent)
    }
}

/// The lines that can be read; others are skipped.
fn lines(bytes: &[u8]) -> Vec<Sent> {
    let lines = bytes.split(|byte| *byte == b'\n');
    lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

/// Whether an open file is the one that the path leads to now.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let open = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((open.dev(), open.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the last line has no end: somebody edited the file, or a program was stopped while writing.
fn is_cut(file: &File) -> io::Result<bool> {
    let mut last = [b'\n'];
    if let Some(at) = file.metadata()?.len().checked_sub(1) {
        file.read_exact_at(&mut last, at)?;
    }
    Ok(last != [b'\n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(line: &str) -> Sent {
        Sent { method: "/acme.Billing/Pay".to_owned(), line: line.to_owned() }
    }

    #[test]
    fn what_was_appended_is_read_in_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let file = HistoryFile::at(folder.path().join("deep/history.jsonl"));
        assert_eq!(file.read().unwrap(), []);
        file.append(&sent("Ada")).unwrap();
        file.append(&sent("two\nlines 世界")).unwrap();
        assert_eq!(file.read().unwrap(), [sent("Ada"), sent("two\nlines 世界")]);
    }

    #[test]
    fn only_the_user_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = HistoryFile::at(folder.path().join("history.jsonl"));
        file.append(&sent("Ada")).unwrap();
        assert_eq!(fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_broken_line_is_passed_by() {
        let folder = tempfile::tempdir().unwrap();
        let file = HistoryFile::at(folder.path().join("history.jsonl"));
        fs::write(file.path(), "{\"method\":\"/a\nnonsense\n").unwrap();
        file.append(&sent("Ada")).unwrap();
        assert_eq!(file.read().unwrap(), [sent("Ada")]);
    }

    #[test]
    fn a_line_that_is_no_text_takes_no_other_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = HistoryFile::at(folder.path().join("history.jsonl"));
        file.append(&sent("Ada")).unwrap();
        let ours = fs::read(file.path()).unwrap();
        fs::write(file.path(), [&ours[..], b"{\"method\":\"/a\",\"line\":\"\xff\"}\n", &ours].concat())
            .unwrap();
        assert_eq!(file.read().unwrap(), [sent("Ada"), sent("Ada")]);
    }

    #[test]
    fn a_last_line_without_an_end_does_not_swallow_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let file = HistoryFile::at(folder.path().join("history.jsonl"));
        file.append(&sent("Ada")).unwrap();
        let ours = fs::read_to_string(file.path()).unwrap();
        fs::write(file.path(), ours.trim_end()).unwrap();
        file.append(&sent("Bob")).unwrap();
        assert_eq!(file.read().unwrap(), [sent("Ada"), sent("Bob")]);
    }

    #[test]
    fn a_file_that_has_grown_is_shortened_to_its_newest_lines() {
        let folder = tempfile::tempdir().unwrap();
        let file = HistoryFile::at(folder.path().join("history.jsonl"));
        for n in 0..=2 * MAX_LINES {
            file.append(&sent(&n.to_string())).unwrap();
        }
        assert_eq!(file.read().unwrap().len(), MAX_LINES);
        assert_eq!(fs::read_to_string(file.path()).unwrap().lines().count(), MAX_LINES);
        assert_eq!(file.read().unwrap().last(), Some(&sent(&(2 * MAX_LINES).to_string())));
    }

    #[test]
    fn a_file_of_long_lines_is_shortened_too_and_the_newest_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = HistoryFile::at(folder.path().join("history.jsonl"));
        let long = "x".repeat(1 << 20);
        let lines = (0..MAX_BYTES >> 20).map(|_| serde_json::to_string(&sent(&long)).unwrap() + "\n");
        fs::write(file.path(), lines.collect::<String>()).unwrap();
        assert!(fs::metadata(file.path()).unwrap().len() > MAX_BYTES);
        file.append(&sent("Ada")).unwrap();
        assert!(fs::metadata(file.path()).unwrap().len() < MAX_BYTES);
        let lines = file.read().unwrap();
        assert_eq!(lines.last(), Some(&sent("Ada")));
        assert_eq!(lines.len() as u64, (MAX_BYTES >> 21));
        assert_eq!(lines[0], sent(&long));
    }

    #[test]
    fn lines_that_other_programs_append_while_it_is_shortened_are_kept() {
        const PROGRAMS: usize = 4;
        const LINES: usize = 300;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        let old: Vec<String> =
            (0..=2 * MAX_LINES).map(|_| serde_json::to_string(&sent("old")).unwrap() + "\n").collect();
        fs::write(&path, old.concat()).unwrap();
        std::thread::scope(|threads| {
            for _ in 0..PROGRAMS {
                let file = HistoryFile::at(&path);
                threads.spawn(move || (0..LINES).for_each(|_| file.append(&sent("new")).unwrap()));
                threads.spawn(|| HistoryFile::at(&path).read().unwrap());
            }
        });
        let lines = HistoryFile::at(&path).read().unwrap();
        assert_eq!(lines.iter().filter(|line| **line == sent("new")).count(), PROGRAMS * LINES);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
