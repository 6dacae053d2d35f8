//! The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`.

mod messages;
mod methods;
pub(crate) mod params;
mod polling;
mod profile;
mod queries;

use crate::{
    config::token_id,
    error::{self, ApiError},
    fault::Fault,
    telegram::Telegram,
};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use methods::Method;
use params::Params;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};

/// Everything that is neither the page nor `/sim`.
pub(crate) async fn handle(State(telegram): State<Arc<Telegram>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if let Some((token, file)) = path.strip_prefix("/file/bot").and_then(|rest| rest.split_once('/')) {
        return fetch_file(&telegram, token, file);
    }
    match path.strip_prefix("/bot").and_then(|rest| rest.split_once('/')) {
        Some((token, method)) => call(&telegram, &token.replace("%3A", ":"), method, request).await,
        None => answer(&Err(error::NOT_FOUND)),
    }
}

async fn call(telegram: &Arc<Telegram>, token: &str, method: &str, request: Request) -> Response {
    let bot = match authorised(telegram, token) {
        Ok(bot) => bot,
        Err(refusal) => return answer(&Err(refusal)),
    };
    let params = match Params::read(request).await {
        Ok(params) => params,
        Err(refusal) => return answer(&Err(refusal)),
    };
    let fault = telegram.faults().take(bot, method);
    if let Some(fault) = &fault {
        let until = Instant::now() + Duration::from_millis(fault.delay_ms);
        tokio::select! {
            () = sleep_until(until) => (),
            () = telegram.stop.cancelled() => (),
        }
    }
    let outcome = match fault.as_ref().and_then(Fault::refusal) {
        Some(refusal) => {
            let outcome = Err(refusal);
            record(telegram, bot, method, params.recorded(), &outcome);
            outcome
        }
        None => carry_out(telegram, bot, method, params).await,
    };
    if fault.is_some_and(|fault| fault.drop_response) {
        return broken();
    }
    answer(&outcome)
}

fn authorised(telegram: &Telegram, token: &str) -> Result<i64, ApiError> {
    let id = token_id(token).ok_or(error::NOT_FOUND)?;
    telegram.look(|world, _| {
        world.bots.get(&id).filter(|bot| bot.token == token).map(|bot| bot.id).ok_or(error::UNAUTHORIZED)
    })
}

/// Carries out a call and records it.
pub(crate) async fn carry_out(
    telegram: &Arc<Telegram>,
    bot: i64,
    name: &str,
    params: Params,
) -> Result<Value, ApiError> {
    let recorded = params.recorded();
    let outcome = match methods::find(name) {
        Some(method) => {
            note_unknown(telegram, bot, method, &params);
            dispatch(telegram, bot, method, &params).await
        }
        None => Err(error::METHOD_NOT_FOUND),
    };
    if let Err(refusal) = &outcome
        && (refusal.code == 501 || *refusal == error::METHOD_NOT_FOUND)
    {
        let what = match refusal.code {
            501 => refusal.description.as_ref(),
            _ => "a method that this Telegram does not have",
        };
        let now = telegram.look(|_, now| now);
        telegram.records().violation(now, Some(bot), name, what);
    }
    let quiet =
        name.eq_ignore_ascii_case("getUpdates") && matches!(&outcome, Ok(Value::Array(a)) if a.is_empty());
    if !quiet {
        let name = methods::find(name).map_or(name, |method| method.name);
        record(telegram, bot, name, recorded, &outcome);
    }
    outcome
}

fn note_unknown(telegram: &Telegram, bot: i64, method: &Method, params: &Params) {
    let unknown: Vec<&str> = params.names().filter(|name| !method.knows(name)).collect();
    if !unknown.is_empty() {
        let now = telegram.look(|_, now| now);
        let what = format!("parameters that are unknown or not emulated: {}", unknown.join(", "));
        telegram.records().violation(now, Some(bot), method.name, &what);
    }
}

fn record(telegram: &Telegram, bot: i64, method: &str, params: Value, outcome: &Result<Value, ApiError>) {
    let at = telegram.look(|_, now| now);
    let mut call = json!({"at": at, "bot": bot, "method": method, "params": params, "ok": outcome.is_ok()});
    match outcome {
        Ok(result) => call["result"] = result.clone(),
        Err(refusal) => {
            call["error_code"] = refusal.code.into();
            call["description"] = refusal.description.clone().into();
        }
    }
    telegram.records().call(call);
}

async fn dispatch(
    telegram: &Arc<Telegram>,
    bot: i64,
    method: &Method,
    params: &Params,
) -> Result<Value, ApiError> {
    if telegram.look(|world, _| world.bots.get(&bot).is_some_and(|bot| bot.logged_out))
        && method.name != "logOut"
    {
        return Err(error::LOGGED_OUT);
    }
    match method.name {
        "getUpdates" => polling::get_updates(telegram, bot, params).await,
        "setWebhook" => polling::set_webhook(telegram, bot, params),
        "deleteWebhook" => polling::delete_webhook(telegram, bot, params),
        "getWebhookInfo" => polling::webhook_info(telegram, bot),
        "logOut" => polling::log_out(telegram, bot),
        "close" => Ok(true.into()),
        "answerCallbackQuery" => queries::answer_callback(telegram, bot, params),
        "answerInlineQuery" => queries::answer_inline(telegram, bot, params),
        "getMe" => Ok(telegram.look(|world, _| world.bots.get(&bot).map_or(Value::Null, |bot| bot.me()))),
        name => match messages::dispatch(telegram, bot, name, params) {
            Some(outcome) => outcome,
            None => profile::dispatch(telegram, bot, name, params).unwrap_or(Err(error::METHOD_NOT_FOUND)),
        },
    }
}

fn answer(outcome: &Result<Value, ApiError>) -> Response {
    let (code, body) = match outcome {
        Ok(result) => (StatusCode::OK, json!({"ok": true, "result": result})),
        Err(refusal) => {
            let code = StatusCode::from_u16(refusal.code).unwrap_or(StatusCode::BAD_REQUEST);
            (code, refusal.body())
        }
    };
    (code, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// An answer whose body fails at once: the server closes the connection before a byte of it is sent.
fn broken() -> Response {
    let failed: Result<bytes::Bytes, std::io::Error> =
        Err(std::io::Error::other("the answer is lost on purpose"));
    Body::from_stream(futures::stream::iter([failed])).into_response()
}

fn fetch_file(telegram: &Telegram, token: &str, path: &str) -> Response {
    if authorised(telegram, &token.replace("%3A", ":")).is_err() {
        return answer(&Err(error::UNAUTHORIZED));
    }
    let id = path.rsplit('/').next().unwrap_or_default().to_owned();
    let file = telegram.look(|world, _| world.files.get(&id).cloned());
    match file {
        Some(file) => ([(header::CONTENT_TYPE, file.mime)], file.bytes).into_response(),
        None => answer(&Err(error::NOT_FOUND)),
    }
}
