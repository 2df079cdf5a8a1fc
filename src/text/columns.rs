//! How many terminal columns a text takes, and how it is cut to fit.
//!
//! Counted by grapheme cluster, exactly as ratatui draws it (`Buffer::set_stringn` and its
//! `CellWidth`): a cluster with a control character is not drawn, and a halfwidth sound mark gets one
//! column more than `unicode-width` says. A test holds the two together.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

const ELLIPSIS: char = '…';

/// The columns that `text` takes on a terminal.
pub fn width(text: &str) -> usize {
    if is_plain(text) { text.len() } else { text.graphemes(true).map(cluster_width).sum() }
}

/// `text`, or as much of its beginning as fits into `columns` with a `…` behind it.
///
/// Never wider than `columns`, and never cut inside a grapheme cluster. Costs what fits, not what is
/// given.
pub fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    if is_plain(text.get(..=columns).unwrap_or(text)) && text.len() <= columns {
        return Cow::Borrowed(text);
    }
    let (mut taken, mut keep) = (0, 0);
    for (at, cluster) in text.grapheme_indices(true) {
        taken += cluster_width(cluster);
        if taken > columns {
            return Cow::Owned(with_ellipsis(&text[..keep], columns));
        }
        // The cut leaves a column for the ellipsis.
        if taken < columns {
            keep = at + cluster.len();
        }
    }
    Cow::Borrowed(text)
}

/// `text`, or as much of its end as fits into `columns` with a `…` before it.
pub fn end_of(text: &str, columns: usize) -> Cow<'_, str> {
    let (mut taken, mut keep) = (0, text.len());
    for (at, cluster) in text.grapheme_indices(true).rev() {
        taken += cluster_width(cluster);
        if taken > columns {
            let sign = if columns > 0 { "…" } else { "" };
            return Cow::Owned(format!("{sign}{}", &text[keep..]));
        }
        // The cut leaves a column for the ellipsis.
        if taken < columns {
            keep = at;
        }
    }
    Cow::Borrowed(text)
}

fn with_ellipsis(kept: &str, columns: usize) -> String {
    let mut text = kept.to_owned();
    if columns > 0 {
        text.push(ELLIPSIS);
    }
    text
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn cluster_width(cluster: &str) -> usize {
    if cluster.chars().any(char::is_control) {
        return 0;
    }
    let sound_marks = cluster.chars().filter(|c| matches!(c, '\u{FF9E}' | '\u{FF9F}')).count();
    cluster.width() + sound_marks
}

/// The text in lines of at most so many columns, broken between words where that is possible. At
/// least one line, and one cluster a line where nothing fits.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let gap = usize::from(used > 0);
        if used > 0 && used + gap + width(word) > columns {
            lines.push(String::new());
            used = 0;
        }
        for (nth, cluster) in word.graphemes(true).enumerate() {
            let gap = usize::from(nth == 0 && used > 0);
            if used > 0 && used + gap + width(cluster) > columns {
                lines.push(String::new());
                used = 0;
            }
            let Some(line) = lines.last_mut() else { break };
            if nth == 0 && used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(cluster);
            used += width(cluster);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::marks::tests::hostile;

    #[test]
    fn the_end_of_a_text_is_what_fits_behind_an_ellipsis() {
        assert_eq!(end_of("shop.v1.Cart", 12), "shop.v1.Cart");
        assert_eq!(end_of("shop.v1.Cart", 6), "….Cart");
        assert_eq!(end_of("世界 世界", 4), "…界");
        assert_eq!([end_of("ab", 1), end_of("ab", 0)], ["…", ""]);
    }

    #[test]
    fn cjk_and_emoji_take_two_columns_and_combining_marks_none() {
        assert_eq!(width("World"), 5);
        assert_eq!(width("世界"), 4);
        assert_eq!(width("👩‍👩‍👧‍👦"), 2);
        assert_eq!(width("🇩🇪"), 2);
        assert_eq!(width("e\u{301}"), 1);
        assert_eq!(width(""), 0);
    }

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        assert_eq!(fit("Hello, World!", 13), "Hello, World!");
        assert_eq!(fit("Hello, World!", 12), "Hello, Worl…");
        assert_eq!(fit("Hello", 1), "…");
        assert_eq!(fit("Hello", 0), "");
        assert_eq!(fit("", 0), "");
    }

    #[test]
    fn a_wide_cluster_is_never_cut_in_half() {
        assert_eq!(fit("世界", 4), "世界");
        assert_eq!(fit("世界", 3), "世…");
        assert_eq!(fit("世界", 2), "…");
        assert_eq!(fit("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 3), "👩‍👩‍👧‍👦…");
    }

    proptest! {
        #[test]
        fn a_fitted_text_fits_and_keeps_a_whole_beginning(text in hostile(), columns in 0_usize..40) {
            let text = crate::text::safe(&text).into_owned();
            let fitted = fit(&text, columns);
            prop_assert!(width(&fitted) <= columns);
            if width(&text) <= columns {
                prop_assert_eq!(fitted.as_ref(), &text);
            } else {
                prop_assert!(text.starts_with(fitted.trim_end_matches('…')));
                prop_assert_eq!(fitted.ends_with('…'), columns > 0);
            }
        }

        #[test]
        fn no_more_is_cut_than_must_be(text in "[a-z世界]{0,40}", columns in 1_usize..40) {
            let fitted = fit(&text, columns);
            if width(&text) > columns {
                prop_assert!(width(&fitted) + 1 >= columns);
            }
        }
    }

    #[test]
    fn lines_are_broken_between_words_and_long_words_anywhere() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("a 世界世界", 5), ["a", "世界", "世界"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("ab", 0).concat(), "ab");
    }
}
