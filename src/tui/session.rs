//! The screen without a terminal: events go in, and a model to be drawn and requests to the terminal come out. The
//! loop gives it a terminal; the project's pictures are drawn without one.

use std::{sync::Arc, time::Instant};

use crossterm::event::Event;
use tokio::sync::mpsc;

use super::{
    effects::Effects,
    history::HistoryFile,
    input,
    model::{Described, Draft, Embedded, EmbeddedState, Link, Model, Mouse, Options, Panel},
    reader::AddressReader,
    update::{Effect, EmbeddedNews, Msg, update},
};
use crate::{
    rpc::{ChannelSettings, Outbox, Runtime, Target},
    schema::Kind,
    server::{Server, Settings},
    wire::{Attention, WireLog},
};

/// The server that the screen begins on.
#[derive(Debug)]
pub enum Start {
    /// The embedded one, already started on the rpc side.
    Embedded(Server),
    /// Another server.
    Remote(Box<Remote>),
}

/// A server that is not embedded, and what is known of it.
#[derive(Debug)]
pub struct Remote {
    /// Where it is.
    pub target: Target,
    /// How it is connected to.
    pub reach: ChannelSettings,
    /// What files say can be called. With it the server is not asked.
    pub described: Option<Arc<Described>>,
    /// How calls are made, until the user says otherwise.
    pub options: Options,
    /// How the embedded server answers if it is ever started.
    pub settings: Settings,
}

/// What only a terminal can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminalWish {
    /// Draw everything anew.
    Redraw,
    /// Give the terminal to the user's own editor, with this text.
    Edit(Draft),
    /// Put text on the clipboard.
    Copy(String),
    /// Take the mouse, or let it go.
    Mouse(Mouse),
    /// Suspend the program.
    Suspend,
    /// Leave.
    Quit,
}

/// The most results of tasks that wait to be taken.
const RESULTS: usize = 256;

/// A model, and the hands that do what it asks for.
#[derive(Debug)]
pub struct Session {
    model: Model,
    effects: Effects,
    outbox: Outbox,
    results: mpsc::Receiver<Msg>,
    /// A result that has arrived and is not taken yet.
    result: Option<Msg>,
    wishes: Vec<TerminalWish>,
}

impl Session {
    /// A session on a server. Tasks run on `runtime`.
    ///
    /// Lines sent in earlier sessions are read from `history`, and those of this one added to it.
    pub fn new(
        start: Start,
        mouse: Mouse,
        history: Option<HistoryFile>,
        size: (u16, u16),
        runtime: &Runtime,
    ) -> Self {
        let outbox = Outbox::new();
        let (send, results) = mpsc::channel(RESULTS);
        let mut effects = Effects::new(runtime.handle().clone(), outbox.clone(), send, history);
        effects.recall();
        let (embedded, options, linked) = match start {
            Start::Embedded(server) => {
                let address = server.address();
                let embedded = Embedded {
                    address: Some(address),
                    settings: server.settings(),
                    state: EmbeddedState::Serving(server.counts()),
                    log: Vec::new(),
                };
                effects.adopt(server);
                (embedded, Options::default(), effects.run(Effect::ConnectEmbedded(address)))
            }
            Start::Remote(remote) => {
                let Remote { target, reach, described, options, settings } = *remote;
                if let Some(described) = described {
                    effects.describe(described);
                }
                (Embedded::new(settings), options, effects.run(Effect::Link(Box::new((target, reach)))))
            }
        };
        let mut model = Model::new(Instant::now(), size, Link::new(), embedded);
        model.mouse = mouse;
        model.options = options;
        let mut session = Self { model, effects, outbox, results, result: None, wishes: Vec::new() };
        if let Some(linked) = linked {
            session.take(linked);
        }
        session
    }

    /// The same session with this reader for addresses.
    #[must_use]
    pub fn reading(mut self, reader: AddressReader) -> Self {
        self.effects.read_addresses_by(reader);
        self
    }

    /// What is to be drawn.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Takes an event of the terminal.
    pub fn event(&mut self, event: Event) {
        if let Some(msg) = input::read(event, &self.model) {
            self.take(msg);
        }
    }

    /// Waits until there is news to be taken. Cancel-safe.
    pub async fn changed(&mut self) {
        if self.result.is_some() {
            return;
        }
        let frames = async {
            match self.effects.wire().filter(|_| shows_wire(&self.model)) {
                Some(log) => log.changed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.outbox.changed() => {}
            () = frames => {}
            result = self.results.recv() => self.result = result,
        }
    }

    /// Takes all news there are, and what time it is.
    pub fn take_news(&mut self) {
        let batch = self.outbox.take();
        self.effects.retire(&batch);
        self.take(Msg::News(batch));
        while let Some(result) = self.result.take().or_else(|| self.results.try_recv().ok()) {
            self.take(result);
        }
        if shows_wire(&self.model)
            && let Some(news) = self.effects.wire().map(WireLog::take).filter(|news| !news.is_empty())
        {
            self.take(Msg::Wire(news));
        }
        if matches!(self.model.panel, Some(Panel::Server(_)))
            && let Some((counts, log)) = self.effects.seen_by_server()
        {
            self.take(Msg::Embedded(EmbeddedNews::Seen(counts, log)));
        }
    }

    /// Takes the text of a pane's line from the editor, or the reason why there is none.
    pub fn edited(&mut self, pane: Kind, edited: Result<String, String>) {
        self.take(Msg::Edited(pane, edited));
    }

    /// What the terminal was asked for since this was last asked.
    pub fn wishes(&mut self) -> Vec<TerminalWish> {
        std::mem::take(&mut self.wishes)
    }

    /// Updates the model for a message, and runs what is to be done.
    fn take(&mut self, msg: Msg) {
        let mut waiting = vec![msg, Msg::Clock(Instant::now())];
        while let Some(msg) = waiting.pop() {
            for effect in update(&mut self.model, msg) {
                match effect {
                    Effect::Quit => self.wishes.push(TerminalWish::Quit),
                    Effect::Redraw => self.wishes.push(TerminalWish::Redraw),
                    Effect::Edit(draft) => self.wishes.push(TerminalWish::Edit(draft)),
                    Effect::Copy(text) => self.wishes.push(TerminalWish::Copy(text)),
                    Effect::Mouse(mouse) => self.wishes.push(TerminalWish::Mouse(mouse)),
                    Effect::Suspend => self.wishes.push(TerminalWish::Suspend),
                    effect => waiting.extend(self.effects.run(effect)),
                }
            }
        }
        self.effects.attend(if shows_wire(&self.model) { Attention::Open } else { Attention::Closed });
    }
}

fn shows_wire(model: &Model) -> bool {
    matches!(model.panel, Some(Panel::Wire(_)))
}
