//! Secrets sealed under keys that can be shredded (reference: event-store 4.5).
//!
//! Every subject (an account, a person) has a data key of its own, wrapped by the operator's key. What is sealed may stand
//! in events, rows and backups; once the subject's key is shredded, none of it can be read again.

mod cipher;
mod keyring;

pub use keyring::{BadKeyring, Keyring};

use crate::clock::Clock;
use crate::log::Fault;
use crate::sql::{Database, Statement, Type, Value};
use cipher::DataKey;
use domain::ids::{AccountNumber, CallId, UserId};
use domain::sealed::Sealed;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Whose key seals a secret: letters, digits, `/`, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject(String);

impl Subject {
    /// The credential of one account.
    #[must_use]
    pub fn account(number: AccountNumber) -> Self {
        Self(format!("account/{number}"))
    }

    /// The names of one person.
    #[must_use]
    pub fn person(user: UserId) -> Self {
        Self(format!("person/{user}"))
    }

    /// Something of the platform itself: the inbox, an index. Never shredded, so its key may be kept in memory.
    #[must_use]
    pub fn system(name: &'static str) -> Self {
        Self(format!("system/{name}"))
    }

    /// The subject as it stands in rows.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_system(&self) -> bool {
        self.0.starts_with("system/")
    }
}

/// What a sealed value is and where it stands; opening it for anything else fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose(String);

impl Purpose {
    /// A purpose in so many words.
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    /// The SIP password of one account.
    #[must_use]
    pub fn password(number: AccountNumber) -> Self {
        Self(format!("sip password of {number}"))
    }

    /// The far end's number, as it was typed or as it came in: `number` and `from` of a call's events.
    #[must_use]
    pub fn far_number(call: CallId) -> Self {
        Self(format!("number of call {call}"))
    }

    /// The number that the dial rules made: `dialled` of a call's events.
    #[must_use]
    pub fn dialled(call: CallId) -> Self {
        Self(format!("dialled number of call {call}"))
    }

    /// The far end's name: `name` of a call's events.
    #[must_use]
    pub fn far_name(call: CallId) -> Self {
        Self(format!("name of call {call}"))
    }

    /// The user name of one person: `username` of their events.
    #[must_use]
    pub fn username(user: UserId) -> Self {
        Self(format!("user name of {user}"))
    }

    /// The number that a far end was transferred to: `to` of a call's events.
    #[must_use]
    pub fn transferred_to(call: CallId) -> Self {
        Self(format!("transfer of call {call}"))
    }
}

/// Why a sealed value can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its key was shredded: it is gone for ever.
    #[error("the key was shredded")]
    Shredded,
    /// It was sealed for something else, or was tampered with, or is not a sealed value.
    #[error("this is not sealed for that purpose")]
    Mismatch,
    /// The key can't be read.
    #[error("the key can't be read")]
    Fault(#[source] Fault),
}

/// Seals and opens. Holds the operator's keys; give it only to whoever has to.
pub struct Vault {
    database: Arc<dyn Database>,
    keyring: Keyring,
    clock: Arc<dyn Clock>,
    system_keys: Mutex<HashMap<Subject, (u32, DataKey)>>,
}

impl Vault {
    /// A vault whose wrapped keys are in this database.
    pub fn new(database: Arc<dyn Database>, keyring: Keyring, clock: Arc<dyn Clock>) -> Self {
        Self { database, keyring, clock, system_keys: Mutex::default() }
    }

    /// Seals under the subject's newest key, making the first one where there is none.
    ///
    /// # Errors
    ///
    /// The database can't be used, or a key is wrapped by an operator's key that is not in the keyring.
    pub async fn seal(&self, subject: &Subject, purpose: &Purpose, clear: &[u8]) -> Result<Sealed, Fault> {
        let (generation, key) = self.newest_or_new(subject).await?;
        Ok(key.seal(&subject.0, generation, &purpose.0, clear))
    }

    /// Seals under a new key of the subject. What older keys sealed stays readable until [`Vault::shred_before`].
    ///
    /// # Errors
    ///
    /// As [`Vault::seal`].
    pub async fn seal_anew(
        &self,
        subject: &Subject,
        purpose: &Purpose,
        clear: &[u8],
    ) -> Result<Sealed, Fault> {
        let newest = self.newest_generation(subject).await?.unwrap_or(0);
        let (generation, key) = self.make(subject, newest + 1).await?;
        Ok(key.seal(&subject.0, generation, &purpose.0, clear))
    }

    /// Opens what was sealed for this purpose.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub async fn open(&self, sealed: &Sealed, purpose: &Purpose) -> Result<SecretSlice<u8>, OpenError> {
        let parts = cipher::Parts::parse(sealed.as_text()).ok_or(OpenError::Mismatch)?;
        let subject = Subject(parts.subject.to_owned());
        let key = self.key(&subject, parts.generation).await.map_err(OpenError::Fault)?;
        let clear = key.ok_or(OpenError::Shredded)?.open(&parts, &purpose.0).ok_or(OpenError::Mismatch)?;
        Ok(clear.into())
    }

    /// Opens a text.
    ///
    /// # Errors
    ///
    /// See [`OpenError`]; a value that is not UTF-8 is a mismatch.
    pub async fn open_text(&self, sealed: &Sealed, purpose: &Purpose) -> Result<SecretString, OpenError> {
        let clear = self.open(sealed, purpose).await?;
        let text = std::str::from_utf8(clear.expose_secret()).map_err(|_| OpenError::Mismatch)?;
        Ok(SecretString::from(text))
    }

    /// The generation of the key that sealed a value.
    #[must_use]
    pub fn generation(sealed: &Sealed) -> Option<u32> {
        cipher::Parts::parse(sealed.as_text()).map(|parts| parts.generation)
    }

    /// Shreds every key of a subject. What they sealed is gone, in backups of the events too.
    ///
    /// # Errors
    ///
    /// The database can't be written; then nothing is shredded.
    pub async fn shred(&self, subject: &Subject) -> Result<(), Fault> {
        self.shred_before(subject, u32::MAX).await
    }

    /// Shreds the keys of a subject that are older than this generation.
    ///
    /// # Errors
    ///
    /// The database can't be written; then nothing is shredded.
    pub async fn shred_before(&self, subject: &Subject, generation: u32) -> Result<(), Fault> {
        let sql = "UPDATE es_keys SET wrapped = NULL, shredded_at = $3 \
                   WHERE subject = $1 AND gen < $2 AND shredded_at IS NULL";
        let values = [subject.0.clone().into(), generation.into(), self.clock.now().into()];
        self.write(Statement::new(sql, values), "shred a key").await
    }

    /// A keyed fingerprint of a text: equal texts have equal fingerprints, and only a holder of the operator's key can
    /// make them. For search and comparison of what is sealed.
    ///
    /// # Errors
    ///
    /// As [`Vault::seal`].
    pub async fn fingerprint(&self, purpose: &Purpose, text: &str) -> Result<String, Fault> {
        let (_, key) = self.newest_or_new(&Subject::system("index")).await?;
        Ok(key.fingerprint(&purpose.0, text))
    }

    /// Wraps every key that an older operator's key wraps under the newest one; returns how many. Sealed values stay as
    /// they are.
    ///
    /// # Errors
    ///
    /// The database can't be used, or an operator's key is missing from the keyring.
    pub async fn rewrap(&self) -> Result<u64, Fault> {
        let sql =
            "SELECT subject, gen, wrapped, kek_id FROM es_keys WHERE wrapped IS NOT NULL AND kek_id <> $1";
        let old = Statement::new(sql, [self.keyring.newest_id().into()]);
        let mut rewrapped = 0;
        for row in self.database.query(old, &[Type::Text, Type::Int, Type::Bytes, Type::Text]).await? {
            let (subject, generation) = (Subject(row.text(0)?), generation_of(row.int(1)?)?);
            let key = self.keyring.unwrap(&row.text(3)?, &subject.0, generation, &row.bytes(2)?)?;
            let sql = "UPDATE es_keys SET wrapped = $3, kek_id = $4 \
                       WHERE subject = $1 AND gen = $2 AND wrapped IS NOT NULL";
            let wrapped = self.keyring.wrap(&subject.0, generation, &key);
            let id = self.keyring.newest_id().into();
            let values = [subject.0.into(), generation.into(), wrapped.into(), id];
            self.write(Statement::new(sql, values), "wrap a key anew").await?;
            rewrapped += 1;
        }
        Ok(rewrapped)
    }

    async fn newest_or_new(&self, subject: &Subject) -> Result<(u32, DataKey), Fault> {
        if let Some(kept) = self.kept(subject) {
            return Ok(kept);
        }
        let newest = match self.newest_generation(subject).await? {
            Some(generation) => self.key(subject, generation).await?.map(|key| (generation, key)),
            None => return self.make(subject, 1).await,
        };
        match newest {
            Some(newest) => {
                self.keep(subject, &newest);
                Ok(newest)
            }
            None => Err(Fault::because(format!("the key of {} was shredded", subject.0))),
        }
    }

    async fn newest_generation(&self, subject: &Subject) -> Result<Option<u32>, Fault> {
        let sql = "SELECT max(gen) FROM es_keys WHERE subject = $1";
        let rows = self.database.query(Statement::new(sql, [subject.0.clone().into()]), &[Type::Int]).await?;
        let newest = rows.first().map(|row| row.int_or_null(0)).transpose()?.flatten();
        newest.map(generation_of).transpose()
    }

    /// Makes a key, unless another process makes it at this very moment: then theirs is the key.
    async fn make(&self, subject: &Subject, generation: u32) -> Result<(u32, DataKey), Fault> {
        let key = DataKey::random();
        let sql = "INSERT INTO es_keys (subject, gen, wrapped, kek_id, created_at) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (subject, gen) DO NOTHING";
        let values: [Value; 5] = [
            subject.0.clone().into(),
            generation.into(),
            self.keyring.wrap(&subject.0, generation, &key).into(),
            self.keyring.newest_id().into(),
            self.clock.now().into(),
        ];
        self.write(Statement::new(sql, values), "make a key").await?;
        let made = self.key(subject, generation).await?;
        made.map(|key| (generation, key)).ok_or_else(|| Fault::because("the new key was shredded at once"))
    }

    async fn key(&self, subject: &Subject, generation: u32) -> Result<Option<DataKey>, Fault> {
        if let Some((kept, key)) = self.kept(subject)
            && kept == generation
        {
            return Ok(Some(key));
        }
        let sql = "SELECT wrapped, kek_id FROM es_keys WHERE subject = $1 AND gen = $2";
        let statement = Statement::new(sql, [subject.0.clone().into(), generation.into()]);
        let rows = self.database.query(statement, &[Type::Bytes, Type::Text]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let Some(wrapped) = row.bytes_or_null(0)? else { return Ok(None) };
        self.keyring.unwrap(&row.text(1)?, &subject.0, generation, &wrapped).map(Some)
    }

    async fn write(&self, statement: Statement, what: &'static str) -> Result<(), Fault> {
        self.database.transact(vec![statement]).await.map_err(|error| Fault::new(what, error))?;
        Ok(())
    }

    fn kept(&self, subject: &Subject) -> Option<(u32, DataKey)> {
        let keys = self.system_keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.get(subject).cloned()
    }

    /// Only keys that are never shredded are kept: another process may shred any other one at any time.
    fn keep(&self, subject: &Subject, key: &(u32, DataKey)) {
        if subject.is_system() {
            let mut keys = self.system_keys.lock().unwrap_or_else(PoisonError::into_inner);
            keys.insert(subject.clone(), key.clone());
        }
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

fn generation_of(number: i64) -> Result<u32, Fault> {
    u32::try_from(number).map_err(|error| Fault::new("read a key's generation", error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::open::{OpenOptions, open};
    use chrono::DateTime;

    #[tokio::test]
    async fn what_one_process_sealed_another_one_opens() {
        let here = Here::new().await;
        let (number, purpose) = account();
        let sealed =
            here.vault(&["k1"]).seal(&Subject::account(number), &purpose, b"parrot").await.expect("sealed");

        let opened = here.vault(&["k1"]).open_text(&sealed, &purpose).await.expect("opened");

        assert_eq!(opened.expose_secret(), "parrot");
        assert!(!sealed.as_text().contains("parrot"));
    }

    #[tokio::test]
    async fn a_shredded_secret_is_gone_and_its_subject_seals_no_more() {
        let here = Here::new().await;
        let vault = here.vault(&["k1"]);
        let (number, purpose) = account();
        let subject = Subject::account(number);
        let sealed = vault.seal(&subject, &purpose, b"parrot").await.expect("sealed");

        vault.shred(&subject).await.expect("shredded");

        assert!(matches!(vault.open(&sealed, &purpose).await, Err(OpenError::Shredded)));
        assert!(vault.seal(&subject, &purpose, b"parrot").await.is_err());
    }

    #[tokio::test]
    async fn a_new_generation_outlives_the_shredding_of_the_older_one() {
        let here = Here::new().await;
        let vault = here.vault(&["k1"]);
        let (number, purpose) = account();
        let subject = Subject::account(number);
        let old = vault.seal(&subject, &purpose, b"parrot").await.expect("sealed");
        let new = vault.seal_anew(&subject, &purpose, b"parrot").await.expect("sealed anew");

        let generation = Vault::generation(&new).expect("a sealed text");
        vault.shred_before(&subject, generation).await.expect("shredded");

        assert!(matches!(vault.open(&old, &purpose).await, Err(OpenError::Shredded)));
        assert!(vault.open(&new, &purpose).await.is_ok());
    }

    #[tokio::test]
    async fn after_a_rotation_the_old_key_is_not_needed() {
        let here = Here::new().await;
        let (number, purpose) = account();
        let sealed =
            here.vault(&["k1"]).seal(&Subject::account(number), &purpose, b"parrot").await.expect("sealed");

        assert_eq!(here.vault(&["k1", "k2"]).rewrap().await.expect("wrapped anew"), 1);

        let opened = here.vault(&["k2"]).open_text(&sealed, &purpose).await.expect("opened");
        assert_eq!(opened.expose_secret(), "parrot");
        assert!(
            here.vault(&["k1"]).open(&sealed, &purpose).await.is_err(),
            "the old key wraps nothing any more"
        );
    }

    #[tokio::test]
    async fn a_fingerprint_is_the_same_in_every_process() {
        let here = Here::new().await;
        let purpose = Purpose::new("name");
        let first = here.vault(&["k1"]).fingerprint(&purpose, "Ivan").await.expect("made");
        assert_eq!(here.vault(&["k1"]).fingerprint(&purpose, "Ivan").await.expect("made"), first);
    }

    fn account() -> (AccountNumber, Purpose) {
        let number = AccountNumber::MIN;
        (number, Purpose::password(number))
    }

    /// A database of its own, and keys that differ by their names.
    struct Here {
        database: Arc<dyn Database>,
        keys: HashMap<&'static str, String>,
        _folder: tempfile::TempDir,
    }

    impl Here {
        async fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let address = format!("sqlite://{}", folder.path().join("log.db").display());
            let opened = open(&address, OpenOptions::default()).await.expect("opened");
            let keys = ["k1", "k2"].map(|id| (id, Keyring::new_line(id).to_string()));
            let database = opened.database.expect("SQLite has a database");
            Self { database, keys: HashMap::from(keys), _folder: folder }
        }

        fn vault(&self, ids: &[&str]) -> Vault {
            let text: String = ids.iter().map(|id| self.keys[id].as_str()).collect();
            let clock = ManualClock::at(DateTime::UNIX_EPOCH);
            Vault::new(self.database.clone(), Keyring::parse(&text).expect("valid"), Arc::new(clock))
        }
    }
}
