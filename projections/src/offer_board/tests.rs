//! What `offer_board` keeps and answers, as sentences.

use super::*;
use crate::testing::{IVAN, OLGA, account, at, complete, created, on_each_database, row, story, token, told};

fn shared(grant: Grant, batch: Option<BatchId>) -> Happened {
    let settings = complete();
    Happened::SettingsOffered { offer: token(1), by: OLGA, to: None, grant, settings, until: at(5), batch }
}

fn transfer() -> Happened {
    Happened::TransferOffered { offer: token(1), by: OLGA, to: Some(IVAN), until: at(5) }
}

#[test]
fn an_offer_is_open_until_its_moment_even_if_nobody_tidies_up() {
    let offer = row(&OfferBoard, &story([transfer()])).unwrap();
    assert_eq!(offer.state_at(at(4)), OfferState::Open);
    assert_eq!(offer.state_at(at(5)), OfferState::Expired);
    assert_eq!((offer.by, offer.to), (OLGA, Some(IVAN)));
}

#[test]
fn a_taken_offer_says_who_took_it_and_when() {
    let taken = Happened::AccountTransferred { from: OLGA, to: IVAN, offer: token(1), password: None };
    let offer = row(&OfferBoard, &story([transfer(), taken])).unwrap();
    assert_eq!((offer.state, offer.taken_by, offer.closed_at), (OfferState::Taken, Some(IVAN), Some(at(1))));
}

#[test]
fn shared_settings_that_assign_are_taken_by_the_user_and_not_by_the_owner() {
    let create = Happened::AccountCreated {
        owner: OLGA,
        origin: domain::sip_account::Origin::Share,
        settings: complete(),
        offer: Some(token(1)),
    };
    let by = |id, event| (Actor::Person(id), event);
    let assign = Happened::AccountAssigned { user: IVAN, offer: Some(token(1)) };
    let offer =
        row(&OfferBoard, &told([by(OLGA, shared(Grant::Assign, None)), by(IVAN, create), by(IVAN, assign)]));
    assert_eq!(offer.unwrap().taken_by, Some(IVAN));
}

#[test]
fn an_undone_take_is_told_apart_from_a_taken_one() {
    let taken = Happened::AccountTransferred { from: OLGA, to: IVAN, offer: token(1), password: None };
    let undone = Happened::TakeUndone {
        offer: token(1),
        kind: OfferKind::Transfer,
        from: IVAN,
        to: OLGA,
        password: None,
    };
    assert_eq!(row(&OfferBoard, &story([transfer(), taken, undone])).unwrap().state, OfferState::Undone);
}

#[test]
fn an_offer_out_of_a_list_lives_anew_once_it_is_sent() {
    let batch = BatchId(token(9));
    let listed = || shared(Grant::Give, Some(batch.clone()));
    assert!(!row(&OfferBoard, &story([listed()])).unwrap().is_sent());

    let sent = Happened::OfferSent { offer: token(1), until: at(6) };
    let offer = row(&OfferBoard, &story([listed(), sent])).unwrap();
    assert_eq!(
        (offer.is_sent(), offer.until, offer.label.as_deref()),
        (true, at(6), Some("101@pbx.example"))
    );
}

#[tokio::test]
async fn offers_are_found_by_token_by_list_and_by_account() {
    on_each_database(async |platform| {
        let batch = BatchId(token(9));
        let events = story([shared(Grant::Give, Some(batch.clone()))]);
        platform.happens(&events).await;
        let db = platform.db();

        assert_eq!(one(&*db, &token(1)).await.unwrap(), row(&OfferBoard, &events));
        assert_eq!(one(&*db, &token(2)).await.unwrap(), None);
        assert_eq!(of_batch(&*db, &batch).await.unwrap().len(), 1);
        assert_eq!(open_of(&*db, account(), at(1)).await.unwrap().len(), 1);
        assert_eq!(open_of(&*db, account(), at(5)).await.unwrap().len(), 0, "its moment has passed");
    })
    .await;
}

#[test]
fn events_without_an_offer_touch_no_offer() {
    assert_eq!(row(&OfferBoard, &story([created(complete()), Happened::AccountSwitchedOff])), None);
}
