//! The lines of `--json` (`docs/json.md`).

use std::time::Duration;

use super::end::End;
use crate::{
    check::{Finding, Known, Need, Outcome, Subject, Tally},
    commands::json::Line,
    schema::Contract,
};

/// The first line: which server is checked, and as what.
pub(super) fn start(target: &str, subject: &Subject) -> String {
    let mut line = Line::of_event("start");
    line.text("target", target).text("service", subject.contract.name());
    line.text(
        "known",
        match subject.known {
            Known::Reflection => "reflection",
            Known::Answer => "answer",
            Known::Guess => "guess",
            Known::Told => "told",
        },
    );
    line.texts("others", subject.others.iter().map(Contract::name));
    line.end()
}

/// A line for each check.
pub(super) fn check(finding: &Finding) -> String {
    let mut line = Line::of_event("check");
    line.text("name", finding.check.name).text("says", finding.check.says);
    line.text(
        "need",
        match finding.check.need {
            Need::Required => "required",
            Need::IfOffered => "if offered",
        },
    );
    line.text("outcome", outcome(finding.outcome));
    line.text("expected", &finding.expected).text("came", &finding.came);
    if let Some(took) = finding.took {
        line.number("us", micros(took));
    }
    line.end()
}

/// The last line.
pub(super) fn end(tally: &Tally, took: Duration, end: End) -> String {
    let mut line = Line::of_event("end");
    line.text(
        "verdict",
        match end {
            End::Interrupted => "interrupted",
            End::Done if tally.is_good() => "good",
            End::Done => "not good",
        },
    );
    line.number("holds", tally.holds as u64).number("fails", tally.fails as u64);
    line.number("not_offered", tally.not_offered as u64).number("untold", tally.untold as u64);
    line.number("us", micros(took));
    line.end()
}

/// The last line where nothing could be checked.
pub(super) fn unreachable(target: &str, why: &str) -> String {
    let mut line = Line::of_event("end");
    line.text("verdict", "unreachable").text("target", target).text("error", why);
    line.end() + "\n"
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Holds => "holds",
        Outcome::Fails => "fails",
        Outcome::NotOffered => "not offered",
        Outcome::Untold => "untold",
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
