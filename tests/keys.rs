//! The README's keys are those of the program's own table, word for word.
//!
//! ```text
//! UPDATE_README=1 cargo test --test keys     writes the table anew
//! ```

#![allow(clippy::unwrap_used)]

use std::{env, fmt::Write, fs, path::PathBuf};

use greeter::tui::action::{Action, Binding, Scope, TABLE};

const BEGIN: &str = "<!-- keys: made by tests/keys.rs -->\n";
const END: &str = "<!-- /keys -->\n";

/// A table of the README: its head, and the rows that stand in it.
struct Section {
    head: &'static str,
    holds: fn(&Binding) -> bool,
}

/// The first stands open, the others are folded.
const SECTIONS: &[Section] = &[
    Section { head: "In the panes", holds: |binding| is_for_panes(binding) && !is_edit(binding) },
    Section { head: "Editing the line", holds: is_edit },
    Section { head: "In a transcript (`Esc` goes there, and back)", holds: |b| b.scope == Scope::Transcript },
    Section { head: "Copying a call (`y` on its heading)", holds: |b| b.scope == Scope::Copying },
    Section { head: "Server and connection (`F2`)", holds: |b| b.scope == Scope::Server },
    Section { head: "The wire (`F3`)", holds: |b| b.scope == Scope::Wire },
    Section { head: "Call options (`F4`)", holds: |b| b.scope == Scope::Options },
    Section { head: "Lists, help and questions", holds: |b| matches!(b.scope, Scope::List | Scope::Paste) },
];

fn is_for_panes(binding: &Binding) -> bool {
    matches!(binding.scope, Scope::Line | Scope::Panes | Scope::Everywhere)
}

fn is_edit(binding: &Binding) -> bool {
    matches!(binding.action, Action::Edit(_))
}

/// The keys of a row, and what they do. The keys that focus one pane each are one row.
fn row(binding: &Binding) -> Option<(String, &str)> {
    match binding.action {
        Action::Focus(0) => return Some(("`Alt-1` … `Alt-4`".to_owned(), "Focus a pane by its number")),
        Action::Focus(_) => return None,
        _ => {}
    }
    let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{key}`")).collect();
    let keys = if keys.is_empty() { format!("`/{}`", binding.short) } else { keys.join(" ") };
    Some((keys, binding.words))
}

fn table() -> String {
    let mut table = String::new();
    for (nth, section) in SECTIONS.iter().enumerate() {
        let rows = TABLE.iter().filter(|binding| (section.holds)(binding)).filter_map(row);
        let head = section.head;
        if nth > 0 {
            writeln!(table, "\n<details><summary>{}</summary>\n", head.replace('`', "")).unwrap();
        }
        writeln!(table, "| {} | |\n|---|---|", if nth == 0 { head } else { "key" }).unwrap();
        for (keys, words) in rows {
            writeln!(table, "| {keys} | {words} |").unwrap();
        }
        if nth > 0 {
            writeln!(table, "\n</details>").unwrap();
        }
    }
    table
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// What stands before the table, the table, and what stands behind it.
fn parts(text: &str) -> (&str, &str, &str) {
    let begin = text.find(BEGIN).unwrap() + BEGIN.len();
    let end = begin + text[begin..].find(END).unwrap();
    (&text[..begin], &text[begin..end], &text[end..])
}

/// The keys of every row, in order.
fn keys(table: &str) -> Vec<&str> {
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split('|').next().unwrap_or_default().trim_end()).collect()
}

#[test]
fn the_readme_shows_the_key_table() {
    let readme = fs::read_to_string(file("README.md")).unwrap();
    let (before, shown, behind) = parts(&readme);
    let table = table();
    if env::var_os("UPDATE_README").is_some() {
        fs::write(file("README.md"), [before, &table, behind].concat()).unwrap();
        return;
    }
    assert_eq!(shown, table, "UPDATE_README=1 cargo test --test keys writes it anew");
}

/// Its words are its own; its keys are not.
#[test]
fn the_chinese_readme_shows_the_same_keys() {
    let readme = fs::read_to_string(file("README.zh-CN.md")).unwrap();
    assert_eq!(keys(parts(&readme).1), keys(&table()));
}

#[test]
fn no_row_of_the_table_is_left_out() {
    for binding in TABLE {
        let sections = SECTIONS.iter().filter(|section| (section.holds)(binding)).count();
        assert_eq!(sections, 1, "{:?} in {:?}", binding.action, binding.scope);
    }
}
