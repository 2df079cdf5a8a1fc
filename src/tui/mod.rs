//! The interactive face: events in, frames out.
//!
//! ```text
//! key → Action → update → Effect → call task → Batch → update → Model → view
//! ```
//!
//! The loop waits for channels and signals only; whatever takes time is a task on the rpc side.

pub mod action;
mod effects;
mod gate;
pub mod help;
pub mod input;
pub mod layout;
pub mod model;
mod panic;
pub mod terminal;
pub mod update;
pub mod view;

use std::{future::poll_fn, io, task::Poll, time::Instant};

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
};

use crate::{
    rpc::{ChannelId, Outbox, Runtime, Target},
    server::{Server, Settings},
};
use effects::Effects;
use gate::{Gate, Wish};
use model::{Asking, Embedded, EmbeddedState, Link, LinkState, Model, Mouse, Panel, ServerPlace};
use terminal::Screen;
use update::{Effect, EmbeddedNews, Msg, update};
use view::{Theme, view};

/// What the screen begins with.
#[derive(Debug)]
pub struct Options {
    /// The server to be on.
    pub start: Start,
    /// Replies and pause of the embedded server, whenever it is started.
    pub settings: Settings,
    /// Whether clicks and the wheel come here.
    pub mouse: Mouse,
    /// The styles.
    pub theme: Theme,
}

/// The server that the screen begins on.
#[derive(Debug)]
pub enum Start {
    /// The embedded one, already started on the rpc side.
    Embedded(Server),
    /// Another.
    Remote(Target),
}

/// How the screen was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// The user quit.
    Quit,
    /// A signal came; its number.
    Signal(i32),
    /// Another thread panicked; its report.
    Panic(String),
}

/// The most events that are taken before a frame is drawn for them.
const EVENTS_A_FRAME: usize = 256;
/// The most results of tasks that wait to be taken.
const RESULTS: usize = 256;

/// Runs the screen until the user leaves it. Tasks run on `runtime`.
///
/// An error is the terminal's: it could not be taken, or went away.
pub fn run(options: Options, runtime: &Runtime) -> io::Result<Left> {
    panic::watch();
    let ui = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let left = ui.block_on(async { App::enter(options, runtime)?.run(runtime).await });
    ui.shutdown_background();
    left
}

struct App {
    model: Model,
    theme: Theme,
    effects: Effects,
    outbox: Outbox,
    results: mpsc::Receiver<Msg>,
    gate: Gate,
    screen: Screen,
    left: Option<Left>,
}

impl App {
    fn enter(options: Options, runtime: &Runtime) -> io::Result<Self> {
        let outbox = Outbox::new();
        let (send, results) = mpsc::channel(RESULTS);
        let mut effects = Effects::new(runtime.handle().clone(), outbox.clone(), send);
        let mut embedded = Embedded::new(options.settings);
        let linked = match options.start {
            Start::Embedded(server) => {
                let address = server.address();
                embedded.address = Some(address);
                embedded.state = EmbeddedState::Serving(server.counts());
                effects.adopt(server);
                effects.run(Effect::ConnectEmbedded(address))
            }
            Start::Remote(target) => Some(effects.link(target, ServerPlace::Remote)),
        };
        let screen = Screen::enter(options.mouse)?;
        let now = Instant::now();
        let link = Link {
            id: ChannelId(0),
            address: String::new(),
            place: ServerPlace::Embedded,
            state: LinkState::Connecting,
            asking: Asking::Done,
        };
        let mut model = Model::new(now, Screen::size()?, link, embedded);
        model.mouse = options.mouse;
        let theme = options.theme;
        let gate = Gate::new(now);
        let mut app = Self { model, theme, effects, outbox, results, gate, screen, left: None };
        if let Some(linked) = linked {
            app.take(linked)?;
        }
        Ok(app)
    }

    async fn run(mut self, runtime: &Runtime) -> io::Result<Left> {
        let mut events = EventStream::new();
        let mut signals = Signals::listen()?;
        let mut news = false;
        self.draw()?;
        if cfg!(debug_assertions) {
            panic::rehearse(runtime.handle());
        }
        while self.left.is_none() {
            let due = self.gate.due();
            tokio::select! {
                biased;
                event = events.next() => self.events(event, &mut events).await?,
                signal = signals.next() => self.left = Some(Left::Signal(signal)),
                report = panic::elsewhere() => self.left = Some(Left::Panic(report)),
                () = sleep_until(due) => {
                    self.draw()?;
                    news = false;
                }
                Some(msg) = self.results.recv() => {
                    self.take(msg)?;
                    self.gate.wish(Wish::News, Instant::now());
                }
                () = self.outbox.changed(), if !news => {
                    news = true;
                    self.gate.wish(Wish::News, Instant::now());
                }
            }
        }
        Ok(self.left.unwrap_or(Left::Quit))
    }

    /// Takes an event and all that wait behind it; one frame is drawn for them.
    async fn events(&mut self, first: Option<io::Result<Event>>, events: &mut EventStream) -> io::Result<()> {
        let mut next = first;
        for _ in 0..EVENTS_A_FRAME {
            let Some(event) = next else {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the terminal went away"));
            };
            if let Some(msg) = input::read(event?, &self.model) {
                self.take(msg)?;
            }
            // Polled with this task's own waker: the stream keeps the one it saw last.
            match poll_fn(|cx| Poll::Ready(events.poll_next_unpin(cx))).await {
                Poll::Ready(event) if self.left.is_none() => next = event,
                _ => break,
            }
        }
        self.gate.wish(Wish::Key, Instant::now());
        Ok(())
    }

    /// Updates the model for a message, and runs what is to be done.
    fn take(&mut self, msg: Msg) -> io::Result<()> {
        let mut waiting = vec![Msg::Clock(Instant::now()), msg];
        waiting.reverse();
        while let Some(msg) = waiting.pop() {
            for effect in update(&mut self.model, msg) {
                let at_once = self.run_effect(effect)?;
                waiting.extend(at_once);
            }
        }
        Ok(())
    }

    fn run_effect(&mut self, effect: Effect) -> io::Result<Option<Msg>> {
        match effect {
            Effect::Quit => self.left = Some(Left::Quit),
            Effect::Redraw => self.screen.forget()?,
            Effect::Copy(text) => self.screen.copy(&text)?,
            Effect::Mouse(mouse) => self.screen.mouse(mouse)?,
            Effect::Suspend => return self.suspend().map(Some),
            effect => return Ok(self.effects.run(effect)),
        }
        Ok(None)
    }

    fn suspend(&mut self) -> io::Result<Msg> {
        let serving = matches!(self.model.embedded.state, EmbeddedState::Serving(_));
        let words = match serving {
            true => "greeter is suspended, and its embedded server with it; fg returns\r\n",
            false => "greeter is suspended; fg returns\r\n",
        };
        self.screen.suspend(words)?;
        let (width, height) = Screen::size()?;
        Ok(Msg::Resize(width, height))
    }

    fn draw(&mut self) -> io::Result<()> {
        let batch = self.outbox.take();
        self.effects.retire(&batch);
        self.take(Msg::News(batch))?;
        if let (Some(Panel::Server(_)), Some(counts)) = (&self.model.panel, self.effects.counts()) {
            self.take(Msg::Embedded(EmbeddedNews::Counted(counts)))?;
        }
        let (model, theme) = (&self.model, &self.theme);
        self.screen.draw(model.size, |frame| view(model, theme, frame))?;
        let now = Instant::now();
        self.gate.drawn(now);
        if self.model.is_ticking() {
            self.gate.wish(Wish::Timer, now);
        }
        Ok(())
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}

/// The signals that end the program.
struct Signals {
    signals: Vec<(i32, Signal)>,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        let kinds =
            [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()];
        let signals: io::Result<Vec<_>> =
            kinds.into_iter().map(|kind| Ok((kind.as_raw_value(), signal(kind)?))).collect();
        Ok(Self { signals: signals? })
    }

    /// Waits for one of them and says its number.
    async fn next(&mut self) -> i32 {
        poll_fn(|cx| {
            for (number, signal) in &mut self.signals {
                if signal.poll_recv(cx).is_ready() {
                    return Poll::Ready(*number);
                }
            }
            Poll::Pending
        })
        .await
    }
}
