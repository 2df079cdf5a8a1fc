//! What a restless user does.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use greeter::{schema::Kind, tui::model::Model};

use crate::{Failure, chance::Chance, screen::Screen};

/// How long a typed address may take to be read.
const READING: Duration = Duration::from_secs(5);
const NONE: KeyModifiers = KeyModifiers::NONE;
const NAMES: [&str; 6] = ["World", "Ada", "世界", "🙂", "{\"name\": \"x\"}", "a somewhat longer name"];

/// Does something by chance.
pub(crate) fn something(screen: &mut Screen, chance: &mut Chance, address: &str) -> Result<(), Failure> {
    match chance.below(100) {
        0..30 => greet(screen, chance),
        30..45 => stream(screen, chance),
        45..60 => cancel(screen, chance),
        60..70 => scroll(screen, chance),
        70..80 => resize(screen, chance),
        80..86 => paste(screen, chance),
        86..90 => {
            home(screen, address)?;
            screen.ctrl('g');
        }
        90..98 => monkey(screen, chance),
        _ => large(screen, chance),
    }
    home(screen, address)
}

/// One request: a unary call, or a stream of replies.
fn greet(screen: &mut Screen, chance: &mut Chance) {
    screen.pane(chance.one(&['1', '1', '1', '2']));
    for _ in 0..=chance.below(8) {
        screen.line(chance.one(&NAMES));
    }
}

/// Requests on a stream, which is ended, cancelled or left open.
fn stream(screen: &mut Screen, chance: &mut Chance) {
    screen.pane(chance.one(&['3', '4']));
    for _ in 0..=chance.below(20) {
        screen.line(chance.one(&NAMES));
    }
    match chance.below(4) {
        0 | 1 => screen.ctrl('d'),
        2 => screen.ctrl('c'),
        _ => screen.ctrl('n'),
    }
}

/// Cancels what lives in a pane: floods do not end by themselves.
fn cancel(screen: &mut Screen, chance: &mut Chance) {
    screen.pane(chance.one(&['1', '2', '2', '2', '3', '4']));
    cancel_focused(screen);
}

/// Cancels what lives in all panes.
pub(crate) fn cancel_all(screen: &mut Screen) {
    for pane in ['1', '2', '3', '4'] {
        screen.pane(pane);
        cancel_focused(screen);
    }
}

fn cancel_focused(screen: &mut Screen) {
    for _ in 0..screen.model().focused().live() {
        screen.ctrl('c');
    }
}

fn scroll(screen: &mut Screen, chance: &mut Chance) {
    screen.pane(chance.one(&['1', '2', '3', '4']));
    let keys = [KeyCode::PageUp, KeyCode::PageDown, KeyCode::End, KeyCode::Esc, KeyCode::Up, KeyCode::Down];
    for _ in 0..=chance.below(10) {
        screen.key(chance.one(&keys), NONE);
    }
}

fn resize(screen: &mut Screen, chance: &mut Chance) {
    let size = match chance.below(4) {
        0 => (chance.below(220) as u16, chance.below(70) as u16),
        1 => chance.one(&[(0, 0), (1, 1), (20, 5), (40, 12)]),
        _ => chance.one(&[(80, 24), (120, 36), (200, 60), (72, 20)]),
    };
    screen.event(Event::Resize(size.0, size.1));
}

/// Many lines, sent one by one, put into the line, or dropped.
fn paste(screen: &mut Screen, chance: &mut Chance) {
    screen.pane(chance.one(&['1', '3', '4']));
    let lines: Vec<&str> = (0..2 + chance.below(200)).map(|_| chance.one(&NAMES)).collect();
    screen.event(Event::Paste(lines.join("\n")));
    screen.key(chance.one(&[KeyCode::Enter, KeyCode::Enter, KeyCode::Char('i'), KeyCode::Esc]), NONE);
}

/// A request of up to some hundred kilobytes, which comes back in the greeting.
fn large(screen: &mut Screen, chance: &mut Chance) {
    screen.pane('1');
    screen.event(Event::Paste("x".repeat(1 << (10 + chance.below(9)))));
    screen.key(KeyCode::Enter, NONE);
    screen.key(KeyCode::Enter, NONE);
}

/// Keys that nobody thought about.
fn monkey(screen: &mut Screen, chance: &mut Chance) {
    const KEYS: [KeyCode; 19] = [
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::F(1),
        KeyCode::F(2),
        KeyCode::F(3),
        KeyCode::F(4),
        KeyCode::Char('/'),
    ];
    for _ in 0..chance.below(40) {
        let (column, row) = (chance.below(200) as u16, chance.below(60) as u16);
        let letter = char::from(b' ' + chance.below(95) as u8);
        match chance.below(10) {
            0..4 => screen.key(chance.one(&KEYS), NONE),
            4..7 => screen.key(KeyCode::Char(letter), NONE),
            7 => screen.ctrl(letter.to_ascii_lowercase()),
            8 => {
                let kinds = [
                    MouseEventKind::Down(MouseButton::Left),
                    MouseEventKind::ScrollUp,
                    MouseEventKind::ScrollDown,
                ];
                let kind = chance.one(&kinds);
                screen.event(Event::Mouse(MouseEvent { kind, column, row, modifiers: NONE }));
            }
            _ => screen.pane(chance.one(&['1', '2', '3', '4'])),
        }
    }
}

/// From wherever it went, back to the panes, an empty line, and the server of the soak.
pub(crate) fn home(screen: &mut Screen, address: &str) -> Result<(), Failure> {
    let is_home = |model: &Model| model.panel.is_none() && model.focused().choice.is_none();
    for _ in 0..10 {
        if is_home(screen.model()) {
            break;
        }
        screen.key(KeyCode::Esc, NONE);
    }
    screen.key(KeyCode::End, NONE);
    screen.ctrl('u');
    if screen.model().pane(Kind::Bidi).method.is_none() {
        // The other contract has no such method, and four panes are to be busy.
        screen.key(KeyCode::F(2), NONE);
        screen.typed("g");
        screen.key(KeyCode::Esc, NONE);
    }
    while screen.model().link.address != address {
        connect(screen, address)?;
    }
    Ok(())
}

/// Empties the line of the focused pane, of which there may be rows above the cursor and below it.
pub(crate) fn empty_line(screen: &mut Screen) {
    while !screen.model().focused().line.is_empty() {
        screen.key(KeyCode::End, NONE);
        screen.ctrl('u');
        screen.key(KeyCode::Backspace, NONE);
        screen.ctrl('k');
        screen.key(KeyCode::Delete, NONE);
    }
}

/// Types an address, and stays with it until it was read. A server that just started may be quicker, and is gone to.
fn connect(screen: &mut Screen, address: &str) -> Result<(), Failure> {
    let before = screen.model().link.id;
    screen.key(KeyCode::F(2), NONE);
    screen.typed("c");
    screen.ctrl('u');
    screen.line(address);
    let typed = Instant::now();
    while screen.model().link.id == before {
        if typed.elapsed() > READING {
            return Err(format!("{address} was not read: {:?}", screen.model().notice).into());
        }
        screen.wait(Duration::from_millis(1))?;
    }
    screen.key(KeyCode::Esc, NONE);
    screen.key(KeyCode::Esc, NONE);
    Ok(())
}
