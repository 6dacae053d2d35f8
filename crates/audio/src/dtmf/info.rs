//! Digits as bodies of SIP INFO requests: `application/dtmf-relay`, and `application/dtmf`, which is the digit alone.

use super::Digit;
use std::time::Duration;

/// The content type of [`relay`].
pub const RELAY: &str = "application/dtmf-relay";
/// The content type of [`plain`].
pub const PLAIN: &str = "application/dtmf";

/// How long a digit lasts where the body does not say.
const DEFAULT: Duration = Duration::from_millis(250);

/// A key that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pressed {
    /// Which.
    pub digit: Digit,
    /// For how long; 250 ms where the body does not say. At most five seconds.
    pub duration: Duration,
}

/// Reads the body of an INFO request. `None` if its content type is another, or if no digit can be read.
#[must_use]
pub fn parse(content_type: &str, body: &[u8]) -> Option<Pressed> {
    let content_type = content_type.split(';').next().unwrap_or_default().trim();
    let body = std::str::from_utf8(body).ok()?;
    if content_type.eq_ignore_ascii_case(RELAY) {
        parse_relay(body)
    } else if content_type.eq_ignore_ascii_case(PLAIN) {
        Some(Pressed { digit: parse_digit(body)?, duration: DEFAULT })
    } else {
        None
    }
}

/// Writes `application/dtmf-relay`.
#[must_use]
pub fn relay(digit: Digit, duration: Duration) -> String {
    format!("Signal={}\r\nDuration={}\r\n", digit.as_char(), duration.as_millis())
}

/// Writes `application/dtmf`.
#[must_use]
pub fn plain(digit: Digit) -> String {
    digit.as_char().to_string()
}

fn parse_relay(body: &str) -> Option<Pressed> {
    let value = |wanted: &str| {
        body.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            name.trim().eq_ignore_ascii_case(wanted).then_some(value.trim())
        })
    };
    let duration =
        value("Duration").and_then(|text| text.parse().ok()).map_or(DEFAULT, Duration::from_millis);
    Some(Pressed { digit: parse_digit(value("Signal")?)?, duration: duration.min(Duration::from_secs(5)) })
}

/// Some phones write the event code in place of `*`, `#` and the letters.
fn parse_digit(text: &str) -> Option<Digit> {
    let text = text.trim();
    let mut keys = text.chars();
    match (keys.next(), keys.next()) {
        (Some(key), None) => Digit::from_char(key),
        (Some('1'), Some(_)) => text.parse().ok().and_then(Digit::from_event),
        (_, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digit(key: char) -> Digit {
        Digit::from_char(key).unwrap()
    }

    #[test]
    fn bodies_of_real_phones_are_understood() {
        for (body, key, ms) in [
            ("Signal=5\r\nDuration=160\r\n", '5', 160),
            ("Signal= *\r\nDuration= 250", '*', 250),
            ("signal=11\nduration=100\n", '#', 100),
            ("Signal=15", 'D', 250),
            ("Duration=90\r\nSignal=c\r\n", 'C', 90),
            ("Signal=1\r\nDuration=soon\r\n", '1', 250),
        ] {
            let pressed = parse("Application/DTMF-Relay; charset=utf-8", body.as_bytes());
            let wanted = Pressed { digit: digit(key), duration: Duration::from_millis(ms) };
            assert_eq!(pressed, Some(wanted), "{body}");
        }
        let plain = parse("application/dtmf", b"10\r\n").map(|pressed| pressed.digit);
        assert_eq!(plain, Some(digit('*')));
    }

    #[test]
    fn what_is_no_digit_is_none() {
        for body in ["Signal=\r\n", "Signal=16", "Signal=55", "Signal=x", "5", "", "Signal=1 2"] {
            assert_eq!(parse(RELAY, body.as_bytes()), None, "{body}");
        }
        assert_eq!(parse("text/plain", b"5"), None);
        assert_eq!(parse(PLAIN, &[0xFF]), None);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let duration = Duration::from_millis(160);
        for digit in Digit::ALL {
            let relayed = parse(RELAY, relay(digit, duration).as_bytes());
            assert_eq!(relayed, Some(Pressed { digit, duration }));
            assert_eq!(parse(PLAIN, plain(digit).as_bytes()).map(|pressed| pressed.digit), Some(digit));
        }
    }
}
