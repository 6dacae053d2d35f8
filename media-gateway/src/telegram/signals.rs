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
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

/// Packets of one call that may wait. Past it new ones are let go: their framing sends them again.
const QUEUE: usize = 256;

/// Packets that may be under way: waiting for each answer would add a round trip to every packet, and the first
/// seconds of a call have a dozen.
const UNDER_WAY: usize = 8;

/// How long a packet waits for a connection that is made anew.
const PATIENCE: Duration = Duration::from_secs(5);

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
    let mut quiet_until: Option<Instant> = None;
    loop {
        let answer = tokio::select! {
            packet = packets.recv(), if under_way.len() < UNDER_WAY => match packet {
                Some(packet) => {
                    // Telegram wants to be left alone: what is not sent now is sent again by its framing.
                    if quiet_until.is_none_or(|until| Instant::now() >= until) {
                        let sending = begin(send(api.clone(), peer, packet)).await;
                        under_way.push(sending);
                    }
                    continue;
                }
                None => break,
            },
            Some(answer) = under_way.next() => answer,
        };
        if let Some(wait) = judge(answer)? {
            quiet_until = Some(Instant::now() + wait);
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
    api.ask_for(PATIENCE, &request).await
}

/// How long Telegram wants to be left alone, if it does.
fn judge(answer: Result<bool, Trouble>) -> Result<Option<Duration>, Refused> {
    match answer {
        Ok(true) => Ok(None),
        Ok(false) => Err(Refused),
        Err(Trouble::Flood(wait)) => {
            tracing::warn!(seconds = wait.as_secs(), "Telegram limits the signalling of a call");
            Ok(Some(wait))
        }
        Err(Trouble::Refused { code, words }) if (400..500).contains(&code) => {
            tracing::debug!(code, words, "Telegram takes no more signalling of a call");
            Err(Refused)
        }
        // Its framing sends it again.
        Err(Trouble::Refused { .. } | Trouble::Unreachable | Trouble::Nonsense) => Ok(None),
    }
}
