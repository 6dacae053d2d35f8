//! Commands in, events in the log: load, decide, append, and again when somebody was faster.

use crate::codec::{Kept, Upcasters};
pub use crate::cqrs::Cause;
use crate::cqrs::{Hosted, Store, Working};
use crate::log::{AppendError, EventLog, Fault};
use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate as _, AggregateContext as _};
use domain::log::{Context, Position};
use std::sync::Arc;

/// How many times a command is decided anew when another one was appended meanwhile.
const TRIES: u32 = 8;

/// What the platform is set to as far as commands are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many accounts one person may own (product reference X1; 20 unless set).
    pub accounts_per_owner: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { accounts_per_owner: 20 }
    }
}

/// Takes commands to their aggregates. Cheap to clone.
#[derive(Clone)]
pub struct Dispatcher {
    log: Arc<dyn EventLog>,
    upcasters: Arc<Upcasters>,
    limits: Limits,
    tenant: u32,
}

/// A command that was done.
#[derive(Debug, Clone)]
pub struct Done<D: Kept> {
    /// What was recorded; empty where everything was so already.
    pub events: Vec<D::Event>,
    /// Where the last event stands, to wait for; none where nothing was recorded.
    pub position: Option<Position>,
    /// The state after it.
    pub state: D,
    /// The version of the stream after it.
    pub version: u64,
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError<R: std::error::Error + 'static> {
    /// The rules say no. For people.
    #[error("{0}")]
    Refused(R),
    /// The owner has as many accounts as an owner may have. For people.
    #[error("all {limit} places are held")]
    Full {
        /// How many an owner may have.
        limit: u32,
    },
    /// Something broke. For us.
    #[error("the command failed")]
    Fault(#[source] Fault),
}

impl<R: std::error::Error + 'static> From<Fault> for ExecuteError<R> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Dispatcher {
    /// A dispatcher over this log.
    pub fn new(log: Arc<dyn EventLog>, limits: Limits) -> Self {
        Self { log, upcasters: Arc::new(Upcasters::current()), limits, tenant: 0 }
    }

    /// The log it appends to.
    #[must_use]
    pub fn log(&self) -> &Arc<dyn EventLog> {
        &self.log
    }

    /// What the platform is set to.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The state of one aggregate now, and the version of its stream.
    ///
    /// # Errors
    ///
    /// The log can't be read.
    pub async fn load<D>(&self, id: &str) -> Result<(D, u64), Fault>
    where
        D: Kept + std::fmt::Debug + PartialEq,
    {
        let working = self.store::<D>().working(id).await?;
        Ok((working.state().clone(), working.version()))
    }

    /// Decides a command and records the decision, or says why not. A command with a dedup key that was done before
    /// records nothing and gives the state as it is.
    ///
    /// # Errors
    ///
    /// A refusal, a limit, or a fault; after a fault it is unknown whether the command was done, so repeat it with the
    /// same dedup key.
    pub async fn execute<D>(
        &self,
        id: &str,
        command: D::Command,
        context: Context,
        cause: &Cause,
    ) -> Result<Done<D>, ExecuteError<D::Refusal>>
    where
        D: Kept + std::fmt::Debug + PartialEq,
    {
        let store = self.store::<D>();
        let mut tries = 0;
        loop {
            let before = store.working(id).await?;
            let (events, after) = decide(before, command.clone(), context).await?;
            if events.is_empty() {
                return Ok(done(events, None, &after, after.version()));
            }
            let version = after.version() + events.len() as u64;
            match store.append(&events, &after, context, cause).await {
                Ok(position) => return Ok(done(events, Some(position), &after, version)),
                Err(AppendError::Conflict | AppendError::Taken { .. }) if tries < TRIES => {
                    tries += 1;
                    // The winner's events are in the log already; yielding lets its waiters run first.
                    tokio::task::yield_now().await;
                }
                Err(AppendError::Duplicate { first }) => {
                    let now = store.working(id).await?;
                    let version = now.version();
                    return Ok(done(Vec::new(), Some(first), &now, version));
                }
                Err(AppendError::Full { limit, .. }) => return Err(ExecuteError::Full { limit }),
                Err(AppendError::Conflict) => {
                    return Err(
                        Fault::because(format!("{}/{id} changed {TRIES} times in a row", D::NAME)).into()
                    );
                }
                Err(AppendError::Taken { scope, key }) => {
                    return Err(Fault::because(format!("{scope}/{key} is held by another stream")).into());
                }
                Err(AppendError::Fault(fault) | AppendError::Unavailable(fault)) => return Err(fault.into()),
            }
        }
    }

    fn store<D: Kept + std::fmt::Debug + PartialEq>(&self) -> Store<D> {
        let (log, upcasters) = (Arc::clone(&self.log), Arc::clone(&self.upcasters));
        Store::new(log, upcasters, self.limits.accounts_per_owner, self.tenant)
    }
}

async fn decide<D: Kept + std::fmt::Debug + PartialEq>(
    mut working: Working<D>,
    command: D::Command,
    context: Context,
) -> Result<(Vec<D::Event>, Working<D>), ExecuteError<D::Refusal>> {
    let sink: EventSink<Hosted<D>> = EventSink::default();
    working.aggregate().handle((command, context), &(), &sink).await.map_err(ExecuteError::Refused)?;
    let events = sink.collect().await.into_iter().map(|payload| payload.0).collect();
    Ok((events, working))
}

fn done<D: Kept + std::fmt::Debug + PartialEq>(
    events: Vec<D::Event>,
    position: Option<Position>,
    working: &Working<D>,
    version: u64,
) -> Done<D> {
    Done { events, position, state: working.state().clone(), version }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::memory::Memory;
    use crate::cqrs::Payload;
    use chrono::{DateTime, TimeDelta, Utc};
    use cqrs_es::EventStore as _;
    use cqrs_es::test::TestFramework;
    use domain::ids::UserId;
    use domain::settings::Settings;
    use domain::sip_account::{Change, Command, Event, Origin, Refusal, SipAccount};
    use std::collections::HashMap;
    use uuid::Uuid;

    const ACCOUNT: &str = "123456789";
    const OLGA: UserId = UserId(1);
    const IVAN: UserId = UserId(2);

    #[tokio::test]
    async fn a_command_gives_back_what_it_recorded_and_where() {
        let dispatcher = dispatcher(20);

        let done = create(&dispatcher, ACCOUNT).await.expect("created");

        assert!(matches!(done.events.first(), Some(Event::AccountCreated { owner: OLGA, .. })));
        assert_eq!(done.position, Some(dispatcher.log().head().await.expect("readable")));
        assert_eq!(done.state.owner(), Some(OLGA));
        assert_eq!(dispatcher.load::<SipAccount>(ACCOUNT).await.expect("readable").0, done.state);
    }

    #[tokio::test]
    async fn a_refusal_records_nothing() {
        let dispatcher = dispatcher(20);
        let refused =
            dispatcher.execute::<SipAccount>(ACCOUNT, Command::Delete, olga(0), &Cause::default()).await;
        assert!(matches!(refused, Err(ExecuteError::Refused(Refusal::NoSuchAccount))), "{refused:?}");
        assert_eq!(dispatcher.log().head().await.expect("readable"), Position::START);
    }

    #[tokio::test]
    async fn the_same_update_records_its_change_once() {
        let dispatcher = dispatcher(20);
        create(&dispatcher, ACCOUNT).await.expect("created");
        let cause = Cause { text: Some("update 7".into()), dedup: Some(Uuid::from_u128(7)) };
        let switch = |command| dispatcher.execute::<SipAccount>(ACCOUNT, command, olga(1), &cause);

        let first = switch(Command::SwitchOff).await.expect("done");
        dispatcher
            .execute::<SipAccount>(ACCOUNT, Command::SwitchOn, olga(2), &Cause::default())
            .await
            .expect("done");
        let again = switch(Command::SwitchOff).await.expect("done before");

        assert_eq!((again.events.len(), again.position), (0, first.position));
        assert_eq!(again.version, first.version + 1, "the account stays switched on");
    }

    #[tokio::test]
    async fn an_owner_has_so_many_places_and_no_more_and_a_deleted_account_frees_one() {
        let dispatcher = dispatcher(2);
        create(&dispatcher, "100000001").await.expect("the first place");
        create(&dispatcher, "100000002").await.expect("the second place");

        let third = create(&dispatcher, "100000003").await;
        assert!(matches!(third, Err(ExecuteError::Full { limit: 2 })), "{third:?}");

        let none = Cause::default();
        dispatcher
            .execute::<SipAccount>("100000001", Command::Delete, olga(1), &none)
            .await
            .expect("deleted");
        create(&dispatcher, "100000003").await.expect("the place that came free");
    }

    #[tokio::test]
    async fn commands_that_meet_on_one_account_are_all_decided() {
        let dispatcher = dispatcher(20);
        create(&dispatcher, ACCOUNT).await.expect("created");
        let rename = |n: u32| {
            let dispatcher = dispatcher.clone();
            async move {
                let name = format!("Office {n}").parse().expect("a name");
                let command = Command::Change(Change::Name(Some(name)));
                dispatcher.execute::<SipAccount>(ACCOUNT, command, olga(1), &Cause::default()).await
            }
        };

        let all = futures::future::join_all((0..6).map(rename)).await;

        assert!(all.iter().all(Result::is_ok), "{all:?}");
        let (_, version) = dispatcher.load::<SipAccount>(ACCOUNT).await.expect("readable");
        let created = create_events();
        assert_eq!(version, created + 6);
    }

    #[tokio::test]
    async fn a_long_stream_is_read_from_its_snapshot_and_gives_the_same_state() {
        let dispatcher = dispatcher(20);
        create(&dispatcher, ACCOUNT).await.expect("created");
        for n in 0..120 {
            let name = format!("Office {n}").parse().expect("a name");
            let command = Command::Change(Change::Name(Some(name)));
            dispatcher
                .execute::<SipAccount>(ACCOUNT, command, olga(n), &Cause::default())
                .await
                .expect("done");
        }

        let stream = crate::log::StreamId::new("sip_account", ACCOUNT);
        let short = dispatcher.log().load(&stream, true).await.expect("readable");
        let whole = dispatcher.log().load(&stream, false).await.expect("readable");
        assert!(short.snapshot.is_some() && short.events.len() < 100, "{} events", short.events.len());

        let replayed: Vec<Event> = whole
            .events
            .iter()
            .map(|recorded| crate::codec::decode_as::<SipAccount>(&recorded.event).expect("valid"))
            .collect();
        let from_snapshot = dispatcher.load::<SipAccount>(ACCOUNT).await.expect("readable").0;
        assert_eq!(from_snapshot, <SipAccount as domain::decider::Decider>::fold(&replayed));
    }

    #[test]
    fn our_aggregates_run_in_the_test_framework_of_cqrs_es() {
        TestFramework::<Hosted<SipAccount>>::with(())
            .given(vec![Payload::new(created())])
            .when((Command::SwitchOff, olga(1)))
            .then_expect_events(vec![Payload::new(Event::AccountSwitchedOff)]);
        TestFramework::<Hosted<SipAccount>>::with(())
            .given(vec![Payload::new(created())])
            .when((Command::SwitchOff, Context::person(IVAN, at(1))))
            .then_expect_error(Refusal::NotYours);
    }

    #[tokio::test]
    async fn our_log_is_an_event_store_of_cqrs_es() {
        let store: Store<SipAccount> =
            Store::new(Arc::new(Memory::new()), Arc::new(Upcasters::current()), 20, 0);
        let by = serde_json::to_string(&domain::log::Actor::Person(OLGA)).expect("JSON");
        let metadata = HashMap::from([("by".to_owned(), by), ("at".to_owned(), at(0).to_rfc3339())]);

        let mut working = store.load_aggregate(ACCOUNT).await.expect("readable");
        let sink = EventSink::default();
        sink.write(Payload::new(created()), working.aggregate()).await;
        let committed = store.commit(sink.collect().await, working, metadata).await.expect("committed");

        let read = store.load_events(ACCOUNT).await.expect("readable");
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].payload, committed[0].payload);
        assert_eq!(read[0].metadata["$position"], committed[0].metadata["$position"]);
    }

    async fn create(
        dispatcher: &Dispatcher,
        number: &str,
    ) -> Result<Done<SipAccount>, ExecuteError<Refusal>> {
        let command = Command::Create { origin: Origin::Menu, settings: Box::new(Settings::default()) };
        dispatcher.execute::<SipAccount>(number, command, olga(0), &Cause::default()).await
    }

    fn create_events() -> u64 {
        let command = Command::Create { origin: Origin::Menu, settings: Box::new(Settings::default()) };
        let events =
            domain::decider::Decider::decide(&SipAccount::default(), command, &olga(0)).expect("allowed");
        events.len() as u64
    }

    fn created() -> Event {
        Event::AccountCreated {
            owner: OLGA,
            origin: Origin::Menu,
            settings: Settings::default(),
            offer: None,
        }
    }

    fn olga(minutes: i64) -> Context {
        Context::person(OLGA, at(minutes))
    }

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_225_600, 0).unwrap_or_default() + TimeDelta::minutes(minutes)
    }

    fn dispatcher(accounts_per_owner: u32) -> Dispatcher {
        Dispatcher::new(Arc::new(Memory::new()), Limits { accounts_per_owner })
    }
}
