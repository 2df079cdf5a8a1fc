//! Foreign text with everything that a terminal would obey, or that nobody would see, as a visible
//! mark.
//!
//! What becomes a mark: control characters (ECMA-48 sequences begin with one), bidirectional
//! controls (they show a text other than it is), line and paragraph separators, and what is
//! invisible: Unicode's `Default_Ignorable_Code_Point`, tags, fillers, noncharacters, private use.
//! Joiners and variation selectors stay where they make an emoji, and nowhere else. Combining marks
//! stay, as many as any script needs.

use std::{borrow::Cow, fmt};

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

use super::fit;

/// Text that may be shown on a terminal: without control characters, escape sequences, bidi controls
/// and line breaks. Can only be made here.
#[derive(Clone, Debug, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub struct Safe(String);

impl Safe {
    /// `foreign` with marks for what is not safe.
    pub fn new(foreign: &str) -> Self {
        Self(safe(foreign).into_owned())
    }

    /// `foreign`, cut behind `max_bytes` of it before anything else is done.
    ///
    /// For what a peer may make as long as it likes; costs `max_bytes`. The cut shows as a `…`.
    pub fn cut(foreign: &str, max_bytes: usize) -> Self {
        let end = foreign.floor_char_boundary(max_bytes);
        let mut text = safe(&foreign[..end]).into_owned();
        if end < foreign.len() {
            text.push('…');
        }
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As much of its beginning as fits into `columns`; see [`fit`].
    #[must_use]
    pub fn fit(&self, columns: usize) -> Self {
        Self(fit(&self.0, columns).into_owned())
    }
}

impl AsRef<str> for Safe {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// `foreign` with marks for what is not safe: `␊` and `␛` for C0 controls, `‹202E›` for others.
///
/// Safe text is returned as it is. The result is at most five times as long (and a dotted circle).
pub fn safe(foreign: &str) -> Cow<'_, str> {
    if foreign.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(foreign);
    }
    let mut writer = Writer::default();
    let mut chars = foreign.chars().peekable();
    while let Some(c) = chars.next() {
        writer.put(c, chars.peek().copied());
    }
    Cow::Owned(bound_clusters(writer.finish()))
}

/// Combining marks that may stand on one base; no script needs more.
const MAX_COMBINING: usize = 4;
/// A longer cluster is cut to [`KEPT_OF_CLUSTER`] characters: one screen cell holds a whole cluster.
const MAX_CLUSTER: usize = 32;
const KEPT_OF_CLUSTER: usize = 16;

const ZERO_WIDTH_JOINER: char = '\u{200D}';
const ENCLOSING_KEYCAP: char = '\u{20E3}';
const DOTTED_CIRCLE: char = '◌';

#[derive(Default)]
struct Writer {
    text: String,
    /// What combining marks, joiners and selectors would join.
    base: Option<char>,
    /// Combining marks that stand on it.
    combining: usize,
    /// Those that were too many.
    too_many: usize,
}

impl Writer {
    fn put(&mut self, c: char, next: Option<char>) {
        if is_combining(c) {
            return self.put_combining(c);
        }
        self.say_too_many();
        if self.joins_emoji(c, next) {
            self.text.push(c);
        } else if let Some(picture) = control_picture(c) {
            self.put_base(picture);
        } else if is_unsafe(c) {
            self.put_mark(&number(c));
        } else {
            if self.base.is_none() && extends_a_cluster(c) {
                self.put_base(DOTTED_CIRCLE);
            }
            self.put_base(c);
        }
    }

    fn put_base(&mut self, c: char) {
        self.text.push(c);
        self.base = Some(c);
        self.combining = 0;
    }

    fn put_combining(&mut self, c: char) {
        let last = self.text.chars().next_back().unwrap_or(DOTTED_CIRCLE);
        if !is_one_cluster(&[last, c]) {
            // A conjoining jamo without its syllable: it would take no column.
            self.say_too_many();
            return self.put_mark(&number(c));
        }
        if self.base.is_none() {
            self.put_base(DOTTED_CIRCLE);
        }
        if self.combining < MAX_COMBINING {
            self.text.push(c);
            self.combining += 1;
        } else {
            self.too_many += 1;
        }
    }

    fn put_mark(&mut self, what: &str) {
        self.text.push('‹');
        self.text.push_str(what);
        self.put_base('›');
    }

    fn say_too_many(&mut self) {
        if self.too_many > 0 {
            let mark = format!("+{}", self.too_many);
            self.too_many = 0;
            self.put_mark(&mark);
        }
    }

    /// Whether `c` holds an emoji sequence together (UTS #51, section 1.4).
    fn joins_emoji(&self, c: char, next: Option<char>) -> bool {
        let Some(base) = self.base else { return false };
        let last = self.text.chars().next_back();
        match c {
            ZERO_WIDTH_JOINER => {
                last != Some(ZERO_WIDTH_JOINER)
                    && (is_pictographic(base) || is_emoji_modifier(base))
                    && next.is_some_and(is_pictographic)
            }
            '\u{FE0E}' | '\u{FE0F}' if last == Some(base) => {
                is_pictographic(base)
                    || (matches!(base, '0'..='9' | '#' | '*') && next == Some(ENCLOSING_KEYCAP))
            }
            _ => false,
        }
    }

    fn finish(mut self) -> String {
        self.say_too_many();
        self.text
    }
}

/// Cuts what is still too long to be one character on a screen: runs of conjuncts, of joined emoji, of
/// conjoining jamo.
fn bound_clusters(text: String) -> String {
    let long = |cluster: &str| cluster.len() > MAX_CLUSTER && cluster.chars().count() > MAX_CLUSTER;
    if !text.graphemes(true).any(long) {
        return text;
    }
    let mut bounded = String::with_capacity(text.len());
    for cluster in text.graphemes(true) {
        if long(cluster) {
            let kept: String = cluster.chars().take(KEPT_OF_CLUSTER).collect();
            let kept = kept.trim_end_matches([ZERO_WIDTH_JOINER, '\u{FE0E}', '\u{FE0F}']);
            let more = cluster.chars().count() - kept.chars().count();
            bounded.push_str(kept);
            bounded.extend(["‹+", &more.to_string(), "›"]);
        } else {
            bounded.push_str(cluster);
        }
    }
    bounded
}

fn number(c: char) -> String {
    format!("{:04X}", u32::from(c))
}

/// C0 and DEL as Unicode's control pictures.
fn control_picture(c: char) -> Option<char> {
    match c {
        '\0'..='\x1F' => char::from_u32(0x2400 + u32::from(c)),
        '\x7F' => Some('␡'),
        _ => None,
    }
}

fn is_unsafe(c: char) -> bool {
    c.is_control() || is_separator(c) || is_ignorable(c) || has_no_meaning(c)
}

fn is_separator(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// `Default_Ignorable_Code_Point` (Unicode 16, DerivedCoreProperties.txt), and the other format
/// characters that show nothing of themselves.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Private use and noncharacters: what they look like is anybody's guess.
fn has_no_meaning(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}' | '\u{F0000}'..='\u{10FFFF}')
        || u32::from(c) & 0xFFFE == 0xFFFE
}

fn is_combining(c: char) -> bool {
    !c.is_ascii() && !is_unsafe(c) && c.width() == Some(0)
}

fn is_emoji_modifier(c: char) -> bool {
    matches!(c, '\u{1F3FB}'..='\u{1F3FF}')
}

/// `Extended_Pictographic`, asked of the segmentation's own table: only such a character is held to
/// another by a joiner (UAX #29, GB11).
fn is_pictographic(c: char) -> bool {
    !c.is_ascii() && is_one_cluster(&[c, ZERO_WIDTH_JOINER, '©'])
}

fn extends_a_cluster(c: char) -> bool {
    !c.is_ascii() && is_one_cluster(&['a', c])
}

fn is_one_cluster(chars: &[char]) -> bool {
    let text: String = chars.iter().collect();
    text.graphemes(true).nth(1).is_none()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    /// Text of all that is hard: controls, bidi, joiners, selectors, marks of every kind, any character.
    pub(in crate::text) fn hostile() -> impl Strategy<Value = String> {
        let hard = "\0\t\n\r\x1b\x7f\u{85}\u{9b}\u{9d}\u{ad}\u{61c}\u{200b}\u{200d}\u{200d}\u{200e}\u{202e}\
            \u{2066}\u{2028}\u{feff}\u{fe0f}\u{fe0f}\u{fe0e}\u{fe00}\u{e0041}\u{e0100}\u{fff9}\u{fffe}\u{e000}\
            \u{115f}\u{1100}\u{1160}\u{1161}\u{11a8}\u{300}\u{301}\u{20e3}\u{600}\u{600}\u{93f}\u{94d}\u{915}\
            \u{ff9e}\u{17d2}\u{1780}\u{a15}\u{1a17}\u{1a10}\u{5d0}\u{5dc}\u{644}\u{627}\u{16d67}\u{16d63}©👩👩🏽🏽🇩🇪❤#1a 世◌‹›…«";
        let hard: Vec<char> = hard.chars().collect();
        let one = prop_oneof![4 => select(hard), 1 => any::<char>()];
        let runs = (one, prop_oneof![9 => 1_usize..3, 1 => 1_usize..50]);
        vec(runs, 0..40).prop_map(|runs| runs.iter().flat_map(|(c, n)| std::iter::repeat_n(*c, *n)).collect())
    }

    #[test]
    fn plain_text_is_returned_as_it_is() {
        assert!(matches!(safe("Hello, World!"), Cow::Borrowed("Hello, World!")));
    }

    #[test]
    fn human_text_stays_as_it_is() {
        for text in [
            "Grüße, 世界! こんにちは",
            "e\u{301}",
            "नमस्ते",
            "สวัสดี",
            "שלום",
            "مرحبا",
            "👩‍👩‍👧‍👦 ❤️ 🇩🇪 👍🏽 1️⃣",
            "👩🏽‍🚀",
            "한국어",
            "\u{1112}\u{1161}\u{11ab}",
        ] {
            assert_eq!(safe(text), text);
        }
    }

    #[test]
    fn controls_become_their_pictures() {
        assert_eq!(safe("a\r\nb\tc\0\x7f"), "a␍␊b␉c␀␡");
        assert_eq!(safe("\x1b]0;title\x07"), "␛]0;title␇");
        assert_eq!(safe("\x1b]52;c;aGk=\x1b\\"), "␛]52;c;aGk=␛\\");
        assert_eq!(safe("\x1b[2J"), "␛[2J");
        assert_eq!(safe("\u{9b}2J"), "‹009B›2J");
    }

    #[test]
    fn what_would_turn_or_hide_text_becomes_its_number() {
        assert_eq!(safe("abc\u{202e}txt"), "abc‹202E›txt");
        assert_eq!(safe("\u{2066}x\u{2069}"), "‹2066›x‹2069›");
        assert_eq!(safe("a\u{2028}b"), "a‹2028›b");
        assert_eq!(safe("a\u{200b}\u{ad}\u{feff}"), "a‹200B›‹00AD›‹FEFF›");
        assert_eq!(safe("a\u{e0041}"), "a‹E0041›");
        assert_eq!(safe("\u{3164}"), "‹3164›");
    }

    #[test]
    fn joiners_and_selectors_outside_an_emoji_are_shown() {
        assert_eq!(safe("a\u{200d}b"), "a‹200D›b");
        assert_eq!(safe("👩\u{200d}"), "👩‹200D›");
        assert_eq!(safe("👩\u{200d}\u{200d}👩"), "👩‹200D›‹200D›👩");
        assert_eq!(safe("\u{fe0f}a\u{fe0f}"), "‹FE0F›a‹FE0F›");
        assert_eq!(safe("1\u{fe0f}"), "1‹FE0F›");
    }

    #[test]
    fn marks_that_stand_on_nothing_get_a_dotted_circle() {
        assert_eq!(safe("\u{301}a"), "◌\u{301}a");
        assert_eq!(safe("\u{93f}"), "◌\u{93f}");
    }

    #[test]
    fn a_tower_of_marks_is_cut_and_counted() {
        let tower = format!("a{}b", "\u{300}".repeat(100));
        assert_eq!(safe(&tower), "a\u{300}\u{300}\u{300}\u{300}‹+96›b");
    }

    #[test]
    fn an_endless_cluster_is_cut_and_counted() {
        let family = "👩\u{200d}".repeat(1000) + "👩";
        let shown = safe(&family);
        assert!(shown.ends_with("👩‹+1986›"), "{shown}");
    }

    #[test]
    fn a_cut_says_that_it_is_one() {
        assert_eq!(Safe::cut("世界", 4).as_str(), "世…");
        assert_eq!(Safe::cut("世界", 6).as_str(), "世界");
        assert_eq!(Safe::cut("abc", 0).as_str(), "…");
    }

    proptest! {
        #[test]
        fn nothing_that_a_terminal_obeys_is_left(text in hostile()) {
            for c in safe(&text).chars() {
                let joins = [ZERO_WIDTH_JOINER, '\u{FE0E}', '\u{FE0F}'].contains(&c);
                prop_assert!(joins || !is_unsafe(c), "{:?}", c);
            }
        }

        #[test]
        fn making_safe_text_safe_changes_nothing(text in hostile()) {
            let once = safe(&text).into_owned();
            prop_assert_eq!(safe(&once), once.as_str());
        }

        #[test]
        fn safe_text_is_not_much_longer(text in hostile()) {
            prop_assert!(safe(&text).len() <= 5 * text.len() + DOTTED_CIRCLE.len_utf8());
        }

        #[test]
        fn every_cell_is_small_and_seen(text in hostile()) {
            for cluster in safe(&text).graphemes(true) {
                prop_assert!(cluster.chars().count() <= MAX_CLUSTER);
                prop_assert!(crate::text::width(cluster) > 0, "{:?}", cluster);
            }
        }

        #[test]
        fn safe_text_never_joins_what_stands_before_it(text in hostile()) {
            prop_assume!(!text.is_empty());
            let joined = format!("a{}", safe(&text));
            prop_assert_eq!(joined.graphemes(true).next(), Some("a"));
        }
    }
}
