//! Servers that are right.

use std::net::{Ipv4Addr, SocketAddr};

use greeter::{
    check::{Known, Outcome, Unreachable},
    schema::Contract,
    server::{Server, Settings},
};

use crate::{
    greeter::{Fault, Methods, start},
    support::{Found, check, check_as, patient},
};

async fn embedded() -> Server {
    Server::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Settings::default()).await.unwrap()
}

fn all_holds(found: &Found) {
    let wrong: Vec<_> = found.findings.iter().filter(|finding| finding.outcome != Outcome::Holds).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn the_embedded_server_passes_everything() {
    let server = embedded().await;
    let found = check(server.address(), patient()).await;
    all_holds(&found);
    assert_eq!(found.findings.len(), 36);
    assert_eq!(found.subject.contract.name(), "helloworld.Greeter");
    assert_eq!(found.subject.known, Known::Reflection);
    assert_eq!(found.subject.others[0].name(), "hello.Greeter");
}

#[tokio::test]
async fn its_other_contract_passes_too_where_it_is_asked_for() {
    let server = embedded().await;
    let found = check_as(server.address(), patient(), Some(Contract::built_in()[1].clone())).await.unwrap();
    all_holds(&found);
    assert_eq!(found.subject.known, Known::Told);
    assert!(found.findings.iter().all(|finding| finding.check.group.name() != "bidi"));
}

#[tokio::test]
async fn a_server_without_reflection_and_health_passes_with_two_notes() {
    for (methods, name) in [(Methods::Default, "helloworld.Greeter"), (Methods::Other, "hello.Greeter")] {
        let found = check(start(Fault::None, methods).await, patient()).await;
        assert_eq!(found.subject.contract.name(), name);
        assert_eq!(found.subject.known, Known::Answer);
        assert_eq!(found.with(Outcome::NotOffered), ["offers.reflection", "offers.health"]);
        assert!(found.tally().is_good(), "{:#?}", found.findings);
    }
}

#[tokio::test]
async fn where_nobody_listens_is_said() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = check_as(free, patient(), None).await.err();
    assert_eq!(error, Some(Unreachable::NoConnection("connection refused".to_owned())));
}
