//! The messages of a call: where they come from.

use std::io::{self, IsTerminal};

use bytes::Bytes;

use super::{
    stdin::{self, Coming, Cut, ReadError},
    values,
    written::{BadMessage, Place, Written},
};
use crate::{cli::Input, schema::Method};

/// Where the messages of a command come from.
pub(super) enum Messages {
    /// All were given with the command; so many of them were taken.
    Known(Vec<Written>, usize),
    /// They come one by one, each as it is there.
    Coming(Coming),
    /// The same as JSON values; where none comes and one is due, it is empty, as other clients have it.
    Values(Coming, Due),
    /// Somebody types them.
    Typed(Coming),
}

/// Whether a message is still due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    One,
    None,
}

impl Messages {
    /// Reads what was given, and begins to read what comes.
    pub(super) fn of(input: &Input, method: &Method) -> io::Result<Self> {
        let due = if method.kind().sends_stream() { Due::None } else { Due::One };
        Ok(match input {
            Input::Names(_) | Input::Json(_) => Self::Known(known(input, due), 0),
            // There is but one message of a type without fields.
            Input::Lines if due == Due::One && method.request().has_no_fields() => {
                Self::Known(vec![empty()], 0)
            }
            Input::JsonOfStdin => Self::Values(stdin::read(Cut::Values)?, due),
            Input::Lines if io::stdin().is_terminal() => Self::Typed(stdin::read(Cut::Lines)?),
            Input::Lines => Self::Coming(stdin::read(Cut::Lines)?),
        })
    }

    /// The next one; `None` behind the last. An empty line is none, but where somebody types it. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<Result<Written, ReadError>> {
        match self {
            Self::Known(messages, taken) => {
                let next = messages.get(*taken)?.clone();
                *taken += 1;
                Some(Ok(next))
            }
            Self::Typed(coming) => coming.recv().await,
            Self::Values(coming, due) => {
                let read = coming.recv().await;
                let is_due = std::mem::replace(due, Due::None) == Due::One;
                read.or_else(|| is_due.then(|| Ok(empty())))
            }
            Self::Coming(coming) => loop {
                match coming.recv().await? {
                    Ok(written) if written.text.is_empty() => {}
                    read => return Some(read),
                }
            },
        }
    }

    /// All that are known come again.
    pub(super) fn rewind(&mut self) {
        if let Self::Known(_, taken) = self {
            *taken = 0;
        }
    }

    /// The last that was taken comes again, where it is known.
    pub(super) fn step_back(&mut self) {
        if let Self::Known(_, taken) = self {
            *taken = taken.saturating_sub(1);
        }
    }
}

/// Whether the messages that are known are messages of a method.
pub(super) fn check(input: &Input, method: &Method, limit: Option<usize>) -> Result<(), BadMessage> {
    known(input, Due::None).iter().try_for_each(|written| written.encode(method.request(), limit).map(|_| ()))
}

/// The messages that were given with a command, as messages of a method: one at least, where it takes one.
pub(in crate::commands) fn encoded(
    input: &Input,
    method: &Method,
    limit: Option<usize>,
) -> Result<Vec<Bytes>, BadMessage> {
    let due = if method.kind().sends_stream() { Due::None } else { Due::One };
    known(input, due).iter().map(|written| written.encode(method.request(), limit)).collect()
}

/// The messages that were given with the command.
fn known(input: &Input, due: Due) -> Vec<Written> {
    let written = match input {
        Input::Names(names) => arguments(names),
        Input::Json(json) => json_values(json),
        Input::JsonOfStdin | Input::Lines => return Vec::new(),
    };
    if written.is_empty() && due == Due::One { vec![empty()] } else { written }
}

/// A message in which nothing is set.
fn empty() -> Written {
    Written { text: "{}".to_owned(), place: Place::Json { line: 1, column: 1 } }
}

fn arguments(names: &[String]) -> Vec<Written> {
    let of = names.len();
    let written = |(at, text): (usize, &String)| Written {
        text: text.clone(),
        place: Place::Argument { number: at + 1, of },
    };
    names.iter().enumerate().map(written).collect()
}

fn json_values(json: &str) -> Vec<Written> {
    let written = |value: values::Value| Written {
        // The text is cut at ASCII characters alone.
        text: String::from_utf8_lossy(&value.text).into_owned(),
        place: Place::Json { line: value.line, column: value.column },
    };
    values::split(json).into_iter().map(written).collect()
}
