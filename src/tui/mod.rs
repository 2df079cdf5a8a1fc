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
mod editor;
mod effects;
mod events;
mod gate;
mod hangup;
pub mod help;
pub mod history;
pub mod input;
pub mod layout;
pub mod model;
mod panic;
mod reader;
pub mod save;
mod scratch;
mod session;
pub mod shell;
mod signals;
pub mod terminal;
pub mod update;
pub mod view;

use std::{io, time::Instant};

use crossterm::event::Event;

use crate::{rpc::Runtime, schema::Kind};
use editor::{Editing, Editor, EditorError};
use events::{Events, Resting};
use gate::{Gate, Wish};
use history::HistoryFile;
use model::{Draft, EmbeddedState, Mouse};
pub use reader::AddressReader;
pub use session::{Remote, Session, Start};
use signals::{Heard, Signals};
use terminal::{Lent, Screen};
pub use update::TerminalWish;
use view::{Ground, Look, Theme, view};

/// How the screen should be.
#[derive(Debug)]
pub struct Options {
    /// Whether clicks and the wheel come here.
    pub mouse: Mouse,
    /// Where sent lines are kept; nowhere if there is none.
    pub history: Option<HistoryFile>,
    /// What the terminal can show.
    pub look: Look,
    /// Reads the addresses that are typed.
    pub reader: AddressReader,
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

/// The most events that are handled before a frame is drawn for them.
const EVENTS_A_FRAME: usize = 256;

/// Runs the screen until the user leaves it. Tasks run on `runtime`.
///
/// An error is the terminal's: it could not be taken, or went away.
pub fn run(start: Start, options: Options, runtime: &Runtime) -> io::Result<Left> {
    panic::watch();
    hangup::watch()?;
    hangup::watch_signals(runtime.handle())?;
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
    /// A line that is to be edited outside.
    draft: Option<Draft>,
    /// What has the terminal if it is not the screen.
    away: Option<Away>,
    left: Option<Left>,
}

/// The terminal is an editor's: no frame is drawn and no event read, while calls live on.
struct Away {
    editing: Editing,
    lent: Lent,
    _resting: Resting,
}

impl App {
    fn enter(start: Start, options: Options, runtime: &Runtime) -> io::Result<Self> {
        let screen = Screen::enter(options.mouse)?;
        let session = Session::new(start, options.mouse, options.history, Screen::size()?, runtime);
        let session = session.reading(options.reader);
        let gate = Gate::new(Instant::now());
        let (look, background) = (options.look, background::Listener::deaf());
        let theme = Theme::of(look);
        Ok(Self { session, look, theme, background, gate, screen, draft: None, away: None, left: None })
    }

    async fn run(mut self, runtime: &Runtime) -> io::Result<Left> {
        let mut events = Events::listen()?;
        let mut signals = Signals::listen()?;
        if self.look.background == Ground::Ask {
            self.background = background::Listener::default();
            Screen::ask_background()?;
        }
        self.draw()?;
        if cfg!(debug_assertions) {
            panic::rehearse(runtime.handle());
        }
        loop {
            if let Some(left) = self.left.take() {
                self.call_back().await;
                return Ok(left);
            }
            if let Some(draft) = self.draft.take() {
                self.open_editor(draft, &mut events).await?;
            }
            let due = self.gate.due();
            tokio::select! {
                biased;
                heard = signals.next() => self.signal(heard)?,
                report = panic::elsewhere() => self.left = Some(Left::Panic(report)),
                // Before the events, so that a flood of them is seen.
                () = sleep_until(due) => self.draw()?,
                event = events.next() => self.events(event, &mut events)?,
                edited = edited(&mut self.away) => self.edited(edited)?,
                () = self.session.changed(), if !self.gate.news_wait() => {
                    self.gate.wish(Wish::News, Instant::now());
                }
            }
        }
    }

    fn signal(&mut self, heard: Heard) -> io::Result<()> {
        match heard {
            // The editor's: the terminal gives them to the whole job.
            Heard::End(number) if self.away.is_some() && signals::is_of_a_key(number) => {}
            Heard::Continued if self.away.is_some() => {}
            Heard::End(number) => self.left = Some(Left::Signal(number)),
            Heard::Continued => {
                self.screen.retake()?;
                self.resized()?;
            }
        }
        Ok(())
    }

    /// Handles an event and all that are waiting after it; one frame is drawn for them.
    fn events(&mut self, first: Option<io::Result<Event>>, events: &mut Events) -> io::Result<()> {
        self.event(first.ok_or_else(events::gone)??)?;
        for _ in 1..EVENTS_A_FRAME {
            if self.left.is_some() || self.draft.is_some() {
                break;
            }
            match events.waiting() {
                Some(event) => self.event(event?)?,
                None => break,
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
        let takes_news = self.gate.takes_news(Instant::now()) || self.session.was_opened();
        if takes_news {
            self.session.take_news();
            self.grant_wishes()?;
        } else {
            self.session.pass_time();
        }
        if self.away.is_none() {
            let (model, theme) = (self.session.model(), &self.theme);
            self.screen.draw(model.size, |frame| view(model, theme, frame))?;
        }
        if takes_news {
            self.gate.drawn(Instant::now());
        } else {
            self.gate.drawn_without_news();
        }
        if self.away.is_some() {
            return Ok(());
        }
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
                TerminalWish::Edit(draft) => self.draft = Some(draft),
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

    /// Gives the terminal to the user's editor.
    async fn open_editor(&mut self, draft: Draft, events: &mut Events) -> io::Result<()> {
        let pane = draft.pane;
        let editor = match Editor::prepare(draft) {
            Ok(editor) => editor,
            Err(error) => return self.back_in(pane, Err(error)),
        };
        let resting = events.rest().await?;
        let lent = self.screen.lend()?;
        match editor.run() {
            Ok(editing) => self.away = Some(Away { editing, lent, _resting: resting }),
            Err(error) => {
                self.screen.take_back(&lent)?;
                self.back_in(pane, Err(error))?;
            }
        }
        Ok(())
    }

    /// The editor ended, and the terminal is the screen's again.
    fn edited(&mut self, edited: Result<String, EditorError>) -> io::Result<()> {
        let Some(away) = self.away.take() else { return Ok(()) };
        self.screen.take_back(&away.lent)?;
        self.back_in(away.editing.pane(), edited)
    }

    fn back_in(&mut self, pane: Kind, edited: Result<String, EditorError>) -> io::Result<()> {
        self.session.edited(pane, edited.map_err(|error| error.to_string()));
        self.resized()
    }

    /// Ends an editor that has the terminal, since the program ends.
    async fn call_back(&mut self) {
        if let Some(away) = self.away.take() {
            away.editing.end().await;
            // Next it is given back to the shell, if it is still there.
            let _ = self.screen.take_back(&away.lent);
        }
    }

    /// Reads the size again, since changes were not noticed for a while.
    fn resized(&mut self) -> io::Result<()> {
        let (width, height) = Screen::size()?;
        self.session.event(Event::Resize(width, height));
        self.gate.wish(Wish::Key, Instant::now());
        Ok(())
    }
}

/// Waits for an editor to end with the line.
async fn edited(away: &mut Option<Away>) -> Result<String, EditorError> {
    match away {
        Some(away) => away.editing.text().await,
        None => std::future::pending().await,
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
