//! The list of a person's accounts.

use super::parts::{Page, health_word, pages, press, short_person, short_title};
use crate::button::Button;
use crate::outgoing::{Key, Screen};
use crate::view::{AccountLine, AccountList, Reader, Standing};

/// A page of the list, or what to do where it is empty.
#[must_use]
pub fn list(reader: &Reader<'_>, list: &AccountList) -> Screen {
    if list.total == 0 {
        return empty(reader, list);
    }
    let t = reader.t();
    let mut page = Page::new(t.list_title()).para(t.list_counts(list.total, list.owned, list.limit));
    for line in &list.lines {
        page = page.row([account(reader, line)]);
    }
    page.pager(list.page, pages(list.total, AccountList::PAGE), Button::Accounts)
        .row([press(t.new_account(), Button::New), press(t.bulk_button(), Button::Bulk)])
        .row([callback(reader, list)])
        .row([press(t.back(), Button::Home)])
        .screen()
}

/// Nothing in the list: it teaches the three ways to get an account.
fn empty(reader: &Reader<'_>, list: &AccountList) -> Screen {
    let t = reader.t();
    Page::new(t.list_title())
        .para(t.list_empty(reader.bot))
        .row([press(t.new_account(), Button::New)])
        .row([press(t.share_help_button(), Button::ShareHelp)])
        .row([callback(reader, list)])
        .row([press(t.back(), Button::Home)])
        .screen()
}

fn account(reader: &Reader<'_>, line: &AccountLine) -> Key {
    let t = reader.t();
    let state = health_word(reader, &line.health);
    let title = short_title(reader, &line.title);
    let label = match &line.standing {
        Standing::Own => t.list_own(&title, &state),
        Standing::OwnAssigned { user } => t.list_assigned(&title, &state, &short_person(reader, user)),
        Standing::OwnLent { user, .. } => t.list_lent(&title, &state, &short_person(reader, user)),
        Standing::Used { owner } | Standing::Borrowed { owner, .. } => {
            t.list_used(&title, &state, &short_person(reader, owner))
        }
    };
    press(label, Button::Account(line.account))
}

fn callback(reader: &Reader<'_>, list: &AccountList) -> Key {
    let t = reader.t();
    let label = if list.callback_mode { t.callback_switch_off() } else { t.callback_switch_on() };
    press(label, Button::CallbackMode { on: !list.callback_mode })
}
