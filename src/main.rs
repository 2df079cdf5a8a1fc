//! The `greeter` program: parse, run one command, exit code.

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

use greeter::{cli, commands};

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
