//! Calls as TL `PhoneCall`, as one of the two sees them.

use crate::calls::{
    call::{Active, Call, Connection, Protocol, Reason, Role, Stage},
    refused::{self, Refused},
};
use grammers_tl_types as tl;

fn int(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub(in crate::mtproto) fn protocol(protocol: &Protocol) -> tl::enums::PhoneCallProtocol {
    tl::types::PhoneCallProtocol {
        udp_p2p: protocol.udp_p2p,
        udp_reflector: protocol.udp_reflector,
        min_layer: protocol.min_layer,
        max_layer: protocol.max_layer,
        library_versions: protocol.library_versions.clone(),
    }
    .into()
}

pub(in crate::mtproto) fn read_protocol(given: tl::enums::PhoneCallProtocol) -> Protocol {
    let tl::enums::PhoneCallProtocol::Protocol(given) = given;
    Protocol {
        min_layer: given.min_layer,
        max_layer: given.max_layer,
        udp_p2p: given.udp_p2p,
        udp_reflector: given.udp_reflector,
        library_versions: given.library_versions,
    }
}

/// Why a client ends a call.
///
/// # Errors
///
/// A move to a conference, which is not emulated.
pub(in crate::mtproto) fn read_reason(given: &tl::enums::PhoneCallDiscardReason) -> Result<Reason, Refused> {
    match given {
        tl::enums::PhoneCallDiscardReason::Missed => Ok(Reason::Missed),
        tl::enums::PhoneCallDiscardReason::Disconnect => Ok(Reason::Disconnect),
        tl::enums::PhoneCallDiscardReason::Hangup => Ok(Reason::Hangup),
        tl::enums::PhoneCallDiscardReason::Busy => Ok(Reason::Busy),
        tl::enums::PhoneCallDiscardReason::MigrateConferenceCall(_) => Err(refused::PEER),
    }
}

fn reason(reason: Reason) -> tl::enums::PhoneCallDiscardReason {
    match reason {
        Reason::Missed => tl::enums::PhoneCallDiscardReason::Missed,
        Reason::Disconnect => tl::enums::PhoneCallDiscardReason::Disconnect,
        Reason::Hangup => tl::enums::PhoneCallDiscardReason::Hangup,
        Reason::Busy => tl::enums::PhoneCallDiscardReason::Busy,
    }
}

/// A call as this viewer is told of it.
pub(in crate::mtproto) fn phone_call(call: &Call, viewer: i64) -> tl::enums::PhoneCall {
    let is_caller = call.role(viewer) == Some(Role::Caller);
    match &call.stage {
        Stage::Requested if is_caller => waiting(call),
        Stage::Requested => tl::types::PhoneCallRequested {
            video: call.video,
            id: call.id,
            access_hash: call.access_hash,
            date: int(call.requested),
            admin_id: call.caller,
            participant_id: call.callee,
            g_a_hash: call.g_a_hash.clone(),
            protocol: protocol(&call.offered),
        }
        .into(),
        Stage::Accepted { g_b, answered, .. } if is_caller => tl::types::PhoneCallAccepted {
            video: call.video,
            id: call.id,
            access_hash: call.access_hash,
            date: int(call.requested),
            admin_id: call.caller,
            participant_id: call.callee,
            g_b: g_b.clone(),
            protocol: protocol(answered),
        }
        .into(),
        Stage::Accepted { .. } => waiting(call),
        Stage::Active(active) => confirmed(call, active, is_caller),
        Stage::Discarded { reason: why, duration } => discarded(call, why.map(reason), duration.map(int)),
    }
}

/// What the apps are told that did not get the call.
pub(in crate::mtproto) fn elsewhere(call: &Call) -> tl::enums::PhoneCall {
    discarded(call, None, None)
}

fn discarded(
    call: &Call,
    reason: Option<tl::enums::PhoneCallDiscardReason>,
    duration: Option<i32>,
) -> tl::enums::PhoneCall {
    tl::types::PhoneCallDiscarded {
        need_rating: false,
        need_debug: false,
        video: call.video,
        id: call.id,
        reason,
        duration,
    }
    .into()
}

fn waiting(call: &Call) -> tl::enums::PhoneCall {
    tl::types::PhoneCallWaiting {
        video: call.video,
        id: call.id,
        access_hash: call.access_hash,
        date: int(call.requested),
        admin_id: call.caller,
        participant_id: call.callee,
        protocol: protocol(&call.offered),
        receive_date: call.received.map(int),
    }
    .into()
}

fn confirmed(call: &Call, active: &Active, is_caller: bool) -> tl::enums::PhoneCall {
    let theirs = if is_caller { &active.g_b } else { &active.g_a };
    tl::types::PhoneCall {
        p2p_allowed: active.p2p_allowed,
        video: call.video,
        conference_supported: false,
        id: call.id,
        access_hash: call.access_hash,
        date: int(call.requested),
        admin_id: call.caller,
        participant_id: call.callee,
        g_a_or_b: theirs.clone(),
        key_fingerprint: active.fingerprint,
        protocol: protocol(&active.protocol),
        connections: active.connections.iter().map(connection).collect(),
        start_date: int(active.since),
        custom_parameters: None,
    }
    .into()
}

fn connection(connection: &Connection) -> tl::enums::PhoneConnection {
    match connection {
        Connection::Reflector { id, ip, port, peer_tag } => {
            let (v4, v6) =
                if ip.is_ipv4() { (ip.to_string(), String::new()) } else { (String::new(), ip.to_string()) };
            tl::types::PhoneConnection {
                tcp: false,
                id: *id,
                ip: v4,
                ipv6: v6,
                port: i32::from(*port),
                peer_tag: peer_tag.to_vec(),
            }
            .into()
        }
    }
}
