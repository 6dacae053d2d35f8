//! Numbers and contacts: which accounts may dial them, and as what. Calls themselves are not here yet, and it is said so.

use super::Flow;
use super::talk::Talk;
use crate::incoming::MessageRef;
use crate::outgoing::Outgoing;
use crate::screen::dialled::{Dialled, DialledLine, dialled};
use crate::screen::prompt;
use domain::dial_rules::DialRules;
use domain::sip_account::SipAccount;
use event_store::log::Fault;
use projections::account_board;

/// As many accounts are tried; nobody has more lines to choose from.
const ACCOUNTS: u32 = 50;

/// Numbers out of one contact that are looked at.
const NUMBERS: usize = 5;

impl Flow {
    pub(super) async fn contact(
        &self,
        talk: &Talk<'_>,
        _message: MessageRef,
        phones: &[String],
    ) -> Result<Vec<Outgoing>, Fault> {
        let mut says = Vec::new();
        for phone in phones.iter().take(NUMBERS) {
            says.push(self.dialled(talk, phone).await?);
        }
        if says.is_empty() {
            says.push(Outgoing::to(talk.errand.by, prompt::nothing_awaited(&talk.reader())));
        }
        Ok(says)
    }

    /// A text that answers nothing: a number, or something to be helped with.
    pub(super) async fn other_text(&self, talk: &Talk<'_>, text: &str) -> Result<Vec<Outgoing>, Fault> {
        if is_number(text) {
            return Ok(vec![self.dialled(talk, text).await?]);
        }
        Ok(vec![Outgoing::to(talk.errand.by, prompt::nothing_awaited(&talk.reader()))])
    }

    async fn dialled(&self, talk: &Talk<'_>, number: &str) -> Result<Outgoing, Fault> {
        self.catch_up("account_board").await?;
        let number = number.trim();
        let rows = account_board::page_of(&*self.database, talk.errand.by, 0, ACCOUNTS).await?;
        let mut lines = Vec::new();
        for row in rows {
            let state = self.office.account(row.number).await?;
            if state.user() != Some(talk.errand.by) {
                continue;
            }
            lines.extend(line(&state, number));
        }
        let view = Dialled { number: number.to_owned(), lines };
        Ok(Outgoing::to(talk.errand.by, dialled(&talk.reader(), &view)))
    }
}

fn line(state: &SipAccount, number: &str) -> Option<DialledLine> {
    let settings = state.settings()?;
    let rules = DialRules::from(&settings.rules);
    let outcome = rules.apply(number);
    Some(DialledLine { title: super::views::title(settings), outcome })
}

/// Whether a text is meant to be dialled: digits with the usual signs between, at least three.
fn is_number(text: &str) -> bool {
    let text = text.trim();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits >= 2 && text.chars().all(|c| c.is_ascii_digit() || "+-() .*#/\u{a0}".contains(c))
}

#[cfg(test)]
mod tests {
    use super::is_number;

    #[test]
    fn a_number_is_digits_with_the_usual_signs() {
        for number in ["8 (926) 123-45-67", "+79261234567", "*100#", "112"] {
            assert!(is_number(number), "{number}");
        }
        for text in ["hello", "", "1", "100 secret", "10.0.0.1 x"] {
            assert!(!is_number(text), "{text}");
        }
    }
}
