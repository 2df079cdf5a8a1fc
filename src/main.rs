//! The `greeter` program: parse, run one command, exit code.

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

use greeter::{cli, commands};
use mimalloc::MiMalloc;

/// The screen's thread gives back what the rpc side's took. In the system's allocator it then waits for a lock of
/// the other, which never rests under a flood: see docs/benchmarks.md.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let command = match cli::parse(env::args_os()) {
        Ok(command) => command,
        Err(refusal) => {
            refusal.print();
            return ExitCode::from(refusal.exit_code());
        }
    };
    match commands::run(command) {
        Ok(code) => code,
        Err(failure) => {
            if !failure.is_broken_pipe() {
                let _ = writeln!(io::stderr(), "greeter: {failure}");
            }
            ExitCode::from(failure.exit_code())
        }
    }
}
