//! Updates in: stored before Telegram may forget them, then handled one after the other for each person.
//!
//! teloxide's own polling and webhooks confirm an update before it is handled, so a crash loses it (reference
//! telegram-bot 1.2 #2, #3). Here a batch is one durable transaction, and only then Telegram may forget it; "done" and
//! what the bot says are one more. What falls between the two is found in the inbox at the next start.
//!
//! | module | what it holds |
//! |---|---|
//! | `inbox` | the rows |
//! | `people` | who is worked on and what waits for them; pure |
//! | `work` | the work itself: handle, retry, set aside |
//! | `inline` | inline queries, which are never stored |
//! | `poll` | long polling |
//! | `webhook` | the route that Telegram calls |

pub(crate) mod inbox;
mod inline;
mod people;
pub(crate) mod poll;
pub(crate) mod webhook;
mod work;

use crate::button::{Button, OnCall};
use crate::handler::{Handler, TurnedAway};
use crate::incoming::{Act, Incoming};
use crate::lease::{Owner, transact};
use crate::outbox::Outbox;
use crate::outbox::direct::{Direct, is_answer};
use crate::rate_limit::{Limited, RateLimit};
use crate::telegram::{Client, FileRef, Read, read};
use chrono::{DateTime, Utc};
use domain::ids::UserId;
use domain::sealed::Sealed;
use event_store::clock::Clock;
use event_store::log::Fault;
use event_store::sql::{Database, Statement};
use event_store::vault::Vault;
use inline::Inline;
use metrics::counter;
use people::{Delivered, Job, People};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, warn};

/// Updates handled at a time, over all people.
const HANDLED_AT_A_TIME: usize = 64;

/// What the intake needs.
pub(crate) struct IntakeParts {
    pub(crate) database: Arc<dyn Database>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) handler: Arc<dyn Handler>,
    pub(crate) outbox: Outbox,
    pub(crate) client: Client,
    pub(crate) owner: Owner,
    /// Whether other processes may use the same inbox.
    pub(crate) shared: bool,
    /// Its tasks are waited for at the end.
    pub(crate) tracker: TaskTracker,
    /// No new work is begun after this.
    pub(crate) stop: CancellationToken,
}

/// The intake of this process.
pub(crate) struct Intake {
    parts: IntakeParts,
    direct: Direct,
    inline: Inline,
    limits: Mutex<RateLimit>,
    people: Mutex<People>,
    hands: Semaphore,
}

/// An update on its way into the inbox.
struct Arriving {
    incoming: Incoming,
    file: Option<FileRef>,
    raw: Sealed,
}

impl Intake {
    pub(crate) fn new(parts: IntakeParts) -> Arc<Self> {
        let direct = Direct::new(parts.client.clone(), parts.tracker.clone());
        let shared = parts.shared;
        Arc::new(Self {
            parts,
            direct,
            inline: Inline::default(),
            limits: Mutex::new(RateLimit::new()),
            people: Mutex::new(People::new(shared)),
            hands: Semaphore::new(HANDLED_AT_A_TIME),
        })
    }

    /// Takes a batch of updates as Telegram sent them. When it returns, they are stored durably and Telegram may forget
    /// them; they are handled behind it.
    ///
    /// # Errors
    ///
    /// The database can't be written; then Telegram has to keep the batch.
    pub(crate) async fn take(self: &Arc<Self>, batch: &[String]) -> Result<(), Fault> {
        let now = self.now();
        let (mut arriving, mut unknown) = (Vec::new(), Vec::new());
        for raw in batch {
            counter!("bot_updates_total").increment(1);
            match read(raw) {
                Read::Act { incoming, file } => {
                    if let Some(incoming) = self.admit(incoming, now) {
                        let raw = self.seal(incoming.update, &without_secrets(raw, &incoming.act)).await?;
                        arriving.push(Arriving { incoming, file, raw });
                    }
                }
                Read::Nothing => {}
                Read::Unknown { update: Some(update) } => {
                    counter!("bot_updates_unknown_total").increment(1);
                    warn!(update.id = update, "an update of a form this version does not know is set aside");
                    unknown.push(inbox::insert_unknown(update, &self.seal(update, raw).await?, now));
                }
                Read::Unknown { update: None } => error!("an update without a number is thrown away"),
            }
        }
        arriving.sort_by_key(|arriving| arriving.incoming.update);
        self.store(arriving, unknown, now).await
    }

    /// Turns away who is too fast and handles inline queries at once; gives back what has to be stored.
    fn admit(self: &Arc<Self>, incoming: Incoming, now: DateTime<Utc>) -> Option<Incoming> {
        let limited = match &incoming.act {
            Act::Press { .. } => Some(Limited::Press),
            Act::InlineQuery { query, .. } if inline::is_for_a_card(query) => Some(Limited::Card),
            Act::InlineQuery { .. } => Some(Limited::Inline),
            Act::Text { .. } | Act::Contact { .. } | Act::TextFile { .. } | Act::Other => {
                Some(Limited::Message)
            }
            Act::UsersShared { .. }
            | Act::ChatShared { .. }
            | Act::ChosenInline { .. }
            | Act::Reach { .. } => None,
        };
        if let Some(limited) = limited
            && !lock(&self.limits).allow(incoming.from.id, limited, now)
        {
            counter!("bot_updates_too_fast_total").increment(1);
            let says = self.parts.handler.turned_away(&incoming, TurnedAway::TooFast);
            says.iter().filter(|says| is_answer(says)).for_each(|answer| self.direct.answer(answer));
            return None;
        }
        if let Act::InlineQuery { .. } = incoming.act {
            self.answer_inline(incoming);
            return None;
        }
        Some(incoming)
    }

    async fn store(
        self: &Arc<Self>,
        arriving: Vec<Arriving>,
        unknown: Vec<Statement>,
        now: DateTime<Utc>,
    ) -> Result<(), Fault> {
        let people: BTreeSet<UserId> = arriving.iter().map(|arriving| arriving.incoming.from.id).collect();
        let claims = if self.parts.shared { people.len() } else { 0 };
        // In the order of the people, so that two processes never wait for each other.
        let claim = |person: &UserId| inbox::claim(*person, &self.parts.owner, now);
        let mut statements: Vec<Statement> = people.iter().take(claims).map(claim).collect();
        statements.extend(arriving.iter().map(|arriving| {
            inbox::insert(arriving.incoming.update, arriving.incoming.from.id, &arriving.raw, now)
        }));
        statements.extend(unknown);
        if statements.is_empty() {
            return Ok(());
        }
        let relied: Vec<bool> =
            arriving.iter().map(|arriving| lock(&self.people).arrive(arriving.incoming.from.id)).collect();
        let changed = transact(&*self.parts.database, statements, "store updates").await;
        let stored = |n: usize| changed.as_ref().ok().and_then(|changed| changed.get(claims + n)) == Some(&1);
        let ours = |person: UserId| {
            let place = people.iter().position(|other| *other == person).unwrap_or_default();
            let changed = changed.as_ref().ok().and_then(|changed| changed.get(place));
            claims == 0 || changed == Some(&1)
        };
        for (n, (arriving, relied)) in arriving.into_iter().zip(relied).enumerate() {
            let person = arriving.incoming.from.id;
            let (stored, claimed) = (stored(n), ours(person));
            let Arriving { incoming, file, .. } = arriving;
            let job = Job { incoming, file, redelivered: false, claimed: claimed && relied };
            self.deliver(person, (stored && claimed).then_some(job));
        }
        changed.map(drop)
    }

    fn deliver(self: &Arc<Self>, person: UserId, job: Option<Job>) {
        let delivered = lock(&self.people).deliver(person, job);
        match delivered {
            Delivered::Start { .. } => self.start(person),
            Delivered::NoRoom => counter!("bot_updates_postponed_total").increment(1),
            Delivered::Queued => {}
        }
    }

    async fn seal(&self, update: u32, raw: &str) -> Result<Sealed, Fault> {
        self.parts.vault.seal(&inbox::subject(), &inbox::purpose(update), raw.as_bytes()).await
    }

    fn now(&self) -> DateTime<Utc> {
        self.parts.clock.now()
    }
}

/// An update as it is stored: without the query of a chosen inline result, which may hold a password, and without the digit
/// of a key that was pressed during a call, which may be part of a card's number. Nothing needs the one; the other is sent
/// at once or never.
fn without_secrets<'r>(raw: &'r str, act: &Act) -> Cow<'r, str> {
    let (place, kept) = match act {
        Act::ChosenInline { .. } => ("/chosen_inline_result/query", String::new()),
        Act::Press { data, .. } => match data.parse() {
            Ok(Button::Call(call, OnCall::Key(_))) => {
                ("/callback_query/data", Button::Call(call, OnCall::LostKey).to_string())
            }
            Ok(_) | Err(_) => return Cow::Borrowed(raw),
        },
        Act::Text { .. }
        | Act::Contact { .. }
        | Act::TextFile { .. }
        | Act::InlineQuery { .. }
        | Act::UsersShared { .. }
        | Act::ChatShared { .. }
        | Act::Reach { .. }
        | Act::Other => return Cow::Borrowed(raw),
    };
    // What was read a moment ago is JSON; what is not is better lost than kept with a secret in it.
    let Ok(mut update) = serde_json::from_str::<serde_json::Value>(raw) else { return Cow::Borrowed("{}") };
    if let Some(secret) = update.pointer_mut(place) {
        *secret = serde_json::Value::String(kept);
    }
    Cow::Owned(update.to_string())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::call::Digit;
    use domain::ids::CallId;

    #[test]
    fn the_query_of_a_chosen_result_is_not_stored() {
        let raw = r#"{"update_id":7,"chosen_inline_result":{"result_id":"k:1","query":"1001 CANARY",
            "from":{"id":1,"is_bot":false,"first_name":"O"}}}"#;
        let stored = stored(raw);
        assert!(!stored.contains("CANARY"), "{stored}");
        assert!(stored.contains("k:1"), "{stored}");
    }

    #[test]
    fn a_digit_that_was_pressed_is_not_stored_and_other_buttons_are() {
        let press = |data: &str| {
            format!(
                r#"{{"update_id":7,"callback_query":{{"id":"9","chat_instance":"1","data":"{data}",
                "from":{{"id":1,"is_bot":false,"first_name":"O"}},"message":{{"message_id":5,"date":1,"text":"x",
                "chat":{{"id":1,"type":"private","first_name":"O"}}}}}}}}"#
            )
        };
        let call = CallId::from_bits(1);
        let stored_keys: std::collections::BTreeSet<String> = Digit::KEYPAD
            .into_iter()
            .map(|digit| stored(&press(&Button::Call(call, OnCall::Key(digit)).to_string())))
            .collect();
        assert_eq!(stored_keys.len(), 1, "every key is stored alike: {stored_keys:#?}");
        let kept = stored_keys.first().unwrap();
        assert!(kept.contains(&Button::Call(call, OnCall::LostKey).to_string()), "{kept}");
        let hold = Button::Call(call, OnCall::Hold).to_string();
        assert!(stored(&press(&hold)).contains(&hold));
    }

    #[test]
    fn a_digit_that_was_pressed_in_the_chat_of_a_service_account_is_not_stored_either() {
        let (call, digit) = (CallId::from_bits(1), Digit::KEYPAD[4]);
        let data = Button::Call(call, OnCall::Key(digit)).to_string();
        let raw = format!(
            r#"{{"update_id":7,"callback_query":{{"id":"9","chat_instance":"1","data":"{data}",
            "from":{{"id":1,"is_bot":false,"first_name":"O"}},"inline_message_id":"AAB"}}}}"#
        );
        let stored = stored(&raw);
        assert!(!stored.contains(&data), "{stored}");
        assert!(stored.contains(&Button::Call(call, OnCall::LostKey).to_string()), "{stored}");
    }

    fn stored(raw: &str) -> String {
        let Read::Act { incoming, .. } = read(raw) else { panic!("an act: {raw}") };
        without_secrets(raw, &incoming.act).into_owned()
    }
}
