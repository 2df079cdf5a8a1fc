//! `greeter doctor`: its lines, its objects and its exit code.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Output, Stdio},
};

fn greeter() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greeter"));
    command.env_remove("GREETER_ADDR").env("LC_ALL", "C.UTF-8");
    command
}

fn doctor(args: &[&str]) -> Output {
    greeter().arg("doctor").args(args).output().unwrap()
}

fn lines(output: &Output) -> Vec<String> {
    String::from_utf8(output.stdout.clone()).unwrap().lines().map(str::to_owned).collect()
}

struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve() -> (Serving, String) {
    let mut command = greeter();
    command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (Serving(child), line.trim_end().strip_prefix("listening on http://").unwrap().to_owned())
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[test]
fn a_good_server_is_told_layer_by_layer() {
    let (_serving, address) = serve();
    let output = doctor(&[&address]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let lines = lines(&output);
    let beginnings: Vec<&str> = lines.iter().map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(
        beginnings,
        ["✓ name", "✓ socket", "· TLS", "✓ HTTP/2", "✓ gRPC", "✓ reflection", "a call can be made"]
    );
}

#[test]
fn what_is_wrong_is_the_last_line_and_the_exit_code() {
    let output = doctor(&[&free_address()]);
    assert_eq!(output.status.code(), Some(1));
    let lines = lines(&output);
    assert!(lines[1].starts_with("✗ socket      connection refused"), "{lines:?}");
    assert_eq!(lines.last().unwrap(), "connection refused: start the server, or check the address");
    let (_serving, address) = serve();
    assert_eq!(doctor(&[&address, "--service", "no.Such"]).status.code(), Some(1));
    assert_eq!(doctor(&[&address, "--service", "hello.Greeter"]).status.code(), Some(0));
}

#[test]
fn json_is_an_object_a_line() {
    let output = doctor(&["--json", &free_address()]);
    assert_eq!(output.status.code(), Some(1));
    let objects: Vec<serde_json::Value> =
        lines(&output).iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects[1]["event"], "layer");
    assert_eq!((&objects[1]["layer"], &objects[1]["outcome"]), (&"socket".into(), &"fails".into()));
    assert!(objects[1]["us"].is_u64());
    let last = objects.last().unwrap();
    assert_eq!((&last["event"], &last["can_call"]), (&"verdict".into(), &false.into()));
    assert_eq!(last["fault"], "connection refused");
    assert_eq!(last["advice"], "start the server, or check the address");
}

#[test]
fn the_exit_code_is_true_where_nobody_reads() {
    let mut command = greeter();
    command.args(["doctor", &free_address()]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(1), &b""[..]));
}

#[test]
fn what_is_no_address_is_wrong_usage() {
    assert_eq!(doctor(&[]).status.code(), Some(2));
    assert_eq!(doctor(&["nothing"]).status.code(), Some(2));
}

#[test]
fn a_file_that_is_no_socket_is_no_server_that_refuses() {
    for there in [env!("CARGO_MANIFEST_DIR"), concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
        let output = doctor(&[&format!("unix:{there}")]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(lines(&output).iter().any(|line| line.contains("no socket is there")), "{output:?}");
    }
}
