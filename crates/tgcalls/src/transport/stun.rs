//! Our public address, as a STUN server sees it (RFC 8489).

use super::Transmit;
use crate::server::Server;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use stun_types::attribute::XorMappedAddress;
use stun_types::message::{BINDING, Message, MessageType, MessageWriteVec, TransactionId};
use stun_types::prelude::MessageWrite as _;

/// A question is repeated after this time, doubled each time (RFC 8489, 6.2.1).
const FIRST_REPEAT: Duration = Duration::from_millis(500);

/// A question is asked this often.
const TRIES: u32 = 5;

/// As many servers are asked.
const MAX_SERVERS: usize = 4;

/// The questions of one call.
#[derive(Debug)]
pub(super) struct Questions {
    servers: Vec<SocketAddr>,
    asked: Vec<Question>,
}

#[derive(Debug)]
struct Question {
    server: SocketAddr,
    local: SocketAddr,
    transaction: TransactionId,
    tries: u32,
    next: Option<Instant>,
}

impl Questions {
    /// For the STUN servers among these.
    pub(super) fn new(servers: &[Server]) -> Self {
        let address = |server: &Server| match server {
            Server::Stun { address } => Some(*address),
            Server::Reflector { .. } | Server::Turn { .. } => None,
        };
        Self { servers: servers.iter().filter_map(address).take(MAX_SERVERS).collect(), asked: Vec::new() }
    }

    /// Asks on behalf of this socket.
    pub(super) fn add_local(&mut self, local: SocketAddr, now: Instant) {
        for server in self.servers.iter().filter(|it| it.is_ipv4() == local.is_ipv4()) {
            let transaction = TransactionId::generate();
            self.asked.push(Question { server: *server, local, transaction, tries: 0, next: Some(now) });
        }
    }

    /// Asks no more on behalf of this socket.
    pub(super) fn remove_local(&mut self, local: SocketAddr) {
        self.asked.retain(|it| it.local != local);
    }

    /// Takes a datagram, if it answers a question: our public address, and the socket behind it.
    pub(super) fn receive(
        &mut self,
        source: SocketAddr,
        datagram: &[u8],
    ) -> Option<(SocketAddr, SocketAddr)> {
        if !self.servers.contains(&source) {
            return None;
        }
        let answer = Message::from_bytes(datagram).ok()?;
        let question = self.asked.iter_mut().find(|it| {
            it.server == source && it.next.is_some() && answer.transaction_id() == it.transaction
        })?;
        question.next = None;
        let mapped = answer.attribute::<XorMappedAddress>().ok()?;
        Some((mapped.addr(question.transaction), question.local))
    }

    /// Asks where it is time.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Vec<Transmit> {
        self.asked.iter_mut().filter_map(|question| question.ask(now)).collect()
    }

    /// When [`Questions::handle_timeout`] is wanted.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.asked.iter().filter_map(|it| it.next).min()
    }
}

impl Question {
    fn ask(&mut self, now: Instant) -> Option<Transmit> {
        self.next.filter(|at| *at <= now)?;
        self.tries += 1;
        let wait = FIRST_REPEAT * 2_u32.pow(self.tries - 1);
        self.next = (self.tries < TRIES).then(|| now + wait);
        let kind = MessageType::from_class_method(stun_types::message::MessageClass::Request, BINDING);
        let message = Message::builder(kind, self.transaction, MessageWriteVec::new());
        Some(Transmit { source: self.local, destination: self.server, contents: message.finish() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stun_types::prelude::MessageWriteExt as _;

    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs a first instant; all others are counted from it"
    )]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn a_server_is_asked_until_it_answers_and_no_more_than_five_times() {
        let now = start();
        let server = SocketAddr::from(([192, 0, 2, 9], 3478));
        let mut questions = Questions::new(&[Server::Stun { address: server }]);
        questions.add_local(SocketAddr::from(([192, 0, 2, 1], 40_000)), now);
        let mut asked = 0;
        while let Some(at) = questions.poll_timeout() {
            asked += questions.handle_timeout(at).len();
        }
        assert_eq!(asked, 5);
    }

    #[test]
    fn the_answer_says_how_the_world_sees_us() {
        let now = start();
        let (server, local) =
            (SocketAddr::from(([192, 0, 2, 9], 3478)), SocketAddr::from(([10, 0, 0, 1], 40_000)));
        let public = SocketAddr::from(([203, 0, 113, 7], 51_000));
        let mut questions = Questions::new(&[Server::Stun { address: server }]);
        questions.add_local(local, now);
        let asked = questions.handle_timeout(now).remove(0);
        let request = Message::from_bytes(&asked.contents).expect("a request");
        let mut answer = Message::builder_success(&request, MessageWriteVec::new());
        answer.add_attribute(&XorMappedAddress::new(public, request.transaction_id())).expect("fits");
        let answer = answer.finish();

        assert_eq!(questions.receive(local, &answer), None, "from somebody else");
        assert_eq!(questions.receive(server, &answer), Some((public, local)));
        assert_eq!(questions.receive(server, &answer), None, "once");
        assert_eq!(questions.poll_timeout(), None);
    }
}
