//! The program's own words: help, version, and what it makes of a wrong command line.

#![allow(clippy::unwrap_used)]

use std::process::{Command, Output};

fn greeter(args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greeter"));
    let Output { status, stdout, stderr } = command.args(args).env_remove("GREETER_ADDR").output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn help_names_every_command_and_shows_examples() {
    let (code, said, _) = greeter(&["--help"]);
    assert_eq!(code, Some(0));
    for word in ["connect", "serve", "--no-mouse", "--theme", "Examples:", "greeter serve --replies 20"] {
        assert!(said.contains(word), "{word} is not in\n{said}");
    }
}

#[test]
fn each_command_has_help_with_examples() {
    for command in ["connect", "serve"] {
        let (code, said, _) = greeter(&[command, "--help"]);
        assert_eq!(code, Some(0), "{command}");
        assert!(said.contains("Examples:"), "{said}");
    }
}

#[test]
fn version_is_that_of_the_package() {
    let version = format!("greeter {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(greeter(&["--version"]), (Some(0), version, String::new()));
}

#[test]
fn wrong_usage_exits_with_2_and_leaves_stdout_alone() {
    for args in [
        &["--no-such-flag"][..],
        &["no-such-command"],
        &["connect"],
        &["connect", "a:1", "--addr", "b:1"],
        &["serve", "--theme", "dark"],
        &["--theme", "pink"],
    ] {
        let (code, stdout, stderr) = greeter(args);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(!stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn what_was_probably_meant_is_said() {
    for (args, said) in [
        (&["localhost:1"][..], "localhost:1 is no command: greeter connect localhost:1 explores that server"),
        (&["call", "-plaintext", "unary", "x"], "-plaintext is written with two hyphens: --plaintext"),
        (
            &["call", "localhost:1", "x"],
            "that is an address, and a method's name is due: write --addr localhost:1",
        ),
        (&["list", "localhost:1"], "that is an address, and a name is due: write --addr localhost:1"),
        (&["call", "", "x"], "a method's name is missing"),
        (&["bench", "a:1", "--addr", "b:2"], "two servers are named: a:1 and b:2"),
        (&["call", "unary", "-5"], "to pass '-5' as a value, use '-- -5'"),
        (&["call", "unary", "-d", "World"], "no JSON value begins so: a text stands in quotation marks"),
        (&["call", "unary", "-d", "@a.json"], "a file comes by stdin: -d @ < a.json"),
        (&["call", "unary", "x", "--wire-log", "-"], "a file is needed; /dev/stderr is one too"),
        (&["call", "unary", "x", "--max-msg-sz", "4Q"], "a number of bytes is needed, such as 4194304 or 4M"),
        (&["call", "unary", "x", "--max-time", "-1"], "a time is written 5 or 0.5, in seconds, or 300ms"),
        (&["call", "unary", "x", "--proto", "a", "--use-reflection"], "cannot be used with"),
        (&["bench", "unary", "a:1"], "a:1 is an address, and that comes first"),
        (&["call", "a.B/", "x"], "a method's name is missing behind the slash"),
        (&["doctor", "a:1", "--service", ""], "a name is missing"),
        (&["call", "unary", "x", "--addr", ":"], ": has no host; write one, such as 127.0.0.1:50051"),
        (&["bench", "a:1", "-n", "0"], "a number from 1 on is needed"),
        (&["call", "Xyz", "x"], "there is no method Xyz; `greeter list` tells what there is"),
    ] {
        let (code, stdout, stderr) = greeter(args);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(stderr.contains(said), "{args:?} says {stderr}");
    }
}

#[test]
fn of_a_flag_that_is_given_twice_the_last_counts_and_a_repeatable_one_is_repeated() {
    let args = ["call", "unary", "x", "--max-time", "1ms", "--max-time", "5", "--json", "--json"];
    let (code, stdout, stderr) = greeter(&args);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.contains("\"event\":\"status\""), "{stdout}");
    let (_, _, stderr) = greeter(&["call", "unary", "x", "-H", "one: 1", "-H", "two: 2", "-v", "-v"]);
    assert!(stderr.contains("→ one: 1") && stderr.contains("→ two: 2"), "{stderr}");
}

#[test]
fn json_may_be_given_in_several_pieces() {
    let (code, stdout, _) = greeter(&["call", "unary", "-d", r#"{"name":"A"}"#, "-d", r#"{"name":"B"}"#]);
    assert_eq!((code, stdout.as_str()), (Some(0), "Hello, A!\nHello, B!\n"));
}
