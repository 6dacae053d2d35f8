//! Answers to presses and to inline queries.

use super::params::Params;
use crate::{
    error::{self, ApiError},
    limits,
    telegram::Telegram,
    world::{
        inline::{self, Keeping},
        press::Answered,
    },
};
use serde_json::Value;

/// API, answerCallbackQuery.
pub(super) fn answer_callback(telegram: &Telegram, bot: i64, params: &Params) -> Result<Value, ApiError> {
    let id = params.text("callback_query_id").ok_or(error::QUERY_TOO_OLD)?;
    if params.int("cache_time").is_some_and(|seconds| seconds > 0) {
        return Err(ApiError::not_emulated("callback answers that a client keeps (cache_time)"));
    }
    let answer = Answered {
        text: params.text("text").map(str::to_owned),
        alert: params.flag("show_alert"),
        url: params.text("url").filter(|url| !url.is_empty()).map(str::to_owned),
    };
    telegram.act(|world, now| world.answer_press(bot, id, answer, now))?;
    Ok(true.into())
}

/// API, answerInlineQuery.
pub(super) fn answer_inline(telegram: &Telegram, bot: i64, params: &Params) -> Result<Value, ApiError> {
    let id = params.text("inline_query_id").ok_or(error::QUERY_TOO_OLD)?;
    let results = params.json("results")?.ok_or_else(|| ApiError::parameter("results"))?;
    let results = inline::read_results(&results)?;
    let next_offset = params.text("next_offset").unwrap_or_default().to_owned();
    if next_offset.len() > limits::NEXT_OFFSET {
        return Err(error::NEXT_OFFSET);
    }
    let button = params.json("button")?.map(|button| read_button(&button)).transpose()?;
    let keeping = Keeping {
        cache_time: params.int("cache_time").unwrap_or(limits::INLINE_CACHE),
        personal: params.flag("is_personal"),
        next_offset,
        button,
    };
    telegram.act(|world, now| world.answer_inline(bot, id, results, keeping, now))?;
    Ok(true.into())
}

fn read_button(button: &Value) -> Result<Value, ApiError> {
    let text = button.get("text").and_then(Value::as_str).unwrap_or_default();
    if text.trim().is_empty() {
        return Err(error::SWITCH_PM_TEXT);
    }
    let Some(start) = button.get("start_parameter").and_then(Value::as_str) else {
        return Err(ApiError::not_emulated("a button of inline results that opens a Web App"));
    };
    let letters = start.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if start.is_empty() || start.len() > limits::START_PAYLOAD || !letters {
        return Err(error::START_PARAM);
    }
    Ok(serde_json::json!({"text": text, "start_parameter": start}))
}
