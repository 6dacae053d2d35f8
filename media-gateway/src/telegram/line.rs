//! One service account at Telegram: connected, connected again, and all that it is told.
//!
//! What calls need (`updatePhoneCall`, signalling) is passed on straight from the connection. Messages go through
//! grammers' message boxes, which know when something was missed; then the difference is asked for, and calls in it are
//! passed on as well. Whatever comes twice is told apart by those who hear it.

mod hear;

use super::api::{self, Api};
use super::call::{Timers, Trouble, Update};
use super::server;
use super::session::Session;
use super::settings::Settings;
use super::store::{AccountId, State, Store};
use super::wire::Letter;
use bytes::Bytes;
use domain::ids::UserId;
use futures::future::BoxFuture;
use grammers_mtsender::SenderPool;
use grammers_session::updates::{MessageBoxes, UpdatesLike};
use grammers_tl_types as tl;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval_at, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(20);

/// Between two looks at whether Telegram still answers, and how long the answer may take: grammers pings once a minute
/// and does not miss the answer, so a connection that died in silence would stay for a quarter of an hour.
const PULSE: Duration = Duration::from_secs(15);
const PULSE_ANSWER: Duration = Duration::from_secs(8);

/// Every so many looks ask whether the session is still signed in, too: a ping is answered all the same.
const SIGNED_IN: u32 = 4;

/// Between two looks at whether the session is to be stored.
const SAVE: Duration = Duration::from_secs(2);

/// Pauses between tries to connect: the last one is repeated.
const PAUSES: [u64; 7] = [0, 200, 500, 1_000, 2_000, 5_000, 10_000];

/// What one account tells.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) account: AccountId,
    pub(super) what: Heard,
}

/// What Telegram told one account.
#[derive(Debug)]
pub(super) enum Heard {
    /// It is connected, and calls may take so long.
    Up(Timers),
    /// It is not.
    Down,
    /// Telegram has ended the session.
    SignedOut,
    Call(Update),
    Signal {
        call: i64,
        packet: Bytes,
    },
    /// People whom it can address now, with their access hashes.
    Met(Vec<(i64, i64)>),
    Letter(Letter),
}

/// One account's line.
pub(super) struct Line {
    account: AccountId,
    me: UserId,
    settings: Settings,
    session: Arc<Session>,
    api: Api,
    store: Store,
    told: mpsc::Sender<Told>,
    tasks: TaskTracker,
    stop: CancellationToken,
    boxes: MessageBoxes,
    /// People whose access hash was passed on.
    known: HashSet<i64>,
}

/// What a line is made of.
pub(super) struct Parts {
    pub(super) account: AccountId,
    pub(super) me: UserId,
    pub(super) settings: Settings,
    pub(super) session: Arc<Session>,
    pub(super) api: Api,
    pub(super) store: Store,
    pub(super) told: mpsc::Sender<Told>,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

/// Why a connection is over.
enum Gone {
    /// We stop.
    Stopped,
    /// Connect again.
    Broken,
    /// The session is no longer signed in.
    SignedOut,
    /// The account was signed in anew: another session is to be used.
    Replaced,
}

impl Line {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { account, me, settings, session, api, store, told, tasks, stop } = parts;
        let boxes = MessageBoxes::load(session.heard());
        Self { account, me, settings, session, api, store, told, tasks, stop, boxes, known: HashSet::new() }
    }

    /// Works until it is stopped or signed out.
    pub(super) async fn run(mut self) {
        let mut tries = 0;
        loop {
            let pause = Duration::from_millis(PAUSES[tries.min(PAUSES.len() - 1)]);
            tokio::select! {
                () = self.stop.cancelled() => break,
                () = sleep_until(Instant::now() + pause) => {}
            }
            let (gone, was_up) = self.connection().await;
            self.api.set_connection(None);
            if was_up {
                self.tell(Heard::Down).await;
            }
            tries = if was_up { 0 } else { tries + 1 };
            match gone {
                Gone::Broken => tracing::info!(account = %self.account, "a service account connects again"),
                Gone::Stopped => break,
                Gone::Replaced => {
                    tracing::info!(account = %self.account, "a service account was signed out, or in anew");
                    return;
                }
                Gone::SignedOut => {
                    self.mark_signed_out().await;
                    self.tell(Heard::SignedOut).await;
                    break;
                }
            }
        }
        _ = self.save().await;
    }

    /// One connection, from its beginning to its end; and whether it was up.
    async fn connection(&mut self) -> (Gone, bool) {
        if let Some(file) = &self.settings.test_server
            && let Err(error) = server::direct(&self.session, file).await
        {
            tracing::warn!(%error, "the emulated Telegram can't be found");
            return (Gone::Broken, false);
        }
        let SenderPool { runner, handle, updates } =
            SenderPool::with_configuration(self.session.clone(), self.settings.api_id, api::connection());
        let _runs = AbortOnDropHandle::new(self.tasks.spawn(runner.run()));
        self.api.set_connection(Some(handle.thin));
        let stop = self.stop.clone();
        let begun = tokio::select! {
            () = stop.cancelled() => return (Gone::Stopped, false),
            begun = timeout(CONNECT, self.begin()) => begun,
        };
        match begun {
            Ok(Ok(timers)) => self.tell(Heard::Up(timers)).await,
            Ok(Err(trouble)) if trouble.is_signed_out() => return (Gone::SignedOut, false),
            Ok(Err(trouble)) => {
                tracing::warn!(account = %self.account, ?trouble, "a service account can't connect");
                return (Gone::Broken, false);
            }
            Err(_) => return (Gone::Broken, false),
        }
        (self.listen(updates).await, true)
    }

    /// The first requests of a connection: is the session good, how long may calls take, from where do we hear updates?
    async fn begin(&mut self) -> Result<Timers, Trouble> {
        let tl::enums::updates::State::State(state) =
            self.api.ask(&tl::functions::updates::GetState {}).await?;
        if self.boxes.is_empty() {
            self.boxes.set_state(state);
        } else {
            // Whatever was missed since the last connection.
            _ = self.boxes.process_updates(UpdatesLike::ConnectionClosed);
        }
        let tl::enums::Config::Config(config) = self.api.ask(&tl::functions::help::GetConfig {}).await?;
        Ok(timers(&config))
    }

    /// Hears updates until the connection is over.
    async fn listen(&mut self, mut updates: mpsc::Receiver<UpdatesLike>) -> Gone {
        let mut pulse = interval_at(Instant::now() + PULSE, PULSE);
        let mut save = interval_at(Instant::now() + SAVE, SAVE);
        let mut difference: Option<BoxFuture<'static, Result<tl::enums::updates::Difference, Trouble>>> =
            None;
        let mut beat: Option<BoxFuture<'static, Result<(), Trouble>>> = None;
        let mut beats = 0;
        loop {
            let deadline = self.boxes.check_deadlines();
            self.leave_channels();
            if difference.is_none()
                && let Some(request) = self.boxes.get_difference()
            {
                let api = self.api.clone();
                difference = Some(Box::pin(async move { api.ask(&request).await }));
            }
            // While a difference is asked for, what calls need is still passed on.
            let asks = difference.is_some();
            tokio::select! {
                () = self.stop.cancelled() => return Gone::Stopped,
                update = updates.recv() => match update {
                    Some(UpdatesLike::ConnectionClosed) | None => return Gone::Broken,
                    Some(update) => self.hear(update, is_full(&updates)).await,
                },
                () = sleep_until(deadline.into()), if !asks => {}
                answer = ready(&mut difference) => match answer {
                    Ok(answer) => self.catch_up(answer).await,
                    Err(trouble) if trouble.is_signed_out() => return Gone::SignedOut,
                    Err(trouble) => {
                        tracing::warn!(account = %self.account, ?trouble, "missed updates can't be asked for");
                        if matches!(trouble, Trouble::Refused { .. } | Trouble::Nonsense) {
                            // It would be refused for ever; go on from where Telegram is.
                            self.boxes = MessageBoxes::new();
                        }
                        return Gone::Broken;
                    }
                },
                answer = ready(&mut beat) => match answer {
                    Ok(()) => {}
                    Err(trouble) if trouble.is_signed_out() => return Gone::SignedOut,
                    Err(_) => return Gone::Broken,
                },
                _ = pulse.tick(), if beat.is_none() => {
                    beats += 1;
                    beat = Some(Box::pin(pulse_of(self.api.clone(), beats % SIGNED_IN == 0)));
                }
                _ = save.tick() => if !self.save().await {
                    return Gone::Replaced;
                },
            }
        }
    }

    /// Telegram has ended the session. An operator who has signed the account out, and perhaps in anew, knows of it.
    async fn mark_signed_out(&self) {
        if matches!(self.store.is_worked_with(self.account, &self.session).await, Ok(false)) {
            return tracing::info!(account = %self.account, "an operator has signed a service account out");
        }
        tracing::error!(account = %self.account, "Telegram has signed a service account out");
        if let Err(error) = self.store.mark(self.account, State::SignedOut).await {
            tracing::warn!(%error, "a signed-out service account is not marked");
        }
    }

    /// Groups and channels that the account is in are none of our business.
    fn leave_channels(&mut self) {
        while self.boxes.get_channel_difference().is_some() {
            self.boxes.end_channel_difference(grammers_session::updates::PrematureEndReason::Banned);
        }
    }

    /// Stores the session if it has changed. False: another one was stored in its place.
    async fn save(&mut self) -> bool {
        if !self.boxes.is_empty() {
            let state = self.boxes.session_state();
            self.session.set_heard(grammers_session::types::UpdatesState { channels: Vec::new(), ..state });
        }
        if !self.session.take_changed() {
            return true;
        }
        match self.store.save(self.account, self.me, &self.session).await {
            Ok(saved) => saved,
            Err(error) => {
                tracing::warn!(%error, account = %self.account, "the session of a service account is not stored");
                true
            }
        }
    }

    /// Waits while the desk is behind; it ends with the process.
    async fn tell(&self, what: Heard) {
        _ = self.told.send(Told { account: self.account, what }).await;
    }
}

/// Whether updates may have been dropped: as many wait as can.
fn is_full(updates: &mpsc::Receiver<UpdatesLike>) -> bool {
    updates.len() + 1 >= api::UPDATES.get()
}

/// The answer of a request that is on its way; never, if none is.
async fn ready<T>(request: &mut Option<BoxFuture<'static, T>>) -> T {
    match request {
        Some(waiting) => {
            let answer = waiting.await;
            *request = None;
            answer
        }
        None => std::future::pending().await,
    }
}

async fn pulse_of(api: Api, signed_in: bool) -> Result<(), Trouble> {
    let asked = async {
        if signed_in {
            api.ask(&tl::functions::updates::GetState {}).await.map(drop)
        } else {
            api.ask(&tl::functions::Ping { ping_id: rand::random() }).await.map(drop)
        }
    };
    match timeout(PULSE_ANSWER, asked).await {
        // Whoever wants to be left alone is there.
        Ok(Err(Trouble::Flood(_))) => Ok(()),
        Ok(answer) => answer,
        Err(_) => Err(Trouble::Unreachable),
    }
}

fn timers(config: &tl::types::Config) -> Timers {
    let usual = Timers::default();
    let or = |millis: i32, usual: Duration| {
        u64::try_from(millis).ok().filter(|it| *it > 0).map_or(usual, Duration::from_millis)
    };
    Timers {
        receive: or(config.call_receive_timeout_ms, usual.receive),
        ring: or(config.call_ring_timeout_ms, usual.ring),
        connect: or(config.call_connect_timeout_ms, usual.connect),
        ..usual
    }
}
