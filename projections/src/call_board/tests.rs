//! What `call_board` keeps and answers, and how calls are cleaned up, as sentences.

use super::*;
use crate::testing::{
    IVAN, OLGA, PETR, Platform, account, at, ended, gateway, of_call, offered_call, on_each_database,
    requested, row, taken, the_call,
};
use chrono::TimeDelta;
use domain::call::{Call, Command, EndCause, Party};
use domain::log::{Context, Position};
use event_store::clock::Clock as _;
use event_store::dispatcher::{Cause, Dispatcher, ExecuteError, Limits};
use event_store::segments::{Member, Segments};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

fn board(events: impl IntoIterator<Item = Happened>) -> Option<OpenCall> {
    row(&CallBoard, &of_call(the_call(), events)).map(|row| *row)
}

#[test]
fn a_call_that_was_asked_for_waits_for_a_gateway() {
    let call = board([requested()]).unwrap();
    assert_eq!((call.user, call.owner, call.account), (IVAN, OLGA, account()));
    assert_eq!((call.direction, call.phase, call.gateway), (Direction::Out, Phase::Requested, None));
    assert!(call.dialled.is_some() && call.name.is_none());
}

#[test]
fn a_card_sees_how_far_a_call_has_come() {
    let until = at(2);
    let awaited = Happened::UserAwaited { until, why: Awaited::Flood, retry_after: Some(37) };
    let call = board([requested(), taken(), awaited.clone()]).unwrap();
    assert_eq!((call.phase, call.gateway), (Phase::AwaitingUser, Some(gateway())));
    assert_eq!((call.awaited_until, call.awaited_why), (Some(until), Some(Awaited::Flood)));

    let started = Happened::RecordingStarted { automatic: true, locked: true };
    let events = [requested(), taken(), awaited, Happened::CallDialled, Happened::CallRang];
    let talk = [Happened::CallAnswered, started, Happened::CallHeld];
    let call = board(events.into_iter().chain(talk)).unwrap();
    assert_eq!((call.phase, call.answered, call.seen), (Phase::Held, Some(at(5)), at(7)));
    assert_eq!((call.recording, call.awaited_until), (RecordingState::Locked, None));
}

#[test]
fn a_call_that_comes_in_shows_who_calls() {
    let call = board([offered_call()]).unwrap();
    assert_eq!((call.direction, call.phase), (Direction::In, Phase::Offered));
    assert!(call.name.is_some() && call.dialled.is_none() && call.gateway.is_some());
}

#[test]
fn a_call_that_ended_is_gone_also_when_its_recording_follows() {
    let ended = ended(EndCause::Hangup { by: Party::User }, Direction::In, 5);
    let saved = Happened::RecordingSaved { reference: "one".into(), seconds: 5 };
    assert_eq!(board([offered_call(), Happened::CallAnswered, ended, saved]), None);
}

#[tokio::test]
async fn calls_are_found_by_user_account_and_id() {
    on_each_database(async |platform| {
        platform.happens(&of_call(the_call(), [requested()])).await;
        let db = &*platform.db();
        let call = one(db, the_call()).await.unwrap().unwrap();
        assert_eq!(of_user(db, IVAN).await.unwrap(), vec![call.clone()]);
        assert_eq!(of_account(db, account()).await.unwrap(), vec![call.clone()]);
        assert_eq!(waiting(db, 10).await.unwrap(), [call]);
        assert!(of_user(db, PETR).await.unwrap().is_empty());
        assert_eq!(count(db).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_call_that_no_gateway_takes_within_thirty_seconds_fails() {
    on_each_database(async |platform| {
        platform.happens(&of_call(the_call(), [requested()])).await;
        let moved = clean_up(platform);
        platform.clock.advance(TimeDelta::seconds(29));
        moved.send_replace(());
        still_open(platform).await;

        platform.clock.advance(TimeDelta::seconds(2));
        moved.send_replace(());
        let end = end_of(platform).await;
        assert_eq!((end.cause, end.code), (EndCause::Failed, Some(503)));
        assert_eq!(end.reason.as_deref(), Some("No response from gateway"));
    })
    .await;
}

#[tokio::test]
async fn a_call_goes_on_while_its_gateway_lives_and_is_lost_with_it() {
    on_each_database(async |platform| {
        let member = Member { process: gateway().process, url: None };
        let segments = Segments::new(platform.db(), Arc::new(platform.clock.clone()), member);
        segments.beat().await.unwrap();
        let events = [requested(), taken(), Happened::CallDialled, Happened::CallAnswered];
        platform.happens(&of_call(the_call(), events)).await;
        let moved = clean_up(platform);

        // They talk since three minutes past; the gateway lives until five minutes past.
        for _ in 0..60 {
            platform.clock.advance(TimeDelta::seconds(5));
            segments.beat().await.unwrap();
            moved.send_replace(());
        }
        still_open(platform).await;
        platform.clock.advance(TimeDelta::hours(1));
        moved.send_replace(());
        still_open(platform).await;

        let end = end_while_time_goes_on(platform, &moved).await;
        assert_eq!(end.cause, EndCause::Lost);
        assert!((120..=180).contains(&end.seconds), "nobody pays for the dead: {}", end.seconds);
    })
    .await;
}

#[tokio::test]
async fn the_calls_of_a_gateway_that_ends_in_good_order_are_lost() {
    on_each_database(async |platform| {
        let member = Member { process: gateway().process, url: None };
        let segments = Segments::new(platform.db(), Arc::new(platform.clock.clone()), member);
        segments.beat().await.unwrap();
        platform.happens(&of_call(the_call(), [offered_call()])).await;
        let moved = clean_up(platform);
        segments.give_up().await.unwrap();
        assert_eq!(end_while_time_goes_on(platform, &moved).await.cause, EndCause::Lost);
    })
    .await;
}

#[tokio::test]
async fn a_gateway_that_the_database_was_away_from_keeps_its_calls() {
    on_each_database(async |platform| {
        let member = Member { process: gateway().process, url: None };
        let segments = Segments::new(platform.db(), Arc::new(platform.clock.clone()), member);
        segments.beat().await.unwrap();
        platform.happens(&of_call(the_call(), [offered_call(), Happened::CallAnswered])).await;

        // Nobody could renew anything for ten minutes; this process looks before that one renews.
        platform.clock.advance(TimeDelta::minutes(10));
        let moved = clean_up(platform);
        still_open(platform).await;
        segments.beat().await.unwrap();
        moved.send_replace(());
        still_open(platform).await;
        platform.clock.advance(TimeDelta::seconds(4));
        moved.send_replace(());
        still_open(platform).await;
    })
    .await;
}

/// The end that comes once a dead gateway has been silent for long enough.
async fn end_while_time_goes_on(platform: &Platform, moved: &watch::Sender<()>) -> crate::call_history::End {
    for _ in 0..20 {
        moved.send_replace(());
        if let Ok(end) = tokio::time::timeout(Duration::from_millis(300), end_of(platform)).await {
            return end;
        }
        platform.clock.advance(TimeDelta::seconds(2));
    }
    end_of(platform).await
}

/// Two looks of the cleanup later the call is still there.
async fn still_open(platform: &Platform) {
    tokio::time::timeout(Duration::from_millis(300), end_of(platform)).await.expect_err("it goes on");
}

async fn end_of(platform: &Platform) -> crate::call_history::End {
    let found = async {
        loop {
            let record = crate::call_history::one(&*platform.db(), the_call()).await.unwrap().unwrap();
            if let Some(end) = record.end {
                return end;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found).await.expect("it ends soon")
}

/// Cleans up, deciding as the platform does.
fn clean_up(platform: &Platform) -> watch::Sender<()> {
    let (moved, clock_moved) = watch::channel(());
    let parts = Cleanup {
        db: platform.db(),
        clock: Arc::new(platform.clock.clone()),
        clock_moved,
        followers: platform.followers.clone(),
    };
    let dispatcher = Dispatcher::new(platform.opened.log.clone(), Limits::default());
    let clock = platform.clock.clone();
    let execute = move |call: CallId, command: Command, cause| {
        let (dispatcher, context) = (dispatcher.clone(), Context::process(clock.now()));
        async move {
            let cause = Cause { text: Some(cause), dedup: None };
            let done: Result<Option<Position>, Fault> =
                match dispatcher.execute::<Call>(&call.to_string(), command, context, &cause).await {
                    Ok(done) => Ok(done.position),
                    Err(ExecuteError::Refused(_) | ExecuteError::Full { .. }) => Ok(None),
                    Err(ExecuteError::Fault(fault)) => Err(fault),
                };
            done
        }
    };
    platform.tasks.spawn(cleanup(parts, execute, platform.stop.clone()));
    moved
}
