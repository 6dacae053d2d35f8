//! Service accounts: Telegram users of the operator that call people and are called by them.
//!
//! | module | what it holds |
//! |---|---|
//! | [`event`] | what the gateway hears, and the words of it |
//! | `verbs` | what it asks for, on its way |
//! | [`settings`] | what an operator sets |
//! | `call` | one call: a state machine without I/O |
//! | `desk` | the loop over all accounts and their calls |
//! | `line` | one account: connected, connected again, and all that it is told |
//! | `api`, `wire` | requests to Telegram, and its wire types in our words |
//! | `find`, `group`, `signals`, `chat` | who can call a person; the group for keys; signalling; what accounts write |
//! | [`store`], `session` | what is kept, sealed |
//! | `cards` | cards that nobody brings up to date are taken away |
//! | `open_calls` | what is open at Telegram, should this process die |
//! | [`login`] | how an account signs in |
//!
//! Everything here speaks MTProto through grammers; nothing outside names it.

mod api;
mod call;
mod cards;
mod chat;
mod desk;
pub mod event;
mod find;
mod group;
mod line;
pub mod login;
mod open_calls;
mod server;
mod session;
pub mod settings;
mod signals;
pub mod store;
mod verbs;
mod wire;

pub use event::{End, Event, HangUp, Written, whole_seconds};
pub use settings::Settings;

use crate::call::ids::{CallId, PhoneId};
use bytes::Bytes;
use domain::ids::UserId;
use event_store::clock::Clock;
use event_store::sql::Database;
use event_store::vault::Vault;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use verbs::{Verb, Verbs};

/// Every phone that is a Telegram call has this bit.
const TELEGRAM: u64 = 1 << 63;

/// Calls that come in have this bit too, so that they never meet the number of one that goes out.
const INCOMING: u64 = 1 << 62;

/// What the service accounts work with.
pub struct Parts {
    /// What the operator set; without it nobody can be rung, and every call ends as [`End::Unknown`].
    pub settings: Option<Settings>,
    /// Where accounts and acquaintances are kept.
    pub database: Arc<dyn Database>,
    /// Seals their sessions.
    pub vault: Arc<Vault>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Told what happens. When it is full, Telegram is heard later.
    pub events: mpsc::Sender<Event>,
    /// Who sees to tasks.
    pub tasks: TaskTracker,
    /// Ends everything.
    pub stop: CancellationToken,
}

/// The service accounts, as the gateway sees them. Cheap to clone; no verb waits, and what comes of each is told by an
/// [`Event`].
#[derive(Debug, Clone)]
pub struct Telegram(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    verbs: Verbs,
    on: AtomicBool,
    phones: AtomicU64,
}

impl Telegram {
    /// Starts. Nothing is connected before [`Telegram::work`] says so.
    #[must_use]
    pub fn start(parts: Parts) -> Self {
        let telegram = Self(Arc::default());
        let tasks = parts.tasks.clone();
        tasks.spawn(desk::run(telegram.clone(), parts));
        telegram
    }

    /// Whether a service account is signed in and connected here.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.on.load(Ordering::Relaxed)
    }

    /// A name for a call that is about to be made.
    #[must_use]
    pub fn new_phone(&self) -> PhoneId {
        PhoneId(TELEGRAM | self.0.phones.fetch_add(1, Ordering::Relaxed))
    }

    /// Whether a phone is a Telegram call.
    #[must_use]
    pub fn is_telegram(phone: PhoneId) -> bool {
        phone.0 & TELEGRAM != 0
    }

    /// Rings a person. `phone` is a name that was not used before, see [`Telegram::new_phone`].
    pub fn call(&self, phone: PhoneId, user: UserId) {
        self.0.verbs.push(Verb::Call { phone, user });
    }

    /// Takes a call that came in.
    pub fn answer(&self, phone: PhoneId) {
        self.0.verbs.push(Verb::Answer { phone });
    }

    /// Hangs up, in whatever state the call is. [`Event::Over`] comes at once, unless it came before.
    pub fn hang_up(&self, phone: PhoneId, why: HangUp) {
        self.0.verbs.push(Verb::HangUp { phone, why });
    }

    /// Sends a packet of signalling. Packets of one call keep their order.
    pub fn signal(&self, phone: PhoneId, packet: Bytes) {
        self.0.verbs.push(Verb::Signal { phone, packet });
    }

    /// Writes a text into the person's chat with the service account that knows them. Best effort.
    pub fn say(&self, user: UserId, words: String) {
        self.0.verbs.push(Verb::Say { user, words });
    }

    /// Asks a bot (its user name without `@`) for inline results and sends the first one into the person's chat with their
    /// service account: the card of a call with a keypad, "via @bot". If the bot is not told within ten seconds which
    /// message it is (and deletes its row in `telegram_cards`), the card is taken away again. Best effort.
    pub fn show_card(&self, user: UserId, call: CallId, bot: String, query: String) {
        self.0.verbs.push(Verb::ShowCard { user, call, bot, query });
    }

    /// Whether this process works the service accounts. Only one process may at a time: the one that holds segment 0.
    /// At `false` all calls are over, and the accounts are disconnected.
    pub fn work(&self, works: bool) {
        self.0.verbs.push(Verb::Work(works));
    }

    /// A name for a call that came in.
    fn incoming(&self) -> PhoneId {
        PhoneId(TELEGRAM | INCOMING | self.0.phones.fetch_add(1, Ordering::Relaxed))
    }
}
