//! The soak itself: deeds, kills, and the promises that are kept throughout.

use std::{
    panic,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crossterm::event::Event;
use greeter::{
    text,
    tui::{
        history::HistoryFile,
        model::{Pane, State},
    },
};
use tempfile::TempDir;

use crate::{
    Failure,
    chance::Chance,
    deeds,
    ledger::{Ledger, assert_all_end, is_ready, waits_for_a_server},
    memory,
    screen::Screen,
    serving::Serving,
};

/// How long the connection may take to come back: the longest pause and a fifth of it, and some work.
const RECOVERY: Duration = Duration::from_secs(15);
/// How often something is said.
const PROGRESS: Duration = Duration::from_secs(5);

/// What panicked, on whatever thread.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

pub(crate) struct Soak {
    screen: Screen,
    serving: Serving,
    chance: Chance,
    ledger: Ledger,
    /// The most memory that was in use, that the transcripts needed, and that they did not, in bytes.
    peak: u64,
    explained: u64,
    unexplained: u64,
    recoveries: u64,
    deeds: u64,
    _folder: TempDir,
}

impl Soak {
    pub(crate) fn start(seed: u64) -> Result<Self, Failure> {
        panic::set_hook(Box::new(|info| {
            PANICS.lock().unwrap_or_else(PoisonError::into_inner).push(info.to_string());
        }));
        let mut chance = Chance::new(seed);
        let serving = Serving::start(&mut chance)?;
        let folder = tempfile::tempdir()?;
        // Ctrl-S is among the keys, and saves where the program stands.
        std::env::set_current_dir(folder.path())?;
        let screen = Screen::start(&serving.address, HistoryFile::at(folder.path().join("history.jsonl")))?;
        Ok(Self {
            screen,
            serving,
            chance,
            ledger: Ledger::default(),
            peak: 0,
            explained: 0,
            unexplained: 0,
            recoveries: 0,
            deeds: 0,
            _folder: folder,
        })
    }

    /// Runs for so long. What stands in the result is what was done, or which promise was broken.
    pub(crate) fn run(mut self, time: Duration) -> Result<String, Failure> {
        let end = Instant::now() + time;
        let mut told = Instant::now();
        self.recovers()?;
        while Instant::now() < end {
            deeds::something(&mut self.screen, &mut self.chance, &self.serving.address)?;
            self.deeds += 1;
            let pause = Duration::from_millis(self.chance.below(30));
            self.step(pause)?;
            if told.elapsed() >= PROGRESS {
                told = Instant::now();
                println!("{}", self.so_far());
            }
            if self.serving.turn(&mut self.chance)? {
                self.recovers()?;
            }
        }
        self.all_calls_end()?;
        Ok(self.so_far())
    }

    /// Lets time go on, and looks whether all is well.
    fn step(&mut self, pause: Duration) -> Result<(), Failure> {
        self.screen.wait(pause)?;
        if let Some(panicked) = PANICS.lock().unwrap_or_else(PoisonError::into_inner).first() {
            return Err(format!("a thread panicked: {panicked}").into());
        }
        let model = self.screen.model();
        self.ledger.compare(model)?;
        if model.link.address == self.serving.address {
            assert_all_end(model, self.serving.killed)?;
        }
        let Some(resident) = memory::resident() else { return Ok(()) };
        self.peak = self.peak.max(resident);
        self.explained = self.explained.max(memory::explained(model));
        let unexplained = resident.saturating_sub(self.explained);
        self.unexplained = self.unexplained.max(unexplained);
        if unexplained > memory::MAX_UNEXPLAINED {
            let size = text::size(unexplained);
            return Err(format!("{size} of {} were never in a transcript", text::size(resident)).into());
        }
        Ok(())
    }

    fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) -> Result<(), Failure> {
        let began = Instant::now();
        while !holds(self) {
            self.step(Duration::from_millis(20))?;
            if began.elapsed() > RECOVERY {
                let model = self.screen.model();
                let live = model.panes.iter().flat_map(Pane::calls).find(|call| call.is_live());
                let state = live.map(|call| (call.id, &call.state));
                let last = model.panes[0].calls().back().map(|call| (call.id, &call.state));
                let (line, notice) = (model.panes[0].line.text(), &model.notice);
                let link = &model.link.state;
                return Err(format!(
                    "waited in vain for {what}: {link:?}, {state:?}; the first pane: {last:?}, {line:?}, {notice:?}"
                )
                .into());
            }
        }
        Ok(())
    }

    /// The connection is back, and a call is answered. Now it comes back by itself, now because it is wanted.
    fn recovers(&mut self) -> Result<(), Failure> {
        deeds::home(&mut self.screen, &self.serving.address)?;
        if self.chance.below(3) > 0 {
            self.screen.pane('1');
            deeds::empty_line(&mut self.screen);
            self.screen.line("is somebody there?");
        }
        self.until("the connection", |soak| {
            is_ready(soak.screen.model(), &soak.serving.address, soak.serving.killed)
        })?;
        self.screen.event(Event::Resize(120, 36));
        self.screen.pane('1');
        // What was typed there before it was left may be no name, and in the way of one.
        deeds::empty_line(&mut self.screen);
        self.screen.line("back again");
        let probe = self.screen.model().last_call;
        self.until("an answer", |soak| {
            let call = soak.screen.model().panes[0].call(probe);
            call.is_some_and(|call| matches!(&call.state, State::Ended { status, .. } if status.is_ok()))
        })?;
        self.recoveries += 1;
        self.serving.goes_on(&mut self.chance);
        Ok(())
    }

    /// Nothing lives on without a server, but what was asked to wait for one; and that ends when the user says so.
    fn all_calls_end(&mut self) -> Result<(), Failure> {
        self.serving.kill()?;
        self.until("the end of all calls", |soak| {
            let mut calls = soak.screen.model().panes.iter().flat_map(Pane::calls);
            calls.all(|call| !call.is_live() || waits_for_a_server(call))
        })?;
        deeds::home(&mut self.screen, &self.serving.address)?;
        deeds::cancel_all(&mut self.screen);
        self.until("the end of the calls that waited for a server", |soak| soak.screen.model().live() == 0)
    }

    fn so_far(&self) -> String {
        let model = self.screen.model();
        let now = memory::resident().unwrap_or_default();
        format!(
            "{} deeds, {} calls ({} live), {} replies, {} kills, {} recoveries; memory {}, at most {}, {} in transcripts, {} beside them",
            text::count(self.deeds),
            text::count(model.last_call.0.into()),
            model.live(),
            text::count(self.ledger.received),
            self.serving.kills,
            self.recoveries,
            text::size(now),
            text::size(self.peak),
            text::size(self.explained),
            text::size(self.unexplained),
        )
    }
}
