//! Two-step passwords, proven without being told: the server's side of SRP. <https://core.telegram.org/api/srp>

use super::cipher::sha256;
use crate::dh;
use crypto_bigint::{
    Odd, U2048,
    modular::{FixedMontyForm, FixedMontyParams},
};
use hmac::{Hmac, Mac};
use rand::Rng;
use sha2::Sha512;

/// Rounds of PBKDF2, as Telegram has them.
const ROUNDS: usize = 100_000;

/// What the server keeps of a password.
#[derive(Clone)]
pub(crate) struct Verifier {
    pub(super) salt1: Vec<u8>,
    pub(super) salt2: Vec<u8>,
    v: U2048,
}

/// One try at a password, from account.getPassword to auth.checkPassword.
#[derive(Clone)]
pub(super) struct Challenge {
    b: U2048,
    /// The server's public value.
    pub(super) public: [u8; 256],
}

impl std::fmt::Debug for Verifier {
    /// Leaves out what would help guessing.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Challenge {
    /// Leaves the secret number out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Challenge").finish_non_exhaustive()
    }
}

impl Verifier {
    /// Makes one for a new password.
    pub(crate) fn new(password: &str) -> Self {
        let mut salts = [0; 48];
        rand::rng().fill(&mut salts[..]);
        let (salt1, salt2) = (salts[..32].to_vec(), salts[32..].to_vec());
        let x = password_hash(password.as_bytes(), &salt1, &salt2);
        let v = group().power(&group().number(&[u8::try_from(dh::G).unwrap_or_default()]), &read(&x));
        Self { salt1, salt2, v }
    }

    /// Begins a try.
    pub(super) fn challenge(&self) -> Challenge {
        let group = group();
        let b = read(&dh::random());
        let g_b = group.power(&group.number(&[u8::try_from(dh::G).unwrap_or_default()]), &b);
        let public = group.form(&multiplier()) * group.form(&self.v) + group.form(&g_b);
        Challenge { b, public: bytes(&public.retrieve()) }
    }

    /// Whether whoever sent `a` and `m1` knows the password.
    pub(super) fn proves(&self, challenge: &Challenge, a: &[u8], m1: &[u8]) -> bool {
        if a.is_empty() || a.len() > 256 {
            return false;
        }
        let group = group();
        let a = group.number(a);
        if a == U2048::ZERO || a >= *group.prime.as_ref() {
            return false;
        }
        let a_bytes = bytes(&a);
        let u = read(&sha256(&[&a_bytes, &challenge.public]));
        let base = group.form(&a) * group.form(&group.power(&self.v, &u));
        let secret = base.pow(&challenge.b).retrieve();
        let key = sha256(&[&bytes(&secret)]);
        let (hash_p, hash_g) = (sha256(&[&dh::prime()]), sha256(&[&padded_g()]));
        let mixed: Vec<u8> = hash_p.iter().zip(hash_g).map(|(p, g)| p ^ g).collect();
        let (salt1, salt2) = (sha256(&[&self.salt1]), sha256(&[&self.salt2]));
        sha256(&[&mixed, &salt1, &salt2, &a_bytes, &challenge.public, &key]) == *m1
    }
}

/// Arithmetic modulo Telegram's prime.
struct Group {
    prime: Odd<U2048>,
    params: FixedMontyParams<{ U2048::LIMBS }>,
}

fn group() -> Group {
    let prime = Odd::new(read(&dh::prime())).expect("a prime other than two is odd");
    Group { prime, params: FixedMontyParams::new(prime) }
}

impl Group {
    fn number(&self, bytes: &[u8]) -> U2048 {
        read(bytes)
    }

    fn form(&self, number: &U2048) -> FixedMontyForm<{ U2048::LIMBS }> {
        FixedMontyForm::new(number, &self.params)
    }

    fn power(&self, base: &U2048, exponent: &U2048) -> U2048 {
        self.form(base).pow(exponent).retrieve()
    }
}

/// At most 256 bytes, most significant first.
fn read(number: &[u8]) -> U2048 {
    let mut padded = [0; 256];
    padded[256 - number.len()..].copy_from_slice(number);
    U2048::from_be_slice(&padded)
}

fn bytes(number: &U2048) -> [u8; 256] {
    let mut out = [0; 256];
    out.copy_from_slice(number.to_be_bytes().as_ref());
    out
}

fn padded_g() -> [u8; 256] {
    let mut g = [0; 256];
    g[255] = u8::try_from(dh::G).unwrap_or_default();
    g
}

/// `k`
fn multiplier() -> U2048 {
    read(&sha256(&[&dh::prime(), &padded_g()]))
}

/// `x`: PH2 of the password.
fn password_hash(password: &[u8], salt1: &[u8], salt2: &[u8]) -> [u8; 32] {
    let salted = |data: &[u8], salt: &[u8]| sha256(&[salt, data, salt]);
    let first = salted(&salted(password, salt1), salt2);
    salted(&pbkdf2(&first, salt1), salt2)
}

/// PBKDF2 with HMAC-SHA-512, of which one block is all that is needed. RFC 8018, 5.2.
fn pbkdf2(password: &[u8], salt: &[u8]) -> [u8; 64] {
    let keyed = Hmac::<Sha512>::new_from_slice(password).expect("HMAC takes keys of any length");
    let mac = |data: &[u8]| -> [u8; 64] { keyed.clone().chain_update(data).finalize().into_bytes().into() };
    let mut round = mac(&[salt, &1_u32.to_be_bytes()].concat());
    let mut out = round;
    for _ in 1..ROUNDS {
        round = mac(&round);
        for (out, round) in out.iter_mut().zip(round) {
            *out ^= round;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use grammers_crypto::two_factor_auth::calculate_2fa;

    #[test]
    fn who_knows_the_password_proves_it_and_nobody_else() {
        let verifier = Verifier::new("correct horse");
        let challenge = verifier.challenge();
        let prove = |password: &str| {
            let (salt1, salt2) = (&verifier.salt1, &verifier.salt2);
            let public = challenge.public.to_vec();
            calculate_2fa(salt1, salt2, &dh::prime(), &dh::G, public, dh::random().to_vec(), password)
        };
        let (m1, a) = prove("correct horse");
        assert!(verifier.proves(&challenge, &a, &m1));
        let (m1, a) = prove("wrong horse");
        assert!(!verifier.proves(&challenge, &a, &m1));
        assert!(!verifier.proves(&challenge, &[], &m1));
    }
}
