//! `greeter doctor`: which server, and which of its services.

use clap::Args;

use super::{
    reach::{Address, Connecting, Written},
    words,
};

/// Why does it not connect?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doctor {
    /// The address as it was written.
    pub address: String,
    /// How it is connected to.
    pub connecting: Connecting,
    /// What goes with each call.
    pub headers: Vec<String>,
    /// The service that it should have.
    pub service: Option<String>,
    /// What is printed.
    pub form: DoctorForm,
}

/// What is printed on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoctorForm {
    /// A line for each layer, and a sentence.
    Lines,
    /// A JSON object for each, and one for the sentence.
    Events,
}

const EXAMPLES: &str = "\
Examples:
  greeter doctor localhost:50051
  greeter doctor --tls --cacert ca.pem 127.0.0.1:50051
  greeter doctor demo.test:443 --service demo.Greeter

It climbs from the name to the socket, TLS, HTTP/2, a call and reflection, says what it saw on each,
and in one sentence what is wrong and what to do. It takes 5 seconds at most.
Exit codes: 0 a call can be made, 1 none can, or not of --service as far as it can be seen, 2 wrong usage.";

#[derive(Debug, Args)]
#[command(override_usage = "greeter doctor [OPTIONS] <ADDR>", after_help = EXAMPLES)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    address: Address,
    /// Look for this service too
    #[arg(long, value_name = "NAME", value_parser = words::symbol)]
    service: Option<String>,
    /// Print a JSON object a line (docs/json.md)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connecting: Connecting,
    #[command(flatten)]
    metadata: Written,
}

impl DoctorArgs {
    /// `None` where no address is given.
    pub(super) fn doctor(self) -> Option<Doctor> {
        let Self { address, service, json, connecting, metadata } = self;
        let form = if json { DoctorForm::Events } else { DoctorForm::Lines };
        let headers = metadata.headers;
        Some(Doctor { address: address.given()?, connecting, headers, service, form })
    }
}
