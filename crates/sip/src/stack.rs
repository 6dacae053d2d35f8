//! The transactions of `rsipstack` over our own transports: requests with their answers, and requests that come in.
//!
//! Time here is the stack's own: its timers (RFC 3261 section 17, RFC 6026) read the clock of tokio, and cannot be
//! given another. What is decided above them (retries, refreshes, session timers) is told the time.

use crate::account::Transport;
use crate::acks::Acks;
use crate::config::Config;
use crate::taps::{Inspector, Taps};
use crate::trace::Way;
use crate::transport::{Arrival, Flow, Names, Transports};
use crate::wire::{self, Header, Method, Request, Response, SipMessage};
use rsipstack::EndpointBuilder;
use rsipstack::transaction::TransactionReceiver;
use rsipstack::transaction::endpoint::{EndpointInnerRef, EndpointOption};
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::transaction::{Transaction, TransactionEvent, TransactionEventSender};
use rsipstack::transport::TransportLayer;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber as _;

/// Messages read and not yet sorted. Past this the sockets wait, and the kernel drops datagrams.
const ARRIVALS: usize = 1024;
/// How long a request in a call waits for its answer (Timer F).
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(32);
/// How long somebody may let a call ring before we give up; proxies mostly do after three minutes.
const RINGING: Duration = Duration::from_secs(600);

/// What became of a request that got no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It cannot be delivered; the words say why.
    Unreachable(String),
    /// Nobody answered in time.
    Silent,
}

/// What comes of our INVITE, or comes for theirs.
pub(crate) enum Heard {
    /// An answer to the INVITE with this number.
    Response(u32, Box<Response>),
    /// No answer will come.
    Failed(u32, Failure),
    /// The caller withdrew its INVITE.
    Cancel(Option<String>),
    /// The caller acknowledged our answer to the INVITE with this number.
    Ack(u32, Box<Request>),
    /// The transaction of their INVITE with this number is over.
    Over(u32),
    /// A request inside the call.
    Request(Box<Transaction>, Flow),
}

/// Who takes requests that begin or continue calls. Called on the one task that reads, so neither may wait.
pub(crate) trait Above: Send + Sync {
    /// Sorts one request.
    fn take(self: Arc<Self>, transaction: Transaction, flow: Flow);
    /// Sees each 2xx to an INVITE first; `true` takes it. Behind a forking proxy several phones may answer one INVITE.
    fn answered(self: Arc<Self>, response: &Response, flow: &Flow) -> bool;
}

/// Sockets, transactions and names.
pub(crate) struct Stack {
    endpoint: EndpointInnerRef,
    pub(crate) transports: Transports,
    pub(crate) taps: Arc<Taps>,
    pub(crate) names: Names,
    tracker: TaskTracker,
    pub(crate) product: String,
    pub(crate) server_timeout: Duration,
    acks: Acks,
    stop: CancellationToken,
}

/// What [`Stack::start`] leaves to be run.
pub(crate) struct Reading {
    arrivals: mpsc::Receiver<Arrival>,
    incoming: TransactionReceiver,
}

impl Stack {
    pub(crate) async fn start(
        config: &Config,
        names: Names,
        tracker: TaskTracker,
        stop: CancellationToken,
    ) -> io::Result<(Self, Reading)> {
        let (arrived, arrivals) = mpsc::channel(ARRIVALS);
        let transports = Transports::start(config, arrived, tracker.clone(), stop.clone()).await?;
        let taps = Arc::<Taps>::default();
        let mut builder = EndpointBuilder::new();
        let endpoint = builder
            .with_user_agent(&config.product)
            .with_cancel_token(stop.clone())
            .with_inspector(Box::new(Inspector(Arc::clone(&taps))))
            .with_transport_layer(TransportLayer::new(stop.clone()))
            .with_option(EndpointOption { auto_ack_2xx: false, timerc: RINGING, ..EndpointOption::default() })
            .build();
        let incoming = endpoint.incoming_transactions().map_err(io::Error::other)?;
        let stack = Stack {
            endpoint: endpoint.inner.clone(),
            transports,
            taps,
            names,
            tracker,
            product: config.product.clone(),
            server_timeout: config.server_timeout,
            acks: Acks::default(),
            stop,
        };
        Ok((stack, Reading { arrivals, incoming }))
    }

    /// Runs something until it is done, or everything ends.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tracker.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => (),
                () = work => (),
            }
        });
    }

    /// Sorts what arrives until told to stop.
    pub(crate) async fn serve(
        self: Arc<Self>,
        above: Arc<dyn Above>,
        mut reading: Reading,
        stop: CancellationToken,
    ) {
        let timers = async { quiet(self.endpoint.process_timer()).await };
        let sorting = async {
            while let Some(arrival) = reading.arrivals.recv().await {
                self.sort(&above, arrival, &mut reading.incoming).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => (),
            () = timers => (),
            () = sorting => (),
        }
    }

    async fn sort(&self, above: &Arc<dyn Above>, arrival: Arrival, incoming: &mut TransactionReceiver) {
        let Arrival { message, flow } = arrival;
        match &message {
            SipMessage::Response(response) if is_answer_to_invite(response) => {
                if self.acknowledge_again(response).await || above.clone().answered(response, &flow) {
                    return;
                }
            }
            SipMessage::Response(_) | SipMessage::Request(_) => (),
        }
        let from = flow.destination();
        let received = self.endpoint.on_received_message(message, flow.connection().clone(), &from);
        if let Err(error) = quiet(received).await {
            tracing::debug!(peer = %flow.peer(), %error, "message could not be sorted");
        }
        while let Ok(transaction) = incoming.try_recv() {
            above.clone().take(transaction, flow.clone());
        }
    }

    /// Sends a request other than INVITE and waits for its final answer.
    pub(crate) async fn request(
        &self,
        request: Request,
        flow: &Flow,
        patience: Duration,
    ) -> Result<Response, Failure> {
        self.request_on(request, flow, patience, &branch()).await
    }

    /// The same with a branch of the caller's: CANCEL has that of its INVITE (RFC 3261 section 9.1).
    pub(crate) async fn request_on(
        &self,
        mut request: Request,
        flow: &Flow,
        patience: Duration,
        branch: &str,
    ) -> Result<Response, Failure> {
        self.stamp(&mut request, flow, branch);
        let mut transaction = self.client(request, flow)?;
        let answered = quiet(async {
            transaction.send().await.map_err(|e| Failure::Unreachable(e.to_string()))?;
            while let Some(message) = transaction.receive().await {
                match message {
                    SipMessage::Response(r) if r.status_code.code() >= 200 => return Ok(r),
                    SipMessage::Response(_) | SipMessage::Request(_) => (),
                }
            }
            Err(Failure::Silent)
        });
        tokio::select! {
            answered = answered => answered,
            failure = self.given_up(flow) => Err(failure),
            () = tokio::time::sleep_until(Instant::now() + patience) => Err(Failure::Silent),
        }
    }

    /// Sends an INVITE; what comes of it goes to `ears`. The branch is the caller's, since CANCEL needs the same.
    pub(crate) fn invite(
        self: &Arc<Self>,
        mut request: Request,
        flow: Flow,
        branch: &str,
        ears: mpsc::Sender<Heard>,
    ) {
        let number = wire::cseq(&request.headers).unwrap_or(0);
        self.stamp(&mut request, &flow, branch);
        let stack = Arc::clone(self);
        self.spawn(async move {
            let failed = match stack.client(request, &flow) {
                Ok(transaction) => stack.drive_invite(transaction, &flow, number, &ears).await,
                Err(failure) => Some(failure),
            };
            if let Some(failure) = failed {
                // The call may be over before its transaction is.
                let _ = ears.send(Heard::Failed(number, failure)).await;
            }
        });
    }

    async fn drive_invite(
        &self,
        mut transaction: Transaction,
        flow: &Flow,
        number: u32,
        ears: &mpsc::Sender<Heard>,
    ) -> Option<Failure> {
        if let Err(error) = quiet(transaction.send()).await {
            return Some(Failure::Unreachable(error.to_string()));
        }
        let silence = Instant::now() + self.server_timeout;
        let mut heard = false;
        loop {
            // Each other branch ends the transaction, so nothing is lost with the future that is dropped.
            let message = tokio::select! {
                message = quiet(transaction.receive()) => message,
                failure = self.given_up(flow), if !heard => return Some(failure),
                () = flow.broken(), if heard => return Some(Failure::Unreachable("the connection broke".into())),
                () = tokio::time::sleep_until(silence), if !heard => return Some(Failure::Silent),
            };
            match message {
                Some(SipMessage::Response(response)) => {
                    heard = true;
                    let _ = ears.send(Heard::Response(number, Box::new(response))).await;
                }
                Some(SipMessage::Request(_)) => (),
                None => return None,
            }
        }
    }

    /// Keeps an incoming INVITE's transaction going; answers are given through what is returned.
    pub(crate) fn answering(&self, mut transaction: Transaction, ears: mpsc::Sender<Heard>) -> Answering {
        let number = wire::cseq(&transaction.original.headers).unwrap_or(0);
        let sender = transaction.tu_sender.clone();
        let request = transaction.original.clone();
        self.spawn(async move {
            while let Some(message) = quiet(transaction.receive()).await {
                let SipMessage::Request(request) = message else { continue };
                let heard = if request.method == Method::Ack {
                    Heard::Ack(number, Box::new(request))
                } else if request.method == Method::Cancel {
                    Heard::Cancel(wire::text(&request.headers, "Reason").map(str::to_owned))
                } else {
                    continue;
                };
                let _ = ears.send(heard).await;
            }
            let _ = ears.send(Heard::Over(number)).await;
        });
        Answering { number, request, sender }
    }

    /// Acknowledges a 2xx, now and whenever it is repeated.
    pub(crate) async fn acknowledge(&self, mut ack: Request, flow: &Flow) {
        self.stamp(&mut ack, flow, &branch());
        self.acks.keep(&ack, flow, Instant::now());
        self.send(ack.into(), flow).await;
    }

    /// Sends a message outside any transaction.
    async fn send(&self, message: SipMessage, flow: &Flow) {
        self.taps.note(Way::Out, flow.peer(), &message);
        let sent = quiet(flow.connection().send(message, Some(&flow.destination()))).await;
        if let Err(error) = sent {
            tracing::debug!(peer = %flow.peer(), %error, "message could not be sent");
        }
    }

    async fn acknowledge_again(&self, response: &Response) -> bool {
        let kept = self.acks.find(&response.headers);
        match kept {
            Some((ack, flow)) => {
                self.send(ack.into(), &flow).await;
                true
            }
            None => false,
        }
    }

    /// An answer with what every answer carries.
    pub(crate) fn response(&self, request: &Request, code: u16, words: &str, tag: &str) -> Response {
        let mut response = self.endpoint.make_response(request, wire::status(code, words), None);
        if code > 100 && wire::tag(&request.headers, "To").is_none() {
            let to = wire::text(&request.headers, "To").unwrap_or("").to_owned();
            response.headers.retain(|h| !matches!(h, Header::To(_)));
            response.headers.push(wire::header("To", format!("{to};tag={tag}")));
        }
        response
    }

    /// Answers a request other than INVITE.
    pub(crate) fn reply(&self, mut transaction: Box<Transaction>, response: Response) {
        self.spawn(async move {
            if let Err(error) = quiet(transaction.respond(response)).await {
                tracing::debug!(%error, "answer could not be sent");
            }
            // An error answer to an INVITE waits here for its ACK.
            while quiet(transaction.receive()).await.is_some() {}
        });
    }

    /// The same, but the answer is on its way when this returns: what is sent next does not overtake it.
    pub(crate) async fn reply_at_once(&self, mut transaction: Box<Transaction>, response: Response) {
        if let Err(error) = quiet(transaction.respond(response)).await {
            tracing::debug!(%error, "answer could not be sent");
        }
        self.spawn(async move { while quiet(transaction.receive()).await.is_some() {} });
    }

    /// Transactions under way, and those that only wait for repetitions.
    pub(crate) fn transactions(&self) -> (usize, usize) {
        let stats = self.endpoint.get_stats();
        (stats.running_transactions, stats.finished_transactions)
    }

    /// Forgets what nobody can ask for any more.
    pub(crate) fn sweep(&self) {
        self.acks.sweep(Instant::now());
        self.transports.sweep();
    }

    async fn given_up(&self, flow: &Flow) -> Failure {
        tokio::select! {
            () = flow.broken() => Failure::Unreachable("the connection broke".into()),
            () = self.transports.refused(flow) => Failure::Unreachable("nothing listens there".into()),
        }
    }

    fn client(&self, request: Request, flow: &Flow) -> Result<Transaction, Failure> {
        let key = TransactionKey::from_request(&request, TransactionRole::Client);
        let key = key.map_err(|e| Failure::Unreachable(e.to_string()))?;
        let connection = Some(flow.connection().clone());
        let mut transaction = Transaction::new_client(key, request, self.endpoint.clone(), connection);
        transaction.destination = Some(flow.destination());
        Ok(transaction)
    }

    /// Puts our Via on top, and what else each request of ours carries.
    fn stamp(&self, request: &mut Request, flow: &Flow, branch: &str) {
        request.headers.push_front(wire::header("Via", via(flow, branch)));
        wire::set(&mut request.headers, "Max-Forwards", "70");
        wire::set(&mut request.headers, "User-Agent", self.product.clone());
        wire::set(&mut request.headers, "Content-Length", request.body.len().to_string());
    }
}

/// Answers one incoming INVITE.
pub(crate) struct Answering {
    pub(crate) number: u32,
    pub(crate) request: Request,
    sender: TransactionEventSender,
}

impl Answering {
    pub(crate) fn respond(&self, response: Response) {
        // A transaction that is over cannot be answered any more, and need not be.
        let _ = self.sender.send(TransactionEvent::Respond(response));
    }
}

fn is_answer_to_invite(response: &Response) -> bool {
    let answered = (200..300).contains(&response.status_code.code());
    answered && wire::cseq_method(&response.headers) == Some("INVITE")
}

/// A fresh branch (RFC 3261 section 8.1.1.7).
pub(crate) fn branch() -> String {
    format!("z9hG4bK{}", wire::fresh(16))
}

fn via(flow: &Flow, branch: &str) -> String {
    let alias = match flow.transport() {
        Transport::Udp => "",
        Transport::Tcp | Transport::Tls => ";alias",
    };
    format!("SIP/2.0/{} {};branch={branch};rport{alias}", flow.transport(), flow.advertised())
}

/// Runs the stack without its voice: at level INFO it logs whole messages, with numbers and authorisation in them.
async fn quiet<F: Future>(future: F) -> F::Output {
    future.with_subscriber(Dispatch::none()).await
}
