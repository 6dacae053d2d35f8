//! People and bots as TL `User`, and the hashes by which clients name them.

use super::super::cipher::sha256;
use crate::{
    calls::refused::Refused,
    world::{World, chat::ChatKey},
};
use grammers_tl_types as tl;

const PEER: Refused = Refused::new(400, "PEER_ID_INVALID");
const USER: Refused = Refused::new(400, "USER_ID_INVALID");

/// The number without which a viewer cannot name somebody: who has it has met them. It is the same after a restart.
pub(in crate::mtproto) fn access_hash(viewer: i64, target: i64) -> i64 {
    let digest = sha256(&[b"access", &viewer.to_le_bytes(), &target.to_le_bytes()]);
    let mut hash = [0; 8];
    hash.copy_from_slice(&digest[..8]);
    i64::from_le_bytes(hash)
}

/// A person or bot as this viewer sees it. Phone numbers are shown to nobody but their owners.
pub(in crate::mtproto) fn user(world: &World, viewer: i64, id: i64) -> tl::enums::User {
    let (name, last_name, username, phone, bot) = match (world.people.get(&id), world.bots.get(&id)) {
        (Some(person), _) => {
            let phone = person.phone.trim_start_matches('+').to_owned();
            let (name, last) = (person.first_name.clone(), person.last_name.clone());
            (name, last, person.username.clone(), Some(phone).filter(|_| viewer == id), false)
        }
        (None, Some(bot)) => (world.title(id), None, Some(bot.username.clone()), None, true),
        (None, None) => return tl::types::UserEmpty { id }.into(),
    };
    let access_hash = Some(access_hash(viewer, id));
    tl::types::User {
        is_self: viewer == id,
        contact: false,
        mutual_contact: false,
        deleted: false,
        bot,
        bot_chat_history: false,
        bot_nochats: false,
        verified: false,
        restricted: false,
        min: false,
        bot_inline_geo: false,
        support: false,
        scam: false,
        apply_min_photo: false,
        fake: false,
        bot_attach_menu: false,
        premium: false,
        attach_menu_enabled: false,
        bot_can_edit: false,
        close_friend: false,
        stories_hidden: false,
        stories_unavailable: false,
        contact_require_premium: false,
        bot_business: false,
        bot_has_main_app: false,
        bot_forum_view: false,
        bot_forum_can_manage_topics: false,
        bot_can_manage_bots: false,
        bot_guestchat: false,
        bot_guard: false,
        id,
        access_hash,
        first_name: Some(name),
        last_name,
        username,
        phone,
        photo: None,
        status: None,
        bot_info_version: bot.then_some(1),
        restriction_reason: None,
        bot_inline_placeholder: bot.then(String::new),
        lang_code: None,
        emoji_status: None,
        usernames: None,
        stories_max_id: None,
        color: None,
        profile_color: None,
        bot_active_users: None,
        bot_verification_icon: None,
        send_paid_messages_stars: None,
        linked_community_id: None,
    }
    .into()
}

/// Several of them.
pub(in crate::mtproto) fn users(
    world: &World,
    viewer: i64,
    ids: impl IntoIterator<Item = i64>,
) -> Vec<tl::enums::User> {
    let mut ids: Vec<i64> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(|id| user(world, viewer, id)).collect()
}

/// Whom a viewer means.
///
/// # Errors
///
/// Nobody, or somebody whom the viewer has not met.
pub(in crate::mtproto) fn named(viewer: i64, input: &tl::enums::InputUser) -> Result<i64, Refused> {
    match input {
        tl::enums::InputUser::UserSelf => Ok(viewer),
        tl::enums::InputUser::User(user) if user.access_hash == access_hash(viewer, user.user_id) => {
            Ok(user.user_id)
        }
        tl::enums::InputUser::User(_)
        | tl::enums::InputUser::Empty
        | tl::enums::InputUser::FromMessage(_) => Err(USER),
    }
}

/// The private chat that a viewer means.
///
/// # Errors
///
/// As [`named`]; groups and channels are not emulated here.
pub(in crate::mtproto) fn chat(
    world: &World,
    viewer: i64,
    input: &tl::enums::InputPeer,
) -> Result<ChatKey, Refused> {
    let tl::enums::InputPeer::User(peer) = input else { return Err(PEER) };
    let known = world.people.contains(&peer.user_id) || world.bots.contains(&peer.user_id);
    let met = peer.access_hash == access_hash(viewer, peer.user_id);
    if known && met && peer.user_id != viewer { Ok(ChatKey::of(viewer, peer.user_id)) } else { Err(PEER) }
}

/// users.getFullUser
pub(in crate::mtproto) fn full(world: &World, viewer: i64, id: i64) -> tl::enums::users::UserFull {
    let about = world.people.get(&id).and_then(|person| person.about.clone());
    let person = world.people.contains(&id);
    let settings = tl::types::PeerSettings {
        report_spam: false,
        add_contact: false,
        block_contact: false,
        share_contact: false,
        need_contacts_exception: false,
        report_geo: false,
        autoarchived: false,
        invite_members: false,
        request_chat_broadcast: false,
        business_bot_paused: false,
        business_bot_can_reply: false,
        geo_distance: None,
        request_chat_title: None,
        request_chat_date: None,
        business_bot_id: None,
        business_bot_manage_url: None,
        charge_paid_message_stars: None,
        registration_month: None,
        phone_country: None,
        name_change_date: None,
        photo_change_date: None,
    };
    let notify_settings = tl::types::PeerNotifySettings {
        show_previews: None,
        silent: None,
        mute_until: None,
        ios_sound: None,
        android_sound: None,
        other_sound: None,
        stories_muted: None,
        stories_hide_sender: None,
        stories_ios_sound: None,
        stories_android_sound: None,
        stories_other_sound: None,
    };
    let full = tl::types::UserFull {
        blocked: false,
        phone_calls_available: person && viewer != id,
        phone_calls_private: !world.calls.privacy(id).calls,
        can_pin_message: false,
        has_scheduled: false,
        video_calls_available: false,
        voice_messages_forbidden: false,
        translations_disabled: false,
        stories_pinned_available: false,
        blocked_my_stories_from: false,
        wallpaper_overridden: false,
        contact_require_premium: false,
        read_dates_private: false,
        sponsored_enabled: false,
        can_view_revenue: false,
        bot_can_manage_emoji_status: false,
        display_gifts_button: false,
        noforwards_my_enabled: false,
        noforwards_peer_enabled: false,
        unofficial_security_risk: false,
        id,
        about,
        settings: settings.into(),
        personal_photo: None,
        profile_photo: None,
        fallback_photo: None,
        notify_settings: notify_settings.into(),
        bot_info: None,
        pinned_msg_id: None,
        common_chats_count: 0,
        folder_id: None,
        ttl_period: None,
        theme: None,
        private_forward_name: None,
        bot_group_admin_rights: None,
        bot_broadcast_admin_rights: None,
        wallpaper: None,
        stories: None,
        business_work_hours: None,
        business_location: None,
        business_greeting_message: None,
        business_away_message: None,
        business_intro: None,
        birthday: None,
        personal_channel_id: None,
        personal_channel_message: None,
        stargifts_count: None,
        starref_program: None,
        bot_verification: None,
        send_paid_messages_stars: None,
        disallowed_gifts: None,
        stars_rating: None,
        stars_my_pending_rating: None,
        stars_my_pending_rating_date: None,
        main_tab: None,
        saved_music: None,
        note: None,
        bot_manager_id: None,
    };
    tl::types::users::UserFull {
        full_user: full.into(),
        chats: Vec::new(),
        users: users(world, viewer, [id]),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_has_the_hash_can_name_somebody() {
        let input = |access_hash| tl::types::InputUser { user_id: 2, access_hash }.into();
        assert_eq!(named(1, &input(access_hash(1, 2))), Ok(2));
        assert_eq!(named(3, &input(access_hash(1, 2))), Err(USER), "hashes are everybody's own");
        assert_eq!(named(1, &tl::enums::InputUser::UserSelf), Ok(1));
    }
}
