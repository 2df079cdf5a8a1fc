//! A soak: the screen for as long as asked, all panes busy, on a server that is killed and started
//! again and again.
//!
//! ```text
//! cargo run --release --example soak                     a minute and a quarter
//! cargo run --release --example soak -- --minutes 60     an hour
//! cargo run --release --example soak -- --seed 7         the deeds of an earlier run
//! ```
//!
//! It types, pastes, resizes, floods and cancels by chance, and holds the screen to its promises: nothing
//! panics, no call is lost or lives for ever, the connection comes back, and memory is what the
//! transcripts need. It ends with a verdict; the exit code is 1 where a promise was broken.

mod chance;
mod deeds;
mod ledger;
mod memory;
mod screen;
mod serving;
mod soak;

use std::{env, error::Error, ffi::OsString, process::ExitCode, time::Duration};

use greeter::{cli, commands};
use mimalloc::MiMalloc;

use soak::Soak;

/// The program's: what it keeps of what was freed counts as memory.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

type Failure = Box<dyn Error + Send + Sync>;

/// How long, where nothing is asked for.
const SHORT: Duration = Duration::from_secs(75);

fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // The server is a process of its own: this program again, as `greeter serve`.
    if arguments.first().is_some_and(|first| first == "serve") {
        let words = ["greeter".to_owned()].into_iter().chain(arguments).map(OsString::from);
        return commands::run(cli::parse(words)?).map_err(|failure| failure.to_string().into());
    }
    let (time, seed) = wished(&arguments)?;
    println!("soaking for {} s with --seed {seed}", time.as_secs());
    match Soak::start(seed)?.run(time) {
        Ok(verdict) => {
            println!("sound: {verdict}");
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => {
            println!("NOT SOUND, with --seed {seed}: {failure}");
            Ok(ExitCode::FAILURE)
        }
    }
}

fn wished(arguments: &[String]) -> Result<(Duration, u64), Failure> {
    let (mut time, mut seed) = (SHORT, chance::by_the_clock());
    for pair in arguments.chunks(2) {
        let [flag, number] = pair else { return Err(format!("{} wants a number", pair.concat()).into()) };
        let number: u64 = number.parse()?;
        match flag.as_str() {
            "--minutes" => time = Duration::from_secs(60 * number),
            "--seconds" => time = Duration::from_secs(number),
            "--seed" => seed = number,
            _ => return Err(format!("{flag} is none of --minutes, --seconds and --seed").into()),
        }
    }
    Ok((time, seed))
}
