//! A session without a terminal, and a camera before it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::mpsc,
    time::Duration,
};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use greeter::{
    rpc::Runtime,
    server::{Server, Settings},
    tui::{
        Session, Start,
        model::{Model, Mouse},
        view::{Theme, view},
    },
};
use ratatui::{Terminal, backend::TestBackend};
use tokio::time::timeout;

use crate::{Failure, svg};

/// Columns and rows of a picture.
const SIZE: (u16, u16) = (120, 36);
/// The port in the pictures, where it is free.
const PORT: u16 = 41237;
/// How long a condition may take. None takes a tenth of it.
const GUARD: Duration = Duration::from_mins(1);

/// A session on an embedded server.
pub(crate) struct Camera {
    session: Session,
    ui: tokio::runtime::Runtime,
    /// The rpc side, which ends when this is dropped.
    _runtime: Runtime,
}

impl Camera {
    /// Starts a server and a session on it.
    pub(crate) fn start(settings: Settings) -> Result<Self, Failure> {
        let ui = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let runtime = Runtime::start()?;
        let server = start_server(&runtime, settings)?;
        let session = Session::new(Start::Embedded(server), Mouse::Taken, None, SIZE, &runtime);
        Ok(Self { session, ui, _runtime: runtime })
    }

    /// Presses keys by their names (`Ctrl-D`, `Enter`, `Alt-3`, `F2`); any other word is typed.
    pub(crate) fn keys(&mut self, keys: &str) {
        for word in keys.split(' ') {
            match named(word) {
                Some(key) => self.session.event(Event::Key(key)),
                None => {
                    for c in word.chars() {
                        self.session.event(Event::Key(KeyCode::Char(c).into()));
                    }
                }
            }
        }
    }

    /// Takes news until the model is as it should be.
    pub(crate) fn until(&mut self, what: &str, is_so: impl Fn(&Model) -> bool) -> Result<(), Failure> {
        let session = &mut self.session;
        let waiting = async {
            loop {
                session.take_news();
                if is_so(session.model()) {
                    return;
                }
                session.changed().await;
            }
        };
        let waited = self.ui.block_on(async { timeout(GUARD, waiting).await });
        waited.map_err(|_| format!("waited in vain: {what}").into())
    }

    /// The screen as it is now.
    pub(crate) fn draw(&self, paper: &svg::Paper, title: &str) -> Result<String, Failure> {
        let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1))?;
        let theme = Theme::new(paper.background, paper.depth);
        terminal.draw(|frame| view(self.session.model(), &theme, frame))?;
        let screen = terminal.backend();
        let cursor = screen.cursor_visible().then(|| screen.cursor_position());
        Ok(svg::draw(screen.buffer(), cursor, paper, title))
    }
}

fn start_server(runtime: &Runtime, settings: Settings) -> Result<Server, Failure> {
    let (tell, told) = mpsc::sync_channel(1);
    runtime.handle().spawn(async move {
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let started = match Server::start(at(PORT), settings).await {
            Err(_) => Server::start(at(0), settings).await,
            started => started,
        };
        let _ = tell.send(started);
    });
    Ok(told.recv()??)
}

fn named(word: &str) -> Option<KeyEvent> {
    let (modifiers, rest) = match word.split_once('-') {
        Some(("Ctrl", rest)) => (KeyModifiers::CONTROL, rest),
        Some(("Alt", rest)) => (KeyModifiers::ALT, rest),
        _ => (KeyModifiers::NONE, word),
    };
    let code = match rest {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Up" => KeyCode::Up,
        "F2" => KeyCode::F(2),
        "F3" => KeyCode::F(3),
        _ if modifiers.is_empty() => return None,
        one => KeyCode::Char(one.chars().next()?.to_ascii_lowercase()),
    };
    Some(KeyEvent::new(code, modifiers))
}
