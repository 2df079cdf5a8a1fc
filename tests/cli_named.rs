//! `--proto`, `--import-path` and `--protoset`, for every command that talks to a server.

#![allow(clippy::unwrap_used)]

use std::{path::Path, process::Command};

const PROTOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protos");

/// Exit code, stdout, stderr.
fn greeter(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_greeter"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("GREETER_ADDR")
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_method_of_a_source_is_called_without_asking_the_server() {
    let (code, replies, _) = greeter(&["call", "SayHello", "World", "--proto", "proto/helloworld.proto"]);
    assert_eq!((code, replies.as_str()), (0, "Hello, World!\n"));
    let by_folder = ["call", "LotsOfReplies", "World", "--proto", "hello.proto", "--import-path", "proto"];
    let (code, replies, _) = greeter(&by_folder);
    assert_eq!((code, replies.lines().count()), (0, 5));
}

#[test]
fn what_files_offer_is_listed_and_described_without_a_server() {
    let set = Path::new(PROTOS).join("editions.binpb");
    let set = set.to_str().unwrap();
    let (code, listed, _) =
        greeter(&["list", "--protoset", set, "--proto", "proto2.proto", "--import-path", PROTOS]);
    assert_eq!((code, listed.as_str()), (0, "editions.Asking\nold.Asking\n"));
    let (_, listed, _) = greeter(&["list", "old.Asking", "--json", "--proto", "tests/protos/proto2.proto"]);
    assert!(listed.lines().all(|line| line.contains(r#""from":"file""#)), "{listed}");
    let (code, source, _) = greeter(&["describe", "old.Defaults", "--proto", "tests/protos/proto2.proto"]);
    assert!(code == 0 && source.contains("default = -7"), "{source}");
}

#[test]
fn files_without_a_service_are_there_to_be_looked_at_and_have_nothing_to_call() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("only.proto");
    std::fs::write(&source, "syntax = \"proto3\"; message Only { string a = 1; }").unwrap();
    let source = source.to_str().unwrap();
    let (code, listed, _) = greeter(&["list", "--all", "--proto", source]);
    assert_eq!((code, listed.lines().any(|line| line.contains("Only"))), (0, true), "{listed}");
    let (code, described, _) = greeter(&["describe", "Only", "--proto", source]);
    assert!(code == 0 && described.contains("message Only"), "{described}");
    for command in [&["call", "A"][..], &["list"], &["list", "A"], &["connect", "localhost:1"]] {
        let (code, _, said) = greeter(&[command, &["--proto", source]].concat());
        assert!(code == 2 && said.contains("there is no service in "), "{command:?}: {said}");
    }
}

#[test]
fn a_wrong_file_is_wrong_usage_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("a.proto");
    std::fs::write(&source, "syntax = \"proto3\";\nmessage M { Missing m = 1; }").unwrap();
    for command in [&["call", "A"][..], &["list"], &["describe", "M"], &["connect", "localhost:1"]] {
        let arguments = [command, &["--proto", source.to_str().unwrap()]].concat();
        let (code, out, said) = greeter(&arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(said.contains("a.proto:2:13: name 'Missing' is not defined"), "{said}");
    }
}

#[test]
fn a_folder_of_imports_without_a_source_is_wrong_usage() {
    assert_eq!(greeter(&["list", "--import-path", "proto"]).0, 2);
}

#[test]
fn a_request_that_is_none_is_answered_with_what_was_meant() {
    let (code, _, said) = greeter(&["call", "SayHello", r#"{"nmae": "World"}"#]);
    assert_eq!(code, 2);
    assert!(said.contains("unknown field `nmae` in helloworld.HelloRequest: did you mean `name`?"), "{said}");
}
