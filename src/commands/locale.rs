//! What the environment says of the terminal: its signs and its colours.

use std::env;

use crate::tui::{
    terminal::Screen,
    view::{Depth, Signs},
};

/// The columns of a terminal that does not tell.
const COLUMNS: u16 = 80;

/// The signs that can be drawn, where the user does not wish for ASCII.
pub(super) fn signs(wants_ascii: bool) -> Signs {
    if wants_ascii || !has_signs() { Signs::Ascii } else { Signs::Unicode }
}

/// How many colours there are.
pub(super) fn depth() -> Depth {
    let var = |name: &str| env::var(name).unwrap_or_default();
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    depth_of(no_color, &var("COLORTERM"), &var("TERM"))
}

/// Whether the locale has more than ASCII. Where none is named at all, as in most containers, nothing is known, and
/// terminals speak UTF-8.
pub(super) fn has_signs() -> bool {
    let var = |name: &str| env::var(name).unwrap_or_default();
    let locale = [var("LC_ALL"), var("LC_CTYPE"), var("LANG")].into_iter().find(|locale| !locale.is_empty());
    speaks_utf8(locale.as_deref())
}

/// Whether the terminal knows no sequences.
pub(super) fn is_dumb() -> bool {
    env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb")
}

/// How many columns it has.
pub(super) fn columns() -> u16 {
    Screen::size().map_or(COLUMNS, |(columns, _)| columns)
}

fn speaks_utf8(locale: Option<&str>) -> bool {
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

fn depth_of(no_color: bool, color_term: &str, term: &str) -> Depth {
    if no_color || term == "dumb" {
        Depth::None
    } else if matches!(color_term, "truecolor" | "24bit") || term.ends_with("-direct") {
        Depth::True
    } else if term.contains("256color") {
        Depth::Indexed
    } else {
        Depth::Sixteen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_how_many_colours_there_are() {
        assert_eq!(depth_of(true, "truecolor", "xterm-256color"), Depth::None);
        assert_eq!(depth_of(false, "truecolor", "xterm"), Depth::True);
        assert_eq!(depth_of(false, "", "screen-256color"), Depth::Indexed);
        assert_eq!(depth_of(false, "", "linux"), Depth::Sixteen);
        assert_eq!(depth_of(false, "", "dumb"), Depth::None);
    }

    #[test]
    fn a_locale_without_utf_8_has_ascii_alone() {
        assert!(speaks_utf8(Some("de_DE.UTF-8")) && speaks_utf8(Some("C.utf8")) && speaks_utf8(None));
        assert!(
            !speaks_utf8(Some("C")) && !speaks_utf8(Some("POSIX")) && !speaks_utf8(Some("de_DE.ISO-8859-1"))
        );
    }
}
