//! What people write to service accounts, and what those write.

use crate::world::{IVAN, World, eventually};
use domain::ids::CallId;
use media_gateway::telegram::{Event, Written};
use serde_json::{Value, json};
use telegram_emulator::SERVICE_ACCOUNT;

/// The texts in Ivan's chat with the service account, once there are so many messages.
async fn chat(world: &World, messages: usize) -> Vec<Value> {
    eventually("the chat has so many messages", async || {
        let chat = world.see(&format!("/users/{IVAN}/chats/{SERVICE_ACCOUNT}")).await;
        let seen = chat["messages"].as_array().cloned().unwrap_or_default();
        (seen.len() == messages).then_some(seen)
    })
    .await
}

#[tokio::test]
async fn texts_and_contacts_are_heard_and_answered() {
    let world = World::with_an_account().await;
    let mut office = world.work().await;
    world.writes(IVAN, "tandem_calls", "600").await;
    let Event::Written { user, message } = office.hears().await else { panic!("a text") };
    assert_eq!((user, message), (IVAN, Written::Text("600".to_owned())));

    let contact =
        json!({"chat": "tandem_calls", "phone": "+15550100", "first_name": "Anna", "last_name": "B"});
    world.act(&format!("/users/{IVAN}/contact"), contact).await;
    let Event::Written { message, .. } = office.hears().await else { panic!("a contact") };
    let Written::Contact { numbers, name } = message else { panic!("a contact") };
    assert_eq!((numbers.len(), name.as_str()), (1, "Anna B"));
    assert!(numbers[0].ends_with("15550100"), "{numbers:?}");

    for words in ["one", "two", "three"] {
        office.telegram.say(IVAN, words.to_owned());
    }
    let texts: Vec<Value> = chat(&world, 5).await.iter().map(|message| message["text"].clone()).collect();
    assert_eq!(texts[2..], [json!("one"), json!("two"), json!("three")]);
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn what_is_written_before_the_first_connection_is_read() {
    let world = World::with_an_account().await;
    world.writes(IVAN, "tandem_calls", "600").await;
    let mut office = world.work().await;
    let Event::Written { message, .. } = office.hears().await else { panic!("a text") };
    assert_eq!(message, Written::Text("600".to_owned()));
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn a_card_of_which_the_bot_is_not_told_is_taken_away_by_whoever_works_the_account_then() {
    let world = World::with_an_account().await;
    let mut office = world.work().await;
    world.writes(IVAN, "tandem_calls", "600").await;
    office.hears().await;

    office.telegram.show_card(IVAN, CallId::from_bits(7), "tandem_bot".to_owned(), "card 42".to_owned());
    let query = loop {
        let updates =
            world.bot("getUpdates", json!({"timeout": 5, "allowed_updates": ["inline_query"]})).await;
        if let Some(query) =
            updates.as_array().and_then(|all| all.iter().find(|it| it["inline_query"].is_object()))
        {
            break query["inline_query"].clone();
        }
    };
    assert_eq!((&query["query"], &query["from"]["id"]), (&json!("card 42"), &json!(SERVICE_ACCOUNT)));
    let result = json!({"type": "article", "id": "k", "title": "Call",
                        "input_message_content": {"message_text": "Talking to 600"}});
    let answer =
        json!({"inline_query_id": query["id"], "results": [result], "cache_time": 0, "is_personal": true});
    world.bot("answerInlineQuery", answer).await;
    let messages = chat(&world, 2).await;
    assert_eq!(messages[1]["text"], "Talking to 600");

    office.close().await;
    let next = world.work().await;
    chat(&world, 1).await;
    next.close().await;
    world.end().await;
}
