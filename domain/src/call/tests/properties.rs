//! What holds after any commands in any order, by anybody.

use super::*;
use crate::decider::Decider;
use crate::log::Context;
use crate::process::call_cleanup::{Carried, OpenCall, due};
use chrono::TimeDelta;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_anybody_asks_breaks_a_call(
        beginning in prop_oneof![Just(request()), Just(offer())],
        steps in prop::collection::vec((actor(), command()), 1..40),
    ) {
        let mut world = World::default();
        world.ask(GATEWAY, beginning);
        for (by, command) in steps {
            world.ask(by, command);
        }
        world.end_by_itself();
    }
}

/// One call, and what others derive from its events alone.
#[derive(Default)]
struct World {
    call: Call,
    history: Vec<Event>,
    talks: bool,
    held: bool,
    ends: usize,
    stored: Vec<String>,
}

impl World {
    fn ask(&mut self, by: Actor, command: Command) {
        let context = Context { by, at: at(0) };
        let Ok(events) = self.call.decide(command.clone(), &context) else { return };
        for event in events {
            self.record(event);
        }
        assert_eq!(Call::fold(&self.history), self.call, "a replay gives the same state");
        let snapshot = serde_json::to_string(&self.call).expect("JSON");
        assert_eq!(serde_json::from_str::<Call>(&snapshot).expect("a snapshot"), self.call);
        if let Ok(again) = self.call.decide(command.clone(), &context) {
            assert_eq!(again, [], "{command:?} repeated recorded something");
        }
    }

    fn record(&mut self, event: Event) {
        match &event {
            Event::CallRequested { .. } | Event::CallOffered { .. } => {
                assert!(self.history.is_empty(), "a call begins once");
            }
            Event::CallTaken { .. } | Event::UserAwaited { .. } | Event::CallDialled | Event::CallRang => {
                assert!(!self.talks, "{event:?} after the answer");
            }
            Event::CallAnswered => {
                assert!(!self.talks, "a call is answered once");
                self.talks = true;
            }
            Event::CallHeld => {
                assert!(self.talks && !self.held, "held only while they talk");
                self.held = true;
            }
            Event::CallResumed => {
                assert!(self.talks && self.held, "resumed only while held");
                self.held = false;
            }
            Event::CallTransferred { .. } | Event::RecordingStarted { .. } | Event::RecordingStopped => {
                assert!(self.talks, "{event:?} before the answer");
            }
            Event::RecordingSaved { reference, .. } => {
                assert!(!self.stored.contains(reference), "a recording is stored once");
                self.stored.push(reference.clone());
            }
            Event::RecordingFailed { .. } => {}
            Event::CallEnded { answered_for, .. } => {
                assert!(self.talks || *answered_for == 0, "who did not talk does not pay");
                self.ends += 1;
            }
        }
        let after_the_end = matches!(event, Event::RecordingSaved { .. } | Event::RecordingFailed { .. });
        let ending = matches!(event, Event::CallEnded { .. });
        assert!(self.ends == usize::from(ending) || after_the_end, "{event:?} after the end");
        self.call.evolve(&event);
        self.history.push(event);
    }

    /// Whatever state a call is left in, it ends when its gateway is gone.
    fn end_by_itself(&mut self) {
        if let Some(open) = self.call.open() {
            let call = OpenCall {
                gateway: open.gateway.clone(),
                began: at(0),
                answered: self.talks.then(|| at(0)),
                seen: at(0),
            };
            let command = due(&call, Carried::Gone { since: None }, at(0) + TimeDelta::seconds(30));
            self.ask(Actor::Process, command.expect("its time has come"));
        }
        assert_eq!(self.ends, 1);
    }
}

fn actor() -> impl Strategy<Value = Actor> {
    prop_oneof![
        12 => Just(GATEWAY),
        2 => Just(Actor::Person(IVAN)),
        1 => prop::sample::select(vec![Actor::Person(OLGA), Actor::Process, Actor::Operator]),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    let gateways = prop::sample::select(vec![gateway(), Gateway { process: "media two".into(), epoch: 2 }]);
    let reference = prop::sample::select(vec!["one", "two", "three"]);
    let causes = prop::sample::select(vec![
        EndCause::Hangup { by: Party::User },
        EndCause::Missed,
        EndCause::Lost,
        EndCause::Failed,
    ]);
    prop_oneof![
        1 => Just(request()),
        1 => Just(offer()),
        6 => gateways.prop_map(|gateway| Command::Take { gateway }),
        2 => Just(Command::AwaitUser { until: at(1), why: Awaited::Flood, retry_after: Some(37) }),
        3 => Just(Command::Dial),
        3 => Just(Command::Ring),
        6 => Just(Command::Answer),
        4 => Just(Command::Hold),
        4 => Just(Command::Resume),
        1 => Just(Command::Transfer { to: TransferTo::Number(sealed("1003")) }),
        5 => any::<bool>().prop_map(|locked| Command::StartRecording { automatic: locked, locked }),
        4 => Just(Command::StopRecording),
        4 => reference.prop_map(|reference| Command::SaveRecording { reference: reference.into(), seconds: 3 }),
        1 => Just(Command::FailRecording { reason: "the disk is full".into() }),
        1 => (causes, 0..100_u32).prop_map(|(cause, answered_for)| Command::End {
            cause,
            code: Some(480),
            reason: None,
            answered_for,
        }),
    ]
}
