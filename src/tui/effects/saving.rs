//! Transcripts become files; nothing is overwritten.

use std::{
    env,
    fs::File,
    io::{self, Write},
    path::PathBuf,
};

use crate::tui::{action::Saved, model::Call, save};

/// The most files of one name.
const MAX_FILES: u32 = 10_000;

/// `greeter-bidi-1.txt`, or the next number that is free, in the working directory.
pub(super) fn write_new(name: &str, calls: &[Call], form: Saved) -> io::Result<PathBuf> {
    let suffix = match form {
        Saved::Text => "txt",
        Saved::JsonLines => "jsonl",
    };
    let transcript = save::transcript(calls, form);
    for number in 1..=MAX_FILES {
        let path = env::current_dir()?.join(format!("{name}-{number}.{suffix}"));
        match File::create_new(&path) {
            Ok(mut file) => return file.write_all(transcript.as_bytes()).map(|()| path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("there are too many files of that name"))
}
