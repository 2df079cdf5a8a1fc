//! What the screen is drawn with: signs in ASCII, few colours, and a background that nobody told of.

use greeter::tui::view::{Background, Depth, Ground, Look, Signs, Theme};
use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};

use crate::stage::Stage;

const ASCII: Look =
    Look { background: Ground::Known(Background::Dark), depth: Depth::True, signs: Signs::Ascii };

fn drawn(stage: &Stage, theme: &Theme) -> Buffer {
    stage.draw(theme).backend().buffer().clone()
}

fn rows(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width);
    buffer.content().chunks(width).map(|row| row.iter().map(Cell::symbol).collect()).collect()
}

/// The cells that spell a text, where it is first seen.
#[track_caller]
fn cells<'a>(buffer: &'a Buffer, text: &str) -> &'a [Cell] {
    let spelt = |cells: &&[Cell]| cells.iter().map(Cell::symbol).eq(text.split_inclusive(|_| true));
    let found = buffer.content().windows(text.chars().count()).find(spelt);
    found.unwrap_or_else(|| panic!("no {text:?} in\n{}", rows(buffer).join("\n")))
}

/// A call in each of two panes, and the keys in the last one.
fn session() -> Stage {
    let mut stage = Stage::new(120, 36);
    stage.keys("World Enter");
    stage.started(1);
    stage.received(1, 410, "Hello, World!");
    stage.ok(1, 410);
    stage.keys("Alt-4 Dave Enter");
    stage.started(2);
    stage.sent(2, 100, "Dave");
    stage
}

#[test]
fn in_ascii_what_people_type_and_servers_say_stays_as_it_is() {
    let theirs = "a→b✓c…·●";
    let mut stage = Stage::new(120, 36);
    stage.keys(theirs);
    stage.keys("Enter");
    stage.started(1);
    stage.received(1, 410, &format!("Hello, {theirs}!"));
    stage.ok(1, 410);
    stage.keys(theirs);
    let text = rows(&drawn(&stage, &Theme::of(ASCII))).join("\n");
    for own in ["#1 > a→b✓c…·●", "< Hello, a→b✓c…·●!", "name > a→b✓c…·●", "+ OK"] {
        assert!(text.contains(own), "{own:?} is not in\n{text}");
    }
    stage.keys("Ctrl-R");
    let text = rows(&drawn(&stage, &Theme::of(ASCII))).join("\n");
    assert!(text.contains("|  a→b✓c…·●"), "in the history:\n{text}");
}

#[test]
fn in_ascii_a_headers_value_and_a_long_message_stay_as_they_are() {
    let theirs = "a→b✓c●d";
    for (width, keys) in [(80, "Esc Ctrl-O"), (200, "Esc"), (200, "Esc Ctrl-O")] {
        let mut stage = Stage::new(width, 36);
        stage.keys("World Enter");
        stage.started(1);
        stage.headers(1, &[("x-theirs", theirs), ("set-cookie", "hush")]);
        stage.received(1, 410, &"Hello → you! ".repeat(12));
        stage.ok(1, 410);
        stage.keys(keys);
        let text = rows(&drawn(&stage, &Theme::of(ASCII))).join("\n");
        assert!(text.contains(theirs) && text.contains("****"), "{text}");
        assert!(!text.contains("Hello >") && !text.contains('·') && !text.contains('•'), "{text}");
    }
}

#[test]
fn in_ascii_the_marks_of_what_a_terminal_would_obey_are_ascii_too() {
    let mut stage = Stage::new(120, 36);
    stage.keys("World Enter");
    stage.started(1);
    stage.received(1, 410, "a\u{1b}b\u{202e}c");
    let text = rows(&drawn(&stage, &Theme::of(ASCII))).join("\n");
    assert!(text.contains("a?b<202E>c"), "{text}");
}

#[test]
fn in_ascii_keys_are_named_and_not_drawn() {
    let mut stage = Stage::new(120, 36);
    stage.keys("/");
    let text = rows(&drawn(&stage, &Theme::of(ASCII))).join("\n");
    assert!(text.contains("Up/Down choose") && !text.contains("^v"), "{text}");
}

#[test]
fn a_line_that_is_scrolled_says_so_at_its_left() {
    let mut stage = Stage::new(80, 24);
    let letters: String = ('a'..='z').cycle().take(60).collect();
    stage.keys(&letters);
    let line = stage.row("name ▸ …");
    assert!(line.contains("efgh"), "its end is seen: {line}");
    stage.keys("Ctrl-A");
    assert!(!stage.shows("name ▸ …") && stage.shows("name ▸ abc"), "{}", stage.picture());
}

#[test]
fn while_the_background_is_not_known_words_are_in_the_terminals_own_colour() {
    let mut stage = session();
    for depth in [Depth::True, Depth::Indexed, Depth::Sixteen] {
        let theme = Theme::of(Look { background: Ground::Ask, depth, signs: Signs::Unicode });
        let buffer = drawn(&stage, &theme);
        for words in ["greeter", "Hello, World!", "127.0.0.1:41237"] {
            for cell in cells(&buffer, words) {
                assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{words:?} {depth:?}");
            }
        }
    }
    stage.keys("Esc");
    let theme = Theme::of(Look { background: Ground::Ask, depth: Depth::True, signs: Signs::Unicode });
    let buffer = drawn(&stage, &theme);
    let chosen = buffer.content().iter().filter(|cell| cell.bg != Color::Reset);
    assert!(chosen.clone().count() > 0, "a row is chosen");
    assert!(
        chosen.clone().all(|cell| cell.fg == Color::from_u32(0xff_ff_ff)),
        "it has words that read on it"
    );
}

#[test]
fn without_colours_of_its_own_a_hint_does_not_look_like_typed_text() {
    let mut stage = Stage::new(120, 36);
    for background in [Background::Dark, Background::Light] {
        for depth in [Depth::Sixteen, Depth::None] {
            let buffer = drawn(&stage, &Theme::new(background, depth));
            let hint = cells(&buffer, "type a name")[0].modifier;
            assert!(hint.contains(Modifier::ITALIC), "{background:?} {depth:?}: {hint:?}");
        }
    }
    stage.keys("World");
    let buffer = drawn(&stage, &Theme::new(Background::Dark, Depth::Sixteen));
    assert!(!cells(&buffer, "World")[0].modifier.intersects(Modifier::ITALIC | Modifier::DIM));
}

#[test]
fn in_sixteen_colours_on_light_no_word_is_yellow_or_green() {
    let mut stage = session();
    stage.keys("Alt-3 Zoe Enter");
    stage.started(3);
    stage.keys("Alt-4");
    let buffer = drawn(&stage, &Theme::new(Background::Light, Depth::Sixteen));
    let pale = [Color::Yellow, Color::Green, Color::Cyan, Color::LightYellow, Color::LightGreen];
    let words = buffer.content().iter().filter(|cell| cell.symbol().starts_with(char::is_alphanumeric));
    for cell in words {
        assert!(!pale.contains(&cell.fg), "{cell:?}");
    }
    assert!(cells(&buffer, "Bidi").iter().all(|cell| cell.modifier.contains(Modifier::BOLD)));
    assert!(buffer.content().iter().any(|cell| cell.fg == Color::Green), "its border is");
}

#[test]
fn without_colour_the_titles_on_dim_borders_are_not_dim() {
    let stage = session();
    let buffer = drawn(&stage, &Theme::new(Background::Dark, Depth::None));
    for title in ["Unary", "Server stream", "Bidi"] {
        let cells = cells(&buffer, title);
        assert!(cells.iter().all(|cell| !cell.modifier.contains(Modifier::DIM)), "{title}");
    }
}
