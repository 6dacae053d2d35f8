//! Signalling of one call on its way to Telegram: in order, several packets under way at a time.

use super::api::Api;
use super::call::{Peer, Trouble};
use super::wire::input_call;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt as _};
use grammers_tl_types as tl;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::task::TaskTracker;

/// Packets of one call that may wait. Past it new ones are let go: their framing sends them again.
const QUEUE: usize = 256;

/// Packets that may be under way: waiting for each answer would add a round trip to every packet, and the first
/// seconds of a call have a dozen.
const UNDER_WAY: usize = 8;

/// How long a packet waits for a connection that is made anew, or for Telegram's servers to find one another.
const PATIENCE: Duration = Duration::from_secs(5);

/// Until a packet is sent again that Telegram's servers did not pass on in time.
const PAUSE: Duration = Duration::from_millis(250);

/// Where packets are handed in. When it is dropped, what waits is still sent.
#[derive(Debug)]
pub(super) struct Signals(mpsc::Sender<Bytes>);

impl Signals {
    /// Sends packets of this call. `refused` runs once if Telegram says that the call is over.
    pub(super) fn start(
        api: Api,
        peer: Peer,
        tasks: &TaskTracker,
        refused: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let (packets, waiting) = mpsc::channel(QUEUE);
        tasks.spawn(async move {
            if send_all(api, peer, waiting).await.is_err() {
                refused.await;
            }
        });
        Self(packets)
    }

    /// Hands a packet in, and never waits.
    pub(super) fn push(&self, packet: Bytes) {
        if self.0.try_send(packet).is_err() {
            metrics::counter!("tandem_telegram_signals_dropped").increment(1);
        }
    }
}

/// Telegram says that the call is over.
struct Refused;

type Sending = BoxFuture<'static, Result<bool, Trouble>>;

async fn send_all(api: Api, peer: Peer, mut packets: mpsc::Receiver<Bytes>) -> Result<(), Refused> {
    let mut under_way: FuturesUnordered<Sending> = FuturesUnordered::new();
    loop {
        tokio::select! {
            packet = packets.recv(), if under_way.len() < UNDER_WAY => match packet {
                Some(packet) => {
                    let sending = begin(send(api.clone(), peer, packet)).await;
                    under_way.push(sending);
                }
                None => break,
            },
            Some(answer) = under_way.next() => judge(answer)?,
        }
    }
    while let Some(answer) = under_way.next().await {
        judge(answer)?;
    }
    Ok(())
}

/// Starts a request, so that it is on the connection before the next one is.
async fn begin(sending: impl Future<Output = Result<bool, Trouble>> + Send + 'static) -> Sending {
    let mut sending: Sending = Box::pin(sending);
    match futures::poll!(&mut sending) {
        std::task::Poll::Ready(answer) => Box::pin(std::future::ready(answer)),
        std::task::Poll::Pending => sending,
    }
}

async fn send(api: Api, peer: Peer, packet: Bytes) -> Result<bool, Trouble> {
    let request = tl::functions::phone::SendSignalingData { peer: input_call(peer), data: packet.to_vec() };
    let end = Instant::now() + PATIENCE;
    loop {
        let answer = api.ask_for(PATIENCE, &request).await;
        let again = Instant::now() + PAUSE;
        let is_slow = matches!(&answer, Err(trouble) if trouble.is_slow());
        if !is_slow || again >= end {
            return answer;
        }
        sleep_until(again).await;
    }
}

/// Whether the call goes on. A packet that did not get through is sent again by its framing, also after a limit.
fn judge(answer: Result<bool, Trouble>) -> Result<(), Refused> {
    match answer {
        Ok(true) | Err(Trouble::Flood(_) | Trouble::Unreachable | Trouble::Nonsense) => Ok(()),
        Ok(false) => Err(Refused),
        Err(Trouble::Refused { code, words }) => {
            tracing::debug!(code, words, "Telegram does not take a packet of signalling");
            if says_that_the_call_is_over(code, &words) { Err(Refused) } else { Ok(()) }
        }
    }
}

/// `CALL_PEER_INVALID`, `CALL_ALREADY_DECLINED` and their like are about the call; all else is about this one packet.
fn says_that_the_call_is_over(code: u16, words: &str) -> bool {
    (400..500).contains(&code) && words.starts_with("CALL_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_on(code: u16, words: &str) -> bool {
        judge(Err(Trouble::Refused { code, words: words.to_owned() })).is_ok()
    }

    #[test]
    fn only_what_is_said_of_the_call_ends_it() {
        assert!(!goes_on(400, "CALL_PEER_INVALID") && !goes_on(400, "CALL_ALREADY_DECLINED"));
        assert!(judge(Ok(false)).is_err());
        assert!(goes_on(408, "Timeout of waiting RPC result") && goes_on(500, "RPC_CALL_FAIL"));
        assert!(goes_on(400, "DATA_TOO_LONG") && judge(Err(Trouble::Flood(Duration::from_secs(3)))).is_ok());
    }
}
