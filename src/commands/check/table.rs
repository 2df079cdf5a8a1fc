//! What was found, as a table on a terminal: a heading for each group, a row for each check, and beneath a row that
//! does not hold what was expected and what came.

use std::time::Duration;

use super::{
    end::End,
    words::{Verdict, known, outcome, title, verdict},
};
use crate::{
    check::{CHECKS, Check, Finding, Group, Outcome, Subject, Tally},
    commands::paint::{Paint, Tone, tone},
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

    /// A server that is being connected to and asked what it has, without a line's end.
    pub(super) fn connecting(&self, target: &str, time: Duration) -> String {
        let (live, time) = (self.paint.live(), ticking(time));
        let words = format!("{live} connecting to {}{}{time}", Safe::new(target), self.paint.dot());
        Safe::new(&words).fit(self.columns).to_string()
    }

    /// Which server is checked, and as what.
    pub(super) fn head(&self, target: &str, subject: &Subject) -> String {
        let paint = self.paint;
        let target = Safe::new(target).fit(self.columns).to_string();
        let service = format!("{} ({})", subject.contract.name(), known(subject));
        let is_one_row = width(&target) + width(paint.dot()) + width(&service) <= self.columns;
        let target = paint.paint(Tone::Strong, &target);
        let mut lines = if is_one_row {
            vec![format!("{target}{}{service}", paint.dot())]
        } else {
            [vec![target], wrap(&service, self.columns)].concat()
        };
        if let Some(other) = subject.others.first() {
            let hint = format!("it has {0}, too: --service {0} checks that", other.name());
            lines.extend(wrap(&hint, self.columns).iter().map(|line| paint.paint(Tone::Dim, line)));
        }
        ended(&lines)
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
            Outcome::Holds | Outcome::Untold => Safe::new(&finding.came).to_string(),
            Outcome::Fails => String::new(),
            Outcome::NotOffered => "not offered".to_owned(),
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
        let rest = rest.join(paint.dot());
        let is_one_row = 2 + width(&first) + width(paint.dot()) + width(&rest) <= self.columns;
        let between = if is_one_row { paint.dot() } else { "\n  " };
        let first = paint.paint(tone(outcome), &first);
        let rest = paint.paint(Tone::Dim, &[between, &rest].concat());
        let mut lines = vec![String::new(), format!("{} {first}{rest}", paint.outcome(outcome))];
        if !failed.is_empty() {
            let names = wrap(&failed.join(" "), self.columns.saturating_sub(2));
            lines.extend(names.iter().map(|line| format!("  {}", paint.paint(Tone::Bad, line))));
        }
        ended(&lines)
    }

    fn row(&self, sign: &str, says: &str, came: &str, time: &str) -> String {
        let room = self.columns.saturating_sub(SIGN + SAYS + 1 + TIME + 1);
        if room < LEAST {
            let room = self.columns.saturating_sub(SIGN);
            return format!("  {sign} {}", self.paint.own(&fit(says, room)));
        }
        let says = padded(says, SAYS);
        let came = self.paint.paint(Tone::Dim, &self.paint.own(&fit(came, room)));
        if time.is_empty() {
            return format!("  {sign} {says} {came}");
        }
        // Terminals differ in how wide an emoji is; where the time stands does not hang on it.
        let place = self.columns - TIME + 1;
        format!(
            "  {sign} {says} {came}\x1b[{place}G{}",
            self.paint.paint(Tone::Dim, &format!("{time:>TIME$}"))
        )
    }

    fn beneath(&self, label: &str, words: &str, tone: Tone) -> String {
        const LABEL: usize = 10;
        let indent = " ".repeat(SIGN + 2);
        let room = self.columns.saturating_sub(indent.len() + LABEL).max(NARROWEST / 2);
        let lines = wrap(Safe::new(words).as_str(), room);
        let is_cut = lines.len() > MAX_LINES;
        let row = |(at, line): (usize, &String)| {
            let label = format!("{:<LABEL$}", if at == 0 { label } else { "" });
            let more = if is_cut && at + 1 == MAX_LINES { self.paint.own("…") } else { String::new() };
            format!("{indent}{}{}{more}", self.paint.paint(Tone::Dim, &label), self.paint.paint(tone, line))
        };
        ended(&lines.iter().take(MAX_LINES).enumerate().map(row).collect::<Vec<_>>())
    }
}

/// Each with its line's end.
fn ended(lines: &[String]) -> String {
    lines.join("\n") + "\n"
}

/// A text in exactly so many columns.
fn padded(text: &str, columns: usize) -> String {
    let text = fit(text, columns);
    let blanks = columns - width(&text);
    format!("{text}{}", " ".repeat(blanks))
}
