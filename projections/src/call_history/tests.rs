//! What `call_history` keeps and answers, as sentences.

use super::*;
use crate::testing::{
    IVAN, OLGA, PETR, account, at, ended, of_call, offered_call, on_each_database, requested, row, taken,
    the_call,
};
use domain::call::Party;

fn record(events: impl IntoIterator<Item = Happened>) -> Record {
    *row(&CallHistory, &of_call(the_call(), events)).unwrap()
}

fn hung_up(seconds: u32, direction: Direction) -> Happened {
    ended(EndCause::Hangup { by: Party::FarEnd }, direction, seconds)
}

#[test]
fn a_call_that_ended_tells_how_long_it_lasted_and_why_it_ended() {
    let events =
        [requested(), taken(), Happened::CallDialled, Happened::CallAnswered, hung_up(61, Direction::Out)];
    let call = record(events);
    assert_eq!((call.user, call.owner, call.direction), (IVAN, OLGA, Direction::Out));
    assert_eq!((call.began, call.answered), (at(0), Some(at(3))));
    let end = call.end.unwrap();
    assert_eq!((end.at, end.seconds), (at(4), 61));
    assert_eq!(end.cause, EndCause::Hangup { by: Party::FarEnd });
    assert_eq!(call.gateway.as_deref(), Some("media one"));
}

#[test]
fn a_call_that_goes_on_has_no_end() {
    assert_eq!(record([offered_call(), Happened::CallAnswered]).end, None);
}

#[test]
fn recordings_are_found_with_their_call_also_when_they_come_after_its_end() {
    let saved = |reference: &str| Happened::RecordingSaved { reference: reference.into(), seconds: 10 };
    let events =
        [offered_call(), Happened::CallAnswered, saved("one"), hung_up(30, Direction::In), saved("two")];
    let call = record(events);
    assert_eq!((call.recordings, call.recorded_seconds), (vec!["one".into(), "two".into()], 20));
}

#[test]
fn a_refused_call_tells_code_and_reason() {
    let mut refused = ended(EndCause::Failed, Direction::Out, 0);
    if let Happened::CallEnded { code, reason, .. } = &mut refused {
        (*code, *reason) = (Some(404), Some("Not Found".into()));
    }
    let end = record([requested(), taken(), refused]).end.unwrap();
    assert_eq!((end.code, end.reason.as_deref()), (Some(404), Some("Not Found")));
}

#[tokio::test]
async fn calls_are_found_and_added_up() {
    on_each_database(async |platform| {
        let other = CallId::from_bits(the_call().bits() + 1000);
        let talked = [requested(), taken(), Happened::CallAnswered, hung_up(61, Direction::Out)];
        platform.happens(&of_call(the_call(), talked)).await;
        platform.happens(&of_call(other, [offered_call(), ended(EndCause::Lost, Direction::In, 0)])).await;
        let db = &*platform.db();

        assert!(one(db, the_call()).await.unwrap().is_some());
        let ids = |calls: Vec<Record>| calls.into_iter().map(|call| call.call).collect::<Vec<_>>();
        assert_eq!(ids(of_user(db, IVAN, 10).await.unwrap()), [other, the_call()]);
        assert_eq!(ids(of_account(db, account(), 1).await.unwrap()), [other]);

        let day = at(0).date_naive();
        let expected =
            Totals { calls: 2, answered: 1, failed: 1, seconds: 61, longest: 61, recorded_seconds: 0 };
        assert_eq!(totals(db, OLGA, day, day).await.unwrap(), expected);
        assert_eq!(totals(db, PETR, day, day).await.unwrap(), Totals::default());
        let before = day.pred_opt().unwrap();
        assert_eq!(totals(db, OLGA, before, before).await.unwrap(), Totals::default());

        let days = crate::usage_daily::of_owner(db, OLGA, day, day).await.unwrap();
        assert!(days.is_empty(), "an account that was never created has no owner in the ledger");
    })
    .await;
}
