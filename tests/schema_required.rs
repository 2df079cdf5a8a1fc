//! Required fields of proto2: named where they are missing, and null where they are left out.

#![allow(clippy::unwrap_used)]

mod schema_support;

use greeter::schema::{MessageType, Shown, Unreadable};
use schema_support::{json, kept, length_delimited as field, message, varint, with};

fn whole() -> MessageType {
    message("old.Whole")
}

#[test]
fn a_required_field_that_is_missing_is_named() {
    let said = |line: &str| whole().encode(line).unwrap_err().to_string();
    assert_eq!(
        said(r#"{"inner": {}}"#),
        "`name` is required in old.Whole and is missing: `\"name\": null` leaves it out (line 1, column 1)"
    );
    assert_eq!(
        said(&with(r#""many": [{"number": 1}, {}]"#)),
        "`number` is required in old.Whole.Many and is missing: `\"number\": null` leaves it out \
         (many[1], line 1, column 52)"
    );
}

#[test]
fn a_required_field_that_is_left_out_is_null() {
    let line = r#"{"name": null, "inner": null}"#;
    assert!(whole().encode(line).unwrap().is_empty());
    assert_eq!(json(&whole(), b""), line);
    for (text, bytes) in [
        (r#"{"name":null,"inner":null}"#, vec![]),
        (r#"{"level":"HIGH","name":null,"inner":null}"#, varint(3, 2)),
        (r#"{"name":"","inner":{},"many":[{"number":null}]}"#, b"\x0a\0\x12\0\x3b\x3c".to_vec()),
        // It is there, if with bytes that are no text.
        (r#"{"inner":{},"1":{"bytes":"/w=="}}"#, [field(2, b""), field(1, b"\xff")].concat()),
    ] {
        assert_eq!(kept(&whole(), &bytes), text);
    }
    let others = whole().json_for_all_within(b"", 100);
    assert!(matches!(others, Err(Unreadable::OwnForms)), "others refuse what lacks a required field");
}

/// Where null is a value, it does not say that there is none.
#[test]
fn a_required_null_that_is_left_out_is_an_empty_list_of_its_number() {
    let nothing = message("old.Nothing");
    assert_eq!(kept(&nothing, b""), r#"{"1":[],"2":[]}"#);
    assert_eq!(kept(&nothing, b"\x0a\x02\x08\0\x10\0"), r#"{"value":null,"nullValue":null}"#);
    assert_eq!(
        nothing.encode("{}").unwrap_err().to_string(),
        "`value` is required in old.Nothing and is missing: `\"1\": []` leaves it out (line 1, column 1)"
    );
}

/// What was not looked at is not known to be missing.
#[test]
fn a_required_field_behind_the_end_of_a_row_is_not_called_missing() {
    let bytes = [field(9, &[b'x'; 200]).repeat(300), field(1, b"n")].concat();
    match whole().show(&bytes, 40) {
        Shown::Json { text, cut } => assert!(cut && !text.contains("null"), "{text}"),
        other => panic!("{other:?}"),
    }
}
