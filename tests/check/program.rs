//! `greeter check` as a program without a terminal: its lines, its JSON, its exit codes.

use std::{
    collections::BTreeSet,
    io::Read,
    net::{SocketAddr, TcpListener},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use greeter::check::CHECKS;
use serde_json::{Map, Value};

use crate::greeter::{Fault, start_aside};

fn check(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greeter"));
    for name in ["GREETER_ADDR", "NO_COLOR", "LC_ALL", "LC_CTYPE"] {
        command.env_remove(name);
    }
    command.arg("check").args(args).env("LANG", "C.UTF-8").stdin(Stdio::null());
    command
}

fn run(mut command: Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// The fields of all lines there are, but for `event`.
pub(crate) fn fields() -> BTreeSet<String> {
    let (_, reached, _) = checked(start_aside(Fault::None), &["--json"]);
    let (_, unreachable, _) = run(check(&["127.0.0.1:1", "--json"]));
    let lines = reached.lines().chain(unreachable.lines()).map(|line| serde_json::from_str(line).unwrap());
    let names = lines.flat_map(|line: Map<String, Value>| line.into_iter().map(|(name, _)| name));
    names.filter(|name| name != "event").collect()
}

fn checked(address: SocketAddr, args: &[&str]) -> (Option<i32>, String, String) {
    run(check(&[&[address.to_string().as_str()], args].concat()))
}

#[test]
fn a_good_server_is_a_line_for_each_check_and_0() {
    let address = start_aside(Fault::None);
    let (code, stdout, stderr) = checked(address, &[]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines[0], format!("{address}: helloworld.Greeter (no reflection; it answers)"));
    assert_eq!(lines[1], "✓ holds unary.world: \"Hello, World!\"");
    assert!(lines.contains(&"– not offered offers.health"), "{stdout}");
    assert!(lines.last().unwrap().starts_with("✓ all 34 hold, 2 not offered, "), "{stdout}");
    assert_eq!(lines.len(), CHECKS.len() + 2);
    assert!(!stdout.contains('\x1b'), "{stdout:?}");
}

#[test]
fn what_does_not_hold_is_told_with_what_came_and_1() {
    let (code, stdout, _) = checked(start_aside(Fault::FourReplies), &[]);
    assert_eq!(code, Some(1));
    let expected = "✗ fails server-stream.five: expected 5 replies, then OK, came 4 replies, then OK";
    assert!(stdout.lines().any(|line| line == expected), "{stdout}");
    assert!(stdout.contains("✗ 1 of 34 does not hold, 2 not offered"), "{stdout}");
}

#[test]
fn json_is_an_object_a_line_whatever_the_server_says() {
    let address = start_aside(Fault::Escapes);
    let (code, stdout, _) = checked(address, &["--json"]);
    assert_eq!(code, Some(1));
    assert!(!stdout.chars().any(|c| c.is_control() && c != '\n'), "{stdout:?}");
    let lines: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["event"], "start");
    assert_eq!(lines[0]["target"], address.to_string());
    assert_eq!(lines[0]["service"], "helloworld.Greeter");
    assert_eq!(lines[0]["known"], "answer");
    let (end, checks) = lines[1..].split_last().unwrap();
    let names: Vec<&str> = checks.iter().map(|line| line["name"].as_str().unwrap()).collect();
    assert_eq!(names, CHECKS.iter().map(|check| check.name).collect::<Vec<_>>());
    assert_eq!(checks[0]["outcome"], "fails");
    assert_eq!(checks[0]["expected"], "\"Hello, World!\"");
    assert!(checks[0]["came"].as_str().unwrap().contains("\x1b]0;owned"), "{}", checks[0]);
    assert_eq!(checks[0]["need"], "required");
    assert!(checks[0]["us"].is_u64());
    assert_eq!((&end["event"], &end["verdict"]), (&"end".into(), &"not good".into()));
    let counted = |key: &str| checks.iter().filter(|line| line["outcome"] == key).count();
    assert_eq!(end["fails"], counted("fails"));
    assert_eq!(end["not_offered"], counted("not offered"));
}

#[test]
fn plain_lines_hold_no_escape_sequence_of_the_server() {
    let (_, stdout, _) = checked(start_aside(Fault::Escapes), &[]);
    assert!(!stdout.chars().any(|c| c.is_control() && c != '\n'), "{stdout:?}");
    assert!(stdout.contains("owned"), "{stdout}");
}

#[test]
fn a_locale_without_utf_8_gets_ascii_signs() {
    let mut command = check(&[&start_aside(Fault::FourReplies).to_string()]);
    command.env("LANG", "C");
    let (_, stdout, _) = run(command);
    assert!(stdout.contains("x fails server-stream.five"), "{stdout}");
    assert!(stdout.contains("- not offered offers.health"), "{stdout}");
}

#[test]
fn where_nobody_listens_is_1_and_says_what_to_do() {
    let (code, stdout, stderr) = run(check(&["127.0.0.1:1"]));
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    let expected = "greeter: 127.0.0.1:1 cannot be checked: connection refused; is it the address on which it listens?\n";
    assert_eq!(stderr, expected);
    let (code, stdout, _) = run(check(&["127.0.0.1:1", "--json"]));
    assert_eq!(code, Some(1));
    let line: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&line["event"], &line["verdict"]), (&"end".into(), &"unreachable".into()));
    assert_eq!(line["error"], "connection refused");
}

#[test]
fn wrong_usage_is_2_and_nothing_is_asked() {
    for args in [
        &[][..],
        &["no address"],
        &["127.0.0.1:1", "--service", "no.Such"],
        &["127.0.0.1:1", "--addr", "127.0.0.1:2"],
        &["127.0.0.1:1", "-H", "no colon"],
        &["127.0.0.1:1", "--max-time", "soon"],
        &["127.0.0.1:1", "--json", "--ascii"],
    ] {
        let (code, stdout, stderr) = run(check(args));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}: {stderr}");
        assert!(!stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn the_address_may_come_from_the_environment() {
    let mut command = check(&["--service", "helloworld.Greeter"]);
    command.env("GREETER_ADDR", start_aside(Fault::None).to_string());
    let (code, stdout, _) = run(command);
    assert_eq!(code, Some(0), "{stdout}");
    assert!(stdout.contains("helloworld.Greeter (--service)"), "{stdout}");
}

#[test]
fn all_checks_together_take_no_more_than_max_time() {
    let (code, stdout, _) = checked(start_aside(Fault::Mute), &["--max-time", "500ms"]);
    assert_eq!(code, Some(1));
    assert!(stdout.contains("the time for all checks is over"), "{stdout}");
}

#[test]
fn connecting_takes_no_more_than_max_time() {
    // Its backlog takes connections, and nobody ever says a word on them.
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let began = Instant::now();
    let (code, _, stderr) = checked(mute.local_addr().unwrap(), &["--max-time", "500ms"]);
    // Of itself a connection has 5 seconds.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(code, Some(1));
    assert!(stderr.contains("cannot be checked: ") && stderr.contains("500 ms"), "{stderr}");
}

#[test]
fn a_verdict_that_nobody_hears_is_not_good() {
    let mut child = check(&[&start_aside(Fault::FourReplies).to_string()]);
    let mut child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    assert_eq!((status.code(), String::from_utf8(stderr).unwrap().as_str()), (Some(1), ""));
}

#[test]
fn ctrl_c_while_connecting_is_the_only_line_of_json() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut child = check(&[&mute.local_addr().unwrap().to_string(), "--json"]);
    let child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It is waited for as soon as it has connected.
    let _silent = mute.accept().unwrap();
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let Output { status, stdout, .. } = child.wait_with_output().unwrap();
    let line: Value = serde_json::from_slice(&stdout).unwrap();
    assert_eq!(status.code(), Some(130));
    assert_eq!((&line["event"], &line["verdict"]), (&"end".into(), &"interrupted".into()));
    assert_eq!(line["holds"], 0);
}

#[test]
fn a_reader_who_leaves_ends_it_quietly() {
    let mut child = check(&[&start_aside(Fault::None).to_string()]);
    let mut child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 10]).unwrap();
    drop(stdout);
    let Output { stderr, .. } = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(stderr).unwrap(), "");
}
