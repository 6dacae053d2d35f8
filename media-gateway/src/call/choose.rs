//! Which of a person's accounts fit a dialled number (product reference 3.3 and 6).

use super::line::Account;
use domain::dial_rules::{DialRules, Outcome};

/// An account that a person may call through.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The account.
    pub account: Account,
    /// What it does to numbers.
    pub rules: DialRules,
}

/// What a dialled number leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// `No lines for call`: no account fits.
    None,
    /// One fits: it is used at once.
    One(Fit),
    /// Several fit: the person chooses.
    Several(Vec<Fit>),
}

/// An account that fits, and what it makes of the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// The account.
    pub account: Account,
    /// The number after its rules.
    pub dialled: String,
}

/// Leaves out the accounts whose filters refuse the number.
#[must_use]
pub fn choose<'a>(candidates: impl IntoIterator<Item = &'a Candidate>, number: &str) -> Choice {
    let fit = |candidate: &Candidate| match candidate.rules.apply(number) {
        Outcome::Allowed(dialled) => Some(Fit { account: candidate.account.clone(), dialled }),
        Outcome::Refused { .. } | Outcome::TooLong => None,
    };
    let mut fits: Vec<Fit> = candidates.into_iter().filter_map(fit).collect();
    match (fits.pop(), fits.is_empty()) {
        (None, _) => Choice::None,
        (Some(only), true) => Choice::One(only),
        (Some(last), false) => {
            fits.push(last);
            Choice::Several(fits)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::call::RecordingPolicy;
    use domain::ids::{AccountNumber, UserId};

    fn candidate(number: u32, rules: &str) -> Candidate {
        let number = AccountNumber::try_from(100_000_000 + number).expect("in range");
        let policy = RecordingPolicy { automatic: false, locked: false, limit: None };
        let account = Account { number, owner: UserId(1), recording: policy, dtmf: Vec::new() };
        Candidate { account, rules: DialRules::parse(rules).expect("rules") }
    }

    #[test]
    fn an_account_whose_filter_refuses_the_number_is_not_offered() {
        let accounts = [candidate(1, "^79"), candidate(2, "^7495")];
        let Choice::One(fit) = choose(&accounts, "79261234567") else { panic!("one fits") };
        assert_eq!(fit.account, accounts[0].account);
    }

    #[test]
    fn what_is_dialled_is_the_number_after_the_rules_of_the_account() {
        let accounts = [candidate(1, r"[^+*#\w]= ^8=7"), candidate(2, "")];
        let Choice::Several(fits) = choose(&accounts, "8 (926) 123-45-67") else { panic!("both fit") };
        assert_eq!(fits[0].dialled, "79261234567");
        assert_eq!(fits[1].dialled, "8 (926) 123-45-67");
    }

    #[test]
    fn where_no_account_fits_there_is_no_line_for_the_call() {
        assert_eq!(choose(&[candidate(1, "^7")], "00123"), Choice::None);
        assert_eq!(choose(&[], "1"), Choice::None);
    }
}
