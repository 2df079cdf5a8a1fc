//! An address as it is typed on the screen, with the flags of `greeter connect` behind or before it.

use std::{env, path::Path};

use clap::{Args, Command, Parser};

use super::{
    Refusal,
    reach::{Calling, Connecting},
};

/// What is typed to reach another server.
#[derive(Debug, Clone, PartialEq, Eq, Parser)]
#[command(no_binary_name = true, disable_help_flag = true, disable_version_flag = true)]
pub struct Typed {
    /// The address as it was written.
    #[arg(value_name = "ADDR")]
    pub address: String,
    /// How it is connected to.
    #[command(flatten)]
    pub connecting: Connecting,
}

/// Why a line is no address.
#[derive(Debug, thiserror::Error)]
pub enum TypedError {
    /// A quotation has no end.
    #[error("a quotation mark has no other: {0}")]
    Unclosed(char),
    /// A flag says how calls are made, not how the server is reached.
    #[error("{0} is for calls, not for the connection: F4 sets it")]
    OfCalls(String),
    /// The words make no sense.
    #[error("{}", .0.words())]
    Refused(#[from] Refusal),
}

impl Typed {
    /// Reads a line as a shell would: words in quotation marks hold spaces, a backslash takes the next character as
    /// it is, `~/` is the user's folder. `greeter connect` before them is what a copied command begins with.
    pub fn read(line: &str) -> Result<Self, TypedError> {
        let home = env::var("HOME").ok();
        let mut words = words(line, home.as_deref().map(Path::new))?;
        if matches!(&words[..], [program, command, ..] if program == "greeter" && command == "connect") {
            words.drain(..2);
        }
        if let Some(flag) = words.iter().find_map(|word| flag_of_calls(word)) {
            return Err(TypedError::OfCalls(flag));
        }
        Ok(Self::try_parse_from(words).map_err(Refusal::from)?)
    }
}

/// The flag in a word, where it is one of those that say how calls are made: `-H`, `-Hkey: value`, `--max-time=3`.
fn flag_of_calls(word: &str) -> Option<String> {
    Calling::augment_args(Command::new("")).get_arguments().find_map(|argument| {
        let long = argument.get_long().map(|long| format!("--{long}"));
        let short = argument.get_short().map(|short| format!("-{short}"));
        let is_long = long.as_deref() == Some(word.split_once('=').map_or(word, |(flag, _)| flag));
        let is_short = short.as_deref().is_some_and(|short| word.starts_with(short));
        if is_long { long } else { short.filter(|_| is_short) }
    })
}

fn words(line: &str, home: Option<&Path>) -> Result<Vec<String>, TypedError> {
    let mut words = Vec::new();
    // The word being read, where one was begun: an empty quotation is a word.
    let mut word: Option<String> = None;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' | '\'' => quoted(c, &mut rest, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().extend(rest.next()),
            '~' if word.is_none() && matches!(rest.peek(), Some('/')) => {
                word = Some(home.map_or_else(|| "~".to_owned(), |home| home.display().to_string()));
            }
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

fn quoted(mark: char, rest: &mut impl Iterator<Item = char>, word: &mut String) -> Result<(), TypedError> {
    while let Some(c) = rest.next() {
        match c {
            c if c == mark => return Ok(()),
            '\\' if mark == '"' => word.extend(rest.next()),
            c => word.push(c),
        }
    }
    Err(TypedError::Unclosed(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Vec<String> {
        words(line, Some(Path::new("/home/ada"))).unwrap()
    }

    fn refused(line: &str) -> String {
        Typed::read(line).unwrap_err().to_string()
    }

    #[test]
    fn words_are_read_as_a_shell_reads_them() {
        assert_eq!(split("  a  b "), ["a", "b"]);
        assert_eq!(split(r#"--cacert "my papers/ca.pem""#), ["--cacert", "my papers/ca.pem"]);
        assert_eq!(split(r"'it is' my\ file a'\'b"), ["it is", "my file", r"a\b"]);
        assert_eq!(split(r#"'' "" "a \" b""#), ["", "", "a \" b"]);
        assert_eq!(split("~/ca.pem a~/b '~/c'"), ["/home/ada/ca.pem", "a~/b", "~/c"]);
        assert!(matches!(words("--key 'a b", None), Err(TypedError::Unclosed('\''))));
    }

    #[test]
    fn the_flags_are_those_of_the_command_line() {
        let typed = Typed::read("demo.test:443 --cacert ca.pem --servername demo --authority a").unwrap();
        assert_eq!(typed.address, "demo.test:443");
        assert_eq!(typed.connecting.authority.as_deref(), Some("a"));
        assert_eq!(typed.connecting.security.servername.as_deref(), Some("demo"));
        let copied = Typed::read("greeter connect --cacert ca.pem localhost:1").unwrap();
        assert_eq!(copied.address, "localhost:1");
    }

    #[test]
    fn what_makes_no_sense_is_refused_in_a_sentence_that_names_it() {
        for (line, named) in [
            ("localhost:1 --plaintxt", "--plaintxt"),
            ("localhost:1 --cert a.pem", "--key"),
            ("localhost:1 --plaintext --cacert ca.pem", "--cacert"),
            ("localhost:1 another", "another"),
            ("--tls", "<ADDR>"),
            ("localhost:1 --key 'a", "quotation mark"),
            (
                "localhost:1 -H 'authorization: Bearer x'",
                "-H is for calls, not for the connection: F4 sets it",
            ),
            ("localhost:1 --max-time=3", "--max-time is for calls"),
            ("localhost:1 -z", "unexpected argument '-z' found"),
        ] {
            let said = refused(line);
            assert!(said.contains(named), "{line}: {said}");
            assert!(!said.contains("--help") && !said.contains('\n'), "{line}: {said}");
            assert!(!said.contains("Bearer") && !said.contains("as a value"), "{line}: {said}");
        }
    }
}
