//! Where clients connect over MTProto, and the keys they come with.

use super::{Answer, Refusal, Shared};
use crate::{
    mtproto::{DC, cipher::AuthKey},
    telegram::Telegram,
    world::chat::{missing, refused},
};
use axum::{Json, body::Bytes, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

fn entrance(telegram: &Telegram, key: &str) -> Answer {
    let address = telegram.mtproto.as_ref().map(|door| door.address);
    let address = address.ok_or_else(|| missing("this Telegram has no MTProto door"))?;
    Ok(Json(json!({"address": address.to_string(), "dc": DC, "auth_key": key})))
}

/// `GET /sim/mtproto`
pub(crate) async fn see(State(telegram): Shared) -> Answer {
    let key = telegram.mtproto.as_ref().map_or("", |door| door.key.as_str());
    entrance(&telegram, key)
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKey {
    user: Option<super::Who>,
}

/// `POST /sim/mtproto/keys`; the body may be left out.
pub(crate) async fn add_key(State(telegram): Shared, body: Bytes) -> Answer {
    let new: NewKey = match &body[..] {
        [] => NewKey::default(),
        body => serde_json::from_slice(body).map_err(|why| refused(why.to_string()))?,
    };
    let user = new.user.map(|user| telegram.look(|world, _| world.person(&user.text()))).transpose()?;
    let key = AuthKey::random();
    let hex = key.hex();
    let answer: Result<Json<Value>, Refusal> = entrance(&telegram, &hex);
    let answer = answer?;
    let id = telegram.keys().add(key);
    if let Some(user) = user {
        telegram.sign_in(id, user);
    }
    Ok(answer)
}
