//! The screen, by random keys and by random news: it stays whole, and nothing foreign gets out of it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyEventState, KeyModifiers, MouseButton, MouseEvent,
    MouseEventKind,
};
use greeter::{
    rpc::{
        CallEvent, CallId, Cause, ChannelId, ChannelState, Code, Details, Entry, Origin, Outbox, Peer,
        Record, Status, What,
    },
    server::Settings,
    tui::{
        action::Saved,
        input,
        model::{Asking, Embedded, Link, LinkState, Model, Pane, Protection, ServerPlace},
        save,
        update::{Msg, Refused, Unsent, update},
        view::{Background, Depth, Signs, Theme, view},
    },
};
use http::{HeaderMap, HeaderName, HeaderValue};
use ratatui::{Terminal, backend::TestBackend};

const SIZE: (u16, u16) = (80, 24);

/// A screen on a server that is ready.
struct Stage {
    model: Model,
    outbox: Outbox,
    start: Instant,
}

impl Stage {
    fn new() -> Self {
        let start = Instant::now();
        let peer = Peer::Ip(([127, 0, 0, 1], 41237).into());
        let link = Link {
            id: ChannelId(1),
            address: "127.0.0.1:1".to_owned(),
            place: ServerPlace::Remote,
            protection: Protection::Plaintext,
            way: None,
            state: LinkState::Ready { since: start, peer, tls: None },
            asking: Asking::Done,
            ..Link::new()
        };
        let model = Model::new(start, SIZE, link, Embedded::new(Settings::default()));
        Self { model, outbox: Outbox::new(), start }
    }

    fn take(&mut self, msg: Msg) {
        // Nobody runs what it asks for: the news are made here.
        update(&mut self.model, msg);
    }

    fn event(&mut self, event: Event) {
        if let Some(msg) = input::read(event, &self.model) {
            self.take(msg);
        }
    }

    fn deliver(&mut self) {
        let batch = self.outbox.take();
        self.take(Msg::News(batch));
    }

    /// Draws, and looks at every cell.
    fn draw(&self) -> String {
        let mut outcome = String::new();
        for signs in [Signs::Unicode, Signs::Ascii] {
            let theme = Theme::new(Background::Dark, Depth::True).with_signs(signs);
            let (width, height) = self.model.size;
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            terminal.draw(|frame| view(&self.model, &theme, frame)).unwrap();
            for cell in terminal.backend().buffer().content() {
                assert_eq!(cell.symbol().chars().find(|c| c.is_control()), None, "{:?}", cell.symbol());
            }
            outcome = shape(&self.model);
        }
        outcome
    }

    fn assert_whole(&self) {
        for pane in &self.model.panes {
            assert!(pane.calls().iter().zip(pane.calls().iter().skip(1)).all(|(a, b)| a.id < b.id));
            assert!(pane.calls().len() <= Pane::MAX_CALLS + pane.live());
            for call in pane.calls() {
                assert!(call.record.kept() <= Record::MAX_ENTRIES + 1);
            }
        }
        assert!(self.model.focused().method.is_some());
    }
}

/// What a screen is about, roughly.
fn shape(model: &Model) -> String {
    let panel = model.panel.as_ref().map(|panel| format!("{panel:?}").chars().take(9).collect::<String>());
    let panes = model.panes.iter().map(|pane| (pane.calls().len().min(2), pane.live().min(2)));
    let notice = model.notice.as_ref().map(|notice| notice.text.chars().take(12).collect::<String>());
    format!("{panel:?} {:?} {notice:?} {:?}", panes.collect::<Vec<_>>(), model.zoom)
        .replace(char::is_numeric, "n")
}

const CODES: [KeyCode; 24] = [
    KeyCode::Enter,
    KeyCode::Esc,
    KeyCode::Tab,
    KeyCode::BackTab,
    KeyCode::Backspace,
    KeyCode::Delete,
    KeyCode::Left,
    KeyCode::Right,
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::Home,
    KeyCode::End,
    KeyCode::PageUp,
    KeyCode::PageDown,
    KeyCode::F(1),
    KeyCode::F(2),
    KeyCode::F(3),
    KeyCode::F(4),
    KeyCode::F(255),
    KeyCode::Null,
    KeyCode::Insert,
    KeyCode::CapsLock,
    KeyCode::Char('\0'),
    KeyCode::Char('\u{10ffff}'),
];

/// An event of two bytes and what lies behind them.
fn event(kind: u8, value: u8, rest: &[u8]) -> Event {
    let pressed = |code, modifiers| {
        let kind =
            [KeyEventKind::Press, KeyEventKind::Repeat, KeyEventKind::Release][usize::from(kind / 64 % 3)];
        Event::Key(KeyEvent { code, modifiers, kind, state: KeyEventState::NONE })
    };
    let places = [rest.first(), rest.get(1)].map(|place| u16::from(place.copied().unwrap_or_default()));
    match kind % 16 {
        0..=4 => pressed(KeyCode::Char(char::from(value)), KeyModifiers::NONE),
        5..=7 => pressed(KeyCode::Char(char::from(b'a' + value % 26)), KeyModifiers::CONTROL),
        8..=10 => pressed(CODES[usize::from(value) % CODES.len()], KeyModifiers::NONE),
        11 => pressed(CODES[usize::from(value) % CODES.len()], KeyModifiers::from_bits_truncate(value)),
        12 => pressed(KeyCode::Char(char::from(b'1' + value % 5)), KeyModifiers::ALT),
        13 => {
            let kinds = [
                MouseEventKind::Down(MouseButton::Left),
                MouseEventKind::ScrollUp,
                MouseEventKind::ScrollDown,
                MouseEventKind::Moved,
            ];
            let kind = kinds[usize::from(value % 4)];
            let [column, row] = places;
            Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
        }
        14 => Event::Resize(places[0], places[1] % 100),
        _ => Event::Paste(String::from_utf8_lossy(&rest[..rest.len().min(value.into())]).into_owned()),
    }
}

/// Keys, clicks, pastes and sizes, two bytes each.
pub(crate) fn keys(input: &[u8]) -> String {
    let mut stage = Stage::new();
    let mut rest = input;
    let mut drawn = 0;
    while let [kind, value, after @ ..] = rest {
        stage.event(event(*kind, *value, after));
        stage.assert_whole();
        drawn += 1;
        if drawn % 64 == 0 {
            stage.draw();
        }
        rest = after;
    }
    stage.draw()
}

/// What a server does, told to the screen: foreign bytes as messages, statuses and metadata.
pub(crate) fn news(input: &[u8]) -> String {
    let mut stage = Stage::new();
    for kind in ["1", "2", "3", "4"] {
        stage
            .event(Event::Key(KeyEvent::new(KeyCode::Char(kind.chars().next().unwrap()), KeyModifiers::ALT)));
        stage.event(Event::Paste("Ada".to_owned()));
        stage.event(Event::Key(KeyCode::Enter.into()));
    }
    let mut rest = input;
    while let [kind, call, length, after @ ..] = rest {
        let (foreign, behind) = after.split_at(after.len().min((*length).into()));
        tell(&mut stage, *kind, CallId(u32::from(call % 6)), foreign);
        stage.assert_whole();
        rest = behind;
    }
    let outcome = stage.draw();
    for form in [Saved::Text, Saved::JsonLines] {
        for pane in &stage.model.panes {
            let calls: Vec<_> = pane.calls().iter().cloned().collect();
            let saved = save::transcript(&calls, form);
            assert!(!saved.replace('\n', "").contains(char::is_control), "{saved:?}");
            if form == Saved::JsonLines {
                assert!(saved.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
            }
        }
    }
    outcome
}

fn tell(stage: &mut Stage, kind: u8, call: CallId, foreign: &[u8]) {
    let at = Duration::from_micros(foreign.len() as u64 * 997);
    let said = String::from_utf8_lossy(foreign).into_owned();
    let entry = |what| Entry { at, what };
    let bytes = Bytes::copy_from_slice(foreign);
    match kind % 12 {
        0 | 1 => stage.outbox.entry(call, entry(What::Received(bytes))),
        2 => (0..70).for_each(|_| stage.outbox.entry(call, entry(What::Received(bytes.clone())))),
        3 => stage.outbox.entry(call, entry(What::Sent(bytes))),
        4 => stage.outbox.entry(call, entry(What::EndOfStream)),
        5 => {
            let headers = Arc::new(metadata(foreign));
            stage.outbox.event(call, CallEvent::Headers { at, http_status: 200, headers });
        }
        6 | 7 => {
            let status = status(kind, said, bytes);
            let trailers = Some(Arc::new(metadata(foreign)));
            stage.outbox.event(call, CallEvent::Ended { at, status, trailers });
        }
        8 => {
            let retry_at = stage.start + at;
            stage.outbox.channel(ChannelId(1), ChannelState::Lost { cause: said, retry_at, ladder: None });
        }
        9 => {
            let refused =
                Refused { call, nth: 1, of: 1, line: Some(said.clone()), why: Unsent::Refused(said) };
            return stage.take(Msg::NotSent(refused));
        }
        10 => return stage.take(Msg::Clock(stage.start + at)),
        _ => {
            return foreign.chunks(2).for_each(|pair| {
                stage.event(event(pair[0], pair.get(1).copied().unwrap_or_default(), foreign));
            });
        }
    }
    stage.deliver();
}

fn status(kind: u8, message: String, details: Bytes) -> Status {
    let code = Code::from_i32(i32::from(kind % 17));
    let origin = match kind % 5 {
        0 => Origin::Trailers,
        1 => Origin::Http { status: 503 },
        2 => Origin::Reset(h2::Reason::from(u32::from(kind))),
        3 => Origin::ConnectionLost(message.clone()),
        _ => Origin::Here(Cause::BadResponse(message.clone())),
    };
    let details = Some(if kind.is_multiple_of(2) {
        Details::Bytes(details)
    } else {
        Details::Malformed(message.clone())
    });
    Status { code, message, origin, details }
}

fn metadata(foreign: &[u8]) -> HeaderMap {
    let pairs = foreign.chunks(16).filter_map(|pair| {
        let (name, value) = pair.split_at(pair.len() / 2);
        Some((HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?))
    });
    pairs.collect()
}
