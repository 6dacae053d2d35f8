//! The service accounts of a desk: found in the table, connected, and told apart by how they stand.

use super::news::{Candidate, News};
use super::strays::Stray;
use super::{Desk, Event};
use crate::call::ids::Moment;
use crate::telegram::api::Api;
use crate::telegram::call::{Input, Timers, Update};
use crate::telegram::line::{self, Heard, Line};
use crate::telegram::session::Session;
use crate::telegram::store::{Account, AccountId, State, Store};
use crate::telegram::wire::Letter;
use chrono::{DateTime, TimeDelta};
use domain::ids::UserId;
use event_store::log::Fault;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A connection that is gone for no longer is being made anew: the account still counts as there.
const BLINK: Duration = Duration::from_secs(15);

/// A letter that is older was written while nobody was here; whoever wrote it no longer waits for what they asked.
const OLD_LETTER: TimeDelta = TimeDelta::minutes(10);

/// Letters whose numbers are remembered.
const READ: usize = 1024;

/// People who may wait to be stored. Past it a person is stored without being remembered meanwhile.
const FRESH: usize = 10_000;

/// One account at work.
pub(super) struct Service {
    pub(super) me: UserId,
    pub(super) api: Api,
    pub(super) timers: Timers,
    /// About how many people it has met: new ones go to whom knows the fewest.
    pub(super) people: u64,
    link: Link,
    /// Telegram limits its calls until then.
    pub(super) flood_until: Option<Moment>,
    stop: CancellationToken,
    line: u64,
}

/// How an account is connected.
#[derive(Debug, Clone, Copy)]
enum Link {
    Never,
    Up,
    Down { since: Moment },
}

impl Service {
    pub(super) fn is_up(&self) -> bool {
        matches!(self.link, Link::Up)
    }

    /// Whether a request has a chance: it is connected, or will be within a moment.
    pub(super) fn is_there(&self, now: Moment) -> bool {
        match self.link {
            Link::Up => true,
            Link::Down { since } => now.saturating_sub(since) < BLINK,
            Link::Never => false,
        }
    }

    /// How long Telegram still limits its calls.
    pub(super) fn flood(&self, now: Moment) -> Option<Duration> {
        self.flood_until.map(|until| until.saturating_sub(now)).filter(|left| !left.is_zero())
    }
}

impl Desk {
    /// Looks which accounts there are.
    pub(super) fn look(&self) {
        let (store, news) = (self.store.clone(), self.news.clone());
        let worked: Vec<AccountId> = self.services.keys().copied().collect();
        self.tasks.spawn(async move {
            let accounts = match store.accounts().await {
                Ok(accounts) => accounts,
                Err(error) => return tracing::warn!(%error, "service accounts can't be looked up"),
            };
            let mut found = Vec::new();
            for account in accounts.into_iter().filter(|account| account.state == State::Ready) {
                let opened = if worked.contains(&account.id) { None } else { open(&store, &account).await };
                found.push(Candidate { account, opened });
            }
            // The desk ends with the process.
            _ = news.send(News::Accounts(found)).await;
        });
    }

    /// Connects accounts that are new, and lets go of those that are gone.
    pub(super) async fn accounts_found(&mut self, found: Vec<Candidate>) {
        if !self.works {
            return;
        }
        let gone = |account: &AccountId| !found.iter().any(|it| it.account.id == *account);
        for account in self.services.keys().copied().filter(gone).collect::<Vec<_>>() {
            tracing::info!(%account, "a service account is no longer worked");
            self.disconnect(account).await;
        }
        for Candidate { account, opened } in found {
            if let Some((session, people)) = opened
                && !self.services.contains_key(&account.id)
            {
                self.connect(&account, session, people);
            }
        }
        self.show_whether_on().await;
    }

    fn connect(&mut self, account: &Account, session: Session, people: u64) {
        let session = Arc::new(session);
        let api = Api::new(session.clone());
        let stop = self.stop.child_token();
        let number = rand::random();
        let line = Line::new(line::Parts {
            account: account.id,
            me: account.user,
            settings: self.settings.clone(),
            session,
            api: api.clone(),
            store: self.store.clone(),
            told: self.told.clone(),
            tasks: self.tasks.clone(),
            stop: stop.clone(),
        });
        let (news, id, tasks) = (self.news.clone(), account.id, self.tasks.clone());
        self.tasks.spawn(async move {
            if let Err(error) = tasks.spawn(line.run()).await {
                tracing::error!(%error, account = %id, "the line of a service account broke");
            }
            _ = news.send(News::LineEnded { account: id, line: number }).await;
        });
        self.apis.insert(account.id, api.clone());
        let service = Service {
            me: account.user,
            api,
            timers: Timers::default(),
            people,
            link: Link::Never,
            flood_until: None,
            stop,
            line: number,
        };
        self.services.insert(account.id, service);
    }

    /// Lets go of an account; its calls are over.
    pub(super) async fn disconnect(&mut self, account: AccountId) {
        let Some(service) = self.services.remove(&account) else { return };
        service.stop.cancel();
        self.apis.remove(account);
        self.strays.forget(account);
        for phone in self.phones_of(account) {
            self.give(phone, Input::AccountGone).await;
        }
    }

    pub(super) async fn line_ended(&mut self, account: AccountId, line: u64) {
        if self.services.get(&account).is_some_and(|service| service.line == line) {
            self.disconnect(account).await;
            self.show_whether_on().await;
        }
    }

    /// An account was told something.
    pub(super) async fn heard(&mut self, told: line::Told) {
        let (account, now) = (told.account, self.now());
        let Some(service) = self.services.get_mut(&account) else { return };
        match told.what {
            Heard::Up(timers) => {
                let first = matches!(service.link, Link::Never);
                (service.link, service.timers) = (Link::Up, timers);
                if first {
                    self.look_for_left(account);
                }
                tracing::info!(%account, "a service account is connected");
                self.show_whether_on().await;
            }
            Heard::Down => {
                service.link = Link::Down { since: now };
                self.show_whether_on().await;
            }
            Heard::SignedOut => {
                self.disconnect(account).await;
                self.show_whether_on().await;
            }
            Heard::Call(update) => self.call_update(account, update).await,
            Heard::Signal { call, packet } => match self.by_id.get(&(account, call)).copied() {
                Some(phone) => self.give(phone, Input::Far(packet)).await,
                None => self.strays.keep(Stray { account, call, input: Input::Far(packet) }),
            },
            Heard::Met(people) => self.met(account, people),
            Heard::Letter(letter) => self.letter(account, letter).await,
        }
    }

    /// Looks whether a process that worked this account before left calls open.
    fn look_for_left(&self, account: AccountId) {
        let (store, news) = (self.store.clone(), self.news.clone());
        self.tasks.spawn(async move {
            match store.open_calls(account).await {
                Ok(calls) => _ = news.send(News::Left { account, calls }).await,
                Err(error) => {
                    tracing::warn!(%error, %account, "calls that were left open can't be looked up")
                }
            }
        });
    }

    async fn call_update(&mut self, account: AccountId, update: Update) {
        let call = update.id();
        if let Some(phone) = self.by_id.get(&(account, call)).copied() {
            return self.give(phone, Input::Update(update)).await;
        }
        if let Update::Requested { about, g_a_hash } = update {
            return self.ring(account, about, &g_a_hash).await;
        }
        let maker = update.about().and_then(|about| self.maker_of(account, about));
        match maker {
            Some(phone) => self.give(phone, Input::Update(update)).await,
            None => self.strays.keep(Stray { account, call, input: Input::Update(update) }),
        }
    }

    fn met(&mut self, account: AccountId, people: Vec<(i64, i64)>) {
        self.count_people(account, people.len());
        for (user, access_hash) in people {
            let user = UserId(user);
            if self.fresh.len() < FRESH {
                self.fresh.insert((user, account), access_hash);
            }
            let (store, news) = (self.store.clone(), self.news.clone());
            self.tasks.spawn(async move {
                if let Err(error) = store.meet(account, user, access_hash).await {
                    return tracing::warn!(%error, "a person whom a service account met is not stored");
                }
                _ = news.send(News::Stored { user, account }).await;
            });
        }
    }

    /// An account has met so many people. Some it may have known; the number only has to spread new ones.
    pub(super) fn count_people(&mut self, account: AccountId, more: usize) {
        if let Some(service) = self.services.get_mut(&account) {
            service.people += more as u64;
        }
    }

    async fn letter(&mut self, account: AccountId, letter: Letter) {
        let key = (account, letter.id);
        let written = DateTime::from_timestamp(letter.date.into(), 0).unwrap_or_default();
        if self.read.contains(&key) || written + OLD_LETTER < self.clock.now() {
            return;
        }
        if self.read.len() >= READ {
            self.read.pop_front();
        }
        self.read.push_back(key);
        if let Some(message) = letter.words {
            self.tell(Event::Written { user: UserId(letter.from), message }).await;
        }
    }
}

/// The session of an account that is to be connected, and how many people it has met.
async fn open(store: &Store, account: &Account) -> Option<(Session, u64)> {
    let opened = async {
        let Some(session) = store.session(account.id).await? else { return Ok(None) };
        Ok::<_, Fault>(Some((session, store.count_acquaintances(account.id).await?)))
    };
    match opened.await {
        Ok(opened) => opened,
        Err(error) => {
            tracing::error!(%error, account = %account.id, "the session of a service account can't be opened");
            None
        }
    }
}
