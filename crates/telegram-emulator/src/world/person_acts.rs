//! What people do: write, start, block, pick from pickers, make groups, delete.

use super::{
    World,
    chat::{ActError, ChatKey, missing, refused},
    files::Upload,
    markup::{Keyboard, KeyboardButton, Markup, Requests},
    message::{Contact, Content, FileKind, Message},
    people::{Group, Person},
    sending::Draft,
};
use crate::{limits, text::Formatted};
use serde::Deserialize;
use serde_json::{Value, json};

/// A new person.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// Telegram's id; the next free one where it is left out.
    #[serde(default)]
    pub id: Option<i64>,
    /// The first name.
    pub first_name: String,
    /// The last name.
    #[serde(default)]
    pub last_name: Option<String>,
    /// The user name, without the `@`.
    #[serde(default)]
    pub username: Option<String>,
    /// The language of the app; English where it is left out.
    #[serde(default)]
    pub language_code: Option<String>,
    /// The phone number; made up where it is left out.
    #[serde(default)]
    pub phone: Option<String>,
    /// A word for the page: "administrator".
    #[serde(default)]
    pub about: Option<String>,
}

/// A contact as a person shares it; all empty means their own.
#[derive(Debug, Clone, Default)]
pub(crate) struct SharedContact {
    pub(crate) user: Option<i64>,
    pub(crate) phone: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) vcard: Option<String>,
}

/// Ids of people begin here when nobody says otherwise.
const FIRST_PERSON: i64 = 10_001;

impl World {
    /// Adds a person.
    ///
    /// # Errors
    ///
    /// An id or a user name that is taken, or an id that client libraries could not read.
    pub(crate) fn add_person(&mut self, new: NewPerson) -> Result<i64, ActError> {
        let free = || (FIRST_PERSON..).find(|id| !self.people.contains(id)).unwrap_or(FIRST_PERSON);
        let id = new.id.unwrap_or_else(free);
        if !(1..i64::from(i32::MAX)).contains(&id) || self.people.contains(&id) || self.bots.contains(&id) {
            return Err(refused(format!("the id {id} is taken or out of range")));
        }
        if let Some(username) = &new.username
            && self.resolve(username).is_some()
        {
            return Err(refused(format!("the user name {username} is taken")));
        }
        let person = Person {
            id,
            first_name: new.first_name,
            last_name: new.last_name,
            username: new.username,
            language_code: new.language_code.unwrap_or_else(|| "en".to_owned()),
            phone: new.phone.unwrap_or_else(|| format!("+1555{id:07}")),
            about: new.about,
        };
        self.people.insert(id, person);
        self.touch_lists();
        Ok(id)
    }

    /// A chat that this person can write to now.
    pub(crate) fn can_write(&self, chat: ChatKey) -> Result<(), ActError> {
        let Some(_) = self.bot_in(chat) else { return Ok(()) };
        match self.dialogs.get(&chat) {
            Some(dialog) if dialog.blocked => {
                Err(ActError::Closed("the bot is blocked: unblock it first".into()))
            }
            Some(dialog) if dialog.started => Ok(()),
            Some(_) | None => Err(ActError::Closed("press Start first".into())),
        }
    }

    /// A person writes a text, or sends a document with a caption.
    ///
    /// # Errors
    ///
    /// A chat that cannot be written to, a text that is empty or too long, a reply to nothing.
    pub(crate) fn write(
        &mut self,
        person: i64,
        chat: ChatKey,
        text: &str,
        reply_to: Option<&str>,
        document: Option<Upload>,
        now: i64,
    ) -> Result<i64, ActError> {
        if let (Some(bot), Some(payload), None) = (self.bot_in(chat), start_payload(text), &document) {
            return self.start(person, bot, payload, now);
        }
        self.can_write(chat)?;
        let text = Formatted::plain(text);
        let longest = if document.is_some() { limits::CAPTION } else { limits::TEXT };
        if limits::utf16(&text.text) > longest {
            return Err(refused(format!("a text has at most {longest} characters here")));
        }
        let reply_to = self.reply_target(person, chat, reply_to)?;
        let content = match document {
            None if text.text.is_empty() => return Err(refused("the text is empty")),
            None => Content::Text(text),
            Some(upload) => {
                let file = self
                    .store(FileKind::Document, upload)
                    .map_err(|e| refused(e.description.into_owned()))?;
                Content::File { kind: FileKind::Document, file, caption: text }
            }
        };
        Ok(self.post(chat, person, Draft { reply_to, ..Draft::new(content) }, now))
    }

    fn reply_target(
        &self,
        person: i64,
        chat: ChatKey,
        reply_to: Option<&str>,
    ) -> Result<Option<i64>, ActError> {
        let Some(name) = reply_to else { return Ok(None) };
        let message = self.visible(person, name)?;
        if message.chat == chat {
            Ok(Some(message.id))
        } else {
            Err(refused("that message is in another chat"))
        }
    }

    /// A person sends a contact.
    ///
    /// # Errors
    ///
    /// A chat that cannot be written to, or a person who does not exist.
    pub(crate) fn share_contact(
        &mut self,
        person: i64,
        chat: ChatKey,
        shared: SharedContact,
        reply_to: Option<&str>,
        now: i64,
    ) -> Result<i64, ActError> {
        self.can_write(chat)?;
        let reply_to = self.reply_target(person, chat, reply_to)?;
        let whose = shared.user.or_else(|| shared.phone.is_none().then_some(person));
        let card = match whose {
            None => None,
            Some(id) => {
                Some(self.people.get(&id).ok_or_else(|| missing(format!("there is no person {id}")))?)
            }
        };
        let given = |own: Option<&String>, given: Option<String>| given.or_else(|| own.cloned());
        let contact = Contact {
            phone: given(card.map(|p| &p.phone), shared.phone).unwrap_or_default(),
            first_name: given(card.map(|p| &p.first_name), shared.first_name)
                .unwrap_or_else(|| "Contact".into()),
            last_name: given(card.and_then(|p| p.last_name.as_ref()), shared.last_name),
            user: whose,
            vcard: shared.vcard,
        };
        Ok(self.post(chat, person, Draft { reply_to, ..Draft::new(Content::Contact(contact)) }, now))
    }

    /// A person presses Start, follows a deep link, or lets a blocked bot in again.
    ///
    /// # Errors
    ///
    /// A payload that Telegram's links cannot carry.
    pub(crate) fn start(&mut self, person: i64, bot: i64, payload: &str, now: i64) -> Result<i64, ActError> {
        let letters = payload.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if payload.len() > limits::START_PAYLOAD || !letters {
            return Err(refused("a start payload has at most 64 of A-Z a-z 0-9 _ -"));
        }
        self.unblock(person, bot, now);
        let chat = ChatKey::of(person, bot);
        self.dialogs.entry(chat).started = true;
        let text = if payload.is_empty() { "/start".to_owned() } else { format!("/start {payload}") };
        Ok(self.post(chat, person, Draft::new(Content::Text(Formatted::plain(&text))), now))
    }

    /// A person blocks a bot.
    pub(crate) fn block(&mut self, person: i64, bot: i64, now: i64) {
        self.set_blocked(person, bot, true, now);
    }

    /// A person lets a bot write again.
    pub(crate) fn unblock(&mut self, person: i64, bot: i64, now: i64) {
        self.set_blocked(person, bot, false, now);
    }

    fn set_blocked(&mut self, person: i64, bot: i64, blocked: bool, now: i64) {
        let chat = ChatKey::of(person, bot);
        let dialog = self.dialogs.entry(chat);
        if dialog.blocked == blocked {
            return;
        }
        dialog.blocked = blocked;
        self.touch(chat);
        let member = |status: &str| {
            let mut member = json!({"user": self.user_json(bot), "status": status});
            if status == "kicked" {
                member["until_date"] = 0.into();
            }
            member
        };
        let (old, new) = if blocked { ("member", "kicked") } else { ("kicked", "member") };
        let body = json!({
            "chat": self.chat_json(bot, chat), "from": self.user_json(person), "date": now,
            "old_chat_member": member(old), "new_chat_member": member(new),
        });
        self.enqueue(bot, "my_chat_member", person, body, now);
    }

    /// A person makes a group.
    ///
    /// # Errors
    ///
    /// Members who do not exist.
    pub(crate) fn make_group(
        &mut self,
        person: i64,
        title: String,
        members: &[String],
        bots: &[String],
    ) -> Result<i64, ActError> {
        let members = members.iter().map(|who| self.person(who)).collect::<Result<Vec<_>, _>>()?;
        let bots = bots.iter().map(|who| self.bot_named(who)).collect::<Result<_, _>>()?;
        let meta = self.meta_mut();
        meta.next_group += 1;
        let id = -(4_000_000 + meta.next_group);
        let members = members.into_iter().chain([person]).collect();
        self.groups.insert(id, Group { id, title, creator: person, members, bots });
        self.touch_lists();
        Ok(id)
    }

    /// The button of the reply keyboard that this message put on the screen.
    pub(crate) fn keyboard_button(
        &self,
        message: &Message,
        button: &str,
    ) -> Result<KeyboardButton, ActError> {
        let Some(Markup::Keyboard(keyboard)) = &message.markup else {
            return Err(missing(format!("there is no button {button} under this message")));
        };
        let shown = self.dialogs.get(&message.chat).is_some_and(|dialog| dialog.keyboard == Some(message.id));
        if !shown {
            return Err(refused("this keyboard is no longer on the screen"));
        }
        keyboard.find(button).cloned().ok_or_else(|| missing(format!("there is no button {button}")))
    }

    /// A keyboard for one use goes after it.
    pub(crate) fn keyboard_used(&mut self, message: &Message) {
        let once = matches!(&message.markup, Some(Markup::Keyboard(Keyboard { one_time: true, .. })));
        let dialog = self.dialogs.entry(message.chat);
        if once && dialog.keyboard == Some(message.id) {
            dialog.keyboard = None;
            self.touch(message.chat);
        }
    }

    /// The ids that a picker offers.
    pub(crate) fn picker(&self, person: i64, chat: ChatKey, does: &Requests) -> Vec<i64> {
        match does {
            Requests::Text | Requests::Contact => Vec::new(),
            Requests::Users { bots, .. } => {
                let people = self.people.values().map(|p| p.id).filter(|id| *id != person);
                let own = self.bots.values().map(|b| b.id);
                let people = people.filter(|_| *bots != Some(true));
                people.chain(own.filter(|_| *bots != Some(false))).collect()
            }
            Requests::Chat { channel: true, .. } => Vec::new(),
            Requests::Chat { created, bot_is_member, .. } => {
                let bot = self.bot_in(chat);
                let fits = |group: &&Group| {
                    let own = group.creator == person;
                    let bot_there = bot.is_some_and(|bot| group.bots.contains(&bot));
                    // A client offers to add the bot where the person may.
                    group.members.contains(&person)
                        && (own || !*created)
                        && (bot_there || own || !*bot_is_member)
                };
                self.groups.values().filter(fits).map(|group| group.id).collect()
            }
        }
    }

    /// A person picks from a picker of a reply keyboard.
    ///
    /// # Errors
    ///
    /// A button that has none, or a choice that it does not offer.
    pub(crate) fn pick(
        &mut self,
        person: i64,
        message: &Message,
        button: &str,
        choice: &[i64],
        now: i64,
    ) -> Result<i64, ActError> {
        let button = self.keyboard_button(message, button)?;
        self.can_write(message.chat)?;
        let offered = self.picker(person, message.chat, &button.does);
        if let Some(wrong) = choice.iter().find(|id| !offered.contains(id)) {
            return Err(refused(format!("the picker does not offer {wrong}")));
        }
        let content = match button.does {
            Requests::Text => return Err(refused("this button has no picker: press it")),
            Requests::Contact => {
                let id = self.share_contact(person, message.chat, SharedContact::default(), None, now)?;
                self.keyboard_used(message);
                return Ok(id);
            }
            Requests::Users { request, max, names, usernames, .. } => {
                let count = i64::try_from(choice.len()).unwrap_or(i64::MAX);
                if !(1..=max).contains(&count) {
                    return Err(refused(format!("this picker takes 1 to {max}")));
                }
                let users = choice.iter().map(|id| self.shared_user(*id, names, usernames)).collect();
                Content::UsersShared { request, users, ids: choice.to_vec() }
            }
            Requests::Chat { request, bot_is_member, title, .. } => {
                let [group] = choice else { return Err(refused("this picker takes one chat")) };
                self.shared_chat(message, *group, request, bot_is_member, title)
            }
        };
        let id = self.post(message.chat, person, Draft::new(content), now);
        self.keyboard_used(message);
        Ok(id)
    }

    fn shared_chat(&mut self, message: &Message, id: i64, request: i64, join: bool, title: bool) -> Content {
        let mut shared = json!({"request_id": request, "chat_id": id});
        let bot = self.bot_in(message.chat);
        if let Some(group) = self.groups.get_mut(&id) {
            if title {
                shared["title"] = group.title.clone().into();
            }
            group.bots.extend(bot.filter(|_| join));
        }
        Content::ChatShared { request, shared, id }
    }

    fn shared_user(&self, id: i64, names: bool, usernames: bool) -> Value {
        let mut shared = json!({"user_id": id});
        let user = self.user_json(id);
        let wanted = [("first_name", names), ("last_name", names), ("username", usernames)];
        for (field, _) in wanted.into_iter().filter(|(_, wanted)| *wanted) {
            if let Some(value) = user.get(field) {
                shared[field] = value.clone();
            }
        }
        shared
    }

    /// A person has read a chat.
    pub(crate) fn read_chat(&mut self, person: i64, chat: ChatKey) {
        if self.dialogs.entry(chat).unread.remove(&person).is_some() {
            self.touch(chat);
        }
    }

    /// A person changes the language of the app.
    pub(crate) fn set_language(&mut self, person: i64, language: String) {
        if let Some(person) = self.people.get_mut(&person) {
            person.language_code = language;
        }
        self.touch_lists();
    }
}

/// The payload when a text is the start command.
fn start_payload(text: &str) -> Option<&str> {
    let rest = text.trim().strip_prefix("/start")?;
    let plain = rest.is_empty() || rest.starts_with(char::is_whitespace);
    let payload = rest.trim();
    let letters = payload.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    (plain && letters && payload.len() <= limits::START_PAYLOAD).then_some(payload)
}
