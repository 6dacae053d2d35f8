//! What is told to Telegram, and asked of it, when the bot starts.

use super::client::{CallError, Client};
use super::draw::Request;
use domain::ids::UserId;
use event_store::log::Fault;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use teloxide::payloads::{SetMyCommands, SetMyCommandsSetters as _};
use teloxide::types::BotCommand;

/// The kinds of updates the bot asks for.
pub(crate) const ALLOWED_UPDATES: [&str; 5] =
    ["message", "callback_query", "inline_query", "chosen_inline_result", "my_chat_member"];

/// Who the bot is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// The bot's own id.
    pub id: UserId,
    /// Its `@name`, without the `@`.
    pub username: String,
    /// Whether it may be typed behind `@` in any chat. BotFather switches it on: `/setinline`.
    pub inline: bool,
}

/// The commands that a person is shown, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// Two letters (ISO 639-1); none for everybody whose language has no menu of its own.
    pub language: Option<String>,
    /// In the order they are shown.
    pub commands: Vec<MenuCommand>,
}

/// One command in the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuCommand {
    /// Without the slash.
    pub name: String,
    /// What it does, at most 256 characters.
    pub description: String,
}

impl Client {
    /// Asks Telegram who the bot is.
    ///
    /// # Errors
    ///
    /// Telegram can't be reached, or the token is not one of a bot.
    pub async fn me(&self) -> Result<Me, Fault> {
        #[derive(Deserialize)]
        struct Answer {
            id: i64,
            username: String,
            #[serde(default)]
            supports_inline_queries: bool,
        }
        let fault = |error: CallError| Fault::new("ask Telegram who the bot is", error);
        let found = self.call(&Request::new("getMe", &json!({}))).await.map_err(fault)?;
        let me: Answer = serde_json::from_str(&found).map_err(|error| fault(self.unreadable(&error)))?;
        Ok(Me { id: UserId(me.id), username: me.username, inline: me.supports_inline_queries })
    }

    /// Tells Telegram the commands that people are shown.
    pub(crate) async fn set_menu(&self, menu: &Menu) -> Result<(), CallError> {
        let commands =
            menu.commands.iter().map(|command| BotCommand::new(&command.name, &command.description));
        let mut payload = SetMyCommands::new(commands);
        if let Some(language) = &menu.language {
            payload = payload.language_code(language);
        }
        self.call(&Request::new("setMyCommands", &payload)).await.map(drop)
    }

    /// Has the button beside the input field open the web phone, or the commands where there is none. It has one caption
    /// for everybody.
    pub(crate) async fn set_phone(&self, page: Option<&str>) -> Result<(), CallError> {
        let button = match page {
            Some(url) => json!({"type": "web_app", "text": "Phone", "web_app": {"url": url}}),
            None => json!({"type": "commands"}),
        };
        self.call(&Request::new("setChatMenuButton", &json!({ "menu_button": button }))).await.map(drop)
    }

    /// Has Telegram bring updates to this address. Setting the same again changes nothing.
    pub(crate) async fn set_webhook(&self, url: &str, secret: &SecretString) -> Result<(), CallError> {
        let parameters = json!({
            "url": url,
            "secret_token": secret.expose_secret(),
            "allowed_updates": ALLOWED_UPDATES,
            "max_connections": 100,
        });
        self.call(&Request::new("setWebhook", &parameters)).await.map(drop)
    }

    /// Has Telegram keep updates until they are asked for.
    pub(crate) async fn delete_webhook(&self) -> Result<(), CallError> {
        self.call(&Request::new("deleteWebhook", &json!({"drop_pending_updates": false}))).await.map(drop)
    }
}
