//! Transfers, blind and attended.

use super::{Phone, sdp, talking};
use crate::{CallEvent, EndedBy, Invite, Transport, Uri};

#[tokio::test]
async fn a_blind_transfer_is_asked_taken_on_and_followed() {
    let (mut olga, hers, mut ivan, his) = talking().await;
    let to = Uri::sip("601", "pbx.test").unwrap();
    hers.transfer(to.clone()).unwrap();
    assert_eq!(ivan.hears(&his).await, CallEvent::TransferAsked { to, replaces: None });
    his.accept_transfer().unwrap();
    his.transfer_stands(180, "").unwrap();
    his.transfer_stands(200, "").unwrap();
    for expected in [100, 180, 200] {
        let CallEvent::TransferProgress { code, .. } = olga.hears(&hers).await else { panic!() };
        assert_eq!(code, expected);
    }
}

#[tokio::test]
async fn a_transfer_may_be_refused() {
    let (mut olga, hers, mut ivan, his) = talking().await;
    hers.transfer(Uri::sip("601", "pbx.test").unwrap()).unwrap();
    assert!(matches!(ivan.hears(&his).await, CallEvent::TransferAsked { .. }));
    his.refuse_transfer(603).unwrap();
    assert!(matches!(olga.hears(&hers).await, CallEvent::TransferProgress { code: 603, .. }));
}

/// Olga talks to Ivan and to Petr, and joins the two: Ivan calls Petr in her place.
#[tokio::test]
async fn an_attended_transfer_takes_the_place_of_the_other_call() {
    let (mut olga, to_ivan, mut ivan, his) = talking().await;
    let mut petr = Phone::new().await;
    let to_petr = olga.calls(&petr);
    let (petrs, _) = petr.rung().await;
    petrs.answer(sdp(2)).unwrap();
    assert!(matches!(olga.hears(&to_petr).await, CallEvent::Answered { .. }));
    assert!(matches!(petr.hears(&petrs).await, CallEvent::Acknowledged { .. }));

    to_ivan.transfer_to(&to_petr).unwrap();
    let CallEvent::TransferAsked { to, replaces } = ivan.hears(&his).await else { panic!() };
    let replaces = replaces.expect("the call to take the place of");
    his.accept_transfer().unwrap();
    let invite = Invite { replaces: Some(replaces), ..Invite::new(to, sdp(3)) };
    let joined = ivan.call_at(petr.hop(Transport::Udp), invite);

    let (new, invitation) = petr.rung().await;
    assert_eq!(invitation.replaces, Some(petrs.id()));
    new.answer(sdp(4)).unwrap();
    let (mut ended, mut up) = (false, false);
    while !(ended && up) {
        match petr.hears_any().await {
            (id, CallEvent::Ended { by, .. }) if id == petrs.id() => ended = by == EndedBy::Them,
            (id, CallEvent::Acknowledged { .. }) if id == new.id() => up = true,
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(ivan.hears(&joined).await, CallEvent::Answered { .. }));
    his.transfer_stands(200, "").unwrap();
    let mut over = false;
    while !over {
        match olga.hears_any().await {
            (id, CallEvent::Ended { .. }) if id == to_petr.id() => over = true,
            (id, CallEvent::TransferProgress { .. }) if id == to_ivan.id() => (),
            other => panic!("{other:?}"),
        }
    }
}

/// Olga and Ivan talk, and Petr takes Olga's place: her phone has handed him the call.
#[tokio::test]
async fn whoever_was_handed_a_call_takes_the_place_of_the_other() {
    let (mut olga, hers, mut ivan, his) = talking().await;
    let mut petr = Phone::new().await;
    let new = asks_to_replace(&petr, &ivan, hers.replaces().await.unwrap());
    let (his_new, invitation) = ivan.rung().await;
    assert_eq!(invitation.replaces, Some(his.id()));
    his_new.answer(sdp(4)).unwrap();
    assert!(matches!(petr.hears(&new).await, CallEvent::Answered { .. }));
    assert!(matches!(olga.hears(&hers).await, CallEvent::Ended { code: 200, by: EndedBy::Them, .. }));
}

#[tokio::test]
async fn a_call_that_only_rings_at_the_far_side_can_be_replaced_and_is_withdrawn_there() {
    let (mut olga, mut ivan, mut petr) = (Phone::new().await, Phone::new().await, Phone::new().await);
    let to_ivan = olga.calls(&ivan);
    let (his, _) = ivan.rung().await;
    his.ring().unwrap();
    assert_eq!(olga.hears(&to_ivan).await, CallEvent::Ringing);
    // Petr takes the call that rings at Ivan's: only Ivan's phone knows its names.
    let new = asks_to_replace(&petr, &olga, his.replaces().await.unwrap());
    let (hers, invitation) = olga.rung().await;
    assert_eq!(invitation.replaces, Some(to_ivan.id()));
    hers.answer(sdp(4)).unwrap();
    assert!(matches!(petr.hears(&new).await, CallEvent::Answered { .. }));
    assert!(matches!(ivan.hears(&his).await, CallEvent::Ended { code: 487, .. }));
}

#[tokio::test]
async fn an_answered_call_is_not_replaced_by_who_wants_one_that_rings() {
    let (_olga, hers, ivan, _his) = talking().await;
    let mut petr = Phone::new().await;
    let replaces = crate::Replaces { early_only: true, ..hers.replaces().await.unwrap() };
    let new = asks_to_replace(&petr, &ivan, replaces);
    assert!(matches!(petr.hears(&new).await, CallEvent::Ended { code: 486, .. }));
}

#[tokio::test]
async fn with_another_tag_it_is_another_call() {
    let (_olga, hers, ivan, _his) = talking().await;
    let mut petr = Phone::new().await;
    let replaces = crate::Replaces { from_tag: "guessed".into(), ..hers.replaces().await.unwrap() };
    let new = asks_to_replace(&petr, &ivan, replaces);
    assert!(matches!(petr.hears(&new).await, CallEvent::Ended { code: 481, .. }));
}

#[tokio::test]
async fn a_call_that_is_over_is_not_replaced_and_its_name_is_still_known() {
    let (mut olga, hers, mut ivan, his) = talking().await;
    let mut petr = Phone::new().await;
    let replaces = hers.replaces().await.unwrap();
    hers.hang_up("").unwrap();
    assert!(matches!(olga.hears(&hers).await, CallEvent::Ended { .. }));
    assert!(matches!(ivan.hears(&his).await, CallEvent::Ended { .. }));
    // The call leaves the table a moment after it was told.
    ivan.agent.0.calls.drained().await;
    let new = asks_to_replace(&petr, &ivan, replaces);
    assert!(matches!(petr.hears(&new).await, CallEvent::Ended { code: 603, .. }));
}

fn asks_to_replace(who: &Phone, whose: &Phone, replaces: crate::Replaces) -> crate::Call {
    let to = Uri::sip("ivan", "pbx.test").unwrap();
    let invite = Invite { replaces: Some(replaces), ..Invite::new(to, sdp(3)) };
    who.call_at(whose.hop(Transport::Udp), invite)
}

#[tokio::test]
async fn a_call_that_is_not_there_cannot_be_replaced() {
    let (mut olga, ivan) = (Phone::new().await, Phone::new().await);
    let replaces =
        crate::Replaces { call_id: "x".into(), to_tag: "a".into(), from_tag: "b".into(), early_only: false };
    let to = Uri::sip("ivan", "pbx.test").unwrap();
    let call = olga
        .call_at(ivan.hop(Transport::Udp), Invite { replaces: Some(replaces), ..Invite::new(to, sdp(1)) });
    assert!(matches!(olga.hears(&call).await, CallEvent::Ended { code: 481, .. }));
}
