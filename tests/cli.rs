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
