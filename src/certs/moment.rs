//! A moment on the calendar, as certificates need it: from when and until when they hold.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

const DAY: i64 = 24 * 60 * 60;

/// Seconds since 1970-01-01 00:00 UTC, negative before. `Display` is `2026-11-22 18:42 UTC`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

impl Moment {
    /// What this machine's clock says.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }

    /// So many days later.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(DAY)))
    }

    /// Its day: `2026-11-22`.
    pub fn day(self) -> String {
        let (year, month, day) = self.date();
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// Year, month from 1 and day from 1, in UTC (the proleptic Gregorian calendar).
    ///
    /// Years are counted from March, so that a leap day is the last of its year; 400 of them have always
    /// the same number of days.
    pub fn date(self) -> (i64, u8, u8) {
        const ERA: i64 = 146_097;
        // 0000-03-01 is so many days before 1970-01-01.
        let days = self.0.div_euclid(DAY) + 719_468;
        let (era, of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        (era * 400 + year + i64::from(month <= 2), month as u8, day as u8)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.0.rem_euclid(DAY) / 60;
        write!(f, "{} {:02}:{:02} UTC", self.day(), minutes / 60, minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_their_dates() {
        for (seconds, shown) in [
            (0, "1970-01-01 00:00 UTC"),
            (-1, "1969-12-31 23:59 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (1_709_251_199, "2024-02-29 23:59 UTC"),
            (1_709_251_200, "2024-03-01 00:00 UTC"),
            (1_795_372_920, "2026-11-22 18:42 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"),
            (253_402_300_799, "9999-12-31 23:59 UTC"),
        ] {
            assert_eq!(Moment(seconds).to_string(), shown);
        }
    }

    #[test]
    fn the_end_of_time_is_no_panic() {
        for seconds in [i64::MIN, i64::MAX] {
            assert!(!Moment(seconds).to_string().is_empty());
            assert!(!Moment(seconds).plus_days(i64::MAX).to_string().is_empty());
        }
    }
}
