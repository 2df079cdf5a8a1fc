//! Numbers that are too large for a field: what an extension of a message set may have, and what is said elsewhere.

use greeter::schema::NamedError;

use crate::{folder, said_of, sources};

/// Two files, as `protoc` takes them: the numbers are up to 2^31-2, and are written in every way.
#[test]
fn an_extension_of_a_message_set_may_have_a_number_too_large_for_a_field() {
    const SETS: &str = "syntax = \"proto2\";

package sets;

message Set {
  option message_set_wire_format = true;

  extensions 1000000000 to max [verification = UNVERIFIED];

  reserved 4 to 999999999;
}

message Narrow {
  option message_set_wire_format = true;

  extensions 4 to 1999999999;
  extensions 2000000001;
}

message Outer {
  enum Level {
    NONE = 0;
    HIGH = 1073741824;

    reserved 2000000000 to max;
  }

  message Inner {
    option message_set_wire_format = true;

    extensions 4 to max;
  }
}
";
    const BIG: &str = "syntax = \"proto2\";
package big;
import \"sets.proto\";
message Big {
  extend sets.Set { optional Big set = 2147483646; optional Big other = 0x40000000; }
  extend sets.Narrow { optional Big narrow = 010000000000; }
  extend sets.Outer.Inner { optional Big inner = 536870912; optional Big small = 268435456; }
  optional string text = 1;
  optional sets.Set inside = 2;
}
extend sets.Narrow { optional Big last = 2000000001 [deprecated = true]; }
service S { rpc A(sets.Set) returns (sets.Narrow); rpc B(sets.Outer.Inner) returns (Big); }
";
    let folder = folder(&[("sets.proto", SETS), ("big.proto", BIG)]);
    let named = sources(&folder, &["big.proto"]).read().unwrap();
    let method = |name: &str| {
        let mut methods = named.offered.contracts[0].methods().iter();
        methods.find(|method| method.name() == name).unwrap().clone()
    };
    for (message, line, bytes) in [
        (
            method("A").request().clone(),
            r#"{"[big.Big.set]": {"text": "c"}}"#,
            &b"\x0b\x10\xfe\xff\xff\xff\x07\x1a\x03\x0a\x01c\x0c"[..],
        ),
        (
            method("A").reply().clone(),
            r#"{"[big.Big.narrow]": {"text": "d"}}"#,
            b"\x0b\x10\x80\x80\x80\x80\x04\x1a\x03\x0a\x01d\x0c",
        ),
        (method("A").reply().clone(), r#"{"[big.last]": {}}"#, b"\x0b\x10\x81\xa8\xd6\xb9\x07\x1a\x00\x0c"),
        (
            method("B").request().clone(),
            r#"{"[big.Big.small]": {}, "[big.Big.inner]": {}}"#,
            b"\x0b\x10\x80\x80\x80\x80\x01\x1a\x00\x0c\x0b\x10\x80\x80\x80\x80\x02\x1a\x00\x0c",
        ),
    ] {
        assert_eq!(message.encode(line).unwrap(), bytes, "{line}");
        assert_eq!(message.json(bytes, 1 << 10), line);
    }
    let files = named.files();
    assert_eq!(files.describe("sets.proto").unwrap(), SETS);
    let printed = files.describe("big.proto").unwrap();
    for number in
        ["2147483646;", "1073741824;", "536870912;", "268435456;", "2000000001 [deprecated = true];"]
    {
        assert!(printed.contains(&format!(" = {number}")), "{printed}");
    }
    let again = self::folder(&[("sets.proto", SETS), ("big.proto", &printed)]);
    let again = sources(&again, &["big.proto"]).read().unwrap();
    assert_eq!(again.files().describe("big.proto").unwrap(), printed);
}

#[test]
fn elsewhere_such_a_number_is_refused_at_its_place() {
    const SET: &str = "message Set { option message_set_wire_format = true; extensions 4 to 9; }";
    for (source, at, why) in [
        (
            "message M { optional int32 a = 536870912; }",
            "536870912",
            "message numbers must be between 1 and 536870911",
        ),
        ("message M { extensions 4 to 536870912; }", "536870912", "M has no numbers above 536870911"),
        (
            "message M { extensions 4 to 9; extensions 1000000000 to max; }",
            "max",
            "a range ends before it begins",
        ),
        (
            "message M { extensions 4 to max; } extend M { optional M m = 536870912; }",
            "536870912",
            "M has no numbers above 536870911",
        ),
        (
            "extend Set { optional M m = 536870912; } message M {}",
            "536870912",
            "536870912 is not among the extensions of Set",
        ),
        (
            "message M { } extend M { optional int32 a = 1999999999; }",
            "1999999999",
            "message 'M' does not define '1999999999' as an extension number",
        ),
        (
            "message M { option message_set_wire_format = true; extensions 4 to 2147483647; }",
            "2147483647",
            "message numbers must be between 1 and 536870911",
        ),
    ] {
        let source = format!("syntax = \"proto2\"; {SET}\n{source} service S {{ rpc A(M) returns (M); }}");
        let column = source.lines().nth(1).unwrap().find(at).unwrap() + 1;
        assert_eq!(said_of(&source), format!("a.proto:2:{column}: {why}"), "{source}");
    }
}

/// `protoc` has no message with such a field, but one may say that there was one.
#[test]
fn such_a_number_may_be_reserved_everywhere() {
    let source = "syntax = \"proto2\";

message M {
  reserved 1000000000 to 1000000005;
}

service S {
  rpc A(M) returns (M);
}
";
    let folder = folder(&[("a.proto", source)]);
    let named = sources(&folder, &["a.proto"]).read().unwrap();
    assert_eq!(named.files().describe("a.proto").unwrap(), source);
}

/// The printed source is the source, by a source and by `protoc`'s set of it: an extension of a set is an item there.
#[test]
fn a_message_set_may_be_an_options_value() {
    const OPTION: &str = "syntax = \"proto2\";

package p;

import \"google/protobuf/descriptor.proto\";

message Set {
  option message_set_wire_format = true;

  extensions 4 to max;
}

message M {
  optional string s = 1;
}

message X {
  option (mo) = { [p.e]: { s: \"x\" } };
}

service S {
  rpc A(X) returns (X);
}

extend Set {
  optional M e = 1000000000;
}

extend google.protobuf.MessageOptions {
  optional Set mo = 50000;
}
";
    for number in ["1000000000", "5"] {
        let source = OPTION.replace("1000000000", number);
        let folder = folder(&[("a.proto", &source)]);
        let named = sources(&folder, &["a.proto"]).read().unwrap();
        assert_eq!(named.files().describe("a.proto").unwrap(), source);
    }
}

/// What `protoc` takes is no reason to say nothing of what it does not.
#[test]
fn beside_what_is_mended_the_rest_is_wrong_where_it_stands() {
    const SET: &str = "syntax = \"proto2\";
message Set { option message_set_wire_format = true; extensions 4 to max; }
message M { }
";
    for (rest, said) in [
        (
            "extend Set { optional M e = 1000000000; } message X { optional Nope y = 1; }",
            "4:64: name 'Nope' is not defined",
        ),
        (
            "extend Set { optional M e = 1000000000; } import \"gone.proto\";",
            "a.proto: gone.proto is not found; looked for in FOLDER",
        ),
        ("extend Set { optional M e = 1000000000; } message X { optional M y = 1 ]", "4:72: expected"),
        (
            "message I { optional float f = 1 [default = -inf];\noptional Nope n = 2; }",
            "5:10: name 'Nope' is not defined",
        ),
    ] {
        let error = said_of(&format!("{SET}{rest}"));
        assert!(error.contains(said), "{rest}: {error}");
    }
    let folder = folder(&[
        ("a.proto", &format!("{SET}import \"b.proto\"; extend Set {{ optional M e = 1000000000; }}")),
        ("b.proto", "edition = \"2023\";"),
    ]);
    let error = sources(&folder, &["a.proto"]).read().unwrap_err();
    assert!(matches!(&error, NamedError::Edition { place, .. } if place == "b.proto:1:1"), "{error}");
}
