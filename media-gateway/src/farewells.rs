//! What is to be said to far ends should this process die, kept in the database; and what dead processes have left, said.

use crate::registrations;
use domain::ids::AccountNumber;
use domain::sealed::Sealed;
use event_store::clock::Clock;
use event_store::log::Fault;
use event_store::segments;
use event_store::sql::{Database, Row, Statement, TransactError, Type};
use event_store::vault::{Purpose, Subject, Vault};
use secrecy::ExposeSecret as _;
use sip::{Farewell, UserAgent};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Between two looks for calls of dead processes.
const LOOK: Duration = Duration::from_secs(2);

/// How long a call may take to say what its last word would be.
const PATIENCE: Duration = Duration::from_secs(5);

/// A change of what is kept.
#[derive(Debug)]
pub enum Change {
    /// Both sides have answered: keep its last word.
    Keep {
        /// The call.
        call: sip::Call,
        /// Through which account it goes.
        account: AccountNumber,
    },
    /// It is over.
    Drop {
        /// Which.
        call: sip::CallId,
    },
}

/// What keeping works with.
pub struct Farewells {
    /// Where they are kept.
    pub database: Arc<dyn Database>,
    /// Seals them.
    pub vault: Arc<Vault>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Says them.
    pub agent: UserAgent,
    /// The name of this process.
    pub process: String,
}

/// A row of a dead process.
struct Left {
    process: String,
    call: i64,
    account: AccountNumber,
    sealed: Sealed,
}

impl Farewells {
    /// Keeps, drops and looks around until `stop`.
    pub async fn run(self, mut changes: mpsc::Receiver<Change>, stop: CancellationToken) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                () = stop.cancelled() => break,
                Some(change) = changes.recv() => self.change(change).await,
                _ = looks.tick() => self.hang_up_what_is_left().await,
            };
            if let Err(fault) = done {
                let error = &fault as &dyn std::error::Error;
                tracing::warn!(error, "last words of calls can't be kept at the moment");
            }
        }
        // Calls that ended on the way out.
        while let Ok(change) = changes.try_recv() {
            if let Err(fault) = self.change(change).await {
                tracing::debug!(error = &fault as &dyn std::error::Error, "a last word stays behind");
                return;
            }
        }
    }

    async fn change(&self, change: Change) -> Result<(), Fault> {
        match change {
            Change::Keep { call, account } => {
                // One that has ended meanwhile needs none.
                let Ok(Ok(farewell)) = tokio::time::timeout(PATIENCE, call.farewell()).await else {
                    return Ok(());
                };
                let id = key(call.id());
                let subject = Subject::system("farewells");
                let text = farewell.to_string();
                let purpose = purpose(&self.process, id);
                let sealed = self.vault.seal(&subject, &purpose, text.as_bytes()).await?;
                let sql = "INSERT INTO media_farewells (process, call, account, farewell) VALUES ($1, $2, $3, $4) \
                           ON CONFLICT (process, call) DO UPDATE SET farewell = excluded.farewell";
                let process = self.process.clone().into();
                let values = [process, id.into(), i64::from(account.get()).into(), sealed.as_text().into()];
                self.write(Statement::new(sql, values)).await.map(drop)
            }
            Change::Drop { call } => self.delete(&self.process, key(call)).await.map(drop),
        }
    }

    /// Hangs up what dead processes have left behind.
    async fn hang_up_what_is_left(&self) -> Result<(), Fault> {
        let now = self.clock.now();
        let alive = segments::processes(&*self.database).await?;
        let alive: BTreeSet<String> =
            alive.into_iter().filter(|it| it.until > now).map(|it| it.process).collect();
        // Until this process has told that it lives, it can't tell who else does.
        if !alive.contains(&self.process) {
            return Ok(());
        }
        for left in self.rows().await?.into_iter().filter(|left| !alive.contains(&left.process)) {
            // Whoever deletes it says it.
            if self.delete(&left.process, left.call).await? {
                self.say(&left).await;
            }
        }
        Ok(())
    }

    async fn say(&self, left: &Left) {
        let opened = self.vault.open_text(&left.sealed, &purpose(&left.process, left.call)).await;
        let farewell = opened.ok().and_then(|text| text.expose_secret().parse::<Farewell>().ok());
        let Some(farewell) = farewell else {
            tracing::warn!(account = %left.account, "the last word of a call can't be read");
            return;
        };
        tracing::info!(account = %left.account, "hanging up a call that a dead process left behind");
        self.agent.say_farewell(&farewell, Some(registrations::key(left.account))).await;
    }

    async fn rows(&self) -> Result<Vec<Left>, Fault> {
        let sql = "SELECT process, call, account, farewell FROM media_farewells WHERE process <> $1";
        let types = [Type::Text, Type::Int, Type::Int, Type::Text];
        let rows = self.database.query(Statement::new(sql, [self.process.clone().into()]), &types).await?;
        rows.iter().map(left).collect()
    }

    /// False: somebody else has deleted it.
    async fn delete(&self, process: &str, call: i64) -> Result<bool, Fault> {
        let sql = "DELETE FROM media_farewells WHERE process = $1 AND call = $2";
        self.write(Statement::new(sql, [process.to_owned().into(), call.into()])).await
    }

    async fn write(&self, statement: Statement) -> Result<bool, Fault> {
        let done = self.database.transact(vec![statement]).await;
        let rows = done.map_err(|error| match error {
            TransactError::Fault(fault) => fault,
            raced @ TransactError::Raced { .. } => Fault::new("keep the last word of a call", raced),
        })?;
        Ok(rows.first().is_some_and(|rows| *rows > 0))
    }
}

fn left(row: &Row) -> Result<Left, Fault> {
    let account = u32::try_from(row.int(2)?).map_err(|error| Fault::new("read an account", error))?;
    let account = AccountNumber::try_from(account).map_err(|error| Fault::new("read an account", error))?;
    Ok(Left { process: row.text(0)?, call: row.int(1)?, account, sealed: Sealed::from_text(row.text(3)?) })
}

fn key(call: sip::CallId) -> i64 {
    i64::try_from(call.0).unwrap_or(i64::MAX)
}

fn purpose(process: &str, call: i64) -> Purpose {
    Purpose::new(format!("farewell of {call} at {process}"))
}
