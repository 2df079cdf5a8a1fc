//! A stage for the screen without a terminal and without a network: keys in, a picture out.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use greeter::{
    rpc::{
        Batch, CallEvent, CallId, ChannelId, ChannelSettings, ChannelState, Entry, Origin, Outbox, Status,
        Target, What, Wish, status::Code,
    },
    schema::NamedFiles,
    server::Settings,
    tui::{
        input,
        model::{
            Asking, Embedded, EmbeddedState, Link, LinkState, Model, Protection, Reading, ServerPlace, Way,
        },
        update::{Effect, Msg, Outgoing, update},
        view::{Background, Depth, Theme, view},
    },
};
use http::{HeaderMap, HeaderValue};
use ratatui::{Terminal, backend::TestBackend};

/// The screen, its clock, and what it asked for.
pub struct Stage {
    pub model: Model,
    pub effects: Vec<Effect>,
    outbox: Outbox,
    start: Instant,
}

impl Stage {
    /// The screen on a ready embedded server.
    pub fn new(width: u16, height: u16) -> Self {
        let start = Instant::now();
        let mut embedded = Embedded::new(Settings { replies: 5, interval: Duration::from_millis(300) });
        embedded.address = Some(([127, 0, 0, 1], 41237).into());
        embedded.state = EmbeddedState::Serving(greeter::server::Counts::default());
        let target = Target::parse("127.0.0.1:41237", Wish::ByAddress).unwrap();
        let way = Way { target, reach: ChannelSettings::default(), files: NamedFiles::default() };
        let link = Link {
            id: ChannelId(1),
            address: "127.0.0.1:41237".to_owned(),
            place: ServerPlace::Embedded,
            protection: Protection::Plaintext,
            way: Some(Arc::new(way)),
            state: LinkState::Connecting,
            asking: Asking::Done,
            ..Link::new()
        };
        let model = Model::new(start, (width, height), link, embedded);
        let mut stage = Self { model, effects: Vec::new(), outbox: Outbox::new(), start };
        stage.channel(ChannelState::Ready {
            since: start,
            peer: greeter::rpc::Peer::Ip(([127, 0, 0, 1], 41237).into()),
            tls: None,
        });
        stage
    }

    /// The screen on a remote server that is being asked for its services.
    pub fn remote(width: u16, height: u16) -> Self {
        let mut stage = Self::new(width, height);
        let (id, place) = (ChannelId(2), ServerPlace::Remote);
        let address = "staging:50051".to_owned();
        let target = Target::parse(&address, Wish::Plaintext).unwrap();
        let way = Way { target, reach: ChannelSettings::default(), files: NamedFiles::default() };
        let (protection, way) = (Protection::Plaintext, Some(Arc::new(way)));
        stage.send(Msg::Linked { id, address, place, protection, way });
        stage
    }

    pub fn send(&mut self, msg: Msg) {
        self.effects.extend(update(&mut self.model, msg));
    }

    /// Lets time go on.
    pub fn wait(&mut self, millis: u64) {
        let now = self.model.now + Duration::from_millis(millis);
        self.send(Msg::Clock(now));
    }

    /// Presses keys by their names (`Ctrl-D`, `Enter`, `Alt-3`, `F2`); any other word is typed.
    pub fn keys(&mut self, keys: &str) {
        for word in keys.split(' ') {
            match named(word) {
                Some(key) => self.press(key),
                None => word.chars().for_each(|c| self.press(KeyEvent::from(KeyCode::Char(c)))),
            }
        }
    }

    fn press(&mut self, key: KeyEvent) {
        if let Some(msg) = input::read(Event::Key(key), &self.model) {
            self.send(msg);
        }
    }

    pub fn channel(&mut self, state: ChannelState) {
        self.outbox.channel(self.model.link.id, state);
        self.deliver();
    }

    pub fn lost(&mut self, cause: &str) {
        let retry_at = self.model.now + Duration::from_secs(3);
        self.channel(ChannelState::Lost { cause: cause.to_owned(), retry_at, ladder: None });
    }

    /// The call's headers went out, so long after its begin.
    pub fn started(&mut self, call: u32) {
        self.started_with(call, &[("te", "trailers"), ("content-type", "application/grpc")]);
    }

    pub fn started_with(&mut self, call: u32, pairs: &[(&'static str, &str)]) {
        let headers = Arc::new(headers(pairs));
        let at = Duration::from_micros(110);
        self.outbox.event(CallId(call), CallEvent::Started { at, stream_id: 2 * call - 1, headers });
        self.deliver();
    }

    /// There is no connection, and the call waits for one.
    pub fn waiting(&mut self, call: u32, cause: &str) {
        let at = Duration::from_micros(110);
        self.outbox.event(CallId(call), CallEvent::Waiting { at, cause: cause.to_owned() });
        self.deliver();
    }

    /// The peer allows no further stream now.
    pub fn queued(&mut self, call: u32) {
        let at = Duration::from_micros(110);
        self.outbox.event(CallId(call), CallEvent::Queued { at });
        self.deliver();
    }

    pub fn headers(&mut self, call: u32, pairs: &[(&'static str, &str)]) {
        let at = Duration::from_micros(490);
        let headers = Arc::new(headers(pairs));
        self.outbox.event(CallId(call), CallEvent::Headers { at, http_status: 200, headers });
        self.deliver();
    }

    /// A request went out, a reply came: the call's transcript by time in microseconds.
    pub fn sent(&mut self, call: u32, micros: u64, name: &str) {
        self.entry(call, micros, What::Sent(message(name)));
    }

    pub fn received(&mut self, call: u32, micros: u64, text: &str) {
        self.entry(call, micros, What::Received(message(text)));
    }

    pub fn received_bytes(&mut self, call: u32, micros: u64, bytes: &[u8]) {
        self.entry(call, micros, What::Received(Bytes::copy_from_slice(bytes)));
    }

    pub fn end_of_stream(&mut self, call: u32, micros: u64) {
        self.entry(call, micros, What::EndOfStream);
    }

    fn entry(&mut self, call: u32, micros: u64, what: What) {
        self.outbox.entry(CallId(call), Entry { at: Duration::from_micros(micros), what });
        self.deliver();
    }

    /// Many replies in one batch.
    pub fn flood(&mut self, call: u32, from: u64, to: u64) {
        for n in from..=to {
            let at = Duration::from_micros(25 * n);
            let what = What::Received(message(&format!("Hello, World! Number {n}")));
            self.outbox.entry(CallId(call), Entry { at, what });
        }
        self.deliver();
    }

    pub fn ok(&mut self, call: u32, micros: u64) {
        let status =
            Status { code: Code::Ok, message: String::new(), origin: Origin::Trailers, details: None };
        self.ended(call, micros, status);
    }

    pub fn failed(&mut self, call: u32, micros: u64, code: Code, message: &str, origin: Origin) {
        self.ended(call, micros, Status { code, message: message.to_owned(), origin, details: None });
    }

    pub fn ended(&mut self, call: u32, micros: u64, status: Status) {
        let at = Duration::from_micros(micros);
        let trailers = Some(Arc::new(headers(&[("x-served-by", "greeter")])));
        self.outbox.event(CallId(call), CallEvent::Ended { at, status, trailers });
        self.deliver();
    }

    fn deliver(&mut self) {
        let batch: Batch = self.outbox.take();
        self.send(Msg::News(batch));
    }

    /// The screen as text.
    pub fn picture(&self) -> String {
        let terminal = self.draw(&Theme::new(Background::Dark, Depth::True));
        let buffer = terminal.backend().buffer();
        let mut rows = Vec::new();
        for y in 0..buffer.area.height {
            let mut row = String::new();
            let mut x = 0;
            while x < buffer.area.width {
                let symbol = buffer[(x, y)].symbol();
                row.push_str(symbol);
                // The cell behind a wide character is not seen.
                x += (greeter::text::width(symbol) as u16).max(1);
            }
            rows.push(row.trim_end().to_owned());
        }
        rows.join("\n")
    }

    pub fn draw(&self, theme: &Theme) -> Terminal<TestBackend> {
        let (width, height) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| view(&self.model, theme, frame)).unwrap();
        terminal
    }

    /// The row of the screen that holds a text.
    pub fn row(&self, text: &str) -> String {
        let picture = self.picture();
        let row = picture.lines().find(|row| row.contains(text));
        row.unwrap_or_else(|| panic!("no row with {text:?} in\n{picture}")).to_owned()
    }

    pub fn shows(&self, text: &str) -> bool {
        self.picture().contains(text)
    }

    /// What was asked for since this was last asked.
    pub fn asked(&mut self) -> Vec<String> {
        let asked = self.effects.drain(..).filter(|effect| !matches!(effect, Effect::Remember(_)));
        asked.flat_map(|effect| words(&effect)).collect()
    }

    pub fn since_start(&self) -> Duration {
        self.model.now - self.start
    }
}

/// An effect in the words of the tests; of messages that are sent together each.
fn words(effect: &Effect) -> Vec<String> {
    match effect {
        Effect::Send(id, messages) => {
            let words = |outgoing: &Outgoing| format!("send #{} {}", id.0, text(&outgoing.message));
            messages.iter().map(words).collect()
        }
        other => vec![other_words(other)],
    }
}

/// The string of a message with one field.
fn text(message: &Bytes) -> String {
    String::from_utf8_lossy(message.get(2..).unwrap_or_default()).into_owned()
}

fn other_words(effect: &Effect) -> String {
    match effect {
        Effect::Call(id, method, _, request) => format!("call #{} {} {}", id.0, method.name(), text(request)),
        Effect::Open(id, method, _) => format!("open #{} {}", id.0, method.name()),
        Effect::HalfClose(id) => format!("half-close #{}", id.0),
        Effect::Cancel(id) => format!("cancel #{}", id.0),
        Effect::ReadAddress(_) => "read address".to_owned(),
        Effect::Terminal(wish) => first_word(wish),
        Effect::Read(id, Reading::On) => format!("read #{} on", id.0),
        Effect::Read(id, Reading::Stopped) => format!("stop reading #{}", id.0),
        other => first_word(other),
    }
}

fn first_word(what: &impl std::fmt::Debug) -> String {
    format!("{what:?}").split(['(', ' ']).next().unwrap_or_default().to_lowercase()
}

/// A message with one string field, number 1.
fn message(text: &str) -> Bytes {
    if text.is_empty() {
        return Bytes::new();
    }
    let mut bytes = vec![0x0a];
    let mut len = text.len();
    while len >= 0x80 {
        bytes.push((len & 0x7f) as u8 | 0x80);
        len >>= 7;
    }
    bytes.push(len as u8);
    bytes.extend_from_slice(text.as_bytes());
    Bytes::from(bytes)
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    // A value may have bytes that are not ASCII.
    let value = |value: &str| HeaderValue::from_bytes(value.as_bytes()).unwrap();
    pairs.iter().map(|(key, text)| (key.parse().unwrap(), value(text))).collect()
}

fn named(word: &str) -> Option<KeyEvent> {
    let (modifiers, rest) = match word.split_once('-') {
        Some(("Ctrl", rest)) => (KeyModifiers::CONTROL, rest),
        Some(("Alt", rest)) => (KeyModifiers::ALT, rest),
        Some(("Shift", rest)) => (KeyModifiers::SHIFT, rest),
        _ => (KeyModifiers::NONE, word),
    };
    let code = match rest {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" if modifiers == KeyModifiers::SHIFT => KeyCode::BackTab,
        "Tab" => KeyCode::Tab,
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Left" => KeyCode::Left,
        "Right" => KeyCode::Right,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "PageUp" => KeyCode::PageUp,
        "PageDown" => KeyCode::PageDown,
        "Backspace" => KeyCode::Backspace,
        "F1" => KeyCode::F(1),
        "F2" => KeyCode::F(2),
        "F3" => KeyCode::F(3),
        "F4" => KeyCode::F(4),
        _ if modifiers.is_empty() => return None,
        one => KeyCode::Char(one.chars().next()?.to_ascii_lowercase()),
    };
    Some(KeyEvent::new(code, modifiers))
}
