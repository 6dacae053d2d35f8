//! Updates as plain data.

use super::vcard::phones;
use crate::incoming::{Act, ChatKind, From, Incoming, MessageRef, Place, SharedUser};
use domain::ids::{ChatId, UserId};
use serde::Deserialize;
use teloxide::types::{
    CallbackQuery, ChatMemberUpdated, ChatType, ChosenInlineResult, InlineQuery, Message, Update, UpdateKind,
    User,
};

/// What an update is to the bot.
#[derive(Debug)]
pub(crate) enum Read {
    /// Something a person did.
    Act {
        incoming: Incoming,
        /// The file that came with it, still to be fetched.
        file: Option<FileRef>,
    },
    /// Nothing the bot would act on: done by a bot, by a channel, or by nobody.
    Nothing,
    /// An update of a form that this version does not know.
    Unknown {
        /// The update's number, if even that can be read.
        update: Option<u32>,
    },
}

/// A file on Telegram's side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileRef {
    pub(crate) id: String,
    /// In bytes, as Telegram tells it.
    pub(crate) size: u32,
}

/// Reads one update from its JSON text. (From text only: teloxide reads a parsed value wrongly, without an error.)
pub(crate) fn read(raw: &str) -> Read {
    let Ok(update) = serde_json::from_str::<Update>(raw) else {
        return Read::Unknown { update: number(raw) };
    };
    if let UpdateKind::Error(_) = update.kind {
        return Read::Unknown { update: Some(update.id.0) };
    }
    let number = update.id.0;
    let Some(from) = update.from().filter(|user| !user.is_bot).map(person) else {
        return Read::Nothing;
    };
    let (act, file) = act(update.kind);
    Read::Act { incoming: Incoming { update: number, from, act }, file }
}

fn number(raw: &str) -> Option<u32> {
    #[derive(Deserialize)]
    struct Numbered {
        update_id: u32,
    }
    serde_json::from_str::<Numbered>(raw).ok().map(|numbered| numbered.update_id)
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "teloxide's kinds are not ours; of most the bot has no use"
)]
fn act(kind: UpdateKind) -> (Act, Option<FileRef>) {
    match kind {
        UpdateKind::Message(message) => message_act(&message),
        UpdateKind::CallbackQuery(press) => (press_act(press), None),
        UpdateKind::InlineQuery(query) => (inline_act(query), None),
        UpdateKind::ChosenInlineResult(chosen) => (chosen_act(chosen), None),
        UpdateKind::MyChatMember(change) => (reach_act(&change), None),
        _ => (Act::Other, None),
    }
}

fn message_act(sent: &Message) -> (Act, Option<FileRef>) {
    if !sent.chat.is_private() {
        return (Act::Other, None);
    }
    let message = MessageRef { chat: ChatId(sent.chat.id.0), id: sent.id.0 };
    if let Some(text) = sent.text() {
        let reply_to = sent.reply_to_message().map(|answered| answered.id.0);
        return (Act::Text { message, text: text.to_owned(), reply_to }, None);
    }
    if let Some(contact) = sent.contact() {
        let phones = phones(&contact.phone_number, contact.vcard.as_deref());
        return (Act::Contact { message, phones }, None);
    }
    if let Some(document) = sent.document() {
        let name = document.file_name.clone().unwrap_or_default();
        let file = FileRef { id: document.file.id.0.clone(), size: document.file.size };
        return (Act::TextFile { message, name, content: None }, Some(file));
    }
    if let Some(shared) = sent.shared_users() {
        let users = shared.users.iter().map(shared_user).collect();
        return (Act::UsersShared { message, request: shared.request_id.0, users }, None);
    }
    if let Some(shared) = sent.shared_chat() {
        let chat = ChatId(shared.chat_id.0);
        return (
            Act::ChatShared { message, request: shared.request_id.0, chat, title: shared.title.clone() },
            None,
        );
    }
    (Act::Other, None)
}

fn press_act(press: CallbackQuery) -> Act {
    let in_chat = press
        .message
        .as_ref()
        .map(|message| Place::Chat(MessageRef { chat: ChatId(message.chat().id.0), id: message.id().0 }));
    let place = in_chat.or(press.inline_message_id.map(Place::Inline));
    match (place, press.data) {
        (Some(place), Some(data)) => Act::Press { id: press.id.0, place, data },
        (Some(_) | None, Some(_) | None) => Act::Other,
    }
}

fn inline_act(query: InlineQuery) -> Act {
    let chat = query.chat_type.map(|chat| match chat {
        ChatType::Sender => ChatKind::Bot,
        ChatType::Private => ChatKind::Private,
        ChatType::Group | ChatType::Supergroup | ChatType::Channel => ChatKind::Other,
    });
    Act::InlineQuery { id: query.id.0, query: query.query, chat }
}

fn chosen_act(chosen: ChosenInlineResult) -> Act {
    Act::ChosenInline { result: chosen.result_id, inline_message: chosen.inline_message_id }
}

fn reach_act(change: &ChatMemberUpdated) -> Act {
    if change.chat.is_private() {
        Act::Reach { reachable: change.new_chat_member.is_present() }
    } else {
        Act::Other
    }
}

fn person(user: &User) -> From {
    From {
        id: user_id(user.id),
        name: user.full_name(),
        username: user.username.clone(),
        language_code: user.language_code.clone(),
    }
}

fn shared_user(user: &teloxide::types::SharedUser) -> SharedUser {
    let names: Vec<&str> =
        [&user.first_name, &user.last_name].into_iter().flatten().map(String::as_str).collect();
    SharedUser {
        id: user_id(user.user_id),
        name: (!names.is_empty()).then(|| names.join(" ")),
        username: user.username.clone(),
    }
}

/// Telegram's ids have at most 52 significant bits.
fn user_id(id: teloxide::types::UserId) -> UserId {
    UserId(i64::try_from(id.0).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_text_says_who_wrote_what_and_what_it_answers() {
        let message = json!({"text": "1001", "reply_to_message": in_private(json!({"text": "Login?"}), 4)});
        let incoming = act_of(&json!({"message": in_private(message, 5)}));
        let olga = From {
            id: UserId(1),
            name: "Olga B".into(),
            username: Some("olga".into()),
            language_code: Some("ru".into()),
        };
        assert_eq!(incoming.from, olga);
        assert_eq!(incoming.update, 7);
        assert_eq!(
            incoming.act,
            Act::Text { message: message_ref(5), text: "1001".into(), reply_to: Some(4) }
        );
    }

    #[test]
    fn what_is_said_in_a_group_is_of_no_use() {
        let group = json!({"id": -5, "type": "group", "title": "Office"});
        let mut message = in_private(json!({"text": "hello"}), 5);
        message["chat"] = group;
        assert_eq!(act_of(&json!({"message": message})).act, Act::Other);
    }

    #[test]
    fn a_contact_brings_every_number_of_its_card() {
        let contact = json!({"contact": {"phone_number": "100", "first_name": "A", "vcard": "TEL:200"}});
        let incoming = act_of(&json!({"message": in_private(contact, 5)}));
        let phones = vec!["100".to_owned(), "200".to_owned()];
        assert_eq!(incoming.act, Act::Contact { message: message_ref(5), phones });
    }

    #[test]
    fn a_file_is_still_to_be_fetched() {
        let document = json!({"document": {"file_id": "F", "file_unique_id": "U", "file_size": 12, "file_name": "a.csv"}});
        let Read::Act { incoming, file } = read_json(&json!({"message": in_private(document, 5)})) else {
            panic!("a file is an act")
        };
        assert_eq!(
            incoming.act,
            Act::TextFile { message: message_ref(5), name: "a.csv".into(), content: None }
        );
        assert_eq!(file, Some(FileRef { id: "F".into(), size: 12 }));
    }

    #[test]
    fn a_press_is_under_a_message_or_under_an_inline_message() {
        let press = |more: Value| {
            let mut press = json!({"id": "9", "from": olga(), "chat_instance": "1", "data": "v1:x"});
            press.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            act_of(&json!({"callback_query": press})).act
        };
        let pressed = |place| Act::Press { id: "9".into(), place, data: "v1:x".into() };
        let message = json!({"message": in_private(json!({"text": "menu"}), 5)});
        assert_eq!(press(message), pressed(Place::Chat(message_ref(5))));
        let old = json!({"message": {"chat": chat(), "message_id": 5, "date": 0}});
        assert_eq!(press(old), pressed(Place::Chat(message_ref(5))));
        assert_eq!(press(json!({"inline_message_id": "I"})), pressed(Place::Inline("I".into())));
    }

    #[test]
    fn an_inline_query_tells_the_kind_of_chat() {
        let query = |kind: &str| {
            let query = json!({"id": "9", "from": olga(), "query": "q", "offset": "", "chat_type": kind});
            act_of(&json!({"inline_query": query})).act
        };
        let typed = |chat| Act::InlineQuery { id: "9".into(), query: "q".into(), chat: Some(chat) };
        assert_eq!(query("sender"), typed(ChatKind::Bot));
        assert_eq!(query("private"), typed(ChatKind::Private));
        assert_eq!(query("supergroup"), typed(ChatKind::Other));
    }

    #[test]
    fn a_chosen_result_does_not_carry_the_query() {
        let chosen = json!({"result_id": "k:1", "from": olga(), "query": "secret", "inline_message_id": "I"});
        let incoming = act_of(&json!({"chosen_inline_result": chosen}));
        assert_eq!(
            incoming.act,
            Act::ChosenInline { result: "k:1".into(), inline_message: Some("I".into()) }
        );
    }

    #[test]
    fn picked_people_and_chats_come_with_their_names() {
        let users = json!({"users_shared": {"request_id": 3, "user_ids": [2],
            "users": [{"user_id": 2, "first_name": "Ivan", "last_name": "P", "username": "ivan"}]}});
        let ivan = SharedUser { id: UserId(2), name: Some("Ivan P".into()), username: Some("ivan".into()) };
        assert_eq!(
            act_of(&json!({"message": in_private(users, 5)})).act,
            Act::UsersShared { message: message_ref(5), request: 3, users: vec![ivan] }
        );
        let chat = json!({"chat_shared": {"request_id": 4, "chat_id": -100, "title": "Calls"}});
        assert_eq!(
            act_of(&json!({"message": in_private(chat, 5)})).act,
            Act::ChatShared {
                message: message_ref(5),
                request: 4,
                chat: ChatId(-100),
                title: Some("Calls".into())
            }
        );
    }

    #[test]
    fn a_person_who_blocks_the_bot_is_out_of_reach() {
        let change = |status: &str| {
            let bot = json!({"id": 99, "is_bot": true, "first_name": "Bot"});
            let member = |status: &str| match status {
                "kicked" => json!({"status": "kicked", "user": bot, "until_date": 0}),
                _ => json!({"status": "member", "user": bot}),
            };
            act_of(&json!({"my_chat_member": {"chat": chat(), "from": olga(), "date": 1,
                "old_chat_member": member("member"), "new_chat_member": member(status)}}))
            .act
        };
        assert_eq!(change("kicked"), Act::Reach { reachable: false });
        assert_eq!(change("member"), Act::Reach { reachable: true });
    }

    #[test]
    fn bots_are_not_listened_to() {
        let mut message = in_private(json!({"text": "hello"}), 5);
        message["from"]["is_bot"] = json!(true);
        assert!(matches!(read_json(&json!({"message": message})), Read::Nothing));
    }

    #[test]
    fn an_update_of_a_later_bot_api_is_known_by_its_number() {
        assert!(matches!(read(r#"{"update_id":7,"dream":{"of":1}}"#), Read::Unknown { update: Some(7) }));
        assert!(matches!(read("{}"), Read::Unknown { update: None }));
    }

    fn act_of(kind: &Value) -> Incoming {
        match read_json(kind) {
            Read::Act { incoming, .. } => incoming,
            Read::Nothing | Read::Unknown { .. } => panic!("it is an act"),
        }
    }

    fn read_json(kind: &Value) -> Read {
        let mut update = kind.clone();
        update["update_id"] = json!(7);
        read(&update.to_string())
    }

    fn in_private(mut message: Value, id: i32) -> Value {
        let frame = json!({"message_id": id, "date": 1, "chat": chat(), "from": olga()});
        message.as_object_mut().unwrap().extend(frame.as_object().unwrap().clone());
        message
    }

    fn chat() -> Value {
        json!({"id": 1, "type": "private", "first_name": "Olga"})
    }

    fn olga() -> Value {
        json!({"id": 1, "is_bot": false, "first_name": "Olga", "last_name": "B", "username": "olga",
               "language_code": "ru"})
    }

    fn message_ref(id: i32) -> MessageRef {
        MessageRef { chat: ChatId(1), id }
    }
}
