//! Descriptors that no compiler made: an error or a contract, and never a panic.

#![allow(clippy::unwrap_used)]

mod schema_support;

use greeter::schema::{Contract, Limits, SchemaError, Source};
use proptest::{prelude::*, sample::Index};
use prost::Message as _;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FileDescriptorProto, FileDescriptorSet,
};

fn read(files: Vec<FileDescriptorProto>) -> Result<Vec<Contract>, SchemaError> {
    Contract::from_descriptor_set(&FileDescriptorSet { file: files }.encode_to_vec(), Source::File)
}

/// The test schema's own files, in which one service needs all that is changed.
fn everything() -> Vec<FileDescriptorProto> {
    schema_support::files().file
}

fn changed(change: impl FnOnce(&mut FileDescriptorProto)) -> SchemaError {
    let mut files = everything();
    change(files.iter_mut().find(|file| file.name() == "everything.proto").unwrap());
    read(files).unwrap_err()
}

#[test]
fn an_edition_that_is_not_known_is_named() {
    let error = changed(|file| file.syntax = Some("editions".to_owned()));
    assert_eq!(
        error.to_string(),
        "everything.proto is in edition number 0, which is not known: 2023 and 2024 are"
    );
}

#[test]
fn a_syntax_from_the_future_is_said_to_be_unknown() {
    let error = changed(|file| file.syntax = Some("proto4".to_owned()));
    assert_eq!(error.to_string(), "syntax \"proto4\" is not known");
}

#[test]
fn messages_nested_without_end_are_refused() {
    let error = changed(|file| {
        let mut message = DescriptorProto { name: Some("M".to_owned()), ..Default::default() };
        for _ in 0..40 {
            message = DescriptorProto {
                name: Some("M".to_owned()),
                nested_type: vec![message],
                ..Default::default()
            };
        }
        file.message_type.push(message);
    });
    assert_eq!(error.to_string(), "more than 32 messages inside each other");
}

#[test]
fn an_enum_of_a_million_values_is_refused() {
    let error = changed(|file| {
        let value = |n: i32| EnumValueDescriptorProto {
            name: Some(format!("V{n}")),
            number: Some(-n),
            ..Default::default()
        };
        file.enum_type.push(EnumDescriptorProto {
            name: Some("E".to_owned()),
            value: (0..1_000_000).map(value).collect(),
            ..Default::default()
        });
    });
    assert!(matches!(error, SchemaError::TooMany { .. }), "{error}");
}

#[test]
fn a_hundred_thousand_messages_are_refused() {
    let error = changed(|file| {
        let message = |n| DescriptorProto { name: Some(format!("M{n}")), ..Default::default() };
        file.message_type.extend((0..100_000).map(message));
    });
    assert!(matches!(error, SchemaError::TooMany { .. }), "{error}");
}

#[test]
fn a_name_that_is_none_is_cut_and_quoted() {
    let error = changed(|file| file.message_type[0].name = Some("\x1b[2J".repeat(1000)));
    let said = error.to_string();
    assert!(said.starts_with(r#""\u{1b}[2J\u{1b}[2J"#) && said.len() < 1000, "{said}");
}

#[test]
fn the_well_known_types_cannot_be_exchanged() {
    let mut files = everything();
    for file in files.iter_mut().filter(|file| file.name().starts_with("google/")) {
        for message in &mut file.message_type {
            message.field.clear();
            message.oneof_decl.clear();
        }
    }
    let contracts = read(files).unwrap();
    let mut methods = contracts.iter().flat_map(Contract::methods);
    let message =
        methods.find(|method| method.name() == "Ask" && method.request().full_name() == "test.Everything");
    assert!(message.unwrap().request().encode(r#"{"timestamp": "2024-01-02T03:04:05Z"}"#).is_ok());
}

#[test]
fn bytes_that_are_no_descriptors_are_an_error() {
    let error = Contract::from_descriptor_set(b"\x0a\x05hi", Source::File).unwrap_err();
    assert!(matches!(error, SchemaError::Undecodable { .. }), "{error}");
}

proptest! {
    #[test]
    fn bytes_changed_anywhere_never_panic(changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..8)) {
        let mut files = everything();
        // The well-known files are not looked into.
        files.retain(|file| !file.name().starts_with("google/"));
        let mut bytes = FileDescriptorSet { file: files }.encode_to_vec();
        for (index, byte) in &changes {
            let at = index.index(bytes.len());
            bytes[at] = *byte;
        }
        let contracts = Contract::from_descriptor_set(&bytes, Source::File).unwrap_or_default();
        for method in contracts.iter().flat_map(Contract::methods) {
            for message in [method.request(), method.reply()] {
                let _ = message.encode(r#"{"byName": {"a": 1}, "numbers": [1], "chosenText": "a"}"#);
                message.show(&bytes, 1000);
                message.walk(&bytes, Limits::default());
            }
        }
    }
}

/// As in proto3: no presence, packed lists, strings that are checked, open enums.
#[test]
fn a_proto3_file_with_names_that_are_alike_means_what_any_means() {
    let mut files = everything();
    let of_fields = |files: &mut Vec<FileDescriptorProto>, alike: &str| {
        let file = files.iter_mut().find(|file| file.name() == "everything.proto").unwrap();
        let message = file.message_type.iter_mut().find(|message| message.name() == "Everything").unwrap();
        let mut more = message.field[0].clone();
        (more.name, more.json_name) = (Some(alike.to_owned()), Some(alike.to_owned()));
        (more.number, more.oneof_index, more.proto3_optional) = (Some(9_000), None, None);
        message.field.push(more);
        message.field[0].name().to_owned()
    };
    let first = of_fields(&mut files.clone(), "x");
    let plain = read(files.clone()).unwrap();
    of_fields(&mut files, &format!("{first}_"));
    let alike = read(files).unwrap();
    let request = |contracts: &[Contract]| {
        contracts
            .iter()
            .flat_map(Contract::methods)
            .find(|method| method.request().full_name() == "test.Everything")
            .unwrap()
            .request()
            .clone()
    };
    let (plain, alike) = (request(&plain), request(&alike));
    for seed in 0..500 {
        let mut maker = schema_support::Maker { seed };
        let message = maker.message(&schema_support::reference(), 40).encode_to_vec();
        let text = plain.whole_json(&message).unwrap();
        assert_eq!(alike.whole_json(&message).unwrap(), text);
        assert_eq!(alike.encode(&text).unwrap(), plain.encode(&text).unwrap(), "{text}");
        let wire = maker.wire(&schema_support::reference(), 3);
        assert_eq!(alike.show(&wire, 1 << 16), plain.show(&wire, 1 << 16));
    }
}
