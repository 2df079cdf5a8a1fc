//! Keys as they are in the table, and their names on the screen.

use std::fmt;

use crossterm::event::{KeyCode, KeyModifiers};

/// A key with its modifiers, and what is pressed before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// The key that is pressed before this one; most have none.
    pub after: Option<Prefix>,
    /// The key.
    pub code: KeyCode,
    /// What is held with it. Shift is part of a character.
    pub modifiers: KeyModifiers,
}

/// A key that does nothing by itself: the next one decides what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Prefix {
    /// readline's.
    CtrlX,
}

impl Prefix {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::CtrlX];

    /// The key itself.
    pub const fn key(self) -> Key {
        match self {
            Self::CtrlX => ctrl('x'),
        }
    }
}

impl Key {
    /// The same key after another.
    #[must_use]
    pub const fn after(self, prefix: Prefix) -> Self {
        Self { after: Some(prefix), ..self }
    }

    /// The key without what is pressed before it.
    #[must_use]
    pub const fn alone(self) -> Self {
        Self { after: None, ..self }
    }
}

pub(super) const fn with(modifiers: KeyModifiers, code: KeyCode) -> Key {
    Key { after: None, code, modifiers }
}

pub(super) const fn key(code: KeyCode) -> Key {
    with(KeyModifiers::NONE, code)
}

pub(super) const fn letter(c: char) -> Key {
    key(KeyCode::Char(c))
}

pub(super) const fn ctrl(c: char) -> Key {
    with(KeyModifiers::CONTROL, KeyCode::Char(c))
}

pub(super) const fn alt(c: char) -> Key {
    with(KeyModifiers::ALT, KeyCode::Char(c))
}

/// `Ctrl-D`, `Alt-1`, `F1`, `PageUp`, `/`, `Ctrl-X Ctrl-E`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(prefix) = self.after {
            write!(f, "{} ", prefix.key())?;
        }
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            f.write_str("Ctrl-")?;
        }
        if self.modifiers.contains(KeyModifiers::ALT) {
            f.write_str("Alt-")?;
        }
        match self.code {
            KeyCode::Char(c) if self.modifiers.is_empty() => write!(f, "{c}"),
            KeyCode::Char(c) => write!(f, "{}", c.to_ascii_uppercase()),
            KeyCode::F(n) => write!(f, "F{n}"),
            KeyCode::BackTab => f.write_str("Shift-Tab"),
            KeyCode::PageUp => f.write_str("PageUp"),
            KeyCode::PageDown => f.write_str("PageDown"),
            KeyCode::Esc => f.write_str("Esc"),
            other => write!(f, "{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_as_the_screen_names_them() {
        assert_eq!(ctrl('d').to_string(), "Ctrl-D");
        assert_eq!(alt('1').to_string(), "Alt-1");
        assert_eq!(key(KeyCode::F(1)).to_string(), "F1");
        assert_eq!(key(KeyCode::BackTab).to_string(), "Shift-Tab");
        assert_eq!(letter('/').to_string(), "/");
        assert_eq!(ctrl('e').after(Prefix::CtrlX).to_string(), "Ctrl-X Ctrl-E");
    }
}
