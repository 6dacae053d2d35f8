//! What a bot says about itself, and what it asks about chats, members and files.

use super::params::Params;
use crate::{
    error::{self, ApiError},
    telegram::Telegram,
    world::{
        World,
        chat::ChatKey,
        commands::{Profile, by_language, read_commands},
        web_app::app_url,
    },
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The methods of this file; none when it is not one of them.
pub(super) fn dispatch(
    telegram: &Telegram,
    bot: i64,
    method: &str,
    params: &Params,
) -> Option<Result<Value, ApiError>> {
    let act = |act: &dyn Fn(&mut World) -> Result<Value, ApiError>| Some(telegram.act(|world, _| act(world)));
    let look = |look: &dyn Fn(&World) -> Result<Value, ApiError>| Some(telegram.look(|world, _| look(world)));
    match method {
        "setMyCommands" => act(&|world| set_commands(world, bot, params)),
        "deleteMyCommands" => act(&|world| {
            let scope = world.read_scope(bot, params.json("scope")?.as_ref())?;
            change(world, bot, |profile| profile.set_commands(scope, language(params), Vec::new()))
        }),
        "getMyCommands" => look(&|world| {
            let scope = world.read_scope(bot, params.json("scope")?.as_ref())?;
            Ok(json!(profile(world, bot)?.commands_of(&scope, &language(params))))
        }),
        "setChatMenuButton" => act(&|world| set_menu(world, bot, params)),
        "getChatMenuButton" => look(&|world| {
            let chat = params.int("chat_id").unwrap_or(0);
            let profile = profile(world, bot)?;
            let mut button = json!({"type": profile.menu_of(chat)});
            if let Some((text, url)) = profile.menu_app_of(chat) {
                button["text"] = text.clone().into();
                button["web_app"] = json!({"url": url});
            }
            Ok(button)
        }),
        "setMyName" => set_text(telegram, bot, params, "name", 64, |profile| &mut profile.names),
        "getMyName" => look(&|world| {
            let name = by_language(&profile(world, bot)?.names, &language(params)).cloned();
            let given = world.bots.get(&bot).map(|bot| bot.first_name.clone());
            Ok(json!({"name": name.or(given)}))
        }),
        "setMyDescription" => {
            set_text(telegram, bot, params, "description", 512, |profile| &mut profile.descriptions)
        }
        "getMyDescription" => look(&|world| {
            let text = by_language(&profile(world, bot)?.descriptions, &language(params));
            Ok(json!({"description": text.map_or("", String::as_str)}))
        }),
        "setMyShortDescription" => set_text(telegram, bot, params, "short_description", 120, |profile| {
            &mut profile.short_descriptions
        }),
        "getMyShortDescription" => look(&|world| {
            let text = by_language(&profile(world, bot)?.short_descriptions, &language(params));
            Ok(json!({"short_description": text.map_or("", String::as_str)}))
        }),
        "getChat" => look(&|world| chat(world, bot, params)),
        "getChatMember" => look(&|world| member(world, bot, params)),
        "getFile" => look(&|world| world.file_for_bot(params.text("file_id").ok_or(error::FILE_ID)?)),
        _ => None,
    }
}

fn language(params: &Params) -> String {
    params.text("language_code").unwrap_or_default().to_owned()
}

fn profile(world: &World, bot: i64) -> Result<&Profile, ApiError> {
    world.bots.get(&bot).map(|bot| &bot.profile).ok_or(error::UNAUTHORIZED)
}

fn change(world: &mut World, bot: i64, change: impl FnOnce(&mut Profile)) -> Result<Value, ApiError> {
    change(&mut world.bots.get_mut(&bot).ok_or(error::UNAUTHORIZED)?.profile);
    // The header of every chat with the bot may look different.
    let chats: Vec<i64> = world.people.values().map(|person| person.id).collect();
    for person in chats {
        world.touch(ChatKey::of(person, bot));
    }
    Ok(true.into())
}

fn set_commands(world: &mut World, bot: i64, params: &Params) -> Result<Value, ApiError> {
    let commands = params.json("commands").map_err(|_| error::COMMANDS_JSON)?.ok_or(error::COMMANDS_JSON)?;
    let commands = read_commands(&commands)?;
    let scope = world.read_scope(bot, params.json("scope")?.as_ref())?;
    change(world, bot, |profile| profile.set_commands(scope, language(params), commands))
}

fn set_menu(world: &mut World, bot: i64, params: &Params) -> Result<Value, ApiError> {
    let chat = params.int("chat_id").unwrap_or(0);
    if chat != 0 {
        world.known_chat(bot, chat)?;
    }
    let button = params.json("menu_button")?.unwrap_or_else(|| json!({"type": "default"}));
    match button.get("type").and_then(Value::as_str) {
        Some(kind @ ("default" | "commands")) => {
            let kind = kind.to_owned();
            change(world, bot, |profile| drop(profile.menu.insert(chat, kind)))
        }
        Some("web_app") => {
            let text = button.get("text").and_then(Value::as_str).unwrap_or_default().trim().to_owned();
            if text.is_empty() {
                return Err(ApiError::new(
                    400,
                    "Bad Request: can't parse menu button: Text must be non-empty",
                ));
            }
            let url = app_url(button["web_app"]["url"].as_str().unwrap_or_default())?;
            change(world, bot, |profile| {
                profile.menu.insert(chat, "web_app".to_owned());
                profile.menu_apps.insert(chat, (text, url));
            })
        }
        Some(_) | None => {
            Err(ApiError::new(400, "Bad Request: can't parse menu button: Menu button has unsupported type"))
        }
    }
}

fn set_text(
    telegram: &Telegram,
    bot: i64,
    params: &Params,
    name: &str,
    longest: usize,
    texts: fn(&mut Profile) -> &mut BTreeMap<String, String>,
) -> Option<Result<Value, ApiError>> {
    let text = params.text(name).unwrap_or_default().to_owned();
    if text.chars().count() > longest {
        let what = name.replace('_', " ");
        return Some(Err(ApiError::new(400, format!("Bad Request: bot {what} is too long"))));
    }
    Some(telegram.act(|world, _| {
        change(world, bot, |profile| {
            if text.is_empty() {
                texts(profile).remove(&language(params));
            } else {
                texts(profile).insert(language(params), text);
            }
        })
    }))
}

/// API, getChat. Bots can ask only about those who wrote to them.
fn chat(world: &World, bot: i64, params: &Params) -> Result<Value, ApiError> {
    let key = world.known_chat(bot, params.chat("chat_id")?)?;
    let met = matches!(key, ChatKey::Group(_)) && world.is_in(key, bot)
        || world.dialogs.get(&key).is_some_and(|dialog| dialog.started || dialog.blocked);
    if !met {
        return Err(error::CHAT_NOT_FOUND);
    }
    let mut chat = world.chat_json(bot, key);
    chat["accent_color_id"] = 0.into();
    chat["max_reaction_count"] = 11.into();
    chat["accepted_gift_types"] = json!({
        "unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false, "premium_subscription": false,
        "gifts_from_channels": false,
    });
    if let Some(username) = chat.get("username").cloned() {
        chat["active_usernames"] = json!([username]);
    }
    Ok(chat)
}

/// API, getChatMember.
fn member(world: &World, bot: i64, params: &Params) -> Result<Value, ApiError> {
    let key = world.reachable(bot, params.chat("chat_id")?)?;
    let user = params.int("user_id").ok_or(error::USER_ID_INVALID)?;
    let known = world.people.contains(&user) || world.bots.contains(&user);
    if !known {
        return Err(error::MEMBER_NOT_FOUND);
    }
    let creator = match key {
        ChatKey::Group(id) => world.groups.get(&id).is_some_and(|group| group.creator == user),
        ChatKey::Pair(..) => false,
    };
    let mut member = json!({"user": world.user_json(user)});
    member["status"] = match (world.is_in(key, user), creator) {
        (true, true) => {
            member["is_anonymous"] = false.into();
            "creator"
        }
        (true, false) => "member",
        (false, _) => "left",
    }
    .into();
    Ok(member)
}
