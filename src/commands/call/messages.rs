//! The messages of a call: as they were written, and where.

use std::{
    fmt,
    io::{self, IsTerminal},
};

use bytes::Bytes;

use super::{
    stdin::{self, Coming, Cut, ReadError},
    values,
};
use crate::{
    cli::Input,
    schema::{LineError, MessageType, Method},
    text,
};

/// A message as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) place: Place,
}

/// Where a message was written; numbers are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// An argument, of so many.
    Argument { number: usize, of: usize },
    /// A line of stdin.
    Line(usize),
    /// A JSON value that begins at this line and column of what was given.
    Json { line: usize, column: usize },
}

/// Why what was written is no message of a type. One sentence, with its place.
#[derive(Debug)]
pub(in crate::commands) struct BadMessage {
    place: Place,
    fault: Fault,
}

/// What is wrong with it.
#[derive(Debug)]
enum Fault {
    /// It is no JSON at all, or too long.
    Writing(LineError),
    /// It does not fit this type. It may fit another.
    Fit(LineError),
    /// It is larger, in bytes, than the user wants messages to be.
    Size(usize, usize),
}

impl BadMessage {
    /// Whether it can be a message of no type.
    pub(super) fn is_hopeless(&self) -> bool {
        matches!(self.fault, Fault::Writing(_) | Fault::Size(..))
    }
}

impl Written {
    /// The message's bytes, of which there may be so many.
    pub(super) fn encode(&self, message: &MessageType, limit: Option<usize>) -> Result<Bytes, BadMessage> {
        let bad = |fault| BadMessage { place: self.place.clone(), fault };
        let encoded = match self.place {
            Place::Json { .. } => message.encode_json(&self.text),
            Place::Argument { .. } | Place::Line(_) => message.encode(&self.text),
        };
        let bytes = encoded.map_err(|error| {
            let is_json = || serde_json::from_str::<serde::de::IgnoredAny>(&self.text).is_ok();
            bad(match error {
                LineError::Json { .. } if is_json() => Fault::Fit(error),
                LineError::NotOneText { .. } => Fault::Fit(error),
                LineError::Json { .. } | LineError::TooLong { .. } => Fault::Writing(error),
            })
        })?;
        match limit {
            Some(limit) if bytes.len() > limit => Err(bad(Fault::Size(bytes.len(), limit))),
            _ => Ok(bytes),
        }
    }
}

impl fmt::Display for BadMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = match &self.fault {
            Fault::Writing(error) | Fault::Fit(error) => error,
            Fault::Size(size, limit) => {
                match &self.place {
                    Place::Argument { of: 1, .. } => f.write_str("the message")?,
                    Place::Argument { number, .. } => write!(f, "message {number}")?,
                    Place::Line(line) | Place::Json { line, .. } => write!(f, "the message of line {line}")?,
                }
                let (size, limit) = text::sizes_apart(*size as u64, *limit as u64);
                return write!(f, " is {size}, and --max-send-sz allows {limit}");
            }
        };
        match (&self.place, error) {
            (Place::Json { line, column }, error) => {
                write!(f, "{}", error.clone().beginning_at(*line, *column))
            }
            (Place::Line(line), error @ LineError::Json { .. }) => {
                write!(f, "{}", error.clone().beginning_at(*line, 1))?;
                match self.fault {
                    Fault::Writing(_) => {
                        f.write_str("; each line is a message, -d @ reads JSON over several")
                    }
                    Fault::Fit(_) | Fault::Size(..) => Ok(()),
                }
            }
            (Place::Line(line), error) => write!(f, "line {line} of stdin: {error}"),
            (Place::Argument { of: 1, .. }, error) => write!(f, "{error}"),
            (Place::Argument { number, .. }, error) => write!(f, "message {number}: {error}"),
        }
    }
}

impl std::error::Error for BadMessage {}

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
