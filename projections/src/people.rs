//! The people whom the bot has met. Their names stand here sealed under their own keys.

use crate::rows;
use crate::shape::{column, names, of_person, optional, types};
use chrono::{DateTime, Utc};
use domain::Event;
use domain::decider::Decider as _;
use domain::ids::UserId;
use domain::log::Recorded;
use domain::person::{Event as Happened, Language, Person};
use domain::sealed::Sealed;
use event_store::log::Fault;
use event_store::projection::{Key, Projection, Table};
use event_store::sql::{Database, Row, Statement, Type, Value};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Telegram's user id.
    pub id: UserId,
    /// First and last name, sealed; none before it was learnt, or after the person was forgotten.
    pub name: Option<Sealed>,
    /// Telegram's `@name`, sealed.
    pub username: Option<Sealed>,
    /// Language, callback mode, whether the bot reaches them: the aggregate's own fold.
    pub person: Person,
    /// When the bot met them.
    pub met_at: DateTime<Utc>,
}

/// Keeps `people`.
pub struct People;

impl Projection for People {
    type Row = PersonRow;

    const TABLE: Table = Table {
        name: "people",
        about: "The people whom the bot has met.",
        version: 1,
        columns: &[
            column("id", Type::Int, "Telegram's user id."),
            optional("name", Type::Text, "First and last name, sealed under the person's own key."),
            optional("username", Type::Text, "Telegram's @name, sealed."),
            optional("fingerprint", Type::Text, "A keyed fingerprint of both names."),
            optional("language", Type::Text, "en or ru; NULL until they choose."),
            column("callback_mode", Type::Bool, "Whether calls are placed by ringing them first."),
            column("is_reachable", Type::Bool, "Whether the bot may write to them."),
            column("is_erased", Type::Bool, "Whether they asked to be forgotten and were not met since."),
            column("met_at", Type::Time, "When the bot met them."),
        ],
        key: 1,
        indexes: &[],
        append_only: false,
    };

    fn keys(&self, event: &Recorded<Event>) -> Vec<Key> {
        of_person(event).map(|(id, _)| vec![id.0.into()]).into_iter().collect()
    }

    fn apply(&self, _: &Key, row: Option<PersonRow>, event: &Recorded<Event>) -> Option<PersonRow> {
        let Some((id, happened)) = of_person(event) else { return row };
        let mut row = row.unwrap_or_else(|| PersonRow {
            id,
            name: None,
            username: None,
            person: Person::default(),
            met_at: event.context.at,
        });
        row.person.evolve(happened);
        match happened {
            Happened::PersonNamed { name, username, .. } => {
                row.name = Some(name.clone());
                row.username.clone_from(username);
            }
            Happened::PersonErased => {
                row.name = None;
                row.username = None;
            }
            Happened::LanguageChosen { .. }
            | Happened::CallbackModeSwitchedOn
            | Happened::CallbackModeSwitchedOff
            | Happened::PersonBlockedBot
            | Happened::PersonUnblockedBot => {}
        }
        Some(row)
    }

    fn to_values(&self, row: &PersonRow) -> Vec<Value> {
        let sealed = |sealed: &Option<Sealed>| sealed.as_ref().map(Sealed::as_text).into();
        vec![
            row.id.0.into(),
            sealed(&row.name),
            sealed(&row.username),
            row.person.fingerprint.clone().into(),
            row.person.language.as_ref().map(rows::word).into(),
            row.person.callback_mode.into(),
            row.person.reachable.into(),
            row.person.erased.into(),
            row.met_at.into(),
        ]
    }

    fn to_row(&self, row: &Row) -> Option<PersonRow> {
        let sealed = |column| row.text_or_null(column).ok().map(|text| text.map(Sealed::from_text));
        let language: Option<Language> = match row.text_or_null(4).ok()? {
            Some(word) => Some(rows::from_word(&word)?),
            None => None,
        };
        Some(PersonRow {
            id: UserId(row.int(0).ok()?),
            name: sealed(1)?,
            username: sealed(2)?,
            person: Person {
                language,
                callback_mode: row.bool(5).ok()?,
                reachable: row.bool(6).ok()?,
                fingerprint: row.text_or_null(3).ok()?,
                erased: row.bool(7).ok()?,
            },
            met_at: row.time(8).ok()?,
        })
    }
}

/// One person; none if the bot has never met them.
///
/// # Errors
///
/// The database can't be read.
pub async fn one(db: &dyn Database, id: UserId) -> Result<Option<PersonRow>, Fault> {
    let columns = People::TABLE.columns;
    let statement =
        Statement::new(format!("SELECT {} FROM people WHERE id = $1", names(columns)), [id.0.into()]);
    Ok(rows::read(db, &People, statement, &types(columns)).await?.into_iter().next())
}

#[cfg(test)]
mod tests;
