//! `greeter bench`: its figures, its object and its exit code.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

fn greeter() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greeter"));
    command.env_remove("GREETER_ADDR").env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    command
}

fn bench(args: &[&str]) -> Output {
    greeter().arg("bench").args(args).output().unwrap()
}

/// The object of a run that went well.
fn measured(args: &[&str]) -> Value {
    let output = bench(&[args, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(args: &[&str]) -> (Serving, String) {
    let mut command = greeter();
    command.args(["serve", "--listen", "127.0.0.1:0"]).args(args);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (Serving(child), line.trim_end().strip_prefix("listening on http://").unwrap().to_owned())
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[test]
fn so_many_calls_as_were_asked_for_are_made_and_counted() {
    let (_serving, address) = serve(&[]);
    let object = measured(&[&address, "-n", "500", "-c", "7"]);
    assert_eq!(object["event"], "bench");
    assert_eq!(object["target"], address);
    assert_eq!(object["method"], "/helloworld.Greeter/SayHello");
    assert_eq!((&object["calls"], &object["replies"]), (&500.into(), &500.into()));
    assert_eq!((&object["concurrency"], &object["connections"]), (&7.into(), &1.into()));
    assert_eq!(object["statuses"], serde_json::json!({"OK": 500}));
    assert_eq!((&object["not_ok"], &object["cut_off"]), (&0.into(), &0.into()));
    let bars = object["histogram"].as_array().unwrap();
    assert_eq!(bars.iter().map(|bar| bar["calls"].as_u64().unwrap()).sum::<u64>(), 500);
    let order = ["min", "p50", "p90", "p95", "p99", "p999", "max"]
        .map(|name| object["latency_us"][name].as_u64().unwrap());
    assert!(order.is_sorted() && order[0] > 0, "{order:?}");
}

#[test]
fn figures_and_bars_are_for_people() {
    let (_serving, address) = serve(&[]);
    let output = bench(&[&address, "SayHello", "Alice", "-n", "100", "-c", "2"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    let page = text(&output.stdout);
    assert!(
        page.starts_with(&format!("helloworld.Greeter/SayHello on {address}\n2 calls at once · 100 calls\n")),
        "{page}"
    );
    for words in ["  calls    100   ", "  ✓        100   OK\n", "  min  ", "p99.9", "  up to  ", "█", " %"]
    {
        assert!(page.contains(words), "{words:?} in {page}");
    }
    let ascii = bench(&[&address, "-n", "100", "--ascii"]);
    assert!(text(&ascii.stdout).is_ascii(), "{}", text(&ascii.stdout));
}

#[test]
fn each_kind_of_call_can_be_made() {
    let (_serving, address) = serve(&["--replies", "3", "--interval", "0s"]);
    for (words, replies) in [
        (&["unary", "A"][..], 20),
        (&["server-stream", "A"], 60),
        (&["client-stream", "A", "B", "C"], 20),
        (&["bidi", "A", "B"], 40),
        (&["hello.Greeter/SayHello", "-d", r#"{"name": "A"}"#], 20),
    ] {
        let object = measured(&[&[address.as_str()], words, &["-n", "20", "-c", "3"]].concat());
        assert_eq!((&object["calls"], &object["replies"]), (&20.into(), &replies.into()), "{words:?}");
    }
}

#[test]
fn a_rate_is_kept() {
    let (_serving, address) = serve(&[]);
    let object = measured(&[&address, "--rps", "100", "-n", "30", "-c", "4"]);
    // The last of them is due after 290 ms.
    assert!(object["us"].as_u64().unwrap() >= 290_000, "{object}");
    assert_eq!(object["rps"], 100);
}

/// Whoever waits for the server would have called it meanwhile: their time counts too.
#[test]
fn what_a_slow_server_holds_up_is_in_the_latencies() {
    let (_serving, address) = serve(&["--replies", "2", "--interval", "100ms"]);
    let object = measured(&[&address, "server-stream", "--rps", "100", "-n", "10", "-c", "1"]);
    // Each takes 100 ms; the tenth was due after 90 ms and could begin after 900.
    let longest = object["latency_us"]["max"].as_u64().unwrap();
    assert!(longest >= 900_000, "{object}");
}

/// A server that stands still to the end has kept waiting what was due, too.
#[test]
fn calls_that_were_due_and_never_begun_are_told() {
    let (_serving, address) = serve(&["--replies", "2", "--interval", "400ms"]);
    let output = bench(&[&address, "server-stream", "A", "--rps", "20", "-z", "1", "-c", "1", "--json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |key: &str| object[key].as_u64().unwrap();
    assert_eq!(number("calls") + number("cut_off") + number("not_begun"), 20, "{object}");
    assert!(number("not_begun") >= 15, "{object}");
}

#[test]
fn calls_a_second_are_by_the_time_of_the_load() {
    let (_serving, address) = serve(&["--replies", "2", "--interval", "600ms"]);
    // All are begun in half a second, and end after 1.1.
    let slow = measured(&[&address, "server-stream", "A", "--rps", "20", "-z", "500ms", "-c", "50"]);
    assert_eq!((&slow["calls"], &slow["us"]), (&10.into(), &500_000.into()), "{slow}");
    let few = measured(&[&address, "unary", "A", "--rps", "2", "-z", "1"]);
    assert_eq!((&few["calls"], &few["calls_per_second"]), (&2.into(), &2.0.into()), "{few}");
}

#[test]
fn nobody_listening_does_not_make_it_better() {
    let (_serving, address) = serve(&["--replies", "2", "--interval", "1500ms"]);
    let shell =
        format!("{} bench {address} server-stream A -z 100ms; echo $? >&2", env!("CARGO_BIN_EXE_greeter"));
    let output = Command::new("sh").args(["-c", &format!("({shell}) | head -1")]).output().unwrap();
    assert!(text(&output.stderr).ends_with("1\n"), "{output:?}");
}

#[test]
fn what_goes_on_long_after_the_time_is_cut_off_and_told() {
    let (_serving, address) = serve(&["--replies", "2", "--interval", "1500ms"]);
    let began = Instant::now();
    let output = bench(&[&address, "server-stream", "A", "-z", "100ms", "-c", "2", "--json"]);
    assert_eq!(output.status.code(), Some(1), "no call ended: {output:?}");
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&object["calls"], &object["cut_off"]), (&0.into(), &2.into()));
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_call_has_a_deadline_where_one_is_given() {
    let (_serving, address) = serve(&["--replies", "2", "--interval", "1h"]);
    let output = bench(&[&address, "server-stream", "A", "--max-time", "300ms"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(64 + 4), ""));
    assert!(text(&output.stderr).contains("DEADLINE_EXCEEDED"), "{output:?}");
}

#[test]
fn several_connections_are_made_where_they_are_asked_for() {
    let (_serving, address) = serve(&[]);
    let object = measured(&[&address, "--connections", "4", "-c", "8", "-n", "80"]);
    assert_eq!((&object["connections"], &object["calls"]), (&4.into(), &80.into()));
}

#[test]
fn a_server_that_cannot_be_called_is_told_and_gets_no_load() {
    let address = free_address();
    let output = bench(&[&address]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(64 + 14), ""));
    assert!(text(&output.stderr).contains("connection refused"), "{output:?}");
    let (_serving, address) = serve(&[]);
    let output = bench(&[&address, "SayNothing"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), ""));
    assert!(text(&output.stderr).contains("SayNothing"), "{output:?}");
}

#[test]
fn a_server_that_goes_away_under_load_makes_calls_fail() {
    let (serving, address) = serve(&[]);
    let mut command = greeter();
    command.args(["bench", &address, "-z", "2s", "-c", "4"]).stdout(Stdio::piped());
    let mut running = command.spawn().unwrap();
    let mut said = BufReader::new(running.stdout.take().unwrap());
    let mut head = String::new();
    // From here on there is load.
    said.read_line(&mut head).unwrap();
    drop(serving);
    let rest: Vec<String> = said.lines().map(Result::unwrap).collect();
    assert_eq!(running.wait().unwrap().code(), Some(1));
    let failed = rest.iter().find(|line| line.contains("UNAVAILABLE (14)")).unwrap();
    let calls: u64 = failed.split_whitespace().nth(1).unwrap().parse().unwrap();
    // Nobody calls a server that is not there as fast as a processor can.
    assert!(calls > 0 && calls < 1_000, "{failed}");
}

/// The server accepts and says nothing: the connections beside the first are not made.
#[test]
fn ctrl_c_ends_the_calls_before_the_load() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = greeter();
    command.args(["bench", &mute.local_addr().unwrap().to_string(), "--connections", "3"]);
    let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let _held = mute.accept().unwrap();
    kill_process(Pid::from_child(&running), Signal::INT).unwrap();
    assert_eq!(running.wait().unwrap().code(), Some(130));
}

#[test]
fn a_signal_ends_the_load_and_tells_what_came_of_it() {
    let (_serving, address) = serve(&[]);
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut command = greeter();
        command.args(["bench", &address, "-z", "1h"]).stdout(Stdio::piped());
        let mut running = command.spawn().unwrap();
        let mut said = BufReader::new(running.stdout.take().unwrap());
        let mut head = String::new();
        said.read_line(&mut head).unwrap();
        kill_process(Pid::from_child(&running), signal).unwrap();
        let rest: Vec<String> = said.lines().map(Result::unwrap).collect();
        assert_eq!(running.wait().unwrap().code(), Some(code));
        assert!(rest.iter().any(|line| line.starts_with("  calls ")), "{rest:?}");
    }
}

#[tokio::test]
async fn a_unary_call_without_its_reply_did_not_go_well() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let mut connection = h2::server::handshake(tcp).await.unwrap();
        while let Some(Ok((_request, mut respond))) = connection.accept().await {
            let response = http::Response::builder();
            let response = response.header("content-type", "application/grpc").header("grpc-status", "0");
            respond.send_response(response.body(()).unwrap(), true).unwrap();
        }
    });
    let ran = tokio::task::spawn_blocking(move || bench(&[&address, "helloworld.Greeter/SayHello"]));
    let output = ran.await.unwrap();
    assert_eq!(output.status.code(), Some(64 + 13), "{output:?}");
    assert!(text(&output.stderr).contains("a unary call has one reply, and 0 came"), "{output:?}");
}

#[test]
fn wrong_words_are_wrong_usage() {
    let (_serving, address) = serve(&[]);
    for (words, said) in [
        (&[][..], "no server is named"),
        (&["SayHello", "World"], "no server is named"),
        (&["127.0.0.1:1", "-c", "0"], "0 is not in 1..=10000"),
        (&["127.0.0.1:1", "--rps", "0"], "a number from 0.001 to 10000000"),
        (&["127.0.0.1:1", "-n", "1", "-z", "1"], "cannot be used with"),
        (&[&address, "unary", "A", "B"], "takes 1 message, and 2 were given"),
    ] {
        let output = bench(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {output:?}");
        assert!(text(&output.stderr).contains(said), "{words:?}: {output:?}");
    }
}
