//! A call is told of as it goes; or, where it may be for a method that the server does not have, as soon as that is
//! known.

use std::mem;

use super::report::{Outcome, Report, Style, Subject};
use crate::{
    commands::output::Output,
    rpc::{CallEvent, Code, Happened, Origin, What},
};

/// How a call is told of.
pub(super) enum Telling {
    /// Not yet.
    Held(Unprinted),
    /// As it goes.
    Printed(Report),
}

/// A call that is held back until it is known to be for a method that is there.
pub(super) struct Unprinted {
    subject: Subject,
    happened: Vec<Happened>,
}

/// How a call ended.
pub(super) enum End {
    /// All of it was printed.
    Told(Outcome),
    /// The server has no such method. Nothing was printed of it.
    NotThere(Unprinted),
}

impl Telling {
    /// Of a call for a method that is there.
    pub(super) fn at_once(subject: Subject, style: Style, output: &mut Output) -> Self {
        Self::Printed(Report::begin(subject, style, output))
    }

    /// Of a call for a method that may not be there.
    pub(super) fn later(subject: Subject) -> Self {
        Self::Held(Unprinted { subject, happened: Vec::new() })
    }

    /// Tells what happened, or keeps it until more is known. Says how the call ended, where it did.
    pub(super) fn tell(&mut self, happened: Happened, style: Style, output: &mut Output) -> Option<End> {
        let unprinted = match self {
            Self::Printed(report) => return report.tell(happened, output).map(End::Told),
            Self::Held(unprinted) => unprinted,
        };
        let found = found(&happened);
        unprinted.happened.push(happened);
        if found == Found::Unclear {
            return None;
        }
        let Unprinted { subject, happened } = unprinted;
        let unprinted = Unprinted { subject: subject.clone(), happened: mem::take(happened) };
        if found == Found::NotThere {
            return Some(End::NotThere(unprinted));
        }
        let (report, ended) = unprinted.report(style, output);
        *self = Self::Printed(report);
        ended.map(End::Told)
    }
}

impl Unprinted {
    /// Prints it after all.
    pub(super) fn print(self, style: Style, output: &mut Output) -> Option<Outcome> {
        self.report(style, output).1
    }

    fn report(self, style: Style, output: &mut Output) -> (Report, Option<Outcome>) {
        let mut report = Report::begin(self.subject, style, output);
        let mut ended = None;
        for happened in self.happened {
            ended = report.tell(happened, output);
        }
        (report, ended)
    }
}

/// What is known of a method by what its server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Unclear,
    There,
    NotThere,
}

fn found(happened: &Happened) -> Found {
    match happened {
        Happened::Entry(entry) if matches!(entry.what, What::Received(_)) => Found::There,
        // Headers that are the end say so themselves.
        Happened::Event(CallEvent::Headers { headers, .. }) if !headers.contains_key("grpc-status") => {
            Found::There
        }
        Happened::Event(CallEvent::Ended { status, .. }) => {
            let is_missing = status.code == Code::Unimplemented && status.origin == Origin::Trailers;
            if is_missing { Found::NotThere } else { Found::There }
        }
        Happened::Entry(_) | Happened::Event(_) => Found::Unclear,
    }
}
