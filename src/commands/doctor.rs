//! `greeter doctor`: the ladder from a name to a service, and one sentence.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use super::{Failure, json::Line, locale, output::not_printed, reach};
use crate::{
    cli::{Doctor, DoctorForm},
    rpc::{Ladder, Layer, Outcome, Rung},
    schema::examine_aloud,
    text,
};

/// Examines a server, and exits with 0 only where a call could be made, and where the service that was asked for is there.
pub(super) async fn doctor(doctor: &Doctor) -> Result<ExitCode, Failure> {
    let (target, settings) = reach::elsewhere(&doctor.address, &doctor.connecting)?;
    let metadata = reach::metadata_of(&doctor.headers)?;
    let mut page = Page { form: doctor.form, rungs: 0, printed: Ok(()) };
    let service = doctor.service.as_deref();
    let ladder = examine_aloud(target, settings, &metadata, service, |ladder| page.rungs(ladder)).await;
    page.rungs(&ladder);
    let unseen = service.filter(|_| ladder.can_call() && ladder.highest() < Some(Layer::Service));
    page.print(&match doctor.form {
        DoctorForm::Lines => match unseen {
            Some(service) => {
                format!("{}; whether {} is there cannot be seen", ladder.verdict(), text::safe(service))
            }
            None => ladder.verdict(),
        },
        DoctorForm::Events => of_verdict(&ladder, unseen),
    });
    match page.printed {
        // Nobody listens, and the exit code is still told.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(not_printed(error)),
        _ if ladder.can_call() && unseen.is_none() => Ok(ExitCode::SUCCESS),
        _ => Ok(ExitCode::FAILURE),
    }
}

/// What is printed, a line at a time.
struct Page {
    form: DoctorForm,
    /// So many are printed.
    rungs: usize,
    /// Nothing is, after it failed.
    printed: io::Result<()>,
}

impl Page {
    /// Prints the rungs that are new.
    fn rungs(&mut self, ladder: &Ladder) {
        for rung in &ladder.rungs()[self.rungs..] {
            self.print(&match self.form {
                DoctorForm::Lines => in_words(rung),
                DoctorForm::Events => of_rung(rung),
            });
        }
        self.rungs = ladder.rungs().len();
    }

    fn print(&mut self, line: &str) {
        let mut stdout = io::stdout().lock();
        if self.printed.is_ok() {
            self.printed = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
        }
    }
}

fn in_words(rung: &Rung) -> String {
    let (holds, fails, unused) = if locale::has_signs() { ("✓", "✗", "·") } else { ("+", "x", "-") };
    let Rung { layer, took, .. } = rung;
    let (words, took) = (rung.words(), text::elapsed(*took));
    match rung.outcome() {
        Outcome::Unused => format!("{unused} {layer:<12}{words}"),
        Outcome::Holds => format!("{holds} {layer:<12}{words}  ({took})"),
        Outcome::Fails => format!("{fails} {layer:<12}{words}  ({took})"),
    }
}

fn of_verdict(ladder: &Ladder, unseen: Option<&str>) -> String {
    let mut line = Line::of_event("verdict");
    line.json("can_call", if ladder.can_call() { "true" } else { "false" });
    if let Some(service) = unseen {
        line.text("unseen", service);
    }
    if let Some(fault) = ladder.fault() {
        line.text("fault", &fault.to_string()).text("advice", &fault.advice());
    }
    line.end()
}

fn of_rung(rung: &Rung) -> String {
    let mut line = Line::of_event("layer");
    line.text("layer", &rung.layer.to_string());
    match rung.outcome() {
        Outcome::Unused => line.text("outcome", "unused"),
        Outcome::Holds => line.text("outcome", "holds").text("seen", &rung.words()),
        Outcome::Fails => line.text("outcome", "fails").text("seen", &rung.words()),
    };
    line.number("us", u64::try_from(rung.took.as_micros()).unwrap_or(u64::MAX));
    line.end()
}
