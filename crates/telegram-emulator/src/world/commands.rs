//! What a bot tells people about itself: commands, menu button, name and descriptions, by language and scope.

use super::World;
use crate::{
    error::{self, ApiError},
    limits,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A bot's profile. Languages are two letters, or empty for everybody else.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) commands: Vec<CommandSet>,
    pub(crate) names: BTreeMap<String, String>,
    pub(crate) descriptions: BTreeMap<String, String>,
    pub(crate) short_descriptions: BTreeMap<String, String>,
    /// Kind of the menu button of one chat; key 0 is the default.
    pub(crate) menu: BTreeMap<i64, String>,
    /// Caption and address of the Mini App behind the menu button of one chat; key 0 is the default.
    #[serde(default)]
    pub(crate) menu_apps: BTreeMap<i64, (String, String)>,
}

/// Commands for one scope and language.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CommandSet {
    pub(crate) scope: Scope,
    pub(crate) language: String,
    pub(crate) commands: Vec<Command>,
}

/// A command in a bot's menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Command {
    pub(crate) command: String,
    pub(crate) description: String,
}

/// For whom commands are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Scope {
    Default,
    AllPrivate,
    AllGroups,
    AllAdministrators,
    Chat(i64),
    Administrators(i64),
    Member(i64, i64),
}

impl Profile {
    /// The name in this language.
    pub(crate) fn name(&self, language: &str) -> Option<&String> {
        by_language(&self.names, language)
    }

    /// The commands a person sees in the chat with the bot. API, BotCommandScope, "Determining list of commands".
    pub(crate) fn commands_for(&self, person: i64, language: &str) -> &[Command] {
        let scopes = [Scope::Chat(person), Scope::AllPrivate, Scope::Default];
        let mut wanted = scopes.iter().flat_map(|scope| [(scope, language), (scope, "")]);
        let set = wanted.find_map(|(scope, language)| self.set(scope, language));
        set.map_or(&[], |set| &set.commands)
    }

    fn set(&self, scope: &Scope, language: &str) -> Option<&CommandSet> {
        self.commands.iter().find(|set| set.scope == *scope && set.language == language)
    }

    /// The commands of exactly this scope and language.
    pub(crate) fn commands_of(&self, scope: &Scope, language: &str) -> &[Command] {
        self.set(scope, language).map_or(&[], |set| &set.commands)
    }

    /// Replaces the commands of this scope and language; an empty list removes them.
    pub(crate) fn set_commands(&mut self, scope: Scope, language: String, commands: Vec<Command>) {
        self.commands.retain(|set| set.scope != scope || set.language != language);
        if !commands.is_empty() {
            self.commands.push(CommandSet { scope, language, commands });
        }
    }

    /// The menu button of the chat with a person.
    pub(crate) fn menu_of(&self, person: i64) -> &str {
        self.menu.get(&person).or_else(|| self.menu.get(&0)).map_or("default", String::as_str)
    }

    /// The Mini App behind the menu button of the chat with a person, where there is one.
    pub(crate) fn menu_app_of(&self, person: i64) -> Option<&(String, String)> {
        let chat = if self.menu.contains_key(&person) { person } else { 0 };
        (self.menu_of(person) == "web_app").then(|| self.menu_apps.get(&chat)).flatten()
    }
}

/// A text in this language, or the one for everybody else.
pub(crate) fn by_language<'a>(texts: &'a BTreeMap<String, String>, language: &str) -> Option<&'a String> {
    texts.get(language).or_else(|| texts.get(""))
}

/// Reads and checks the commands of setMyCommands.
///
/// # Errors
///
/// Telegram's refusal of a name or description.
pub(crate) fn read_commands(commands: &Value) -> Result<Vec<Command>, ApiError> {
    let commands = commands.as_array().ok_or(error::COMMANDS_JSON)?;
    if commands.len() > limits::COMMANDS {
        return Err(error::COMMANDS_TOO_MUCH);
    }
    commands.iter().map(read_command).collect()
}

fn read_command(command: &Value) -> Result<Command, ApiError> {
    let string = |field: &str| command.get(field).and_then(Value::as_str).ok_or(error::COMMANDS_JSON);
    let name = string("command")?.trim_start_matches('/').to_owned();
    let letters = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if name.is_empty() || name.len() > limits::COMMAND || !letters {
        return Err(error::COMMAND_INVALID);
    }
    let description = string("description")?.to_owned();
    if description.is_empty() || description.chars().count() > limits::COMMAND_DESCRIPTION {
        return Err(error::COMMAND_DESCRIPTION);
    }
    Ok(Command { command: name, description })
}

impl World {
    /// Reads a `BotCommandScope`.
    ///
    /// # Errors
    ///
    /// A scope that does not exist, or a chat that does not.
    pub(crate) fn read_scope(&self, bot: i64, scope: Option<&Value>) -> Result<Scope, ApiError> {
        let Some(scope) = scope else { return Ok(Scope::Default) };
        let number = |field: &str| {
            let value = scope.get(field)?;
            value.as_i64().or_else(|| value.as_str()?.parse().ok())
        };
        let chat = || {
            let id = number("chat_id").ok_or(error::CHAT_ID_EMPTY)?;
            self.known_chat(bot, id).map(|_| id)
        };
        match scope.get("type").and_then(Value::as_str) {
            Some("default") => Ok(Scope::Default),
            Some("all_private_chats") => Ok(Scope::AllPrivate),
            Some("all_group_chats") => Ok(Scope::AllGroups),
            Some("all_chat_administrators") => Ok(Scope::AllAdministrators),
            Some("chat") => Ok(Scope::Chat(chat()?)),
            Some("chat_administrators") => Ok(Scope::Administrators(chat()?)),
            Some("chat_member") => {
                Ok(Scope::Member(chat()?, number("user_id").ok_or(error::USER_ID_INVALID)?))
            }
            Some(_) | None => Err(ApiError::new(
                400,
                "Bad Request: can't parse BotCommandScope: Unsupported type specified",
            )),
        }
    }

    /// What a person reads in an empty chat with the bot and behind the menu button.
    pub(crate) fn bot_header(&self, bot: i64, person: i64) -> Value {
        let Some(bot) = self.bots.get(&bot) else { return Value::Null };
        let language = self.people.get(&person).map_or("", |person| person.language_code.as_str());
        let language = language.split('-').next().unwrap_or_default();
        let commands = bot.profile.commands_for(person, language);
        let menu = match bot.profile.menu_of(person) {
            "default" if !commands.is_empty() => "commands",
            other => other,
        };
        let mut header = json!({"commands": commands, "menu_button": menu});
        if let Some((text, _)) = bot.profile.menu_app_of(person) {
            header["menu_app"] = text.clone().into();
        }
        if let Some(description) = by_language(&bot.profile.descriptions, language) {
            header["description"] = description.clone().into();
        }
        header
    }
}
