//! What the program is built from: licences that may be given on, and no library in it twice.

#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

/// Licences whose only condition is to be named. ISC says what MIT says in fewer words: it is that of `ring` and
/// of rustls' certificate checks.
const PERMISSIVE: &[&str] = &[
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Libraries that stand in the program in two versions, and why that is borne.
const TWICE: &[(&str, &str)] = &[
    (
        "thiserror",
        "filedescriptor has the old one, and crossterm's `use-dev-tty`, which loses no key, needs it",
    ),
    (
        "unicode-width",
        "miette has the old one, and the errors of protox, which reads .proto files, are miette's",
    ),
];

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    version: String,
    licence: String,
}

/// What `cargo tree` names, for the platform this runs on.
fn packages(edges: &str) -> BTreeSet<Package> {
    let tree = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["tree", "--locked", "--prefix", "none", "--format", "{p}|{l}", "--edges", edges])
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let lines = tree.lines().filter(|line| line.contains('|'));
    lines.map(|line| package(line.trim_end_matches(" (*)"))).collect()
}

fn package(line: &str) -> Package {
    let (name, licence) = line.split_once('|').unwrap();
    let mut words = name.split(' ').map(str::to_owned);
    Package {
        name: words.next().unwrap(),
        version: words.next().unwrap(),
        licence: licence.trim().to_owned(),
    }
}

/// Whether an SPDX expression leaves a choice in which every licence is permissive. `AND` binds closer
/// than `OR`; a slash is the older way to write `OR`; an exception after `WITH` only ever gives more.
fn is_permissive(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    !rest.is_empty() && any(&mut rest) && rest.is_empty()
}

fn any(rest: &mut &[&str]) -> bool {
    let mut one = all(rest);
    while take(rest, "OR") {
        one |= all(rest);
    }
    one
}

fn all(rest: &mut &[&str]) -> bool {
    let mut every = licence(rest);
    while take(rest, "AND") {
        every &= licence(rest);
    }
    every
}

fn licence(rest: &mut &[&str]) -> bool {
    if take(rest, "(") {
        let inner = any(rest);
        return take(rest, ")") && inner;
    }
    let Some((name, after)) = rest.split_first() else { return false };
    *rest = after;
    if take(rest, "WITH") {
        *rest = rest.get(1..).unwrap_or_default();
    }
    PERMISSIVE.contains(name)
}

fn take(rest: &mut &[&str], word: &str) -> bool {
    let found = rest.first() == Some(&word);
    if found {
        *rest = &rest[1..];
    }
    found
}

#[test]
fn licence_expressions_are_understood() {
    for (expression, permissive) in [
        ("MIT", true),
        ("MIT OR Apache-2.0", true),
        ("Apache-2.0/MIT", true),
        ("GPL-3.0-only", false),
        ("GPL-3.0-only OR MIT", true),
        ("MIT AND GPL-3.0-only", false),
        ("(MIT OR GPL-3.0-only) AND Unicode-3.0", true),
        ("MIT OR GPL-3.0-only AND LGPL-3.0-only", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("(MIT", false),
        ("MIT MIT", false),
        ("", false),
    ] {
        assert_eq!(is_permissive(expression), permissive, "{expression}");
    }
}

#[test]
fn every_dependency_may_be_given_on() {
    let all = packages("all");
    assert!(all.len() > 50, "cargo tree says too little: {all:?}");
    let others: Vec<_> = all.iter().filter(|package| !is_permissive(&package.licence)).collect();
    assert!(others.is_empty(), "{others:#?}");
}

#[test]
fn no_library_is_in_the_program_twice_but_those_with_a_reason() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages("normal,no-proc-macro") {
        versions.entry(package.name).or_default().insert(package.version);
    }
    let twice: BTreeSet<_> = versions.iter().filter(|(_, all)| all.len() > 1).map(|(name, _)| name).collect();
    let allowed: Vec<String> = TWICE.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(
        twice,
        allowed.iter().collect(),
        "left: found, right: allowed; a reason that is gone goes too"
    );
}

/// Two of them would share one terminal and take each other's events.
#[test]
fn there_is_one_crossterm() {
    let count = packages("normal").iter().filter(|package| package.name == "crossterm").count();
    assert_eq!(count, 1);
}
