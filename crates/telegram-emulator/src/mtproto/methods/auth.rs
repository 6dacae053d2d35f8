//! auth.*: who a client is. <https://core.telegram.org/api/auth>

use super::{Caller, UNREGISTERED};
use crate::{
    calls::refused::Refused,
    mtproto::{delivery::int, keys::Signed, objects::user},
};
use grammers_tl_types as tl;
use tl::functions::auth;

type Answer<T> = Result<T, Refused>;

const PHONE: Refused = Refused::new(400, "PHONE_NUMBER_INVALID");
const API_ID: Refused = Refused::new(400, "API_ID_INVALID");
const CODE_EMPTY: Refused = Refused::new(400, "PHONE_CODE_EMPTY");
const PASSWORD_NEEDED: Refused = Refused::new(401, "SESSION_PASSWORD_NEEDED");
const HASH_INVALID: Refused = Refused::new(400, "PASSWORD_HASH_INVALID");

/// Digits of the codes.
const CODE_LENGTH: i32 = 5;

pub(super) fn send_code(caller: &Caller, asked: auth::SendCode) -> Answer<tl::enums::auth::SentCode> {
    check_api(asked.api_id, &asked.api_hash)?;
    let user = by_phone(caller, &asked.phone_number).ok_or(PHONE)?;
    let phone_code_hash = caller.telegram.keys().logins.send_code(user);
    caller.telegram.calls_changed();
    let r#type = tl::types::auth::SentCodeTypeApp { length: CODE_LENGTH }.into();
    Ok(tl::types::auth::SentCode { r#type, phone_code_hash, next_type: None, timeout: None }.into())
}

fn check_api(id: i32, hash: &str) -> Answer<()> {
    if id > 0 && !hash.is_empty() { Ok(()) } else { Err(API_ID) }
}

/// Whose phone number this is.
pub(super) fn by_phone(caller: &Caller, phone: &str) -> Option<i64> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let wanted = digits(phone);
    let same = |person: &&crate::world::people::Person| digits(&person.phone) == wanted;
    caller.telegram.look(|world, _| world.people.values().find(same).map(|person| person.id))
}

pub(super) fn sign_in(caller: &Caller, given: auth::SignIn) -> Answer<tl::enums::auth::Authorization> {
    let user = by_phone(caller, &given.phone_number).ok_or(PHONE)?;
    let code = given.phone_code.filter(|code| !code.is_empty()).ok_or(CODE_EMPTY)?;
    let right = caller.telegram.keys().logins.check_code(user, &given.phone_code_hash, &code);
    caller.telegram.calls_changed();
    let user = right?;
    enter(caller, user)
}

/// Signs a client in whose first step was right; with a password there is a second.
fn enter(caller: &Caller, user: i64) -> Answer<tl::enums::auth::Authorization> {
    let mut keys = caller.telegram.keys();
    if keys.logins.has_password(user) {
        if let Some(key) = keys.keys.get_mut(&caller.key) {
            key.signed = Signed::AlmostIn(user);
        }
        return Err(PASSWORD_NEEDED);
    }
    drop(keys);
    Ok(signed_in(caller, user))
}

fn signed_in(caller: &Caller, user: i64) -> tl::enums::auth::Authorization {
    caller.telegram.sign_in(caller.key, user);
    let user = caller.telegram.look(|world, _| user::user(world, user, user));
    tl::types::auth::Authorization {
        setup_password_required: false,
        otherwise_relogin_days: None,
        tmp_sessions: None,
        future_auth_token: None,
        user,
    }
    .into()
}

pub(super) fn check_password(
    caller: &Caller,
    given: auth::CheckPassword,
) -> Answer<tl::enums::auth::Authorization> {
    let tl::enums::InputCheckPasswordSrp::Srp(proof) = given.password else { return Err(HASH_INVALID) };
    let mut keys = caller.telegram.keys();
    let Some(Signed::AlmostIn(user)) = keys.get(caller.key).map(|key| key.signed) else {
        return Err(UNREGISTERED);
    };
    keys.logins.check_password(user, proof.srp_id, &proof.a, &proof.m1)?;
    drop(keys);
    Ok(signed_in(caller, user))
}

pub(super) fn export_token(
    caller: &Caller,
    asked: auth::ExportLoginToken,
) -> Answer<tl::enums::auth::LoginToken> {
    check_api(asked.api_id, &asked.api_hash)?;
    token(caller)
}

pub(super) fn import_token(
    caller: &Caller,
    _: auth::ImportLoginToken,
) -> Answer<tl::enums::auth::LoginToken> {
    // Tokens are imported where another data centre made them, and there is no other.
    caller.violation("auth.importLoginToken", "a token of another data centre, which there is not");
    Err(Refused::new(400, "AUTH_TOKEN_INVALID"))
}

fn token(caller: &Caller) -> Answer<tl::enums::auth::LoginToken> {
    let now = caller.telegram.look(|_, now| now);
    let accepted = caller.telegram.keys().logins.take_accepted(caller.key);
    if let Some(user) = accepted {
        let authorization = enter(caller, user)?;
        return Ok(tl::types::auth::LoginTokenSuccess { authorization }.into());
    }
    let (token, expires) = caller.telegram.keys().logins.export_token(caller.key, now);
    Ok(tl::types::auth::LoginToken { expires: int(expires), token }.into())
}

pub(super) fn log_out(caller: &Caller, _: auth::LogOut) -> Answer<tl::enums::auth::LoggedOut> {
    caller.user()?;
    caller.telegram.sign_out(caller.key);
    Ok(tl::types::auth::LoggedOut { future_auth_token: None }.into())
}
