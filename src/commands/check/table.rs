//! What was found, as a table on a terminal: a heading for each group, a row for each check, and beneath a row that
//! does not hold what was expected and what came.

use std::time::Duration;

use super::{
    face::End,
    paint::{Paint, Tone, tone},
    words::{Verdict, known, outcome, title, verdict},
};
use crate::{
    check::{CHECKS, Check, Finding, Group, Outcome, Subject, Tally},
    text::{Safe, elapsed, fit, ticking, width, wrap},
};

/// Rows are no wider, so that a time stays near its words.
const WIDEST: usize = 88;
const NARROWEST: usize = 24;
/// The words of a check.
const SAYS: usize = 34;
/// A time, to the right.
const TIME: usize = 8;
/// In front of the words: two blanks, the sign, a blank.
const SIGN: usize = 4;
/// What came is left out where it has less room.
const LEAST: usize = 12;
/// Lines of what was expected, and of what came.
const MAX_LINES: usize = 4;

/// Draws rows of a width.
#[derive(Debug)]
pub(super) struct Table {
    paint: Paint,
    columns: usize,
    group: Option<Group>,
}

impl Table {
    /// For a terminal of so many columns.
    pub(super) fn new(paint: Paint, columns: usize) -> Self {
        // The last column stays free: some terminals wrap behind it.
        let columns = columns.saturating_sub(1).clamp(NARROWEST, WIDEST);
        Self { paint, columns, group: None }
    }

    /// Which server is checked, and as what.
    pub(super) fn head(&self, target: &str, subject: &Subject) -> String {
        let paint = self.paint;
        let service = subject.contract.name();
        let left = paint.paint(Tone::Strong, &Safe::new(target).fit(self.columns).to_string());
        let dim = format!("{service} ({})", known(subject));
        let mut lines = format!("{left}{}{dim}\n", paint.dot());
        if let Some(other) = subject.others.first() {
            let hint = format!("it has {0}, too: --service {0} checks that", other.name());
            lines += &format!("{}\n", paint.paint(Tone::Dim, &hint));
        }
        lines
    }

    /// What stands above a check: the heading of its group, where it is the first.
    pub(super) fn above(&mut self, check: &Check, subject: &Subject) -> String {
        if self.group == Some(check.group) {
            return String::new();
        }
        self.group = Some(check.group);
        let title = title(check.group);
        let Group::Method(kind) = check.group else {
            return format!("\n{}\n", self.paint.paint(Tone::Strong, title));
        };
        let method = subject.contract.of_kind(kind).next().map_or("", |method| method.name());
        let method = self.paint.paint(Tone::Dim, &format!("{}{method}", self.paint.dot()));
        format!("\n{}{method}\n", self.paint.paint(Tone::Accent(kind), title))
    }

    /// A check that is being made, without a line's end.
    pub(super) fn live(&self, check: &Check, time: Duration) -> String {
        let place = CHECKS.iter().position(|one| one == check).unwrap_or_default();
        let progress = format!("{} of {}", place + 1, CHECKS.len());
        self.row(self.paint.live(), check.says, &progress, &ticking(time))
    }

    /// What came of a check, in one row or more.
    pub(super) fn finding(&self, finding: &Finding) -> String {
        let sign = self.paint.outcome(finding.outcome);
        let came = match finding.outcome {
            Outcome::Holds => Safe::new(&finding.came).to_string(),
            Outcome::Fails => String::new(),
            Outcome::NotOffered => "not offered".to_owned(),
            Outcome::Untold => format!("cannot be told: {}", Safe::new(&finding.came)),
        };
        let time = finding.took.filter(|_| finding.outcome != Outcome::Untold).map(elapsed);
        let mut rows = self.row(&sign, finding.check.says, &came, &time.unwrap_or_default());
        rows.push('\n');
        if finding.outcome == Outcome::Fails {
            rows += &self.beneath("expected", &finding.expected, Tone::Good);
            rows += &self.beneath("came", &finding.came, Tone::Bad);
        }
        rows
    }

    /// The last lines.
    pub(super) fn end(&self, tally: &Tally, failed: &[&str], took: Duration, end: End) -> String {
        let outcome = outcome(tally, end);
        let paint = self.paint;
        let Verdict { first, rest } = verdict(tally, end);
        let rest: Vec<String> = rest.into_iter().chain([elapsed(took)]).collect();
        let rest = paint.paint(Tone::Dim, &[paint.dot(), &rest.join(paint.dot())].concat());
        let first = paint.paint(tone(outcome), &first);
        let mut lines = format!("\n{} {first}{rest}\n", paint.outcome(outcome));
        for line in wrap(&failed.join(" "), self.columns.saturating_sub(2)) {
            if !line.is_empty() {
                lines += &format!("  {}\n", paint.paint(Tone::Bad, &line));
            }
        }
        lines
    }

    fn row(&self, sign: &str, says: &str, came: &str, time: &str) -> String {
        let room = self.columns.saturating_sub(SIGN + SAYS + 1 + TIME + 1);
        let time = format!("{time:>TIME$}");
        let time = self.paint.paint(Tone::Dim, &time);
        if room < LEAST {
            let room = self.columns.saturating_sub(SIGN + TIME + 1);
            return format!("  {sign} {} {time}", padded(says, room));
        }
        let came = self.paint.paint(Tone::Dim, &padded(&self.paint.own(came), room));
        // Terminals differ in how wide an emoji is; where the time stands does not hang on it.
        let place = self.columns - TIME + 1;
        format!("  {sign} {} {came}\x1b[{place}G{time}", padded(says, SAYS))
    }

    fn beneath(&self, label: &str, words: &str, tone: Tone) -> String {
        const LABEL: usize = 10;
        let indent = " ".repeat(SIGN + 2);
        let room = self.columns.saturating_sub(indent.len() + LABEL).max(NARROWEST / 2);
        let lines = wrap(Safe::new(words).as_str(), room);
        let mut rows = String::new();
        for (at, line) in lines.iter().take(MAX_LINES).enumerate() {
            let label = if at == 0 { label } else { "" };
            let label = self.paint.paint(Tone::Dim, &format!("{label:<LABEL$}"));
            let more = if at + 1 == MAX_LINES && lines.len() > MAX_LINES {
                self.paint.own("…")
            } else {
                String::new()
            };
            rows += &format!("{indent}{label}{}{more}\n", self.paint.paint(tone, line));
        }
        rows
    }
}

/// A text in exactly so many columns.
fn padded(text: &str, columns: usize) -> String {
    let text = fit(text, columns);
    let blanks = columns - width(&text);
    format!("{text}{}", " ".repeat(blanks))
}
