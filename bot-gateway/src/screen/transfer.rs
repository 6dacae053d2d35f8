//! `Transfer`: the two kinds, explained, and the way into a chat (product reference 5.1).

use super::home::hand_over;
use super::parts::{Page, choose_chat, person, press, title};
use crate::button::Button;
use crate::outgoing::Screen;
use crate::typed::Typed;
use crate::view::{AccountCard, PersonView, Reader};

/// How to hand the account over. `bound` is the only person who may take it, where one was picked.
#[must_use]
pub fn transfer(reader: &Reader<'_>, card: &AccountCard, bound: Option<&PersonView>) -> Screen {
    let t = reader.t();
    let account = card.account;
    let page = Page::new(t.transfer_title(&title(reader, &card.title)))
        .para(t.transfer_assign())
        .para(t.transfer_give());
    let page = match bound {
        None => page
            .para(t.transfer_open())
            .row([hand_over(reader, account)])
            .row([press(t.transfer_bind(), Button::BindTransfer(account))]),
        Some(to) => page
            .para(t.transfer_bound(&person(reader, to)))
            .row([choose_chat(t.choose_chat(), &Typed::Transfer { account, to: Some(to.id) })])
            .row([press(t.transfer_unbind(), Button::Transfer(account))]),
    };
    page.row([press(t.links_button(), Button::Links(account))])
        .row([press(t.back(), Button::Account(account))])
        .screen()
}
