//! Telegram's refusals of calls and other RPCs, by their names. <https://core.telegram.org/api/errors>

use std::borrow::Cow;

/// An `rpc_error`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} {name}")]
pub(crate) struct Refused {
    /// As HTTP's codes: 400 for a mistake, 403 for what is forbidden, 420 for too much, 500 for the server's own trouble.
    pub(crate) code: i32,
    /// `FLOOD_WAIT_37`, with the number where there is one.
    pub(crate) name: Cow<'static, str>,
}

impl Refused {
    pub(crate) const fn new(code: i32, name: &'static str) -> Self {
        Self { code, name: Cow::Borrowed(name) }
    }
}

/// phone.requestCall: the callee lets nobody call.
pub(crate) const PRIVACY: Refused = Refused::new(403, "USER_PRIVACY_RESTRICTED");
/// phone.requestCall: nobody whom the caller may name so.
pub(crate) const USER_ID: Refused = Refused::new(400, "USER_ID_INVALID");
/// A call that is not there, or not this app's.
pub(crate) const PEER: Refused = Refused::new(400, "CALL_PEER_INVALID");
/// phone.acceptCall: another app was quicker.
pub(crate) const ALREADY_ACCEPTED: Refused = Refused::new(400, "CALL_ALREADY_ACCEPTED");
/// phone.acceptCall, phone.confirmCall: the call is over.
pub(crate) const ALREADY_DECLINED: Refused = Refused::new(400, "CALL_ALREADY_DECLINED");
/// Neither direct nor by a reflector.
pub(crate) const FLAGS: Refused = Refused::new(400, "CALL_PROTOCOL_FLAGS_INVALID");
/// Layers that are no range, or have nothing to do with today's.
pub(crate) const LAYER: Refused = Refused::new(400, "CALL_PROTOCOL_LAYER_INVALID");
/// phone.acceptCall: no version in common.
pub(crate) const COMPAT: Refused = Refused::new(406, "CALL_PROTOCOL_COMPAT_LAYER_INVALID");
/// A half of the key exchange, or its hash, that has not the right size.
pub(crate) const DH_G_A: Refused = Refused::new(400, "DH_G_A_INVALID");
