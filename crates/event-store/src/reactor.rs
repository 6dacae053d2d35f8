//! Followers whose effect is more than a read model: they write what others are to do, once for each event.

use crate::log::Fault;
use crate::sql::Statement;
use async_trait::async_trait;
use domain::Event;
use domain::log::Recorded;
use std::sync::Arc;

/// Answers each event with statements, which are committed together with the place in the log: each event takes effect
/// exactly once in the database. It starts at the end of the log when it is started for the first time, and it is never
/// replayed, so that nobody is told old news.
///
/// It may be asked again about an event whose statements were not committed, so it does nothing but read.
/// What leaves the process on its behalf carries [`Recorded::id`] as its key.
#[async_trait]
pub trait Reactor: Send + Sync + 'static {
    /// Its name for ever: its place in the log is kept under it.
    const NAME: &'static str;

    /// What is to be written because of this event; often nothing.
    async fn react(&self, event: &Recorded<Event>) -> Result<Vec<Statement>, Fault>;

    /// What [`Reactor::react`] returned was written. After a crash nobody says so; it is for those who would otherwise
    /// have to look again and again.
    fn committed(&self) {}
}

/// A reactor with its type out of sight, so that different ones stand in one list.
#[async_trait]
pub trait AnyReactor: Send + Sync + 'static {
    /// [`Reactor::NAME`].
    fn name(&self) -> &'static str;

    /// [`Reactor::react`].
    async fn react(&self, event: &Recorded<Event>) -> Result<Vec<Statement>, Fault>;

    /// [`Reactor::committed`].
    fn committed(&self);
}

/// The reactor for the runner's list.
pub fn reactor<R: Reactor>(reactor: R) -> Arc<dyn AnyReactor> {
    Arc::new(Erased(reactor))
}

struct Erased<R>(R);

#[async_trait]
impl<R: Reactor> AnyReactor for Erased<R> {
    fn name(&self) -> &'static str {
        R::NAME
    }

    async fn react(&self, event: &Recorded<Event>) -> Result<Vec<Statement>, Fault> {
        self.0.react(event).await
    }

    fn committed(&self) {
        self.0.committed();
    }
}
