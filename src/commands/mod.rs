//! The headless faces, and where the rooms are put together. One module for each command.
//!
//! What they share: `reach`, what the words of the command line say of a server, and `route`, from there to an open
//! channel; `output`, stdout, stderr and exit codes; `json`, the lines of `--json`.

mod bench;
mod call;
mod check;
mod describe;
mod doctor;
mod explore;
mod json;
mod list;
mod locale;
mod look;
mod output;
mod paint;
mod reach;
mod resolve;
mod route;
mod serve;
mod wire;

use std::{
    error::Error,
    fmt,
    io::{self, Write},
    process::ExitCode,
};

use crate::{
    cli::{self, Command},
    rpc::Status,
    text,
};

/// Runs one command to its end. What it exits with is its own where it did its work.
pub fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Explore(screen) => explore::explore(screen),
        Command::Connect(connect) => explore::connect(&connect),
        Command::Serve(serve) => on_runtime(serve::serve(serve)).map(|()| ExitCode::SUCCESS),
        Command::Call(call) => on_runtime(call::call(&call)),
        Command::Check(check) => on_runtime(check::check(&check)),
        Command::Doctor(doctor) => on_runtime(doctor::doctor(&doctor)),
        Command::Bench(bench) => on_runtime(bench::bench(&bench)),
        Command::List(list) => on_runtime(list::list(&list)).map(|()| ExitCode::SUCCESS),
        Command::Describe(describe) => on_runtime(describe::describe(&describe)).map(|()| ExitCode::SUCCESS),
        Command::Completions(shell) => print(&cli::completions(shell)),
        Command::Man => print(&cli::man().map_err(Failure::undone)?),
    }
}

/// Prints what is the same for everybody.
fn print(page: &[u8]) -> Result<ExitCode, Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(page).and_then(|()| stdout.flush()).map_err(Failure::undone)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs a command's work on this thread. Whatever it leaves behind is dropped where it stands: a resolver that
/// hangs must not hold the exit.
fn on_runtime<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Failure::undone)?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}

type Cause = Box<dyn Error + Send + Sync>;

/// Why a command ended without having done its work. `Display` is one sentence, causes and all, safe for a
/// terminal.
#[derive(Debug)]
pub enum Failure {
    /// It was asked for something that cannot be meant.
    Usage(Cause),
    /// It could not do it.
    Undone(Cause),
    /// A server, or the way to it, said no.
    Status(Box<Status>),
}

impl Failure {
    /// It was asked for something that cannot be meant.
    pub fn usage(cause: impl Into<Cause>) -> Self {
        Self::Usage(cause.into())
    }

    /// It could not do it.
    pub fn undone(cause: impl Into<Cause>) -> Self {
        Self::Undone(cause.into())
    }

    /// What the program exits with: 2 for wrong usage, 1 for what could not be done, 64 and the code for a
    /// status. 0 where nobody listens any more: what was asked for was done as far as it was wanted.
    pub fn exit_code(&self) -> u8 {
        match self {
            _ if self.is_broken_pipe() => 0,
            Self::Usage(_) => 2,
            Self::Undone(_) => 1,
            Self::Status(status) => output::exit_code(status),
        }
    }

    /// Whether there is nobody left to tell: the reader of our output closed it, as `head` does.
    pub fn is_broken_pipe(&self) -> bool {
        let (Self::Usage(cause) | Self::Undone(cause)) = self else { return false };
        chain(cause.as_ref())
            .filter_map(|cause| cause.downcast_ref::<io::Error>())
            .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Usage(cause) | Self::Undone(cause) => {
                let causes: Vec<String> = chain(cause.as_ref()).map(ToString::to_string).collect();
                causes.join(": ")
            }
            Self::Status(status) => output::status_line(status),
        };
        f.write_str(&text::safe(&words))
    }
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_tells_its_causes_in_one_sentence() {
        let address = "127.0.0.1:1".parse().unwrap();
        let source = io::Error::other("the wire is cut");
        let failure = Failure::undone(crate::server::ServeError::Listen { address, source });
        assert_eq!(failure.to_string(), "cannot listen on 127.0.0.1:1: the wire is cut");
    }

    #[test]
    fn a_broken_pipe_is_known_through_its_chain() {
        let broken = io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(Failure::undone(broken).is_broken_pipe());
        assert_eq!(Failure::undone(io::Error::from(io::ErrorKind::BrokenPipe)).exit_code(), 0);
        assert!(!Failure::undone("nothing of the kind").is_broken_pipe());
    }
}
