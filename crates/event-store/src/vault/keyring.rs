//! The operator's keys: they wrap data keys and nothing else.

use super::cipher::DataKey;
use crate::log::Fault;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

/// The operator's keys, the newest last. Read from a file with one `id key` a line, the key as base64 of 32 bytes; lines
/// that begin with `#` are comments.
#[derive(Clone)]
pub struct Keyring(Vec<(String, DataKey)>);

/// The text is not a keyring.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadKeyring {
    /// There is no key.
    #[error("the key file holds no key: make one with `tandem key new`")]
    Empty,
    /// A line is not an id and a key.
    #[error("line {line} of the key file is not `id base64-of-32-bytes`")]
    Line {
        /// Which line, from 1.
        line: usize,
    },
    /// Two keys of one id.
    #[error("line {line} of the key file repeats an id")]
    Twice {
        /// Which line, from 1.
        line: usize,
    },
}

impl Keyring {
    /// Reads a keyring.
    ///
    /// # Errors
    ///
    /// The text is not one.
    pub fn parse(text: &str) -> Result<Self, BadKeyring> {
        let mut keys: Vec<(String, DataKey)> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line_number = index + 1;
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (id, key) =
                line.split_once(char::is_whitespace).ok_or(BadKeyring::Line { line: line_number })?;
            let bytes = Zeroizing::new(BASE64.decode(key.trim()).unwrap_or_default());
            let key = DataKey::from_bytes(&bytes).ok_or(BadKeyring::Line { line: line_number })?;
            if keys.iter().any(|(known, _)| known == id) {
                return Err(BadKeyring::Twice { line: line_number });
            }
            keys.push((id.to_owned(), key));
        }
        if keys.is_empty() { Err(BadKeyring::Empty) } else { Ok(Self(keys)) }
    }

    /// A line for a key file: this id and a new random key.
    #[must_use]
    pub fn new_line(id: &str) -> Zeroizing<String> {
        let encoded = Zeroizing::new(BASE64.encode(DataKey::random().as_bytes()));
        Zeroizing::new(format!("{id} {}\n", *encoded))
    }

    /// The ids of all keys, the newest last.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(id, _)| id.as_str())
    }

    pub(super) fn newest_id(&self) -> &str {
        self.0.last().map_or("", |(id, _)| id)
    }

    pub(super) fn wrap(&self, subject: &str, generation: u32, key: &DataKey) -> Vec<u8> {
        let Some((id, newest)) = self.0.last() else { return Vec::new() };
        newest.encrypt(&aad(id, subject, generation), key.as_bytes())
    }

    pub(super) fn unwrap(
        &self,
        id: &str,
        subject: &str,
        generation: u32,
        wrapped: &[u8],
    ) -> Result<DataKey, Fault> {
        let found = self.0.iter().find(|(known, _)| known == id);
        let (_, operators) = found.ok_or_else(|| {
            Fault::because(format!("the operator's key `{id}` is not in the key file; put its line back"))
        })?;
        let bytes = operators.decrypt(&aad(id, subject, generation), wrapped).map(Zeroizing::new);
        bytes.and_then(|bytes| DataKey::from_bytes(&bytes)).ok_or_else(|| {
            Fault::because(format!(
                "the operator's key `{id}` is not the one that wrapped the key of {subject}"
            ))
        })
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

fn aad(id: &str, subject: &str, generation: u32) -> Vec<u8> {
    format!("key|{id}|{subject}|{generation}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_line_is_a_keyring() {
        let keyring = Keyring::parse(&format!("# the operator's keys\n{}", *Keyring::new_line("2026-01")))
            .expect("valid");
        assert_eq!(keyring.ids().collect::<Vec<_>>(), ["2026-01"]);
    }

    #[test]
    fn a_broken_line_is_named() {
        assert_eq!(Keyring::parse("# nothing\n").unwrap_err(), BadKeyring::Empty);
        assert_eq!(Keyring::parse("\nk1 abc").unwrap_err(), BadKeyring::Line { line: 2 });
        let twice = format!("{}{}", *Keyring::new_line("k1"), *Keyring::new_line("k1"));
        assert_eq!(Keyring::parse(&twice).unwrap_err(), BadKeyring::Twice { line: 2 });
    }

    #[test]
    fn a_key_that_an_older_key_wrapped_is_unwrapped_while_that_one_is_kept() {
        let first = Keyring::new_line("k1").to_string();
        let both = Keyring::parse(&format!("{first}{}", *Keyring::new_line("k2"))).expect("valid");
        let old = Keyring::parse(&first).expect("valid");
        let key = DataKey::random();

        let wrapped = old.wrap("account/1", 1, &key);

        assert_eq!(both.unwrap("k1", "account/1", 1, &wrapped).expect("kept").as_bytes(), key.as_bytes());
        assert!(
            both.unwrap("k1", "account/2", 1, &wrapped).is_err(),
            "a wrapped key is bound to its subject"
        );
        assert!(both.unwrap("k0", "account/1", 1, &wrapped).is_err(), "an unknown key is named");
    }
}
