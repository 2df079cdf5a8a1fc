//! The doctor: for every fault a server that has exactly that one, and the sentence that it gets.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use greeter::{
    rpc::{
        ChannelSettings, Fault, Ladder, Layer, Spoken, Target, TlsFault, TlsSettings, Wish, doctor::LIMIT,
    },
    schema::examine,
    server::{Server, Settings},
};
use http::HeaderMap;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::support::{
    good,
    papers::{Authority, self_signed},
    peer::{END_STREAM, Listener},
};

pub(crate) const LOCAL: &[&str] = &["localhost", "127.0.0.1"];

/// What is found at an address, in no more time than there is.
async fn found(address: impl ToString, wish: Wish, tls: TlsSettings, service: Option<&str>) -> Ladder {
    let target = Target::parse(&address.to_string(), wish).unwrap();
    let settings = ChannelSettings { tls, ..ChannelSettings::default() };
    let before = Instant::now();
    let ladder = examine(target, settings, &HeaderMap::new(), service).await;
    // The machine may be busy, but a second more is no promise that was kept.
    assert!(before.elapsed() < LIMIT + Duration::from_secs(1), "{:?}", before.elapsed());
    let verdict = ladder.verdict();
    assert!(!verdict.to_lowercase().contains("deadline exceeded"), "{verdict}");
    ladder
}

pub(crate) async fn plaintext(address: impl ToString) -> Ladder {
    found(address, Wish::Plaintext, TlsSettings::default(), None).await
}

pub(crate) async fn tls(address: SocketAddr, settings: TlsSettings) -> Ladder {
    found(address, Wish::Tls, settings, None).await
}

pub(crate) fn fault(ladder: &Ladder) -> &Fault {
    assert!(ladder.fault().is_some(), "{ladder:?}");
    ladder.fault().unwrap()
}

/// A server that says these bytes to everybody, and then closes or not.
pub(crate) async fn saying(words: &'static [u8], closes: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut tcp, _)) = listener.accept().await {
            let mut first = [0; 1];
            if tcp.read(&mut first).await.is_err() {
                continue;
            }
            let _gone = tcp.write_all(words).await;
            if closes {
                // What it leaves unread when it closes would come back as a reset, and be seen before the words.
                let _gone = tcp.shutdown().await;
                tokio::spawn(async move { tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await });
            } else {
                kept.push(tcp);
            }
        }
    });
    address
}

async fn embedded() -> Server {
    Server::start(SocketAddr::from(([127, 0, 0, 1], 0)), Settings::default()).await.unwrap()
}

#[tokio::test]
async fn a_good_server_is_climbed_to_the_top() {
    let server = embedded().await;
    let ladder =
        found(server.address(), Wish::ByAddress, TlsSettings::default(), Some("helloworld.Greeter")).await;
    assert!(ladder.can_call() && ladder.fault().is_none(), "{ladder:?}");
    let layers: Vec<Layer> = ladder.rungs().iter().map(|rung| rung.layer).collect();
    // ALPN is no layer of plaintext.
    let all: Vec<Layer> = Layer::ALL.into_iter().filter(|layer| *layer != Layer::Alpn).collect();
    assert_eq!(layers, all);
    assert_eq!(ladder.verdict(), "a call can be made");
}

#[tokio::test]
async fn nobody_listens() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let ladder = plaintext(address).await;
    assert_eq!(ladder.verdict(), "connection refused: start the server, or check the address");
    assert_eq!(ladder.highest(), Some(Layer::Name));
}

#[tokio::test]
async fn a_name_that_does_not_exist() {
    let ladder = found("greeter.invalid:1", Wish::Plaintext, TlsSettings::default(), None).await;
    assert_eq!(fault(&ladder).layer(), Layer::Name);
    assert!(!ladder.can_call());
}

#[tokio::test]
async fn a_tls_server_asked_in_plaintext() {
    let authority = Authority::new();
    for alpn in [&["h2"][..], &["http/1.1"]] {
        let address = good::start_tls(authority.sign(LOCAL).server(alpn)).await;
        let ladder = plaintext(address).await;
        let expected = "the peer speaks TLS, and this connection is plaintext: use --tls or https://";
        assert_eq!(ladder.verdict(), expected);
    }
}

#[tokio::test]
async fn a_tls_server_that_closes_on_plaintext_without_a_word() {
    let address = good::start_tls_that_keeps_silent(Authority::new().sign(LOCAL).server(&["h2"])).await;
    assert_eq!(fault(&plaintext(address).await), &Fault::Spoke(Spoken::Tls));
}

#[tokio::test]
async fn a_plaintext_server_asked_in_tls() {
    let expected = "the peer speaks plaintext HTTP/2, not TLS: use --plaintext or http://";
    for address in [good::start().await, embedded_that_stays().await] {
        assert_eq!(tls(address, TlsSettings::default()).await.verdict(), expected);
    }
}

async fn embedded_that_stays() -> SocketAddr {
    let server = embedded().await;
    let address = server.address();
    std::mem::forget(server);
    address
}

#[tokio::test]
async fn an_http_1_server() {
    let address = saying(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n", true).await;
    assert_eq!(fault(&plaintext(address).await), &Fault::Spoke(Spoken::Http1));
    assert_eq!(fault(&tls(address, TlsSettings::default()).await), &TlsFault::NotTls(Spoken::Http1).into());
}

#[tokio::test]
async fn a_server_that_speaks_http_2_and_ends_it_at_once() {
    const AT_ONCE: &[u8] = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x0b";
    for (words, said) in [
        (AT_ONCE, "the server sends GOAWAY where its SETTINGS are due"),
        (b"\0\0\0\x04\0", "the server closed the connection within a frame"),
    ] {
        let verdict = plaintext(saying(words, true).await).await.verdict();
        assert!(verdict.starts_with(said), "{verdict}");
    }
}

#[tokio::test]
async fn a_socket_that_takes_no_connections() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("datagrams");
    let _datagrams = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    let verdict = plaintext(format!("unix:{}", path.display())).await.verdict();
    assert_eq!(verdict, "no socket is there: start the server, or check the path");
}

#[tokio::test]
async fn an_address_of_one_link_without_its_interface() {
    let verdict = plaintext("[fe80::1]:50051").await.verdict();
    let expected =
        "fe80::1 is an address of one link, and no interface is named: name it, as in [fe80::1%eth0]:50051";
    assert_eq!(verdict, expected);
}

#[tokio::test]
async fn certificates_that_are_not_good() {
    let (known, other) = (Authority::new(), Authority::named("Other Authority"));
    for (paper, words, advice) in [
        (other.sign(LOCAL), "an authority unknown here", "--cacert"),
        (self_signed(LOCAL), "signed by itself", "--cacert"),
        (
            known.sign(&["greeter.example"]),
            "is not for 127.0.0.1 but for greeter.example",
            "--servername greeter.example",
        ),
        (known.sign_for(LOCAL, (2001, 2002)), "expired on 2002-01-01", "renew it"),
        (known.sign_for(LOCAL, (2088, 2090)), "not valid before 2088-01-01", "clocks"),
    ] {
        let address = good::start_tls(paper.server(&["h2"])).await;
        let ladder = tls(address, known.trusted()).await;
        assert_eq!(fault(&ladder).layer(), Layer::Tls);
        let verdict = ladder.verdict();
        assert!(verdict.contains(words) && verdict.contains(advice), "{verdict}");
    }
}

#[tokio::test]
async fn a_client_certificate_is_wanted() {
    let (servers, clients) = (Authority::new(), Authority::new());
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let address = good::start_tls(servers.sign(LOCAL).server_for(&clients, version)).await;
        let expected = "the server wants a client certificate: give one with --cert and --key";
        assert_eq!(tls(address, servers.trusted()).await.verdict(), expected);
    }
}

#[tokio::test]
async fn no_h2_in_alpn() {
    let authority = Authority::new();
    let address = good::start_tls(authority.sign(LOCAL).server(&["http/1.1"])).await;
    let ladder = tls(address, authority.trusted()).await;
    assert_eq!(fault(&ladder).layer(), Layer::Alpn);
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing() {
    let address = saying(b"", false).await;
    let verdict = plaintext(address).await.verdict();
    assert!(
        verdict.starts_with("the server accepted the connection and said nothing for 3.5 s: "),
        "{verdict}"
    );
    let verdict = tls(address, TlsSettings::default()).await.verdict();
    assert!(verdict.contains("said nothing to TLS for 3.5 s: "), "{verdict}");
}

#[tokio::test]
async fn a_server_that_closes_at_once() {
    let address = saying(b"", true).await;
    assert_eq!(fault(&plaintext(address).await).layer(), Layer::Http2);
    assert_eq!(fault(&tls(address, TlsSettings::default()).await), &TlsFault::Closed.into());
}

/// Answers every call with these headers and this body.
pub(crate) async fn answering(
    headers: &'static [(&'static str, &'static str)],
    body: &'static [u8],
) -> SocketAddr {
    let listener = Listener::bind().await;
    let address = listener.address();
    tokio::spawn(async move {
        loop {
            let mut peer = listener.accept().await;
            tokio::spawn(async move {
                while let Some(frame) = peer.stream_frame().await {
                    if frame.ends_stream() {
                        peer.headers(frame.stream, headers).await;
                        peer.send(0, END_STREAM, frame.stream, body).await;
                    }
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn an_html_page() {
    for status in ["200", "404"] {
        let headers: &'static [(&str, &str)] = match status {
            "200" => &[(":status", "200"), ("content-type", "text/html")],
            _ => &[(":status", "404"), ("content-type", "text/html")],
        };
        let ladder = plaintext(answering(headers, b"<html></html>").await).await;
        assert!(matches!(fault(&ladder), Fault::NotGrpc { http, .. } if http.to_string() == status));
        assert!(ladder.verdict().contains("text/html"), "{}", ladder.verdict());
        assert!(!ladder.can_call());
    }
}

#[tokio::test]
async fn a_server_that_takes_calls_and_does_not_answer() {
    let listener = Listener::bind().await;
    let address = listener.address();
    let silent = tokio::spawn(async move {
        let mut kept = Vec::new();
        loop {
            kept.push(listener.accept().await);
        }
    });
    let ladder = plaintext(address).await;
    silent.abort();
    assert_eq!(fault(&ladder), &Fault::CallUnanswered(Duration::from_secs(3)));
}

#[tokio::test]
async fn reflection_is_absent_and_a_call_can_be_made_all_the_same() {
    let ladder = plaintext(good::start().await).await;
    assert_eq!(fault(&ladder), &Fault::NoReflection);
    assert!(ladder.can_call());
}

#[tokio::test]
async fn a_wrong_service() {
    let server = embedded().await;
    let ladder =
        found(server.address(), Wish::ByAddress, TlsSettings::default(), Some("helloworld.Greter")).await;
    let verdict = ladder.verdict();
    assert!(
        verdict.starts_with("there is no service helloworld.Greter: choose one of those that are there: ")
    );
    assert!(verdict.contains("helloworld.Greeter"), "{verdict}");
    assert!(!ladder.can_call());
}
