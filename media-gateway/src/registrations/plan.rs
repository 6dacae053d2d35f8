//! What is to be registered, compared with what is. Pure.
//!
//! It looks at states, not at events, so that a missed or doubled event cannot leave it wrong for long. The same
//! comparison serves a start, a changed password, a switch, and a segment that came or went.

use domain::ids::{AccountNumber, Revision, UserId};
use std::collections::BTreeMap;
use std::time::Duration;

/// What tells one registration of an account from another: a change of either means to register anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// The settings.
    pub revision: Revision,
    /// Whose key opens the password.
    pub owner: UserId,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// To be signed off.
    pub stop: Vec<AccountNumber>,
    /// To be registered, for the first time or anew.
    pub start: Vec<AccountNumber>,
}

/// Wanted minus running, and running minus wanted.
#[must_use]
pub fn plan(wanted: &BTreeMap<AccountNumber, Wish>, running: &BTreeMap<AccountNumber, Wish>) -> Plan {
    let stop = running.keys().filter(|account| !wanted.contains_key(account)).copied();
    let start = wanted.iter().filter(|(account, wish)| running.get(account) != Some(wish));
    Plan { stop: stop.collect(), start: start.map(|(account, _)| *account).collect() }
}

/// Lets so many registrations a second through at each registrar, so that a restart with thousands of accounts does not
/// look like an attack (sip reference 4: 50 to 100 a second).
#[derive(Debug, Default)]
pub struct Spread {
    next: BTreeMap<String, Duration>,
}

impl Spread {
    /// When the next registration at this registrar may go out, which is then taken.
    pub fn take(&mut self, registrar: &str, per_second: u32, now: Duration) -> Duration {
        let gap = Duration::from_secs(1) / per_second.max(1);
        let next = self.next.entry(registrar.to_owned()).or_insert(now);
        let at = (*next).max(now);
        *next = at + gap;
        at
    }

    /// Forgets registrars that nobody waits for.
    pub fn tidy(&mut self, now: Duration) {
        self.next.retain(|_, next| *next > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a1 b2` is account a with revision 1, and b with 2.
    fn accounts(text: &str) -> BTreeMap<AccountNumber, Wish> {
        let one = |word: &str| {
            let (name, revision) = word.split_at(1);
            let revision = Revision(revision.parse().expect("a revision"));
            (number(name), Wish { revision, owner: UserId(1) })
        };
        text.split_whitespace().map(one).collect()
    }

    fn number(name: &str) -> AccountNumber {
        AccountNumber::try_from(100_000_000 + u32::from(name.as_bytes()[0])).expect("in range")
    }

    fn check(wanted: &str, running: &str, stop: &str, start: &str) {
        let names = |text: &str| text.split_whitespace().map(number).collect::<Vec<_>>();
        let plan = plan(&accounts(wanted), &accounts(running));
        assert_eq!((plan.stop, plan.start), (names(stop), names(start)), "{wanted} against {running}");
    }

    #[test]
    fn what_is_wanted_and_does_not_run_is_started_and_the_other_way_round() {
        check("a1 b1", "a1 b1", "", "");
        check("a1 b1", "", "", "a b");
        check("", "a1", "a", "");
        check("a2 b1", "a1 b1", "", "a");
        check("a1 c1", "a1 b1", "b", "c");
    }

    #[test]
    fn an_account_that_changed_hands_is_registered_anew() {
        let mut wanted = accounts("a1");
        wanted.insert(number("a"), Wish { revision: Revision(1), owner: UserId(2) });
        assert_eq!(plan(&wanted, &accounts("a1")).start, [number("a")]);
    }

    #[test]
    fn a_thousand_accounts_of_one_registrar_are_spread_and_other_registrars_do_not_wait_for_them() {
        let mut spread = Spread::default();
        let last = (0..1000).map(|_| spread.take("a", 50, Duration::ZERO)).last();
        assert_eq!(last, Some(Duration::from_millis(19_980)));
        assert_eq!(spread.take("b", 50, Duration::ZERO), Duration::ZERO);
        spread.tidy(Duration::from_secs(60));
        assert_eq!(spread.take("a", 50, Duration::from_secs(60)), Duration::from_secs(60));
    }
}
