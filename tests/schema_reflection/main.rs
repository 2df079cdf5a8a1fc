//! What a server offers, asked of servers that are not ours: honest, old, silent and hostile ones.

#![allow(clippy::unwrap_used)]

mod servers;

use std::time::{Duration, Instant};

use greeter::{
    rpc::Code,
    schema::{DiscoverError, Discovery, Kind, SchemaError, Source},
};
use prost_types::{FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet};
use tokio::net::TcpListener;
use tonic::{Status, service::Routes};
use tonic_reflection::{
    pb::v1::{
        ExtensionNumberResponse, FileDescriptorResponse, ListServiceResponse, ServiceResponse,
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    },
    server::Builder,
};

use self::servers::{ask, file, files, host, list, names, not_found, of_files, told};

fn greeters() -> FileDescriptorSet {
    let protos = concat!(env!("CARGO_MANIFEST_DIR"), "/proto");
    protox::compile(["helloworld.proto", "hello.proto"], [protos]).unwrap()
}

#[tokio::test]
async fn a_server_with_v1_tells_its_services_but_not_its_infrastructure() {
    let reflection = Builder::configure().register_file_descriptor_set(greeters()).build_v1().unwrap();
    let discovery = ask(host(Routes::new(reflection)).await).await.unwrap();
    assert_eq!(names(&discovery), ["hello.Greeter", "helloworld.Greeter"]);
    assert_eq!(discovery.left_out, []);
    let greeter = &discovery.contracts[1];
    assert_eq!(greeter.source(), Source::Reflection);
    assert_eq!(greeter.of_kind(Kind::Bidi).next().unwrap().name(), "SayHelloBiDiStreaming");
    assert_eq!(greeter.methods()[0].request().line_field(), Some("name"));
}

#[tokio::test]
async fn a_server_with_v1alpha_alone_tells_its_services() {
    let reflection = Builder::configure().register_file_descriptor_set(greeters()).build_v1alpha().unwrap();
    let discovery = ask(host(Routes::new(reflection)).await).await.unwrap();
    assert_eq!(names(&discovery), ["hello.Greeter", "helloworld.Greeter"]);
}

#[tokio::test]
async fn a_server_without_reflection_says_so() {
    let (_, health) = tonic_health::server::health_reporter();
    let error = ask(host(Routes::new(health)).await).await.unwrap_err();
    assert_eq!(error, DiscoverError::NoReflection);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = ask(address).await.unwrap_err();
    assert!(matches!(&error, DiscoverError::Unavailable(status) if status.code == Code::Unavailable));
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn imports_over_several_files_are_fetched_and_the_well_known_ones_are_not_needed() {
    let protos = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protos");
    let set = protox::compile(["everything.proto"], [protos]).unwrap();
    let everything = set.file.into_iter().filter(|file| !file.name().starts_with("google/")).collect();
    let reflection = Builder::configure()
        .register_file_descriptor_set(FileDescriptorSet { file: everything })
        .include_reflection_service(false)
        .build_v1()
        .unwrap();
    let discovery = ask(host(Routes::new(reflection)).await).await.unwrap();
    assert_eq!(names(&discovery), ["test.Asking"]);
}

#[tokio::test]
async fn imports_that_loop_are_no_trouble() {
    let mut a = file("a", ".b.M", &["b.proto"]);
    let mut b = file("b", ".b.M", &["a.proto"]);
    a.public_dependency = vec![0];
    b.public_dependency = vec![0];
    let discovery = of_files(a.clone(), vec![a, b]).await.unwrap();
    assert_eq!(names(&discovery), ["a.S"]);
}

#[tokio::test]
async fn public_imports_are_seen_through_several_files() {
    let mut b = file("b", ".b.M", &["c.proto"]);
    b.public_dependency = vec![0];
    let mut c = file("c", ".c.M", &["d.proto"]);
    c.public_dependency = vec![0];
    let d = file("d", ".d.M", &[]);
    let discovery = of_files(file("a", ".d.M", &["b.proto"]), vec![b, c, d]).await.unwrap();
    assert_eq!(discovery.contracts[0].methods()[0].request().full_name(), "d.M");
}

#[tokio::test]
async fn an_import_that_is_not_there_matters_only_where_it_is_needed() {
    let discovery = of_files(file("a", ".a.M", &["options.proto"]), vec![]).await.unwrap();
    assert_eq!(names(&discovery), ["a.S"]);
    let discovery = of_files(file("a", ".b.M", &["b.proto"]), vec![]).await.unwrap();
    assert_eq!(discovery.contracts, []);
    assert!(discovery.left_out[0].why.to_string().contains("b.M"), "{:?}", discovery.left_out);
}

#[tokio::test]
async fn a_file_in_an_unknown_edition_leaves_its_services_out_and_no_others() {
    let discovery = told(|request| match request {
        MessageRequest::ListServices(_) => list(&["a.S", "b.S"]),
        MessageRequest::FileContainingSymbol(name) if name == "a.S" => {
            files(&[FileDescriptorProto { syntax: Some("editions".to_owned()), ..file("a", ".a.M", &[]) }])
        }
        _ => files(&[file("b", ".b.M", &[])]),
    })
    .await
    .unwrap();
    assert_eq!(names(&discovery), ["b.S"]);
    assert_eq!(discovery.left_out[0].service, "a.S");
    assert_eq!(
        discovery.left_out[0].why,
        SchemaError::Edition { file: "a.proto".to_owned(), edition: "edition number 0".to_owned() }
    );
}

#[tokio::test]
async fn names_with_escape_sequences_are_never_a_contract() {
    let evil = "a.\x1b]0;evil\x07S";
    let mut file = file("b", ".b.M", &[]);
    file.service[0].method[0].name = Some("\x1b[2J".to_owned());
    let discovery = told(move |request| {
        let is_list = matches!(request, MessageRequest::ListServices(_));
        if is_list { list(&[evil, "b.S", ""]) } else { files(std::slice::from_ref(&file)) }
    })
    .await
    .unwrap();
    assert_eq!(discovery.contracts, []);
    assert_eq!(discovery.left_out.len(), 3);
    assert!(discovery.left_out.iter().all(|left_out| matches!(left_out.why, SchemaError::Name { .. })));
}

#[tokio::test]
async fn a_service_that_is_listed_and_not_described_is_left_out() {
    let discovery = told(|request| match request {
        MessageRequest::ListServices(_) => list(&["a.S", "b.S"]),
        MessageRequest::FileContainingSymbol(name) if name == "b.S" => files(&[file("b", ".b.M", &[])]),
        _ => not_found(),
    })
    .await
    .unwrap();
    assert_eq!(names(&discovery), ["b.S"]);
    assert_eq!(discovery.left_out[0].why.to_string(), "the server does not describe it: no such thing");
}

#[tokio::test]
async fn a_server_that_ends_the_stream_instead_of_answering_is_asked_on() {
    let discovery = told(|request| match request {
        MessageRequest::ListServices(_) => list(&["a.S", "b.S", "c.S"]),
        MessageRequest::FileContainingSymbol(name) if name == "b.S" => {
            vec![Err(Status::not_found("symbol 'b.S' not found"))]
        }
        MessageRequest::FileContainingSymbol(name) => {
            files(&[file(&name[..1], ".google.protobuf.Empty", &["google/protobuf/empty.proto"])])
        }
        _ => not_found(),
    })
    .await
    .unwrap();
    assert_eq!(names(&discovery), ["a.S", "c.S"]);
    assert_eq!(discovery.left_out[0].service, "b.S");
}

#[tokio::test]
async fn a_hundred_thousand_services_are_refused() {
    let error = told(|_| {
        let service = (0..100_000).map(|n| ServiceResponse { name: format!("a.S{n}") }).collect();
        vec![Ok(MessageResponse::ListServicesResponse(ListServiceResponse { service }))]
    })
    .await
    .unwrap_err();
    assert_eq!(error.to_string(), "the server's reflection makes no sense: 100000 services, more than 1000");
}

#[tokio::test]
async fn imports_without_end_come_to_an_end() {
    let started = Instant::now();
    let discovery = told(|request| match request {
        MessageRequest::ListServices(_) => list(&["a.S"]),
        MessageRequest::FileContainingSymbol(_) => files(&[file("a", ".a.M", &["0"])]),
        MessageRequest::FileByFilename(name) => {
            let next = (name.parse::<u32>().unwrap() + 1).to_string();
            let mut file = file("a", ".a.M", &[&next]);
            file.name = Some(name);
            file.package = Some(format!("p{next}"));
            files(&[file])
        }
        _ => not_found(),
    })
    .await;
    assert!(started.elapsed() < Duration::from_secs(10));
    match discovery {
        Ok(discovery) => assert_eq!(names(&discovery), ["a.S"]),
        // A slow machine: the time was over first.
        Err(error) => assert!(matches!(error, DiscoverError::Unavailable(_)), "{error}"),
    }
}

#[tokio::test]
async fn a_server_that_never_stops_answering_is_broken() {
    let error = told(|_| {
        let mut answers = list(&["a.S"]);
        for _ in 0..10_000 {
            answers.extend(not_found());
        }
        answers
    })
    .await
    .unwrap_err();
    assert!(matches!(error, DiscoverError::Broken(_)), "{error}");
}

#[tokio::test]
async fn a_server_that_never_answers_takes_five_seconds() {
    let started = Instant::now();
    let error = told(|_| vec![]).await.unwrap_err();
    assert!(matches!(&error, DiscoverError::Unavailable(status) if status.code == Code::DeadlineExceeded));
    assert!(started.elapsed() >= Duration::from_millis(4_900));
}

#[tokio::test]
async fn descriptors_that_make_a_compiler_panic_leave_their_services_out() {
    let field = |name: &str, number| FieldDescriptorProto {
        name: Some(name.to_owned()),
        number: Some(number),
        ..Default::default()
    };
    let broken: [fn(&mut FileDescriptorProto, FieldDescriptorProto); 6] = [
        |file, field| {
            // A map entry without key and value.
            let options = prost_types::MessageOptions { map_entry: Some(true), ..Default::default() };
            file.message_type[0].options = Some(options);
            file.message_type[0].field.push(field);
        },
        |file, field| {
            let mut field = field;
            field.oneof_index = Some(-1);
            file.message_type[0].field.push(field);
        },
        |file, field| {
            let mut field = field;
            field.type_name = Some(".a.Nothing".to_owned());
            file.message_type[0].field.push(field);
        },
        |file, field| file.message_type[0].field.extend([field.clone(), field]),
        |file, _| file.message_type.push(file.message_type[0].clone()),
        |file, _| file.package = Some("a..b".to_owned()),
    ];
    for (index, breaks) in broken.into_iter().enumerate() {
        let mut file = file("a", ".a.M", &[]);
        breaks(&mut file, field("f", 1));
        let discovery = of_files(file, vec![]).await.unwrap();
        assert_eq!(discovery.contracts, [], "case {index}");
        assert_eq!(discovery.left_out.len(), 1, "case {index}");
    }
}

/// The files of tests/protos, with proto2.proto's extensions in a file that nothing imports.
fn extended() -> (FileDescriptorProto, FileDescriptorProto) {
    let protos = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protos");
    let set = protox::compile(["proto2.proto"], [protos]).unwrap();
    let mut declaring = set.file.into_iter().find(|file| file.name() == "proto2.proto").unwrap();
    let mut extending = FileDescriptorProto {
        name: Some("extending.proto".to_owned()),
        package: Some("elsewhere".to_owned()),
        dependency: vec!["proto2.proto".to_owned()],
        ..Default::default()
    };
    let numbers = |field: &FieldDescriptorProto| field.number() == 100 && field.extendee() == ".old.Whole";
    extending.extension = declaring.extension.iter().filter(|field| numbers(field)).cloned().collect();
    declaring.extension.clear();
    (declaring, extending)
}

fn request_of<'a>(discovery: &'a Discovery, service: &str) -> &'a greeter::schema::MessageType {
    let contract = discovery.contracts.iter().find(|contract| contract.name() == service).unwrap();
    contract.methods()[0].request()
}

#[tokio::test]
async fn extensions_that_nothing_imports_are_asked_for() {
    let discovery = told(|request| {
        let (declaring, extending) = extended();
        match request {
            MessageRequest::ListServices(_) => list(&["old.Asking"]),
            MessageRequest::FileContainingSymbol(_) => files(&[declaring]),
            MessageRequest::AllExtensionNumbersOfType(name) if name == "old.Whole" => {
                let extension_number = vec![100, 103];
                let response = ExtensionNumberResponse { base_type_name: name, extension_number };
                vec![Ok(MessageResponse::AllExtensionNumbersResponse(response))]
            }
            MessageRequest::FileContainingExtension(asked) => {
                assert_eq!((asked.containing_type.as_str(), asked.extension_number), ("old.Whole", 100));
                files(&[extending])
            }
            _ => not_found(),
        }
    })
    .await
    .unwrap();
    let line = r#"{"name": "n", "inner": {}, "[elsewhere.number_extension]": 7}"#;
    let bytes = request_of(&discovery, "old.Asking").encode(line).unwrap();
    assert!(bytes.ends_with(b"\xa0\x06\x07"), "{bytes:?}");
}

#[tokio::test]
async fn a_server_that_does_not_bear_to_be_asked_for_extensions_can_be_called() {
    let discovery = told(|request| match request {
        MessageRequest::ListServices(_) => list(&["old.Asking"]),
        MessageRequest::FileContainingSymbol(_) => files(&[extended().0]),
        _ => vec![Err(Status::unimplemented("extensions are not supported"))],
    })
    .await
    .unwrap();
    let encoded = request_of(&discovery, "old.Asking")
        .encode(r#"{"name": "n", "inner": {}, "[old.Whole.nested_extension]": "x"}"#);
    assert!(encoded.is_ok(), "{encoded:?}");
}

#[tokio::test]
async fn extensions_that_make_no_sense_cost_nobody_a_service() {
    let (declaring, extending) = extended();
    let nonsense: [fn(&mut FieldDescriptorProto); 6] = [
        |field| field.extendee = Some(".old.Missing".to_owned()),
        |field| field.extendee = Some("Whole".to_owned()),
        |field| field.number = Some(5_000_000),
        |field| field.number = Some(-1),
        |field| field.number = Some(19_500),
        |field| field.type_name = Some(".old.Missing".to_owned()),
    ];
    for breaks in nonsense {
        let mut declaring = declaring.clone();
        let mut broken = extending.extension[0].clone();
        breaks(&mut broken);
        // A sound one beside it, and one twice.
        declaring.extension = vec![broken, extending.extension[0].clone(), extending.extension[0].clone()];
        let discovery = told(move |request| match request {
            MessageRequest::ListServices(_) => list(&["old.Asking"]),
            MessageRequest::FileContainingSymbol(_) => files(std::slice::from_ref(&declaring)),
            _ => not_found(),
        })
        .await
        .unwrap();
        let request = request_of(&discovery, "old.Asking");
        let encoded = request.encode(r#"{"name": "n", "inner": {}, "[old.number_extension]": 1}"#);
        assert!(encoded.is_ok(), "{encoded:?}");
    }
}

#[tokio::test]
async fn a_file_in_an_edition_is_understood() {
    // A file of a set is field 1 of it: behind its tag and its length of two bytes.
    let file = include_bytes!("../protos/editions.binpb")[3..].to_vec();
    let discovery = told(move |request| match request {
        MessageRequest::ListServices(_) => list(&["editions.Asking"]),
        MessageRequest::FileContainingSymbol(_) => {
            let file_descriptor_proto = vec![file.clone()];
            vec![Ok(MessageResponse::FileDescriptorResponse(FileDescriptorResponse {
                file_descriptor_proto,
            }))]
        }
        _ => not_found(),
    })
    .await
    .unwrap();
    assert_eq!(discovery.left_out, []);
    let bytes =
        request_of(&discovery, "editions.Asking").encode(r#"{"required": 1, "delimited": {}}"#).unwrap();
    assert_eq!(bytes, &b"\x18\x01\x43\x44"[..]);
}

#[tokio::test]
async fn a_greeter_under_other_names_is_a_service_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let proto = "syntax = \"proto3\"; package greet; message HelloRequest { string name = 1; }
        message HelloReply { string message = 1; }
        service Greeter {
            rpc SayHello(HelloRequest) returns (HelloReply);
            rpc SayHelloStreamReply(HelloRequest) returns (stream HelloReply);
            rpc SayHelloBidiStream(stream HelloRequest) returns (stream HelloReply);
        }";
    std::fs::write(folder.path().join("greet.proto"), proto).unwrap();
    let set = protox::compile(["greet.proto"], [folder.path()]).unwrap();
    let reflection = Builder::configure().register_file_descriptor_set(set).build_v1().unwrap();
    let discovery = ask(host(Routes::new(reflection)).await).await.unwrap();
    let greeter = greeter::schema::prefer(&discovery.contracts).unwrap();
    assert_eq!(greeter.name(), "greet.Greeter");
    let names = |kind| greeter.of_kind(kind).map(greeter::schema::Method::name).collect::<Vec<_>>();
    assert_eq!(names(Kind::Unary), ["SayHello"]);
    assert_eq!(names(Kind::ServerStream), ["SayHelloStreamReply"]);
    assert_eq!(names(Kind::ClientStream), [""; 0]);
    assert_eq!(names(Kind::Bidi), ["SayHelloBidiStream"]);
    let bidi = greeter.of_kind(Kind::Bidi).next().unwrap();
    assert_eq!(bidi.path(), "/greet.Greeter/SayHelloBidiStream");
    assert_eq!(bidi.request().encode("World").unwrap(), &b"\x0a\x05World"[..]);
}
