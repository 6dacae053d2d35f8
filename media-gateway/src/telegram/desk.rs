//! The loop over all service accounts and their calls.

use super::event::{End, Event};
use super::verbs::Verb;
use super::{Parts, Telegram};

/// Works until `stop`.
pub(super) async fn run(telegram: Telegram, parts: Parts) {
    loop {
        let verb = tokio::select! {
            () = parts.stop.cancelled() => return,
            verb = telegram.0.verbs.next() => verb,
        };
        if let Verb::Call { phone, .. } = verb {
            // The gateway ends with the process.
            _ = parts.events.send(Event::Over { phone, end: End::Unknown }).await;
        }
    }
}
