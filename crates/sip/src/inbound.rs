//! Requests that come in, sorted: into the call they belong to, to the server side, or to a new call (RFC 3261 section 8.2).

use crate::agent::{ALLOW, SUPPORTED, Shared};
use crate::call::{Call, Invitation, Replaces};
use crate::register::Line;
use crate::server::{ServerReply, ServerRequest};
use crate::session;
use crate::session::timer::{MIN_SE, SHORTEST};
use crate::stack::Heard;
use crate::transport::Flow;
use crate::uri::Uri;
use crate::wire::{self, Method, Request, Response};
use rsipstack::transaction::transaction::Transaction;
use std::sync::Arc;
use tokio::sync::mpsc::error::TrySendError;

/// When to come back to a user agent that has no room.
const COME_BACK: &str = "10";

/// An answer, and headers beside it.
struct Refusal(u16, Vec<(&'static str, String)>);

impl Refusal {
    fn plain(code: u16) -> Self {
        Refusal(code, Vec::new())
    }
}

/// Gives one request to whom it belongs.
pub(crate) fn sort(shared: &Arc<Shared>, transaction: Transaction, flow: Flow) {
    let transaction = Box::new(transaction);
    let headers = &transaction.original.headers;
    let Some(local_tag) = wire::tag(headers, "To") else { return outside(shared, transaction, flow) };
    let call_id = wire::text(headers, "Call-ID").unwrap_or("");
    let remote_tag = wire::tag(headers, "From");
    match shared.calls.within(call_id, &local_tag, remote_tag.as_deref()) {
        None => refuse(shared, transaction, Refusal::plain(481)),
        Some(found) => match found.ears.try_send(Heard::Request(transaction, flow)) {
            Ok(()) => (),
            Err(TrySendError::Closed(Heard::Request(transaction, _))) => {
                refuse(shared, transaction, Refusal::plain(481));
            }
            Err(TrySendError::Full(Heard::Request(transaction, _))) => {
                refuse(shared, transaction, Refusal(500, vec![("Retry-After", "1".into())]));
            }
            Err(TrySendError::Closed(_) | TrySendError::Full(_)) => (),
        },
    }
}

/// A 2xx that no transaction waits for: another phone behind a forking proxy answered too.
pub(crate) fn answered(shared: &Arc<Shared>, response: &Response, flow: &Flow) -> bool {
    let call_id = wire::text(&response.headers, "Call-ID").unwrap_or("");
    let Some(ours) = wire::tag(&response.headers, "From") else { return false };
    let Some(found) = shared.calls.within(call_id, &ours, None) else { return false };
    // An answer from the far side itself belongs to an INVITE that changes the session.
    if !found.answered || found.remote_tag == wire::tag(&response.headers, "To") {
        return false;
    }
    session::decline_fork(shared, response.clone(), flow.clone());
    true
}

/// A request that belongs to no call.
fn outside(shared: &Arc<Shared>, transaction: Box<Transaction>, flow: Flow) {
    match transaction.original.method {
        Method::Invite => invite(shared, transaction, flow),
        Method::Register => register(shared, transaction, &flow),
        Method::Options => {
            let mut response = shared.stack.response(&transaction.original, 200, "", &wire::fresh(10));
            for (name, value) in [("Allow", ALLOW), ("Supported", SUPPORTED), ("Accept", "application/sdp")] {
                response.headers.push(wire::header(name, value));
            }
            shared.stack.reply(transaction, response);
        }
        Method::Ack | Method::Cancel => (),
        Method::Bye | Method::Info | Method::PRack | Method::Update => {
            refuse(shared, transaction, Refusal::plain(481));
        }
        Method::Notify | Method::Subscribe | Method::Publish => {
            refuse(shared, transaction, Refusal::plain(489))
        }
        Method::Refer | Method::Message => {
            refuse(shared, transaction, Refusal(405, vec![("Allow", ALLOW.into())]))
        }
    }
}

fn register(shared: &Arc<Shared>, transaction: Box<Transaction>, flow: &Flow) {
    let Some(server) = &shared.server else {
        return refuse(shared, transaction, Refusal(405, vec![("Allow", ALLOW.into())]));
    };
    let reply = server.register(&as_seen(&transaction.original, flow));
    match reply {
        ServerReply::Respond { code, headers } => respond(shared, transaction, code, headers),
        ServerReply::Admit => refuse(shared, transaction, Refusal::plain(500)),
        ServerReply::Silence => drop(transaction),
    }
}

/// A new call.
fn invite(shared: &Arc<Shared>, transaction: Box<Transaction>, flow: Flow) {
    match welcome(shared, &transaction.original, &flow) {
        Ok(guest) => session::incoming(shared, *transaction, flow, guest),
        Err(Turned::Away(refusal)) => refuse(shared, transaction, refusal),
        Err(Turned::Answered(code, headers)) => respond(shared, transaction, code, headers),
        Err(Turned::Silently) => drop(transaction),
    }
}

/// A caller that may come in.
pub(crate) struct Guest {
    pub(crate) line: Option<Arc<Line>>,
    pub(crate) invitation: Invitation,
    pub(crate) replaced: Option<Call>,
}

enum Turned {
    Away(Refusal),
    Answered(u16, Vec<(String, String)>),
    Silently,
}

fn welcome(shared: &Shared, request: &Request, flow: &Flow) -> Result<Guest, Turned> {
    let away = |code| Turned::Away(Refusal::plain(code));
    let headers = &request.headers;
    let call_id = wire::text(headers, "Call-ID").ok_or(away(400))?;
    let from = wire::address(headers, "From").ok_or(away(400))?;
    let caller_tag = from.param("tag").ok_or(away(400))?;
    let to: Uri = request.uri.to_string().parse().map_err(|_| away(416))?;
    if shared.calls.has_begun(call_id, caller_tag) {
        return Err(away(482));
    }
    let domain = wire::address(headers, "To").map(|a| a.uri.host);
    let line = shared.lines().called(&to, domain.as_deref(), flow.peer().ip());
    if line.is_none() {
        admitted(shared, request, flow)?;
    }
    if shared.calls.len() >= shared.max_calls {
        return Err(Turned::Away(Refusal(503, vec![("Retry-After", COME_BACK.into())])));
    }
    if wire::number::<u32>(headers, "Session-Expires").is_some_and(|se| se < SHORTEST) {
        return Err(Turned::Away(Refusal(422, vec![("Min-SE", MIN_SE.into())])));
    }
    let offer = wire::sdp_of(headers, &request.body);
    if offer.is_none() && !request.body.is_empty() {
        return Err(Turned::Away(Refusal(415, vec![("Accept", "application/sdp".into())])));
    }
    let replaced = replaced(shared, request).map_err(Turned::Away)?;
    let asserted = wire::all(headers, "P-Asserted-Identity").flat_map(wire::split_list);
    let asserted = asserted.filter_map(wire::NameAddr::parse).next().map(|a| a.uri);
    let invitation = Invitation {
        from: from.uri,
        from_name: from.name,
        to,
        asserted,
        offer,
        replaces: replaced.as_ref().map(Call::id),
        headers: listed(request),
        source: flow.peer(),
        transport: flow.transport(),
    };
    Ok(Guest { line, invitation, replaced })
}

fn admitted(shared: &Shared, request: &Request, flow: &Flow) -> Result<(), Turned> {
    let Some(server) = &shared.server else { return Err(Turned::Away(Refusal::plain(404))) };
    match server.invite(&as_seen(request, flow)) {
        ServerReply::Admit => Ok(()),
        ServerReply::Respond { code, headers } => Err(Turned::Answered(code, headers)),
        ServerReply::Silence => Err(Turned::Silently),
    }
}

/// The call of ours that an INVITE wants to take the place of (RFC 3891 section 3).
fn replaced(shared: &Shared, request: &Request) -> Result<Option<Call>, Refusal> {
    let mut values = wire::all(&request.headers, "Replaces");
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Refusal::plain(400));
    }
    let wanted = read_replaces(value).ok_or(Refusal::plain(400))?;
    let Replaces { call_id, to_tag, from_tag, .. } = &wanted;
    let Some(found) = shared.calls.within(call_id, to_tag, Some(from_tag)) else {
        let over = shared.calls.was(call_id, to_tag, from_tag);
        return Err(Refusal::plain(if over { 603 } else { 481 }));
    };
    if found.answered && wanted.early_only {
        return Err(Refusal::plain(486));
    }
    // A call that only rings can be taken over from the side that made it, not from here.
    if !found.answered && !found.outgoing {
        return Err(Refusal::plain(481));
    }
    Ok(Some(found.call))
}

/// Reads `call-id;to-tag=a;from-tag=b;early-only`.
pub(crate) fn read_replaces(value: &str) -> Option<Replaces> {
    let mut parts = value.split(';').map(str::trim);
    let call_id = parts.next().filter(|c| !c.is_empty())?.to_owned();
    let (mut to_tag, mut from_tag, mut early_only) = (None, None, false);
    for part in parts {
        match part.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("to-tag") => to_tag = Some(value.to_owned()),
            Some((name, value)) if name.eq_ignore_ascii_case("from-tag") => from_tag = Some(value.to_owned()),
            None if part.eq_ignore_ascii_case("early-only") => early_only = true,
            Some(_) | None => (),
        }
    }
    Some(Replaces { call_id, to_tag: to_tag?, from_tag: from_tag?, early_only })
}

fn as_seen(request: &Request, flow: &Flow) -> ServerRequest {
    ServerRequest {
        method: request.method.to_string(),
        uri: request.uri.to_string(),
        headers: listed(request),
        body: request.body.clone(),
        source: flow.peer(),
        transport: flow.transport(),
    }
}

fn listed(request: &Request) -> Vec<(String, String)> {
    request.headers.iter().map(|h| (h.name().to_owned(), h.value().to_owned())).collect()
}

fn refuse(shared: &Arc<Shared>, transaction: Box<Transaction>, refusal: Refusal) {
    let headers = refusal.1.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
    respond(shared, transaction, refusal.0, headers);
}

fn respond(shared: &Arc<Shared>, transaction: Box<Transaction>, code: u16, headers: Vec<(String, String)>) {
    let mut response = shared.stack.response(&transaction.original, code, "", &wire::fresh(10));
    for (name, value) in headers {
        response.headers.push(wire::header(&name, value));
    }
    shared.stack.reply(transaction, response);
}
