//! Where messages come from: arguments, `-d`, stdin; sent as they come, answered as they are answered.

use crate::support::{Calling, Serving, beside, call, call_with, counts, reflecting};

#[test]
fn a_line_of_stdin_is_sent_as_it_comes_and_answered_before_the_next() {
    let mut calling = Calling::start(&["bidi"]);
    for name in ["Dave", "Eve", "{\"name\": \"Frank\"}"] {
        calling.say(name);
        let reply = calling.line();
        assert!(name.contains(reply.trim_start_matches("Hello, ").trim_end_matches('!')), "{reply}");
    }
    assert_eq!(calling.end().code, Some(0));
}

#[test]
fn each_line_of_a_unary_call_is_answered_before_the_next() {
    let mut calling = Calling::start(&["unary"]);
    calling.say("Dave");
    assert_eq!(calling.line(), "Hello, Dave!");
    calling.say("Eve");
    assert_eq!(calling.line(), "Hello, Eve!");
    assert_eq!(calling.end().code, Some(0));
}

#[test]
fn the_end_of_stdin_ends_the_request_stream() {
    let said = call_with(&["client-stream"], b"Alice\nBob\r\n\nCharlie");
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), "Hello, Alice, Bob, Charlie!\n"));
    let said = call_with(&["client-stream"], b"");
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), "Hello, !\n"));
}

#[test]
fn a_short_name_is_found_on_a_server_that_is_asked_first() {
    let serving = Serving::start(&[]);
    let said = call_with(&["bidi", "--addr", &serving.address, "--json"], b"Dave\n");
    assert_eq!(said.events()[0]["schema"], "reflection");
    let said = call(&["bidi", "Dave", "--addr", &serving.address, "--json"]);
    assert_eq!(said.events()[0]["schema"], "built in");
}

#[tokio::test]
async fn an_any_holds_what_another_service_of_the_server_knows() {
    let wrapping = "syntax = \"proto3\"; package test; import \"google/protobuf/any.proto\"; \
                    message Wrap { Deep deep = 1; message Deep { repeated google.protobuf.Any any = 1; } } \
                    service Wrapping { rpc Wrap(test.Wrap) returns (Plain); } message Plain {}";
    let other = "syntax = \"proto3\"; package test; message Inside { int32 number = 1; } \
                 service Other { rpc Do(Inside) returns (Inside); }";
    let files = [("wrapping.proto", wrapping), ("other.proto", other)];
    let address = reflecting(&files, &["test.Wrapping", "test.Other"]).await;
    let json = r#"{"deep": {"any": [{"@type": "t/test.Inside", "number": 7}]}}"#;
    let said = beside(&["test.Wrapping/Wrap", "-d", json, "--json", "-v", "--addr", &address]).await;
    assert_eq!(said.code, Some(76), "it is sent: {said:?}");
    let sent = said.events().into_iter().find(|event| event["event"] == "sent").unwrap();
    assert_eq!(sent["message"]["deep"]["any"][0]["number"], 7);
}

#[tokio::test]
async fn a_server_that_has_several_methods_of_a_kind_is_said_to_have_them() {
    let address = counts().await;
    let words = "greeter: test.Counts has 2 unary methods, name one: Up, Down\n";
    let named = [&["unary", "{}", "--addr", &address][..], &["unary", "{}", "--json", "--addr", &address]];
    for args in named {
        let said = beside(args).await;
        assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (Some(2), "", words), "{args:?}");
    }
    let args = address.clone();
    let said = tokio::task::spawn_blocking(move || call_with(&["unary", "--addr", &args], b"{}\n"));
    assert_eq!(said.await.unwrap().stderr, words);
    let said = beside(&["client-stream", "{}", "--addr", &address]).await;
    assert_eq!(
        (said.code, said.stderr.as_str()),
        (Some(2), "greeter: test.Counts has no client-stream method\n")
    );
}

#[test]
fn json_values_may_stand_one_after_the_other() {
    let values = "{\"name\": \"Alice\"}\n{\n  \"name\": \"Bob\"\n}{}";
    let said = call(&["client-stream", "-d", values]);
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), "Hello, Alice, Bob, !\n"));
    let said = call_with(&["client-stream", "-d", "@"], values.as_bytes());
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), "Hello, Alice, Bob, !\n"));
    let said = call(&["unary", "-d", values]);
    assert_eq!(said.stdout, "Hello, Alice!\nHello, Bob!\nHello, !\n");
}

#[test]
fn a_json_value_of_stdin_is_sent_with_its_last_brace() {
    let mut calling = Calling::start(&["bidi", "-d", "@"]);
    calling.say("{\"name\":");
    calling.say("\"Dave\"}");
    assert_eq!(calling.line(), "Hello, Dave!");
    assert_eq!(calling.end().code, Some(0));
}

#[test]
fn no_json_at_all_is_an_empty_message_where_one_is_due() {
    for args in [&["unary", "-d", ""][..], &["unary", "-d", "@"]] {
        assert_eq!(call(args).stdout, "Hello, !\n", "{args:?}");
    }
    assert_eq!(call(&["bidi", "-d", ""]).stdout, "");
}

#[test]
fn many_lines_are_all_answered_in_their_order() {
    let serving = Serving::start(&[]);
    let names: String = (0..20_000).map(|number| number.to_string() + "\n").collect();
    let said = call_with(
        &["helloworld.Greeter/SayHelloBiDiStreaming", "--addr", &serving.address],
        names.as_bytes(),
    );
    let replies: String =
        (0..20_000).map(|number| ["Hello, ", &number.to_string(), "!\n"].concat()).collect();
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    assert!(said.stdout == replies, "{} lines came", said.stdout.lines().count());
}
