//! The headless faces, and where the rooms are put together. One module for each command.

mod explore;
mod serve;

use std::{error::Error, fmt, io, process::ExitCode};

use crate::cli::Command;

/// Runs one command to its end. What it exits with is its own where it did its work.
pub fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Explore(screen) => explore::explore(screen),
        Command::Connect(connect) => explore::connect(&connect),
        Command::Serve(serve) => serve::serve(serve).map(|()| ExitCode::SUCCESS),
    }
}

type Cause = Box<dyn Error + Send + Sync>;

/// Why a command ended without having done its work. `Display` is one sentence, causes and all.
#[derive(Debug)]
pub enum Failure {
    /// It was asked for something that cannot be meant.
    Usage(Cause),
    /// It could not do it.
    Undone(Cause),
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

    /// What the program exits with: 2 for wrong usage, 1 for what could not be done.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Undone(_) => 1,
        }
    }

    /// Whether there is nobody left to tell: the reader of our output closed it, as `head` does.
    pub fn is_broken_pipe(&self) -> bool {
        let (Self::Usage(cause) | Self::Undone(cause)) = self;
        chain(cause.as_ref())
            .filter_map(|cause| cause.downcast_ref::<io::Error>())
            .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(cause) | Self::Undone(cause)) = self;
        write!(f, "{cause}")?;
        chain(cause.as_ref()).skip(1).try_for_each(|cause| write!(f, ": {cause}"))
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
        assert!(!Failure::undone("nothing of the kind").is_broken_pipe());
    }
}
