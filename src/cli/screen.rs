//! `greeter` and `greeter connect`: how the screen is to be, and which server it is on.

use clap::{Args, ValueEnum};

use super::reach::{Address, Calling, Connecting, Schema};

/// How the screen is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct Screen {
    /// Leave the mouse to the terminal (/mouse changes it while running)
    #[arg(long)]
    pub no_mouse: bool,
    /// Draw with ASCII: no lines, arrows or dots
    #[arg(long)]
    pub ascii: bool,
    /// Neither read nor keep a history of what is sent
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
    /// How it is connected to.
    pub connecting: Connecting,
    /// How calls are made.
    pub calling: Calling,
    /// Where its services are known from, if not from itself.
    pub schema: Schema,
    /// How the screen is to be.
    pub screen: Screen,
}

const CONNECT_EXAMPLES: &str = "\
Examples:
  greeter connect 127.0.0.1:50051
  greeter connect '[::1]:50051'
  greeter connect demo.test:443
  greeter connect --cacert ca.pem 127.0.0.1:50051
  greeter connect --plaintext demo.test:8080
  greeter connect unix:/run/greeter.sock
  greeter connect localhost:50051 --proto shop.proto --import-path protos
  GREETER_ADDR=localhost:50051 greeter connect";

#[derive(Debug, Args)]
#[command(override_usage = "greeter connect [OPTIONS] <ADDR>", after_help = CONNECT_EXAMPLES)]
pub(super) struct ConnectArgs {
    #[command(flatten)]
    pub(super) address: Address,
    #[command(flatten)]
    pub(super) connecting: Connecting,
    #[command(flatten)]
    pub(super) calling: Calling,
    #[command(flatten)]
    pub(super) schema: Schema,
    #[command(flatten)]
    pub(super) screen: Screen,
}
