//! What `usage_daily` keeps and answers, as sentences.

use super::*;
use crate::testing::{
    IVAN, OLGA, at, complete, created, ended, fold, of_call, on_each_database, requested, row, story,
    the_call, token,
};
use domain::ids::Revision;
use domain::settings::Transport;
use domain::sip_account::Origin;

fn tls() -> Happened {
    Happened::TransportChanged { transport: Transport::Tls }
}

#[test]
fn a_take_that_creates_and_assigns_counts_once() {
    let taken = Happened::AccountCreated {
        owner: OLGA,
        origin: Origin::Share,
        settings: complete(),
        offer: Some(token(1)),
    };
    let assigned = Happened::AccountAssigned { user: IVAN, offer: Some(token(1)) };
    assert_eq!(row(&UsageDaily, &story([taken, assigned])).unwrap().takes, 1);
}

#[test]
fn every_day_has_a_row_of_its_own() {
    let mut events = story([tls(), tls()]);
    events[1].context.at = at(24 * 60);
    let days = fold(&UsageDaily, &events);
    assert_eq!(days.iter().map(|day| day.changes).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn a_quiet_event_makes_no_row() {
    assert!(fold(&UsageDaily, &story([Happened::AccountSwitchedOff])).is_empty());
}

#[tokio::test]
async fn a_day_stands_on_the_bill_of_whoever_owned_the_account_then() {
    on_each_database(async |platform| {
        let failed =
            Happened::RegistrationFailed { revision: Revision(0), code: 403, reason: "Forbidden".into() };
        platform.happens(&story([created(complete()), tls(), failed])).await;
        let day = at(0).date_naive();

        let days = of_owner(&*platform.db(), OLGA, day, day).await.unwrap();
        assert_eq!(days.len(), 1);
        assert_eq!((days[0].takes, days[0].changes, days[0].registration_failures), (0, 1, 1));
        assert!(of_owner(&*platform.db(), IVAN, day, day).await.unwrap().is_empty());
    })
    .await;
}

#[test]
fn calls_are_counted_on_the_day_on_which_they_end() {
    let hangup = EndCause::Hangup { by: call::Party::User };
    let talked = of_call(the_call(), [requested(), ended(hangup, Direction::Out, 61)]);
    let lost = of_call(the_call(), [requested(), ended(EndCause::Lost, Direction::Out, 0)]);
    let missed = of_call(the_call(), [requested(), ended(EndCause::Missed, Direction::In, 0)]);
    let day = row(&UsageDaily, &[talked, lost, missed].concat()).unwrap();
    assert_eq!((day.calls_out, day.calls_in), (2, 1));
    assert_eq!((day.answered_calls, day.failed_calls, day.talk_seconds), (1, 1, 61));
}
