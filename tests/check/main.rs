//! `greeter check` against servers that greet as the contract says, and against servers each of which breaks
//! one thing: it is told under the line that is about it.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod broken;
mod good;
mod greeter;
// A part of it is for the screen alone.
#[allow(dead_code)]
#[path = "../terminal/harness.rs"]
mod harness;
mod hostile;
#[allow(dead_code)]
#[path = "../terminal/output.rs"]
mod output;
mod program;
mod support;
mod terminal;

/// `docs/json.md` has a row for every field, and for nothing else.
#[test]
fn every_field_of_the_json_lines_is_explained() {
    use std::collections::BTreeSet;

    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/json.md")).unwrap();
    let section = page.split("\n## ").find(|section| section.starts_with("greeter check\n")).unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let explained: BTreeSet<String> =
        rows.flat_map(str::split_whitespace).map(|name| name.trim_matches('`').to_owned()).collect();
    assert_eq!(explained, program::fields());
}

/// `docs/check.md` has a row for every check, and for nothing else.
#[test]
fn every_line_is_explained_and_no_other() {
    use std::collections::BTreeSet;

    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/check.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let explained: BTreeSet<String> = rows
        .flat_map(|row| row.split_whitespace())
        .map(|name| name.trim_matches('`').to_owned())
        .filter(|name| name.contains('.'))
        .collect();
    let made: BTreeSet<String> = ::greeter::check::CHECKS.iter().map(|check| check.name.to_owned()).collect();
    assert_eq!(explained, made);
}
