//! What is copied as a command makes the same call: it is handed to a shell and run.

#![allow(clippy::unwrap_used)]

use std::{
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use greeter::{
    compression::Encoding,
    rpc::{CallId, Entry, Readiness, What, metadata},
    schema::{Contract, Kind},
    tui::{
        action::Tool,
        model::{Call, Link, Metadata, Protection, Sizes},
        shell::command,
    },
};

const GREETER: &str = env!("CARGO_BIN_EXE_greeter");

/// The embedded server in a process of its own.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start() -> Self {
        let mut command = Command::new(GREETER);
        command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
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

fn link(address: &str) -> Link {
    Link { address: address.to_owned(), protection: Protection::Plaintext, ..Link::new() }
}

/// A call of the default contract with these names, sent as its kind sends them.
fn call(kind: Kind, names: &[&str]) -> Call {
    let method = Contract::default().of_kind(kind).next().unwrap().clone();
    let messages: Vec<_> = names
        .iter()
        .map(|name| {
            let json = serde_json::json!({ "name": name }).to_string();
            method.request().encode(&json).unwrap()
        })
        .collect();
    if !kind.sends_stream() {
        return Call::new(CallId(1), method, Some(messages[0].clone()), Instant::now());
    }
    let mut call = Call::new(CallId(1), method, None, Instant::now());
    for message in messages {
        call.record.push(Entry { at: Duration::ZERO, what: What::Sent(message) });
    }
    call
}

fn metadata(written: &str) -> Metadata {
    let (key, value) = metadata::parse(&written.replace("${TOKEN}", "hush")).unwrap();
    Metadata { written: written.to_owned(), key, value }
}

/// What a shell prints that runs it, `greeter` being the one under test.
fn run(command: &str) -> String {
    let bin = Path::new(GREETER).parent().unwrap();
    let path =
        env::join_paths([bin.to_owned()].into_iter().chain(env::split_paths(&env::var_os("PATH").unwrap())));
    let output = Command::new("sh")
        .args(["-c", command])
        .env("PATH", path.unwrap())
        .env("TOKEN", "hush")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command}\n{told}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_copied_greeter_command_makes_the_same_call() {
    let serving = Serving::start();
    let hostile = "O'Brien $HOME `id` \"\\ 世界";
    for (kind, names, replies) in [
        (Kind::Unary, vec![hostile], format!("Hello, {hostile}!\n")),
        (Kind::Unary, vec![""], "Hello, !\n".to_owned()),
        (Kind::ClientStream, vec!["Alice", "Bob"], "Hello, Alice, Bob!\n".to_owned()),
        (Kind::Bidi, vec!["Dave", "Eve"], "Hello, Dave!\nHello, Eve!\n".to_owned()),
    ] {
        let command = command(Tool::Greeter, &call(kind, &names), &link(&serving.address)).unwrap();
        assert_eq!(run(&command), replies, "{command}");
    }
}

#[test]
fn the_compression_goes_with_it() {
    let serving = Serving::start();
    for encoding in Encoding::ALL {
        let mut call = call(Kind::Bidi, &["Dave", "Eve"]);
        call.compression = Some(encoding);
        let command = command(Tool::Greeter, &call, &link(&serving.address)).unwrap();
        assert!(command.ends_with(&format!(" --compress {encoding}")), "{command}");
        assert_eq!(run(&command), "Hello, Dave!\nHello, Eve!\n", "{command}");
    }
}

#[test]
fn deadline_and_metadata_go_with_it() {
    let serving = Serving::start();
    let mut call = call(Kind::Unary, &["World"]);
    call.deadline = Some(Duration::from_millis(2_500));
    call.metadata =
        ["x-trace: a $b", "authorization: Bearer ${TOKEN}", "cookie: typed"].map(metadata).to_vec();
    let command = command(Tool::Greeter, &call, &link(&serving.address)).unwrap();
    assert!(command.contains("--max-time 2.5"), "{command}");
    assert!(command.contains("-H 'x-trace: a $b'"), "{command}");
    assert!(command.contains("-H \"authorization: Bearer ${TOKEN}\""), "{command}");
    assert!(command.contains("-H \"cookie: ${COOKIE}\"") && !command.contains("typed"), "{command}");
    assert_eq!(run(&format!("COOKIE=x; {command}")), "Hello, World!\n");
}

#[test]
fn limits_of_size_and_waiting_for_a_server_go_with_it() {
    let serving = Serving::start();
    let mut call = call(Kind::Unary, &["World"]);
    call.readiness = Readiness::WaitForReady;
    call.sizes = Sizes { reply: 15, request: Some(7) };
    let command = |tool| command(tool, &call, &link(&serving.address)).unwrap();
    let own = command(Tool::Greeter);
    assert!(own.ends_with("--max-msg-sz 15 --max-send-sz 7 --wait-for-ready"), "{own}");
    assert_eq!(run(&own), "Hello, World!\n");
    // The other tool has no words for the rest.
    let other = command(Tool::Grpcurl);
    assert!(
        other.contains(" -max-msg-sz 15 ") && !other.contains("wait") && !other.contains("send"),
        "{other}"
    );
}

#[test]
fn a_grpcurl_command_has_its_own_flags() {
    let mut call = call(Kind::Bidi, &["Dave", "Eve"]);
    call.deadline = Some(Duration::from_secs(5));
    let command = command(Tool::Grpcurl, &call, &link("127.0.0.1:50051")).unwrap();
    assert_eq!(
        command,
        "grpcurl -plaintext -max-time 5 -d '{\"name\":\"Dave\"} {\"name\":\"Eve\"}' 127.0.0.1:50051 \
         helloworld.Greeter/SayHelloBiDiStreaming"
    );
}
