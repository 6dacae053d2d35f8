//! Mini Apps: buttons that open them, and what they are told.

use crate::stage::{BOT, IVAN, OLGA, Stage};
use serde_json::{Value, json};
use telegram_emulator::{Config, DEMO_TOKEN};

const PHONE: &str = "https://calls.example.org/phone/";

/// Sends a message with one Mini App button to Olga.
async fn offer(stage: &Stage) -> String {
    let keyboard = json!({"inline_keyboard": [[{"text": "Phone", "web_app": {"url": PHONE}}]]});
    let sent =
        stage.bot("sendMessage", json!({"chat_id": OLGA, "text": "1001", "reply_markup": keyboard})).await;
    format!("m{}", sent["message_id"])
}

/// The fields of init data, without percent-encoding.
fn fields(init_data: &str) -> Vec<(String, String)> {
    let url = reqwest::Url::parse(&format!("http://x/?{}", init_data.replace('+', "%2B"))).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

#[tokio::test]
async fn a_button_opens_a_mini_app_that_knows_who_opened_it() {
    let stage = Stage::started().await;
    let message = offer(&stage).await;
    assert_eq!(stage.last("olga", BOT).await["buttons"][0][0]["kind"], "web_app");
    let shown = stage.act("olga", "press", json!({"message": message, "button": "Phone"})).await;
    assert_eq!(shown["shown"], "web_app");
    let url = reqwest::Url::parse(shown["url"].as_str().unwrap()).unwrap();
    assert!(url.as_str().starts_with(PHONE));
    let fragment = fields(url.fragment().unwrap());
    let init_data = &fragment.iter().find(|(name, _)| name == "tgWebAppData").unwrap().1;
    let told = fields(init_data);
    let user: Value = serde_json::from_str(&told.iter().find(|(name, _)| name == "user").unwrap().1).unwrap();
    assert_eq!((user["id"].as_i64(), user["first_name"].as_str()), (Some(OLGA), Some("Olga")));
}

#[tokio::test]
async fn init_data_is_signed_with_the_bots_token() {
    use hmac::{Hmac, Mac};
    let stage = Stage::started().await;
    let url = format!("{}/sim/users/ivan/init-data?bot=tandem_bot", stage.url);
    let answer: Value = stage.http.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["user"], IVAN);
    let mut told = fields(answer["init_data"].as_str().unwrap());
    let hash = told.iter().position(|(name, _)| name == "hash").map(|place| told.remove(place).1).unwrap();
    told.sort();
    let lines: Vec<String> = told.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mac = |key: &[u8], text: &str| {
        let mac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap().chain_update(text);
        mac.finalize().into_bytes().to_vec()
    };
    let right = mac(&mac(b"WebAppData", DEMO_TOKEN), &lines.join("\n"));
    assert_eq!(hash, right.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
}

#[tokio::test]
async fn a_mini_app_is_for_private_chats_and_https() {
    let stage = Stage::started().await;
    let group =
        stage.act("olga", "groups", json!({"title": "Office", "members": ["ivan"], "bots": [BOT]})).await;
    let keyboard = json!({"inline_keyboard": [[{"text": "Phone", "web_app": {"url": PHONE}}]]});
    let there = json!({"chat_id": group["chat"], "text": "1001", "reply_markup": keyboard});
    assert_eq!(stage.raw("sendMessage", &there).await["description"], "Bad Request: BUTTON_TYPE_INVALID");
    let plain =
        json!({"inline_keyboard": [[{"text": "Phone", "web_app": {"url": "http://calls.example.org"}}]]});
    let refused =
        stage.raw("sendMessage", &json!({"chat_id": OLGA, "text": "1001", "reply_markup": plain})).await;
    assert_eq!(
        refused["description"],
        "Bad Request: inline keyboard button Web App URL 'http://calls.example.org' is invalid: Only HTTPS links are allowed"
    );
}

#[tokio::test]
async fn the_menu_button_opens_a_mini_app_too() {
    let stage = Stage::started().await;
    assert_eq!(stage.cannot("olga", "open", json!({"bot": BOT})).await, 400);
    let button = json!({"type": "web_app", "text": "Phone", "web_app": {"url": PHONE}});
    stage.bot("setChatMenuButton", json!({"menu_button": button})).await;
    assert_eq!(stage.bot("getChatMenuButton", json!({})).await, button);
    assert_eq!(stage.chat("olga", BOT).await["bot"]["menu_app"], "Phone");
    let shown = stage.act("olga", "open", json!({"bot": BOT})).await;
    assert!(shown["url"].as_str().unwrap().starts_with(PHONE), "{shown}");
}

#[tokio::test]
async fn the_page_learns_where_phones_are() {
    let stage = Stage::set().await;
    let get = async |stage: &Stage| -> Value {
        stage.http.get(format!("{}/sim/phone", stage.url)).send().await.unwrap().json().await.unwrap()
    };
    assert_eq!(get(&stage).await, json!({}));
    let url = "http://127.0.0.1:8421/phone/".to_owned();
    let stage = Stage::with(Config { phone: Some(url.clone()), ..Config::demo() }).await;
    assert_eq!(get(&stage).await, json!({"url": url}));
}
