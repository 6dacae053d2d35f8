//! Calls of the Bot API over HTTP. The token stands in the address of every call, so no error of ours ever holds one.

use super::draw::Request;
use super::error_class::ErrorClass;
use event_store::log::Fault;
use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::fmt;
use std::time::Duration;

/// How to reach the Bot API.
#[derive(Debug, Clone)]
pub struct Api {
    /// The address of the server without a slash at its end: `https://api.telegram.org`, or an own one.
    pub url: String,
    /// The bot's token, as BotFather gives it.
    pub token: SecretString,
}

/// How long a call may take, as long as nobody waits for it.
const CALL: Duration = Duration::from_secs(30);

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// The largest text file that is fetched, in bytes.
pub(crate) const MAX_TEXT_FILE: u32 = 256 * 1024;

/// Calls the Bot API. Clones share their connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    api: Api,
}

/// Why a call did not do what it was to do.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(crate) struct CallError {
    pub(crate) class: ErrorClass,
    /// What Telegram or the network said; never the address, which holds the token.
    pub(crate) text: String,
}

#[derive(Deserialize)]
struct Answer<'a> {
    ok: bool,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(default)]
    error_code: u16,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Deserialize, Default)]
struct Parameters {
    retry_after: Option<u64>,
}

impl Client {
    /// A client of this server.
    ///
    /// # Errors
    ///
    /// The machine has no source of randomness or no certificates that TLS could use.
    pub fn new(api: Api) -> Result<Self, Fault> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .tcp_nodelay(true)
            .build()
            .map_err(|error| Fault::new("make an HTTP client", error.without_url()))?;
        Ok(Self { http, api })
    }

    /// The token, from which the webhook's secrets are made.
    pub(crate) fn token(&self) -> &SecretString {
        &self.api.token
    }

    /// Calls a method; gives its result as JSON text.
    pub(crate) async fn call(&self, request: &Request) -> Result<String, CallError> {
        self.call_within(request, CALL).await
    }

    /// Calls a method that has to be done within this time.
    pub(crate) async fn call_within(&self, request: &Request, time: Duration) -> Result<String, CallError> {
        let url = format!("{}/bot{}/{}", self.api.url, self.api.token.expose_secret(), request.method);
        let post = self.http.post(url).timeout(time).header(CONTENT_TYPE, &request.content_type);
        let response = post.body(request.body.clone()).send().await.map_err(|error| self.lost(error))?;
        let status = response.status().as_u16();
        let body = response.text().await.map_err(|error| self.lost(error))?;
        self.read(status, &body)
    }

    /// Fetches a file, as far as it is text of at most [`MAX_TEXT_FILE`] bytes; none if it is not.
    pub(crate) async fn fetch_text(&self, file_id: &str) -> Result<Option<String>, CallError> {
        #[derive(Deserialize)]
        struct File {
            file_path: Option<String>,
        }
        let found = self.call(&Request::new("getFile", &serde_json::json!({ "file_id": file_id }))).await?;
        let file: File = serde_json::from_str(&found).map_err(|error| self.unreadable(&error))?;
        let Some(path) = file.file_path else { return Ok(None) };
        let url = format!("{}/file/bot{}/{path}", self.api.url, self.api.token.expose_secret());
        let mut response = self.http.get(url).timeout(CALL).send().await.map_err(|error| self.lost(error))?;
        if !response.status().is_success() {
            let text = format!("the file can't be fetched: HTTP {}", response.status().as_u16());
            return Err(CallError { class: ErrorClass::Failed, text });
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.lost(error))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_TEXT_FILE as usize {
                return Ok(None);
            }
        }
        Ok(String::from_utf8(bytes).ok())
    }

    fn read(&self, status: u16, body: &str) -> Result<String, CallError> {
        let Ok(answer) = serde_json::from_str::<Answer<'_>>(body) else {
            let class = if status >= 500 { ErrorClass::Failed } else { ErrorClass::Unanswered };
            return Err(CallError { class, text: format!("HTTP {status} without an answer of the Bot API") });
        };
        match answer.result {
            Some(result) if answer.ok => Ok(result.get().to_owned()),
            _ => {
                let code = if answer.error_code == 0 { status } else { answer.error_code };
                let class = ErrorClass::of(code, &answer.description, answer.parameters.retry_after);
                Err(CallError { class, text: self.strip(&format!("{code} {}", answer.description)) })
            }
        }
    }

    fn lost(&self, error: reqwest::Error) -> CallError {
        let class = if error.is_connect() { ErrorClass::Unconnected } else { ErrorClass::Unanswered };
        let error = error.without_url();
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        CallError { class, text: self.strip(&format!("{error}{cause}")) }
    }

    pub(crate) fn unreadable(&self, error: &serde_json::Error) -> CallError {
        let text = format!("the answer is not what the Bot API promises: {error}");
        CallError { class: ErrorClass::Refused, text: self.strip(&text) }
    }

    /// Takes the token out of a text, however it came in.
    fn strip(&self, text: &str) -> String {
        let token = self.api.token.expose_secret();
        if token.is_empty() { text.to_owned() } else { text.replace(token, "[token]") }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("url", &self.api.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_telegram_said_and_never_the_token() {
        let client = client("http://127.0.0.1:1");
        let body = r#"{"ok":false,"error_code":400,"description":"Bad Request: 7:SECRET is odd"}"#;
        let error = client.read(400, body).unwrap_err();
        assert_eq!(error.text, "400 Bad Request: [token] is odd");
        assert!(!format!("{client:?} {:?}", client.api).contains("SECRET"));
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_did_nothing() {
        let error = client("http://127.0.0.1:1").call(&Request::new("getMe", &())).await.unwrap_err();
        assert_eq!(error.class, ErrorClass::Unconnected);
        assert!(!error.text.contains("SECRET"), "{}", error.text);
    }

    #[test]
    fn a_page_of_a_broken_proxy_is_a_failure_of_the_server() {
        let read = |status| client("http://127.0.0.1:1").read(status, "<html>").unwrap_err().class;
        assert_eq!(read(502), ErrorClass::Failed);
        assert_eq!(read(200), ErrorClass::Unanswered);
    }

    fn client(url: &str) -> Client {
        Client::new(Api { url: url.to_owned(), token: "7:SECRET".to_owned().into() }).unwrap()
    }
}
