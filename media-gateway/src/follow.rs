//! Follows the log: calls that were asked for in the chat, and accounts that changed.

use crate::call::ids::CallId;
use crate::directory::Directory;
use crate::telegram::Telegram;
use chrono::TimeDelta;
use domain::Event;
use domain::call::{Event as CallHappened, Segment};
use domain::ids::{AccountNumber, UserId};
use domain::inline::Query;
use domain::log::{Actor, Position, Recorded};
use domain::person::Person;
use domain::sealed::Sealed;
use domain::sip_account::Event as AccountHappened;
use event_store::clock::Clock;
use event_store::codec::{Upcasters, decode};
use event_store::dispatcher::Dispatcher;
use event_store::log::{EventLog, Fault, Stored};
use event_store::runner::Followers;
use event_store::segments::Held;
use event_store::sql::Database;
use event_store::vault::{Purpose, Vault};
use projections::wanted_registrations::WantedRegistrations;
use secrecy::ExposeSecret as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Events read in one go.
const PAGE: u32 = 500;

/// The longest pause between two looks, whatever wake-ups say.
const IDLE: Duration = Duration::from_secs(1);

/// How long the read model may take to show what was recorded.
const PATIENCE: Duration = Duration::from_secs(5);

/// A call that was asked for longer ago is not taken any more: somebody may have ended it meanwhile.
const FRESH: TimeDelta = TimeDelta::seconds(30);

/// What following needs.
pub struct Follow {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// Where the read models are.
    pub database: Arc<dyn Database>,
    /// Opens numbers.
    pub vault: Arc<Vault>,
    /// Reads persons.
    pub dispatcher: Dispatcher,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// To wait for read models.
    pub followers: Followers,
    /// Which users are this process's.
    pub held: watch::Receiver<Arc<Held>>,
    /// The accounts.
    pub directory: watch::Sender<Arc<Directory>>,
    /// Shows cards in the chats of service accounts.
    pub telegram: Telegram,
    /// The bot's user name, which draws them.
    pub bot: String,
    /// Where calls go that were asked for.
    pub requests: mpsc::Sender<Request>,
}

/// A call that somebody asked for in the chat.
#[derive(Clone)]
pub struct Request {
    /// Its name.
    pub call: CallId,
    /// Who calls.
    pub user: UserId,
    /// Through which account.
    pub account: AccountNumber,
    /// What was typed.
    pub number: String,
    /// What is dialled.
    pub dialled: String,
    /// Whether to ring the person.
    pub callback: bool,
}

impl Follow {
    /// Follows until `stop`, from the end of the log as it is now. While the log is away it tries again and again.
    pub async fn run(self, stop: CancellationToken) {
        _ = stop.run_until_cancelled(self.follow()).await;
    }

    async fn follow(self) {
        let upcasters = Upcasters::current();
        let mut wakeups = self.log.wakeups();
        let mut cursor: Option<Position> = None;
        let mut dirty: Option<Position> = Some(Position::START);
        loop {
            wakeups.mark_unchanged();
            let turn = async {
                let from = match cursor {
                    Some(from) => from,
                    None => self.log.head().await?,
                };
                cursor = Some(from);
                let page = self.log.read(from, PAGE).await?;
                let more = page.events.len() >= PAGE as usize;
                for stored in page.events {
                    if self.take(&upcasters, stored).await? {
                        dirty = Some(page.cursor);
                    }
                }
                cursor = Some(page.cursor);
                if let Some(position) = dirty.filter(|_| !more) {
                    self.read_accounts(position).await?;
                    dirty = None;
                }
                Ok::<bool, Fault>(more)
            };
            let more = turn.await.unwrap_or_else(|fault| {
                let error = &fault as &dyn std::error::Error;
                tracing::warn!(error, "the log can't be followed; calls go on, and it is tried again");
                false
            });
            if !more {
                tokio::select! {
                    _ = wakeups.changed() => {}
                    () = tokio::time::sleep_until(Instant::now() + IDLE) => {}
                }
            }
        }
    }

    /// Takes one event; true where it changed an account.
    async fn take(&self, upcasters: &Upcasters, stored: Recorded<Stored>) -> Result<bool, Fault> {
        let mut changed = false;
        for stored in upcasters.recorded(stored)? {
            // What a newer version wrote is not for this one.
            let Ok(recorded) = decode(stored) else { continue };
            match &recorded.event {
                Event::Call(happened) => self.take_call(&recorded, happened).await?,
                Event::SipAccount(happened) => changed |= changes_wishes(happened),
                Event::Person(_) => {}
            }
        }
        Ok(changed)
    }

    async fn take_call(&self, recorded: &Recorded<Event>, happened: &CallHappened) -> Result<(), Fault> {
        self.show_card(recorded, happened);
        let CallHappened::CallRequested { by, account, number, dialled, .. } = happened else {
            return Ok(());
        };
        // What a phone dialled is under way already.
        let by_us = recorded.context.by == Actor::Gateway;
        let stale = self.clock.now() - recorded.context.at > FRESH;
        let elsewhere = !self.held.borrow().has(*by);
        if by_us || stale || elsewhere {
            return Ok(());
        }
        let Ok(call) = recorded.stream.parse::<CallId>() else { return Ok(()) };
        let (person, _) = self.dispatcher.load::<Person>(&by.to_string()).await?;
        let number = self.open(number, Purpose::far_number(call)).await;
        let dialled = self.open(dialled, Purpose::dialled(call)).await;
        let (Some(number), Some(dialled)) = (number, dialled) else {
            tracing::warn!(%call, "the number of a call can't be opened, so it is not taken");
            return Ok(());
        };
        let callback = person.callback_mode;
        let request = Request { call, user: *by, account: *account, number, dialled, callback };
        tracing::info!(%call, segment = %Segment::of(*by), "a call was asked for");
        // The receiver lives as long as the process works.
        _ = self.requests.send(request).await;
        Ok(())
    }

    /// The card of a call that begins here goes into the person's chat with their service account. The bot draws it; where
    /// none is sent, it shows the card in its own chat (product reference 8.2).
    fn show_card(&self, recorded: &Recorded<Event>, happened: &CallHappened) {
        let (CallHappened::CallRequested { by: user, .. } | CallHappened::CallOffered { user, .. }) =
            happened
        else {
            return;
        };
        let stale = self.clock.now() - recorded.context.at > FRESH;
        let Ok(call) = recorded.stream.parse::<CallId>() else { return };
        if stale || !self.held.borrow().has(*user) || !self.telegram.is_on() {
            return;
        }
        self.telegram.show_card(*user, call, self.bot.clone(), Query::Card(call).to_string());
    }

    async fn open(&self, sealed: &Sealed, purpose: Purpose) -> Option<String> {
        let opened = self.vault.open_text(sealed, &purpose).await;
        opened.ok().map(|text| text.expose_secret().to_owned())
    }

    /// Waits until the read model shows what was recorded, and reads it.
    async fn read_accounts(&self, position: Position) -> Result<(), Fault> {
        use event_store::projection::Projection as _;
        if let Err(error) = self.followers.wait_for(WantedRegistrations::TABLE.name, position, PATIENCE).await
        {
            tracing::debug!(%error, "the read model of accounts is behind");
        }
        let read = Arc::new(Directory::read(&*self.database).await?);
        self.directory.send_if_modified(|directory| {
            let changed = **directory != *read;
            if changed {
                *directory = read;
            }
            changed
        });
        Ok(())
    }
}

/// Whether an event changes what is to be registered, or how calls of the account go. Reports do not.
fn changes_wishes(event: &AccountHappened) -> bool {
    !matches!(event, AccountHappened::AccountRegistered { .. } | AccountHappened::RegistrationFailed { .. })
}
