//! Requests to Telegram on behalf of one account.

use super::call::Trouble;
use super::session::Session;
use domain::call::codes;
use grammers_mtsender::{ConnectionParams, InvocationError, NoRetries, RpcError, SenderPoolHandle};
use grammers_tl_types::name_for_id;
use grammers_tl_types::{Deserializable as _, RemoteCall};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// Updates that may wait to be taken off the connection; they are taken at once, so this is for the moment when the
/// gateway is behind. grammers drops what is too much. The account's line then asks for the difference, which has the
/// messages among them; what calls were told is lost, since it is numbered by nothing.
pub(super) const UPDATES: NonZeroUsize = NonZeroUsize::new(16_384).expect("not zero");

/// A request that has no answer for so long has none.
const ANSWER: Duration = Duration::from_secs(30);

/// Between two tries while Telegram can't be reached.
const PAUSE: Duration = Duration::from_millis(250);

/// Telegram's code for its limits.
const LIMIT: i32 = 420;

/// How long an account is left alone when Telegram has limited it for calling strangers and does not say for how long.
const PEER_FLOOD: Duration = Duration::from_secs(60 * 60);

/// Asks Telegram. Cheap to clone; it outlives connections.
#[derive(Clone)]
pub(super) struct Api(Arc<Inner>);

struct Inner {
    session: Arc<Session>,
    connection: Mutex<Option<SenderPoolHandle>>,
    /// Methods, by their constructors, that Telegram does not want to be asked before then (`FLOOD_WAIT`).
    quiet: Mutex<HashMap<u32, Instant>>,
}

/// What became of a request.
#[derive(Debug)]
pub(super) struct Outcome<T> {
    pub(super) answer: Result<T, Trouble>,
    /// Telegram may have carried it out at an earlier try, whose answer was lost: this one is about a repetition.
    pub(super) repeated: bool,
}

impl Api {
    /// Of a session that is not connected yet.
    pub(super) fn new(session: Arc<Session>) -> Self {
        Self(Arc::new(Inner { session, connection: Mutex::default(), quiet: Mutex::default() }))
    }

    /// From now on requests take this connection; none: there is none.
    pub(super) fn set_connection(&self, connection: Option<SenderPoolHandle>) {
        *lock(&self.0.connection) = connection;
    }

    /// Asks once. For so long as Telegram wants to be left alone with this method, it is not asked at all.
    ///
    /// # Errors
    ///
    /// Telegram refuses or can't be reached.
    pub(super) async fn ask<R: RemoteCall>(&self, request: &R) -> Result<R::Return, Trouble> {
        self.attempt(request).await.answer
    }

    /// Asks again and again for so long as Telegram can't be reached: the connection is being made anew. A refusal is an
    /// answer, a limit (`FLOOD_WAIT`) too.
    ///
    /// # Errors
    ///
    /// As [`Api::ask`].
    pub(super) async fn ask_for<R: RemoteCall>(
        &self,
        patience: Duration,
        request: &R,
    ) -> Result<R::Return, Trouble> {
        self.insist(patience, request).await.answer
    }

    /// As [`Api::ask_for`], and says whether the answer is about a repetition.
    pub(super) async fn insist<R: RemoteCall>(&self, patience: Duration, request: &R) -> Outcome<R::Return> {
        let end = Instant::now() + patience;
        let mut repeated = false;
        loop {
            let Attempt { answer, was_sent } = self.attempt(request).await;
            let again = Instant::now() + PAUSE;
            if !matches!(answer, Err(Trouble::Unreachable)) || again >= end {
                return Outcome { answer, repeated };
            }
            repeated |= was_sent;
            sleep_until(again).await;
        }
    }

    async fn attempt<R: RemoteCall>(&self, request: &R) -> Attempt<R::Return> {
        let request = request.to_bytes();
        let method = constructor(&request);
        if let Some(left) = self.quiet(method) {
            return Attempt { answer: Err(Trouble::Flood(left)), was_sent: false };
        }
        let Some(connection) = lock(&self.0.connection).clone() else {
            return Attempt { answer: Err(Trouble::Unreachable), was_sent: false };
        };
        let asked = connection.raw_invoke_in_dc(self.0.session.home(), request);
        let answer = match timeout(ANSWER, asked).await {
            Ok(Ok(answer)) => R::Return::from_bytes(&answer).map_err(|_| Trouble::Nonsense),
            Ok(Err(error)) => Err(self.trouble(method, error)),
            Err(_) => Err(Trouble::Unreachable),
        };
        Attempt { answer, was_sent: true }
    }

    /// For how long Telegram still does not want to be asked this.
    fn quiet(&self, method: u32) -> Option<Duration> {
        let now = Instant::now();
        let mut quiet = lock(&self.0.quiet);
        quiet.retain(|_, until| *until > now);
        quiet.get(&method).map(|until| *until - now)
    }

    fn trouble(&self, method: u32, error: InvocationError) -> Trouble {
        let is_limit = matches!(&error, InvocationError::Rpc(error) if error.code == LIMIT);
        let trouble = trouble(error);
        if trouble.is_used_twice() {
            tracing::error!(
                "the session of a service account was used from two places at once, so Telegram has ended it: \
                 let one installation alone have the account, and sign in again with `tandem telegram login`"
            );
        }
        if let Trouble::Flood(wait) = trouble
            && is_limit
        {
            let (method, until) = (method, Instant::now() + wait);
            lock(&self.0.quiet).insert(method, until);
            metrics::counter!("tandem_telegram_limits").increment(1);
            tracing::warn!(
                method = name_for_id(method),
                seconds = wait.as_secs(),
                "Telegram wants to be left alone"
            );
        }
        trouble
    }
}

/// One try.
struct Attempt<T> {
    answer: Result<T, Trouble>,
    was_sent: bool,
}

/// The method of a request: its first four bytes.
fn constructor(request: &[u8]) -> u32 {
    request.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How we connect: nothing is sent twice behind our back.
pub(super) fn connection() -> ConnectionParams {
    ConnectionParams {
        device_model: "Tandem".to_owned(),
        system_version: std::env::consts::OS.to_owned(),
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
        system_lang_code: "en".to_owned(),
        lang_code: "en".to_owned(),
        retry_policy: Box::new(NoRetries),
        updates_channel_capacity: UPDATES,
        ..ConnectionParams::default()
    }
}

/// What a failed request means.
fn trouble(error: InvocationError) -> Trouble {
    match error {
        InvocationError::Rpc(error) => refusal(error),
        InvocationError::Io(_)
        | InvocationError::Transport(_)
        | InvocationError::Dropped(_)
        | InvocationError::Authentication(_)
        | InvocationError::InvalidDc
        | InvocationError::Session(_) => Trouble::Unreachable,
        InvocationError::Deserialize(_) => Trouble::Nonsense,
    }
}

fn refusal(error: RpcError) -> Trouble {
    match (error.code, error.name.as_str(), error.value) {
        (LIMIT, _, seconds) => Trouble::Flood(Duration::from_secs(u64::from(seconds.unwrap_or(60)))),
        (_, "PEER_FLOOD", _) => Trouble::Flood(PEER_FLOOD),
        // Telegram's own servers did not answer one another in time.
        (-503, _, _) | (_, "TIMEOUT", _) => Trouble::slow(),
        (code, name, value) => {
            let words = value.map_or_else(|| name.to_owned(), |value| format!("{name}_{value}"));
            let code = u16::try_from(code.unsigned_abs()).unwrap_or(500);
            Trouble::Refused { code, words }
        }
    }
}

impl Trouble {
    /// Whether Telegram says that the session is no longer signed in.
    pub(super) fn is_signed_out(&self) -> bool {
        let is_ended =
            matches!(self, Self::Refused { code: 401, words } if words != "SESSION_PASSWORD_NEEDED");
        is_ended || self.is_used_twice()
    }

    /// Whether Telegram has ended the session because two connections from different places used it at once: its key is
    /// worth nothing any more (<https://core.telegram.org/api/errors#406-not-acceptable>).
    pub(super) fn is_used_twice(&self) -> bool {
        matches!(self, Self::Refused { code: 406, words } if words == "AUTH_KEY_DUPLICATED")
    }

    fn slow() -> Self {
        let (code, words) = codes::TELEGRAM_TIMEOUT;
        Self::Refused { code, words: words.to_owned() }
    }

    /// Whether Telegram's own servers did not answer one another in time. It may have carried the request out.
    pub(super) fn is_slow(&self) -> bool {
        *self == Self::slow()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use grammers_tl_types::{Serializable as _, functions};

    fn rpc(code: i32, name: &str, value: Option<u32>) -> Trouble {
        refusal(RpcError { code, name: name.to_owned(), value, caused_by: None })
    }

    #[test]
    fn limits_say_how_long_they_last() {
        assert_eq!(rpc(420, "FLOOD_WAIT", Some(37)), Trouble::Flood(Duration::from_secs(37)));
        assert_eq!(rpc(400, "PEER_FLOOD", None), Trouble::Flood(PEER_FLOOD));
    }

    #[test]
    fn an_ended_session_is_told_from_one_that_waits_for_its_password() {
        assert!(rpc(401, "AUTH_KEY_UNREGISTERED", None).is_signed_out());
        assert!(!rpc(401, "SESSION_PASSWORD_NEEDED", None).is_signed_out());
        assert!(!rpc(403, "USER_PRIVACY_RESTRICTED", None).is_signed_out());
    }

    #[test]
    fn a_slow_telegram_is_a_timeout() {
        let words = "Timeout of waiting RPC result".to_owned();
        assert_eq!(rpc(-503, "Timeout", None), Trouble::Refused { code: 408, words });
        assert!(rpc(-503, "Timeout", None).is_slow() && !rpc(400, "CALL_PEER_INVALID", None).is_slow());
    }

    #[test]
    fn a_session_that_was_used_from_two_places_is_ended() {
        let twice = rpc(406, "AUTH_KEY_DUPLICATED", None);
        assert!(twice.is_signed_out() && twice.is_used_twice());
        assert!(!rpc(406, "CALL_PROTOCOL_COMPAT_LAYER_INVALID", None).is_signed_out());
    }

    #[tokio::test]
    async fn a_method_that_telegram_limits_is_left_alone_until_then_and_no_other() {
        let api = Api::new(Arc::new(Session::new()));
        let (limited, other) = (functions::updates::GetState {}, functions::help::GetConfig {});
        let method = constructor(&limited.to_bytes());
        let limit = |seconds| {
            let (name, value) = ("FLOOD_WAIT".to_owned(), Some(seconds));
            InvocationError::Rpc(RpcError { code: LIMIT, name, value, caused_by: None })
        };
        assert_eq!(api.trouble(method, limit(37)), Trouble::Flood(Duration::from_secs(37)));
        let refused = api.ask(&limited).await.expect_err("a limit");
        assert!(matches!(refused, Trouble::Flood(left) if left > Duration::from_secs(30)), "{refused:?}");
        assert_eq!(api.ask(&other).await.expect_err("not connected"), Trouble::Unreachable);

        api.trouble(method, limit(0));
        assert_eq!(api.ask(&limited).await.expect_err("not connected"), Trouble::Unreachable, "it is over");
    }
}
