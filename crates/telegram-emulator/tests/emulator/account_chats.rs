//! The private chats of a service account: what people write to it, and what it writes.

use crate::{
    account::{Account, stage},
    stage::{BOT, Stage},
};
use grammers_client::tl;
use serde_json::json;
use tl::functions::messages;

const NAME: &str = "tandem_calls";

fn peer(user: &tl::types::InputUser) -> tl::enums::InputPeer {
    tl::types::InputPeerUser { user_id: user.user_id, access_hash: user.access_hash }.into()
}

fn text(to: &tl::types::InputUser, message: &str, random_id: i64) -> messages::SendMessage {
    messages::SendMessage {
        no_webpage: true,
        silent: false,
        background: false,
        clear_draft: false,
        noforwards: false,
        update_stickersets_order: false,
        invert_media: false,
        allow_paid_floodskip: false,
        peer: peer(to),
        reply_to: None,
        message: message.to_owned(),
        random_id,
        reply_markup: None,
        entities: None,
        schedule_date: None,
        schedule_repeat_period: None,
        send_as: None,
        quick_reply_shortcut: None,
        effect: None,
        allow_paid_stars: None,
        suggested_post: None,
        rich_message: None,
    }
}

/// The number that a message got.
fn number(updates: tl::enums::Updates) -> i32 {
    let tl::enums::Updates::Updates(updates) = updates else { panic!("{updates:?}") };
    let number = |update: &tl::enums::Update| {
        if let tl::enums::Update::MessageId(named) = update { Some(named.id) } else { None }
    };
    updates.updates.iter().find_map(number).unwrap()
}

async fn message(account: &mut Account) -> tl::types::Message {
    let told = account.told().await;
    let tl::enums::Update::NewMessage(update) = told else { panic!("{told:?}") };
    let tl::enums::Message::Message(message) = update.message else { panic!("{:?}", update.message) };
    message
}

#[tokio::test]
async fn what_people_write_reaches_it() {
    let stage = stage().await;
    let mut account = Account::signed_in(&stage).await;
    stage.act("ivan", "message", json!({"chat": NAME, "text": "600"})).await;
    let written = message(&mut account).await;
    assert_eq!((written.message.as_str(), written.out), ("600", false));
    let contact = json!({"chat": NAME, "phone": "+15550199", "first_name": "Pizza"});
    stage.act("ivan", "contact", contact).await;
    let Some(tl::enums::MessageMedia::Contact(card)) = message(&mut account).await.media else {
        panic!("no card")
    };
    assert_eq!((card.phone_number.as_str(), card.first_name.as_str()), ("15550199", "Pizza"));
    account.close().await;
}

#[tokio::test]
async fn what_was_written_while_it_was_away_is_found_in_the_difference() {
    let stage = stage().await;
    let mut account = Account::signed_in(&stage).await;
    stage.post("fault", json!({"kind": "mtproto_drop"})).await;
    stage.act("ivan", "message", json!({"chat": NAME, "text": "600"})).await;
    assert_eq!(message(&mut account).await.message, "600");
    account.close().await;
}

#[tokio::test]
async fn it_writes_edits_and_deletes() {
    let stage = stage().await;
    let account = Account::signed_in(&stage).await;
    let ivan = account.meets("ivan").await;
    let id = number(account.ok(&text(&ivan, "Calling 600", 1)).await);
    assert_eq!(stage.last("ivan", NAME).await["text"], "Calling 600");
    assert_eq!(
        account.refused(&text(&ivan, "Calling 600", 1)).await,
        (500, "RANDOM_ID_DUPLICATE".to_owned())
    );

    let edit = |words: &str| messages::EditMessage {
        no_webpage: true,
        invert_media: false,
        peer: peer(&ivan),
        id,
        message: Some(words.to_owned()),
        media: None,
        reply_markup: None,
        entities: None,
        schedule_date: None,
        schedule_repeat_period: None,
        quick_reply_shortcut_id: None,
        rich_message: None,
    };
    account.ok(&edit("Talked")).await;
    assert_eq!(stage.last("ivan", NAME).await["text"], "Talked");
    assert_eq!(account.refused(&edit("Talked")).await, (400, "MESSAGE_NOT_MODIFIED".to_owned()));
    account.ok(&messages::DeleteMessages { revoke: true, id: vec![id] }).await;
    assert!(stage.last("ivan", NAME).await.is_null());
    account.close().await;
}

#[tokio::test]
async fn its_own_library_understands_what_it_wrote() {
    let stage = stage().await;
    let account = Account::signed_in(&stage).await;
    let found = account.client.resolve_username("ivan").await.unwrap().unwrap();
    let to = found.to_ref().await.unwrap().unwrap();
    let sent = account.client.send_message(to, "Calling 600").await.unwrap();
    assert_eq!((sent.text(), sent.outgoing()), ("Calling 600", true));
    account.client.edit_message(to, sent.id(), "Talked").await.unwrap();
    stage.sees("ivan", NAME, "Talked").await;
    account.client.delete_messages(to, &[sent.id()]).await.unwrap();
    assert_eq!(stage.get("violations").await, json!([]));
    account.close().await;
}

/// A bot with one result, which has a button.
async fn offers(stage: &Stage, text: &str) {
    let query = stage.update("inline_query").await;
    assert_eq!(query["from"]["id"], 10_099);
    let keys = json!({"inline_keyboard": [[{"text": "1", "callback_data": "key:1"}]]});
    let result = json!({"type": "article", "id": "card", "title": "Card",
        "input_message_content": {"message_text": text}, "reply_markup": keys});
    let answer = json!({"inline_query_id": query["id"], "results": [result], "cache_time": 0});
    stage.bot("answerInlineQuery", answer).await;
}

#[tokio::test]
async fn it_sends_a_bots_keypad_which_the_bot_edits() {
    let stage = stage().await;
    let mut account = Account::signed_in(&stage).await;
    let (ivan, bot) = (account.meets("ivan").await, account.meets(BOT).await);
    let ask = messages::GetInlineBotResults {
        bot: bot.into(),
        peer: peer(&ivan),
        geo_point: None,
        query: "card 42".to_owned(),
        offset: String::new(),
    };
    let (found, ()) = tokio::join!(account.ok(&ask), offers(&stage, "600, ringing"));
    let tl::enums::messages::BotResults::Results(found) = found;
    let tl::enums::BotInlineResult::Result(result) = &found.results[0] else { panic!("no article") };
    assert_eq!((result.id.as_str(), result.title.as_deref()), ("card", Some("Card")));
    let send = messages::SendInlineBotResult {
        silent: false,
        background: false,
        clear_draft: false,
        hide_via: false,
        peer: peer(&ivan),
        reply_to: None,
        random_id: 7,
        query_id: found.query_id,
        id: "card".to_owned(),
        schedule_date: None,
        send_as: None,
        quick_reply_shortcut: None,
        allow_paid_stars: None,
    };
    let id = number(account.ok(&send).await);
    let seen = stage.last("ivan", NAME).await;
    assert_eq!((&seen["via_bot"]["username"], &seen["buttons"][0][0]["text"]), (&json!(BOT), &json!("1")));
    let chosen = stage.update("chosen_inline_result").await;
    assert_eq!((&chosen["from"]["id"], &chosen["query"]), (&json!(10_099), &json!("card 42")));
    let edit = json!({"inline_message_id": chosen["inline_message_id"], "text": "600, talking"});
    stage.bot("editMessageText", edit).await;
    stage.sees("ivan", NAME, "600, talking").await;
    let tl::enums::Update::EditMessage(edited) = account.told().await else { panic!("not edited") };
    assert_eq!(edited.message.id(), id);
    assert_eq!(stage.get("violations").await, json!([]));
    account.close().await;
}
