//! Remembers the challenges that a client answered, so that the next request needs no new one (RFC 3261 section 22.3).

use crate::digest::{self, Authorization, Login, Session};
use crate::wire::{self, Headers, Response};

/// The challenges of a server and of the proxies before it, with how often each was answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    server: Vec<Session>,
    proxy: Vec<Session>,
}

/// Whether a request that was challenged is worth sending again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// With the new challenge answered.
    Again,
    /// The answer was wrong, or the server wants something that we cannot do.
    Refused,
}

impl Memory {
    /// Takes a 401 or 407 to heart, given the headers of the request that met it: with several requests under way only
    /// they tell whether this one was answered wrongly or not at all.
    pub(crate) fn learn(&mut self, response: &Response, sent: &Headers) -> Verdict {
        let proxy = response.status_code.code() == 407;
        let (asks, answers) = if proxy {
            ("Proxy-Authenticate", "Proxy-Authorization")
        } else {
            ("WWW-Authenticate", "Authorization")
        };
        let known = if proxy { &mut self.proxy } else { &mut self.server };
        let answered: Vec<Authorization> = wire::all(sent, answers).filter_map(|a| a.parse().ok()).collect();
        let mut verdict = Verdict::Refused;
        for challenge in digest::choose(wire::all(&response.headers, asks)) {
            let old = known.iter().position(|s| s.challenge().realm == challenge.realm);
            let old = old.map(|at| known.swap_remove(at));
            let mine = answered.iter().find(|a| a.realm == challenge.realm);
            // A nonce that served before may be refused for its age alone, without `stale`, by a server that restarted.
            let first = |a: &Authorization| match a.qop {
                Some((_, count)) => count == 1,
                None => old.as_ref().is_some_and(|s| s.uses() == 1 && s.challenge().nonce == a.nonce),
            };
            if challenge.stale || !mine.is_some_and(first) {
                verdict = Verdict::Again;
            }
            known.push(Session::new(challenge));
        }
        verdict
    }

    /// Takes over the nonce that a server wants to see next (RFC 7616 section 3.5).
    pub(crate) fn succeed(&mut self, headers: &Headers) {
        let next = wire::text(headers, "Authentication-Info").and_then(next_nonce);
        if let (Some(next), [only]) = (next, self.server.as_mut_slice()) {
            only.renew(next);
        }
    }

    /// Adds the answers to everything that is known to be asked.
    pub(crate) fn sign(&mut self, headers: &mut Headers, method: &str, uri: &str, body: &[u8], who: &Login) {
        let request = digest::Request { method, uri, body };
        for (name, sessions) in
            [("Authorization", &mut self.server), ("Proxy-Authorization", &mut self.proxy)]
        {
            headers.retain(|h| !h.name().eq_ignore_ascii_case(name));
            for session in sessions {
                let answer = session.answer(who, &request, wire::fresh(16));
                headers.push(wire::header(name, answer.to_string()));
            }
        }
    }
}

fn next_nonce(value: &str) -> Option<String> {
    let nonce = value.split(',').find_map(|p| p.trim().strip_prefix("nextnonce="))?;
    Some(nonce.trim().trim_matches('"').to_owned()).filter(|n| !n.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(code: u16, challenges: &[&str]) -> Response {
        let name = if code == 407 { "Proxy-Authenticate" } else { "WWW-Authenticate" };
        let headers: Vec<_> = challenges.iter().map(|c| wire::header(name, *c)).collect();
        Response { status_code: wire::status(code, ""), headers: headers.into(), ..Response::default() }
    }

    fn sign(memory: &mut Memory) -> Headers {
        let olga = Login { username: "olga".into(), password: "right".to_owned().into() };
        let mut headers = Headers::default();
        memory.sign(&mut headers, "REGISTER", "sip:pbx.test", b"", &olga);
        headers
    }

    fn nothing() -> Headers {
        Headers::default()
    }

    #[test]
    fn a_second_refusal_means_a_wrong_password() {
        let mut memory = Memory::default();
        let first = refusal(401, &[r#"Digest realm="r", nonce="a""#]);
        assert_eq!(memory.learn(&first, &nothing()), Verdict::Again);
        let sent = sign(&mut memory);
        assert_eq!(memory.learn(&refusal(401, &[r#"Digest realm="r", nonce="b""#]), &sent), Verdict::Refused);
    }

    #[test]
    fn a_request_that_was_not_signed_is_never_blamed() {
        let mut memory = Memory::default();
        memory.learn(&refusal(407, &[r#"Digest realm="r", nonce="a", qop="auth""#]), &nothing());
        sign(&mut memory);
        let another = refusal(407, &[r#"Digest realm="r", nonce="b", qop="auth""#]);
        assert_eq!(memory.learn(&another, &nothing()), Verdict::Again);
    }

    #[test]
    fn a_stale_nonce_is_replaced_without_blame() {
        let mut memory = Memory::default();
        memory.learn(&refusal(401, &[r#"Digest realm="r", nonce="a""#]), &nothing());
        let sent = sign(&mut memory);
        let stale = refusal(401, &[r#"Digest realm="r", nonce="b", stale=true"#]);
        assert_eq!(memory.learn(&stale, &sent), Verdict::Again);
    }

    #[test]
    fn a_nonce_that_had_served_is_renewed_even_by_a_server_that_does_not_say_stale() {
        let mut memory = Memory::default();
        memory.learn(&refusal(401, &[r#"Digest realm="r", nonce="a", qop="auth""#]), &nothing());
        sign(&mut memory);
        let sent = sign(&mut memory);
        assert_eq!(memory.learn(&refusal(401, &[r#"Digest realm="r", nonce="b""#]), &sent), Verdict::Again);
    }

    #[test]
    fn server_and_proxy_are_both_answered_with_counts_that_go_up() {
        let mut memory = Memory::default();
        memory.learn(&refusal(401, &[r#"Digest realm="r", nonce="a", qop="auth""#]), &nothing());
        memory.learn(&refusal(407, &[r#"Digest realm="p", nonce="b", qop="auth""#]), &nothing());
        sign(&mut memory);
        let headers = sign(&mut memory);
        assert!(wire::text(&headers, "Authorization").unwrap().contains("nc=00000002"));
        assert!(wire::text(&headers, "Proxy-Authorization").unwrap().contains("nc=00000002"));
    }

    #[test]
    fn the_next_nonce_begins_a_new_count() {
        let mut memory = Memory::default();
        memory.learn(&refusal(401, &[r#"Digest realm="r", nonce="a", qop="auth""#]), &nothing());
        sign(&mut memory);
        memory.succeed(&vec![wire::header("Authentication-Info", r#"qop=auth, nextnonce="c""#)].into());
        let headers = sign(&mut memory);
        let answer = wire::text(&headers, "Authorization").unwrap();
        assert!(answer.contains(r#"nonce="c""#) && answer.contains("nc=00000001"), "{answer}");
    }
}
