//! What the operator sets: one TOML file, or environment variables, or both.
//!
//! Every setting is one line of `settings!` below; docs/config.md is made of them. Unknown keys are refused, since a
//! misspelt one would be ignored in silence.

use crate::calls::{Listen, Ports};
use anyhow::{Context as _, Result, bail};
use secrecy::SecretString;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

macro_rules! settings {
    ($($(#[doc = $doc:literal])* $field:ident: $type:ty = $default:expr, $env:literal, $example:literal;)*) => {
        /// The settings of one process.
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub(crate) struct Config {
            $($(#[doc = $doc])* pub(crate) $field: $type,)*
            /// Settings templates of one's own, beside the built-in catalogue.
            pub(crate) templates: Vec<domain::template::Template>,
        }

        impl Default for Config {
            fn default() -> Self {
                Self { $($field: $default,)* templates: Vec::new() }
            }
        }

        /// Every setting: its key, its environment variable, an example, and what it is for.
        pub(crate) const DESCRIPTIONS: &[Description] = &[
            $(Description { key: stringify!($field), env: $env, example: $example, lines: &[$($doc),*] }),*
        ];

        impl Config {
            /// Takes what stands in the environment in place of what stands in the file.
            fn overlay(&mut self, environment: impl Fn(&str) -> Option<String>) -> Result<()> {
                $(if let Some(text) = environment($env) {
                    self.$field = from_text(&text).with_context(|| format!("read the environment variable {}", $env))?;
                })*
                Ok(())
            }
        }
    };
}

/// One setting, as documentation.
pub(crate) struct Description {
    pub(crate) key: &'static str,
    pub(crate) env: &'static str,
    pub(crate) example: &'static str,
    pub(crate) lines: &'static [&'static str],
}

settings! {
    /// Where the log, the read models and the bot's tables are: `sqlite://PATH` for one process,
    /// `postgres://USER:PASSWORD@HOST/NAME` for any number of them.
    database: String = "sqlite://tandem.db".to_owned(), "TANDEM_DATABASE", "\"sqlite:///var/lib/tandem/tandem.db\"";
    /// The file with the operator's keys, which wrap the keys of all secrets. Make it with `tandem key new`, keep a copy
    /// apart from the database, and never lose it.
    key_file: PathBuf = PathBuf::from("tandem.keys"), "TANDEM_KEY_FILE", "\"/etc/tandem/keys\"";
    /// The bot's token, as BotFather gives it. Better in the environment, or in `bot_token_file`.
    bot_token: Option<SecretString> = None, "TANDEM_BOT_TOKEN", "\"123456789:AA…\"";
    /// A file that holds the bot's token and nothing else.
    bot_token_file: Option<PathBuf> = None, "TANDEM_BOT_TOKEN_FILE", "\"/etc/tandem/bot-token\"";
    /// Where the Bot API answers; set it for a local Bot API server or the emulated Telegram.
    bot_api_url: String = "https://api.telegram.org".to_owned(), "TANDEM_BOT_API_URL", "\"http://127.0.0.1:8081\"";
    /// The public HTTPS address that Telegram sends updates to; the bot adds a path and a secret header, both made of the
    /// token. Without it the bot asks for updates (long polling), which needs no open port.
    webhook_url: Option<String> = None, "TANDEM_WEBHOOK_URL", "\"https://bot.example.org\"";
    /// Where the webhook listens, behind your TLS proxy.
    webhook_listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8443)), "TANDEM_WEBHOOK_LISTEN", "\"127.0.0.1:8443\"";
    /// The public HTTPS address of the web phone, which opens inside Telegram; `/phone/` is its path. Without it the bot
    /// offers no phone page.
    phone_url: Option<String> = None, "TANDEM_PHONE_URL", "\"https://calls.example.org/phone/\"";
    /// How many SIP accounts one person may own: 1 to 10000.
    accounts_per_owner: u32 = 20, "TANDEM_ACCOUNTS_PER_OWNER", "20";
    /// How many messages the bot sends a second at most: 1 to 10000. Telegram takes about 30 of an ordinary bot.
    messages_per_second: u32 = 25, "TANDEM_MESSAGES_PER_SECOND", "25";
    /// Which messages are logged, in the syntax of `tracing`'s EnvFilter.
    log_filter: String = "info,sqlx=warn,grammers=warn".to_owned(), "TANDEM_LOG", "\"info,bot_gateway=debug\"";
    /// Log lines as JSON, for machines.
    log_json: bool = false, "TANDEM_LOG_JSON", "true";
    /// Where Prometheus finds metrics and load balancers `/healthz`; nowhere unless set.
    metrics_listen: Option<SocketAddr> = None, "TANDEM_METRICS_LISTEN", "\"127.0.0.1:9464\"";
    /// Where SIP over UDP is spoken, or `off`.
    sip_udp: Listen = Listen(Some(SocketAddr::from(([0, 0, 0, 0], 5060)))), "TANDEM_SIP_UDP", "\"0.0.0.0:5060\"";
    /// Where SIP over TCP is listened for, or `off`: accounts that use TCP work without it.
    sip_tcp: Listen = Listen(None), "TANDEM_SIP_TCP", "\"0.0.0.0:5060\"";
    /// Where SIP over TLS is listened for, or `off`: accounts that use TLS work without it.
    sip_tls: Listen = Listen(None), "TANDEM_SIP_TLS", "\"0.0.0.0:5061\"";
    /// The certificate chain for `sip_tls`, as PEM.
    sip_tls_certificate: Option<PathBuf> = None, "TANDEM_SIP_TLS_CERTIFICATE", "\"/etc/tandem/sip.pem\"";
    /// The private key for `sip_tls`, as PEM.
    sip_tls_key: Option<PathBuf> = None, "TANDEM_SIP_TLS_KEY", "\"/etc/tandem/sip.key\"";
    /// The address under which providers, PBXes and browsers reach this machine, if it differs from its own (behind NAT).
    public_address: Option<IpAddr> = None, "TANDEM_PUBLIC_ADDRESS", "\"203.0.113.10\"";
    /// How many calls may go on at one time; past it a caller hears that the service is unavailable.
    max_calls: usize = 1_000, "TANDEM_MAX_CALLS", "1000";
    /// How many accounts are registered a second at one registrar after a start: 1 to 1000.
    registrations_per_second: u32 = 50, "TANDEM_REGISTRATIONS_PER_SECOND", "50";
    /// Log each call's SIP messages when it is over, without secrets and with numbers shortened: to look for a fault.
    sip_trace: bool = false, "TANDEM_SIP_TRACE", "true";
    /// The address that sound is received at.
    media_address: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED), "TANDEM_MEDIA_ADDRESS", "\"0.0.0.0\"";
    /// The UDP ports that sound is received at; a call with a SIP side takes two of them.
    rtp_ports: Ports = Ports(20_000..=29_999), "TANDEM_RTP_PORTS", "\"20000-29999\"";
    /// How many threads carry sound; 0 takes one for each core but one, at most four.
    media_threads: usize = 0, "TANDEM_MEDIA_THREADS", "2";
    /// Whether callers on hold hear music; if not, silence.
    hold_music: bool = true, "TANDEM_HOLD_MUSIC", "true";
    /// The music that callers on hold hear: a WAV file; without one, Tandem's own.
    music_on_hold: Option<PathBuf> = None, "TANDEM_MUSIC_ON_HOLD", "\"/etc/tandem/hold.wav\"";
    /// A call whose far side sends nothing for so many seconds is ended.
    media_silence_seconds: u64 = 60, "TANDEM_MEDIA_SILENCE_SECONDS", "60";
    /// Where the web phone is served, behind your TLS proxy.
    phone_listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8444)), "TANDEM_PHONE_LISTEN", "\"127.0.0.1:8444\"";
    /// The UDP port that the web phone's sound comes to; each further media thread takes the next one. 0: any free ports.
    phone_media_port: u16 = 3_479, "TANDEM_PHONE_MEDIA_PORT", "3479";
    /// Pages that may use the web phone's connection; empty means any, since Telegram's signature is what lets people in.
    phone_origins: Vec<String> = Vec::new(), "TANDEM_PHONE_ORIGINS", "[\"https://phone.example.org\"]";
    /// STUN servers for the web phone.
    stun_servers: Vec<String> = Vec::new(), "TANDEM_STUN_SERVERS", "[\"stun:turn.example.org:3478\"]";
    /// TURN servers for the web phone, for people behind strict firewalls.
    turn_servers: Vec<String> = Vec::new(), "TANDEM_TURN_SERVERS", "[\"turn:turn.example.org:3478?transport=udp\"]";
    /// The secret shared with the TURN servers (`static-auth-secret` of coturn); of it passwords for a day are made.
    turn_secret: Option<SecretString> = None, "TANDEM_TURN_SECRET", "\"…\"";
    /// The number of your application at Telegram, from my.telegram.org. With it and `telegram_api_hash`, service
    /// accounts call people in Telegram itself: sign one in with `tandem telegram login`. Without it, people are rung in
    /// the web phone only.
    telegram_api_id: Option<i32> = None, "TANDEM_TELEGRAM_API_ID", "1234567";
    /// The secret of that application. Better in the environment, or in `telegram_api_hash_file`.
    telegram_api_hash: Option<SecretString> = None, "TANDEM_TELEGRAM_API_HASH", "\"0123456789abcdef…\"";
    /// A file that holds that secret and nothing else.
    telegram_api_hash_file: Option<PathBuf> = None, "TANDEM_TELEGRAM_API_HASH_FILE", "\"/etc/tandem/telegram-api-hash\"";
    /// How many calls one service account may have at a time; past it others are tried: 1 to 10000.
    telegram_calls_per_account: usize = 200, "TANDEM_TELEGRAM_CALLS_PER_ACCOUNT", "200";
    /// Sign service accounts in at an emulated Telegram in place of the real one: a file as its `GET /sim/mtproto` answers.
    /// For the demo and tests only.
    telegram_test_server: Option<PathBuf> = None, "TANDEM_TELEGRAM_TEST_SERVER", "\"/tmp/telegram.json\"";
    /// Whether a second call comes through while a person talks. If not, its caller hears busy.
    parallel_calls: bool = true, "TANDEM_PARALLEL_CALLS", "true";
    /// How many seconds anybody's phone rings.
    ring_seconds: u64 = 90, "TANDEM_RING_SECONDS", "90";
    /// How many seconds a person has to call by themselves, to be connected with the number that they sent: where they have
    /// switched callback off, and while Telegram limits calls that go out.
    call_window_seconds: u64 = 60, "TANDEM_CALL_WINDOW_SECONDS", "60";
    /// How many seconds a caller waits for a person who has no phone open at the moment.
    wait_for_phone_seconds: u64 = 20, "TANDEM_WAIT_FOR_PHONE_SECONDS", "20";
    /// The greatest length of a call in minutes; 0 for any.
    max_call_minutes: u64 = 240, "TANDEM_MAX_CALL_MINUTES", "240";
    /// The greatest length of a recording in minutes.
    recording_minutes: u64 = 120, "TANDEM_RECORDING_MINUTES", "120";
    /// Whether a recording that was started by hand may be as long as any other; if not, it ends after fifteen seconds.
    manual_recording_unlimited: bool = true, "TANDEM_MANUAL_RECORDING_UNLIMITED", "true";
    /// Follow the clock of an emulated Telegram in place of the machine's. For the demo and tests only.
    follow_clock: Option<String> = None, "TANDEM_FOLLOW_CLOCK", "\"http://127.0.0.1:8420/sim/clock\"";
}

impl Config {
    /// Reads the file, if one is given, and lays the environment over it.
    ///
    /// # Errors
    ///
    /// The file can't be read, has a key nobody knows, or a value out of range.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self> {
        let mut config = match file {
            Some(file) => {
                let text =
                    std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
                toml::from_str(&text).with_context(|| format!("understand {}", file.display()))?
            }
            None => Self::default(),
        };
        config.overlay(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))?;
        config.check()?;
        Ok(config)
    }

    /// The bot's token, from wherever it is set.
    ///
    /// # Errors
    ///
    /// It is set nowhere, or its file can't be read.
    pub(crate) fn token(&self) -> Result<SecretString> {
        if let Some(token) = &self.bot_token {
            return Ok(token.clone());
        }
        let Some(file) = &self.bot_token_file else {
            bail!(
                "the bot's token is not set: get one from @BotFather and put it into the environment variable \
                 TANDEM_BOT_TOKEN, or its file's name into `bot_token_file`"
            )
        };
        secret_in(file)
    }

    /// The secret of the operator's application at Telegram, from wherever it is set.
    ///
    /// # Errors
    ///
    /// Its file can't be read.
    pub(crate) fn telegram_secret(&self) -> Result<Option<SecretString>> {
        match (&self.telegram_api_hash, &self.telegram_api_hash_file) {
            (Some(secret), _) => Ok(Some(secret.clone())),
            (None, Some(file)) => secret_in(file).map(Some),
            (None, None) => Ok(None),
        }
    }

    fn check(&self) -> Result<()> {
        if !(1..=10_000).contains(&self.accounts_per_owner) {
            bail!("`accounts_per_owner` is {}, and has to be from 1 to 10000", self.accounts_per_owner);
        }
        if !(1..=10_000).contains(&self.messages_per_second) {
            bail!("`messages_per_second` is {}, and has to be from 1 to 10000", self.messages_per_second);
        }
        if !(1..=10_000).contains(&self.telegram_calls_per_account) {
            let calls = self.telegram_calls_per_account;
            bail!("`telegram_calls_per_account` is {calls}, and has to be from 1 to 10000");
        }
        if self
            .webhook_url
            .as_ref()
            .is_some_and(|url| !url.starts_with("https://") && !url.starts_with("http://127."))
        {
            bail!("`webhook_url` has to begin with https://: Telegram takes no other");
        }
        Ok(())
    }
}

/// The secret that a file holds.
fn secret_in(file: &Path) -> Result<SecretString> {
    let secret = std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    Ok(SecretString::from(secret.trim()))
}

/// A value as an environment variable holds it: as in TOML, where text needs no quotes.
fn from_text<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T> {
    #[derive(Deserialize)]
    struct One<T> {
        value: T,
    }
    let bare = toml::from_str::<One<T>>(&format!("value = {text}"));
    if let Ok(One { value }) = bare {
        return Ok(value);
    }
    let quoted = toml::Value::String(text.to_owned());
    match toml::from_str::<One<T>>(&format!("value = {quoted}")) {
        Ok(One { value }) => Ok(value),
        // Where it stands in a file that nobody has written helps nobody.
        Err(error) => bail!("{}", error.message()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn the_environment_wins_over_the_file() {
        let mut config: Config =
            toml::from_str("database = \"sqlite://a.db\"\naccounts_per_owner = 3").expect("valid");
        let environment = HashMap::from([
            ("TANDEM_DATABASE", "postgres://tandem@db/tandem"),
            ("TANDEM_LOG_JSON", "true"),
            ("TANDEM_BOT_TOKEN", "123:winter"),
        ]);

        config.overlay(|name| environment.get(name).map(|it| (*it).to_owned())).expect("valid");

        assert_eq!(config.database, "postgres://tandem@db/tandem");
        assert!(config.log_json);
        assert_eq!(config.accounts_per_owner, 3);
        assert!(!format!("{config:?}").contains("winter"), "a token is never printed");
    }

    #[test]
    fn a_secret_may_stand_in_a_file_of_its_own() {
        use secrecy::ExposeSecret as _;
        // Any file will do; a text editor ends it with a line feed.
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let text = std::fs::read_to_string(&file).expect("there");
        let config = Config { telegram_api_hash_file: Some(file), ..Config::default() };
        let secret = config.telegram_secret().expect("read").expect("set");
        assert_eq!(secret.expose_secret(), text.strip_suffix('\n').expect("ends with a line feed"));
    }

    #[test]
    fn a_misspelt_key_is_refused() {
        let error = toml::from_str::<Config>("databse = \"sqlite://a.db\"").expect_err("misspelt");
        assert!(error.to_string().contains("databse"), "{error}");
    }

    #[test]
    fn a_webhook_is_behind_tls() {
        let config = Config { webhook_url: Some("http://bot.example.org".into()), ..Config::default() };
        assert!(config.check().is_err());
    }

    #[test]
    fn every_example_is_valid() {
        let text: String = DESCRIPTIONS.iter().map(|it| format!("{} = {}\n", it.key, it.example)).collect();
        toml::from_str::<Config>(&text).expect("docs/config.md shows only what works");
    }
}
