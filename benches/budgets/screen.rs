//! What one sees: the first frame, a key's echo, and how much is written for it.

use std::{thread, time::Duration};

use portable_pty::CommandBuilder;
use vt100::Screen;

use crate::{
    Length,
    figure::{Budget, Figure, Measured, Trouble, Unit, median, ms, quantile, spread},
    flooder::{Flood, Flooder},
    peers::{ENDLESS, Peer},
    terminal::{GUARD, Size, Terminal},
};

const SMALL: Size = (80, 24);
const ROOMY: Size = (120, 36);

const ENTER: &str = "\r";
const ESC: &str = "\x1b";
const F2: &str = "\x1bOQ";
const ZOOM: &str = "\x0f";
const CLEAR_THE_LINE: &str = "\x15";
/// Presses of `+` on F2 from 5 replies to 10 000 000, and of `[` from 300 ms to none.
const TO_TEN_MILLION: usize = 13;
const TO_NO_PAUSE: usize = 7;

/// From the start of the program to the first frame on which the embedded server is ready.
pub(crate) fn first_frame(length: Length) -> Measured {
    let (mut frames, mut nothing) = (Vec::new(), Vec::new());
    for _ in 0..length.pick(41, 5) {
        let terminal = Terminal::greeter(SMALL, &[])?;
        frames.push(ms(terminal.wait_for("● ready")? - terminal.born));
        let mut terminal = Terminal::run(SMALL, CommandBuilder::new("true"))?;
        nothing.push(ms(terminal.wait_end()? - terminal.born));
    }
    let beside = format!(
        "p90 {:.1} ms; `true` takes {:.2} ms; {}",
        quantile(&frames, 0.9),
        median(&nothing),
        spread(&frames)
    );
    let budget = Budget::AtMost(25.0);
    Ok(vec![
        Figure::new("start to first frame, ready", median(&frames), Unit::Milliseconds, budget)
            .beside(beside),
    ])
}

/// From a key to its letter on the screen.
pub(crate) fn key_to_echo(length: Length) -> Measured {
    let flood = Peer::flood()?;
    let idle = Terminal::greeter(ROOMY, &[])?;
    idle.wait_for("● ready")?;
    Ok(vec![
        echoes("idle", idle, 5.0, length)?,
        echoes("embedded server, one pane full speed", embedded_flood()?, 16.0, length)?,
        echoes("other server, one pane full speed", flooded(ROOMY, &flood, &[2])?, 16.0, length)?,
        echoes("other server, four panes full speed", flooded(ROOMY, &flood, &[1, 2, 3, 4])?, 16.0, length)?,
    ])
}

/// What a hostile peer does, and the words for it.
const HOSTILE: &[(Flood, &str)] = &[
    (Flood::SmallFrames, "small replies"),
    (Flood::EmptyFrames, "DATA without a byte"),
    (Flood::Resets, "RST_STREAM"),
    (Flood::Headers, "HEADERS"),
    (Flood::Continuations, "CONTINUATION"),
    (Flood::GoAways, "GOAWAY"),
    (Flood::Pings, "PING"),
    (Flood::Settings, "SETTINGS"),
    (Flood::Silence, "nothing at all"),
];

/// The same while a peer floods the connection with frames of one kind, or says nothing.
pub(crate) fn hostile(length: Length) -> Measured {
    let measure = |(flood, words): &(Flood, &str)| {
        let peer = Flooder::start(*flood);
        let mut terminal = called(ROOMY, &peer.address.to_string(), &[2])?;
        focus(&mut terminal, ROOMY, 3)?;
        if *flood != Flood::Silence {
            peer.wait_for_frames(1);
        }
        echoes(&format!("a peer that sends {words}"), terminal, 16.0, length)
    };
    HOSTILE.iter().map(measure).collect()
}

/// What a server may send that is much at once.
const HEAVY: &[(&str, &str)] = &[
    ("replies of 4 MiB at full speed", "flood of 4194304"),
    ("replies of 64 MiB at full speed", "flood of 67108864"),
    ("10 000 pieces of metadata, and a flood", "flood under 10000"),
];
/// Calls at once.
const MANY: usize = 1_000;

/// The same while much comes at once: large replies, much metadata, many calls; in another pane, and zoomed.
pub(crate) fn heavy(length: Length) -> Measured {
    let flood = Peer::flood()?;
    let mut figures = Vec::new();
    for (words, line) in HEAVY {
        let mut terminal = said(ROOMY, &flood.address, &[2], line)?;
        focus(&mut terminal, ROOMY, 3)?;
        figures.push(echoes(words, terminal, 16.0, length)?);
        let mut terminal = said(ROOMY, &flood.address, &[2], line)?;
        terminal.wait_for("1 live")?;
        zoom(&mut terminal)?;
        figures.push(echoes(&format!("{words}, zoomed"), terminal, 16.0, length)?);
    }
    let mut terminal = many(&flood)?;
    focus(&mut terminal, ROOMY, 3)?;
    figures.push(echoes("1 000 calls at full speed", terminal, 16.0, length)?);
    let mut terminal = many(&flood)?;
    zoom(&mut terminal)?;
    figures.push(echoes("1 000 calls at full speed, zoomed", terminal, 16.0, length)?);
    Ok(figures)
}

/// The program with very many floods in one pane.
fn many(flood: &Peer) -> Result<Terminal, Trouble> {
    let mut terminal = Terminal::connected(ROOMY, &flood.address)?;
    focus(&mut terminal, ROOMY, 2)?;
    terminal.keys(&format!("{ENDLESS}{ENTER}").repeat(MANY))?;
    terminal.wait(&format!("{MANY} live"), 3 * GUARD, |screen| {
        screen.contents().contains(&format!("{MANY} live"))
    })?;
    Ok(terminal)
}

fn zoom(terminal: &mut Terminal) -> Result<(), Trouble> {
    terminal.keys(ZOOM)?;
    terminal.wait("the zoomed pane", GUARD, |screen| !screen.contents().contains(" 3 Client stream"))?;
    Ok(())
}

/// The p99 of a key to its echo, beside that of a bare peer, `cat`, whose keys are typed in turn.
fn echoes(when: &str, mut terminal: Terminal, budget: f64, length: Length) -> Result<Figure, Trouble> {
    let (rounds, keys) = length.pick((3, 200), (1, 40));
    let mut cat = CommandBuilder::new("sh");
    cat.args(["-c", "stty raw -echo; printf 'ready\\033[?2026l'; exec cat"]);
    let mut cat = Terminal::run(SMALL, cat)?;
    cat.wait_for("ready")?;
    let (mut p50, mut p99) = ([vec![], vec![]], [vec![], vec![]]);
    for _ in 0..rounds {
        for (who, times) in echo_times(&mut terminal, &mut cat, keys)?.iter().enumerate() {
            p50[who].push(quantile(times, 0.5));
            p99[who].push(quantile(times, 0.99));
        }
    }
    let (what, budget) = (format!("key to echo, p99: {when}"), Budget::AtMost(budget));
    let beside = format!(
        "p50 {:.2} ms; `cat` p50 {:.2}, p99 {:.2} ms; {keys} keys; p99 {}",
        median(&p50[0]),
        median(&p50[1]),
        median(&p99[1]),
        spread(&p99[0])
    );
    Ok(Figure::new(what, median(&p99[0]), Unit::Milliseconds, budget).beside(beside))
}

/// Types so many letters into the focused line, one after the other, out of step with the frames, and into
/// `cat` between them. The times of both.
fn echo_times(terminal: &mut Terminal, cat: &mut Terminal, keys: usize) -> Result<[Vec<f64>; 2], Trouble> {
    const LINE: usize = 20;
    let mut times = [vec![], vec![]];
    let mut start = terminal.see(Screen::cursor_position);
    for key in 0..keys {
        let at = (key % LINE) as u16;
        if at == 0 {
            terminal.keys(CLEAR_THE_LINE)?;
            // The cursor goes home; before the first letter it is there.
            terminal.wait("an empty line", GUARD, |screen| key == 0 || screen.cursor_position() == start)?;
            start = terminal.see(Screen::cursor_position);
        }
        let letter = char::from(b'a' + (key % 26) as u8).to_string();
        let pause = Duration::from_micros(15_000 + (key as u64 * 7_919) % 30_000);
        thread::sleep(pause);
        times[1].push(ms(cat.echo(&letter, &letter)?));
        thread::sleep(pause);
        // The frame behind which the cursor stands behind the letter.
        let (row, column) = (start.0, start.1 + at);
        let frame = format!("\x1b[?25h\x1b[{};{}H\x1b[?2026l", row + 1, column + 2);
        times[0].push(ms(terminal.echo(&letter, &frame)?));
        if !terminal.see(|screen| screen.cell(row, column).is_some_and(|cell| cell.contents() == letter)) {
            return Err(format!("{letter:?} is not where the cursor was").into());
        }
    }
    terminal.keys(CLEAR_THE_LINE)?;
    terminal.wait("an empty line", GUARD, |screen| screen.cursor_position() == start)?;
    Ok(times)
}

/// The program with its own server at full speed, in the server stream's pane.
fn embedded_flood() -> Result<Terminal, Trouble> {
    let mut terminal = Terminal::greeter(ROOMY, &[])?;
    terminal.wait_for("● ready")?;
    terminal.keys(F2)?;
    terminal.wait_for("F2 Server and connection")?;
    terminal.keys(&("+".repeat(TO_TEN_MILLION) + &"[".repeat(TO_NO_PAUSE)))?;
    terminal.wait_for(" 0 ms")?;
    terminal.keys(ESC)?;
    terminal.wait("the panes", GUARD, |screen| !screen.contents().contains("F2 Server and connection"))?;
    let home = focus(&mut terminal, ROOMY, 2)?;
    // As fast as one by one, and longer: each gives ten million replies.
    for _ in 0..12 {
        call(&mut terminal, home, ENDLESS)?;
    }
    terminal.wait_for("12 live")?;
    focus(&mut terminal, ROOMY, 3)?;
    Ok(terminal)
}

/// The program on a server that floods these panes.
fn flooded(size: Size, flood: &Peer, panes: &[u16]) -> Result<Terminal, Trouble> {
    let terminal = called(size, &flood.address, panes)?;
    terminal.wait_for(&format!("{} live", panes.len()))?;
    Ok(terminal)
}

/// The program on a server, with a call in each of these panes.
fn called(size: Size, address: &str, panes: &[u16]) -> Result<Terminal, Trouble> {
    said(size, address, panes, ENDLESS)
}

/// The same, with a line of one's own.
fn said(size: Size, address: &str, panes: &[u16], line: &str) -> Result<Terminal, Trouble> {
    let mut terminal = Terminal::connected(size, address)?;
    for pane in panes {
        let home = focus(&mut terminal, size, *pane)?;
        call(&mut terminal, home, line)?;
    }
    Ok(terminal)
}

/// Focuses one of the four panes; says where the cursor stands then.
fn focus(terminal: &mut Terminal, (columns, rows): Size, pane: u16) -> Result<(u16, u16), Trouble> {
    terminal.keys(&format!("{ESC}{pane}"))?;
    let (below, right) = (pane > 2, pane.is_multiple_of(2));
    terminal.wait(&format!("pane {pane}"), GUARD, |screen| {
        let (row, column) = screen.cursor_position();
        (row > rows / 2, column > columns / 2) == (below, right)
    })?;
    Ok(terminal.see(Screen::cursor_position))
}

/// Begins a call; the line is empty again afterwards.
fn call(terminal: &mut Terminal, home: (u16, u16), line: &str) -> Result<(), Trouble> {
    terminal.keys(line)?;
    terminal.wait("the line", GUARD, |screen| screen.cursor_position().1 == home.1 + line.len() as u16)?;
    terminal.keys(ENTER)?;
    terminal.wait("the line taken", GUARD, |screen| screen.cursor_position() == home)?;
    Ok(())
}

/// What is written to the terminal a second while all panes are flooded.
pub(crate) fn written(length: Length) -> Measured {
    let flood = Peer::flood()?;
    let time = Duration::from_secs(length.pick(5, 1));
    let mut figures = Vec::new();
    for (name, size) in [("80x24", SMALL), ("120x36", ROOMY)] {
        let terminal = flooded(size, &flood, &[1, 2, 3, 4])?;
        let mut rates = Vec::new();
        let mut frames = Vec::new();
        for _ in 0..length.pick(3, 1) {
            let before = terminal.written();
            thread::sleep(time);
            let after = terminal.written();
            rates.push((after.0 - before.0) as f64 / time.as_secs_f64() / 1e3);
            frames.push((after.1 - before.1) as f64 / time.as_secs_f64());
        }
        if median(&rates) == 0.0 {
            return Err("nothing is written under a flood".into());
        }
        let what = format!("written under a flood in four panes: {name}");
        let beside = format!("{:.0} frames a second; {}", median(&frames), spread(&rates));
        let unit = Unit::KilobytesASecond;
        figures.push(Figure::new(what, median(&rates), unit, Budget::None).beside(beside));
    }
    Ok(figures)
}
