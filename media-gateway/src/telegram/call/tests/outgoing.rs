//! Calls that we make.

use super::*;
use proptest::prelude::*;

fn ours() -> About {
    About { peer: PEER, admin: ME, participant: IVAN }
}

fn calling() -> Stage {
    Stage::of(Call::outgoing(ME, IVAN, 1, Timers::default(), at(0)))
}

fn waiting(received: bool) -> Update {
    Update::Waiting { about: ours(), received }
}

fn over(reason: Reason) -> Update {
    Update::Discarded { id: PEER.id, reason: Some(reason) }
}

fn requested() -> Stage {
    let mut stage = calling();
    stage.group();
    stage
}

fn ringing() -> Stage {
    let mut stage = requested();
    stage.answer(waiting(false)).update(waiting(true));
    stage
}

/// The person's side of the key: what answering shows.
fn their_half(stage: &Stage) -> Callee {
    let commitment = stage.asked.iter().find_map(|request| match request {
        Request::Ring { g_a_hash, .. } => Some(*g_a_hash),
        Request::Group
        | Request::Received { .. }
        | Request::Accept { .. }
        | Request::Confirm { .. }
        | Request::Signal { .. }
        | Request::Discard { .. } => None,
    });
    Callee::new(group(), &SECRET_OF_SERVER, commitment.expect("it rang"), &mut StdRng::seed_from_u64(9))
}

fn taken(half: &Callee) -> Update {
    Update::Accepted { about: ours(), g_b: half.public_value().to_vec() }
}

fn confirmed(stage: &Stage) -> (Box<[u8; 256]>, i64) {
    let shown: Vec<(Box<[u8; 256]>, i64)> = stage
        .asked
        .iter()
        .filter_map(|request| match request {
            Request::Confirm { g_a, fingerprint, .. } => Some((g_a.clone(), *fingerprint)),
            Request::Group
            | Request::Ring { .. }
            | Request::Received { .. }
            | Request::Accept { .. }
            | Request::Signal { .. }
            | Request::Discard { .. } => None,
        })
        .collect();
    assert_eq!(shown.len(), 1, "the key is confirmed once");
    shown.into_iter().next().expect("one")
}

fn agreed(fingerprint: i64) -> Agreed {
    Agreed {
        about: ours(),
        g_a_or_b: vec![1; 256],
        fingerprint,
        versions: versions("9.0.0"),
        servers: Vec::new(),
        p2p: true,
        parameters: None,
    }
}

fn answered() -> (Stage, Callee) {
    let mut stage = ringing();
    let half = their_half(&stage);
    stage.update(taken(&half));
    (stage, half)
}

fn talking() -> Stage {
    let (mut stage, _) = answered();
    let (_, fingerprint) = confirmed(&stage);
    stage.answer(Update::Agreed(Box::new(agreed(fingerprint))));
    stage
}

#[test]
fn both_ends_have_one_key_once_the_person_answers() {
    let (mut stage, half) = answered();
    assert!(matches!(stage.told[..], [Told::Ringing]));
    let (g_a, fingerprint) = confirmed(&stage);
    let theirs = half.confirm(&g_a[..], fingerprint).expect("the value that was committed to");

    stage.answer(Update::Agreed(Box::new(agreed(fingerprint))));

    let config = stage.begun().expect("the call begins");
    assert_eq!((config.key.clone(), config.role), (theirs.key, Role::Caller));
    assert!(stage.call.poll_timeout().is_none(), "a call lasts as long as it likes");
}

#[test]
fn repetitions_change_nothing() {
    let (mut stage, half) = answered();
    stage.update(waiting(true)).update(taken(&half)).update(waiting(false));
    let (_, fingerprint) = confirmed(&stage);
    for _ in 0..2 {
        stage.answer(Update::Agreed(Box::new(agreed(fingerprint))));
        stage.update(Update::Agreed(Box::new(agreed(fingerprint)))).update(taken(&half));
    }
    assert_eq!(stage.told.len(), 2, "ringing and begun: {:?}", stage.told);
    stage.update(over(Reason::Hangup)).update(over(Reason::Hangup));
    assert_eq!(stage.end(), Some(&End::HungUp));
}

#[test]
fn updates_may_overtake_the_answer_to_the_request() {
    let mut stage = requested();
    let half = their_half(&stage);
    assert!(stage.call.may_have_made(ours()));
    stage.update(waiting(true)).update(taken(&half)).answer(waiting(false));
    let (_, fingerprint) = confirmed(&stage);
    stage.answer(Update::Agreed(Box::new(agreed(fingerprint))));
    assert!(stage.begun().is_some());
}

#[test]
fn a_request_that_was_repeated_finds_its_call_by_the_update() {
    let mut stage = requested();
    stage.refuse(500, "RANDOM_ID_DUPLICATE");
    assert!(stage.end().is_none());
    stage.update(waiting(true));
    assert!(matches!(stage.told[..], [Told::Ringing]));
}

#[test]
fn what_a_request_made_that_was_hung_up_and_repeated_is_discarded() {
    let mut stage = requested();
    stage.give(Input::HangUp(HangUp::Hangup)).refuse(500, "RANDOM_ID_DUPLICATE");
    assert!(!stage.call.is_done(), "an update will name it");
    stage.update(waiting(true));
    assert_eq!(stage.discards(), [(Reason::Missed, Duration::ZERO)]);
    assert!(stage.call.is_done());
}

#[test]
fn what_a_request_made_whose_answer_never_came_is_discarded() {
    for (trouble, end) in [(Trouble::Unreachable, End::Lost), (slow(), End::Slow)] {
        let mut stage = requested();
        stage.trouble(trouble);
        assert_eq!(stage.end(), Some(&end), "nobody waits for it");
        stage.update(waiting(true));
        assert_eq!(stage.discards(), [(Reason::Missed, Duration::ZERO)]);
    }
}

#[test]
fn a_confirmation_whose_answer_was_lost_waits_a_little_for_an_update() {
    for word in ["CALL_PEER_INVALID", "CALL_ALREADY_ACCEPTED"] {
        let (mut stage, _) = answered();
        let (_, fingerprint) = confirmed(&stage);
        stage.refuse_repetition(word).until(at(4)).update(Update::Agreed(Box::new(agreed(fingerprint))));
        assert!(stage.begun().is_some() && stage.discards().is_empty(), "{word}");

        let (mut stage, _) = answered();
        stage.refuse_repetition(word).until(at(5));
        assert_eq!(stage.end(), Some(&End::Slow));
        assert_eq!(stage.discards(), [(Reason::Disconnect, Duration::ZERO)], "their app waits for sound");
    }
}

#[test]
fn a_person_who_hangs_up_before_the_confirmation_needs_no_good_bye() {
    let (mut stage, _) = answered();
    stage.refuse(400, "CALL_ALREADY_DECLINED");
    assert_eq!((stage.end(), stage.discards().len()), (Some(&End::Declined), 0));
    let (mut stage, _) = answered();
    stage.refuse(400, "CALL_PEER_INVALID");
    assert_eq!((stage.end(), stage.discards().len()), (Some(&End::Lost), 1));
}

#[test]
fn another_persons_call_is_not_taken_for_this_one() {
    let mut stage = ringing();
    let half = their_half(&stage);
    let about = About { participant: 3, ..ours() };
    stage.update(Update::Accepted { about, g_b: half.public_value().to_vec() });
    stage.update(Update::Discarded { id: 43, reason: Some(Reason::Busy) });
    let other = Peer { access_hash: PEER.access_hash + 1, ..PEER };
    let about = About { peer: other, ..ours() };
    stage.update(Update::Accepted { about, g_b: half.public_value().to_vec() });
    assert_eq!(stage.asked.len(), 2, "no key was made: {:?}", stage.asked);
    assert!(stage.end().is_none());
}

#[test]
fn early_signalling_is_handed_over_after_the_beginning_in_its_order() {
    let (mut stage, _) = answered();
    stage.give(Input::Far(Bytes::from_static(b"1"))).give(Input::Far(Bytes::from_static(b"2")));
    let (_, fingerprint) = confirmed(&stage);
    stage.answer(Update::Agreed(Box::new(agreed(fingerprint)))).give(Input::Far(Bytes::from_static(b"3")));

    let order: Vec<u8> = stage
        .told
        .iter()
        .skip(1)
        .map(|told| match told {
            Told::Begun(_) => b'0',
            Told::Signal(packet) => packet[0],
            Told::Ringing | Told::Over(_) => b'?',
        })
        .collect();
    assert_eq!(order, b"0123");
}

#[test]
fn hanging_up_before_telegram_has_answered_discards_what_the_request_made() {
    let mut stage = requested();
    stage.give(Input::HangUp(HangUp::Hangup));
    assert_eq!(stage.end(), Some(&End::HungUp), "nobody waits for Telegram");
    assert!(stage.discards().is_empty() && !stage.call.is_done());

    stage.answer(waiting(false));
    assert_eq!(stage.discards(), [(Reason::Missed, Duration::ZERO)]);
    assert!(stage.call.is_done());
    assert_eq!(stage.end(), Some(&End::HungUp));
}

#[test]
fn hanging_up_while_it_rings_leaves_a_missed_call() {
    let mut stage = ringing();
    stage.give(Input::HangUp(HangUp::Hangup));
    assert_eq!(stage.discards(), [(Reason::Missed, Duration::ZERO)]);
}

#[test]
fn the_length_of_a_call_is_told_when_we_hang_up() {
    let mut stage = talking();
    stage.now = at(75);
    stage.give(Input::HangUp(HangUp::Hangup)).give(Input::HangUp(HangUp::Hangup));
    assert_eq!(stage.discards(), [(Reason::Hangup, at(75))]);
    assert_eq!(stage.end(), Some(&End::HungUp));
}

#[test]
fn a_person_whose_app_does_not_get_the_call_is_given_up_after_twenty_seconds() {
    let mut stage = requested();
    stage.answer(waiting(false)).until(at(19));
    assert!(stage.end().is_none());
    stage.until(at(20));
    assert_eq!((stage.end(), stage.discards()), (Some(&End::Missed), vec![(Reason::Missed, Duration::ZERO)]));
}

#[test]
fn it_rings_for_ninety_seconds() {
    let mut stage = ringing();
    stage.until(at(89));
    assert!(stage.end().is_none());
    stage.until(at(90));
    assert_eq!(stage.end(), Some(&End::Missed));
}

#[test]
fn a_silent_telegram_is_given_up_and_its_late_call_discarded() {
    let mut stage = requested();
    stage.until(at(20));
    assert_eq!(stage.end(), Some(&End::Slow));
    stage.answer(waiting(false));
    assert_eq!(stage.discards(), [(Reason::Missed, Duration::ZERO)]);
}

#[test]
fn what_ends_a_ringing_call_says_why() {
    for (reason, end) in [
        (Reason::Busy, End::Declined),
        (Reason::Hangup, End::Declined),
        (Reason::Missed, End::Missed),
        (Reason::Disconnect, End::Lost),
        (Reason::Migrate, End::Lost),
    ] {
        let mut stage = ringing();
        stage.update(over(reason));
        assert_eq!(stage.end(), Some(&end), "{reason:?}");
        assert!(stage.discards().is_empty(), "there is nothing left to discard");
    }
}

#[test]
fn what_telegram_refuses_says_why() {
    let other = End::Refused { code: 400, words: "INPUT_USER_DEACTIVATED".to_owned() };
    for (code, words, end) in [
        (403, "USER_PRIVACY_RESTRICTED", End::Restricted),
        (403, "USER_IS_BLOCKED", End::Restricted),
        (400, "PARTICIPANT_VERSION_OUTDATED", End::Outdated),
        (400, "USER_ID_INVALID", End::Unknown),
        (400, "INPUT_USER_DEACTIVATED", other),
    ] {
        let mut stage = requested();
        stage.refuse(code, words);
        assert_eq!(stage.end(), Some(&end), "{words}");
        assert!(stage.call.is_done());
    }
    let mut stage = requested();
    stage.trouble(Trouble::Flood(at(37)));
    assert_eq!(stage.end(), Some(&End::Flood { retry: at(37) }));
}

#[test]
fn a_weak_public_value_ends_the_call() {
    let mut stage = ringing();
    stage.update(Update::Accepted { about: ours(), g_b: vec![1] });
    assert_eq!((stage.end(), stage.discards().len()), (Some(&End::Lost), 1));
}

#[test]
fn another_fingerprint_ends_the_call() {
    let (mut stage, _) = answered();
    let (_, fingerprint) = confirmed(&stage);
    stage.answer(Update::Agreed(Box::new(agreed(fingerprint ^ 1))));
    assert_eq!(stage.end(), Some(&End::Lost));
    assert_eq!(stage.discards(), [(Reason::Disconnect, Duration::ZERO)]);
    assert!(stage.begun().is_none());
}

type Spoil = fn(&mut Agreed);

#[test]
fn a_call_that_would_stay_silent_is_refused() {
    let (code, words) = domain::call::codes::CALL_NOT_SPOKEN;
    let not_spoken = || End::Refused { code, words: words.to_owned() };
    let silent: [(End, Spoil); 4] = [
        (End::Outdated, |agreed| agreed.versions = versions("2.4.4")),
        (End::Outdated, |agreed| agreed.versions.clear()),
        (not_spoken(), |agreed| agreed.parameters = Some(r#"{"network_use_mtproto":true}"#.to_owned())),
        (not_spoken(), |agreed| agreed.parameters = Some("[".to_owned())),
    ];
    for (end, spoil) in silent {
        let (mut stage, _) = answered();
        let (_, fingerprint) = confirmed(&stage);
        let mut word = agreed(fingerprint);
        spoil(&mut word);
        stage.answer(Update::Agreed(Box::new(word)));
        assert_eq!((stage.end(), stage.discards().len()), (Some(&end), 1));
        assert!(stage.begun().is_none());
    }
    let (mut stage, _) = answered();
    stage.refuse(406, "CALL_PROTOCOL_COMPAT_LAYER_INVALID");
    assert_eq!(stage.end(), Some(&End::Outdated));
}

#[test]
fn signalling_goes_out_only_while_both_have_the_key() {
    let mut stage = ringing();
    stage.give(Input::Signal(Bytes::from_static(b"early")));
    assert!(!stage.asked.iter().any(|request| matches!(request, Request::Signal { .. })));
    let mut stage = talking();
    stage.give(Input::Signal(Bytes::from_static(b"now")));
    let last = stage.asked.last().expect("asked");
    assert_eq!(*last, Request::Signal { peer: PEER, packet: Bytes::from_static(b"now") });
    stage.now = at(75);
    stage.give(Input::SignalRefused);
    assert_eq!((stage.end(), stage.discards()), (Some(&End::Lost), vec![(Reason::Disconnect, at(75))]));
}

#[test]
fn an_account_that_is_gone_takes_its_calls_along() {
    let mut stage = talking();
    stage.give(Input::AccountGone);
    assert_eq!(stage.end(), Some(&End::Lost));
}

proptest! {
    // Each step may make a key, which takes its time.
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever comes in whatever order, one end is told, and nothing after it.
    #[test]
    fn every_call_ends_once(steps in proptest::collection::vec(0_u8..15, 1..30)) {
        let mut stage = calling();
        for step in steps {
            match step {
                0 => stage.give(Input::Group(Err(Trouble::Unreachable))),
                1 | 2 => stage.group(),
                3 => stage.answer(waiting(false)),
                4 => stage.update(waiting(true)),
                5 => stage.update(Update::Accepted { about: ours(), g_b: vec![2; 256] }),
                6 => stage.answer(Update::Agreed(Box::new(agreed(1)))),
                7 => stage.update(over(Reason::Busy)),
                8 => stage.refuse(400, "CALL_PEER_INVALID"),
                9 => stage.give(Input::HangUp(HangUp::Hangup)),
                10 => stage.give(Input::Far(Bytes::from_static(b"x"))),
                11 => stage.give(Input::Signal(Bytes::from_static(b"y"))),
                12 => stage.give(Input::Answer),
                13 => stage.refuse_repetition("RANDOM_ID_DUPLICATE"),
                _ => stage.until(stage.now + at(30)),
            };
        }
        for _ in 0..4 {
            stage.until(stage.now + at(100));
        }
        stage.give(Input::HangUp(HangUp::Hangup));
        prop_assert!(stage.end().is_some());
        prop_assert!(matches!(stage.told.last(), Some(Told::Over(_))));
        stage.until(stage.now + at(100));
        prop_assert!(stage.call.is_done());
    }
}
