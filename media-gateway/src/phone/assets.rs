//! The files of the web phone, in the binary itself.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// One file.
struct Asset {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
}

macro_rules! assets {
    ($($name:literal: $kind:expr),+ $(,)?) => {
        const ASSETS: &[Asset] = &[
            $(Asset { name: $name, kind: $kind, text: include_str!(concat!("../../web/", $name)) }),+
        ];
    };
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

assets! {
    "index.html": "text/html; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "call.js": SCRIPT,
    "dialling.js": SCRIPT,
    "dom.js": SCRIPT,
    "pad.js": SCRIPT,
    "page.js": SCRIPT,
    "peer.js": SCRIPT,
    "phone-client.js": SCRIPT,
    "ring.js": SCRIPT,
    "telegram.js": SCRIPT,
    "words.js": SCRIPT,
}

/// Only what comes from here is run; the page may be shown inside Telegram, which is where it lives.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self' ws: wss:; media-src 'self' blob: mediastream:; base-uri 'none'; form-action 'none'";

/// A file by its name; the page for none.
pub(super) fn serve(name: &str) -> Response {
    let name = if name.is_empty() { "index.html" } else { name };
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_TYPE, asset.kind);
    set(header::CACHE_CONTROL, "no-cache");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(HeaderName::from_static("permissions-policy"), "microphone=(self), camera=(), geolocation=()");
    // Other pages may use the client: it lets nobody in by itself.
    set(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    (headers, asset.text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_web_phone_is_served() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/web");
        let files = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry"));
        for file in files.filter(|file| file.file_type().is_ok_and(|kind| kind.is_file())) {
            let name = file.file_name().into_string().expect("a name");
            assert_eq!(serve(&name).status(), StatusCode::OK, "{name}");
        }
    }

    #[test]
    fn the_page_runs_nothing_but_its_own_scripts() {
        let page = serve("");
        let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"));
        assert_eq!(serve("../Cargo.toml").status(), StatusCode::NOT_FOUND);
    }
}
