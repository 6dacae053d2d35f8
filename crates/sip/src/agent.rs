//! The user agent: accounts, calls and sockets of one process, behind one handle.

use crate::account::{Account, AccountKey};
use crate::call::{Call, CallError, CallId, Hop, Invite};
use crate::calls::Calls;
use crate::config::Config;
use crate::event::{Event, RegistrationState};
use crate::register::{self, Line, Schedule};
use crate::server::Server;
use crate::session;
use crate::stack::{Above, Stack};
use crate::trace::{Redaction, Trace};
use crate::transport::{Flow, Names};
use crate::uri::{Uri, UriError};
use crate::wire::Response;
use crate::{Transport, inbound};
use rsipstack::transaction::transaction::Transaction;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The methods that we understand.
pub(crate) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY";
/// The extensions that we understand.
pub(crate) const SUPPORTED: &str = "100rel, timer, replaces";
/// Events waiting for the application. Past this calls and registrations wait for it, and nothing is lost.
const EVENTS: usize = 1024;
/// How long signing off may take at the end.
const FAREWELL: Duration = Duration::from_secs(4);
/// How often what is over is forgotten.
const SWEEP: Duration = Duration::from_secs(10);

/// Why a user agent could not start.
#[derive(Debug, thiserror::Error)]
#[error("a SIP socket could not be opened")]
pub struct StartError(#[from] std::io::Error);

/// Why an account cannot be registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("login and domain make no address: {0}")]
pub struct AccountError(#[from] UriError);

/// Registers accounts, makes and takes calls. Clones are the same agent.
#[derive(Clone)]
pub struct UserAgent(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) stack: Arc<Stack>,
    pub(crate) calls: Calls,
    pub(crate) schedule: Schedule,
    tracker: TaskTracker,
    /// BYEs under way: the sockets stay open for them.
    pub(crate) goodbyes: TaskTracker,
    pub(crate) registrations_at_once: usize,
    pub(crate) session_interval: Option<Duration>,
    pub(crate) max_calls: usize,
    pub(crate) server: Option<Arc<dyn Server>>,
    lines: Mutex<Lines>,
    events: mpsc::Sender<Event>,
}

/// The accounts, by every name they are looked up with.
#[derive(Default)]
pub(crate) struct Lines {
    by_key: HashMap<AccountKey, Arc<Line>>,
    by_token: HashMap<String, AccountKey>,
    by_user: HashMap<String, Vec<AccountKey>>,
}

impl UserAgent {
    /// Opens the sockets and begins to work, until `stop` is cancelled: then it hangs up every call, signs off every
    /// account within a few seconds, and ends. [`UserAgent::closed`] waits for that.
    ///
    /// # Errors
    /// [`StartError`] where an address is taken, not ours, or a TLS identity unreadable.
    pub async fn start(
        config: Config,
        stop: CancellationToken,
    ) -> Result<(UserAgent, mpsc::Receiver<Event>), StartError> {
        UserAgent::start_with(config, Names::system(), stop).await
    }

    pub(crate) async fn start_with(
        config: Config,
        names: Names,
        stop: CancellationToken,
    ) -> Result<(UserAgent, mpsc::Receiver<Event>), StartError> {
        let (tracker, inner) = (TaskTracker::new(), CancellationToken::new());
        let (stack, reading) = Stack::start(&config, names, tracker.clone(), inner.clone()).await?;
        let (events, heard) = mpsc::channel(EVENTS);
        let stack = Arc::new(stack);
        let shared = Arc::new(Shared {
            stack: Arc::clone(&stack),
            calls: Calls::default(),
            schedule: Schedule::default(),
            tracker: tracker.clone(),
            goodbyes: TaskTracker::new(),
            registrations_at_once: config.registrations_at_once,
            session_interval: config.session_interval,
            max_calls: config.max_calls,
            server: config.server.clone(),
            lines: Mutex::default(),
            events,
        });
        tracker.spawn(stack.serve(Arc::clone(&shared) as Arc<_>, reading, inner.clone()));
        tracker.spawn(register::run(Arc::clone(&shared), stop.child_token()));
        tracker.spawn(housekeeping(Arc::clone(&shared), config.keepalive, inner.clone()));
        tracker.spawn(farewell(Arc::clone(&shared), stop, inner));
        tracker.close();
        Ok((UserAgent(shared), heard))
    }

    /// Waits until everything has ended after `stop` was cancelled.
    pub async fn closed(&self) {
        self.0.tracker.wait().await;
    }

    /// Where we listen, with the ports that were taken.
    #[must_use]
    pub fn listening(&self) -> Vec<(Transport, SocketAddr)> {
        self.0.stack.transports.listening().collect()
    }

    /// Registers an account, and keeps it registered. An account with the same key is replaced, as after a change of its
    /// password. How it goes comes as [`Event::Registration`].
    ///
    /// # Errors
    /// [`AccountError`] where login and domain make no address.
    pub fn register(&self, key: AccountKey, account: Account) -> Result<(), AccountError> {
        let line = Arc::new(Line::new(key, account)?);
        let registers = line.account.register;
        let old = self.0.lines().put(line);
        if let Some(old) = old {
            self.0.sign_off_later(old, false);
        }
        if registers {
            self.0.schedule.plan(key, Instant::now());
        }
        Ok(())
    }

    /// Signs an account off and forgets it. Its calls go on. [`RegistrationState::Unregistered`] tells when it is done.
    pub fn unregister(&self, key: AccountKey) {
        self.0.schedule.forget(key);
        if let Some(line) = self.0.lines().take(key) {
            self.0.sign_off_later(line, true);
        }
    }

    /// Registers an account now, whatever was planned: after a network change, or because a person asks.
    /// An account that had stopped for good tries again.
    pub fn refresh(&self, key: AccountKey) {
        if let Some(line) = self.0.lines().by_key(key).filter(|l| l.account.register) {
            line.state().policy = Default::default();
            self.0.schedule.plan(key, Instant::now());
        }
    }

    /// Calls somebody from an account, through its server. What becomes of it comes as [`Event::Call`].
    ///
    /// # Errors
    /// [`CallError::NoSuchAccount`], [`CallError::TooMany`], [`CallError::Malformed`].
    pub fn call(&self, key: AccountKey, invite: Invite) -> Result<Call, CallError> {
        let line = self.0.lines().by_key(key).ok_or(CallError::NoSuchAccount)?;
        session::outgoing(&self.0, session::Origin::Line(line), invite)
    }

    /// Calls somebody at a known place, without an account: a registered client of our own [`Server`].
    /// `from` is the address shown to the called.
    ///
    /// # Errors
    /// [`CallError::TooMany`], [`CallError::Malformed`].
    pub fn call_at(&self, hop: Hop, from: Uri, invite: Invite) -> Result<Call, CallError> {
        session::outgoing(&self.0, session::Origin::Hop(hop, from), invite)
    }

    /// The handle of a call that still runs.
    #[must_use]
    pub fn find(&self, id: CallId) -> Option<Call> {
        self.0.calls.by_id(id)
    }

    /// Begins to keep the last `most` messages of a call, redacted so, for somebody who looks for a fault. `now` dates them.
    /// `false` where the call is over, or too many are traced. [`UserAgent::end_trace`] must follow, also after the call.
    pub fn begin_trace(&self, id: CallId, most: usize, redaction: Redaction, now: SystemTime) -> bool {
        let Some((call_id, _)) = self.0.calls.key_of(id) else { return false };
        self.0.stack.taps.open(id, call_id, most, redaction, now)
    }

    /// The messages kept so far.
    #[must_use]
    pub fn trace(&self, id: CallId) -> Option<Trace> {
        self.0.stack.taps.look(id)
    }

    /// Keeps no more messages of a call, and hands over those that were kept.
    pub fn end_trace(&self, id: CallId) -> Option<Trace> {
        self.0.stack.taps.close(id)
    }

    /// How much is under way; all of it goes back to nothing once calls have ended.
    #[must_use]
    pub fn load(&self) -> Load {
        let (transactions, finished) = self.0.stack.transactions();
        Load { accounts: self.0.lines().by_key.len(), calls: self.0.calls.len(), transactions, finished }
    }
}

/// What a user agent has to do at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Accounts.
    pub accounts: usize,
    /// Calls that have not ended.
    pub calls: usize,
    /// Requests without their final answer, or with one that was not acknowledged.
    pub transactions: usize,
    /// Answers kept for 32 seconds for peers that ask again.
    pub finished: usize,
}

impl std::fmt::Debug for UserAgent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UserAgent({:?})", self.load())
    }
}

impl Shared {
    pub(crate) fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the application; waits where it has much to read already.
    pub(crate) async fn emit(&self, event: Event) {
        // An application that has gone is told nothing.
        let _ = self.events.send(event).await;
    }

    fn sign_off_later(self: &Arc<Self>, line: Arc<Line>, tell: bool) {
        let shared = Arc::clone(self);
        self.stack.spawn(async move {
            register::sign_off(&shared, &line).await;
            if tell {
                let state = RegistrationState::Unregistered;
                shared.emit(Event::Registration { account: line.key, state }).await;
            }
        });
    }
}

impl Lines {
    pub(crate) fn by_key(&self, key: AccountKey) -> Option<Arc<Line>> {
        self.by_key.get(&key).cloned()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Line>> {
        self.by_key.values()
    }

    /// The account that a Request-URI means: by the Contact we gave, which nobody can guess, or by its user part where
    /// the call comes from the account's own server. Others who guess a login are strangers.
    pub(crate) fn called(&self, uri: &Uri, domain: Option<&str>, source: IpAddr) -> Option<Arc<Line>> {
        if let Some(key) = uri.param("line").and_then(|token| self.by_token.get(token)) {
            return self.by_key(*key);
        }
        let named = self.by_user.get(&uri.user_text())?.iter().filter_map(|key| self.by_key.get(key));
        let own: Vec<_> = named.filter(|line| line.is_served_by(source)).collect();
        let of_domain = |l: &&&Arc<Line>| domain.is_some_and(|d| l.address.host.eq_ignore_ascii_case(d));
        own.iter().find(of_domain).or(own.first()).map(|line| Arc::clone(line))
    }

    fn put(&mut self, line: Arc<Line>) -> Option<Arc<Line>> {
        let old = self.take(line.key);
        self.by_token.insert(line.token.clone(), line.key);
        self.by_user.entry(line.account.login.clone()).or_default().push(line.key);
        self.by_key.insert(line.key, line);
        old
    }

    fn take(&mut self, key: AccountKey) -> Option<Arc<Line>> {
        let line = self.by_key.remove(&key)?;
        self.by_token.remove(&line.token);
        if let Some(keys) = self.by_user.get_mut(&line.account.login) {
            keys.retain(|k| *k != key);
            if keys.is_empty() {
                self.by_user.remove(&line.account.login);
            }
        }
        Some(line)
    }
}

/// Keeps ways open and forgets what is over.
async fn housekeeping(shared: Arc<Shared>, keepalive: Duration, stop: CancellationToken) {
    let mut ping = tokio::time::interval(keepalive.max(Duration::from_secs(1)));
    let mut sweep = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = sweep.tick() => shared.stack.sweep(),
            _ = ping.tick() => {
                for peer in register::kept_open(&shared) {
                    shared.stack.transports.keep_open(peer).await;
                }
            }
        }
    }
}

/// Waits for the end, then hangs up and signs off before the sockets close.
async fn farewell(shared: Arc<Shared>, stop: CancellationToken, inner: CancellationToken) {
    stop.cancelled().await;
    shared.calls.hang_up_all();
    let lines: Vec<_> = shared.lines().all().cloned().collect();
    let permits = tokio::sync::Semaphore::new(shared.registrations_at_once.max(1));
    let off = async {
        let each = lines.iter().map(|line| async {
            let _permit = permits.acquire().await;
            register::sign_off(&shared, line).await;
        });
        futures::future::join_all(each).await;
        shared.calls.drained().await;
        shared.goodbyes.close();
        shared.goodbyes.wait().await;
    };
    // A server that does not answer must not keep the process from ending.
    let _ = tokio::time::timeout(FAREWELL, off).await;
    inner.cancel();
}

impl Above for Shared {
    fn take(self: Arc<Self>, transaction: Transaction, flow: Flow) {
        inbound::sort(&self, transaction, flow);
    }

    fn answered(self: Arc<Self>, response: &Response, flow: &Flow) -> bool {
        inbound::answered(&self, response, flow)
    }
}
