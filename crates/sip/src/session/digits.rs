//! Digits in INFO: `application/dtmf-relay` as most PBXs speak it, and the plain `application/dtmf`.

use crate::call::Digit;
use std::time::Duration;

/// The content type that we send.
pub(crate) const RELAY: &str = "application/dtmf-relay";
/// How long a digit that we send is said to have been pressed.
const PRESSED: Duration = Duration::from_millis(160);

/// A body for a digit.
pub(crate) fn body(digit: Digit) -> Vec<u8> {
    format!("Signal={}\r\nDuration={}\r\n", digit.key(), PRESSED.as_millis()).into_bytes()
}

/// The digit in a body, with its duration where it is said.
pub(crate) fn read(content_type: &str, body: &str) -> Option<(Digit, Option<Duration>)> {
    let kind = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    match kind.as_str() {
        RELAY => {
            let value = |name: &str| {
                let pairs = body.lines().filter_map(|l| l.split_once('='));
                pairs
                    .map(|(n, v)| (n.trim(), v.trim()))
                    .find(|(n, _)| n.eq_ignore_ascii_case(name))
                    .map(|(_, v)| v)
            };
            let duration = value("Duration").and_then(|d| d.parse().ok()).map(Duration::from_millis);
            Some((signal(value("Signal")?)?, duration))
        }
        "application/dtmf" => Some((signal(body.trim())?, None)),
        _ => None,
    }
}

/// `5`, `*`, or an event number of RFC 4733 as some gateways write it (`10` is `*`, `11` is `#`).
fn signal(text: &str) -> Option<Digit> {
    match text {
        "10" => Digit::new('*'),
        "11" => Digit::new('#'),
        "12" => Digit::new('A'),
        "13" => Digit::new('B'),
        "14" => Digit::new('C'),
        "15" => Digit::new('D'),
        "16" => Digit::new('!'),
        one => {
            let mut chars = one.chars();
            let digit = Digit::new(chars.next()?)?;
            chars.next().is_none().then_some(digit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_types_are_read() {
        let five = Digit::new('5').unwrap();
        assert_eq!(
            read(RELAY, "Signal=5\r\nDuration=120\r\n"),
            Some((five, Some(Duration::from_millis(120))))
        );
        assert_eq!(read("Application/DTMF; x=y", " 5\r\n"), Some((five, None)));
        assert_eq!(read(RELAY, "Signal = 11\n"), Some((Digit::new('#').unwrap(), None)));
    }

    #[test]
    fn what_is_no_digit_is_none() {
        assert_eq!(read(RELAY, "Signal=x\r\n"), None);
        assert_eq!(read(RELAY, "Signal=55\r\n"), None);
        assert_eq!(read("text/plain", "5"), None);
    }

    #[test]
    fn what_is_sent_can_be_read() {
        for key in "0123456789*#ABCD".chars() {
            let digit = Digit::new(key).unwrap();
            let text = String::from_utf8(body(digit)).unwrap();
            assert_eq!(read(RELAY, &text).map(|(d, _)| d), Some(digit));
        }
    }
}
