//! A server's demand for proof: `WWW-Authenticate` and `Proxy-Authenticate`.

use super::algorithm::{Algorithm, Qop};
use super::parameters::{HeaderError, Parameters, quoted};
use std::fmt;
use std::str::FromStr;

/// One challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// For which realm a password is asked.
    pub realm: String,
    /// The server's nonce.
    pub nonce: String,
    /// The hash to use.
    pub algorithm: Algorithm,
    /// The qualities of protection that the server takes; empty for a server of RFC 2069.
    pub qop: Vec<Qop>,
    /// To be sent back as it is.
    pub opaque: Option<String>,
    /// Whether the password was right and only the nonce too old.
    pub stale: bool,
}

impl FromStr for Challenge {
    type Err = HeaderError;

    /// Reads a header value. An absent algorithm is MD5 (RFC 2617 section 3.2.1).
    fn from_str(header: &str) -> Result<Self, HeaderError> {
        let read = Parameters::read(header)?;
        let algorithm = Algorithm::named(read.get("algorithm").unwrap_or("MD5"));
        let qop: Vec<Qop> = read
            .get("qop")
            .into_iter()
            .flat_map(|list| list.split(','))
            .filter_map(|name| Qop::named(name.trim()))
            .collect();
        if qop.is_empty() && read.get("qop").is_some_and(|list| !list.trim().is_empty()) {
            return Err(HeaderError::Unsupported("qop"));
        }
        Ok(Self {
            realm: read.need("realm")?,
            nonce: read.need("nonce")?,
            algorithm: algorithm.ok_or(HeaderError::Unsupported("algorithm"))?,
            qop,
            opaque: read.get("opaque").map(str::to_owned),
            stale: read.get("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
        })
    }
}

impl fmt::Display for Challenge {
    /// Writes the header value in the order that the most phones were tested with.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest realm={}, nonce={}", quoted(&self.realm), quoted(&self.nonce))?;
        if let Some(opaque) = &self.opaque {
            write!(f, ", opaque={}", quoted(opaque))?;
        }
        write!(f, ", algorithm={}", self.algorithm.name())?;
        if !self.qop.is_empty() {
            let names: Vec<&str> = self.qop.iter().map(|qop| qop.name()).collect();
            write!(f, ", qop=\"{}\"", names.join(","))?;
        }
        if self.stale { f.write_str(", stale=true") } else { Ok(()) }
    }
}

/// Reads the challenges of an answer and picks one for each realm: the topmost that we can meet (RFC 8760 section 2.4).
/// Those that we can't read are passed over; an empty list means that none can be met.
#[must_use]
pub fn choose<'a>(headers: impl IntoIterator<Item = &'a str>) -> Vec<Challenge> {
    let mut chosen: Vec<Challenge> = Vec::new();
    for challenge in headers.into_iter().filter_map(|header| header.parse::<Challenge>().ok()) {
        if !chosen.iter().any(|one| one.realm == challenge.realm) {
            chosen.push(challenge);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_reads_back_the_same() {
        let challenge = Challenge {
            realm: "pbx \"one\"".to_owned(),
            nonce: "abc==".to_owned(),
            algorithm: Algorithm::Sha256,
            qop: vec![Qop::Auth, Qop::AuthInt],
            opaque: Some(String::new()),
            stale: true,
        };
        assert_eq!(challenge.to_string().parse(), Ok(challenge));
    }

    #[test]
    fn a_bare_challenge_of_the_old_days_is_md5_without_qop() {
        let old: Challenge = r#"Digest realm="asterisk",nonce="5a4b""#.parse().unwrap();
        assert_eq!((old.algorithm, old.qop, old.stale), (Algorithm::Md5, vec![], false));
    }

    #[test]
    fn the_topmost_challenge_that_we_can_meet_is_chosen_for_each_realm() {
        let headers = [
            r#"Digest realm="a", nonce="1", algorithm=SHA-512-256, qop="auth""#,
            r#"Digest realm="a", nonce="2", algorithm=SHA-256, qop="auth""#,
            r#"Digest realm="a", nonce="3", algorithm=MD5, qop="auth""#,
            r#"Basic realm="a""#,
            r#"Digest realm="b", nonce="4""#,
        ];
        let nonces: Vec<String> = choose(headers).into_iter().map(|challenge| challenge.nonce).collect();
        assert_eq!(nonces, ["2", "4"]);
    }

    #[test]
    fn a_quality_that_nobody_knows_is_not_taken_for_none() {
        let odd = r#"Digest realm="a", nonce="1", qop="auth-token""#.parse::<Challenge>();
        assert_eq!(odd, Err(HeaderError::Unsupported("qop")));
        assert_eq!(r#"Digest nonce="1""#.parse::<Challenge>(), Err(HeaderError::Missing("realm")));
    }
}
