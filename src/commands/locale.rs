//! What the environment says of the terminal's signs.

use std::env;

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

fn speaks_utf8(locale: Option<&str>) -> bool {
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_without_utf_8_has_ascii_alone() {
        assert!(speaks_utf8(Some("de_DE.UTF-8")) && speaks_utf8(Some("C.utf8")) && speaks_utf8(None));
        assert!(
            !speaks_utf8(Some("C")) && !speaks_utf8(Some("POSIX")) && !speaks_utf8(Some("de_DE.ISO-8859-1"))
        );
    }
}
