//! Between Telegram's wire types and our words.

use super::call::{About, Agreed, Peer, Reason, Update};
use super::event::Written;
use grammers_tl_types as tl;
use std::net::{IpAddr, SocketAddr};
use tgcalls::reflector::DEFAULT_PORT;
use tgcalls::server::Server;
use tgcalls::version::{LIBRARY_VERSIONS, MAX_LAYER, MIN_LAYER};

/// What we speak (`phoneCallProtocol`).
pub(super) fn protocol() -> tl::enums::PhoneCallProtocol {
    let versions = LIBRARY_VERSIONS.iter().map(|version| (*version).to_owned());
    tl::types::PhoneCallProtocol {
        udp_p2p: true,
        udp_reflector: true,
        min_layer: MIN_LAYER,
        max_layer: MAX_LAYER,
        library_versions: versions.collect(),
    }
    .into()
}

/// A call, as requests name it.
pub(super) fn input_call(peer: Peer) -> tl::enums::InputPhoneCall {
    tl::types::InputPhoneCall { id: peer.id, access_hash: peer.access_hash }.into()
}

/// Why we discard a call.
pub(super) fn discard_reason(reason: Reason) -> tl::enums::PhoneCallDiscardReason {
    match reason {
        Reason::Missed => tl::enums::PhoneCallDiscardReason::Missed,
        // A conference is nothing that we go on with.
        Reason::Disconnect | Reason::Migrate => tl::enums::PhoneCallDiscardReason::Disconnect,
        Reason::Hangup => tl::enums::PhoneCallDiscardReason::Hangup,
        Reason::Busy => tl::enums::PhoneCallDiscardReason::Busy,
    }
}

fn reason(reason: &tl::enums::PhoneCallDiscardReason) -> Reason {
    match reason {
        tl::enums::PhoneCallDiscardReason::Missed => Reason::Missed,
        tl::enums::PhoneCallDiscardReason::Disconnect => Reason::Disconnect,
        tl::enums::PhoneCallDiscardReason::Hangup => Reason::Hangup,
        tl::enums::PhoneCallDiscardReason::Busy => Reason::Busy,
        tl::enums::PhoneCallDiscardReason::MigrateConferenceCall(_) => Reason::Migrate,
    }
}

/// What Telegram says of a call.
pub(super) fn update(call: tl::enums::PhoneCall) -> Update {
    match call {
        tl::enums::PhoneCall::Empty(it) => Update::Empty { id: it.id },
        tl::enums::PhoneCall::Waiting(it) => Update::Waiting {
            about: about(it.id, it.access_hash, it.admin_id, it.participant_id),
            received: it.receive_date.is_some(),
        },
        tl::enums::PhoneCall::Requested(it) => Update::Requested {
            about: about(it.id, it.access_hash, it.admin_id, it.participant_id),
            g_a_hash: it.g_a_hash,
        },
        tl::enums::PhoneCall::Accepted(it) => Update::Accepted {
            about: about(it.id, it.access_hash, it.admin_id, it.participant_id),
            g_b: it.g_b,
        },
        tl::enums::PhoneCall::Discarded(it) => {
            Update::Discarded { id: it.id, reason: it.reason.as_ref().map(reason) }
        }
        tl::enums::PhoneCall::Call(it) => {
            let tl::enums::PhoneCallProtocol::Protocol(protocol) = it.protocol;
            Update::Agreed(Box::new(Agreed {
                about: about(it.id, it.access_hash, it.admin_id, it.participant_id),
                g_a_or_b: it.g_a_or_b,
                fingerprint: it.key_fingerprint,
                versions: protocol.library_versions,
                servers: it.connections.into_iter().flat_map(servers).collect(),
                p2p: it.p2p_allowed,
                parameters: it.custom_parameters.map(|tl::enums::DataJson::Json(json)| json.data),
            }))
        }
    }
}

fn about(id: i64, access_hash: i64, admin: i64, participant: i64) -> About {
    About { peer: Peer { id, access_hash }, admin, participant }
}

/// The servers of one connection: each of its addresses. Those over TCP are not spoken.
fn servers(connection: tl::enums::PhoneConnection) -> Vec<Server> {
    match connection {
        tl::enums::PhoneConnection::Connection(it) => {
            let Ok(peer_tag) = <[u8; 16]>::try_from(it.peer_tag) else { return Vec::new() };
            if it.tcp {
                return Vec::new();
            }
            let reflector = |address| Server::Reflector { id: it.id, address, peer_tag };
            addresses(&it.ip, &it.ipv6, it.port, DEFAULT_PORT).map(reflector).collect()
        }
        tl::enums::PhoneConnection::Webrtc(it) => {
            let mut servers = Vec::new();
            for address in addresses(&it.ip, &it.ipv6, it.port, 3478) {
                if it.stun {
                    servers.push(Server::Stun { address });
                }
                if it.turn {
                    let (username, password) = (it.username.clone(), it.password.clone());
                    servers.push(Server::Turn { address, username, password });
                }
            }
            servers
        }
    }
}

fn addresses(v4: &str, v6: &str, port: i32, usual: u16) -> impl Iterator<Item = SocketAddr> {
    let port = u16::try_from(port).ok().filter(|port| *port != 0).unwrap_or(usual);
    let addresses = [v4.parse::<IpAddr>().ok(), v6.parse::<IpAddr>().ok()];
    addresses.into_iter().flatten().map(move |ip| SocketAddr::new(ip, port))
}

/// The people that come with an update or an answer and can be addressed, with their access hashes. An access hash of a
/// user in short (`min`) is good for nothing.
pub(super) fn met(users: &[tl::enums::User]) -> Vec<(i64, i64)> {
    let met = users.iter().filter_map(|user| match user {
        tl::enums::User::User(user) if !user.min && !user.bot => Some((user.id, user.access_hash?)),
        tl::enums::User::User(_) | tl::enums::User::Empty(_) => None,
    });
    met.collect()
}

/// A message of a person to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) id: i32,
    /// Who wrote it.
    pub(super) from: i64,
    /// When, in seconds of Unix time.
    pub(super) date: i32,
    pub(super) words: Option<Written>,
}

/// Telegram itself writes login codes from here. They are nobody's business.
const TELEGRAM: i64 = 777_000;

/// A message that a person wrote to us in the private chat; none for all others.
pub(super) fn letter(message: tl::enums::Message, me: i64) -> Option<Letter> {
    let tl::enums::Message::Message(message) = message else { return None };
    let tl::enums::Peer::User(chat) = &message.peer_id else { return None };
    let from = chat.user_id;
    if message.out || from == me || from == TELEGRAM || message.via_bot_id.is_some() {
        return None;
    }
    Some(Letter { id: message.id, from, date: message.date, words: words(message.message, message.media) })
}

fn words(text: String, media: Option<tl::enums::MessageMedia>) -> Option<Written> {
    if let Some(tl::enums::MessageMedia::Contact(contact)) = media {
        let name = format!("{} {}", contact.first_name, contact.last_name).trim().to_owned();
        let mut numbers = vec![contact.phone_number];
        numbers.extend(numbers_of_card(&contact.vcard));
        numbers.retain(|number| !number.is_empty());
        let mut seen = std::collections::BTreeSet::new();
        numbers.retain(|number| seen.insert(digits(number)));
        return Some(Written::Contact { numbers, name });
    }
    (!text.trim().is_empty()).then_some(Written::Text(text))
}

/// The numbers in a vCard: its `TEL` lines (RFC 6350, 6.4.1).
fn numbers_of_card(card: &str) -> Vec<String> {
    let line = |line: &str| {
        let (name, value) = line.split_once(':')?;
        let property = name.split(';').next()?.rsplit('.').next()?;
        let value = value.trim().trim_start_matches("tel:");
        property.trim().eq_ignore_ascii_case("TEL").then(|| value.to_owned())
    };
    card.lines().filter_map(line).collect()
}

fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_has_a_server_for_each_address_and_none_over_tcp() {
        let reflector = |tcp| tl::types::PhoneConnection {
            tcp,
            id: 7,
            ip: "192.0.2.1".into(),
            ipv6: "2001:db8::1".into(),
            port: 0,
            peer_tag: vec![1; 16],
        };
        let both = servers(reflector(false).into());
        let reflector_at =
            |at: &str| Server::Reflector { id: 7, address: at.parse().expect("valid"), peer_tag: [1; 16] };
        assert_eq!(both, [reflector_at("192.0.2.1:599"), reflector_at("[2001:db8::1]:599")]);
        assert!(servers(reflector(true).into()).is_empty());
    }

    #[test]
    fn a_turn_server_may_be_a_stun_server_too() {
        let connection = tl::types::PhoneConnectionWebrtc {
            turn: true,
            stun: true,
            id: 1,
            ip: "192.0.2.2".into(),
            ipv6: String::new(),
            port: 1400,
            username: "u".into(),
            password: "winter".into(),
        };
        assert_eq!(servers(connection.into()).len(), 2);
    }

    #[test]
    fn a_contact_has_all_the_numbers_of_its_card_once() {
        let card = "BEGIN:VCARD\r\nTEL;TYPE=cell:+7 900 000-00-01\r\nitem1.TEL:+79000000002\r\nEND:VCARD";
        let contact = tl::types::MessageMediaContact {
            phone_number: "79000000001".into(),
            first_name: "Anna".into(),
            last_name: String::new(),
            vcard: card.into(),
            user_id: 0,
        };
        let written = words(String::new(), Some(contact.into()));
        let numbers = vec!["79000000001".to_owned(), "+79000000002".to_owned()];
        assert_eq!(written, Some(Written::Contact { numbers, name: "Anna".into() }));
    }
}
