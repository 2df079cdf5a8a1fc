//! What the words of a command are, and why there is none.

use std::time::Duration;

use greeter::{
    rpc::{ChannelSettings, Entry, TlsSettings, What, Wish},
    schema::Kind,
    tui::{
        action::Tool,
        model::Call,
        shell::{self, NoCommand},
    },
};

use crate::support::{call, greet, greeting, plaintext, typed, way};

fn world() -> Call {
    greet(Kind::Unary, &["World"], plaintext("127.0.0.1:50051"))
}

fn with(metadata: &str) -> Call {
    let mut call = world();
    call.metadata = vec![typed(metadata)];
    call
}

fn command(tool: Tool, call: &Call) -> Result<String, NoCommand> {
    shell::command(tool, call, None)
}

fn refused(tool: Tool, call: &Call) -> String {
    command(tool, call).unwrap_err().to_string()
}

#[test]
fn a_command_is_as_short_as_people_write_it() {
    assert_eq!(
        command(Tool::Greeter, &world()).unwrap(),
        "greeter call helloworld.Greeter/SayHello '{\"name\":\"World\"}' --addr 127.0.0.1:50051 --plaintext"
    );
    let mut call = greet(Kind::Bidi, &["Dave", "Eve"], plaintext("127.0.0.1:50051"));
    call.deadline = Some(Duration::from_secs(5));
    call.metadata = ["x-trace: a $b", "authorization: Bearer ${TOKEN}", "cookie: typed", "cookie: too"]
        .map(typed)
        .to_vec();
    assert_eq!(
        command(Tool::Grpcurl, &call).unwrap(),
        "grpcurl -plaintext -max-time 5 -H 'x-trace: a $b' -H \"authorization: Bearer ${TOKEN}\" \
         -H \"cookie: ${COOKIE}\" -H \"cookie: ${COOKIE_2}\" -d '{\"name\":\"Dave\"} {\"name\":\"Eve\"}' \
         127.0.0.1:50051 helloworld.Greeter/SayHelloBiDiStreaming"
    );
}

#[test]
fn of_several_addresses_grpcurl_gets_the_one_in_use() {
    let call = greet(Kind::Unary, &["World"], plaintext("ipv4:127.0.0.1:1,127.0.0.1:50051"));
    let copied = |in_use: Option<&str>| {
        let in_use = in_use.map(|address| address.parse().unwrap());
        shell::command(Tool::Grpcurl, &call, in_use).unwrap()
    };
    assert!(copied(Some("127.0.0.1:50051")).contains(" 127.0.0.1:50051 "));
    assert!(copied(Some("127.0.0.9:9")).contains(" 127.0.0.1:1 "), "that of another server");
    assert!(copied(None).contains(" 127.0.0.1:1 "));
}

#[test]
fn a_limit_that_would_end_grpcurls_reflection_is_left_out() {
    let mut call = world();
    call.sizes.reply = 1_000;
    assert!(command(Tool::Greeter, &call).unwrap().contains("--max-msg-sz 1000"));
    assert!(!command(Tool::Grpcurl, &call).unwrap().contains("max-msg-sz"));
    call.sizes.reply = 64 << 20;
    assert!(command(Tool::Grpcurl, &call).unwrap().contains("-max-msg-sz 67108864"));
}

#[test]
fn a_typed_secret_has_a_variable_that_nothing_else_has() {
    let mut call = world();
    call.metadata = ["x: ${COOKIE}", "cookie: typed"].map(typed).to_vec();
    let command = command(Tool::Greeter, &call).unwrap();
    assert!(command.contains("-H 'cookie: ${COOKIE_2}'"), "{command}");
}

#[test]
fn a_call_that_went_nowhere_has_no_command() {
    let mut call = world();
    call.way = None;
    assert_eq!(refused(Tool::Greeter, &call), "this call went to no server");
}

#[test]
fn what_only_greeter_reads_is_not_copied_for_grpcurl() {
    let method = greeting(Kind::Unary);
    let unknown = method.request().encode(r#"{"name": "World", "7": 1}"#).unwrap();
    let call = call(&method, &[unknown], plaintext("127.0.0.1:50051"));
    let words = "grpcurl takes no field by its number, nor an Any that is not known: copy it for greeter";
    assert_eq!(refused(Tool::Grpcurl, &call), words);
    assert!(command(Tool::Greeter, &call).unwrap().contains(r#"'{"name":"World","7":1}'"#));
}

#[test]
fn messages_that_are_no_longer_kept_are_not_left_out_in_silence() {
    let mut call = greet(Kind::ClientStream, &[], plaintext("127.0.0.1:50051"));
    let message = greeting(Kind::ClientStream).request().encode("World").unwrap();
    for _ in 0..100_000 {
        call.record.push(Entry { at: Duration::ZERO, what: What::Sent(message.clone()) });
    }
    assert_eq!(refused(Tool::Greeter, &call), "the beginning of what this call sent is no longer kept");
}

#[test]
fn a_variable_that_no_shell_has_is_told() {
    let mut call = world();
    let mut piece = typed("x: y");
    piece.written = "x: ${not-a name}".to_owned();
    call.metadata = vec![piece];
    assert_eq!(
        command(Tool::Grpcurl, &call),
        Err(NoCommand::Variable(greeter::text::Safe::new("not-a name")))
    );
}

#[test]
fn grpcurl_takes_no_hex_that_is_not_known_here() {
    let mut call = with("data-bin: hex:00");
    call.metadata[0].written = "data-bin: hex:${DIGITS}".to_owned();
    assert!(command(Tool::Greeter, &call).unwrap().ends_with("-H 'data-bin: hex:${DIGITS}'"));
    assert!(refused(Tool::Grpcurl, &call).starts_with("grpcurl takes no hex"));
}

#[test]
fn grpcurl_has_one_name_for_certificate_and_authority() {
    let tls = TlsSettings { server_name: Some("a.example".to_owned()), ..TlsSettings::default() };
    let authority = Some("b.example".parse().unwrap());
    let reach = ChannelSettings { tls, authority, ..ChannelSettings::default() };
    let mut call = world();
    call.way = Some(way("127.0.0.1:50051", Wish::Tls, reach));
    let own = command(Tool::Greeter, &call).unwrap();
    assert!(own.ends_with("--servername a.example --authority b.example"), "{own}");
    assert_eq!(
        refused(Tool::Grpcurl, &call),
        "grpcurl cannot expect a certificate for a.example and call the server b.example"
    );
}
