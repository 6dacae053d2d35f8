//! What an emulated Telegram begins with.

use crate::world::{Settings, person_acts::NewPerson};
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, str::FromStr};

/// The token of the demo's bot. It opens nothing outside of this emulator.
pub const DEMO_TOKEN: &str = "700000001:AAEmulatedTelegram-not-a-secret-0001";

/// The id of the demo's service account, "Tandem calls".
pub const SERVICE_ACCOUNT: i64 = 10_099;

/// How to start.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub addr: SocketAddr,
    /// The bots; a bot that the data directory knows keeps its updates and gets this token and name.
    pub bots: Vec<BotConfig>,
    /// The people who are there from the start; those whom the data directory knows stay as they are.
    pub people: Vec<NewPerson>,
    /// Where the world is kept; in memory only where there is none.
    pub data: Option<PathBuf>,
    /// Switches, where they are to differ from what the data directory says.
    pub settings: Option<Settings>,
    /// What the chat page proposes to try first, by user name, until it is dismissed; words in backticks can be pressed
    /// and are typed then.
    pub hints: BTreeMap<String, String>,
    /// Where phones connect, as docs/phone.md describes it (`http://127.0.0.1:8421/phone/`); people on the chat page have
    /// phones then.
    pub phone: Option<String>,
    /// The door for clients that speak MTProto, as service accounts do; closed where there is none.
    pub mtproto: Option<Mtproto>,
}

/// The MTProto door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mtproto {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Keys that clients have from before; without any, one is made.
    pub keys: Vec<MtprotoKey>,
}

impl Mtproto {
    /// On a free port of the loopback address, with a key of its own.
    #[must_use]
    pub fn local() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 0)), keys: Vec::new() }
    }
}

/// A key that a client comes with.
#[derive(Clone, PartialEq, Eq)]
pub struct MtprotoKey {
    /// The 2048 bits.
    pub key: [u8; 256],
    /// Who is signed in with it from the start.
    pub user: Option<i64>,
}

impl std::fmt::Debug for MtprotoKey {
    /// Leaves the key out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MtprotoKey").field("user", &self.user).finish_non_exhaustive()
    }
}

/// A bot as BotFather would make it.
#[derive(Clone, PartialEq, Eq)]
pub struct BotConfig {
    /// `<id>:<35 or so letters>`, as from BotFather.
    pub token: String,
    /// The user name, without the `@`; Telegram wants it to end in "bot".
    pub username: String,
    /// What people see.
    pub name: String,
}

impl std::fmt::Debug for BotConfig {
    /// Leaves the token out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BotConfig").field("username", &self.username).field("name", &self.name).finish()
    }
}

impl Config {
    /// Three people (Olga, Ivan and Petr), a service account for calls and one bot, `@tandem_bot`, in memory, on a free port
    /// of the loopback address. The MTProto door is closed.
    #[must_use]
    pub fn demo() -> Self {
        let person = |id, name: &str, about: &str| NewPerson {
            id: Some(id),
            first_name: name.to_owned(),
            last_name: None,
            username: Some(name.to_lowercase()),
            language_code: None,
            phone: Some(format!("+15550{id:06}")),
            about: Some(about.to_owned()),
        };
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 0)),
            bots: vec![BotConfig {
                token: DEMO_TOKEN.to_owned(),
                username: "tandem_bot".to_owned(),
                name: "Tandem".to_owned(),
            }],
            people: vec![
                person(10_001, "Olga", "administrator"),
                person(10_002, "Ivan", "employee"),
                person(10_003, "Petr", "friend"),
                NewPerson {
                    id: Some(SERVICE_ACCOUNT),
                    first_name: "Tandem calls".to_owned(),
                    last_name: None,
                    username: Some("tandem_calls".to_owned()),
                    language_code: None,
                    phone: Some("+888000099".to_owned()),
                    about: Some("service account".to_owned()),
                },
            ],
            data: None,
            settings: None,
            hints: [
                ("olga", "Press Start. Then go back, open Ivan's chat and type `@tandem_bot 1001 secret pbx.example.org`"),
                ("ivan", "Press Start. When Olga's message comes, open it and press Take."),
                ("petr", "Press Start, and let Olga or Ivan hand an account to you."),
            ]
            .map(|(name, hint)| (name.to_owned(), hint.to_owned()))
            .into(),
            phone: None,
            mtproto: None,
        }
    }
}

impl BotConfig {
    /// The bot's id: what stands before the colon of its token.
    ///
    /// # Errors
    ///
    /// A token without one, or one that client libraries could not read.
    pub fn id(&self) -> Result<i64, ConfigError> {
        token_id(&self.token).ok_or(ConfigError::Token)
    }
}

/// The id in a token.
pub(crate) fn token_id(token: &str) -> Option<i64> {
    let (id, secret) = token.split_once(':')?;
    let id = id.parse::<i64>().ok().filter(|id| (1..i64::from(i32::MAX)).contains(id))?;
    (!secret.is_empty()).then_some(id)
}

/// Why a bot on the command line was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not `<id>:<secret>`.
    #[error("a token is <id>:<secret>, with an id from 1 to 2147483646")]
    Token,
    /// Not `token=username=name`.
    #[error("a bot is TOKEN=USERNAME or TOKEN=USERNAME=NAME")]
    Bot,
}

impl FromStr for BotConfig {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '=');
        let (Some(token), Some(username)) = (parts.next(), parts.next()) else {
            return Err(ConfigError::Bot);
        };
        let username = username.trim_start_matches('@').to_owned();
        let name = parts.next().unwrap_or(&username).to_owned();
        let bot = Self { token: token.to_owned(), username, name };
        bot.id().map(|_| bot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bot_is_read_from_the_command_line() {
        let bot: BotConfig = "12:abc=@x_bot=The X".parse().unwrap();
        assert_eq!((bot.id(), bot.username.as_str(), bot.name.as_str()), (Ok(12), "x_bot", "The X"));
        assert_eq!("12=x_bot".parse::<BotConfig>(), Err(ConfigError::Token));
        assert_eq!("12:abc".parse::<BotConfig>(), Err(ConfigError::Bot));
    }

    #[test]
    fn a_token_is_not_printed() {
        assert!(!format!("{:?}", Config::demo()).contains(DEMO_TOKEN));
    }
}
