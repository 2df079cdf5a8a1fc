//! The budgets, measured: `cargo bench`. Each line is a figure, its budget, and whether that is met; what they
//! mean is in `docs/benchmarks.md`.
//!
//! ```text
//! cargo bench                      all, as they are published
//! cargo bench -- --short           proof that everything can still be measured, in a minute
//! cargo bench -- ingest unary      some, by name
//! ```
//!
//! A missed budget is told and is no failure; a figure that cannot be measured is one.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod calls;
mod clients;
mod figure;
#[path = "../../tests/terminal/flooder.rs"]
mod flooder;
mod peers;
mod process;
mod screen;
mod shell;
mod tap;
mod terminal;

use std::{env, process::ExitCode};

use figure::Measured;
use mimalloc::MiMalloc;

/// The program's: what is measured in this process is measured as it runs there, and its peer as well.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    Long,
    Short,
}

impl Length {
    /// One of two amounts.
    pub(crate) fn pick<T>(self, long: T, short: T) -> T {
        match self {
            Self::Long => long,
            Self::Short => short,
        }
    }
}

/// Measures something.
type Benchmark = fn(Length) -> Measured;

/// What is measured, by name.
const BENCHMARKS: &[(&str, Benchmark)] = &[
    ("first-frame", screen::first_frame),
    ("keys", screen::key_to_echo),
    ("hostile", screen::hostile),
    ("heavy", screen::heavy),
    ("written", screen::written),
    ("ingest", calls::ingest),
    ("unary", calls::unary),
    ("call", shell::call),
    ("tap", tap::tap),
    ("memory", process::memory),
    ("idle", process::idle),
    ("size", process::size),
];

fn main() -> ExitCode {
    // `--bench` is what cargo says.
    let words: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    if words.iter().any(|word| word == peers::BE_THE_FLOOD) {
        return peers::be_the_flood().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let (flags, names): (Vec<_>, Vec<_>) = words.into_iter().partition(|word| word.starts_with('-'));
    let length = if flags.iter().any(|flag| flag == "--short") { Length::Short } else { Length::Long };
    let unknown = names.iter().filter(|name| BENCHMARKS.iter().all(|(known, _)| known != name));
    let unknown: Vec<_> = unknown.chain(flags.iter().filter(|flag| *flag != "--short")).collect();
    if !unknown.is_empty() {
        let known: Vec<_> = BENCHMARKS.iter().map(|(name, _)| *name).collect();
        eprintln!("{unknown:?}: there are --short and {}", known.join(", "));
        return ExitCode::from(2);
    }
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let mut outcome = ExitCode::SUCCESS;
    for (name, measure) in BENCHMARKS.iter().filter(|(name, _)| wanted(name)) {
        match measure(length) {
            Ok(figures) => figures.iter().for_each(|figure| println!("{figure}")),
            Err(trouble) => {
                println!("{name} cannot be measured: {trouble}");
                outcome = ExitCode::FAILURE;
            }
        }
    }
    outcome
}
