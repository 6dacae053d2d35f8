//! Names, languages, and who can be written to.

use super::{Errand, Office, unopened};
use crate::acquaintances::Acquaintance;
use crate::view::PersonView;
use chrono::{DateTime, Utc};
use domain::ids::UserId;
use domain::log::Context;
use domain::person::{Command, Event, Language, Person};
use domain::sealed::Sealed;
use event_store::dispatcher::{Cause, Done, ExecuteError};
use event_store::log::Fault;
use event_store::vault::{OpenError, Purpose, Subject, Vault};
use secrecy::ExposeSecret as _;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, PoisonError};

/// How many people's names this process remembers to have recorded; past this it forgets them all and looks again.
const REMEMBERED: usize = 10_000;

/// Names that are recorded already, by a hash that lives no longer than the process.
#[derive(Default)]
pub(super) struct Seen(Mutex<HashMap<UserId, u64>>);

impl Seen {
    fn is_known(&self, user: UserId, hash: u64) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&user) == Some(&hash)
    }

    fn remember(&self, user: UserId, hash: u64) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= REMEMBERED {
            seen.clear();
        }
        seen.insert(user, hash);
    }

    fn forget(&self, user: UserId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&user);
    }
}

impl Office {
    /// What is known of a person.
    ///
    /// # Errors
    ///
    /// The log can't be read.
    pub async fn person(&self, user: UserId) -> Result<Person, Fault> {
        Ok(self.dispatcher.load::<Person>(&user.to_string()).await?.0)
    }

    /// Records what a person is called, when it is news. Sealed under the person's own key.
    ///
    /// # Errors
    ///
    /// The vault or the log can't be used.
    pub async fn meet(&self, errand: &Errand, name: &str, username: Option<&str>) -> Result<(), Fault> {
        self.name(errand.by, errand, "name", name, username).await
    }

    /// Records what a picked person is called, when Telegram told it.
    ///
    /// # Errors
    ///
    /// As [`Office::meet`].
    pub async fn introduce(
        &self,
        errand: &Errand,
        user: UserId,
        name: &str,
        username: Option<&str>,
    ) -> Result<(), Fault> {
        self.name(user, errand, &format!("introduce/{user}"), name, username).await
    }

    async fn name(
        &self,
        user: UserId,
        errand: &Errand,
        step: &str,
        name: &str,
        username: Option<&str>,
    ) -> Result<(), Fault> {
        let mut hasher = DefaultHasher::new();
        (name, username).hash(&mut hasher);
        let hash = hasher.finish();
        if self.seen.is_known(user, hash) {
            return Ok(());
        }
        let both = format!("{name}\n{}", username.unwrap_or_default());
        let fingerprint = self.vault.fingerprint(&Purpose::new("name of a person"), &both).await?;
        let known = self.person(user).await?;
        if known.fingerprint.as_ref() != Some(&fingerprint) {
            let subject = Subject::person(user);
            let sealed = match known.erased {
                // The older keys are shredded, or about to be.
                true => self.vault.seal_anew(&subject, &name_of(user), name.as_bytes()).await?,
                false => self.vault.seal(&subject, &name_of(user), name.as_bytes()).await?,
            };
            let username = match username {
                Some(username) => {
                    Some(self.vault.seal(&subject, &username_of(user), username.as_bytes()).await?)
                }
                None => None,
            };
            let command = Command::Name { name: sealed, username, fingerprint };
            self.ask_person(user, command, errand.context(), errand.cause(step)).await?;
        }
        self.seen.remember(user, hash);
        Ok(())
    }

    /// Chooses the language of the bot.
    ///
    /// # Errors
    ///
    /// The log can't be used.
    pub async fn choose_language(&self, errand: &Errand, language: Language) -> Result<(), Fault> {
        let command = Command::ChooseLanguage(language);
        self.ask_person(errand.by, command, errand.context(), errand.cause("language")).await?;
        Ok(())
    }

    /// Switches the person's callback mode.
    ///
    /// # Errors
    ///
    /// The log can't be used.
    pub async fn switch_callback_mode(&self, errand: &Errand, on: bool) -> Result<(), Fault> {
        let command = Command::SwitchCallbackMode { on };
        self.ask_person(errand.by, command, errand.context(), errand.cause("callback")).await?;
        Ok(())
    }

    /// Records that the person blocked the bot, or let it in again.
    ///
    /// # Errors
    ///
    /// The log can't be used.
    pub async fn report_reach(&self, errand: &Errand, reachable: bool) -> Result<(), Fault> {
        let command = Command::ReportReach { reachable };
        self.ask_person(errand.by, command, errand.context(), errand.cause("reach")).await?;
        Ok(())
    }

    /// Records that Telegram refused a message because the bot may not write to the person.
    ///
    /// # Errors
    ///
    /// The log can't be used.
    pub async fn unreachable(&self, user: UserId) -> Result<(), Fault> {
        let cause = Cause { text: Some("message refused".to_owned()), dedup: None };
        let command = Command::ReportReach { reachable: false };
        self.ask_person(user, command, Context::process(self.now()), cause).await?;
        Ok(())
    }

    /// What the bot knows about a person from their own updates.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn acquaintance(&self, user: UserId) -> Result<Option<Acquaintance>, Fault> {
        self.acquaintances.of(user).await
    }

    /// Notes what an update showed.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn note(&self, user: UserId, seen: Acquaintance) -> Result<(), Fault> {
        self.acquaintances.note(user, seen).await
    }

    /// Whether the bot may write to a person: they opened the chat, and have not blocked the bot since.
    ///
    /// # Errors
    ///
    /// The log or the database can't be read.
    pub async fn reaches(&self, user: UserId) -> Result<bool, Fault> {
        let opened = self.acquaintance(user).await?.is_some_and(|known| known.opened);
        Ok(opened && self.person(user).await?.reachable)
    }

    /// Shreds the keys that a person had when they asked to be forgotten. Whoever was met since has a newer one, and
    /// keeps it. Tells whether they are still a stranger.
    ///
    /// # Errors
    ///
    /// The log can't be read, or the vault can't be written.
    pub async fn forget(&self, user: UserId) -> Result<bool, Fault> {
        let named = self.last_name(user).await?;
        let newer = named.as_ref().and_then(|(name, _)| Vault::generation(name)).unwrap_or(u32::MAX);
        self.vault.shred_before(&Subject::person(user), newer).await?;
        self.seen.forget(user);
        Ok(named.is_none())
    }

    /// The language in which something is sent to a person unasked.
    ///
    /// # Errors
    ///
    /// The log or the database can't be read.
    pub async fn language_of(&self, user: UserId) -> Result<Language, Fault> {
        if let Some(chosen) = self.person(user).await?.language {
            return Ok(chosen);
        }
        Ok(self.acquaintance(user).await?.map(|known| known.app_language).unwrap_or_default())
    }

    /// A person as others see them. The name is empty where the bot has not met them, or they asked to be forgotten.
    ///
    /// # Errors
    ///
    /// The log or the vault can't be used.
    pub async fn person_view(&self, user: UserId) -> Result<PersonView, Fault> {
        let Some((name, username)) = self.last_name(user).await? else {
            return Ok(PersonView { id: user, name: String::new(), username: None });
        };
        let name = self.open_if_kept(Some(&name), &name_of(user)).await?.unwrap_or_default();
        let username = self.open_if_kept(username.as_ref(), &username_of(user)).await?;
        Ok(PersonView { id: user, name, username })
    }

    /// The sealed name and user name; none of a stranger.
    async fn last_name(&self, user: UserId) -> Result<Option<(Sealed, Option<Sealed>)>, Fault> {
        let mut sealed = None;
        for recorded in self.history::<Person>(&user.to_string()).await? {
            match recorded.event {
                Event::PersonNamed { name, username, fingerprint: _ } => sealed = Some((name, username)),
                Event::PersonErased => sealed = None,
                Event::LanguageChosen { .. }
                | Event::CallbackModeSwitchedOn
                | Event::CallbackModeSwitchedOff
                | Event::PersonBlockedBot
                | Event::PersonUnblockedBot => {}
            }
        }
        Ok(sealed)
    }

    /// Forgets drafts and tries that are over.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<(), Fault> {
        self.drafts.purge(now).await?;
        self.tries.purge(now).await
    }

    async fn open_if_kept(
        &self,
        sealed: Option<&Sealed>,
        purpose: &Purpose,
    ) -> Result<Option<String>, Fault> {
        let Some(sealed) = sealed else { return Ok(None) };
        match self.vault.open_text(sealed, purpose).await {
            Ok(text) => Ok(Some(text.expose_secret().to_owned())),
            Err(OpenError::Shredded) => Ok(None),
            Err(error) => Err(unopened(error)),
        }
    }

    async fn ask_person(
        &self,
        user: UserId,
        command: Command,
        context: Context,
        cause: Cause,
    ) -> Result<Done<Person>, Fault> {
        match self.dispatcher.execute::<Person>(&user.to_string(), command, context, &cause).await {
            Ok(done) => Ok(done),
            Err(ExecuteError::Refused(never)) => match never {},
            Err(ExecuteError::Full { limit }) => {
                Err(Fault::because(format!("a person takes no place of {limit}")))
            }
            Err(ExecuteError::Fault(fault)) => Err(fault),
        }
    }
}

fn name_of(user: UserId) -> Purpose {
    Purpose::new(format!("name of {user}"))
}

fn username_of(user: UserId) -> Purpose {
    Purpose::username(user)
}
