//! Mini Apps: who opens one, signed as Telegram signs it, and at which address it opens.
//! <https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app>

use super::{
    World,
    chat::{ActError, missing, refused},
};
use crate::error::ApiError;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::fmt::Write;

/// The version of the Mini App interface that clients say they have.
const VERSION: &str = "9.1";

/// Checks the address of a Mini App. Telegram wants HTTPS; this one also takes plain HTTP on the loopback address.
///
/// # Errors
///
/// td `ReplyMarkup.cpp`, `get_inline_keyboard_button`, with `LinkManager::check_link`.
pub(crate) fn app_url(url: &str) -> Result<String, ApiError> {
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|p| url.starts_with(p));
    let host = url.strip_prefix("https://").or_else(|| local.then_some(url));
    if host.is_some_and(|host| !host.is_empty() && !url.contains(char::is_whitespace)) {
        return Ok(url.to_owned());
    }
    Err(ApiError::new(
        400,
        format!(
            "Bad Request: inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed"
        ),
    ))
}

impl World {
    /// What a Mini App of this bot is told about the person who opens it.
    ///
    /// # Errors
    ///
    /// No such person or bot.
    pub(crate) fn init_data(&self, person: i64, bot: i64, now: i64) -> Result<String, ActError> {
        let bot = self.bots.get(&bot).ok_or_else(|| missing(format!("there is no bot {bot}")))?;
        let who = self.people.get(&person).ok_or_else(|| missing(format!("there is no person {person}")))?;
        let mut user = who.user();
        if let Some(user) = user.as_object_mut() {
            user.remove("is_bot");
            user.insert("allows_write_to_pm".to_owned(), true.into());
        }
        let query = format!("AA{:016x}", person.wrapping_mul(1_000_003).wrapping_add(now));
        let fields = [("auth_date", now.to_string()), ("query_id", query), ("user", user.to_string())];
        let hash = signature(&bot.token, &fields);
        let mut out = String::new();
        for (name, value) in &fields {
            // Writing to a string cannot fail.
            let _ = write!(out, "{name}={}&", escaped(value));
        }
        Ok(out + "hash=" + &hash)
    }

    /// What opening a Mini App shows: its address with what Telegram adds to it.
    ///
    /// # Errors
    ///
    /// No such person or bot.
    pub(crate) fn open_app(&self, person: i64, bot: i64, url: &str, now: i64) -> Result<Value, ActError> {
        let data = self.init_data(person, bot, now)?;
        let joint = if url.contains('#') { '&' } else { '#' };
        let data = escaped(&data);
        let opened =
            format!("{url}{joint}tgWebAppData={data}&tgWebAppVersion={VERSION}&tgWebAppPlatform=emulated");
        Ok(json!({"shown": "web_app", "url": opened, "bot": bot}))
    }

    /// Opens what stands behind the bot's menu button.
    ///
    /// # Errors
    ///
    /// No such bot, or one whose menu button shows commands.
    pub(crate) fn open_menu(&self, person: i64, bot: i64, now: i64) -> Result<Value, ActError> {
        let found = self.bots.get(&bot).ok_or_else(|| missing(format!("there is no bot {bot}")))?;
        let app = found.profile.menu_app_of(person);
        let (_, url) = app.ok_or_else(|| refused("the menu button of this bot opens no Mini App"))?;
        self.open_app(person, bot, url, now)
    }
}

/// The hash over all fields, sorted by name, under the bot's token.
fn signature(token: &str, fields: &[(&str, String)]) -> String {
    let lines: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let key = keyed(b"WebAppData", token.as_bytes());
    keyed(&key, lines.join("\n").as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn keyed(key: &[u8], text: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length, so there is always one.
    let mac = Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(text).finalize());
    mac.map(|mac| mac.into_bytes().to_vec()).unwrap_or_default()
}

/// Percent-encoding as a browser's `encodeURIComponent` does it.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_to_be_https_or_on_this_machine() {
        assert!(app_url("https://phone.example.org/phone/").is_ok());
        assert!(app_url("http://127.0.0.1:8421/phone/").is_ok());
        assert_eq!(
            app_url("http://phone.example.org").unwrap_err().description,
            "Bad Request: inline keyboard button Web App URL 'http://phone.example.org' is invalid: Only HTTPS links are allowed"
        );
        assert!(app_url("https://").is_err());
    }

    #[test]
    fn the_hash_is_the_one_that_other_implementations_make() {
        // Computed with Python's hmac over the same fields.
        let fields = [("auth_date", "1662771648".to_owned()), ("user", "{\"id\":279058397}".to_owned())];
        assert_eq!(
            signature("5768337691:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8", &fields),
            "3c7b339c8f2f21ea43099893f09fe43a176c5e7d70052827312fe943ceff17a5"
        );
    }

    #[test]
    fn everything_but_letters_digits_and_a_few_signs_is_escaped() {
        assert_eq!(escaped("{\"a\": \"ж&=\"}"), "%7B%22a%22%3A%20%22%D0%B6%26%3D%22%7D");
    }
}
