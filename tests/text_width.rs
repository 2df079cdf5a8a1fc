//! The columns that `text` counts are the columns that ratatui draws: layout and screen must agree.

use greeter::text::{fit, safe, width};
use proptest::prelude::*;
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

fn drawn(text: &str) -> usize {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 1000, 1));
    usize::from(buffer.set_stringn(0, 0, text, 1000, Style::new()).0)
}

#[test]
fn known_texts_are_as_wide_as_they_are_drawn() {
    for text in ["World", "世界", "👩‍👩‍👧‍👦", "🇩🇪", "e\u{301}", "ｶﾞ", "ｶﾞ世", "لا", "a\u{7}b", "1️⃣", "नमस्ते", ""]
    {
        assert_eq!(width(text), drawn(text), "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_as_wide_as_it_is_drawn(text in "\\PC{0,60}") {
        prop_assert_eq!(width(&text), drawn(&text));
        let safe = safe(&text);
        prop_assert_eq!(width(&safe), drawn(&safe));
    }

    #[test]
    fn a_fitted_text_is_drawn_whole(text in "\\PC{0,60}", columns in 0_usize..60) {
        let text = safe(&text);
        let fitted = fit(&text, columns);
        prop_assert!(drawn(&fitted) <= columns);
    }
}
