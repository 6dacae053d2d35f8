//! The stage: the office and the flows over SQLite, and a Telegram of chats, messages and buttons that only obeys.

use crate::button::{Ask, Button};
use crate::cards::{CallCards, Cards, slot};
use crate::flow::{Flow, Parts};
use crate::handler::Handler as _;
use crate::incoming::{Act, ChatKind, From, Incoming, MessageRef, Place, SharedUser};
use crate::lease::Owner;
use crate::notify::{Notices, Shredder};
use crate::office::{self, Office};
use crate::outbox::Outbox;
use crate::outgoing::{InlineResult, KeyDoes, Keys, Outgoing, PickKey, Screen};
use crate::recordings::Recordings;
use crate::view::call::Phone;
use chrono::{DateTime, TimeDelta, Utc};
use domain::call::{self, Call, Signal};
use domain::ids::{AccountNumber, CallId, ChatId, OfferToken, UserId};
use domain::log::Context;
use domain::person::{self, Person};
use domain::sip_account::SipAccount;
use domain::template::Catalogue;
use event_store::blobs::Blobs;
use event_store::clock::{Clock as _, ManualClock};
use event_store::dispatcher::{Cause, Dispatcher, Limits};
use event_store::log::EventLog;
use event_store::open::{OpenOptions, open};
use event_store::reactor::reactor;
use event_store::runner::{Followed, Followers};
use event_store::signals::{Heard, InMemory, SignalBus as _, Subscription};
use event_store::sql::{Database, Statement, Type};
use event_store::vault::{Keyring, Purpose, Vault};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use secrecy::ExposeSecret as _;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(super) const OLGA: UserId = UserId(1001);
pub(super) const IVAN: UserId = UserId(1002);
pub(super) const PETR: UserId = UserId(1003);
pub(super) const ANNA: UserId = UserId(1004);

/// The password of every story. It must never be seen again.
pub(super) const CANARY: &str = "c4nary-9f2e7";

/// Everybody who writes what others are to do.
const REACTORS: [&str; 4] = ["notices", "shredder", "call_cards", "recordings"];

const LONG: Duration = Duration::from_secs(20);

pub(super) struct Stage {
    pub(super) flow: Flow,
    pub(super) office: Arc<Office>,
    pub(super) log: Arc<dyn EventLog>,
    pub(super) database: Arc<dyn Database>,
    pub(super) clock: ManualClock,
    pub(super) followers: Followers,
    pub(super) directory: tempfile::TempDir,
    /// What a gateway would hear.
    pub(super) heard: Subscription,
    pub(super) vault: Arc<Vault>,
    /// Recordings that wait to be posted.
    pub(super) blobs: Blobs,
    updates: AtomicU32,
    next_message: i32,
    next_inline: u32,
    told: usize,
    /// What is not to be shown yet.
    waiting: BTreeMap<String, Outgoing>,
    pub(super) chats: BTreeMap<UserId, BTreeMap<i32, Screen>>,
    pub(super) inline: BTreeMap<String, Screen>,
    /// Everything that the bot ever said.
    pub(super) said: Vec<String>,
    pub(super) language: BTreeMap<UserId, String>,
    /// Chats in which the bot may not post.
    pub(super) closed: Vec<ChatId>,
    stop: CancellationToken,
}

/// The answer to a press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) text: Option<String>,
    pub(super) alert: bool,
    pub(super) url: Option<String>,
}

impl Stage {
    pub(super) async fn new() -> Self {
        Self::with_limit(20).await
    }

    pub(super) async fn with_limit(accounts_per_owner: u32) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let address = format!("sqlite://{}", directory.path().join("tandem.db").display());
        Self::at(&address, directory, accounts_per_owner).await
    }

    /// Over the database at this address. Files are looked for in the directory.
    pub(super) async fn at(address: &str, directory: tempfile::TempDir, accounts_per_owner: u32) -> Self {
        let opened = open(address, OpenOptions::default()).await.unwrap();
        let (log, database) = (opened.log, opened.database.unwrap());
        let clock = ManualClock::at(noon());
        let clock_of = || Arc::new(clock.clone());
        let keyring = Keyring::parse(&Keyring::new_line("test")).unwrap();
        let vault = Arc::new(Vault::new(database.clone(), keyring, clock_of()));
        let office = Arc::new(Office::new(office::Parts {
            dispatcher: Dispatcher::new(log.clone(), Limits { accounts_per_owner }),
            vault: vault.clone(),
            database: database.clone(),
            clock: clock_of(),
            catalogue: Arc::new(Catalogue::builtin()),
            random: Box::new(StdRng::seed_from_u64(7)),
        }));
        let outbox = Outbox::new(database.clone(), clock_of(), Owner::alone());
        let followers = Followers::new(log.clone(), database.clone(), clock_of(), "stage");
        let models = projections::all();
        followers.prepare(&models, &|_| ()).await.unwrap();
        let recordings_store = Blobs::new(database.clone(), vault.clone(), clock_of());
        let notices = Notices::new(office.clone(), outbox.clone(), "tandem_bot".to_owned());
        let mut followed: Vec<Followed> = models.into_iter().map(Followed::ReadModel).collect();
        followed.push(Followed::Reactor(reactor(notices)));
        followed.push(Followed::Reactor(reactor(Shredder::new(office.clone(), recordings_store.clone()))));
        let phone = Phone { page: Some("https://phone.example/".to_owned()), telegram: true, account: None };
        let cards = Cards::new(
            office.clone(),
            database.clone(),
            outbox.clone(),
            "tandem_bot".to_owned(),
            phone.clone(),
        );
        followed.push(Followed::Reactor(reactor(CallCards::new(cards, outbox.clone()))));
        let recordings = Recordings::new(office.clone(), outbox.clone(), "tandem_bot".to_owned());
        followed.push(Followed::Reactor(reactor(recordings)));
        let signals = Arc::new(InMemory::default());
        let heard = signals.subscribe();
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        followers.start(followed, &tasks, &stop);
        followers.settle(&[&REACTORS[..], &["account_board"]].concat(), LONG).await.unwrap();
        let flow = Flow::new(Parts {
            office: office.clone(),
            database: database.clone(),
            followers: followers.clone(),
            outbox,
            signals,
            phone,
            bot: "tandem_bot".to_owned(),
        });
        Self {
            flow,
            office,
            log,
            database,
            clock,
            followers,
            directory,
            heard,
            vault,
            blobs: recordings_store,
            updates: AtomicU32::new(1),
            next_message: 1,
            next_inline: 1,
            told: 0,
            waiting: BTreeMap::new(),
            chats: BTreeMap::new(),
            inline: BTreeMap::new(),
            said: Vec::new(),
            language: BTreeMap::new(),
            closed: Vec::new(),
            stop,
        }
    }

    pub(super) fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(super) async fn account(&self, account: AccountNumber) -> SipAccount {
        self.office.account(account).await.unwrap()
    }

    // What people do

    /// Writes a text to the bot.
    pub(super) async fn says(&mut self, who: UserId, text: &str) -> Vec<Outgoing> {
        self.replies(who, text, None).await
    }

    /// Answers a message of the bot.
    pub(super) async fn replies(&mut self, who: UserId, text: &str, reply_to: Option<i32>) -> Vec<Outgoing> {
        let message = self.own_message(who);
        self.does(who, Act::Text { message, text: text.to_owned(), reply_to }).await
    }

    /// Presses a button of the live menu, or of the newest message that has it.
    pub(super) async fn presses(&mut self, who: UserId, button: Button) -> Answer {
        let data = button.to_string();
        let has = |screen: &Screen| presses_of(screen).contains(&data);
        let message = self
            .chats
            .get(&who)
            .and_then(|chat| chat.iter().rev().find(|(_, screen)| has(screen)).map(|(id, _)| *id))
            .unwrap_or_else(|| panic!("{who} sees no {data} in {:#?}", self.chats.get(&who)));
        self.presses_at(who, Place::Chat(MessageRef { chat: ChatId(who.0), id: message }), &data).await
    }

    /// Sends the data of a button, wherever, shown or not.
    pub(super) async fn presses_at(&mut self, who: UserId, place: Place, data: &str) -> Answer {
        let says = self.does(who, Act::Press { id: "press".to_owned(), place, data: data.to_owned() }).await;
        let Some(Outgoing::AnswerPress { text, alert, url, .. }) = says.first() else {
            panic!("a press is answered first: {says:#?}");
        };
        Answer { text: text.clone(), alert: *alert, url: url.clone() }
    }

    /// Presses the Take of an inline message.
    pub(super) async fn takes(&mut self, who: UserId, inline_message: &str) -> Answer {
        let screen = &self.inline[inline_message];
        let take = presses_of(screen).into_iter().find(|data| data.contains(":take:"));
        let take = take.unwrap_or_else(|| panic!("there is no Take: {screen:#?}"));
        self.presses_at(who, Place::Inline(inline_message.to_owned()), &take).await
    }

    /// Types behind the bot's name in a private chat.
    pub(super) async fn types(&mut self, who: UserId, query: &str) -> Vec<InlineResult> {
        self.types_in(who, query, Some(ChatKind::Private)).await
    }

    pub(super) async fn types_in(
        &mut self,
        who: UserId,
        query: &str,
        chat: Option<ChatKind>,
    ) -> Vec<InlineResult> {
        let act = Act::InlineQuery { id: "query".to_owned(), query: query.to_owned(), chat };
        match self.does(who, act).await.as_slice() {
            [Outgoing::AnswerInline { results, .. }] => results.clone(),
            other => panic!("a query is answered: {other:#?}"),
        }
    }

    /// The message appears in the chat; the bot is not told yet.
    pub(super) fn appears(&mut self, result: &InlineResult) -> String {
        let inline_message = format!("inline-{}", self.next_inline);
        self.next_inline += 1;
        self.inline.insert(inline_message.clone(), result.screen.clone());
        inline_message
    }

    /// The bot is told that a result was sent.
    pub(super) async fn chosen(&mut self, who: UserId, result: &InlineResult, inline_message: &str) {
        let act =
            Act::ChosenInline { result: result.id.clone(), inline_message: Some(inline_message.to_owned()) };
        assert_eq!(self.does(who, act).await, []);
    }

    /// Sends a result: the message appears, and the bot is told.
    pub(super) async fn sends(&mut self, who: UserId, result: &InlineResult) -> String {
        let inline_message = self.appears(result);
        self.chosen(who, result, &inline_message).await;
        inline_message
    }

    /// Picks somebody with the picker that the bot has shown last.
    pub(super) async fn picks(&mut self, who: UserId, whom: UserId) -> Vec<Outgoing> {
        let request = self.picker(who, |key| match key {
            PickKey::User { request, .. } => Some(*request),
            PickKey::Chat { .. } | PickKey::Contact { .. } | PickKey::Text { .. } => None,
        });
        let message = self.own_message(who);
        let user = SharedUser { id: whom, name: Some(name(whom).to_owned()), username: None };
        self.does(who, Act::UsersShared { message, request, users: vec![user] }).await
    }

    pub(super) async fn picks_chat(&mut self, who: UserId, chat: ChatId, channel: bool) -> Vec<Outgoing> {
        let request = self.picker(who, |key| match key {
            PickKey::Chat { request, channel: is, .. } if *is == channel => Some(*request),
            PickKey::Chat { .. } | PickKey::User { .. } | PickKey::Contact { .. } | PickKey::Text { .. } => {
                None
            }
        });
        let message = self.own_message(who);
        self.does(who, Act::ChatShared { message, request, chat, title: Some("Records".to_owned()) }).await
    }

    fn picker(&self, who: UserId, find: impl Fn(&PickKey) -> Option<i32>) -> i32 {
        let found = self.chats[&who].values().rev().find_map(|screen| match &screen.keys {
            Keys::Pick(rows) => rows.iter().flatten().find_map(&find),
            Keys::None | Keys::Inline(_) | Keys::ForceReply { .. } | Keys::RemovePick => None,
        });
        found.unwrap_or_else(|| panic!("{who} sees no picker"))
    }

    /// Any update, handled twice: the second time nothing more is recorded, and the same is said.
    pub(super) async fn does(&mut self, who: UserId, act: Act) -> Vec<Outgoing> {
        let update = self.updates.fetch_add(1, Ordering::Relaxed);
        let repeated = !matches!(act, Act::InlineQuery { .. });
        let incoming = Incoming { update, from: self.from(who), act };
        let says = self.flow.handle(&incoming, false).await.unwrap();
        if repeated {
            let head = self.log.head().await.unwrap();
            let again = self.flow.handle(&incoming, true).await.unwrap();
            assert_eq!(self.log.head().await.unwrap(), head, "a repeat records nothing: {incoming:?}");
            assert_eq!(again, says, "a repeat says the same: {incoming:?}");
        }
        for one in &says {
            self.obeys(one).await;
        }
        says
    }

    pub(super) fn from(&self, who: UserId) -> From {
        From {
            id: who,
            name: name(who).to_owned(),
            username: Some(name(who).to_lowercase()),
            language_code: Some(self.language.get(&who).cloned().unwrap_or_else(|| "en".to_owned())),
        }
    }

    fn own_message(&mut self, who: UserId) -> MessageRef {
        let message = MessageRef { chat: ChatId(who.0), id: self.next_message };
        self.next_message += 1;
        self.chats.entry(who).or_default().insert(message.id, Screen::default());
        message
    }

    // What Telegram does

    async fn obeys(&mut self, says: &Outgoing) {
        self.said.push(format!("{says:?}"));
        match says {
            Outgoing::Send { chat, screen, remember } => {
                let id = self.next_message;
                self.next_message += 1;
                self.chats.entry(UserId(chat.0)).or_default().insert(id, screen.clone());
                self.remember(MessageRef { chat: *chat, id }, remember.as_deref()).await;
            }
            Outgoing::Edit { message, screen, remember } => {
                let chat = self.chats.entry(UserId(message.chat.0)).or_default();
                assert!(chat.insert(message.id, screen.clone()).is_some(), "edits what is there");
                self.remember(*message, remember.as_deref()).await;
            }
            Outgoing::Show { slot, not_before: Some(until), .. } if *until > self.now() => {
                self.waiting.insert(slot.clone(), says.clone());
            }
            Outgoing::Show { chat, slot, screen, .. } => {
                self.waiting.remove(slot);
                let outbox = self.outbox();
                if let Some(inline) = outbox.inline(*chat, slot).await.unwrap() {
                    self.inline.insert(inline, screen.clone().for_service_chat());
                    let message = outbox.remembered(*chat, slot).await.unwrap();
                    if let Some(message) = message {
                        self.chats.entry(UserId(chat.0)).or_default().remove(&message.id);
                    }
                    return;
                }
                let (screen, remember) = (screen.clone(), Some(slot.clone()));
                let shown = match outbox.remembered(*chat, slot).await.unwrap() {
                    Some(message) => Outgoing::Edit { message, screen, remember },
                    None => Outgoing::Send { chat: *chat, screen, remember },
                };
                Box::pin(self.obeys(&shown)).await;
            }
            Outgoing::Post { chat, done, failed, .. } => {
                let then = if self.closed.contains(chat) { failed } else { done };
                for says in then {
                    Box::pin(self.obeys(says)).await;
                }
            }
            Outgoing::EditInline { inline_message, screen } => {
                self.inline.insert(inline_message.clone(), screen.clone());
            }
            Outgoing::Delete { message } => {
                self.chats.entry(UserId(message.chat.0)).or_default().remove(&message.id);
            }
            Outgoing::AnswerPress { .. } | Outgoing::AnswerInline { .. } => {}
        }
    }

    async fn remember(&self, message: MessageRef, slot: Option<&str>) {
        let Some(slot) = slot else { return };
        let insert = Statement::new(
            "INSERT INTO bot_messages (chat, slot, message_id, sent_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (chat, slot) DO UPDATE SET message_id = excluded.message_id",
            [message.chat.0.into(), slot.into(), i64::from(message.id).into(), self.now().into()],
        );
        self.database.transact(vec![insert]).await.unwrap();
    }

    /// Everything that people were told unasked since this was last asked.
    pub(super) async fn notices(&mut self) -> Vec<(UserId, Screen)> {
        // Up to what was written last, which PostgreSQL may not show yet to those who follow the log.
        let newest = self.office.dispatcher.log().newest().await.unwrap();
        for reactor in REACTORS {
            self.followers.wait_for(reactor, newest, LONG).await.unwrap();
        }
        let select = Statement::new("SELECT body FROM outbox ORDER BY seq, key", []);
        let rows = self.database.query(select, &[Type::Text]).await.unwrap();
        let mut told = Vec::new();
        for row in rows.iter().skip(self.told) {
            let says: Outgoing = serde_json::from_str(&row.text(0).unwrap()).unwrap();
            self.obeys(&says).await;
            if let Outgoing::Send { chat, screen, .. } = says {
                told.push((UserId(chat.0), screen));
            }
        }
        self.told = rows.len();
        for (_, says) in std::mem::take(&mut self.waiting) {
            self.obeys(&says).await;
        }
        told
    }

    /// What is kept of messages.
    pub(super) fn outbox(&self) -> Outbox {
        Outbox::new(self.database.clone(), Arc::new(self.clock.clone()), Owner::alone())
    }

    /// Everything that reactors had posted.
    pub(super) async fn posts(&self) -> Vec<Outgoing> {
        let select = Statement::new("SELECT body FROM outbox ORDER BY seq, key", []);
        let rows = self.database.query(select, &[Type::Text]).await.unwrap();
        let says = rows.iter().map(|row| serde_json::from_str::<Outgoing>(&row.text(0).unwrap()).unwrap());
        says.filter(|says| matches!(says, Outgoing::Post { .. })).collect()
    }

    // What a gateway hears, and what the log says of calls

    /// The next signal.
    pub(super) async fn signal(&mut self) -> Signal {
        match tokio::time::timeout(LONG, self.heard.next()).await {
            Ok(Some(Heard::Signal(signal))) => signal,
            other => panic!("a signal: {other:?}"),
        }
    }

    /// The person's newest call with a card.
    pub(super) async fn newest_call(&self, who: UserId) -> CallId {
        let select = Statement::new(
            "SELECT slot FROM bot_messages WHERE chat = $1 AND slot LIKE 'call/%' ORDER BY message_id DESC",
            [who.0.into()],
        );
        let rows = self.database.query(select, &[Type::Text]).await.unwrap();
        let slot = rows.first().expect("there is a card").text(0).unwrap();
        slot.strip_prefix("call/").unwrap().parse().unwrap()
    }

    /// The card of a call as the person sees it.
    pub(super) async fn card(&self, who: UserId, call: CallId) -> Screen {
        let outbox = Outbox::new(self.database.clone(), Arc::new(self.clock.clone()), Owner::alone());
        let card = outbox.remembered(ChatId(who.0), &slot(call)).await.unwrap().expect("there is a card");
        self.chats[&who][&card.id].clone()
    }

    /// What is dialled, as the gateway opens it.
    pub(super) async fn dialled(&self, call: CallId) -> String {
        let history = self.office.history::<Call>(&call.to_string()).await.unwrap();
        let call::Event::CallRequested { dialled, .. } = &history[0].event else { panic!("{history:?}") };
        let opened = self.vault.open_text(dialled, &Purpose::dialled(call)).await.unwrap();
        opened.expose_secret().to_owned()
    }

    /// A person asks to be forgotten.
    pub(super) async fn is_forgotten(&self, who: UserId) {
        let cause = Cause { text: None, dedup: None };
        let (context, erase) = (Context::person(who, self.now()), person::Command::Erase);
        self.office.dispatcher.execute::<Person>(&who.to_string(), erase, context, &cause).await.unwrap();
    }

    pub(super) async fn count(&self, sql: &str) -> i64 {
        let rows = self.database.query(Statement::new(sql, []), &[Type::Int]).await.unwrap();
        rows[0].int(0).unwrap()
    }

    // What people see

    /// The newest message of the bot in a chat.
    pub(super) fn newest(&self, who: UserId) -> &Screen {
        self.chats[&who].values().rev().find(|screen| !screen.html.is_empty()).unwrap()
    }

    /// The one live menu of a person.
    pub(super) async fn menu(&self, who: UserId) -> Screen {
        let outbox = Outbox::new(self.database.clone(), Arc::new(self.clock.clone()), Owner::alone());
        let menu = outbox.remembered(ChatId(who.0), "menu").await.unwrap().expect("there is a menu");
        self.chats[&who][&menu.id].clone()
    }

    /// The number of the account whose card a person sees.
    pub(super) async fn account_on_screen(&self, who: UserId) -> AccountNumber {
        let menu = self.menu(who).await;
        let card = presses_of(&menu).iter().find_map(|data| match data.parse() {
            Ok(Button::Apply(account) | Button::Delete(account)) => Some(account),
            Ok(_) | Err(_) => None,
        });
        card.unwrap_or_else(|| panic!("{who} sees a card: {menu:#?}"))
    }

    // Stories that others begin with

    /// A person creates an account and fills in everything by the menu.
    pub(super) async fn complete_account(&mut self, who: UserId, login: &str) -> AccountNumber {
        self.says(who, "/new").await;
        let account = self.account_on_screen(who).await;
        for (ask, value) in [(Ask::Login, login), (Ask::Password, CANARY), (Ask::Domain, "pbx.example")] {
            self.presses(who, Button::Ask(account, ask)).await;
            self.says(who, value).await;
            if ask == Ask::Password {
                self.presses(who, Button::Account(account)).await;
            }
        }
        self.presses(who, Button::Apply(account)).await;
        account
    }

    /// The owner sends an offer of the account: the first result assigns, the second transfers.
    pub(super) async fn hands_over(&mut self, who: UserId, account: AccountNumber, kind: usize) -> String {
        let results = self.types(who, &format!("acc:{account}")).await;
        self.sends(who, &results[kind]).await
    }

    /// The account and the offer that an inline message shows.
    pub(super) fn offer_in(&self, inline_message: &str) -> (AccountNumber, OfferToken) {
        offer_of(&self.inline[inline_message]).expect("an offer with a Take")
    }

    /// Nowhere in what was said and nowhere in the files of the database stands the password.
    pub(super) fn nothing_shows_the_password(&self) {
        let hits: Vec<&String> = self.said.iter().filter(|said| said.contains(CANARY)).collect();
        assert!(hits.is_empty(), "the password was said: {hits:#?}");
        for file in std::fs::read_dir(self.directory.path()).unwrap() {
            let path = file.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
            assert!(!found, "the password stands in {}", path.display());
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(super) fn noon() -> DateTime<Utc> {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

pub(super) fn name(who: UserId) -> &'static str {
    match who {
        OLGA => "Olga",
        IVAN => "Ivan",
        PETR => "Petr",
        ANNA => "Anna",
        _ => "Somebody",
    }
}

/// The data of every button under a message.
pub(super) fn presses_of(screen: &Screen) -> Vec<String> {
    let Keys::Inline(rows) = &screen.keys else { return Vec::new() };
    let data = |does: &KeyDoes| match does {
        KeyDoes::Press(data) => Some(data.clone()),
        KeyDoes::ChooseChat { .. }
        | KeyDoes::TypeHere { .. }
        | KeyDoes::Open { .. }
        | KeyDoes::Copy { .. }
        | KeyDoes::WebApp { .. } => None,
    };
    rows.iter().flatten().filter_map(|key| data(&key.does)).collect()
}

/// What the buttons under a message type into a chat.
pub(super) fn queries_of(screen: &Screen) -> Vec<String> {
    let Keys::Inline(rows) = &screen.keys else { return Vec::new() };
    let query = |does: &KeyDoes| match does {
        KeyDoes::ChooseChat { query } | KeyDoes::TypeHere { query } => Some(query.clone()),
        KeyDoes::Press(_) | KeyDoes::Open { .. } | KeyDoes::Copy { .. } | KeyDoes::WebApp { .. } => None,
    };
    rows.iter().flatten().filter_map(|key| query(&key.does)).collect()
}

/// The account and the offer behind the Take of a message.
pub(super) fn offer_of(screen: &Screen) -> Option<(AccountNumber, OfferToken)> {
    presses_of(screen).iter().find_map(|data| match data.parse() {
        Ok(Button::Take { account, offer }) => Some((account, offer)),
        Ok(_) | Err(_) => None,
    })
}
