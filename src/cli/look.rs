//! `greeter list` and `greeter describe`: what a server offers.

use clap::Args;

use super::{
    reach::{AskArgs, NoAddress, Reach},
    words,
};

/// Names of what a server offers, one a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Of what.
    pub what: Listed,
    /// How it looks.
    pub shape: Shape,
    /// Which server.
    pub reach: Reach,
}

/// What is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// The services.
    Services,
    /// The services, the messages and the enums.
    Definitions,
    /// The methods of this service.
    Methods(String),
}

/// Proto source of what a server offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Describe {
    /// Of what, as it was written.
    pub symbol: String,
    /// How it looks.
    pub shape: Shape,
    /// Which server.
    pub reach: Reach,
}

/// How data looks on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As people read it.
    Text,
    /// A JSON object a line.
    Json,
}

const LIST_EXAMPLES: &str = "\
Examples:
  greeter list                                       the services that are built in
  greeter list --addr localhost:50051                those of a server
  greeter list helloworld.Greeter                    a service's methods: path, kind, request, reply
  greeter list --all | grep message                  messages and enums too
  greeter list helloworld.Greeter --addr localhost:50051 --json | jq .kind

Columns are separated by tabs, and aligned on a terminal. A server is asked by reflection, v1 and then
v1alpha; stderr says which. For a server without reflection the built-in contracts are shown.";

const DESCRIBE_EXAMPLES: &str = "\
Examples:
  greeter describe helloworld.Greeter                the service, and the messages that it needs
  greeter describe helloworld.Greeter/SayHello       a method alone
  greeter describe helloworld.HelloRequest --addr localhost:50051
  greeter describe hello.proto > hello.proto         a whole file

What is printed is a proto file that compiles to the same descriptors. SYMBOL is a service, a method, a
message, an enum or something inside one, by its full name or the end of it, or a file by its name.
What other files declare is imported: describe it in its turn.";

#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(super) struct ListArgs {
    /// List the methods of this service, or this method: package.Service/Method
    #[arg(value_name = "SERVICE", conflicts_with = "all", value_parser = words::symbol)]
    service: Option<String>,
    /// List messages and enums too
    #[arg(long)]
    all: bool,
    /// Print a JSON object a line (docs/json.md)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reach: AskArgs,
}

#[derive(Debug, Args)]
#[command(after_help = DESCRIBE_EXAMPLES)]
pub(super) struct DescribeArgs {
    /// What to describe: package.Service, package.Message, package.Service/Method, file.proto
    #[arg(value_name = "SYMBOL", value_parser = words::symbol)]
    symbol: String,
    /// Print a JSON object that has the source in it (docs/json.md)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reach: AskArgs,
}

impl ListArgs {
    pub(super) fn list(self) -> Result<List, NoAddress> {
        let what = match self.service {
            Some(service) => Listed::Methods(service),
            None if self.all => Listed::Definitions,
            None => Listed::Services,
        };
        Ok(List { what, shape: shape(self.json), reach: self.reach.reach()? })
    }
}

impl DescribeArgs {
    pub(super) fn describe(self) -> Result<Describe, NoAddress> {
        Ok(Describe { symbol: self.symbol, shape: shape(self.json), reach: self.reach.reach()? })
    }
}

fn shape(json: bool) -> Shape {
    if json { Shape::Json } else { Shape::Text }
}
