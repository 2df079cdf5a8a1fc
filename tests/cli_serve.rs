//! `greeter serve` as a program: its line, its signals, its exit codes.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    io::{self, BufRead, BufReader, Read},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Output, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use futures_util::stream;
use greeter::server::proto::helloworld::{HelloRequest, greeter_client::GreeterClient};
use tonic::transport::Channel;

/// Longer than anything here may take without being a fault.
const GUARD: Duration = Duration::from_secs(20);

fn greeter() -> Command {
    Command::new(env!("CARGO_BIN_EXE_greeter"))
}

/// A `greeter serve` that said where it listens. It is killed with this.
struct Serving {
    child: Child,
    address: SocketAddr,
}

impl Serving {
    fn start(args: &[&str]) -> Self {
        let mut command = greeter();
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(args);
        Self::run(command)
    }

    fn run(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line
            .strip_prefix("listening on http://")
            .and_then(|address| address.strip_suffix('\n'))
            .unwrap_or_else(|| panic!("{line:?}"));
        Self { child, address: address.parse().unwrap() }
    }

    fn signal(&self, name: &str) {
        let kill = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    fn exit_code(&mut self) -> Option<i32> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(began.elapsed() < GUARD, "it does not end");
            sleep(Duration::from_millis(2));
        }
    }

    /// Waits until nobody accepts there.
    fn refused(&self) {
        let began = Instant::now();
        while TcpStream::connect(self.address).is_ok() {
            assert!(began.elapsed() < GUARD, "it accepts still");
            sleep(Duration::from_millis(2));
        }
    }

    async fn client(&self) -> GreeterClient<Channel> {
        let endpoint = Channel::from_shared(format!("http://{}", self.address)).unwrap();
        GreeterClient::new(endpoint.connect().await.unwrap())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn named(name: &str) -> HelloRequest {
    HelloRequest { name: name.to_owned() }
}

/// What it says and how it ends, for a command line that does not serve.
fn refusal(args: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = greeter().arg("serve").args(args).output().unwrap();
    assert_eq!(String::from_utf8(stdout).unwrap(), "", "stdout is for the one line");
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[tokio::test]
async fn it_says_where_it_listens_and_accepts_calls_there() {
    let serving = Serving::start(&[]);
    assert_ne!(serving.address.port(), 0);
    let reply = serving.client().await.say_hello(named("World")).await.unwrap();
    assert_eq!(reply.into_inner().message, "Hello, World!");
}

#[tokio::test]
async fn replies_and_interval_are_those_of_the_flags() {
    let serving = Serving::start(&["--replies", "3", "--interval", "20ms"]);
    let mut client = serving.client().await;
    let began = Instant::now();
    let mut replies = client.say_hello_server_streaming(named("World")).await.unwrap().into_inner();
    let mut count = 0;
    while replies.message().await.unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, 3);
    assert!(began.elapsed() >= Duration::from_millis(40), "two pauses of 20 ms");
}

#[tokio::test]
async fn a_name_is_resolved() {
    let mut command = greeter();
    command.args(["serve", "--listen", "localhost:0"]);
    assert!(Serving::run(command).address.ip().is_loopback());
}

#[test]
fn each_signal_that_asks_it_to_end_ends_it_with_success() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut serving = Serving::start(&[]);
        serving.signal(signal);
        assert_eq!(serving.exit_code(), Some(0), "{signal}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nohup_is_respected() {
    let mut command = Command::new("sh");
    let script = r#"trap "" HUP; exec "$0" serve --listen 127.0.0.1:0"#;
    command.args(["-c", script, env!("CARGO_BIN_EXE_greeter")]);
    let serving = Serving::run(command);
    let status = std::fs::read_to_string(format!("/proc/{}/status", serving.child.id())).unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    assert_eq!(u64::from_str_radix(ignored.trim(), 16).unwrap() & 1, 1, "SIGHUP is ignored still");
}

#[tokio::test]
async fn an_open_call_may_finish_after_the_signal() {
    let mut serving = Serving::start(&[]);
    let mut client = serving.client().await;
    let (names, mut requests) = tokio::sync::mpsc::channel(4);
    let requests = stream::poll_fn(move |cx| requests.poll_recv(cx));
    let mut replies = client.say_hello_bi_di_streaming(requests).await.unwrap().into_inner();
    names.send(named("Dave")).await.unwrap();
    assert!(replies.message().await.unwrap().is_some());

    serving.signal("-TERM");
    serving.refused();
    names.send(named("Eve")).await.unwrap();
    assert_eq!(replies.message().await.unwrap().unwrap().message, "Hello, Eve!");
    drop(names);
    assert_eq!(replies.message().await.unwrap(), None, "the call ends with OK");
    assert_eq!(serving.exit_code(), Some(0));
}

#[tokio::test]
async fn a_call_that_stays_open_does_not_hold_the_end() {
    let mut serving = Serving::start(&["--interval", "1h"]);
    let mut client = serving.client().await;
    let mut replies = client.say_hello_server_streaming(named("World")).await.unwrap().into_inner();
    assert!(replies.message().await.unwrap().is_some());
    serving.signal("-INT");
    assert_eq!(serving.exit_code(), Some(0));
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let mut serving = Serving::start(&["--interval", "1h"]);
    let mut client = serving.client().await;
    let mut replies = client.say_hello_server_streaming(named("World")).await.unwrap().into_inner();
    assert!(replies.message().await.unwrap().is_some());
    serving.signal("-INT");
    serving.refused();
    let began = Instant::now();
    serving.signal("-INT");
    assert_eq!(serving.exit_code(), Some(0));
    assert!(began.elapsed() < Duration::from_millis(700), "it waited for the call: {:?}", began.elapsed());
}

#[tokio::test]
async fn a_closed_stdout_does_not_keep_it_from_serving() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let child = greeter()
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut serving = Serving { child, address: "127.0.0.1:0".parse().unwrap() };
    let mut line = String::new();
    BufReader::new(serving.child.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).and_then(|rest| rest.split(',').next()).unwrap();
    serving.address = address.parse().unwrap();
    assert!(serving.client().await.say_hello(named("World")).await.is_ok());
}

#[tokio::test]
async fn running_out_of_file_descriptors_passes() {
    let mut command = Command::new("sh");
    let script = r#"ulimit -n 24; exec "$0" serve --listen 127.0.0.1:0"#;
    command.args(["-c", script, env!("CARGO_BIN_EXE_greeter")]);
    let serving = Serving::run(command);
    let crowd: Vec<_> = (0..64).map(|_| TcpStream::connect(serving.address).unwrap()).collect();
    drop(crowd);
    let reply = tokio::time::timeout(GUARD, async { serving.client().await.say_hello(named("World")).await });
    assert!(reply.await.expect("it accepts again").is_ok());
}

#[test]
fn an_address_that_others_reach_is_pointed_out() {
    let mut command = greeter();
    command.args(["serve", "--listen", "0.0.0.0:0"]);
    let mut serving = Serving::run(command);
    serving.signal("-TERM");
    serving.exit_code();
    let mut said = String::new();
    serving.child.stderr.as_mut().unwrap().read_to_string(&mut said).unwrap();
    let address = serving.address;
    assert_eq!(said, format!("greeter: {address} can be reached from other machines, and it is plaintext\n"));
}

#[test]
fn a_port_in_use_is_one_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, said) = refusal(&["--listen", &address]);
    let sentence = format!("greeter: {address} is in use; --listen 127.0.0.1:0 takes a free port\n");
    assert_eq!((code, said), (Some(1), sentence));
}

#[test]
fn a_host_that_does_not_exist_is_one_sentence() {
    // `.invalid` is kept for names that are none: RFC 6761.
    let (code, said) = refusal(&["--listen", "no-such.invalid:1"]);
    assert_eq!(code, Some(1));
    assert!(said.starts_with("greeter: cannot resolve no-such.invalid: "), "{said}");
    assert_eq!(said.lines().count(), 1);
}

#[test]
fn wrong_usage_says_what_to_write_and_exits_with_2() {
    for (args, hint) in [
        (["--listen", "50051"], "write 127.0.0.1:50051"),
        (["--listen", ":50051"], "write 127.0.0.1:50051"),
        (["--listen", "localhost"], "write localhost:50051"),
        (["--listen", "localhost:99999"], "a number from 0 to 65535"),
        (["--interval", "fast"], "300ms, 1.5s, 2m or 0"),
        (["--interval", "2h"], "an hour is the longest"),
        (["--replies", "many"], "--replies"),
        (["--replies", "-1"], "-1"),
        (["--no-such", "flag"], "--no-such"),
    ] {
        let (code, said) = refusal(&args);
        assert_eq!(code, Some(2), "{args:?}");
        assert!(said.contains(hint), "{args:?} says {said}");
    }
}
