//! The two-step password: what is sent in its place (<https://core.telegram.org/api/srp>).

use super::LoginError;
use grammers_crypto::two_factor_auth::calculate_2fa;
use grammers_tl_types as tl;
use secrecy::{ExposeSecret as _, SecretString};
use tgcalls::group::Group;
use zeroize::Zeroizing;

/// The proof that we know the password. It takes a moment by design, so it is done beside the loop.
pub(super) async fn answer(
    theirs: tl::enums::account::Password,
    password: SecretString,
) -> Result<tl::enums::InputCheckPasswordSrp, LoginError> {
    let tl::enums::account::Password::Password(theirs) = theirs;
    let (Some(algorithm), Some(srp_b), Some(srp_id)) = (theirs.current_algo, theirs.srp_b, theirs.srp_id)
    else {
        return Err(LoginError::UnknownPassword);
    };
    let tl::enums::PasswordKdfAlgo::Sha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(algorithm) = algorithm
    else {
        return Err(LoginError::UnknownPassword);
    };
    let proof = tokio::task::spawn_blocking(move || {
        // A weak group would give the password away.
        Group::new(algorithm.g, &algorithm.p).map_err(|_| LoginError::UnknownPassword)?;
        if !is_within(&srp_b, &algorithm.p) {
            return Err(LoginError::UnknownPassword);
        }
        let mut ours = Zeroizing::new(vec![0_u8; 256]);
        rand::RngCore::fill_bytes(&mut rand::rng(), &mut ours);
        let (salt1, salt2) = (&algorithm.salt1, &algorithm.salt2);
        let secret = password.expose_secret();
        let proof = calculate_2fa(salt1, salt2, &algorithm.p, &algorithm.g, srp_b, ours.to_vec(), secret);
        Ok(proof)
    });
    let (m1, a) = proof.await.map_err(|_| LoginError::UnknownPassword)??;
    Ok(tl::types::InputCheckPasswordSrp { srp_id, a: a.to_vec(), m1: m1.to_vec() }.into())
}

/// Whether the server's value is one that its group can have: 0 < value < prime.
fn is_within(value: &[u8], prime: &[u8]) -> bool {
    let (value, prime) = (digits(value), digits(prime));
    !value.is_empty() && (value.len(), value) < (prime.len(), prime)
}

/// A number without leading zeros, so that the longer one is the greater one.
fn digits(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_no_group_has_is_refused() {
        let prime = [0xc7, 0x1c, 0xae];
        for good in [&[1][..], &[0, 0, 0, 1], &[0xc7, 0x1c, 0xad], &[0, 0xc7, 0x1c, 0xad], &[0xff, 0xff]] {
            assert!(is_within(good, &prime), "{good:?}");
        }
        for bad in [&[][..], &[0, 0], &[0xc7, 0x1c, 0xae], &[0xc7, 0x1c, 0xaf], &[1, 0, 0, 0]] {
            assert!(!is_within(bad, &prime), "{bad:?}");
        }
    }
}
