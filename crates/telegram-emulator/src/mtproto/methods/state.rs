//! updates.*: what a client has missed. <https://core.telegram.org/api/updates>

use super::Caller;
use crate::{
    calls::refused::Refused,
    mtproto::{
        delivery::{self, int},
        mailbox::Mail,
        objects::{message, user},
    },
};
use grammers_tl_types as tl;
use tl::functions::updates;

type Answer<T> = Result<T, Refused>;

fn state_at(pts: i32, now: i64) -> tl::types::updates::State {
    tl::types::updates::State { pts, qts: 0, date: int(now), seq: 0, unread_count: 0 }
}

fn pts(caller: &Caller, user: i64) -> i32 {
    caller.telegram.keys().mailbox(user).map_or(1, |mailbox| mailbox.pts)
}

pub(super) fn state(caller: &Caller, _: updates::GetState) -> Answer<tl::enums::updates::State> {
    let user = caller.user()?;
    let now = caller.telegram.look(|_, now| now);
    Ok(state_at(pts(caller, user), now).into())
}

pub(super) fn difference(
    caller: &Caller,
    asked: updates::GetDifference,
) -> Answer<tl::enums::updates::Difference> {
    let viewer = caller.user()?;
    // The world stays still, so that nothing comes between the list and its number.
    caller.telegram.look(|world, now| {
        let mut keys = caller.telegram.keys();
        let missed = keys.take_missed(caller.key);
        let mailbox = keys.mailbox(viewer);
        let (pts, since) = mailbox.map_or((1, None), |mailbox| (mailbox.pts, mailbox.since(asked.pts)));
        let Some(since) = since else {
            return Ok(tl::types::updates::DifferenceTooLong { pts }.into());
        };
        if since.is_empty() && missed.is_empty() {
            return Ok(tl::types::updates::DifferenceEmpty { date: int(now), seq: 0 }.into());
        }
        let (mut new_messages, mut other_updates, mut people) = (Vec::new(), Vec::new(), Vec::new());
        for mail in since {
            if let Mail::New(id) = mail {
                let Some(found) = world.messages.get(&id) else { continue };
                new_messages.push(message::message(found, viewer));
                people.extend(message::people(found));
            } else if let Some((update, in_it)) = delivery::update(world, viewer, mail, pts) {
                other_updates.push(update);
                people.extend(in_it);
            }
        }
        let mut users = user::users(world, viewer, people);
        for (update, in_it) in missed {
            other_updates.push(update);
            users.extend(in_it.into_iter().filter(|user| !users_have(&users, user)).collect::<Vec<_>>());
        }
        let (new_encrypted_messages, chats, state) = (Vec::new(), Vec::new(), state_at(pts, now).into());
        let difference = tl::types::updates::Difference {
            new_messages,
            new_encrypted_messages,
            other_updates,
            chats,
            users,
            state,
        };
        Ok(difference.into())
    })
}

fn users_have(users: &[tl::enums::User], wanted: &tl::enums::User) -> bool {
    users.iter().any(|user| user.id() == wanted.id())
}
