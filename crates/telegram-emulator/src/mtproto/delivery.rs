//! Brings what happens in the world to the clients that are signed in: calls, and changes in chats.

use super::{
    cipher::KeyId,
    keys::{Keys, Told},
    mailbox::Mail,
    objects::{call, message, user},
};
use crate::{calls::Notice, world::World};
use grammers_tl_types as tl;

/// Seconds as TL has them.
pub(super) fn int(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Tells a client of a call.
pub(crate) fn tell_call(world: &World, keys: &mut Keys, key: KeyId, notice: &Notice, now: i64) {
    let Some((viewer, _)) = keys.user(key) else { return };
    let changed = |phone_call| -> tl::enums::Update { tl::types::UpdatePhoneCall { phone_call }.into() };
    let (update, people) = match notice {
        Notice::Changed(call) if call.callee == viewer && keys.is_silent(key) => return,
        Notice::Changed(call) => (changed(call::phone_call(call, viewer)), vec![call.caller, call.callee]),
        Notice::Elsewhere(call) => (changed(call::elsewhere(call)), vec![call.caller, call.callee]),
        Notice::Signal { call, data } => {
            let signal = tl::types::UpdatePhoneCallSignalingData { phone_call_id: *call, data: data.clone() };
            (signal.into(), Vec::new())
        }
    };
    let told = Told { update, users: user::users(world, viewer, people), date: int(now) };
    keys.push(key, told, None, true);
}

/// Numbers a change in somebody's chats and tells their clients, but the connection that made it.
pub(crate) fn tell_mail(
    world: &World,
    keys: &mut Keys,
    (viewer, mail): (i64, Mail),
    made_by: Option<u64>,
    now: i64,
) {
    let Some(mailbox) = keys.mailbox(viewer) else { return };
    let pts = mailbox.note(mail);
    let Some((update, people)) = update(world, viewer, mail, pts) else { return };
    let told = Told { update, users: user::users(world, viewer, people), date: int(now) };
    for key in keys.of_user(viewer) {
        keys.push(key, told.clone(), made_by, false);
    }
}

/// A change as an update, and who is in it; none where its message is gone.
pub(super) fn update(
    world: &World,
    viewer: i64,
    mail: Mail,
    pts: i32,
) -> Option<(tl::enums::Update, Vec<i64>)> {
    let seen = |id: i64| {
        let found = world.messages.get(&id)?;
        Some((message::message(found, viewer), message::people(found)))
    };
    Some(match mail {
        Mail::New(id) => {
            let (message, people) = seen(id)?;
            (tl::types::UpdateNewMessage { message, pts, pts_count: 1 }.into(), people)
        }
        Mail::Edited(id) => {
            let (message, people) = seen(id)?;
            (tl::types::UpdateEditMessage { message, pts, pts_count: 1 }.into(), people)
        }
        Mail::Deleted(id) => (
            tl::types::UpdateDeleteMessages { messages: vec![int(id)], pts, pts_count: 1 }.into(),
            Vec::new(),
        ),
    })
}
