//! Times as people write them: `300ms`, `1.5s`, `2m`.

use std::time::Duration;

/// Why a text is no interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IntervalError {
    /// `fast`, `5`, `-1s`.
    #[error("a duration is written 300ms, 1.5s, 2m or 0")]
    NotADuration,
    /// Longer than [`MAX_INTERVAL`].
    #[error("an hour is the longest")]
    TooLong,
}

/// The longest pause between two replies.
pub const MAX_INTERVAL: Duration = Duration::from_hours(1);

/// Reads `300ms`, `1.5s`, `2m`, `1h`, `0`.
pub fn parse_interval(text: &str) -> Result<Duration, IntervalError> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic()).ok_or(IntervalError::NotADuration)?;
    let (amount, unit) = text.split_at(unit_at);
    let seconds = amount_of(amount, unit).ok_or(IntervalError::NotADuration)?;
    let interval = Duration::try_from_secs_f64(seconds).map_err(|_| IntervalError::TooLong)?;
    if interval > MAX_INTERVAL { Err(IntervalError::TooLong) } else { Ok(interval) }
}

/// Why a text is no limit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// `soon`, `-1`.
    #[error("a time is written 5 or 0.5, in seconds, or 300ms, 1.5s, 2m")]
    NotATime,
    /// `0`, or less than is counted.
    #[error("it is over before anything is done: give more than 0")]
    Nothing,
    /// More than is counted.
    #[error("100 000 hours are the longest")]
    TooLong,
}

/// The longest time that something may be allowed: `grpc-timeout` has eight digits.
pub const MAX_LIMIT: Duration = Duration::from_hours(100_000);

/// Reads a limit: `5` and `0.5` are seconds, as with other clients; `300ms`, `1.5s`, `2m`, `1h`.
pub fn parse_limit(text: &str) -> Result<Duration, LimitError> {
    let text = text.trim();
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (amount, unit) = text.split_at(unit_at);
    let limit = amount_of(amount, if unit.is_empty() { "s" } else { unit }).ok_or(LimitError::NotATime)?;
    match Duration::try_from_secs_f64(limit) {
        Ok(Duration::ZERO) => Err(LimitError::Nothing),
        Ok(limit) if limit <= MAX_LIMIT => Ok(limit),
        _ => Err(LimitError::TooLong),
    }
}

/// A number and a unit, in seconds.
fn amount_of(amount: &str, unit: &str) -> Option<f64> {
    let seconds = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let begins_as_a_number = amount.starts_with(|c: char| c.is_ascii_digit());
    amount.parse::<f64>().ok().filter(|_| begins_as_a_number).map(|amount| amount * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_a_number_and_a_unit() {
        for (text, interval) in [
            ("0", Duration::ZERO),
            ("0ms", Duration::ZERO),
            ("300ms", Duration::from_millis(300)),
            ("1s", Duration::from_secs(1)),
            ("1.5s", Duration::from_millis(1500)),
            ("2m", Duration::from_mins(2)),
            ("1h", MAX_INTERVAL),
        ] {
            assert_eq!(parse_interval(text), Ok(interval), "{text:?}");
        }
        for wrong in ["", "5", "s", "-1s", "+1s", "1 s", "1x", "1e3s", "infs", "NaNs", ".5s", "1.2.3s"] {
            assert_eq!(parse_interval(wrong), Err(IntervalError::NotADuration), "{wrong:?}");
        }
        for long in ["61m", "99999999999999999999999999999999h"] {
            assert_eq!(parse_interval(long), Err(IntervalError::TooLong), "{long:?}");
        }
    }

    #[test]
    fn a_limit_is_in_seconds_where_no_unit_says_otherwise() {
        for (text, limit) in [
            ("5", Duration::from_secs(5)),
            ("0.5", Duration::from_millis(500)),
            ("300ms", Duration::from_millis(300)),
            ("2m", Duration::from_mins(2)),
            ("100000h", MAX_LIMIT),
        ] {
            assert_eq!(parse_limit(text), Ok(limit), "{text:?}");
        }
        for (text, error) in [
            ("", LimitError::NotATime),
            ("soon", LimitError::NotATime),
            ("-1", LimitError::NotATime),
            ("1 s", LimitError::NotATime),
            ("1e3", LimitError::NotATime),
            ("0", LimitError::Nothing),
            ("0.0ms", LimitError::Nothing),
            ("100001h", LimitError::TooLong),
            ("99999999999999999999999", LimitError::TooLong),
        ] {
            assert_eq!(parse_limit(text), Err(error), "{text:?}");
        }
    }
}
