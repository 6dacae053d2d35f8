//! Calls over every transport and address family, and the faults of TLS.

use super::{Open, Phone, sdp};
use crate::{
    Account, AccountKey, CallEvent, Config, RegistrationState, TlsListen, TlsPolicy, Transport, Uri,
};
use sha2::{Digest as _, Sha256};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

async fn rings_over(mut olga: Phone, mut ivan: Phone, transport: Transport) {
    let hers = olga.calls_over(&ivan, transport);
    let (his, invitation) = ivan.rung().await;
    assert_eq!(invitation.transport, transport);
    his.answer(sdp(2)).unwrap();
    assert_eq!(olga.hears(&hers).await, CallEvent::Answered { sdp: sdp(2) });
    assert_eq!(ivan.hears(&his).await, CallEvent::Acknowledged { sdp: None });
    // The way back: the called side hangs up.
    his.hang_up("").unwrap();
    assert!(matches!(olga.hears(&hers).await, CallEvent::Ended { code: 200, .. }));
}

#[tokio::test]
async fn calls_go_over_tcp() {
    rings_over(Phone::new().await, Phone::new().await, Transport::Tcp).await;
}

#[tokio::test]
async fn calls_go_over_ipv6() {
    let any = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
    let config =
        || Config { udp: vec![any], tcp: vec![any], server: Some(Arc::new(Open)), ..Config::default() };
    rings_over(Phone::with(config()).await, Phone::with(config()).await, Transport::Udp).await;
    rings_over(Phone::with(config()).await, Phone::with(config()).await, Transport::Tcp).await;
}

#[tokio::test]
async fn a_socket_on_every_interface_gives_the_address_that_the_peer_can_reach() {
    let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let config = Config { udp: vec![any], tcp: vec![], server: Some(Arc::new(Open)), ..Config::default() };
    rings_over(Phone::with(config).await, Phone::new().await, Transport::Udp).await;
}

/// A large offer does not fit into what most stacks read at once.
#[tokio::test]
async fn a_datagram_of_many_kilobytes_arrives() {
    let (olga, mut ivan) = (Phone::new().await, Phone::new().await);
    let offer = format!("{}{}", sdp(1), "a=candidate:1 1 UDP 1 127.0.0.1 4000 typ host\r\n".repeat(800));
    let to = Uri::sip("ivan", &ivan.address(Transport::Udp).to_string()).unwrap();
    olga.call_at(ivan.hop(Transport::Udp), crate::Invite::new(to, offer.clone()));
    assert_eq!(ivan.rung().await.1.offer, Some(offer));
}

struct Identity {
    listen: TlsListen,
    authority: Vec<u8>,
    fingerprint: [u8; 32],
}

/// A certificate for `pbx.test` and 127.0.0.1, and the authority that issued it.
fn identity(names: &[&str]) -> Identity {
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = params.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::new(params, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let names = names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let certificate = rcgen::CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    Identity {
        fingerprint: Sha256::digest(certificate.der()).into(),
        authority: authority.pem().into_bytes(),
        listen: TlsListen {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            certificate: certificate.pem().into_bytes(),
            key: key.serialize_pem().into_bytes(),
        },
    }
}

async fn registers(names: &[&str], policy: impl FnOnce(&Identity) -> TlsPolicy) -> RegistrationState {
    let identity = identity(names);
    let policy = policy(&identity);
    let config = Config { tls: vec![identity.listen], server: Some(Arc::new(Open)), ..Config::loopback() };
    let server = Phone::with(config).await;
    let mut olga = Phone::with(Config::loopback()).await;
    let place = server.address(Transport::Tls).to_string();
    let account = Account {
        transport: Transport::Tls,
        tls: policy,
        ..Account::new("olga", "secret".to_owned().into(), place)
    };
    olga.agent.register(AccountKey(1), account).unwrap();
    olga.registration().await.1
}

#[tokio::test]
async fn an_accounts_own_authority_is_trusted() {
    let state = registers(&["127.0.0.1"], |i| TlsPolicy::Authority(i.authority.clone())).await;
    assert!(matches!(state, RegistrationState::Registered { .. }), "{state:?}");
}

#[tokio::test]
async fn a_pinned_certificate_is_trusted_whatever_its_name() {
    let state = registers(&["other.test"], |i| TlsPolicy::Pinned(i.fingerprint)).await;
    assert!(matches!(state, RegistrationState::Registered { .. }), "{state:?}");
}

#[tokio::test]
async fn tls_that_cannot_be_trusted_is_said_in_words_at_once() {
    for (names, policy, words) in [
        (&["127.0.0.1"], TlsPolicy::System, "unknown authority"),
        (&["127.0.0.1"], TlsPolicy::Pinned([7; 32]), "not the pinned one"),
    ] {
        let state = registers(names, |_| policy).await;
        let RegistrationState::Failed { code, reason, permanent, .. } = state else { panic!("{state:?}") };
        assert!(code == 503 && !permanent && reason.contains(words), "{reason}");
    }
    let state = registers(&["other.test"], |i| TlsPolicy::Authority(i.authority.clone())).await;
    let RegistrationState::Failed { reason, .. } = state else { panic!("{state:?}") };
    assert!(reason.contains("another name"), "{reason}");
}
