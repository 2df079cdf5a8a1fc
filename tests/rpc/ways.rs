//! The ways to a server: names and lists of addresses, sockets, and which of them is in use.

use std::net::SocketAddr;

use greeter::rpc::{ChannelSettings, ChannelState, Code, Wish};

use crate::support::{
    client::{Client, UNARY},
    good,
};

/// The address in use, of a client that becomes ready.
async fn in_use(address: &str) -> String {
    let mut client = Client::reach(address, Wish::ByAddress, ChannelSettings::default());
    client.ready().await;
    let call = client.one(UNARY, good::request("Alice"));
    assert_eq!(client.end(&call).await.code, Code::Ok);
    match client.states.last() {
        Some(ChannelState::Ready { peer, tls: None, .. }) => peer.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_socket_is_called_by_its_path() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("greeter.sock");
    good::start_unix(&path);
    let shown = format!("unix:{}", path.display());
    assert_eq!(in_use(&shown).await, shown);
    assert_eq!(in_use(&format!("unix://{}", path.display())).await, shown);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_socket_without_a_file_is_called_by_its_name() {
    let name = format!("greeter-test-{}", std::process::id());
    good::start_unix(std::path::Path::new(&format!("\0{name}")));
    assert_eq!(in_use(&format!("unix-abstract:{name}")).await, format!("unix-abstract:{name}"));
}

#[tokio::test]
async fn a_socket_that_is_not_there_is_told() {
    let cause = Client::with("unix:/nowhere/greeter.sock", ChannelSettings::default()).lost().await;
    assert_eq!(cause, "no socket is there");
}

#[tokio::test]
async fn addresses_are_tried_in_order_and_the_one_in_use_is_known() {
    let here = good::start().await;
    let nobody = SocketAddr::from(([127, 0, 0, 77], here.port()));
    assert_eq!(in_use(&format!("ipv4:{nobody},{here}")).await, here.to_string());
    assert_eq!(in_use(&format!("ipv4:{here},{nobody}")).await, here.to_string());
    assert_eq!(in_use(&format!("dns:///localhost:{}", here.port())).await, here.to_string());
}

#[tokio::test]
async fn ipv6_is_called_in_brackets() {
    let Ok(listener) = std::net::TcpListener::bind("[::1]:0") else {
        // A machine without IPv6 has nothing to try.
        return;
    };
    let address = listener.local_addr().unwrap();
    drop(listener);
    let address = good::start_at(address).await;
    assert_eq!(in_use(&format!("ipv6:{address}")).await, address.to_string());
    assert_eq!(in_use(&format!("http://{address}/")).await, address.to_string());
}

#[tokio::test]
async fn an_address_of_one_link_is_called_by_its_zone() {
    let Ok(listener) = std::net::TcpListener::bind("[::1]:0") else {
        // A machine without IPv6 has nothing to try.
        return;
    };
    let address = listener.local_addr().unwrap();
    drop(listener);
    let port = good::start_at(address).await.port();
    assert_eq!(in_use(&format!("[::1%1]:{port}")).await, format!("[::1%1]:{port}"));
    let cause =
        Client::with(&format!("http://[fe80::1%nowhere]:{port}"), ChannelSettings::default()).lost().await;
    assert_eq!(cause, "no such host: fe80::1%nowhere");
}
