//! The screen without a terminal: events go in, and a model to be drawn and requests to the terminal come out. The
//! loop gives it a terminal; the project's pictures are drawn without one.

use std::{
    collections::VecDeque,
    mem::{self, Discriminant},
    sync::Arc,
    time::Instant,
};

use crossterm::event::Event;
use tokio::sync::mpsc;

use super::{
    effects::Effects,
    history::HistoryFile,
    input,
    model::{Described, Embedded, EmbeddedState, Link, Model, Mouse, Options, Panel},
    reader::AddressReader,
    update::{Effect, EmbeddedNews, Msg, TerminalWish, update},
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
    was_opened: bool,
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
        let mut session =
            Self { model, effects, outbox, results, result: None, wishes: Vec::new(), was_opened: false };
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
        self.was_opened = false;
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

    /// Whether a panel was opened since news were taken, and would show what is old.
    pub fn was_opened(&self) -> bool {
        self.was_opened
    }

    /// Takes what time it is.
    pub fn pass_time(&mut self) {
        self.take(Msg::Clock(Instant::now()));
    }

    /// Takes the text of a pane's line from the editor, or the reason why there is none.
    pub fn edited(&mut self, pane: Kind, edited: Result<String, String>) {
        self.take(Msg::Edited(pane, edited));
    }

    /// What the terminal was asked for since this was last asked.
    pub fn wishes(&mut self) -> Vec<TerminalWish> {
        mem::take(&mut self.wishes)
    }

    /// Updates the model for a message, and runs what is to be done.
    fn take(&mut self, msg: Msg) {
        let panel = kind_of_panel(&self.model);
        let mut waiting = VecDeque::from([Msg::Clock(Instant::now()), msg]);
        while let Some(msg) = waiting.pop_front() {
            for effect in update(&mut self.model, msg) {
                match effect {
                    Effect::Terminal(wish) => self.wishes.push(wish),
                    effect => waiting.extend(self.effects.run(effect)),
                }
            }
        }
        self.was_opened |= kind_of_panel(&self.model) != panel;
        self.effects.attend(if shows_wire(&self.model) { Attention::Open } else { Attention::Closed });
    }
}

fn kind_of_panel(model: &Model) -> Option<Discriminant<Panel>> {
    model.panel.as_ref().map(mem::discriminant)
}

fn shows_wire(model: &Model) -> bool {
    matches!(model.panel, Some(Panel::Wire(_)))
}

#[cfg(test)]
mod tests {
    use std::{
        net::{Ipv4Addr, SocketAddr},
        time::Duration,
    };

    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    use tokio::time::timeout;

    use super::*;
    use crate::{
        rpc::{Code, Wish},
        tui::model::{Call, LinkState, ServerPlace, State},
    };

    const GUARD: Duration = Duration::from_secs(20);

    async fn server(runtime: &Runtime) -> Server {
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let started = runtime.handle().spawn(Server::start(free, Settings::default()));
        started.await.unwrap().unwrap()
    }

    async fn on_embedded(runtime: &Runtime) -> Session {
        let start = Start::Embedded(server(runtime).await);
        let mut session = Session::new(start, Mouse::Taken, None, (120, 36), runtime);
        until(&mut session, is_ready).await;
        session
    }

    async fn on_remote(server: &Server, runtime: &Runtime) -> Session {
        let remote = Remote {
            target: Target::parse(&server.address().to_string(), Wish::ByAddress).unwrap(),
            reach: ChannelSettings::default(),
            described: None,
            options: Options::default(),
            settings: Settings::default(),
        };
        let start = Start::Remote(Box::new(remote));
        let mut session = Session::new(start, Mouse::Taken, None, (120, 36), runtime);
        until(&mut session, is_ready).await;
        session
    }

    fn is_ready(model: &Model) -> bool {
        matches!(model.link.state, LinkState::Ready { .. })
    }

    fn no_call_lives(model: &Model) -> bool {
        model.live() == 0
    }

    /// Takes news until something is so.
    async fn until(session: &mut Session, what: impl Fn(&Model) -> bool) {
        let waiting = async {
            session.take_news();
            while !what(&session.model) {
                session.changed().await;
                session.take_news();
            }
        };
        let in_time = timeout(GUARD, waiting).await;
        assert!(in_time.is_ok(), "it did not come in time");
    }

    fn key(code: KeyCode) -> Event {
        Event::Key(KeyEvent::from(code))
    }

    fn typed(session: &mut Session, text: &str) {
        text.chars().for_each(|c| session.event(key(KeyCode::Char(c))));
    }

    fn line(session: &mut Session, text: &str) {
        typed(session, text);
        session.event(key(KeyCode::Enter));
    }

    fn codes(model: &Model) -> Vec<Option<Code>> {
        let code = |call: &Call| match &call.state {
            State::Ended { status, .. } => Some(status.code),
            State::Live(_) => None,
        };
        model.focused().calls().iter().map(code).collect()
    }

    #[tokio::test]
    async fn a_server_that_was_left_is_called_no_more_where_the_embedded_one_does_not_start() {
        let runtime = Runtime::start().unwrap();
        let remote = server(&runtime).await;
        let mut session = on_remote(&remote, &runtime).await;
        session.event(key(KeyCode::F(2)));
        let back = input::read(key(KeyCode::Char('e')), &session.model).unwrap();
        for effect in update(&mut session.model, back) {
            if !matches!(effect, Effect::StartServer(..)) {
                session.effects.run(effect);
            }
        }
        session.event(key(KeyCode::Esc));
        line(&mut session, "while it starts");
        session.take(Msg::Embedded(EmbeddedNews::Failed("no port is free".to_owned())));
        line(&mut session, "when it failed");
        until(&mut session, no_call_lives).await;
        assert_eq!(codes(&session.model), [Some(Code::Unavailable); 2]);
        assert_eq!(remote.counts().calls, 0);
    }

    #[tokio::test]
    async fn who_typed_the_embedded_servers_own_address_is_connected_again_after_a_restart() {
        let runtime = Runtime::start().unwrap();
        let mut session = on_embedded(&runtime).await;
        let address = session.model.embedded.address.unwrap().to_string();
        session.event(key(KeyCode::F(2)));
        typed(&mut session, "c");
        line(&mut session, &address);
        until(&mut session, |model| model.link.place == ServerPlace::Remote && is_ready(model)).await;
        let before = session.model.link.state.clone();
        typed(&mut session, "r");
        until(&mut session, |model| is_ready(model) && model.link.state != before).await;
        session.event(key(KeyCode::Esc));
        line(&mut session, "World");
        until(&mut session, no_call_lives).await;
        assert_eq!(codes(&session.model), [Some(Code::Ok)]);
    }

    #[tokio::test]
    async fn the_doctor_of_a_server_that_is_being_stopped_comes_to_an_end() {
        let runtime = Runtime::start().unwrap();
        let mut session = on_embedded(&runtime).await;
        session.event(key(KeyCode::F(2)));
        typed(&mut session, "sd");
        until(&mut session, |model| !model.link.doctor.is_at_work()).await;
    }

    #[tokio::test]
    async fn of_pasted_lines_that_are_refused_the_first_comes_back_into_the_line() {
        let runtime = Runtime::start().unwrap();
        let mut session = on_embedded(&runtime).await;
        session.event(key(KeyCode::F(2)));
        typed(&mut session, "s");
        until(&mut session, |model| model.link.state == LinkState::Stopped).await;
        session.event(key(KeyCode::Esc));
        session.event(Event::Key(KeyEvent::new(KeyCode::Char('4'), KeyModifiers::ALT)));
        session.event(Event::Paste("Dave\nEve\nFrank".to_owned()));
        session.event(key(KeyCode::Enter));
        until(&mut session, |model| model.focused().calls().iter().all(|call| !call.is_live())).await;
        let call = &session.model.focused().calls()[0];
        let told: Vec<&str> = call.facts.told.iter().map(|told| told.words.as_str()).collect();
        assert_eq!(told.first(), Some(&"the embedded server is stopped: F2 s starts it"));
        assert_eq!(told.last(), Some(&"not sent: Dave, Eve, Frank"));
        assert!(session.model.focused().has_history(), "and Up has them");
    }
}
