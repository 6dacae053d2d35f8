//! STUN and TURN servers for browsers, with credentials that end by themselves.
//!
//! A TURN server relays traffic for whoever has a password, so browsers get one that is valid for some hours only. The
//! server knows the shared secret and checks it without asking us: the user name is `expiry:user`, the password the
//! base64 of its HMAC-SHA1 (coturn's `use-auth-secret`, "TURN REST API"; carried in the long-term credential mechanism of
//! RFC 8489 section 9.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use sha1::Sha1;
use std::time::Duration;

/// What an operator configured.
#[derive(Debug, Clone, Default)]
pub struct IceServers {
    /// `stun:host:port`.
    pub stun: Vec<String>,
    /// `turn:host:port?transport=udp`, `turns:…`.
    pub turn: Vec<String>,
    /// The secret that the TURN servers share with us; without it `turn` is not told to anyone.
    pub secret: Option<SecretString>,
    /// How long a password is valid; a call that has begun goes on after it.
    pub lifetime: Duration,
}

/// One entry of a browser's `RTCConfiguration.iceServers`.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct IceServer {
    /// Addresses that share the credential.
    pub urls: Vec<String>,
    /// User name, for TURN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Password, for TURN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// The password stays hidden.
impl std::fmt::Debug for IceServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IceServer")
            .field("urls", &self.urls)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl IceServers {
    /// What to tell one browser. `user` names it in the TURN server's log (letters and digits); `now` is Unix time in
    /// seconds.
    #[must_use]
    pub fn for_user(&self, user: &str, now: u64) -> Vec<IceServer> {
        let mut servers = Vec::new();
        if !self.stun.is_empty() {
            servers.push(IceServer { urls: self.stun.clone(), username: None, credential: None });
        }
        if let Some(secret) = self.secret.as_ref().filter(|_| !self.turn.is_empty()) {
            let username = format!("{}:{user}", now + self.lifetime.as_secs());
            let credential = Some(password(secret, &username));
            servers.push(IceServer { urls: self.turn.clone(), username: Some(username), credential });
        }
        servers
    }
}

fn password(secret: &SecretString, username: &str) -> String {
    let mut mac = <Hmac<Sha1> as Mac>::new_from_slice(secret.expose_secret().as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    mac.update(username.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(secret: Option<&str>) -> IceServers {
        IceServers {
            stun: vec!["stun:stun.example.org:3478".to_owned()],
            turn: vec!["turn:turn.example.org:3478?transport=udp".to_owned()],
            secret: secret.map(SecretString::from),
            lifetime: Duration::from_secs(86_400),
        }
    }

    #[test]
    fn a_password_is_the_one_that_openssl_computes() {
        // printf 1700086400:7 | openssl dgst -sha1 -hmac north -binary | base64
        let told = servers(Some("north")).for_user("7", 1_700_000_000);
        assert_eq!(told[1].username.as_deref(), Some("1700086400:7"));
        assert_eq!(told[1].credential.as_deref(), Some("VQBoFbUjwRf6jg8ak5HeALvzb34="));
    }

    #[test]
    fn without_a_secret_no_relay_is_told() {
        let told = servers(None).for_user("7", 0);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].username, None);
    }

    #[test]
    fn debug_does_not_tell_the_password() {
        let told = servers(Some("north")).for_user("7", 0);
        let password = told[1].credential.clone().unwrap();
        assert!(!format!("{told:?}").contains(&password));
    }
}
