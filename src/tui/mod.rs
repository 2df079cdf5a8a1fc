//! The interactive face: events in, frames out.
//!
//! ```text
//! key → Action → update → Effect → call task → Batch → update → Model → view
//! ```
//!
//! [`Session`] is the screen without a terminal: model, update and effects. [`run`] is the loop that
//! gives it one. The loop waits for channels and signals only; whatever takes time is a task on the
//! rpc side.

pub mod action;
mod background;
mod effects;
mod environment;
mod events;
mod gate;
mod hangup;
pub mod help;
pub mod history;
pub mod input;
pub mod layout;
pub mod model;
mod panic;
pub mod save;
mod session;
pub mod shell;
mod signals;
pub mod terminal;
pub mod update;
pub mod view;

use std::{io, time::Instant};

use crossterm::event::Event;

use crate::rpc::Runtime;
use events::Events;
use gate::{Gate, Wish};
use history::HistoryFile;
use model::{EmbeddedState, Mouse};
pub use session::{Remote, Session, Start, TerminalWish};
use signals::{Heard, Signals};
use terminal::Screen;
use view::{Ground, Look, Theme, view};

/// How the screen is to be.
#[derive(Debug)]
pub struct Options {
    /// Whether clicks and the wheel come here.
    pub mouse: Mouse,
    /// Where sent lines are kept; nowhere if there is none.
    pub history: Option<HistoryFile>,
    /// What the terminal can show.
    pub look: Look,
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

/// Runs the screen until the user leaves it. Tasks run on `runtime`.
///
/// An error is the terminal's: it could not be taken, or went away.
pub fn run(start: Start, options: Options, runtime: &Runtime) -> io::Result<Left> {
    panic::watch();
    hangup::watch()?;
    let ui = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let left = ui.block_on(async { App::enter(start, options, runtime)?.run(runtime).await });
    ui.shutdown_background();
    match left {
        Err(_) if hangup::is_gone() => Ok(Left::Signal(hangup::SIGNAL)),
        left => left,
    }
}

struct App {
    session: Session,
    look: Look,
    theme: Theme,
    background: background::Listener,
    gate: Gate,
    screen: Screen,
    left: Option<Left>,
}

impl App {
    fn enter(start: Start, options: Options, runtime: &Runtime) -> io::Result<Self> {
        let screen = Screen::enter(options.mouse)?;
        let session = Session::new(start, options.mouse, options.history, Screen::size()?, runtime);
        let gate = Gate::new(Instant::now());
        let (look, background) = (options.look, background::Listener::deaf());
        Ok(Self { session, look, theme: Theme::of(look), background, gate, screen, left: None })
    }

    async fn run(mut self, runtime: &Runtime) -> io::Result<Left> {
        let mut events = Events::listen()?;
        let mut signals = Signals::listen()?;
        let mut waiting_to_be_drawn = false;
        if self.look.background == Ground::Ask {
            self.background = background::Listener::default();
            Screen::ask_background()?;
        }
        self.draw()?;
        if cfg!(debug_assertions) {
            panic::rehearse(runtime.handle());
        }
        loop {
            if let Some(left) = self.left {
                return Ok(left);
            }
            let due = self.gate.due();
            tokio::select! {
                biased;
                heard = signals.next() => self.signal(heard)?,
                report = panic::elsewhere() => self.left = Some(Left::Panic(report)),
                // Before the events, so that a flood of them is seen.
                () = sleep_until(due) => {
                    self.draw()?;
                    waiting_to_be_drawn = false;
                }
                event = events.next() => self.events(event, &mut events)?,
                () = self.session.changed(), if !waiting_to_be_drawn => {
                    waiting_to_be_drawn = true;
                    self.gate.wish(Wish::News, Instant::now());
                }
            }
        }
    }

    fn signal(&mut self, heard: Heard) -> io::Result<()> {
        match heard {
            Heard::End(number) => self.left = Some(Left::Signal(number)),
            Heard::Continued => {
                self.screen.retake()?;
                self.resized()?;
            }
        }
        Ok(())
    }

    /// Takes an event and all that wait behind it; one frame is drawn for them.
    fn events(&mut self, first: Option<io::Result<Event>>, events: &mut Events) -> io::Result<()> {
        let Some(first) = first else {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the terminal went away"));
        };
        self.event(first?)?;
        for _ in 1..EVENTS_A_FRAME {
            match events.waiting() {
                Some(event) if self.left.is_none() => self.event(event?)?,
                _ => break,
            }
        }
        self.gate.wish(Wish::Key, Instant::now());
        Ok(())
    }

    fn event(&mut self, event: Event) -> io::Result<()> {
        match self.background.hear(event) {
            background::Heard::Perhaps => {}
            background::Heard::Background(background) => {
                self.look.background = Ground::Known(background);
                self.theme = Theme::of(self.look);
            }
            background::Heard::Events(events) => {
                for event in events {
                    self.session.event(event);
                    self.grant_wishes()?;
                }
            }
        }
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        self.session.take_news();
        self.grant_wishes()?;
        let (model, theme) = (self.session.model(), &self.theme);
        self.screen.draw(model.size, |frame| view(model, theme, frame))?;
        let now = Instant::now();
        self.gate.drawn(now);
        if let Some(tick) = self.session.model().next_tick() {
            self.gate.wish_at(tick);
        }
        Ok(())
    }

    fn grant_wishes(&mut self) -> io::Result<()> {
        for wish in self.session.wishes() {
            match wish {
                TerminalWish::Quit => self.left = Some(Left::Quit),
                TerminalWish::Redraw => self.screen.forget()?,
                TerminalWish::Copy(text) => self.screen.copy(&text)?,
                TerminalWish::Mouse(mouse) => self.screen.mouse(mouse)?,
                TerminalWish::Suspend => self.suspend()?,
            }
        }
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        let serving = matches!(self.session.model().embedded.state, EmbeddedState::Serving(_));
        let words = if serving {
            "greeter is suspended, and its embedded server with it; fg returns\r\n"
        } else {
            "greeter is suspended; fg returns\r\n"
        };
        self.screen.suspend(words)?;
        self.resized()
    }

    /// Reads the size again, after a time in which changes were not heard.
    fn resized(&mut self) -> io::Result<()> {
        let (width, height) = Screen::size()?;
        self.session.event(Event::Resize(width, height));
        self.gate.wish(Wish::Key, Instant::now());
        Ok(())
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        // A timer would round this up to its next millisecond.
        Some(due) if due <= Instant::now() => {}
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
