//! Proto2 and editions, whole: what proto3 has not goes to JSON and back like everything else.

#![allow(clippy::unwrap_used)]

mod schema_support;

use greeter::schema::{Contract, Files, Limits, MessageType, SchemaError, Shown, Source};
use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::DynamicMessage;
use schema_support::{Maker, json, kept, length_delimited as field, message, reference_of, varint, with};

fn whole() -> MessageType {
    message("old.Whole")
}

fn editions() -> MessageType {
    let set = include_bytes!("protos/editions.binpb");
    let contracts = Contract::from_descriptor_set(set, Source::File).unwrap();
    contracts[0].methods()[0].request().clone()
}

/// Without its required field.
fn edition_bytes(json: &str) -> Vec<u8> {
    let line = if json.is_empty() {
        r#"{"required": 0}"#.to_owned()
    } else {
        format!(r#"{{"required": 0, {json}}}"#)
    };
    let bytes = editions().encode(&line).unwrap();
    bytes.strip_prefix(&[0x18, 0][..]).unwrap().to_vec()
}

#[test]
fn groups_and_oneofs_and_enums_and_maps_of_proto2_go_there_and_back() {
    for members in [
        r#""level": "BELOW", "packed": [1, -2], "unpacked": [3, 4]"#,
        r#""3": 77"#,
        r#""single": {"text": "a", "again": {"text": "b"}}, "many": [{"number": 1}, {"number": 2}]"#,
        r#""inners": {"a": {"number": -1, "inner": {}}}"#,
        r#""chosen": {"yes": true}"#,
        r#""text": """#,
    ] {
        let line = with(members);
        let bytes = whole().encode(&line).unwrap();
        assert_eq!(json(&whole(), &bytes), line);
        DynamicMessage::decode(reference_of("old.Whole"), bytes).unwrap();
    }
}

#[test]
fn extensions_are_fields_with_their_names_in_brackets() {
    let line = with(concat!(
        r#""[old.number_extension]": 1, "[old.list_extension]": [1.5, 2.0], "#,
        r#""[old.message_extension]": {"[old.inner_extension]": "deep"}, "#,
        r#""[old.Whole.nested_extension]": "n", "[old.enum_extension]": "HIGH", "#,
        r#""[old.groupextension]": {"text": "g"}, "[old.times_extension]": ["2024-01-02T03:04:05Z"]"#,
    ));
    let bytes = whole().encode(&line).unwrap();
    assert_eq!(json(&whole(), &bytes), line);
    let walked = whole().walk(&bytes, Limits::default());
    assert!(
        walked.iter().any(|line| line.to_string() == "field 100 [old.number_extension] (varint) 1"),
        "{walked:?}"
    );
    let error = whole().encode(&with(r#""[old.nubmer_extension]": 1"#)).unwrap_err().to_string();
    assert!(error.contains("did you mean `[old.number_extension]`?"), "{error}");
}

/// The bytes are those of Google's own library for the same JSON.
#[test]
fn a_message_set_has_its_extensions_in_items() {
    let set = message("old.Set");
    let line = concat!(
        r#"{"[old.Member.member]": {"text": "a", "set": {"[old.Member.member]": {"text": "b"}}}, "#,
        r#""[old.Member.other]": {"text": "c"}}"#
    );
    let inner = b"\x0b\x10\xe8\x07\x1a\x03\x0a\x01b\x0c";
    let member = [b"\x0b\x10\xe8\x07\x1a\x0f\x0a\x01a\x12\x0a", &inner[..], b"\x0c"].concat();
    let other = b"\x0b\x10\xd0\x0f\x1a\x03\x0a\x01c\x0c";
    assert_eq!(set.encode(line).unwrap(), [&member[..], other].concat());
    // Their order is nobody's business.
    assert_eq!(json(&set, &[&other[..], &member].concat()), line);
    let walked: Vec<String> = set.walk(&member, Limits::default()).iter().map(ToString::to_string).collect();
    assert_eq!(
        walked[..5],
        [
            "field 1 Item (group)",
            "field 2 type_id (varint) 1000",
            "field 3 message (length-delimited)",
            "field 1 text (length-delimited) \"a\"",
            "field 2 set (length-delimited)",
        ]
    );
}

#[test]
fn an_item_of_a_message_set_is_read_in_any_order_and_in_several_parts() {
    let set = message("old.Set");
    let reversed = b"\x0b\x1a\x03\x0a\x01z\x10\xe8\x07\x0c";
    assert_eq!(json(&set, reversed), r#"{"[old.Member.member]": {"text": "z"}}"#);
    let twice = b"\x0b\x10\xe8\x07\x1a\x03\x0a\x01x\x0c\x0b\x10\xe8\x07\x1a\x03\x0a\x01y\x0c";
    assert_eq!(json(&set, twice), r#"{"[old.Member.member]": {"text": "y"}}"#);
    let as_a_field = b"\xc2\x3e\x03\x0a\x01p";
    assert_eq!(json(&set, as_a_field), r#"{"[old.Member.member]": {"text": "p"}}"#);
}

#[test]
fn an_item_of_a_message_set_that_nobody_knows_is_kept() {
    let set = message("old.Set");
    for (bytes, row) in [
        (&b"\x0b\x10\x09\x1a\x01z\x0c"[..], r#"{"1": {"group": {"2": 9, "3": "z"}}}"#),
        (b"\x0b\x10\xe8\x07\x0c", r#"{"1": {"group": {"2": 1000}}}"#),
        (b"\x0b\x1a\x01z\x0c", r#"{"1": {"group": {"3": "z"}}}"#),
        (b"\x0b\x10\xe8\x07\x10\x09\x1a\x01z\x0c", r#"{"1": {"group": {"2": [1000, 9], "3": "z"}}}"#),
        (b"\x0b\x10\xe8\x07\x1a\0\x20\x01\x0c", r#"{"1": {"group": {"2": 1000, "3": "", "4": 1}}}"#),
        (
            b"\x0b\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x1a\0\x0c",
            r#"{"1": {"group": {"2": 18446744073709551615, "3": ""}}}"#,
        ),
    ] {
        assert_eq!(json(&set, bytes), row);
        assert_eq!(set.encode(row).unwrap(), bytes, "{row}");
    }
}

/// The bytes are those of Google's own library for the same JSON.
#[test]
fn an_extension_of_a_message_set_may_have_a_number_too_large_for_a_field() {
    for number in [1 << 29, 1 << 30, i32::MAX - 1] {
        let set = set_with_other(number);
        let id = [&b"\x0b"[..], &varint(2, number.cast_unsigned().into())].concat();
        let bytes = [&b"\x0b\x10\xe8\x07\x1a\0\x0c"[..], &id, b"\x1a\x03\x0a\x01c\x0c"].concat();
        let row = r#"{"[old.Member.member]": {}, "[old.Member.other]": {"text": "c"}}"#;
        assert_eq!(json(&set, &bytes), row);
        assert_eq!(set.encode(row).unwrap(), bytes);
        let walked: Vec<String> =
            set.walk(&bytes, Limits::default()).iter().map(ToString::to_string).collect();
        assert!(walked.contains(&format!("field 2 type_id (varint) {number}")), "{walked:?}");
        assert!(walked.contains(&"field 1 text (length-delimited) \"c\"".to_owned()), "{walked:?}");
        // The number that stands for it inside means nothing outside.
        let inside = [&b"\x0b"[..], &varint(2, 1 << 28), b"\x1a\0\x0c"].concat();
        assert_eq!(json(&set, &inside), r#"{"1": {"group": {"2": 268435456, "3": ""}}}"#);
    }
}

/// The set of the tests' own, with its extension `other` under a number.
fn set_with_other(number: i32) -> MessageType {
    let mut files = schema_support::files();
    let old = files.file.iter_mut().find(|file| file.name() == "proto2.proto").unwrap();
    let member = old.message_type.iter_mut().find(|message| message.name() == "Member").unwrap();
    member.extension.iter_mut().find(|other| other.name() == "other").unwrap().number = Some(number);
    let contracts = Contract::from_descriptor_set(&files.encode_to_vec(), Source::File).unwrap();
    let mut methods = contracts.iter().flat_map(Contract::methods);
    methods.find(|method| method.name() == "Gather").unwrap().request().clone()
}

#[test]
fn an_extension_with_a_number_that_nothing_has_costs_no_other() {
    let set = set_with_other(i32::MAX);
    let bytes = b"\x0b\x10\xe8\x07\x1a\0\x0c\x0b\x10\xff\xff\xff\xff\x07\x1a\x01c\x0c";
    let row = r#"{"[old.Member.member]": {}, "1": {"group": {"2": 2147483647, "3": "c"}}}"#;
    assert_eq!(json(&set, bytes), row);
    assert_eq!(set.encode(row).unwrap(), &bytes[..]);
}

#[test]
fn message_sets_inside_each_other_have_a_bound() {
    let set = message("old.Set");
    let mut bytes = Vec::new();
    for _ in 0..1_000 {
        let member = field(2, &bytes);
        bytes = [&b"\x0b\x10\xe8\x07"[..], &field(3, &member), b"\x0c"].concat();
    }
    match set.show(&bytes, 1 << 20) {
        Shown::Json { text, cut } => assert!(cut && text.contains("\"…\""), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn json_names_that_clash_do_not_cost_the_service() {
    let mut set = schema_support::files();
    let file = set.file.iter_mut().find(|file| file.name() == "proto2.proto").unwrap();
    let field = file.message_type[0].field.iter_mut().find(|field| field.number() == 12).unwrap();
    field.json_name = Some("fooBar".to_owned());
    let contracts = Contract::from_descriptor_set(&set.encode_to_vec(), Source::File).unwrap();
    let asking = contracts.iter().find(|contract| contract.name() == "old.Asking").unwrap();
    let whole = asking.methods()[0].request();
    let line = with(r#""fooBar": 1, "bar_foo": 2"#);
    assert_eq!(json(whole, &whole.encode(&line).unwrap()), line);
}

/// A map of proto2, with texts for keys and an enum that does not begin with 0.
fn levels() -> MessageType {
    let proto = "syntax = \"proto2\"; enum Level { HIGH = 5; NONE = 0; } message Levels { map<string, Level> levels = 1; }
        service S { rpc A(Levels) returns (Levels); }";
    compiled("levels.proto", proto)
}

/// The request of the first method of a file.
fn compiled(name: &str, proto: &str) -> MessageType {
    let file = protox::file::File::from_source(name, proto).unwrap().into();
    let any = protox::file::GoogleFileResolver::new();
    let any = protox::file::FileResolver::open_file(&any, "google/protobuf/any.proto").unwrap().into();
    let set = prost_types::FileDescriptorSet { file: vec![any, file] };
    let contracts = Contract::from_descriptor_set(&set.encode_to_vec(), Source::File).unwrap();
    contracts[0].methods()[0].request().clone()
}

#[test]
fn a_map_entry_of_proto2_without_its_value_has_the_first_of_the_enum() {
    assert_eq!(json(&levels(), &field(1, &field(1, b"a"))), r#"{"levels": {"a": "HIGH"}}"#);
}

#[test]
fn a_key_of_proto2_need_not_be_utf_8() {
    let entry = |key: &[u8], value| field(1, &[field(1, key), varint(2, value)].concat());
    let bytes = [entry(b"a\xff", 0), entry(b"a\xfe", 5)].concat();
    assert_eq!(json(&levels(), &bytes), r#"{"levels": {"a�": "HIGH", "a�": "NONE"}}"#);
}

#[test]
fn a_value_that_json_has_no_form_for_stands_under_its_number() {
    let number = |number: f64| [&b"\x11"[..], &number.to_le_bytes()].concat();
    let everything = message("test.Everything");
    let nan = r#"{"54":{"bytes":"EQAAAAAAAPh/"}}"#;
    assert_eq!(kept(&everything, &field(54, &number(f64::NAN))), nan);
    assert_eq!(kept(&everything, &field(54, &number(1.5))), r#"{"value":1.5}"#);
    assert_eq!(kept(&everything, &field(54, b"")), r#"{"54":""}"#, "nothing at all is no null");
    assert_eq!(kept(&everything, &field(54, b"\x08\0")), r#"{"value":null}"#);
    assert_eq!(kept(&everything, &field(54, b"\x08\x07")), r#"{"54":{"bytes":"CAc="}}"#);
    assert_eq!(kept(&everything, &varint(63, 7)), r#"{"nullValue":7}"#);
    let list = field(55, &[field(1, b"\x20\x01"), field(1, b"")].concat());
    assert_eq!(kept(&everything, &list), r#"{"55":{"bytes":"CgIgAQoA"}}"#);
    let entry = [field(1, b"k"), field(2, &number(f64::INFINITY))].concat();
    assert_eq!(
        kept(&everything, &field(53, &field(1, &entry))),
        r#"{"53":{"bytes":"Cg4KAWsSCREAAAAAAADwfw=="}}"#
    );
    let any = [field(1, b"t/google.protobuf.Value"), field(2, &number(f64::NAN))].concat();
    let plain = r#"{"any":{"typeUrl":"t/google.protobuf.Value","value":"EQAAAAAAAPh/"}}"#;
    assert_eq!(kept(&everything, &field(50, &any)), plain);
    let paths = field(56, &[field(1, b""), field(1, b"a")].concat());
    assert_eq!(kept(&everything, &paths), r#"{"fieldMask":{"paths":["","a"]}}"#);
}

#[test]
fn a_row_says_what_a_value_without_a_form_looks_like() {
    let nan = [&b"\x11"[..], &f64::NAN.to_le_bytes()].concat();
    assert_eq!(json(&message("test.Everything"), &field(54, &nan)), r#"{"value": "NaN"}"#);
    assert_eq!(json(&message("test.Everything"), &field(54, b"")), r#"{"value": null}"#);
}

#[test]
fn the_bytes_of_a_text_that_is_no_utf_8_are_kept() {
    let older = message("test.Older");
    let text = r#"{"numbers":[1],"1":{"bytes":"Yf9i"}}"#;
    let bytes = [varint(2, 1), field(1, b"a\xffb")].concat();
    assert_eq!(kept(&older, &bytes), text);
    let bytes = [varint(3, 1), field(7, b"\xff")].concat();
    assert_eq!(kept(&editions(), &bytes), r#"{"required":1,"7":{"bytes":"/w=="}}"#);
}

#[test]
fn an_entry_of_a_map_with_a_field_of_its_own_is_kept() {
    let entry = |fields: &[Vec<u8>]| field(1, &fields.concat());
    let plain = entry(&[field(1, b"a"), varint(2, 5)]);
    let odd = entry(&[field(1, b"b"), varint(2, 5), varint(9, 1)]);
    assert_eq!(
        kept(&levels(), &[plain, odd.clone()].concat()),
        r#"{"levels":{"a":"HIGH"},"1":{"bytes":"CgFiEAVIAQ=="}}"#
    );
    assert_eq!(kept(&levels(), &odd), r#"{"1":{"bytes":"CgFiEAVIAQ=="}}"#);
    let later = [odd, entry(&[field(1, b"b"), varint(2, 0)])].concat();
    let text = r#"{"1":[{"bytes":"CgFiEAVIAQ=="},{"bytes":"CgFiEAA="}]}"#;
    assert_eq!(kept(&levels(), &later), text, "which of them counts is told by their order");
    let no_text = entry(&[field(1, b"a\xff"), varint(2, 5)]);
    assert_eq!(kept(&levels(), &no_text), r#"{"1":{"bytes":"CgJh/xAF"}}"#);
}

/// What Google's library makes of the same bytes: a number that a closed enum lacks is an unknown field.
#[test]
fn a_closed_enum_has_no_other_values() {
    let proto = "syntax = \"proto2\"; enum E { A = 1; B = 2; }
        message M {
            optional E one = 1; repeated E packed = 2 [packed = true]; map<string, E> map = 3;
            oneof o { E chosen = 4; int32 number = 5; }
        }
        service S { rpc A(M) returns (M); }";
    let message = compiled("closed.proto", proto);
    let entry = |key: &[u8], value| field(3, &[field(1, key), varint(2, value)].concat());
    for (bytes, text) in [
        ([varint(1, 2), varint(1, 7)].concat(), r#"{"one":"B","1":7}"#),
        (varint(1, (1 << 32) + 7), r#"{"1":4294967303}"#),
        (field(2, &[1, 7, 2]), r#"{"packed":["A","B"],"2":7}"#),
        ([varint(5, 3), varint(4, 7)].concat(), r#"{"number":3,"4":7}"#),
        ([entry(b"j", 2), entry(b"k", 7)].concat(), r#"{"map":{"j":"B"},"3":{"bytes":"CgFrEAc="}}"#),
        ([entry(b"k", 2), entry(b"k", 7)].concat(), r#"{"3":[{"bytes":"CgFrEAI="},{"bytes":"CgFrEAc="}]}"#),
    ] {
        assert_eq!(message.whole_json(&bytes).unwrap(), text);
        let again = message.encode_json(text).unwrap();
        assert_eq!(message.whole_json(&again).unwrap(), text);
    }
}

#[test]
fn an_edition_says_which_enums_are_closed() {
    let required = varint(3, 1);
    let text = |bytes: &[u8]| editions().whole_json(&[&required, bytes].concat()).unwrap();
    assert_eq!(text(&varint(12, 7)), r#"{"required":1,"open":7}"#);
    assert_eq!(text(&varint(13, 7)), r#"{"required":1,"13":7}"#);
    assert_eq!(text(&varint(13, 2)), r#"{"required":1,"closed":"SECOND"}"#);
}

/// What others bring may be newer than what the program does; but of types with JSON forms of their own it knows.
#[test]
fn a_well_known_file_that_comes_with_the_others_counts_where_the_program_has_no_form_for_its_types() {
    let file = |name: &str, source: &str| protox::file::File::from_source(name, source).unwrap().into();
    let context = "syntax = \"proto3\"; package google.protobuf;
        message SourceContext { string file_name = 1; int32 line = 2; }";
    let duration = "syntax = \"proto3\"; package google.protobuf; message Duration { string own = 1; }";
    let own = "syntax = \"proto3\"; import \"google/protobuf/source_context.proto\";
        import \"google/protobuf/duration.proto\";
        message M { google.protobuf.SourceContext context = 1; google.protobuf.Duration time = 2; }
        service S { rpc A(M) returns (M); }";
    let brought = vec![
        file("google/protobuf/source_context.proto", context),
        file("google/protobuf/duration.proto", duration),
    ];
    let bytes = [field(1, &varint(2, 5)), field(2, &varint(1, 3))].concat();
    for (brought, text) in [
        (brought, r#"{"context":{"line":5},"time":"3s"}"#),
        (Vec::new(), r#"{"context":{"2":5},"time":"3s"}"#),
    ] {
        let files = brought.into_iter().chain([file("own.proto", own)]).collect();
        let set = prost_types::FileDescriptorSet { file: files }.encode_to_vec();
        let contracts = Contract::from_descriptor_set(&set, Source::File).unwrap();
        assert_eq!(contracts[0].methods()[0].request().whole_json(&bytes).unwrap(), text);
        let described = Files::from_descriptor_set(&set).unwrap().describe("google.protobuf.SourceContext");
        assert_eq!(described.unwrap().contains("int32 line = 2"), text.contains("line"));
    }
}

#[test]
fn a_key_never_means_two_fields() {
    let proto = "syntax = \"proto3\"; import \"google/protobuf/any.proto\";
        message Odd {
            int32 digits = 1 [json_name = \"99\"]; int32 kind = 2 [json_name = \"@type\"];
            google.protobuf.Any any = 3; int32 bracket = 4 [json_name = \"[x]\"];
        }
        service S { rpc A(Odd) returns (Odd); }";
    let odd = compiled("odd.proto", proto);
    let bytes = [varint(1, 1), varint(99, 2)].concat();
    assert_eq!(kept(&odd, &bytes), r#"{"99":1,"099":2}"#);
    assert_eq!(kept(&odd, &varint(2, 5)), r#"{"@type":5}"#);
    assert_eq!(kept(&odd, &varint(4, 5)), r#"{"4":5}"#);
    let any = field(3, &[field(1, b"t/Odd"), field(2, &varint(2, 5))].concat());
    assert_eq!(kept(&odd, &any), r#"{"any":{"@type":"t/Odd","2":5}}"#);
    assert!(odd.encode_json(r#"{"07": 1}"#).is_err(), "zeros stand only where they tell two keys apart");
}

#[test]
fn the_bytes_of_an_any_that_are_none_of_its_type_are_not_taken_for_its_value() {
    let any = field(50, &[field(1, b"t/google.protobuf.StringValue"), field(2, b"\x0a")].concat());
    let text = r#"{"any":{"typeUrl":"t/google.protobuf.StringValue","value":"Cg=="}}"#;
    assert_eq!(kept(&message("test.Everything"), &any), text);
}

#[test]
fn whatever_depth_is_printed_is_read() {
    let (everything, set) = (message("test.Everything"), message("old.Set"));
    let (mut nested, mut lists, mut sets) = (Vec::new(), b"\x20\x01".to_vec(), Vec::new());
    for _ in 0..127 {
        nested = field(25, &field(31, &[varint(1, 1), field(2, &nested)].concat()));
        lists = field(6, &field(1, &lists));
        sets = [&b"\x0b\x10\xe8\x07"[..], &field(3, &field(2, &sets)), b"\x0c"].concat();
    }
    kept(&everything, &nested);
    kept(&everything, &field(54, &lists));
    kept(&set, &sets);
    let deeper = field(25, &field(25, &nested));
    let error = everything.whole_json(&deeper).unwrap_err().to_string();
    assert_eq!(error, "more than 256 messages are inside each other");
}

#[test]
fn a_value_without_a_place_in_the_type_is_kept() {
    let line = r#"{"name": "n", "inner": {}, "50": 7, "51": {"fixed64": 8}, "52": {"fixed32": 9}, "53": ["text", {"bytes": "AP8="}], "54": {"group": {"1": 2, "2": "x"}}}"#;
    let bytes = whole().encode(line).unwrap();
    assert_eq!(json(&whole(), &bytes), line);
    let tail =
        [varint(50, 7), b"\x99\x03\x08\0\0\0\0\0\0\0".to_vec(), b"\xa5\x03\x09\0\0\0".to_vec()].concat();
    let tail =
        [tail, field(53, b"text"), field(53, b"\x00\xff"), b"\xb3\x03\x08\x02\x12\x01x\xb4\x03".to_vec()]
            .concat();
    assert!(bytes.ends_with(&tail), "{bytes:?}");
}

#[test]
fn an_any_of_an_unknown_type_is_its_type_and_bytes_both_ways() {
    let line = with(r#""any": {"@type": "type.googleapis.com/not.Known", "value": "AQID"}"#);
    assert_eq!(json(&whole(), &whole().encode(&line).unwrap()), line);
    let known = with(r#""any": {"name": "inside", "inner": {}, "@type": "t/old.Whole"}"#);
    let shown = with(r#""any": {"@type": "t/old.Whole", "name": "inside", "inner": {}}"#);
    assert_eq!(json(&whole(), &whole().encode(&known).unwrap()), shown, "the type may come last");
}

#[test]
fn an_edition_says_which_fields_have_presence() {
    assert_eq!(edition_bytes(r#""explicit": 0"#), varint(1, 0));
    assert_eq!(edition_bytes(r#""implicit": 0, "implicitText": """#), b"");
    assert_eq!(edition_bytes(r#""implicit": 5"#), varint(2, 5));
    let error = editions().encode("{}").unwrap_err().to_string();
    assert!(error.starts_with("`required` is required in editions.Whole"), "{error}");
}

#[test]
fn an_edition_says_how_lists_and_messages_lie_on_the_wire() {
    assert_eq!(edition_bytes(r#""packed": [1, 2]"#), field(4, &[1, 2]));
    assert_eq!(edition_bytes(r#""expanded": [1, 2]"#), [varint(5, 1), varint(5, 2)].concat());
    assert_eq!(edition_bytes(r#""delimited": {"name": "n"}"#), b"\x43\x0a\x01n\x44");
    assert_eq!(edition_bytes(r#""prefixed": {"name": "n"}"#), field(9, &field(1, b"n")));
    assert_eq!(edition_bytes(r#""many": [{}, {}]"#), b"\x53\x54\x53\x54");
    // A map has an encoding of its own, whatever the file says.
    let entry = [field(1, b"k"), field(2, b"")].concat();
    assert_eq!(edition_bytes(r#""inners": {"k": {}}"#), field(11, &entry));
    assert_eq!(edition_bytes(r#""message": {}"#), b"\xab\x01\xac\x01");
    assert_eq!(edition_bytes(r#""[editions.numbers]": [1, 2]"#), [varint(100, 1), varint(100, 2)].concat());
}

#[test]
fn an_edition_says_which_strings_are_checked() {
    let unchecked = field(7, b"a\xff");
    assert_eq!(json(&editions(), &unchecked), r#"{"unchecked": "a�", "required": null}"#);
    let error = schema_support::error(&editions(), &field(6, b"a\xff"));
    assert_eq!(error, "invalid UTF-8 at byte 3, field 6 (checked)");
}

#[test]
fn all_of_an_edition_goes_there_and_back() {
    let line = concat!(
        r#"{"explicit": 1, "required": 2, "packed": [3], "delimited": {"name": "a", "inner": {"name": "b"}}, "#,
        r#""inners": {"k": {"name": "v"}}, "open": "SOME", "closed": "FIRST", "withDefault": "no", "text": "", "#,
        r#""[editions.extension]": {"name": "e"}}"#,
    );
    assert_eq!(json(&editions(), &editions().encode(line).unwrap()), line);
}

#[test]
fn an_edition_from_the_future_is_named() {
    // Field 14 is the edition.
    let mut set = include_bytes!("protos/editions.binpb").to_vec();
    let edition = set.iter().rposition(|byte| *byte == 0x70).unwrap();
    assert_eq!(set[edition..edition + 3], [0x70, 0xe8, 0x07]);
    set[edition + 1] = 0xeb;
    let error = Contract::from_descriptor_set(&set, Source::File).unwrap_err();
    assert_eq!(
        error,
        SchemaError::Edition { file: "editions.proto".to_owned(), edition: "edition 2026".to_owned() }
    );
}

proptest! {
    #[test]
    fn any_message_goes_to_json_and_back(seed: u64) {
        let reference = reference_of("old.Whole");
        let bytes = Maker { seed }.message(&reference, 30).encode_to_vec();
        let sent = DynamicMessage::decode(reference.clone(), &bytes[..]).unwrap();
        let row = json(&whole(), &bytes);
        let again = whole().encode(&row).unwrap();
        prop_assert_eq!(json(&whole(), &again), row.clone());
        // The fields in an `Any` may lie in another order. Their `Debug` has no end in a type that holds itself.
        if !row.contains("@type") {
            prop_assert!(DynamicMessage::decode(reference, again).unwrap() == sent, "{}", row);
        }
    }

    #[test]
    fn whatever_is_on_the_wire_goes_to_json_and_back(seed: u64) {
        for name in ["test.Everything", "old.Whole", "old.Set"] {
            let reference = reference_of(name);
            let bytes = Maker { seed }.wire(&reference, 4);
            let Ok(text) = message(name).whole_json(&bytes) else { continue };
            let again = message(name).encode_json(&text).unwrap();
            // What is not told from nothing was written and is gone.
            let second = message(name).whole_json(&again).unwrap();
            prop_assert_eq!(&message(name).encode_json(&second).unwrap(), &again);
            let read = |bytes: &[u8]| DynamicMessage::decode(reference.clone(), bytes);
            // The reference knows no message sets.
            if let (Ok(sent), false) = (read(&bytes), name == "old.Set") {
                prop_assert!(read(&again).unwrap() == sent, "{} {:02x?} {:02x?}", text, bytes, again);
            }
        }
    }

    /// Its bits: there are many NaNs, and two zeros.
    #[test]
    fn any_floating_point_number_goes_to_json_and_back(
        double in prop_oneof![any::<u64>(), any::<u64>().prop_map(|bits| bits | 0x7ff << 52)],
        float in prop_oneof![1..=u32::MAX, any::<u32>().prop_map(|bits| bits | 0xff << 23)],
    ) {
        let (a_float, doubles) = (&b"\x15"[..], field(22, &double.to_le_bytes()));
        let bytes = [a_float, &float.to_le_bytes(), &doubles].concat();
        let row = json(&message("test.Everything"), &bytes);
        prop_assert_eq!(message("test.Everything").encode(&row).unwrap(), bytes, "{}", row);
    }

    #[test]
    fn any_message_set_goes_to_json_and_back(
        items in prop::collection::vec((prop::sample::select(vec![9, 1000, 2000]), "[a-z]{0,3}"), 0..6)
    ) {
        let set = message("old.Set");
        let item = |(id, text): (u64, String)| {
            let fields = [varint(2, id), field(3, &field(1, text.as_bytes()))].concat();
            [b"\x0b", &fields[..], b"\x0c"].concat()
        };
        let row = json(&set, &items.into_iter().flat_map(item).collect::<Vec<u8>>());
        prop_assert_eq!(json(&set, &set.encode(&row).unwrap()), row);
    }

    #[test]
    fn fields_of_no_type_go_to_json_and_back(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let inner = Contract::built_in()[0].methods()[0].request().clone();
        let reference = reference_of("google.protobuf.Empty");
        let Ok(sent) = DynamicMessage::decode(reference.clone(), &bytes[..]) else { return Ok(()) };
        let greeter::schema::Shown::Json { text, cut: false } = inner.show(&bytes, 1 << 16) else { return Ok(()) };
        let again = inner.encode(&text).unwrap();
        prop_assert!(DynamicMessage::decode(reference, again).unwrap() == sent, "{}", text);
    }
}
