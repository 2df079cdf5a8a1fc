//! What a row says of a message, whatever is in it.

#![allow(clippy::unwrap_used)]

mod schema_support;

use greeter::schema::{Contract, Limits, MessageType, Shown};
use proptest::prelude::*;
use schema_support::{error, everything, json, length_delimited as field, message, varint};

fn hello_reply() -> MessageType {
    Contract::built_in()[0].methods()[0].reply().clone()
}

fn text(text: &str) -> Shown {
    Shown::Text { text: text.to_owned(), cut: false }
}

#[test]
fn a_reply_of_one_text_is_that_text() {
    assert_eq!(hello_reply().show(b"\x0a\x0dHello, World!", 100), text("Hello, World!"));
    let empty = Shown::Json { text: "{}".to_owned(), cut: false };
    assert_eq!(hello_reply().show(b"", 100), empty, "nothing cannot be seen");
    assert_eq!(hello_reply().show(b"\x0a\x01a\x0a\x01b", 100), text("b"), "the last one counts");
}

#[test]
fn a_long_text_is_cut_between_characters() {
    let bytes = field(1, "世界".repeat(1000).as_bytes());
    assert_eq!(hello_reply().show(&bytes, 8), Shown::Text { text: "世界".to_owned(), cut: true });
}

#[test]
fn a_field_that_the_type_does_not_know_is_shown_by_its_number() {
    assert_eq!(json(&hello_reply(), b"\x12\x05World"), r#"{"2": "World"}"#);
    assert_eq!(json(&hello_reply(), b"\x0a\x01a\x18\x07"), r#"{"message": "a", "3": 7}"#);
    assert_eq!(json(&hello_reply(), b"\x18\x07\x18\x08"), r#"{"3": [7, 8]}"#);
    assert_eq!(json(&hello_reply(), b"\x12\x02\xff\xfe"), r#"{"2": {"bytes": "//4="}}"#);
    assert_eq!(json(&hello_reply(), b"\x08\x07"), r#"{"1": 7}"#, "the number is right, the wire type is not");
}

#[test]
fn broken_bytes_are_shown_with_the_field_the_place_and_the_cause() {
    assert_eq!(
        hello_reply().show(b"\x0a\x08Hello, \xff", 100),
        Shown::Broken {
            error: "invalid UTF-8 at byte 9, field 1 (message)".to_owned(),
            hex: "0a 08 48 65 6c 6c 6f 2c 20 ff".to_owned(),
        }
    );
    assert_eq!(
        error(&hello_reply(), b"\x0a\x05hi"),
        "5 bytes announced at byte 1, 2 left, field 1 (message)"
    );
    assert_eq!(error(&hello_reply(), b"\x0f"), "wire type 7 at byte 0");
    let inner = field(17, &field(14, b"\xc3"));
    assert_eq!(error(&everything(), &inner), "invalid UTF-8 at byte 5, field 17.14 (inner.a_string)");
    let entry = field(30, &field(1, b"\xc3"));
    assert_eq!(error(&everything(), &entry), "invalid UTF-8 at byte 5, field 30.1 (by_name.key)");
}

#[test]
fn the_hex_of_a_large_broken_message_is_bounded() {
    let mut bytes = vec![0xff; 1 << 20];
    bytes[0] = 0x0f;
    let Shown::Broken { hex, .. } = hello_reply().show(&bytes, 12) else { panic!() };
    assert_eq!(hex, "0f ff ff ff …");
}

#[test]
fn a_field_that_lies_in_pieces_is_one() {
    let bytes = [field(17, &varint(3, 1)), varint(13, 1), field(17, &varint(5, 2))].concat();
    assert_eq!(json(&everything(), &bytes), r#"{"aBool": true, "inner": {"anInt32": 1, "aUint32": 2}}"#);
    let bytes = [varint(20, 1), varint(3, 9), field(20, &[2, 3]), varint(3, 10)].concat();
    assert_eq!(json(&everything(), &bytes), r#"{"anInt32": 10, "numbers": [1, 2, 3]}"#);
}

#[test]
fn the_last_member_of_a_oneof_counts() {
    let bytes = [field(40, b"text"), varint(42, 1)].concat();
    assert_eq!(json(&everything(), &bytes), r#"{"chosenBool": true}"#);
}

#[test]
fn a_default_that_was_sent_is_shown() {
    assert_eq!(json(&everything(), &varint(3, 0)), r#"{"anInt32": 0}"#);
}

#[test]
fn a_map_entry_without_key_or_value_has_their_defaults() {
    let bytes = [field(30, b""), field(31, &varint(1, 7)), field(32, &varint(2, 1))].concat();
    assert_eq!(
        json(&everything(), &bytes),
        r#"{"byName": {"": "0"}, "byNumber": {"7": {}}, "byTruth": {"false": "RED"}}"#
    );
}

#[test]
fn text_is_escaped_as_json() {
    assert_eq!(json(&everything(), &field(14, b"\"\\\n\x1b")), r#"{"aString": "\"\\\n\u001b"}"#);
}

#[test]
fn what_is_no_number_in_json_is_a_word() {
    let mut bytes = vec![0x09];
    bytes.extend(f64::NEG_INFINITY.to_le_bytes());
    bytes.push(0x15);
    bytes.extend(f32::NAN.to_le_bytes());
    assert_eq!(json(&everything(), &bytes), r#"{"aDouble": "-Infinity", "aFloat": "NaN"}"#);
    bytes = [&b"\x09"[..], &(-f64::NAN).to_le_bytes(), b"\x15", &0x7fc0_0001_u32.to_le_bytes()].concat();
    assert_eq!(json(&everything(), &bytes), r#"{"aDouble": "-NaN", "aFloat": "NaN(0x7fc00001)"}"#);
}

#[test]
fn an_any_of_an_unknown_type_or_of_broken_bytes_does_not_fail_the_message() {
    let any = |url: &[u8], value: &[u8]| field(50, &[field(1, url), field(2, value)].concat());
    assert_eq!(
        json(&everything(), &any(b"type.googleapis.com/not.Known", b"\x01\x02\x03")),
        r#"{"any": {"@type": "type.googleapis.com/not.Known", "value": "AQID"}}"#
    );
    assert_eq!(
        json(&everything(), &any(b"t/test.Text", &field(1, b"hi"))),
        r#"{"any": {"@type": "t/test.Text", "text": "hi"}}"#
    );
    assert_eq!(
        json(&everything(), &any(b"t/test.Text", b"\x0a\x09hi")),
        r#"{"any": {"typeUrl": "t/test.Text", "value": "CgloaQ=="}}"#
    );
    assert_eq!(
        json(&everything(), &any(b"t/google.protobuf.Duration", b"\x08\x03")),
        r#"{"any": {"@type": "t/google.protobuf.Duration", "value": "3s"}}"#
    );
}

#[test]
fn a_time_that_is_none_is_shown_as_its_numbers() {
    let bytes = field(51, &[varint(1, u64::MAX >> 1), varint(2, 5)].concat());
    assert_eq!(
        json(&everything(), &bytes),
        r#"{"timestamp": {"seconds": "9223372036854775807", "nanos": 5}}"#
    );
}

#[test]
fn proto2_strings_need_not_be_utf8_and_groups_are_objects() {
    let older = message("test.Older");
    let bytes = b"\x0a\x03a\xffb\x10\x01\x10\x02\x1b\x22\x01n\x1c";
    assert_eq!(json(&older, bytes), r#"{"text": "a�b", "numbers": [1, 2], "both": {"name": "n"}}"#);
}

fn nested(depth: usize, number: u32) -> Vec<u8> {
    // Built from the inside, back to front, so that it costs its length and not its square.
    let mut reversed = Vec::new();
    for _ in 0..depth {
        let length = reversed.len() as u64;
        let mut head = Vec::new();
        prost::encoding::encode_key(number, prost::encoding::WireType::LengthDelimited, &mut head);
        prost::encoding::encode_varint(length, &mut head);
        reversed.extend(head.iter().rev());
    }
    reversed.reverse();
    reversed
}

#[test]
fn messages_nested_without_end_are_shown_to_a_depth() {
    let bytes = nested(100_000, 17);
    let Shown::Json { text, cut } = everything().show(&bytes, 1 << 20) else { panic!() };
    assert!(cut && text.contains('…') && text.len() < 10_000);
}

#[test]
fn an_any_in_an_any_without_end_is_shown_to_a_depth() {
    let mut any = Vec::new();
    while any.len() < 1 << 20 {
        any = [field(1, b"t/google.protobuf.Any"), field(2, &any)].concat();
        if any.len() > 4000 {
            break;
        }
    }
    let filler = "x".repeat(2 << 20);
    any.extend(field(2, &[field(1, b"t/test.Text"), field(2, &field(1, filler.as_bytes()))].concat()));
    let Shown::Json { text, .. } = everything().show(&field(50, &any), 1000) else { panic!() };
    assert!(
        text.len() <= 1000 && text.starts_with(r#"{"any": {"@type": "t/google.protobuf.Any", "#),
        "{text}"
    );

    let mut deep = Vec::new();
    for _ in 0..200 {
        deep = [field(1, b"t/google.protobuf.Any"), field(2, &deep)].concat();
    }
    let Shown::Json { text, cut } = everything().show(&field(50, &deep), 1 << 20) else { panic!() };
    assert!(cut && text.contains('…'));
}

#[test]
fn a_huge_reply_costs_what_is_shown_of_it() {
    // Each of these would take minutes if all of it were looked at a few hundred times over.
    let large = 64 << 20;
    let replies = [
        field(1, &vec![b'a'; large]),
        field(2, &vec![0xff; large]),
        b"\x18\x01".repeat(1 << 20),
        nested(1 << 20, 1),
    ];
    let started = std::time::Instant::now();
    for reply in &replies {
        for _ in 0..200 {
            match hello_reply().show(reply, 200) {
                Shown::Text { text, cut } | Shown::Json { text, cut } => assert!(cut && text.len() <= 200),
                Shown::Broken { hex, .. } => assert!(hex.len() <= 210),
            }
        }
    }
    assert!(started.elapsed().as_secs() < 10);
}

proptest! {
    #[test]
    fn any_bytes_make_a_row_within_the_bound(bytes in prop::collection::vec(any::<u8>(), 0..200), max in 0_usize..300) {
        for message in [everything(), hello_reply(), message("test.Older")] {
            match message.show(&bytes, max) {
                Shown::Text { text, .. } => prop_assert!(text.len() <= max),
                Shown::Json { text, cut } => {
                    prop_assert!(text.len() <= max);
                    prop_assert!(cut || serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
                }
                Shown::Broken { error, hex } => prop_assert!(!error.is_empty() && hex.len() <= max + 4),
            }
            message.walk(&bytes, Limits::default());
        }
    }
}
