//! Serves the chat page: plain HTML, CSS and JavaScript modules, built into the program.

use crate::telegram::Telegram;
use axum::{
    Router,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use std::sync::Arc;

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Each file: where it is served, what it is, and its text.
const FILES: &[(&str, &str, &str)] = &[
    ("/", HTML, include_str!("../web/index.html")),
    ("/index.html", HTML, include_str!("../web/index.html")),
    ("/style.css", STYLE, include_str!("../web/style.css")),
    ("/app.js", SCRIPT, include_str!("../web/app.js")),
    ("/chat.js", SCRIPT, include_str!("../web/chat.js")),
    ("/inline.js", SCRIPT, include_str!("../web/inline.js")),
    ("/message.js", SCRIPT, include_str!("../web/message.js")),
    ("/miniapp.js", SCRIPT, include_str!("../web/miniapp.js")),
    ("/parts.js", SCRIPT, include_str!("../web/parts.js")),
    ("/person.js", SCRIPT, include_str!("../web/person.js")),
    ("/phone.js", SCRIPT, include_str!("../web/phone.js")),
    ("/sheets.js", SCRIPT, include_str!("../web/sheets.js")),
    ("/telegram-app.js", SCRIPT, include_str!("../web/telegram-app.js")),
];

/// What the page may load: nothing from elsewhere but the phone's modules and socket. Mini Apps are frames; colours of
/// single elements are set inline.
fn policy(phone: Option<&str>) -> String {
    let phone =
        phone.and_then(|url| reqwest::Url::parse(url).ok()).map(|url| url.origin().ascii_serialization());
    let (script, connect) = phone.map_or_else(Default::default, |origin| {
        let socket = origin.replacen("http", "ws", 1);
        (format!(" {origin}"), format!(" {origin} {socket}"))
    });
    format!(
        "default-src 'self'; script-src 'self'{script}; connect-src 'self'{connect}; frame-src http: https:; \
         style-src 'self' 'unsafe-inline'; img-src 'self' data:"
    )
}

/// The page's files; `phone` is where phones connect.
pub(crate) fn router(phone: Option<&str>) -> Router<Arc<Telegram>> {
    let policy = policy(phone);
    FILES.iter().fold(Router::new(), |router, &(path, kind, text)| {
        let policy = policy.clone();
        router.route(path, get(move || async move { answer(kind, text, policy) }))
    })
}

fn answer(kind: &'static str, text: &'static str, policy: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_may_reach_its_phone_and_nothing_else() {
        let policy = policy(Some("https://calls.example.org:8443/phone/"));
        assert!(policy.contains("script-src 'self' https://calls.example.org:8443;"), "{policy}");
        assert!(
            policy
                .contains("connect-src 'self' https://calls.example.org:8443 wss://calls.example.org:8443;")
        );
        assert!(super::policy(None).contains("script-src 'self'; connect-src 'self';"));
    }

    #[test]
    fn every_module_that_the_page_imports_is_served() {
        let imported = FILES.iter().flat_map(|(_, _, text)| text.split("from \"./").skip(1));
        for module in imported.map(|rest| rest.split('"').next().unwrap()) {
            assert!(FILES.iter().any(|(path, _, _)| path.strip_prefix('/') == Some(module)), "{module}");
        }
    }
}
