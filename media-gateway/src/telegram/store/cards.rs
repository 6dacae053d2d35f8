//! Cards that were sent into chats, and that the bot has not been told of.

use super::{AccountId, Store};
use crate::call::ids::CallId;
use chrono::TimeDelta;
use event_store::log::Fault;
use event_store::sql::{Row, Statement, Type};

/// How long Telegram has to tell the bot of a card. Long before, the bot shows one in its own chat.
const TOLD_WITHIN: TimeDelta = TimeDelta::seconds(10);

/// A card that could not be taken away for so long stays where it is.
const FORGET: TimeDelta = TimeDelta::days(1);

/// A card that nobody brings up to date.
#[derive(Debug)]
pub(in crate::telegram) struct StaleCard {
    /// The call's name.
    pub(in crate::telegram) call: String,
    pub(in crate::telegram) account: AccountId,
    /// None where whoever sent it did not live to learn its number.
    pub(in crate::telegram) message: Option<i32>,
}

impl Store {
    /// The card of a call is about to be sent.
    pub(in crate::telegram) async fn card_begun(
        &self,
        call: CallId,
        account: AccountId,
    ) -> Result<(), Fault> {
        let sql = "INSERT INTO telegram_cards (call, account_id, sent_at) VALUES ($1, $2, $3) \
                   ON CONFLICT (call) DO UPDATE SET account_id = excluded.account_id, message = NULL, \
                   sent_at = excluded.sent_at";
        let values = [call.to_string().into(), account.0.into(), self.clock.now().into()];
        self.write(Statement::new(sql, values), "write down that a card is sent").await
    }

    /// It was sent as this message. The bot may have been told of it already, and then nothing is kept.
    pub(in crate::telegram) async fn card_sent(&self, call: CallId, message: i32) -> Result<(), Fault> {
        let sql = "UPDATE telegram_cards SET message = $1 WHERE call = $2";
        let values = [i64::from(message).into(), call.to_string().into()];
        self.write(Statement::new(sql, values), "write down which message a card is").await
    }

    /// It is gone, or is nobody's business any longer.
    pub(in crate::telegram) async fn card_gone(&self, call: &str) -> Result<(), Fault> {
        let sql = "DELETE FROM telegram_cards WHERE call = $1";
        self.write(Statement::new(sql, [call.into()]), "forget a card").await
    }

    /// Cards of which the bot would have been told by now.
    pub(in crate::telegram) async fn stale_cards(&self) -> Result<Vec<StaleCard>, Fault> {
        let now = self.clock.now();
        let sql = "DELETE FROM telegram_cards WHERE sent_at < $1";
        self.write(Statement::new(sql, [(now - FORGET).into()]), "forget old cards").await?;
        let sql = "SELECT call, account_id, message FROM telegram_cards WHERE sent_at <= $1 \
                   ORDER BY sent_at LIMIT 100";
        let select = Statement::new(sql, [(now - TOLD_WITHIN).into()]);
        let rows = self.database.query(select, &[Type::Text, Type::Int, Type::Int]).await?;
        let card = |row: &Row| {
            let message = row.int_or_null(2)?.and_then(|message| i32::try_from(message).ok());
            Ok(StaleCard { call: row.text(0)?, account: AccountId(row.int(1)?), message })
        };
        rows.iter().map(card).collect()
    }
}
