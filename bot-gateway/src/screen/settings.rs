//! The settings that are neither typed nor listed: who carries the account, and where recordings go.

use super::parts::{Page, person, press, title};
use crate::button::Button;
use crate::outgoing::{Keys, PickKey, Screen};
use crate::text::escaped;
use crate::view::{AccountCard, PersonView, Reader};

/// What a worker is. There is nothing to choose yet, and the screen says so.
#[must_use]
pub fn worker(reader: &Reader<'_>, card: &AccountCard) -> Screen {
    let t = reader.t();
    Page::new(t.worker_title(&title(reader, &card.title)))
        .para(t.worker_text())
        .row([press(t.back(), Button::Account(card.account))])
        .screen()
}

/// Where recordings go, in place of the menu.
#[must_use]
pub fn recording_chat(reader: &Reader<'_>, card: &AccountCard) -> Screen {
    let t = reader.t();
    let chat = match (card.recording.chat, &card.recording_chat) {
        (Some(_), Some(title)) => escaped(title, 64),
        (Some(_), None) => escaped(&t.recording_chat_chosen(), 64),
        (None, _) => escaped(&t.recording_chat_bot(), 64),
    };
    let here = card.recording.chat.is_some();
    let here = here.then(|| press(t.recording_chat_here(), Button::ClearRecordingChat(card.account)));
    Page::new(t.recording_chat_title(&title(reader, &card.title)))
        .para(t.recording_chat_text(&chat))
        .row(here)
        .row([press(t.back(), Button::CancelInput)])
        .screen()
}

/// The message with Telegram's own pickers of groups and channels. The requests come back with the answer.
#[must_use]
pub fn pick_recording_chat(reader: &Reader<'_>, chat_request: i32, channel_request: i32) -> Screen {
    let t = reader.t();
    Page::new(t.recording_chat_pick()).with(Keys::Pick(vec![
        vec![PickKey::Chat { label: t.select_chat(), request: chat_request, channel: false }],
        vec![PickKey::Chat { label: t.select_channel(), request: channel_request, channel: true }],
        vec![PickKey::Text { label: t.cancel() }],
    ]))
}

/// A chat was picked; the bot tries whether it may post there. It takes the picker's keyboard away.
#[must_use]
pub fn recording_chat_trying(reader: &Reader<'_>, chat: &str) -> Screen {
    Page::new(reader.t().recording_chat_trying(chat)).with(Keys::RemovePick)
}

/// What is posted in the chat that was picked, to see whether the bot may.
#[must_use]
pub fn recording_chat_test(reader: &Reader<'_>, card: &str, by: &PersonView) -> Screen {
    let t = reader.t();
    Page::new(t.recording_chat_test(&title(reader, card), &person(reader, by))).silent().screen()
}

/// The bot could post in the chat that was picked, or it could not.
#[must_use]
pub fn recording_chat_saved(reader: &Reader<'_>, chat: &str, reachable: bool) -> Screen {
    let t = reader.t();
    Page::new(if reachable { t.recording_chat_saved(chat) } else { t.recording_chat_unreachable(chat) })
        .screen()
}
