//! Keeps the session timer of a call (RFC 4028): refreshes it in time, or hangs up when nobody does.

use super::asks::{Ask, Purpose};
use super::timer::{self, Agreed};
use super::{Session, Stage};
use crate::event::EndedBy;
use crate::wire::{self, Method, Response};
use tokio::time::Instant;

impl Session {
    /// Begins the interval anew with what was agreed; `None` where there is to be none.
    pub(super) fn agree_interval(&mut self, agreed: Option<Agreed>) {
        self.interval = agreed.map(|agreed| (agreed, Instant::now() + agreed.due()));
    }

    pub(super) async fn interval_due(&mut self, now: Instant) {
        let Some((agreed, at)) = self.interval else { return };
        if at > now || !matches!(self.stage, Stage::Up) {
            return;
        }
        if !agreed.we_refresh {
            self.interval = None;
            self.say_bye("the session was not refreshed", None);
            return self
                .end(408, "the far side no longer refreshes the call".into(), None, EndedBy::Timer)
                .await;
        }
        // Until the answer sets it anew, the next look is at the time of the end.
        self.interval = Some((agreed, now + agreed.due()));
        if self.peer_updates {
            let refresh = Ask::new(Purpose::Refresh, Method::Update);
            let refresh = refresh.with("Supported", "timer").with("Session-Expires", agreed.as_client());
            self.ask(refresh);
        } else {
            self.refresh_by_invite().await;
        }
    }

    /// What came of our refresh by UPDATE.
    pub(super) async fn refreshed(&mut self, code: u16, response: Option<Response>) {
        match (code, response) {
            (200..=299, Some(response)) => self.agree_interval(timer::from_answer(&response.headers)),
            (422, Some(response)) => {
                let least = wire::number::<u32>(&response.headers, "Min-SE").filter(|s| *s <= 86_400);
                if let (Some(least), Some((agreed, _))) = (least, self.interval) {
                    let seconds = least.max(agreed.seconds);
                    self.interval = Some((Agreed { seconds, ..agreed }, Instant::now()));
                }
            }
            (405 | 501, _) => {
                self.peer_updates = false;
                self.refresh_by_invite().await;
            }
            (408 | 481, _) => {
                self.say_bye("the refresh failed", None);
                self.end(code, "the far side does not know the call any more".into(), None, EndedBy::Timer)
                    .await;
            }
            // Anything else says nothing about the session: it is tried again at half of what is left.
            _ => (),
        }
    }
}
