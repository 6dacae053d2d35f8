//! What followers promise, on every database.

use super::parked::{self, Wish};
use super::testing::{
    Process, SOON, Switches, append, append_all, append_raw, noon, on_each_database, rows, until,
};
use super::{Followed, Followers, model, status};
use crate::clock::ManualClock;
use crate::codec::encode;
use crate::log::{Fault, NewEvent};
use crate::open::Opened;
use crate::projection::{Column, Key, Projection, Table};
use crate::reactor::{Reactor, reactor};
use crate::sql::{Database, Row, Statement, Type, Value};
use async_trait::async_trait;
use chrono::TimeDelta;
use domain::Event;
use domain::ids::Revision;
use domain::log::{Position, Recorded};
use domain::sip_account::{Event as Happened, SipAccount};
use std::sync::Arc;

#[tokio::test]
async fn a_read_model_follows_the_log_and_whoever_waits_reads_their_own_write() {
    on_each_database(async |opened| {
        let process = start(&opened, "one");
        append(&*opened.log, "100000001", 1, Happened::AccountSwitchedOn).await;
        append(&*opened.log, "100000002", 1, Happened::AccountSwitchedOn).await;
        let last = append(&*opened.log, "100000001", 2, Happened::AccountSwitchedOff).await;

        process.followers.wait_for("switches", last, SOON).await.unwrap();
        assert_eq!(rows(&*db(&opened)).await, [("100000002".to_owned(), 1)]);
        process.stop().await;
    })
    .await;
}

#[tokio::test]
async fn another_process_that_only_reads_can_wait_too() {
    on_each_database(async |opened| {
        let process = start(&opened, "one");
        let reader = followers(&opened, "reader");
        let last = append(&*opened.log, "100000001", 1, Happened::AccountSwitchedOn).await;

        reader.wait_for("switches", last, SOON).await.unwrap();
        assert_eq!(rows(&*db(&opened)).await.len(), 1);
        process.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_follower_goes_on_after_a_restart_where_it_was() {
    on_each_database(async |opened| {
        let process = start(&opened, "one");
        let first = append(&*opened.log, "100000001", 1, Happened::AccountSwitchedOn).await;
        process.followers.wait_for("switches", first, SOON).await.unwrap();
        process.stop().await;

        let second = append(&*opened.log, "100000001", 2, Happened::AccountSwitchedOn).await;
        let process = start(&opened, "two");
        process.followers.wait_for("switches", second, SOON).await.unwrap();
        assert_eq!(rows(&*db(&opened)).await, [("100000001".to_owned(), 2)]);
        process.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_poisonous_event_stops_its_own_stream_and_no_other() {
    on_each_database(async |opened| {
        let process = start(&opened, "one");
        append(&*opened.log, "100000001", 1, Happened::AccountSwitchedOn).await;
        append(&*opened.log, "100000001", 2, poison()).await;
        append(&*opened.log, "100000001", 3, Happened::AccountSwitchedOff).await;
        let last = append(&*opened.log, "100000002", 1, Happened::AccountSwitchedOn).await;
        process.followers.wait_for("switches", last, SOON).await.unwrap();

        let stands = rows(&*db(&opened)).await;
        assert_eq!(stands, [("100000001".to_owned(), 1), ("100000002".to_owned(), 1)]);
        let parked = parked::list(&*db(&opened)).await.unwrap();
        assert_eq!(parked.len(), 2, "the event and the one behind it: {parked:?}");
        assert!(parked[0].error.as_ref().unwrap().contains("this event is poison"), "{parked:?}");
        assert_eq!(parked[1].error, None);

        assert_eq!(
            parked::wish(&*db(&opened), "switches", "sip_account/100000001", Wish::Skip).await.unwrap(),
            2
        );
        until(async || parked::list(&*db(&opened)).await.unwrap().is_empty()).await;
        assert_eq!(rows(&*db(&opened)).await, [("100000002".to_owned(), 1)]);

        let last = append(&*opened.log, "100000001", 4, Happened::AccountSwitchedOn).await;
        process.followers.wait_for("switches", last, SOON).await.unwrap();
        assert_eq!(rows(&*db(&opened)).await.len(), 2, "the stream goes on");
        process.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_event_that_fails_again_stays_parked() {
    on_each_database(async |opened| {
        let process = start(&opened, "one");
        append(&*opened.log, "100000001", 1, poison()).await;
        let last = append(&*opened.log, "100000001", 2, Happened::AccountSwitchedOn).await;
        process.followers.wait_for("switches", last, SOON).await.unwrap();

        parked::wish(&*db(&opened), "switches", "sip_account/100000001", Wish::Retry).await.unwrap();
        until(async || parked::list(&*db(&opened)).await.unwrap().iter().all(|event| !event.pending)).await;
        assert_eq!(parked::list(&*db(&opened)).await.unwrap().len(), 2);
        process.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_event_of_an_unknown_kind_is_parked_and_not_passed_over() {
    on_each_database(async |opened| {
        let process = start(&opened, "one");
        let payload = r#"{"type":"NotYetInvented"}"#.to_owned();
        let event =
            NewEvent { id: uuid::Uuid::now_v7(), event_type: "NotYetInvented".into(), schema: 1, payload };
        let last = append_raw(&*opened.log, "100000001", 1, event).await;
        process.followers.wait_for("switches", last, SOON).await.unwrap();
        assert_eq!(parked::list(&*db(&opened)).await.unwrap().len(), 1);
        process.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_process_that_died_is_followed_by_another_once_its_lease_is_over() {
    on_each_database(async |opened| {
        let clock = ManualClock::at(noon());
        let dead = followers_at(&opened, &clock, "dead");
        let lost = dead.claim(&switches(), false).await.unwrap().expect("nobody holds it");

        let heir = followers_at(&opened, &clock, "heir");
        assert!(heir.claim(&switches(), false).await.unwrap().is_none(), "the lease still runs");
        clock.advance(TimeDelta::seconds(4));
        assert!(heir.claim(&switches(), false).await.unwrap().is_some());

        let mut lost = lost;
        let to = Position { pos: 7, ..Position::START };
        let write = Statement::new("INSERT INTO switches_v1 (stream, seen) VALUES ('x', 1)", []);
        let late = dead.desk.advance(&mut lost, vec![write], to).await;
        assert!(matches!(late, Err(super::Stopped::Fenced)), "{late:?}");
        assert_eq!(rows(&*db(&opened)).await, [], "what the dead process still sends changes nothing");
    })
    .await;
}

#[tokio::test]
async fn two_processes_share_the_work_and_never_do_it_twice() {
    on_each_database(async |opened| {
        let one = start(&opened, "one");
        let two = start(&opened, "two");
        let mut last = Position::START;
        for version in 1..=200 {
            last = append(&*opened.log, "100000001", version, Happened::AccountSwitchedOn).await;
        }
        one.followers.wait_for("switches", last, SOON).await.unwrap();
        two.followers.wait_for("switches", last, SOON).await.unwrap();
        assert_eq!(rows(&*db(&opened)).await, [("100000001".to_owned(), 200)]);
        one.stop().await;

        let last = append(&*opened.log, "100000001", 201, Happened::AccountSwitchedOff).await;
        two.followers.wait_for("switches", last, SOON).await.unwrap();
        assert_eq!(rows(&*db(&opened)).await, []);
        two.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_rebuild_takes_the_name_over_while_the_follower_goes_on() {
    on_each_database(async |opened| {
        let process = start(&opened, "one");
        for version in 1..=50 {
            append(&*opened.log, "100000001", version, Happened::AccountSwitchedOn).await;
        }
        let last = append(&*opened.log, "100000002", 1, Happened::AccountSwitchedOn).await;
        process.followers.wait_for("switches", last, SOON).await.unwrap();
        let damage = Statement::new("DELETE FROM switches_v1", []);
        db(&opened).transact(vec![damage]).await.unwrap();

        let rebuilt = process.followers.rebuild(model(Switches).as_ref(), &|_| {}).await.unwrap();
        assert_eq!((rebuilt.table.as_str(), rebuilt.events), ("switches_v2", 51));
        let healed = [("100000001".to_owned(), 50), ("100000002".to_owned(), 1)];
        assert_eq!(rows(&*db(&opened)).await, healed);
        let old = Statement::new("SELECT seen FROM switches_v1", []);
        assert!(db(&opened).query(old, &[Type::Int]).await.is_err(), "the old table is gone");

        let last = append(&*opened.log, "100000002", 2, Happened::AccountSwitchedOff).await;
        process.followers.wait_for("switches", last, SOON).await.unwrap();
        assert_eq!(rows(&*db(&opened)).await.len(), 1);
        process.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_long_log_is_followed_and_rebuilt_alike() {
    on_each_database(async |opened| {
        let mut last = Position::START;
        for stream in ["100000001", "100000002", "100000003", "100000004"] {
            let events =
                (0..1_500).map(|_| encode::<SipAccount>(&Happened::AccountSwitchedOn, uuid::Uuid::now_v7()));
            last = append_all(&*opened.log, stream, 1, events.collect::<Result<_, _>>().unwrap()).await;
        }
        let process = start(&opened, "one");
        process.followers.wait_for("switches", last, SOON).await.unwrap();
        let followed = rows(&*db(&opened)).await;
        assert_eq!(followed.iter().map(|(_, seen)| *seen).collect::<Vec<_>>(), [1_500; 4]);

        let rebuilt = process.followers.rebuild(model(Switches).as_ref(), &|_| {}).await.unwrap();
        assert_eq!((rebuilt.events, rows(&*db(&opened)).await), (6_000, followed));
        process.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_new_shape_is_made_from_the_whole_log_before_anybody_reads_it() {
    on_each_database(async |opened| {
        let process = start(&opened, "one");
        let last = append(&*opened.log, "100000001", 1, Happened::AccountSwitchedOn).await;
        process.followers.wait_for("switches", last, SOON).await.unwrap();
        process.stop().await;

        let newer = followers(&opened, "newer");
        newer.prepare(&[model(Wider)], &|_| {}).await.unwrap();
        let statement = Statement::new("SELECT note FROM switches", []);
        let rows = db(&opened).query(statement, &[Type::Text]).await.unwrap();
        assert_eq!(rows, [Row(vec!["on".into()])]);

        let older = followers(&opened, "older");
        assert!(older.claim(&switches(), true).await.unwrap().is_none(), "the older version lets it be");
        let standing = status::all(&*db(&opened)).await.unwrap();
        assert_eq!((standing.len(), standing[0].generation, standing[0].shape), (1, 2, 2));
    })
    .await;
}

#[tokio::test]
async fn a_reactor_tells_no_old_news_and_each_new_one_once() {
    on_each_database(async |opened| {
        let make =
            Statement::new("CREATE TABLE news (id TEXT NOT NULL PRIMARY KEY, stream TEXT NOT NULL)", []);
        db(&opened).transact(vec![make]).await.unwrap();
        let first = append(&*opened.log, "100000001", 1, Happened::AccountSwitchedOn).await;
        until(async || opened.log.head().await.unwrap() >= first).await;

        let news = || vec![Followed::Reactor(reactor(News))];
        let clock = ManualClock::at(noon());
        let process = Process::start(&opened, &clock, "one", news());
        until(async || process.followers.stands_at("news").await.unwrap().is_some()).await;
        let second = append(&*opened.log, "100000002", 1, Happened::AccountSwitchedOn).await;
        process.followers.wait_for("news", second, SOON).await.unwrap();
        process.stop().await;

        let process = Process::start(&opened, &clock, "two", news());
        let third = append(&*opened.log, "100000003", 1, Happened::AccountSwitchedOn).await;
        process.followers.wait_for("news", third, SOON).await.unwrap();
        process.stop().await;

        let told = Statement::new("SELECT stream FROM news ORDER BY stream", []);
        let told = db(&opened).query(told, &[Type::Text]).await.unwrap();
        assert_eq!(told, [Row(vec!["100000002".into()]), Row(vec!["100000003".into()])]);
    })
    .await;
}

struct News;

#[async_trait]
impl Reactor for News {
    const NAME: &'static str = "news";

    async fn react(&self, event: &Recorded<Event>) -> Result<Vec<Statement>, Fault> {
        let values = [Value::from(event.id.as_str()), Value::from(event.stream.as_str())];
        Ok(vec![Statement::new("INSERT INTO news (id, stream) VALUES ($1, $2)", values)])
    }
}

/// `switches`, one version later and with one column more.
struct Wider;

impl Projection for Wider {
    type Row = (String, i64);

    const TABLE: Table = Table {
        version: 2,
        columns: &[
            Switches::TABLE.columns[0],
            Switches::TABLE.columns[1],
            Column { name: "note", kind: Type::Text, nullable: false, about: "for tests" },
        ],
        ..Switches::TABLE
    };

    fn keys(&self, event: &Recorded<Event>) -> Vec<Key> {
        Switches.keys(event)
    }

    fn apply(&self, key: &Key, row: Option<Self::Row>, event: &Recorded<Event>) -> Option<Self::Row> {
        Switches.apply(key, row, event)
    }

    fn to_values(&self, row: &Self::Row) -> Vec<Value> {
        vec![row.0.clone().into(), row.1.into(), "on".into()]
    }

    fn to_row(&self, row: &Row) -> Option<Self::Row> {
        Switches.to_row(row)
    }
}

fn switches() -> Followed {
    Followed::ReadModel(model(Switches))
}

fn poison() -> Happened {
    Happened::RegistrationFailed { revision: Revision(0), code: 500, reason: "poison".into() }
}

fn db(opened: &Opened) -> Arc<dyn Database> {
    opened.database.clone().unwrap()
}

fn followers(opened: &Opened, name: &str) -> Followers {
    followers_at(opened, &ManualClock::at(noon()), name)
}

fn followers_at(opened: &Opened, clock: &ManualClock, name: &str) -> Followers {
    Followers::new(opened.log.clone(), db(opened), Arc::new(clock.clone()), name)
}

fn start(opened: &Opened, name: &str) -> Process {
    Process::start(opened, &ManualClock::at(noon()), name, vec![switches()])
}
