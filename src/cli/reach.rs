//! Which server, and how it is reached: the same words for every command that talks to one.
//!
//! An address is given in its place (`Address`: `connect`, and whatever cannot do without one) or as
//! `--addr` (`ReachArgs`: `call`, and whatever else the embedded server can answer), and
//! `GREETER_ADDR` stands in for either.

use std::{env, path::PathBuf, time::Duration};

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::words;
use crate::{compression::Encoding, text::parse_limit};

/// What an address looks like.
const ADDRESS: &str = "host:port, [::1]:port, https://…, unix:path or dns:///… [env: GREETER_ADDR]";
/// Where a server is named without an argument.
const ENVIRONMENT: &str = "GREETER_ADDR";

/// How a connection is protected. Each flag of TLS means TLS, on this machine too.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub struct Security {
    /// Connect without TLS, to other machines too
    #[arg(long, conflicts_with_all = TLS_FLAGS)]
    pub plaintext: bool,
    /// Connect with TLS, to this machine too
    #[arg(long)]
    pub tls: bool,
    /// Connect with TLS and do not verify the server's certificate
    #[arg(long, conflicts_with = "cacert")]
    pub insecure: bool,
    /// Trust the authorities in this PEM file, not the system's
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
    /// Present this client certificate, a PEM file
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The certificate's private key, a PEM file
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Expect the server's certificate to be for this name
    #[arg(long, value_name = "NAME")]
    pub servername: Option<String>,
}

/// What makes no sense without TLS.
const TLS_FLAGS: [&str; 6] = ["tls", "insecure", "cacert", "cert", "key", "servername"];

impl Security {
    fn over(self, other: &Self) -> Self {
        let Self { plaintext, insecure, .. } = self;
        match self.tls_flag() {
            _ if plaintext => self,
            None => other.clone(),
            Some(_) => Self {
                plaintext,
                tls: true,
                // Whom to trust is said by one of them.
                insecure: insecure || (self.cacert.is_none() && other.insecure),
                cacert: self.cacert.or_else(|| other.cacert.clone().filter(|_| !insecure)),
                // They belong together.
                cert: self.cert.or_else(|| other.cert.clone()),
                key: self.key.or_else(|| other.key.clone()),
                servername: self.servername.or_else(|| other.servername.clone()),
            },
        }
    }

    /// The first flag of TLS that was given.
    pub fn tls_flag(&self) -> Option<&'static str> {
        let Self { plaintext: _, tls, insecure, cacert, cert, key, servername } = self;
        first_of([
            (*tls, "--tls"),
            (*insecure, "--insecure"),
            (cacert.is_some(), "--cacert"),
            (cert.is_some(), "--cert"),
            (key.is_some(), "--key"),
            (servername.is_some(), "--servername"),
        ])
    }
}

fn first_of<const N: usize>(flags: [(bool, &'static str); N]) -> Option<&'static str> {
    flags.into_iter().find_map(|(is_given, flag)| is_given.then_some(flag))
}

/// An address in its place, or as an option.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(super) struct Address {
    #[arg(
        value_name = "ADDR",
        help = ADDRESS
    )]
    address: Option<String>,
    /// Same as ADDR
    #[arg(long = "addr", value_name = "ADDR", conflicts_with = "address")]
    addr: Option<String>,
}

impl Address {
    /// The address that was given, or the environment's.
    pub(super) fn given(self) -> Option<String> {
        self.address.or(self.addr).or_else(of_environment)
    }
}

/// An address in front of other words, or as an option.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(super) struct FirstWord {
    #[arg(
        value_name = "ADDR",
        help = ADDRESS
    )]
    first: Option<String>,
    /// Same as ADDR
    #[arg(long = "addr", value_name = "ADDR")]
    addr: Option<String>,
}

impl FirstWord {
    /// The address that was given, or the environment's; and the first word, where it is none: an address has a colon.
    pub(super) fn split(self) -> Result<(Option<String>, Option<String>), Misplaced> {
        match (self.addr, self.first) {
            (None, Some(word)) if word.contains(':') => Ok((Some(word), None)),
            (Some(addr), Some(word)) if word.contains(':') => Err(Misplaced::Twice(word, addr)),
            (addr, word) => Ok((addr.or_else(of_environment), word)),
        }
    }
}

/// Where an address stands that is not meant there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Misplaced {
    /// In its place, and another one as an option.
    #[error("two servers are named: {0} and {1}")]
    Twice(String, String),
    /// Behind other words.
    #[error("{0} is an address, and that comes first")]
    Later(String),
}

/// Metadata, as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub struct Written {
    /// Send this metadata (repeatable). ${NAME} is read from the environment; a -bin value is base64, or hex after `hex:`
    #[arg(short = 'H', value_name = "KEY: VALUE")]
    pub headers: Vec<String>,
}

/// What goes with a call, whichever server it is for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub struct Calling {
    /// What is sent with it beside gRPC's own headers.
    #[command(flatten)]
    pub metadata: Written,
    /// Deadline of a call: 5 (seconds), 300ms, 2m
    #[arg(long, value_name = "TIME", value_parser = parse_limit, allow_negative_numbers = true)]
    pub max_time: Option<Duration>,
    /// Accept replies of at most this many bytes, decompressed [default: 4194304]
    #[arg(long, value_name = "BYTES", value_parser = words::bytes, allow_negative_numbers = true)]
    pub max_msg_sz: Option<u32>,
    /// Send messages of at most this many bytes [default: any size]
    #[arg(long, value_name = "BYTES", value_parser = words::bytes, allow_negative_numbers = true)]
    pub max_send_sz: Option<u32>,
    /// Compress the messages that are sent; replies in either are always accepted
    #[arg(long, value_name = "gzip|zstd", value_parser = encodings(), hide_possible_values = true)]
    pub compress: Option<Encoding>,
    /// Wait for a server that cannot be reached, for as long as --max-time allows
    #[arg(long)]
    pub wait_for_ready: bool,
}

fn encodings() -> impl TypedValueParser<Value = Encoding> {
    let names = PossibleValuesParser::new(Encoding::ALL.map(Encoding::name));
    names.try_map(|name| Encoding::of_name(&name))
}

/// Files that say what can be called, as they were named. Where there are any, the server is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub struct Schema {
    /// Read services from this .proto file (repeatable); the server is not asked then
    #[arg(long, value_name = "FILE")]
    pub proto: Vec<PathBuf>,
    /// Look for --proto files and imports in this folder (repeatable, in order) [default: "." and the folders of the --proto files]
    #[arg(long, value_name = "DIR", requires = "proto")]
    pub import_path: Vec<PathBuf>,
    /// Read services from this descriptor set (repeatable); the server is not asked then
    #[arg(long, value_name = "FILE")]
    pub protoset: Vec<PathBuf>,
}

/// What belongs to a connection, and so to an address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub struct Connecting {
    /// How it is protected.
    #[command(flatten)]
    pub security: Security,
    /// The server's name in :authority and in its certificate; means TLS unless --plaintext
    #[arg(long, value_name = "NAME")]
    pub authority: Option<String>,
    /// Put this before the program's own name in user-agent
    #[arg(long, value_name = "NAME")]
    pub user_agent: Option<String>,
    /// Give up connecting after this time: 5 (seconds), 300ms, 2m [default: 5]
    #[arg(long, value_name = "TIME", value_parser = parse_limit, allow_negative_numbers = true)]
    pub connect_timeout: Option<Duration>,
    /// Send a PING after this much silence during a call, 10 (seconds) or more [default: never]
    #[arg(long, value_name = "TIME", value_parser = parse_keepalive, allow_negative_numbers = true)]
    pub keepalive_time: Option<Duration>,
    /// Give up the connection if nothing comes within this time of a PING [default: 20]
    #[arg(long, value_name = "TIME", value_parser = parse_limit, allow_negative_numbers = true, requires = "keepalive_time")]
    pub keepalive_timeout: Option<Duration>,
}

/// Servers end connections on which PINGs come more often (gRFC A8).
const LEAST_KEEPALIVE: Duration = Duration::from_secs(10);

fn parse_keepalive(text: &str) -> Result<Duration, String> {
    match parse_limit(text) {
        Ok(time) if time < LEAST_KEEPALIVE => {
            Err("10 seconds is the minimum: servers treat more PINGs as an attack".to_owned())
        }
        read => read.map_err(|error| error.to_string()),
    }
}

impl Connecting {
    /// These words, and those of another time where these say nothing.
    #[must_use]
    pub fn over(self, other: &Self) -> Self {
        let Self { security, authority, user_agent, connect_timeout, keepalive_time, keepalive_timeout } =
            self;
        Self {
            security: security.over(&other.security),
            authority: authority.or_else(|| other.authority.clone()),
            user_agent: user_agent.or_else(|| other.user_agent.clone()),
            connect_timeout: connect_timeout.or(other.connect_timeout),
            keepalive_time: keepalive_time.or(other.keepalive_time),
            keepalive_timeout: keepalive_timeout.or(other.keepalive_timeout),
        }
    }

    /// The first flag of these that was given.
    fn flag(&self) -> Option<&'static str> {
        let Self { security, authority, user_agent, connect_timeout, keepalive_time, keepalive_timeout: _ } =
            self;
        security.tls_flag().or(first_of([
            (security.plaintext, "--plaintext"),
            (authority.is_some(), "--authority"),
            (user_agent.is_some(), "--user-agent"),
            (connect_timeout.is_some(), "--connect-timeout"),
            (keepalive_time.is_some(), "--keepalive-time"),
        ]))
    }
}

/// Whether the server is asked what it offers where that is known without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// What is built in, or said by files, is believed.
    WhereNeeded,
    /// It is asked in any case.
    Always,
}

/// The same as a flag, named as grpcurl's.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(super) struct AskingArgs {
    /// Ask the server what its methods take, also where that is built in
    #[arg(long, conflicts_with_all = ["proto", "protoset"])]
    use_reflection: bool,
}

impl AskingArgs {
    pub(super) fn asking(&self) -> Asking {
        if self.use_reflection { Asking::Always } else { Asking::WhereNeeded }
    }
}

/// A server, and how it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Where it is.
    pub place: Place,
    /// What goes with each call.
    pub calling: Calling,
    /// Where its services are known from, if not from itself.
    pub schema: Schema,
    /// Whether it is asked all the same.
    pub asking: Asking,
}

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In this program.
    Embedded,
    /// Elsewhere.
    Remote {
        /// The address as it was written.
        address: String,
        /// How it is connected to.
        connecting: Box<Connecting>,
    },
}

/// A flag of a connection, and no address that it could belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} belongs to a connection, and no address is given: add --addr ADDR, or set GREETER_ADDR")]
pub struct NoAddress(&'static str);

/// A server that need not be named: without an address the embedded one answers.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(super) struct ReachArgs {
    #[arg(long, value_name = "ADDR")]
    #[arg(
        help = "host:port, [::1]:port, https://…, unix:path or dns:///… [env: GREETER_ADDR] [default: a built-in server]"
    )]
    addr: Option<String>,
    #[command(flatten)]
    connecting: Connecting,
    #[command(flatten)]
    calling: Calling,
    #[command(flatten)]
    schema: Schema,
    #[command(flatten)]
    asking: AskingArgs,
}

impl ReachArgs {
    /// Where to, as far as it is known without asking anybody.
    pub(super) fn reach(self) -> Result<Reach, NoAddress> {
        let Self { addr, connecting, calling, schema, asking } = self;
        let flag = connecting.flag();
        Ok(Reach { place: place(addr, connecting, flag)?, calling, schema, asking: asking.asking() })
    }
}

/// A server that is asked what it offers, and no more: without an address nobody is asked.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(super) struct AskArgs {
    #[arg(long, value_name = "ADDR")]
    #[arg(
        help = "host:port, [::1]:port, https://…, unix:path or dns:///… [env: GREETER_ADDR] [default: the built-in contracts]"
    )]
    addr: Option<String>,
    #[command(flatten)]
    connecting: Connecting,
    #[command(flatten)]
    metadata: Written,
    /// Give up asking after this time: 2 (seconds), 300ms [default and maximum: 5]
    #[arg(long, value_name = "TIME", value_parser = parse_limit, allow_negative_numbers = true)]
    max_time: Option<Duration>,
    #[command(flatten)]
    schema: Schema,
}

impl AskArgs {
    /// Where to, as far as it is known without asking anybody.
    pub(super) fn reach(self) -> Result<Reach, NoAddress> {
        let Self { addr, connecting, metadata, max_time, schema } = self;
        let given = [(!metadata.headers.is_empty(), "-H"), (max_time.is_some(), "--max-time")];
        let flag = given.into_iter().find_map(|(is_given, flag)| is_given.then_some(flag));
        let flag = connecting.flag().or(flag);
        let calling = Calling { metadata, max_time, ..Calling::default() };
        Ok(Reach { place: place(addr, connecting, flag)?, calling, schema, asking: Asking::WhereNeeded })
    }
}

/// Where a server is. A flag that belongs to one elsewhere needs an address.
fn place(
    addr: Option<String>,
    connecting: Connecting,
    flag: Option<&'static str>,
) -> Result<Place, NoAddress> {
    match (addr.or_else(of_environment), flag) {
        (Some(address), _) => Ok(Place::Remote { address, connecting: Box::new(connecting) }),
        (None, None) => Ok(Place::Embedded),
        (None, Some(flag)) => Err(NoAddress(flag)),
    }
}

fn of_environment() -> Option<String> {
    env::var(ENVIRONMENT).ok().filter(|address| !address.is_empty())
}
