//! `greeter describe`: what a server offers, as proto source.

use super::{
    Failure,
    json::Line,
    look::{self, Known, Origin},
    output::Output,
    route::{Reached, Route},
};
use crate::{
    cli::{Describe, Shape},
    schema::DescribeError,
};

/// Prints the source of what was asked for.
pub(super) async fn describe(describe: &Describe) -> Result<(), Failure> {
    let route = Route::read(&describe.reach)?;
    let symbol = describe.symbol.as_str();
    let known = look::ask(route, async |reached, target| ask(reached, target, symbol).await).await?;
    let source = known.files.describe(symbol).map_err(|error| why_not(&known, symbol, error))?;
    let mut output = Output::start().map_err(Failure::undone)?;
    known.tell_origin(describe.shape, &mut output);
    match describe.shape {
        Shape::Text => output.data(source.trim_end_matches('\n')),
        Shape::Json => {
            let mut line = Line::of_event("source");
            line.text("symbol", symbol).text("proto", &source).text("from", &known.origin.to_string());
            output.data(&line.end());
        }
    }
    output.end().await.map_err(Failure::undone)
}

/// Why there is no source of it.
fn why_not(known: &Known, symbol: &str, error: DescribeError) -> Failure {
    match error {
        DescribeError::Unprintable(_) => Failure::undone(error),
        DescribeError::Unknown { .. } => match known.left_out(symbol) {
            Some(left_out) => Failure::undone(left_out),
            None => known.lacks(error),
        },
        DescribeError::Ambiguous { .. } | DescribeError::Package(_) => known.lacks(error),
    }
}

/// Asks for the symbol alone; for all that there is where that was not its whole name.
async fn ask(reached: &Reached, target: String, symbol: &str) -> Result<Known, Failure> {
    let known = Known::told(reached.look_up(symbol).await, target.clone())?;
    let is_known = !matches!(known.files.describe(symbol), Err(DescribeError::Unknown { .. }));
    if is_known || matches!(known.origin, Origin::InsteadOf(_)) {
        return Ok(known);
    }
    Known::told(reached.survey().await, target)
}
