//! What stands under a recording, and what is told where one is lost or its chat is.

use super::call::duration;
use super::parts::{Page, moment, person, press, title};
use crate::button::Button;
use crate::outgoing::Screen;
use crate::view::{PersonView, Reader};
use chrono::{DateTime, Utc};
use domain::call::Direction;
use domain::ids::AccountNumber;

/// A recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Who called whom.
    pub direction: Direction,
    /// The far end in words; empty where nothing is known of it.
    pub who: String,
    /// The account's name, else `login@domain`.
    pub title: String,
    /// When they began to talk.
    pub at: DateTime<Utc>,
    /// How long it is, in seconds.
    pub seconds: u32,
}

/// The caption. In a chat that others read too it names who talked.
#[must_use]
pub fn recorded(reader: &Reader<'_>, view: &Recorded, by: Option<&PersonView>) -> Screen {
    page(reader, view, by).screen()
}

/// The caption where the chosen chat can't be posted to any more.
#[must_use]
pub fn fallen_back(reader: &Reader<'_>, view: &Recorded, chat: Option<&str>) -> Screen {
    let t = reader.t();
    let lost = match chat {
        Some(chat) => t.recording_lost_chat(chat),
        None => t.recording_lost_chat_unnamed(),
    };
    page(reader, view, None).para(lost).screen()
}

fn page(reader: &Reader<'_>, view: &Recorded, by: Option<&PersonView>) -> Page {
    let t = reader.t();
    let who = known(reader, &view.who);
    let head = match view.direction {
        Direction::Out => t.recorded_out(&who),
        Direction::In => t.recorded_in(&who),
    };
    let (title, at) = (title(reader, &view.title), moment(reader, view.at));
    let page = Page::new(head).line(t.recorded_line(&title, &at, &duration(view.seconds)));
    match by {
        Some(by) => page.line(t.recorded_by(&person(reader, by))),
        None => page,
    }
}

/// To the owner: the chosen chat can't be posted to any more.
#[must_use]
pub fn owner_told(reader: &Reader<'_>, account: AccountNumber, name: &str) -> Screen {
    let t = reader.t();
    Page::new(t.recording_owner_told(&title(reader, name)))
        .row([press(t.recording_chat(), Button::RecordingChat(account))])
        .screen()
}

/// A recording is lost.
#[must_use]
pub fn lost(reader: &Reader<'_>, who: &str, reason: &str) -> Screen {
    Page::new(reader.t().recording_not_saved(&known(reader, who), reason)).screen()
}

fn known(reader: &Reader<'_>, who: &str) -> String {
    if who.is_empty() { reader.t().call_unknown() } else { who.to_owned() }
}
