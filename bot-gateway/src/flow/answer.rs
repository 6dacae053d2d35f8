//! Values typed in answer to a question.

use super::Flow;
use super::menu::template_page;
use super::talk::Talk;
use crate::button::Ask;
use crate::conversation::{Awaited, Pending, request, slot};
use crate::incoming::MessageRef;
use crate::office::{Denied, DoneAccount};
use crate::outgoing::Outgoing;
use crate::screen::people::{PickFor, lend, pick};
use crate::screen::{card, prompt, rules, template};
use domain::dial_rules::DialRules;
use domain::ids::AccountNumber;
use domain::loan_end;
use domain::password::Password;
use domain::settings::BadSetting;
use domain::sip_account::Change;
use event_store::log::Fault;

/// What became of a typed value.
enum Typed {
    Done(Box<DoneAccount>),
    Wrong(BadSetting),
    Denied(Denied),
}

impl Flow {
    /// The open question that a message answers: the one it replies to, else the newest.
    pub(super) async fn question_of(
        &self,
        talk: &Talk<'_>,
        reply_to: Option<i32>,
    ) -> Result<Option<Pending>, Fault> {
        let asked = self.conversations.asked(talk.errand.by, talk.errand.update).await?;
        if let Some(reply_to) = reply_to {
            for pending in &asked {
                let message = self.outbox.remembered(talk.chat(), &pending.slot()).await?;
                if message.is_some_and(|message| message.id == reply_to) {
                    return Ok(Some(pending.clone()));
                }
            }
        }
        // What this very update asked was asked by its answer to something else, before it was delivered again.
        let own = request(talk.errand.update);
        Ok(asked.into_iter().find(|pending| pending.request != own && pending.expires > talk.errand.at))
    }

    /// Takes a text as the answer to a question.
    pub(super) async fn answer(
        &self,
        talk: &Talk<'_>,
        message: MessageRef,
        pending: &Pending,
        text: &str,
    ) -> Result<Vec<Outgoing>, Fault> {
        // A secret goes from the chat before anything else happens, whatever else happens.
        let mut says = Vec::new();
        if pending.awaited.is_secret() {
            says.push(Outgoing::Delete { message });
        }
        if pending.expires <= talk.errand.at {
            says.push(Outgoing::to(talk.errand.by, prompt::nothing_awaited(&talk.reader())));
            return Ok(says);
        }
        match &pending.awaited {
            Awaited::Value(account, Ask::TryNumber) => {
                says.extend(self.try_number(talk, pending, *account, text).await?);
            }
            Awaited::Value(account, Ask::FindTemplate) => {
                says.extend(self.find_template(talk, message, pending, *account, text).await?);
            }
            Awaited::Value(account, Ask::LoanEnd) => {
                says.extend(self.loan_end(talk, message, pending, *account, text).await?);
            }
            Awaited::Value(account, ask) => {
                says.extend(self.value(talk, message, pending, (*account, *ask), text).await?);
            }
            Awaited::TransferTo(call) => {
                says.extend(self.transfer_to(talk, message, pending, *call, text).await?);
            }
            Awaited::List(server) => says.extend(self.list_sent(talk, server, text).await?),
            Awaited::User(_)
            | Awaited::Borrower(..)
            | Awaited::BorrowerUntil(..)
            | Awaited::Heir(_)
            | Awaited::RecordingChat(_) => {
                says.extend(self.typed_in_place_of_a_pick(talk, text).await?);
            }
        }
        Ok(says)
    }

    async fn value(
        &self,
        talk: &Talk<'_>,
        message: MessageRef,
        pending: &Pending,
        (account, ask): (AccountNumber, Ask),
        text: &str,
    ) -> Result<Vec<Outgoing>, Fault> {
        match self.set(talk, account, ask, text).await? {
            Typed::Done(done) => {
                let mut says: Vec<Outgoing> =
                    self.delete_prompt(talk, &pending.slot()).await?.into_iter().collect();
                if ask != Ask::Password {
                    says.push(Outgoing::Delete { message });
                }
                self.conversations.answered(talk.errand.by, pending.request, talk.errand.update).await?;
                if let Some(view) = self.card(talk, account, &done.state).await? {
                    let reader = &talk.reader();
                    let screen = match ask {
                        Ask::Password => prompt::password_saved(reader, &view, true),
                        Ask::Rules => rules::rules(reader, &view),
                        Ask::Name
                        | Ask::Login
                        | Ask::Domain
                        | Ask::Proxy
                        | Ask::Codecs
                        | Ask::Dtmf
                        | Ask::TryNumber
                        | Ask::FindTemplate
                        | Ask::LoanEnd => card::card(reader, &view),
                    };
                    says.push(self.refresh(talk, screen).await?);
                }
                Ok(says)
            }
            Typed::Wrong(why) => Ok(vec![Outgoing::Send {
                chat: talk.chat(),
                screen: prompt::wrong(&talk.reader(), ask, &why),
                remember: Some(pending.slot()),
            }]),
            Typed::Denied(denied) => {
                self.conversations.answered(talk.errand.by, pending.request, talk.errand.update).await?;
                Ok(vec![talk.denied_message(denied)?])
            }
        }
    }

    /// Sets what was typed, if it is a value of its setting.
    async fn set(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
        ask: Ask,
        text: &str,
    ) -> Result<Typed, Fault> {
        let done = match ask {
            Ask::Password => match text.parse::<Password>() {
                Ok(password) => self.office.change_password(&talk.errand, account, password.expose()).await,
                Err(why) => return Ok(Typed::Wrong(why)),
            },
            Ask::Name
            | Ask::Login
            | Ask::Domain
            | Ask::Proxy
            | Ask::Codecs
            | Ask::Dtmf
            | Ask::Rules
            | Ask::TryNumber
            | Ask::FindTemplate
            | Ask::LoanEnd => match change(ask, text) {
                Ok(Some(change)) => self.office.change(&talk.errand, account, change).await,
                Ok(None) => return Ok(Typed::Wrong(BadSetting::Empty)),
                Err(why) => return Ok(Typed::Wrong(why)),
            },
        };
        Ok(match done {
            Ok(done) => Typed::Done(Box::new(done)),
            Err(Denied::Fault(fault)) => return Err(fault),
            Err(denied @ (Denied::Refused(_) | Denied::Full { .. })) => Typed::Denied(denied),
        })
    }

    /// Shows what each rule does to a number. The question stays open for the next number.
    async fn try_number(
        &self,
        talk: &Talk<'_>,
        pending: &Pending,
        account: AccountNumber,
        number: &str,
    ) -> Result<Vec<Outgoing>, Fault> {
        let state = self.office.account(account).await?;
        let Some(view) = self.card(talk, account, &state).await? else {
            self.conversations.answered(talk.errand.by, pending.request, talk.errand.update).await?;
            return Ok(vec![Outgoing::to(talk.errand.by, card::gone(&talk.reader()))]);
        };
        let trace = DialRules::parse(&view.rules).unwrap_or_default().trace(number.trim());
        let screen = rules::trace(&talk.reader(), &view, &trace);
        self.show_anew(talk, screen).await
    }

    /// Takes the end of a loan, and asks to whom the account is lent.
    async fn loan_end(
        &self,
        talk: &Talk<'_>,
        message: MessageRef,
        pending: &Pending,
        account: AccountNumber,
        text: &str,
    ) -> Result<Vec<Outgoing>, Fault> {
        let (by, reader) = (talk.errand.by, &talk.reader());
        let until = match loan_end::parse(text, talk.errand.at) {
            Ok(until) => until,
            Err(why) => {
                let (chat, screen) = (talk.chat(), prompt::wrong_loan_end(reader, why));
                return Ok(vec![Outgoing::Send { chat, screen, remember: Some(pending.slot()) }]);
            }
        };
        self.conversations.answered(by, pending.request, talk.errand.update).await?;
        let Ok(view) = self.own_card(talk, account).await? else {
            return Ok(vec![Outgoing::to(by, card::gone(reader))]);
        };
        let number = request(talk.errand.update);
        let awaited = Awaited::BorrowerUntil(account, until);
        self.conversations.await_answer(by, number, &awaited, talk.errand.at).await?;
        let mut says: Vec<Outgoing> = self.delete_prompt(talk, &pending.slot()).await?.into_iter().collect();
        says.push(Outgoing::Delete { message });
        says.push(self.refresh(talk, lend(reader, &view)).await?);
        says.push(Outgoing::Send {
            chat: talk.chat(),
            screen: pick(reader, &view, PickFor::LoanUntil { until }, number),
            remember: Some(slot(number)),
        });
        Ok(says)
    }

    /// Shows the templates whose names begin with what was typed. The question stays open for the next word.
    async fn find_template(
        &self,
        talk: &Talk<'_>,
        message: MessageRef,
        pending: &Pending,
        account: AccountNumber,
        word: &str,
    ) -> Result<Vec<Outgoing>, Fault> {
        let state = self.office.account(account).await?;
        let card = self.card(talk, account, &state).await?;
        let mine = state.owner() == Some(talk.errand.by);
        let Some(view) = card.filter(|_| mine) else {
            self.conversations.answered(talk.errand.by, pending.request, talk.errand.update).await?;
            return Ok(vec![Outgoing::to(talk.errand.by, card::gone(&talk.reader()))]);
        };
        let found = self.office.catalogue().search(word.trim());
        let page = template_page(&found, 0, Some(word.trim().to_owned()));
        let screen = template::templates(&talk.reader(), &view, &page);
        Ok(vec![Outgoing::Delete { message }, self.refresh(talk, screen).await?])
    }
}

/// The change that a typed value means; none where the setting is not changed like this.
fn change(ask: Ask, text: &str) -> Result<Option<Change>, BadSetting> {
    Ok(Some(match ask {
        Ask::Name => Change::Name(Some(text.parse()?)),
        Ask::Login => Change::Login(text.trim().parse()?),
        Ask::Domain => Change::Domain(Some(text.trim().parse()?)),
        Ask::Proxy => Change::Proxy(Some(text.trim().parse()?)),
        Ask::Codecs => Change::Codecs(text.parse()?),
        Ask::Dtmf => Change::Dtmf(text.parse()?),
        Ask::Rules => Change::Rules(text.parse()?),
        Ask::Password | Ask::TryNumber | Ask::FindTemplate | Ask::LoanEnd => return Ok(None),
    }))
}
