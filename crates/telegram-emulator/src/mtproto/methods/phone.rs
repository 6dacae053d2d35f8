//! phone.* and messages.getDhConfig: calls. <https://core.telegram.org/api/end-to-end/voice-calls>

use super::Caller;
use crate::{
    calls::{
        Asked,
        call::Call,
        refused::{self, Refused},
    },
    dh,
    mtproto::{
        cipher::sha256,
        delivery::int,
        keys::updates,
        objects::{call, user},
    },
    world::World,
};
use grammers_tl_types as tl;
use tl::functions::{messages, phone};

type Answer<T> = Result<T, Refused>;

const DUPLICATE: Refused = Refused::new(500, "RANDOM_ID_DUPLICATE");

/// There is one group, so its version never changes.
const VERSION: i32 = 1;

pub(super) fn dh_config(
    caller: &Caller,
    asked: messages::GetDhConfig,
) -> Answer<tl::enums::messages::DhConfig> {
    caller.user()?;
    let Some(length) = usize::try_from(asked.random_length).ok().filter(|length| *length <= 1024) else {
        return Err(Refused::new(400, "RANDOM_LENGTH_INVALID"));
    };
    let random: Vec<u8> = std::iter::repeat_with(dh::random).flatten().take(length).collect();
    if asked.version == VERSION {
        return Ok(tl::types::messages::DhConfigNotModified { random }.into());
    }
    Ok(tl::types::messages::DhConfig { g: dh::G, p: dh::prime().to_vec(), version: VERSION, random }.into())
}

pub(super) fn config(caller: &Caller, _: phone::GetCallConfig) -> Answer<tl::enums::DataJson> {
    caller.user()?;
    Ok(tl::types::DataJson { data: "{}".to_owned() }.into())
}

/// The call that a client names. The hash has to be right too.
fn named(world: &World, user: i64, peer: &tl::enums::InputPhoneCall) -> Answer<i64> {
    let tl::enums::InputPhoneCall::Call(peer) = peer;
    let known = world.calls.find(user, peer.id).filter(|call| call.access_hash == peer.access_hash);
    known.map(|call| call.id).ok_or(refused::PEER)
}

fn shown(world: &World, viewer: i64, found: &Call) -> tl::enums::phone::PhoneCall {
    let users = user::users(world, viewer, [found.caller, found.callee]);
    tl::types::phone::PhoneCall { phone_call: call::phone_call(found, viewer), users }.into()
}

pub(super) fn request(caller: &Caller, asked: phone::RequestCall) -> Answer<tl::enums::phone::PhoneCall> {
    let (viewer, app) = caller.signed_in()?;
    let callee = user::named(viewer, &asked.user_id)?;
    let is_new = caller.telegram.keys().mailbox(viewer).is_none_or(|own| own.is_new_call(asked.random_id));
    if !is_new {
        return Err(DUPLICATE);
    }
    if asked.video {
        caller.violation("phone.requestCall", "video is not emulated");
    }
    caller.telegram.act(|world, now| {
        if !world.people.contains(&callee) {
            return Err(refused::USER_ID);
        }
        let protocol = call::read_protocol(asked.protocol);
        let asked = Asked { callee, video: asked.video, g_a_hash: asked.g_a_hash, protocol };
        let call = world.calls.request(app, asked, now)?;
        Ok(shown(world, viewer, &call))
    })
}

pub(super) fn received(caller: &Caller, asked: phone::ReceivedCall) -> Answer<bool> {
    let (viewer, app) = caller.signed_in()?;
    caller.telegram.act(|world, now| {
        let id = named(world, viewer, &asked.peer)?;
        world.calls.received(app, id, now).map(|()| true)
    })
}

pub(super) fn accept(caller: &Caller, asked: phone::AcceptCall) -> Answer<tl::enums::phone::PhoneCall> {
    let (viewer, app) = caller.signed_in()?;
    caller.telegram.act(|world, now| {
        let id = named(world, viewer, &asked.peer)?;
        let protocol = call::read_protocol(asked.protocol);
        let call = world.calls.accept(app, id, asked.g_b, protocol, now)?;
        Ok(shown(world, viewer, &call))
    })
}

pub(super) fn confirm(caller: &Caller, asked: phone::ConfirmCall) -> Answer<tl::enums::phone::PhoneCall> {
    let (viewer, app) = caller.signed_in()?;
    let hash = sha256(&[&asked.g_a]);
    let (answer, promised) = caller.telegram.act(|world, now| {
        let id = named(world, viewer, &asked.peer)?;
        let call = world.calls.confirm(app, id, asked.g_a, asked.key_fingerprint, now)?;
        Ok((shown(world, viewer, &call), call.g_a_hash == hash))
    })?;
    if !promised {
        // The callee has to notice it too, so the call goes on.
        caller.violation("phone.confirmCall", "a g_a that is not the one whose hash was sent");
    }
    Ok(answer)
}

pub(super) fn signal(caller: &Caller, asked: phone::SendSignalingData) -> Answer<bool> {
    let (viewer, app) = caller.signed_in()?;
    caller.telegram.act(|world, _| {
        let id = named(world, viewer, &asked.peer)?;
        world.calls.signal(app, id, asked.data).map(|()| true)
    })
}

pub(super) fn discard(caller: &Caller, asked: phone::DiscardCall) -> Answer<tl::enums::Updates> {
    let (viewer, app) = caller.signed_in()?;
    let reason = call::read_reason(&asked.reason)?;
    caller.telegram.act(|world, now| {
        let id = named(world, viewer, &asked.peer)?;
        let ended = world.calls.discard(app, id, reason, now)?;
        let update = tl::types::UpdatePhoneCall { phone_call: call::phone_call(&ended, viewer) }.into();
        let users = user::users(world, viewer, [ended.caller, ended.callee]);
        Ok(updates(vec![update], users, int(now)))
    })
}

/// Ratings are thanked for and forgotten.
pub(super) fn rate(caller: &Caller, asked: phone::SetCallRating) -> Answer<tl::enums::Updates> {
    let viewer = caller.user()?;
    caller.telegram.look(|world, now| {
        named(world, viewer, &asked.peer)?;
        Ok(updates(Vec::new(), Vec::new(), int(now)))
    })
}

pub(super) fn debug(caller: &Caller, asked: phone::SaveCallDebug) -> Answer<bool> {
    let viewer = caller.user()?;
    caller.telegram.look(|world, _| named(world, viewer, &asked.peer).map(|_| true))
}
