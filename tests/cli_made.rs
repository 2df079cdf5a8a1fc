//! What is made from the command line's words: completions and the manual page. `tests/shells/run` tries them in the
//! shells themselves.

#![allow(clippy::unwrap_used)]

use std::process::{Command, Stdio};

fn made(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_greeter")).args(args).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{args:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands that help names.
fn commands() -> Vec<String> {
    let help = made(&["--help"]);
    let section = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap().to_owned();
    let names = section.lines().map(|line| line.split_whitespace().next().unwrap().to_owned());
    let names: Vec<String> = names.filter(|name| name != "help").collect();
    assert!(names.len() >= 6, "{names:?}");
    names
}

/// The long flags that a command's help names.
fn flags(command: &str) -> Vec<String> {
    let help = made(&[command, "--help"]);
    let options = help.split("Options:\n").nth(1).unwrap().split("\n\n").next().unwrap().to_owned();
    let words =
        options.lines().filter_map(|line| line.split_whitespace().find(|word| word.starts_with("--")));
    words.map(|word| word.trim_end_matches(',').to_owned()).collect()
}

#[test]
fn every_shell_gets_every_command_and_flag() {
    for (shell, begins) in [
        ("bash", "_greeter() {"),
        ("zsh", "#compdef greeter\n"),
        ("fish", "# Print an optspec"),
        ("powershell", "\nusing namespace System.Management.Automation"),
    ] {
        let script = made(&["completions", shell]);
        assert!(script.starts_with(begins), "{shell}: {}", &script[..80]);
        for command in commands() {
            assert!(script.contains(&command), "{shell} has no {command}");
            for flag in flags(&command) {
                // fish has long flags without their dashes.
                assert!(script.contains(flag.trim_start_matches("--")), "{shell} has no {flag} of {command}");
            }
        }
    }
}

#[test]
fn what_powershell_gets_is_closed_where_it_is_opened() {
    let script = made(&["completions", "powershell"]);
    let mut open = Vec::new();
    for line in script.lines() {
        let mut is_text = false;
        for c in line.chars() {
            match c {
                '\'' => is_text = !is_text,
                '(' | '{' | '[' if !is_text => open.push(c),
                ')' if !is_text => assert_eq!(open.pop(), Some('('), "{line}"),
                '}' if !is_text => assert_eq!(open.pop(), Some('{'), "{line}"),
                ']' if !is_text => assert_eq!(open.pop(), Some('['), "{line}"),
                _ => {}
            }
        }
        assert!(!is_text, "a text does not end: {line}");
    }
    assert_eq!(open, []);
}

#[test]
fn the_manual_page_has_a_section_for_every_command() {
    let page = made(&["man"]);
    assert!(page.starts_with(".TH GREETER 1 "), "{}", &page[..80]);
    for section in
        ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "\"EXIT STATUS\"", "ENVIRONMENT"]
    {
        let count = page
            .lines()
            .filter(|line| *line == format!(".SH {section}") || *line == format!(".SH \"{section}\""));
        assert_eq!(count.count(), 1, "{section}");
    }
    for command in commands() {
        let heading = format!("\n.SH \"GREETER {}\"\n", command.to_uppercase());
        let section = page.split(&heading).nth(1).unwrap_or_else(|| panic!("{command} has no section"));
        let section = section.split("\n.SH ").next().unwrap();
        assert!(section.contains("\n.SS EXAMPLES\n.nf\n"), "{command}");
        for flag in flags(&command) {
            assert!(section.contains(&flag.replace('-', "\\-")), "{command} {flag}");
        }
    }
    let is_safe = |c: char| c == '\n' || !c.is_control();
    assert!(page.chars().all(is_safe));
}

#[test]
fn a_shell_that_is_none_is_wrong_usage() {
    let output = Command::new(env!("CARGO_BIN_EXE_greeter")).args(["completions", "sh"]).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]));
    assert!(
        String::from_utf8(output.stderr).unwrap().contains("[possible values: bash, zsh, fish, powershell]")
    );
}

#[test]
fn a_closed_stdout_ends_it_quietly() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_greeter"));
    let output = command.arg("man").stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
