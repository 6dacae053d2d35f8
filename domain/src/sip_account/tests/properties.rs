//! What holds after any commands in any order, by anybody, at any time.

use super::*;
use crate::decider::Decider;
use crate::ids::OfferToken;
use crate::log::Context;
use crate::process::deadline::{Deadline, DeadlineKind, Deadlines};
use crate::settings::Transport;
use crate::sip_account::{Change, ClaimChange, Holder, Owned, claims};
use chrono::TimeDelta;
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
        for step in steps {
            world.take_step(step);
        }
    }
}

/// Up to four minutes later somebody wishes for something.
#[derive(Debug, Clone)]
struct Step {
    minutes: i64,
    by: Actor,
    wish: Wish,
}

/// What somebody wishes for. Offers are named by their age, so that people press what is there.
#[derive(Debug, Clone)]
enum Wish {
    Offer { kind: OfferKind, to: Option<UserId>, minutes: i64 },
    Press { age: usize },
    Undo { age: usize },
    CallBack { age: usize },
    Expire { age: usize },
    Send { age: usize, minutes: i64 },
    Lend { to: UserId, minutes: i64 },
    Other(Command),
}

/// One account, and everything that others derive from its events alone.
struct World {
    now: DateTime<Utc>,
    offers: u8,
    account: SipAccount,
    history: Vec<Event>,
    places: BTreeMap<UserId, i32>,
    deadlines: Deadlines,
}

impl World {
    fn take_step(&mut self, Step { minutes, by, wish }: Step) {
        let at = self.now + TimeDelta::minutes(minutes);
        let command = self.command(wish, at);
        self.ask(Context { by, at }, command);
    }

    fn command(&mut self, wish: Wish, at: DateTime<Utc>) -> Command {
        let aged = |age: usize| token(usize::from(self.offers).saturating_sub(age) as u8);
        let resealed =
            self.account.password().map(|from| Resealed { from: from.clone(), to: sealed("another seal") });
        let after = |minutes| at + TimeDelta::minutes(minutes);
        match wish {
            Wish::Offer { kind, to, minutes } => {
                self.offers = self.offers.saturating_add(1);
                self.offer(kind, token(self.offers), to, after(minutes))
            }
            Wish::Press { age } => Command::Take { offer: aged(age), resealed },
            Wish::Undo { age } => Command::UndoTake { offer: aged(age), resealed },
            Wish::CallBack { age } => Command::CancelOffer { offer: aged(age) },
            Wish::Expire { age } => Command::ExpireOffer { offer: aged(age) },
            Wish::Send { age, minutes } => Command::MarkSent { offer: aged(age), until: after(minutes) },
            Wish::Lend { to, minutes } => Command::Lend { user: to, until: after(minutes) },
            Wish::Other(command) => command,
        }
    }

    fn offer(&self, kind: OfferKind, offer: OfferToken, to: Option<UserId>, until: DateTime<Utc>) -> Command {
        match kind {
            OfferKind::Settings => Command::ShareSettings {
                offer,
                to,
                grant: Grant::Give,
                settings: Box::new(complete("a")),
                until,
                batch: None,
            },
            OfferKind::Assignment => Command::OfferAssignment { offer, to, until },
            OfferKind::Transfer => Command::OfferTransfer { offer, to, until },
            OfferKind::Return => Command::OfferReturn { offer, until },
            OfferKind::TakeAway => {
                let known = self.account.password().cloned();
                Command::OfferTakeAway { offer, proof: Proof(known.unwrap_or(sealed("none"))), until }
            }
        }
    }

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
        self.check_user();
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
        let all = self.deadlines.due(in_a_thousand_years).into_iter();
        let mut due: BTreeMap<_, _> = all.map(|Deadline { kind, due, .. }| (kind, due)).collect();

        let acts_by_itself = due.remove(&DeadlineKind::SettingsApply).is_some();
        let waits = self.account.owned().is_some_and(|account| account.settings.waits());
        assert_eq!(acts_by_itself, waits, "exactly what waits acts by itself one day");

        let offers = self.account.offers();
        let offers = offers.map(|offer| (DeadlineKind::OfferExpiry(offer.token.clone()), offer.until));
        let loan = self.account.loan_until().map(|until| (DeadlineKind::LoanEnd, until));
        assert_eq!(due, offers.chain(loan).collect());
    }

    fn check_user(&self) {
        if let Some(Owned { ownership, .. }) = self.account.owned() {
            let is_alone = ownership.holder() == Holder::Owner;
            assert_eq!(
                is_alone,
                ownership.user() == ownership.owner(),
                "nobody has their own account on loan"
            );
        }
    }
}

impl Default for World {
    fn default() -> Self {
        Self {
            now: at(0),
            offers: 0,
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

/// A few people meet often; now and then a process or a gateway asks for what is not its business.
fn step() -> impl Strategy<Value = Step> {
    let actor = prop_oneof![
        12 => person().prop_map(Actor::Person),
        1 => Just(Actor::Process),
        1 => Just(Actor::Gateway),
    ];
    (0..4_i64, actor, wish()).prop_map(|(minutes, by, wish)| Step { minutes, by, wish })
}

fn person() -> impl Strategy<Value = UserId> + Clone {
    prop::sample::select(vec![OLGA, IVAN, PETR])
}

fn wish() -> impl Strategy<Value = Wish> {
    let age = || prop_oneof![4 => Just(0_usize), 1 => 1..4_usize];
    let kind = prop::sample::select(vec![
        OfferKind::Settings,
        OfferKind::Assignment,
        OfferKind::Transfer,
        OfferKind::Transfer,
        OfferKind::Return,
        OfferKind::TakeAway,
        OfferKind::TakeAway,
    ]);
    let bound = prop::option::weighted(0.2, person());
    prop_oneof![
        12 => (kind, bound, 1..20_i64).prop_map(|(kind, to, minutes)| Wish::Offer { kind, to, minutes }),
        16 => age().prop_map(|age| Wish::Press { age }),
        5 => age().prop_map(|age| Wish::Undo { age }),
        1 => age().prop_map(|age| Wish::CallBack { age }),
        1 => age().prop_map(|age| Wish::Expire { age }),
        1 => (age(), 1..9_i64).prop_map(|(age, minutes)| Wish::Send { age, minutes }),
        2 => (person(), 1..20_i64).prop_map(|(to, minutes)| Wish::Lend { to, minutes }),
        8 => other().prop_map(Wish::Other),
    ]
}

fn other() -> impl Strategy<Value = Command> {
    prop_oneof![
        2 => person().prop_map(|user| Command::Assign { user }),
        1 => Just(Command::Unassign),
        1 => Just(Command::EndLoan),
        1 => prop::bool::weighted(0.2).prop_map(|sure| if sure { Command::Delete } else { Command::SwitchOff }),
        1 => Just(Command::SwitchOn),
        1 => prop::sample::select(vec!["b", "c"])
            .prop_map(|password| Command::Change(Change::Password(sealed(password)))),
        1 => Just(Command::Change(Change::Transport(Transport::Tls))),
        1 => Just(Command::Apply { revision: None }),
        1 => Just(Command::ReportRegistered { revision: Revision(0) }),
    ]
}
