//! What calls ask of Telegram, and the answers on their way back.

use super::Desk;
use super::news::News;
use crate::call::ids::PhoneId;
use crate::telegram::api::{Api, Outcome};
use crate::telegram::call::{Input, Peer, Request, Trouble, Update};
use crate::telegram::signals::Signals;
use crate::telegram::store::{AccountId, Met};
use crate::telegram::wire::{discard_reason, input_call, protocol, update};
use bytes::Bytes;
use domain::ids::UserId;
use grammers_tl_types as tl;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How long a request that makes a call or its key waits for a connection that is made anew.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long a good-bye does.
const FAREWELL_PATIENCE: Duration = Duration::from_secs(30);

/// Until a good-bye is said again that Telegram's servers did not pass on in time.
const SLOW: Duration = Duration::from_secs(1);

/// Which call asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking {
    pub(super) phone: PhoneId,
    pub(super) turn: u32,
    pub(super) user: UserId,
    pub(super) met: Met,
}

impl Desk {
    /// Does what tasks report.
    pub(super) async fn learn(&mut self, news: News) {
        match news {
            News::Accounts(found) => self.accounts_found(found).await,
            News::LineEnded { account, line } => self.line_ended(account, line).await,
            News::Found { phone, turn, found } => self.found(phone, turn, found).await,
            News::Group { phone, turn, group } => self.give_in_turn(phone, turn, Input::Group(group)).await,
            News::Answered { phone, turn, answer, repeated } => {
                self.give_in_turn(phone, turn, Input::Answered { answer, repeated }).await;
                self.place_strays().await;
            }
            News::SignalRefused { phone, turn } => self.give_in_turn(phone, turn, Input::SignalRefused).await,
            News::Left { account, calls } => self.end_left(account, calls),
            News::Stored { user, account } => _ = self.fresh.remove(&(user, account)),
        }
    }

    /// Asks Telegram for a call.
    pub(super) fn ask(&mut self, asking: Asking, request: Request) {
        let account = asking.met.account;
        let Some(service) = self.services.get(&account) else { return };
        let api = service.api.clone();
        match request {
            Request::Group => self.ask_group(asking, api),
            Request::Ring { random_id, g_a_hash } => {
                let user =
                    tl::types::InputUser { user_id: asking.user.0, access_hash: asking.met.access_hash };
                let request = tl::functions::phone::RequestCall {
                    video: false,
                    user_id: user.into(),
                    random_id,
                    g_a_hash: g_a_hash.to_vec(),
                    protocol: protocol(),
                };
                self.ask_call(asking, api, request);
            }
            Request::Accept { peer, g_b } => {
                let request = tl::functions::phone::AcceptCall {
                    peer: input_call(peer),
                    g_b: g_b.to_vec(),
                    protocol: protocol(),
                };
                self.ask_call(asking, api, request);
            }
            Request::Confirm { peer, g_a, fingerprint } => {
                let request = tl::functions::phone::ConfirmCall {
                    peer: input_call(peer),
                    g_a: g_a.to_vec(),
                    key_fingerprint: fingerprint,
                    protocol: protocol(),
                };
                self.ask_call(asking, api, request);
            }
            Request::Signal { peer, packet } => self.send_signal(asking, api, peer, packet),
            Request::Received { .. } | Request::Discard { .. } => self.farewell(account, request),
        }
    }

    /// Sends what has no answer that matters.
    pub(super) fn farewell(&self, account: AccountId, request: Request) {
        let Some(service) = self.services.get(&account) else { return };
        let api = service.api.clone();
        match request {
            Request::Received { peer } => {
                let request = tl::functions::phone::ReceivedCall { peer: input_call(peer) };
                self.tasks.spawn(async move {
                    if let Err(trouble) = api.ask_for(PATIENCE, &request).await {
                        tracing::warn!(?trouble, "Telegram is not told that a call has come");
                    }
                });
            }
            Request::Discard { peer, reason, duration } => {
                let request = tl::functions::phone::DiscardCall {
                    video: false,
                    peer: input_call(peer),
                    duration: i32::try_from(duration.as_secs()).unwrap_or(i32::MAX),
                    reason: discard_reason(reason),
                    connection_id: 0,
                };
                let ending = self.open_calls.ending(account, peer.id);
                self.farewells.spawn(async move {
                    match good_bye(&api, &request).await {
                        Err(trouble) if trouble.is_slow() => not_told(&trouble),
                        // Whatever else it says, to Telegram the call is over.
                        Ok(()) | Err(Trouble::Refused { .. } | Trouble::Nonsense) => ending.told(),
                        Err(trouble @ (Trouble::Flood(_) | Trouble::Unreachable)) => not_told(&trouble),
                    }
                });
            }
            Request::Group
            | Request::Ring { .. }
            | Request::Accept { .. }
            | Request::Confirm { .. }
            | Request::Signal { .. } => {}
        }
    }

    fn ask_group(&self, asking: Asking, api: Api) {
        let (groups, news) = (self.groups.clone(), self.news.clone());
        self.tasks.spawn(async move {
            let group = groups.fetch(&api).await.map(Box::new);
            _ = news.send(News::Group { phone: asking.phone, turn: asking.turn, group }).await;
        });
    }

    fn ask_call<R>(&self, asking: Asking, api: Api, request: R)
    where
        R: tl::RemoteCall<Return = tl::enums::phone::PhoneCall> + Send + Sync + 'static,
    {
        let news = self.news.clone();
        self.tasks.spawn(async move {
            let Outcome { answer, repeated } = api.insist(PATIENCE, &request).await;
            let answer: Result<Update, Trouble> =
                answer.map(|tl::enums::phone::PhoneCall::Call(answer)| update(answer.phone_call));
            _ = news.send(News::Answered { phone: asking.phone, turn: asking.turn, answer, repeated }).await;
        });
    }

    fn send_signal(&mut self, asking: Asking, api: Api, peer: Peer, packet: Bytes) {
        let (news, tasks) = (self.news.clone(), self.tasks.clone());
        let Asking { phone, turn, .. } = asking;
        let Some(signals) = self.signals_of(phone) else { return };
        let refused = async move { _ = news.send(News::SignalRefused { phone, turn }).await };
        signals.get_or_insert_with(|| Signals::start(api, peer, &tasks, refused)).push(packet);
    }
}

/// Tells Telegram that a call is over, also after a short limit.
async fn good_bye(api: &Api, request: &tl::functions::phone::DiscardCall) -> Result<(), Trouble> {
    let end = Instant::now() + FAREWELL_PATIENCE;
    loop {
        let answer = api.ask_for(FAREWELL_PATIENCE, request).await.map(drop);
        let again = match &answer {
            Err(Trouble::Flood(wait)) => Instant::now() + *wait,
            Err(trouble) if trouble.is_slow() => Instant::now() + SLOW,
            Ok(()) | Err(Trouble::Refused { .. } | Trouble::Unreachable | Trouble::Nonsense) => {
                return answer;
            }
        };
        if again >= end {
            return answer;
        }
        sleep_until(again).await;
    }
}

/// Whoever works the account next tells it.
fn not_told(trouble: &Trouble) {
    tracing::warn!(?trouble, "Telegram is not told that a call is over");
}
