//! The calls of all users of this process: one loop that hears SIP, sound, phones, the chat and the clock, tells each
//! person's state machine, and does what it says.
//!
//! Everything it calls returns at once, so one loop carries thousands of calls; what waits (the log, the store, who holds
//! a segment) is done by others.

mod does;
mod hears;
mod leg;
mod phones;
mod recordings;
mod sdp;
mod sounds;
mod telegram;

use crate::call::ids::{CallId, Moment, PhoneId};
use crate::call::{Input, Limits, Party, Sound, UserCalls};
use crate::directory::Directory;
use crate::farewells::Change;
use crate::follow::Request;
use crate::media::{self, Engine, PortId};
use crate::phone::PhoneEvent;
use crate::phone::frames::ByeReason;
use crate::registrations::{States, Told};
use crate::report::{Of, Reporter};
use crate::service_chat;
use crate::telegram::{self as service, Telegram};
use domain::ids::UserId;
use event_store::blobs::Blobs;
use event_store::clock::Clock;
use event_store::segments::{self, Held, Keep, Segments};
use event_store::signals::{Heard, SignalBus, Subscription};
use event_store::sql::Database;
use leg::{Leg, LegKey};
use phones::{Phone, Wall};
use recordings::Recordings;
use sip::UserAgent;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use telegram::TelegramCall;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Between two looks at how well calls are heard.
const QUALITY: Duration = Duration::from_secs(5);

/// How long calls may take to end at the process's end.
const FAREWELL: Duration = Duration::from_secs(3);

/// What the loop needs.
pub struct Parts {
    /// Speaks SIP.
    pub agent: UserAgent,
    /// Carries sound.
    pub engine: Engine,
    /// Tells the log.
    pub reporter: Reporter,
    /// Stores recordings.
    pub blobs: Blobs,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Says who holds a segment.
    pub database: Arc<dyn Database>,
    /// The leases of this process.
    pub segments: Segments,
    /// The accounts.
    pub directory: watch::Receiver<Arc<Directory>>,
    /// How they stand.
    pub states: States,
    /// Where registrations are told of.
    pub registrations: mpsc::Sender<Told>,
    /// What people press in chats.
    pub signals: Arc<dyn SignalBus>,
    /// Where the last words of calls are kept.
    pub farewells: mpsc::Sender<Change>,
    /// Calls people by Telegram.
    pub telegram: Telegram,
    /// Sees to what people write to service accounts.
    pub service_chat: mpsc::Sender<service_chat::Told>,
    /// What calls may do.
    pub limits: Limits,
    /// Each call's SIP messages are logged when it is over, without secrets.
    pub trace: bool,
    /// Recordings by hand may be as long as any other.
    pub manual_recording_unlimited: bool,
    /// The longest recording.
    pub recording_limit: Duration,
    /// The address of ours that stands in descriptions.
    pub address: IpAddr,
    /// STUN and TURN servers for browsers.
    pub ice: media::turn::IceServers,
    /// Music of the operator's own for held callers: samples at 8000 Hz.
    pub music: Option<Arc<[i16]>>,
    /// Who sees to tasks.
    pub tasks: TaskTracker,
}

/// Where the loop hears from.
pub struct Ears {
    /// SIP.
    pub sip: mpsc::Receiver<sip::Event>,
    /// Sound.
    pub media: mpsc::Receiver<media::Event>,
    /// Phones.
    pub phones: mpsc::Receiver<PhoneEvent>,
    /// Service accounts at Telegram.
    pub telegram: mpsc::Receiver<service::Event>,
    /// Calls that were asked for in the chat.
    pub requests: mpsc::Receiver<Request>,
}

/// The loop's state.
pub struct Gateway {
    parts: Parts,
    held: watch::Receiver<Arc<Held>>,
    started: Instant,
    users: BTreeMap<UserId, UserCalls>,
    /// When each person's state machine wants to be woken.
    due: BTreeSet<(Moment, UserId)>,
    due_of: HashMap<UserId, Moment>,
    /// Segments stay here while somebody talks.
    keeps: HashMap<UserId, Keep>,
    phones: BTreeMap<PhoneId, Phone>,
    telegram_calls: HashMap<PhoneId, TelegramCall>,
    legs: HashMap<LegKey, Leg>,
    by_sip: HashMap<sip::CallId, LegKey>,
    by_port: HashMap<PortId, Owner>,
    sounds: HashMap<(UserId, Party), Sound>,
    /// Whose call each is, from its first report to its last.
    calls: HashMap<CallId, Of>,
    recordings: Recordings,
}

/// What a port of the engine belongs to.
#[derive(Debug, Clone, Copy)]
enum Owner {
    Leg(LegKey),
    Phone(PhoneId),
}

impl Gateway {
    /// A loop without calls.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let recordings = Recordings::new(
            parts.engine.clone(),
            parts.blobs.clone(),
            parts.reporter.clone(),
            parts.tasks.clone(),
            parts.recording_limit,
        );
        Self {
            held: parts.segments.watch(),
            started: Instant::now(),
            users: BTreeMap::new(),
            due: BTreeSet::new(),
            due_of: HashMap::new(),
            keeps: HashMap::new(),
            phones: BTreeMap::new(),
            telegram_calls: HashMap::new(),
            legs: HashMap::new(),
            by_sip: HashMap::new(),
            by_port: HashMap::new(),
            sounds: HashMap::new(),
            calls: HashMap::new(),
            recordings,
            parts,
        }
    }

    /// Works until `stop`, then ends every call in good order.
    pub async fn run(mut self, mut ears: Ears, stop: CancellationToken) {
        let mut signals = self.parts.signals.subscribe();
        let (mut held, mut directory) = (self.held.clone(), self.parts.directory.clone());
        let mut standing = self.parts.states.changes();
        let mut quality = interval(QUALITY);
        quality.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !stop.is_cancelled() {
            let next = self.due.first().map_or(Duration::from_secs(3600), |(moment, _)| *moment);
            tokio::select! {
                () = stop.cancelled() => {}
                Some(event) = ears.sip.recv() => self.hear_sip(event),
                Some(event) = ears.media.recv() => self.hear_media(event),
                Some(event) = ears.phones.recv() => self.hear_phone(event),
                Some(event) = ears.telegram.recv() => self.hear_telegram(event),
                Some(request) = ears.requests.recv() => self.hear_request(request),
                heard = hear_signal(&mut signals) => self.take_signal(heard),
                Ok(()) = held.changed() => self.segments_moved(),
                Ok(()) = directory.changed() => self.accounts_changed(),
                Ok(()) = standing.changed() => self.accounts_changed(),
                _ = quality.tick() => self.look_at_quality(),
                () = tokio::time::sleep_until(self.started + next) => self.pass_time(),
            }
        }
        self.close(&mut ears).await;
    }

    /// Tells one person's state machine, and does what it says.
    fn tell(&mut self, user: UserId, input: Input) {
        let now = self.now();
        self.calls_of(user).handle_input(input, now);
        self.obey(user);
    }

    /// A person's calls; none at first.
    fn calls_of(&mut self, user: UserId) -> &mut UserCalls {
        let Parts { limits, telegram, .. } = &self.parts;
        let now = self.started.elapsed();
        self.users.entry(user).or_insert_with(|| {
            let mut calls = UserCalls::new(user, limits.clone());
            calls.handle_input(Input::Summonable(telegram.is_on()), now);
            calls
        })
    }

    fn pass_time(&mut self) {
        let now = self.now();
        while let Some((moment, user)) = self.due.first().copied().filter(|(moment, _)| *moment <= now) {
            self.due.remove(&(moment, user));
            self.due_of.remove(&user);
            if let Some(calls) = self.users.get_mut(&user) {
                calls.handle_timeout(now);
                self.obey(user);
            }
        }
    }

    /// Does what a person's state machine says, to the end.
    fn obey(&mut self, user: UserId) {
        while let Some(output) = self.users.get_mut(&user).and_then(UserCalls::poll_output) {
            self.act(user, output);
        }
        let Some(calls) = self.users.get(&user) else { return };
        let (next, busy, empty) = (calls.poll_timeout(), calls.count() > 0, calls.is_empty());
        if let Some(old) = self.due_of.remove(&user) {
            self.due.remove(&(old, user));
        }
        if let Some(next) = next {
            self.due.insert((next, user));
            self.due_of.insert(user, next);
        }
        if busy {
            let segments = &self.parts.segments;
            self.keeps.entry(user).or_insert_with(|| segments.keep(user));
        } else {
            self.keeps.remove(&user);
        }
        if empty {
            self.users.remove(&user);
        }
        metrics::gauge!("tandem_media_calls").set(self.calls.len() as f64);
    }

    /// Segments came or went: phones of people who are elsewhere now are sent there.
    fn segments_moved(&mut self) {
        let held = self.held.borrow_and_update().clone();
        let away = self.phones.values().filter(|phone| !held.has(phone.link.user));
        for phone in away.map(|phone| phone.link.phone).collect::<Vec<_>>() {
            self.send_away(phone);
        }
    }

    /// Tells a phone where its person is. Whoever holds the segment is asked of the database, so a task does it.
    fn send_away(&mut self, phone: PhoneId) {
        let Some(gone) = self.forget_phone(phone) else { return };
        let (database, now) = (Arc::clone(&self.parts.database), self.parts.clock.now());
        self.parts.tasks.spawn(async move {
            let segment = domain::call::Segment::of(gone.link.user);
            let holder = segments::holder(&*database, segment, now).await.ok().flatten();
            match holder.and_then(|holder| holder.url) {
                Some(url) => gone.bye(ByeReason::Moved, Some(socket_url(&url))),
                None => gone.bye(ByeReason::Closing, None),
            }
        });
    }

    fn accounts_changed(&mut self) {
        let directory = self.parts.directory.borrow_and_update().clone();
        for phone in self.phones.values_mut() {
            let accounts = phones::accounts_of(&directory, phone.link.user, &self.parts.states);
            phone.show_accounts(accounts);
        }
    }

    fn look_at_quality(&mut self) {
        let load = self.parts.engine.load();
        metrics::gauge!("tandem_media_ports").set(load.ports as f64);
        metrics::gauge!("tandem_media_ports_capacity").set(load.capacity as f64);
        metrics::gauge!("tandem_media_overruns").set(load.overruns as f64);
        metrics::gauge!("tandem_media_dropped").set(load.dropped as f64);
        for (user, calls) in &self.users {
            let Some(phone) = calls.at_phone() else { continue };
            for (call, leg) in calls.talking() {
                let port = self.legs.get(&(*user, leg)).map(|leg| leg.port);
                let Some(statistics) = port.and_then(|port| self.parts.engine.statistics(port)) else {
                    continue;
                };
                metrics::histogram!("tandem_media_mos").record(f64::from(statistics.mos));
                if let Some(phone) = self.phones.get_mut(&phone) {
                    phone.show_quality(call, &statistics);
                }
            }
        }
    }

    /// Ends every call, tells every phone, and waits a little until SIP has said good-bye.
    async fn close(&mut self, ears: &mut Ears) {
        for user in self.users.keys().copied().collect::<Vec<_>>() {
            self.tell(user, Input::Closing);
        }
        for phone in self.phones.values() {
            phone.bye(ByeReason::Closing, None);
        }
        self.phones.clear();
        // Recordings end with their ports; their last pieces come within a moment.
        let end = Instant::now() + FAREWELL;
        while self.recordings.are_running() {
            match tokio::time::timeout_at(end, ears.media.recv()).await {
                Ok(Some(event)) => self.hear_media(event),
                Ok(None) | Err(_) => break,
            }
        }
    }

    fn now(&self) -> Moment {
        self.started.elapsed()
    }

    fn wall(&self) -> Wall {
        Wall { moment: self.now(), time: self.parts.clock.now() }
    }
}

async fn hear_signal(signals: &mut Subscription) -> Heard {
    match signals.next().await {
        Some(heard) => heard,
        // The bus ends with the process.
        None => std::future::pending().await,
    }
}

/// Where the socket is at another process, whose address people's browsers know.
fn socket_url(url: &str) -> String {
    let url = url.trim_end_matches('/');
    let url = url.strip_prefix("https://").map_or_else(
        || url.strip_prefix("http://").map(|rest| format!("ws://{rest}")),
        |rest| Some(format!("wss://{rest}")),
    );
    format!("{}/socket", url.unwrap_or_default())
}
