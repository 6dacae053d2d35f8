//! What `usage_ledger` keeps and answers, as sentences.

use super::*;
use crate::testing::{
    IVAN, OLGA, account, at, complete, created, fold, on_each_database, story, token, told,
};

fn transferred() -> Happened {
    Happened::AccountTransferred { from: OLGA, to: IVAN, offer: token(1), password: None }
}

fn of(events: &[Recorded<Event>]) -> Vec<(Option<UserId>, What)> {
    fold(&UsageLedger, events).into_iter().map(|line| (line.owner, line.what)).collect()
}

#[test]
fn a_transfer_leaves_one_bill_and_comes_onto_another() {
    assert_eq!(
        of(&story([created(complete()), transferred()])),
        [(Some(OLGA), What::Created), (Some(OLGA), What::GivenAway), (Some(IVAN), What::Received)]
    );
}

#[test]
fn use_that_is_given_back_moves_nothing_between_bills() {
    let returned =
        Happened::AccountReturned { from: IVAN, to: OLGA, what: Returned::Use, offer: None, password: None };
    assert_eq!(of(&story([returned])), []);
}

#[test]
fn a_switch_stands_on_the_bill_of_whoever_threw_it() {
    let switched = |by| of(&told([(by, Happened::AccountSwitchedOff)]));
    assert_eq!(switched(Actor::Person(OLGA)), [(Some(OLGA), What::SwitchedOff)]);
    assert_eq!(switched(Actor::Operator), [(None, What::SwitchedOff)]);
}

#[tokio::test]
async fn billing_reads_how_many_accounts_somebody_held_on_a_day() {
    on_each_database(async |platform| {
        let day = at(0).date_naive();
        platform.happens(&story([created(complete())])).await;
        assert_eq!(held(&*platform.db(), OLGA, day).await.unwrap(), 1);
        assert_eq!(held(&*platform.db(), OLGA, day.pred_opt().unwrap()).await.unwrap(), 0);

        platform.happens(&story([created(complete()), transferred()])[1..]).await;
        assert_eq!(held(&*platform.db(), OLGA, day).await.unwrap(), 0);
        assert_eq!(held(&*platform.db(), IVAN, day).await.unwrap(), 1);
        let lines = of_owner(&*platform.db(), IVAN, day, day).await.unwrap();
        assert_eq!((lines.len(), lines[0].what, lines[0].account), (1, What::Received, account()));
    })
    .await;
}
