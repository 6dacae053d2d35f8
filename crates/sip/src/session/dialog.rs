//! What two sides of a call have agreed to be called by, and requests made of it (RFC 3261 section 12).

use crate::calls::Key;
use crate::uri::Uri;
use crate::wire::{self, Headers, Method, Request, Response};
use rsipstack::sip::Version;

/// A dialog, early or confirmed.
#[derive(Clone)]
pub(crate) struct Dialog {
    pub(crate) call_id: String,
    pub(crate) local_tag: String,
    pub(crate) remote_tag: Option<String>,
    /// From and To as header values without tags.
    local: String,
    remote: String,
    /// The far side's own address, for `Refer-To`.
    pub(crate) remote_uri: Uri,
    pub(crate) target: Uri,
    pub(crate) routes: Vec<String>,
    pub(crate) contact: Uri,
    cseq: u32,
    remote_cseq: Option<u32>,
}

impl Dialog {
    /// Of a call that we are about to make.
    pub(crate) fn outgoing(key: Key, local: String, to: &Uri, contact: Uri) -> Self {
        Dialog {
            call_id: key.0,
            local_tag: key.1,
            remote_tag: None,
            local,
            remote: format!("<{}>", to.bare()),
            remote_uri: to.clone(),
            target: to.clone(),
            routes: Vec::new(),
            contact,
            cseq: 0,
            remote_cseq: None,
        }
    }

    /// Of a call made to us.
    pub(crate) fn incoming(request: &Request, contact: Uri) -> Option<Self> {
        let headers = &request.headers;
        let from = wire::address(headers, "From")?;
        let target = wire::address(headers, "Contact").map_or_else(|| from.uri.clone(), |c| c.uri);
        Some(Dialog {
            call_id: wire::text(headers, "Call-ID")?.to_owned(),
            local_tag: wire::fresh(12),
            remote_tag: from.param("tag").map(str::to_owned),
            local: wire::text(headers, "To")?.to_owned(),
            remote: without_tag(wire::text(headers, "From")?),
            remote_uri: from.uri.bare(),
            target,
            routes: wire::all(headers, "Record-Route")
                .flat_map(wire::split_list)
                .map(str::to_owned)
                .collect(),
            contact,
            cseq: 0,
            remote_cseq: wire::cseq(headers),
        })
    }

    /// Of a second answer to an INVITE of ours, only to be ended.
    pub(crate) fn forked(response: &Response) -> Option<Self> {
        let headers = &response.headers;
        let mut routes: Vec<String> =
            wire::all(headers, "Record-Route").flat_map(wire::split_list).map(str::to_owned).collect();
        routes.reverse();
        let to = wire::address(headers, "To")?;
        let target = wire::address(headers, "Contact")?.uri;
        Some(Dialog {
            call_id: wire::text(headers, "Call-ID")?.to_owned(),
            local_tag: wire::tag(headers, "From")?,
            remote_tag: to.param("tag").map(str::to_owned),
            local: without_tag(wire::text(headers, "From")?),
            remote: without_tag(wire::text(headers, "To")?),
            remote_uri: to.uri,
            contact: target.clone(),
            target,
            routes,
            cseq: wire::cseq(headers)?,
            remote_cseq: None,
        })
    }

    pub(crate) fn key(&self) -> Key {
        (self.call_id.clone(), self.local_tag.clone())
    }

    /// Takes in what an answer with a tag tells: the far side's tag, address and route (section 12.1.2).
    pub(crate) fn learn(&mut self, response: &Response) {
        let headers = &response.headers;
        if let Some(tag) = wire::tag(headers, "To") {
            if self.remote_tag.as_deref() != Some(tag.as_str()) {
                let mut routes: Vec<String> = wire::all(headers, "Record-Route")
                    .flat_map(wire::split_list)
                    .map(str::to_owned)
                    .collect();
                routes.reverse();
                self.routes = routes;
            }
            self.remote_tag = Some(tag);
        }
        self.retarget(headers);
    }

    /// A 2xx or a request may move the far side (section 12.2).
    pub(crate) fn retarget(&mut self, headers: &Headers) {
        if let Some(contact) = wire::address(headers, "Contact") {
            self.target = contact.uri;
        }
    }

    /// Takes in the number of a request; `false` where it comes out of order (section 12.2.2).
    pub(crate) fn in_order(&mut self, headers: &Headers) -> bool {
        let (Some(new), old) = (wire::cseq(headers), self.remote_cseq) else { return false };
        if old.is_some_and(|old| new <= old) {
            return false;
        }
        self.remote_cseq = Some(new);
        true
    }

    /// A request with the next number.
    pub(crate) fn request(&mut self, method: Method) -> Request {
        self.cseq += 1;
        self.numbered(method, self.cseq)
    }

    /// A request whose number is so much greater than the last one's.
    pub(crate) fn far_request(&mut self, method: Method, ahead: u32) -> Request {
        self.cseq += ahead;
        self.numbered(method, self.cseq)
    }

    /// ACK for the INVITE with this number (section 13.2.2.4).
    pub(crate) fn ack(&self, number: u32) -> Request {
        self.numbered(Method::Ack, number)
    }

    fn numbered(&self, method: Method, number: u32) -> Request {
        let to = match &self.remote_tag {
            Some(tag) => format!("{};tag={tag}", self.remote),
            None => self.remote.clone(),
        };
        let mut headers: Headers = vec![
            wire::header("From", format!("{};tag={}", self.local, self.local_tag)),
            wire::header("To", to),
            wire::header("Call-ID", self.call_id.clone()),
            wire::header("CSeq", format!("{number} {method}")),
        ]
        .into();
        for route in &self.routes {
            headers.push(wire::header("Route", route.clone()));
        }
        if !matches!(method, Method::Ack | Method::Bye | Method::PRack) {
            headers.push(wire::header("Contact", format!("<{}>", self.contact)));
        }
        let uri = wire::request_uri(&self.target);
        Request { method, uri, version: Version::V2, headers, body: Vec::new() }
    }

    /// Where the next request goes: the first route, or the far side itself.
    pub(crate) fn next_hop(&self) -> Uri {
        let route = self.routes.first().and_then(|r| wire::NameAddr::parse(r));
        route.map_or_else(|| self.target.clone(), |r| r.uri)
    }
}

/// CANCEL for an INVITE (section 9.1).
pub(crate) fn cancel(invite: &Request) -> Request {
    let keep = ["From", "To", "Call-ID", "Route"];
    let kept = invite.headers.iter().filter(|h| keep.contains(&h.name())).cloned();
    let mut headers: Headers = kept.collect::<Vec<_>>().into();
    let number = wire::cseq(&invite.headers).unwrap_or(0);
    headers.push(wire::header("CSeq", format!("{number} CANCEL")));
    Request {
        method: Method::Cancel,
        uri: invite.uri.clone(),
        version: Version::V2,
        headers,
        body: Vec::new(),
    }
}

fn without_tag(value: &str) -> String {
    let Some(addr) = wire::NameAddr::parse(value) else { return value.to_owned() };
    wire::name_addr(addr.name.as_deref(), &addr.uri)
}
