//! A message field by field, whatever it is.

#![allow(clippy::unwrap_used)]

mod schema_support;

use greeter::schema::{Contract, Limits, MessageType};
use proptest::prelude::*;
use schema_support::{everything, length_delimited as field, message, varint};

fn walked(message: &MessageType, bytes: &[u8]) -> Vec<String> {
    let line = |line: &greeter::schema::Line| format!("{}@{} {line}", "  ".repeat(line.depth), line.offset);
    message.walk(bytes, Limits::default()).iter().map(line).collect()
}

fn hello_reply() -> MessageType {
    Contract::built_in()[0].methods()[0].reply().clone()
}

#[test]
fn each_field_is_a_line_with_its_place_and_name() {
    let bytes = [field(14, b"World"), varint(3, 7), field(17, &varint(13, 1))].concat();
    assert_eq!(
        walked(&everything(), &bytes),
        [
            "@0 field 14 a_string (length-delimited) \"World\"",
            "@7 field 3 an_int32 (varint) 7",
            "@9 field 17 inner (length-delimited)",
            "  @12 field 13 a_bool (varint) 1",
        ]
    );
}

#[test]
fn fields_without_a_name_are_read_as_what_they_look_like() {
    let bytes = [field(2, b"text"), field(3, &varint(1, 5)), field(4, b"\xff\xfe"), varint(5, 9)].concat();
    assert_eq!(
        walked(&hello_reply(), &bytes),
        [
            "@0 field 2 ? (length-delimited) \"text\"",
            "@6 field 3 ? (length-delimited)",
            "  @8 field 1 message (varint) 5".replace("message", "?").as_str(),
            "@10 field 4 ? (length-delimited) ff fe",
            "@14 field 5 ? (varint) 9",
        ]
    );
}

#[test]
fn what_is_malformed_is_the_last_line_and_says_how_much_is_left() {
    assert_eq!(
        walked(&hello_reply(), b"\x0a\x01a\x0a\x09b"),
        [
            "@0 field 1 message (length-delimited) \"a\"",
            "@3 malformed: 9 bytes announced at byte 4, 1 left; 3 bytes left",
        ]
    );
}

#[test]
fn groups_are_walked_into() {
    assert_eq!(
        walked(&message("test.Older"), b"\x1b\x22\x01n\x1c"),
        ["@0 field 3 both (group)", "  @1 field 4 name (length-delimited) \"n\""]
    );
}

#[test]
fn lines_and_depth_and_values_are_bounded() {
    let many = varint(3, 7).repeat(10_000);
    let limits = Limits { lines: 10, depth: 3, value_bytes: 4 };
    let lines = everything().walk(&many, limits);
    assert_eq!(lines.len(), 11);
    assert_eq!(lines[10].to_string(), "… 19980 bytes more");

    let deep = (0..100).fold(Vec::new(), |inner, _| field(17, &inner));
    let lines = everything().walk(&deep, limits);
    assert_eq!(lines.iter().map(|line| line.depth).max(), Some(4));
    assert!(lines[4].to_string().ends_with("bytes more"));

    let lines = everything().walk(&field(14, b"a long text"), limits);
    assert_eq!(lines[0].to_string(), "field 14 a_string (length-delimited) \"a lo…\"");
}

proptest! {
    #[test]
    fn any_bytes_are_walked_within_the_limits(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        lines in 0_usize..50,
        depth in 0_usize..5,
    ) {
        let limits = Limits { lines, depth, value_bytes: 10 };
        let walked = everything().walk(&bytes, limits);
        // Each depth may end with a line of its own.
        prop_assert!(walked.len() <= lines + depth + 2);
        prop_assert!(walked.iter().all(|line| line.offset + line.length <= bytes.len()));
    }
}
