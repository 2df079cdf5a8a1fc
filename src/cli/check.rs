//! `greeter check`: the server, and how what is found is to look.

use std::time::Duration;

use clap::Args;

use super::reach::{Address, Connecting, Written};
use crate::text::parse_limit;

/// A server that is to be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The address as it was written.
    pub address: String,
    /// How it is connected to.
    pub connecting: Connecting,
    /// What is sent with each call, as it was written.
    pub headers: Vec<String>,
    /// The contract that it is to be held to, as it was written; else one that it has.
    pub service: Option<String>,
    /// How long all checks may take together.
    pub max_time: Option<Duration>,
    /// What is printed.
    pub form: CheckForm,
    /// Whether the terminal is to have ASCII alone.
    pub ascii: bool,
}

/// What is printed on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckForm {
    /// A table on a terminal, else a line for each check.
    Lines,
    /// A JSON object for each check.
    Events,
}

const EXAMPLES: &str = "\
Examples:
  greeter check localhost:50051
  greeter check localhost:50051 --service hello.Greeter
  greeter check --plaintext demo.test:8080 -H 'authorization: Bearer TOKEN'
  greeter check localhost:50051 --json | jq -r 'select(.outcome == \"fails\").name'

It calls every method of helloworld.Greeter or hello.Greeter, whichever the server has, and says line
by line what holds, what was expected and what came. docs/check.md explains the lines.
Exit codes: 0 all that is required holds, 1 something does not, cannot be told, or the server cannot be
reached, 2 wrong usage, 130 after Ctrl-C.";

#[derive(Debug, Args)]
#[command(override_usage = "greeter check [OPTIONS] <ADDR>", after_help = EXAMPLES)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    address: Address,
    /// The contract to hold it to: helloworld.Greeter or hello.Greeter [default: which it has]
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Print a JSON object a line for every check (docs/json.md)
    #[arg(long)]
    json: bool,
    /// Draw with ASCII
    #[arg(long, conflicts_with = "json")]
    ascii: bool,
    #[command(flatten)]
    connecting: Connecting,
    #[command(flatten)]
    metadata: Written,
    /// Give up after this time, all checks together: 5 (seconds), 300ms, 2m [default: 90]
    #[arg(long, value_name = "TIME", value_parser = parse_limit, allow_negative_numbers = true)]
    max_time: Option<Duration>,
}

impl CheckArgs {
    /// `None` where no address is given.
    pub(super) fn check(self) -> Option<Check> {
        let Self { address, service, json, ascii, connecting, metadata, max_time } = self;
        let form = if json { CheckForm::Events } else { CheckForm::Lines };
        let headers = metadata.headers;
        Some(Check { address: address.given()?, connecting, headers, service, max_time, form, ascii })
    }
}
