//! What came of the load, in words and in bars. Pure: the figures go in, lines come out.

use std::{fmt::Write as _, time::Duration};

use super::{
    histogram::{Row, rows},
    latencies::Latencies,
    load::{Plan, Tally},
};
use crate::{
    cli::{Bench, Until},
    commands::{
        output::status_line,
        paint::{Paint, Tone},
    },
    rpc::Status,
    schema::{Kind, Method},
    text::{Safe, count, elapsed, fit, rate, ticking, width, wrap},
    tui::view::Signs,
};

/// Rows are no wider, so that a figure stays near its bar.
const WIDEST: usize = 88;
const NARROWEST: usize = 36;
/// From here on a bar has its calls beside it, not only their part.
const WITH_CALLS: usize = 50;
/// Rows of a status's words.
const MAX_WORDS: usize = 4;
/// Columns of a bar's label, of its part of all calls, and of the quantiles that it holds.
const LABEL: usize = 17;
const PART: usize = 7;
const MARKS: usize = 18;
/// Columns of a quantile.
const CELL: usize = 18;
/// A bar says something from here on.
const SHORT_BAR: usize = 10;
/// From here on the client has little time of its own left, and may be what is slow.
const BUSY: f64 = 0.9;

/// What is measured, and how.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) target: String,
    /// The method's path: `/package.Service/Method`.
    pub(super) method: String,
    pub(super) plan: Plan,
    pub(super) connections: u32,
    pub(super) kind: Kind,
}

impl Setting {
    /// As it was asked for.
    pub(super) fn new(bench: &Bench, target: String, method: &Method) -> Self {
        Self {
            target,
            method: method.path().to_string(),
            plan: Plan { concurrency: bench.concurrency, until: bench.until, rate: bench.rate },
            connections: bench.connections,
            kind: method.kind(),
        }
    }
}

/// The quantiles that are told: how they are called, and their part.
pub(super) const QUANTILES: [(&str, &str, f64); 5] = [
    ("p50", "p50", 0.5),
    ("p90", "p90", 0.9),
    ("p95", "p95", 0.95),
    ("p99", "p99", 0.99),
    ("p99.9", "p999", 0.999),
];
/// Draws lines of a width.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    paint: Paint,
    columns: usize,
}

impl Page {
    /// For a terminal of so many columns.
    pub(super) fn new(paint: Paint, columns: u16) -> Self {
        // The last column stays free: some terminals wrap behind it.
        Self { paint, columns: usize::from(columns).saturating_sub(1).clamp(NARROWEST, WIDEST) }
    }

    /// What is measured.
    pub(super) fn head(&self, setting: &Setting) -> String {
        let Setting { target, method, plan, connections, .. } = setting;
        let dot = self.paint.dot();
        let method = Safe::new(method.trim_start_matches('/')).fit(self.columns).to_string();
        let target = Safe::new(target).fit(self.columns - width("on ")).to_string();
        let mut how = format!("{} at once", calls(plan.concurrency.into()));
        if *connections > 1 {
            let _ = write!(how, "{dot}{} connections", count((*connections).into()));
        }
        if let Some(rate) = plan.rate {
            let _ = write!(how, "{dot}{} a second", number(rate));
        }
        let _ = match plan.until {
            Until::Calls(all) => write!(how, "{dot}{}", calls(all)),
            Until::Time(time) => write!(how, "{dot}{}", elapsed(time)),
        };
        let is_one_row = width(&method) + width(" on ") + width(&target) <= self.columns;
        let between = if is_one_row { " " } else { "\n" };
        let method = self.paint.paint(Tone::Strong, &method);
        format!("{method}{between}on {target}\n{}\n", self.paint.paint(Tone::Dim, &how))
    }

    /// The call before the load, while it is not over.
    pub(super) fn waiting(&self, target: &str, time: Duration, columns: u16) -> String {
        let words =
            format!("one call first, to {}{}{}", Safe::new(target).as_str(), self.paint.dot(), ticking(time));
        self.row(&words, columns)
    }

    /// How it goes, in one row.
    pub(super) fn live(&self, setting: &Setting, tally: &Tally, time: Duration, columns: u16) -> String {
        let dot = self.paint.dot();
        let made = tally.calls();
        let (time_now, made_now) = (ticking(time), count(made));
        let mut row = match setting.plan.until {
            Until::Calls(all) => format!("{time_now}{dot}{made_now} of {}", calls(all)),
            Until::Time(all) => format!("{time_now} of {}{dot}{made_now} calls", elapsed(all)),
        };
        let _ = write!(row, "{dot}{}", rate(per_second(made, time)));
        if tally.latencies.total() > 0 {
            let _ = write!(row, "{dot}p99 {}", elapsed(tally.latencies.quantile(0.99)));
        }
        if tally.failed() > 0 {
            let _ = write!(row, "{dot}{} not OK", count(tally.failed()));
        }
        self.row(&row, columns)
    }

    /// A row on a terminal of so many columns, which may have changed.
    fn row(&self, words: &str, columns: u16) -> String {
        let sign = self.paint.paint(Tone::Good, self.paint.live());
        let room = usize::from(columns).min(WIDEST).saturating_sub(3);
        format!("{sign} {}", fit(words, room))
    }

    /// What came of it. `busy` is the part of the time in which this client had work.
    pub(super) fn end(&self, setting: &Setting, tally: &Tally, busy: f64) -> String {
        let mut page = String::from("\n");
        self.counts(setting, tally, &mut page);
        if let Some(range) = tally.latencies.range() {
            page.push('\n');
            self.quantiles(tally, *range.start(), *range.end(), &mut page);
            page.push('\n');
            self.bars(setting.kind, &tally.latencies, &mut page);
        }
        for remark in self.remarks(setting, tally, busy) {
            page.push('\n');
            for line in wrap(&remark, self.columns) {
                let _ = writeln!(page, "{}", self.paint.paint(Tone::Doubt, &line));
            }
        }
        page
    }

    fn counts(&self, setting: &Setting, tally: &Tally, page: &mut String) {
        let per_second = |n| rate(per_second(n, tally.took));
        let made = tally.calls();
        let mut rows = vec![("calls", count(made), per_second(made))];
        if setting.kind.receives_stream() {
            rows.push(("replies", count(tally.replies), per_second(tally.replies)));
        }
        let figures = rows.iter().map(|(_, figure, _)| width(figure)).max().unwrap_or_default();
        for (what, figure, rate) in rows {
            let _ = writeln!(page, "  {what:<9}{figure:>figures$}   {}", self.paint.paint(Tone::Dim, &rate));
        }
        for (status, calls) in tally.statuses.values() {
            page.push_str(&self.status(status, *calls, figures));
        }
    }

    /// `✗ 12  UNAVAILABLE (14) · …`: how many calls ended like this.
    fn status(&self, status: &Status, calls: u64, figures: usize) -> String {
        let (tone, sign) = match (status.is_ok(), self.paint.signs) {
            (true, Signs::Unicode) => (Tone::Good, "✓"),
            (true, Signs::Ascii) => (Tone::Good, "+"),
            (false, Signs::Unicode) => (Tone::Bad, "✗"),
            (false, Signs::Ascii) => (Tone::Bad, "x"),
        };
        let words = if status.is_ok() { "OK".to_owned() } else { self.paint.own(&status_line(status)) };
        let left = 2 + 9 + figures + 3;
        let words = Safe::cut(&words, 1_000);
        let lines = wrap(words.as_str(), self.columns.saturating_sub(left).max(8));
        let mut lines = lines.iter().take(MAX_WORDS).map(|line| self.paint.paint(tone, line));
        let sign = self.paint.paint(tone, sign);
        let first = lines.next().unwrap_or_default();
        let mut rows = format!("  {sign}{:8}{:>figures$}   {first}\n", "", count(calls));
        for line in lines {
            let _ = writeln!(rows, "{:left$}{line}", "");
        }
        rows
    }

    fn quantiles(&self, tally: &Tally, least: Duration, most: Duration, page: &mut String) {
        let latencies = &tally.latencies;
        let of_quantile = |(name, _, part): (&'static str, _, f64)| (name, latencies.quantile(part));
        let mut figures = vec![("min", least), ("mean", latencies.mean())];
        figures.extend(QUANTILES.map(of_quantile));
        figures.push(("max", most));
        // In columns, as many in a row as there is room for.
        let across = ((self.columns - 2) / CELL).clamp(1, 4);
        for row in figures.chunks(across) {
            let cells: Vec<String> = row
                .iter()
                .map(|(name, time)| {
                    let name = format!("{name:<6}");
                    format!("{}{:>8}", self.paint.paint(Tone::Dim, &name), elapsed(*time))
                })
                .collect();
            let _ = writeln!(page, "  {}", cells.join("    "));
        }
    }

    fn bars(&self, kind: Kind, latencies: &Latencies, page: &mut String) {
        let rows = rows(latencies);
        let most = rows.iter().map(|row| row.calls).max().unwrap_or_default().max(1);
        let has_calls = self.columns >= WITH_CALLS;
        let figure = |row: &Row| if has_calls { format!("  {}", count(row.calls)) } else { String::new() };
        let figures = rows.iter().map(|row| width(&figure(row))).max().unwrap_or_default();
        // Two blanks, the label, the bar, the calls, their part; and the marks, where there is room for them and a bar.
        let beside = 2 + LABEL + 2 + figures + 2 + PART;
        let has_marks = self.columns >= beside + SHORT_BAR + 2 + MARKS;
        let longest = self.columns.saturating_sub(beside + if has_marks { 2 + MARKS } else { 0 });
        for (nth, row) in rows.iter().enumerate() {
            let label = if nth == 0 { "up to" } else { "" };
            let marks = if has_marks { row.marks(latencies) } else { String::new() };
            let part = part_of(row.calls, latencies.total());
            let bar = self.bar(row.calls, most, longest);
            let blank = " ".repeat(longest - width(&bar).min(longest));
            let line = format!(
                "  {label:<5} {:>11}  {}{blank}{:>figures$}  {part:>5} %  {}",
                elapsed(row.up_to),
                self.paint.paint(Tone::Accent(kind), &bar),
                figure(row),
                self.paint.paint(Tone::Dim, &marks),
            );
            let _ = writeln!(page, "{}", line.trim_end());
        }
    }

    /// A bar, and at least a trace of one where there is anything.
    fn bar(&self, calls: u64, most: u64, longest: usize) -> String {
        const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
        let length = calls as f64 / most as f64 * longest as f64;
        if calls == 0 {
            return String::new();
        }
        match self.paint.signs {
            Signs::Ascii => "#".repeat((length.round() as usize).max(1)),
            Signs::Unicode => {
                let eighths = ((length * 8.0).round() as usize).max(1);
                "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
            }
        }
    }

    /// What one should know before one believes the figures.
    fn remarks(&self, setting: &Setting, tally: &Tally, busy: f64) -> Vec<String> {
        let mut remarks: Vec<String> = stopped(setting, tally).into_iter().collect();
        if tally.cut_off > 0 {
            let words = format!("{} under way at the end: cancelled, and not counted", calls(tally.cut_off));
            remarks.push(words);
        }
        if tally.not_begun > 0 {
            let (due, all) = (calls(tally.not_begun), count(setting.plan.concurrency.into()));
            remarks.push(format!("{due} due and never begun: all {all} callers (-c) were waiting"));
        }
        if tally.queued > 0 {
            let queued = calls(tally.queued);
            remarks.push(format!(
                "{queued} waited for a stream, the server allows no more at once: --connections"
            ));
        }
        if busy >= BUSY {
            let part = (busy * 100.0).round();
            let words = "it may be the limit, not the server";
            remarks
                .push(format!("this client was busy, or without a processor, {part} % of the time: {words}"));
        }
        remarks.iter().map(|remark| self.paint.own(remark)).collect()
    }
}

/// That the load ended before there was enough of it.
fn stopped(setting: &Setting, tally: &Tally) -> Option<String> {
    match setting.plan.until {
        Until::Time(time) if tally.took < time => {
            Some(format!("stopped after {} of {}", elapsed(tally.took), elapsed(time)))
        }
        Until::Calls(all) if tally.calls() < all => {
            Some(format!("stopped after {} of {}", count(tally.calls()), calls(all)))
        }
        Until::Time(_) | Until::Calls(_) => None,
    }
}

/// In percent. What is there is never nothing.
fn part_of(calls: u64, all: u64) -> String {
    let part = 100.0 * calls as f64 / all as f64;
    if calls > 0 && part < 0.05 { "<0.1".to_owned() } else { format!("{part:.1}") }
}

fn calls(n: u64) -> String {
    if n == 1 { "1 call".to_owned() } else { format!("{} calls", count(n)) }
}

/// `2 000`, `0.5`.
fn number(n: f64) -> String {
    if n.fract() == 0.0 && n < 1e15 { count(n as u64) } else { n.to_string() }
}

pub(super) fn per_second(n: u64, time: Duration) -> f64 {
    n as f64 / time.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tui::view::Depth;

    fn setting(rate: Option<f64>) -> Setting {
        let plan = Plan { concurrency: 50, until: Until::Time(Duration::from_secs(10)), rate };
        let (target, method) = ("127.0.0.1:50051".to_owned(), "/demo.Shop/Buy".to_owned());
        Setting { target, method, plan, connections: 1, kind: Kind::Unary }
    }

    fn page() -> Page {
        Page::new(Paint { depth: Depth::None, signs: Signs::Unicode }, 80)
    }

    #[test]
    fn what_puts_the_figures_in_doubt_is_told() {
        let took = Duration::from_secs(10);
        let tally = Tally { cut_off: 2, not_begun: 3, queued: 1, took, ..Tally::default() };
        assert_eq!(
            page().remarks(&setting(Some(2_000.0)), &tally, 0.97),
            [
                "2 calls under way at the end: cancelled, and not counted",
                "3 calls due and never begun: all 50 callers (-c) were waiting",
                "1 call waited for a stream, the server allows no more at once: --connections",
                "this client was busy, or without a processor, 97 % of the time: it may be the limit, not the server",
            ]
        );
        assert!(page().remarks(&setting(None), &Tally { took, ..Tally::default() }, 0.5).is_empty());
        let stopped = Tally { took: Duration::from_secs(1), ..Tally::default() };
        assert_eq!(page().remarks(&setting(None), &stopped, 0.5), ["stopped after 1.00 s of 10.0 s"]);
    }

    proptest! {
        #[test]
        fn every_call_stands_in_a_row_and_no_line_is_too_wide(
            nanos in prop::collection::vec(0..400_000_000_000_u64, 1..50),
            columns in 0..200_u16,
        ) {
            let latencies: Latencies = nanos.iter().map(|nanos| Duration::from_nanos(*nanos)).collect();
            let rows = rows(&latencies);
            prop_assert!(rows.len() <= 17);
            prop_assert_eq!(rows.iter().map(|row| row.calls).sum::<u64>(), nanos.len() as u64);
            let tally = Tally { latencies, took: Duration::from_secs(1), ..Tally::default() };
            let page = Page::new(Paint { depth: Depth::None, signs: Signs::Unicode }, columns);
            let widest = usize::from(columns).saturating_sub(1).clamp(NARROWEST, WIDEST);
            for line in page.end(&setting(None), &tally, 0.0).lines() {
                prop_assert!(width(line) <= widest, "{}: {line}", width(line));
            }
        }
    }
}
