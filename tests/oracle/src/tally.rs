//! The smallest aggregate that shows what postgres-es does wrong: it counts.

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent, EventEnvelope, View};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

/// A count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many times it was counted.
    pub count: u64,
}

/// Counted once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted;

impl DomainEvent for Counted {
    fn event_type(&self) -> String {
        "Counted".to_owned()
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
}

impl Aggregate for Tally {
    const TYPE: &'static str = "tally";
    /// How many times to count.
    type Command = u64;
    type Event = Counted;
    type Error = Infallible;
    type Services = ();

    async fn handle(&mut self, times: u64, (): &(), sink: &EventSink<Self>) -> Result<(), Infallible> {
        for _ in 0..times {
            sink.write(Counted, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, _: Counted) {
        self.count += 1;
    }
}

/// The same count as a view of cqrs-es.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct TallyView {
    /// How many times it was counted, as far as the view knows.
    pub count: u64,
}

impl View<Tally> for TallyView {
    fn update(&mut self, _: &EventEnvelope<Tally>) {
        self.count += 1;
    }
}
