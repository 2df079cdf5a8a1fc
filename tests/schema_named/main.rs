//! Schemas from files: what can be called by them, and what is wrong with them, with its place.

#![allow(clippy::unwrap_used)]

mod large;

use std::{fs, path::PathBuf};

use greeter::schema::{Contract, Kind, NamedError, NamedFiles, Source};
use tempfile::TempDir;

const GREETER: &str = "syntax = \"proto3\"; package greet;
import \"common/names.proto\";
import \"google/protobuf/timestamp.proto\";
service Greeter {
  rpc SayHello(common.Name) returns (Reply);
  rpc SayHelloStreamReply(common.Name) returns (stream Reply);
  rpc SayHelloBidiStream(stream common.Name) returns (stream Reply);
}
message Reply { string message = 1; google.protobuf.Timestamp at = 2; }
";
const NAMES: &str = "syntax = \"proto3\"; package common;
message Name { string name = 1; }
service Unasked { rpc Ask(Name) returns (Name); }
";

/// A folder of files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn sources(folder: &TempDir, names: &[&str]) -> NamedFiles {
    NamedFiles {
        sources: names.iter().map(|name| folder.path().join(name)).collect(),
        import_paths: vec![folder.path().to_owned()],
        sets: vec![],
    }
}

fn names(contracts: &[Contract]) -> Vec<&str> {
    contracts.iter().map(Contract::name).collect()
}

/// What is said of a file `a.proto`, without the folder's own name.
fn said_of(text: &str) -> String {
    let folder = folder(&[("a.proto", text)]);
    let error = sources(&folder, &["a.proto"]).read().unwrap_err().to_string();
    error.replace(folder.path().to_str().unwrap(), "FOLDER")
}

#[test]
fn a_source_says_what_can_be_called_and_its_imports_are_found() {
    let folder = folder(&[("greet.proto", GREETER), ("common/names.proto", NAMES)]);
    let contracts = sources(&folder, &["greet.proto"]).read().unwrap().offered.contracts;
    assert_eq!(names(&contracts), ["greet.Greeter"], "an imported file's services are not meant");
    assert_eq!(contracts[0].source(), Source::File);
    let of_kind = |kind| contracts[0].of_kind(kind).map(greeter::schema::Method::name).collect::<Vec<_>>();
    assert_eq!(of_kind(Kind::Bidi), ["SayHelloBidiStream"]);
    assert_eq!(of_kind(Kind::ClientStream), [""; 0]);
    assert_eq!(contracts[0].methods()[0].request().line_field(), Some("name"));
}

#[test]
fn a_source_may_be_named_as_it_is_imported_or_by_its_path_alone() {
    let folder = folder(&[("greet.proto", GREETER), ("common/names.proto", NAMES)]);
    let as_imported = NamedFiles { sources: vec![PathBuf::from("greet.proto")], ..sources(&folder, &[]) };
    assert_eq!(names(&as_imported.read().unwrap().offered.contracts), ["greet.Greeter"]);
    let by_path = NamedFiles { import_paths: vec![], ..sources(&folder, &["greet.proto"]) };
    assert_eq!(names(&by_path.read().unwrap().offered.contracts), ["greet.Greeter"]);
}

#[test]
fn several_sources_and_sets_are_taken_together() {
    let folder = folder(&[("greet.proto", GREETER), ("common/names.proto", NAMES)]);
    let set = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protos/editions.binpb");
    let all = NamedFiles {
        sets: vec![PathBuf::from(set)],
        ..sources(&folder, &["greet.proto", "common/names.proto"])
    };
    assert_eq!(
        names(&all.read().unwrap().offered.contracts),
        ["common.Unasked", "editions.Asking", "greet.Greeter"]
    );
}

#[test]
fn what_is_wrong_is_said_with_its_file_line_and_column() {
    assert_eq!(
        said_of("syntax = \"proto3\";\nmessage M {\n  int32 x 1;\n}"),
        "a.proto:3:11: expected '=', but found '1'"
    );
    assert_eq!(
        said_of("syntax = \"proto3\";\nservice S { rpc A(Missing) returns (Missing); }"),
        "a.proto:2:19: name 'Missing' is not defined"
    );
}

#[test]
fn an_import_that_is_not_there_is_said_with_where_it_was_looked_for() {
    assert_eq!(
        said_of("syntax = \"proto3\";\nimport \"b/c.proto\";"),
        "a.proto:2:1: b/c.proto is not found; looked for in FOLDER"
    );
    let folder = folder(&[]);
    let missing = NamedFiles {
        sources: vec![PathBuf::from("not_there.proto")],
        import_paths: vec![folder.path().join("a"), folder.path().join("b"), folder.path().join("c")],
        sets: vec![],
    };
    let said = |named: &NamedFiles| {
        named.read().unwrap_err().to_string().replace(folder.path().to_str().unwrap(), "FOLDER")
    };
    assert_eq!(said(&missing), "there is no folder FOLDER/a");
    for name in ["a", "b", "c"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    let words = "not_there.proto is not found; looked for in FOLDER/a, FOLDER/b and FOLDER/c";
    assert_eq!(said(&missing), words);
    let folder_itself = NamedFiles { sources: vec![folder.path().to_owned()], ..NamedFiles::default() };
    assert_eq!(said(&folder_itself), "cannot read FOLDER");
}

#[test]
fn imports_in_a_circle_are_named() {
    let folder = folder(&[
        ("a.proto", "syntax = \"proto3\"; import \"b.proto\";"),
        ("b.proto", "syntax = \"proto3\"; import \"a.proto\";"),
    ]);
    let error = sources(&folder, &["a.proto"]).read().unwrap_err();
    assert_eq!(error.to_string(), "import cycle detected: a.proto -> b.proto -> a.proto");
}

#[test]
fn a_source_in_an_edition_is_told_what_to_do() {
    let said = said_of("// New.\nedition = \"2023\";\nmessage M {}");
    assert!(said.starts_with("a.proto:2:1: .proto files in an edition cannot be compiled here"), "{said}");
    assert!(said.contains("--protoset"), "{said}");
}

#[test]
fn a_single_number_of_extensions_may_have_options() {
    let source = "syntax = \"proto2\"; message M { extensions 4, 8 [verification = UNVERIFIED]; }
        extend M { optional string a = 8; } service S { rpc A(M) returns (M); }";
    let folder = folder(&[("a.proto", source)]);
    let contracts = sources(&folder, &["a.proto"]).read().unwrap().offered.contracts;
    assert_eq!(contracts[0].methods()[0].request().encode(r#"{"[a]": "b"}"#).unwrap(), b"\x42\x01b"[..]);
}

/// The numbers are those of protoc 35 for the same source.
#[test]
fn an_option_or_a_default_may_be_any_number_a_float_has() {
    let folder = folder(&[(
        "a.proto",
        "syntax = \"proto2\"; import \"google/protobuf/descriptor.proto\"; option (of_file) = -inf;
extend google.protobuf.FileOptions { optional float of_file = 50001; }
extend google.protobuf.FieldOptions { optional double one = 50001; repeated float many = 50002; optional W w = 50003; }
message W { optional float f = 1; }
message M {
  optional double a = 1 [default = 99999999999999999999999, (one) = nan, (w) = { f: -inf }];
  optional double b = 2 [default = -18446744073709551616, (one) = 99999999999999999999999];
  optional double c = 3 [default = - inf, (one) = - nan, (many) = inf, (many) = -inf, (w).f = inf];
}
service S { rpc A(M) returns (M); }",
    )]);
    let printed = sources(&folder, &["a.proto"]).read().unwrap().files().describe("M").unwrap();
    for part in [
        "option (of_file) = -inf;",
        "a = 1 [default = 100000000000000000000000.0, (one) = nan, (w) = { f: -inf }];",
        "b = 2 [default = -18446744073709552000.0, (one) = 1e23];",
        "c = 3 [default = -inf, (one) = nan, (many) = inf, (many) = -inf, (w) = { f: inf }];",
    ] {
        assert!(printed.contains(part), "{part} is not in {printed}");
    }
}

/// As protoc names them: `X` before what would be the name of two.
#[test]
fn a_oneof_may_have_the_name_that_an_optional_field_would_make_up() {
    let folder = folder(&[(
        "a.proto",
        "syntax = \"proto3\"; message M {
  optional int32 a = 1; int32 X_a = 4; oneof _a { int32 b = 2; int32 c = 3; }
}
service S { rpc A(M) returns (M); }",
    )]);
    let contracts = sources(&folder, &["a.proto"]).read().unwrap().offered.contracts;
    let request = contracts[0].methods()[0].request();
    assert!(request.encode(r#"{"b": 1, "c": 1}"#).is_err(), "of a oneof there is one");
    assert_eq!(&request.encode(r#"{"a": 0, "c": 0}"#).unwrap()[..], b"\x08\0\x18\0");
}

/// `protoc` takes them, since their names in JSON are not the same; of those that are it warns in proto2 alone.
#[test]
fn names_may_be_alike_but_for_underscores_and_capitals() {
    let line = |json: &str, fields: &str, syntax: &str| {
        let source =
            format!("syntax = \"{syntax}\"; message M {{ {fields} }} service S {{ rpc A(M) returns (M); }}");
        let folder = folder(&[("a.proto", &source)]);
        let named = sources(&folder, &["a.proto"]).read().unwrap_or_else(|error| panic!("{fields}: {error}"));
        assert_eq!(named.offered.contracts[0].source(), Source::File);
        let request = named.offered.contracts[0].methods()[0].request().clone();
        let bytes = request.encode(json).unwrap();
        assert_eq!(request.whole_json(&bytes).unwrap(), json);
        (bytes.to_vec(), named.files().describe("M").unwrap())
    };
    let (bytes, source) = line(
        r#"{"userID":1,"userId":2}"#,
        "int32 userID = 1; int32 user_id = 2; repeated int32 r = 3;",
        "proto3",
    );
    assert_eq!(bytes, b"\x08\x01\x10\x02");
    assert!(source.starts_with("syntax = \"proto3\";") && source.contains("int32 user_id = 2;"), "{source}");
    line(
        r#"{"fooBar":"a","r":[1,2]}"#,
        "string foo_bar = 1; int32 foobar = 2; repeated int32 r = 3;",
        "proto3",
    );
    line(r#"{"a_b":1,"aB":2}"#, "optional int32 a_b = 1; optional int32 aB = 2;", "proto2");
    line(r#"{"aB":1,"a_b":2}"#, "optional int32 aB = 1; optional int32 a_b = 2;", "proto2");
    line(r#"{"a":1,"b":2}"#, "optional int32 a = 1 [json_name = \"b\"]; optional int32 b = 2;", "proto2");
}

/// Where mending a source does not help, it is its own text that is wrong.
#[test]
fn what_no_number_can_mend_is_said_of_the_source_as_it_stands() {
    let source = "syntax = \"proto2\"; message M {
  optional int32 a = 1 [default = 99999999999999999999];
}";
    assert_eq!(
        said_of(source),
        "a.proto:2:35: expected value to be an integer, but found '100000000000000000000.0'"
    );
}

#[test]
fn a_comment_may_be_in_another_encoding_and_nothing_else() {
    let folder = folder(&[]);
    let said = |source: &[u8]| {
        std::fs::write(folder.path().join("a.proto"), source).unwrap();
        sources(&folder, &["a.proto"])
            .read()
            .map(|named| named.offered.contracts.len())
            .map_err(|e| e.to_string())
    };
    assert_eq!(
        said(b"syntax = \"proto3\"; // caf\xe9\nmessage M {} service S { rpc A(M) returns (M); }"),
        Ok(1)
    );
    let wrong = said(b"syntax = \"proto3\"; message Caf\xe9 {}");
    assert_eq!(wrong, Err("a.proto: no UTF-8 from byte 30 on".to_owned()));
}

#[test]
fn of_an_edition_in_an_import_the_set_is_of_the_source_that_was_named() {
    let folder = folder(&[
        ("a.proto", "syntax = \"proto3\"; import \"b/c.proto\"; service S { rpc A(M) returns (M); }"),
        ("b/c.proto", "edition = \"2023\"; message M {}"),
    ]);
    let root = folder.path().join("a.proto");
    let named = NamedFiles {
        sources: vec![root.clone()],
        import_paths: vec![folder.path().to_owned()],
        ..NamedFiles::default()
    };
    let said = named.read().unwrap_err().to_string();
    assert!(said.starts_with("b/c.proto:1:1: "), "{said}");
    let (folder, root) = (folder.path().display(), root.display());
    let command = format!("`protoc -I {folder} --include_imports --descriptor_set_out=FILE {root}`");
    assert!(said.contains(&command), "{said}");
}

#[test]
fn a_set_is_read_without_its_comments_where_these_are_no_utf8() {
    let folder =
        folder(&[("a.proto", "syntax = \"proto3\"; message M {} service S { rpc A(M) returns (M); }")]);
    let file = prost_types::FileDescriptorProto {
        name: Some("a.proto".to_owned()),
        message_type: vec![prost_types::DescriptorProto { name: Some("M".to_owned()), ..Default::default() }],
        service: vec![prost_types::ServiceDescriptorProto {
            name: Some("S".to_owned()),
            ..Default::default()
        }],
        syntax: Some("proto3".to_owned()),
        ..Default::default()
    };
    let mut bytes = prost::Message::encode_to_vec(&file);
    // `source_code_info`, a location, and its leading comment.
    bytes.extend(b"\x4a\x06\x0a\x04\x1a\x02\xe9\xe9");
    let set = [&[0x0a, u8::try_from(bytes.len()).unwrap()], &bytes[..]].concat();
    let path = folder.path().join("a.binpb");
    fs::write(&path, set).unwrap();
    let named = NamedFiles { sets: vec![path], ..NamedFiles::default() }.read().unwrap();
    assert_eq!(named.files().describe("M").unwrap(), "syntax = \"proto3\";\n\nmessage M {}\n");
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_source() {
    let source =
        "\u{feff}syntax = \"proto3\"; message M { string a = 1; } service S { rpc A(M) returns (M); }";
    let folder = folder(&[("bom.proto", source)]);
    assert_eq!(sources(&folder, &["bom.proto"]).read().unwrap().offered.contracts.len(), 1);
}

#[test]
fn a_file_that_is_no_schema_is_refused_by_its_name() {
    let folder = folder(&[("a.binpb", "hello"), ("empty.proto", "syntax = \"proto3\";"), ("b.proto", "")]);
    let set = |path: PathBuf| NamedFiles { sets: vec![path], ..NamedFiles::default() };
    let error = set(folder.path().join("a.binpb")).read().unwrap_err();
    assert!(matches!(&error, NamedError::Set { path, .. } if path.ends_with("a.binpb")), "{error}");
    let error = set(folder.path().join("missing.binpb")).read().unwrap_err();
    assert!(matches!(&error, NamedError::Unreadable { .. }), "{error}");
    let error = sources(&folder, &["empty.proto"]).read().unwrap().need_services().unwrap_err();
    assert!(matches!(&error, NamedError::NoService { files } if files.len() == 1), "{error}");
    fs::write(folder.path().join("b.proto"), b"m\xff").unwrap();
    let error = sources(&folder, &["b.proto"]).read().unwrap_err();
    assert_eq!(error.to_string(), "b.proto: no UTF-8 from byte 1 on");
}

#[test]
fn a_set_without_its_imports_says_what_is_missing() {
    let folder = folder(&[("greet.proto", GREETER), ("common/names.proto", NAMES)]);
    let mut set = protox::compile(["greet.proto"], [folder.path()]).unwrap();
    set.file.retain(|file| file.name() == "greet.proto");
    let path = folder.path().join("greet.binpb");
    fs::write(&path, prost::Message::encode_to_vec(&set)).unwrap();
    let error = NamedFiles { sets: vec![path], ..NamedFiles::default() }.read().unwrap_err();
    assert_eq!(
        error.to_string(),
        "greet.Greeter cannot be used: name '.common.Name' is not defined: greet.proto imports common/names.proto, \
         which is not there; make the set with `protoc --include_imports`"
    );
}

#[test]
fn a_service_that_cannot_be_used_costs_no_other() {
    let folder = folder(&[
        ("a.proto", "syntax = \"proto3\"; package a; message M {} service S { rpc A(M) returns (M); }"),
        ("greet.proto", GREETER),
        ("common/names.proto", NAMES),
    ]);
    let mut set = protox::compile(["greet.proto", "a.proto"], [folder.path()]).unwrap();
    set.file.retain(|file| file.name() != "common/names.proto");
    let path = folder.path().join("all.binpb");
    fs::write(&path, prost::Message::encode_to_vec(&set)).unwrap();
    let named = NamedFiles { sets: vec![path], ..NamedFiles::default() }.read().unwrap();
    assert_eq!(names(&named.offered.contracts), ["a.S"]);
    assert_eq!(named.offered.left_out[0].service, "greet.Greeter");
}
