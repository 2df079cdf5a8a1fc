//! A screen as SVG: every run of text at its column, whatever font shows it; lines and signs as
//! shapes, so that they join.

use std::{collections::BTreeMap, fmt::Write};

use greeter::{
    text,
    tui::view::{Background, Depth},
};
use ratatui::{
    buffer::{Buffer, Cell},
    layout::Position,
    style::{Color, Modifier},
};

/// What a picture is drawn on.
pub(crate) struct Paper {
    /// Which of the program's themes goes with it.
    pub(crate) background: Background,
    /// How many of its colours.
    pub(crate) depth: Depth,
    ground: &'static str,
    edge: &'static str,
    ink: &'static str,
    cursor: &'static str,
}

/// A dark terminal.
pub(crate) const DARK: Paper = Paper {
    background: Background::Dark,
    depth: Depth::True,
    ground: "#121418",
    edge: "#2b2f38",
    ink: "#d4d6dd",
    cursor: "#ffffff",
};

/// A light terminal.
pub(crate) const LIGHT: Paper = Paper {
    background: Background::Light,
    depth: Depth::True,
    ground: "#fafaf7",
    edge: "#d9dade",
    ink: "#30333b",
    cursor: "#101218",
};

/// A cell, in pixels; the width is what monospace fonts have at this size.
const WIDTH: f32 = 9.6;
const HEIGHT: f32 = 20.0;
const FONT: f32 = 16.0;
/// From a row's top to its letters' feet, and to the middle of its lines and signs.
const BASELINE: f32 = 15.0;
const MIDDLE: f32 = 10.0;
const PADDING: f32 = 16.0;
const FONTS: &str = "ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";

/// Draws a screen. `title` says in words what it shows.
pub(crate) fn draw(buffer: &Buffer, cursor: Option<Position>, paper: &Paper, title: &str) -> String {
    let mut drawing = Drawing { buffer, paper, body: String::new(), classes: BTreeMap::new() };
    drawing.backgrounds();
    drawing.lines();
    drawing.texts();
    if let Some(at) = cursor {
        let (x, y) = (left(at.x) - 0.5, top(at.y) + 1.5);
        drawing.put(&format!("<rect x='{x:.1}' y='{y:.1}' width='2' height='17' fill='{}'/>", paper.cursor));
    }
    drawing.finish(title)
}

struct Drawing<'a> {
    buffer: &'a Buffer,
    paper: &'a Paper,
    body: String,
    /// Colour and weight, and the class that stands for them.
    classes: BTreeMap<(String, bool), String>,
}

impl Drawing<'_> {
    fn put(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }

    fn cell(&self, x: u16, y: u16) -> &Cell {
        &self.buffer[(x, y)]
    }

    fn ink(&self, cell: &Cell) -> String {
        colour(cell.fg).unwrap_or_else(|| self.paper.ink.to_owned())
    }

    fn backgrounds(&mut self) {
        let (columns, rows) = (self.buffer.area.width, self.buffer.area.height);
        for y in 0..rows {
            for (from, to, fill) in runs(columns, |x| colour(self.cell(x, y).bg)) {
                let (x, y, width) = (left(from), top(y), f32::from(to - from) * WIDTH);
                self.put(&format!(
                    "<rect x='{x:.1}' y='{y:.0}' width='{width:.1}' height='{HEIGHT}' fill='{fill}'/>"
                ));
            }
        }
    }

    /// Borders and rules, one path for each colour.
    fn lines(&mut self) {
        let (columns, rows) = (self.buffer.area.width, self.buffer.area.height);
        let mut paths: BTreeMap<String, String> = BTreeMap::new();
        let is = |x, y, sign| self.cell(x, y).symbol() == sign;
        for y in 0..rows {
            let at = |x| is(x, y, "─").then(|| self.ink(self.cell(x, y)));
            for (from, to, ink) in runs(columns, at) {
                let path = paths.entry(ink).or_default();
                let _ = write!(path, "M{:.1} {:.0}H{:.1}", left(from), top(y) + MIDDLE, left(to));
            }
            for x in 0..columns {
                let corner = self.cell(x, y);
                if let Some(curve) = corner_path(corner.symbol(), left(x), top(y)) {
                    paths.entry(self.ink(corner)).or_default().push_str(&curve);
                }
            }
        }
        for x in 0..columns {
            let at = |y| is(x, y, "│").then(|| self.ink(self.cell(x, y)));
            for (from, to, ink) in runs(rows, at) {
                let path = paths.entry(ink).or_default();
                let _ = write!(path, "M{:.1} {:.0}V{:.0}", left(x) + WIDTH / 2.0, top(from), top(to));
            }
        }
        for (ink, path) in paths {
            self.put(&format!("<path class='l' stroke='{ink}' d='{path}'/>"));
        }
    }

    fn texts(&mut self) {
        for y in 0..self.buffer.area.height {
            let mut x = 0;
            while x < self.buffer.area.width {
                x += self.word_or_sign(x, y);
            }
        }
    }

    /// Draws what begins at a cell, and says how many columns it takes.
    fn word_or_sign(&mut self, x: u16, y: u16) -> u16 {
        let cell = self.cell(x, y).clone();
        let symbol = cell.symbol();
        if symbol == " " || matches!(symbol, "─" | "│" | "╭" | "╮" | "╯" | "╰") {
            return 1;
        }
        let class = self.class(&cell);
        if let Some(shape) = sign(symbol, left(x), top(y)) {
            self.put(&format!("<path class='{class}' d='{shape}'/>"));
            return 1;
        }
        let foot = top(y) + BASELINE;
        if !is_latin(symbol) {
            // Its own font may have other widths: it stands in the middle of its columns.
            let columns = (text::width(symbol) as u16).max(1);
            let middle = left(x) + f32::from(columns) * WIDTH / 2.0;
            let symbol = escaped(symbol);
            self.put(&format!("<text class='{class} m' x='{middle:.1}' y='{foot:.0}'>{symbol}</text>"));
            return columns;
        }
        let run = self.run(x, y, &cell);
        let columns = run.chars().count() as u16;
        let (from, length) = (left(x), f32::from(columns) * WIDTH);
        let words = escaped(&run);
        self.put(&format!(
            "<text class='{class}' x='{from:.1}' y='{foot:.0}' textLength='{length:.1}'>{words}</text>"
        ));
        columns
    }

    /// The text of one style that begins at a cell and has no gap wider than a space.
    fn run(&self, x: u16, y: u16, first: &Cell) -> String {
        let mut run = String::new();
        for x in x..self.buffer.area.width {
            let cell = self.cell(x, y);
            let same = (cell.fg, cell.modifier) == (first.fg, first.modifier);
            let gap = cell.symbol() == " " && run.ends_with(' ');
            if gap || !is_latin(cell.symbol()) || (!same && cell.symbol() != " ") {
                break;
            }
            run.push_str(cell.symbol());
        }
        run.trim_end().to_owned()
    }

    fn class(&mut self, cell: &Cell) -> String {
        let style = (self.ink(cell), cell.modifier.contains(Modifier::BOLD));
        let next = char::from(b'A' + self.classes.len() as u8).to_string();
        self.classes.entry(style).or_insert(next).clone()
    }

    fn finish(self, title: &str) -> String {
        let (columns, rows) = (self.buffer.area.width, self.buffer.area.height);
        let width = f32::from(columns) * WIDTH + 2.0 * PADDING;
        let height = f32::from(rows) * HEIGHT + 2.0 * PADDING;
        let Paper { ground, edge, .. } = self.paper;
        let mut svg = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' width='{width:.0}' height='{height:.0}' \
             viewBox='0 0 {width:.0} {height:.0}' role='img' xml:space='preserve'>\n\
             <title>{}</title>\n<style>\n\
             text{{font:{FONT}px {FONTS}}}\n.m{{text-anchor:middle}}\n\
             .l{{fill:none;stroke-width:1.2}}\n",
            escaped(title)
        );
        for ((ink, bold), class) in &self.classes {
            let weight = if *bold { ";font-weight:bold" } else { "" };
            let _ = writeln!(svg, ".{class}{{fill:{ink}{weight}}}");
        }
        let (width, height) = (width.round() - 1.0, height.round() - 1.0);
        let _ = writeln!(
            svg,
            "</style>\n<rect x='.5' y='.5' width='{width}' height='{height}' rx='10' fill='{ground}' stroke='{edge}'/>"
        );
        svg.push_str(&self.body);
        svg.push_str("</svg>\n");
        svg
    }
}

fn left(x: u16) -> f32 {
    PADDING + f32::from(x) * WIDTH
}

fn top(y: u16) -> f32 {
    PADDING + f32::from(y) * HEIGHT
}

/// Stretches of the same something: where they begin, where they end, and what it is.
fn runs<T: PartialEq>(length: u16, at: impl Fn(u16) -> Option<T>) -> Vec<(u16, u16, T)> {
    let mut runs: Vec<(u16, u16, T)> = Vec::new();
    for here in 0..length {
        let Some(what) = at(here) else { continue };
        match runs.last_mut() {
            Some((_, end, last)) if *end == here && *last == what => *end += 1,
            _ => runs.push((here, here + 1, what)),
        }
    }
    runs
}

fn colour(colour: Color) -> Option<String> {
    match colour {
        Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        _ => None,
    }
}

/// A rounded corner in a cell, from the middle of one side to the middle of the other.
fn corner_path(symbol: &str, x: f32, y: f32) -> Option<String> {
    let (middle, centre, half) = (x + WIDTH / 2.0, y + MIDDLE, WIDTH / 2.0);
    let (across, down) = match symbol {
        "╭" => (1.0, 1.0),
        "╮" => (-1.0, 1.0),
        "╯" => (-1.0, -1.0),
        "╰" => (1.0, -1.0),
        _ => return None,
    };
    let (side, end) = (middle + across * half, centre + down * HEIGHT / 2.0);
    let bend = centre + down * half;
    Some(format!("M{middle:.1} {end:.0}V{bend:.1}Q{middle:.1} {centre:.0} {side:.1} {centre:.0}"))
}

/// Signs that fonts draw in all sizes.
fn sign(symbol: &str, x: f32, y: f32) -> Option<String> {
    let (middle, centre) = (x + WIDTH / 2.0, y + MIDDLE);
    let circle = |radius: f32, sweep: u8| {
        let (from, width) = (middle - radius, 2.0 * radius);
        format!(
            "M{from:.1} {centre:.0}a{radius} {radius} 0 1 {sweep} {width} 0a{radius} {radius} 0 1 {sweep} -{width} 0z"
        )
    };
    let triangle = |point: f32| {
        let (back, tip) = (middle - point * 3.0, middle + point * 3.6);
        format!("M{back:.1} {:.1}L{tip:.1} {centre:.0}L{back:.1} {:.1}z", centre - 3.6, centre + 3.6)
    };
    match symbol {
        "●" => Some(circle(4.0, 1)),
        "○" => Some(circle(4.0, 1) + &circle(2.8, 0)),
        "■" => Some(format!("M{:.1} {:.0}h8v8h-8z", middle - 4.0, centre - 4.0)),
        "▸" => Some(triangle(1.0)),
        "◂" => Some(triangle(-1.0)),
        _ => None,
    }
}

/// What every monospace font has, one column wide.
fn is_latin(symbol: &str) -> bool {
    symbol.chars().all(|c| (' '..='~').contains(&c) || ('\u{a1}'..='\u{ff}').contains(&c))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
