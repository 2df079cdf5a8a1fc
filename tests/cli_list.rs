//! `greeter list` and `greeter describe` as a program: stdout, stderr and exit codes.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    convert::Infallible,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use hyper::{server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost_types::FileDescriptorProto;
use serde_json::Value;
use tonic::service::Routes;
use tonic_reflection::server::Builder;
use tower_service::Service as _;

fn greeter(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greeter"));
    command.args(args).env_remove("GREETER_ADDR");
    command
}

/// Exit code, stdout, stderr.
fn run(args: &[&str]) -> (Option<i32>, String, String) {
    said(greeter(args))
}

fn said(mut command: Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A `greeter serve`, which is killed with this.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start() -> Self {
        let mut command = greeter(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
        Self { child, address }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const METHODS: &str = "\
helloworld.Greeter/SayHello\tunary\thelloworld.HelloRequest\thelloworld.HelloReply
helloworld.Greeter/SayHelloServerStreaming\tserver-stream\thelloworld.HelloRequest\thelloworld.HelloReply
helloworld.Greeter/SayHelloClientStreaming\tclient-stream\thelloworld.HelloRequest\thelloworld.HelloReply
helloworld.Greeter/SayHelloBiDiStreaming\tbidi\thelloworld.HelloRequest\thelloworld.HelloReply
";
const BUILT_IN: &str = "built-in contracts; --addr asks a server\n";

#[test]
fn without_an_address_the_built_in_services_are_listed() {
    assert_eq!(
        run(&["list"]),
        (Some(0), "helloworld.Greeter\nhello.Greeter\n".to_owned(), BUILT_IN.to_owned())
    );
}

#[test]
fn a_services_methods_are_listed_with_their_kinds_and_messages() {
    let listed = (Some(0), METHODS.to_owned(), BUILT_IN.to_owned());
    assert_eq!(run(&["list", "helloworld.Greeter"]), listed);
    assert_eq!(run(&["list", "/helloworld.Greeter"]), listed);
}

#[test]
fn messages_and_enums_are_listed_too_if_all_is_wanted() {
    let (code, stdout, _) = run(&["list", "--all"]);
    assert_eq!(code, Some(0));
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines.len(), 6, "{stdout}");
    assert!(lines.contains(&"message\thelloworld.HelloReply") && lines.contains(&"service\thello.Greeter"));
}

#[test]
fn a_server_is_asked_by_reflection_and_all_of_it_is_listed() {
    let serving = Serving::start();
    let (code, stdout, stderr) = run(&["list", "--addr", &serving.address]);
    assert_eq!((code, stderr), (Some(0), format!("reflection v1 of {}\n", serving.address)));
    let services: Vec<&str> = stdout.lines().collect();
    assert_eq!(
        services,
        [
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
            "hello.Greeter",
            "helloworld.Greeter",
        ]
    );
    let mut command = greeter(&["list", "helloworld.Greeter"]);
    command.env("GREETER_ADDR", &serving.address);
    assert_eq!(said(command).1, METHODS);
    let (code, stdout, _) = run(&["list", "Health", "--addr", &serving.address]);
    assert_eq!((code, stdout.lines().count()), (Some(0), 2), "{stdout}");
}

/// Serves this on a free port of loopback, until the tests end.
fn host(routes: Routes) -> String {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap().to_string()).unwrap();
            let routes = routes.prepare();
            while let Ok((tcp, _)) = listener.accept().await {
                let routes = routes.clone();
                let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                    let mut routes = routes.clone();
                    async move { Ok::<_, Infallible>(routes.call(request).await.unwrap()) }
                });
                tokio::spawn(
                    http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(tcp), service),
                );
            }
        });
    });
    told.recv().unwrap()
}

fn reflecting(change: impl FnOnce(&mut FileDescriptorProto)) -> Builder<'static> {
    let protos = concat!(env!("CARGO_MANIFEST_DIR"), "/proto");
    let mut set = protox::compile(["hello.proto"], [protos]).unwrap();
    change(&mut set.file[0]);
    Builder::configure().register_file_descriptor_set(set)
}

#[test]
fn of_a_server_without_reflection_the_built_in_contracts_are_told() {
    let address = host(Routes::new(tonic_health::server::health_reporter().1));
    let words = format!("{address} has no reflection: these are the built-in contracts\n");
    assert_eq!(
        run(&["list", "--addr", &address]),
        (Some(0), "helloworld.Greeter\nhello.Greeter\n".to_owned(), words)
    );
    let (code, stdout, stderr) = run(&["describe", "hello.HelloReply", "--addr", &address]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("string reply = 1;") && stderr.contains("has no reflection"), "{stdout}{stderr}");
    // Calls work, but nobody knows of this service whether it is there.
    let (code, stdout, _) = run(&["doctor", &address, "--service", "no.Such"]);
    assert_eq!(code, Some(1));
    assert!(stdout.ends_with("; whether no.Such is there cannot be seen\n"), "{stdout}");
    for args in [["describe", "a.B"], ["list", "a.B"]] {
        let (code, stdout, stderr) = run(&[&args[..], &["--addr", &address]].concat());
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}");
        let said = "(the server has no reflection; name its schema with --proto or --protoset)\n";
        assert!(stderr.ends_with(said), "{args:?} says {stderr}");
    }
}

#[test]
fn a_server_with_v1alpha_alone_is_told_of_as_that() {
    let address = host(Routes::new(reflecting(|_| {}).build_v1alpha().unwrap()));
    let (code, stdout, stderr) = run(&["list", "hello.Greeter", "--addr", &address]);
    assert_eq!((code, stdout.lines().count()), (Some(0), 3), "{stdout}");
    assert_eq!(stderr, format!("reflection v1alpha of {address}\n"));
}

#[test]
fn a_service_that_cannot_be_called_is_listed_and_said_plainly() {
    let editions = |file: &mut FileDescriptorProto| file.syntax = Some("editions".to_owned());
    let address = host(Routes::new(reflecting(editions).build_v1().unwrap()));
    let (code, stdout, stderr) = run(&["list", "--addr", &address]);
    assert!(code == Some(0) && stdout.lines().any(|line| line == "hello.Greeter"), "{stdout}");
    let why = "hello.Greeter cannot be called: hello.proto is in edition number 0, which is not known: 2023 and 2024 are";
    assert!(stderr.lines().any(|line| line == why), "{stderr}");
    let (code, stdout, stderr) = run(&["list", "hello.Greeter", "--addr", &address]);
    assert_eq!((code, stdout, stderr), (Some(1), String::new(), format!("greeter: {why}\n")));
    let (_, stdout, _) = run(&["list", "--json", "--addr", &address]);
    let errors = stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert_eq!(errors.filter(|line| line["error"].is_string()).count(), 1, "{stdout}");
}

#[test]
fn a_service_that_is_listed_and_not_described_is_said_to_be_so_by_every_command() {
    let address = host(Routes::new(reflecting(|_| {}).with_service_name("ghost.Svc").build_v1().unwrap()));
    let why = "ghost.Svc cannot be called: the server does not describe it: ";
    let cause = "the server does not describe it: ";
    for args in [
        &["list", "ghost.Svc"][..],
        &["describe", "ghost.Svc"],
        &["describe", "ghost.Svc/Get"],
        &["call", "ghost.Svc/Get", "-d", "{}"],
    ] {
        let (code, stdout, stderr) = run(&[args, &["--addr", &address]].concat());
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{args:?}: {stderr}");
        assert!(stderr.contains(cause), "{args:?}: {stderr}");
    }
    let (code, stdout, _) = run(&["doctor", "--service", "ghost.Svc", &address]);
    let last = stdout.lines().last().unwrap();
    assert!(code == Some(1) && last.starts_with(why), "{stdout}");
    assert!(
        last.ends_with(": name its schema with --proto or --protoset, or add it to the server's reflection")
    );
}

#[test]
fn a_hostile_description_is_refused_or_safe_for_a_terminal() {
    const EVIL: &str = "\x1b]0;evil\x07\r\n\u{202e}";
    let address = host(Routes::new(
        reflecting(|file| {
            file.options.get_or_insert_default().java_package = Some(EVIL.to_owned());
            file.source_code_info.as_mut().unwrap().location[0].leading_comments = Some(EVIL.to_owned());
            file.message_type[0].field[0].json_name = Some(EVIL.to_owned());
        })
        .build_v1()
        .unwrap(),
    ));
    let (code, stdout, _) = run(&["describe", "hello.proto", "--addr", &address]);
    assert_eq!(code, Some(0));
    assert!(
        stdout.chars().all(|c| c == '\n' || !c.is_control()) && !stdout.contains('\u{202e}'),
        "{stdout:?}"
    );
    assert!(stdout.contains("json_name = "), "{stdout}");
}

#[test]
fn what_a_server_describes_is_printed_as_source() {
    let serving = Serving::start();
    let describe = |symbol: &str| run(&["describe", symbol, "--addr", &serving.address]);
    let (code, stdout, stderr) = describe("helloworld.Greeter/SayHello");
    assert_eq!((code, stderr), (Some(0), format!("reflection v1 of {}\n", serving.address)));
    assert!(stdout.starts_with("syntax = \"proto3\";\n\npackage helloworld;\n\n"), "{stdout}");
    assert!(stdout.contains("rpc SayHello(HelloRequest) returns (HelloReply);"), "{stdout}");
    // By the end of its name, by its file, and what belongs to no service.
    for (symbol, holds) in [
        ("HealthCheckRequest", "message HealthCheckRequest {"),
        ("hello.proto", "service Greeter {"),
        ("google.protobuf.Timestamp", "int64 seconds = 1;"),
        ("helloworld.HelloRequest.name", "string name = 1;"),
    ] {
        let (code, stdout, stderr) = describe(symbol);
        assert!(code == Some(0) && stdout.contains(holds), "{symbol}: {stdout}{stderr}");
    }
}

#[test]
fn json_is_an_object_a_line_and_says_where_it_is_from() {
    let lines = |args: &[&str]| -> Vec<Value> {
        let (code, stdout, stderr) = run(args);
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{args:?}");
        stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let services = lines(&["list", "--json"]);
    assert_eq!(
        services[0],
        serde_json::json!({"event": "service", "name": "helloworld.Greeter", "methods": 4, "from": "built in"})
    );
    let methods = lines(&["list", "hello.Greeter", "--json"]);
    assert_eq!(
        methods[1],
        serde_json::json!({
            "event": "method",
            "name": "hello.Greeter/LotsOfReplies",
            "kind": "server-stream",
            "request": "hello.HelloRequest",
            "reply": "hello.HelloReply",
            "from": "built in",
        })
    );
    let all = lines(&["list", "--all", "--json"]);
    assert!(
        all.contains(
            &serde_json::json!({"event": "message", "name": "hello.HelloReply", "from": "built in"})
        ),
        "{all:?}"
    );
    let described = lines(&["describe", "hello.HelloReply", "--json"]);
    assert_eq!(described[0]["symbol"], "hello.HelloReply");
    assert!(
        described[0]["proto"].as_str().unwrap().ends_with("message HelloReply {\n  string reply = 1;\n}\n")
    );
}

#[test]
fn what_is_not_there_is_one_sentence_with_the_nearest_names_and_exits_with_2() {
    for (args, sentence) in [
        (
            &["list", "helloworld.Greter"][..],
            "greeter: there is no service helloworld.Greter; the nearest: helloworld.Greeter, hello.Greeter\n",
        ),
        (
            &["describe", "hello.Greeting"],
            "greeter: there is no hello.Greeting; the nearest: hello.Greeter, helloworld.Greeter\n",
        ),
        (
            &["describe", "SayHello"],
            "greeter: SayHello is ambiguous: hello.Greeter.SayHello or \
             helloworld.Greeter.SayHello\n",
        ),
        (&["describe", "hello"], "greeter: hello is a package: ask for something in it\n"),
    ] {
        assert_eq!(run(args), (Some(2), String::new(), sentence.to_owned()), "{args:?}");
    }
}

#[test]
fn wrong_usage_exits_with_2_and_asks_nobody() {
    for args in [
        &["list", "--all", "hello.Greeter"][..],
        &["describe"],
        &["list", "--plaintext"],
        &["list", "-H", "a: b"],
        &["describe", "a.B", "--max-time", "1"],
        &["list", "--addr", "localhost:1", "-H", "no colon"],
        &["describe", "a.B", "--addr", ""],
        &["list", "--addr", "http://"],
    ] {
        let (code, stdout, stderr) = run(args);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}: {stderr}");
        assert!(!stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn a_server_that_is_not_there_is_unavailable() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    for args in [&["list"][..], &["describe", "a.B"]] {
        let (code, stdout, stderr) = run(&[args, &["--addr", &address]].concat());
        assert_eq!((code, stdout.as_str()), (Some(78), ""), "{args:?}");
        assert!(stderr.contains("connection refused") && stderr.lines().count() == 1, "{stderr}");
    }
}

#[test]
fn of_a_server_that_says_nothing_it_is_told_that_it_says_nothing() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = mute.local_addr().unwrap().to_string();
    for command in [&["list"][..], &["describe", "a.B"]] {
        let (code, stdout, stderr) = run(&[command, &["--addr", &address, "--max-time", "1"]].concat());
        assert_eq!((code, stdout.as_str()), (Some(78), ""), "{stderr}");
        assert!(stderr.contains("accepted the connection and said nothing"), "{stderr}");
    }
}

#[tokio::test]
async fn of_a_server_whose_reflection_hangs_it_is_told_that_reflection_was_asked() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        loop {
            let mut connection = h2::server::handshake(listener.accept().await.unwrap().0).await.unwrap();
            tokio::spawn(async move {
                let mut held = Vec::new();
                while let Some(Ok(request)) = connection.accept().await {
                    held.push(request);
                }
            });
        }
    });
    let ran = tokio::task::spawn_blocking(move || run(&["list", "--addr", &address, "--max-time", "1"]));
    let (code, stdout, stderr) = ran.await.unwrap();
    let words = "greeter: DEADLINE_EXCEEDED (4) · made here: asked by reflection what it offers, the server did \
                 not answer within 1.00 s · `greeter doctor` finds out why\n";
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(68), "", words));
}

#[test]
fn a_closed_stdout_ends_it_quietly() {
    for args in [&["list", "--all"][..], &["describe", "hello.proto"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = greeter(args).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.as_str()), (Some(0), BUILT_IN), "{args:?}");
    }
}
