//! What is written in words: addresses, the command line, text to be drawn, the history's lines; and a
//! peer's first words.

use std::{ffi::OsString, fs, os::unix::ffi::OsStringExt, path::Path};

use greeter::{
    cli::{self, Listen},
    rpc::{Security, Target, Wish},
    text::{self, MAX_INTERVAL},
    tui::{history::HistoryFile, model::Sent},
    wire::{FirstWords, Opening, Watch},
};

/// An address to connect to or to listen on, an interval: itself again, or one short sentence.
pub(crate) fn addresses(input: &[u8]) -> String {
    let written = String::from_utf8_lossy(input);
    if let Ok(interval) = text::parse_interval(&written) {
        assert!(interval <= MAX_INTERVAL);
    }
    match written.parse::<Listen>() {
        Ok(listen) => assert!(!listen.host.is_empty()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let plain = Target::parse(&written, Wish::Plaintext);
    let by_address = Target::parse(&written, Wish::ByAddress);
    let target = match plain {
        Ok(target) => target,
        Err(error) => {
            let said = error.to_string();
            assert!(said.len() < 1_000 && !said.contains(char::is_control), "{said:?}");
            let kind = format!("{error:?}").split('(').next().unwrap_or_default().to_owned();
            assert_eq!(by_address, Err(error));
            return kind;
        }
    };
    let is_plaintext = by_address.map(|target| target.security() == Security::Plaintext);
    assert!(is_plaintext.is_ok_and(|plaintext| plaintext || !target.is_local() || written.contains("://")));
    // What is shown is what was meant.
    assert_eq!(Target::parse(&target.to_string(), Wish::Plaintext).as_ref(), Ok(&target));
    let uri = target.uri(None);
    assert!(uri.parse::<http::Uri>().is_ok(), "{target}");
    assert!(Target::parse(&uri, Wish::ByAddress).is_ok(), "{target}");
    target.to_string().chars().filter(|c| !c.is_alphanumeric()).collect()
}

/// The program's arguments, a line each.
pub(crate) fn arguments(input: &[u8]) -> String {
    let arguments = input.split(|byte| *byte == b'\n').map(|word| OsString::from_vec(word.to_vec()));
    match cli::parse([OsString::from("greeter")].into_iter().chain(arguments)) {
        Ok(command) => format!("{command:?}"),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            format!("{:?}", error.kind())
        }
    }
}

/// Foreign text: harmless, no wider than there is room, and the same when it is made safe again.
pub(crate) fn texts(input: &[u8]) -> String {
    let (columns, foreign) = input.split_first().unwrap_or((&0, &[]));
    let foreign = String::from_utf8_lossy(foreign);
    let safe = text::safe(&foreign);
    assert_eq!(safe.chars().find(|c| obeyed(*c)), None, "{safe:?}");
    assert_eq!(text::safe(&safe), safe);
    let columns = usize::from(*columns);
    let fitted = text::fit(&safe, columns);
    assert!(text::width(&fitted) <= columns);
    assert_eq!(text::width(&safe) <= columns, fitted == safe);
    let cut = text::Safe::cut(&foreign, columns);
    assert!(cut.as_str().len() <= 5 * columns + 8, "{} bytes", cut.as_str().len());
    let kind = |c: char| match c {
        ' '..='~' => 'a',
        '‹' => '‹',
        _ => 'x',
    };
    let mut kinds: Vec<char> = safe.chars().map(kind).collect();
    kinds.dedup();
    kinds.truncate(12);
    kinds.into_iter().collect()
}

/// What a terminal obeys, and what turns text around.
fn obeyed(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}')
}

/// What a peer says first: the same however it is cut into pieces.
pub(crate) fn first_words(input: &[u8]) -> String {
    let (size, said) = input.split_first().unwrap_or((&1, &[]));
    let mut whole = Opening::new();
    whole.received(said);
    let mut pieces = Opening::new();
    for piece in said.chunks(usize::from(*size).max(1)) {
        pieces.received(piece);
    }
    assert_eq!(whole.first_words(), pieces.first_words());
    match whole.first_words() {
        FirstWords::Other(bytes) | FirstWords::Unclear(bytes) => {
            assert!(said.starts_with(&bytes));
            "other".to_owned()
        }
        words => format!("{words:?}"),
    }
}

/// A history file, whatever is in it: it is read, and what is added to it is found again.
pub(crate) fn histories(input: &[u8]) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    fs::create_dir_all(&folder).unwrap();
    let file = HistoryFile::at(folder.join("history.jsonl"));
    fs::write(file.path(), input).unwrap();
    let before = file.read().unwrap();
    let sent = Sent { method: "/a.B/C".to_owned(), line: "last\nof all".to_owned() };
    file.append(&sent).unwrap();
    let after = file.read().unwrap();
    assert_eq!(after.last(), Some(&sent));
    assert_eq!(after[..after.len() - 1], before);
    let lines = before.iter().map(|sent| if sent.line.is_ascii() { 'a' } else { 'x' });
    lines.take(20).collect()
}
