//! Calls between Olga and Ivan, who has two phones.

use super::{
    call::{Call, Endpoint, Protocol, Reason, Stage},
    ending::CONFIRM_WITHIN,
    *,
};

const OLGA: i64 = 1;
const IVAN: i64 = 2;
const TERMS: Terms = Terms { ring: 90, loss: 0.0, duplication: 0.0 };

fn protocol(versions: &[&str]) -> Protocol {
    Protocol {
        min_layer: 92,
        max_layer: 92,
        udp_p2p: true,
        udp_reflector: true,
        library_versions: versions.iter().map(|&v| v.to_owned()).collect(),
    }
}

fn asked(callee: i64) -> Asked {
    Asked { callee, video: false, g_a_hash: vec![1; HASH], protocol: protocol(&["8.0.0", "13.0.0", "9.0.0"]) }
}

/// Olga's phone, both of Ivan's, and a call from her to him at second 0.
fn ringing(terms: Terms) -> (Calls, [Endpoint; 3], i64) {
    let mut calls = Calls::new(terms, 7);
    let apps = [calls.open(OLGA), calls.open(IVAN), calls.open(IVAN)];
    let call = calls.request(apps[0], asked(IVAN), 0).unwrap().id;
    assert_eq!(told(&mut calls), [(apps[1], "requested"), (apps[2], "requested")]);
    (calls, apps, call)
}

/// The same, answered on Ivan's first phone and confirmed at second 3.
fn talking(terms: Terms) -> (Calls, [Endpoint; 3], i64) {
    let (mut calls, apps, call) = ringing(terms);
    calls.accept(apps[1], call, vec![2; NUMBER], protocol(&["13.0.0", "9.0.0"]), 2).unwrap();
    calls.confirm(apps[0], call, vec![3; NUMBER], 42, 3).unwrap();
    calls.take_notices();
    (calls, apps, call)
}

fn told(calls: &mut Calls) -> Vec<(Endpoint, &'static str)> {
    let word = |call: &Call| match call.stage {
        Stage::Requested if call.received.is_some() => "ringing",
        Stage::Requested => "requested",
        Stage::Accepted { .. } => "accepted",
        Stage::Active(_) => "active",
        Stage::Discarded { .. } => "discarded",
    };
    let what = |notice: &Notice| match notice {
        Notice::Changed(call) => word(call),
        Notice::Elsewhere(_) => "elsewhere",
        Notice::Signal { .. } => "signal",
    };
    calls.take_notices().iter().map(|(app, notice)| (*app, what(notice))).collect()
}

fn active(calls: &Calls, call: i64) -> Active {
    let Some(Call { stage: Stage::Active(active), .. }) = calls.find(OLGA, call) else {
        panic!("not active")
    };
    active.clone()
}

#[test]
fn the_caller_hears_once_that_the_phone_rings() {
    let (mut calls, [olga, ivan, other], call) = ringing(TERMS);
    calls.received(ivan, call, 1).unwrap();
    calls.received(other, call, 1).unwrap();
    assert_eq!(told(&mut calls), [(olga, "ringing")]);
}

#[test]
fn the_first_phone_to_answer_has_the_call() {
    let (mut calls, [olga, ivan, other], call) = ringing(TERMS);
    calls.accept(ivan, call, vec![2; NUMBER], protocol(&["9.0.0"]), 2).unwrap();
    assert_eq!(told(&mut calls), [(olga, "accepted"), (other, "elsewhere")]);
    let late = calls.accept(other, call, vec![2; NUMBER], protocol(&["9.0.0"]), 2);
    assert_eq!(late, Err(refused::ALREADY_ACCEPTED));
    assert_eq!(calls.discard(other, call, Reason::Hangup, 2), Err(refused::PEER));
}

#[test]
fn the_common_versions_are_in_the_order_of_the_caller() {
    let (calls, _, call) = talking(TERMS);
    let active = active(&calls, call);
    assert_eq!(active.protocol.library_versions, ["13.0.0", "9.0.0"]);
    assert!(active.p2p_allowed);
}

#[test]
fn phones_without_a_common_version_cannot_talk() {
    let (mut calls, [_, ivan, _], call) = ringing(TERMS);
    let answer = calls.accept(ivan, call, vec![2; NUMBER], protocol(&["7.0.0"]), 2);
    assert_eq!(answer, Err(refused::COMPAT));
}

#[test]
fn signalling_reaches_the_phone_at_the_other_end_and_no_other() {
    let (mut calls, [olga, ivan, other], call) = talking(TERMS);
    calls.signal(olga, call, vec![1]).unwrap();
    calls.signal(ivan, call, vec![2]).unwrap();
    assert_eq!(
        calls.take_notices(),
        [(ivan, Notice::Signal { call, data: vec![1] }), (olga, Notice::Signal { call, data: vec![2] })]
    );
    assert_eq!(calls.signal(other, call, vec![3]), Err(refused::PEER));
}

#[test]
fn nothing_is_signalled_before_the_key_is_agreed() {
    let (mut calls, [olga, ivan, _], call) = ringing(TERMS);
    assert_eq!(calls.signal(olga, call, vec![1]), Err(refused::PEER));
    calls.accept(ivan, call, vec![2; NUMBER], protocol(&["9.0.0"]), 2).unwrap();
    assert_eq!(calls.signal(ivan, call, vec![1]), Err(refused::PEER));
}

#[test]
fn a_declined_call_stops_ringing_everywhere() {
    let (mut calls, [olga, ivan, other], call) = ringing(TERMS);
    calls.discard(ivan, call, Reason::Busy, 4).unwrap();
    assert_eq!(told(&mut calls), [(olga, "discarded"), (other, "discarded")]);
    let late = calls.accept(other, call, vec![2; NUMBER], protocol(&["9.0.0"]), 4);
    assert_eq!(late, Err(refused::ALREADY_DECLINED));
}

#[test]
fn a_call_that_nobody_answers_is_missed_when_its_time_is_over() {
    let (mut calls, [olga, ivan, other], call) = ringing(TERMS);
    assert_eq!(calls.next_deadline(), Some(90));
    calls.expire(89);
    assert_eq!(told(&mut calls), []);
    calls.expire(90);
    assert_eq!(told(&mut calls), [(olga, "discarded"), (ivan, "discarded"), (other, "discarded")]);
    let ended = calls.find(IVAN, call).unwrap();
    assert_eq!(ended.stage, Stage::Discarded { reason: Some(Reason::Missed), duration: None });
    assert_eq!(calls.next_deadline(), None);
}

#[test]
fn an_answered_call_that_is_never_confirmed_is_let_go() {
    let (mut calls, [_, ivan, _], call) = ringing(TERMS);
    calls.accept(ivan, call, vec![2; NUMBER], protocol(&["9.0.0"]), 2).unwrap();
    calls.expire(2 + CONFIRM_WITHIN);
    let ended = calls.find(OLGA, call).unwrap();
    assert_eq!(ended.stage, Stage::Discarded { reason: Some(Reason::Disconnect), duration: None });
}

#[test]
fn hanging_up_twice_is_hanging_up_once() {
    let (mut calls, [olga, ivan, _], call) = talking(TERMS);
    let ended = calls.discard(olga, call, Reason::Hangup, 13).unwrap();
    assert_eq!(ended.stage, Stage::Discarded { reason: Some(Reason::Hangup), duration: Some(10) });
    assert_eq!(told(&mut calls), [(ivan, "discarded")]);
    assert_eq!(calls.discard(ivan, call, Reason::Disconnect, 20).unwrap(), ended);
    assert_eq!(told(&mut calls), []);
}

#[test]
fn whoever_lets_nobody_call_is_not_called() {
    let (mut calls, [olga, ..], _) = ringing(TERMS);
    calls.set_privacy(IVAN, Privacy { calls: false, ..Privacy::default() });
    assert_eq!(calls.request(olga, asked(IVAN), 0).unwrap_err(), refused::PRIVACY);
    assert_eq!(calls.request(olga, asked(OLGA), 0).unwrap_err(), refused::USER_ID);
}

#[test]
fn one_side_without_direct_media_is_enough_to_forbid_it() {
    let (mut calls, [olga, ivan, _], call) = ringing(TERMS);
    calls.set_privacy(IVAN, Privacy { p2p: false, ..Privacy::default() });
    calls.accept(ivan, call, vec![2; NUMBER], protocol(&["9.0.0"]), 2).unwrap();
    calls.confirm(olga, call, vec![3; NUMBER], 42, 3).unwrap();
    assert!(!active(&calls, call).p2p_allowed);
}

#[test]
fn a_phone_that_comes_up_while_it_rings_rings_too() {
    let (mut calls, _, _) = ringing(TERMS);
    let third = calls.open(IVAN);
    assert_eq!(told(&mut calls), [(third, "requested")]);
}

#[test]
fn a_person_can_be_rung_while_in_a_call() {
    let (mut calls, [_, ivan, other], _) = talking(TERMS);
    let petr = calls.open(3);
    calls.request(petr, asked(IVAN), 5).unwrap();
    assert_eq!(told(&mut calls), [(ivan, "requested"), (other, "requested")]);
}

#[test]
fn the_same_seed_loses_and_doubles_the_same_packets() {
    let run = || {
        let (mut calls, [olga, ..], call) = talking(Terms { loss: 0.3, duplication: 0.2, ..TERMS });
        for n in 0..100 {
            calls.signal(olga, call, vec![n]).unwrap();
        }
        let Traffic { signals, signals_lost, signals_doubled, .. } = calls.traffic;
        assert_eq!(signals + signals_lost, 100);
        assert!(signals_lost > 0 && signals_doubled > 0);
        let data = |(_, notice)| match notice {
            Notice::Signal { data, .. } => data,
            Notice::Changed(_) | Notice::Elsewhere(_) => panic!("not signalling"),
        };
        calls.take_notices().into_iter().map(data).collect::<Vec<_>>()
    };
    let (first, second) = (run(), run());
    assert_eq!(first, second);
    assert!((60..110).contains(&first.len()), "{}", first.len());
}

#[test]
fn a_half_of_the_key_may_lack_its_leading_zeros() {
    let answer = |bytes| {
        let (mut calls, [_, ivan, _], call) = ringing(TERMS);
        calls.accept(ivan, call, vec![2; bytes], protocol(&["9.0.0"]), 2).map(drop)
    };
    assert_eq!(answer(NUMBER - 1), Ok(()));
    for bytes in [0, NUMBER / 2, NUMBER + 1] {
        assert_eq!(answer(bytes), Err(refused::DH_G_A), "{bytes}");
    }
}
