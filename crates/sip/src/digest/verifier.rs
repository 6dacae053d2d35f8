//! A server's side: challenges, and whether an answer proves the password.

use super::algorithm::{Algorithm, Ha1, Proof, Qop};
use super::challenge::Challenge;
use super::credentials::Authorization;
use super::nonce::{Nonces, Origin};
use super::replay::Replays;
use super::session::Request;
use secrecy::SecretBox;
use std::fmt;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};
use subtle::ConstantTimeEq;

/// Checks who somebody is. Nonces are time and a seal, so no store grows with strangers' requests.
pub struct Verifier {
    realm: String,
    algorithms: Vec<Algorithm>,
    life: Duration,
    nonces: Nonces,
    replays: Replays,
}

/// What an answer to a challenge turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The password is right.
    Right {
        /// Whose.
        username: String,
    },
    /// Right or wrong, the nonce is too old or was used so before. Challenge again with `stale`.
    Stale,
    /// Not from a challenge of ours: another realm, a foreign nonce, an algorithm that was not offered.
    /// Nothing is proven about the sender, who may be forged: challenge again, and count nothing.
    Foreign,
    /// The password is wrong or the user unknown; nobody is told which. The nonce is ours,
    /// so the sender did receive our challenge, and the failure may count against it.
    Wrong {
        /// The name that was tried.
        username: String,
    },
    /// The answer vouches for another address than the request's (RFC 7616 section 3.4.6): 400.
    OtherTarget,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verifier({}, [hidden])", self.realm)
    }
}

impl Verifier {
    /// A verifier for a realm. `algorithms` are offered in this order; SHA-256 before MD5 is what RFC 8760 wants,
    /// and a list of one is what phones want that stumble over two challenges.
    /// `life` is how long a nonce may be used; 30 to 60 seconds suit phones that register.
    #[must_use]
    pub fn new(realm: &str, algorithms: &[Algorithm], life: Duration, secret: SecretBox<[u8; 32]>) -> Self {
        let algorithms = algorithms.to_vec();
        let (nonces, replays) = (Nonces::new(secret), Replays::default());
        Self { realm: realm.to_owned(), algorithms, life, nonces, replays }
    }

    /// The realm.
    #[must_use]
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// The challenges to send, one header each, in this order.
    pub fn challenges(&mut self, source: IpAddr, now: SystemTime, stale: bool) -> Vec<Challenge> {
        let algorithms = self.algorithms.clone();
        let challenge = |algorithm| Challenge {
            realm: self.realm.clone(),
            nonce: self.nonces.make(source, now),
            algorithm,
            qop: vec![Qop::Auth],
            opaque: None,
            stale,
        };
        algorithms.into_iter().map(challenge).collect()
    }

    /// Checks an answer. `key` finds the user's HA1 for a hash; what it finds, and whether, does not show in the verdict or its timing.
    pub fn check(
        &mut self,
        answer: &Authorization,
        request: &Request<'_>,
        source: IpAddr,
        now: SystemTime,
        key: impl FnOnce(&str, Algorithm) -> Option<Ha1>,
    ) -> Verdict {
        if answer.realm != self.realm || !self.algorithms.contains(&answer.algorithm) {
            return Verdict::Foreign;
        }
        let made = match self.nonces.recognise(&answer.nonce, source) {
            Origin::Foreign => return Verdict::Foreign,
            Origin::Ours(made) => made,
        };
        let age = now.duration_since(made).unwrap_or_default();
        if age > self.life || self.replays.is_forgotten(made) {
            return Verdict::Stale;
        }
        if !same_target(&answer.uri, request.uri) {
            return Verdict::OtherTarget;
        }
        if !self.proves(answer, request, key) {
            return Verdict::Wrong { username: answer.username.clone() };
        }
        let count = answer.qop.map_or(0, |(_, count)| count);
        let oldest = now.checked_sub(self.life).unwrap_or(now);
        if self.replays.note(&answer.nonce, made, count, oldest) {
            Verdict::Right { username: answer.username.clone() }
        } else {
            Verdict::Stale
        }
    }

    fn proves(
        &self,
        answer: &Authorization,
        request: &Request<'_>,
        key: impl FnOnce(&str, Algorithm) -> Option<Ha1>,
    ) -> bool {
        let hash = answer.algorithm.hash_only();
        let found = key(&answer.username, hash).filter(|ha1| ha1.algorithm() == hash);
        let nobody = Ha1::from_hex(hash, self.nonces.made_up_key(&answer.username).into());
        let known = found.is_some();
        let proof = Proof {
            algorithm: answer.algorithm,
            nonce: &answer.nonce,
            cnonce: answer.cnonce.as_deref().unwrap_or_default(),
            qop: answer.qop,
            method: request.method,
            uri: &answer.uri,
            body: request.body,
        };
        let expected = found.unwrap_or(nobody).response(&proof);
        let given = answer.response.to_ascii_lowercase();
        bool::from(expected.as_bytes().ct_eq(given.as_bytes())) & known
    }
}

/// Whether both name the same place; parameters and headers behind it may differ.
fn same_target(one: &str, other: &str) -> bool {
    let place = |uri: &str| {
        let host = uri.rfind('@').map_or(0, |at| at + 1);
        let end = uri[host..].find([';', '?']).map_or(uri.len(), |at| host + at);
        (uri[..host].to_owned(), uri[host..end].to_ascii_lowercase())
    };
    place(one) == place(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{Login, Session};
    use std::time::UNIX_EPOCH;

    const HERE: &str = "192.0.2.1";
    const INVITE: Request<'_> = Request { method: "INVITE", uri: "sip:600@pbx.test", body: b"" };

    fn verifier() -> Verifier {
        let algorithms = [Algorithm::Sha256, Algorithm::Md5];
        Verifier::new("pbx", &algorithms, Duration::from_secs(60), SecretBox::new(Box::new([7; 32])))
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
    }

    fn login(username: &str, password: &str) -> Login {
        Login { username: username.to_owned(), password: password.to_owned().into() }
    }

    fn key(user: &str, algorithm: Algorithm) -> Option<Ha1> {
        (user == "ivan").then(|| Ha1::of(algorithm, user, "pbx", &"right".to_owned().into()))
    }

    fn check(verifier: &mut Verifier, answer: &Authorization, seconds: u64) -> Verdict {
        verifier.check(answer, &INVITE, HERE.parse().unwrap(), at(seconds), key)
    }

    fn right() -> Verdict {
        Verdict::Right { username: "ivan".to_owned() }
    }

    fn sessions(verifier: &mut Verifier) -> Vec<Session> {
        verifier.challenges(HERE.parse().unwrap(), at(0), false).into_iter().map(Session::new).collect()
    }

    #[test]
    fn both_algorithms_are_challenged_the_better_one_first_and_both_are_taken() {
        let mut verifier = verifier();
        let mut sessions = sessions(&mut verifier);
        assert_eq!(sessions[0].challenge().algorithm, Algorithm::Sha256);
        assert_eq!(sessions[1].challenge().algorithm, Algorithm::Md5);
        for session in &mut sessions {
            let answer = session.answer(&login("ivan", "right"), &INVITE, "c".to_owned());
            assert_eq!(check(&mut verifier, &answer.to_string().parse().unwrap(), 1), right());
        }
    }

    #[test]
    fn an_unknown_user_meets_the_same_as_a_wrong_password() {
        let mut verifier = verifier();
        for (name, password) in [("ivan", "wrong"), ("nobody", "right")] {
            let answer = sessions(&mut verifier)[0].answer(&login(name, password), &INVITE, "c".to_owned());
            assert_eq!(check(&mut verifier, &answer, 1), Verdict::Wrong { username: name.to_owned() });
        }
    }

    #[test]
    fn an_old_nonce_is_stale() {
        let mut verifier = verifier();
        let answer = sessions(&mut verifier)[0].answer(&login("ivan", "right"), &INVITE, "c".to_owned());
        assert_eq!(check(&mut verifier, &answer, 61), Verdict::Stale);
        assert!(
            verifier.challenges(HERE.parse().unwrap(), at(61), true)[0].to_string().contains("stale=true")
        );
    }

    #[test]
    fn an_answer_is_good_once_but_its_nonce_may_be_used_again() {
        let mut verifier = verifier();
        let mut session = sessions(&mut verifier).remove(0);
        let first = session.answer(&login("ivan", "right"), &INVITE, "c".to_owned());
        let second = session.answer(&login("ivan", "right"), &INVITE, "d".to_owned());
        assert_eq!(check(&mut verifier, &first, 1), right());
        assert_eq!(check(&mut verifier, &first, 1), Verdict::Stale);
        assert_eq!(check(&mut verifier, &second, 2), right());
    }

    #[test]
    fn a_client_of_the_old_days_gets_one_use() {
        let mut verifier = verifier();
        let mut challenge = verifier.challenges(HERE.parse().unwrap(), at(0), false).remove(1);
        challenge.qop.clear();
        let answer = Session::new(challenge).answer(&login("ivan", "right"), &INVITE, String::new());
        assert_eq!(check(&mut verifier, &answer, 1), right());
        assert_eq!(check(&mut verifier, &answer, 1), Verdict::Stale);
    }

    #[test]
    fn an_answer_from_elsewhere_proves_nothing() {
        let mut verifier = verifier();
        let answer = sessions(&mut verifier)[0].answer(&login("ivan", "wrong"), &INVITE, "c".to_owned());
        let moved = verifier.check(&answer, &INVITE, "192.0.2.9".parse().unwrap(), at(1), key);
        assert_eq!(moved, Verdict::Foreign);
        assert_eq!(
            check(&mut verifier, &Authorization { realm: "other".to_owned(), ..answer.clone() }, 1),
            Verdict::Foreign
        );
        assert_eq!(
            check(&mut verifier, &Authorization { algorithm: Algorithm::Md5Sess, ..answer }, 1),
            Verdict::Foreign
        );
    }

    #[test]
    fn an_answer_for_another_number_is_not_for_this_one() {
        let mut verifier = verifier();
        let to = |uri| Request { uri, ..INVITE };
        let answer = |verifier: &mut Verifier, uri| {
            sessions(verifier)[0].answer(&login("ivan", "right"), &to(uri), "c".to_owned())
        };
        let other = answer(&mut verifier, "sip:900@pbx.test");
        assert_eq!(check(&mut verifier, &other, 1), Verdict::OtherTarget);
        let same = answer(&mut verifier, "sip:600@PBX.test;user=phone");
        assert_eq!(check(&mut verifier, &same, 1), right());
    }
}
