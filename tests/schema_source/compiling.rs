//! Compiles what was printed, and compares what comes of it with what was before.

use std::{collections::BTreeMap, path::Path};

use greeter::schema::Files;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, ReflectMessage as _, Value};
use protox::{
    Compiler, Error,
    file::{ChainFileResolver, File, FileResolver, GoogleFileResolver},
};

/// Sources by the names of their files.
#[derive(Clone, Default)]
pub(crate) struct Sources(pub(crate) BTreeMap<String, String>);

impl FileResolver for Sources {
    fn open_file(&self, name: &str) -> Result<File, Error> {
        let source = self.0.get(name).ok_or_else(|| Error::file_not_found(name))?;
        File::from_source(name, source)
    }
}

/// An encoded `FileDescriptorSet` of these files and all that they import.
pub(crate) fn compiled(sources: &Sources, names: &[&str]) -> Result<Vec<u8>, Error> {
    let mut resolver = ChainFileResolver::new();
    resolver.add(sources.clone());
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(names)?;
    Ok(compiler.encode_file_descriptor_set())
}

/// Sources in the project, by names from `root` on.
pub(crate) fn sources(root: &str, names: &[&str]) -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
    let source = |name: &&str| ((*name).to_owned(), std::fs::read_to_string(root.join(name)).unwrap());
    Sources(names.iter().map(source).collect())
}

/// The files of a set as messages of `descriptor.proto`, in which no option is lost; without the places
/// in the source.
pub(crate) fn files(set: &[u8]) -> BTreeMap<String, DynamicMessage> {
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
pub(crate) fn without_empty_options(message: &mut DynamicMessage) {
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

pub(crate) fn text(message: &DynamicMessage, field: &str) -> String {
    message.get_field_by_name(field).unwrap().as_str().unwrap().to_owned()
}

pub(crate) fn messages(message: &DynamicMessage, field: &str) -> Vec<DynamicMessage> {
    let list = message.get_field_by_name(field).unwrap();
    list.as_list().unwrap().iter().map(|value| value.as_message().unwrap().clone()).collect()
}

/// All messages, enums, services and extensions of a set by their full names.
pub(crate) fn definitions(set: &[u8]) -> BTreeMap<String, DynamicMessage> {
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
pub(crate) fn printed(set: &[u8]) -> Sources {
    let described = Files::from_descriptor_set(set).unwrap();
    let own = files(set).into_keys().filter(|name| !name.starts_with("google/protobuf/"));
    Sources(own.map(|name| (name.clone(), described.describe(&name).unwrap())).collect())
}

pub(crate) fn assert_same(before: &DynamicMessage, after: &DynamicMessage, source: &str) {
    if before == after {
        return;
    }
    let (before, after) = (format!("{before:#?}"), format!("{after:#?}"));
    for (at, (one, other)) in before.lines().zip(after.lines()).enumerate() {
        let around =
            |text: &str| text.lines().skip(at.saturating_sub(12)).take(24).collect::<Vec<_>>().join("\n");
        assert_eq!(one, other, "\nbefore:\n{}\nafter:\n{}\nof\n{source}", around(&before), around(&after));
    }
    assert_eq!(before.lines().count(), after.lines().count(), "{source}");
}

/// Whole files, printed and compiled, are what they were.
pub(crate) fn whole_files_return(set: &[u8]) {
    let printed = printed(set);
    let names: Vec<&str> = printed.0.keys().map(String::as_str).collect();
    let again = compiled(&printed, &names).unwrap_or_else(|error| panic!("{error:?}\n{:?}", printed.0));
    let (before, after) = (files(set), files(&again));
    for name in names {
        assert_same(&before[name], &after[name], &printed.0[name]);
    }
}

/// Each definition, printed alone and compiled, is what it was.
pub(crate) fn each_definition_returns(set: &[u8]) {
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

pub(crate) fn nasty() -> Vec<u8> {
    let names = ["source/older.proto", "source/options.proto", "source/newer.proto"];
    compiled(&sources("tests/protos", &names), &["source/newer.proto"]).unwrap()
}
