//! What is said instead of running a command: the help that was asked for, or what is wrong, in one sentence.

use std::{
    fmt,
    io::{self, Write as _},
};

use crate::text;

/// Why no command is run.
#[derive(Debug, thiserror::Error)]
pub struct Refusal(#[from] clap::Error);

impl Refusal {
    /// Prints it: help and the version on stdout, what is wrong on stderr. Whether anybody reads it is not its
    /// business.
    pub fn print(&self) {
        let _unread =
            if self.0.use_stderr() { writeln!(io::stderr(), "greeter: {self}") } else { self.0.print() };
    }

    /// What is wrong, where no help can be asked for.
    pub fn words(&self) -> String {
        sentence(&self.0.render().to_string(), Help::NotHere)
    }

    /// What the program exits with: 0 for help, 2 for wrong usage.
    pub fn exit_code(&self) -> u8 {
        if self.0.use_stderr() { 2 } else { 0 }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = self.0.render().to_string();
        if self.0.use_stderr() { f.write_str(&sentence(&said, Help::There)) } else { f.write_str(&said) }
    }
}

/// Whether there is help to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Help {
    There,
    NotHere,
}

/// What is wrong, and its tips, out of the paragraphs in which clap says it; of its usage what leads to it.
fn sentence(said: &str, help: Help) -> String {
    let (said, leads_to_help) = match said.rsplit_once("\n\nFor more information") {
        Some((said, _)) => (said, true),
        None => (said, false),
    };
    let said = said.rsplit_once("\n\nUsage: ").map_or(said, |(said, _)| said);
    let said = said.strip_prefix("error: ").unwrap_or(said);
    // A line that clap began is indented; any other break is in what was typed.
    let parts = said.split("\n  tip: ").map(|part| part.trim().replace("\n  ", " "));
    // That a flag could be a value behind `--` is true of every mistake, and meant of a number alone.
    let is_meant = |part: &String| match part.strip_prefix("to pass '-") {
        Some(flag) => flag.starts_with(|c: char| c.is_ascii_digit()),
        None => !part.starts_with("to pass '"),
    };
    let mut parts: Vec<_> = parts.filter(is_meant).collect();
    if leads_to_help && help == Help::There && parts.len() == 1 {
        parts.push("try --help".to_owned());
    }
    text::safe(&parts.join("; ")).into_owned()
}
