//! Handing far ends on.

use super::*;
use crate::call::finish::{EndCause, Side};

fn to(number: &str) -> Verb {
    Verb::Transfer(TransferTo::Number(number.to_owned()))
}

#[test]
fn a_pbx_that_transfers_does_so_and_the_call_is_over_for_ivan() {
    let mut scene = Scene::with_phone();
    let leg = scene.talks(1);
    scene.asks(1, to("200"));
    assert_eq!(scene.said_in_sip(leg)[0], SipCommand::Refer { to: "200".into() });
    scene.sip(leg, SipEvent::TransferProgress { code: 180 });
    scene.sip(leg, SipEvent::TransferProgress { code: 200 });
    assert_eq!(scene.reports(1)[0], Report::Transferred { to: Handed::Number("200".into()) });
    assert_eq!(scene.ended(1).expect("over").0.cause, EndCause::Replaced);
    assert_eq!(scene.said_in_sip(leg), [SipCommand::HangUp]);
}

#[test]
fn where_the_pbx_refuses_the_number_is_called_and_joined_here() {
    let mut scene = Scene::with_phone();
    let first = scene.talks(1);
    scene.asks(1, to("200"));
    scene.sip(first, SipEvent::TransferProgress { code: 501 });
    let second = scene.dialled_leg();
    assert_eq!(scene.hears(Party::Leg(first)), Sound::Music);

    scene.sip(second, SipEvent::Answered { telephone_event: true });
    assert_eq!(scene.hears(Party::Leg(first)), Sound::With(Party::Leg(second)));
    assert_eq!(scene.hears(Party::Phone(PHONE)), Sound::Nothing, "Ivan has left");
    assert_eq!(scene.ended(1), None, "the call goes on");
    assert!(matches!(scene.shows(PHONE, 1), Some(Shown::Ended(_))));

    scene.wait(seconds(10)).sip(second, bye());
    assert_eq!(scene.said_in_sip(first), [SipCommand::HangUp]);
    assert_eq!(scene.ended(1).expect("over").0.cause, EndCause::Hangup { by: Side::FarEnd });
    assert_eq!(scene.calls.count(), 0);
}

#[test]
fn a_transfer_that_fails_gives_the_far_end_back() {
    let mut scene = Scene::with_phone();
    let first = scene.talks(1);
    scene.asks(1, to("200"));
    scene.sip(first, SipEvent::TransferProgress { code: 501 });
    let second = scene.dialled_leg();
    scene.sip(second, fails(486));
    assert_eq!(scene.refused(), Some(Refusal::TransferFailed));
    assert!(scene.hear_each_other(first));
}

/// Petr takes the place of a far end; his dialog's name.
fn petr_takes_the_place_of(scene: &mut Scene, old: LegId) -> LegId {
    let new = scene.calls.new_leg();
    let successor = Successor { number: "300".into(), name: Some("Petr".into()), telephone_event: true };
    scene.input(Input::Replaced { old, new, successor });
    new
}

#[test]
fn whoever_takes_the_place_of_a_far_end_is_talked_with() {
    let mut scene = Scene::with_phone();
    let old = scene.talks(1);
    assert!(scene.calls.can_be_replaced(old));
    let new = petr_takes_the_place_of(&mut scene, old);
    assert_eq!(scene.said_in_sip(old), [SipCommand::HangUp]);
    assert_eq!(scene.reports(1), [Report::Transferred { to: Handed::Number("300".into()) }]);
    assert!(scene.hear_each_other(new));
    assert_eq!(scene.hears(Party::Leg(old)), Sound::Nothing);
    scene.sip(old, bye());
    assert_eq!(scene.ended(1), None, "what the old dialog says is of no account");
    scene.sip(new, bye());
    assert_eq!(scene.ended(1).expect("over").0.cause, EndCause::Hangup { by: Side::FarEnd });
}

#[test]
fn who_is_held_by_a_far_end_is_free_when_somebody_takes_its_place() {
    let mut scene = Scene::with_phone();
    let old = scene.talks(1);
    scene.sip(old, SipEvent::FarHold { on: true });
    let new = petr_takes_the_place_of(&mut scene, old);
    assert!(scene.hear_each_other(new));
    scene.input(Input::Silent { leg: new });
    assert!(scene.ended(1).is_some(), "the new one does not hold");
}

#[test]
fn a_call_that_rings_at_the_far_end_may_be_taken_elsewhere() {
    let mut scene = Scene::with_phone();
    scene.input(Input::Dialled { phone: PHONE, order: order(1) });
    let old = scene.dialled_leg();
    scene.sip(old, SipEvent::Ringing);
    let new = petr_takes_the_place_of(&mut scene, old);
    assert_eq!(scene.said_in_sip(old), [SipCommand::HangUp]);
    assert_eq!(
        scene.reports(1),
        [Report::Answered, Report::Transferred { to: Handed::Number("300".into()) }]
    );
    assert!(scene.hear_each_other(new));
}

#[test]
fn one_of_two_far_ends_that_were_joined_here_may_be_replaced() {
    let mut scene = Scene::with_phone();
    let first = scene.talks(1);
    scene.asks(1, to("200"));
    scene.sip(first, SipEvent::TransferProgress { code: 501 });
    let second = scene.dialled_leg();
    scene.sip(second, SipEvent::Answered { telephone_event: true });
    let new = petr_takes_the_place_of(&mut scene, second);
    assert_eq!(scene.said_in_sip(second), [SipCommand::HangUp]);
    assert_eq!(scene.hears(Party::Leg(first)), Sound::With(Party::Leg(new)));
    scene.sip(new, bye());
    assert_eq!(scene.said_in_sip(first), [SipCommand::HangUp]);
}

#[test]
fn nobody_takes_the_place_of_a_caller_who_waits_or_of_one_who_is_being_handed_on() {
    let mut scene = Scene::with_phone();
    let talks = scene.talks(1);
    let waits = scene.is_called(2, account());
    assert!(!scene.calls.can_be_replaced(waits));
    let new = petr_takes_the_place_of(&mut scene, waits);
    assert_eq!(scene.said_in_sip(new), [SipCommand::HangUp]);
    scene.asks(1, to("200"));
    assert!(!scene.calls.can_be_replaced(talks));
}

#[test]
fn a_pbx_that_says_nothing_to_a_transfer_is_not_waited_for() {
    let mut scene = Scene::with_phone();
    scene.talks(1);
    scene.asks(1, to("200"));
    scene.wait(seconds(15));
    scene.dialled_leg();
}

#[test]
fn two_lines_of_one_account_are_joined_by_their_pbx() {
    let mut scene = Scene::with_phone();
    let first = scene.talks(1);
    let second = scene.talks(2);
    scene.asks(1, Verb::Transfer(TransferTo::Line));
    assert_eq!(scene.said_in_sip(first)[0], SipCommand::ReferTo { leg: second });
    scene.sip(first, SipEvent::TransferProgress { code: 200 });
    assert_eq!([1, 2].map(|number| scene.ended(number).expect("over").0.cause), [EndCause::Replaced; 2]);
}

#[test]
fn a_pbx_that_ends_the_replaced_line_first_has_joined_them_too() {
    let mut scene = Scene::with_phone();
    scene.talks(1);
    let second = scene.talks(2);
    scene.asks(1, Verb::Transfer(TransferTo::Line));
    scene.sip(second, bye());
    assert_eq!([1, 2].map(|number| scene.ended(number).expect("over").0.cause), [EndCause::Replaced; 2]);
    assert_eq!(scene.calls.count(), 0);
}

#[test]
fn two_lines_of_different_accounts_are_joined_here_and_the_person_is_free() {
    let mut scene = Scene::with_phone();
    let first = scene.talks(1);
    let second = scene.talks_through(2, second_account());
    scene.asks(2, Verb::Transfer(TransferTo::Line));
    assert_eq!(scene.hears(Party::Leg(first)), Sound::With(Party::Leg(second)));
    assert_eq!(scene.hears(Party::Phone(PHONE)), Sound::Nothing);

    let third = scene.talks(3);
    assert!(scene.hear_each_other(third), "Ivan can make another call meanwhile");

    scene.sip(first, bye());
    assert_eq!(
        [1, 2].map(|number| scene.ended(number).expect("over").0.cause),
        [EndCause::Hangup { by: Side::FarEnd }; 2]
    );
    assert!(scene.hear_each_other(third));
}

#[test]
fn a_far_end_that_was_held_is_told_that_it_is_not_when_it_is_joined() {
    let mut scene = Scene::with_phone();
    let first = scene.talks(1);
    scene.talks_through(2, second_account());
    scene.asks(2, Verb::Transfer(TransferTo::Line));
    assert_eq!(scene.said_in_sip(first), [SipCommand::Hold(false)]);
}

#[test]
fn the_far_end_sends_us_to_somebody_else() {
    let mut scene = Scene::with_phone();
    let first = scene.talks(1);
    scene.sip(first, SipEvent::TransferAsked { to: "sip:300@pbx.test".into() });
    assert_eq!(scene.said_in_sip(first), [SipCommand::AcceptTransfer]);
    let second = scene.dialled_leg();
    scene.sip(first, bye());
    assert_eq!(scene.ended(1), None, "it has left, and the call goes on");
    scene.sip(second, SipEvent::Answered { telephone_event: false });
    assert!(scene.hear_each_other(second));
    assert_eq!(scene.reports(1), [Report::Transferred { to: Handed::Number("sip:300@pbx.test".into()) }]);
}

#[test]
fn somebody_else_who_does_not_answer_leaves_us_with_the_far_end() {
    let mut scene = Scene::with_phone();
    let first = scene.talks(1);
    scene.sip(first, SipEvent::TransferAsked { to: "sip:300@pbx.test".into() });
    let second = scene.dialled_leg();
    scene.sip(second, fails(480));
    assert_eq!(scene.said_in_sip(first), [SipCommand::TransferDone { code: 480 }]);
    assert!(scene.hear_each_other(first));
}

#[test]
fn a_transfer_of_a_call_that_nobody_answered_is_refused() {
    let mut scene = Scene::with_phone();
    let leg = scene.is_called(1, account());
    scene.sip(leg, SipEvent::TransferAsked { to: "sip:300@pbx.test".into() });
    assert_eq!(scene.said_in_sip(leg), [SipCommand::RefuseTransfer { code: 603 }]);
}
