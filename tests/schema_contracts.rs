//! What can be called, as the panes need to know it.

#![allow(clippy::unwrap_used)]

use greeter::schema::{Contract, Kind, Method, MethodName, Source, prefer};

fn contract(name: &str) -> Contract {
    Contract::built_in().iter().find(|contract| contract.name() == name).unwrap().clone()
}

#[test]
fn the_default_contract_has_one_method_of_each_kind() {
    let contract = &Contract::built_in()[0];
    assert_eq!(contract.name(), "helloworld.Greeter");
    assert_eq!(contract.source().to_string(), "built in");
    let of_each: Vec<&str> =
        Kind::ALL.iter().flat_map(|kind| contract.of_kind(*kind)).map(Method::name).collect();
    assert_eq!(
        of_each,
        ["SayHello", "SayHelloServerStreaming", "SayHelloClientStreaming", "SayHelloBiDiStreaming"]
    );
}

#[test]
fn the_other_contract_has_no_bidi_method() {
    let contract = contract("hello.Greeter");
    assert_eq!(contract.methods().len(), 3);
    assert_eq!(contract.of_kind(Kind::Bidi).count(), 0);
}

#[test]
fn a_method_says_its_path_and_its_messages() {
    let contract = contract("helloworld.Greeter");
    let method = contract.of_kind(Kind::ClientStream).next().unwrap();
    assert_eq!(method.path(), "/helloworld.Greeter/SayHelloClientStreaming");
    assert_eq!(method.full_name(), "helloworld.Greeter.SayHelloClientStreaming");
    assert_eq!(method.request().full_name(), "helloworld.HelloRequest");
    assert_eq!(method.request().line_field(), Some("name"));
    assert_eq!(method.reply().line_field(), Some("message"));
    assert!(method.kind().sends_stream() && !method.kind().receives_stream());
}

#[test]
fn methods_of_one_contract_share_their_request_type() {
    let contract = contract("helloworld.Greeter");
    let requests: Vec<_> = contract.methods().iter().map(Method::request).collect();
    assert!(requests.windows(2).all(|pair| pair[0] == pair[1]));
}

fn offered(proto: &str) -> Vec<Contract> {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("a.proto"), proto).unwrap();
    let files = protox::compile(["a.proto"], [directory.path()]).unwrap();
    Contract::from_descriptor_set(&prost::Message::encode_to_vec(&files), Source::File).unwrap()
}

#[test]
fn the_greeter_is_preferred_and_else_the_first_service() {
    let service =
        "message M {} service Greeter { rpc A(M) returns (M); } service Aardvark { rpc A(M) returns (M); }";
    let of_package = |package: &str| offered(&format!("syntax = \"proto3\"; package {package}; {service}"));
    assert_eq!(prefer(&of_package("hello")).unwrap().name(), "hello.Greeter");
    assert_eq!(prefer(&of_package("helloworld")).unwrap().name(), "helloworld.Greeter");
    assert_eq!(prefer(&of_package("other")).unwrap().name(), "other.Aardvark");
    assert_eq!(prefer(&[]), None);
}

#[test]
fn where_no_service_is_the_default_one_a_kind_or_a_short_name_means_the_only_method_or_none() {
    let offered = offered(
        "syntax = \"proto3\"; package a; message M {}
        service One { rpc Up(M) returns (M); rpc Watch(M) returns (stream M); }
        service Two { rpc Up(M) returns (M); rpc Talk(stream M) returns (stream M); }
        service None {}",
    );
    let found = |name: &str| {
        let found = MethodName::read(name).find(&offered);
        found.map(|method| method.path().to_string()).map_err(|error| error.to_string())
    };
    assert_eq!(found("server-stream").unwrap(), "/a.One/Watch");
    assert_eq!(found("bidi").unwrap(), "/a.Two/Talk");
    assert_eq!(found("unary").unwrap_err(), "there are 2 unary methods, name one: a.One.Up, a.Two.Up");
    assert_eq!(found("client-stream").unwrap_err(), "no service has a client-stream method");
    assert_eq!(
        found("Up").unwrap_err(),
        "Up is the name of several methods, name one whole: a.One.Up, a.Two.Up"
    );
    assert_eq!(found("Two/Up").unwrap(), "/a.Two/Up", "the package may be left out");
    assert_eq!(found("Two").unwrap_err(), "a.Two is a service, name one of its methods: Up, Talk");
    assert_eq!(found("a.Two").unwrap_err(), "a.Two is a service, name one of its methods: Up, Talk");
}

#[test]
fn of_services_with_one_name_in_several_packages_the_one_with_the_method_is_meant_or_none() {
    let of = |package: &str, methods: &str| {
        offered(&format!(
            "syntax = \"proto3\"; package {package}; message M {{}} service Same {{ rpc Up(M) returns (M); {methods} }}"
        ))
    };
    let offered: Vec<Contract> = [of("a", ""), of("b", "rpc Down(M) returns (M);")].concat();
    let found = |name: &str| MethodName::read(name).find(&offered).map(|method| method.path().to_string());
    assert_eq!(found("Same/Down").unwrap(), "/b.Same/Down");
    assert_eq!(
        found("Same/Up").unwrap_err().to_string(),
        "Same is the name of several services, name one whole: a.Same, b.Same"
    );
}
