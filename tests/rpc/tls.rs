//! TLS: what is agreed on and shown, and every way in which it does not come about.

use std::sync::Arc;

use greeter::rpc::{
    ChannelSettings, ChannelState, ClientCertificate, Code, TlsFacts, TlsSettings, Trust, Verified, Wish,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{
    client::{Client, UNARY},
    good,
    papers::{Authority, self_signed, trusting},
    peer::Listener,
};

const LOCAL: &[&str] = &["localhost", "127.0.0.1"];

/// What is known of the TLS of a client that becomes ready, and calls.
async fn facts(mut client: Client) -> Arc<TlsFacts> {
    client.ready().await;
    let call = client.one(UNARY, good::request("Alice"));
    assert_eq!(client.end(&call).await.code, Code::Ok);
    match client.states.last() {
        Some(ChannelState::Ready { tls: Some(tls), .. }) => Arc::clone(tls),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_trusted_server_is_called_and_its_tls_is_known() {
    let authority = Authority::new();
    let address = good::start_tls(authority.sign(LOCAL).server(&["h2"])).await;
    let facts = facts(Client::tls(address, authority.trusted())).await;
    assert_eq!((facts.version, facts.verified), ("TLS 1.3", Verified::Yes));
    assert!(facts.cipher.starts_with("TLS_"), "{}", facts.cipher);
    assert_eq!((facts.server_name.as_str(), facts.client), ("127.0.0.1", ClientCertificate::NotAsked));
    let own = &facts.chain[0];
    assert_eq!(own.issuer, "Test Authority");
    assert_eq!(own.names, LOCAL);
    assert_eq!(own.not_after.to_string(), "2090-01-01 00:00 UTC");
}

#[tokio::test]
async fn a_certificate_that_is_named_itself_is_trusted_whatever_it_says_it_is() {
    let paper = self_signed(LOCAL);
    let address = good::start_tls(paper.server(&["h2"])).await;
    facts(Client::tls(address, trusting(&paper.certificate))).await;
}

#[tokio::test]
async fn nobody_is_asked_where_the_user_wishes_so_and_it_is_known() {
    let old = Authority::new().sign_for(&["elsewhere.example"], (2001, 2002));
    let address = good::start_tls(old.server(&["h2"])).await;
    let tls = TlsSettings { trust: Trust::Anybody, ..TlsSettings::default() };
    let facts = facts(Client::tls(address, tls)).await;
    assert_eq!(facts.verified, Verified::No);
    assert!(facts.to_string().ends_with("NOT VERIFIED"), "{facts}");
}

#[tokio::test]
async fn the_expected_name_is_that_of_servername_then_of_authority_then_of_the_address() {
    let authority = Authority::new();
    let address = good::start_tls(authority.sign(&["greeter.example"]).server(&["h2"])).await;
    let named = TlsSettings { server_name: Some("greeter.example".to_owned()), ..authority.trusted() };
    assert_eq!(facts(Client::tls(address, named.clone())).await.server_name, "greeter.example");
    let by_authority = |name: &'static str, tls| ChannelSettings {
        tls,
        authority: Some(http::uri::Authority::from_static(name)),
        ..ChannelSettings::default()
    };
    let written = address.to_string();
    let client = Client::reach(&written, Wish::Tls, by_authority("greeter.example:1", authority.trusted()));
    facts(client).await;
    facts(Client::reach(&written, Wish::Tls, by_authority("other.example", named))).await;
    let cause = Client::tls(address, authority.trusted()).lost().await;
    assert_eq!(cause, "the server's certificate is not for 127.0.0.1 but for greeter.example");
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_refused_with_the_reason() {
    let (known, other) = (Authority::new(), Authority::named("Other Authority"));
    let alone = self_signed(LOCAL);
    for (paper, cause) in [
        (
            other.sign(LOCAL),
            "the server's certificate is signed by Other Authority, an authority unknown here",
        ),
        (
            Authority::new().sign(LOCAL),
            "the server's certificate is signed by another Test Authority than the one trusted here",
        ),
        (alone, "the server's certificate is signed by itself, and not trusted here"),
        (known.sign_for(LOCAL, (2001, 2002)), "the server's certificate expired on 2002-01-01 00:00 UTC"),
        (
            known.sign_for(LOCAL, (2088, 2090)),
            "the server's certificate is not valid before 2088-01-01 00:00 UTC",
        ),
    ] {
        let address = good::start_tls(paper.server(&["h2"])).await;
        let mut client = Client::tls(address, known.trusted());
        assert_eq!(client.lost().await, cause);
        let call = client.one(UNARY, good::request("Alice"));
        let status = client.end(&call).await;
        assert_eq!((status.code, status.message.as_str()), (Code::Unavailable, cause));
    }
}

#[tokio::test]
async fn a_named_certificate_must_hold_now_all_the_same() {
    let old = Authority::new().sign_for(LOCAL, (2001, 2002));
    let address = good::start_tls(old.server(&["h2"])).await;
    let cause = Client::tls(address, trusting(&old.certificate)).lost().await;
    assert_eq!(cause, "the server's certificate expired on 2002-01-01 00:00 UTC");
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_gets_it_or_says_so() {
    let (servers, clients) = (Authority::new(), Authority::new());
    // In TLS 1.3 the refusal comes after the handshake.
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let address = good::start_tls(servers.sign(LOCAL).server_for(&clients, version)).await;
        let with = |identity| TlsSettings { identity, ..servers.trusted() };
        let mine = clients.sign(&["me"]).identity();
        assert_eq!(facts(Client::tls(address, with(Some(mine)))).await.client, ClientCertificate::Given);
        let cause = Client::tls(address, with(None)).lost().await;
        assert_eq!(cause, "the server wants a client certificate");
        let strange = Authority::new().sign(&["me"]).identity();
        let cause = Client::tls(address, with(Some(strange))).lost().await;
        assert!(
            cause.starts_with("the server does not take the client certificate: "),
            "{version:?}: {cause}"
        );
    }
}

#[tokio::test]
async fn a_server_without_h2_in_alpn_is_refused() {
    let authority = Authority::new();
    for (alpn, cause) in [
        (&[][..], "the server speaks TLS, and did not agree on HTTP/2"),
        (&["http/1.1"], "the server speaks TLS, and did not agree on HTTP/2"),
    ] {
        let address = good::start_tls(authority.sign(LOCAL).server(alpn)).await;
        assert_eq!(Client::tls(address, authority.trusted()).lost().await, cause, "{alpn:?}");
    }
}

#[tokio::test]
async fn a_peer_that_does_not_speak_tls_is_told_by_what_it_speaks() {
    for (said, cause) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "the peer speaks HTTP/1.1 without TLS"),
        (&[0, 0, 0, 4, 0, 0, 0, 0, 0], "the peer speaks plaintext HTTP/2, not TLS"),
        (b"SSH-2.0-x\r\n", "the peer does not speak TLS: it began with \"SSH-2.0-x\\r\\n\""),
        (b"", "the server closed the connection when it was greeted in TLS"),
    ] {
        let listener = Listener::bind().await;
        let mut client = Client::tls(listener.address(), TlsSettings::default());
        let mut tcp = listener.accept_tcp().await;
        tcp.write_all(said).await.unwrap();
        let mut hello = [0; 1];
        tcp.read_exact(&mut hello).await.unwrap();
        tcp.shutdown().await.unwrap();
        assert_eq!(client.lost().await, cause);
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_to_tls_is_lost_with_words() {
    let listener = Listener::bind().await;
    let settings = ChannelSettings {
        connect_timeout: std::time::Duration::from_millis(200),
        ..ChannelSettings::default()
    };
    let mut client = Client::reach(&listener.address().to_string(), Wish::Tls, settings);
    let cause = client.lost().await;
    assert_eq!(cause, "the server accepted the connection and said nothing to TLS for 200 ms");
}

#[tokio::test]
async fn a_name_that_no_certificate_can_have_is_told() {
    let listener = Listener::bind().await;
    let tls = TlsSettings { server_name: Some("a b".to_owned()), ..TlsSettings::default() };
    let cause = Client::tls(listener.address(), tls).lost().await;
    assert_eq!(cause, "no certificate can be for \"a b\"");
}

#[tokio::test]
async fn the_systems_authorities_do_not_know_a_test() {
    let address = good::start_tls(Authority::new().sign(LOCAL).server(&["h2"])).await;
    let cause = Client::tls(address, TlsSettings::default()).lost().await;
    assert!(cause.contains("authorit"), "{cause}");
}
