//! `greeter doctor`: the ladder from a name to a service, and one sentence.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use super::{Failure, json::Line, locale, reach};
use crate::{
    cli::{Doctor, DoctorForm},
    rpc::{Ladder, Outcome, Rung},
    schema::examine,
    text,
};

/// Examines a server, and exits with 0 only where a call could be made.
pub(super) async fn doctor(doctor: &Doctor) -> Result<ExitCode, Failure> {
    let (target, settings) = reach::elsewhere(&doctor.address, &doctor.connecting)?;
    let metadata = reach::metadata_of(&doctor.headers)?;
    let ladder = examine(target, settings, &metadata, doctor.service.as_deref()).await;
    let lines = match doctor.form {
        DoctorForm::Lines => in_lines(&ladder),
        DoctorForm::Events => as_events(&ladder),
    };
    let mut stdout = io::stdout().lock();
    let printed = lines.iter().try_for_each(|line| writeln!(stdout, "{line}"));
    printed.and_then(|()| stdout.flush()).map_err(Failure::undone)?;
    Ok(if ladder.can_call() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn in_lines(ladder: &Ladder) -> Vec<String> {
    let (holds, fails, unused) = if locale::has_signs() { ("✓", "✗", "·") } else { ("+", "x", "-") };
    let rung = |rung: &Rung| {
        let Rung { layer, took, .. } = rung;
        let (words, took) = (rung.words(), text::elapsed(*took));
        match rung.outcome() {
            Outcome::Unused => format!("{unused} {layer:<12}{words}"),
            Outcome::Holds => format!("{holds} {layer:<12}{words}  ({took})"),
            Outcome::Fails => format!("{fails} {layer:<12}{words}  ({took})"),
        }
    };
    let mut lines: Vec<String> = ladder.rungs().iter().map(rung).collect();
    lines.push(ladder.verdict());
    lines
}

fn as_events(ladder: &Ladder) -> Vec<String> {
    let mut lines: Vec<String> = ladder.rungs().iter().map(of_rung).collect();
    let mut last = Line::of_event("verdict");
    last.json("can_call", if ladder.can_call() { "true" } else { "false" });
    if let Some(fault) = ladder.fault() {
        last.text("fault", &fault.to_string()).text("advice", &fault.advice());
    }
    lines.push(last.end());
    lines
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
