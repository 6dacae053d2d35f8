//! What may happen to a call, told as scenarios; and the words that they share.

mod ending;
mod incoming;
mod outgoing;
mod properties;
mod recording;

use super::*;
use crate::ids::AccountNumber;
use crate::log::Actor;
use crate::scenario::{ANNA, IVAN, OLGA, at, given, sealed};

const GATEWAY: Actor = Actor::Gateway;

/// Olga's account, which Ivan uses.
fn account() -> AccountNumber {
    AccountNumber::MIN
}

fn gateway() -> Gateway {
    Gateway { process: "media one".into(), epoch: 1 }
}

fn request() -> Command {
    Command::Request {
        by: IVAN,
        account: account(),
        owner: OLGA,
        number: sealed("8 495 000 00 00"),
        dialled: sealed("+74950000000"),
    }
}

fn requested() -> Event {
    Event::CallRequested {
        by: IVAN,
        account: account(),
        owner: OLGA,
        number: sealed("8 495 000 00 00"),
        dialled: sealed("+74950000000"),
    }
}

fn offer() -> Command {
    Command::Offer {
        account: account(),
        owner: OLGA,
        user: IVAN,
        gateway: gateway(),
        from: sealed("1002"),
        name: Some(sealed("Petr")),
    }
}

fn offered() -> Event {
    Event::CallOffered {
        account: account(),
        owner: OLGA,
        user: IVAN,
        gateway: gateway(),
        from: sealed("1002"),
        name: Some(sealed("Petr")),
    }
}

fn taken() -> Event {
    Event::CallTaken { gateway: gateway() }
}

/// Ivan called, and they talk.
fn talking() -> Vec<Event> {
    vec![requested(), taken(), Event::CallDialled, Event::CallRang, Event::CallAnswered]
}

fn hangup(by: Party, answered_for: u32) -> Command {
    Command::End { cause: EndCause::Hangup { by }, code: None, reason: None, answered_for }
}

fn ended(cause: EndCause, direction: Direction, answered_for: u32) -> Event {
    Event::CallEnded {
        cause,
        code: None,
        reason: None,
        answered_for,
        account: account(),
        owner: OLGA,
        user: IVAN,
        direction,
    }
}
