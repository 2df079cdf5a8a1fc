//! `greeter check`: whether a server greets as the contract says, line by line.
//!
//! The checks are made by the room [`check`](crate::check). Here they are printed as they come: a [`table`] on a
//! terminal, a line each where stdout is none, an object each for `--json` ([`events`]).

mod end;
mod events;
mod face;
mod screen;
mod table;
mod words;

use std::{
    io::{self, IsTerminal},
    pin::pin,
    process::ExitCode,
    time::{Duration, Instant},
};

use tokio::{
    runtime::Handle,
    signal::unix::{Signal, SignalKind, signal},
    time::{MissedTickBehavior, interval},
};

use self::{
    end::End,
    face::{Face, Report},
    screen::Screen,
    table::Table,
};
use super::{
    Failure, locale,
    output::{INTERRUPTED, not_printed},
    paint::Paint,
    reach,
};
use crate::{
    check::{Limits, Run, Server, Tally, Unreachable},
    cli::{Check, CheckForm},
    schema::Contract,
    tui::view::Depth,
};

/// How often the timer of a check is drawn.
const TICK: Duration = Duration::from_millis(100);

/// Checks a server, and exits with 0 only where all that is required holds, and was told.
pub(super) async fn check(check: &Check) -> Result<ExitCode, Failure> {
    match checked(check).await {
        Err(failure) if failure.is_broken_pipe() => Ok(ExitCode::FAILURE),
        done => done,
    }
}

async fn checked(check: &Check) -> Result<ExitCode, Failure> {
    let (target, settings) = reach::elsewhere(&check.address, &check.connecting)?;
    let wish = check.service.as_deref().map(contract).transpose()?;
    let metadata = reach::metadata_of(&check.headers)?;
    let server = Server { target, settings, metadata, runtime: Handle::current() };
    let target = server.target.to_string();
    let mut limits = Limits::default();
    limits.all = check.max_time.unwrap_or(limits.all);
    let mut interrupts = signal(SignalKind::interrupt()).map_err(Failure::undone)?;
    let began = Instant::now();
    let mut screen = Screen::default();
    let face = face(check);
    let live = |time| face.connecting(&target, time);
    let started = under_way(Run::start(server, limits, wish), live, &mut screen, &mut interrupts).await;
    let run = match started.map_err(not_printed)? {
        Some(Ok(run)) => run,
        None => {
            screen.clear().map_err(not_printed)?;
            if check.form == CheckForm::Events {
                let end = events::end(&Tally::default(), began.elapsed(), End::Interrupted) + "\n";
                screen.print(&end).map_err(not_printed)?;
            }
            return Ok(ExitCode::from(INTERRUPTED));
        }
        Some(Err(why)) => {
            screen.clear().map_err(not_printed)?;
            if check.form == CheckForm::Events {
                screen.print(&events::unreachable(&target, &why.to_string())).map_err(not_printed)?;
            }
            return Err(Failure::undone(format!("{target} cannot be checked: {why}{}", advice(&why))));
        }
    };
    let report = Report::new(face, target, run.subject().clone());
    make_all(run, report, &mut screen, &mut interrupts, began).await.map_err(not_printed)
}

/// The contract of this name.
fn contract(name: &str) -> Result<Contract, Failure> {
    let known = Contract::built_in();
    let found = known.iter().find(|contract| contract.name() == name);
    found.cloned().ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(Contract::name).collect();
        Failure::usage(format!("no contract is called {name}: there are {}", names.join(" and ")))
    })
}

/// What to do about it.
fn advice(why: &Unreachable) -> &'static str {
    match why {
        Unreachable::NoConnection(_) => "; is it the address on which it listens?",
        Unreachable::NoGreeter => "; what it offers instead, `greeter connect` shows",
    }
}

/// Makes all checks and prints what comes of them. The error is that of stdout.
async fn make_all(
    mut run: Run,
    mut report: Report,
    screen: &mut Screen,
    interrupts: &mut Signal,
    began: Instant,
) -> io::Result<ExitCode> {
    screen.print(&report.head())?;
    let mut end = End::Done;
    while let Some(check) = run.upcoming() {
        screen.print(&report.above(check))?;
        let live = |time| report.live(check, time);
        let Some(finding) = under_way(run.next(), live, screen, interrupts).await? else {
            end = End::Interrupted;
            break;
        };
        screen.print(&finding.map(|finding| report.finding(&finding)).unwrap_or_default())?;
    }
    screen.print(&report.end(began.elapsed(), end))?;
    run.leave().await;
    Ok(match end {
        End::Interrupted => ExitCode::from(INTERRUPTED),
        End::Done if report.tally().is_good() => ExitCode::SUCCESS,
        End::Done => ExitCode::FAILURE,
    })
}

/// Waits for something, with its time running on a terminal. `None` after `Ctrl-C`. The error is that of stdout.
async fn under_way<T>(
    what: impl Future<Output = T>,
    live: impl Fn(Duration) -> Option<String>,
    screen: &mut Screen,
    interrupts: &mut Signal,
) -> io::Result<Option<T>> {
    let began = Instant::now();
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    // The first is due at once: what is over sooner is not seen under way.
    tick.tick().await;
    let mut what = pin!(what);
    loop {
        tokio::select! {
            biased;
            _ = interrupts.recv() => return Ok(None),
            done = &mut what => return Ok(Some(done)),
            _ = tick.tick() => {
                if let Some(row) = live(began.elapsed()) {
                    screen.live(&row)?;
                }
            }
        }
    }
}

/// How it is printed.
fn face(check: &Check) -> Face {
    let (depth, signs) = (locale::depth(), locale::signs(check.ascii));
    match check.form {
        CheckForm::Events => Face::Events,
        CheckForm::Lines if io::stdout().is_terminal() && !locale::is_dumb() => {
            Face::Table(Table::new(Paint { depth, signs }, locale::columns().into()))
        }
        CheckForm::Lines => Face::Lines(Paint { depth: Depth::None, signs }),
    }
}
