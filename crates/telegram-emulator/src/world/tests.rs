//! The world by itself, without HTTP and without waiting.

use super::{World, chat::ChatKey, message::Content, people::Bot, person_acts::NewPerson, sending::Draft};
use crate::text::Formatted;
use serde_json::json;

const BOT: i64 = 700_000_001;
const NOW: i64 = 1_795_000_000;

/// A world with Olga, Ivan and a bot that both have started.
pub(crate) fn world() -> (World, i64, i64) {
    let mut world = World::new();
    let bot = Bot {
        id: BOT,
        token: format!("{BOT}:x"),
        first_name: "Tandem".to_owned(),
        username: "tandem_bot".to_owned(),
        next_update: 1,
        allowed: None,
        webhook: None,
        logged_out: false,
        profile: super::commands::Profile::default(),
        chosen: 0,
    };
    world.bots.insert(BOT, bot);
    let mut person = |name: &str| {
        let new = json!({"first_name": name, "username": name.to_lowercase()});
        let new: NewPerson = serde_json::from_value(new).unwrap();
        world.add_person(new).unwrap()
    };
    let (olga, ivan) = (person("Olga"), person("Ivan"));
    for person in [olga, ivan] {
        world.start(person, BOT, "", NOW).unwrap();
    }
    world.drop_pending(BOT);
    (world, olga, ivan)
}

fn text(text: &str) -> Draft {
    Draft::new(Content::Text(Formatted::plain(text)))
}

#[test]
fn a_world_read_back_from_its_changes_is_the_same() {
    let (mut world, olga, ivan) = world();
    world.bot_sends(BOT, olga, text("hello"), NOW).unwrap();
    let mut journal = world.changes().unwrap();
    world.write(olga, ChatKey::of(olga, BOT), "hi", None, None, NOW).unwrap();
    world.make_group(olga, "Office".to_owned(), &[ivan.to_string()], &[]).unwrap();
    let gone = world.bot_sends(BOT, ivan, text("gone"), NOW).unwrap().id;
    world.delete(gone);
    world.block(ivan, BOT, NOW);
    journal.extend(world.changes().unwrap());

    let mut read = World::new();
    for change in journal {
        read.restore(change).unwrap();
    }
    assert_eq!(read.everything().unwrap(), world.everything().unwrap());
    assert_eq!(read.chats_view(olga), world.chats_view(olga));
}

#[test]
fn an_act_writes_only_what_it_changed() {
    let (mut world, olga, _) = world();
    world.changes().unwrap();
    world.write(olga, ChatKey::of(olga, BOT), "hi", None, None, NOW).unwrap();
    let tables: Vec<String> = world.changes().unwrap().into_iter().map(|(table, ..)| table).collect();
    assert_eq!(tables, ["bots", "messages", "dialogs", "pending", "meta"]);
    assert_eq!(world.changes().unwrap(), []);
}

#[test]
fn a_person_is_found_by_number_and_by_name_in_any_case() {
    let (world, olga, _) = world();
    for name in ["olga", "@Olga", &olga.to_string()] {
        assert_eq!(world.person(name), Ok(olga));
    }
    assert!(world.person("tandem_bot").is_err(), "a bot does not act as a person");
    assert!(world.chat_of(olga, "nobody").is_err());
}

#[test]
fn in_a_group_a_bot_hears_only_what_is_meant_for_it() {
    let (mut world, olga, _) = world();
    let group = world.make_group(olga, "Office".to_owned(), &[], &["tandem_bot".to_owned()]).unwrap();
    let chat = ChatKey::Group(group);
    for heard in ["talk", "/help", "/help@tandem_bot", "/help@other_bot"] {
        world.write(olga, chat, heard, None, None, NOW).unwrap();
    }
    let texts: Vec<_> =
        world.queue_of(BOT).map(|(_, p)| p.body["text"].as_str().unwrap().to_owned()).collect();
    assert_eq!(texts, ["/help", "/help@tandem_bot"]);
}
