//! What cannot be meant: one sentence, exit 2, and nothing is sent.

use std::{io::ErrorKind, net::TcpListener};

use crate::support::{call, call_with, greeter, run};

/// A port on which nobody must come.
fn unvisited() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

#[test]
fn what_cannot_be_meant_is_told_before_anything_is_opened() {
    let (listener, address) = unvisited();
    for (args, words) in [
        (&["SayHello", "-d", "{\"name\":}"][..], "a value is missing here (line 1, column 9)"),
        (
            &["SayHello", "-d", "{}\n {\"name\": \"x\""],
            "the text ends where a `}` should be (line 2, column 14)",
        ),
        (&["SayHello", "{"], "the text ends where a `}` should be (line 1, column 2)"),
        (&["SayHello", "x", "-H", "no colon"], "metadata is written key: value, and this has no colon"),
        (&["SayHello", "x", "-H", "a b: c"], "\"a b\" is no key"),
        (&["SayHello", "x", "-H", "grpc-timeout: 1S"], "grpc-timeout is not for metadata"),
        (&["SayHello", "x", "-H", "a-bin: !"], "the value of a-bin is not base64"),
        (&["SayHello", "Eve", "--max-send-sz", "4"], "the message is 5 B, and --max-send-sz allows 4 B"),
        (&["SayHello", "Al", "Eve", "--max-send-sz", "4"], "message 2 is 5 B, and --max-send-sz allows 4 B"),
        (
            &["SayHello", "-d", "{}\n{\"name\": \"Eve\"}", "--max-send-sz", "4"],
            "the message of line 2 is 5 B, and --max-send-sz allows 4 B",
        ),
        (&["SayHello", "x", "--user-agent", "a\nb"], "--user-agent: \"a␊b\" cannot be in a header"),
    ] {
        let said = call(&[args, &["--addr", &address]].concat());
        assert_eq!((said.code, said.stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(said.stderr.contains(words), "{args:?} says {}", said.stderr);
        assert_eq!(said.stderr.lines().count(), 1, "{}", said.stderr);
        assert!(said.stderr.starts_with("greeter: "), "{}", said.stderr);
    }
    for args in [
        &["SayHello", "x", "-d", "{}"][..],
        &["SayHello", "x", "--max-time", "soon"],
        &["SayHello", "x", "--max-time", "0"],
        &["SayHello", "x", "--max-msg-sz", "-1"],
        &["SayHello", "x", "--compress", "snappy"],
        &["SayHello", "x", "--max-send-sz", "-1"],
        &["SayHello", "x", "--keepalive-time", "9.9"],
        &["SayHello", "x", "--keepalive-timeout", "20"],
        &["SayHello", "x", "--no-such"],
        &[],
    ] {
        let said = call(&[args, &["--addr", &address]].concat());
        assert_eq!((said.code, said.stdout.as_str()), (Some(2), ""), "{args:?}");
    }
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "somebody came");
}

#[test]
fn the_embedded_server_has_no_other_methods_than_its_own() {
    for (args, words) in [
        (&["SayHallo", "x"][..], "there is no method SayHallo; the nearest: SayHello"),
        (
            &["helloworld.Greeter/SayHallo", "x"],
            "helloworld.Greeter has no method SayHallo; the nearest: SayHello",
        ),
        (&["hello.Greter/SayHello", "x"], "there is no service hello.Greter; the nearest: hello.Greeter"),
        (&["unarry", "x"], "there is no method unarry; the nearest: unary"),
        (
            &["SayHello", "{\"nam\": \"x\"}"],
            "unknown field `nam` in helloworld.HelloRequest: did you mean `name`? (line 1, column 2)",
        ),
        (
            &["SayHello", "{\"name\": 5}"],
            "`name` takes a text in quotation marks, not a number (name, line 1, column 10)",
        ),
        (
            &["unary", "Alice", "{\"name\": 5}"],
            "message 2: `name` takes a text in quotation marks, not a number",
        ),
        (&["unary"], "there is no message: give a NAME, or {} for an empty one"),
    ] {
        let said = call(args);
        assert_eq!((said.code, said.stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(said.stderr.contains(words), "{args:?} says {}", said.stderr);
    }
}

#[test]
fn an_address_that_is_none_says_what_to_write() {
    for (address, words) in [
        ("localhost", "localhost has no port; add one, such as localhost:50051"),
        ("", "the address is empty"),
        ("localhost:99999", "99999 is not a port"),
        ("vsock:1:2", "vsock: addresses are not built in"),
    ] {
        let said = call(&["SayHello", "x", "--addr", address]);
        assert_eq!((said.code, said.stdout.as_str()), (Some(2), ""), "{address}");
        assert!(said.stderr.contains(words), "{address} says {}", said.stderr);
        assert_eq!(said.stderr.lines().count(), 1);
    }
}

#[test]
fn a_flag_of_a_connection_needs_an_address() {
    for flag in [&["--plaintext"][..], &["--connect-timeout", "5"]] {
        let said = call(&[&["SayHello", "x"], flag].concat());
        let sentence = format!(
            "greeter: {} belongs to a connection, and no address is given: add --addr ADDR, or set GREETER_ADDR\n",
            flag[0]
        );
        assert_eq!((said.code, said.stdout, said.stderr), (Some(2), String::new(), sentence));
    }
}

#[test]
fn a_bad_message_among_lines_ends_the_call_with_its_line() {
    let said = call_with(&["unary"], b"Alice\n{\"nam\": 1}\nBob\n");
    assert_eq!((said.code, said.stdout.as_str()), (Some(2), "Hello, Alice!\n"));
    assert!(said.stderr.ends_with("did you mean `name`? (line 2, column 2)\n"), "{}", said.stderr);
    let said = call_with(&["unary"], b"Alice\nB\xffb\n");
    assert_eq!((said.code, said.stdout.as_str()), (Some(2), "Hello, Alice!\n"));
    assert!(said.stderr.ends_with("line 2 of stdin is not UTF-8 from byte 2\n"), "{}", said.stderr);
}

#[test]
fn what_is_wrong_with_the_words_of_a_command_is_one_sentence() {
    for (args, sentence) in [
        (&["call"][..], "the following required arguments were not provided: <METHOD>; try --help"),
        (
            &["call", "unary", "A", "-d", "{}"],
            "the argument '[NAME]...' cannot be used with '-d <JSON>'; try --help",
        ),
        (
            &["call", "unary", "--max-time", "soon"],
            "invalid value 'soon' for '--max-time <TIME>': a time is written 5 or 0.5, in seconds, or 300ms, \
             1.5s, 2m; try --help",
        ),
        (
            &["call", "unary", "--jsn"],
            "unexpected argument '--jsn' found; a similar argument exists: '--json'",
        ),
        (
            &["completions", "x"],
            "invalid value 'x' for '<SHELL>' [possible values: bash, zsh, fish, powershell]; try --help",
        ),
        (&["check"], "no server is named: give its address, or set GREETER_ADDR; try --help"),
        (&["call", "unary", "\u{1b}[2J", "--a\n\nb"], "unexpected argument '--a␊␊b' found; try --help"),
    ] {
        let said = run(greeter().args(args));
        assert_eq!((said.code, said.stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(said.stderr.starts_with(&format!("greeter: {sentence}")), "{args:?} says {}", said.stderr);
        assert_eq!(said.stderr.lines().count(), 1, "{}", said.stderr);
    }
}
