//! `greeter bench`: load on a server, and how long its calls take.
//!
//! [`load`] makes the calls, [`latencies`] counts their times, and [`report`] and [`event`] say what came of it. One call is made
//! before there is load: a server that says no to it would only say it a million times.

mod event;
mod histogram;
mod latencies;
mod load;
mod report;

use std::{
    cell::Cell,
    convert::Infallible,
    fs,
    io::{self, IsTerminal, Write},
    pin::pin,
    process::ExitCode,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::future::join_all;
use rustix::time::{ClockId, clock_gettime};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::{MissedTickBehavior, interval},
};

use self::{
    load::{Demand, Load, Subject, Tally},
    report::{Page, Setting},
};
use super::{
    Failure,
    call::encoded,
    locale,
    output::{INTERRUPTED, TERMINATED, not_printed},
    paint::Paint,
    resolve::{self, Certainty, Resolved, Unasked},
    route::{Reached, Route},
};
use crate::{
    cli::{Bench, BenchForm, Input},
    rpc::{Code, Status},
    schema::MethodName,
    tui::view::Depth,
};

/// How often it is told how it goes.
const TICK: Duration = Duration::from_millis(100);
/// What is said where nothing was written, and the request is a text.
const NAME: &str = "World";

/// Puts load on a server, and exits with 0 only where all calls were OK.
pub(super) async fn bench(bench: &Bench) -> Result<ExitCode, Failure> {
    let mut interrupts = signal(SignalKind::interrupt()).map_err(Failure::undone)?;
    let mut terminates = signal(SignalKind::terminate()).map_err(Failure::undone)?;
    // What the program exits with then.
    let mut stopped = pin!(async {
        tokio::select! {
            _ = interrupts.recv() => INTERRUPTED,
            _ = terminates.recv() => TERMINATED,
        }
    });
    let name = MethodName::read(&bench.method);
    let route = Route::read(&bench.reach)?;
    let guess =
        resolve::without_asking(&name, &route).and_then(|guess| subject(bench, guess, route.max_request()));
    let guess = if route.knows_all() { Ok(guess?) } else { guess };
    let (target, face) = (route.target(), Face::of(bench));
    let mut reached = vec![route.open().await?];
    let ready = tokio::select! {
        ready = prepare(bench, &name, guess, &mut reached) => Ok(ready),
        code = &mut stopped => Err(code),
        never = face.waiting(&target) => match never {},
    };
    face.clear();
    let done = match ready {
        Ok(Ok(subject)) => {
            let setting = Setting::new(bench, target, &subject.method);
            put_on(Load::new(&reached, &subject, setting.plan), &setting, &face, stopped).await
        }
        Ok(Err(failure)) => Err(failure),
        Err(code) => Ok(ExitCode::from(code)),
    };
    join_all(reached.into_iter().map(Reached::leave)).await;
    done
}

/// Finds out what is called, and makes a first call on each connection: connecting is no part of a call's time.
async fn prepare(
    bench: &Bench,
    name: &MethodName,
    guess: Result<Subject, Failure>,
    reached: &mut Vec<Reached>,
) -> Result<Subject, Failure> {
    let subject = settle(bench, name, guess, &reached[0]).await?;
    for _ in 1..bench.connections {
        reached.push(Route::read(&bench.reach)?.open().await?);
    }
    let tried = join_all(reached[1..].iter().map(|reached| load::trial(reached, &subject))).await;
    match tried.into_iter().find(|status| !status.is_ok()) {
        Some(refused) => Err(Failure::Status(Box::new(refused))),
        None => Ok(subject),
    }
}

/// Puts the load on, and tells what came of it.
async fn put_on(
    load: Load<'_>,
    setting: &Setting,
    face: &Face,
    stop: impl Future<Output = u8>,
) -> Result<ExitCode, Failure> {
    // With nobody to tell there is no load.
    if !is_heard(face.begin(setting))? {
        return Ok(ExitCode::FAILURE);
    }
    let work = Work::begin();
    let ended = run(&load, setting, face, stop).await;
    let (tally, busy) = (load.end(), work.part());
    // That nobody hears of it does not make it better.
    is_heard(face.end(setting, &tally, busy))?;
    Ok(match ended {
        Ended::Stopped(code) => ExitCode::from(code),
        Ended::Done if is_good(&tally) => ExitCode::SUCCESS,
        Ended::Done => ExitCode::FAILURE,
    })
}

/// Whether somebody reads what was printed.
fn is_heard(printed: io::Result<()>) -> Result<bool, Failure> {
    match printed {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(not_printed(error)),
    }
}

/// Whether all calls that were due were made, and all were OK, and there were any.
fn is_good(tally: &Tally) -> bool {
    tally.calls() > 0 && tally.failed() == 0 && tally.not_begun == 0
}

/// How the load ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Done,
    /// By a signal, and that is what the program exits with.
    Stopped(u8),
}

/// Lets the load run, and tells how it goes.
async fn run(load: &Load<'_>, setting: &Setting, face: &Face, stop: impl Future<Output = u8>) -> Ended {
    let ended = Cell::new(Ended::Done);
    let mut run = pin!(load.run(async { ended.set(Ended::Stopped(stop.await)) }));
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = &mut run => break,
            _ = tick.tick() => load.so_far(|tally, time| face.live(setting, tally, time)),
        }
    }
    ended.get()
}

/// The method and its messages, of which a call went well. The server is asked where the guess is none, or where it
/// does not have what was guessed.
async fn settle(
    bench: &Bench,
    name: &MethodName,
    guess: Result<Subject, Failure>,
    reached: &Reached,
) -> Result<Subject, Failure> {
    let unknown = match guess {
        Ok(subject) => match tried(reached, subject).await {
            Err((Certainty::Likely, status)) if status.code == Code::Unimplemented => {
                Failure::Status(Box::new(status))
            }
            tried => return tried.map_err(|(_, status)| Failure::Status(Box::new(status))),
        },
        Err(unknown) => unknown,
    };
    let asked = match resolve::ask(reached, name).await {
        Ok(asked) => asked,
        Err(Unasked::NoReflection) if matches!(unknown, Failure::Status(_)) => return Err(unknown),
        Err(unasked) => return Err(unasked.failure(&unknown)),
    };
    let subject = subject(bench, asked, reached.max_request())?;
    tried(reached, subject).await.map_err(|(_, status)| Failure::Status(Box::new(status)))
}

/// What a call of it went well with; else how it ended.
async fn tried(reached: &Reached, subject: Subject) -> Result<Subject, (Certainty, Status)> {
    let status = load::trial(reached, &subject).await;
    if status.is_ok() { Ok(subject) } else { Err((subject.certainty, status)) }
}

/// What each call is to be.
fn subject(bench: &Bench, resolved: Resolved, limit: Option<usize>) -> Result<Subject, Failure> {
    let Resolved { method, certainty, .. } = resolved;
    let is_text = method.request().line_field().is_some();
    let unsaid = || Input::Names(vec![if is_text { NAME } else { "{}" }.to_owned()]);
    let input = bench.input.clone().unwrap_or_else(unsaid);
    let messages = encoded(&input, &method, limit).map_err(Failure::usage)?;
    let demand = match (method.kind().sends_stream(), <[Bytes; 1]>::try_from(messages)) {
        (false, Ok([message])) => Demand::One(message),
        (false, Err(messages)) => {
            let words =
                format!("a call of {} takes 1 message, and {} were given", method.name(), messages.len());
            return Err(Failure::usage(words));
        }
        (true, messages) => Demand::Stream(messages.map_or_else(|messages| messages, Vec::from)),
    };
    Ok(Subject { method, demand, certainty })
}

/// What is printed: the result on stdout, how it goes on stderr.
struct Face {
    form: BenchForm,
    page: Page,
    /// Whether stderr is a terminal that can draw a row again and again.
    is_live: bool,
}

impl Face {
    fn of(bench: &Bench) -> Self {
        let is_terminal = io::stdout().is_terminal() && !locale::is_dumb();
        let depth = if is_terminal { locale::depth() } else { Depth::None };
        let page = Page::new(Paint { depth, signs: locale::signs(bench.ascii) }, locale::columns());
        Self { form: bench.form, page, is_live: io::stderr().is_terminal() && !locale::is_dumb() }
    }

    fn begin(&self, setting: &Setting) -> io::Result<()> {
        match self.form {
            BenchForm::Lines => print(&self.page.head(setting)),
            BenchForm::Event => Ok(()),
        }
    }

    /// Tells that the first call is not over, for as long as it is not.
    async fn waiting(&self, target: &str) -> Infallible {
        let began = Instant::now();
        let mut tick = interval(TICK);
        // What is over sooner is not seen under way.
        tick.tick().await;
        loop {
            tick.tick().await;
            self.draw(|page, columns| page.waiting(target, began.elapsed(), columns));
        }
    }

    fn live(&self, setting: &Setting, tally: &Tally, time: Duration) {
        self.draw(|page, columns| page.live(setting, tally, time, columns));
    }

    /// Draws the row again. Where nobody sees it, nothing is lost.
    fn draw(&self, row: impl FnOnce(&Page, u16) -> String) {
        if self.is_live {
            let row = row(&self.page, locale::columns());
            let _unseen = write!(io::stderr(), "{row}\x1b[K\r");
        }
    }

    fn clear(&self) {
        if self.is_live {
            let _unseen = write!(io::stderr(), "\r\x1b[K");
        }
    }

    fn end(&self, setting: &Setting, tally: &Tally, busy: f64) -> io::Result<()> {
        self.clear();
        match self.form {
            BenchForm::Lines => print(&self.page.end(setting, tally, busy)),
            BenchForm::Event => print(&(event::event(setting, tally, busy) + "\n")),
        }
    }
}

fn print(page: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(page.as_bytes())?;
    stdout.flush()
}

/// What this thread has had to do since.
struct Work {
    began: Instant,
    worked: Duration,
}

impl Work {
    fn begin() -> Self {
        Self { began: Instant::now(), worked: worked() + waited() }
    }

    /// As a part of the time, from 0 to 1.
    fn part(&self) -> f64 {
        let worked = (worked() + waited()).saturating_sub(self.worked);
        (worked.as_secs_f64() / self.began.elapsed().as_secs_f64()).min(1.0)
    }
}

/// The processor's time that this thread has taken.
fn worked() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// How long this thread had work and no processor, where Linux tells (proc(5), `schedstat`).
fn waited() -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|told| told.split(' ').nth(1)?.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}
