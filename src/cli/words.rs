//! Words that are easily taken for others: what is wrong with them is said where they are read.

use std::path::PathBuf;

use clap::{Command, error::ErrorKind};

/// A method's name. An address is none.
pub(super) fn method(word: &str) -> Result<String, String> {
    name(word, "a method's name")
}

/// The name of a service, or of anything else that can be looked at. An address is none.
pub(super) fn symbol(word: &str) -> Result<String, String> {
    name(word, "a name")
}

fn name(word: &str, what: &str) -> Result<String, String> {
    if word.is_empty() {
        Err(format!("{what} is missing"))
    } else if word.ends_with('/') {
        Err(format!("{what} is missing behind the slash"))
    } else if word.contains(':') {
        Err(format!("that is an address, and {what} is due: write --addr {word}"))
    } else {
        Ok(word.to_owned())
    }
}

/// Messages as JSON, or `@`.
pub(super) fn json(word: &str) -> Result<String, String> {
    match word.strip_prefix('@') {
        Some(file) if !file.is_empty() => Err(format!("a file comes by stdin: -d @ < {file}")),
        _ => Ok(word.to_owned()),
    }
}

/// A file to be written.
pub(super) fn file(word: &str) -> Result<PathBuf, &'static str> {
    match word {
        "" => Err("a file is missing"),
        "-" => Err("a file is needed; /dev/stderr is one too"),
        file => Ok(file.into()),
    }
}

/// A number of bytes.
pub(super) fn bytes(word: &str) -> Result<u32, &'static str> {
    const NEEDED: &str = "a number of bytes is needed, such as 4194304 or 4M, and less than 4G";
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = &word[..word.len() - unit.len()];
    let shift = match unit.trim_end_matches("iB") {
        "" if unit.is_empty() => 0,
        "K" | "k" => 10,
        "M" | "m" => 20,
        "G" | "g" => 30,
        _ => return Err(NEEDED),
    };
    let bytes = digits.parse::<u32>().ok().and_then(|number| number.checked_mul(1 << shift));
    bytes.ok_or(NEEDED)
}

/// A number of things, of which one is the least.
pub(super) fn count(word: &str) -> Result<u64, &'static str> {
    word.parse().ok().filter(|count| *count > 0).ok_or("a number from 1 on is needed")
}

/// What is meant by a word that is no command, or by a flag with one hyphen.
pub(super) fn meant(cli: &Command, kind: ErrorKind, args: &[String]) -> Option<String> {
    match kind {
        ErrorKind::InvalidSubcommand => {
            let address = args.iter().skip(1).find(|word| !word.starts_with('-') && word.contains(':'))?;
            Some(format!("{address} is no command: greeter connect {address} explores that server"))
        }
        ErrorKind::UnknownArgument => args.iter().skip(1).find_map(|word| {
            let long = word.strip_prefix('-').filter(|long| long.len() > 1)?;
            let name = long.split('=').next()?;
            let is_known =
                |command: &Command| command.get_arguments().any(|arg| arg.get_long() == Some(name));
            let is_long = is_known(cli) || cli.get_subcommands().any(is_known);
            is_long.then(|| format!("-{name} is written with two hyphens: --{name}"))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_with_and_without_a_unit() {
        for (word, number) in
            [("0", 0), ("4194304", 4 << 20), ("4M", 4 << 20), ("16MiB", 16 << 20), ("64k", 64 << 10)]
        {
            assert_eq!(bytes(word), Ok(number), "{word}");
        }
        for word in ["", "M", "4T", "-1", "4G", "1.5M", "4 M", "iB", "99999999999"] {
            assert!(bytes(word).is_err(), "{word}");
        }
    }

    #[test]
    fn an_address_is_no_name() {
        assert_eq!(method("SayHi"), Ok("SayHi".to_owned()));
        assert!(method("localhost:1").unwrap_err().ends_with("write --addr localhost:1"));
        assert!(symbol("").is_err());
    }
}
