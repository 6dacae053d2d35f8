//! Signing in: codes, two-step passwords, and tokens that a person accepts on a phone. <https://core.telegram.org/api/auth>

use super::{
    cipher::KeyId,
    srp::{Challenge, Verifier},
};
use crate::calls::refused::Refused;
use rand::Rng;
use std::collections::BTreeMap;

/// Wrong codes before a new one has to be sent.
const TRIES: u32 = 5;
/// How long a token to scan is good, in seconds. <https://core.telegram.org/api/qr-login>
pub(super) const TOKEN_LIFE: i64 = 30;
/// Open tries at passwords; older ones go.
const CHALLENGES: usize = 1000;

const CODE_INVALID: Refused = Refused::new(400, "PHONE_CODE_INVALID");
const CODE_EXPIRED: Refused = Refused::new(400, "PHONE_CODE_EXPIRED");
const SRP_ID: Refused = Refused::new(400, "SRP_ID_INVALID");
const PASSWORD: Refused = Refused::new(400, "PASSWORD_HASH_INVALID");
const TOKEN_INVALID: Refused = Refused::new(400, "AUTH_TOKEN_INVALIDX");
const TOKEN_EXPIRED: Refused = Refused::new(400, "AUTH_TOKEN_EXPIRED");

/// A code on its way to a person.
#[derive(Clone)]
struct Code {
    user: i64,
    code: String,
    wrong: u32,
}

/// A token that a client shows and a person accepts.
#[derive(Clone)]
struct Token {
    key: KeyId,
    expires: i64,
    accepted: Option<i64>,
}

/// All that is under way.
#[derive(Default)]
pub(crate) struct Logins {
    codes: BTreeMap<String, Code>,
    passwords: BTreeMap<i64, Verifier>,
    challenges: BTreeMap<i64, (i64, Challenge)>,
    tokens: BTreeMap<Vec<u8>, Token>,
}

impl std::fmt::Debug for Logins {
    /// Leaves codes, tokens and passwords out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Logins").finish_non_exhaustive()
    }
}

impl Logins {
    /// Sends a code to a person; gives the hash that signIn has to name.
    pub(super) fn send_code(&mut self, user: i64) -> String {
        self.codes.retain(|_, code| code.user != user);
        let mut rng = rand::rng();
        let hash = format!("{:016x}", rng.random::<u64>());
        let code = format!("{:05}", rng.random_range(0..100_000));
        self.codes.insert(hash.clone(), Code { user, code, wrong: 0 });
        hash
    }

    /// The code that a person sees.
    pub(crate) fn code_of(&self, user: i64) -> Option<&str> {
        self.codes.values().find(|code| code.user == user).map(|code| code.code.as_str())
    }

    /// Whose code this is. A right one is used up; after some wrong ones it is no longer good.
    pub(super) fn check_code(&mut self, user: i64, hash: &str, given: &str) -> Result<i64, Refused> {
        let code = self.codes.get_mut(hash).filter(|code| code.user == user).ok_or(CODE_EXPIRED)?;
        if code.code == given {
            self.codes.remove(hash);
            return Ok(user);
        }
        code.wrong += 1;
        if code.wrong == TRIES {
            self.codes.remove(hash);
        }
        Err(CODE_INVALID)
    }

    /// Sets a person's two-step password, or takes it away.
    pub(crate) fn set_password(&mut self, user: i64, verifier: Option<Verifier>) {
        match verifier {
            Some(verifier) => self.passwords.insert(user, verifier),
            None => self.passwords.remove(&user),
        };
        self.challenges.retain(|_, (owner, _)| *owner != user);
    }

    pub(crate) fn has_password(&self, user: i64) -> bool {
        self.passwords.contains_key(&user)
    }

    /// Begins a try at a person's password, if there is one.
    pub(super) fn challenge(&mut self, user: i64) -> Option<(i64, Challenge, &Verifier)> {
        let verifier = self.passwords.get(&user)?;
        let (id, challenge) = (rand::rng().random(), verifier.challenge());
        if self.challenges.len() >= CHALLENGES {
            self.challenges.pop_first();
        }
        self.challenges.insert(id, (user, challenge.clone()));
        Some((id, challenge, verifier))
    }

    /// Checks a proof of the password.
    pub(super) fn check_password(&mut self, user: i64, id: i64, a: &[u8], m1: &[u8]) -> Result<(), Refused> {
        let (owner, challenge) = self.challenges.remove(&id).ok_or(SRP_ID)?;
        let verifier = self.passwords.get(&user).filter(|_| owner == user).ok_or(SRP_ID)?;
        if verifier.proves(&challenge, a, m1) { Ok(()) } else { Err(PASSWORD) }
    }

    /// A token for this client to show: the one it has, or a new one. Gives it with its end.
    pub(super) fn export_token(&mut self, key: KeyId, now: i64) -> (Vec<u8>, i64) {
        self.tokens.retain(|_, token| token.expires > now);
        let own = self.tokens.iter().find(|(_, token)| token.key == key && token.accepted.is_none());
        if let Some((token, known)) = own {
            return (token.clone(), known.expires);
        }
        let mut token = vec![0; 32];
        rand::rng().fill(&mut token[..]);
        self.tokens.insert(token.clone(), Token { key, expires: now + TOKEN_LIFE, accepted: None });
        (token, now + TOKEN_LIFE)
    }

    /// A person accepts a token on a phone; gives the key that waits for it.
    pub(crate) fn accept_token(&mut self, token: &[u8], user: i64, now: i64) -> Result<KeyId, Refused> {
        let found = self.tokens.get_mut(token).ok_or(TOKEN_INVALID)?;
        if found.expires <= now {
            return Err(TOKEN_EXPIRED);
        }
        found.accepted = Some(user);
        Ok(found.key)
    }

    /// Who accepted a token of this client; asked once.
    pub(super) fn take_accepted(&mut self, key: KeyId) -> Option<i64> {
        let accepted = |(_, token): &(&Vec<u8>, &Token)| token.key == key && token.accepted.is_some();
        let token = self.tokens.iter().find(accepted).map(|(token, _)| token.clone())?;
        self.tokens.remove(&token)?.accepted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLGA: i64 = 1;

    #[test]
    fn a_code_is_good_once_and_not_after_five_wrong_ones() {
        let mut logins = Logins::default();
        let hash = logins.send_code(OLGA);
        let code = logins.code_of(OLGA).unwrap().to_owned();
        assert_eq!(logins.check_code(OLGA, &hash, "x"), Err(CODE_INVALID));
        assert_eq!(logins.check_code(OLGA, &hash, &code), Ok(OLGA));
        assert_eq!(logins.check_code(OLGA, &hash, &code), Err(CODE_EXPIRED));

        let hash = logins.send_code(OLGA);
        let code = logins.code_of(OLGA).unwrap().to_owned();
        for _ in 0..TRIES {
            assert_eq!(logins.check_code(OLGA, &hash, "x"), Err(CODE_INVALID));
        }
        assert_eq!(logins.check_code(OLGA, &hash, &code), Err(CODE_EXPIRED));
    }

    #[test]
    fn a_token_is_for_the_client_that_showed_it_and_not_for_long() {
        let mut logins = Logins::default();
        let (key, other) = ([1; 8], [2; 8]);
        let (token, expires) = logins.export_token(key, 100);
        assert_eq!(logins.export_token(key, 101), (token.clone(), expires));
        assert_eq!(logins.accept_token(&token, OLGA, expires), Err(TOKEN_EXPIRED));
        assert_eq!(logins.accept_token(&token, OLGA, 110), Ok(key));
        assert_eq!((logins.take_accepted(other), logins.take_accepted(key)), (None, Some(OLGA)));
        assert_eq!(logins.take_accepted(key), None);
    }
}
