//! A message as it was written, and where: what is wrong with it is said with its place.

use std::fmt;

use bytes::Bytes;

use crate::{
    schema::{LineError, MessageType},
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
