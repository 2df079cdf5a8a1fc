//! What is printed: replies, events, what lies around them, and what the program exits with.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};

use crate::support::{Serving, call, greeter, peer::Listener, run, soon};

const EMBEDDED: &str = "embedded server; --addr reaches another\n";

#[test]
fn each_kind_prints_its_replies_one_a_line() {
    let numbered: String =
        (1..=5).map(|number| ["Hello, World! Number ", &number.to_string(), "\n"].concat()).collect();
    for (args, stdout) in [
        (&["SayHello", "World"][..], "Hello, World!\n"),
        (&["unary", "World"], "Hello, World!\n"),
        (&["helloworld.Greeter/SayHello", "World"], "Hello, World!\n"),
        (&["/helloworld.Greeter/SayHello", "World"], "Hello, World!\n"),
        (&["hello.Greeter.SayHello", "World"], "Hello, World!\n"),
        (&["LotsOfReplies", "World"], &numbered),
        (&["server-stream", "World"], &numbered),
        (&["client-stream", "Alice", "Bob", "Charlie"], "Hello, Alice, Bob, Charlie!\n"),
        (&["bidi", "Dave", "Eve"], "Hello, Dave!\nHello, Eve!\n"),
        (&["unary", "Alice", "Bob"], "Hello, Alice!\nHello, Bob!\n"),
        (&["unary", "{\"name\": \"你好\"}"], "Hello, 你好!\n"),
        (&["unary", ""], "Hello, !\n"),
    ] {
        let said = call(args);
        assert_eq!(
            (said.code, said.stdout.as_str(), said.stderr.as_str()),
            (Some(0), stdout, EMBEDDED),
            "{args:?}"
        );
    }
}

#[test]
fn a_server_elsewhere_is_named_by_a_flag_or_by_the_environment() {
    let serving = Serving::start(&["--replies", "2"]);
    let said = call(&["server-stream", "World", "--addr", &serving.address]);
    let replies = "Hello, World! Number 1\nHello, World! Number 2\n";
    assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (Some(0), replies, ""));
    let said = run(greeter().args(["call", "server-stream", "World"]).env("GREETER_ADDR", &serving.address));
    assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (Some(0), replies, ""));
}

#[test]
fn the_events_of_a_call_are_a_line_each() {
    let said = call(&["SayHello", "World", "--json"]);
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
    assert_eq!(said.kinds(), ["start", "headers", "message", "trailers", "status"]);
    let events = said.events();
    assert_eq!(events[0]["target"], "embedded");
    assert_eq!(events[0]["method"], "/helloworld.Greeter/SayHello");
    assert_eq!((&events[0]["kind"], &events[0]["at_us"]), (&json!("unary"), &json!(0)));
    assert_eq!(events[1]["http_status"], 200);
    assert_eq!(events[1]["metadata"]["content-type"], json!(["application/grpc"]));
    assert_eq!(events[2]["message"], json!({ "message": "Hello, World!" }));
    assert_eq!(events[2]["size"], 15);
    assert_eq!(events[3]["metadata"]["grpc-status"], json!(["0"]));
    let status = &events[4];
    assert_eq!((&status["code"], &status["name"]), (&json!(0), &json!("OK")));
    assert_eq!((&status["sent"], &status["received"]), (&json!(1), &json!(1)));
    let times: Vec<u64> = events.iter().map(|event| event["at_us"].as_u64().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn messages_are_compressed_for_who_asks() {
    for encoding in ["gzip", "zstd"] {
        for (args, stdout) in [
            (&["unary", "World"][..], "Hello, World!\n"),
            (&["client-stream", "Alice", "Bob"], "Hello, Alice, Bob!\n"),
            (&["bidi", "Dave", "Eve"], "Hello, Dave!\nHello, Eve!\n"),
        ] {
            let said = call(&[args, &["-v", "--compress", encoding]].concat());
            assert_eq!((said.code, said.stdout.as_str()), (Some(0), stdout), "{}", said.stderr);
            for line in ["→ grpc-encoding: ", "← grpc-encoding: "] {
                let line = [line, encoding].concat();
                assert!(said.stderr.lines().any(|told| told == line), "{}", said.stderr);
            }
        }
    }
}

#[test]
fn verbose_events_tell_of_the_request_too() {
    let said = call(&["client-stream", "Alice", "Bob", "--json", "-v"]);
    let kinds =
        ["start", "request", "sent", "sent", "half-close", "headers", "message", "trailers", "status"];
    assert_eq!(said.kinds(), kinds);
    assert_eq!(said.events()[2]["message"], json!({ "name": "Alice" }));
}

#[test]
fn each_call_of_several_has_its_number() {
    let said = call(&["unary", "Alice", "Bob", "--json"]);
    let numbers: Vec<Value> = said.events().iter().map(|event| event["call"].clone()).collect();
    assert_eq!(numbers, [1, 1, 1, 1, 1, 2, 2, 2, 2, 2].map(Value::from));
}

/// Whatever a line has, the page says what it is.
#[test]
fn every_field_of_every_event_is_documented() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md")).unwrap();
    let page = page.split("## greeter call").nth(1).unwrap().split("\n## ").next().unwrap();
    let common = page.split("\n**`").next().unwrap();
    let failing = call(&["SayHello", "World", "--json", "-v", "--addr", "127.0.0.1:1"]);
    let args = ["SayHello", "World", "--json", "--addr", "127.0.0.1:1"];
    let waiting = call(&[&args[..], &["--wait-for-ready", "--max-time", "200ms"]].concat());
    let events = [call(&["bidi", "A", "--json", "-v"]).events(), failing.events(), waiting.events()].concat();
    let mut seen = BTreeSet::new();
    for event in events {
        let kind = event["event"].as_str().unwrap().to_owned();
        let section = page.split(&format!("\n**`{kind}`**")).nth(1);
        let section = section.unwrap_or_else(|| panic!("docs/json.md has no {kind}"));
        let section = section.split("\n**`").next().unwrap();
        for field in event.as_object().unwrap().keys() {
            let row = format!("| `{field}` |");
            assert!(section.contains(&row) || common.contains(&row), "{kind} has no row {field}");
        }
        seen.insert(kind);
    }
    let told = page.split("\n**`").skip(1).map(|section| section.split('`').next().unwrap());
    for kind in told {
        assert!(seen.contains(kind) || kind == "queued", "docs/json.md tells of {kind}, which never comes");
    }
}

#[test]
fn verbose_tells_on_stderr_what_lies_around_the_replies() {
    let args = ["SayHello", "World", "-v", "-H", "authorization: Bearer secret", "-H", "trace: visible"];
    let said = call(&args);
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), "Hello, World!\n"));
    for words in [
        "→ /helloworld.Greeter/SayHello · unary · built in · embedded · stream 1 +",
        "→ authorization: ••••\n",
        "→ trace: visible\n",
        "→ message, 7 B +",
        "← headers, HTTP 200 +",
        "← content-type: application/grpc\n",
        "← message, 15 B +",
        "← trailers +",
        "← grpc-status: 0\n",
        "OK · 1 sent (7 B) · 1 received (15 B) · ",
    ] {
        assert!(said.stderr.contains(words), "{words} is not in\n{}", said.stderr);
    }
    assert!(!said.stderr.contains("secret"));
}

#[test]
fn secrets_are_masked_in_events() {
    let said =
        call(&["SayHello", "World", "--json", "-v", "-H", "Cookie: secret", "-H", "x-api-key: secret"]);
    assert_eq!(said.events()[1]["metadata"]["cookie"], json!(["••••"]));
    assert!(!said.stdout.contains("secret") && !said.stderr.contains("secret"), "{said:?}");
}

#[test]
fn a_variable_of_the_environment_is_put_into_metadata_and_shown_to_nobody_unasked() {
    let asked = ["call", "SayHello", "World", "-v", "-H", "x-who: <${WHO}>"];
    let said = run(greeter().args(asked).env("WHO", "s3cret"));
    assert!(said.stderr.contains("→ x-who: ••••\n") && !said.stderr.contains("s3cret"), "{said:?}");
    assert!(
        run(greeter().args(asked).arg("--show-secrets").env("WHO", "me")).stderr.contains("→ x-who: <me>\n")
    );
    let unset = run(greeter().args(asked).env_remove("WHO"));
    assert_eq!((unset.code, unset.stderr.as_str()), (Some(2), "greeter: the environment has no WHO\n"));
}

#[test]
fn secrets_are_shown_to_who_asks_for_them() {
    let asked = ["SayHello", "World", "-v", "-H", "authorization: Bearer secret", "--show-secrets"];
    assert!(call(&asked).stderr.contains("→ authorization: Bearer secret\n"));
    let said = call(&["SayHello", "World", "--json", "-v", "-H", "Cookie: secret", "--show-secrets"]);
    assert_eq!(said.events()[1]["metadata"]["cookie"], json!(["secret"]));
}

#[test]
fn nobody_listening_is_unavailable_and_exits_with_78() {
    let said = call(&["SayHello", "World", "--addr", "127.0.0.1:1"]);
    let line = "greeter: UNAVAILABLE (14) · made here: connection refused · `greeter doctor` finds out why\n";
    assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (Some(78), "", line));
}

#[test]
fn without_a_connection_the_other_names_are_not_tried() {
    let said = call(&["unary", "Alice", "Bob", "Charlie", "--addr", "127.0.0.1:1"]);
    assert_eq!((said.code, said.stderr.lines().count()), (Some(78), 1), "{}", said.stderr);
}

#[test]
fn a_deadline_that_runs_out_exits_with_68() {
    let serving = Serving::start(&["--interval", "1h"]);
    let said = call(&["server-stream", "World", "--max-time", "200ms", "--addr", &serving.address]);
    let line =
        "greeter: DEADLINE_EXCEEDED (4) · made here: the deadline of 200 ms ran out · the server said ";
    assert_eq!((said.code, said.stderr.lines().count()), (Some(68), 1));
    assert!(said.stderr.starts_with(line), "{}", said.stderr);
    assert_eq!(said.stdout, "Hello, World! Number 1\n", "what came before is printed");
}

#[test]
fn a_reply_over_the_limit_exits_with_72() {
    let said = call(&["SayHello", "World", "--max-msg-sz", "14"]);
    assert_eq!((said.code, said.stdout.as_str()), (Some(72), ""));
    assert!(said.stderr.ends_with(
        "RESOURCE_EXHAUSTED (8) · made here: a reply of 15 B, the limit is 14 B (--max-msg-sz)\n"
    ));
    assert_eq!(call(&["SayHello", "World", "--max-msg-sz", "15"]).code, Some(0));
}

#[tokio::test]
async fn a_connection_timeout_is_kept() {
    let listener = Listener::bind().await;
    let address = listener.address().to_string();
    let mute = tokio::spawn(async move { listener.accept_mute().await });
    let said = crate::support::beside(&["unary", "A", "--addr", &address, "--connect-timeout", "0.3"]).await;
    let line = "made here: the server accepted the connection and said nothing for 300 ms · `greeter doctor` finds out why\n";
    assert_eq!(said.code, Some(78));
    assert!(said.stderr.ends_with(line), "{}", said.stderr);
    drop(soon(mute).await.unwrap());
}

#[tokio::test]
async fn the_status_that_is_not_ok_is_one_line_with_its_details() {
    let listener = Listener::bind().await;
    let address = listener.address().to_string();
    let peer = tokio::spawn(async move {
        let mut peer = listener.accept().await;
        let stream = peer.whole_request().await;
        // google.rpc.Status with an ErrorInfo: reason GONE, domain greeter.
        let info = b"\x0a\x04GONE\x12\x07greeter";
        let mut any = vec![0x0a, 0x28];
        any.extend(b"type.googleapis.com/google.rpc.ErrorInfo");
        any.extend([0x12, info.len() as u8]);
        any.extend(info);
        let mut details = vec![0x1a, any.len() as u8];
        details.extend(any);
        let details = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, details);
        let fields = [
            (":status", "200"),
            ("content-type", "application/grpc"),
            ("grpc-status", "5"),
            ("grpc-message", "no such name"),
            ("grpc-status-details-bin", &details),
        ];
        peer.trailers(stream, &fields).await;
        peer.goodbye().await
    });
    let said = crate::support::beside(&["unary", "A", "--addr", &address]).await;
    let line = "greeter: NOT_FOUND (5) · no such name · from the peer's trailers · \
                google.rpc.ErrorInfo {\"reason\": \"GONE\", \"domain\": \"greeter\"}\n";
    assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (Some(69), "", line));
    assert!(soon(peer).await.unwrap(), "it leaves with GOAWAY");
}

#[tokio::test]
async fn several_names_are_a_call_each_on_one_connection_and_one_failure_stops_none() {
    let listener = Listener::bind().await;
    let address = listener.address().to_string();
    let peer = tokio::spawn(async move {
        let mut peer = listener.accept().await;
        for (stream, status) in [(1, "0"), (3, "7"), (5, "0")] {
            assert_eq!(peer.whole_request().await, stream);
            peer.grpc(stream).await;
            peer.data(stream, &crate::support::peer::message(b"\x0a\x02hi")).await;
            peer.trailers(stream, &[("grpc-status", status)]).await;
        }
        peer.goodbye().await
    });
    let said =
        crate::support::beside(&["helloworld.Greeter/SayHello", "A", "B", "C", "--addr", &address]).await;
    assert_eq!((said.code, said.stdout.as_str()), (Some(71), "hi\nhi\nhi\n"));
    assert_eq!(said.stderr, "greeter: PERMISSION_DENIED (7) · from the peer's trailers\n");
    soon(peer).await.unwrap();
}

#[test]
fn a_message_of_several_fields_is_compact_json() {
    let serving = Serving::start(&[]);
    let args = ["grpc.health.v1.Health/Check", "{\"service\": \"\"}", "--addr", &serving.address];
    let said = call(&args);
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), "{\"status\":\"SERVING\"}\n"), "{}", said.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_exits_with_1() {
    let full = fs::File::create("/dev/full").unwrap();
    let mut command = greeter();
    let said = command.args(["call", "SayHello", "World"]).stdout(full).output().unwrap();
    assert_eq!(said.status.code(), Some(1));
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.contains("greeter: stdout cannot be written: No space left on device"), "{said}");
}
