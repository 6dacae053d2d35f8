//! The running Telegram: the world behind a lock, its journal, its clock, and everybody who waits for a change.

use crate::{
    apps::Apps,
    calls::{Notice, call::Endpoint},
    fault::Faults,
    mtproto::{cipher::KeyId, delivery, keys::Keys},
    persist::Journal,
    record::Records,
    world::{Happening, World},
};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{broadcast, mpsc, watch},
    time::{Instant, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Changes that a slow page may be behind; past this it reads everything again.
const HAPPENINGS: usize = 256;

/// Longest pause between two looks at the calls.
const FAR: Duration = Duration::from_secs(60);

/// The state that all handlers share.
pub(crate) struct Telegram {
    inner: Mutex<Inner>,
    changed: watch::Sender<u64>,
    happenings: broadcast::Sender<Happening>,
    faults: Mutex<Faults>,
    records: Mutex<Records>,
    polls: Mutex<BTreeMap<i64, Polls>>,
    /// Only locked alone, or by whoever has the world.
    apps: Mutex<Apps>,
    /// Only locked alone, or by whoever has the world.
    keys: Mutex<Keys>,
    /// Until when the MTProto door takes nobody.
    down_until: Mutex<Option<Instant>>,
    pub(crate) mtproto: Option<Door>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    pub(crate) http: reqwest::Client,
    /// Whether only this machine can reach it.
    pub(crate) local: bool,
}

/// Where clients connect over MTProto, and the first key, in hexadecimal.
pub(crate) struct Door {
    pub(crate) address: SocketAddr,
    pub(crate) key: String,
}

struct Inner {
    world: World,
    journal: Option<Journal>,
}

/// The getUpdates of one bot: the newest wins.
struct Polls {
    newest: watch::Sender<u64>,
    next_conflict: Instant,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Telegram {
    pub(crate) fn new(
        world: World,
        journal: Option<Journal>,
        http: reqwest::Client,
        local: bool,
        (keys, mtproto): (Keys, Option<Door>),
    ) -> Self {
        Self {
            inner: Mutex::new(Inner { world, journal }),
            changed: watch::Sender::new(0),
            happenings: broadcast::Sender::new(HAPPENINGS),
            faults: Mutex::default(),
            records: Mutex::default(),
            polls: Mutex::default(),
            apps: Mutex::default(),
            keys: Mutex::new(keys),
            down_until: Mutex::default(),
            mtproto,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            http,
            local,
        }
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        locked(&self.faults)
    }

    pub(crate) fn keys(&self) -> MutexGuard<'_, Keys> {
        locked(&self.keys)
    }

    pub(crate) fn records(&self) -> MutexGuard<'_, Records> {
        locked(&self.records)
    }

    /// Changes the world; the change is on disk when this returns, and everybody who waits looks again.
    pub(crate) fn act<T>(&self, act: impl FnOnce(&mut World, i64) -> T) -> T {
        let mut inner = locked(&self.inner);
        let Inner { world, journal } = &mut *inner;
        let now = emulated_now(world);
        let outcome = act(world, now);
        let written = match journal {
            Some(journal) => journal.commit(world),
            None => world.changes().map(drop).map_err(Into::into),
        };
        if let Err(error) = written {
            tracing::error!(%error, "the world cannot be written; stopping");
            self.stop.cancel();
        }
        let happened = std::mem::take(&mut world.happened);
        self.tell_apps(world, now);
        drop(inner);
        for happening in happened {
            // Without a page that watches there is nobody to tell.
            let _ = self.happenings.send(happening);
        }
        self.changed.send_modify(|count| *count += 1);
        outcome
    }

    /// Hands out what calls have to say, and what is new in chats, in order: the world is still locked.
    fn tell_apps(&self, world: &mut World, now: i64) {
        let (notices, mail) = (world.calls.take_notices(), std::mem::take(&mut world.mail));
        let made_by = world.made_by.take();
        if notices.is_empty() && mail.is_empty() {
            return;
        }
        let (mut apps, mut keys) = (locked(&self.apps), self.keys());
        for (app, notice) in notices {
            match keys.key_of(app) {
                Some(key) => delivery::tell_call(world, &mut keys, key, &notice, now),
                None => apps.tell(app, notice),
            }
        }
        for mail in mail {
            delivery::tell_mail(world, &mut keys, mail, made_by, now);
        }
    }

    /// A client with this key is a person from here on.
    pub(crate) fn sign_in(&self, key: KeyId, user: i64) {
        self.act(|world, now| {
            let mut keys = self.keys();
            if let Some(before) = keys.sign_out(key) {
                world.calls.close(before);
            }
            keys.sign_in(key, user, world.calls.open(user), now);
        });
    }

    /// A client is nobody any more.
    pub(crate) fn sign_out(&self, key: KeyId) {
        self.act(|world, _| {
            if let Some(app) = self.keys().sign_out(key) {
                world.calls.close(app);
            }
        });
    }

    /// Something that is shown beside calls has changed.
    pub(crate) fn calls_changed(&self) {
        self.act(|world, _| world.calls.version += 1);
    }

    /// Cuts all MTProto connections, and takes none for a while.
    pub(crate) fn cut_mtproto(&self, down: Duration) {
        *locked(&self.down_until) = Some(Instant::now() + down);
        self.keys().cut();
    }

    /// Whether the MTProto door takes nobody now.
    pub(crate) fn is_down(&self) -> bool {
        locked(&self.down_until).is_some_and(|until| Instant::now() < until)
    }

    /// The machine's time in nanoseconds since 1970.
    pub(crate) fn machine_nanos(&self) -> i64 {
        #[expect(clippy::disallowed_methods, reason = "the emulator's shell reads the clock")]
        chrono::Utc::now().timestamp_nanos_opt().unwrap_or_default()
    }

    /// An app of this person connects.
    pub(crate) fn open_app(&self, user: i64) -> (Endpoint, mpsc::Receiver<Notice>) {
        self.act(|world, _| {
            let app = world.calls.open(user);
            (app, locked(&self.apps).open(app))
        })
    }

    /// An app is gone.
    pub(crate) fn close_app(&self, app: Endpoint) {
        self.act(|world, _| world.calls.close(app));
        locked(&self.apps).close(app);
    }

    /// Ends calls whose time is over, until the emulator stops.
    pub(crate) async fn watch_calls(self: std::sync::Arc<Self>) {
        let mut changed = self.changes();
        loop {
            changed.borrow_and_update();
            let due = self.look(|world, now| world.calls.next_deadline().map(|at| at - now));
            if due.is_some_and(|seconds| seconds <= 0) {
                self.act(|world, now| world.calls.expire(now));
                continue;
            }
            // The emulated clock may be moved, which is a change too.
            let pause = due.map_or(FAR, |seconds| Duration::from_secs(seconds.unsigned_abs()));
            tokio::select! {
                _ = timeout_at(Instant::now() + pause.min(FAR), changed.changed()) => (),
                () = self.stop.cancelled() => return,
            }
        }
    }

    /// Looks at the world without telling anybody. Tidying up is allowed; it reaches the disk with the next act.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut World, i64) -> T) -> T {
        let mut inner = locked(&self.inner);
        let now = emulated_now(&inner.world);
        look(&mut inner.world, now)
    }

    /// Waits until the world gives something, at most this long.
    pub(crate) async fn wait_for<T>(
        &self,
        longest: Duration,
        mut find: impl FnMut(&mut World, i64) -> Option<T>,
    ) -> Option<T> {
        let deadline = Instant::now() + longest;
        let mut changed = self.changed.subscribe();
        loop {
            changed.borrow_and_update();
            if let Some(found) = self.look(&mut find) {
                return Some(found);
            }
            tokio::select! {
                woken = timeout_at(deadline, changed.changed()) => if !matches!(woken, Ok(Ok(()))) { return None },
                () = self.stop.cancelled() => return None,
            }
        }
    }

    /// Sees everything that changes from here on.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// What pages are told.
    pub(crate) fn happenings(&self) -> broadcast::Receiver<Happening> {
        self.happenings.subscribe()
    }

    /// Wakes everybody who waits.
    pub(crate) fn nudge(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// Begins a getUpdates, which ends an older one of the same bot. Gives a watch on newer ones and their count now.
    pub(crate) fn begin_poll(&self, bot: i64) -> (watch::Receiver<u64>, u64) {
        let mut polls = locked(&self.polls);
        let polls = polls
            .entry(bot)
            .or_insert_with(|| Polls { newest: watch::Sender::new(0), next_conflict: Instant::now() });
        polls.newest.send_modify(|count| *count += 1);
        let receiver = polls.newest.subscribe();
        let mine = *receiver.borrow();
        (receiver, mine)
    }

    /// When a conflict may be told: at once, or after the pause that slows down two bots in a fight.
    pub(crate) fn conflict_at(&self, bot: i64) -> Instant {
        let now = Instant::now();
        let pause = Duration::from_secs(crate::limits::CONFLICT_PAUSE);
        let mut polls = locked(&self.polls);
        let Some(polls) = polls.get_mut(&bot) else { return now };
        if now >= polls.next_conflict {
            polls.next_conflict = now + pause;
            return now;
        }
        now + pause
    }
}

/// The machine's time plus the world's offset.
fn emulated_now(world: &World) -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the one place where the emulator's shell reads the clock")]
    let machine = chrono::Utc::now().timestamp();
    machine + world.meta().clock_offset
}
