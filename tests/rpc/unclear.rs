//! The doctor before servers whose fault is easily taken for another: each gets the sentence that is true of it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use greeter::rpc::{Fault, Spoken, TlsFault, TlsSettings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{
    doctor::{LOCAL, answering, fault, plaintext, saying, tls},
    support::{
        good,
        papers::Authority,
        peer::{GOAWAY, HEADERS, Listener, MAX_CONCURRENT_STREAMS},
    },
};

/// A server of HTTP/2 with these settings, that says no more, or one GOAWAY.
async fn greeting(settings: &'static [(u16, u32)], goaway: Option<u32>) -> SocketAddr {
    let listener = Listener::bind().await;
    let address = listener.address();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        loop {
            let mut peer = listener.accept_mute().await;
            peer.settings(settings).await;
            if let Some(code) = goaway {
                peer.send(GOAWAY, 0, 0, &[[0; 4], code.to_be_bytes()].concat()).await;
            }
            kept.push(peer);
        }
    });
    address
}

#[tokio::test]
async fn a_goaway_at_once_is_told_with_its_code() {
    for (code, name) in [(0, "NO_ERROR (0)"), (11, "ENHANCE_YOUR_CALM (11)")] {
        let verdict = plaintext(greeting(&[], Some(code)).await).await.verdict();
        let begins = format!("the server is going away: GOAWAY {name}: ");
        assert!(verdict.starts_with(&begins), "{verdict}");
    }
}

#[tokio::test]
async fn a_server_that_allows_no_stream_is_not_one_that_does_not_answer() {
    let ladder = plaintext(greeting(&[(MAX_CONCURRENT_STREAMS, 0)], None).await).await;
    assert_eq!(fault(&ladder), &Fault::NoStreams(Duration::from_secs(3)));
    assert!(!ladder.can_call());
}

#[tokio::test]
async fn first_words_that_come_too_slowly_are_not_those_of_another_protocol() {
    for begun in [&b"\0"[..], b"\0\0\0\x04\0\0\0\0", b"\0\0\x06\x04\0\0\0\0\0\0\x03"] {
        let ladder = plaintext(saying(begun, false).await).await;
        assert_eq!(fault(&ladder), &Fault::Stalled(Duration::from_millis(3_500)), "{begun:?}");
    }
}

#[tokio::test]
async fn a_proxy_without_a_server_behind_it_cannot_be_called() {
    let headers = &[
        (":status", "200"),
        ("content-type", "application/grpc"),
        ("grpc-status", "14"),
        ("grpc-message", "no healthy upstream"),
    ];
    let ladder = plaintext(answering(headers, b"").await).await;
    assert_eq!(fault(&ladder), &Fault::Unavailable("no healthy upstream".to_owned()));
    assert!(!ladder.can_call());
    let headers = &[(":status", "503"), ("content-type", "text/plain")];
    let verdict = plaintext(answering(headers, b"").await).await.verdict();
    assert!(verdict.contains("the server behind it"), "{verdict}");
}

/// A server that answers each call before its messages.
async fn unauthenticated() -> SocketAddr {
    let listener = Listener::bind().await;
    let address = listener.address();
    tokio::spawn(async move {
        loop {
            let mut peer = listener.accept().await;
            tokio::spawn(async move {
                while let Some(frame) = peer.stream_frame().await {
                    if frame.kind == HEADERS {
                        let headers =
                            [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "16")];
                        peer.trailers(frame.stream, &headers).await;
                    }
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn who_wants_credentials_is_given_them() {
    let headers = &[(":status", "401"), ("content-type", "text/plain")];
    let ladder = plaintext(answering(headers, b"").await).await;
    assert!(ladder.verdict().contains("-H 'authorization: "), "{}", ladder.verdict());
    assert!(!ladder.can_call());
    let ladder = plaintext(unauthenticated().await).await;
    assert!(ladder.verdict().contains("-H 'authorization: "), "{}", ladder.verdict());
    assert!(
        ladder.verdict().starts_with("the server accepts calls with credentials only"),
        "{}",
        ladder.verdict()
    );
    // It answers as gRPC does, and none of a stranger's calls.
    assert!(!ladder.can_call());
}

/// A server that ends the connection when TLS wants its certificate's client, and whose alert is lost.
async fn deaf_to_strangers(config: rustls::ServerConfig) -> SocketAddr {
    let within = good::start_tls(config).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut server = tokio::net::TcpStream::connect(within).await.unwrap();
                let (mut up, mut down) = (vec![0; 65536], vec![0; 65536]);
                loop {
                    tokio::select! {
                        read = client.read(&mut up) => match read {
                            Ok(count @ 1..) => server.write_all(&up[..count]).await.unwrap(),
                            _ => return,
                        },
                        read = server.read(&mut down) => match (read, down[0]) {
                            // A record of type 21 is an alert.
                            (Ok(0) | Err(_), _) | (_, 21) => return,
                            (Ok(count), _) => client.write_all(&down[..count]).await.unwrap(),
                        },
                    }
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn a_server_that_asked_who_we_are_and_closed_wants_a_client_certificate() {
    let (servers, clients) = (Authority::new(), Authority::new());
    let config = || servers.sign(LOCAL).server_for(&clients, &rustls::version::TLS12);
    let address = deaf_to_strangers(config()).await;
    assert_eq!(fault(&tls(address, servers.trusted()).await), &TlsFault::ClientWanted.into());
    let stranger = TlsSettings { identity: Some(servers.sign(&["me"]).identity()), ..servers.trusted() };
    let refused = tls(address, stranger).await;
    assert!(matches!(fault(&refused), Fault::Tls(TlsFault::ClientRefused(_))), "{refused:?}");
}

#[tokio::test]
async fn an_authority_that_expired_is_not_taken_for_the_server() {
    let root = Authority::new();
    let holds = good::start_tls(root.sign_through("Between", (2020, 2090), LOCAL)).await;
    assert!(tls(holds, root.trusted()).await.can_call());
    let expired = good::start_tls(root.sign_through("Between", (2001, 2002), LOCAL)).await;
    let verdict = tls(expired, root.trusted()).await.verdict();
    assert!(verdict.contains("that of Between above it expired on 2002-01-01"), "{verdict}");
}

#[tokio::test]
async fn a_chain_that_is_too_long_is_told_in_words() {
    let mut authority = Authority::new();
    let root = authority.trusted();
    let mut chain = Vec::new();
    for n in 0..50 {
        authority = authority.sign_authority(&format!("Step {n}"), (2020, 2090));
        chain.insert(0, authority.certificate.clone());
    }
    let address = good::start_tls(authority.sign(LOCAL).server_with(chain)).await;
    let verdict = tls(address, root).await.verdict();
    assert!(
        verdict.starts_with("the chain of the server's certificate is not good: it is too long: "),
        "{verdict}"
    );
}

#[tokio::test]
async fn of_very_many_names_no_wrong_count_is_told() {
    let known = Authority::new();
    let names: Vec<String> = (0..2000).map(|n| format!("n{n}.example")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let address = good::start_tls(known.sign(&names).server(&["h2"])).await;
    let verdict = tls(address, known.trusted()).await.verdict();
    assert!(verdict.contains("n3.example, n4.example and others: "), "{verdict}");
}

#[tokio::test]
async fn addresses_that_do_not_answer_hide_no_server_behind_them() {
    let (mute, also_mute) = (saying(b"", false).await, saying(b"", false).await);
    let good = good::start().await;
    let ladder = plaintext(format!("ipv4:{mute},{also_mute},{good}")).await;
    assert!(ladder.can_call(), "{ladder:?}");
}

#[tokio::test]
async fn tls_behind_one_of_several_addresses_is_found() {
    let address = good::start_tls_that_keeps_silent(Authority::new().sign(LOCAL).server(&["h2"])).await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let ladder = plaintext(format!("ipv4:{nobody},{address}")).await;
    assert_eq!(fault(&ladder), &Fault::Spoke(Spoken::Tls));
}

#[tokio::test]
async fn addresses_that_fail_in_their_own_ways_are_told_apart_and_the_furthest_is_advised_on() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let other = saying(b"SSH-2.0-OpenSSH_9.2\r\n", true).await;
    for addresses in [format!("ipv4:{nobody},{other}"), format!("ipv4:{other},{nobody}")] {
        let verdict = plaintext(addresses).await.verdict();
        assert!(verdict.contains(&format!("{nobody}: connection refused")), "{verdict}");
        assert!(verdict.contains(&format!("{other}: the peer does not speak HTTP/2")), "{verdict}");
        assert!(verdict.ends_with("use the server's gRPC port"), "{verdict}");
    }
}

/// The beginning of a `ServerHello` that promises more.
const HALF_A_HELLO: &[u8] = &[22, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3];

#[tokio::test]
async fn a_handshake_that_stops_halfway_is_tls_all_the_same() {
    let stalled = tls(saying(HALF_A_HELLO, false).await, TlsSettings::default()).await;
    assert!(matches!(fault(&stalled), Fault::Tls(TlsFault::Unfinished(_))), "{stalled:?}");
    let closed = tls(saying(HALF_A_HELLO, true).await, TlsSettings::default()).await;
    assert_eq!(fault(&closed), &TlsFault::BrokenOff.into());
    let garbled = tls(saying(&[22, 3, 3, 0, 4, 99, 0, 0, 0], false).await, TlsSettings::default()).await;
    assert!(matches!(fault(&garbled), Fault::Tls(TlsFault::Other(_))), "{garbled:?}");
    for ladder in [stalled, closed, garbled] {
        assert!(!ladder.verdict().contains("--plaintext"), "{}", ladder.verdict());
    }
}

#[tokio::test]
async fn a_server_that_takes_none_of_our_ciphers_is_told_what_we_speak() {
    // The alert handshake_failure, as a server sends it that was asked for nothing it has.
    let ladder = tls(saying(&[21, 3, 3, 0, 2, 2, 40], true).await, TlsSettings::default()).await;
    let expected = "the server's TLS and ours have nothing in common: handshake_failure: \
        let the server speak TLS 1.3, or 1.2 with ECDHE; with AES-GCM or ChaCha20, and X25519, P-256 or P-384";
    assert_eq!(ladder.verdict(), expected);
}

#[tokio::test]
async fn a_slow_server_is_connected_to_once() {
    let within = good::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let mut server = tokio::net::TcpStream::connect(within).await.unwrap();
                tokio::io::copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
    let ladder = plaintext(address).await;
    assert!(ladder.can_call(), "{ladder:?}");
    assert_eq!(accepted.load(Ordering::Relaxed), 1);
}
