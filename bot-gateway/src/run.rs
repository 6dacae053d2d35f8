//! Ties intake, handler and outbox together and runs them until they are stopped.

use crate::handler::Handler;
use crate::intake::{Intake, IntakeParts, inbox, poll, webhook};
use crate::lease::{LEASE, Leases, Owner, transact};
use crate::outbox::sender::{Sender, chain};
use crate::outbox::{Outbox, Rates};
use crate::telegram::{Client, Menu};
use crate::view::call::Phone;
use event_store::blobs::Blobs;
use event_store::clock::Clock;
use event_store::log::Fault;
use event_store::sql::{Database, Dialect};
use event_store::vault::Vault;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

/// The lease of the one process that polls.
const POLLER: &str = "poller";

/// How often a process says that it lives, well within [`LEASE`].
const HEARTBEAT: Duration = Duration::from_secs(1);

/// How often to look for what was left in the inbox.
const SWEEP: Duration = Duration::from_secs(1);

/// How often old rows are forgotten.
const TIDY: Duration = Duration::from_secs(600);

/// How long a recording waits to be posted, where nobody can be written to. Then it is deleted.
const RECORDINGS_WAIT: chrono::TimeDelta = chrono::TimeDelta::days(30);

/// How long handlers may go on after a stop, and then once more what they had to say.
const DRAIN: Duration = Duration::from_secs(10);

/// How updates come in.
#[derive(Debug, Clone)]
pub enum Updates {
    /// The bot asks for them. One process does, whichever holds the lease.
    Poll,
    /// Telegram brings them, to any process.
    Webhook {
        /// The address that Telegram reaches, `https://bot.example.org`, in front of `listen`.
        public_url: String,
        /// Where this process listens, without TLS.
        listen: SocketAddr,
    },
}

/// What the bot's shell needs.
pub struct Parts {
    /// Where everything is kept.
    pub database: Arc<dyn Database>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Seals stored updates.
    pub vault: Arc<Vault>,
    /// Decides.
    pub handler: Arc<dyn Handler>,
    /// What the bot has to say; made before, since others speak too.
    pub outbox: Outbox,
    /// Telegram.
    pub client: Client,
    /// This process: the same that the outbox was made with.
    pub owner: Owner,
    /// How updates come in.
    pub updates: Updates,
    /// How fast the bot speaks.
    pub rates: Rates,
    /// The commands people are shown, in each language.
    pub menus: Vec<Menu>,
    /// Where people talk; the web phone opens from the button beside the input field.
    pub phone: Phone,
}

impl Owner {
    /// The owner that fits a database: an embedded one belongs to one process.
    #[must_use]
    pub fn for_database(database: &dyn Database) -> Self {
        match database.dialect() {
            Dialect::Sqlite => Self::alone(),
            Dialect::Postgres => Self::one_of_many(),
        }
    }
}

/// Runs the bot until `shutdown`: then it takes no more updates, finishes what it is doing within ten seconds, and leaves
/// the rest in the inbox and the outbox for the next start or another process. A webhook stays set.
///
/// # Errors
///
/// The address to listen on is taken, or the database can't be used at the start.
pub async fn run(parts: Parts, shutdown: CancellationToken) -> Result<(), Fault> {
    let (tasks, hands) = (TaskTracker::new(), TaskTracker::new());
    let (stop_hands, stop_mouth, stop_life) =
        (CancellationToken::new(), CancellationToken::new(), CancellationToken::new());
    let leases = Leases::new(Arc::clone(&parts.database), parts.owner.clone());
    leases.hold(&parts.owner.life(), parts.clock.now()).await?;

    let intake = Intake::new(IntakeParts {
        database: Arc::clone(&parts.database),
        clock: Arc::clone(&parts.clock),
        vault: Arc::clone(&parts.vault),
        handler: Arc::clone(&parts.handler),
        outbox: parts.outbox.clone(),
        client: parts.client.clone(),
        owner: parts.owner.clone(),
        shared: parts.owner != Owner::alone(),
        tracker: hands.clone(),
        stop: stop_hands.clone(),
    });
    let listener = match &parts.updates {
        Updates::Poll => None,
        Updates::Webhook { listen, .. } => {
            let listener = TcpListener::bind(listen).await;
            Some(listener.map_err(|error| Fault::new(format!("listen on {listen}"), error))?)
        }
    };

    let (leads, led) = watch::channel(false);
    let life =
        Life { leases: leases.clone(), clock: Arc::clone(&parts.clock), owner: parts.owner.clone(), leads };
    tasks.spawn(life.run(stop_life.clone()));
    let sounds = Blobs::new(Arc::clone(&parts.database), Arc::clone(&parts.vault), Arc::clone(&parts.clock));
    let mouth = Sender::new(
        parts.outbox.clone(),
        (parts.client.clone(), sounds.clone()),
        Arc::clone(&parts.handler),
        parts.rates,
        stop_mouth.clone(),
    );
    tasks.spawn(mouth.run());
    let clock = Arc::clone(&parts.clock);
    tasks.spawn(look_after(Arc::clone(&intake), leases.clone(), sounds, clock, shutdown.clone()));
    let webhook = webhook_of(&parts);
    let told = Told { menus: parts.menus, phone: parts.phone, webhook };
    tasks.spawn(introduce(parts.client.clone(), told, shutdown.clone()));

    match listener {
        None => poll::poll(Arc::clone(&intake), led, shutdown.clone()).await,
        Some(listener) => serve(listener, Arc::clone(&intake), &parts.client, shutdown.clone()).await?,
    }

    shutdown.cancelled().await;
    hands.close();
    if timeout(DRAIN, hands.wait()).await.is_err() {
        warn!("not everything was handled in time; the rest stays in the inbox");
    }
    stop_hands.cancel();
    stop_mouth.cancel();
    stop_life.cancel();
    tasks.close();
    if timeout(DRAIN, tasks.wait()).await.is_err() {
        warn!("not everything was said in time; the rest stays in the outbox");
    }
    give_everything_up(&parts.database, &leases, &parts.owner).await;
    info!("the bot has stopped");
    Ok(())
}

/// Whether every update that came is handled and everything that followed from it is said, by any process. For tests and
/// for whoever is about to move the database.
///
/// # Errors
///
/// The database can't be read.
pub async fn is_quiet(database: &dyn Database) -> Result<bool, Fault> {
    let (waiting, _) = inbox::depth(database).await?;
    Ok(waiting == 0 && crate::outbox::is_empty(database).await?)
}

/// Keeps this process's leases.
struct Life {
    leases: Leases,
    clock: Arc<dyn Clock>,
    owner: Owner,
    leads: watch::Sender<bool>,
}

impl Life {
    async fn run(self, stop: CancellationToken) {
        let mut beats = interval(HEARTBEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut led_at = None;
        while !stop.is_cancelled() {
            tokio::select! {
                _ = beats.tick() => {}
                () = stop.cancelled() => return,
            }
            let now = self.clock.now();
            if let Err(fault) = self.leases.hold(&self.owner.life(), now).await {
                warn!(fault = chain(&fault), "can't say that this process lives");
            }
            match self.leases.hold(POLLER, now).await {
                Ok(Some(_)) => led_at = Some(now),
                Ok(None) => led_at = None,
                Err(fault) => warn!(fault = chain(&fault), "can't keep the lease for polling"),
            }
            // Without news from the database the lease is still ours until it ends by itself.
            let leads = led_at.is_some_and(|at| self.clock.now() - at < LEASE);
            self.leads.send_if_modified(|led| std::mem::replace(led, leads) != leads);
        }
    }
}

/// Finds what was left in the inbox, and forgets what is old.
async fn look_after(
    intake: Arc<Intake>,
    leases: Leases,
    sounds: Blobs,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    let (mut sweeps, mut tidies) = (interval(SWEEP), interval(TIDY));
    sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tidies.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut at_start = true;
    loop {
        tokio::select! {
            _ = sweeps.tick() => {
                intake.sweep(at_start).await;
                at_start = false;
            }
            _ = tidies.tick() => {
                let long_ago = clock.now() - chrono::TimeDelta::days(1);
                let unfinished = sounds.purge(long_ago).await.map(drop);
                let unsent = sounds.forget(clock.now() - RECORDINGS_WAIT).await.map(drop);
                for tidied in [intake.tidy().await, leases.purge(long_ago).await, unfinished, unsent] {
                    if let Err(fault) = tidied {
                        warn!(fault = chain(&fault), "can't forget old rows");
                    }
                }
            }
            () = stop.cancelled() => return,
        }
    }
}

/// The address that Telegram is to call, if it calls.
fn webhook_of(parts: &Parts) -> Option<(String, webhook::Secrets)> {
    match &parts.updates {
        Updates::Poll => None,
        Updates::Webhook { public_url, .. } => {
            let secrets = webhook::Secrets::of(parts.client.token());
            Some((format!("{}/telegram/{}", public_url.trim_end_matches('/'), secrets.path), secrets))
        }
    }
}

/// What Telegram is told at the start.
struct Told {
    menus: Vec<Menu>,
    phone: Phone,
    webhook: Option<(String, webhook::Secrets)>,
}

/// Tells Telegram the commands, the phone and the webhook, until it has taken them.
async fn introduce(client: Client, told: Told, stop: CancellationToken) {
    let Told { menus, phone, webhook } = told;
    let mut wait = Duration::from_secs(1);
    loop {
        let taken = async {
            if let Some((url, secrets)) = &webhook {
                client.set_webhook(url, &secrets.header).await?;
            }
            for menu in &menus {
                client.set_menu(menu).await?;
            }
            client.set_phone(phone.page.as_deref()).await?;
            Ok::<(), crate::telegram::CallError>(())
        };
        match taken.await {
            Ok(()) => return,
            Err(error) => warn!(why = error.text, "Telegram does not take commands or webhook"),
        }
        if timeout(wait, stop.cancelled()).await.is_ok() {
            return;
        }
        wait = (wait * 2).min(Duration::from_secs(60));
    }
}

async fn serve(
    listener: TcpListener,
    intake: Arc<Intake>,
    client: &Client,
    stop: CancellationToken,
) -> Result<(), Fault> {
    let router = webhook::router(intake, webhook::Secrets::of(client.token()));
    let stopped = stop.clone().cancelled_owned();
    axum::serve(listener, router)
        .with_graceful_shutdown(stopped)
        .await
        .map_err(|error| Fault::new("serve the webhook", error))
}

/// Lets other processes go on at once, without waiting for leases to end.
async fn give_everything_up(database: &Arc<dyn Database>, leases: &Leases, owner: &Owner) {
    let claims = transact(&**database, vec![inbox::let_all_go(owner)], "let all updates go").await;
    for given_up in [claims.map(drop), leases.let_go(POLLER).await, leases.let_go(&owner.life()).await] {
        if let Err(fault) = given_up {
            warn!(fault = chain(&fault), "a lease ends by itself");
        }
    }
}
