//! Given, when, then: tests of an aggregate that read as sentences.
//!
//! People have names: Olga owns, Ivan uses, Petr wants, Anna is anybody else. Time is [`at`] so many minutes.

use crate::decider::Decider;
use crate::ids::{OfferToken, UserId};
use crate::log::{Actor, Context};
use crate::sealed::Sealed;
use chrono::{DateTime, TimeDelta, Utc};
use std::fmt::Debug;

/// She owns.
pub const OLGA: UserId = UserId(1);
/// He uses.
pub const IVAN: UserId = UserId(2);
/// He wants.
pub const PETR: UserId = UserId(3);
/// Anybody else.
pub const ANNA: UserId = UserId(4);

/// The moment so many minutes after the beginning of 2026.
#[must_use]
pub fn at(minutes: i64) -> DateTime<Utc> {
    const BEGINNING: i64 = 1_767_225_600;
    DateTime::from_timestamp(BEGINNING, 0).unwrap_or_default() + TimeDelta::minutes(minutes)
}

/// The offer of this number.
#[must_use]
pub fn token(number: u8) -> OfferToken {
    OfferToken::from_bits([number; 16])
}

/// The password of this name, as a vault would have sealed it.
#[must_use]
pub fn sealed(name: &str) -> Sealed {
    Sealed::from_text(format!("v1.test.1.{name}"))
}

impl From<UserId> for Actor {
    fn from(person: UserId) -> Self {
        Self::Person(person)
    }
}

/// What happened so far.
#[derive(Debug, Clone)]
pub struct Given<D: Decider>(Vec<D::Event>);

/// What happened so far, and what is asked.
#[derive(Debug, Clone)]
pub struct When<D: Decider> {
    history: Vec<D::Event>,
    command: D::Command,
    context: Context,
}

/// What a decision comes to.
type Decided<D> = Result<Vec<<D as Decider>::Event>, <D as Decider>::Refusal>;

/// Starts with what happened so far.
#[must_use]
pub fn given<D: Decider>(history: impl IntoIterator<Item = D::Event>) -> Given<D> {
    Given(history.into_iter().collect())
}

impl<D> Given<D>
where
    D: Decider<Command: Clone + Debug, Event: Debug + PartialEq>,
{
    /// Lets somebody do something that is accepted, and goes on from there.
    ///
    /// # Panics
    ///
    /// It is refused.
    #[must_use]
    #[track_caller]
    pub fn and(mut self, by: impl Into<Actor>, at: DateTime<Utc>, command: D::Command) -> Self {
        let decided = D::fold(&self.0).decide(command.clone(), &Context { by: by.into(), at });
        match decided {
            Ok(events) => self.0.extend(events),
            Err(refusal) => panic!("{command:?} was refused: {refusal}"),
        }
        self
    }

    /// Asks for something.
    #[must_use]
    pub fn when(self, by: impl Into<Actor>, at: DateTime<Utc>, command: D::Command) -> When<D> {
        When { history: self.0, command, context: Context { by: by.into(), at } }
    }

    /// The state after all that.
    #[must_use]
    pub fn state(&self) -> D {
        D::fold(&self.0)
    }
}

impl<D> When<D>
where
    D: Decider<Command: Clone + Debug, Event: Debug + PartialEq>,
{
    /// These facts are recorded, and none when it is asked for again: buttons are tapped twice.
    ///
    /// # Panics
    ///
    /// Something else happens.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = D::Event>) -> Given<D> {
        let (after, repeated) = self.decide_twice(expected);
        assert_eq!(repeated, Ok(Vec::new()), "a repeated command must record nothing");
        after
    }

    /// These facts are recorded; when it is asked for again, it is refused, since the asker has nothing to do with the
    /// account any more. That records nothing either.
    ///
    /// # Panics
    ///
    /// Something else happens.
    #[track_caller]
    pub fn then_refused_again(
        self,
        expected: impl IntoIterator<Item = D::Event>,
        refusal: &D::Refusal,
    ) -> Given<D> {
        let (after, repeated) = self.decide_twice(expected);
        assert_eq!(repeated.as_ref(), Err(refusal));
        after
    }

    /// Nothing is recorded, since it is so already.
    ///
    /// # Panics
    ///
    /// Something else happens.
    #[track_caller]
    pub fn then_nothing(self) -> Given<D> {
        self.then([])
    }

    /// It is refused.
    ///
    /// # Panics
    ///
    /// Something else happens.
    #[track_caller]
    pub fn then_refused(self, refusal: &D::Refusal) {
        assert_eq!(D::fold(&self.history).decide(self.command, &self.context).as_ref(), Err(refusal));
    }

    #[track_caller]
    fn decide_twice(self, expected: impl IntoIterator<Item = D::Event>) -> (Given<D>, Decided<D>) {
        let expected: Vec<D::Event> = expected.into_iter().collect();
        let decided = D::fold(&self.history).decide(self.command.clone(), &self.context);
        assert_eq!(decided.as_ref(), Ok(&expected));

        let history = [self.history, expected].concat();
        let repeated = D::fold(&history).decide(self.command, &self.context);
        (Given(history), repeated)
    }
}
