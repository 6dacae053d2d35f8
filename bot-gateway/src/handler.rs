//! The seam between Telegram and the flows: an update comes in as plain data, what to say comes out as plain data.

use crate::incoming::{Act, Incoming};
use crate::outgoing::Outgoing;
use async_trait::async_trait;
use domain::ids::UserId;
use event_store::log::Fault;

/// Decides what the bot does about an update. The flows implement it; the intake calls it.
///
/// The intake stores an update before Telegram may forget it, then calls [`Handler::handle`], then writes what came out
/// and "done" in one transaction. So an update is handled at least once, one person's updates one after the other in
/// their order, and what came out is kept exactly once.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Decides and records, and returns what the bot says.
    ///
    /// Deciding twice must be harmless: append with a dedup key made of [`Incoming::update`], or record only what is not
    /// so yet. The returned messages may be thrown away when another process has done the same update; the answers to
    /// presses and inline queries go out at once, even before the rest is stored.
    ///
    /// `redelivered` is true when the update may have been handled before, wholly or in part: after a crash, or after an
    /// error of this very method. "Already so" is then success, and is told like the first time.
    ///
    /// [`Act::InlineQuery`] is never stored and never redelivered. It may run beside other updates of the same person.
    ///
    /// # Errors
    ///
    /// Technical faults only: the update is tried again after 1, 2 and 4 seconds and then set aside. A refusal is no
    /// fault but a message to the person.
    async fn handle(&self, incoming: &Incoming, redelivered: bool) -> Result<Vec<Outgoing>, Fault>;

    /// What to say when an update is not handled. By default a press and an inline query get an empty answer, so that
    /// the app stops waiting, and everything else gets none.
    fn turned_away(&self, incoming: &Incoming, why: TurnedAway) -> Vec<Outgoing> {
        let _ = why;
        match &incoming.act {
            Act::Press { id, .. } => {
                vec![Outgoing::AnswerPress { id: id.clone(), text: None, alert: false, url: None }]
            }
            Act::InlineQuery { id, .. } => {
                vec![Outgoing::AnswerInline { id: id.clone(), results: Vec::new(), button: None }]
            }
            Act::Text { .. }
            | Act::Contact { .. }
            | Act::TextFile { .. }
            | Act::ChosenInline { .. }
            | Act::UsersShared { .. }
            | Act::ChatShared { .. }
            | Act::Reach { .. }
            | Act::Other => Vec::new(),
        }
    }

    /// Learns that the bot can't write to this person: blocked, or never started. The outbox says it each time that
    /// Telegram refuses a message for this reason, so it is no news the second time.
    ///
    /// # Errors
    ///
    /// Technical faults; they are logged and the news is lost until the next refusal.
    async fn unreachable(&self, user: UserId) -> Result<(), Fault> {
        let _ = user;
        Ok(())
    }
}

/// Why an update is not handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnedAway {
    /// The person, or everybody together, is faster than the bot allows.
    TooFast,
    /// Handling failed again and again; the update is set aside for the operator.
    Broken,
}
