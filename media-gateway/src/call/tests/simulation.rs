//! Whatever happens in whatever order: what must always be so.

use super::*;
use crate::call::keypad::Key;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Something that may happen. Numbers choose among what there is.
#[derive(Debug, Clone)]
enum Step {
    Open(u64, bool),
    Sound(u64),
    NoSound(u64),
    Close(u64),
    Dial(u64),
    Request(bool),
    PickUp(u64),
    Invite(bool),
    Ask(Option<u64>, usize, Verb),
    Sip(usize, SipEvent),
    Silent(usize),
    RecordingEnds(usize, bool),
    Wait(u64),
    Summonable(bool),
    Answered(u64),
    Failed(SummonsFailure),
    CalledByPerson(u64),
    HungUp(u64),
}

fn verbs() -> impl Strategy<Value = Verb> {
    prop_oneof![
        Just(Verb::Answer),
        Just(Verb::Decline),
        Just(Verb::HangUp),
        Just(Verb::Hold),
        Just(Verb::Resume),
        Just(Verb::Switch),
        Just(Verb::Transfer(TransferTo::Line)),
        Just(Verb::Transfer(TransferTo::Number("200".into()))),
        Just(Verb::Press(vec![Key::Pause])),
        any::<bool>().prop_map(Verb::Record),
    ]
}

fn sip_events() -> impl Strategy<Value = SipEvent> {
    prop_oneof![
        2 => Just(SipEvent::Ringing),
        2 => Just(SipEvent::EarlyMedia),
        6 => any::<bool>().prop_map(|telephone_event| SipEvent::Answered { telephone_event }),
        1 => any::<bool>().prop_map(|on| SipEvent::FarHold { on }),
        2 => any::<bool>().prop_map(|done| SipEvent::HoldAnswered { done }),
        2 => Just(SipEvent::TransferAsked { to: "sip:300@pbx.test".into() }),
        3 => prop_oneof![Just(180_u16), Just(200), Just(501)]
            .prop_map(|code| SipEvent::TransferProgress { code }),
        3 => prop_oneof![Just(200_u16), Just(404), Just(487)].prop_map(fails),
    ]
}

fn failures() -> impl Strategy<Value = SummonsFailure> {
    let reason = String::new();
    prop_oneof![
        Just(SummonsFailure::Declined),
        Just(SummonsFailure::Missed),
        Just(SummonsFailure::Flood { retry_after: 37 }),
        Just(SummonsFailure::Unreachable { code: 380, reason }),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    let (phone, telegram) = (1..4_u64, 8..10_u64);
    prop_oneof![
        4 => (phone.clone(), any::<bool>()).prop_map(|(phone, sound)| Step::Open(phone, sound)),
        2 => phone.clone().prop_map(Step::Sound),
        1 => phone.clone().prop_map(Step::NoSound),
        1 => phone.clone().prop_map(Step::Close),
        6 => phone.clone().prop_map(Step::Dial),
        3 => any::<bool>().prop_map(Step::Request),
        1 => phone.clone().prop_map(Step::PickUp),
        6 => any::<bool>().prop_map(Step::Invite),
        14 => (proptest::option::of(phone), 0..3_usize, verbs()).prop_map(|(p, n, v)| Step::Ask(p, n, v)),
        16 => (0..5_usize, sip_events()).prop_map(|(leg, event)| Step::Sip(leg, event)),
        1 => (0..5_usize).prop_map(Step::Silent),
        1 => (0..3_usize, any::<bool>()).prop_map(|(call, whole)| Step::RecordingEnds(call, whole)),
        3 => (1..100_u64).prop_map(Step::Wait),
        2 => any::<bool>().prop_map(Step::Summonable),
        4 => telegram.clone().prop_map(Step::Answered),
        4 => telegram.clone().prop_map(Step::Sound),
        1 => telegram.clone().prop_map(Step::Close),
        2 => failures().prop_map(Step::Failed),
        2 => telegram.clone().prop_map(Step::CalledByPerson),
        2 => telegram.prop_map(Step::HungUp),
    ]
}

/// What the world knows: the dialogs that are open, and what the log was told.
#[derive(Default)]
struct World {
    begun: BTreeSet<CallId>,
    ended: BTreeMap<CallId, u32>,
    legs: BTreeSet<LegId>,
    next: u128,
    seen: usize,
    hears: BTreeMap<Party, Sound>,
    /// A Telegram call rings.
    summoned: bool,
}

impl World {
    fn call(&self, index: usize) -> Option<CallId> {
        let open: Vec<_> = self.begun.iter().filter(|call| !self.ended.contains_key(call)).collect();
        (!open.is_empty()).then(|| *open[index % open.len()])
    }

    fn leg(&self, index: usize) -> Option<LegId> {
        (!self.legs.is_empty()).then(|| *self.legs.iter().nth(index % self.legs.len()).expect("in range"))
    }

    fn new_call(&mut self) -> CallId {
        self.next += 1;
        call(self.next)
    }

    fn take(&mut self, step: Step, scene: &mut Scene) {
        match step {
            Step::Open(phone, sound) => _ = scene.input(Input::PhoneOpened { phone: PhoneId(phone), sound }),
            Step::Sound(phone) => _ = scene.input(Input::PhoneSound { phone: PhoneId(phone) }),
            Step::NoSound(phone) => _ = scene.input(Input::PhoneSilent { phone: PhoneId(phone) }),
            Step::Close(phone) => _ = scene.input(Input::PhoneClosed { phone: PhoneId(phone) }),
            Step::Dial(phone) => {
                let order = Order { call: self.new_call(), ..order(0) };
                scene.input(Input::Dialled { phone: PhoneId(phone), order });
            }
            Step::Request(callback) => {
                let order = Order { call: self.new_call(), ..order(0) };
                scene.input(Input::Requested { order, callback });
            }
            Step::PickUp(phone) => _ = scene.input(Input::PickedUp { phone: PhoneId(phone) }),
            Step::Invite(second) => {
                let leg = scene.is_called(self.next + 1, if second { second_account() } else { account() });
                self.next += 1;
                self.legs.insert(leg);
            }
            Step::Ask(phone, call, verb) => {
                let (phone, call) = (phone.map(PhoneId), self.call(call));
                scene.input(Input::Asked { phone, call, verb });
            }
            Step::Sip(leg, event) => {
                let Some(leg) = self.leg(leg) else { return };
                if let SipEvent::Ended(_) = event {
                    self.legs.remove(&leg);
                }
                scene.sip(leg, event);
            }
            Step::Silent(leg) => {
                if let Some(leg) = self.leg(leg) {
                    scene.input(Input::Silent { leg });
                }
            }
            Step::RecordingEnds(call, whole) => {
                if let Some(call) = self.call(call) {
                    scene.input(Input::RecordingEnded { call, whole });
                }
            }
            Step::Wait(time) => _ = scene.wait(seconds(time)),
            Step::Summonable(on) => {
                self.summoned &= on;
                scene.input(Input::Summonable(on));
            }
            Step::Answered(phone) => {
                self.summoned = false;
                scene.input(Input::SummonsAnswered { phone: PhoneId(phone) });
            }
            Step::Failed(failure) => {
                self.summoned = false;
                scene.input(Input::SummonsFailed(failure));
            }
            Step::CalledByPerson(phone) => _ = scene.input(Input::CalledByPerson { phone: PhoneId(phone) }),
            Step::HungUp(phone) => _ = scene.input(Input::HungUpByPerson { phone: PhoneId(phone) }),
        }
    }

    /// Reads what was said since the last look.
    fn look(&mut self, scene: &Scene) {
        for output in &scene.said[self.seen..] {
            match output {
                Output::Report { call, report: Report::Ended { .. }, .. } => {
                    *self.ended.entry(*call).or_default() += 1;
                }
                Output::Report { call, report, .. } => {
                    assert!(!self.ended.contains_key(call), "{report:?} after the end");
                    self.begun.insert(*call);
                }
                Output::Sip { leg, command: SipCommand::Dial { .. } } => {
                    assert!(self.legs.insert(*leg), "a dialog begins once");
                }
                Output::Sip { leg, command: SipCommand::HangUp | SipCommand::Reject { .. } } => {
                    assert!(self.legs.remove(leg), "only a dialog that is open is ended");
                }
                Output::Sip { leg, .. } => assert!(self.legs.contains(leg), "{leg} is open"),
                Output::Sound { party, sound } => _ = self.hears.insert(*party, *sound),
                Output::Summon => {
                    assert!(!std::mem::replace(&mut self.summoned, true), "one Telegram call at a time");
                }
                Output::Dismiss => {
                    assert!(std::mem::replace(&mut self.summoned, false), "only what rings is dismissed");
                }
                Output::Show { .. }
                | Output::Refuse { .. }
                | Output::Release { .. }
                | Output::LetIn { .. }
                | Output::TurnAway { .. }
                | Output::Record { .. } => {}
            }
        }
        self.seen = scene.said.len();
        self.check(scene);
    }

    fn check(&self, scene: &Scene) {
        assert!(self.ended.values().all(|times| *times == 1), "a call ends once in the log");
        let joined = |sound: &Sound| matches!(sound, Sound::With(_));
        for (party, sound) in &self.hears {
            assert_eq!(scene.hears(*party), *sound, "what was said is what is wanted");
            if let Sound::With(other) = sound {
                assert_ne!(party, other, "nobody hears himself");
                assert_eq!(self.hears.get(other), Some(&Sound::With(*party)), "hearing is mutual");
            }
        }
        let phones =
            self.hears.iter().filter(|(party, sound)| matches!(party, Party::Phone(_)) && joined(sound));
        assert!(phones.count() <= 1, "the person is on one line at most, at one phone");
        let mut open: BTreeSet<_> = scene.calls.lines.iter().flat_map(Line::legs).collect();
        open.extend(scene.calls.pairs.iter().flat_map(|pair| [pair.a.leg, pair.b.leg]));
        assert_eq!(open, self.legs, "every open dialog has a call that sees to it");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_call_ends_once_and_nobody_is_joined_to_the_wrong_far_end(
        steps in proptest::collection::vec(steps(), 1..60)
    ) {
        let mut scene = Scene::with(Limits::default());
        let mut world = World::default();
        for step in steps {
            world.take(step, &mut scene);
            world.look(&scene);
        }
        // Left alone, everything comes to its end by itself.
        for phone in 1..10 {
            scene.input(Input::PhoneClosed { phone: PhoneId(phone) });
            world.look(&scene);
        }
        scene.wait(seconds(5 * 60 * 60));
        world.look(&scene);
        prop_assert_eq!(world.begun.len(), world.ended.len(), "no call stays open");
        prop_assert!(scene.calls.is_empty());
        prop_assert_eq!(scene.calls.poll_timeout(), None);
    }
}
