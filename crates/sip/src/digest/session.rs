//! A client's side: one server's challenge, answered as often as it is good for.

use super::algorithm::{Algorithm, Ha1, Proof, Qop};
use super::challenge::Challenge;
use super::credentials::Authorization;
use secrecy::SecretString;

/// Name and password. Debug hides the password.
#[derive(Debug, Clone)]
pub struct Login {
    /// The name that people log in with.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

/// What a response vouches for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method, such as `REGISTER`.
    pub method: &'a str,
    /// The Request-URI as it goes on the wire.
    pub uri: &'a str,
    /// The body; it counts only where the server wants `auth-int`.
    pub body: &'a [u8],
}

/// A challenge and how often it was answered. Kept between requests, it saves the round trip of being challenged again.
#[derive(Debug, Clone)]
pub struct Session {
    challenge: Challenge,
    uses: u32,
    /// The client's nonce of the first answer, to which the key of a `-sess` algorithm is bound.
    first: Option<String>,
}

impl Session {
    /// Begins to answer a challenge.
    #[must_use]
    pub fn new(challenge: Challenge) -> Self {
        Self { challenge, uses: 0, first: None }
    }

    /// What is answered.
    #[must_use]
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// How often it was answered: 0 means that a refusal is not yet about the password.
    #[must_use]
    pub fn uses(&self) -> u32 {
        self.uses
    }

    /// The server's next nonce, from a `nextnonce` of its `Authentication-Info`.
    pub fn renew(&mut self, nonce: String) {
        self.challenge.nonce = nonce;
        self.uses = 0;
        self.first = None;
    }

    /// Answers for one request. `cnonce` is drawn anew for each, by whoever has random numbers.
    pub fn answer(&mut self, login: &Login, request: &Request<'_>, cnonce: String) -> Authorization {
        self.uses = self.uses.saturating_add(1);
        let challenge = &self.challenge;
        let quality = [Qop::Auth, Qop::AuthInt].into_iter().find(|qop| challenge.qop.contains(qop));
        let qop = quality.map(|qop| (qop, self.uses));
        let bound = matches!(challenge.algorithm, Algorithm::Md5Sess | Algorithm::Sha256Sess);
        let cnonce = if bound { self.first.get_or_insert(cnonce).clone() } else { cnonce };
        let proof = Proof {
            algorithm: challenge.algorithm,
            nonce: &challenge.nonce,
            cnonce: &cnonce,
            qop,
            method: request.method,
            uri: request.uri,
            body: request.body,
        };
        let ha1 = Ha1::of(challenge.algorithm, &login.username, &challenge.realm, &login.password);
        Authorization {
            username: login.username.clone(),
            realm: challenge.realm.clone(),
            nonce: challenge.nonce.clone(),
            uri: request.uri.to_owned(),
            response: ha1.response(&proof),
            algorithm: challenge.algorithm,
            cnonce: (qop.is_some() || bound).then_some(cnonce),
            qop,
            opaque: challenge.opaque.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(challenge: &str) -> Session {
        Session::new(challenge.parse().unwrap())
    }

    fn ivan() -> Login {
        Login { username: "ivan".to_owned(), password: "secret word".to_owned().into() }
    }

    const REGISTER: Request<'_> = Request { method: "REGISTER", uri: "sip:pbx.test", body: b"" };

    #[test]
    fn each_use_of_a_nonce_is_counted() {
        let mut session = session(r#"Digest realm="a", nonce="n", qop="auth-int,auth", opaque="o""#);
        let first = session.answer(&ivan(), &REGISTER, "c1".to_owned());
        let second = session.answer(&ivan(), &REGISTER, "c2".to_owned());
        assert_eq!((first.qop, second.qop), (Some((Qop::Auth, 1)), Some((Qop::Auth, 2))));
        assert!(second.to_string().contains("nc=00000002") && second.to_string().contains(r#"opaque="o""#));
        session.renew("m".to_owned());
        assert_eq!(session.answer(&ivan(), &REGISTER, "c3".to_owned()).qop, Some((Qop::Auth, 1)));
    }

    #[test]
    fn a_server_of_the_old_days_gets_neither_count_nor_cnonce() {
        let answer = session(r#"Digest realm="a", nonce="n""#).answer(&ivan(), &REGISTER, "c".to_owned());
        assert_eq!((answer.qop, answer.cnonce.clone()), (None, None));
        assert_eq!(answer.to_string().parse(), Ok(answer));
    }

    #[test]
    fn neither_password_nor_response_shows_for_developers() {
        let mut session = session(r#"Digest realm="a", nonce="n", algorithm=SHA-256, qop="auth""#);
        let answer = session.answer(&ivan(), &REGISTER, "c".to_owned());
        let shown = format!("{answer:?} {session:?} {:?}", ivan());
        assert!(!shown.contains(&answer.response) && !shown.contains("secret word"), "{shown}");
    }
}
