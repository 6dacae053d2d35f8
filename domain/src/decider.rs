//! The shape of an aggregate: two pure functions.

use crate::log::Context;
use std::error::Error;

/// An aggregate as two pure functions over its events.
pub trait Decider: Default + Clone + Send + Sync + 'static {
    /// Stable stream category. It is stored with every event; renaming it orphans them.
    const NAME: &'static str;
    /// What may be asked of the aggregate.
    type Command: Send + 'static;
    /// What may have happened to it.
    type Event: Clone + Send + Sync + 'static;
    /// Why a command was refused, in the domain's own words.
    type Refusal: Error + Clone + PartialEq + Send + Sync + 'static;

    /// Returns the events that record this decision; an empty list means "already so".
    ///
    /// # Errors
    ///
    /// Refusals only. Nothing here can fail for technical reasons.
    fn decide(&self, command: Self::Command, context: &Context) -> Result<Vec<Self::Event>, Self::Refusal>;

    /// Applies one recorded fact. Never fails and never refuses.
    fn evolve(&mut self, event: &Self::Event);

    /// The state after these events.
    fn fold<'e>(events: impl IntoIterator<Item = &'e Self::Event>) -> Self
    where
        Self::Event: 'e,
    {
        let mut state = Self::default();
        for event in events {
            state.evolve(event);
        }
        state
    }
}
