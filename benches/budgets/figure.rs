//! A figure as a line: what was measured, how much it is, its budget, and whether that is met.

use std::{fmt, time::Duration};

/// What is allowed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Budget {
    AtMost(f64),
    AtLeast(f64),
    /// It is told for what it is worth.
    None,
}

/// How a number is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unit {
    Milliseconds,
    /// Ours in terms of a bare peer's.
    Ratio,
    Mebibytes,
    Megabytes,
    /// Of the scheduler: 10 ms each on Linux.
    Ticks,
    KilobytesASecond,
}

/// One line of the output.
#[derive(Debug)]
pub(crate) struct Figure {
    what: String,
    value: f64,
    unit: Unit,
    budget: Budget,
    /// What else is to be known of it: the bare peer's figure, the spread.
    beside: String,
}

/// Why there is no figure.
pub(crate) type Trouble = Box<dyn std::error::Error + Send + Sync>;
/// Figures, or why there are none.
pub(crate) type Measured = Result<Vec<Figure>, Trouble>;

impl Figure {
    pub(crate) fn new(what: impl Into<String>, value: f64, unit: Unit, budget: Budget) -> Self {
        Self { what: what.into(), value, unit, budget, beside: String::new() }
    }

    /// With what else is to be known.
    pub(crate) fn beside(mut self, words: impl Into<String>) -> Self {
        self.beside = words.into();
        self
    }

    fn amount(&self, value: f64) -> String {
        match self.unit {
            Unit::Milliseconds => format!("{value:.2} ms"),
            Unit::Ratio => format!("{value:.2} x"),
            Unit::Mebibytes => format!("{value:.1} MiB"),
            Unit::Megabytes => format!("{value:.1} MB"),
            Unit::Ticks => format!("{value:.0} ticks"),
            Unit::KilobytesASecond => format!("{value:.0} kB/s"),
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (limit, verdict) = match self.budget {
            Budget::AtMost(most) if self.value <= most => (format!("at most {}", self.amount(most)), "met"),
            Budget::AtMost(most) => (format!("at most {}", self.amount(most)), "MISSED"),
            Budget::AtLeast(least) if self.value >= least => {
                (format!("at least {}", self.amount(least)), "met")
            }
            Budget::AtLeast(least) => (format!("at least {}", self.amount(least)), "MISSED"),
            Budget::None => ("-".to_owned(), ""),
        };
        let (what, amount, beside) = (&self.what, self.amount(self.value), &self.beside);
        write!(f, "{what:<58} {amount:>11}   {limit:<17} {verdict:<6}  {beside}")
    }
}

/// A part of the values, sorted, is not above this one: 0.5 is the median.
pub(crate) fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (part * sorted.len() as f64).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// From the lowest to the highest, as a figure's words.
pub(crate) fn spread(values: &[f64]) -> String {
    format!("{:.2}-{:.2} in {} rounds", quantile(values, 0.0), quantile(values, 1.0), values.len())
}

pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
