//! Descriptors that no compiler made: source that is safe, or one sentence, and never a panic.

use std::time::{Duration, Instant};

use greeter::schema::Files;
use prost::Message as _;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
    FileOptions, MessageOptions, ServiceDescriptorProto, SourceCodeInfo,
    field_descriptor_proto::{Label, Type},
    source_code_info,
};

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
        file.message_type[0].field = (0..50_000).map(|n| field(&format!("f{n}"), n)).collect();
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
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
}

#[test]
fn extensions_that_change_their_message_with_every_one_are_printed_in_time() {
    const COUNT: i32 = 80_000;
    let started = Instant::now();
    let source = made_up(|file| {
        file.message_type.push(DescriptorProto { name: Some("N".to_owned()), ..Default::default() });
        let extendee = |n: i32| Some(if n % 2 == 0 { ".a.M" } else { ".a.N" }.to_owned());
        file.extension = (0..COUNT)
            .map(|n| FieldDescriptorProto { extendee: extendee(n), ..field(&format!("f{n}"), 1_000 + n) })
            .collect();
        let at = |path: &[i32], line: i32| source_code_info::Location {
            path: path.to_vec(),
            span: vec![line, 0, 9],
            leading_comments: (path.len() == 1).then(|| format!("of line {line}")),
            ..Default::default()
        };
        let location = (0..COUNT).flat_map(|n| [at(&[7], n), at(&[7, n], n)]).collect();
        file.source_code_info = Some(SourceCodeInfo { location });
    });
    let source = source.unwrap();
    assert_eq!(source.matches("extend ").count(), COUNT as usize);
    assert!(source.contains("//of line 79999\nextend N {\n  optional int32 f79999"), "{}", &source[..500]);
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
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
        file.extension.push(FieldDescriptorProto { extendee: Some(".a.M".into()), ..group("M") });
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

#[test]
fn imports_for_options_and_who_may_refer_to_a_definition_are_printed_from_edition_2024_on() {
    let message = |visibility: &[u8]| {
        let name = &[0x0a, 1, b'M'][..];
        [&[0x22, u8::try_from(name.len() + visibility.len()).unwrap()], name, visibility].concat()
    };
    let source = |parts: &[&[u8]], symbol: &str| {
        // The syntax "editions", edition 1001, and `option_dependency` (15).
        let file = [b"\x0a\x01f\x62\x08editions\x70\xe9\x07\x7a\x07o.proto", &parts.concat()[..]].concat();
        let set = [&[0x0a, u8::try_from(file.len()).unwrap()], &file[..]].concat();
        Files::from_descriptor_set(&set).unwrap().describe(symbol).unwrap()
    };
    let header = "edition = \"2024\";\n\nimport option \"o.proto\";\n\n";
    // An enum E with the value A.
    let an_enum = b"\x2a\x0c\x0a\x01E\x12\x05\x0a\x01A\x10\x00\x30\x01";
    for symbol in ["f", "M"] {
        assert_eq!(source(&[&message(b"\x58\x02")], symbol), format!("{header}export message M {{}}\n"));
    }
    assert_eq!(source(&[&message(b"")], "f"), format!("{header}message M {{}}\n"));
    assert_eq!(source(&[an_enum], "E"), format!("{header}local enum E {{\n  A = 0;\n}}\n"));
}
