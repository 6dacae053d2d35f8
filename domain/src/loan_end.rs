//! When a loan ends, as people type it: a date, a date and a time, or how long it is to last.

use crate::sip_account::LOAN_MAX;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

/// Why something typed is not the end of a loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLoanEnd {
    /// Neither a date nor a length.
    #[error("it is neither a date nor a length")]
    Unknown,
    /// The moment has passed.
    #[error("it is in the past")]
    Past,
    /// Later than [`LOAN_MAX`] from now.
    #[error("it is too far away")]
    TooFar,
}

/// The moment that a text means, in UTC: `2026-03-01`, `01.03.2026 18:30`, `3 days`, `2 недели`.
///
/// A date without a time means until that day is over.
///
/// # Errors
///
/// It is no moment, or none at which a loan may end.
pub fn parse(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, BadLoanEnd> {
    let text = text.trim().to_lowercase();
    let text = text.strip_suffix("utc").unwrap_or(&text).trim_end();
    let end = moment(text).or_else(|| length(text).and_then(|length| now.checked_add_signed(length)));
    let end = end.ok_or(BadLoanEnd::Unknown)?;
    if end <= now {
        Err(BadLoanEnd::Past)
    } else if end - now > LOAN_MAX {
        Err(BadLoanEnd::TooFar)
    } else {
        Ok(end)
    }
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    let (day, time) = match text.split_once([' ', 't', ',']) {
        Some((day, time)) => (day, Some(time.trim())),
        None => (text, None),
    };
    let day = date(day)?;
    let end = match time {
        Some(time) => day.and_time(NaiveTime::parse_from_str(time, "%H:%M").ok()?),
        None => day.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN),
    };
    Some(end.and_utc())
}

fn date(text: &str) -> Option<NaiveDate> {
    ["%Y-%m-%d", "%d.%m.%Y"].iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok())
}

/// A count and a unit, in English or Russian.
fn length(text: &str) -> Option<TimeDelta> {
    let split = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (count, unit) = text.split_at_checked(split)?;
    let count: i64 = count.parse().ok()?;
    let hours = match unit.trim() {
        "h" | "hour" | "hours" | "ч" | "час" | "часа" | "часов" => 1,
        "d" | "day" | "days" | "д" | "день" | "дня" | "дней" => 24,
        "w" | "week" | "weeks" | "неделя" | "неделю" | "недели" | "недель" => 24 * 7,
        "month" | "months" | "месяц" | "месяца" | "месяцев" => 24 * 30,
        "year" | "год" => 24 * 365,
        _ => return None,
    };
    count.checked_mul(hours).and_then(TimeDelta::try_hours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_means_until_that_day_is_over() {
        assert_eq!(typed("2026-01-02"), Ok(moment("2026-01-03T00:00:00Z")));
        assert_eq!(typed(" 01.01.2026 "), Ok(moment("2026-01-02T00:00:00Z")), "today");
    }

    #[test]
    fn a_time_may_follow_the_date() {
        for text in ["2026-03-01 18:30", "01.03.2026 18:30", "01.03.2026, 18:30 UTC", "2026-03-01T18:30"] {
            assert_eq!(typed(text), Ok(moment("2026-03-01T18:30:00Z")), "{text}");
        }
    }

    #[test]
    fn a_length_counts_from_now() {
        for text in ["3 days", "3d", "3 дня", "72 часа"] {
            assert_eq!(typed(text), Ok(noon() + TimeDelta::days(3)), "{text}");
        }
        assert_eq!(typed("1 Неделю"), Ok(noon() + TimeDelta::weeks(1)));
        assert_eq!(typed("1 year"), Ok(noon() + TimeDelta::days(365)));
    }

    #[test]
    fn a_loan_ends_after_now_and_within_a_year() {
        assert_eq!(typed("2026-01-01 12:00"), Err(BadLoanEnd::Past));
        assert_eq!(typed("0 days"), Err(BadLoanEnd::Past));
        assert_eq!(typed("2025-12-31"), Err(BadLoanEnd::Past));
        assert_eq!(typed("2026-01-01 12:01"), Ok(moment("2026-01-01T12:01:00Z")));
        assert_eq!(typed("366 days"), Ok(noon() + LOAN_MAX));
        assert_eq!(typed("2027-01-02 12:01"), Err(BadLoanEnd::TooFar));
        assert_eq!(typed("400 days"), Err(BadLoanEnd::TooFar));
    }

    #[test]
    fn anything_else_is_no_end() {
        for text in
            ["", "soon", "3", "days", "3 parsecs", "2026-02-30", "2026-03-01 25:00", "-3 days", "31.12"]
        {
            assert_eq!(typed(text), Err(BadLoanEnd::Unknown), "{text}");
        }
        for text in ["99999999999999999999 days", "9223372036854775807 h"] {
            assert_eq!(typed(text), Err(BadLoanEnd::Unknown), "{text}");
        }
    }

    fn typed(text: &str) -> Result<DateTime<Utc>, BadLoanEnd> {
        parse(text, noon())
    }

    fn noon() -> DateTime<Utc> {
        moment("2026-01-01T12:00:00Z")
    }

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }
}
