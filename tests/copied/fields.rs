//! Requests of many fields, and services that are known by files.

use std::{fs, path::PathBuf};

use bytes::Bytes;
use greeter::{
    rpc::ChannelSettings,
    schema::{Kind, Method, NamedFiles},
    tui::{action::Tool, model::Call},
};

use crate::{
    echo::Echo,
    support::{call, described, replies},
};

/// All but a field mask, which grpcurl 1.8.6 does not read as JSON has it.
const MANY_FIELDS: &str = r#"{
    "aDouble": -1.5, "aFloat": "Infinity", "anInt32": -7, "anInt64": "-9007199254740993", "aUint64": "18446744073709551615",
    "aBool": true, "aString": "it's \"$HOME\" \\ 世界 👩‍🚀\n\u0000", "someBytes": "AP/+", "colour": "BLUE",
    "inner": {"perhaps": 0, "inner": {}}, "numbers": [1, 0, -1], "unpacked": ["5"], "strings": ["", "'"], "colours": ["RED", 7],
    "inners": [{}, {"aBool": true}], "byName": {"it's": "3"}, "byNumber": {"-1": {"aString": "x"}}, "byTruth": {"false": "RED"},
    "chosenMessage": {"chosenText": ""},
    "any": {"@type": "type.googleapis.com/test.Text", "text": "inside"},
    "timestamp": "2026-11-22T10:00:00.000000001Z", "duration": "-1.5s", "struct": {"a": [null, 1, "b", {"c": false}]},
    "value": "v", "listValue": [1], "empty": {}, "doubleValue": 0, "int64Value": "0",
    "stringValue": "", "bytesValue": "AA==", "boolValue": false
}"#;

pub(crate) fn many_fields_by_a_proto_file(tool: Tool) {
    comes_back(tool, &source());
}

pub(crate) fn many_fields_by_a_descriptor_set(tool: Tool) {
    use prost::Message;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it's a set.binpb");
    let set = protox::compile(["everything.proto"], [protos()]).unwrap();
    fs::write(&file, set.encode_to_vec()).unwrap();
    comes_back(tool, &NamedFiles { sets: vec![file], ..NamedFiles::default() });
}

fn comes_back(tool: Tool, files: &NamedFiles) {
    let echo = Echo::start();
    let method = method("Ask", files);
    for json in [MANY_FIELDS, "{}"] {
        let message = method.request().encode_json(json).unwrap();
        let way = described(&echo.address, ChannelSettings::default(), files.from_everywhere());
        let came = replies(tool, &call(&method, std::slice::from_ref(&message), way));
        // JSON's fields have no order.
        let json = |message: &Bytes| -> serde_json::Value {
            serde_json::from_str(&method.reply().whole_json(message).unwrap()).unwrap()
        };
        assert_eq!(came.iter().map(json).collect::<Vec<_>>(), [json(&message)]);
    }
}

fn protos() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/protos")
}

pub(crate) fn source() -> NamedFiles {
    sources(protos().join("everything.proto"), &[])
}

fn sources(source: PathBuf, import_paths: &[PathBuf]) -> NamedFiles {
    NamedFiles { sources: vec![source], import_paths: import_paths.to_vec(), sets: vec![] }
}

fn method(name: &str, files: &NamedFiles) -> Method {
    let named = files.read().unwrap();
    let methods = Kind::ALL.into_iter().flat_map(|kind| named.offered.contracts[0].of_kind(kind));
    methods.into_iter().find(|method| method.path().path().ends_with(name)).unwrap().clone()
}

/// A call that sends `hi`, its method known by files, which the screen keeps by names that hold everywhere.
pub(crate) fn hi(files: &NamedFiles, address: &str, reach: ChannelSettings) -> Call {
    let method = method("Say", files);
    let text = method.request().encode("hi").unwrap();
    call(&method, &[text], described(address, reach, files.from_everywhere()))
}

/// It comes back as it went.
pub(crate) fn says_hi(tool: Tool, call: &Call) {
    assert_eq!(replies(tool, call), [call.request.clone().unwrap()]);
}

/// By a path from the present folder, by the name in a folder of imports, and with imports of their own.
pub(crate) fn files_by_the_names_they_were_given(tool: Tool) {
    let echo = Echo::start();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("api/v1")).unwrap();
    let text = "syntax = \"proto3\"; package v1; message Text { string text = 1; }";
    fs::write(at("api/v1/text.proto"), text).unwrap();
    for (file, import) in [("beside.proto", "text.proto"), ("above.proto", "v1/text.proto")] {
        let service = "service Asking { rpc Say(Text) returns (Text); }";
        let text = format!("syntax = \"proto3\"; package v1; import \"{import}\"; {service}");
        fs::write(at("api/v1").join(file), text).unwrap();
    }
    for files in [
        // Without folders of imports, its own is one.
        sources(at("api/v1/beside.proto"), &[]),
        sources(at("api/v1/above.proto"), &[at("api")]),
        sources(PathBuf::from("v1/above.proto"), &[at("api")]),
        // From where this test runs, which is the project's folder.
        sources(PathBuf::from("tests/protos/everything.proto"), &[]),
    ] {
        says_hi(tool, &hi(&files, &echo.address, ChannelSettings::default()));
    }
}
