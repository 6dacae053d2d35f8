//! One attempt to register: servers in turn, challenges answered, 423 obeyed (RFC 3261 section 10.2).

use super::line::Line;
use super::policy::Outcome;
use crate::account::Transport;
use crate::auth::Verdict;
use crate::call::Hop;
use crate::stack::{Failure, Stack};
use crate::transport::Flow;
use crate::uri::Uri;
use crate::wire::{self, Headers, Method, Request, Response};
use rsipstack::sip::Version;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Requests in one attempt at one server: two challenges, a stale nonce and a longer interval fit, a loop does not.
const ROUNDS: usize = 6;
/// Servers of one domain that are tried in one attempt.
const SERVERS: usize = 4;

/// How an attempt ended, with the words for people.
pub(crate) struct Attempt {
    pub(crate) outcome: Outcome,
    pub(crate) words: String,
}

impl Attempt {
    fn failed(code: u16, words: impl Into<String>) -> Self {
        Attempt { outcome: Outcome::Refused { code, retry_after: None }, words: words.into() }
    }
}

/// Registers for `expires`; zero signs off.
pub(crate) async fn attempt(stack: &Stack, line: &Line, expires: Duration) -> Attempt {
    let hops = match servers(stack, line).await {
        Ok(hops) => hops,
        Err(words) => return Attempt::failed(503, words),
    };
    let mut last = Attempt::failed(503, "the domain has no server");
    for hop in hops.into_iter().take(SERVERS) {
        last = match at_server(stack, line, hop, expires).await {
            Ok(attempt) => {
                line.state().hop = Some(hop);
                return attempt;
            }
            Err(attempt) => attempt,
        };
    }
    line.state().hop = None;
    last
}

/// The servers to try: the one that answered last first.
async fn servers(stack: &Stack, line: &Line) -> Result<Vec<Hop>, String> {
    let last = line.state().hop;
    let mut hops = match (stack.names.hops(line.place(), line.account.transport).await, last) {
        (Ok(hops), _) => hops,
        // A name service in trouble does not make us forget whom we talk to.
        (Err(_), Some(last)) => vec![last],
        (Err(words), None) => return Err(words),
    };
    if let Some(at) = last.and_then(|last| hops.iter().position(|h| *h == last)) {
        hops[..=at].rotate_right(1);
    }
    Ok(hops)
}

/// `Err` where another server may do better.
async fn at_server(stack: &Stack, line: &Line, hop: Hop, expires: Duration) -> Result<Attempt, Attempt> {
    let tls = line.tls();
    let flow = stack.transports.flow(hop, Some(&tls)).await;
    let flow = flow.map_err(|e| Attempt::failed(503, e.to_string()))?;
    for _ in 0..ROUNDS {
        let (request, asked) = request(line, &flow, expires);
        let sent = request.headers.clone();
        let response = stack.request(request, &flow, stack.server_timeout).await.map_err(|f| match f {
            Failure::Unreachable(words) => Attempt::failed(503, words),
            Failure::Silent => Attempt::failed(408, "no answer from the server"),
        })?;
        let code = response.status_code.code();
        match code {
            200..=299 => {
                if let Granted::AskAgain = granted(line, &flow, &response, expires) {
                    continue;
                }
                let kept = granted_for(&response, &line.contact(&flow)).unwrap_or(asked);
                let outcome = Outcome::Granted(Duration::from_secs(kept.into()));
                return Ok(Attempt { outcome, words: wire::reason_of(&response) });
            }
            401 | 407 => {
                let verdict = line.state().memory.learn(&response, &sent);
                match verdict {
                    Verdict::Again => continue,
                    Verdict::Refused => return Ok(refused(&response)),
                }
            }
            423 => match wire::number::<u32>(&response.headers, "Min-Expires") {
                Some(least) if least > asked && least <= 604_800 => line.state().min_expires = least,
                Some(_) | None => return Ok(refused(&response)),
            },
            // Another server of the domain may be well.
            500..=599 if code != 501 && code != 505 => return Err(refused(&response)),
            _ => return Ok(refused(&response)),
        }
    }
    Ok(Attempt::failed(401, "the server asks again and again"))
}

fn refused(response: &Response) -> Attempt {
    let retry_after = wire::number::<u64>(&response.headers, "Retry-After").map(Duration::from_secs);
    let outcome = Outcome::Refused { code: response.status_code.code(), retry_after };
    Attempt { outcome, words: wire::reason_of(response) }
}

/// A REGISTER, and the seconds it asks for.
fn request(line: &Line, flow: &Flow, expires: Duration) -> (Request, u32) {
    let contact = line.contact(flow);
    let registrar = line.registrar().to_string();
    let mut state = line.state();
    state.cseq += 1;
    let wanted = u32::try_from(expires.as_secs()).unwrap_or(u32::MAX);
    let seconds = if wanted == 0 { 0 } else { wanted.max(state.min_expires) };
    let from = wire::name_addr(line.account.display_name.as_deref(), &line.address);
    let mut headers: Headers = vec![
        wire::header("From", format!("{from};tag={}", state.tag)),
        wire::header("To", format!("<{}>", line.address)),
        wire::header("Call-ID", state.call_id.clone()),
        wire::header("CSeq", format!("{} REGISTER", state.cseq)),
        wire::header("Contact", format!("<{contact}>;expires={seconds}")),
        wire::header("Expires", seconds.to_string()),
        wire::header("Supported", "path"),
        wire::header("Allow", crate::agent::ALLOW),
    ]
    .into();
    // The address changed: the registrar must not ring the old one too.
    if let Some(old) = state.contact.as_ref().filter(|old| **old != contact) {
        headers.push(wire::header("Contact", format!("<{old}>;expires=0")));
    }
    state.memory.sign(&mut headers, "REGISTER", &registrar, b"", &line.login());
    drop(state);
    let uri = wire::request_uri(&line.registrar());
    (Request { method: Method::Register, uri, version: Version::V2, headers, body: Vec::new() }, seconds)
}

enum Granted {
    Enough,
    /// The server sees us under another address than we gave.
    AskAgain,
}

fn granted(line: &Line, flow: &Flow, response: &Response, expires: Duration) -> Granted {
    let contact = line.contact(flow);
    let mut state = line.state();
    state.memory.succeed(&response.headers);
    state.contact = (!expires.is_zero()).then_some(contact);
    let routes = wire::all(&response.headers, "Service-Route").flat_map(wire::split_list);
    state.service_route = routes.map(str::to_owned).collect();
    let seen = seen_as(response).filter(|_| flow.transport() == Transport::Udp && !expires.is_zero());
    match seen {
        Some(seen) if seen != state.seen.unwrap_or(flow.advertised()) => {
            state.seen = Some(seen);
            Granted::AskAgain
        }
        Some(_) | None => Granted::Enough,
    }
}

/// Our address as the server saw it: `received` and `rport` of our Via (RFC 3581).
fn seen_as(response: &Response) -> Option<SocketAddr> {
    let via = wire::text(&response.headers, "Via")?;
    let mut params = via.split(',').next()?.split(';').map(str::trim).skip(1);
    let (mut ip, mut port) = (None, None);
    params.by_ref().for_each(|p| match p.split_once('=') {
        Some(("received", value)) => ip = value.trim_matches(['[', ']']).parse::<IpAddr>().ok(),
        Some(("rport", value)) => port = value.parse::<u16>().ok(),
        Some(_) | None => (),
    });
    // Without `received` only the port differs from what we wrote.
    let written = || via.split_ascii_whitespace().nth(1)?.split(';').next()?.parse::<SocketAddr>().ok();
    Some(SocketAddr::new(ip.or_else(|| written().map(|a| a.ip()))?, port?))
}

/// The seconds granted to our own Contact; others' may stand beside it.
fn granted_for(response: &Response, contact: &Uri) -> Option<u32> {
    let all = wire::all(&response.headers, "Contact").flat_map(wire::split_list);
    let all: Vec<_> = all.filter_map(wire::NameAddr::parse).collect();
    let line = contact.param("line");
    let same = |uri: &Uri| uri.user == contact.user && uri.host_port() == contact.host_port();
    let ours = all.iter().find(|a| a.uri.param("line").is_some() && a.uri.param("line") == line);
    let ours = ours.or_else(|| all.iter().find(|a| same(&a.uri)));
    let expires = ours.and_then(|a| a.param("expires")).and_then(|e| e.parse().ok());
    expires.or_else(|| wire::number(&response.headers, "Expires"))
}
