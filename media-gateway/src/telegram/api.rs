//! Requests to Telegram on behalf of one account.

use super::call::Trouble;
use super::session::Session;
use grammers_mtsender::{ConnectionParams, InvocationError, NoRetries, RpcError, SenderPoolHandle};
use grammers_tl_types::{Deserializable as _, RemoteCall};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// Updates that may wait to be taken off the connection; they are taken at once, so this is for the moment when the
/// gateway is behind. grammers drops what is too much, and the account's line then asks for the difference.
pub(super) const UPDATES: NonZeroUsize = NonZeroUsize::new(16_384).expect("not zero");

/// A request that has no answer for so long has none.
const ANSWER: Duration = Duration::from_secs(30);

/// Between two tries while Telegram can't be reached.
const PAUSE: Duration = Duration::from_millis(250);

/// How long an account is left alone when Telegram has limited it for calling strangers and does not say for how long.
const PEER_FLOOD: Duration = Duration::from_secs(60 * 60);

/// Asks Telegram. Cheap to clone; it outlives connections.
#[derive(Clone)]
pub(super) struct Api(Arc<Inner>);

struct Inner {
    session: Arc<Session>,
    connection: Mutex<Option<SenderPoolHandle>>,
}

impl Api {
    /// Of a session that is not connected yet.
    pub(super) fn new(session: Arc<Session>) -> Self {
        Self(Arc::new(Inner { session, connection: Mutex::new(None) }))
    }

    /// From now on requests take this connection; none: there is none.
    pub(super) fn set_connection(&self, connection: Option<SenderPoolHandle>) {
        *self.0.connection.lock().unwrap_or_else(PoisonError::into_inner) = connection;
    }

    /// Asks once.
    ///
    /// # Errors
    ///
    /// Telegram refuses or can't be reached.
    pub(super) async fn ask<R: RemoteCall>(&self, request: &R) -> Result<R::Return, Trouble> {
        let connection = self.0.connection.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let connection = connection.ok_or(Trouble::Unreachable)?;
        let asked = connection.raw_invoke_in_dc(self.0.session.home(), request.to_bytes());
        let answer = match timeout(ANSWER, asked).await {
            Ok(answer) => answer.map_err(trouble)?,
            Err(_) => return Err(Trouble::Unreachable),
        };
        R::Return::from_bytes(&answer).map_err(|_| Trouble::Nonsense)
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
        let end = Instant::now() + patience;
        loop {
            let answer = self.ask(request).await;
            let again = Instant::now() + PAUSE;
            if !matches!(answer, Err(Trouble::Unreachable)) || again >= end {
                return answer;
            }
            sleep_until(again).await;
        }
    }
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
pub(super) fn trouble(error: InvocationError) -> Trouble {
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
        (420, _, seconds) => Trouble::Flood(Duration::from_secs(u64::from(seconds.unwrap_or(60)))),
        (_, "PEER_FLOOD", _) => Trouble::Flood(PEER_FLOOD),
        // Telegram's own servers did not answer one another in time.
        (-503, _, _) | (_, "TIMEOUT", _) => {
            Trouble::Refused { code: 408, words: "Timeout of waiting RPC result".to_owned() }
        }
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
        matches!(self, Self::Refused { code: 401, words } if words != "SESSION_PASSWORD_NEEDED")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(rpc(-503, "TIMEOUT", None), Trouble::Refused { code: 408, words });
    }
}
