//! users.* and contacts.*: who there is.

use super::{Caller, auth};
use crate::{calls::refused::Refused, mtproto::objects::user};
use grammers_tl_types as tl;
use tl::functions::{contacts, users};

type Answer<T> = Result<T, Refused>;

const NOT_OCCUPIED: Refused = Refused::new(400, "USERNAME_NOT_OCCUPIED");
const NO_PHONE: Refused = Refused::new(400, "PHONE_NOT_OCCUPIED");

/// Those whom the caller has not met are left out, as Telegram does it.
pub(super) fn users(caller: &Caller, asked: users::GetUsers) -> Answer<Vec<tl::enums::User>> {
    let viewer = caller.user()?;
    let known = asked.id.iter().filter_map(|input| user::named(viewer, input).ok());
    Ok(caller.telegram.look(|world, _| known.map(|id| user::user(world, viewer, id)).collect()))
}

pub(super) fn full_user(caller: &Caller, asked: users::GetFullUser) -> Answer<tl::enums::users::UserFull> {
    let viewer = caller.user()?;
    let id = user::named(viewer, &asked.id)?;
    Ok(caller.telegram.look(|world, _| user::full(world, viewer, id)))
}

pub(super) fn resolve_username(
    caller: &Caller,
    asked: contacts::ResolveUsername,
) -> Answer<tl::enums::contacts::ResolvedPeer> {
    let viewer = caller.user()?;
    let named = |id: &i64| *id > 0 && asked.username.parse::<i64>().is_err();
    let found = caller.telegram.look(|world, _| world.resolve(&asked.username)).filter(named);
    Ok(resolved(caller, viewer, found.ok_or(NOT_OCCUPIED)?))
}

pub(super) fn resolve_phone(
    caller: &Caller,
    asked: contacts::ResolvePhone,
) -> Answer<tl::enums::contacts::ResolvedPeer> {
    let viewer = caller.user()?;
    Ok(resolved(caller, viewer, auth::by_phone(caller, &asked.phone).ok_or(NO_PHONE)?))
}

fn resolved(caller: &Caller, viewer: i64, user_id: i64) -> tl::enums::contacts::ResolvedPeer {
    let users = caller.telegram.look(|world, _| user::users(world, viewer, [user_id]));
    let peer = tl::types::PeerUser { user_id }.into();
    tl::types::contacts::ResolvedPeer { peer, chats: Vec::new(), users }.into()
}
