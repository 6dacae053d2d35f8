//! Calls that come in.

use super::*;

fn theirs() -> About {
    About { peer: PEER, admin: IVAN, participant: ME }
}

/// The person's side of the key, and the call that it makes.
fn offered() -> (Stage, Caller) {
    let half = Caller::new(group(), &SECRET_OF_SERVER, &mut StdRng::seed_from_u64(9));
    let call = Call::incoming(ME, theirs(), &half.commitment(), Timers::default(), at(0));
    (Stage::of(call.expect("a call that can be carried")), half)
}

fn our_half(stage: &Stage) -> Box<[u8; 256]> {
    let shown = stage.asked.iter().find_map(|request| match request {
        Request::Accept { g_b, .. } => Some(g_b.clone()),
        Request::Group
        | Request::Ring { .. }
        | Request::Received { .. }
        | Request::Confirm { .. }
        | Request::Signal { .. }
        | Request::Discard { .. } => None,
    });
    shown.expect("the call was accepted")
}

/// Answered, with what the caller's app says next.
fn taken() -> (Stage, Agreed) {
    let (mut stage, half) = offered();
    stage.give(Input::Answer).group();
    let key = half.accept(&our_half(&stage)[..]).expect("a strong value");
    let agreed = final_word(&key);
    stage.answer(Update::Waiting { about: theirs(), received: true });
    (stage, agreed)
}

fn final_word(key: &exchange::Agreed) -> Agreed {
    Agreed {
        about: theirs(),
        g_a_or_b: key.g_a.to_vec(),
        fingerprint: key.key.fingerprint(),
        versions: versions("13.0.0"),
        servers: Vec::new(),
        p2p: false,
        parameters: None,
    }
}

#[test]
fn the_caller_hears_it_ring_at_once() {
    let (stage, _) = offered();
    assert_eq!(stage.asked, [Request::Received { peer: PEER }]);
}

#[test]
fn an_answered_call_begins_with_the_callers_key() {
    let (mut stage, agreed) = taken();
    stage.give(Input::Far(Bytes::from_static(b"early")));
    let fingerprint = agreed.fingerprint;
    stage.update(Update::Agreed(Box::new(agreed)));

    let config = stage.begun().expect("the call begins");
    assert_eq!((config.role, config.key.fingerprint(), config.p2p), (Role::Callee, fingerprint, false));
    assert!(matches!(stage.told[..], [Told::Begun(_), Told::Signal(_)]), "early signalling follows");
}

#[test]
fn a_caller_that_shows_another_value_is_refused() {
    let (mut stage, mut agreed) = taken();
    let other = Caller::new(group(), &SECRET_OF_SERVER, &mut StdRng::seed_from_u64(77));
    agreed.g_a_or_b = other.accept(&our_half(&stage)[..]).expect("a strong value").g_a.to_vec();
    stage.update(Update::Agreed(Box::new(agreed)));
    assert_eq!(stage.end(), Some(&End::Lost));
    assert_eq!(stage.discards(), [(Reason::Disconnect, Duration::ZERO)]);
}

#[test]
fn a_caller_with_another_key_is_refused() {
    let (mut stage, mut agreed) = taken();
    agreed.fingerprint ^= 1;
    stage.update(Update::Agreed(Box::new(agreed)));
    assert_eq!(stage.end(), Some(&End::Lost));
}

#[test]
fn a_call_that_is_not_taken_is_busy_for_the_caller() {
    let (mut stage, _) = offered();
    stage.give(Input::HangUp(HangUp::Hangup));
    assert_eq!(stage.discards(), [(Reason::Busy, Duration::ZERO)]);
    let (mut stage, _) = offered();
    stage.give(Input::HangUp(HangUp::Missed));
    assert_eq!(stage.discards(), [(Reason::Missed, Duration::ZERO)]);
}

#[test]
fn hanging_up_while_answering_ends_the_call() {
    let (mut stage, _) = offered();
    stage.give(Input::Answer).give(Input::HangUp(HangUp::Hangup)).group();
    assert_eq!((stage.end(), stage.discards().len()), (Some(&End::HungUp), 1));
    let (mut stage, agreed) = taken();
    stage.give(Input::HangUp(HangUp::Hangup)).update(Update::Agreed(Box::new(agreed)));
    assert_eq!(stage.discards(), [(Reason::Hangup, Duration::ZERO)]);
    assert!(stage.begun().is_none());
}

#[test]
fn a_caller_who_gives_up_leaves_a_missed_call() {
    let (mut stage, _) = offered();
    stage.update(Update::Discarded { id: PEER.id, reason: Some(Reason::Missed) });
    assert_eq!(stage.end(), Some(&End::Missed));
}

#[test]
fn another_device_of_the_account_may_take_the_call() {
    let (mut stage, _) = offered();
    stage.update(Update::Discarded { id: PEER.id, reason: Some(Reason::Hangup) });
    assert_eq!(stage.end(), Some(&End::Elsewhere));

    let (mut stage, _) = offered();
    stage.give(Input::Answer).group().refuse(400, "CALL_ALREADY_ACCEPTED");
    assert_eq!((stage.end(), stage.discards()), (Some(&End::Elsewhere), Vec::new()), "it goes on there");

    let (_, agreed) = taken();
    let (mut stage, _) = offered();
    stage.update(Update::Agreed(Box::new(agreed)));
    assert_eq!((stage.end(), stage.discards()), (Some(&End::Elsewhere), Vec::new()));
}

#[test]
fn a_caller_who_is_gone_when_we_answer_needs_no_good_bye() {
    let (mut stage, _) = offered();
    stage.give(Input::Answer).group().refuse(400, "CALL_ALREADY_DECLINED");
    assert_eq!((stage.end(), stage.discards()), (Some(&End::Declined), Vec::new()));
}

#[test]
fn an_answer_that_was_lost_and_repeated_is_not_another_device() {
    let (mut stage, half) = offered();
    stage.give(Input::Answer).group().refuse_repetition("CALL_ALREADY_ACCEPTED");
    assert!(stage.end().is_none(), "the first one was ours");
    let key = half.accept(&our_half(&stage)[..]).expect("a strong value");
    stage.update(Update::Agreed(Box::new(final_word(&key))));
    assert!(stage.begun().is_some());
}

#[test]
fn another_call_is_not_taken_for_this_one() {
    let (mut stage, agreed) = taken();
    for about in [
        About { peer: Peer { access_hash: PEER.access_hash + 1, ..PEER }, ..theirs() },
        About { admin: IVAN + 1, ..theirs() },
        About { participant: ME + 1, ..theirs() },
    ] {
        stage.update(Update::Agreed(Box::new(Agreed { about, ..agreed.clone() })));
    }
    assert!(stage.begun().is_none() && stage.end().is_none());
}

#[test]
fn nobody_rings_for_longer_than_ninety_seconds() {
    let (mut stage, _) = offered();
    stage.until(at(90));
    assert_eq!((stage.end(), stage.discards()), (Some(&End::Missed), vec![(Reason::Missed, Duration::ZERO)]));
}

#[test]
fn a_caller_that_never_shows_its_value_is_given_up() {
    let (mut stage, _) = taken();
    stage.until(at(30));
    assert_eq!((stage.end(), stage.discards().len()), (Some(&End::Slow), 1));
}

#[test]
fn a_call_without_a_commitment_is_refused() {
    let refused = Call::incoming(ME, theirs(), &[1; 31], Timers::default(), at(0)).expect_err("31 bytes");
    let discard = Request::Discard { peer: PEER, reason: Reason::Disconnect, duration: Duration::ZERO };
    assert_eq!(refused, discard);
}
