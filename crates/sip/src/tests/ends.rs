//! Ways in which calls end that nobody wanted.

use super::{Phone, sdp, talking};
use crate::{CallEvent, EndedBy, Hop, Invite, Transport, Uri};
use std::net::SocketAddr;
use tokio::time::Instant;

#[tokio::test]
async fn a_server_where_nothing_listens_is_noticed_within_seconds() {
    let mut olga = Phone::new().await;
    // A port that was free a moment ago.
    let address: SocketAddr = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let began = Instant::now();
    let invite = Invite::new(Uri::sip("ivan", &address.to_string()).unwrap(), sdp(1));
    let call = olga.call_at(Hop { address, transport: Transport::Udp }, invite);
    assert!(matches!(olga.hears(&call).await, CallEvent::Ended { code: 503, by: EndedBy::Timer, .. }));
    assert!(began.elapsed().as_secs() < 3, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_refused_connection_is_said_at_once() {
    let mut olga = Phone::new().await;
    let address: SocketAddr = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let invite = Invite::new(Uri::sip("ivan", &address.to_string()).unwrap(), sdp(1));
    let call = olga.call_at(Hop { address, transport: Transport::Tcp }, invite);
    let CallEvent::Ended { code, reason, .. } = olga.hears(&call).await else { panic!() };
    assert!(code == 503 && reason.contains("refused"), "{reason}");
}

#[tokio::test]
async fn stopping_hangs_up_every_call() {
    let (olga, _, mut ivan, his) = talking().await;
    olga.stops().await;
    let CallEvent::Ended { reason, by, .. } = ivan.hears(&his).await else { panic!() };
    assert_eq!((reason.as_str(), by), ("shutting down", EndedBy::Them));
}

#[tokio::test]
async fn a_verb_for_a_call_that_is_over_is_refused() {
    let (mut olga, hers, mut ivan, his) = talking().await;
    his.hang_up("").unwrap();
    assert!(matches!(ivan.hears(&his).await, CallEvent::Ended { .. }));
    assert!(matches!(olga.hears(&hers).await, CallEvent::Ended { .. }));
    // The session lets go of its mailbox right after it told of the end.
    while olga.agent.load().calls > 0 {
        tokio::task::yield_now().await;
    }
    tokio::task::yield_now().await;
    assert!(olga.agent.find(hers.id()).is_none());
}

#[tokio::test]
async fn what_a_dead_process_left_is_hung_up_by_the_next_one() {
    let (_olga, hers, mut ivan, his) = talking().await;
    let kept = hers.farewell().await.unwrap().to_string();
    // Olga's process knows nothing of it: the next one has only what was kept.
    let next = Phone::new().await;
    next.agent.say_farewell(&kept.parse().unwrap(), None).await;
    let CallEvent::Ended { reason, by, .. } = ivan.hears(&his).await else { panic!() };
    assert_eq!((reason.as_str(), by), ("The gateway was restarted", EndedBy::Them));
}

#[tokio::test]
async fn the_one_who_was_called_can_keep_a_farewell_too() {
    let (mut olga, hers, _ivan, his) = talking().await;
    let kept = his.farewell().await.unwrap();
    let next = Phone::new().await;
    next.agent.say_farewell(&kept, None).await;
    assert!(matches!(olga.hears(&hers).await, CallEvent::Ended { by: EndedBy::Them, .. }));
}

#[test]
fn a_farewell_is_not_made_of_just_anything() {
    for text in ["", "udp", "udp 127.0.0.1:5060\r\nINVITE sip:a@b SIP/2.0\r\n\r\n", "udp nowhere\r\nBYE"] {
        assert!(text.parse::<crate::Farewell>().is_err(), "{text}");
    }
}
