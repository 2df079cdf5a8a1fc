//! Messages, lines, descriptors and the details of a status.

use std::sync::LazyLock;

use greeter::{
    schema::{Contract, Files, Limits, MAX_DETAILS, MessageType, Shown, Source, Value, status_details},
    text,
};
use prost::Message as _;
use prost_types::FileDescriptorSet;

/// The test schema's own files, without the well-known ones.
static FILES: LazyLock<FileDescriptorSet> = LazyLock::new(|| {
    let protos = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protos");
    protox::compile(["everything.proto", "older.proto", "proto2.proto"], [protos]).unwrap()
});

/// The types that bytes are read as: all that there is, one text, and the older syntax.
static TYPES: LazyLock<Vec<MessageType>> = LazyLock::new(|| {
    let contracts = Contract::from_descriptor_set(&FILES.encode_to_vec(), Source::File).unwrap();
    contracts.iter().flat_map(Contract::methods).map(|method| method.request().clone()).collect()
});

/// What a row and the JSON view say of a message.
pub(crate) fn rows(input: &[u8]) -> String {
    let mut outcome = String::new();
    for message in TYPES.iter() {
        for most in [0, 7, 80, 1 << 16] {
            outcome = assert_row(message, input, most);
            assert!(message.json(input, most).len() <= most.max(400), "{most}");
        }
    }
    outcome
}

fn assert_row(message: &MessageType, input: &[u8], most: usize) -> String {
    match message.show(input, most) {
        Shown::Text { text, cut } => {
            assert!(text.len() <= most);
            assert_eq!(message.encode(&text).is_ok(), !text.starts_with('{') || cut);
            "text".to_owned()
        }
        Shown::Json { text, cut } => {
            assert!(text.len() <= most, "{} of {most}", text.len());
            if !cut {
                serde_json::from_str::<serde_json::Value>(&text).unwrap();
            }
            text.chars().filter(char::is_ascii_alphabetic).collect()
        }
        Shown::Broken { error, hex } => {
            assert!(!error.is_empty() && hex.len() <= most + 4);
            error
        }
    }
}

/// A message field by field: the lines lie where they say, one behind the other.
pub(crate) fn walks(input: &[u8]) -> String {
    let mut outcome = String::new();
    for message in TYPES.iter() {
        for limits in [Limits::default(), Limits { lines: 5, depth: 2, value_bytes: 4 }] {
            let lines = message.walk(input, limits);
            assert!(lines.len() <= limits.lines + limits.depth + 2, "{} lines", lines.len());
            let mut last = 0;
            for line in &lines {
                assert!(line.offset >= last && line.offset + line.length <= input.len(), "{line:?}");
                assert!(line.depth <= limits.depth + 1, "{line:?}");
                last = line.offset;
                if let Value::Field { text, .. } = &line.value {
                    // Hexadecimal takes three for one.
                    assert!(text.len() <= 4 * limits.value_bytes.max(8), "{line:?}");
                }
            }
            outcome = lines.last().map(ToString::to_string).unwrap_or_default();
        }
    }
    outcome
}

/// A typed line: what was encoded is what is shown, and what is shown can be typed again.
pub(crate) fn lines(input: &[u8]) -> String {
    let line = String::from_utf8_lossy(input);
    let mut outcome = String::new();
    for message in TYPES.iter() {
        let bytes = match message.encode(&line) {
            Ok(bytes) => bytes,
            Err(error) => {
                outcome = error.to_string();
                continue;
            }
        };
        if !line.starts_with('{') {
            assert_eq!(text_of(message, &bytes), line);
            continue;
        }
        let shown = message.json(&bytes, 1 << 20);
        // A map has no order of its own.
        let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        match message.encode(&shown) {
            Ok(again) => assert_eq!(parsed(&message.json(&again, 1 << 20)), parsed(&shown)),
            Err(error) => panic!("{shown} cannot be typed: {error}"),
        }
        outcome = shown.chars().filter(char::is_ascii_alphabetic).collect();
    }
    outcome
}

fn text_of(message: &MessageType, bytes: &[u8]) -> String {
    match message.show(bytes, 1 << 20) {
        Shown::Text { text, cut: false } => text,
        // An empty text is shown as what it is sent as.
        Shown::Json { text, cut: false } if text == "{}" => String::new(),
        other => panic!("{other:?}"),
    }
}

/// Descriptors as a file has them, and as a server tells them.
pub(crate) fn descriptors(input: &[u8]) -> String {
    let contracts = match Contract::from_descriptor_set(input, Source::File) {
        Ok(contracts) => contracts,
        Err(error) => {
            let said = error.to_string();
            assert!(!said.is_empty() && said.len() < 2_000, "{} bytes of words", said.len());
            return said;
        }
    };
    for method in contracts.iter().flat_map(Contract::methods) {
        for message in [method.request(), method.reply()] {
            if let Ok(bytes) = message.encode("{}") {
                message.show(&bytes, 1_000);
            }
            // A type of which every value needs another has none that could be sent.
            let template = message.template();
            assert!(template.len() < 1 << 20, "{} bytes", template.len());
            let _ = message.encode(&template);
            message.complete("{", 1);
            message.show(input, 1_000);
            message.walk(input, Limits::default());
        }
    }
    format!("{contracts:?}")
}

/// Source of whatever descriptors say: lines that a terminal may have, or a sentence.
pub(crate) fn sources(input: &[u8]) -> String {
    let files = match Files::from_descriptor_set(input) {
        Ok(files) => files,
        Err(error) => return error.to_string(),
    };
    let definitions: Vec<&str> = files.definitions().map(|(_, name)| name).collect();
    let mut outcome = format!("{definitions:?}");
    for name in files.names().chain(definitions.into_iter().take(20)) {
        match files.describe(name) {
            Ok(source) => {
                assert!(source.lines().all(|line| text::safe(line) == line), "{source:?}");
                assert!(source.len() < 100 * (input.len() + 1_000), "{} of {}", source.len(), input.len());
            }
            Err(error) => outcome = error.to_string(),
        }
    }
    outcome
}

/// A text that is being typed: what is offered at the cursor stands in it, and the template can be sent.
pub(crate) fn completions(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let mut outcome = String::new();
    for message in TYPES.iter() {
        for at in [text.len(), text.len() / 2, 0, text.len() + 1] {
            let Some(completion) = message.complete(&text, at) else { continue };
            assert!(completion.range.start <= at && at <= completion.range.end, "{completion:?}");
            assert!(text.get(completion.range.clone()).is_some(), "{completion:?}");
            assert!((1..=100).contains(&completion.candidates.len()));
            outcome.push_str(&completion.candidates[0].name);
        }
    }
    outcome
}

/// Values one after the other: nothing but what stands between them is lost.
pub(crate) fn values(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let Some(values) = greeter::schema::split(&text) else { return "none".to_owned() };
    for value in &values {
        assert_eq!(greeter::schema::split(value).as_deref(), Some(&[*value][..]));
    }
    let without = |text: &str| text.replace([' ', '\t', '\n', '\r', ','], "");
    assert_eq!(without(&values.concat()), without(&text));
    values.len().to_string()
}

/// A status's details: a few lines, none of them long.
pub(crate) fn details(input: &[u8]) -> String {
    let lines = status_details(input);
    assert!(lines.len() <= MAX_DETAILS);
    for line in &lines {
        assert!(line.len() < 3_000, "{} bytes in a line", line.len());
        assert!(!text::safe(line).contains(char::is_control));
    }
    lines.join(" ").chars().filter(char::is_ascii_alphabetic).collect()
}
