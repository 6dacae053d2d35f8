//! The editors of the two ordered lists: audio codecs and DTMF methods. One row an entry, to switch it and to move it.

use super::parts::{Page, press, title};
use crate::button::{Arrange, Ask, Button};
use crate::outgoing::{Key, Screen};
use crate::text::Html;
use crate::view::{AccountCard, Reader};
use domain::ids::AccountNumber;
use domain::settings::{Codec, DtmfMethod};
use std::fmt::Display;

/// The codec editor.
#[must_use]
pub fn codecs(reader: &Reader<'_>, card: &AccountCard) -> Screen {
    let t = reader.t();
    let list = List { all: Codec::ALL, chosen: card.codecs.as_slice(), button: Button::Codec };
    list.screen(reader, card, t.codecs_text(&title(reader, &card.title)), Ask::Codecs)
}

/// The editor of DTMF methods.
#[must_use]
pub fn dtmf(reader: &Reader<'_>, card: &AccountCard) -> Screen {
    let t = reader.t();
    let list = List { all: DtmfMethod::ALL, chosen: card.dtmf.as_slice(), button: Button::DtmfMethod };
    list.screen(reader, card, t.dtmf_text(&title(reader, &card.title)), Ask::Dtmf)
}

struct List<'a, T> {
    all: &'a [T],
    chosen: &'a [T],
    button: fn(AccountNumber, Arrange, T) -> Button,
}

impl<T: Copy + PartialEq + Display> List<'_, T> {
    fn screen(&self, reader: &Reader<'_>, card: &AccountCard, text: Html, ask: Ask) -> Screen {
        let t = reader.t();
        let mut page = Page::new(text);
        for (place, item) in self.chosen.iter().enumerate() {
            page = page.row(self.chosen_row(reader, card.account, place, *item));
        }
        for item in self.all.iter().filter(|item| !self.chosen.contains(item)) {
            let add = (self.button)(card.account, Arrange::Add, *item);
            page = page.row([press(t.entry_off(&item.to_string()), add)]);
        }
        page.row([press(t.type_list(), Button::Ask(card.account, ask))])
            .row([press(t.back(), Button::Account(card.account))])
            .screen()
    }

    fn chosen_row(&self, reader: &Reader<'_>, account: AccountNumber, place: usize, item: T) -> Vec<Key> {
        let t = reader.t();
        let key = |label: String, how: Arrange| press(label, (self.button)(account, how, item));
        let mut row = vec![key(t.entry_on(place + 1, &item.to_string()), Arrange::Drop)];
        if place > 0 {
            row.push(key(t.up(), Arrange::Up));
        }
        if place + 1 < self.chosen.len() {
            row.push(key(t.down(), Arrange::Down));
        }
        row
    }
}
