//! What is printed, in which form.

use std::time::Duration;

use super::{end::End, events, table::Table, words};
use crate::check::{Check, Finding, Outcome, Subject, Tally};
use crate::commands::paint::Paint;

/// The form.
#[derive(Debug)]
pub(super) enum Face {
    /// For people, on a terminal.
    Table(Table),
    /// A line for each check.
    Lines(Paint),
    /// A JSON object for each check.
    Events,
}

impl Face {
    /// The row of a connection that is being made for so long.
    pub(super) fn connecting(&self, target: &str, time: Duration) -> Option<String> {
        match self {
            Self::Table(table) => Some(table.connecting(target, time)),
            Self::Lines(_) | Self::Events => None,
        }
    }
}

/// Prints the checks of one server, and counts them.
#[derive(Debug)]
pub(super) struct Report {
    face: Face,
    target: String,
    subject: Subject,
    tally: Tally,
    failed: Vec<&'static str>,
}

impl Report {
    pub(super) fn new(face: Face, target: String, subject: Subject) -> Self {
        Self { face, target, subject, tally: Tally::default(), failed: Vec::new() }
    }

    /// What stands above all.
    pub(super) fn head(&self) -> String {
        match &self.face {
            Face::Table(table) => table.head(&self.target, &self.subject),
            Face::Lines(_) => words::head(&self.target, &self.subject) + "\n",
            Face::Events => events::start(&self.target, &self.subject) + "\n",
        }
    }

    /// What stands above a check that is about to be made.
    pub(super) fn above(&mut self, check: &Check) -> String {
        match &mut self.face {
            Face::Table(table) => table.above(check, &self.subject),
            Face::Lines(_) | Face::Events => String::new(),
        }
    }

    /// The row of a check that has been under way for so long.
    pub(super) fn live(&self, check: &Check, time: Duration) -> Option<String> {
        match &self.face {
            Face::Table(table) => Some(table.live(check, time)),
            Face::Lines(_) | Face::Events => None,
        }
    }

    /// What came of a check.
    pub(super) fn finding(&mut self, finding: &Finding) -> String {
        self.tally.add(finding);
        if finding.outcome == Outcome::Fails {
            self.failed.push(finding.check.name);
        }
        match &self.face {
            Face::Table(table) => table.finding(finding),
            Face::Lines(paint) => words::line(*paint, finding) + "\n",
            Face::Events => events::check(finding) + "\n",
        }
    }

    /// The last lines.
    pub(super) fn end(&self, took: Duration, end: End) -> String {
        match &self.face {
            Face::Table(table) => table.end(&self.tally, &self.failed, took, end),
            Face::Lines(paint) => words::end(*paint, &self.tally, took, end) + "\n",
            Face::Events => events::end(&self.tally, took, end) + "\n",
        }
    }

    /// How it came out.
    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }
}
