//! How long calls took, counted rather than kept: any number of them in one size.
//!
//! A time is counted in a bucket that is at most a sixty-fourth wider than it is long, so that every quantile is right to
//! 1.6 %, from a nanosecond to centuries.

use std::{ops::RangeInclusive, time::Duration};

/// Buckets between a power of two and the next, as a power of two.
const BITS: u32 = 6;

/// Counted times.
#[derive(Debug, Clone)]
pub(super) struct Latencies {
    counts: Vec<u64>,
    total: u64,
    sum: Duration,
    least: Duration,
    most: Duration,
}

impl Default for Latencies {
    fn default() -> Self {
        Self { counts: Vec::new(), total: 0, sum: Duration::ZERO, least: Duration::MAX, most: Duration::ZERO }
    }
}

impl Latencies {
    /// Counts one more.
    pub(super) fn add(&mut self, time: Duration) {
        let bucket = bucket_of(time);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
        self.sum = self.sum.saturating_add(time);
        self.least = self.least.min(time);
        self.most = self.most.max(time);
    }

    /// How many there are.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// From the shortest to the longest; none where there are none.
    pub(super) fn range(&self) -> Option<RangeInclusive<Duration>> {
        (self.total > 0).then_some(self.least..=self.most)
    }

    /// Their mean; nothing where there are none.
    pub(super) fn mean(&self) -> Duration {
        let nanos = self.sum.as_nanos().checked_div(self.total.into()).unwrap_or_default();
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// The time that so great a part of them did not exceed, from 0 to 1; nothing where there are none.
    pub(super) fn quantile(&self, part: f64) -> Duration {
        let rank = ((part * self.total as f64).ceil() as u64).clamp(1, self.total.max(1));
        let mut before = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            before += count;
            if before >= rank {
                return longest_in(bucket).clamp(self.least, self.most);
            }
        }
        Duration::ZERO
    }

    /// How many were surely no longer than this: of those that were hardly shorter some are not counted.
    pub(super) fn up_to(&self, time: Duration) -> u64 {
        if time >= self.most {
            return self.total;
        }
        let bucket = bucket_of(time);
        let whole = if longest_in(bucket) <= time { bucket + 1 } else { bucket };
        self.counts.iter().take(whole).sum()
    }
}

impl FromIterator<Duration> for Latencies {
    fn from_iter<T: IntoIterator<Item = Duration>>(times: T) -> Self {
        let mut latencies = Self::default();
        for time in times {
            latencies.add(time);
        }
        latencies
    }
}

fn bucket_of(time: Duration) -> usize {
    let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let shift = (nanos >> BITS).checked_ilog2().unwrap_or(0);
    ((u64::from(shift) << BITS) + (nanos >> shift)) as usize
}

/// The longest time that is counted in a bucket.
fn longest_in(bucket: usize) -> Duration {
    let bucket = bucket as u64;
    let shift = (bucket >> BITS).saturating_sub(1);
    let steps = bucket - (shift << BITS);
    Duration::from_nanos(((steps + 1) << shift).wrapping_sub(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn latencies(nanos: &[u64]) -> Latencies {
        nanos.iter().map(|nanos| Duration::from_nanos(*nanos)).collect()
    }

    #[test]
    fn without_a_call_there_is_no_latency() {
        let none = Latencies::default();
        assert_eq!(
            (none.total(), none.range(), none.mean(), none.quantile(0.5)),
            (0, None, Duration::ZERO, Duration::ZERO)
        );
    }

    #[test]
    fn of_one_call_every_quantile_is_its_latency() {
        let one = latencies(&[1_234_567]);
        for part in [0.0, 0.5, 0.99, 1.0] {
            assert_eq!(one.quantile(part), Duration::from_nanos(1_234_567));
        }
        assert_eq!(one.mean(), Duration::from_nanos(1_234_567));
    }

    #[test]
    fn the_longest_time_there_can_be_is_counted() {
        let longest = latencies(&[u64::MAX, 0]);
        assert_eq!(longest.quantile(1.0), Duration::from_nanos(u64::MAX));
        assert_eq!(longest.up_to(Duration::ZERO), 1);
        assert!(longest.counts.len() < 4_096);
    }

    proptest! {
        #[test]
        fn a_quantile_is_right_to_a_sixty_fourth(
            mut nanos in prop::collection::vec(0..10_000_000_000_u64, 1..200),
            part in 0.0..=1.0_f64,
        ) {
            let counted = latencies(&nanos).quantile(part).as_nanos() as u64;
            nanos.sort_unstable();
            let rank = ((part * nanos.len() as f64).ceil() as usize).max(1);
            let true_one = nanos[rank - 1];
            prop_assert!(counted >= true_one && counted - true_one <= true_one / 64, "{counted} for {true_one}");
        }

        #[test]
        fn what_is_no_longer_than_a_time_is_counted_to_a_sixty_fourth(
            nanos in prop::collection::vec(0..1_000_000_u64, 1..200),
            limit in 0..1_000_000_u64,
        ) {
            let counted = latencies(&nanos).up_to(Duration::from_nanos(limit));
            let up_to = |limit: u64| nanos.iter().filter(|nanos| **nanos <= limit).count() as u64;
            prop_assert!((up_to(limit - limit / 64)..=up_to(limit)).contains(&counted));
        }
    }
}
