//! One attempt to say something, and what follows from Telegram's answer.

use super::Priority;
use super::lanes::Waiting;
use super::sender::chain;
use crate::incoming::MessageRef;
use crate::outgoing::{Outgoing, Posted};
use crate::telegram::{CallError, Client, ErrorClass, SoundAs, request, send, send_sound};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{ChatId, UserId};
use event_store::log::Fault;
use serde::Deserialize;

/// A message whose arrival is unknown is sent again within this time, and after it never: a late double is worse.
pub(super) const RESEND: TimeDelta = TimeDelta::seconds(60);

/// What can't be said for so long is given up.
const GIVE_UP: TimeDelta = TimeDelta::hours(24);

/// The longest wait between two attempts.
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(60);

/// How long to wait after a failure of the database.
const DATABASE_AGAIN: TimeDelta = TimeDelta::milliseconds(100);

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is said, or needs no saying. What has to be noted of where it stands now.
    Said(Vec<Note>),
    /// It has to be tried again.
    Again {
        why: String,
        not_before: DateTime<Utc>,
        /// Whether it may have arrived nonetheless.
        unknown: bool,
        /// Telegram asked for silence.
        too_many: bool,
    },
    /// It can't be said.
    Dropped {
        why: String,
        /// The person who does not want to hear the bot, if that is why.
        unreachable: Option<UserId>,
    },
}

impl Outcome {
    /// This is noted too, if it was said.
    fn noting(self, note: Note) -> Self {
        match self {
            Self::Said(noted) => Self::Said(noted.into_iter().chain([note]).collect()),
            other @ (Self::Again { .. } | Self::Dropped { .. }) => other,
        }
    }
}

/// What is kept under the name of an [`Outgoing::Show`].
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    pub(super) message: Option<MessageRef>,
    /// Goes before the message.
    pub(super) inline: Option<String>,
    /// How much is shown there already.
    pub(super) version: u32,
}

/// What is to be noted of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Note {
    /// This message is kept under it.
    Message(MessageRef, String),
    /// No message is kept under it any more.
    NoMessage(ChatId, String),
    /// No inline message is kept under it any more.
    NoInline(ChatId, String),
    /// So much is shown under it.
    Shown(ChatId, String, u32),
}

/// Says it once. `kept` is for an [`Outgoing::Show`]: one that shows less than what is shown already needs no saying.
pub(super) async fn say(client: &Client, waiting: &Waiting, kept: &Kept, now: DateTime<Utc>) -> Outcome {
    let Outgoing::Show { chat, slot, version, .. } = &waiting.says else {
        return say_in_chat(client, waiting, None, now).await;
    };
    if *version < kept.version {
        return Outcome::Said(Vec::new());
    }
    let outcome = show(client, waiting, kept, now).await;
    if *version == 0 { outcome } else { outcome.noting(Note::Shown(*chat, slot.clone(), *version)) }
}

/// Shows it where its name stands.
async fn show(client: &Client, waiting: &Waiting, kept: &Kept, now: DateTime<Utc>) -> Outcome {
    let (Outgoing::Show { chat, slot, screen, .. }, Some(inline)) = (&waiting.says, &kept.inline) else {
        return say_in_chat(client, waiting, kept.message, now).await;
    };
    let edit =
        Outgoing::EditInline { inline_message: inline.clone(), screen: screen.clone().for_service_chat() };
    match client.call(&request(&edit)).await {
        Err(error) if error.class == ErrorClass::NoTarget => {
            let gone = Note::NoInline(*chat, slot.clone());
            say_in_chat(client, waiting, kept.message, now).await.noting(gone)
        }
        Err(error) if error.class != ErrorClass::NotModified => after(&error, waiting, now),
        Ok(_) | Err(_) => Outcome::Said(only_inline(client, kept.message, slot).await),
    }
}

/// The message in the chat has lost its place to the inline one: it goes.
async fn only_inline(client: &Client, message: Option<MessageRef>, slot: &str) -> Vec<Note> {
    let Some(message) = message else { return Vec::new() };
    match client.call(&request(&Outgoing::Delete { message })).await {
        Err(error) if error.class != ErrorClass::NothingToDelete => Vec::new(),
        Ok(_) | Err(_) => vec![Note::NoMessage(message.chat, slot.to_owned())],
    }
}

async fn say_in_chat(
    client: &Client,
    waiting: &Waiting,
    kept: Option<MessageRef>,
    now: DateTime<Utc>,
) -> Outcome {
    let shown = shown_in(&waiting.says, kept);
    let says = shown.as_ref().unwrap_or(&waiting.says);
    let call = request(says);
    let is_new = call.method == "sendMessage";
    let mut answer = client.call(&call).await;
    let mut anew = is_new;
    if let (Err(CallError { class: ErrorClass::NoTarget, .. }), Outgoing::Edit { message, screen, .. }) =
        (&answer, says)
    {
        answer = client.call(&send(message.chat, screen)).await;
        anew = true;
    }
    match answer {
        Ok(result) => Outcome::Said(to_remember(says, anew.then_some(result.as_str())).into_iter().collect()),
        Err(error) => after(&error, waiting, now),
    }
}

/// What showing a screen under a name is, once it is known which message is kept under it.
fn shown_in(says: &Outgoing, kept: Option<MessageRef>) -> Option<Outgoing> {
    let Outgoing::Show { chat, slot, screen, .. } = says else { return None };
    let (screen, remember) = (screen.clone(), Some(slot.clone()));
    Some(match kept {
        Some(message) => Outgoing::Edit { message, screen, remember },
        None => Outgoing::Send { chat: *chat, screen, remember },
    })
}

/// What Telegram says about people who take no voice messages.
const NO_VOICE: &str = "VOICE_MESSAGES_FORBIDDEN";

/// Posts a sound once: to be heard at once, or as a file where the person takes no voice messages.
pub(super) async fn say_sound(
    client: &Client,
    waiting: &Waiting,
    sound: &[u8],
    now: DateTime<Utc>,
) -> Outcome {
    let Outgoing::Post { chat, post: Posted::Sound { seconds, screen, .. }, .. } = &waiting.says else {
        return Outcome::Dropped { why: "no sound".to_owned(), unreachable: None };
    };
    let mut answer = client.call(&send_sound(*chat, sound, *seconds, screen, SoundAs::Voice)).await;
    if answer.as_ref().is_err_and(|error| error.text.contains(NO_VOICE)) {
        answer = client.call(&send_sound(*chat, sound, *seconds, screen, SoundAs::File)).await;
    }
    match answer {
        Ok(_) => Outcome::Said(Vec::new()),
        Err(error) => after(&error, waiting, now),
    }
}

/// The database failed; nothing was said.
pub(super) fn later(fault: &Fault, now: DateTime<Utc>) -> Outcome {
    let (why, not_before) = (chain(fault), now + DATABASE_AGAIN);
    Outcome::Again { why, not_before, unknown: false, too_many: false }
}

/// Whether a row that a dead process was saying may be said again.
pub(super) fn may_repeat(waiting: &Waiting, last_tried: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    match waiting.says {
        // A card that came twice shows the same; one that is not put right tells of a call that is long over.
        Outgoing::Edit { .. }
        | Outgoing::EditInline { .. }
        | Outgoing::Delete { .. }
        | Outgoing::Show { .. } => true,
        // A recording that comes twice is better than one that never comes.
        Outgoing::Post { .. } => true,
        Outgoing::Send { .. } => waiting.priority < Priority::Broadcast && now - last_tried < RESEND,
        Outgoing::AnswerPress { .. } | Outgoing::AnswerInline { .. } => false,
    }
}

fn after(error: &CallError, waiting: &Waiting, now: DateTime<Utc>) -> Outcome {
    let why = error.text.clone();
    let wait = TimeDelta::seconds(1 << waiting.attempts.min(6)).min(LONGEST_WAIT);
    let again = |wait: TimeDelta, unknown: bool, too_many: bool| {
        if now - waiting.created_at > GIVE_UP {
            let why = format!("given up after a day: {why}");
            return Outcome::Dropped { why, unreachable: None };
        }
        Outcome::Again { why: why.clone(), not_before: now + wait, unknown, too_many }
    };
    match error.class {
        ErrorClass::NotModified | ErrorClass::NothingToDelete => {
            Outcome::Said(to_remember(&waiting.says, None).into_iter().collect())
        }
        ErrorClass::TooMany(wait) => again(TimeDelta::from_std(wait).unwrap_or(LONGEST_WAIT), false, true),
        ErrorClass::Failed | ErrorClass::Unconnected | ErrorClass::TokenWrong => again(wait, false, false),
        ErrorClass::Unanswered if may_repeat(waiting, waiting.created_at, now) => again(wait, true, false),
        ErrorClass::Unreachable => Outcome::Dropped { why, unreachable: person(&waiting.says) },
        ErrorClass::Unanswered
        | ErrorClass::NoTarget
        | ErrorClass::TooLate
        | ErrorClass::Conflict
        | ErrorClass::Refused => Outcome::Dropped { why, unreachable: None },
    }
}

/// The message to keep under the name asked for: a new one tells its own number.
fn to_remember(says: &Outgoing, sent: Option<&str>) -> Option<Note> {
    #[derive(Deserialize)]
    struct Sent {
        message_id: i32,
    }
    let (chat, old, slot) = match says {
        Outgoing::Send { chat, remember, .. } => (*chat, None, remember.clone()?),
        Outgoing::Edit { message, remember, .. } => (message.chat, Some(*message), remember.clone()?),
        Outgoing::EditInline { .. }
        | Outgoing::Delete { .. }
        | Outgoing::Show { .. }
        | Outgoing::Post { .. }
        | Outgoing::AnswerPress { .. }
        | Outgoing::AnswerInline { .. } => return None,
    };
    let sent = sent.and_then(|sent| serde_json::from_str::<Sent>(sent).ok());
    let new = sent.map(|sent| MessageRef { chat, id: sent.message_id });
    new.or(old).map(|message| Note::Message(message, slot))
}

/// The person in whose private chat it was to be said.
fn person(says: &Outgoing) -> Option<UserId> {
    let chat = match says {
        Outgoing::Send { chat, .. } | Outgoing::Show { chat, .. } | Outgoing::Post { chat, .. } => *chat,
        Outgoing::Edit { message, .. } | Outgoing::Delete { message } => message.chat,
        Outgoing::EditInline { .. } | Outgoing::AnswerPress { .. } | Outgoing::AnswerInline { .. } => {
            return None;
        }
    };
    (chat > ChatId(0)).then_some(UserId(chat.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::lanes::Lane;
    use crate::outgoing::Screen;
    use std::time::Duration;

    #[test]
    fn what_already_says_so_is_said() {
        let edit =
            Outgoing::Edit { message: menu(), screen: Screen::default(), remember: Some("menu".into()) };
        let said = Outcome::Said(vec![Note::Message(menu(), "menu".into())]);
        assert_eq!(after(&error(ErrorClass::NotModified), &waiting(edit), at(0)), said);
        let delete = Outgoing::Delete { message: menu() };
        assert_eq!(
            after(&error(ErrorClass::NothingToDelete), &waiting(delete), at(0)),
            Outcome::Said(Vec::new())
        );
    }

    #[test]
    fn telegram_says_how_long_to_be_silent() {
        let outcome = after(&error(ErrorClass::TooMany(Duration::from_secs(7))), &waiting(text()), at(0));
        let Outcome::Again { not_before, unknown: false, too_many: true, .. } = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(not_before, at(7));
    }

    #[test]
    fn attempts_get_rarer_and_end_after_a_day() {
        let wait = |attempts, now| {
            let waiting = Waiting { attempts, ..waiting(text()) };
            match after(&error(ErrorClass::Failed), &waiting, now) {
                Outcome::Again { not_before, .. } => Some((not_before - now).num_seconds()),
                Outcome::Said(_) | Outcome::Dropped { .. } => None,
            }
        };
        assert_eq!([wait(0, at(0)), wait(3, at(0)), wait(30, at(0))], [Some(1), Some(8), Some(60)]);
        assert_eq!(wait(0, at(24 * 3_600 + 1)), None);
    }

    #[test]
    fn a_text_that_may_have_arrived_is_repeated_for_a_minute_and_a_change_always() {
        let repeat =
            |says, priority, seconds| may_repeat(&Waiting { priority, ..waiting(says) }, at(0), at(seconds));
        assert!(repeat(text(), Priority::Notice, 59));
        assert!(!repeat(text(), Priority::Notice, 60));
        assert!(!repeat(text(), Priority::Broadcast, 1));
        assert!(repeat(Outgoing::Delete { message: menu() }, Priority::Broadcast, 3_600));
    }

    #[test]
    fn what_is_shown_under_a_name_changes_the_message_that_is_there() {
        let (chat, screen) = (menu().chat, Screen::default());
        let show = Outgoing::Show {
            chat,
            slot: "call".into(),
            screen: screen.clone(),
            not_before: None,
            version: 0,
        };
        let remember = Some("call".to_owned());
        let edit = Outgoing::Edit { message: menu(), screen: screen.clone(), remember: remember.clone() };
        assert_eq!(shown_in(&show, Some(menu())), Some(edit));
        assert_eq!(shown_in(&show, None), Some(Outgoing::Send { chat, screen, remember }));
        assert_eq!(shown_in(&text(), None), None);
    }

    #[test]
    fn who_blocked_the_bot_is_reported_and_a_group_is_not_a_person() {
        let drop = |chat| {
            let says = Outgoing::Send { chat: ChatId(chat), screen: Screen::default(), remember: None };
            match after(&error(ErrorClass::Unreachable), &waiting(says), at(0)) {
                Outcome::Dropped { unreachable, .. } => unreachable,
                Outcome::Said(_) | Outcome::Again { .. } => panic!("it is dropped"),
            }
        };
        assert_eq!(drop(7), Some(UserId(7)));
        assert_eq!(drop(-7), None);
    }

    #[test]
    fn a_new_message_is_remembered_by_its_own_number() {
        let says =
            Outgoing::Send { chat: ChatId(7), screen: Screen::default(), remember: Some("menu".into()) };
        let new = MessageRef { chat: ChatId(7), id: 44 };
        assert_eq!(
            to_remember(&says, Some(r#"{"message_id":44,"date":1}"#)),
            Some(Note::Message(new, "menu".into()))
        );
    }

    fn text() -> Outgoing {
        Outgoing::Send { chat: ChatId(7), screen: Screen::default(), remember: None }
    }

    fn menu() -> MessageRef {
        MessageRef { chat: ChatId(7), id: 3 }
    }

    fn error(class: ErrorClass) -> CallError {
        CallError { class, text: "so it is".into() }
    }

    fn waiting(says: Outgoing) -> Waiting {
        Waiting {
            key: "update:1:0".into(),
            lane: Lane::of(&says).unwrap(),
            seq: 1,
            priority: Priority::Reply,
            says,
            attempts: 0,
            created_at: at(0),
            not_before: None,
        }
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_225_600 + seconds, 0).unwrap()
    }
}
