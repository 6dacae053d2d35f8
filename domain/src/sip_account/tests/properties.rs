//! What holds after any commands in any order, by anybody, at any time.

use super::*;
use crate::decider::Decider;
use crate::log::Context;
use crate::process::deadline::{Deadline, DeadlineKind, Deadlines};
use crate::settings::Transport;
use crate::sip_account::{Change, ClaimChange, Holder, claims};
use proptest::prelude::*;
use std::collections::BTreeMap;

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_anybody_asks_breaks_an_account(
        beginning in beginning(),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut world = World::default();
        world.ask(Context::person(OLGA, at(0)), beginning);
        for (minutes, by, command) in steps {
            world.ask(Context { by, at: world.now + chrono::TimeDelta::minutes(minutes) }, command);
        }
    }
}

/// One account, and everything that others derive from its events alone.
struct World {
    now: DateTime<Utc>,
    account: SipAccount,
    history: Vec<Event>,
    places: BTreeMap<UserId, i32>,
    deadlines: Deadlines,
}

impl World {
    fn ask(&mut self, context: Context, command: Command) {
        self.now = context.at;
        let Ok(events) = self.account.decide(command.clone(), &context) else { return };
        for event in events {
            self.record(context, event);
        }
        self.check(&command);
        if let Ok(again) = self.account.decide(command.clone(), &context) {
            assert_eq!(again, [], "{command:?} repeated recorded something");
        }
    }

    fn record(&mut self, context: Context, event: Event) {
        for change in claims(&event) {
            match change {
                ClaimChange::HoldOwnerSlot(owner) => *self.places.entry(owner).or_default() += 1,
                ClaimChange::ReleaseOwnerSlot(owner) => *self.places.entry(owner).or_default() -= 1,
            }
        }
        self.account.evolve(&event);
        self.history.push(event.clone());
        self.deadlines.see(number(), &recorded(context, event));
    }

    fn check(&self, after: &Command) {
        assert_eq!(SipAccount::fold(&self.history), self.account, "a replay gives the same state");
        self.check_snapshot();
        self.check_places();
        self.check_offers(after);
        self.check_deadlines();
    }

    /// A log may store the state beside the events, to read a long stream faster.
    fn check_snapshot(&self) {
        let snapshot = serde_json::to_string(&self.account).expect("JSON");
        assert_eq!(serde_json::from_str::<SipAccount>(&snapshot).expect("a snapshot"), self.account);
    }

    fn check_places(&self) {
        let held: Vec<_> = self.places.iter().filter(|(_, held)| **held != 0).collect();
        let expected: Vec<(UserId, i32)> = self.account.owner().map(|owner| (owner, 1)).into_iter().collect();
        assert_eq!(held, expected.iter().map(|(owner, one)| (owner, one)).collect::<Vec<_>>());
    }

    /// An offer that is open now was made by somebody who may still make it.
    fn check_offers(&self, after: &Command) {
        let mut kinds: Vec<OfferKind> = self.account.offers().map(|offer| offer.kind).collect();
        kinds.dedup();
        assert_eq!(kinds.len(), self.account.offers().count(), "one open offer of a kind");
        for offer in self.account.offers() {
            assert!(offer.until > self.now, "{offer:?} lapsed before {after:?}");
            match offer.kind {
                OfferKind::Settings => assert!(matches!(self.account, SipAccount::Offered(_))),
                OfferKind::Assignment | OfferKind::Transfer => {
                    assert_eq!(self.account.owner(), Some(offer.by));
                }
                OfferKind::Return => {
                    assert_eq!(self.account.return_of(offer.by).map(|(to, _)| Some(to)), Some(offer.to));
                }
                OfferKind::TakeAway => assert!(self.account.former_owners().contains(&offer.by)),
            }
        }
    }

    /// Whatever will happen by itself has exactly one deadline, at its moment.
    fn check_deadlines(&self) {
        let in_a_thousand_years = at(525_600_000);
        let mut due: Vec<Deadline> = self.deadlines.due(in_a_thousand_years);
        due.retain(|deadline| deadline.kind != DeadlineKind::SettingsApply);
        let offers = self.account.offers().map(|offer| Deadline {
            account: number(),
            kind: DeadlineKind::OfferExpiry(offer.token.clone()),
            due: offer.until,
        });
        let loan = self.account.loan_until().map(|due| Deadline {
            account: number(),
            kind: DeadlineKind::LoanEnd,
            due,
        });
        let mut expected: Vec<Deadline> = offers.chain(loan).collect();
        expected.sort_by_key(|deadline| (deadline.due, deadline.kind.clone()));
        due.sort_by_key(|deadline| (deadline.due, deadline.kind.clone()));
        assert_eq!(due, expected);
        if let Some(account) = self.account.owned() {
            let acts = self.deadlines.due(in_a_thousand_years).len() > expected.len();
            let changed = account.settings.waits() && account.settings.revision > Revision(0);
            assert!(!changed || acts, "a change that waits acts by itself one day");
            assert!(
                account.ownership.holder() == Holder::Owner
                    || account.ownership.user() != account.ownership.owner()
            );
        }
    }
}

impl Default for World {
    fn default() -> Self {
        Self {
            now: at(0),
            account: SipAccount::default(),
            history: Vec::new(),
            places: BTreeMap::new(),
            deadlines: Deadlines::default(),
        }
    }
}

fn number() -> crate::ids::AccountNumber {
    crate::ids::AccountNumber::MIN
}

fn recorded(context: Context, event: Event) -> crate::log::Recorded<Event> {
    crate::log::Recorded {
        position: crate::log::Position::START,
        tenant: 0,
        category: SipAccount::NAME.into(),
        stream: number().to_string(),
        version: 1,
        id: String::new(),
        context,
        cause: None,
        event,
    }
}

/// Olga makes an account, or shares one.
fn beginning() -> impl Strategy<Value = Command> {
    prop_oneof![
        Just(Command::Create { origin: Origin::Menu, settings: Box::new(complete("a")) }),
        Just(share(0, Grant::Give, at(30))),
        Just(share(0, Grant::Assign, at(30))),
    ]
}

/// Up to four minutes later somebody asks for something. A few people, offers and passwords meet often.
fn step() -> impl Strategy<Value = (i64, Actor, Command)> {
    let actor = prop_oneof![
        12 => person().prop_map(Actor::Person),
        1 => Just(Actor::Process),
        1 => Just(Actor::Gateway),
    ];
    (0..4_i64, actor, command())
}

fn person() -> impl Strategy<Value = UserId> + Clone {
    prop::sample::select(vec![OLGA, IVAN, PETR])
}

fn command() -> impl Strategy<Value = Command> {
    let bound = prop::option::weighted(0.3, person());
    let offer = (0..6_u8, bound, 1..8_i64);
    prop_oneof![
        1 => Just(Command::Create { origin: Origin::Menu, settings: Box::new(complete("a")) }),
        1 => (0..6_u8, any::<bool>()).prop_map(|(offer, give)| {
            share(offer, if give { Grant::Give } else { Grant::Assign }, at(6))
        }),
        12 => (0..6_u8, password()).prop_map(|(offer, to)| take_sealed(offer, to)),
        6 => offer.clone().prop_map(|(offer, to, minutes)| {
            Command::OfferTransfer { offer: token(offer), to, until: at(10 * minutes) }
        }),
        4 => offer.clone().prop_map(|(offer, to, minutes)| {
            Command::OfferAssignment { offer: token(offer), to, until: at(10 * minutes) }
        }),
        4 => offer.prop_map(|(offer, _, minutes)| offer_return(offer, at(10 * minutes))),
        4 => (0..6_u8, password()).prop_map(|(offer, password)| take_away(offer, password, at(60))),
        2 => (0..6_u8).prop_map(|offer| Command::CancelOffer { offer: token(offer) }),
        2 => (0..6_u8).prop_map(|offer| Command::ExpireOffer { offer: token(offer) }),
        2 => (0..6_u8).prop_map(|offer| Command::MarkSent { offer: token(offer), until: at(30) }),
        4 => (0..6_u8, password()).prop_map(|(offer, to)| {
            Command::UndoTake { offer: token(offer), resealed: Some(sealed(to)) }
        }),
        4 => person().prop_map(|user| Command::Assign { user }),
        2 => Just(Command::Unassign),
        4 => (person(), 1..60_i64).prop_map(|(user, minutes)| Command::Lend { user, until: at(minutes) }),
        2 => Just(Command::EndLoan),
        1 => Just(Command::Delete),
        2 => password().prop_map(|password| Command::Change(Change::Password(sealed(password)))),
        1 => Just(Command::Change(Change::Transport(Transport::Tls))),
        2 => Just(Command::Apply { revision: None }),
        1 => Just(Command::SwitchOff),
        1 => Just(Command::SwitchOn),
        1 => Just(Command::ReportRegistered { revision: Revision(0) }),
    ]
}

fn password() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b"])
}
