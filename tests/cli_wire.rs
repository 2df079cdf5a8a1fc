//! `greeter call --wire` and `--wire-log`: the frames of a call, on stderr and in a file.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

fn call(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_greeter"))
        .arg("call")
        .args(arguments)
        .env_remove("GREETER_ADDR")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The rows of a ladder that are about calls, by type, arrow and words.
fn rows(output: &Output) -> Vec<String> {
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    let of_a_call = stderr.lines().filter(|row| row.contains("  #1 "));
    of_a_call.map(|row| row.split_whitespace().skip(3).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn the_ladder_of_a_call_is_talk_and_its_reply_is_data() {
    let output = call(&["unary", "World", "--wire"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"Hello, World!\n");
    let rows = rows(&output);
    assert_eq!(rows.len(), 5, "{rows:#?}");
    for (row, (kind, says)) in rows.iter().zip([
        ("HEADERS →", "POST /helloworld.Greeter/SayHello"),
        ("DATA →", "message 1 · 7 B · \"World\" · END_STREAM"),
        ("HEADERS ←", ":status 200 · content-type application/grpc"),
        ("DATA ←", "message 1 · 15 B · \"Hello, World!\""),
        ("HEADERS ←", "END_STREAM · grpc-status 0 OK"),
    ]) {
        assert!(row.starts_with(kind) && row.ends_with(says), "{row}");
    }
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.trim_end().ends_with("you closed the connection"), "{stderr}");
}

#[test]
fn the_log_is_a_json_object_for_each_row() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wire.jsonl");
    let output = call(&["bidi", "Dave", "-H", "authorization: secret", "--wire-log", file.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    let written = fs::read_to_string(&file).unwrap();
    let lines: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (number, line) in lines.iter().enumerate() {
        assert_eq!(line["number"], number);
        assert_eq!(line["connection"], 1);
    }
    assert_eq!(lines[0]["event"], "preface");
    assert_eq!(lines.last().unwrap()["event"], "closed");
    let find = |from: &str, kind: &str| {
        lines.iter().find(|line| line["from"] == from && line["type"] == kind && line["call"] == 1).unwrap()
    };
    assert_eq!(find("client", "HEADERS")["role"], "request");
    assert_eq!(find("client", "DATA")["hex"], "00000000060a0444617665");
    assert_eq!(find("server", "DATA")["first_size"], 14);
    assert_eq!(find("server", "HEADERS")["headers"][0]["value"], "200");
    assert!(!written.contains("secret"), "{written}");
    assert!(!String::from_utf8(output.stderr).unwrap().contains("HEADERS"));
}

#[test]
fn the_log_holds_secrets_for_who_asks_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wire.jsonl");
    let file = file.to_str().unwrap();
    let output = call(&["bidi", "Dave", "-H", "cookie: secret", "--wire-log", file, "--show-secrets"]);
    assert!(output.status.success(), "{output:?}");
    let written = fs::read_to_string(file).unwrap();
    let lines = written.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let request = lines.into_iter().find(|line| line["role"] == "request").unwrap();
    let cookie = request["headers"].as_array().unwrap().iter().find(|field| field["name"] == "cookie");
    assert_eq!(cookie.unwrap()["value"], "secret");
    assert!(request["hex"].is_string());
}

#[test]
fn a_log_that_cannot_be_written_is_told_before_anything_is_called() {
    let output = call(&["unary", "World", "--wire-log", "/nowhere/at/all"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("/nowhere/at/all cannot be written"), "{stderr}");
    assert!(!Path::new("/nowhere").exists());
}
