//! F2 says of a server what `greeter doctor` says of it: for every fault a server that has exactly that one.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent};
use greeter::{
    rpc::{ChannelSettings, Ladder, Runtime, Target, TlsSettings, Wish},
    schema::examine,
    server::Settings,
    tui::{
        Remote, Session, Start,
        model::{LinkState, Mouse, Options},
        view::{Background, Depth, Ground, Look, Signs, Theme, view},
    },
};
use http::HeaderMap;
use ratatui::{Terminal, backend::TestBackend};
use tokio::time::timeout;

use crate::{
    doctor::{LOCAL, answering, saying},
    support::{
        good,
        papers::{Authority, self_signed},
        peer::Listener,
        soon,
    },
};

const SIZE: (u16, u16) = (120, 50);

/// The screen on a server.
struct Screen {
    session: Session,
    _runtime: Runtime,
}

impl Screen {
    fn on(target: Target, reach: ChannelSettings) -> Self {
        let runtime = Runtime::start().unwrap();
        let start = Start::Remote(Box::new(Remote {
            target,
            reach,
            described: None,
            options: Options::default(),
            settings: Settings::default(),
        }));
        let session = Session::new(start, Mouse::Taken, None, SIZE, &runtime);
        Self { session, _runtime: runtime }
    }

    fn press(&mut self, code: KeyCode) {
        self.session.event(Event::Key(KeyEvent::from(code)));
    }

    /// Takes news until something is so.
    async fn until(&mut self, what: impl Fn(&Session) -> bool) {
        soon(async {
            loop {
                self.session.take_news();
                if what(&self.session) {
                    return;
                }
                // Time alone changes what is said of a pause.
                let _news = timeout(Duration::from_millis(100), self.session.changed()).await;
            }
        })
        .await;
    }

    /// What the doctor found, or the attempt that says all there is to say.
    async fn ladder(&mut self) -> Ladder {
        self.until(|session| {
            let link = &session.model().link;
            link.ladder().is_some() && !link.doctor.is_at_work()
        })
        .await;
        self.session.model().link.ladder().unwrap().as_ref().clone()
    }

    fn picture(&self) -> String {
        let ground = Ground::Known(Background::Dark);
        let theme = Theme::of(Look { background: ground, depth: Depth::None, signs: Signs::Unicode });
        let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
        terminal.draw(|frame| view(self.session.model(), &theme, frame)).unwrap();
        terminal.backend().to_string()
    }
}

/// By what the doctor is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// A connection does not come about.
    Itself,
    /// A call is made, and fails.
    Call,
    /// The key is pressed.
    Key,
}

fn rungs(ladder: &Ladder) -> Vec<(String, String)> {
    ladder.rungs().iter().map(|rung| (rung.layer.to_string(), rung.words())).collect()
}

/// Compares what the panel says with what the command says.
async fn same(address: impl ToString, wish: Wish, tls: TlsSettings, asked: By) -> Ladder {
    let target = Target::parse(&address.to_string(), wish).unwrap();
    let settings =
        ChannelSettings { tls, connect_timeout: Duration::from_millis(500), ..ChannelSettings::default() };
    let told = examine(target.clone(), settings.clone(), &HeaderMap::new(), Some("helloworld.Greeter")).await;
    let mut screen = Screen::on(target, settings);
    if asked != By::Itself {
        screen.until(|session| matches!(session.model().link.state, LinkState::Ready { .. })).await;
    }
    match asked {
        By::Itself => {}
        By::Call => {
            screen.press(KeyCode::Char('a'));
            screen.press(KeyCode::Enter);
        }
        By::Key => {
            screen.press(KeyCode::F(2));
            screen.press(KeyCode::Char('d'));
        }
    }
    let seen = screen.ladder().await;
    assert_eq!(rungs(&seen), rungs(&told));
    if asked != By::Key {
        screen.press(KeyCode::F(2));
    }
    let picture = screen.picture();
    // The sentence may be broken between any two words of it.
    for word in seen.verdict().split(' ') {
        assert!(picture.contains(word), "{word} of {} is not in\n{picture}", seen.verdict());
    }
    for (layer, _) in rungs(&told) {
        assert!(picture.contains(&layer), "{layer} is not in\n{picture}");
    }
    assert!(!picture.to_lowercase().contains("deadline exceeded"), "{picture}");
    let header = picture.lines().next().unwrap();
    if let Some(fault) = seen.fault().filter(|_| !seen.can_call()) {
        let short: String = fault.to_string().chars().take(24).collect();
        assert!(header.contains(&short), "{short} is not in {header}");
    }
    seen
}

async fn plaintext(address: impl ToString) -> Ladder {
    same(address, Wish::Plaintext, TlsSettings::default(), By::Itself).await
}

async fn tls(address: impl ToString, settings: TlsSettings) -> Ladder {
    same(address, Wish::Tls, settings, By::Itself).await
}

#[tokio::test]
async fn nobody_listens() {
    let address = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    plaintext(address).await;
    plaintext("greeter.invalid:1").await;
}

#[tokio::test]
async fn the_other_way_of_speaking() {
    let authority = Authority::new();
    let address = good::start_tls(authority.sign(LOCAL).server(&["h2"])).await;
    let said = plaintext(address).await.verdict();
    assert!(said.contains("use --tls"), "{said}");
    let address = good::start_tls_that_keeps_silent(authority.sign(LOCAL).server(&["h2"])).await;
    let said = plaintext(address).await.verdict();
    assert!(said.contains("use --tls"), "what the attempt did not see is found by a second look: {said}");
    let said = tls(good::start().await, TlsSettings::default()).await.verdict();
    assert!(said.contains("use --plaintext"), "{said}");
}

#[tokio::test]
async fn certificates() {
    let known = Authority::new();
    for paper in [
        Authority::named("Other Authority").sign(LOCAL),
        self_signed(LOCAL),
        known.sign(&["greeter.example"]),
        known.sign_for(LOCAL, (2001, 2002)),
        known.sign_for(LOCAL, (2088, 2090)),
    ] {
        tls(good::start_tls(paper.server(&["h2"])).await, known.trusted()).await;
    }
    tls(good::start_tls(known.sign(LOCAL).server(&["http/1.1"])).await, known.trusted()).await;
    let clients = Authority::new();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let address = good::start_tls(known.sign(LOCAL).server_for(&clients, version)).await;
        tls(address, known.trusted()).await;
    }
}

#[tokio::test]
async fn other_protocols_and_silence() {
    let http1 = saying(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n", true).await;
    plaintext(http1).await;
    tls(http1, TlsSettings::default()).await;
    let mute = saying(b"", false).await;
    plaintext(mute).await;
    tls(mute, TlsSettings::default()).await;
    let closing = saying(b"", true).await;
    plaintext(closing).await;
    tls(closing, TlsSettings::default()).await;
}

#[tokio::test]
async fn a_web_server_is_found_by_the_first_call() {
    let page = answering(&[(":status", "200"), ("content-type", "text/html")], b"<html></html>").await;
    let ladder = same(page, Wish::Plaintext, TlsSettings::default(), By::Call).await;
    assert!(ladder.verdict().contains("text/html"), "{}", ladder.verdict());
}

#[tokio::test]
async fn a_server_without_the_service_is_found_by_the_first_call() {
    let nothing: &[_] = &[(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "12")];
    let ladder = same(answering(nothing, b"").await, Wish::Plaintext, TlsSettings::default(), By::Call).await;
    assert!(ladder.can_call(), "{ladder:?}");
    assert!(ladder.verdict().contains("--proto"), "{}", ladder.verdict());
}

#[tokio::test]
async fn the_key_asks_of_a_server_where_nothing_failed() {
    let reflectionless = good::start().await;
    same(reflectionless, Wish::Plaintext, TlsSettings::default(), By::Key).await;
    let listener = Listener::bind().await;
    let address = listener.address();
    let silent = tokio::spawn(async move {
        let mut kept = Vec::new();
        loop {
            kept.push(listener.accept().await);
        }
    });
    same(address, Wish::Plaintext, TlsSettings::default(), By::Key).await;
    // And by itself, where the question what it offers got no answer.
    same(address, Wish::Plaintext, TlsSettings::default(), By::Itself).await;
    silent.abort();
}
