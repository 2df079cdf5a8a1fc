//! The rows of a histogram: as fine as there are rows for it.

use std::time::Duration;

use super::latencies::Latencies;

/// The histogram's rows.
const MAX_ROWS: usize = 12;
/// Those that are marked beside the bars.
const MARKED: [(&str, f64); 4] = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)];

/// A row of the histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) up_to: Duration,
    /// Calls that took no longer, and longer than the row before.
    pub(super) calls: u64,
    /// All that took no longer.
    so_far: u64,
}

impl Row {
    /// The quantiles that lie here.
    pub(super) fn marks(self, latencies: &Latencies) -> String {
        let before = self.so_far - self.calls;
        let lies_here = |part: &f64| {
            let rank = ((part * latencies.total() as f64).ceil() as u64).max(1);
            (before + 1..=self.so_far).contains(&rank)
        };
        let marks: Vec<&str> =
            MARKED.iter().filter(|(_, part)| lies_here(part)).map(|(name, _)| *name).collect();
        marks.join(" ")
    }
}

/// Where rows end, in hundredths of a power of ten: as fine as there are rows for it.
const STEPS: [&[u64]; 4] = [
    &[100, 120, 150, 200, 250, 300, 400, 500, 600, 800],
    &[100, 150, 200, 300, 500, 700],
    &[100, 200, 500],
    &[100],
];

/// The histogram: from where the calls begin to be many to the longest.
pub(super) fn rows(latencies: &Latencies) -> Vec<Row> {
    let Some(range) = latencies.range() else { return Vec::new() };
    let (least, most) = (latencies.quantile(0.001), *range.end());
    let edges = STEPS.iter().map(|steps| edges(steps, least, most));
    let mut fitting = edges.skip_while(|edges| edges.len() > MAX_ROWS);
    let mut before = 0;
    let row = |up_to| {
        let so_far = latencies.up_to(up_to);
        let calls = so_far - std::mem::replace(&mut before, so_far);
        Row { up_to, calls, so_far }
    };
    let rows = fitting.next().unwrap_or_else(|| vec![most]).into_iter().map(row);
    // The shortest and the longest may be counted in the bucket beside theirs.
    let mut rows: Vec<Row> = rows.skip_while(|row| row.calls == 0).collect();
    while rows.pop_if(|row| row.calls == 0).is_some() {}
    rows
}

/// The ends of rows from the one that holds `least` to the one that holds `most`.
fn edges(steps: &[u64], least: Duration, most: Duration) -> Vec<Duration> {
    let decades = (0..17).map(|decade| 10_u64.pow(decade));
    let all = decades.flat_map(|ten| steps.iter().map(move |step| Duration::from_nanos(step * ten)));
    let mut last = false;
    // A quantile may be so much too large.
    all.filter(|edge| *edge + *edge / 64 >= least)
        .take_while(|edge| !std::mem::replace(&mut last, *edge >= most))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latencies(millis: &[u64]) -> Latencies {
        millis.iter().map(|millis| Duration::from_millis(*millis)).collect()
    }

    fn ends(latencies: &Latencies) -> Vec<(u128, u64)> {
        rows(latencies).iter().map(|row| (row.up_to.as_millis(), row.calls)).collect()
    }

    #[test]
    fn rows_are_as_fine_as_there_are_rows_for_it() {
        assert_eq!(ends(&latencies(&[11, 14, 14, 19])), [(12, 1), (15, 2), (20, 1)]);
        assert_eq!(
            ends(&latencies(&[1, 900])),
            [(2, 1), (5, 0), (10, 0), (20, 0), (50, 0), (100, 0), (200, 0), (500, 0), (1_000, 1)]
        );
        assert!(rows(&Latencies::default()).is_empty());
    }

    #[test]
    fn the_rows_that_hold_the_quantiles_are_marked() {
        let latencies = latencies(&[[1; 98].as_slice(), &[3, 9]].concat());
        let marks: Vec<String> = rows(&latencies).into_iter().map(|row| row.marks(&latencies)).collect();
        assert_eq!(
            marks.iter().filter(|marks| !marks.is_empty()).collect::<Vec<_>>(),
            ["p50 p90", "p99", "p99.9"]
        );
    }
}
