//! Signals within one process.

use super::{Heard, Listeners, SignalBus, Subscription};
use crate::log::Fault;
use async_trait::async_trait;
use domain::call::Signal;

/// A bus in memory.
#[derive(Debug, Default)]
pub struct InMemory(Listeners);

#[async_trait]
impl SignalBus for InMemory {
    async fn send(&self, signal: Signal) -> Result<(), Fault> {
        self.0.tell(Heard::Signal(signal));
        Ok(())
    }

    fn subscribe(&self) -> Subscription {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::QUEUE;
    use domain::call::Action;
    use domain::ids::{CallId, UserId};

    #[tokio::test]
    async fn a_listener_that_does_not_keep_up_is_told_how_much_it_missed() {
        let bus = InMemory::default();
        let mut slow = bus.subscribe();
        for user in 0..QUEUE as i64 + 3 {
            let signal = Signal::on(CallId::from_bits(1), UserId(user), Action::HangUp);
            bus.send(signal).await.expect("heard");
        }
        assert_eq!(slow.next().await, Some(Heard::Missed(3)));
        let Some(Heard::Signal(signal)) = slow.next().await else { panic!("the rest is there") };
        assert_eq!(signal.by, UserId(3), "the oldest are lost, not the newest");
        drop(bus);
        while let Some(Heard::Signal(_)) = slow.next().await {}
        assert_eq!(slow.next().await, None);
    }
}
