//! Many offers at once: a list of logins and passwords becomes a prepared list, and that becomes offers.
//!
//! The whole list is sealed before anything else happens to it. Account numbers and tokens are drawn while it is prepared,
//! so making its offers twice makes them once.

use super::{Denied, Errand, Office, key, unopened};
use crate::drafts::{Draft, DraftKind, LIST_LIFE};
use domain::bulk::{self, Entry, Problem};
use domain::ids::UserId;
use domain::ids::{AccountNumber, BatchId, OfferToken};
use domain::settings::Settings;
use domain::share::{self, Hint, Share, Understood};
use domain::sip_account::{BATCH_LIFE, Command, Grant};
use event_store::log::Fault;
use event_store::vault::{Purpose, Subject};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use zeroize::{Zeroize as _, Zeroizing};

/// A prepared list.
pub struct Prepared {
    /// Its name; also that of the offers made of it.
    pub batch: BatchId,
    /// What the offers make of the taker.
    pub grant: Grant,
    /// What all accounts get, with the login and password of nobody.
    pub common: Settings,
    /// The accounts.
    pub entries: Vec<Entry>,
    /// The lines that are none.
    pub problems: Vec<Problem>,
    drawn: Vec<(AccountNumber, OfferToken)>,
    share: Share,
}

/// What of a list is kept, sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    server: String,
    text: String,
    drawn: Vec<(AccountNumber, OfferToken)>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

impl Office {
    /// Reads a list and keeps it. `server` is what stands behind login and password in a shared line, and is the same for
    /// all; without it the first line of the list says it.
    ///
    /// # Errors
    ///
    /// The vault or the database can't be used. What is wrong with `server` is told as a hint.
    pub async fn prepare_list(
        &self,
        errand: &Errand,
        server: &str,
        text: &str,
    ) -> Result<Result<Prepared, Hint>, Fault> {
        let (server, text) = if server.is_empty() { first_line(text) } else { (server, Cow::Borrowed(text)) };
        let share = match self.common_share(server) {
            Ok(share) => share,
            Err(hint) => return Ok(Err(hint)),
        };
        let list = bulk::parse(&text);
        let mut drawn = Vec::with_capacity(list.entries.len());
        for _ in &list.entries {
            drawn.push((self.draw_number().await?, self.draw_token()));
        }
        // Offers of one moment are shown in the order of their accounts: so a list keeps the order of its lines.
        drawn.sort_by_key(|(account, _)| *account);
        let batch = BatchId(OfferToken::from_bits(*list_key(errand).as_bytes()));
        let kept = Kept { server: server.to_owned(), text: text.clone().into_owned(), drawn: drawn.clone() };
        self.keep_list(errand, &batch, &kept).await?;
        let common = self.settings(&share);
        let (entries, problems) = (list.entries, list.problems);
        Ok(Ok(Prepared { batch, grant: Grant::Assign, common, entries, problems, drawn, share }))
    }

    /// The prepared list of this name, if it is this person's and its time is not over.
    ///
    /// # Errors
    ///
    /// The vault or the database can't be used.
    pub async fn prepared_list(&self, errand: &Errand, batch: &BatchId) -> Result<Option<Prepared>, Fault> {
        let draft = self.drafts.find(&batch.0, errand.at).await?.filter(|draft| draft.by == errand.by);
        let Some(draft) = draft else { return Ok(None) };
        let (Some(grant), Some(sealed)) =
            (draft.kind.grant().filter(|_| draft.kind.is_list()), &draft.sealed)
        else {
            return Ok(None);
        };
        let clear = self.vault.open(sealed, &list_of(errand.by)).await.map_err(unopened)?;
        let kept: Kept = serde_json::from_slice(clear.expose_secret())
            .map_err(|error| Fault::new("read a prepared list", error))?;
        let Ok(share) = self.common_share(&kept.server) else { return Ok(None) };
        let list = bulk::parse(&kept.text);
        Ok(Some(Prepared {
            batch: batch.clone(),
            grant,
            common: self.settings(&share),
            entries: list.entries,
            problems: list.problems,
            drawn: kept.drawn.clone(),
            share,
        }))
    }

    /// Changes what the offers will make of the taker.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn set_list_grant(&self, list: &Prepared, grant: Grant) -> Result<(), Fault> {
        let kind = match grant {
            Grant::Give => DraftKind::ListGive,
            Grant::Assign => DraftKind::ListAssign,
        };
        self.drafts.change_kind(&list.batch.0, kind).await
    }

    /// Makes the offers of a prepared list, and forgets the list. Made again after a crash, only those are made that are
    /// not there yet.
    ///
    /// # Errors
    ///
    /// The log or the vault can't be used.
    pub async fn make_offers(&self, errand: &Errand, list: &Prepared) -> Result<(), Fault> {
        for (entry, (account, token)) in list.entries.iter().zip(&list.drawn) {
            let mut settings = self.settings(&Share {
                login: entry.login.clone(),
                password: entry.password.clone(),
                ..list.share.clone()
            });
            settings.name.clone_from(&entry.name);
            settings.password = Some(self.seal_password(*account, entry.password.expose()).await?);
            let command = Command::ShareSettings {
                offer: token.clone(),
                to: None,
                grant: list.grant,
                settings: Box::new(settings),
                until: errand.at + BATCH_LIFE,
                batch: Some(list.batch.clone()),
            };
            let step = format!("offer/{token}");
            match self.step(errand, &step, *account, command).await {
                Ok(_) => {}
                Err(Denied::Fault(fault)) => return Err(fault),
                Err(denied @ (Denied::Refused(_) | Denied::Full { .. })) => {
                    return Err(Fault::new("make an offer of a list", denied));
                }
            }
        }
        self.drafts.forget(&list.batch.0).await
    }

    /// Forgets a prepared list.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn drop_list(&self, list: &Prepared) -> Result<(), Fault> {
        self.drafts.forget(&list.batch.0).await
    }

    /// The share that all entries have in common.
    fn common_share(&self, server: &str) -> Result<Share, Hint> {
        match share::parse(&format!("login password {server}"), self.catalogue()) {
            Understood::Shares(shares) if shares.len() == 1 => {
                shares.into_iter().next().ok_or(Hint::ServerMissing)
            }
            Understood::Shares(_) => Err(Hint::NoSuchTemplate { typed: server.to_owned() }),
            Understood::Hint(hint) => Err(hint),
        }
    }

    async fn keep_list(&self, errand: &Errand, batch: &BatchId, kept: &Kept) -> Result<(), Fault> {
        let clear = serde_json::to_vec(kept).map_err(|error| Fault::new("write a list", error))?;
        let clear = Zeroizing::new(clear);
        let sealed = self.vault.seal(&Subject::person(errand.by), &list_of(errand.by), &clear).await?;
        let draft = Draft {
            token: batch.0.clone(),
            kind: DraftKind::ListAssign,
            by: errand.by,
            to: None,
            account: None,
            sealed: Some(sealed),
            choice: None,
            created: errand.at,
            expires: errand.at + LIST_LIFE,
        };
        self.drafts.keep(batch.0.as_str(), &[draft]).await
    }
}

/// The first line that says something, and the list without it: an empty line in its place keeps the numbers of the rest.
fn first_line(text: &str) -> (&str, Cow<'_, str>) {
    let says = |line: &str| !line.is_empty() && !line.starts_with('#');
    let mut before = 0;
    for whole in text.split_inclusive('\n') {
        let line = whole.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
        if says(line) {
            let rest = text.get(before + whole.len()..).unwrap_or_default();
            let skipped = text.get(..before).unwrap_or_default().matches('\n').count();
            return (line, Cow::Owned("\n".repeat(skipped + 1) + rest));
        }
        before += whole.len();
    }
    ("", Cow::Borrowed(""))
}

fn list_of(by: UserId) -> Purpose {
    Purpose::new(format!("list of {by}"))
}

/// Names the list of one update. It is no secret: only who sent the list may use it.
fn list_key(errand: &Errand) -> uuid::Uuid {
    key(&format!("list/{}/{}", errand.update, errand.by))
}

#[cfg(test)]
mod tests {
    use super::first_line;

    #[test]
    fn the_first_line_names_the_server_of_all_and_the_others_keep_their_numbers() {
        assert_eq!(first_line("pbx.example\n100 secret"), ("pbx.example", "\n100 secret".into()));
        assert_eq!(
            first_line("\u{feff}# ours\n\nasterisk pbx.example\r\n1 a"),
            ("asterisk pbx.example", "\n\n\n1 a".into())
        );
        assert_eq!(first_line(" \n"), ("", "".into()));
    }
}
