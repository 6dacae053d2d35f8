//! The check of a former owner's password (product reference 5.2, 5.3 T15 to T17).

use super::{Office, unopened};
use chrono::{DateTime, Utc};
use domain::ids::{AccountNumber, UserId};
use domain::sip_account::Proof;
use event_store::log::Fault;
use event_store::vault::{OpenError, Purpose};
use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;

impl Office {
    /// The proof that somebody who owned an account knows its password now. None for every failure alike: no such
    /// account, never the owner, another password, too many tries.
    ///
    /// Tries of people who never owned the account can't succeed and are not counted, or anybody could use up those of
    /// the one who did.
    ///
    /// # Errors
    ///
    /// The log, the vault or the database can't be used.
    pub async fn prove_take_away(
        &self,
        by: UserId,
        account: AccountNumber,
        typed: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Proof>, Fault> {
        let state = self.account(account).await?;
        let Some(sealed) = state.password().cloned() else { return Ok(None) };
        if !state.former_owners().contains(&by) || !self.tries.count(by, account, typed, now).await? {
            return Ok(None);
        }
        let password = match self.open_password(account, &sealed).await {
            Ok(password) => password,
            Err(OpenError::Shredded) => return Ok(None),
            Err(error) => return Err(unopened(error)),
        };
        let fits = self.alike(password.expose_secret(), typed).await?;
        Ok(fits.then_some(Proof(sealed)))
    }

    /// Compares two secrets in a time that tells neither content nor length: by their keyed fingerprints.
    async fn alike(&self, one: &str, other: &str) -> Result<bool, Fault> {
        let purpose = Purpose::new("comparison of passwords");
        let one = self.vault.fingerprint(&purpose, one).await?;
        let other = self.vault.fingerprint(&purpose, other).await?;
        Ok(one.as_bytes().ct_eq(other.as_bytes()).into())
    }
}
