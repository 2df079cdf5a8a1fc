//! Commands and flags: words in, a [`Command`] out. Nothing is resolved or opened here.
//!
//! A file for each command's words; [`reach`] has those that say which server, and how.

mod bench;
mod call;
mod check;
mod doctor;
mod generate;
mod look;
pub mod reach;
mod refusal;
mod screen;
mod serve;
mod typed;
mod words;

use std::ffi::OsString;

use clap::{CommandFactory, Parser, Subcommand, error::ErrorKind};

use self::reach::NoAddress;

pub use bench::{Bench, BenchForm, Until};
pub use call::{Call, Form, Input, Ladder};
pub use check::{Check, CheckForm};
pub use doctor::{Doctor, DoctorForm};
pub use generate::{Shell, completions, man};
pub use look::{Describe, List, Listed, Shape};
pub use refusal::Refusal;
pub use screen::{Connect, Screen, Theme};
pub use serve::{Listen, ListenError, Protection, RepliesError, Serve};
pub use typed::{Typed, TypedError};

/// What the program is asked to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// The screen, with the embedded server.
    Explore(Screen),
    /// The screen, on a server elsewhere.
    Connect(Connect),
    /// The embedded server alone.
    Serve(Serve),
    /// One call, or one for each message.
    Call(Call),
    /// Whether a server greets as the contract says.
    Check(Check),
    /// Why a server cannot be called.
    Doctor(Doctor),
    /// How a server bears load.
    Bench(Box<Bench>),
    /// What a server offers, by name.
    List(List),
    /// What a server offers, as proto source.
    Describe(Describe),
    /// A script that completes these words in a shell.
    Completions(Shell),
    /// The manual page.
    Man,
}

const EXAMPLES: &str = "\
Examples:
  greeter                                    explore, with a server of its own
  greeter connect localhost:50051            explore the server that listens there
  greeter connect --plaintext demo.test:80   the same elsewhere, without TLS
  greeter call unary World                   call a method; its reply on stdout
  greeter list --addr localhost:50051        what a server offers
  greeter describe helloworld.Greeter        a service as proto source
  greeter check localhost:50051              check that server against the contract
  greeter bench localhost:50051              put load on it, and see its latencies
  greeter serve                              be a server, on 127.0.0.1:50051
  greeter serve --replies 20 --interval 1s   the same, slower and longer";

#[derive(Debug, Parser)]
#[command(name = "greeter", version, about, after_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = true, args_override_self = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Commands>,
    #[command(flatten)]
    screen: Screen,
}

#[derive(Debug, Subcommand)]
enum Commands {
    /// Explore a server that runs elsewhere
    Connect(screen::ConnectArgs),
    /// Run the embedded server alone
    Serve(serve::ServeArgs),
    /// Call a method and print its replies
    Call(call::CallArgs),
    /// Check a Greeter of yours against the contract, line by line
    Check(check::CheckArgs),
    /// Say why a server cannot be called, and what to do about it
    Doctor(doctor::DoctorArgs),
    /// Put load on a server, and count how long its calls take
    Bench(Box<bench::BenchArgs>),
    /// List the services of a server, or the methods of a service
    List(look::ListArgs),
    /// Print the proto source of a service, a message, a method…
    Describe(look::DescribeArgs),
    /// Print a script that completes these words in a shell
    Completions(generate::CompletionsArgs),
    /// Print the manual page
    Man(generate::ManArgs),
}

/// Reads the command line. An `Err` is what is printed instead: help, the version, or what is wrong, with the exit
/// code that belongs to it.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, Refusal> {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = Cli::try_parse_from(&args).map_err(|error| explained(error, &args))?;
    Ok(match cli.command {
        None => Command::Explore(cli.screen),
        Some(Commands::Connect(args)) => Command::Connect(Connect {
            address: args.address.given().ok_or_else(|| no_address("connect"))?,
            connecting: args.connecting,
            calling: args.calling,
            schema: args.schema,
            screen: args.screen,
        }),
        Some(Commands::Serve(args)) => Command::Serve(args.into()),
        Some(Commands::Call(args)) => Command::Call(args.call().map_err(without_address)?),
        Some(Commands::List(args)) => Command::List(args.list().map_err(without_address)?),
        Some(Commands::Describe(args)) => Command::Describe(args.describe().map_err(without_address)?),
        Some(Commands::Check(args)) => Command::Check(args.check().ok_or_else(|| no_address("check"))?),
        Some(Commands::Doctor(args)) => Command::Doctor(args.doctor().ok_or_else(|| no_address("doctor"))?),
        Some(Commands::Bench(args)) => {
            let bench = args.bench().map_err(|why| wrong("bench", ErrorKind::ArgumentConflict, &why))?;
            Command::Bench(Box::new(bench.ok_or_else(|| no_address("bench"))?))
        }
        Some(Commands::Completions(args)) => Command::Completions(args.shell),
        Some(Commands::Man(_)) => Command::Man,
    })
}

/// The same error; where it is known what was meant, that.
fn explained(error: clap::Error, args: &[OsString]) -> clap::Error {
    let args: Vec<String> = args.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    match words::meant(&Cli::command(), error.kind(), &args) {
        Some(words) => clap::Error::raw(error.kind(), format!("{words}\n")),
        None => error,
    }
}

fn without_address(error: NoAddress) -> clap::Error {
    clap::Error::raw(ErrorKind::MissingRequiredArgument, format!("{error}\n"))
}

/// A command that cannot do without an address has none.
fn no_address(command: &str) -> clap::Error {
    let message = "no server is named: give its address, or set GREETER_ADDR";
    wrong(command, ErrorKind::MissingRequiredArgument, &message)
}

/// What clap says of a command's words that are wrong together.
fn wrong(command: &str, kind: ErrorKind, message: &impl ToString) -> clap::Error {
    let mut cli = Cli::command();
    cli.build();
    match cli.find_subcommand_mut(command) {
        Some(command) => command.error(kind, message.to_string()),
        None => cli.error(kind, message.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Settings;

    fn parsed(line: &str) -> Result<Command, Refusal> {
        parse(line.split(' ').map(OsString::from))
    }

    #[test]
    fn flags_and_commands_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn without_a_command_the_screen_opens() {
        let screen = Screen { no_mouse: true, ascii: false, no_history: false, theme: Theme::Light };
        assert_eq!(parsed("greeter --no-mouse --theme light").unwrap(), Command::Explore(screen));
    }

    #[test]
    fn the_screen_flags_belong_to_the_screen() {
        assert_eq!(parsed("greeter serve --no-mouse").unwrap_err().exit_code(), 2);
        assert_eq!(parsed("greeter --no-mouse serve").unwrap_err().exit_code(), 2);
        assert!(parsed("greeter connect --no-mouse localhost:1").is_ok());
    }

    #[test]
    fn connect_takes_its_address_with_and_without_a_flag() {
        let address = |line| match parsed(line) {
            Ok(Command::Connect(connect)) => Some(connect.address),
            _ => None,
        };
        assert_eq!(address("greeter connect localhost:1").as_deref(), Some("localhost:1"));
        assert_eq!(address("greeter connect --addr localhost:1").as_deref(), Some("localhost:1"));
        assert_eq!(address("greeter connect --addr localhost:1 localhost:2"), None);
    }

    #[test]
    fn serve_has_the_defaults_of_the_quick_starts() {
        let listen = Listen { host: "127.0.0.1".to_owned(), port: 50051 };
        let serve = Serve { listen, settings: Settings::default(), protection: Protection::Plaintext };
        assert_eq!(parsed("greeter serve").unwrap(), Command::Serve(serve));
    }
}
