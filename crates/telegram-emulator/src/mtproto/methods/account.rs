//! account.*: the two-step password, the list of sessions, and privacy.

use super::{Caller, NOT_IMPLEMENTED, UNREGISTERED};
use crate::{
    calls::{Privacy, refused::Refused},
    dh,
    mtproto::{delivery::int, keys::Signed},
};
use grammers_tl_types as tl;
use tl::{enums::InputPrivacyKey, functions::account};

type Answer<T> = Result<T, Refused>;

pub(super) fn password(caller: &Caller, _: account::GetPassword) -> Answer<tl::enums::account::Password> {
    let mut keys = caller.telegram.keys();
    let user = match keys.get(caller.key).map(|key| key.signed) {
        Some(Signed::In(user, _) | Signed::AlmostIn(user)) => user,
        Some(Signed::Out) | None => return Err(UNREGISTERED),
    };
    let mut password = tl::types::account::Password {
        has_recovery: false,
        has_secure_values: false,
        has_password: false,
        current_algo: None,
        srp_b: None,
        srp_id: None,
        hint: None,
        email_unconfirmed_pattern: None,
        new_algo: tl::enums::PasswordKdfAlgo::Unknown,
        new_secure_algo: tl::enums::SecurePasswordKdfAlgo::Unknown,
        secure_random: dh::random().to_vec(),
        pending_reset_date: None,
        login_email_pattern: None,
    };
    if let Some((id, challenge, verifier)) = keys.logins.challenge(user) {
        let algorithm = tl::types::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow {
            salt1: verifier.salt1.clone(),
            salt2: verifier.salt2.clone(),
            g: dh::G,
            p: dh::prime().to_vec(),
        };
        password.has_password = true;
        password.current_algo = Some(algorithm.into());
        password.srp_b = Some(challenge.public.to_vec());
        password.srp_id = Some(id);
    }
    Ok(password.into())
}

pub(super) fn authorizations(
    caller: &Caller,
    _: account::GetAuthorizations,
) -> Answer<tl::enums::account::Authorizations> {
    let user = caller.user()?;
    let now = caller.telegram.look(|_, now| now);
    let keys = caller.telegram.keys();
    let own = keys.of_user(user);
    let entry = |id: &super::KeyId| {
        let key = keys.get(*id)?;
        let current = *id == caller.key;
        let entry = tl::types::Authorization {
            current,
            official_app: false,
            password_pending: false,
            encrypted_requests_disabled: true,
            call_requests_disabled: key.silent,
            unconfirmed: false,
            hash: if current { 0 } else { i64::from_le_bytes(*id) },
            device_model: key.client.device_model.clone(),
            platform: String::new(),
            system_version: key.client.system_version.clone(),
            api_id: key.client.api_id,
            app_name: String::new(),
            app_version: key.client.app_version.clone(),
            date_created: int(key.since),
            date_active: int(now),
            ip: "127.0.0.1".to_owned(),
            country: String::new(),
            region: String::new(),
        };
        Some(entry.into())
    };
    let authorizations = own.iter().filter_map(entry).collect();
    Ok(tl::types::account::Authorizations { authorization_ttl_days: 180, authorizations }.into())
}

/// Which of the rules that are emulated a key means.
fn rule<'a>(privacy: &'a mut Privacy, key: &InputPrivacyKey) -> Answer<&'a mut bool> {
    match key {
        InputPrivacyKey::PhoneCall => Ok(&mut privacy.calls),
        InputPrivacyKey::PhoneP2P => Ok(&mut privacy.p2p),
        InputPrivacyKey::ChatInvite => Ok(&mut privacy.invites),
        InputPrivacyKey::StatusTimestamp
        | InputPrivacyKey::Forwards
        | InputPrivacyKey::ProfilePhoto
        | InputPrivacyKey::PhoneNumber
        | InputPrivacyKey::AddedByPhone
        | InputPrivacyKey::VoiceMessages
        | InputPrivacyKey::About
        | InputPrivacyKey::Birthday
        | InputPrivacyKey::StarGiftsAutoSave
        | InputPrivacyKey::NoPaidMessages
        | InputPrivacyKey::SavedMusic => Err(NOT_IMPLEMENTED),
    }
}

fn rules(allowed: bool) -> tl::enums::account::PrivacyRules {
    let rule = if allowed {
        tl::enums::PrivacyRule::PrivacyValueAllowAll
    } else {
        tl::enums::PrivacyRule::PrivacyValueDisallowAll
    };
    tl::types::account::PrivacyRules { rules: vec![rule], chats: Vec::new(), users: Vec::new() }.into()
}

pub(super) fn privacy(
    caller: &Caller,
    asked: account::GetPrivacy,
) -> Answer<tl::enums::account::PrivacyRules> {
    let user = caller.user()?;
    let mut privacy = caller.telegram.look(|world, _| world.calls.privacy(user));
    rule(&mut privacy, &asked.key).map(|allowed| rules(*allowed))
}

/// Only "everybody" and "nobody" are emulated.
pub(super) fn set_privacy(
    caller: &Caller,
    wanted: account::SetPrivacy,
) -> Answer<tl::enums::account::PrivacyRules> {
    let user = caller.user()?;
    let allowed = match wanted.rules[..] {
        [tl::enums::InputPrivacyRule::InputPrivacyValueAllowAll] => true,
        [tl::enums::InputPrivacyRule::InputPrivacyValueDisallowAll] => false,
        _ => {
            caller.violation("account.setPrivacy", "rules other than everybody and nobody are not emulated");
            return Err(NOT_IMPLEMENTED);
        }
    };
    caller.telegram.act(|world, _| {
        let mut privacy = world.calls.privacy(user);
        *rule(&mut privacy, &wanted.key)? = allowed;
        world.calls.set_privacy(user, privacy);
        Ok(rules(allowed))
    })
}

/// Whether another session of the person gets calls. One that is silent is not told of calls to the person.
pub(super) fn change_authorization(
    caller: &Caller,
    wanted: account::ChangeAuthorizationSettings,
) -> Answer<bool> {
    let user = caller.user()?;
    let id = wanted.hash.to_le_bytes();
    let mut keys = caller.telegram.keys();
    if !keys.of_user(user).contains(&id) {
        return Err(Refused::new(400, "HASH_INVALID"));
    }
    if let (Some(key), Some(silent)) = (keys.keys.get_mut(&id), wanted.call_requests_disabled) {
        key.silent = silent;
    }
    Ok(true)
}

/// Whether somebody is online is nobody's business here.
pub(super) fn update_status(caller: &Caller, _: account::UpdateStatus) -> Answer<bool> {
    caller.user().map(|_| true)
}
