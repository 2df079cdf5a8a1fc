//! `greeter call`: the method, the messages, and how the replies are to look.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{
    reach::{NoAddress, Reach, ReachArgs},
    words,
};
use crate::text::Secrets;

/// One call, or one for each message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The method as it was written.
    pub method: String,
    /// Where the messages come from.
    pub input: Input,
    /// What is printed.
    pub form: Form,
    /// Whether what lies around the messages is printed too.
    pub verbose: bool,
    /// Whether the frames of the connection are printed.
    pub ladder: Ladder,
    /// Where they are written as JSON, a line each.
    pub wire_log: Option<PathBuf>,
    /// Whether secrets are printed and written too.
    pub secrets: Secrets,
    /// Which server.
    pub reach: Reach,
}

/// Where a call's messages come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Each is a message: text, or JSON where it begins with `{`. At least one.
    Names(Vec<String>),
    /// JSON values, one after the other.
    Json(String),
    /// The same on stdin.
    JsonOfStdin,
    /// A message a line on stdin, as a name would be.
    Lines,
}

/// What is printed on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The replies.
    Replies,
    /// A JSON object for every event.
    Events,
}

/// Whether the frames of a connection are printed on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ladder {
    /// They are, a row each.
    Shown,
    /// They are not.
    Hidden,
}

/// Examples and exit codes. The one place beside the server that knows the Greeter's methods, and no code.
const EXAMPLES: &str = include_str!("call.txt").trim_ascii_end();

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CallArgs {
    /// The method: its name, package.Service/Method, or a kind of call
    #[arg(value_name = "METHOD", value_parser = words::method)]
    method: String,
    /// Messages: text, or JSON where it begins with {
    #[arg(value_name = "NAME", conflicts_with = "data")]
    names: Vec<String>,
    /// Messages as JSON, one after the other (repeatable); @ reads them from stdin
    #[arg(short = 'd', value_name = "JSON", allow_hyphen_values = true, value_parser = words::json)]
    data: Vec<String>,
    /// Print a JSON object a line for every event (docs/json.md)
    #[arg(long)]
    json: bool,
    /// Print headers, trailers, sizes and times too, on stderr
    #[arg(short = 'v', long)]
    verbose: bool,
    #[command(flatten)]
    wire: WireArgs,
    #[command(flatten)]
    reach: ReachArgs,
}

/// What is told of the wire, and of what lies around the messages.
#[derive(Debug, Args)]
struct WireArgs {
    /// Print each HTTP/2 frame as it passes, on stderr
    #[arg(long)]
    wire: bool,
    /// Write each HTTP/2 frame to FILE as a JSON object a line (docs/json.md)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = words::file)]
    wire_log: Option<PathBuf>,
    /// Do not mask the values of authorization, cookie and the like
    #[arg(long)]
    show_secrets: bool,
}

impl CallArgs {
    pub(super) fn call(self) -> Result<Call, NoAddress> {
        let Self { method, names, data, json, verbose, wire, reach } = self;
        let WireArgs { wire, wire_log, show_secrets } = wire;
        let input = match &data[..] {
            [at] if at == "@" => Input::JsonOfStdin,
            [_, ..] => Input::Json(data.join("\n")),
            [] if names.is_empty() => Input::Lines,
            [] => Input::Names(names),
        };
        let form = if json { Form::Events } else { Form::Replies };
        let ladder = if wire { Ladder::Shown } else { Ladder::Hidden };
        let secrets = if show_secrets { Secrets::Shown } else { Secrets::Masked };
        Ok(Call { method, input, form, verbose, ladder, wire_log, secrets, reach: reach.reach()? })
    }
}
