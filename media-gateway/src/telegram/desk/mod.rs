//! The loop over all service accounts and their calls: it hears the gateway, Telegram and the clock, tells each call's
//! state machine, and does what that says. Whatever waits (Telegram, the database) is done by tasks that report back.

mod accounts;
mod asks;
mod calls;
mod news;
mod placing;
mod strays;

use super::cards::take_stale_away;
use super::chat::{Apis, Chat, Errand, What};
use super::event::{End, Event, HangUp};
use super::group::Groups;
use super::line;
use super::open_calls::OpenCalls;
use super::settings::Settings;
use super::store::{AccountId, Met, Store};
use super::verbs::Verb;
use super::{Parts, Telegram};
use crate::call::ids::{Moment, PhoneId};
use accounts::Service;
use calls::Live;
use domain::ids::UserId;
use event_store::clock::Clock;
use news::News;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use strays::Strays;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// News that may wait for the loop; past it whoever tells waits.
const NEWS: usize = 4096;

/// Between two looks at which service accounts there are: `tandem telegram login` runs in another process.
const LOOK: Duration = Duration::from_secs(3);

/// How long the last good-byes may take.
const FAREWELL: Duration = Duration::from_secs(3);

/// Works until `stop`. Without settings, nobody can be rung.
pub(super) async fn run(telegram: Telegram, parts: Parts) {
    match parts.settings.clone() {
        Some(settings) => {
            let (desk, ears) = Desk::new(telegram, parts, settings);
            desk.run(ears).await;
        }
        None => refuse_all(telegram, parts).await,
    }
}

async fn refuse_all(telegram: Telegram, parts: Parts) {
    loop {
        let verb = tokio::select! {
            () = parts.stop.cancelled() => return,
            verb = telegram.0.verbs.next() => verb,
        };
        if let Verb::Call { phone, .. } = verb {
            // The gateway ends with the process.
            _ = parts.events.send(Event::Over { phone, end: End::Unknown }).await;
        }
    }
}

struct Desk {
    telegram: Telegram,
    settings: Settings,
    store: Store,
    clock: Arc<dyn Clock>,
    events: mpsc::Sender<Event>,
    tasks: TaskTracker,
    stop: CancellationToken,
    started: Instant,
    works: bool,
    services: BTreeMap<AccountId, Service>,
    /// Where lines tell; each has a sender.
    told: mpsc::Sender<line::Told>,
    news: mpsc::Sender<News>,
    apis: Apis,
    chat: Chat,
    groups: Groups,
    open_calls: OpenCalls,
    calls: HashMap<PhoneId, Live>,
    by_id: HashMap<(AccountId, i64), PhoneId>,
    due: BTreeSet<(Moment, PhoneId)>,
    strays: Strays,
    /// Letters that were read, lest one that comes again is read once more.
    read: VecDeque<(AccountId, i32)>,
    /// People met so lately that it may not be stored yet.
    fresh: HashMap<(UserId, AccountId), i64>,
    /// Good-byes that are on their way.
    farewells: TaskTracker,
}

/// Where the loop hears from.
struct Ears {
    told: mpsc::Receiver<line::Told>,
    news: mpsc::Receiver<News>,
}

impl Desk {
    fn new(telegram: Telegram, parts: Parts, settings: Settings) -> (Self, Ears) {
        let (told, hears) = mpsc::channel(NEWS);
        let (news, comes) = mpsc::channel(NEWS);
        let store = Store::new(parts.database, parts.vault, parts.clock.clone());
        let apis = Apis::default();
        let chat = Chat::start(&store, &apis, &parts.tasks);
        let open_calls = OpenCalls::start(&store, &parts.tasks);
        let desk = Self {
            telegram,
            settings,
            store,
            clock: parts.clock,
            events: parts.events,
            tasks: parts.tasks,
            stop: parts.stop,
            started: Instant::now(),
            works: false,
            services: BTreeMap::new(),
            told,
            news,
            apis,
            chat,
            groups: Groups::default(),
            open_calls,
            calls: HashMap::new(),
            by_id: HashMap::new(),
            due: BTreeSet::new(),
            strays: Strays::default(),
            read: VecDeque::new(),
            fresh: HashMap::new(),
            farewells: TaskTracker::new(),
        };
        (desk, Ears { told: hears, news: comes })
    }

    async fn run(mut self, mut ears: Ears) {
        let stop = self.stop.clone();
        let telegram = self.telegram.clone();
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !stop.is_cancelled() {
            let next = self.due.first().map_or(Duration::from_secs(3600), |(moment, _)| *moment);
            tokio::select! {
                () = stop.cancelled() => {}
                verb = telegram.0.verbs.next() => self.obey(verb).await,
                Some(told) = ears.told.recv() => self.heard(told).await,
                Some(news) = ears.news.recv() => self.learn(news).await,
                _ = look.tick(), if self.works => {
                    self.look();
                    self.tasks.spawn(take_stale_away(self.store.clone(), self.apis.clone()));
                }
                () = sleep_until(self.started + next) => self.pass_time().await,
            }
        }
        self.leave().await;
    }

    async fn obey(&mut self, verb: Verb) {
        match verb {
            Verb::Call { phone, user } => self.call(phone, user).await,
            Verb::Answer { phone } => self.answer(phone).await,
            Verb::HangUp { phone, why } => self.hang_up(phone, why).await,
            Verb::Signal { phone, packet } => self.signal(phone, packet).await,
            Verb::Say { user, words } => self.write(user, What::Say(words)),
            Verb::ShowCard { user, call, bot, query } => {
                self.write(user, What::ShowCard { call, bot, query });
            }
            Verb::Work(works) => self.work(works).await,
        }
    }

    fn write(&self, user: UserId, what: What) {
        self.chat.push(Errand { user, fresh: self.fresh(user), what });
    }

    /// Accounts that have met somebody so lately that it may not be stored yet.
    fn fresh(&self, user: UserId) -> Vec<Met> {
        let of = |((_, account), access_hash): (&(UserId, AccountId), &i64)| Met {
            account: *account,
            access_hash: *access_hash,
        };
        let mut fresh: Vec<Met> = self.fresh.iter().filter(|((met, _), _)| *met == user).map(of).collect();
        fresh.sort_by_key(|met| met.account);
        fresh
    }

    async fn work(&mut self, works: bool) {
        if works == self.works {
            return;
        }
        self.works = works;
        if works {
            self.look();
        } else {
            self.leave().await;
        }
    }

    async fn pass_time(&mut self) {
        let now = self.now();
        while let Some((moment, phone)) = self.due.first().copied().filter(|(moment, _)| *moment <= now) {
            self.due.remove(&(moment, phone));
            self.wake(phone).await;
        }
    }

    /// Ends every call and connection, and waits a little until Telegram has been told.
    async fn leave(&mut self) {
        for phone in self.calls.keys().copied().collect::<Vec<_>>() {
            self.hang_up(phone, HangUp::Disconnect).await;
        }
        let farewells = std::mem::replace(&mut self.farewells, TaskTracker::new());
        farewells.close();
        _ = timeout(FAREWELL, farewells.wait()).await;
        for account in self.services.keys().copied().collect::<Vec<_>>() {
            self.disconnect(account).await;
        }
        self.show_whether_on().await;
    }

    /// Tells the gateway when the first account is there, or the last one is not.
    async fn show_whether_on(&self) {
        let connected = self.services.values().filter(|service| service.is_up()).count();
        metrics::gauge!("tandem_telegram_accounts_connected").set(connected as f64);
        let on = connected > 0;
        if self.telegram.0.on.swap(on, Ordering::Relaxed) != on {
            self.tell(Event::Changed).await;
        }
    }

    /// Tells the gateway; at the process's end it may no longer listen.
    async fn tell(&self, event: Event) {
        tokio::select! {
            biased;
            () = self.stop.cancelled(), if self.events.capacity() == 0 => {}
            _ = self.events.send(event) => {}
        }
    }

    fn now(&self) -> Moment {
        self.started.elapsed()
    }
}
