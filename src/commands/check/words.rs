//! What was found, in words: those that the table and the plain lines share, and the plain lines.

use std::time::Duration;

use super::end::End;
use crate::commands::paint::Paint;
use crate::{
    check::{Finding, Group, Known, Outcome, Subject, Tally},
    schema::Kind,
    text::{Safe, elapsed},
};

/// A group, as it is headed.
pub(super) fn title(group: Group) -> &'static str {
    match group {
        Group::Method(kind) => Kind::title(kind),
        Group::Calls => "Calls",
        Group::Protocol => "gRPC over HTTP/2",
        Group::Offers => "Also offered",
    }
}

/// How the contract is known.
pub(super) fn known(subject: &Subject) -> &'static str {
    match subject.known {
        Known::Reflection => "reflection",
        Known::Answer => "no reflection; it answers",
        Known::Guess => "a guess; it says nothing",
        Known::Told => "--service",
    }
}

/// The whole in parts.
pub(super) struct Verdict {
    /// What counts most.
    pub(super) first: String,
    /// The rest.
    pub(super) rest: Vec<String>,
}

/// How the whole came out.
pub(super) fn outcome(tally: &Tally, end: End) -> Outcome {
    match end {
        End::Interrupted if tally.fails == 0 => Outcome::Untold,
        _ if tally.is_good() => Outcome::Holds,
        _ => Outcome::Fails,
    }
}

/// The whole in words.
pub(super) fn verdict(tally: &Tally, end: End) -> Verdict {
    let asked = tally.holds + tally.fails + tally.untold;
    let first = match tally.fails {
        0 if end == End::Done && tally.is_good() => format!("all {asked} hold"),
        0 => format!("{} of {asked} hold", tally.holds),
        1 => format!("1 of {asked} does not hold"),
        fails => format!("{fails} of {asked} do not hold"),
    };
    let interrupted = match end {
        End::Done => None,
        End::Interrupted => Some("interrupted".to_owned()),
    };
    let untold = match tally.untold {
        0 => None,
        untold => Some(format!("{untold} cannot be told")),
    };
    let not_offered = match tally.not_offered {
        0 => None,
        absent => Some(format!("{absent} not offered")),
    };
    Verdict { first, rest: [untold, not_offered, interrupted].into_iter().flatten().collect() }
}

/// The line that says which server is checked.
pub(super) fn head(target: &str, subject: &Subject) -> String {
    format!("{}: {} ({})", Safe::new(target), subject.contract.name(), known(subject))
}

/// What came of a check, in one line.
pub(super) fn line(paint: Paint, finding: &Finding) -> String {
    let (sign, name) = (paint.sign(finding.outcome), finding.check.name);
    let came = Safe::new(&finding.came);
    match finding.outcome {
        Outcome::Holds => format!("{sign} holds {name}: {came}"),
        Outcome::Fails => {
            format!("{sign} fails {name}: expected {}, came {came}", Safe::new(&finding.expected))
        }
        Outcome::NotOffered => format!("{sign} not offered {name}"),
        Outcome::Untold => format!("{sign} untold {name}: {came}"),
    }
}

/// The last line.
pub(super) fn end(paint: Paint, tally: &Tally, took: Duration, end: End) -> String {
    let Verdict { first, rest } = verdict(tally, end);
    let parts: Vec<String> = [first].into_iter().chain(rest).chain([elapsed(took)]).collect();
    format!("{} {}", paint.sign(outcome(tally, end)), parts.join(", "))
}
