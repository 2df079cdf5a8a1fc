//! Messages from stdin, each as soon as it is there.
//!
//! Reading blocks a thread. It is one of its own, reads no further than a few messages ahead, and is left where it
//! stands when the program ends.

use std::{
    io::{self, BufRead, Read},
    sync::Arc,
    thread,
};

use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
};

use super::{
    values::{Splitter, Value},
    written::{Place, Written},
};
use crate::{commands::Failure, schema::MessageType};

/// Messages that were read and wait to be sent.
const AHEAD: usize = 64;
/// And how long they may be together, in bytes. One that is longer waits alone.
const AHEAD_BYTES: usize = 16 << 20;
/// The longest message that is read, in bytes.
const MAX_MESSAGE: usize = MessageType::MAX_LINE;

/// Why stdin is no messages, or no more.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// A message is longer than is taken.
    #[error("line {line} of stdin is longer than {limit}", limit = crate::text::size(MAX_MESSAGE as u64))]
    TooLong { line: usize },
    /// A message is no text.
    #[error("line {line} of stdin is not UTF-8 from byte {byte}")]
    NotText { line: usize, byte: usize },
    /// The operating system says no.
    #[error("stdin cannot be read")]
    Io(#[from] io::Error),
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(_) => Self::undone(error),
            ReadError::TooLong { .. } | ReadError::NotText { .. } => Self::usage(error),
        }
    }
}

/// What is read, one after the other.
pub(super) struct Coming(mpsc::Receiver<Result<(Written, Room), ReadError>>);

/// The room that a message takes while it waits.
type Room = OwnedSemaphorePermit;

impl Coming {
    /// The next one; `None` behind the last. Cancel-safe.
    pub(super) async fn recv(&mut self) -> Option<Result<Written, ReadError>> {
        let read = self.0.recv().await?;
        Some(read.map(|(written, _room)| written))
    }
}

/// How stdin is cut into messages.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cut {
    /// A message is a line.
    Lines,
    /// A message is a JSON value.
    Values,
}

/// Begins to read. The error is the operating system's, which has no thread for it.
pub(super) fn read(cut: Cut) -> io::Result<Coming> {
    let (send, coming) = mpsc::channel(AHEAD);
    let (room, runtime) = (Arc::new(Semaphore::new(AHEAD_BYTES)), Handle::current());
    thread::Builder::new().name("greeter-stdin".to_owned()).spawn(move || {
        let stdin = io::stdin().lock();
        // It ends when nobody listens any more.
        let tell = |message: Written| {
            let bytes = message.text.len().min(AHEAD_BYTES) as u32;
            let room = runtime.block_on(room.clone().acquire_many_owned(bytes));
            room.is_ok_and(|room| send.blocking_send(Ok((message, room))).is_ok())
        };
        let read = match cut {
            Cut::Lines => lines(stdin, tell),
            Cut::Values => values(stdin, tell),
        };
        if let Err(error) = read {
            let _left = send.blocking_send(Err(error));
        }
    })?;
    Ok(Coming(coming))
}

/// Whether whoever is told wants more.
type More = bool;

fn lines(mut stdin: impl BufRead, mut tell: impl FnMut(Written) -> More) -> Result<(), ReadError> {
    for line in 1.. {
        let mut bytes = Vec::new();
        let read = stdin.by_ref().take(MAX_MESSAGE as u64 + 2).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(());
        }
        let ended = bytes.strip_suffix(b"\n").map(|text| text.strip_suffix(b"\r").unwrap_or(text));
        let length = ended.unwrap_or(&bytes).len();
        if length > MAX_MESSAGE {
            return Err(ReadError::TooLong { line });
        }
        bytes.truncate(length);
        let text = String::from_utf8(bytes)
            .map_err(|error| ReadError::NotText { line, byte: error.utf8_error().valid_up_to() + 1 })?;
        if !tell(Written { text, place: Place::Line(line) }) {
            return Ok(());
        }
    }
    Ok(())
}

fn values(mut stdin: impl BufRead, mut tell: impl FnMut(Written) -> More) -> Result<(), ReadError> {
    let (mut splitter, mut found) = (Splitter::new(), Vec::new());
    loop {
        let bytes = stdin.fill_buf()?;
        let read = bytes.len();
        splitter.push(bytes, &mut found);
        stdin.consume(read);
        for value in found.drain(..) {
            if !tell(written(value)?) {
                return Ok(());
            }
        }
        if splitter.pending() > MAX_MESSAGE {
            return Err(ReadError::TooLong { line: splitter.line() });
        }
        if read == 0 {
            if let Some(value) = splitter.end() {
                tell(written(value)?);
            }
            return Ok(());
        }
    }
}

fn written(Value { text, line, column, byte }: Value) -> Result<Written, ReadError> {
    let text = String::from_utf8(text).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        // The value may go over several lines.
        let lines = valid.split(|&byte| byte == b'\n');
        let place = |(at, text): (usize, &[u8])| {
            let begins = if at == 0 { byte } else { 1 };
            (line + at, begins + text.len())
        };
        let (line, byte) = lines.enumerate().map(place).last().unwrap_or((line, byte));
        ReadError::NotText { line, byte }
    })?;
    Ok(Written { text, place: Place::Json { line, column } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_lines(bytes: &[u8]) -> (Vec<String>, Option<String>) {
        let mut texts = Vec::new();
        let read = lines(bytes, |written| {
            texts.push(written.text);
            true
        });
        (texts, read.err().map(|error| error.to_string()))
    }

    #[test]
    fn a_line_is_a_message_with_or_without_its_end() {
        let (texts, error) = read_lines("Dave\r\nEve\n\n{\"name\": \"Frank\"}".as_bytes());
        assert_eq!(
            (texts, error),
            (["Dave", "Eve", "", "{\"name\": \"Frank\"}"].map(str::to_owned).to_vec(), None)
        );
    }

    #[test]
    fn what_is_no_text_and_what_is_too_long_is_told_with_its_line() {
        let (texts, error) = read_lines(b"ok\nno\xff\n");
        assert_eq!(texts, ["ok"]);
        assert_eq!(error.as_deref(), Some("line 2 of stdin is not UTF-8 from byte 3"));
        let long = vec![b'x'; MAX_MESSAGE + 1];
        assert_eq!(read_lines(&long).1.as_deref(), Some("line 1 of stdin is longer than 128 MiB"));
        assert_eq!(read_lines(&long[1..]).1, None);
    }

    #[test]
    fn a_value_may_go_over_several_lines() {
        let mut told = Vec::new();
        let read = values(&b"{\n\"name\": \"A\"}\n {}"[..], |written| {
            told.push(written);
            true
        });
        read.unwrap();
        let places: Vec<_> = told.iter().map(|written| written.place.clone()).collect();
        assert_eq!(places, [Place::Json { line: 1, column: 1 }, Place::Json { line: 3, column: 2 }]);
    }

    #[test]
    fn what_is_no_text_in_a_value_is_told_with_its_own_line() {
        let said = |bytes: &[u8]| values(bytes, |_| true).unwrap_err().to_string();
        assert_eq!(said(b"{\n\"name\": \"\xff\"}"), "line 2 of stdin is not UTF-8 from byte 10");
        assert_eq!(
            said(
                "{\"a\":\"世\"} "
                    .as_bytes()
                    .iter()
                    .chain(b"\"\xff\"")
                    .copied()
                    .collect::<Vec<_>>()
                    .as_slice()
            ),
            "line 1 of stdin is not UTF-8 from byte 14"
        );
    }

    #[test]
    fn a_value_without_an_end_is_not_gathered_for_ever() {
        let begun = io::Cursor::new(b"[").chain(io::repeat(b'1'));
        let read = values(io::BufReader::new(begun), |_| true);
        assert!(matches!(read, Err(ReadError::TooLong { line: 1 })));
    }
}
