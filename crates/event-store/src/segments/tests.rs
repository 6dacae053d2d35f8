//! How segments are shared, as sentences, on both databases.

use super::*;
use crate::clock::ManualClock;
use crate::contract::TestDatabase;
use crate::open::{OpenOptions, Opened, open};
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;

const ALL: usize = SEGMENTS as usize;

fn member(name: &str) -> Member {
    Member { process: name.to_owned(), url: Some(format!("https://{name}.example")) }
}

fn process(opened: &Opened, clock: &ManualClock, name: &str) -> Segments {
    let db = opened.database.clone().expect("a database");
    Segments::new(db, Arc::new(clock.clone()), member(name))
}

fn count(segments: &Segments) -> usize {
    segments.watch().borrow().epochs.len()
}

fn clock() -> ManualClock {
    ManualClock::at(DateTime::UNIX_EPOCH + TimeDelta::days(20_000))
}

async fn on_sqlite(test: impl AsyncFnOnce(Opened)) {
    let folder = tempfile::tempdir().expect("a folder");
    let address = format!("sqlite://{}", folder.path().join("log.db").display());
    test(open(&address, OpenOptions::default()).await.expect("opened")).await;
}

async fn on_postgres(test: impl AsyncFnOnce(Opened)) {
    let Ok(server) = std::env::var("TANDEM_TEST_POSTGRES") else {
        eprintln!("TANDEM_TEST_POSTGRES is not set: not tested on PostgreSQL");
        return;
    };
    let database = TestDatabase::create(&server).await.expect("created");
    let opened = open(&database.address(), OpenOptions::default()).await.expect("opened");
    let result = AssertUnwindSafe(test(opened)).catch_unwind().await;
    database.drop().await.expect("dropped");
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

/// So many beats of all of them, a second apart.
async fn beats(clock: &ManualClock, processes: &[&Segments], beats: u32) {
    for _ in 0..beats {
        for process in processes {
            process.beat().await.expect("a beat");
        }
        clock.advance(TimeDelta::seconds(1));
    }
}

/// No segment is held twice, and those together are so many.
fn assert_apart(processes: &[&Segments], together: usize) {
    let views: Vec<Arc<Held>> = processes.iter().map(|it| it.watch().borrow().clone()).collect();
    let all: Vec<Segment> = views.iter().flat_map(|held| held.epochs.keys().copied()).collect();
    let different: BTreeSet<Segment> = all.iter().copied().collect();
    assert_eq!(different.len(), all.len(), "a segment is held twice: {views:?}");
    assert_eq!(all.len(), together);
}

#[tokio::test]
async fn the_one_process_of_an_embedded_database_takes_all_at_once_also_from_its_dead_predecessor() {
    on_sqlite(async |opened| {
        let clock = clock();
        let first = process(&opened, &clock, "first");
        first.beat().await.expect("a beat");
        assert_eq!(count(&first), ALL);
        let before = first.watch().borrow().gateway(UserId(7)).expect("held");

        let second = process(&opened, &clock, "second");
        second.beat().await.expect("a beat");
        assert_eq!(count(&second), ALL);
        let after = second.watch().borrow().gateway(UserId(7)).expect("held");
        assert!(after.epoch > before.epoch && after.process == "second");

        let all = processes(&*opened.database.clone().expect("a database")).await.expect("read");
        let lives: Vec<(&str, bool)> =
            all.iter().map(|it| (it.process.as_str(), it.until > clock.now())).collect();
        assert_eq!(lives, [("first", false), ("second", true)]);
    })
    .await;
}

#[tokio::test]
async fn a_lease_is_renewed_in_time_and_keeps_its_epoch() {
    for_each(async |opened| {
        let clock = clock();
        let process = process(&opened, &clock, "one");
        process.beat().await.expect("a beat");
        let before = process.watch().borrow().clone();
        beats(&clock, &[&process], 70).await;
        assert_eq!(*process.watch().borrow(), before);
    })
    .await;
}

#[tokio::test]
async fn bots_find_the_process_of_a_user_and_its_address() {
    for_each(async |opened| {
        let clock = clock();
        let process = process(&opened, &clock, "one");
        let db = opened.database.clone().expect("a database");
        let ivans = Segment::of(UserId(42));
        assert_eq!(holder(&*db, ivans, clock.now()).await.expect("read"), None);

        process.beat().await.expect("a beat");
        let found = holder(&*db, ivans, clock.now()).await.expect("read").expect("held");
        assert_eq!((found.process.as_str(), found.url.as_deref()), ("one", Some("https://one.example")));
        assert_eq!(holders(&*db, clock.now()).await.expect("read").len(), ALL);

        process.give_up().await.expect("given up");
        assert_eq!(count(&process), 0);
        assert_eq!(holders(&*db, clock.now()).await.expect("read"), []);
    })
    .await;
}

#[tokio::test]
async fn processes_come_to_equal_shares_within_a_few_beats() {
    on_postgres(async |opened| {
        let clock = clock();
        let (one, two) = (process(&opened, &clock, "one"), process(&opened, &clock, "two"));
        one.beat().await.expect("a beat");
        assert_eq!(count(&one), ALL);
        beats(&clock, &[&one, &two], 4).await;
        assert_eq!((count(&one), count(&two)), (ALL / 2, ALL / 2));
        assert_apart(&[&one, &two], ALL);

        let three = process(&opened, &clock, "three");
        beats(&clock, &[&one, &two, &three], 4).await;
        assert_apart(&[&one, &two, &three], ALL);
        for it in [&one, &two, &three] {
            assert!((20..=22).contains(&count(it)), "{}", count(it));
        }
    })
    .await;
}

#[tokio::test]
async fn a_segment_leaves_the_view_of_its_holder_before_another_may_take_it() {
    on_postgres(async |opened| {
        let clock = clock();
        let (one, two) = (process(&opened, &clock, "one"), process(&opened, &clock, "two"));
        one.beat().await.expect("a beat");
        for _ in 0..6 {
            two.beat().await.expect("a beat");
            assert_apart(&[&one, &two], count(&one) + count(&two));
            one.beat().await.expect("a beat");
            assert_apart(&[&one, &two], count(&one) + count(&two));
            clock.advance(TimeDelta::seconds(1));
        }
        assert_eq!(count(&two), ALL / 2);
    })
    .await;
}

#[tokio::test]
async fn a_segment_in_which_somebody_talks_stays_until_they_hang_up() {
    on_postgres(async |opened| {
        let clock = clock();
        let (one, two) = (process(&opened, &clock, "one"), process(&opened, &clock, "two"));
        one.beat().await.expect("a beat");
        let talking: Vec<Keep> = (0..i64::from(SEGMENTS) - 10).map(|user| one.keep(UserId(user))).collect();
        beats(&clock, &[&one, &two], 6).await;
        assert_eq!((count(&one), count(&two)), (ALL - 10, 10));
        drop(talking);
        beats(&clock, &[&one, &two], 4).await;
        assert_eq!((count(&one), count(&two)), (ALL / 2, ALL / 2));
    })
    .await;
}

#[tokio::test]
async fn the_work_of_a_dead_process_moves_when_its_leases_end_and_under_greater_epochs() {
    on_postgres(async |opened| {
        let clock = clock();
        let (one, two) = (process(&opened, &clock, "one"), process(&opened, &clock, "two"));
        beats(&clock, &[&one, &two], 6).await;
        let dead = one.watch().borrow().clone();
        assert_eq!(dead.epochs.len(), ALL / 2);

        // It does not beat any more.
        beats(&clock, &[&two], 8).await;
        assert_eq!(count(&two), ALL);
        let took = two.watch().borrow().clone();
        assert!(dead.epochs.iter().all(|(segment, epoch)| took.epochs[segment] > *epoch));

        // It was not dead, only slow: what it held is not its own any more.
        beats(&clock, &[&one, &two], 1).await;
        assert_apart(&[&one, &two], count(&one) + count(&two));
    })
    .await;
}

#[tokio::test]
async fn a_process_that_cannot_renew_holds_on_for_a_minute_and_then_only_to_those_who_talk() {
    on_postgres(async |opened| {
        let clock = clock();
        let one = process(&opened, &clock, "one");
        one.beat().await.expect("a beat");
        opened.clone().close().await;

        let talks = one.keep(UserId(7));
        clock.advance(LEASE + HOLD_ON - TimeDelta::seconds(1));
        assert!(one.beat().await.is_err());
        assert_eq!(count(&one), ALL);
        clock.advance(TimeDelta::seconds(1));
        assert!(one.beat().await.is_err());
        assert_eq!(count(&one), 1);
        assert!(one.watch().borrow().has(UserId(7)));
        drop(talks);
        assert!(one.beat().await.is_err());
        assert_eq!(count(&one), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_start_at_one_moment_do_not_take_the_same() {
    on_postgres(async |opened| {
        let clock = clock();
        let names = ["a", "b", "c", "d", "e"];
        let all: Vec<Segments> = names.iter().map(|name| process(&opened, &clock, name)).collect();
        for _ in 0..8 {
            let beats = futures::future::join_all(all.iter().map(Segments::beat)).await;
            beats.into_iter().for_each(|beat| beat.expect("a beat"));
            let all: Vec<&Segments> = all.iter().collect();
            assert_apart(&all, all.iter().map(|it| count(it)).sum());
            clock.advance(TimeDelta::seconds(1));
        }
        assert_eq!(all.iter().map(count).sum::<usize>(), ALL);
    })
    .await;
}

async fn for_each(test: impl AsyncFn(Opened)) {
    on_sqlite(&test).await;
    on_postgres(&test).await;
}

#[tokio::test]
async fn where_they_stay_together_one_process_has_all_and_the_next_takes_all_when_it_dies() {
    on_postgres(async |opened| {
        let clock = clock();
        let [a, b] = ["a", "b"].map(|name| process(&opened, &clock, name).together(true));
        beats(&clock, &[&a, &b], 3).await;
        assert_eq!((count(&a), count(&b)), (ALL, 0));

        // Dead: its leases end.
        beats(&clock, &[&b], 8).await;
        assert_eq!(count(&b), ALL);
    })
    .await;
}

#[tokio::test]
async fn a_shared_installation_comes_together_without_ending_a_call() {
    on_postgres(async |opened| {
        let clock = clock();
        let [a, b] = ["a", "b"].map(|name| process(&opened, &clock, name));
        beats(&clock, &[&a, &b], 4).await;
        let (a, b) = (a.together(true), b.together(true));
        let at_b = *b.watch().borrow().epochs.keys().find(|it| **it != Segment::FIRST).expect("half of them");
        let keep = b.keep(UserId(i64::from(at_b.get())));
        beats(&clock, &[&a, &b], 4).await;
        let (of_a, of_b) = (count(&a), count(&b));
        assert!((of_a, of_b) == (ALL - 1, 1) || (of_a, of_b) == (0, ALL), "{of_a} and {of_b}");

        drop(keep);
        beats(&clock, &[&a, &b], 4).await;
        assert_eq!(count(&a).max(count(&b)), ALL);
    })
    .await;
}
