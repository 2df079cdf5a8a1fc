//! Kinds of call, names, metadata, deadlines and sockets: what each tool makes of what was copied for it.

use std::{path::PathBuf, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use greeter::{
    compression::Encoding,
    rpc::{ChannelSettings, Keepalive, Readiness, user_agent},
    schema::Kind,
    tui::{action::Tool, model::Sizes, shell::command},
};

use crate::{
    echo::Echo,
    fields::{hi, says_hi, source},
    support::{Serving, greet, greetings, plaintext, replies, run, typed},
};

pub(crate) fn every_kind_of_call(tool: Tool) {
    let serving = Serving::start(&[]);
    let numbered: Vec<String> = (1..=5).map(|number| format!("Hello, World! Number {number}")).collect();
    let numbered: Vec<&str> = numbered.iter().map(String::as_str).collect();
    for (kind, names, expected) in [
        (Kind::Unary, vec!["World"], vec!["Hello, World!"]),
        (Kind::Unary, vec![""], vec!["Hello, !"]),
        (Kind::ServerStream, vec!["World"], numbered),
        (Kind::ClientStream, vec!["Alice", "Bob", "Charlie"], vec!["Hello, Alice, Bob, Charlie!"]),
        (Kind::ClientStream, vec![""], vec!["Hello, !"]),
        (Kind::ClientStream, vec![], vec!["Hello, !"]),
        (Kind::Bidi, vec!["Dave", "", "Eve"], vec!["Hello, Dave!", "Hello, !", "Hello, Eve!"]),
        (Kind::Bidi, vec![], vec![]),
    ] {
        let call = greet(kind, &names, plaintext(&serving.address));
        assert_eq!(replies(tool, &call), greetings(&expected), "{kind:?} {names:?}");
    }
}

pub(crate) fn names_that_a_shell_would_read(tool: Tool) {
    let serving = Serving::start(&[]);
    for name in [
        "O'Brien's \"wife\"",
        "$HOME ${HOME} $(id) `id` !! !$ \\ \\n %s",
        "'; exit 7; '",
        "-d",
        "@",
        "~ * ? [a] {a,b} # & | < > ( )",
        "line\nbreak\ttab\rreturn\u{1b}[31m\u{7f}",
        "世界 👩‍🚀 é \u{202e}",
        "{\"name\": \"inner\"}",
    ] {
        let call = greet(Kind::Unary, &[name], plaintext(&serving.address));
        assert_eq!(replies(tool, &call), greetings(&[&format!("Hello, {name}!")]), "{name:?}");
    }
    let names = ["a 'b", "c\" d", "$e"];
    let call = greet(Kind::ClientStream, &names, plaintext(&serving.address));
    assert_eq!(replies(tool, &call), greetings(&["Hello, a 'b, c\" d, $e!"]));
}

pub(crate) fn metadata_and_secrets_in_the_environment(tool: Tool) {
    let echo = Echo::start();
    let authority = Some("a.example:1".parse().unwrap());
    let mut call = hi(&source(), &echo.address, ChannelSettings { authority, ..ChannelSettings::default() });
    call.metadata = [
        "x-trace: a 'b' \"c\" $d `e` \\ !f ${TOKEN}!",
        "x-trace: again, and: a colon",
        "x-empty:",
        "authorization: Bearer ${TOKEN}",
        "cookie: a=1",
        "cookie: b=2",
        "cookie: c=3; d=${BYTES}",
        "user-agent: somebody",
        "data-bin: hex:0001ff",
        "data-bin: aGk=",
        "data-bin: ${BYTES}",
        "empty-bin: hex:",
    ]
    .map(typed)
    .to_vec();
    let command = command(tool, &call, None).unwrap();
    for secret in ["hush", "hu'sh", "a=1", "b=2", "c=3"] {
        assert!(!command.contains(secret), "{command}");
    }
    says_hi(tool, &call);
    let (authority, headers) = echo.heard();
    assert_eq!(authority, "a.example:1");
    for key in call.metadata.iter().map(|piece| &piece.key) {
        let of_key = call.metadata.iter().filter(|piece| piece.key == key);
        let expected: Vec<Vec<u8>> =
            of_key.map(|piece| value(key.as_str(), piece.value.as_bytes())).collect();
        let came: Vec<_> =
            headers.get_all(key).iter().map(|came| value(key.as_str(), came.as_bytes())).collect();
        if key == "user-agent" {
            // grpc-go adds who it is.
            assert!(came.len() == 1 && came[0].starts_with(&expected[0]), "{headers:?}");
        } else {
            assert_eq!(came, expected, "{key}: {headers:?}");
        }
    }
}

/// What a value on the wire means.
fn value(key: &str, wire: &[u8]) -> Vec<u8> {
    if !key.ends_with("-bin") {
        return wire.to_vec();
    }
    let unpadded = wire.strip_suffix(b"==").or_else(|| wire.strip_suffix(b"=")).unwrap_or(wire);
    STANDARD_NO_PAD.decode(unpadded).unwrap()
}

pub(crate) fn a_deadline(tool: Tool) {
    const DEADLINE_EXCEEDED: i32 = 64 + 4;
    let serving = Serving::start(&["--interval", "60s"]);
    let mut call = greet(Kind::ServerStream, &["World"], plaintext(&serving.address));
    call.deadline = Some(Duration::from_millis(1_500));
    let command = command(tool, &call, None).unwrap();
    assert!(command.contains("-max-time 1.5"), "{command}");
    let ran = run(&command, &std::env::temp_dir());
    assert_eq!(ran.code, Some(DEADLINE_EXCEEDED), "{}", ran.stderr);
    assert!(ran.stdout.contains("Hello, World! Number 1"), "{}", ran.stdout);
}

pub(crate) fn what_was_said_of_the_call(tool: Tool) {
    let echo = Echo::start();
    let mut call = hi(
        &source(),
        &echo.address,
        ChannelSettings {
            user_agent: user_agent("shop/1").unwrap(),
            keepalive: Some(Keepalive { time: Duration::from_secs(30), timeout: Duration::from_secs(5) }),
            ..ChannelSettings::default()
        },
    );
    call.sizes = Sizes { reply: 8_000_000, request: Some(1_001) };
    call.compression = Some(Encoding::Gzip);
    call.readiness = Readiness::WaitForReady;
    says_hi(tool, &call);
    let (_, headers) = echo.heard();
    assert!(headers["user-agent"].to_str().unwrap().starts_with("shop/1 "), "{headers:?}");
    let command = command(tool, &call, None).unwrap();
    let both = ["-max-msg-sz 8000000", "-keepalive-time 30"];
    // grpcurl has no words for these.
    let own = ["-max-send-sz 1001", "-compress gzip", "-wait-for-ready", "-keepalive-timeout 5"];
    assert!(both.iter().all(|flag| command.contains(flag)), "{command}");
    assert!(own.iter().all(|flag| command.contains(flag) == (tool == Tool::Greeter)), "{command}");
    let compressed = headers.get("grpc-encoding").is_some_and(|encoding| encoding == "gzip");
    assert_eq!(compressed, tool == Tool::Greeter);
}

pub(crate) fn sockets(tool: Tool) {
    let folder = tempfile::Builder::new().prefix("a $folder ").tempdir().unwrap();
    let path = folder.path().join("a.sock");
    let name = format!("greeter {}", folder.path().file_name().unwrap().to_str().unwrap());
    for (at, address) in [
        (path.clone(), format!("unix:{}", path.display())),
        (PathBuf::from(format!("\0{name}")), format!("unix-abstract:{name}")),
    ] {
        let echo = Echo::start_at(&at);
        says_hi(tool, &hi(&source(), &address, ChannelSettings::default()));
        assert_eq!(echo.heard().0, "localhost");
    }
}

pub(crate) fn several_addresses(tool: Tool) {
    let echo = Echo::start();
    says_hi(tool, &hi(&source(), &format!("ipv4:{},127.0.0.1:1", echo.address), ChannelSettings::default()));
}
