#![doc = include_str!("../README.md")]

pub mod account_board;
pub mod audit_trail;
pub mod call_beginning;
pub mod call_board;
pub mod call_history;
pub mod deadlines;
pub mod history;
pub mod offer_board;
pub mod people;
mod rows;
mod shape;
#[cfg(test)]
mod testing;
pub mod usage_daily;
pub mod usage_ledger;
pub mod wanted_registrations;

use event_store::runner::{ReadModel, model};
use event_store::sql::Type;
use std::fmt::Write as _;
use std::sync::Arc;

/// Every read model: what the runner follows, `tandem rebuild` can rebuild, and the documents list.
#[must_use]
pub fn all() -> Vec<Arc<dyn ReadModel>> {
    vec![
        model(account_board::AccountBoard),
        model(offer_board::OfferBoard),
        model(wanted_registrations::WantedRegistrations),
        model(people::People),
        model(deadlines::Deadlines),
        model(call_board::CallBoard),
        model(call_history::CallHistory),
        model(audit_trail::AuditTrail),
        model(usage_ledger::UsageLedger),
        model(usage_daily::UsageDaily),
    ]
}

/// The read model of this name.
#[must_use]
pub fn named(name: &str) -> Option<Arc<dyn ReadModel>> {
    all().into_iter().find(|model| model.table().name == name)
}

/// All tables and columns as Markdown, for the people who query them.
#[must_use]
pub fn describe() -> String {
    let mut page = String::from(
        "Tables that are folded from the log, for queries by any tool. They are views of these names.\n\
         Times are UTC; on SQLite they are text like `2026-01-01T00:00:00.000000Z`, and yes and no are 1 and 0.\n",
    );
    for model in all() {
        let table = model.table();
        let key: Vec<&str> = table.columns.iter().take(table.key).map(|column| column.name).collect();
        // Writing to a String never fails.
        _ = write!(
            page,
            "\n## `{}`\n\n{}\n\nKey: `{}`. Version {}.\n\n",
            table.name,
            table.about,
            key.join("`, `"),
            table.version
        );
        page += "| column | PostgreSQL | SQLite | what it holds |\n|---|---|---|---|\n";
        for column in table.columns {
            let (postgres, sqlite) = types(column.kind);
            let null = if column.nullable { ", or NULL" } else { "" };
            _ = writeln!(
                page,
                "| `{}` | {postgres}{null} | {sqlite}{null} | {} |",
                column.name, column.about
            );
        }
    }
    page.trim_end().to_owned()
}

fn types(kind: Type) -> (&'static str, &'static str) {
    match kind {
        Type::Int => ("bigint", "INTEGER"),
        Type::Text => ("text", "TEXT"),
        Type::Bool => ("boolean", "INTEGER"),
        Type::Time => ("timestamptz", "TEXT"),
        Type::Bytes => ("bytea", "BLOB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_column_of_every_table_is_described_and_named_once() {
        let page = describe();
        for model in all() {
            let table = model.table();
            let names: BTreeSet<_> = table.columns.iter().map(|column| column.name).collect();
            assert_eq!(names.len(), table.columns.len(), "{}", table.name);
            assert!(page.contains(&format!("## `{}`", table.name)));
            assert!(table.columns.iter().all(|column| !column.about.is_empty()), "{}", table.name);
            let indexed = table.indexes.iter().flat_map(|index| index.iter());
            assert!(indexed.copied().all(|column| names.contains(column)), "{}", table.name);
        }
    }

    #[test]
    fn a_read_model_is_found_by_its_name() {
        assert_eq!(named("people").map(|model| model.table().name), Some("people"));
        assert!(named("nothing").is_none());
    }

    #[test]
    fn key_columns_are_never_null() {
        for model in all() {
            let table = model.table();
            assert!(table.columns.iter().take(table.key).all(|column| !column.nullable), "{}", table.name);
        }
    }
}
