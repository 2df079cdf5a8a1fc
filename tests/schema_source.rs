//! Source that is printed from descriptors compiles to the same descriptors: every test here compiles
//! what was printed.

#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use greeter::schema::{DescribeError, Files};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, ReflectMessage as _, Value};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
    FileOptions, MessageOptions, ServiceDescriptorProto, SourceCodeInfo,
    field_descriptor_proto::{Label, Type},
    source_code_info,
};
use protox::{
    Compiler, Error,
    file::{ChainFileResolver, File, FileResolver, GoogleFileResolver},
};

/// Sources by the names of their files.
#[derive(Clone, Default)]
struct Sources(BTreeMap<String, String>);

impl FileResolver for Sources {
    fn open_file(&self, name: &str) -> Result<File, Error> {
        let source = self.0.get(name).ok_or_else(|| Error::file_not_found(name))?;
        File::from_source(name, source)
    }
}

/// An encoded `FileDescriptorSet` of these files and all that they import.
fn compiled(sources: &Sources, names: &[&str]) -> Result<Vec<u8>, Error> {
    let mut resolver = ChainFileResolver::new();
    resolver.add(sources.clone());
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(names)?;
    Ok(compiler.encode_file_descriptor_set())
}

/// Sources in the project, by names from `root` on.
fn sources(root: &str, names: &[&str]) -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
    let source = |name: &&str| ((*name).to_owned(), std::fs::read_to_string(root.join(name)).unwrap());
    Sources(names.iter().map(source).collect())
}

/// The files of a set as messages of `descriptor.proto`, in which no option is lost; without the places
/// in the source.
fn files(set: &[u8]) -> BTreeMap<String, DynamicMessage> {
    let descriptor =
        DescriptorPool::global().get_message_by_name("google.protobuf.FileDescriptorSet").unwrap();
    let set = DynamicMessage::decode(descriptor, set).unwrap();
    let list = set.get_field_by_name("file").unwrap().as_list().unwrap().to_vec();
    let files = list.into_iter().map(|file| {
        let mut file = file.as_message().unwrap().clone();
        file.clear_field_by_name("source_code_info");
        without_empty_options(&mut file);
        (text(&file, "name"), file)
    });
    files.collect()
}

/// Options with nothing in them are as good as none.
fn without_empty_options(message: &mut DynamicMessage) {
    let is_empty = |options: &Value| options.as_message().is_some_and(|options| options.encoded_len() == 0);
    if message.get_field_by_name("options").is_some_and(|options| is_empty(&options)) {
        message.clear_field_by_name("options");
    }
    for (_, value) in message.fields_mut() {
        for inner in value.as_list_mut().into_iter().flatten() {
            inner.as_message_mut().into_iter().for_each(without_empty_options);
        }
    }
}

fn text(message: &DynamicMessage, field: &str) -> String {
    message.get_field_by_name(field).unwrap().as_str().unwrap().to_owned()
}

fn messages(message: &DynamicMessage, field: &str) -> Vec<DynamicMessage> {
    let list = message.get_field_by_name(field).unwrap();
    list.as_list().unwrap().iter().map(|value| value.as_message().unwrap().clone()).collect()
}

/// All messages, enums, services and extensions of a set by their full names.
fn definitions(set: &[u8]) -> BTreeMap<String, DynamicMessage> {
    let mut found = BTreeMap::new();
    for file in files(set).values() {
        let mut open = vec![(text(file, "package"), file.clone())];
        while let Some((scope, within)) = open.pop() {
            for list in ["message_type", "nested_type", "enum_type", "service", "extension", "method"] {
                if within.descriptor().get_field_by_name(list).is_none() {
                    continue;
                }
                for definition in messages(&within, list) {
                    let name = format!("{scope}.{}", text(&definition, "name"));
                    open.push((name.clone(), definition.clone()));
                    found.insert(name.trim_start_matches('.').to_owned(), definition);
                }
            }
        }
    }
    found
}

/// The sources that are printed of a set's own files.
fn printed(set: &[u8]) -> Sources {
    let described = Files::from_descriptor_set(set).unwrap();
    let own = files(set).into_keys().filter(|name| !name.starts_with("google/protobuf/"));
    Sources(own.map(|name| (name.clone(), described.describe(&name).unwrap())).collect())
}

fn assert_same(before: &DynamicMessage, after: &DynamicMessage, source: &str) {
    let (before, after) = (format!("{before:#?}"), format!("{after:#?}"));
    for (at, (one, other)) in before.lines().zip(after.lines()).enumerate() {
        let around =
            |text: &str| text.lines().skip(at.saturating_sub(12)).take(24).collect::<Vec<_>>().join("\n");
        assert_eq!(one, other, "\nbefore:\n{}\nafter:\n{}\nof\n{source}", around(&before), around(&after));
    }
    assert_eq!(before.lines().count(), after.lines().count(), "{source}");
}

/// Whole files, printed and compiled, are what they were.
fn whole_files_return(set: &[u8]) {
    let printed = printed(set);
    let names: Vec<&str> = printed.0.keys().map(String::as_str).collect();
    let again = compiled(&printed, &names).unwrap_or_else(|error| panic!("{error:?}\n{:?}", printed.0));
    let (before, after) = (files(set), files(&again));
    for name in names {
        assert_same(&before[name], &after[name], &printed.0[name]);
    }
}

/// Each definition, printed alone and compiled, is what it was.
fn each_definition_returns(set: &[u8]) {
    let described = Files::from_descriptor_set(set).unwrap();
    let whole = printed(set);
    let before = definitions(set);
    for (name, definition) in &before {
        if name.starts_with("google.protobuf.") {
            continue;
        }
        let source = described.describe(name).unwrap();
        let mut alone = whole.clone();
        alone.0.insert("described.proto".to_owned(), source.clone());
        let again = compiled(&alone, &["described.proto"])
            .unwrap_or_else(|error| panic!("{name}: {error:?}\n{source}"));
        let after = definitions(&again);
        assert_same(
            definition,
            after.get(name).unwrap_or_else(|| panic!("{name} is not in\n{source}")),
            &source,
        );
    }
}

fn nasty() -> Vec<u8> {
    let names = ["source/older.proto", "source/options.proto", "source/newer.proto"];
    compiled(&sources("tests/protos", &names), &["source/newer.proto"]).unwrap()
}

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
    assert!(unknown.starts_with("there is no SayHallo; the nearest: SayHello, "), "{unknown}");
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

/// A file that a server could make up.
fn made_up(change: impl FnOnce(&mut FileDescriptorProto)) -> Result<String, String> {
    let mut file = FileDescriptorProto {
        name: Some("a.proto".to_owned()),
        package: Some("a".to_owned()),
        message_type: vec![DescriptorProto { name: Some("M".to_owned()), ..Default::default() }],
        ..Default::default()
    };
    change(&mut file);
    let set = FileDescriptorSet { file: vec![file] }.encode_to_vec();
    let files = Files::from_descriptor_set(&set).map_err(|error| error.to_string())?;
    let name = files.names().next().unwrap_or_default().to_owned();
    files.describe(&name).map_err(|error| error.to_string())
}

fn field(name: &str, number: i32) -> FieldDescriptorProto {
    let (name, number) = (Some(name.to_owned()), Some(number));
    FieldDescriptorProto { name, number, r#type: Some(Type::Int32 as i32), ..Default::default() }
}

const EVIL: &str = "\x1b]0;evil\x07\x1b[2J\u{9b}\u{202e}\r\n\u{2028}";

fn is_safe(text: &str) -> bool {
    text.lines().all(|line| greeter::text::safe(line) == line)
}

#[test]
fn names_that_are_none_are_refused_in_one_safe_sentence() {
    let evil = || Some(EVIL.to_owned());
    let changes: [fn(&mut FileDescriptorProto, Option<String>); 8] = [
        |file, name| file.message_type[0].name = name,
        |file, name| file.package = name,
        |file, name| file.message_type[0].field.push(FieldDescriptorProto { name, ..field("f", 1) }),
        |file, name| {
            let field = FieldDescriptorProto { type_name: name, r#type: None, ..field("f", 1) };
            file.message_type[0].field.push(field);
        },
        |file, name| file.enum_type.push(EnumDescriptorProto { name, ..Default::default() }),
        |file, name| file.service.push(ServiceDescriptorProto { name, ..Default::default() }),
        |file, name| file.extension.push(FieldDescriptorProto { extendee: name, ..field("f", 1) }),
        |file, name| {
            let field = FieldDescriptorProto { default_value: name, ..field("f", 1) };
            file.message_type[0].field.push(field);
        },
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let error = made_up(|file| change(file, evil())).unwrap_err();
        assert!(is_safe(&error) && error.lines().count() == 1, "{index}: {error:?}");
    }
}

#[test]
fn texts_and_comments_are_escaped_and_marked() {
    let source = made_up(|file| {
        file.dependency.push(EVIL.to_owned());
        file.options = Some(FileOptions { java_package: Some(EVIL.to_owned()), ..Default::default() });
        file.message_type[0].reserved_name.push(EVIL.to_owned());
        file.message_type[0].field.push(FieldDescriptorProto {
            r#type: Some(Type::String as i32),
            default_value: Some(EVIL.to_owned()),
            json_name: Some(EVIL.to_owned()),
            ..field("f", 1)
        });
        let comment = format!("{EVIL} */ message Evil {{}}");
        let location = source_code_info::Location {
            path: vec![4, 0],
            span: vec![1, 1, 2],
            leading_comments: Some(comment.clone()),
            trailing_comments: Some(comment.clone()),
            leading_detached_comments: vec![comment],
        };
        file.source_code_info = Some(SourceCodeInfo { location: vec![location] });
    })
    .unwrap();
    assert!(is_safe(&source), "{source:?}");
    let evil_lines = source.lines().filter(|line| line.contains("message Evil"));
    assert!(
        evil_lines.clone().count() == 3 && evil_lines.clone().all(|line| line.contains("//")),
        "{source}"
    );
}

#[test]
fn what_has_no_bottom_is_refused_or_printed_in_time() {
    let started = Instant::now();
    let nested = made_up(|file| {
        for _ in 0..60 {
            let inner = std::mem::take(&mut file.message_type);
            let message =
                DescriptorProto { name: Some("M".to_owned()), nested_type: inner, ..Default::default() };
            file.message_type = vec![message];
        }
    });
    assert!(nested.unwrap().contains(&format!("{}message M {{", "  ".repeat(50))));
    let wide = made_up(|file| {
        file.message_type[0].field = (0..50_000).map(|n| field(&format!("f{n}"), n)).collect()
    });
    assert!(wide.unwrap().lines().count() > 50_000);
    let maps = made_up(|file| {
        for n in 0..5_000 {
            let entry = format!("E{n}");
            file.message_type[0].nested_type.push(DescriptorProto {
                name: Some(entry.clone()),
                field: vec![field("key", 1), field("value", 2)],
                options: Some(MessageOptions { map_entry: Some(true), ..Default::default() }),
                ..Default::default()
            });
            file.message_type[0].field.push(FieldDescriptorProto {
                r#type: Some(Type::Message as i32),
                label: Some(Label::Repeated as i32),
                type_name: Some(format!(".a.M.{entry}")),
                ..field(&format!("f{n}"), 5_000 - n)
            });
        }
    });
    assert_eq!(maps.unwrap().matches("map<int32, int32>").count(), 5_000);
    let package = made_up(|file| file.package = Some(vec!["a"; 100_000].join(".")));
    assert_eq!(package.unwrap_err(), "more than 1000 bytes of a name");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn what_source_cannot_say_is_refused() {
    let group = |name: &str| FieldDescriptorProto {
        r#type: Some(Type::Group as i32),
        type_name: Some(format!(".a.{name}")),
        ..field("f", 1)
    };
    let error = made_up(|file| file.message_type[0].field.push(group("Nothing"))).unwrap_err();
    assert_eq!(error, "f is a group without its message");
    let error = made_up(|file| file.message_type[0].field.push(group("M"))).unwrap_err();
    assert_eq!(error, "f is a group without its message");
    let error = made_up(|file| {
        file.extension.push(FieldDescriptorProto { extendee: Some(".a.M".into()), ..group("M") })
    });
    assert_eq!(error.unwrap_err(), "f and its group M have different names");
}

#[test]
fn an_option_that_nobody_declares_is_told_in_a_comment() {
    let mut file =
        FileDescriptorProto { name: Some("a.proto".to_owned()), ..Default::default() }.encode_to_vec();
    // FileOptions (8), with the field 50000 = 1.
    file.extend(b"\x42\x04\x80\xb5\x18\x01");
    let mut set = vec![0x0a, u8::try_from(file.len()).unwrap()];
    set.extend(file);
    let source = Files::from_descriptor_set(&set).unwrap().describe("a.proto").unwrap();
    assert!(
        source.contains("// Option 50000 of google.protobuf.FileOptions is in no file that is known\n"),
        "{source}"
    );
}
