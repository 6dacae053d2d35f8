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
    ("/parts.js", SCRIPT, include_str!("../web/parts.js")),
    ("/person.js", SCRIPT, include_str!("../web/person.js")),
    ("/sheets.js", SCRIPT, include_str!("../web/sheets.js")),
];

/// What the page may load: nothing from elsewhere. Colours of single elements are set inline.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

/// The page's files.
pub(crate) fn router() -> Router<Arc<Telegram>> {
    FILES.iter().fold(Router::new(), |router, &(path, kind, text)| {
        router.route(path, get(move || async move { answer(kind, text) }))
    })
}

fn answer(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_that_the_page_imports_is_served() {
        let imported = FILES.iter().flat_map(|(_, _, text)| text.split("from \"./").skip(1));
        for module in imported.map(|rest| rest.split('"').next().unwrap()) {
            assert!(FILES.iter().any(|(path, _, _)| path.strip_prefix('/') == Some(module)), "{module}");
        }
    }
}
