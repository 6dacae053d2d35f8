//! The first steps of a call that we make: is it sound, who is called, and by which way.

use super::dialog::Dialog;
use super::outgoing::Outgoing;
use super::{Parts, Session, Stage, open};
use crate::agent::Shared;
use crate::call::{Call, CallError, Hop, Invite, Verb};
use crate::calls::Key;
use crate::event::{CallEvent, EndedBy, Event};
use crate::register::{Line, contact};
use crate::transport::Flow;
use crate::uri::Uri;
use crate::wire;
use std::collections::VecDeque;
use std::sync::Arc;

/// Who makes a call, and through whom.
pub(crate) enum Origin {
    /// An account, through its server.
    Line(Arc<Line>),
    /// Ourselves, straight to this place.
    Hop(Hop, Uri),
}

/// Begins a call.
pub(crate) fn outgoing(shared: &Arc<Shared>, origin: Origin, invite: Invite) -> Result<Call, CallError> {
    check(&invite)?;
    if shared.calls.len() >= shared.max_calls {
        return Err(CallError::TooMany);
    }
    let line = match &origin {
        Origin::Line(line) => Some(Arc::clone(line)),
        Origin::Hop(..) => None,
    };
    let parts = open(shared, line);
    let call = parts.call.clone();
    let key = (wire::fresh(24), wire::fresh(12));
    shared.calls.enter(key.clone(), call.clone(), parts.ears.clone(), None);
    let shared = Arc::clone(shared);
    shared.stack.clone().spawn(async move {
        if !begin(parts, &key, origin, invite).await {
            shared.calls.leave(&key);
        }
    });
    Ok(call)
}

fn check(invite: &Invite) -> Result<(), CallError> {
    let unclean = |text: &str| text.chars().any(char::is_control);
    if invite.headers.iter().any(|(n, v)| unclean(n) || unclean(v) || n.is_empty() || n.contains(':')) {
        return Err(CallError::Malformed("a header"));
    }
    let uri = invite.to.to_string();
    if uri.parse::<Uri>().is_err() || rsipstack::sip::Uri::try_from(uri).is_err() {
        return Err(CallError::Malformed("the address"));
    }
    Ok(())
}

/// Finds the way and runs the call; `false` where there was none, and it is over.
async fn begin(mut parts: Parts, key: &Key, origin: Origin, invite: Invite) -> bool {
    let failed = match hops(&parts.shared, &origin).await {
        Ok(mut hops) => match first_flow(&parts, &mut hops).await {
            Ok(_) if withdrawn(&mut parts) => Err((487, "Request Terminated".to_owned(), EndedBy::Us)),
            Ok(flow) => Ok((flow, hops)),
            Err(words) => Err((503, words, EndedBy::Timer)),
        },
        Err(words) => Err((503, words, EndedBy::Timer)),
    };
    let (flow, hops) = match failed {
        Ok(found) => found,
        Err((code, reason, by)) => {
            let event = CallEvent::Ended { code, reason, cause: None, by };
            parts.shared.emit(Event::Call { id: parts.call.id(), event }).await;
            return false;
        }
    };
    let dialog = dialog_of(key, &origin, &invite, &flow);
    let outgoing = Outgoing::new(invite, hops);
    let mut session = Session::new(parts, dialog, flow, Stage::Inviting(Box::new(outgoing)), true);
    session.invite();
    session.run().await;
    true
}

fn dialog_of(key: &Key, origin: &Origin, invite: &Invite, flow: &Flow) -> Dialog {
    match origin {
        Origin::Line(line) => {
            let name = invite.from_name.as_deref().or(line.account.display_name.as_deref());
            let mut dialog = Dialog::outgoing(
                key.clone(),
                wire::name_addr(name, &line.address),
                &invite.to,
                line.contact(flow),
            );
            dialog.routes = line.state().service_route.clone();
            dialog
        }
        Origin::Hop(_, from) => {
            let local = wire::name_addr(invite.from_name.as_deref(), from);
            let contact = contact(from.user.as_deref().unwrap_or(""), flow, None);
            Dialog::outgoing(key.clone(), local, &invite.to, contact)
        }
    }
}

async fn hops(shared: &Shared, origin: &Origin) -> Result<VecDeque<Hop>, String> {
    match origin {
        Origin::Hop(hop, _) => Ok(VecDeque::from([*hop])),
        Origin::Line(line) => {
            let known = line.state().hop;
            let found = shared.stack.names.hops(line.place(), line.account.transport).await;
            let mut hops: VecDeque<Hop> = match (found, known) {
                (Ok(hops), _) => hops.into(),
                (Err(_), Some(known)) => VecDeque::from([known]),
                (Err(words), None) => return Err(words),
            };
            if let Some(known) = known {
                hops.retain(|h| *h != known);
                hops.push_front(known);
            }
            Ok(hops)
        }
    }
}

async fn first_flow(parts: &Parts, hops: &mut VecDeque<Hop>) -> Result<Flow, String> {
    let tls = parts.line.as_deref().map(Line::tls);
    let mut words = "the domain has no server".to_owned();
    while let Some(hop) = hops.pop_front() {
        match parts.shared.stack.transports.flow(hop, tls.as_ref()).await {
            Ok(flow) => return Ok(flow),
            Err(error) => words = error.to_string(),
        }
    }
    Err(words)
}

/// Whether it was hung up while the way was looked for.
fn withdrawn(parts: &mut Parts) -> bool {
    while let Ok(verb) = parts.verbs.try_recv() {
        if matches!(verb, Verb::HangUp(_) | Verb::Reject(..)) {
            return true;
        }
    }
    false
}
