//! Times, sizes, counts and rates in the words of the screen.

use std::time::Duration;

const SECONDS_IN_WORDS: u64 = 600;

/// A time that has passed, in three digits: `0.41 ms`, `12.4 ms`, `302 ms`, `1.20 s`, `12.4 s`,
/// `124 s`, then `12 min 4 s` and `3 h 2 min`. Rounded to the nearest; nothing is `0 ms`.
pub fn elapsed(time: Duration) -> String {
    let nanos = time.as_nanos();
    if rounded(nanos, 10_000) == 0 {
        return "0 ms".to_owned();
    }
    let unit = |nanos_per_unit, name| three_digits(nanos, nanos_per_unit, name);
    unit(1_000_000, "ms")
        .or_else(|| unit(1_000_000_000, "s"))
        .filter(|_| time < Duration::from_secs(SECONDS_IN_WORDS))
        .unwrap_or_else(|| minutes(rounded(nanos, 1_000_000_000)))
}

/// A time that somebody set, and that may be too short for [`elapsed`]: `900 ns`, `1 µs`, `300 µs`, `2.50 ms`.
pub fn limit(time: Duration) -> String {
    match time.as_nanos() {
        nanos @ 1..1_000 => format!("{nanos} ns"),
        nanos @ 1_000..1_000_000 => format!("{} µs", nanos / 1_000),
        _ => elapsed(time),
    }
}

/// A timer that still runs: `0.7 s`, `4.1 s`, `124 s`, then minutes and hours as [`elapsed`] says
/// them. Never more than has passed.
pub fn ticking(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..100 => format!("{seconds}.{} s", time.subsec_millis() / 100),
        seconds @ 100..SECONDS_IN_WORDS => format!("{seconds} s"),
        seconds @ SECONDS_IN_WORDS..3600 => minutes(u128::from(seconds)),
        seconds => minutes(u128::from(seconds - seconds % 60)),
    }
}

/// A number of bytes: `13 B`, `4.0 KiB`, `400 KiB`, `4.0 MiB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut unit = 1024_u128;
    for name in UNITS {
        let tenths = rounded(u128::from(bytes) * 10, unit);
        if tenths < 1000 {
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
        let whole = rounded(u128::from(bytes), unit);
        if whole < 1024 {
            return format!("{whole} {name}");
        }
        unit *= 1024;
    }
    format!("{bytes} B")
}

/// Two different numbers of bytes, so exactly that they read differently: `4.0 MiB` and `8.0 MiB`, `4 194 305 B` and
/// `4 194 304 B`.
pub fn sizes_apart(one: u64, other: u64) -> (String, String) {
    let (in_short, beside) = (size(one), size(other));
    if in_short == beside && one != other {
        return (format!("{} B", count(one)), format!("{} B", count(other)));
    }
    (in_short, beside)
}

/// A whole number, its digits in groups of three: `41 203`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count where there is little room: `9 999`, `41k`, `8.6M`.
pub fn brief(n: u64) -> String {
    if n < 10_000 { count(n) } else { rate(n as f64).replace("/s", "") }
}

/// How many a second: `0.4/s`, `3/s`, `4.0k/s`, `40k/s`, `1.2M/s`. What is no rate is `0/s`.
pub fn rate(per_second: f64) -> String {
    if !per_second.is_finite() || per_second < 0.05 {
        return "0/s".to_owned();
    }
    if per_second < 0.95 {
        return format!("{per_second:.1}/s");
    }
    if per_second < 999.5 {
        return format!("{per_second:.0}/s");
    }
    let mut scaled = per_second;
    for suffix in ["k", "M", "G", "T"] {
        scaled /= 1000.0;
        if scaled < 9.95 {
            return format!("{scaled:.1}{suffix}/s");
        }
        if scaled < 999.5 {
            return format!("{scaled:.0}{suffix}/s");
        }
    }
    format!("{per_second:.1e}/s")
}

/// `None` where three digits do not hold it.
fn three_digits(nanos: u128, nanos_per_unit: u128, unit: &str) -> Option<String> {
    let hundredths = rounded(nanos * 100, nanos_per_unit);
    if hundredths < 1000 {
        return Some(format!("{}.{:02} {unit}", hundredths / 100, hundredths % 100));
    }
    let tenths = rounded(nanos * 10, nanos_per_unit);
    if tenths < 1000 {
        return Some(format!("{}.{} {unit}", tenths / 10, tenths % 10));
    }
    let whole = rounded(nanos, nanos_per_unit);
    (whole < 1000).then(|| format!("{whole} {unit}"))
}

fn minutes(seconds: u128) -> String {
    if seconds < 3600 {
        return format!("{} min {} s", seconds / 60, seconds % 60);
    }
    let minutes = rounded(seconds, 60);
    format!("{} h {} min", minutes / 60, minutes % 60)
}

fn rounded(value: u128, unit: u128) -> u128 {
    (value + unit / 2) / unit
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn micros(n: u64) -> Duration {
        Duration::from_micros(n)
    }

    #[test]
    fn a_count_is_brief_where_it_is_long() {
        assert_eq!([0, 9_999, 10_000, 41_203, 8_586_911].map(brief), ["0", "9 999", "10k", "41k", "8.6M"]);
    }

    #[test]
    fn a_limit_is_never_told_as_nothing() {
        for (time, words) in [
            (Duration::from_nanos(100), "100 ns"),
            (micros(1), "1 µs"),
            (micros(999), "999 µs"),
            (micros(1_000), "1.00 ms"),
            (micros(200_000), "200 ms"),
            (Duration::from_secs(5), "5.00 s"),
        ] {
            assert_eq!(limit(time), words, "{time:?}");
        }
    }

    #[test]
    fn times_have_three_digits() {
        for (time, words) in [
            (micros(0), "0 ms"),
            (micros(4), "0 ms"),
            (micros(5), "0.01 ms"),
            (micros(410), "0.41 ms"),
            (micros(9_994), "9.99 ms"),
            (micros(9_996), "10.0 ms"),
            (micros(12_400), "12.4 ms"),
            (micros(99_960), "100 ms"),
            (micros(302_000), "302 ms"),
            (micros(999_499), "999 ms"),
            (micros(999_500), "1.00 s"),
            (micros(1_200_000), "1.20 s"),
            (micros(9_996_000), "10.0 s"),
            (micros(12_400_000), "12.4 s"),
            (micros(99_960_000), "100 s"),
            (Duration::from_secs(124), "124 s"),
            (Duration::from_secs(599), "599 s"),
            (Duration::from_mins(10), "10 min 0 s"),
            (Duration::from_secs(724), "12 min 4 s"),
            (micros(3_599_600_000), "1 h 0 min"),
            (Duration::from_secs(3 * 3600 + 2 * 60 + 9), "3 h 2 min"),
            (Duration::from_secs(4 * 3600 - 20), "4 h 0 min"),
        ] {
            assert_eq!(elapsed(time), words, "{time:?}");
        }
    }

    #[test]
    fn a_running_timer_never_says_more_than_has_passed() {
        for (time, words) in [
            (micros(0), "0.0 s"),
            (micros(799_000), "0.7 s"),
            (micros(4_199_999), "4.1 s"),
            (micros(99_999_999), "99.9 s"),
            (micros(124_900_000), "124 s"),
            (micros(724_900_000), "12 min 4 s"),
            (Duration::from_secs(3600 + 59), "1 h 0 min"),
        ] {
            assert_eq!(ticking(time), words, "{time:?}");
        }
    }

    #[test]
    fn sizes_are_in_binary_units() {
        for (bytes, words) in [
            (0, "0 B"),
            (13, "13 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (4096, "4.0 KiB"),
            (102_400, "100 KiB"),
            (1_048_575, "1.0 MiB"),
            (4 << 20, "4.0 MiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            assert_eq!(size(bytes), words, "{bytes}");
        }
    }

    #[test]
    fn sizes_that_differ_read_differently() {
        let words = |one, other| sizes_apart(one, other);
        assert_eq!(words(4 << 20, 8 << 20), ("4.0 MiB".to_owned(), "8.0 MiB".to_owned()));
        assert_eq!(words((4 << 20) + 1, 4 << 20), ("4 194 305 B".to_owned(), "4 194 304 B".to_owned()));
        assert_eq!(words(5, 5), ("5 B".to_owned(), "5 B".to_owned()));
    }

    #[test]
    fn counts_are_grouped() {
        for (n, words) in
            [(0, "0"), (999, "999"), (1000, "1 000"), (41_203, "41 203"), (31_000_000, "31 000 000")]
        {
            assert_eq!(count(n), words);
        }
    }

    #[test]
    fn rates_are_short() {
        for (per_second, words) in [
            (0.0, "0/s"),
            (f64::NAN, "0/s"),
            (f64::INFINITY, "0/s"),
            (-3.0, "0/s"),
            (0.4, "0.4/s"),
            (0.97, "1/s"),
            (3.2, "3/s"),
            (999.6, "1.0k/s"),
            (4_000.0, "4.0k/s"),
            (40_120.0, "40k/s"),
            (999_600.0, "1.0M/s"),
            (1_200_000.0, "1.2M/s"),
        ] {
            assert_eq!(rate(per_second), words, "{per_second}");
        }
    }

    proptest! {
        #[test]
        fn no_time_needs_four_digits_of_its_unit(nanos in 0_u64..600_000_000_000) {
            let words = elapsed(Duration::from_nanos(nanos));
            let digits = words.chars().filter(char::is_ascii_digit).count();
            prop_assert!(digits == 3 || words == "0 ms" || words == "10 min 0 s", "{}", words);
        }

        #[test]
        fn any_time_size_count_and_rate_has_words(seconds: u64, nanos in 0_u32..1_000_000_000, n: u64, f: f64) {
            let time = Duration::new(seconds, nanos);
            for words in [elapsed(time), ticking(time), size(n), count(n), rate(f)] {
                prop_assert!(words.len() < 40, "{}", words);
            }
        }

        #[test]
        fn grouping_loses_no_digit(n: u64) {
            prop_assert_eq!(count(n).replace(' ', ""), n.to_string());
        }
    }
}
