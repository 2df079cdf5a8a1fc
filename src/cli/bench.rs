//! `greeter bench`: the server, the method, and how much load.

use std::{ops::RangeInclusive, time::Duration};

use clap::{Args, value_parser};

use super::{
    call::Input,
    reach::{AskingArgs, Calling, Connecting, FirstWord, Misplaced, Place, Reach, Schema},
    words,
};
use crate::text::parse_limit;

/// Load on a server.
#[derive(Debug, Clone, PartialEq)]
pub struct Bench {
    /// The method as it was written.
    pub method: String,
    /// The messages of each call; none where none was written.
    pub input: Option<Input>,
    /// Calls at once.
    pub concurrency: u32,
    /// When there is enough.
    pub until: Until,
    /// Calls a second, where a call does not simply follow the one before it.
    pub rate: Option<f64>,
    /// Spread the calls over N connections.
    pub connections: u32,
    /// What is printed.
    pub form: BenchForm,
    /// Whether the terminal is to have ASCII alone.
    pub ascii: bool,
    /// Which server.
    pub reach: Reach,
}

/// When there is enough load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// After so many calls.
    Calls(u64),
    /// After this time.
    Time(Duration),
}

/// What is printed on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BenchForm {
    /// Figures and a histogram.
    Lines,
    /// A JSON object.
    Event,
}

/// The most calls at once. A connection has streams for many more, and no server likes them.
const MAX_CONCURRENCY: i64 = 10_000;
/// The most connections.
const MAX_CONNECTIONS: i64 = 1_000;
/// Calls a second that make sense.
const RATES: RangeInclusive<f64> = 0.001..=1e7;
const CONCURRENCY: u32 = 50;
const TIME: Duration = Duration::from_secs(10);
/// The method where none is named: the one of this kind.
const METHOD: &str = "unary";

const EXAMPLES: &str = "\
Examples:
  greeter bench localhost:50051                          its unary method, 10 seconds, 50 calls at once
  greeter bench localhost:50051 -c 1                     one call after the other
  greeter bench localhost:50051 -n 100000                so many calls
  greeter bench localhost:50051 --rps 2000 -z 1m         a steady rate, for a minute
  greeter bench localhost:50051 server-stream World      calls that have many replies
  greeter bench demo.test:443 demo.Shop/Buy -d '{\"id\": 7}' -H 'authorization: Bearer ${TOKEN}'
  greeter bench localhost:50051 --json | jq .latency_us.p99

One call is made first on each connection and not counted: if it fails, there is no load. The first word
is ADDR if it has a colon, else METHOD. Each call sends all the messages. Latency counts from when a call was due: with
--rps by the rate, without it when the one before it ended.
Exit codes: 0 all calls were OK, 1 some were not, none ended or some that were due were never begun,
2 wrong usage, 64 + the code of the first call's status, 130 after Ctrl-C.";

#[derive(Debug, Args)]
#[command(override_usage = "greeter bench [OPTIONS] <ADDR> [METHOD] [NAME]...", after_help = EXAMPLES)]
pub(super) struct BenchArgs {
    #[command(flatten)]
    first: FirstWord,
    /// Its name, package.Service/Method, or a kind of call [default: unary]
    #[arg(value_name = "METHOD")]
    method: Option<String>,
    /// Messages: text, or JSON where it begins with { [default: World, or an empty message]
    #[arg(value_name = "NAME", conflicts_with = "data")]
    names: Vec<String>,
    /// Messages as JSON, one after the other (repeatable)
    #[arg(short = 'd', value_name = "JSON", allow_hyphen_values = true, value_parser = words::json)]
    data: Vec<String>,
    #[command(flatten)]
    load: LoadArgs,
    /// Print one JSON object (docs/json.md)
    #[arg(long)]
    json: bool,
    /// Draw with ASCII
    #[arg(long, conflicts_with = "json")]
    ascii: bool,
    #[command(flatten)]
    connecting: Connecting,
    #[command(flatten)]
    calling: Calling,
    #[command(flatten)]
    schema: Schema,
    #[command(flatten)]
    asking: AskingArgs,
}

/// How much load.
#[derive(Debug, Args)]
struct LoadArgs {
    /// Keep N calls under way at once [default: 50]
    #[arg(short = 'c', long, value_name = "N", value_parser = value_parser!(u32).range(1..=MAX_CONCURRENCY))]
    concurrency: Option<u32>,
    /// Stop after N calls
    #[arg(short = 'n', long, value_name = "N", value_parser = words::count, conflicts_with = "duration")]
    calls: Option<u64>,
    /// Stop after this time: 30 (seconds), 500ms, 2m [default: 10]
    #[arg(short = 'z', long, value_name = "TIME", value_parser = parse_limit, allow_negative_numbers = true)]
    duration: Option<Duration>,
    /// Begin N calls a second, as far as -c allows [default: each when the one before it ended]
    #[arg(long, value_name = "N", value_parser = parse_rate, allow_negative_numbers = true)]
    rps: Option<f64>,
    /// Spread the calls over N connections
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u32).range(1..=MAX_CONNECTIONS))]
    connections: u32,
}

fn parse_rate(text: &str) -> Result<f64, &'static str> {
    let rate = text.parse().ok().filter(|rate| RATES.contains(rate));
    rate.ok_or("a number from 0.001 to 10000000 is needed")
}

impl BenchArgs {
    /// `None` where no address is given.
    pub(super) fn bench(self) -> Result<Option<Bench>, Misplaced> {
        let Self { first, method, names, data, load, json, ascii, connecting, calling, schema, asking } =
            self;
        let LoadArgs { concurrency, calls, duration, rps, connections } = load;
        let (address, first) = first.split()?;
        let Some(address) = address else {
            let later = method.iter().chain(&names).find(|word| word.contains(':'));
            return later.map_or(Ok(None), |later| Err(Misplaced::Later(later.clone())));
        };
        let mut words = first.into_iter().chain(method).chain(names);
        let method = words.next().unwrap_or_else(|| METHOD.to_owned());
        let names: Vec<String> = words.collect();
        let input = (!data.is_empty())
            .then(|| Input::Json(data.join("\n")))
            .or_else(|| (!names.is_empty()).then_some(Input::Names(names)));
        let concurrency = concurrency.unwrap_or(CONCURRENCY);
        Ok(Some(Bench {
            method,
            input,
            concurrency,
            until: calls.map_or(Until::Time(duration.unwrap_or(TIME)), Until::Calls),
            rate: rps,
            connections: connections.min(concurrency),
            form: if json { BenchForm::Event } else { BenchForm::Lines },
            ascii,
            reach: Reach {
                place: Place::Remote { address, connecting: Box::new(connecting) },
                calling,
                schema,
                asking: asking.asking(),
            },
        }))
    }
}
