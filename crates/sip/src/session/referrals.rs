//! Transfers both ways: REFER and the NOTIFYs about it (RFC 3515), attended ones with Replaces (RFC 3891).

use super::asks::{Ask, Purpose};
use super::{Session, Stage};
use crate::call::{Call, Replaces, Verb};
use crate::event::CallEvent;
use crate::inbound::read_replaces;
use crate::uri::Uri;
use crate::wire::{self, Method};
use rsipstack::transaction::transaction::Transaction;

/// A transfer that the far side asked us for.
#[derive(Default)]
pub(super) struct Referral {
    /// Its REFER, until the application decides.
    asked: Option<Box<Transaction>>,
    /// The subscription that REFER made: its id, the number of the REFER.
    told: Option<u32>,
}

/// How long the far side may keep listening for news of a transfer.
const SUBSCRIPTION: u32 = 180;

impl Session {
    /// Asks the far side to call somebody else.
    pub(super) fn refer(&mut self, to: &Uri, replaces: Option<&Replaces>) {
        if !matches!(self.stage, Stage::Up) {
            return;
        }
        let mut target = Uri { headers: Vec::new(), ..to.clone() };
        if let Some(r) = replaces {
            let value = format!("{};to-tag={};from-tag={}", r.call_id, r.to_tag, r.from_tag);
            target.headers.push(("Replaces".into(), value));
        }
        let ours = self.line.as_ref().map_or_else(|| self.dialog.contact.bare(), |l| l.address.clone());
        let ask = Ask::new(Purpose::Refer, Method::Refer);
        self.ask(ask.with("Refer-To", format!("<{target}>")).with("Referred-By", format!("<{ours}>")));
    }

    /// Asks another call of ours how it is named, and goes on from there.
    pub(super) fn refer_to_call(&mut self, other: Call) {
        let (asker, named) = tokio::sync::oneshot::channel();
        if other.send(Verb::Name(asker)).is_err() {
            return;
        }
        let call = self.call.clone();
        self.shared.stack.spawn(async move {
            if let Ok(named) = named.await {
                // Either call may have ended meanwhile; then there is nothing to transfer.
                let _ = call.send(Verb::Refer(named));
            }
        });
    }

    /// REFER from the far side.
    pub(super) async fn referred(&mut self, transaction: Box<Transaction>) {
        let target = wire::address(&transaction.original.headers, "Refer-To").map(|a| a.uri);
        let code = match (&target, self.referral.asked.is_some() || self.referral.told.is_some()) {
            (None, _) => 400,
            // One at a time: which call would NOTIFY be about?
            (Some(_), true) => 491,
            (Some(_), false) => 0,
        };
        let (Some(mut to), 0) = (target, code) else { return self.reply(transaction, code) };
        let replaces = to.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case("Replaces"));
        let replaces = replaces.and_then(|(_, v)| read_replaces(v));
        to.headers.clear();
        self.referral.asked = Some(transaction);
        self.tell(CallEvent::TransferAsked { to, replaces }).await;
    }

    pub(super) fn accept_referral(&mut self) {
        let Some(transaction) = self.referral.asked.take() else { return };
        self.referral.told = wire::cseq(&transaction.original.headers);
        let mut response = self.shared.stack.response(&transaction.original, 202, "", &self.dialog.local_tag);
        response.headers.push(wire::header("Contact", format!("<{}>", self.dialog.contact)));
        self.shared.stack.reply(transaction, response);
        self.referral_stands(100, "Trying");
    }

    pub(super) fn refuse_referral(&mut self, code: u16) {
        if let Some(transaction) = self.referral.asked.take() {
            self.reply(transaction, code);
        }
    }

    /// Tells the far side how the call stands that it asked for.
    pub(super) fn referral_stands(&mut self, code: u16, words: &str) {
        let Some(id) = self.referral.told else { return };
        let last = code >= 200;
        if last {
            self.referral.told = None;
        }
        let status = wire::status(code, "");
        let words: String = words.chars().filter(|c| !c.is_control()).collect();
        let words = if words.is_empty() { status.text().to_owned() } else { words };
        let state = match last {
            true => "terminated;reason=noresource".to_owned(),
            false => format!("active;expires={SUBSCRIPTION}"),
        };
        let ask = Ask::new(Purpose::Notify, Method::Notify);
        let ask = ask.with("Event", format!("refer;id={id}")).with("Subscription-State", state);
        self.ask(ask.body("message/sipfrag;version=2.0", format!("SIP/2.0 {code} {words}\r\n").into_bytes()));
    }

    /// NOTIFY from the far side; whether it was about a transfer of ours.
    pub(super) async fn notified(&mut self, transaction: Box<Transaction>) {
        let headers = &transaction.original.headers;
        let about =
            wire::text(headers, "Event").unwrap_or("").split(';').next().unwrap_or("").trim().to_owned();
        if about != "refer" {
            return self.reply(transaction, 489);
        }
        let body = wire::body_text(&transaction.original.body);
        // Whoever is told of the end hangs up at once.
        let response = self.shared.stack.response(&transaction.original, 200, "", &self.dialog.local_tag);
        self.shared.stack.reply_at_once(transaction, response).await;
        if let Some((code, reason)) = fragment(&body) {
            self.tell(CallEvent::TransferProgress { code, reason }).await;
        }
    }
}

/// The status in a `message/sipfrag` (RFC 3420).
fn fragment(body: &str) -> Option<(u16, String)> {
    let line = body.lines().map(str::trim).find(|l| !l.is_empty())?;
    let rest = line.strip_prefix("SIP/2.0")?.trim_start();
    let (code, words) = rest.split_once(' ').unwrap_or((rest, ""));
    let code = code.parse().ok().filter(|c| (100..700).contains(c))?;
    Some((code, words.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_read_from_a_fragment() {
        assert_eq!(fragment("SIP/2.0 180 Ringing\r\nTo: x\r\n"), Some((180, "Ringing".into())));
        assert_eq!(fragment("\r\nSIP/2.0 200\r\n"), Some((200, String::new())));
        assert_eq!(fragment("HTTP/1.1 200 OK"), None);
        assert_eq!(fragment("SIP/2.0 99 x"), None);
    }
}
