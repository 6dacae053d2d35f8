//! The chat of a person with their service account: a number or a contact that is sent there is called, as in the bot's
//! own chat (product reference 3.3 step 1). There are no buttons, so a choice is made by answering with a number.

mod words;

use crate::call::choose::{Candidate, Choice, Fit, choose};
use crate::directory::Directory;
use crate::telegram::{Telegram, Written};
use chrono::{DateTime, TimeDelta, Utc};
use domain::call::{Call, Command, MAX_NUMBER, dialled_in, without_separators};
use domain::ids::{AccountNumber, CallId, UserId};
use domain::log::{Actor, Context};
use domain::person::{Language, Person};
use event_store::clock::Clock;
use event_store::dispatcher::{Cause, Dispatcher, ExecuteError};
use event_store::log::Fault;
use event_store::vault::{Purpose, Subject, Vault};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use words::Words;

/// How long a question waits for its answer.
const ANSWERED_WITHIN: TimeDelta = TimeDelta::minutes(10);

/// As many questions wait at a time; the oldest is forgotten first.
const QUESTIONS: usize = 1_000;

/// As many things can be chosen from.
const CHOICES: usize = 9;

/// What there is to see to.
#[derive(Debug)]
pub enum Told {
    /// A person wrote to a service account.
    Written {
        /// Who.
        user: UserId,
        /// What.
        message: Written,
    },
    /// A person called a service account, and nothing waited for them.
    NothingWaits {
        /// Who.
        user: UserId,
    },
}

/// What the chat works with.
pub struct ServiceChat {
    /// Answers.
    pub telegram: Telegram,
    /// Takes calls.
    pub dispatcher: Dispatcher,
    /// Seals numbers.
    pub vault: Arc<Vault>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The accounts.
    pub directory: watch::Receiver<Arc<Directory>>,
}

/// Something that a person was asked.
struct Question {
    asked: DateTime<Utc>,
    choices: Vec<Chosen>,
}

/// What an answer stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Chosen {
    Number(String),
    Line { account: AccountNumber, number: String },
}

impl ServiceChat {
    /// Sees to what it is told, one after another, until `stop`.
    pub async fn run(self, mut told: mpsc::Receiver<Told>, stop: CancellationToken) {
        let mut questions = HashMap::new();
        while let Some(Some(told)) = stop.run_until_cancelled(told.recv()).await {
            let user = match &told {
                Told::Written { user, .. } | Told::NothingWaits { user } => *user,
            };
            match self.answer(&mut questions, told).await {
                Ok(Some(words)) => self.telegram.say(user, words),
                Ok(None) => {}
                Err(fault) => {
                    let error = &fault as &dyn std::error::Error;
                    tracing::warn!(error, "a number that was sent to a service account was not called");
                    self.telegram.say(user, Words(Language::En).not_now());
                }
            }
        }
    }

    async fn answer(
        &self,
        questions: &mut HashMap<UserId, Question>,
        told: Told,
    ) -> Result<Option<String>, Fault> {
        let (user, message) = match told {
            Told::NothingWaits { user } => {
                return Ok(Some(self.words(user).await?.nothing_waits()));
            }
            Told::Written { user, message } => (user, message),
        };
        let words = self.words(user).await?;
        let question = questions.remove(&user).filter(|it| self.clock.now() - it.asked < ANSWERED_WITHIN);
        let asks = match read(&words, question, message) {
            Read::Says(said) => return Ok(Some(said)),
            Read::Asks(choices) => choices,
            Read::Calls { number, account } => match self.call(&words, user, number, account).await? {
                Calling::Begun => return Ok(None),
                Calling::Refused(said) => return Ok(Some(said)),
                Calling::Which(choices) => choices,
            },
        };
        Ok(Some(self.ask(questions, user, &words, asks)))
    }

    async fn call(
        &self,
        words: &Words,
        user: UserId,
        number: String,
        account: Option<AccountNumber>,
    ) -> Result<Calling, Fault> {
        let directory = self.directory.borrow().clone();
        let lines = directory.of(user).filter(|line| account.is_none_or(|it| it == line.number));
        let candidates: Vec<Candidate> = lines.map(|line| line.candidate(false)).collect();
        if candidates.is_empty() {
            return Ok(Calling::Refused(words.no_accounts()));
        }
        match choose(&candidates, &without_separators(&number)) {
            Choice::None => Ok(Calling::Refused(words.no_lines())),
            Choice::One(fit) => self.request(words, user, &number, &fit).await,
            Choice::Several(fits) => Ok(Calling::Which(
                fits.into_iter()
                    .take(CHOICES)
                    .map(|fit| Chosen::Line { account: fit.account.number, number: number.clone() })
                    .collect(),
            )),
        }
    }

    /// Asks the log for the call; whoever holds the person's segment takes it from there, as if the bot had asked.
    async fn request(&self, words: &Words, user: UserId, number: &str, fit: &Fit) -> Result<Calling, Fault> {
        let call = CallId::from_bits(Uuid::now_v7().as_u128());
        let subject = Subject::person(user);
        let seal =
            async |purpose: Purpose, text: &str| self.vault.seal(&subject, &purpose, text.as_bytes()).await;
        let command = Command::Request {
            by: user,
            account: fit.account.number,
            owner: fit.account.owner,
            number: seal(Purpose::far_number(call), number).await?,
            dialled: seal(Purpose::dialled(call), &fit.dialled).await?,
        };
        let context = Context { by: Actor::Person(user), at: self.clock.now() };
        let cause = Cause { text: Some("service account's chat".to_owned()), dedup: None };
        match self.dispatcher.execute::<Call>(&call.to_string(), command, context, &cause).await {
            Ok(_) => Ok(Calling::Begun),
            Err(ExecuteError::Refused(refusal)) => {
                tracing::info!(%call, %refusal, "a call that was asked for in a service account's chat is refused");
                Ok(Calling::Refused(words.not_now()))
            }
            Err(ExecuteError::Full { .. }) => Ok(Calling::Refused(words.not_now())),
            Err(ExecuteError::Fault(fault)) => Err(fault),
        }
    }

    fn ask(
        &self,
        questions: &mut HashMap<UserId, Question>,
        user: UserId,
        words: &Words,
        choices: Vec<Chosen>,
    ) -> String {
        let asked = self.clock.now();
        questions.retain(|_, question| asked - question.asked < ANSWERED_WITHIN);
        if questions.len() >= QUESTIONS
            && let Some(oldest) = questions.iter().min_by_key(|(_, it)| it.asked).map(|(user, _)| *user)
        {
            questions.remove(&oldest);
        }
        let directory = self.directory.borrow().clone();
        let name = |chosen: &Chosen| match chosen {
            Chosen::Number(number) => number.clone(),
            Chosen::Line { account, .. } => {
                let label = directory.line(*account).and_then(|line| line.settings.label());
                label.unwrap_or_else(|| account.to_string())
            }
        };
        let lines = matches!(choices.first(), Some(Chosen::Line { .. }));
        let said = words.which(lines, choices.iter().map(name));
        questions.insert(user, Question { asked, choices });
        said
    }

    async fn words(&self, user: UserId) -> Result<Words, Fault> {
        let (person, _) = self.dispatcher.load::<Person>(&user.to_string()).await?;
        Ok(Words(person.language.unwrap_or(Language::En)))
    }
}

/// What a message means.
#[derive(Debug, PartialEq, Eq)]
enum Read {
    Says(String),
    Asks(Vec<Chosen>),
    Calls { number: String, account: Option<AccountNumber> },
}

/// What came of a call that was asked for.
enum Calling {
    Begun,
    Refused(String),
    Which(Vec<Chosen>),
}

/// Reads a message, which may answer a question.
fn read(words: &Words, question: Option<Question>, message: Written) -> Read {
    let text = match message {
        Written::Contact { numbers, .. } => return read_contact(words, numbers),
        Written::Text(text) => text,
    };
    let answer = text.trim().parse::<usize>().ok().and_then(|it| it.checked_sub(1));
    if let (Some(at), Some(question)) = (answer, question)
        && let Some(chosen) = question.choices.get(at).cloned()
    {
        return match chosen {
            Chosen::Number(number) => Read::Calls { number, account: None },
            Chosen::Line { account, number } => Read::Calls { number, account: Some(account) },
        };
    }
    match dialled_in(&text) {
        Some(number) if number.chars().count() > MAX_NUMBER || number.chars().any(char::is_control) => {
            Read::Says(words.bad_number())
        }
        Some(number) => Read::Calls { number: number.to_owned(), account: None },
        None => Read::Says(words.how()),
    }
}

fn read_contact(words: &Words, mut numbers: Vec<String>) -> Read {
    let mut seen = std::collections::BTreeSet::new();
    numbers.retain(|number| seen.insert(without_separators(number)));
    match numbers.len() {
        0 => Read::Says(words.bad_number()),
        1 => Read::Calls { number: numbers.remove(0), account: None },
        _ => Read::Asks(numbers.into_iter().take(CHOICES).map(Chosen::Number).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: Words = Words(Language::En);

    fn text(text: &str) -> Written {
        Written::Text(text.to_owned())
    }

    fn contact(numbers: &[&str]) -> Written {
        let numbers = numbers.iter().map(|it| (*it).to_owned()).collect();
        Written::Contact { numbers, name: "Anna".to_owned() }
    }

    fn calls(number: &str, account: Option<AccountNumber>) -> Read {
        Read::Calls { number: number.to_owned(), account }
    }

    fn asked_for_a_line() -> Option<Question> {
        let number = "600".to_owned();
        let line = Chosen::Line { account: AccountNumber::MIN, number };
        Some(Question { asked: DateTime::UNIX_EPOCH, choices: vec![line] })
    }

    #[test]
    fn a_number_and_a_contact_are_called() {
        assert_eq!(read(&WORDS, None, text("+7 926 123-45-67")), calls("+7 926 123-45-67", None));
        assert_eq!(read(&WORDS, None, contact(&["+79261234567"])), calls("+79261234567", None));
    }

    #[test]
    fn a_text_that_is_no_number_is_told_what_to_send() {
        assert_eq!(read(&WORDS, None, text("hello")), Read::Says(WORDS.how()));
        assert_eq!(read(&WORDS, None, contact(&[])), Read::Says(WORDS.bad_number()));
    }

    #[test]
    fn a_contact_with_two_numbers_is_asked_about_and_the_same_number_twice_is_one() {
        assert!(
            matches!(read(&WORDS, None, contact(&["600", "601"])), Read::Asks(choices) if choices.len() == 2)
        );
        assert_eq!(read(&WORDS, None, contact(&["600", "6-00"])), calls("600", None));
    }

    #[test]
    fn a_line_is_chosen_by_its_number() {
        let chosen = read(&WORDS, asked_for_a_line(), text(" 1 "));
        assert_eq!(chosen, calls("600", Some(AccountNumber::MIN)));
    }

    #[test]
    fn what_does_not_answer_the_question_stands_for_itself() {
        assert_eq!(read(&WORDS, asked_for_a_line(), text("602")), calls("602", None));
        assert_eq!(read(&WORDS, asked_for_a_line(), text("2")), Read::Says(WORDS.how()));
    }
}
