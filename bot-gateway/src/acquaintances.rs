//! What the bot knows about a person from the person's own updates: the language of the app, and whether they ever opened
//! the chat with the bot, without which nothing can be sent to them.

use crate::drafts::written;
use chrono::{DateTime, Utc};
use domain::ids::{AccountNumber, ChatId, OfferToken, UserId};
use domain::person::Language;
use domain::sealed::Sealed;
use event_store::log::Fault;
use event_store::sql::{Database, Statement, Type};
use std::sync::Arc;

/// What the bot knows about one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acquaintance {
    /// The language of the app.
    pub app_language: Language,
    /// Whether the person ever opened the chat with the bot.
    pub opened: bool,
}

/// Everybody the bot knows, and the inline messages it may change.
#[derive(Clone)]
pub struct Acquaintances {
    database: Arc<dyn Database>,
}

impl Acquaintances {
    /// The acquaintances in this database.
    pub fn new(database: Arc<dyn Database>) -> Self {
        Self { database }
    }

    /// What the bot knows about a person; none about a stranger.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn of(&self, user: UserId) -> Result<Option<Acquaintance>, Fault> {
        let select = Statement::new(
            "SELECT app_language, opened FROM acquaintances WHERE user_id = $1",
            [user.0.into()],
        );
        let rows = self.database.query(select, &[Type::Text, Type::Bool]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(Acquaintance { app_language: language(&row.text(0)?), opened: row.bool(1)? }))
    }

    /// Notes what an update showed.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn note(&self, user: UserId, seen: Acquaintance) -> Result<(), Fault> {
        let code = match seen.app_language {
            Language::En => "en",
            Language::Ru => "ru",
        };
        self.write(Statement::new(
            "INSERT INTO acquaintances (user_id, app_language, opened) VALUES ($1, $2, $3)
             ON CONFLICT (user_id) DO UPDATE SET app_language = excluded.app_language, opened = excluded.opened",
            [user.0.into(), code.into(), seen.opened.into()],
        ))
        .await
    }

    /// Keeps the inline message that shows an offer.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn offer_sent(
        &self,
        token: &OfferToken,
        inline_message: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Fault> {
        self.write(Statement::new(
            "INSERT INTO offer_messages (token, inline_message, sent_at) VALUES ($1, $2, $3)
             ON CONFLICT (token) DO UPDATE SET inline_message = excluded.inline_message",
            [token.as_str().into(), inline_message.into(), now.into()],
        ))
        .await
    }

    /// The inline message that shows an offer, where the bot knows it.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn message_of(&self, token: &OfferToken) -> Result<Option<String>, Fault> {
        let select = Statement::new(
            "SELECT inline_message FROM offer_messages WHERE token = $1",
            [token.as_str().into()],
        );
        let rows = self.database.query(select, &[Type::Text]).await?;
        rows.first().map(|row| row.text(0)).transpose().map_err(Fault::from)
    }

    /// Keeps the sealed title of the chat that an account's recordings go to.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn name_chat(&self, account: AccountNumber, chat: ChatId, title: &Sealed) -> Result<(), Fault> {
        self.write(Statement::new(
            "INSERT INTO recording_chats (account, chat, title) VALUES ($1, $2, $3)
             ON CONFLICT (account) DO UPDATE SET chat = excluded.chat, title = excluded.title",
            [account.get().into(), chat.0.into(), title.as_text().into()],
        ))
        .await
    }

    /// The sealed title of that chat, where it is known.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn title_of(&self, account: AccountNumber, chat: ChatId) -> Result<Option<Sealed>, Fault> {
        let select = Statement::new(
            "SELECT title FROM recording_chats WHERE account = $1 AND chat = $2",
            [account.get().into(), chat.0.into()],
        );
        let rows = self.database.query(select, &[Type::Text]).await?;
        let title = rows.first().map(|row| row.text(0)).transpose()?;
        Ok(title.map(Sealed::from_text))
    }

    async fn write(&self, statement: Statement) -> Result<(), Fault> {
        self.database.transact(vec![statement]).await.map_err(written)?;
        Ok(())
    }
}

/// The bot's language for an app's language: an IETF tag such as `ru` or `en-US`.
#[must_use]
pub fn language(tag: &str) -> Language {
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    if primary.eq_ignore_ascii_case("ru") { Language::Ru } else { Language::En }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_of_the_app_decides_and_english_is_for_everybody_else() {
        assert_eq!(language("ru"), Language::Ru);
        assert_eq!(language("ru-RU"), Language::Ru);
        assert_eq!(language("rue"), Language::En);
        assert_eq!(language("de"), Language::En);
        assert_eq!(language(""), Language::En);
    }
}
