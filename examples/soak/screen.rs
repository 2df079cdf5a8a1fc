//! The screen without a terminal: events go in, frames are drawn and thrown away.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use greeter::{
    rpc::{ChannelSettings, Runtime, Target, Wish},
    server::Settings,
    tui::{
        Remote, Session, Start,
        history::HistoryFile,
        model::{Model, Mouse, Options},
        view::{Background, Depth, Theme, view},
    },
};
use ratatui::{Terminal, backend::TestBackend};
use tokio::time::timeout;

use crate::Failure;

/// News are drawn as often as on a terminal.
const FRAME: Duration = Duration::from_millis(33);

pub(crate) struct Screen {
    session: Session,
    terminal: Terminal<TestBackend>,
    theme: Theme,
    drawn: Instant,
    ui: tokio::runtime::Runtime,
    /// The rpc side, which ends when this is dropped.
    _runtime: Runtime,
}

impl Screen {
    pub(crate) fn start(address: &str, history: HistoryFile) -> Result<Self, Failure> {
        const SIZE: (u16, u16) = (120, 36);
        let runtime = Runtime::start()?;
        let start = Start::Remote(Box::new(Remote {
            target: Target::parse(address, Wish::ByAddress)?,
            reach: ChannelSettings::default(),
            described: None,
            options: Options::default(),
            settings: Settings::default(),
        }));
        let ui = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self {
            session: Session::new(start, Mouse::Taken, Some(history), SIZE, &runtime),
            terminal: Terminal::new(TestBackend::new(SIZE.0, SIZE.1))?,
            theme: Theme::new(Background::Dark, Depth::True),
            drawn: Instant::now(),
            ui,
            _runtime: runtime,
        })
    }

    pub(crate) fn model(&self) -> &Model {
        self.session.model()
    }

    /// Waits for news, at most so long, and takes them.
    pub(crate) fn wait(&mut self, most: Duration) -> Result<(), Failure> {
        let session = &mut self.session;
        // Nothing new is as good.
        let _ = self.ui.block_on(async { timeout(most, session.changed()).await });
        session.take_news();
        if self.drawn.elapsed() >= FRAME {
            self.draw()?;
        }
        Ok(())
    }

    fn draw(&mut self) -> Result<(), Failure> {
        let (width, height) = self.model().size;
        if self.terminal.get_frame().area().as_size() != (width, height).into() {
            self.terminal = Terminal::new(TestBackend::new(width, height))?;
        }
        let (model, theme) = (self.session.model(), &self.theme);
        self.terminal.draw(|frame| view(model, theme, frame))?;
        self.drawn = Instant::now();
        Ok(())
    }

    pub(crate) fn event(&mut self, event: Event) {
        self.session.event(event);
        // Nothing that a terminal could do matters here, leaving least of all.
        self.session.wishes();
    }

    pub(crate) fn key(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        self.event(Event::Key(KeyEvent::new(code, modifiers)));
    }

    pub(crate) fn ctrl(&mut self, letter: char) {
        self.key(KeyCode::Char(letter), KeyModifiers::CONTROL);
    }

    /// Focuses a pane by its number.
    pub(crate) fn pane(&mut self, number: char) {
        self.key(KeyCode::Char(number), KeyModifiers::ALT);
    }

    pub(crate) fn typed(&mut self, text: &str) {
        for c in text.chars() {
            self.key(KeyCode::Char(c), KeyModifiers::NONE);
        }
    }

    /// Types a line and `Enter`.
    pub(crate) fn line(&mut self, text: &str) {
        self.typed(text);
        self.key(KeyCode::Enter, KeyModifiers::NONE);
    }
}
