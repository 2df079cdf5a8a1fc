//! Why writing ended early.

use crate::schema::protobuf::WireError;

/// Why writing ended early.
pub(super) enum Stop {
    /// The text or the work reached its bound.
    Full,
    /// What must be whole is too deep.
    TooDeep,
    /// JSON has no form for a value that must be whole.
    Formless,
    Broken(Fault),
}

/// What is wrong with the bytes. Its path grows from the inside out.
pub(super) struct Fault {
    path: Vec<(u32, String)>,
    cause: String,
}

impl Stop {
    pub(super) fn broken(cause: &impl ToString) -> Self {
        Self::Broken(Fault { path: Vec::new(), cause: cause.to_string() })
    }

    pub(super) fn inside(mut self, number: u32, name: &str) -> Self {
        if let Self::Broken(fault) = &mut self {
            fault.path.push((number, name.to_owned()));
        }
        self
    }
}

impl From<WireError> for Stop {
    fn from(error: WireError) -> Self {
        match error {
            WireError::OutOfSteps => Self::Full,
            error => Self::broken(&error),
        }
    }
}

/// `invalid UTF-8 at byte 9, field 3.1 (inner.name)`: the cause first, for a row that is cut.
impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.path.is_empty() {
            let numbers: Vec<String> = self.path.iter().rev().map(|(number, _)| number.to_string()).collect();
            let names: Vec<&str> = self.path.iter().rev().map(|(_, name)| name.as_str()).collect();
            return write!(f, "{}, field {} ({})", self.cause, numbers.join("."), names.join("."));
        }
        f.write_str(&self.cause)
    }
}
