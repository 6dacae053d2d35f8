//! Texts in the chat with the bot: commands, answers to questions, numbers.

use super::Flow;
use super::talk::Talk;
use super::views::{health, title};
use crate::incoming::MessageRef;
use crate::outgoing::Outgoing;
use crate::screen::{card, home, list, prompt};
use crate::view::{AccountLine, AccountList};
use domain::ids::AccountNumber;
use event_store::log::Fault;
use event_store::sql::{Statement, Type};
use projections::account_board::{self, Account};
use std::time::Duration;

/// How long a list waits for its read model to have seen what was just done. It takes milliseconds, unless on PostgreSQL an
/// older transaction, even of another database, holds every reader back.
const CATCH_UP: Duration = Duration::from_secs(2);

impl Flow {
    pub(super) async fn text(
        &self,
        talk: &Talk<'_>,
        message: MessageRef,
        text: &str,
        reply_to: Option<i32>,
    ) -> Result<Vec<Outgoing>, Fault> {
        if let Some((command, rest)) = command(text, &self.bot) {
            if command == "cancel" {
                return self.cancel(talk).await;
            }
            let mut says = self.forget_questions(talk).await?;
            says.extend(self.command(talk, message, &command, rest).await?);
            return Ok(says);
        }
        match self.question_of(talk, reply_to).await? {
            Some(pending) if prompt::is_cancel(text) => {
                let mut says = self.cancel(talk).await?;
                if pending.awaited.is_pick() {
                    says.push(Outgoing::Delete { message });
                }
                Ok(says)
            }
            Some(pending) => self.answer(talk, message, &pending, text).await,
            None => self.other_text(talk, text).await,
        }
    }

    async fn command(
        &self,
        talk: &Talk<'_>,
        message: MessageRef,
        command: &str,
        rest: &str,
    ) -> Result<Vec<Outgoing>, Fault> {
        let reader = &talk.reader();
        match command {
            "start" => self.start(talk, message, rest).await,
            "softphone" => {
                let accounts = self.account_list(talk, 0).await?;
                self.show_anew(talk, list::list(reader, &accounts)).await
            }
            "new" => self.new_account(talk).await,
            "phone" => self.show_phone(talk).await,
            "language" => self.show_anew(talk, home::languages(reader)).await,
            "help" => self.show_anew(talk, home::help(reader)).await,
            "bulk" => {
                let screen = self.bulk_start(talk, rest.trim()).await?;
                self.show_anew(talk, screen).await
            }
            _ => self.show_anew(talk, home::help(reader)).await,
        }
    }

    async fn new_account(&self, talk: &Talk<'_>) -> Result<Vec<Outgoing>, Fault> {
        match self.office.create(&talk.errand).await {
            Ok((account, done)) => match self.card(talk, account, &done.state).await? {
                Some(view) => self.show_anew(talk, card::card(&talk.reader(), &view)).await,
                None => Ok(Vec::new()),
            },
            Err(denied) => Ok(vec![talk.denied_message(denied)?]),
        }
    }

    /// Leaves whatever is being typed; the menu shows the account again that it was about.
    async fn cancel(&self, talk: &Talk<'_>) -> Result<Vec<Outgoing>, Fault> {
        let asked = self.conversations.asked(talk.errand.by, talk.errand.update).await?;
        let account = asked.iter().find_map(|pending| pending.awaited.account());
        let mut says = self.forget_questions(talk).await?;
        says.push(Outgoing::to(talk.errand.by, prompt::cancelled(&talk.reader())));
        if let Some(account) = account {
            says.extend(self.card_anew(talk, account).await?);
        }
        Ok(says)
    }

    /// A page of the person's accounts, with what they have just done.
    pub(super) async fn account_list(&self, talk: &Talk<'_>, page: u16) -> Result<AccountList, Fault> {
        self.catch_up("account_board").await?;
        let me = talk.errand.by;
        let size = u32::try_from(AccountList::PAGE).unwrap_or(u32::MAX);
        let total =
            usize::try_from(account_board::count_of(&*self.database, me).await?).unwrap_or(usize::MAX);
        let last = total.saturating_sub(1) / AccountList::PAGE;
        let page = page.min(u16::try_from(last).unwrap_or(u16::MAX));
        let rows = account_board::page_of(&*self.database, me, u32::from(page) * size, size).await?;
        let mut lines: Vec<AccountLine> = Vec::new();
        for row in rows {
            lines.extend(self.account_line(talk, &row).await?);
        }
        Ok(AccountList {
            lines,
            page,
            total,
            owned: self.owned(talk).await?,
            limit: usize::try_from(self.office.accounts_per_owner()).unwrap_or(usize::MAX),
            callback_mode: self.office.person(me).await?.callback_mode,
        })
    }

    /// The page of the person's list that an account stands on. One that the list does not show yet will be the last.
    pub(super) async fn page_of(&self, talk: &Talk<'_>, account: AccountNumber) -> Result<u16, Fault> {
        let before = Statement::new(
            "SELECT COUNT(*) FROM account_board AS other
             WHERE (other.owner = $1 OR other.user_id = $1) AND other.account <> $2
               AND NOT EXISTS (
                 SELECT 1 FROM account_board AS this
                 WHERE this.account = $2
                   AND (this.created_at < other.created_at
                     OR (this.created_at = other.created_at AND this.account < other.account)))",
            [talk.errand.by.0.into(), account.get().into()],
        );
        let rows = self.database.query(before, &[Type::Int]).await?;
        let before = rows.first().map(|row| row.int(0)).transpose()?.unwrap_or_default();
        let page = usize::try_from(before).unwrap_or_default() / AccountList::PAGE;
        Ok(u16::try_from(page).unwrap_or(u16::MAX))
    }

    /// How many accounts the person owns, as the append counts them.
    async fn owned(&self, talk: &Talk<'_>) -> Result<usize, Fault> {
        let count =
            Statement::new("SELECT COUNT(*) FROM account_board WHERE owner = $1", [talk.errand.by.0.into()]);
        let rows = self.database.query(count, &[Type::Int]).await?;
        let owned = rows.first().map(|row| row.int(0)).transpose()?.unwrap_or_default();
        Ok(usize::try_from(owned).unwrap_or_default())
    }

    async fn account_line(&self, talk: &Talk<'_>, row: &Account) -> Result<Option<AccountLine>, Fault> {
        let standing = self.standing(talk, row.ownership()).await?;
        Ok(standing.map(|standing| AccountLine {
            account: row.number,
            title: title(row.settings()),
            health: health(row.is_complete(), row.is_on(), row.registration()),
            standing,
        }))
    }

    /// Waits a moment for a read model; whatever it has then is shown.
    pub(super) async fn catch_up(&self, read_model: &str) -> Result<(), Fault> {
        use event_store::runner::NotYet;
        let head = self.office.head().await?;
        match self.followers.wait_for(read_model, head, CATCH_UP).await {
            Ok(()) | Err(NotYet::Late { .. }) => Ok(()),
            Err(NotYet::Fault { source, .. }) => Err(source),
        }
    }
}

/// A command and what follows it; none where the text is none, or is for another bot.
fn command<'t>(text: &'t str, bot: &str) -> Option<(String, &'t str)> {
    let text = text.trim();
    let (head, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let name = head.strip_prefix('/')?;
    let name = match name.split_once('@') {
        Some((name, of)) if of.eq_ignore_ascii_case(bot) => name,
        Some(_) => return None,
        None => name,
    };
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then(|| (name.to_ascii_lowercase(), rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn a_command_is_its_name_and_what_follows() {
        assert_eq!(command("/start t_1", "tandem_bot"), Some(("start".to_owned(), "t_1")));
        assert_eq!(command("/Help@tandem_bot", "tandem_bot"), Some(("help".to_owned(), "")));
        assert_eq!(command("/help@other_bot", "tandem_bot"), None);
        assert_eq!(command("+7 926", "tandem_bot"), None);
        assert_eq!(command("/", "tandem_bot"), None);
    }
}
