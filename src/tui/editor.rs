//! A line in the user's own editor, chosen as readline does: `$VISUAL`, else `$EDITOR`, else what is installed.
//!
//! The editor is a process of the same job, so that `Ctrl-Z` in it stops both, and `fg` continues both.

use std::{
    env,
    ffi::{OsStr, OsString},
    io,
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    path::Path,
    process::ExitStatus,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use super::{
    model::{Draft, Form, Line},
    scratch::Scratch,
};
use crate::{schema::Kind, text};

/// The variables that name an editor; the first that is set counts.
const VARIABLES: [&str; 2] = ["VISUAL", "EDITOR"];
/// What is looked for if none is named.
const USUAL: [&str; 2] = ["vi", "nano"];
/// How much of the file is read: the longest line, its line break, and one byte that is too much.
const MAX_READ: usize = Line::MAX_BYTES + 2;
/// How long an editor that is asked to end may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why the line was not edited.
#[derive(Debug, thiserror::Error)]
pub(super) enum EditorError {
    /// None is named, and none of the usual ones is there.
    #[error("no editor was found, neither vi nor nano: $EDITOR names yours")]
    None,
    /// The program was not found.
    #[error("{0} was not found")]
    Missing(String),
    /// It said that it failed.
    #[error("{0} failed with code {1}")]
    Failed(String, i32),
    /// A signal ended it.
    #[error("{0} was ended by signal {1}")]
    Killed(String, i32),
    /// The text is what it was.
    #[error("nothing was changed in {0}")]
    Unchanged(String),
    /// The text is too long for a line.
    #[error("the text is longer than the {} that a line takes", text::size(Line::MAX_BYTES as u64))]
    TooLong,
    /// What it wrote is not text.
    #[error("what {0} wrote is not UTF-8")]
    NotText(String),
    /// There is such a program, but the system does not run it.
    #[error("{0} could not be started: {1}")]
    NotStarted(String, io::Error),
    /// Its file could not be written or read.
    #[error("the editor had no file to change: {0}")]
    Broken(#[from] io::Error),
}

/// An editor to be opened. It needs the terminal only when it runs.
#[derive(Debug)]
pub(super) struct Editor {
    named: Named,
    draft: Draft,
    scratch: Scratch,
}

/// The command of an editor, and what to call it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    command: OsString,
    name: String,
}

impl Editor {
    /// Finds the editor, and writes the text into a file for it.
    pub(super) fn prepare(draft: Draft) -> Result<Self, EditorError> {
        let named = named(|name| env::var_os(name), is_there).ok_or(EditorError::None)?;
        let file = match draft.form {
            Form::Plain => "line.txt",
            Form::Json => "line.json",
        };
        let scratch = Scratch::new(file, &format!("{}\n", draft.text))?;
        Ok(Self { named, draft, scratch })
    }

    /// Runs it. The terminal is its own from here on.
    pub(super) fn run(self) -> Result<Editing, EditorError> {
        Ok(Editing { child: start(&self.named, self.scratch.path())?, editor: self })
    }
}

/// An editor at work. Dropping it ends it, and removes its file.
#[derive(Debug)]
pub(super) struct Editing {
    child: Child,
    editor: Editor,
}

impl Editing {
    /// The pane whose line is edited.
    pub(super) fn pane(&self) -> Kind {
        self.editor.draft.pane
    }

    /// Waits for its end; then its text, without the line break at the end. Cancel-safe.
    pub(super) async fn text(&mut self) -> Result<String, EditorError> {
        let status = self.child.wait().await?;
        let name = &self.editor.named.name;
        ended(status, name)?;
        let text = line(self.editor.scratch.read(MAX_READ as u64)?, name)?;
        if text == self.editor.draft.text {
            return Err(EditorError::Unchanged(name.clone()));
        }
        Ok(text)
    }

    /// Ends it. It is asked to end, and killed if that takes too long.
    pub(super) async fn end(mut self) {
        let pid = self.child.id().and_then(|pid| Pid::from_raw(pid.cast_signed()));
        let asked = pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
        if !asked || tokio::time::timeout(PATIENCE, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }
}

fn start(named: &Named, file: &Path) -> Result<Child, EditorError> {
    let started = command(&named.command).arg(file).kill_on_drop(true).spawn();
    started.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => EditorError::Missing(named.name.clone()),
        _ => EditorError::NotStarted(named.name.clone(), error),
    })
}

/// The line that an editor wrote, without the line break at its end.
fn line(written: Vec<u8>, name: &str) -> Result<String, EditorError> {
    // The file may be longer than what was read of it, and what was read may end inside a character.
    if written.len() >= MAX_READ {
        return Err(EditorError::TooLong);
    }
    let written = String::from_utf8(written).map_err(|_| EditorError::NotText(name.to_owned()))?;
    let text = written.replace("\r\n", "\n");
    let text = text.strip_suffix('\n').unwrap_or(&text);
    if text.len() > Line::MAX_BYTES { Err(EditorError::TooLong) } else { Ok(text.to_owned()) }
}

/// The program and its arguments, as in `code -w`. Runs plain commands directly: with a shell in between, our
/// signals would hit the shell, not the editor.
fn command(named: &OsStr) -> Command {
    const PLAIN: &str = "-_./:,+@%=";
    let plain = named
        .to_str()
        .filter(|named| named.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || PLAIN.contains(c)));
    let mut words = plain.into_iter().flat_map(str::split_whitespace);
    // Only a shell understands an assignment before the program.
    if let Some(program) = words.next().filter(|program| !program.contains('=')) {
        let mut command = Command::new(program);
        command.args(words);
        return command;
    }
    let mut script = named.to_owned();
    script.push(" \"$1\"");
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script).arg("greeter");
    shell
}

/// How an editor ended, by the exit code that a shell would report.
fn ended(status: ExitStatus, name: &str) -> Result<(), EditorError> {
    let name = || name.to_owned();
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(()),
        (Some(126 | 127), _) => Err(EditorError::Missing(name())),
        (Some(code), _) => Err(EditorError::Failed(name(), code)),
        (None, signal) => Err(EditorError::Killed(name(), signal.unwrap_or_default())),
    }
}

/// The user's editor, according to the environment and to what is installed.
fn named(variable: impl Fn(&str) -> Option<OsString>, is_there: impl Fn(&str) -> bool) -> Option<Named> {
    for name in VARIABLES {
        if let Some(command) = variable(name).filter(|command| !command.is_empty()) {
            return Some(Named { name: format!("{} (${name})", command.to_string_lossy()), command });
        }
    }
    let usual = USUAL.into_iter().find(|name| is_there(name))?;
    Some(Named { command: usual.into(), name: usual.to_owned() })
}

/// Whether a program of this name can be run.
fn is_there(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let is_program = |directory: std::path::PathBuf| {
        let found = directory.join(OsStr::new(name)).metadata();
        found.is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    env::split_paths(&path).any(is_program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(named: &str) -> Vec<String> {
        let command = command(OsStr::new(named));
        let words = std::iter::once(command.as_std().get_program()).chain(command.as_std().get_args());
        words.map(|word| word.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_plain_command_is_run_itself_and_any_other_by_a_shell() {
        assert_eq!(words("vi"), ["vi"]);
        assert_eq!(words("/opt/bin/code  -w"), ["/opt/bin/code", "-w"]);
        assert_eq!(words("'my editor' -w"), ["sh", "-c", "'my editor' -w \"$1\"", "greeter"]);
        assert_eq!(words("LANG=C vi"), ["sh", "-c", "LANG=C vi \"$1\"", "greeter"]);
    }

    #[test]
    fn a_file_longer_than_a_line_may_be_is_too_long_whatever_is_in_it() {
        let limit = Line::MAX_BYTES;
        let read = |mut bytes: Vec<u8>| {
            bytes.truncate(MAX_READ);
            line(bytes, "ed").map(|line| line.len())
        };
        let whole = "x".repeat(limit) + "\n";
        assert_eq!(read(whole.into_bytes()).unwrap(), limit);
        let wide = "世".repeat(limit / 3 + 1);
        assert!(matches!(read(wide.into_bytes()), Err(EditorError::TooLong)));
        let rows = "{}\r\n".repeat(limit / 4 + 1);
        assert!(matches!(read(rows.into_bytes()), Err(EditorError::TooLong)));
        assert!(matches!(read(b"\xff".to_vec()), Err(EditorError::NotText(_))));
    }

    #[test]
    fn an_editor_that_is_a_directory_could_not_be_started() {
        let named = Named { command: "/".into(), name: "/ ($EDITOR)".to_owned() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _inside = runtime.enter();
        let why = start(&named, Path::new("line.txt")).unwrap_err().to_string();
        assert!(why.starts_with("/ ($EDITOR) could not be started: Permission denied"), "{why}");
    }

    fn found(set: &[(&str, &str)], there: &[&str]) -> Option<String> {
        let variable = |name: &str| set.iter().find(|(set, _)| *set == name).map(|(_, value)| value.into());
        named(variable, |name| there.contains(&name)).map(|named| named.name)
    }

    #[test]
    fn visual_comes_before_editor_and_both_before_what_is_there() {
        let both = [("EDITOR", "ed"), ("VISUAL", "code -w")];
        assert_eq!(found(&both, &["vi"]).unwrap(), "code -w ($VISUAL)");
        assert_eq!(found(&both[..1], &["vi"]).unwrap(), "ed ($EDITOR)");
        assert_eq!(found(&[("VISUAL", ""), ("EDITOR", "ed")], &["vi"]).unwrap(), "ed ($EDITOR)");
        assert_eq!(found(&[], &["nano", "vi"]).unwrap(), "vi");
        assert_eq!(found(&[], &["nano"]).unwrap(), "nano");
        assert_eq!(found(&[], &[]), None);
    }
}
