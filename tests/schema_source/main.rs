//! Source that is printed from descriptors compiles to the same descriptors: every test here compiles
//! what was printed.

#![allow(clippy::unwrap_used)]

mod any;
mod compiling;
mod made_up;

use compiling::{
    Sources, assert_same, compiled, each_definition_returns, files, nasty, printed, sources,
    whole_files_return,
};
use greeter::schema::{DescribeError, Files};
use prost::Message as _;
use prost_reflect::DescriptorPool;
use prost_types::FileDescriptorSet;

#[test]
fn everything_of_proto2_and_proto3_returns() {
    whole_files_return(&nasty());
}

#[test]
fn every_definition_of_proto2_and_proto3_returns_alone() {
    each_definition_returns(&nasty());
}

#[test]
fn the_built_in_contracts_return() {
    let set = compiled(&sources("proto", &["helloworld.proto"]), &["helloworld.proto"]).unwrap();
    whole_files_return(&set);
    each_definition_returns(&set);
    let set = compiled(&sources("proto", &["hello.proto"]), &["hello.proto"]).unwrap();
    whole_files_return(&set);
    each_definition_returns(&set);
}

#[test]
fn the_details_of_a_status_return() {
    let name = "google/rpc/details.proto";
    let set = compiled(&sources("proto", &[name]), &[name]).unwrap();
    whole_files_return(&set);
    each_definition_returns(&set);
}

#[test]
fn the_well_known_types_return() {
    let pool = DescriptorPool::global();
    let described = Files::from_descriptor_set(&[]).unwrap();
    let names: Vec<String> = pool.files().map(|file| file.name().to_owned()).collect();
    let sources = names.iter().map(|name| (name.clone(), described.describe(name).unwrap())).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let again = compiled(&Sources(sources), &names).unwrap();
    let (before, after) = (files(&pool.encode_to_vec()), files(&again));
    assert!(names.len() > 8, "{names:?}");
    for name in names {
        assert_same(&before[name], &after[name], &described.describe(name).unwrap());
    }
}

#[test]
fn source_without_places_and_comments_returns() {
    let mut set = FileDescriptorSet::default();
    // The usual types lose the options that they do not know: of these there are none.
    for file in ["everything.proto", "older.proto"] {
        set.file.extend(
            protox::compile([file], [concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protos")]).unwrap().file,
        );
    }
    set.file.iter_mut().for_each(|file| file.source_code_info = None);
    whole_files_return(&set.encode_to_vec());
    each_definition_returns(&set.encode_to_vec());
}

#[test]
fn parts_that_make_messages_stand_where_their_messages_do() {
    let mut set = FileDescriptorSet::decode(nasty().as_slice()).unwrap();
    set.file.retain(|file| !file.name().starts_with("google/"));
    for file in &mut set.file {
        file.source_code_info = None;
    }
    whole_files_return(&set.encode_to_vec());
}

fn greeter(symbol: &str) -> String {
    Files::built_in().describe(symbol).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_service_is_printed_with_its_comments_and_what_it_needs() {
    assert_eq!(
        greeter("hello.Greeter"),
        r#"syntax = "proto3";

package hello;

// Everything but bidirectional streaming.
service Greeter {
  // Unary: one name, one greeting.
  rpc SayHello(HelloRequest) returns (HelloReply);

  // Server streaming: one name, a stream of numbered greetings.
  rpc LotsOfReplies(HelloRequest) returns (stream HelloReply);

  // Client streaming: many names, and one greeting for all when the stream ends.
  rpc LotsOfGreetings(stream HelloRequest) returns (HelloReply);
}

// Who is to be greeted.
message HelloRequest {
  string name = 1;
}

// The greeting.
message HelloReply {
  string reply = 1;
}
"#
    );
}

#[test]
fn a_method_is_printed_in_its_service_without_the_others() {
    for name in ["helloworld.Greeter.SayHello", "helloworld.Greeter/SayHello", "/helloworld.Greeter/SayHello"]
    {
        let source = greeter(name);
        assert!(source.contains("rpc SayHello(") && source.contains("message HelloRequest {"), "{source}");
        assert!(source.contains("// 3 more methods are left out here."), "{source}");
        assert_eq!(source.matches("rpc ").count(), 1, "{source}");
    }
}

#[test]
fn the_end_of_a_name_is_enough_where_it_is_the_only_one() {
    assert_eq!(greeter("SayHelloBiDiStreaming"), greeter("helloworld.Greeter.SayHelloBiDiStreaming"));
    let error = Files::built_in().describe("Greeter").unwrap_err();
    let DescribeError::Ambiguous { names, .. } = &error else { panic!("{error}") };
    assert_eq!(*names, ["hello.Greeter", "helloworld.Greeter"]);
    let unknown = Files::built_in().describe("SayHallo").unwrap_err().to_string();
    assert_eq!(unknown, "there is no SayHallo; the nearest: SayHello");
    assert_eq!(Files::built_in().describe("hello").unwrap_err(), DescribeError::Package("hello".to_owned()));
}

#[test]
fn every_part_can_be_asked_for() {
    let files = Files::from_descriptor_set(&nasty()).unwrap();
    let holds = |symbol: &str, words: &[&str], others: &[&str]| {
        let source = files.describe(symbol).unwrap();
        for word in words {
            assert!(source.contains(word), "{symbol} has no {word}:\n{source}");
        }
        for word in others {
            assert!(!source.contains(word), "{symbol} has {word}:\n{source}");
        }
        let mut sources = printed(&nasty());
        sources.0.insert("described.proto".to_owned(), source);
        compiled(&sources, &["described.proto"]).unwrap_or_else(|error| panic!("{symbol}: {error:?}"));
    };
    holds("source.Newer.snake_case_name", &["string snake_case_name = 11;"], &["camelName", "Alone"]);
    holds("source.Newer.first", &["oneof first {", "string a = 2;", "int32 b = 3;"], &["second"]);
    holds("source.Newer.b", &["oneof first {", "int32 b = 3;"], &["string a"]);
    holds("source.Newer.KIND_SOME", &["enum Kind {", "KIND_NONE = 0;"], &["Inner"]);
    holds("source.Newer.inners", &["map<bool, Inner> inners = 7;", "message Inner {"], &[]);
    holds("source.older.outside", &["extend Everything {", "optional int32 outside"], &["group Outer"]);
    holds("source.older.Everything.Both", &["optional group Both = 20 {"], &["by_number"]);
    holds("source.older.Everything.Both.name", &["optional string name = 1;"], &["Inner"]);
    holds("source.options.of_file", &["extend google.protobuf.FileOptions {"], &["of_message"]);
    // It needs all of what it stands in.
    holds("source.Newer.Inner.Deep", &["string snake_case_name = 11;"], &["left out"]);
}
