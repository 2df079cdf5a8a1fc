//! Commands and flags: words in, a [`Command`] out. Nothing is resolved or opened here.

use std::{env, ffi::OsString, net::IpAddr, str::FromStr, time::Duration};

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum, error::ErrorKind};

use crate::server::Settings;

/// What the program is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The screen, with the embedded server.
    Explore(Screen),
    /// The screen, on a server elsewhere.
    Connect(Connect),
    /// The embedded server alone.
    Serve(Serve),
}

/// How the screen is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct Screen {
    /// Leave the mouse to the terminal (/mouse changes it while running)
    #[arg(long)]
    pub no_mouse: bool,
    /// Draw with ASCII: no lines, arrows or dots
    #[arg(long)]
    pub ascii: bool,
    /// Neither read nor keep what was sent in earlier sessions
    #[arg(long)]
    pub no_history: bool,
    /// Colours for a dark or a light background
    #[arg(long, value_name = "auto|dark|light", value_enum, default_value_t, hide_possible_values = true)]
    pub theme: Theme,
}

/// Which colours the screen takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Theme {
    /// By what the terminal says of its background
    #[default]
    Auto,
    /// For a dark background
    Dark,
    /// For a light background
    Light,
}

/// Which server the screen is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connect {
    /// The address as it was written.
    pub address: String,
    /// Whether the user said `--plaintext`.
    pub plaintext: bool,
    /// How the screen is to be.
    pub screen: Screen,
}

/// How the embedded server is to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serve {
    /// Where it listens.
    pub listen: Listen,
    /// How it answers.
    pub settings: Settings,
}

const EXAMPLES: &str = "\
Examples:
  greeter                                    explore, with a server of its own
  greeter connect localhost:50051            explore the server that listens there
  greeter connect --plaintext demo.test:80   the same elsewhere, without TLS
  greeter serve                              be a server, on 127.0.0.1:50051
  greeter serve --replies 20 --interval 1s   the same, slower and longer";

const CONNECT_EXAMPLES: &str = "\
Examples:
  greeter connect 127.0.0.1:50051
  greeter connect '[::1]:50051'
  greeter connect --plaintext http://demo.test:8080
  GREETER_ADDR=localhost:50051 greeter connect";

const SERVE_EXAMPLES: &str = "\
Examples:
  greeter serve                              on 127.0.0.1:50051
  greeter serve --listen 127.0.0.1:0         on a free port, which is printed
  greeter serve --listen 0.0.0.0:50051       for other machines too, in plaintext
  greeter serve --replies 20 --interval 1s   streams of 20 replies, one a second

It prints `listening on http://ADDR` when it accepts calls. SIGINT and SIGTERM end it: open calls
get a second to finish, a second signal ends them at once.";

#[derive(Debug, Parser)]
#[command(name = "greeter", version, about, after_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Commands>,
    #[command(flatten)]
    screen: Screen,
}

#[derive(Debug, Subcommand)]
enum Commands {
    /// Explore a server that runs elsewhere
    Connect(ConnectArgs),
    /// Run the embedded server alone
    Serve(ServeArgs),
}

#[derive(Debug, Args)]
#[command(override_usage = "greeter connect [OPTIONS] <ADDR>", after_help = CONNECT_EXAMPLES)]
struct ConnectArgs {
    #[arg(value_name = "ADDR", help = "host:port, [::1]:port or http://host:port [env: GREETER_ADDR]")]
    address: Option<String>,
    /// The same as ADDR
    #[arg(long = "addr", value_name = "ADDR", conflicts_with = "address")]
    addr: Option<String>,
    /// Talk without TLS to a host that is not this machine
    #[arg(long)]
    plaintext: bool,
    #[command(flatten)]
    screen: Screen,
}

#[derive(Debug, Args)]
#[command(after_help = SERVE_EXAMPLES)]
struct ServeArgs {
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:50051")]
    #[arg(help = "host:port or [::1]:port; port 0 takes a free one")]
    listen: Listen,
    /// How many replies a server-streaming call gets
    #[arg(long, value_name = "N", default_value_t = Settings::default().replies, value_parser = parse_replies, allow_hyphen_values = true)]
    replies: u32,
    /// The pause between two of them: 300ms, 1.5s, 2m
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = parse_interval)]
    interval: Duration,
}

/// Reads the command line. An `Err` is what clap says: help, the version, or what is wrong, with
/// the exit code that belongs to it.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, clap::Error> {
    let cli = Cli::try_parse_from(args)?;
    Ok(match cli.command {
        None => Command::Explore(cli.screen),
        Some(Commands::Connect(args)) => Command::Connect(Connect {
            address: args.address.or(args.addr).map_or_else(address_from_environment, Ok)?,
            plaintext: args.plaintext,
            screen: args.screen,
        }),
        Some(Commands::Serve(args)) => Command::Serve(Serve {
            listen: args.listen,
            settings: Settings { replies: args.replies, interval: args.interval },
        }),
    })
}

fn address_from_environment() -> Result<String, clap::Error> {
    env::var("GREETER_ADDR").ok().filter(|address| !address.is_empty()).ok_or_else(|| {
        let mut cli = Cli::command();
        cli.build();
        let message = "which server? Give its address, or set GREETER_ADDR";
        match cli.find_subcommand_mut("connect") {
            Some(connect) => connect.error(ErrorKind::MissingRequiredArgument, message),
            None => cli.error(ErrorKind::MissingRequiredArgument, message),
        }
    })
}

/// Where to listen: a host, not yet resolved, and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// A name or an address, without brackets.
    pub host: String,
    /// 0 takes a free one.
    pub port: u16,
}

/// Why a text is no address to listen on, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListenError {
    /// `:50051`, `50051`.
    #[error("it names no host: write 127.0.0.1:{0}, or 0.0.0.0:{0} for other machines too")]
    NoHost(u16),
    /// `localhost`, `::1`.
    #[error("it names no port: write {0}:50051")]
    NoPort(String),
    /// `localhost:http`, `localhost:70000`.
    #[error("`{0}` is no port: it is a number from 0 to 65535")]
    Port(String),
    /// Anything else.
    #[error("an address is written host:port or [::1]:port")]
    Other,
}

impl FromStr for Listen {
    type Err = ListenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(port) = text.parse() {
            return Err(ListenError::NoHost(port));
        }
        if let Ok(ip) = text.parse::<IpAddr>() {
            return Err(ListenError::NoPort(match ip {
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => format!("[{ip}]"),
            }));
        }
        if text.contains('/') || text.contains(char::is_whitespace) {
            return Err(ListenError::Other);
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(|| match text {
            "" => ListenError::Other,
            _ => ListenError::NoPort(text.to_owned()),
        })?;
        let port = port.parse().map_err(|_| ListenError::Port(port.to_owned()))?;
        let host = match host.strip_prefix('[') {
            Some(host) => host.strip_suffix(']').ok_or(ListenError::Other)?,
            None if host.contains([':', ']']) => return Err(ListenError::Other),
            None => host,
        };
        if host.is_empty() {
            return Err(ListenError::NoHost(port));
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

/// Why a text is no interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IntervalError {
    /// `fast`, `5`, `-1s`.
    #[error("a duration is written 300ms, 1.5s, 2m or 0")]
    NotADuration,
    /// Longer than [`MAX_INTERVAL`].
    #[error("an hour is the longest")]
    TooLong,
}

/// Why a text is no number of replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is a number from 0 to {}", u32::MAX)]
pub struct RepliesError;

fn parse_replies(text: &str) -> Result<u32, RepliesError> {
    text.parse().map_err(|_| RepliesError)
}

/// The longest pause between two replies.
pub const MAX_INTERVAL: Duration = Duration::from_hours(1);

/// Reads `300ms`, `1.5s`, `2m`, `1h`, `0`.
pub fn parse_interval(text: &str) -> Result<Duration, IntervalError> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic()).ok_or(IntervalError::NotADuration)?;
    let (amount, unit) = text.split_at(unit_at);
    let seconds = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(IntervalError::NotADuration),
    };
    if !amount.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(IntervalError::NotADuration);
    }
    let amount: f64 = amount.parse().map_err(|_| IntervalError::NotADuration)?;
    let interval = Duration::try_from_secs_f64(amount * seconds).map_err(|_| IntervalError::TooLong)?;
    if interval > MAX_INTERVAL { Err(IntervalError::TooLong) } else { Ok(interval) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, clap::Error> {
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
        let serve = Serve { listen, settings: Settings::default() };
        assert_eq!(parsed("greeter serve").unwrap(), Command::Serve(serve));
    }

    #[test]
    fn an_address_to_listen_on_is_host_and_port() {
        for (text, host, port) in [
            ("127.0.0.1:0", "127.0.0.1", 0),
            ("localhost:50051", "localhost", 50051),
            ("[::1]:80", "::1", 80),
            ("[fe80::1%lo]:80", "fe80::1%lo", 80),
        ] {
            assert_eq!(text.parse(), Ok(Listen { host: host.to_owned(), port }));
        }
    }

    #[test]
    fn what_is_no_address_says_what_to_write() {
        for (text, error) in [
            ("50051", ListenError::NoHost(50051)),
            (":50051", ListenError::NoHost(50051)),
            ("localhost", ListenError::NoPort("localhost".to_owned())),
            ("::1", ListenError::NoPort("[::1]".to_owned())),
            ("localhost:", ListenError::Port(String::new())),
            ("localhost:70000", ListenError::Port("70000".to_owned())),
            ("::1:x", ListenError::Port("x".to_owned())),
            ("[::1:80", ListenError::Other),
            ("http://localhost:80", ListenError::Other),
            ("", ListenError::Other),
        ] {
            assert_eq!(text.parse::<Listen>(), Err(error), "{text:?}");
        }
    }

    #[test]
    fn an_interval_is_a_number_and_a_unit() {
        for (text, interval) in [
            ("0", Duration::ZERO),
            ("0ms", Duration::ZERO),
            ("300ms", Duration::from_millis(300)),
            ("1s", Duration::from_secs(1)),
            ("1.5s", Duration::from_millis(1500)),
            ("2m", Duration::from_mins(2)),
            ("1h", MAX_INTERVAL),
        ] {
            assert_eq!(parse_interval(text), Ok(interval), "{text:?}");
        }
        for wrong in ["", "5", "s", "-1s", "+1s", "1 s", "1x", "1e3s", "infs", "NaNs", ".5s", "1.2.3s"] {
            assert_eq!(parse_interval(wrong), Err(IntervalError::NotADuration), "{wrong:?}");
        }
        for long in ["61m", "99999999999999999999999999999999h"] {
            assert_eq!(parse_interval(long), Err(IntervalError::TooLong), "{long:?}");
        }
    }
}
