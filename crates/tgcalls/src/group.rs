//! The Diffie-Hellman group that the server proposes, checked: is it one in which a secret stays secret?
//!
//! A server could propose a weak group and read along, so every client checks it
//! (<https://core.telegram.org/api/end-to-end#key-generation>).

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{NonZero, Odd, U2048, Word};
use crypto_primes::{Flavor, is_prime};

/// The prime that Telegram has used since 2013, most significant byte first. Clients may take it unchecked
/// (<https://core.telegram.org/mtproto/auth_key>): [`Group::new`] does, and a test here proves that it is a safe prime.
///
/// ```
/// use tgcalls::group::{Group, TELEGRAM_PRIME};
///
/// assert!(Group::new(3, &TELEGRAM_PRIME).is_ok());
/// ```
pub const TELEGRAM_PRIME: [u8; 256] = from_hexadecimal(concat!(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f",
    "48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37",
    "20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64",
    "2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4",
    "a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754",
    "fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4",
    "e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f",
    "0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b",
));

const fn from_hexadecimal(text: &str) -> [u8; 256] {
    let (digits, mut bytes, mut at) = (text.as_bytes(), [0; 256], 0);
    while at < bytes.len() {
        bytes[at] = digit(digits[2 * at]) << 4 | digit(digits[2 * at + 1]);
        at += 1;
    }
    bytes
}

const fn digit(letter: u8) -> u8 {
    if letter.is_ascii_digit() { letter - b'0' } else { letter - b'a' + 10 }
}

/// How far a public value keeps away from both ends of the group: 2^(2048-64).
const MARGIN_BITS: u32 = 2048 - 64;

/// Why a group, or a value in it, is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakGroup {
    /// The prime is not of 2048 bits.
    #[error("the prime has not 2048 bits")]
    Size,
    /// The number is not a safe prime.
    #[error("the number is not a safe prime")]
    NotSafe,
    /// The generator does not generate the subgroup of prime order.
    #[error("{0} does not generate the subgroup of prime order")]
    Generator(i32),
    /// A public value is too near to an end of the group.
    #[error("the public value is out of range")]
    PublicValue,
}

/// A checked group: a safe prime of 2048 bits and a generator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    p: Odd<U2048>,
    g: u32,
}

impl Group {
    /// Checks what `messages.getDhConfig` gave. Telegram's own prime is known; any other one costs some hundred
    /// milliseconds, so keep the group for as long as the server keeps its version.
    ///
    /// # Errors
    ///
    /// The group is weak: end the call.
    pub fn new(g: i32, p: &[u8]) -> Result<Self, WeakGroup> {
        if p.len() != 256 || p[0] & 0x80 == 0 {
            return Err(WeakGroup::Size);
        }
        let prime = U2048::from_be_slice(p);
        if p != TELEGRAM_PRIME && !is_prime(Flavor::Safe, &prime) {
            return Err(WeakGroup::NotSafe);
        }
        let p = Option::<Odd<U2048>>::from(Odd::new(prime)).ok_or(WeakGroup::NotSafe)?;
        let generator = u32::try_from(g).map_err(|_| WeakGroup::Generator(g))?;
        generates(generator, &p).then_some(Self { p, g: generator }).ok_or(WeakGroup::Generator(g))
    }

    /// `g^exponent mod p`: a public value. In constant time.
    pub(crate) fn public_value(&self, exponent: &U2048) -> U2048 {
        self.power(&U2048::from_u32(self.g), exponent)
    }

    /// `base^exponent mod p`, in constant time.
    pub(crate) fn power(&self, base: &U2048, exponent: &U2048) -> U2048 {
        let params = FixedMontyParams::new(self.p);
        FixedMontyForm::new(base, &params).pow(exponent).retrieve()
    }

    /// A public value out of the other side's bytes.
    ///
    /// # Errors
    ///
    /// It is too near to an end of the group, so that it would give the secret away.
    pub(crate) fn read(&self, bytes: &[u8]) -> Result<U2048, WeakGroup> {
        if bytes.is_empty() || bytes.len() > 256 {
            return Err(WeakGroup::PublicValue);
        }
        let mut padded = [0_u8; 256];
        padded[256 - bytes.len()..].copy_from_slice(bytes);
        let value = U2048::from_be_slice(&padded);
        self.is_public(&value).then_some(value).ok_or(WeakGroup::PublicValue)
    }

    /// Whether a public value lies between 2^(2048-64) and p - 2^(2048-64).
    pub(crate) fn is_public(&self, value: &U2048) -> bool {
        let margin = U2048::ONE << MARGIN_BITS;
        *value >= margin && *value <= self.p.get().wrapping_sub(&margin)
    }
}

/// Whether `g` generates the subgroup of prime order `(p - 1) / 2`: it has to be a quadratic residue, which for the small
/// generators follows from a remainder of `p`.
fn generates(g: u32, p: &Odd<U2048>) -> bool {
    let modulo = |n: Word| NonZero::new(n.into()).map(|n| p.rem_limb(n).0).unwrap_or(0);
    match g {
        2 => modulo(8) == 7,
        3 => modulo(3) == 2,
        4 => true,
        5 => matches!(modulo(5), 1 | 4),
        6 => matches!(modulo(24), 19 | 23),
        7 => matches!(modulo(7), 3 | 5 | 6),
        _ => false,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn group() -> Group {
        Group::new(3, &TELEGRAM_PRIME).expect("Telegram's own group")
    }

    #[test]
    fn telegrams_prime_is_a_safe_prime() {
        assert!(is_prime(Flavor::Safe, &U2048::from_be_slice(&TELEGRAM_PRIME)));
    }

    #[test]
    fn a_prime_that_is_too_short_or_not_safe_is_refused() {
        assert_eq!(Group::new(3, &TELEGRAM_PRIME[1..]), Err(WeakGroup::Size));
        let mut short = TELEGRAM_PRIME;
        short[0] = 0x47;
        assert_eq!(Group::new(3, &short), Err(WeakGroup::Size));
        let mut composite = TELEGRAM_PRIME;
        composite[255] -= 2;
        assert_eq!(Group::new(3, &composite), Err(WeakGroup::NotSafe));
    }

    #[test]
    fn a_generator_of_the_whole_group_is_refused() {
        assert!([3, 4, 7].iter().all(|g| Group::new(*g, &TELEGRAM_PRIME).is_ok()));
        for g in [2, 5, 6, 1, 0, -3, 8] {
            assert_eq!(Group::new(g, &TELEGRAM_PRIME), Err(WeakGroup::Generator(g)));
        }
    }

    #[test]
    fn a_public_value_near_an_end_of_the_group_is_refused() {
        let group = group();
        for bytes in [&[][..], &[1], &[0; 256], &[0xff; 256], &TELEGRAM_PRIME, &[1; 257]] {
            assert_eq!(group.read(bytes), Err(WeakGroup::PublicValue), "{} bytes", bytes.len());
        }
        let mut least = [0_u8; 249];
        least[0] = 1;
        assert!(group.read(&least).is_ok(), "2^1984 is the least that will do");
        assert_eq!(group.read(&least[1..]), Err(WeakGroup::PublicValue));
    }
}
