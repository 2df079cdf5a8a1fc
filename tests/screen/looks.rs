//! Pictures of the screen at the sizes that people have.

use std::time::Duration;

use greeter::{
    rpc::{Cause, Code, Origin, Status},
    tui::view::{Background, Depth, Signs, Theme},
};

use crate::stage::Stage;

/// The session of the design's picture: every pane with calls, ended, failed and live.
fn session(width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(width, height);
    stage.keys("World Enter");
    stage.started(1);
    stage.received(1, 410, "Hello, World!");
    stage.ok(1, 410);
    stage.keys("Alt-2 World Enter");
    stage.started(2);
    for (n, at) in [420, 301_000, 601_000, 902_000, 1_200_000].into_iter().enumerate() {
        stage.received(2, at, &format!("Hello, World! Number {}", n + 1));
    }
    stage.ok(2, 1_200_000);
    stage.keys("Alt-1 世界 Enter");
    stage.started(3);
    stage.received(3, 360, "Hello, 世界!");
    stage.ok(3, 360);
    stage.keys("Alt-3 Alice Enter");
    stage.started(4);
    for (name, at) in [("Alice", 0), ("Bob", 4_100_000), ("Charlie", 9_000_000)] {
        stage.sent(4, at, name);
    }
    stage.end_of_stream(4, 12_400_000);
    stage.received(4, 12_400_000, "Hello, Alice, Bob, Charlie!");
    stage.ok(4, 12_400_000);
    stage.keys("Alt-4 Dave Enter");
    stage.started(5);
    stage.sent(5, 0, "Dave");
    stage.received(5, 510, "Hello, Dave!");
    stage.sent(5, 3_200_000, "Eve");
    stage.received(5, 3_200_400, "Hello, Eve!");
    stage.sent(5, 3_410_000, "👩‍👩‍👧");
    stage.received(5, 3_410_300, "Hello, 👩‍👩‍👧!");
    stage.keys("Alt-1 Mallory Enter");
    stage.started(6);
    stage.failed(6, 520, Code::NotFound, "no such person", Origin::Trailers);
    stage.wait(3_400);
    stage.keys("Alt-2 Zoe Enter");
    stage.started(7);
    for (n, at) in [340, 300_000, 602_000].into_iter().enumerate() {
        stage.received(7, at, &format!("Hello, Zoe! Number {}", n + 1));
    }
    stage.keys("Alt-3 Zoe Enter");
    stage.started(8);
    stage.sent(8, 0, "Zoe");
    stage.keys("Alt-4 Frank");
    stage.wait(700);
    stage
}

fn flood(width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(width, height);
    stage.keys("Alt-2");
    for name in ["World"; 38] {
        stage.keys(name);
        stage.keys("Enter");
    }
    stage.keys("Ada Enter");
    for call in 1..=39 {
        stage.started(call);
    }
    stage.flood(39, 1, 20_000);
    stage.wait(1_000);
    stage.flood(39, 20_001, 41_203);
    stage.keys("Bo");
    stage
}

#[test]
fn a_session_at_80x24() {
    insta::assert_snapshot!(session(80, 24).picture());
}

#[test]
fn a_session_at_120x40() {
    insta::assert_snapshot!(session(120, 40).picture());
}

#[test]
fn a_session_at_200x60() {
    insta::assert_snapshot!(session(200, 60).picture());
}

#[test]
fn a_session_at_60x20_is_an_accordion() {
    insta::assert_snapshot!(session(60, 20).picture());
}

#[test]
fn a_session_at_40x12() {
    insta::assert_snapshot!(session(40, 12).picture());
}

#[test]
fn a_session_at_20x5_still_says_what_it_is() {
    insta::assert_snapshot!(session(20, 5).picture());
}

#[test]
fn empty_panes_teach() {
    insta::assert_snapshot!(Stage::new(120, 36).picture());
}

#[test]
fn empty_panes_teach_at_80x24() {
    insta::assert_snapshot!(Stage::new(80, 24).picture());
}

#[test]
fn a_flood_is_folded_and_the_rest_is_counted() {
    insta::assert_snapshot!(flood(120, 36).picture());
}

#[test]
fn the_zoomed_pane_tells_the_details() {
    let mut stage = session(120, 36);
    stage.headers(5, &[("content-type", "application/grpc"), ("x-peer", "python"), ("set-cookie", "secret")]);
    stage.keys("Ctrl-O");
    insta::assert_snapshot!(stage.picture());
}

#[test]
fn the_other_contract_has_no_bidi() {
    let mut stage = Stage::new(80, 24);
    stage.keys("F2 g Esc");
    insta::assert_snapshot!(stage.picture());
}

#[test]
fn the_server_panel() {
    let mut stage = session(120, 36);
    stage.keys("F2");
    insta::assert_snapshot!(stage.picture());
}

#[test]
fn the_server_panel_on_a_lost_server_at_80x24() {
    let mut stage = Stage::remote(80, 24);
    stage.lost("connection refused");
    stage.keys("F2 c");
    insta::assert_snapshot!(stage.picture());
}

#[test]
fn the_palette() {
    let mut stage = session(120, 36);
    stage.keys("Ctrl-U / end");
    insta::assert_snapshot!(stage.picture());
}

#[test]
fn the_help_at_80x24() {
    let mut stage = Stage::new(80, 24);
    stage.keys("F1");
    insta::assert_snapshot!(stage.picture());
}

#[test]
fn on_a_small_screen_the_help_breaks_its_rows_and_cuts_no_word() {
    let mut stage = Stage::new(40, 12);
    stage.keys("F1");
    let mut seen = String::new();
    for _ in 0..400 {
        seen += &stage.picture();
        stage.keys("Down");
    }
    assert!(seen.contains("Start a call; in a") && seen.contains("stream, send a"), "{seen}");
    assert!(
        !seen.contains('…')
            || seen.matches('…').count()
                == seen.matches("Alt-1 …").count() + seen.matches("→ … waiting").count(),
        "{seen}"
    );
    assert!(seen.contains("‹202E›") && seen.contains("obeyed"), "{seen}");
    let last = stage.picture();
    assert!(
        last.contains("Esc Ctrl-C    Back") && last.contains("↑ 250 more"),
        "the last row is reached: {last}"
    );
}

#[test]
fn the_header_lets_go_of_a_whole_word_before_it_cuts_one() {
    let mut stage = Stage::new(110, 36);
    let header = stage.picture().lines().next().unwrap_or_default().to_owned();
    assert!(header.contains("│ helloworld.Greeter  ") && !header.contains('…'), "{header}");
    stage.send(greeter::tui::update::Msg::Resize(120, 36));
    assert!(stage.shows("helloworld.Greeter (built in)"), "{}", stage.picture());
}

#[test]
fn the_question_about_a_paste() {
    let mut stage = Stage::new(80, 24);
    stage.send(greeter::tui::update::Msg::Paste("Ada\nBo\nCy".to_owned()));
    insta::assert_snapshot!(stage.picture());
}

#[test]
fn failed_calls_say_where_the_status_came_from() {
    let mut stage = Stage::new(120, 30);
    stage.keys("a Enter b Enter c Enter d Enter");
    stage.failed(1, 500, Code::Unavailable, "", Origin::Http { status: 503 });
    stage.failed(2, 500, Code::Unimplemented, "unknown service", Origin::Trailers);
    stage.failed(3, 500, Code::Unavailable, "", Origin::ConnectionLost("the peer closed it".to_owned()));
    let deadline = Cause::DeadlineExceeded { after: Duration::from_millis(300), heard: None };
    stage.ended(4, 300_000, Status::here(Code::DeadlineExceeded, "", deadline));
    insta::assert_snapshot!(stage.picture());
}

#[test]
fn without_colour_the_focus_is_a_thick_border() {
    let stage = session(80, 24);
    let terminal = stage.draw(&Theme::new(Background::Dark, Depth::None));
    let picture = terminal.backend().to_string();
    assert!(picture.contains("┏━ 4 Bidi"), "{picture}");
    let cells = terminal.backend().buffer().content();
    let plain = ratatui::style::Color::Reset;
    assert!(cells.iter().all(|cell| cell.fg == plain && cell.bg == plain));
}

#[test]
fn themes_change_colours_and_no_word() {
    let stage = session(120, 36);
    for background in [Background::Dark, Background::Light] {
        for depth in [Depth::True, Depth::Indexed, Depth::Sixteen] {
            let terminal = stage.draw(&Theme::new(background, depth));
            let words: String =
                terminal.backend().buffer().content().iter().map(ratatui::buffer::Cell::symbol).collect();
            let plain = stage.draw(&Theme::new(Background::Dark, Depth::True));
            let same: String =
                plain.backend().buffer().content().iter().map(ratatui::buffer::Cell::symbol).collect();
            assert_eq!(words, same, "{background:?} {depth:?}");
        }
    }
}

#[test]
fn the_cursor_stands_in_the_line() {
    let mut stage = Stage::new(80, 24);
    stage.keys("世界 Left");
    let mut terminal = stage.draw(&Theme::new(Background::Dark, Depth::True));
    // The frame, a space, "name ▸ ", and one wide character.
    assert_eq!(terminal.get_cursor_position().unwrap().x, 2 + 7 + 2);
}

#[test]
fn a_chosen_message_in_the_zoomed_pane_is_taken_apart() {
    let mut stage = session(100, 30);
    stage.keys("Ctrl-O Esc Up Up");
    insta::assert_snapshot!(stage.picture());
}

#[test]
fn in_ascii_no_sign_of_the_screen_is_left() {
    let mut stage = session(200, 50);
    stage.keys("F2");
    let theme = Theme::new(Background::Dark, Depth::None).with_signs(Signs::Ascii);
    let terminal = stage.draw(&theme);
    let cells = terminal.backend().buffer().content();
    let left: Vec<&str> =
        cells.iter().map(ratatui::buffer::Cell::symbol).filter(|symbol| !symbol.is_ascii()).collect();
    assert!(left.iter().all(|symbol| ["世", "界", "👩‍👩‍👧"].contains(symbol)), "{left:?}");
}

#[test]
fn the_address_is_seen_while_it_is_typed_on_a_small_screen() {
    let mut stage = Stage::new(40, 12);
    stage.keys("F2 c localhost:50051");
    insta::assert_snapshot!(stage.picture());
}

#[test]
fn the_footer_ends_with_a_whole_word_at_any_width() {
    for width in 40..=160 {
        let picture = Stage::new(width, 30).picture();
        let footer = picture.lines().rfind(|line| line.contains("Ctrl-Q"));
        assert!(
            footer.is_some_and(|footer| footer.trim_end().ends_with("Ctrl-Q quit")),
            "{width}: {footer:?}"
        );
    }
}

#[test]
fn a_message_that_fits_without_its_time_is_shown_whole() {
    let mut stage = Stage::new(80, 24);
    stage.keys("Alt-2 World Enter");
    stage.started(1);
    stage.received(1, 302_000, "Hello, World! Number 8 586 911");
    stage.received(1, 302_000, "Hello, World! Number 8 586 912, and more than a row has room for");
    assert!(stage.shows("← Hello, World! Number 8 586 911 "), "{}", stage.picture());
    assert!(
        stage.row("8 …").contains("+302 ms"),
        "of what is cut anyway the time stays: {}",
        stage.picture()
    );
}

#[test]
fn a_flood_in_a_narrow_pane_keeps_its_name_and_its_time() {
    let mut stage = Stage::new(80, 24);
    stage.keys("Alt-2 World Enter");
    stage.started(1);
    for n in 0..20 {
        stage.wait(100);
        stage.flood(1, n * 1_000_000, (n + 1) * 1_000_000);
    }
    let row = stage.row("#1");
    assert!(
        row.contains("→ World") && row.contains("● 20M · ") && row.contains("2.0 s"),
        "{}",
        stage.picture()
    );
}
