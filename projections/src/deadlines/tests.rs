//! What `deadlines` keeps and answers, as sentences.

use super::*;
use crate::testing::{OLGA, Platform, account, at, complete, created, fold, on_each_database, story, token};
use domain::decider::Decider as _;
use domain::log::Context;
use domain::settings::Transport;
use domain::sip_account::{Event as Happened, SipAccount};
use event_store::codec::encode;
use event_store::log::{Append, StreamId};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::watch;

fn offered() -> Happened {
    Happened::TransferOffered { offer: token(1), by: OLGA, to: None, until: at(5) }
}

fn tls() -> Happened {
    Happened::TransportChanged { transport: Transport::Tls }
}

#[test]
fn an_open_offer_and_a_waiting_change_are_due() {
    let due = fold(&Deadlines, &story([created(complete()), offered(), tls()]));
    let due: Vec<_> = due.into_iter().map(|it| (it.kind.to_string(), it.due)).collect();
    assert_eq!(due, [("apply".to_owned(), at(7)), (format!("offer/{}", token(1)), at(5))]);
}

#[test]
fn what_is_done_is_not_due_any_more() {
    let applied = Happened::SettingsApplied { revision: domain::ids::Revision(1) };
    assert!(fold(&Deadlines, &story([created(complete()), tls(), applied])).is_empty());
}

#[tokio::test]
async fn an_offer_ends_when_the_clock_comes_to_its_moment_and_only_once() {
    on_each_database(async |platform| {
        platform.happens(&story([created(complete()), offered()])).await;
        let (moved, clock_moved) = watch::channel(());
        let given = Arc::new(AtomicU32::new(0));
        drive_on(platform, clock_moved, given.clone());

        platform.clock.advance(chrono::TimeDelta::minutes(4));
        moved.send_replace(());
        platform.clock.advance(chrono::TimeDelta::minutes(60));
        moved.send_replace(());

        let db = platform.db();
        let gone = async {
            while !due(&*db, at(100), 10)
                .await
                .unwrap()
                .iter()
                .all(|it| it.kind == DeadlineKind::SettingsApply)
            {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), gone).await.expect("the offer ends soon");
        let all = platform
            .opened
            .log
            .load(&StreamId::new(SipAccount::NAME, account().to_string()), false)
            .await
            .unwrap();
        platform.seen(all.events.last().unwrap().position).await;

        let offer = crate::offer_board::one(&*db, &token(1)).await.unwrap().unwrap();
        assert_eq!(offer.state, crate::offer_board::OfferState::Expired);
        let expired = all.events.iter().filter(|it| it.event.event_type == "OfferExpired").count();
        assert_eq!(expired, 1);
        let given = given.load(Ordering::SeqCst);
        assert!((1..=3).contains(&given), "a driver does not spin: {given}");
    })
    .await;
}

/// Drives, deciding as the platform does: load, decide, append.
fn drive_on(platform: &Platform, clock_moved: watch::Receiver<()>, given: Arc<AtomicU32>) {
    let parts = Drive {
        db: platform.db(),
        clock: Arc::new(platform.clock.clone()),
        clock_moved,
        followers: platform.followers.clone(),
    };
    let (log, clock, stop) = (platform.opened.log.clone(), platform.clock.clone(), platform.stop.clone());
    let execute = move |account: domain::ids::AccountNumber, command, cause| {
        let (log, clock, given) = (log.clone(), clock.clone(), given.clone());
        async move {
            given.fetch_add(1, Ordering::SeqCst);
            let stream = StreamId::new(SipAccount::NAME, account.to_string());
            let loaded = log.load(&stream, false).await?;
            let expected = loaded.events.len() as u64;
            let events: Vec<Happened> = loaded
                .events
                .iter()
                .map(|it| event_store::codec::decode_as::<SipAccount>(&it.event))
                .collect::<Result<_, _>>()?;
            let context = Context::process(event_store::clock::Clock::now(&clock));
            let Ok(news) = SipAccount::fold(&events).decide(command, &context) else { return Ok(None) };
            if news.is_empty() {
                return Ok(None);
            }
            let id = uuid::Uuid::now_v7;
            let events =
                news.iter().map(|event| encode::<SipAccount>(event, id())).collect::<Result<_, _>>()?;
            let append = Append {
                stream,
                expected,
                events,
                tenant: 0,
                context,
                cause: Some(cause),
                dedup: None,
                claims: Vec::new(),
                releases: Vec::new(),
                snapshot: None,
            };
            Ok(log.append(append).await.ok().map(|appended| appended.position))
        }
    };
    platform.tasks.spawn(drive(parts, execute, stop));
}
