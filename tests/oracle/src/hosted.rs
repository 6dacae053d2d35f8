//! Our pure aggregates in postgres-es: what somebody would write who builds on the stock crates.

use crate::script::{self, Ask, Step};
use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::PersistedEventStore;
use cqrs_es::{Aggregate, AggregateError, CqrsFramework, DomainEvent, EventStore as _};
use domain::decider::Decider;
use domain::log::Context;
use domain::person::{self, Person};
use domain::sip_account::{self, SipAccount};
use postgres_es::{PostgresEventRepository, postgres_cqrs};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::{Pool, Postgres};
use std::collections::HashMap;
use std::fmt::Debug;
use std::marker::PhantomData;

/// An aggregate of ours that cqrs-es can host.
pub trait Hostable: Decider<Event: Fact> + Serialize + DeserializeOwned + Debug {}

impl Hostable for SipAccount {}
impl Hostable for Person {}

/// An event of ours.
pub trait Fact: Serialize + DeserializeOwned + Debug + PartialEq {
    /// Its name.
    fn name(&self) -> &'static str;
    /// The version of its format.
    fn schema(&self) -> u16;
}

macro_rules! fact {
    ($event:ty) => {
        impl Fact for $event {
            fn name(&self) -> &'static str {
                self.name()
            }

            fn schema(&self) -> u16 {
                self.schema()
            }
        }
    };
}

fact!(sip_account::Event);
fact!(person::Event);

/// The aggregate as cqrs-es wants it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(bound = "D: Hostable")]
pub struct Hosted<D: Hostable>(pub D);

/// Its event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent, bound = "D: Hostable")]
pub struct Payload<D: Hostable>(pub D::Event, #[serde(skip)] PhantomData<fn() -> D>);

impl<D: Hostable + PartialEq> DomainEvent for Payload<D> {
    fn event_type(&self) -> String {
        self.0.name().to_owned()
    }

    fn event_version(&self) -> String {
        self.0.schema().to_string()
    }
}

impl<D: Hostable + PartialEq> Aggregate for Hosted<D> {
    const TYPE: &'static str = D::NAME;
    type Command = (D::Command, Context);
    type Event = Payload<D>;
    type Error = D::Refusal;
    type Services = ();

    async fn handle(
        &mut self,
        (command, context): Self::Command,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), D::Refusal> {
        for event in self.0.decide(command, &context)? {
            sink.write(Payload(event, PhantomData), self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Payload<D>) {
        self.0.evolve(&event.0);
    }
}

/// Runs the script through postgres-es; returns what it recorded and what was refused.
///
/// # Errors
///
/// postgres-es fails.
pub async fn run(pool: &Pool<Postgres>, steps: Vec<Step>) -> Result<Vec<String>, AnyError> {
    let accounts = postgres_cqrs::<Hosted<SipAccount>>(pool.clone(), Vec::new(), ());
    let people = postgres_cqrs::<Hosted<Person>>(pool.clone(), Vec::new(), ());
    let mut lines = Vec::new();
    for (number, Step { ask, context }) in steps.into_iter().enumerate() {
        let refused = match ask {
            Ask::Account(id, command) => execute(&accounts, id, command, context).await?,
            Ask::Person(id, command) => execute(&people, id, command, context).await?,
        };
        lines.extend(refused.map(|why| script::refusal(number, &why)));
    }
    lines.extend(recorded_all(pool).await?);
    Ok(lines)
}

/// Every event of ours in postgres-es's table, stream by stream.
///
/// # Errors
///
/// postgres-es fails.
pub async fn recorded_all(pool: &Pool<Postgres>) -> Result<Vec<String>, AnyError> {
    let sql = "SELECT DISTINCT aggregate_type, aggregate_id FROM events ORDER BY 1, 2";
    let streams: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(pool).await?;
    let mut lines = Vec::new();
    for (category, id) in streams {
        match category.as_str() {
            Person::NAME => lines.extend(recorded::<Person>(pool, &id).await?),
            SipAccount::NAME => lines.extend(recorded::<SipAccount>(pool, &id).await?),
            _ => {}
        }
    }
    Ok(lines)
}

/// Whatever went wrong in postgres-es.
pub type AnyError = Box<dyn std::error::Error + Send + Sync>;

type Store<D> = PersistedEventStore<PostgresEventRepository, Hosted<D>>;

/// Executes one command; a refusal is returned as its words.
async fn execute<D: Hostable + PartialEq>(
    framework: &CqrsFramework<Hosted<D>, Store<D>>,
    id: &str,
    command: D::Command,
    context: Context,
) -> Result<Option<String>, AnyError> {
    let by = serde_json::to_string(&context.by)?;
    let metadata = HashMap::from([("by".to_owned(), by), ("at".to_owned(), context.at.to_rfc3339())]);
    match framework.execute_with_metadata(id, (command, context), metadata).await {
        Ok(()) => Ok(None),
        Err(AggregateError::UserError(refusal)) => Ok(Some(refusal.to_string())),
        Err(error) => Err(error.to_string().into()),
    }
}

async fn recorded<D: Hostable + PartialEq>(pool: &Pool<Postgres>, id: &str) -> Result<Vec<String>, AnyError> {
    let store: Store<D> = PersistedEventStore::new_event_store(PostgresEventRepository::new(pool.clone()));
    let events = store.load_events(id).await.map_err(|error| error.to_string())?;
    let mut lines = Vec::new();
    for envelope in events {
        let metadata = |key: &str| envelope.metadata.get(key).map(String::as_str).unwrap_or_default();
        let context = Context { by: serde_json::from_str(metadata("by"))?, at: metadata("at").parse()? };
        let payload = serde_json::to_value(&envelope.payload)?;
        let name = envelope.payload.0.name();
        lines.push(script::event(D::NAME, id, envelope.sequence as u64, name, &payload, context));
    }
    Ok(lines)
}
