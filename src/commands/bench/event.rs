//! What came of the load, as JSON.

use std::time::Duration;

use super::{
    histogram::rows,
    load::Tally,
    report::{QUANTILES, Setting, per_second},
};
use crate::{
    commands::{json::Line, output::status_line},
    rpc::status::code_name,
    text::Safe,
};

/// All of it as one JSON object.
pub(super) fn event(setting: &Setting, tally: &Tally, busy: f64) -> String {
    let latencies = &tally.latencies;
    let mut line = Line::of_event("bench");
    line.text("target", &setting.target).text("method", &setting.method);
    line.number("concurrency", setting.plan.concurrency.into())
        .number("connections", setting.connections.into());
    if let Some(rate) = setting.plan.rate {
        line.json("rps", &rate.to_string());
    }
    line.number("us", micros(tally.took)).number("calls", tally.calls()).number("replies", tally.replies);
    line.json("calls_per_second", &format!("{:.1}", per_second(tally.calls(), tally.took)));
    line.number("not_ok", tally.failed()).number("cut_off", tally.cut_off);
    line.number("not_begun", tally.not_begun).number("queued", tally.queued);
    line.json("busy", &format!("{busy:.3}"));
    let mut statuses = Line::new();
    for (status, calls) in tally.statuses.values() {
        statuses.number(code_name(status.code), *calls);
    }
    line.json("statuses", &statuses.end());
    let failed = tally.statuses.values().map(|(status, _)| status).filter(|status| !status.is_ok());
    let words: Vec<String> =
        failed.map(|status| Safe::cut(&status_line(status), 1_000).as_str().to_owned()).collect();
    line.texts("failures", words.iter().map(String::as_str));
    let mut times = Line::new();
    if let Some(range) = latencies.range() {
        times.number("min", micros(*range.start())).number("mean", micros(latencies.mean()));
        for (_, key, part) in QUANTILES {
            times.number(key, micros(latencies.quantile(part)));
        }
        times.number("max", micros(*range.end()));
    }
    line.json("latency_us", &times.end());
    let rows = rows(latencies).into_iter().map(|row| {
        let mut bar = Line::new();
        bar.number("up_to_us", micros(row.up_to)).number("calls", row.calls);
        bar.end()
    });
    line.json("histogram", &format!("[{}]", rows.collect::<Vec<_>>().join(",")));
    line.end()
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
