//! Reading rows back, and the words in which enums stand in columns.

use domain::ids::UserId;
use event_store::log::Fault;
use event_store::projection::Projection;
use event_store::sql::{Database, Statement, Type};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) type Rows<T> = Vec<T>;

/// Runs a query for whole rows of a projection.
pub(crate) async fn read<P: Projection>(
    db: &dyn Database,
    projection: &P,
    statement: Statement,
    types: &[Type],
) -> Result<Rows<P::Row>, Fault> {
    let rows = db.query(statement, types).await?;
    let broken = || Fault::because(format!("a row of {} is not of this version", P::TABLE.name));
    rows.iter().map(|row| projection.to_row(row).ok_or_else(broken)).collect()
}

/// Runs a query for one number.
pub(crate) async fn count(db: &dyn Database, statement: Statement) -> Result<u64, Fault> {
    let rows = db.query(statement, &[Type::Int]).await?;
    let count = rows.first().map_or(Ok(0), |row| row.int(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// An enum without fields as the word that its JSON has.
pub(crate) fn word(value: &impl Serialize) -> String {
    json(value).trim_matches('"').to_owned()
}

/// The enum that a word stands for.
pub(crate) fn from_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

/// JSON of a value whose types all have a JSON form; an empty text, which no reader takes, if they had not.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// People as ` 42 43 `: their ids with a blank on either side, so that `LIKE '% 42 %'` finds one.
pub(crate) fn people(people: impl Iterator<Item = UserId>) -> String {
    people.fold(String::new(), |text, person| {
        if text.is_empty() { format!(" {person} ") } else { format!("{text}{person} ") }
    })
}
