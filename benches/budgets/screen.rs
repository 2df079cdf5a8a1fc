//! What one sees: the first frame, a key's echo, and how much is written for it.

use std::{thread, time::Duration};

use portable_pty::CommandBuilder;

use crate::{
    Length,
    figure::{Budget, Figure, Measured, Trouble, Unit, median, ms, quantile, spread},
    peers::{ENDLESS, Peer},
    terminal::{GUARD, Size, Terminal},
};

const SMALL: Size = (80, 24);
const ROOMY: Size = (120, 36);

const ENTER: &str = "\r";
const ESC: &str = "\x1b";
const F2: &str = "\x1bOQ";
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
    let mut figures = Vec::new();
    let idle = Terminal::greeter(ROOMY, &[])?;
    idle.wait_for("● ready")?;
    figures.extend(echoes("idle", idle, 5.0, length)?);
    figures.extend(echoes("embedded server, one pane full speed", embedded_flood()?, 16.0, length)?);
    let one = flooded(ROOMY, &flood, &[2])?;
    figures.extend(echoes("other server, one pane full speed", one, 16.0, length)?);
    let all = flooded(ROOMY, &flood, &[1, 2, 3, 4])?;
    figures.extend(echoes("other server, four panes full speed", all, 16.0, length)?);
    Ok(figures)
}

fn echoes(when: &str, mut terminal: Terminal, budget: f64, length: Length) -> Result<Vec<Figure>, Trouble> {
    let (rounds, keys) = length.pick((5, 300), (1, 40));
    let (mut p50, mut p99) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let times = echo_times(&mut terminal, keys)?;
        p50.push(quantile(&times, 0.5));
        p99.push(quantile(&times, 0.99));
    }
    let (what, budget) = (format!("key to echo, p99: {when}"), Budget::AtMost(budget));
    let beside = format!("p50 {:.2} ms; {keys} keys; p99 {}", median(&p50), spread(&p99));
    Ok(vec![Figure::new(what, median(&p99), Unit::Milliseconds, budget).beside(beside)])
}

/// Types so many letters into the focused line, one after the other, out of step with the frames.
fn echo_times(terminal: &mut Terminal, keys: usize) -> Result<Vec<f64>, Trouble> {
    const LINE: usize = 20;
    let mut times = Vec::new();
    let mut start = terminal.see(vt100::Screen::cursor_position);
    for key in 0..keys {
        let at = (key % LINE) as u16;
        if at == 0 {
            terminal.keys(CLEAR_THE_LINE)?;
            // The cursor goes home; before the first letter it is there.
            terminal.wait("an empty line", GUARD, |screen| key == 0 || screen.cursor_position() == start)?;
            start = terminal.see(vt100::Screen::cursor_position);
        }
        thread::sleep(Duration::from_micros(15_000 + (key as u64 * 7_919) % 30_000));
        let letter = char::from(b'a' + (key % 26) as u8);
        let pressed = std::time::Instant::now();
        terminal.keys(&letter.to_string())?;
        let shown = terminal.wait("a letter", GUARD, |screen| {
            let cell = screen.cell(start.0, start.1 + at);
            cell.is_some_and(|cell| cell.contents() == letter.to_string())
                && screen.cursor_position() == (start.0, start.1 + at + 1)
        })?;
        times.push(ms(shown.saturating_duration_since(pressed)));
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
        call(&mut terminal, home)?;
    }
    terminal.wait_for("12 live")?;
    focus(&mut terminal, ROOMY, 3)?;
    Ok(terminal)
}

/// The program on a server that floods these panes.
fn flooded(size: Size, flood: &Peer, panes: &[u16]) -> Result<Terminal, Trouble> {
    let mut terminal = Terminal::connected(size, &flood.address)?;
    for pane in panes {
        let home = focus(&mut terminal, size, *pane)?;
        call(&mut terminal, home)?;
    }
    terminal.wait_for(&format!("{} live", panes.len()))?;
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
    Ok(terminal.see(vt100::Screen::cursor_position))
}

/// Begins a call that has no end; the line is empty again afterwards.
fn call(terminal: &mut Terminal, home: (u16, u16)) -> Result<(), Trouble> {
    terminal.keys(ENDLESS)?;
    terminal.wait("the name", GUARD, |screen| screen.cursor_position().1 == home.1 + ENDLESS.len() as u16)?;
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
