//! What a typed line becomes.

#![allow(clippy::unwrap_used)]

use greeter::schema::{Contract, LineError, MessageType, Shown, Source, Unreadable};
use proptest::prelude::*;
use prost::Message as _;

fn hello_request() -> MessageType {
    Contract::built_in()[0].methods()[0].request().clone()
}

fn point() -> MessageType {
    let directory = tempfile::tempdir().unwrap();
    let proto = "syntax = \"proto3\"; message Empty {} message Point { int32 x = 1; Point next = 2; }
        service S { rpc A(Point) returns (Empty); }";
    std::fs::write(directory.path().join("a.proto"), proto).unwrap();
    let files = protox::compile(["a.proto"], [directory.path()]).unwrap();
    let contracts = Contract::from_descriptor_set(&files.encode_to_vec(), Source::File).unwrap();
    contracts[0].methods()[0].request().clone()
}

#[test]
fn a_plain_line_fills_the_one_text_field() {
    assert_eq!(hello_request().encode("World").unwrap(), &b"\x0a\x05World"[..]);
    assert_eq!(hello_request().encode("  世界").unwrap(), "\x0a\x08  世界".as_bytes());
}

#[test]
fn a_line_with_a_brace_is_json() {
    assert_eq!(hello_request().encode(r#"{"name": "World"}"#).unwrap(), &b"\x0a\x05World"[..]);
    assert_eq!(hello_request().encode("{}").unwrap(), &b""[..]);
}

#[test]
fn a_wrong_json_line_is_answered_with_the_place_and_the_cause() {
    let said = |line| hello_request().encode(line).unwrap_err().to_string();
    assert_eq!(
        said(r#"{"nam": "World"}"#),
        "unknown field `nam` in helloworld.HelloRequest: did you mean `name`? (line 1, column 2)"
    );
    assert_eq!(said(r#"{"name": "World""#), "the text ends where a `}` should be (line 1, column 17)");
    assert!(said("{} {}").contains("something stands behind the value (line 1, column 4)"));
}

#[test]
fn plain_text_without_a_text_field_is_answered_with_the_fields() {
    assert_eq!(
        point().encode("3").unwrap_err().to_string(),
        r#"Point is typed as JSON: {"x": …, "next": …}"#
    );
}

/// The request type of a method that takes a well-known type.
fn well_known(name: &str) -> MessageType {
    let directory = tempfile::tempdir().unwrap();
    let proto = format!(
        "syntax = \"proto3\"; import \"google/protobuf/struct.proto\"; import \"google/protobuf/duration.proto\";
        import \"google/protobuf/timestamp.proto\"; import \"google/protobuf/wrappers.proto\";
        service S {{ rpc A(google.protobuf.{name}) returns (google.protobuf.{name}); }}"
    );
    std::fs::write(directory.path().join("a.proto"), proto).unwrap();
    let files = protox::compile(["a.proto"], [directory.path()]).unwrap();
    let contracts = Contract::from_descriptor_set(&files.encode_to_vec(), Source::File).unwrap();
    contracts[0].methods()[0].request().clone()
}

#[test]
fn a_line_is_json_without_braces_where_the_type_is_written_so() {
    let lines = [
        ("Duration", r#""1.500s""#),
        ("Timestamp", r#""2024-02-29T12:00:00Z""#),
        ("ListValue", r#"[1.0,"x",null]"#),
        ("Value", "null"),
        ("Value", r#""x""#),
        ("Int64Value", r#""9223372036854775807""#),
        ("BoolValue", "true"),
    ];
    for (name, line) in lines {
        let message = well_known(name);
        let bytes = message.encode(line).unwrap_or_else(|error| panic!("{name} {line}: {error}"));
        assert_eq!(message.whole_json(&bytes).unwrap(), line, "{name}");
    }
}

#[test]
fn plain_text_for_a_type_without_braces_is_answered_with_what_it_looks_like() {
    assert_eq!(
        well_known("Duration").encode("1.5s").unwrap_err().to_string(),
        r#"google.protobuf.Duration is typed as JSON: "1.5s""#
    );
    assert_eq!(
        well_known("ListValue").encode("one").unwrap_err().to_string(),
        "google.protobuf.ListValue is typed as JSON: […]"
    );
}

#[test]
fn json_nested_without_end_is_an_error_and_no_overflow() {
    let nested = r#"{"next":"#.repeat(100_000);
    let error = point().encode(&nested).unwrap_err();
    assert!(
        matches!(&error, LineError::Json { cause, .. } if cause.contains("more than 256 messages")),
        "{error}"
    );
    let allowed = r#"{"next":"#.repeat(100) + "{}" + &"}".repeat(100);
    assert!(!point().encode(&allowed).unwrap().is_empty());
}

/// `{"a":{"a":…}}`, of so many objects.
fn objects(depth: usize) -> String {
    r#"{"a":"#.repeat(depth - 1) + "{}" + &"}".repeat(depth - 1)
}

/// The bytes of such a `google.protobuf.Value`.
fn value_of_objects(depth: usize) -> Vec<u8> {
    let field = |tag: u8, bytes: &[u8]| {
        let mut field = vec![tag];
        prost::encoding::encode_varint(bytes.len() as u64, &mut field);
        field.extend_from_slice(bytes);
        field
    };
    (1..depth).fold(vec![0x2a, 0], |inner, _| {
        let entry = [field(0x0a, b"a"), field(0x12, &inner)].concat();
        field(0x2a, &field(0x0a, &entry))
    })
}

#[test]
fn a_deep_message_is_whole_or_it_is_said_that_it_is_not() {
    let value = well_known("Value");
    for depth in [1, 40, 100, 128] {
        let bytes = value_of_objects(depth);
        assert_eq!(value.whole_json(&bytes), Ok(objects(depth)), "{depth}");
    }
    for depth in [129, 200, 10_000] {
        let bytes = value_of_objects(depth);
        assert_eq!(value.whole_json(&bytes), Err(Unreadable::TooDeep { limit: 256 }), "{depth}");
        let Shown::Json { text, cut } = value.show(&bytes, 1 << 20) else { panic!("{depth}") };
        assert!(cut && text.contains("\"…\""), "{text}");
    }
}

#[test]
fn a_time_that_is_none_is_refused_and_never_changed() {
    let timestamp = well_known("Timestamp");
    for time in [
        "2024-01-02T03:04:05",
        "2024-01-02T03:04:60Z",
        "2024-01-02T03:60:05Z",
        "2024-01-02T24:04:05Z",
        "2024-02-30T03:04:05Z",
        "2024-13-01T03:04:05Z",
        "2024-01-02T03:04:05.1234567891Z",
        "2024-01-02T03:04:05.Z",
        "2024-01-02T03:04:05+0200",
        "2024-01-02T03:04:05+02",
        "2024-01-02T03:04:05+24:00",
        "2024-01-02T03:04:05+02:60",
        "2024-01-02T03:04:05ZZ",
        "2024-01-02T03:04:05zz",
        "2024-01-02t03:04:05Z",
        "2024-01-02 03:04:05Z",
        "2024-1-02T03:04:05Z",
        "0000-01-02T03:04:05Z",
        "世界-01-02T03:04:05Z",
        "",
    ] {
        let line = format!("{time:?}");
        let error = timestamp.encode(&line).expect_err(time).to_string();
        assert!(error.contains("is not a time like \"2024-01-02T03:04:05Z\""), "{error}");
    }
    for (time, read) in [
        ("2024-01-02T03:04:05.123456789Z", "2024-01-02T03:04:05.123456789Z"),
        ("2024-01-02T03:04:05+02:30", "2024-01-02T00:34:05Z"),
        ("2024-01-02T23:59:59.5-01:00", "2024-01-03T00:59:59.500Z"),
    ] {
        let bytes = timestamp.encode(&format!("{time:?}")).unwrap();
        assert_eq!(timestamp.whole_json(&bytes).unwrap(), format!("{read:?}"), "{time}");
    }
    let duration = well_known("Duration");
    for time in ["1.0000000001s", "1", "s", "1.s", ".5s", "--1s", "1ss", "1e3s", "+-1s", "1 s", "世s"] {
        let error = duration.encode(&format!("{time:?}")).expect_err(time).to_string();
        assert!(error.contains("is not a duration like \"1.5s\""), "{error}");
    }
    for (time, read) in [("-1.5s", "-1.500s"), ("0.000000001s", "0.000000001s"), ("3s", "3s")] {
        let bytes = duration.encode(&format!("{time:?}")).unwrap();
        assert_eq!(duration.whole_json(&bytes).unwrap(), format!("{read:?}"), "{time}");
    }
}

#[test]
fn a_line_over_the_limit_is_refused() {
    let error = hello_request().encode(&"a".repeat(MessageType::MAX_LINE + 1)).unwrap_err();
    assert_eq!(error.to_string(), "a line of 134 217 729 B is too long: the limit is 134 217 728 B");
}

proptest! {
    #[test]
    fn what_was_typed_is_what_is_shown(line in "[^{].{0,80}") {
        let bytes = hello_request().encode(&line).unwrap();
        prop_assert_eq!(hello_request().show(&bytes, 10_000), Shown::Text { text: line, cut: false });
    }
}
