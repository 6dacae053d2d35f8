//! Keys that a person presses: in order, with pauses, and never to be seen.

use super::ids::{LegId, Moment};
use super::line::{Line, Stage};
use super::output::{Output, SipCommand};
pub use domain::call::Digit;
use domain::settings::DtmfMethod;
use std::collections::VecDeque;
use std::time::Duration;

/// A comma in what is typed.
const PAUSE: Duration = Duration::from_secs(1);

/// Keys that may wait: twice what a phone sends in one frame.
const WAITING: usize = 64;

/// A key, or a pause of a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A key.
    Digit(Digit),
    /// A second of waiting.
    Pause,
}

impl Key {
    /// What a phone sends: `12#,4`. None where there is anything else in it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Vec<Self>> {
        let key = |c| if c == ',' { Some(Self::Pause) } else { Digit::try_from(c).ok().map(Self::Digit) };
        text.chars().map(key).collect()
    }
}

/// Keys that wait for their turn.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    waiting: VecDeque<Key>,
    not_before: Option<Moment>,
}

impl Keys {
    /// Takes more keys; false if there are too many.
    pub(super) fn press(&mut self, keys: Vec<Key>) -> bool {
        let room = self.waiting.len() + keys.len() <= WAITING;
        if room {
            self.waiting.extend(keys);
        }
        room
    }

    pub(super) fn due(&self) -> Option<Moment> {
        if self.waiting.is_empty() { None } else { self.not_before }
    }

    /// The next digit that may go out now.
    fn next(&mut self, now: Moment) -> Option<Digit> {
        loop {
            if self.not_before.is_some_and(|at| at > now) {
                return None;
            }
            self.not_before = None;
            match self.waiting.pop_front()? {
                Key::Digit(digit) => return Some(digit),
                Key::Pause => self.not_before = Some(now + PAUSE),
            }
        }
    }
}

impl Line {
    /// Whether keys mean something: sound may flow to the far end.
    pub(super) fn takes_keys(&self) -> bool {
        match self.stage {
            Stage::Talking { .. } => true,
            Stage::Dialling { early, .. } => early,
            Stage::Wanted { .. } | Stage::Ringing { .. } => false,
        }
    }

    /// The keys that go out now.
    pub(super) fn send_keys(&mut self, now: Moment) -> Vec<Output> {
        let mut outputs = Vec::new();
        let Some(leg) = self.leg else { return outputs };
        while let Some(digit) = self.keys.next(now) {
            outputs.push(self.key(leg, digit));
        }
        outputs
    }

    fn key(&self, leg: LegId, digit: Digit) -> Output {
        let method = method(&self.account.dtmf, self.telephone_event);
        Output::Sip { leg, command: SipCommand::Digit { digit, method } }
    }
}

/// The first of the account's methods that this far end takes. INFO and tones need no agreement.
fn method(wanted: &[DtmfMethod], telephone_event: bool) -> DtmfMethod {
    let fits = |method: &&DtmfMethod| match method {
        DtmfMethod::Rfc2833 => telephone_event,
        DtmfMethod::Info | DtmfMethod::Inband => true,
    };
    wanted.iter().find(fits).copied().unwrap_or(DtmfMethod::Inband)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_method_that_the_far_end_takes_is_used() {
        use DtmfMethod::{Inband, Info, Rfc2833};
        assert_eq!(method(&[Rfc2833, Info], true), Rfc2833);
        assert_eq!(method(&[Rfc2833, Info], false), Info);
        assert_eq!(method(&[Rfc2833], false), Inband, "a key is never lost");
        assert_eq!(method(&[Inband, Rfc2833], true), Inband, "the account's order decides");
    }

    #[test]
    fn a_comma_waits_a_second() {
        let mut keys = Keys::default();
        assert!(keys.press(Key::parse("1,2").expect("keys")));
        let second = Duration::from_secs(1);
        assert_eq!(keys.next(Moment::ZERO).map(Digit::get), Some('1'));
        assert_eq!(keys.next(Moment::ZERO), None);
        assert_eq!(keys.due(), Some(second));
        assert_eq!(keys.next(second).map(Digit::get), Some('2'));
        assert_eq!(keys.due(), None);
    }

    #[test]
    fn what_is_no_key_is_refused_and_a_key_is_not_shown() {
        assert_eq!(Key::parse("12x"), None);
        assert_eq!(Key::parse("1 2"), None);
        assert!(!format!("{:?}", Key::parse("7")).contains('7'));
    }

    #[test]
    fn a_flood_of_keys_is_refused_as_a_whole() {
        let mut keys = Keys::default();
        assert!(keys.press(vec![Key::Pause; WAITING]));
        assert!(!keys.press(vec![Key::Pause]));
    }
}
