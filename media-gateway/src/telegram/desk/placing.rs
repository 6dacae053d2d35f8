//! Ringing people: which account calls them, and which one next if that can't.

use super::calls::{Live, On, Stage};
use super::news::News;
use super::{Desk, End};
use crate::call::ids::{Moment, PhoneId};
use crate::telegram::api::Api;
use crate::telegram::call::{Call, Trouble, of_request};
use crate::telegram::find::{Found, Search};
use crate::telegram::store::AccountId;
use domain::ids::UserId;
use event_store::log::Fault;

impl Desk {
    /// Rings a person.
    pub(super) async fn call(&mut self, phone: PhoneId, user: UserId) {
        if self.calls.contains_key(&phone) {
            tracing::error!(%phone, "a phone was named twice");
            return;
        }
        self.calls.insert(phone, Live::new(user, Stage::Seeking, true));
        self.seek(phone).await;
    }

    /// Looks for an account that can call the person.
    pub(super) async fn seek(&mut self, phone: PhoneId) {
        let now = self.now();
        let able = self.able(now);
        let Some(live) = self.calls.get_mut(&phone) else { return };
        live.stage = Stage::Seeking;
        live.turn += 1;
        let (user, turn, tried) = (live.user, live.turn, live.tried.clone());
        if !self.services.values().any(|service| service.is_there(now)) {
            let end = if self.services.is_empty() { End::Unknown } else { End::Lost };
            return self.over(phone, end).await;
        }
        let search = Search { user, accounts: able, fresh: self.fresh(user), tried };
        let (store, news) = (self.store.clone(), self.news.clone());
        self.tasks.spawn(async move {
            let found = search.run(&store).await;
            _ = news.send(News::Found { phone, turn, found }).await;
        });
    }

    /// The accounts that may call now. Those that know the fewest people come first, so that new people are spread.
    fn able(&self, now: Moment) -> Vec<(AccountId, Api)> {
        let able = self.services.iter().filter(|(account, service)| {
            let has_room = self.load(**account) < self.settings.calls_per_account;
            has_room && service.is_there(now) && service.flood(now).is_none()
        });
        let mut able: Vec<_> = able.collect();
        able.sort_by_key(|(account, service)| (service.people, **account));
        able.into_iter().map(|(account, service)| (*account, service.api.clone())).collect()
    }

    pub(super) async fn found(&mut self, phone: PhoneId, turn: u32, found: Result<Found, Fault>) {
        let now = self.now();
        if self.calls.get(&phone).is_none_or(|live| live.turn != turn || live.is_over) {
            return;
        }
        match found {
            Ok(Found::Account { met, is_new }) => {
                if is_new {
                    self.count_people(met.account, 1);
                }
                let Some(live) = self.calls.get_mut(&phone) else { return };
                let Some(service) = self.services.get(&met.account) else { return self.seek(phone).await };
                let call = Call::outgoing(service.me.0, live.user.0, rand::random(), service.timers, now);
                live.stage = Stage::On(Box::new(On::new(met, call)));
                self.settle(phone).await;
            }
            Ok(Found::Nobody { acquainted, trouble }) => {
                let end = self.why_nobody(phone, &acquainted, trouble);
                self.over(phone, end).await;
            }
            Err(error) => {
                tracing::warn!(%error, "whom service accounts have met can't be looked up");
                self.over(phone, End::Lost).await;
            }
        }
    }

    /// Why no account can call the person: those that have met them first, then `trouble` of those that looked them up.
    fn why_nobody(&self, phone: PhoneId, acquainted: &[AccountId], trouble: Option<Trouble>) -> End {
        let now = self.now();
        let services = || acquainted.iter().filter_map(|account| self.services.get_key_value(account));
        let limits = services().filter_map(|(_, service)| service.flood(now));
        let tried = self.calls.get(&phone).and_then(|live| live.flood);
        if let Some(retry) = limits.chain(tried).min() {
            return End::Flood { retry };
        }
        if services().any(|(account, _)| self.load(*account) >= self.settings.calls_per_account) {
            return End::Refused { code: 503, words: "Service account has too many calls".to_owned() };
        }
        if services().any(|(_, service)| !service.is_there(now)) {
            return End::Lost;
        }
        trouble.map_or(End::Unknown, of_request)
    }

    /// Whether another account may have more luck: this one is limited, or does not know the person any longer.
    pub(super) fn try_another(&mut self, phone: PhoneId, end: &End) -> bool {
        let now = self.now();
        let Some(live) = self.calls.get_mut(&phone) else { return false };
        let Stage::On(on) = &live.stage else { return false };
        let (account, user) = (on.met.account, live.user);
        if !live.is_outgoing || on.id.is_some() {
            return false;
        }
        match end {
            End::Flood { retry } => {
                tracing::warn!(%account, seconds = retry.as_secs(), "Telegram limits the calls of a service account");
                metrics::counter!("tandem_telegram_floods").increment(1);
                live.flood = Some(live.flood.map_or(*retry, |flood| flood.min(*retry)));
                live.tried.insert(account);
                if let Some(service) = self.services.get_mut(&account) {
                    service.flood_until = Some(now + *retry);
                }
                true
            }
            End::Unknown => {
                live.tried.insert(account);
                self.fresh.remove(&(user, account));
                self.part(account, user);
                true
            }
            End::HungUp
            | End::Declined
            | End::Missed
            | End::Lost
            | End::Elsewhere
            | End::Restricted
            | End::Outdated
            | End::Refused { .. }
            | End::Slow => false,
        }
    }

    /// The access hash is no longer good.
    fn part(&self, account: AccountId, user: UserId) {
        let store = self.store.clone();
        self.tasks.spawn(async move {
            if let Err(error) = store.part(account, user).await {
                tracing::warn!(%error, "a stale access hash stays");
            }
        });
    }
}
