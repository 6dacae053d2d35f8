//! Every migration there is, in order.
//!
//! To add one, write `migrations/sqlite/NNNN_what.sql` and `migrations/postgres/NNNN_what.sql` and add one line below.
//! Numbers: the log's own tables 0001-0009, projections and processors 0010-0019, the bot 0020-0039, calls 0040-0049,
//! the bot's calls 0050-0059, Telegram and last words 0060-0069.
//! A migration that was released is never edited: a database that has it refuses to start. Add another.

use crate::sql::Dialect;

/// One migration, in both dialects.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// `NNNN_what`.
    pub name: &'static str,
    /// In the words of SQLite.
    pub sqlite: &'static str,
    /// In the words of PostgreSQL.
    pub postgres: &'static str,
}

impl Migration {
    /// What it does, in the words of this database.
    #[must_use]
    pub fn sql(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }
}

macro_rules! migration {
    ($name:literal) => {
        Migration {
            name: $name,
            sqlite: include_str!(concat!("../../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// All of them.
pub const MIGRATIONS: &[Migration] = &[
    migration!("0001_log"),
    migration!("0010_followers"),
    migration!("0020_bot_leases"),
    migration!("0021_inbox"),
    migration!("0022_outbox"),
    migration!("0023_bot_messages"),
    migration!("0025_drafts"),
    migration!("0026_pending_input"),
    migration!("0027_take_away_tries"),
    migration!("0028_acquaintances"),
    migration!("0029_offer_messages"),
    migration!("0030_recording_chats"),
    migration!("0040_media_segments"),
    migration!("0041_blobs"),
    migration!("0050_dial_choices"),
    migration!("0051_call_cards"),
    migration!("0052_inline_messages"),
    migration!("0053_shown"),
    migration!("0060_telegram"),
    migration!("0061_farewells"),
    migration!("0062_telegram_calls"),
    migration!("0063_telegram_cards"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_and_in_order() {
        let names: Vec<&str> = MIGRATIONS.iter().map(|migration| migration.name).collect();
        assert!(names.is_sorted(), "{names:?}");
        for name in names {
            let (number, what) = name.split_once('_').expect("NNNN_what");
            assert!(number.len() == 4 && number.parse::<u16>().is_ok() && !what.is_empty(), "{name}");
        }
    }
}
