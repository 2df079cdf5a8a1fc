//! Files at random: what is printed of them compiles to what they were.

use std::fmt::Write as _;

use proptest::{collection::vec, prelude::*};
use prost::Message as _;
use prost_types::FileDescriptorSet;

use crate::compiling::{Sources, compiled, each_definition_returns, whole_files_return};

/// A file with messages and enums at random, of which each may be in the other; it compiles.
fn any_source() -> impl Strategy<Value = String> {
    let syntax = prop_oneof![Just("proto2"), Just("proto3")];
    let package = prop_oneof![Just(""), Just("a"), Just("M0.M1"), Just("a.b")];
    (syntax, package, vec(any_message(), 1..5)).prop_map(|(syntax, package, messages)| {
        let mut source = format!("syntax = \"{syntax}\";\n");
        if !package.is_empty() {
            writeln!(source, "package {package};").unwrap();
        }
        for (at, message) in messages.iter().enumerate() {
            message.write(&format!("M{at}"), syntax == "proto2", messages.len(), &mut source);
        }
        source
    })
}

#[derive(Debug, Clone)]
struct AnyMessage {
    fields: Vec<(u8, u8, u8)>,
    nested: Vec<AnyMessage>,
    /// How many fields come before what is nested.
    before: usize,
    is_reserved: bool,
}

fn any_message() -> impl Strategy<Value = AnyMessage> {
    let one = |nested: Vec<AnyMessage>| {
        (vec(any::<(u8, u8, u8)>(), 0..6), 0_usize..6, any::<bool>()).prop_map(
            move |(fields, before, is_reserved)| AnyMessage {
                fields,
                nested: nested.clone(),
                before,
                is_reserved,
            },
        )
    };
    let leaf = one(Vec::new()).boxed();
    leaf.prop_recursive(3, 8, 3, move |inner| vec(inner, 0..3).prop_flat_map(one))
}

impl AnyMessage {
    fn write(&self, name: &str, is_proto2: bool, count: usize, source: &mut String) {
        const SCALARS: [&str; 6] = ["string", "int32", "bytes", "double", "bool", "sfixed64"];
        writeln!(source, "message {name} {{").unwrap();
        for (at, (label, sort, of)) in self.fields.iter().enumerate() {
            if at == self.before {
                self.write_nested(is_proto2, count, source);
            }
            let scalar = SCALARS[usize::from(*of) % SCALARS.len()];
            let type_name = match sort % 4 {
                0 => format!("M{}", usize::from(*of) % count),
                1 if !self.nested.is_empty() => format!("M{}", usize::from(*of) % self.nested.len()),
                2 => "E".to_owned(),
                _ => scalar.to_owned(),
            };
            let label = match (label % 4, is_proto2) {
                (0, _) => "repeated",
                (1, true) => "required",
                (2 | 3, false) => "",
                _ => "optional",
            };
            let number = at + 1;
            let field = match (sort / 4) % 5 {
                0 => format!("map<string, {scalar}> f_{at} = {number};\n"),
                1 => format!(
                    "oneof o{at} {{ {type_name} f_{at} = {number}; string g{at} = {}; }}\n",
                    number + 100
                ),
                2 if is_proto2 => {
                    format!("{label} group G{at} = {number} {{ optional {type_name} f = 1; }}\n")
                }
                3 => format!(
                    "{label} {type_name} f_{at} = {number} [deprecated = true, json_name = \"f\\\"{at}\"];\n"
                ),
                _ => format!("{label} {type_name} f_{at} = {number};\n"),
            };
            source.push_str(&field);
        }
        if self.fields.len() <= self.before {
            self.write_nested(is_proto2, count, source);
        }
        if self.is_reserved {
            source.push_str("reserved 50, 60 to 70, 1000 to max; reserved \"x\", \"y\";\n");
        }
        source.push_str("enum E { V = 0; W = -1; }\n}\n");
    }

    fn write_nested(&self, is_proto2: bool, count: usize, source: &mut String) {
        for (at, nested) in self.nested.iter().enumerate() {
            nested.write(&format!("M{at}"), is_proto2, count, source);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_file_returns_with_and_without_its_places(source in any_source()) {
        let sources = Sources([("any.proto".to_owned(), source)].into());
        let set = compiled(&sources, &["any.proto"]);
        prop_assume!(set.is_ok());
        let set = set.unwrap();
        whole_files_return(&set);
        let mut placeless = FileDescriptorSet::decode(set.as_slice()).unwrap();
        placeless.file.iter_mut().for_each(|file| file.source_code_info = None);
        whole_files_return(&placeless.encode_to_vec());
        each_definition_returns(&placeless.encode_to_vec());
    }
}
