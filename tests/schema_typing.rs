//! What helps somebody who types a request: a template, completion, and what is wrong with the place.

#![allow(clippy::unwrap_used)]

mod schema_support;

use greeter::schema::{Contract, MessageType, Source};
use proptest::prelude::*;
use prost::Message as _;
use schema_support::{everything, message};

/// What could stand at `|`, and the text with the first of it.
fn completed(message: &MessageType, text: &str) -> (Vec<String>, String) {
    let at = text.find('|').unwrap();
    let text = text.replacen('|', "", 1);
    let Some(completion) = message.complete(&text, at) else { return (Vec::new(), text) };
    let names = completion.candidates.iter().map(|candidate| candidate.name.clone()).collect();
    let mut with_first = text.clone();
    with_first.replace_range(completion.range.clone(), &completion.candidates[0].text);
    (names, with_first)
}

fn names(message: &MessageType, text: &str) -> Vec<String> {
    completed(message, text).0
}

fn with_first(message: &MessageType, text: &str) -> String {
    completed(message, text).1
}

fn types() -> Vec<MessageType> {
    let built_in = Contract::built_in().to_vec();
    let mut all =
        Contract::from_descriptor_set(&schema_support::files().encode_to_vec(), Source::File).unwrap();
    let editions = include_bytes!("protos/editions.binpb");
    all.extend(Contract::from_descriptor_set(editions, Source::File).unwrap());
    all.extend(built_in);
    all.iter().flat_map(Contract::methods).map(|method| method.request().clone()).collect()
}

#[test]
fn a_template_of_one_field_is_one_line() {
    let hello = Contract::built_in()[0].methods()[0].request().clone();
    assert_eq!(hello.template(), r#"{"name": ""}"#);
    assert_eq!(hello.fields(), ["name"]);
}

#[test]
fn a_template_has_the_defaults_that_are_declared() {
    let template = message("old.Defaults").template();
    let expected = r#"{
  "aDouble": "-Infinity",
  "aFloat": 1.5,
  "anInt32": -7,
  "aUint64": "18446744073709551615",
  "aBool": true,
  "aString": "a \"word\"\n",
  "someBytes": "AP9ceA==",
  "level": "HIGH",
  "first": "LOW"
}"#;
    assert_eq!(template, expected);
}

/// Types that need themselves, and types that need each other deeper than a template goes.
#[test]
fn a_template_is_a_message_also_where_it_is_cut_at_a_required_field() {
    let nested = (0..12)
        .map(|n| format!("message L{n} {{ required L{} a = 1; }}", n + 1))
        .collect::<Vec<_>>()
        .join(" ");
    let source = format!(
        "syntax = \"proto2\"; message Node {{ required string name = 1; optional Link next = 2; }}
        message Link {{ required Node to = 1; repeated Node many = 2; required int32 w = 3; }}
        {nested} message L12 {{ required int32 end = 1; }}
        service S {{ rpc A(Node) returns (Node); rpc B(L0) returns (L0); }}"
    );
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("a.proto"), source).unwrap();
    let files = protox::compile(["a.proto"], [directory.path()]).unwrap();
    let contracts = Contract::from_descriptor_set(&files.encode_to_vec(), Source::File).unwrap();
    for method in contracts[0].methods() {
        let template = method.request().template();
        assert!(template.contains("null"), "{template}");
        method.request().encode(&template).unwrap_or_else(|error| panic!("{error}: {template}"));
    }
}

#[test]
fn a_template_has_every_field_and_cuts_what_has_no_end() {
    let template = everything().template();
    for line in [
        r#"  "anInt64": "0","#,
        r#"  "colour": "NONE","#,
        r#"  "inner": {},"#,
        r#"  "numbers": [0],"#,
        r#"  "byName": {"": "0"},"#,
        r#"  "byNumber": {"0": {}},"#,
        r#"  "byTruth": {"false": "NONE"},"#,
        r#"  "chosenText": "","#,
        r#"  "timestamp": "1970-01-01T00:00:00Z","#,
        r#"  "duration": "0s","#,
        r#"  "doubleValue": 0.0,"#,
        r#"  "timestamps": ["1970-01-01T00:00:00Z"]"#,
    ] {
        assert!(template.lines().any(|there| there == line), "{line} in\n{template}");
    }
    assert!(!template.contains("chosenBool"), "of a oneof the first member");
}

#[test]
fn every_template_can_be_sent() {
    let types = types();
    assert!(types.len() > 6);
    for message in types {
        let template = message.template();
        message
            .encode(&template)
            .unwrap_or_else(|error| panic!("{}: {error}\n{template}", message.full_name()));
    }
}

#[test]
fn a_template_of_a_wide_and_deep_schema_is_bounded() {
    let mut proto = "syntax = \"proto3\"; service S { rpc A(M0) returns (M0); }\n".to_owned();
    for level in 0..12 {
        let fields: Vec<String> = (1..20).map(|n| format!("M{} f{n} = {n};", level + 1)).collect();
        proto.extend(["message M", &level.to_string(), " { ", &fields.join(" "), " }\n"]);
    }
    proto.push_str("message M12 { string last = 1; }");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.proto"), proto).unwrap();
    let files = protox::compile(["a.proto"], [folder.path()]).unwrap();
    let contracts = Contract::from_descriptor_set(&files.encode_to_vec(), Source::File).unwrap();
    let template = contracts[0].methods()[0].request().template();
    assert!(template.len() < 1 << 16, "{} bytes", template.len());
}

#[test]
fn field_names_are_offered_where_a_name_is_due() {
    let all = names(&everything(), "{|");
    assert_eq!(all[..2], ["aDouble", "aFloat"]);
    assert_eq!(names(&everything(), r#"{"byTr|"#), ["byTruth"]);
    assert_eq!(names(&everything(), "{BYTR|"), ["byTruth"], "without its quotation mark, in other letters");
    assert_eq!(names(&everything(), r#"{"inner": {"inner": {"fieldM|"#), ["fieldMask"]);
    assert_eq!(names(&everything(), r#"{"inners": [{}, {"fieldM|"#), ["fieldMask"]);
    assert_eq!(names(&everything(), r#"{"byNumber": {"7": {"fieldM|"#), ["fieldMask"]);
    assert_eq!(names(&everything(), "|"), [""; 0]);
    assert_eq!(names(&everything(), r#"{"nothing": {"a|"#), [""; 0]);
    assert_eq!(names(&everything(), r#"{"struct": {"a|"#), [""; 0]);
}

#[test]
fn what_is_there_is_not_offered_again() {
    assert!(!names(&everything(), r#"{"aDouble": 1, |"#).contains(&"aDouble".to_owned()));
    assert!(!names(&everything(), r#"{"a_double": 1, |"#).contains(&"aDouble".to_owned()));
    let behind_a_member = names(&everything(), r#"{"chosenText": "a", "cho|"#);
    assert_eq!(behind_a_member, [""; 0], "members of a oneof exclude each other");
    assert_eq!(names(&everything(), r#"{"inner": {"aDouble": 1}, "aDo|"#), ["aDouble"]);
}

#[test]
fn a_completion_takes_the_place_of_the_word_at_the_cursor() {
    assert_eq!(with_first(&everything(), r#"{"colours|"#), r#"{"colours": "#);
    assert_eq!(with_first(&everything(), "{colours|"), r#"{"colours": "#);
    assert_eq!(with_first(&everything(), r#"{"byTr|x": 1}"#), r#"{"byTruth": 1}"#);
    assert_eq!(with_first(&everything(), r#"{"colou|" : 1}"#), r#"{"colour" : 1}"#);
    assert_eq!(with_first(&everything(), r#"{"colour": R|}"#), r#"{"colour": "RED"}"#);
}

#[test]
fn nothing_is_offered_behind_a_whole_word() {
    for text in [r#"{"colour": "RED"|"#, r#"{"colour"|"#, r#"{"colour": "RED" |"#, r#"{"colours": ["RED"|"#] {
        assert_eq!(names(&everything(), text), [""; 0], "{text}");
    }
}

#[test]
fn names_of_enums_and_truth_are_offered_as_values() {
    assert_eq!(names(&everything(), r#"{"colour": |"#), ["NONE", "RED", "BLUE"]);
    assert_eq!(names(&everything(), r#"{"colour": "b|"#), ["BLUE"]);
    assert_eq!(names(&everything(), r#"{"colours": ["RED", "|"#), ["NONE", "RED", "BLUE"]);
    assert_eq!(names(&everything(), r#"{"byTruth": {"true": |"#), ["NONE", "RED", "BLUE"]);
    assert_eq!(names(&everything(), r#"{"aBool": |"#), ["true", "false"]);
    assert_eq!(names(&everything(), r#"{"aBool": t|}"#), ["true"]);
    assert_eq!(names(&everything(), r#"{"aString": "|"#), [""; 0]);
}

#[test]
fn an_any_is_completed_by_its_type() {
    assert_eq!(names(&everything(), r#"{"any": {|"#), ["@type"]);
    assert_eq!(names(&everything(), r#"{"any": {"@type": "test.Te|"#), ["type.googleapis.com/test.Text"]);
    let inside = r#"{"any": {"@type": "type.googleapis.com/test.Everything", "colour": "R|"#;
    assert_eq!(names(&everything(), inside), ["RED"]);
}

#[test]
fn extensions_are_completed_with_their_brackets() {
    let whole = message("old.Whole");
    assert_eq!(names(&whole, r#"{"[old.num|"#), ["[old.number_extension]"]);
    assert_eq!(with_first(&whole, r#"{"[old.num|"#), r#"{"[old.number_extension]": "#);
}

#[test]
fn a_type_that_is_not_known_is_named() {
    let said = |line: &str| everything().encode(line).unwrap_err().to_string();
    assert_eq!(
        said(r#"{"any": {"@type": "t/not.Known", "name": "x"}}"#),
        "the type not.Known is not known here: there is only `value`, its bytes in base64 (any, line 1, column 34)"
    );
}

#[test]
fn an_error_says_where_in_which_field_and_what_was_meant() {
    let said = |line: &str| everything().encode(line).unwrap_err().to_string();
    assert_eq!(
        said(r#"{"inner": {"nmbers": []}}"#),
        "unknown field `nmbers` in test.Everything: did you mean `numbers`? (inner, line 1, column 12)"
    );
    assert_eq!(
        said("{\n  \"inners\": [{}, {\"numbers\": [1, \"x\"]}]\n}"),
        "\"x\" is not a whole number of 32 bits (inners[1].numbers[1], line 2, column 34)"
    );
    assert_eq!(
        said(r#"{"colour": "RDE"}"#),
        "unknown value `RDE` of test.Colour: did you mean `RED`? (colour, line 1, column 12)"
    );
    assert_eq!(
        said(r#"{"colour": "purple"}"#),
        "unknown value `purple` of test.Colour: it has `NONE`, `RED`, `BLUE` (colour, line 1, column 12)"
    );
    assert_eq!(
        said(r#"{"byNumber": {"x": {}}}"#),
        "\"x\" is not a whole number of 32 bits (byNumber, line 1, column 15)"
    );
    assert_eq!(
        said(r#"{"byNumber": {"1": 2}}"#),
        "test.Everything is written as an object, not a number (byNumber[\"1\"], line 1, column 20)"
    );
    assert_eq!(
        said(r#"{"aUint32": -1}"#),
        "-1 is not a whole number of 32 bits without a sign (aUint32, line 1, column 13)"
    );
    assert_eq!(
        said(r#"{"anInt32": 1.5}"#),
        "1.5 is not a whole number of 32 bits (anInt32, line 1, column 13)"
    );
    assert_eq!(
        said(r#"{"chosenText": "", "chosenBool": true}"#),
        "`chosenText` and `chosenBool` exclude each other (oneof choice) (line 1, column 20)"
    );
    assert_eq!(
        said(r#"{"aBool": "yes"}"#),
        "`aBool` takes true or false, not a text (aBool, line 1, column 11)"
    );
    assert_eq!(
        said(r#"{"inners": [{"numbers": [true]}]}"#),
        "`numbers[0]` takes a whole number of 32 bits, not true (inners[0].numbers[0], line 1, column 26)"
    );
    assert_eq!(
        said(r#"{"byNumber": {"1": {}, "1.0": {}}}"#),
        "`1.0` is here twice (byNumber, line 1, column 24)"
    );
    assert_eq!(said(r#"{"999": 1, "999": 2}"#), "`999` is here twice (line 1, column 12)");
    assert_eq!(
        said(r#"{"any": {"@type": "t/test.Text", "@type": "t/test.Everything"}}"#),
        "`@type` is here twice (any, line 1, column 34)"
    );
    assert_eq!(said(r#"{"aBool": true, "aBool": false}"#), "`aBool` is here twice (line 1, column 17)");
    assert_eq!(
        said(r#"{"timestamp": "yesterday"}"#),
        "\"yesterday\" is not a time like \"2024-01-02T03:04:05Z\" (timestamp, line 1, column 15)"
    );
    assert_eq!(
        said(r#"{"aString": "a"#),
        "the text that begins here does not end (aString, line 1, column 13)"
    );
    assert_eq!(said(r#"{"aBool": true,}"#), "nothing stands behind the `,` (line 1, column 16)");
}

proptest! {
    #[test]
    fn a_completion_is_a_part_of_any_text(text in r#"[{}\[\]:,"a-zA-Z@.\\ é]{0,60}"#, at in 0_usize..70) {
        for message in [everything(), message("old.Whole")] {
            let Some(completion) = message.complete(&text, at) else { continue };
            prop_assert!(text.get(completion.range.clone()).is_some());
            prop_assert!(completion.range.start <= at && at <= completion.range.end);
            prop_assert!(!completion.candidates.is_empty() && completion.candidates.len() <= 100);
        }
    }

    #[test]
    fn a_field_that_was_completed_is_known(seed: u64) {
        let message = everything();
        let all = message.complete("{", 1).unwrap().candidates;
        let candidate = &all[(seed % all.len() as u64) as usize];
        let error = message.encode(&format!("{{{}}}", candidate.text)).unwrap_err().to_string();
        prop_assert!(!error.contains("unknown field"), "{}", error);
    }
}
